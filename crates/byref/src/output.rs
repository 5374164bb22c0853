//! A rewritten template.

use byref_rewrite::Document;
use byref_template::Template;

use crate::mistakes::Message;

/// A rewritten template, proven by an independent parser to be its source with exactly the planned
/// changes.
#[derive(Clone)]
pub struct Output<'t> {
    pub(crate) document: &'t Document,
    pub(crate) template: Template,
    pub(crate) carries_values: bool,
    pub(crate) messages: Vec<Message>,
}

impl<'t> Output<'t> {
    /// The name of the source.
    pub fn path(&self) -> &'t str {
        &self.document.path
    }

    /// The text: that of the source, byte for byte, where nothing changes.
    pub fn text(&self) -> &str {
        self.template.text()
    }

    /// The text as it was parsed for the proof.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The text as it was parsed for the proof, without the source.
    pub fn into_template(self) -> Template {
        self.template
    }

    /// Returns whether it differs from its source.
    pub fn is_changed(&self) -> bool {
        self.template.text() != self.document.template.text()
    }

    /// Returns whether it contains values from a store, which readers of its source may not see.
    pub fn carries_values(&self) -> bool {
        self.carries_values
    }

    /// Returns the messages about the result: AWS limits that it comes near, comments that were
    /// removed with values.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }
}
