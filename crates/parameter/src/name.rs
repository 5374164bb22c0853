//! Names of parameters.

use std::fmt;
use std::str::FromStr;

/// Bytes that a name and the ARN before it may have together.
///
/// Source: Systems Manager user guide, "What is a parameter?": 1011 characters including the ARN's prefix.
pub const NAME_BYTES: usize = 1011;
/// Levels of a name, counted by its slashes. Source: as above.
pub const LEVELS: usize = 15;
/// The longest ARN prefix up to `parameter`: an isolated partition with a long Region.
const ARN_PREFIX_BYTES: usize = "arn:aws-us-gov:ssm:ap-northeast-10:111122223333:parameter".len();

/// The name of a parameter: `/a/b` with a leading slash when it has levels, or `b`, or `a.b`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParameterName(String);

/// Why a text is no parameter's name. Never holds the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// A character that names can't hold.
    #[error("it holds a character other than letters, digits, `.`, `-`, `_` and `/`")]
    Character,
    /// Levels without a leading slash.
    #[error("a name with levels begins with `/`")]
    NoLeadingSlash,
    /// Two slashes in a row, or one at the end.
    #[error("it has an empty level: two slashes in a row, or one at the end")]
    EmptyLevel,
    /// More levels than Parameter Store takes.
    #[error("it has more than {LEVELS} levels")]
    Levels,
    /// Longer than Parameter Store takes.
    #[error("it is too long: name and ARN together may have {NAME_BYTES} characters")]
    Length,
    /// Begins with `aws` or `ssm`.
    #[error("names that begin with `aws` or `ssm` are reserved")]
    Reserved,
    /// A version or a label after a colon.
    #[error("ECS can't pin a version or a label of a parameter")]
    Selector,
}

impl ParameterName {
    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part of an ARN after the account: `parameter/a/b` for `/a/b` and `parameter/b` for `b`, with one slash.
    pub fn arn_resource(&self) -> String {
        format!("parameter/{}", self.0.trim_start_matches('/'))
    }
}

impl FromStr for ParameterName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/');
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if let Some((name, selector)) = text.split_once(':') {
            let is_selector =
                name.bytes().all(is_allowed) && !selector.contains(':') && selector.bytes().all(is_allowed);
            return Err(if is_selector { NameError::Selector } else { NameError::Character });
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
        Ok(Self(text.to_owned()))
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
    fn names_follow_the_rules_of_parameter_store() {
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
    fn an_arn_has_one_slash_after_parameter() {
        let resource = |text: &str| text.parse::<ParameterName>().unwrap().arn_resource();
        assert_eq!(resource("/a/b"), "parameter/a/b");
        assert_eq!(resource("b"), "parameter/b");
    }
}
