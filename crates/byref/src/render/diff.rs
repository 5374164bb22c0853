//! The change of a template as a unified diff, with every value masked.
//!
//! The real lines are compared and the masked ones printed: a value that did not change is never a
//! difference, and one that did is one on its own line only.
//!
//! The alternative, a diff of masked texts, would be wrong in both directions: two different values
//! would look the same, and a change of a value would vanish. Here such a line is shown as removed
//! and added, with the same mask in both.
//!
//! Lines are compared by the Myers algorithm of the crate `similar`. A line keeps its number
//! through masking, since a mask never contains a line break.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use byref_known::KnownValues;
use byref_rewrite::hidden_spans;
use byref_template::{Span, Template};
use serde::{Serialize, Serializer};
use similar::{ChangeTag, TextDiff};

use crate::render::escape::{one_line, source_line};
use crate::render::mask::masked_lines;

const RED: Style = AnsiColor::Red.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();
const BOLD: Style = Style::new().bold();

/// Lines around a change.
///
/// As in `diff -u` and `git diff`.
const CONTEXT: usize = 3;

/// The use of colours in a diff.
///
/// Markdown and JSON take the plain form; a terminal gets colours by kind of line, as from `git
/// diff`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Colors {
    /// ANSI colours.
    Yes,
    /// Plain text.
    No,
}

/// The unified diff of two templates with every value masked.
///
/// Serialises as its plain text.
///
/// ```
/// use byref::known::KnownValues;
/// use byref::render::diff::{Colors, MaskedDiff};
/// use byref::template::Template;
///
/// let old = Template::parse("Parameters:\n  Key: {Type: String, Default: not-a-secret}\n")?;
/// let new = Template::parse("Parameters:\n  Key: {Type: String, Default: another}\n")?;
/// let diff = MaskedDiff::new(["old.yaml", "new.yaml"], [&old, &new], &KnownValues::default());
/// // The lines differ, and their values are not shown.
/// assert!(diff.text(Colors::No).contains("-  Key: {Type: String, Default: ******}"));
/// # Ok::<(), byref::template::ParseError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaskedDiff {
    lines: Vec<(Kind, String)>,
}

/// The role of a line in a diff.
///
/// It is kept beside the text, so that the colour does not depend on the first character of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    File,
    Range,
    Removed,
    Added,
    Same,
}

impl MaskedDiff {
    /// Compares two templates, which the diff calls by these names. Values of secret positions and
    /// known values are masked on both sides. The diff of equal templates is empty.
    pub fn new(names: [&str; 2], [old, new]: [&Template; 2], known: &KnownValues) -> Self {
        if old.text() == new.text() {
            return Self::default();
        }
        let masked = |template: &Template| {
            let hidden = Span::merged(
                hidden_spans(template)
                    .into_iter()
                    .chain(known.places(template)),
            );
            masked_lines(template.text(), &hidden)
        };
        let (old_lines, new_lines) = (masked(old), masked(new));
        let diff = TextDiff::from_lines(old.text().as_ref(), new.text().as_ref());
        let mut lines = vec![
            (Kind::File, format!("--- {}", one_line(names[0]))),
            (Kind::File, format!("+++ {}", one_line(names[1]))),
        ];
        for group in diff.grouped_ops(CONTEXT) {
            let (Some(first), Some(last)) = (group.first(), group.last()) else {
                continue;
            };
            let (old_range, new_range) = (
                first.old_range().start..last.old_range().end,
                first.new_range().start..last.new_range().end,
            );
            let range = |range: &std::ops::Range<usize>| {
                format!(
                    "{},{}",
                    range.start + usize::from(!range.is_empty()),
                    range.len()
                )
            };
            lines.push((
                Kind::Range,
                format!("@@ -{} +{} @@", range(&old_range), range(&new_range)),
            ));
            for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                let (kind, sign, lines_of, index) = match change.tag() {
                    ChangeTag::Delete => (Kind::Removed, '-', &old_lines, change.old_index()),
                    ChangeTag::Insert => (Kind::Added, '+', &new_lines, change.new_index()),
                    ChangeTag::Equal => (Kind::Same, ' ', &old_lines, change.old_index()),
                };
                let line = index
                    .and_then(|index| lines_of.get(index))
                    .map(String::as_str)
                    .unwrap_or_default();
                lines.push((kind, format!("{sign}{}", source_line(line))));
            }
        }
        Self { lines }
    }

    /// Returns whether the two templates are the same.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns the diff as text, each line with a line break.
    ///
    /// The lines end in `\n` whatever the templates have. A last line without a line break is not
    /// marked as such.
    pub fn text(&self, colors: Colors) -> String {
        let mut text = String::new();
        for (kind, line) in &self.lines {
            let style = match kind {
                Kind::File => BOLD,
                Kind::Range => CYAN,
                Kind::Removed => RED,
                Kind::Added => GREEN,
                Kind::Same => Style::new(),
            };
            let _ = match colors {
                Colors::Yes => writeln!(text, "{style}{line}{style:#}"),
                Colors::No => writeln!(text, "{line}"),
            };
        }
        text
    }

    /// Returns the diff as a block of code in Markdown; empty for an empty diff.
    ///
    /// The fence is longer than any row of back-ticks in the diff, so that no line of a template
    /// ends the block.
    pub fn fenced(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        let diff = self.text(Colors::No);
        let longest = diff
            .split(|character| character != '`')
            .map(str::len)
            .max()
            .unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        format!("\n{fence}diff\n{diff}{fence}\n")
    }
}

impl Serialize for MaskedDiff {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text(Colors::No))
    }
}

/// Returns the masked diff of a template and its rewrite as text; empty when they are the same.
///
/// ```
/// use byref::known::KnownValues;
/// use byref::render::diff::{Colors, masked_diff};
/// use byref::template::Template;
///
/// let template = Template::parse("Resources: {}\n")?;
/// let diff = masked_diff("web.yaml", &template, &template, &KnownValues::default(), Colors::No);
/// assert_eq!(diff, "");
/// # Ok::<(), byref::template::ParseError>(())
/// ```
pub fn masked_diff(
    path: &str,
    old: &Template,
    new: &Template,
    known: &KnownValues,
    colors: Colors,
) -> String {
    MaskedDiff::new([path, &rewritten_name(path)], [old, new], known).text(colors)
}

/// Returns the name of a template's rewrite in a diff.
///
/// `web.yaml` → `web.yaml (rewritten)`.
pub(crate) fn rewritten_name(path: &str) -> String {
    format!("{path} (rewritten)")
}
