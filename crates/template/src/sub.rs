//! The text of `Fn::Sub`.
//!
//! Source: CloudFormation template reference, "`Fn::Sub`".

use std::ops::Range;

/// A part of the text of `Fn::Sub`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubPart<'t> {
    /// Text that stays as it is.
    Text(&'t str),
    /// `${!Name}`, which becomes `${Name}`: what stands behind the sign.
    Escaped(&'t str),
    /// `${Name}` or `${Resource.Attribute}`: what stands between the brackets, without blanks around it.
    Name(&'t str),
}

/// The parts of a text of `Fn::Sub` with their bytes, in order and without gaps. A `${` that is never closed, or in which
/// another one begins, is text.
pub fn sub_parts(text: &str) -> impl Iterator<Item = (Range<usize>, SubPart<'_>)> {
    let mut at = 0;
    let mut waiting: Option<Range<usize>> = next_call(text, 0);
    std::iter::from_fn(move || {
        let (range, part) = match &waiting {
            Some(call) if call.start == at => {
                let name = text[call.start + 2..call.end - 1].trim();
                let part = name.strip_prefix('!').map_or(SubPart::Name(name), SubPart::Escaped);
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

/// The next `${…}` in which none begins.
fn next_call(text: &str, from: usize) -> Option<Range<usize>> {
    let open = from + text[from..].find("${")?;
    let close = open + text[open..].find('}')?;
    let start = text[open..close].rfind("${").map_or(open, |inner| open + inner);
    Some(start..close + 1)
}

/// The names in `${…}`, in order, without the escaped ones.
pub fn sub_names(text: &str) -> impl Iterator<Item = &str> {
    sub_parts(text).filter_map(|(_, part)| if let SubPart::Name(name) = part { Some(name) } else { None })
}

#[cfg(test)]
mod tests {
    use super::SubPart::{Escaped, Name, Text};
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        let parts = |text| sub_parts(text).map(|(_, part)| part).collect::<Vec<_>>();
        assert_eq!(parts("a${B}c${ D.E }"), [Text("a"), Name("B"), Text("c"), Name("D.E")]);
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
    fn names_leave_out_what_is_escaped() {
        assert_eq!(sub_names("${A}${!B}${C.D}").collect::<Vec<_>>(), ["A", "C.D"]);
    }
}
