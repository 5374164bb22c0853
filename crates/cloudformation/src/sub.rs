//! The text of `Fn::Sub`: literal parts, and names in `${}`.
//!
//! Source: CloudFormation template reference, "`Fn::Sub`".
//!
//! | text | parts |
//! | --- | --- |
//! | `db-${Stage}` | the text `db-`, the name `Stage` |
//! | `${!Stage}` | the escaped `Stage` |
//! | `${a${Stage}` | the text `${a`, the name `Stage` |
//! | `${Stage` | text |

use std::ops::Range;

use byref_template::NodeRef;

/// A part of the text of `Fn::Sub`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubPart<'t> {
    /// Text that stays as it is.
    Text(&'t str),
    /// `${!Name}`, which becomes the text `${Name}`: the part behind the exclamation mark.
    Escaped(&'t str),
    /// `${Name}` or `${Resource.Attribute}`: the part between the brackets, without spaces around
    /// it.
    Name(&'t str),
}

/// Returns the parts of a text of `Fn::Sub` with their byte ranges, in order and without gaps. A
/// `${` that is never closed, or in which another one begins, is text.
///
/// ```
/// use byref_cloudformation::{SubPart, sub_parts};
/// let parts: Vec<_> = sub_parts("db-${Stage}").map(|(_, part)| part).collect();
/// assert_eq!(parts, [SubPart::Text("db-"), SubPart::Name("Stage")]);
/// ```
pub fn sub_parts(text: &str) -> impl Iterator<Item = (Range<usize>, SubPart<'_>)> {
    let mut at = 0;
    let mut waiting: Option<Range<usize>> = next_call(text, 0);
    std::iter::from_fn(move || {
        let (range, part) = match &waiting {
            Some(call) if call.start == at => {
                let name = text[call.start + 2..call.end - 1].trim();
                let part = name
                    .strip_prefix('!')
                    .map_or(SubPart::Name(name), SubPart::Escaped);
                (call.clone(), part)
            }
            _ => {
                let end = waiting.as_ref().map_or(text.len(), |call| call.start);
                (at..end, SubPart::Text(&text[at..end]))
            }
        };
        if range.is_empty() {
            return None;
        }
        at = range.end;
        if waiting.as_ref().is_some_and(|call| call.end == at) {
            waiting = next_call(text, at);
        }
        Some((range, part))
    })
}

/// Returns the range of the next `${…}` in which no other begins.
fn next_call(text: &str, from: usize) -> Option<Range<usize>> {
    let open = from + text[from..].find("${")?;
    let close = open + text[open..].find('}')?;
    let start = text[open..close]
        .rfind("${")
        .map_or(open, |inner| open + inner);
    Some(start..close + 1)
}

/// Returns the names in `${…}`, in order, without the escaped ones.
pub fn sub_names(text: &str) -> impl Iterator<Item = &str> {
    sub_parts(text).filter_map(|(_, part)| {
        if let SubPart::Name(name) = part {
            Some(name)
        } else {
            None
        }
    })
}

/// Returns the name of a text that is one `${Name}` and nothing else, but for spaces around it.
/// Such a call of `Fn::Sub` is the same as a `Ref`, or as an `Fn::GetAtt` where the name has an
/// attribute.
///
/// ```
/// use byref_cloudformation::sole_name;
/// assert_eq!(sole_name("${Role.Arn}"), Some("Role.Arn"));
/// assert_eq!(sole_name("role/${Role}"), None);
/// ```
pub fn sole_name(text: &str) -> Option<&str> {
    last_name(text)
        .filter(|(before, _)| before.is_empty())
        .map(|(_, name)| name)
}

/// Returns the name at the end of a text, and the text before it; spaces around the whole don't
/// count.
pub(crate) fn last_name(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    match sub_parts(text).last() {
        Some((range, SubPart::Name(name))) => Some((&text[..range.start], name)),
        _ => None,
    }
}

/// Returns the text of a call of `Fn::Sub`, whose argument is the text alone, or a list of it and a
/// mapping of variables.
pub fn sub_text(argument: NodeRef<'_>) -> Option<String> {
    let node = if argument.kind().is_sequence() {
        argument.items().next()?
    } else {
        argument
    };
    node.text().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::SubPart::{Escaped, Name, Text};
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        let parts = |text| sub_parts(text).map(|(_, part)| part).collect::<Vec<_>>();
        assert_eq!(
            parts("a${B}c${ D.E }"),
            [Text("a"), Name("B"), Text("c"), Name("D.E")]
        );
        assert_eq!(parts("${!A}${B}"), [Escaped("A"), Name("B")]);
        assert_eq!(parts("a${b"), [Text("a${b")]);
        assert_eq!(parts("${A${B}}"), [Text("${A"), Name("B"), Text("}")]);
        assert_eq!(parts("${}$x{}"), [Name(""), Text("$x{}")]);
        assert_eq!(parts(""), []);
    }

    #[test]
    fn the_parts_are_the_whole() {
        for text in ["a${B}c", "${A${B}}${", "}${!x}é${é}", "${", "$", "${a}${b}"] {
            let whole: String = sub_parts(text).map(|(range, _)| &text[range]).collect();
            assert_eq!(whole, text);
        }
    }

    #[test]
    fn a_name_at_the_end_is_one_that_is_not_escaped() {
        assert_eq!(last_name(" role/${A} "), Some(("role/", "A")));
        for text in ["${!A}", "${A}x", "", "A}", "${A}}"] {
            assert_eq!(last_name(text), None, "{text}");
        }
        assert_eq!(sole_name("${A}${B}"), None);
    }

    #[test]
    fn names_leave_out_what_is_escaped() {
        assert_eq!(
            sub_names("${A}${!B}${C.D}").collect::<Vec<_>>(),
            ["A", "C.D"]
        );
    }
}
