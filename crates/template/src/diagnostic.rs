//! Messages that point into texts: the problem, its place, and the solution.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use crate::line_index::LineIndex;
use crate::span::{LineColumn, Span};

/// The id of a text in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// A text that messages point into, with the parts of it that must not be shown.
#[derive(Clone)]
pub struct Source {
    name: String,
    text: Arc<str>,
    hidden: Vec<Span>,
    /// The line index, built on first use.
    lines: OnceLock<LineIndex>,
    /// The hidden spans after [`Sources::hide_also`], a superset of `hidden`.
    with_known: OnceLock<Vec<Span>>,
}

impl Source {
    /// Returns the name of the text for messages: a path, or `<stdin>`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the whole text. It may contain secrets: mask [`Source::hidden`] before showing any
    /// part of it.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Returns line and column of a byte offset.
    pub fn line_column(&self, offset: u32) -> LineColumn {
        self.lines().place(&self.text, offset as usize)
    }

    /// Returns the line index of the text.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// Returns the spans that may be secrets, sorted and without overlaps. A renderer prints a mask
    /// of fixed length in place of each.
    pub fn hidden(&self) -> &[Span] {
        self.with_known.get().unwrap_or(&self.hidden)
    }
}

/// The texts of one run. A message can point into several of them.
///
/// A new text is hidden completely until [`Sources::hide_only`] lists the parts that may be
/// secrets, so that forgetting to do so shows too little instead of too much.
///
/// ```
/// use byref_template::{Diagnostic, Location, Sources, Span};
///
/// let mut sources = Sources::new();
/// let source = sources.add("web.yaml", "Resources:\n  Web: {}\n");
/// let location = Location { source, span: Span::new(13, 16) };
/// let message = Diagnostic::error("no-type", "`Web` has no type", location).help("add `Type`");
/// assert_eq!(sources.position(message.primary.location), "web.yaml:2:3");
/// ```
///
/// `Debug` prints the names of the texts only.
#[derive(Clone, Default)]
pub struct Sources {
    sources: Vec<Source>,
}

impl std::fmt::Debug for Sources {
    /// Shows no text.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_list()
            .entries(self.sources.iter().map(Source::name))
            .finish()
    }
}

impl Sources {
    /// Creates an empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text and hides all of it.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> SourceId {
        let text = text.into();
        let hidden = vec![Span::from(0..text.len())];
        self.sources.push(Source {
            name: name.into(),
            text,
            hidden,
            lines: OnceLock::new(),
            with_known: OnceLock::new(),
        });
        SourceId(u32::try_from(self.sources.len() - 1).unwrap_or(u32::MAX))
    }

    /// Replaces the hidden spans of a text. They may come in any order and overlap.
    pub fn hide_only(&mut self, id: SourceId, spans: impl IntoIterator<Item = Span>) {
        self.sources[id.0 as usize].hidden = Span::merged(spans);
    }

    /// Hides further spans of a text, those of values that became known after the first messages.
    /// Only the first call with at least one span has an effect.
    pub fn hide_also(&self, id: SourceId, spans: impl IntoIterator<Item = Span>) {
        let source = self.get(id);
        let known = Span::merged(spans);
        if !known.is_empty() {
            let _ = source
                .with_known
                .set(Span::merged(source.hidden.iter().copied().chain(known)));
        }
    }

    /// Returns the text with this id.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.sources[id.0 as usize]
    }

    /// Returns the start of a location as `name:line:column`.
    pub fn position(&self, location: Location) -> String {
        let source = self.get(location.source);
        let LineColumn { line, column } = source.line_column(location.span.start);
        format!("{}:{line}:{column}", source.name)
    }
}

/// A span in one of the texts of a run. Locations are ordered by text, then by span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The text.
    pub source: SourceId,
    /// The span within that text.
    pub span: Span,
}

/// The severity of a message. Severities are ordered, [`Severity::Error`] being the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Information that requires no action.
    Note,
    /// A possible problem. The command continues.
    Warning,
    /// A problem that makes the command fail.
    Error,
}

impl Severity {
    /// Returns the word that messages begin with.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Returns `true` if any of the messages is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// A location with a short text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The location.
    pub location: Location,
    /// The text, such as "found here" or "asked for here"; may be empty.
    pub text: String,
}

/// A message: the problem, its location, and the solution.
///
/// The message starts in lower case, has values in back-ticks, and never contains a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable kebab-case id of this kind of message, such as `unknown-key`.
    pub code: &'static str,
    /// The severity.
    pub severity: Severity,
    /// The problem, in one line.
    pub message: String,
    /// The location of the problem.
    pub primary: Label,
    /// Further locations that explain the problem.
    pub secondary: Vec<Label>,
    /// The solution, as an instruction.
    pub help: Option<String>,
    /// The secrets that the message is about, by the names in their secret lines: for programs that
    /// choose messages, and never printed.
    pub secrets: BTreeSet<String>,
}

impl Diagnostic {
    /// Creates a message without help and secondary locations.
    pub fn new(
        severity: Severity,
        code: &'static str,
        message: impl Into<String>,
        location: Location,
    ) -> Self {
        let primary = Label {
            location,
            text: String::new(),
        };
        let (message, secondary, help, secrets) =
            (message.into(), Vec::new(), None, BTreeSet::new());
        Self {
            code,
            severity,
            message,
            primary,
            secondary,
            help,
            secrets,
        }
    }

    /// Creates an error.
    pub fn error(code: &'static str, message: impl Into<String>, location: Location) -> Self {
        Self::new(Severity::Error, code, message, location)
    }

    /// Creates a warning.
    pub fn warning(code: &'static str, message: impl Into<String>, location: Location) -> Self {
        Self::new(Severity::Warning, code, message, location)
    }

    /// Creates a note.
    pub fn note(code: &'static str, message: impl Into<String>, location: Location) -> Self {
        Self::new(Severity::Note, code, message, location)
    }

    /// Sets the text of the primary location.
    #[must_use]
    pub fn labelled(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Adds a secondary location.
    #[must_use]
    pub fn with(mut self, location: Location, text: impl Into<String>) -> Self {
        self.secondary.push(Label {
            location,
            text: text.into(),
        });
        self
    }

    /// Sets the solution.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Adds a secret that the message is about, by the name in its secret line.
    #[must_use]
    pub fn about(mut self, secret: impl Into<String>) -> Self {
        self.secrets.insert(secret.into());
        self
    }
}
