//! Messages with their places, in the form that compilers have made familiar.
//!
//! Own code and no crate for it, because every line is masked first: the place that is printed must
//! be that of the source, and the carets must be under the same part of the masked line.
//!
//! ```text
//! error[missing]: `DB_PASSWORD`: there is no parameter `/production/web/db-password` in us-west-2
//!  --> deploy.toml:8:1
//!   |
//! 8 | DB_PASSWORD = "db-password"
//!   | ^^^^^^^^^^^
//!   = help: create it: `byref secret put DB_PASSWORD --app web -e production`
//! ```
//!
//! A line goes through four steps, each of which moves the columns of the marks with it: the part
//! near the place is cut out, then masked, then limited to the width that is shown, then its hidden
//! characters are escaped. The first cut does not begin inside of a hidden span, and masking comes
//! before the other steps, so that no end of a value is left over.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use byref_template::{Diagnostic, Label, LineColumn, Severity, Source, Sources};

use crate::render::escape::{one_line, source_line};
use crate::render::mask::MaskedLine;

const BOLD: Style = Style::new().bold();
const BLUE: Style = AnsiColor::BrightBlue.on_default().bold();
const RED: Style = AnsiColor::BrightRed.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const GREEN: Style = AnsiColor::BrightGreen.on_default().bold();

/// Returns a message without a place, with lines below it.
///
/// The message and its lines are bold, and every part is kept on one line of its own.
pub fn listed(message: &str, lines: &[String], help: &str) -> String {
    let mut text = format!("{RED}error{RED:#}{BOLD}: {}", one_line(message));
    for line in lines {
        let _ = write!(text, "\n  {}", one_line(line));
    }
    let _ = writeln!(text, "{BOLD:#}\n  {GREEN}help{GREEN:#}: {}", one_line(help));
    text
}

/// Returns a warning without a place.
///
/// ```
/// use byref::render::diagnostic::warning;
///
/// let text = warning("the store is empty", "store a value first");
/// assert!(text.contains("warning") && text.contains("store a value first"));
/// assert_eq!(text.lines().count(), 2);
/// ```
pub fn warning(message: &str, help: &str) -> String {
    format!(
        "{YELLOW}warning{YELLOW:#}{BOLD}: {}{BOLD:#}\n  {GREEN}help{GREEN:#}: {}\n",
        one_line(message),
        one_line(help)
    )
}

/// Returns messages below each other, and a count of the errors where there are several.
///
/// Each message is followed by an empty line. Warnings and notes are not counted, and a single
/// error needs no count.
pub fn report(sources: &Sources, diagnostics: &[&Diagnostic]) -> String {
    let mut text: String = diagnostics
        .iter()
        .map(|diagnostic| render(sources, diagnostic))
        .collect();
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .count();
    if errors > 1 {
        let _ = writeln!(text, "{RED}error{RED:#}{BOLD}: {errors} errors{BOLD:#}");
    }
    text
}

/// Returns a message with the lines that it is about.
///
/// The primary place is shown with `-->` and in the colour of the severity, further ones with `:::`
/// in blue. All line numbers of a message have the width of the longest one. ANSI colours are
/// always in the text: a caller without a terminal removes them.
pub fn render(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let (color, word) = match diagnostic.severity {
        Severity::Error => (RED, "error"),
        Severity::Warning => (YELLOW, "warning"),
        Severity::Note => (GREEN, "note"),
    };
    let mut text = format!(
        "{color}{word}[{}]{color:#}{BOLD}: {}{BOLD:#}\n",
        diagnostic.code,
        one_line(&diagnostic.message)
    );
    let labels: Vec<&Label> = std::iter::once(&diagnostic.primary)
        .chain(&diagnostic.secondary)
        .collect();
    let lines: Vec<u32> = labels
        .iter()
        .map(|label| line_column(sources, label).line)
        .collect();
    let width = lines.iter().max().map_or(1, |line| line.to_string().len());
    for (index, label) in labels.iter().enumerate() {
        let arrow = if index == 0 { "-->" } else { ":::" };
        let _ = writeln!(
            text,
            "{:width$}{BLUE}{arrow}{BLUE:#} {}",
            "",
            one_line(&sources.position(label.location))
        );
        excerpt(
            &mut text,
            sources.get(label.location.source),
            label,
            lines[index],
            width,
            if index == 0 { color } else { BLUE },
        );
    }
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(
            text,
            "{:width$} {BLUE}={BLUE:#} {GREEN}help{GREEN:#}: {}",
            "",
            one_line(help)
        );
    }
    text.push('\n');
    text
}

/// Returns the line and column where a label begins, from 1.
///
/// Columns count characters of the source line and not of the masked one, so that an editor jumps
/// to the right place.
fn line_column(sources: &Sources, label: &Label) -> LineColumn {
    sources
        .get(label.location.source)
        .line_column(label.location.span.start)
}

/// The first line of a place, masked, with a mark under it.
///
/// A place of several lines is marked up to the end of its first one. An empty place has one mark.
/// Tabs before the mark are kept as tabs, since their width is that of the terminal.
fn excerpt(
    text: &mut String,
    source: &Source,
    label: &Label,
    line: u32,
    width: usize,
    color: Style,
) {
    let whole = source.text();
    let (start, end) = (
        label.location.span.start as usize,
        label.location.span.end as usize,
    );
    let start = start.min(whole.len());
    let content = source.lines().line(whole, start);
    let (line_start, line_end) = (content.start, content.end.max(start));
    let (near_start, near_end) = near(source, (line_start, line_end), (start, end));
    let masked = MaskedLine::new(&whole[near_start..near_end], near_start, source.hidden());
    let (from, to) = masked.columns(start - near_start, end.clamp(start, near_end) - near_start);
    let bar = format!("{BLUE}|{BLUE:#}");
    let is_cut = (near_start > line_start, near_end < line_end);
    let (shown, from, to) = window(&masked.text, from, to, is_cut);
    let (shown, from, to) = escaped(&shown, from, to);
    let _ = writeln!(text, "{:width$} {bar}", "");
    let _ = writeln!(text, "{BLUE}{line:width$}{BLUE:#} {bar} {shown}");
    let marks = "^".repeat(to.saturating_sub(from).max(1));
    let blank: String = shown
        .chars()
        .take(from)
        .map(|character| if character == '\t' { '\t' } else { ' ' })
        .collect();
    let _ = writeln!(
        text,
        "{:width$} {bar} {blank}{color}{marks}{color:#}{}{}",
        "",
        if label.text.is_empty() { "" } else { " " },
        one_line(&label.text)
    );
}

/// Bytes of a line around a place that are looked at: a report may have thousands of places in a
/// JSON template of one line.
///
/// Without this, each of those places would mask the whole line again: quadratic in the size of the
/// file.
const NEAR_BYTES: usize = 4096;

/// The part of a line around a place. It begins with no part of something hidden, whose first
/// character could be shown.
///
/// Both ends are moved to the boundary of a character, and the start to before the hidden span that
/// it would cut.
fn near(source: &Source, line: (usize, usize), place: (usize, usize)) -> (usize, usize) {
    let text = source.text();
    let start = text
        .floor_char_boundary(place.0.saturating_sub(NEAR_BYTES))
        .max(line.0);
    let end = text
        .ceil_char_boundary(place.1.max(place.0).saturating_add(NEAR_BYTES))
        .min(line.1);
    let next = source
        .hidden()
        .partition_point(|span| (span.end as usize) <= start);
    let cut = source
        .hidden()
        .get(next)
        .map_or(start, |span| span.start as usize);
    (start.min(cut).max(line.0), end)
}

/// Escapes the hidden characters of a line, and returns it with the new positions of two of its
/// columns.
///
/// A column is moved by escaping the text before it, so the cost is three passes over at most
/// [`SHOWN_COLUMNS`] characters. Lines without hidden characters, almost all, are returned as they
/// are.
fn escaped(line: &str, from: usize, to: usize) -> (String, usize, usize) {
    let shown = source_line(line);
    if shown == line {
        return (line.to_owned(), from, to);
    }
    let column = |column: usize| {
        source_line(&line.chars().take(column).collect::<String>())
            .chars()
            .count()
    };
    let behind = to.saturating_sub(line.chars().count());
    (shown.into_owned(), column(from), column(to) + behind)
}

/// Columns of a line that are shown: JSON on one line has a million.
const SHOWN_COLUMNS: usize = 160;

/// The columns of a line, or of a part of it that is cut at its start or end, that are shown around
/// a place.
///
/// Half of the columns are before the place. A cut line has `…` at both ends, which moves the marks
/// by one.
fn window(line: &str, from: usize, to: usize, is_cut: (bool, bool)) -> (String, usize, usize) {
    let length = line.chars().count();
    if length <= SHOWN_COLUMNS && is_cut == (false, false) {
        return (
            line.trim_start_matches('\u{feff}').to_owned(),
            from,
            to.min(length.max(from + 1)),
        );
    }
    let begin = from.saturating_sub(SHOWN_COLUMNS / 2);
    let part: String = line.chars().skip(begin).take(SHOWN_COLUMNS).collect();
    (
        format!("…{part}…"),
        from - begin + 1,
        (to - begin + 1).min(SHOWN_COLUMNS),
    )
}
