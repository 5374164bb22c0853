//! Finds the comments of scripts, configurations and programs, which explain and show examples.
//!
//! The language of a text is not known. Marks that begin a comment in one language may be a part of
//! a value in another, so that they count only at the beginning of a line, or behind a space and
//! outside of quotes.

use std::ops::Range;

/// Marks that begin a comment at the beginning of a line; it ends with the line.
const LINE_STARTS: [&str; 12] = [
    "#", ";", "//", "-- ", "REM ", "Rem ", "rem ", "@REM ", "@rem ", "::", "dnl ", "%% ",
];

/// Beginnings of lines with `#` that are not comments.
const NO_COMMENTS: [&str; 11] = [
    "#!",
    "#{",
    "#set",
    "#if",
    "#else",
    "#foreach",
    "#end",
    "#define",
    "#include",
    "#cloud-config",
    "#>",
];

/// Marks that begin and end a comment of several lines.
const BLOCKS: [(&str, &str); 3] = [("/*", "*/"), ("<!--", "-->"), ("<#", "#>")];

/// Returns the comments of a text, ordered by place. A comment of several lines is one range for
/// each.
pub(crate) fn comments(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut block = None;
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let mut at = 0;
        while at < line.len() {
            let (start, close) = match block.take() {
                Some(close) => (at, Some(close)),
                None => match next(line, at) {
                    Some(begin) => begin,
                    None => break,
                },
            };
            let end = close.map(|close: &str| {
                line[start..]
                    .find(close)
                    .map(|length| start + length + close.len())
            });
            if end == Some(None) {
                block = close;
            }
            let end = end.flatten().unwrap_or(line.len());
            found.push(offset + start..offset + end);
            at = end;
        }
        offset += line.len();
    }
    found
}

/// Returns where the next comment of a line begins, and the mark that closes it; `None` as a mark
/// means the end of the line.
fn next(line: &str, from: usize) -> Option<(usize, Option<&'static str>)> {
    if from == 0 {
        let body = line.trim_start_matches([' ', '\t', '"', '\'']);
        let is_comment = LINE_STARTS.iter().any(|start| body.starts_with(start));
        if is_comment && !NO_COMMENTS.iter().any(|start| body.starts_with(start)) {
            return Some((line.len() - body.len(), None));
        }
    }
    let mut open = None;
    for (at, byte) in line.bytes().enumerate().skip(from) {
        match byte {
            _ if open == Some(byte) => open = None,
            b'/' | b'<' => {
                let close = BLOCKS
                    .iter()
                    .find(|(begin, _)| line[at..].starts_with(begin));
                // `rm -r dir/*` does not open a comment.
                let is_begin = at == 0
                    || line.as_bytes()[at - 1].is_ascii_whitespace()
                    || line[at..].starts_with('<');
                if let Some((_, close)) = close.filter(|_| is_begin && open.is_none()) {
                    return Some((at, Some(close)));
                }
                if line[at..].starts_with("// ") && is_begin && open.is_none() {
                    return Some((at, None));
                }
            }
            b'#' if open.is_none() && at > 0 && matches!(line.as_bytes()[at - 1], b' ' | b'\t') => {
                let is_text = line
                    .as_bytes()
                    .get(at + 1)
                    .is_some_and(|next| *next == b' ' || next.is_ascii_alphabetic());
                if is_text {
                    return Some((at, None));
                }
            }
            b'"' | b'\'' if open.is_none() => open = Some(byte),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        comments(text)
            .into_iter()
            .map(|range| text[range].trim_end())
            .collect()
    }

    #[test]
    fn comments_finds_comments_of_many_languages() {
        assert_eq!(found("a\n# b\nc # d\n"), ["# b", "# d"]);
        assert_eq!(found("  ; b\n// c\nx(); // d"), ["; b", "// c", "// d"]);
        assert_eq!(
            found("a /* b */ c /* d\ne */ f"),
            ["/* b */", "/* d", "e */"]
        );
        assert_eq!(found("<!-- a\nb -->\n<c/>"), ["<!-- a", "b -->"]);
        assert_eq!(found("<#\na\n#>"), ["<#", "a", "#>"]);
        assert_eq!(
            found("-- a\nREM b\n:: c\ndnl d"),
            ["-- a", "REM b", ":: c", "dnl d"]
        );
    }

    #[test]
    fn comments_ignores_shebangs_urls_and_strings() {
        for text in [
            "#!/bin/sh",
            "#cloud-config",
            "#set($a = 'b')",
            "curl https://example.com/a",
            "rm -r /tmp/*\nls */",
            "echo 'a # b' \"c // d\"",
            "--password x",
            "a#b ${#c}",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }
}
