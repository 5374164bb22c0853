//! The change of a template as a unified diff, with every value masked.
//!
//! The real lines are compared and the masked ones printed: a value that did not change is never a difference, and
//! one that did is one on its own line only.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use byref_known::KnownValues;
use byref_rewrite::hidden_spans;
use byref_template::{Span, Template};
use similar::{ChangeTag, TextDiff};

use crate::mask::masked_lines;
use crate::render::escape::{one_line, source_line};

const RED: Style = AnsiColor::Red.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();
const BOLD: Style = Style::new().bold();

/// Lines around a change.
const CONTEXT: usize = 3;

/// Whether a diff has colours.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colors {
    Yes,
    No,
}

/// The masked diff of a template and what becomes of it; empty when they are the same.
pub(crate) fn masked_diff(path: &str, old: &Template, new: &Template, known: &KnownValues, colors: Colors) -> String {
    masked_diff_of([path, &format!("{path} (rewritten)")], [old, new], known, colors)
}

/// The masked diff of two templates by their names; empty when they are the same.
pub(crate) fn masked_diff_of(
    names: [&str; 2],
    [old, new]: [&Template; 2],
    known: &KnownValues,
    colors: Colors,
) -> String {
    if old.text() == new.text() {
        return String::new();
    }
    let masked = |template: &Template| {
        let hidden = Span::merged(hidden_spans(template).into_iter().chain(known.places(template)));
        masked_lines(template.text(), &hidden)
    };
    let (old_lines, new_lines) = (masked(old), masked(new));
    let diff = TextDiff::from_lines(old.text().as_ref(), new.text().as_ref());
    let paint = |style: Style, line: &str| {
        if colors == Colors::Yes { format!("{style}{line}{style:#}\n") } else { format!("{line}\n") }
    };
    let mut text =
        paint(BOLD, &format!("--- {}", one_line(names[0]))) + &paint(BOLD, &format!("+++ {}", one_line(names[1])));
    for group in diff.grouped_ops(CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let (old_range, new_range) =
            (first.old_range().start..last.old_range().end, first.new_range().start..last.new_range().end);
        let range = |range: &std::ops::Range<usize>| {
            format!("{},{}", range.start + usize::from(!range.is_empty()), range.len())
        };
        text.push_str(&paint(CYAN, &format!("@@ -{} +{} @@", range(&old_range), range(&new_range))));
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = |lines: &[String], index: Option<usize>| {
                index.and_then(|index| lines.get(index)).map(|line| source_line(line).into_owned()).unwrap_or_default()
            };
            let painted = match change.tag() {
                ChangeTag::Delete => paint(RED, &format!("-{}", line(&old_lines, change.old_index()))),
                ChangeTag::Insert => paint(GREEN, &format!("+{}", line(&new_lines, change.new_index()))),
                ChangeTag::Equal => format!(" {}\n", line(&old_lines, change.old_index())),
            };
            let _ = write!(text, "{painted}");
        }
    }
    text
}
