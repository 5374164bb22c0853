//! Conditions of statements.
//!
//! Source: IAM user guide, "IAM JSON policy elements: Condition operators" and "Condition with
//! multiple context keys or values".

use crate::document::{Condition, Conditions};
use crate::pattern::Pattern;
use crate::request::Request;
use crate::truth::Truth;

impl Conditions {
    /// Evaluates the block for a request. All conditions must hold.
    pub(crate) fn hold(&self, request: &Request) -> Truth {
        match self {
            Self::Known(conditions) => {
                Truth::all(conditions.iter().map(|condition| condition.holds(request)))
            }
            Self::Unreadable(reason) => Truth::Maybe(reason.clone()),
        }
    }
}

impl Condition {
    /// Evaluates one operator on one key. A key that the request's context does not give is open,
    /// and so is an operator on numbers, dates, addresses or the like.
    fn holds(&self, request: &Request) -> Truth {
        let unknown = || Truth::maybe(format!("the condition on `{}`", self.key));
        let (is_any, operator) = match self.operator.split_once(':') {
            Some(("ForAnyValue", operator)) => (true, operator),
            Some(("ForAllValues", operator)) => (false, operator),
            Some(_) => return unknown(),
            None => (false, self.operator.as_str()),
        };
        let operator = operator.strip_suffix("IfExists").unwrap_or(operator);
        let context = request
            .context
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(&self.key));
        let (Some((_, context)), Some(comparison)) = (context, Comparison::of(operator)) else {
            return unknown();
        };
        let fits = |text: &String| {
            let any = Truth::any(
                self.values
                    .iter()
                    .map(|pattern| (comparison.matches)(pattern, text)),
            );
            if comparison.is_negated {
                any.not()
            } else {
                any
            }
        };
        let answers = context.iter().map(fits);
        if is_any {
            Truth::any(answers)
        } else {
            Truth::all(answers)
        }
    }
}

/// The meaning of an operator: a comparison, or its opposite.
struct Comparison {
    matches: fn(&Pattern, &str) -> Truth,
    is_negated: bool,
}

impl Comparison {
    fn of(operator: &str) -> Option<Self> {
        let (matches, is_negated): (fn(&Pattern, &str) -> Truth, bool) = match operator {
            "StringEquals" => (Pattern::equals, false),
            "StringNotEquals" => (Pattern::equals, true),
            "StringEqualsIgnoreCase" => (Pattern::equals_ignoring_case, false),
            "StringNotEqualsIgnoreCase" => (Pattern::equals_ignoring_case, true),
            "StringLike" => (Pattern::matches_text, false),
            "StringNotLike" => (Pattern::matches_text, true),
            "ArnEquals" | "ArnLike" => (Pattern::matches_resource, false),
            "ArnNotEquals" | "ArnNotLike" => (Pattern::matches_resource, true),
            _ => return None,
        };
        Some(Self {
            matches,
            is_negated,
        })
    }
}
