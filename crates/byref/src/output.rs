//! A rewritten template.

use byref_rewrite::Document;
use byref_template::Template;

use crate::mistakes::Message;

/// A rewritten template, proven by an independent parser to be its source with exactly the planned changes.
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

    /// Whether it is another text than its source.
    pub fn is_changed(&self) -> bool {
        self.template.text() != self.document.template.text()
    }

    /// Whether it holds values that a store gave: whoever may read its source must not read them.
    pub fn carries_values(&self) -> bool {
        self.carries_values
    }

    /// What the user must know of the result: limits of AWS that it comes near, comments that went with values.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }
}
