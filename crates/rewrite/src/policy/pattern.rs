//! Patterns of policies, with holes where the template does not say what stands there.

use super::Truth;
use crate::value::HOLE;

/// Whether an action pattern (`ssm:Get*`) means an action; case does not count.
pub(crate) fn matches_action(pattern: &str, action: &str, why: Option<&str>) -> Truth {
    truth(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase(), why, glob)
}

/// Whether a resource pattern means an ARN. Wildcards stay within a segment, but the last one of a pattern goes on to
/// the end.
///
/// Source: IAM user guide, "IAM JSON policy elements: Resource".
pub(crate) fn matches_resource(pattern: &str, arn: &str, why: Option<&str>) -> Truth {
    truth(&without_variables(pattern), arn, why, matches_segments)
}

/// The same for an ARN whose end, behind `known` bytes, stands for what only AWS knows.
pub(crate) fn matches_known(pattern: &str, arn: &str, known: usize, why: Option<&str>) -> Truth {
    let whole = matches_resource(pattern, arn, why);
    let Some((head, last)) = pattern.rsplit_once(':').filter(|_| whole == Truth::No) else { return whole };
    let known_last = arn.get(..known).and_then(|known| known.rsplit_once(':')).map_or("", |(_, last)| last);
    let fits = matches_resource(&format!("{head}:*"), arn, why) != Truth::No && last.starts_with(known_last);
    if fits { Truth::Maybe("an id that only AWS knows".to_owned()) } else { Truth::No }
}

/// Whether a pattern of `StringLike` means a text.
pub(crate) fn matches_text(pattern: &str, text: &str, why: Option<&str>) -> Truth {
    truth(&without_variables(pattern), text, why, glob)
}

/// A pattern with holes can only say no, or maybe.
fn truth(pattern: &str, text: &str, why: Option<&str>, matches: impl Fn(&[Part], &str) -> bool) -> Truth {
    let parts = parts(pattern);
    let has_hole = parts.contains(&Part::Hole);
    match matches(&parts, text) {
        false => Truth::No,
        true if has_hole => Truth::Maybe(why.unwrap_or("a policy variable").to_owned()),
        true => Truth::Yes,
    }
}

/// IAM's own variables (`${aws:username}`) are filled when a policy is evaluated; `${*}`, `${?}` and `${$}` are the
/// characters themselves.
fn without_variables(pattern: &str) -> String {
    let mut result = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        result.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            result.push_str("${");
            rest = after;
            continue;
        };
        match name {
            "*" => result.push(LITERAL_STAR),
            "?" => result.push(LITERAL_QUESTION),
            "$" => result.push('$'),
            _ => result.push(HOLE),
        }
        rest = after;
    }
    result.push_str(rest);
    result
}

const LITERAL_STAR: char = '\u{1}';
const LITERAL_QUESTION: char = '\u{2}';

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Character(char),
    Any,
    One,
    /// Anything, but nobody knows what.
    Hole,
}

fn parts(pattern: &str) -> Vec<Part> {
    let part = |character: char| match character {
        '*' => Part::Any,
        '?' => Part::One,
        HOLE => Part::Hole,
        LITERAL_STAR => Part::Character('*'),
        LITERAL_QUESTION => Part::Character('?'),
        other => Part::Character(other),
    };
    pattern.chars().map(part).collect()
}

/// Wildcards by the usual two-pointer walk: linear where there is one `*`, never exponential.
fn glob(pattern: &[Part], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut place) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        match pattern.get(at) {
            Some(Part::Any | Part::Hole) => {
                star = Some((at, place));
                at += 1;
            }
            Some(Part::One) => (at, place) = (at + 1, place + 1),
            Some(Part::Character(character)) if *character == text[place] => (at, place) = (at + 1, place + 1),
            _ => match star {
                Some((star_at, star_place)) => {
                    star = Some((star_at, star_place + 1));
                    (at, place) = (star_at + 1, star_place + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|part| matches!(part, Part::Any | Part::Hole))
}

fn matches_segments(pattern: &[Part], arn: &str) -> bool {
    if pattern == [Part::Any] || pattern == [Part::Hole] {
        return true;
    }
    // A hole may hold any number of segments.
    if let Some(hole) = pattern.iter().position(|part| *part == Part::Hole) {
        let head = &pattern[..hole];
        let complete = head.iter().rposition(|part| *part == Part::Character(':')).map_or(0, |colon| colon + 1);
        return matches_head(&head[..complete], arn).is_some_and(|rest| glob(&pattern[complete..], rest));
    }
    let last = pattern.iter().rposition(|part| *part == Part::Character(':')).map_or(0, |colon| colon + 1);
    matches_head(&pattern[..last], arn).is_some_and(|rest| glob(&pattern[last..], rest))
}

/// Segments that end with a colon each; the rest of the ARN behind them.
fn matches_head<'a>(head: &[Part], arn: &'a str) -> Option<&'a str> {
    let mut rest = arn;
    let mut segments = head.split(|part| *part == Part::Character(':'));
    let count = head.iter().filter(|part| **part == Part::Character(':')).count();
    for segment in segments.by_ref().take(count) {
        let (own, after) = rest.split_once(':')?;
        if !glob(segment, own) {
            return None;
        }
        rest = after;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:ssm:us-west-2:111122223333:parameter/production/app/db-password";

    #[test]
    fn resources_match_segment_by_segment() {
        let yes = [
            "*",
            ARN,
            "arn:aws:ssm:*:*:parameter/*",
            "arn:aws:ssm:us-west-?:111122223333:parameter/production/*",
            "arn:*:ssm:*:*:*",
            "arn:aws:ssm:*",
            "arn:aws:ssm:*:*:*password",
        ];
        for pattern in yes {
            assert_eq!(matches_resource(pattern, ARN, None), Truth::Yes, "{pattern}");
        }
        let no = [
            "arn:aws:ssm:*:parameter/*",
            "arn:aws:ssm:us-east-1:111122223333:parameter/*",
            "arn:aws:ssm:*:*:parameter/Production/*",
            "arn:aws:ssm:*:*:parameter//production/*",
            "",
        ];
        for pattern in no {
            assert_eq!(matches_resource(pattern, ARN, None), Truth::No, "{pattern}");
        }
    }

    #[test]
    fn holes_and_variables_are_never_guessed() {
        let maybe =
            ["arn:aws:ssm:*:*:parameter/\0/*", "\0", "arn:aws:ssm:*:*:parameter/${aws:PrincipalTag/app}/*", "\0*"];
        for pattern in maybe {
            assert!(matches!(matches_resource(pattern, ARN, None), Truth::Maybe(_)), "{pattern}");
        }
        for pattern in ["arn:aws:s3:::\0", "arn:aws:ssm:*:*:parameter/\0/other", "arn:aws:ssm:*:*:parameter/${*}"] {
            assert_eq!(matches_resource(pattern, ARN, None), Truth::No, "{pattern}");
        }
    }

    #[test]
    fn actions_have_no_case() {
        for pattern in ["ssm:GetParameters", "SSM:getparameters", "ssm:Get*", "*", "ssm:GetParameter?", "s*:*"] {
            assert_eq!(matches_action(pattern, "ssm:GetParameters", None), Truth::Yes, "{pattern}");
        }
        for pattern in ["ssm:GetParameter", "ssm:GetParametersByPath", "kms:*", "ssm:GetParameters?"] {
            assert_eq!(matches_action(pattern, "ssm:GetParameters", None), Truth::No, "{pattern}");
        }
    }
}
