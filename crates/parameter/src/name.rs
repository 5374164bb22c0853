//! Parameter names and their limits.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The number of characters that a name and the ARN prefix in front of it can have together.
///
/// Source: Systems Manager user guide, [What is a parameter?][what]: 1,011 characters including the
/// ARN.
///
/// [what]: https://docs.aws.amazon.com/systems-manager/latest/userguide/what-is-a-parameter.html
pub const NAME_BYTES: usize = 1011;
/// The number of levels that a name can have, counted by its slashes. Source: see [`NAME_BYTES`].
pub const LEVELS: usize = 15;
/// The length of the longest ARN prefix up to `parameter`, so that a valid name stays valid in
/// every Region.
const ARN_PREFIX_BYTES: usize = "arn:aws-us-gov:ssm:ap-northeast-10:111122223333:parameter".len();

/// The name of a parameter: `/a/b` with a leading slash if it has levels, otherwise `b` or `a.b`.
///
/// Names are case-sensitive. `/b` and `b` are different texts but share one ARN, so Parameter Store
/// treats them as the same parameter. Clones share the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParameterName(Arc<str>);

/// The reason why a text is not a valid parameter name. Never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// The text is empty.
    #[error("it is empty")]
    Empty,
    /// The text contains a character other than letters, digits, `.`, `-`, `_` and `/`.
    #[error("it holds a character other than letters, digits, `.`, `-`, `_` and `/`")]
    Character,
    /// The text has levels but does not begin with a slash.
    #[error("a name with levels begins with `/`")]
    NoLeadingSlash,
    /// The text has two slashes in a row, or one at its end.
    #[error("it has an empty level: two slashes in a row, or one at the end")]
    EmptyLevel,
    /// The text has more levels than [`LEVELS`].
    #[error("it has more than {LEVELS} levels")]
    Levels,
    /// The name would be longer than [`NAME_BYTES`] together with its ARN.
    #[error("it is too long: name and ARN together may have {NAME_BYTES} characters")]
    Length,
    /// The first level begins with `aws` or `ssm`, in any case. AWS reserves these names.
    #[error("names that begin with `aws` or `ssm` are reserved")]
    Reserved,
    /// The text has a version number or a label after a colon. The Parameter Store API accepts
    /// these, but ECS does not: a task always receives the newest version.
    #[error("ECS can't pin a version or a label of a parameter")]
    Selector,
}

impl ParameterName {
    /// Returns the name as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the resource part of the ARN: `parameter/a/b` for `/a/b`, and `parameter/b` for `b`.
    ///
    /// There is always exactly one slash after `parameter`. IAM compares ARNs as text, so a policy
    /// on `parameter//a/b` would match no request.
    pub fn arn_resource(&self) -> String {
        format!("parameter/{}", self.0.trim_start_matches('/'))
    }
}

impl FromStr for ParameterName {
    type Err = NameError;

    /// Parses a name and checks all rules except uniqueness.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_allowed =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/');
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if let Some((name, selector)) = text.split_once(':') {
            let is_selector = name.bytes().all(is_allowed)
                && !selector.contains(':')
                && selector.bytes().all(is_allowed);
            return Err(if is_selector {
                NameError::Selector
            } else {
                NameError::Character
            });
        }
        if !text.bytes().all(is_allowed) {
            return Err(NameError::Character);
        }
        let levels = text.strip_prefix('/');
        if levels.is_none() && text.contains('/') {
            return Err(NameError::NoLeadingSlash);
        }
        let path = levels.unwrap_or(text);
        if path.split('/').any(str::is_empty) {
            return Err(NameError::EmptyLevel);
        }
        if path.split('/').count() > LEVELS {
            return Err(NameError::Levels);
        }
        if text.len() + ARN_PREFIX_BYTES > NAME_BYTES {
            return Err(NameError::Length);
        }
        let start = path.get(..3).unwrap_or_default().to_ascii_lowercase();
        if start == "aws" || start == "ssm" {
            return Err(NameError::Reserved);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for ParameterName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_grammar_matches_parameter_store() {
        for text in ["/a/b", "b", "quiz.production.db_password", "/A-b_c.d/9"] {
            assert!(text.parse::<ParameterName>().is_ok(), "{text}");
        }
        let deep = "/a".repeat(16);
        let long = format!("/{}", "a".repeat(1000));
        for (text, error) in [
            ("", NameError::Empty),
            ("a b", NameError::Character),
            ("`a`", NameError::Character),
            ("a/b", NameError::NoLeadingSlash),
            ("//a", NameError::EmptyLevel),
            ("/a/", NameError::EmptyLevel),
            ("/", NameError::EmptyLevel),
            ("/a:3", NameError::Selector),
            ("a:live", NameError::Selector),
            ("a://b:c@d", NameError::Character),
            ("/AWS/x", NameError::Reserved),
            ("ssmthing", NameError::Reserved),
            (&deep, NameError::Levels),
            (&long, NameError::Length),
        ] {
            assert_eq!(text.parse::<ParameterName>(), Err(error), "{text}");
        }
    }

    #[test]
    fn arn_resource_has_one_slash_after_parameter() {
        let resource = |text: &str| text.parse::<ParameterName>().unwrap().arn_resource();
        assert_eq!(resource("/a/b"), "parameter/a/b");
        assert_eq!(resource("b"), "parameter/b");
    }
}
