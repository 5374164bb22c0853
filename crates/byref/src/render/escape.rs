//! The one place where text from templates, file names, configurations, the environment and AWS is
//! made safe for a terminal, a log, Markdown, XML and JSON.
//!
//! Names are escaped where they become part of a line ([`one_line`], and [`line!`] for a whole
//! line), and every text is checked again on its way out ([`page`]). Own code and no crate for it:
//! the crates for this know either terminals or Unicode's categories, and none of them workflow
//! commands.
//!
//! ```
//! use byref::render::escape::{code, json_text, one_line, page};
//!
//! assert_eq!(one_line("web\n::error::x"), r"web\n::error::x");
//! assert_eq!(page("::error::x\n"), "\\u{3a}:error::x\n");
//! assert_eq!(code("a`b"), "``a`b``");
//! assert_eq!(json_text("\"\u{202e}\""), "\"\\u202e\"");
//! ```
//!
//! Sources: Unicode 16, `DerivedCoreProperties.txt`; GitHub documentation, "Workflow commands for
//! GitHub Actions"; Azure Pipelines documentation, "Logging commands"; `TeamCity` documentation,
//! "Service messages".

use std::borrow::Cow;
use std::fmt::{Arguments, Write as _};

/// The characters that show nothing or change how others are shown: the categories Cc, Cf, Zl and
/// Zp of Unicode 16, and those with the property `Default_Ignorable_Code_Point`: variation
/// selectors, tags, fillers.
///
/// Sorted, so that a binary search finds a character in five comparisons. A table of its own and no
/// crate: the set has to be the same for a reader of the source and for a run, whatever version of
/// Unicode a crate has.
const HIDDEN: [(char, char); 27] = [
    ('\u{0}', '\u{1f}'),
    ('\u{7f}', '\u{9f}'),
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Returns whether a character shows nothing or changes how others are shown.
///
/// ```
/// use byref::render::escape::is_hidden;
///
/// assert!(is_hidden('\n') && is_hidden('\u{1b}')); // control characters
/// assert!(is_hidden('\u{202e}')); // reverses the text after it
/// assert!(!is_hidden('é') && !is_hidden(' '));
/// ```
pub fn is_hidden(character: char) -> bool {
    let before = HIDDEN.partition_point(|(first, _)| *first <= character);
    before > 0 && character <= HIDDEN[before - 1].1
}

/// Escapes a text that must stay within its line: line breaks as `\n`, other hidden characters as
/// `\u{202e}`.
///
/// Borrows the text if nothing in it is hidden, which is nearly always.
///
/// ```
/// use byref::render::escape::one_line;
///
/// assert_eq!(one_line("web"), "web");
/// assert_eq!(one_line("a\tb\r\n"), r"a\tb\r\n");
/// assert_eq!(one_line("\u{1b}[31m"), r"\u{1b}[31m");
/// ```
pub fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, |_| false)
}

/// Escapes a line of a file: as [`one_line`], but with its tabs.
///
/// ```
/// assert_eq!(byref::render::escape::source_line("\tkey: \u{200b}x"), "\tkey: \\u{200b}x");
/// ```
pub fn source_line(text: &str) -> Cow<'_, str> {
    escaped(text, |character| character == '\t')
}

/// Escapes the hidden characters of a text except those that are kept. Borrows the text where there
/// are none.
fn escaped(text: &str, is_kept: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text
        .chars()
        .any(|character| is_hidden(character) && !is_kept(character))
    {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hidden(character) && !is_kept(character) {
            escape(&mut escaped, character);
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

/// Adds one character in its escaped form.
///
/// `\n`, `\r` and `\t` have short forms; all others are written as Rust writes them, in lower-case
/// hexadecimal digits.
fn escape(text: &mut String, character: char) {
    match character {
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        other => {
            let _ = write!(text, "\\u{{{:x}}}", u32::from(other));
        }
    }
}

/// Adds one line to a text. Whatever the line's parts hold, it stays one line.
pub fn push_line(text: &mut String, line: Arguments<'_>) {
    text.push_str(&one_line(&line.to_string()));
    text.push('\n');
}

/// Adds a formatted line to a text, as `writeln!` does, with its hidden characters escaped.
#[doc(hidden)]
#[macro_export]
macro_rules! __line {
    ($text:expr, $($argument:tt)*) => {
        $crate::render::escape::push_line(&mut $text, ::core::format_args!($($argument)*))
    };
}
#[doc(inline)]
pub use crate::__line as line;

/// Prepares a whole text for a terminal or a log: line breaks, tabs and colours stay, other hidden
/// characters are escaped, and no line is a command to a build server.
///
/// The last line of defence and not the only one: a text that reaches it unescaped is harmless, but
/// not pretty. Only sequences that set a style (`ESC [ … m`) count as colours; those that move the
/// cursor or set a title are escaped.
pub fn page(text: &str) -> Cow<'_, str> {
    let is_safe = |line: &str| {
        !line
            .chars()
            .any(|character| is_hidden(character) && character != '\t')
            && !line.trim_start().starts_with("::")
            && !line.contains("##")
    };
    if text.lines().all(is_safe) && !text.contains('\r') {
        return Cow::Borrowed(text);
    }
    let mut page = String::with_capacity(text.len() + 64);
    for line in text.split_inclusive('\n') {
        let (content, end) = line
            .strip_suffix('\n')
            .map_or((line, ""), |content| (content, "\n"));
        page_line(&mut page, content);
        page.push_str(end);
    }
    Cow::Owned(page)
}

/// Adds one line to a page: colour sequences and tabs stay, other hidden characters are escaped.
fn page_line(page: &mut String, line: &str) {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        let style = style_length(rest);
        let length = if style > 0 {
            style
        } else {
            character.len_utf8()
        };
        if style > 0 || !is_hidden(character) || character == '\t' {
            shown.push_str(&rest[..length]);
        } else {
            escape(&mut shown, character);
        }
        rest = &rest[length..];
    }
    page.push_str(&without_commands(&shown));
}

/// The length of the colour sequence that a text begins with, in bytes; 0 where it begins with
/// none.
///
/// `ESC[1;31mred` → 7; `ESC[2J` (clears the screen) → 0.
fn style_length(text: &str) -> usize {
    let Some(parameters) = text.strip_prefix("\u{1b}[") else {
        return 0;
    };
    let length = parameters
        .bytes()
        .take_while(|byte| byte.is_ascii_digit() || *byte == b';')
        .count();
    if parameters[length..].starts_with('m') {
        length + 3
    } else {
        0
    }
}

/// A line that no build server takes for a command: `::error::` at its start (GitHub Actions,
/// behind spaces and colours as well), and `##[error]`, `##vso[…]` and `##teamcity[…]` anywhere in
/// it.
///
/// ```text
/// ::error::x       →  \u{3a}:error::x
/// :::             →  unchanged
/// a ##[error]x     →  a \u{23}#[error]x
/// ## heading       →  unchanged
/// ```
fn without_commands(line: &str) -> Cow<'_, str> {
    let mut start = 0;
    loop {
        let rest = &line[start..];
        let style = style_length(rest);
        let space = rest
            .chars()
            .next()
            .filter(|character| character.is_whitespace())
            .map_or(0, char::len_utf8);
        match style.max(space) {
            0 => break,
            length => start += length,
        }
    }
    let mut shown = Cow::Borrowed(line);
    // `:::` begins no command; byref's own messages have it.
    if line[start..].starts_with("::") && !line[start..].starts_with(":::") {
        shown = Cow::Owned(format!("{}\\u{{3a}}{}", &line[..start], &line[start + 1..]));
    }
    if ["##[", "##vso[", "##teamcity["]
        .iter()
        .any(|command| shown.contains(command))
    {
        shown = Cow::Owned(shown.replace("##", "\\u{23}#"));
    }
    shown
}

/// Escapes the hidden characters and the commands to build servers of a JSON text, which keeps its
/// meaning.
///
/// A parser reads the same document from both: an escape in a string is the character, and outside
/// of strings valid JSON has none of these.
pub fn json_text(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if is_hidden(character) && !matches!(character, '\n' | '\t' | '\r') {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(character);
        }
    }
    // Outside of strings JSON has no `#`.
    if text.contains("##") {
        text.replace("##", "\\u0023#")
    } else {
        text
    }
}

/// A code span of Markdown, in which neither markup nor HTML, mentions or links mean anything.
///
/// ```
/// use byref::render::escape::code;
///
/// assert_eq!(code("web.yaml"), "`web.yaml`");
/// assert_eq!(code("`id`"), "`` `id` ``");
/// assert_eq!(code("  "), ""); // an empty code span would be shown as back-ticks
/// ```
pub fn code(text: &str) -> String {
    let text = one_line(text);
    if text.trim().is_empty() {
        return String::new();
    }
    let longest = text
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A space keeps back-ticks of the text from those of the fence; renderers take it away again.
    let is_edge = |edge: Option<char>| edge.is_some_and(|edge| edge == '`' || edge == ' ');
    let space = if is_edge(text.chars().next()) || is_edge(text.chars().next_back()) {
        " "
    } else {
        ""
    };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A code span in a cell of a table, where a bar would end the cell.
///
/// ```
/// assert_eq!(byref::render::escape::code_cell("a|b"), r"`a\|b`");
/// ```
pub fn code_cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped_and_others_are_not() {
        assert!(HIDDEN.is_sorted());
        assert_eq!(
            one_line("a\nb\r\u{1b}[2J\u{202e}\u{200b}\u{9b}\u{e0041}"),
            "a\\nb\\r\\u{1b}[2J\\u{202e}\\u{200b}\\u{9b}\\u{e0041}"
        );
        for plain in ["é日本語 🦀 a\u{301}", "", "plain", "\u{a0}"] {
            assert_eq!(one_line(plain), plain);
            assert_eq!(page(plain), plain);
        }
        for hidden in [
            '\u{feff}', '\u{2028}', '\u{2029}', '\u{2066}', '\u{2069}', '\u{ad}', '\u{fe0f}',
            '\u{7f}', '\u{85}',
        ] {
            assert!(is_hidden(hidden), "{hidden:?}");
        }
        assert_eq!(source_line("\ta\u{b}"), "\ta\\u{b}");
    }

    #[test]
    fn a_page_keeps_lines_and_colours_alone() {
        let text = "\u{1b}[1m\u{1b}[31mred\u{1b}[0m\n\tx\r\u{1b}]0;t\u{7}\n";
        assert_eq!(
            page(text),
            "\u{1b}[1m\u{1b}[31mred\u{1b}[0m\n\tx\\r\\u{1b}]0;t\\u{7}\n"
        );
    }

    #[test]
    fn no_line_is_a_workflow_command() {
        for text in [
            "::error::x",
            "  ::stop-commands::y",
            "\u{1b}[1m ::add-mask::x",
            "\t::x::",
            "a\n\u{a0}::x::",
        ] {
            let page = page(text);
            assert!(
                page.lines().all(|line| !line
                    .trim_start()
                    .trim_start_matches("\u{1b}[1m")
                    .trim_start()
                    .starts_with("::")),
                "{page}"
            );
        }
        assert_eq!(page("x ##[error]y"), "x \\u{23}#[error]y");
        assert_eq!(page("x ##vso[task]y ##"), "x \\u{23}#vso[task]y \\u{23}#");
        assert_eq!(page("### head ::\n"), "### head ::\n");
    }

    #[test]
    fn json_says_the_same() {
        let json = serde_json::to_string("a\u{202e}\u{e0041}##[error]\u{7f}#\u{1b}").unwrap();
        let text = json_text(&json);
        assert!(text.is_ascii() && !text.contains("##"), "{text}");
        assert_eq!(
            serde_json::from_str::<String>(&text).unwrap(),
            serde_json::from_str::<String>(&json).unwrap()
        );
    }

    #[test]
    fn code_spans_end_where_they_should() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`x"), "`` `x ``");
        assert_eq!(code(" "), "");
        assert_eq!(code("a\n![x](y)"), "`a\\n![x](y)`");
        assert_eq!(code_cell("a|b"), "`a\\|b`");
    }
}
