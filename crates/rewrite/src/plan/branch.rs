//! The complement of conditions: the circumstances under which something is still missing.
//!
//! A policy that the template has under a condition covers one side of it. A grant must cover the
//! rest without repeating the policy, and [`beyond`] writes that rest as nested `Fn::If`s.
//!
//! Let `x` be the policy, `-` an `AWS::NoValue`, `C` and `D` conditions. The policies that exist
//! are given by the sides on which they hold:
//!
//! | exists under | written for the rest |
//! |---|---|
//! | nothing | `x` |
//! | no condition (always) | nothing |
//! | `C` | `If(C - x)` |
//! | not `C` | `If(C x -)` |
//! | `C`, and another one under not `C` | nothing |
//! | `C` and not `D` | `If(C If(D x -) x)` |
//! | `C`, and another one under `D` | `If(C - If(D - x))` |
//!
//! A new condition of the template that names the complement would be shorter to refer to, and
//! would change a section that the user owns. The nested form needs no new name.

use byref_cloudformation::Guard;
use byref_template::Build;

use super::edit::no_value;

/// A value under the conditions under which none of the guards holds; none where one of them always
/// does. `assumed` are conditions that hold anyway, each with its side.
///
/// One condition is decided at each step, so each path through the result names every condition at
/// most once.
///
/// The recursion is as deep as there are conditions in the guards. A branch without anything to
/// write ends at once, so the result has a leaf only where the policy is missing, or beside such a
/// leaf.
pub(super) fn beyond(
    value: &Build,
    assumed: &[(String, bool)],
    guards: &[&Guard],
) -> Option<Build> {
    let is_against = |(name, side): &(String, bool)| assumed.contains(&(name.clone(), !side));
    let mut possible = guards
        .iter()
        .filter(|guard| !guard.0.iter().any(is_against))
        .peekable();
    let Some(first) = possible.peek() else {
        return Some(value.clone());
    };
    let open = first
        .0
        .iter()
        .find(|condition| !assumed.contains(condition));
    let (name, _) = open?;
    let [yes, no] = [true, false].map(|side| {
        let mut assumed = assumed.to_vec();
        assumed.push((name.clone(), side));
        beyond(value, &assumed, guards)
    });
    if yes.is_none() && no.is_none() {
        return None;
    }
    let branches = [yes, no].map(|branch| branch.unwrap_or_else(no_value));
    let items = std::iter::once(Build::Text(name.clone()))
        .chain(branches)
        .collect();
    Some(Build::Call("If", Box::new(Build::Sequence(items))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(conditions: &[(&str, bool)]) -> Guard {
        Guard(
            conditions
                .iter()
                .map(|(name, side)| ((*name).to_owned(), *side))
                .collect(),
        )
    }

    fn shown(build: &Build) -> String {
        match build {
            Build::Call("Ref", _) => "-".to_owned(),
            Build::Call(_, argument) => format!("If{}", shown(argument)),
            Build::Sequence(items) => format!(
                "({})",
                items.iter().map(shown).collect::<Vec<_>>().join(" ")
            ),
            Build::Text(text) => text.clone(),
            _ => String::new(),
        }
    }

    #[test]
    fn the_other_sides_of_conditions() {
        let value = Build::Text("x".to_owned());
        let written = |assumed: &[(&str, bool)], guards: &[Guard]| {
            let guards: Vec<&Guard> = guards.iter().collect();
            beyond(&value, &guard(assumed).0, &guards).map(|build| shown(&build))
        };
        assert_eq!(written(&[], &[]).as_deref(), Some("x"));
        assert_eq!(written(&[], &[Guard::default()]), None);
        assert_eq!(
            written(&[], &[guard(&[("C", true)])]).as_deref(),
            Some("If(C - x)")
        );
        assert_eq!(
            written(&[], &[guard(&[("C", false)])]).as_deref(),
            Some("If(C x -)")
        );
        assert_eq!(
            written(&[], &[guard(&[("C", true)]), guard(&[("C", false)])]),
            None
        );
        assert_eq!(written(&[("C", true)], &[guard(&[("C", true)])]), None);
        assert_eq!(
            written(&[("C", false)], &[guard(&[("C", true)])]).as_deref(),
            Some("x")
        );
        assert_eq!(
            written(&[], &[guard(&[("C", true), ("D", false)])]).as_deref(),
            Some("If(C If(D x -) x)")
        );
        let both = [guard(&[("C", true)]), guard(&[("D", true)])];
        assert_eq!(written(&[], &both).as_deref(), Some("If(C - If(D - x))"));
    }
}
