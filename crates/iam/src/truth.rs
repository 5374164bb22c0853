//! Logic with a third answer for what is not known before a deployment.

use std::sync::Arc;

/// The fact that an answer depends on, as a noun phrase for messages: "`Stage`", "a condition".
pub type Reason = Arc<str>;

/// Yes, no, or the reason why neither is certain.
///
/// The order of certainty is that of Kleene's three-valued logic: [`Truth::Maybe`] is between the
/// other two. Of two reasons the first one is kept, so that messages do not depend on what comes
/// later in a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds whatever is deployed.
    Yes,
    /// It depends on this.
    Maybe(Reason),
    /// It does not hold, whatever is deployed.
    No,
}

impl Truth {
    /// Returns the certain answer.
    pub fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    /// Returns an uncertain answer.
    pub fn maybe(reason: impl Into<Reason>) -> Self {
        Self::Maybe(reason.into())
    }

    /// Returns the conjunction. `other` is not evaluated where the first answer is no.
    #[must_use]
    pub fn and(self, other: impl FnOnce() -> Truth) -> Truth {
        match self {
            Self::No => Self::No,
            Self::Yes => other(),
            Self::Maybe(reason) => match other() {
                Self::No => Self::No,
                Self::Yes | Self::Maybe(_) => Self::Maybe(reason),
            },
        }
    }

    /// Returns the disjunction. `other` is not evaluated where the first answer is yes.
    #[must_use]
    pub fn or(self, other: impl FnOnce() -> Truth) -> Truth {
        match self {
            Self::Yes => Self::Yes,
            Self::No => other(),
            Self::Maybe(reason) => match other() {
                Self::Yes => Self::Yes,
                Self::No | Self::Maybe(_) => Self::Maybe(reason),
            },
        }
    }

    /// Returns the opposite; the opposite of an uncertain answer is as uncertain.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "`truth.not()` reads like `and` and `or` beside it"
    )]
    pub fn not(self) -> Truth {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Maybe(reason) => Self::Maybe(reason),
        }
    }

    /// Returns yes if one of the answers is yes, no if all are, and else the first reason. Stops at
    /// the first yes.
    pub fn any(answers: impl IntoIterator<Item = Truth>) -> Truth {
        let mut answers = answers.into_iter();
        let mut result = Self::No;
        while result != Self::Yes
            && let Some(answer) = answers.next()
        {
            result = result.or(|| answer);
        }
        result
    }

    /// Returns no if one of the answers is no, yes if all are yes, and else the first reason. Stops
    /// at the first no.
    pub fn all(answers: impl IntoIterator<Item = Truth>) -> Truth {
        let mut answers = answers.into_iter();
        let mut result = Self::Yes;
        while result != Self::No
            && let Some(answer) = answers.next()
        {
            result = result.and(|| answer);
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_and_all_keep_the_first_reason_and_stop_early() {
        let (maybe, other) = (Truth::maybe("a"), Truth::maybe("b"));
        assert_eq!(Truth::any([Truth::No, maybe.clone(), other.clone()]), maybe);
        assert_eq!(Truth::all([Truth::Yes, maybe.clone(), other]), maybe);
        let mut asked = 0;
        let answers = [Truth::No, Truth::Yes, Truth::No]
            .into_iter()
            .inspect(|_| asked += 1);
        assert_eq!(Truth::any(answers), Truth::Yes);
        assert_eq!(asked, 2);
        assert_eq!(Truth::all([Truth::maybe("a"), Truth::No]), Truth::No);
        assert_eq!(Truth::all([]), Truth::Yes);
        assert_eq!(Truth::any([]), Truth::No);
    }
}
