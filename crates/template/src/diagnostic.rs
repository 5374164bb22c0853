//! Messages with a place: what is wrong, where, and what to do.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use crate::line_index::LineIndex;
use crate::span::{LineColumn, Span};

/// Names one of the texts in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// A text that messages point into.
#[derive(Clone)]
pub struct Source {
    name: String,
    text: Arc<str>,
    hidden: Vec<Span>,
    /// Made when the first place is asked for.
    lines: OnceLock<LineIndex>,
    /// What is hidden once values are known that stand where names are; none is hidden less.
    with_known: OnceLock<Vec<Span>>,
}

impl Source {
    /// How the text is called in messages: a path, or `<stdin>`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text. It may hold secrets: whoever shows a part of it masks [`Source::hidden`] first.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Line and column of an offset.
    pub fn line_column(&self, offset: u32) -> LineColumn {
        self.lines().place(&self.text, offset as usize)
    }

    /// Where its lines begin.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// What may be a secret, in order and without overlaps: a renderer prints the fixed mask instead.
    pub fn hidden(&self) -> &[Span] {
        self.with_known.get().unwrap_or(&self.hidden)
    }
}

/// The texts of one run, so that a message can point into several of them.
#[derive(Clone, Default)]
pub struct Sources {
    sources: Vec<Source>,
}

impl std::fmt::Debug for Sources {
    /// Shows no text.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.sources.iter().map(Source::name)).finish()
    }
}

impl Sources {
    /// No texts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text, wholly hidden until [`Sources::hide_only`] says which parts may be shown.
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

    /// Replaces what is hidden of a text; `spans` may come in any order and overlap.
    pub fn hide_only(&mut self, id: SourceId, spans: impl IntoIterator<Item = Span>) {
        self.sources[id.0 as usize].hidden = Span::merged(spans);
    }

    /// Hides places of a text besides those that are hidden already: those of values that have become known. Only the first
    /// call that names any counts.
    pub fn hide_also(&self, id: SourceId, spans: impl IntoIterator<Item = Span>) {
        let source = self.get(id);
        let known = Span::merged(spans);
        if !known.is_empty() {
            let _ = source.with_known.set(Span::merged(source.hidden.iter().copied().chain(known)));
        }
    }

    /// The text that `id` names.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.sources[id.0 as usize]
    }

    /// `name:line:column` of the start of a place.
    pub fn position(&self, location: Location) -> String {
        let source = self.get(location.source);
        let LineColumn { line, column } = source.line_column(location.span.start);
        format!("{}:{line}:{column}", source.name)
    }
}

/// A place in one of the texts of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The text.
    pub source: SourceId,
    /// The place in it.
    pub span: Span,
}

/// How much a message weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Note,
    /// Goes on, but the user should look.
    Warning,
    /// The command fails.
    Error,
}

impl Severity {
    /// The word that messages begin with.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// Returns whether any of the messages is an error.
pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}

/// A place with a few words on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub location: Location,
    /// What is there, such as "found here" or "asked for here"; may be empty.
    pub text: String,
}

/// A message: what is wrong (lower case, values in back-ticks, never a secret), where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable kebab-case id of the kind of message, such as `unknown-key`.
    pub code: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// The place that the message is about.
    pub primary: Label,
    /// Further places that explain it.
    pub secondary: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// The secrets that the message is about, by the names in their secret lines: for programs that choose messages, and
    /// never printed.
    pub secrets: BTreeSet<String>,
}

impl Diagnostic {
    /// A message of any weight at a place.
    pub fn new(severity: Severity, code: &'static str, message: impl Into<String>, location: Location) -> Self {
        let primary = Label { location, text: String::new() };
        let (message, secondary, help, secrets) = (message.into(), Vec::new(), None, BTreeSet::new());
        Self { code, severity, message, primary, secondary, help, secrets }
    }

    /// An error at a place.
    pub fn error(code: &'static str, message: impl Into<String>, location: Location) -> Self {
        Self::new(Severity::Error, code, message, location)
    }

    /// A warning at a place.
    pub fn warning(code: &'static str, message: impl Into<String>, location: Location) -> Self {
        Self::new(Severity::Warning, code, message, location)
    }

    /// A note at a place.
    pub fn note(code: &'static str, message: impl Into<String>, location: Location) -> Self {
        Self::new(Severity::Note, code, message, location)
    }

    /// Adds words to the primary place.
    #[must_use]
    pub fn labelled(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn with(mut self, location: Location, text: impl Into<String>) -> Self {
        self.secondary.push(Label { location, text: text.into() });
        self
    }

    /// Says what to do.
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
