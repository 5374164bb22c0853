//! Messages with their places, as data.

use std::fmt;

use byref_template::{Diagnostic, LineColumn, Location, Sources};
use serde::{Serialize, Serializer};

/// A place in one of the texts of a run. Serialises as `file:line:column`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The text's name, as it was given.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
}

impl Place {
    pub(crate) fn of(sources: &Sources, location: Location) -> Self {
        let source = sources.get(location.source);
        let LineColumn { line, column } = source.line_column(location.span.start);
        Self {
            file: source.name().to_owned(),
            line,
            column,
        }
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Something that the user must know. Holds no value; names that equal a known value are masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// `error`, `warning` or `note`.
    pub severity: &'static str,
    /// The kind of message, in kebab case, such as `two-values`. Kinds are only ever added.
    pub code: &'static str,
    /// The mistake, in one sentence without a full stop.
    pub message: String,
    /// The place that the message is about.
    pub place: Place,
    /// The advice, an imperative.
    pub help: Option<String>,
}

impl Message {
    pub(crate) fn of(sources: &Sources, diagnostic: &Diagnostic) -> Self {
        Self {
            severity: diagnostic.severity.as_str(),
            code: diagnostic.code,
            message: diagnostic.message.clone(),
            place: Place::of(sources, diagnostic.primary.location),
            help: diagnostic.help.clone(),
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}: {}[{}]: {}",
            self.place, self.severity, self.code, self.message
        )?;
        match &self.help {
            Some(help) => write!(formatter, " ({help})"),
            None => Ok(()),
        }
    }
}

/// All mistakes in a configuration or in templates at once, or all messages of a plan that prevent
/// its rewrite.
///
/// As text, one message a line, errors and all else in the order of their places.
#[derive(Clone)]
pub struct Mistakes {
    sources: Box<Sources>,
    diagnostics: Vec<Diagnostic>,
}

impl Mistakes {
    /// Gathers messages that point into these texts.
    pub fn new(sources: Sources, diagnostics: Vec<Diagnostic>) -> Self {
        Self {
            sources: Box::new(sources),
            diagnostics,
        }
    }

    /// The messages, in order.
    pub fn messages(&self) -> Vec<Message> {
        self.diagnostics
            .iter()
            .map(|diagnostic| Message::of(&self.sources, diagnostic))
            .collect()
    }

    /// The texts and the messages into them, for a front end that shows lines of the texts. What
    /// may be a secret is hidden in the sources.
    pub fn into_parts(self) -> (Sources, Vec<Diagnostic>) {
        (*self.sources, self.diagnostics)
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, message) in self.messages().iter().enumerate() {
            let line_break = if index == 0 { "" } else { "\n" };
            write!(formatter, "{line_break}{message}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Mistakes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.messages()).finish()
    }
}

impl std::error::Error for Mistakes {}
