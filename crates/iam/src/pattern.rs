//! Patterns of policies, with gaps for the parts that a template leaves open.

use crate::truth::{Reason, Truth};

/// A text of a policy, with wildcards, and gaps for what is not known before a deployment.
///
/// A gap may become any text. So a pattern with gaps can rule a text out, but never match it for
/// certain: that answer is [`Truth::Maybe`], with the pattern's reason. The same holds for IAM's
/// own policy variables (`${aws:username}`), which IAM replaces for each request.
///
/// ```
/// use byref_iam::{Pattern, Truth};
///
/// let pattern = Pattern::known("arn:aws:ssm:*:111122223333:parameter/web/*");
/// let arn = "arn:aws:ssm:us-west-2:111122223333:parameter/web/token";
/// assert_eq!(pattern.matches_resource(arn), Truth::Yes);
///
/// let pieces = ["arn:aws:ssm:us-west-2:111122223333:parameter/", "/token"];
/// let open = Pattern::with_gaps(pieces, "`Stage`");
/// assert!(matches!(open.matches_resource(arn), Truth::Maybe(_)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The text, each gap as one [`GAP`].
    text: String,
    /// The fact that the gaps depend on; none where there are no gaps.
    reason: Option<Reason>,
}

/// Represents a gap in a pattern's text. YAML and JSON texts that hold it are as good as unknown.
const GAP: char = '\0';
const LITERAL_STAR: char = '\u{1}';
const LITERAL_QUESTION: char = '\u{2}';

impl Pattern {
    /// Returns a pattern without gaps.
    pub fn known(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            reason: None,
        }
    }

    /// Returns a pattern of known pieces with a gap between each two of them, and the fact that the
    /// gaps depend on. Two empty pieces are a pattern of which nothing is known.
    pub fn with_gaps<'t>(
        pieces: impl IntoIterator<Item = &'t str>,
        reason: impl Into<Reason>,
    ) -> Self {
        let pieces: Vec<&str> = pieces.into_iter().collect();
        Self {
            text: pieces.join(GAP.encode_utf8(&mut [0; 4])),
            reason: Some(reason.into()),
        }
    }

    /// Returns the text, or the fact that it depends on.
    ///
    /// # Errors
    ///
    /// The pattern has gaps.
    pub fn text(&self) -> Result<&str, &Reason> {
        self.reason.as_ref().map_or(Ok(&self.text), Err)
    }

    /// Matches the name of an action (`ssm:GetParameters`) with a pattern such as `ssm:Get*`. Case
    /// does not count.
    ///
    /// Source: IAM user guide, "IAM JSON policy elements: Action".
    ///
    /// `ssm:Get*` matches `ssm:GetParameters` and `SSM:getparameters`.
    pub fn matches_action(&self, action: &str) -> Truth {
        self.truth(
            &self.text.to_ascii_lowercase(),
            &action.to_ascii_lowercase(),
            glob,
        )
    }

    /// Matches an ARN. A wildcard stays within a segment between colons, but the last one of a
    /// pattern extends to the end.
    ///
    /// Source: IAM user guide, "IAM JSON policy elements: Resource".
    pub fn matches_resource(&self, arn: &str) -> Truth {
        self.truth(&without_variables(&self.text), arn, matches_segments)
    }

    /// Matches an ARN of which only the first `known` bytes are certain, because AWS chooses the
    /// rest. A pattern that would have to name the rest neither matches nor fails to match.
    pub fn matches_partly_known(&self, arn: &str, known: usize) -> Truth {
        let whole = self.matches_resource(arn);
        let Some((head, last)) = self.text.rsplit_once(':').filter(|_| whole == Truth::No) else {
            return whole;
        };
        let known_last = arn
            .get(..known)
            .and_then(|known| known.rsplit_once(':'))
            .map_or("", |(_, last)| last);
        let open = Self {
            text: format!("{head}:*"),
            reason: self.reason.clone(),
        };
        let fits = last.starts_with(known_last) && open.matches_resource(arn) != Truth::No;
        if fits {
            Truth::maybe("an id that only AWS knows")
        } else {
            Truth::No
        }
    }

    /// Matches a text with the wildcards of `StringLike`, which may extend over anything.
    pub fn matches_text(&self, text: &str) -> Truth {
        self.truth(&without_variables(&self.text), text, glob)
    }

    /// Compares a text without wildcards, as `StringEquals` does.
    pub fn equals(&self, text: &str) -> Truth {
        let literal = self.text.replace('*', "${*}").replace('?', "${?}");
        self.truth(&without_variables(&literal), text, glob)
    }

    /// Compares a text without wildcards, as `StringEqualsIgnoreCase` does.
    pub fn equals_ignoring_case(&self, text: &str) -> Truth {
        let lower = Self {
            text: self.text.to_lowercase(),
            reason: self.reason.clone(),
        };
        lower.equals(&text.to_lowercase())
    }

    fn truth(&self, pattern: &str, text: &str, matches: impl Fn(&[Part], &str) -> bool) -> Truth {
        let parts = parts(pattern);
        if !matches(&parts, text) {
            Truth::No
        } else if parts.contains(&Part::Gap) {
            Truth::Maybe(
                self.reason
                    .clone()
                    .unwrap_or_else(|| "a policy variable".into()),
            )
        } else {
            Truth::Yes
        }
    }
}

/// Replaces IAM's policy variables by gaps, and `${*}`, `${?}` and `${$}` by the characters
/// themselves.
///
/// Source: IAM user guide, "IAM policy elements: Variables and tags".
///
/// `${aws:username}/x` → a gap and `/x`; `${*}` → a star that is no wildcard; `${x` stays.
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
        result.push(match name {
            "*" => LITERAL_STAR,
            "?" => LITERAL_QUESTION,
            "$" => '$',
            _ => GAP,
        });
        rest = after;
    }
    result.push_str(rest);
    result
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Character(char),
    /// `*`
    Any,
    /// `?`
    One,
    /// A text that is not known.
    Gap,
}

fn parts(pattern: &str) -> Vec<Part> {
    let part = |character: char| match character {
        '*' => Part::Any,
        '?' => Part::One,
        GAP => Part::Gap,
        LITERAL_STAR => Part::Character('*'),
        LITERAL_QUESTION => Part::Character('?'),
        other => Part::Character(other),
    };
    pattern.chars().map(part).collect()
}

/// Matches wildcards by the usual two-pointer walk, which is linear where there is one `*`, and
/// never exponential.
fn glob(pattern: &[Part], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut place) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        match pattern.get(at) {
            Some(Part::Any | Part::Gap) => {
                star = Some((at, place));
                at += 1;
            }
            Some(Part::One) => (at, place) = (at + 1, place + 1),
            Some(Part::Character(character)) if *character == text[place] => {
                (at, place) = (at + 1, place + 1);
            }
            _ => match star {
                Some((star_at, star_place)) => {
                    star = Some((star_at, star_place + 1));
                    (at, place) = (star_at + 1, star_place + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..]
        .iter()
        .all(|part| matches!(part, Part::Any | Part::Gap))
}

/// `arn:aws:*` matches any ARN of the partition; `arn:*:ssm` does not match `arn:aws:iam:ssm`,
/// since the star ends at the colon.
fn matches_segments(pattern: &[Part], arn: &str) -> bool {
    if pattern == [Part::Any] || pattern == [Part::Gap] {
        return true;
    }
    // A gap may hold any number of segments, so only the whole segments before it are compared one
    // by one.
    let compared = pattern
        .iter()
        .position(|part| *part == Part::Gap)
        .unwrap_or(pattern.len());
    let is_colon = |part: &Part| *part == Part::Character(':');
    let complete = pattern[..compared]
        .iter()
        .rposition(is_colon)
        .map_or(0, |colon| colon + 1);
    matches_head(&pattern[..complete], arn).is_some_and(|rest| glob(&pattern[complete..], rest))
}

/// Matches segments that end with a colon each, and returns the rest of the ARN.
fn matches_head<'a>(head: &[Part], arn: &'a str) -> Option<&'a str> {
    let mut rest = arn;
    let mut segments = head.split(|part| *part == Part::Character(':'));
    let count = head
        .iter()
        .filter(|part| **part == Part::Character(':'))
        .count();
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

    fn resource(pattern: &str) -> Truth {
        Pattern::known(pattern).matches_resource(ARN)
    }

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
            assert_eq!(resource(pattern), Truth::Yes, "{pattern}");
        }
        let no = [
            "arn:aws:ssm:*:parameter/*",
            "arn:aws:ssm:us-east-1:111122223333:parameter/*",
            "arn:aws:ssm:*:*:parameter/Production/*",
            "arn:aws:ssm:*:*:parameter//production/*",
            "",
        ];
        for pattern in no {
            assert_eq!(resource(pattern), Truth::No, "{pattern}");
        }
    }

    #[test]
    fn gaps_and_variables_never_match_for_certain() {
        let gaps = |pieces: &[&str]| Pattern::with_gaps(pieces.iter().copied(), "`Stage`");
        let all = [
            gaps(&["arn:aws:ssm:*:*:parameter/", "/*"]),
            gaps(&["", ""]),
            gaps(&["", "*"]),
        ];
        for pattern in all {
            assert_eq!(
                pattern.matches_resource(ARN),
                Truth::maybe("`Stage`"),
                "{pattern:?}"
            );
        }
        let variable = resource("arn:aws:ssm:*:*:parameter/${aws:PrincipalTag/app}/*");
        assert_eq!(variable, Truth::maybe("a policy variable"));
        for pattern in [
            gaps(&["arn:aws:s3:::", ""]),
            gaps(&["arn:aws:ssm:*:*:parameter/", "/other"]),
        ] {
            assert_eq!(pattern.matches_resource(ARN), Truth::No, "{pattern:?}");
        }
        assert_eq!(resource("arn:aws:ssm:*:*:parameter/${*}"), Truth::No);
    }

    #[test]
    fn ids_that_aws_chooses_are_not_guessed() {
        let (head, id) = ("arn:aws:kms:us-west-2:111122223333:key/", "0");
        let arn = format!("{head}{id}");
        let verdict =
            |pattern: &str| Pattern::known(pattern).matches_partly_known(&arn, head.len());
        assert_eq!(verdict(&format!("{head}*")), Truth::Yes);
        assert_eq!(
            verdict(&format!("{head}1234")),
            Truth::maybe("an id that only AWS knows")
        );
        assert_eq!(
            verdict("arn:aws:kms:us-west-2:111122223333:alias/x"),
            Truth::No
        );
        assert_eq!(
            verdict("arn:aws:kms:us-east-1:111122223333:key/1234"),
            Truth::No
        );
    }

    #[test]
    fn actions_have_no_case() {
        let action = |pattern: &str| Pattern::known(pattern).matches_action("ssm:GetParameters");
        for pattern in [
            "ssm:GetParameters",
            "SSM:getparameters",
            "ssm:Get*",
            "*",
            "ssm:GetParameter?",
            "s*:*",
        ] {
            assert_eq!(action(pattern), Truth::Yes, "{pattern}");
        }
        for pattern in [
            "ssm:GetParameter",
            "ssm:GetParametersByPath",
            "kms:*",
            "ssm:GetParameters?",
        ] {
            assert_eq!(action(pattern), Truth::No, "{pattern}");
        }
    }

    #[test]
    fn equality_has_no_wildcards() {
        assert_eq!(Pattern::known("a*").equals("ab"), Truth::No);
        assert_eq!(Pattern::known("a*").equals("a*"), Truth::Yes);
        assert_eq!(Pattern::known("A?").equals_ignoring_case("a?"), Truth::Yes);
        assert_eq!(Pattern::known("a*").matches_text("ab"), Truth::Yes);
    }
}
