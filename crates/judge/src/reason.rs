//! Why an environment variable holds a secret.

use std::fmt;

use crate::{CredentialKind, EmbeddedKind, Slot, TextKind, find_embedded, find_shapes, judge};

/// Why a value under a name is taken for a secret.
///
/// `Display` writes a few words that hold nothing of the value: `its name`, `a password in a URL`.
///
/// The variants are in the order in which [`secret_reason`] asks: a shape is certain whatever the
/// name is, a name explains more than a syntax does.
///
/// ```
/// use byref_judge::{Reason, secret_reason};
///
/// let reason = secret_reason("DB_PASSWORD", "Rocket-1709").unwrap();
/// assert_eq!(reason, Reason::Name);
/// assert_eq!(reason.to_string(), "its name");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The value has the shape of a credential.
    Shape(CredentialKind),
    /// The name suggests a secret, and the value can be one.
    Name,
    /// A part of the value is a credential.
    Embedded(EmbeddedKind),
}

impl Reason {
    /// Returns the reason in a few words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Shape(_) => "its value has the shape of a credential",
            Self::Name => "its name",
            Self::Embedded(kind) => kind.label(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.label())
    }
}

/// Returns why an environment variable with a literal value holds a secret, or `None` if it does
/// not.
///
/// This is the judgement that the lint's rules `secret-shape`, `secret-name`, `weak-secret` and
/// `embedded-secret` share, for callers that need one answer and no place: a configuration that
/// masks pasted values, a survey that proposes candidates.
///
/// ```
/// use byref_judge::{Reason, secret_reason};
///
/// assert_eq!(secret_reason("SESSION_SECRET", "x7Kq2LmZ9vTr4WbN"), Some(Reason::Name));
/// assert_eq!(secret_reason("LOG_LEVEL", "debug"), None);
///
/// let reason = secret_reason("DATABASE_URL", "postgres://app:x7Kq2LmZ@db/app").unwrap();
/// assert_eq!(reason.label(), "a password in a URL");
/// ```
///
/// All verdicts count, also [`Verdict::Unsure`](crate::Verdict::Unsure) and
/// [`Verdict::Weak`](crate::Verdict::Weak): a caller that masks or proposes loses little by a wrong
/// candidate, and much by a missed one.
pub fn secret_reason(name: &str, value: &str) -> Option<Reason> {
    if let Some(shape) = find_shapes(value).first() {
        return Some(Reason::Shape(shape.kind));
    }
    if judge(Slot::Named, name, value).is_some() {
        return Some(Reason::Name);
    }
    find_embedded(value, TextKind::Value)
        .first()
        .map(|embedded| Reason::Embedded(embedded.kind))
}
