//! Labels of parameter versions.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The number of labels that one version can have. Source: `LabelParameterVersion`.
pub const LABELS_PER_VERSION: usize = 10;

/// A label that names one version of a parameter, such as `release-7`.
///
/// A label belongs to at most one version at a time: attaching it to another version moves it.
/// Source: `LabelParameterVersion`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(Arc<str>);

/// The error for a text that is not a valid label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a label: up to 100 letters, digits, `.`, `-` and `_`, beginning neither with a digit nor with `aws` or `ssm`"
)]
pub struct LabelError;

impl Label {
    /// Returns the label as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Label {
    type Err = LabelError;

    /// Parses a label: 1 to 100 characters from `a-zA-Z0-9.-_`, not starting with a digit, `aws` or
    /// `ssm` in any case. Source: `LabelParameterVersion`, "Labels".
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_allowed =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let start = text.get(..3).unwrap_or_default().to_ascii_lowercase();
        let fits = (1..=100).contains(&text.len())
            && text.bytes().all(is_allowed)
            && !text.starts_with(|first: char| first.is_ascii_digit())
            && start != "aws"
            && start != "ssm";
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(LabelError)
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_grammar_matches_parameter_store() {
        for text in ["release-7", "_x", "A.b", &"x".repeat(100)] {
            assert!(text.parse::<Label>().is_ok(), "{text}");
        }
        for text in ["", "7th", "aws-x", "SSM", "a b", "a/b", &"x".repeat(101)] {
            assert_eq!(text.parse::<Label>(), Err(LabelError), "{text}");
        }
    }
}
