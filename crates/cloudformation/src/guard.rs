//! Guards: the conditions on the way to a part of a template.
//!
//! The value at `!If [Live, !If [Large, a, b], c]` is `a` under `Live` and `Large`, `b` under
//! `Live` and not `Large`, and `c` under not `Live`. Guards compare names of conditions only.
//! [`Logic`](crate::Logic) knows what the conditions themselves say, and is asked where names do
//! not decide.

use std::borrow::Cow;

use byref_template::NodeRef;

/// The conditions under which a part of a template counts, outermost first: the name of each
/// condition, and whether it must hold. An empty guard always holds.
///
/// ```
/// use byref_cloudformation::Guard;
///
/// let live = Guard::default().and("Live", true);
/// let large = live.and("Large", true);
/// assert!(live.covers(&large) && !large.covers(&live));
/// assert!(live.excludes(&Guard::default().and("Live", false)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guard(pub Vec<(String, bool)>);

impl Guard {
    /// Returns the guard with one more condition.
    #[must_use]
    pub fn and(&self, condition: &str, side: bool) -> Self {
        let mut conditions = self.0.clone();
        conditions.push((condition.to_owned(), side));
        Self(conditions)
    }

    /// Returns whether two guards never hold at the same time because they take opposite sides of
    /// one condition.
    pub fn excludes(&self, other: &Guard) -> bool {
        self.0.iter().any(|(name, side)| {
            other
                .0
                .iter()
                .any(|(theirs, other_side)| name == theirs && side != other_side)
        })
    }

    /// Returns whether this guard holds whenever `other` does, because `other` names all of its
    /// conditions.
    pub fn covers(&self, other: &Guard) -> bool {
        self.0.iter().all(|condition| other.0.contains(condition))
    }

    /// Returns whether both guards decide one condition, to whichever side.
    pub fn meets(&self, other: &Guard) -> bool {
        self.0
            .iter()
            .any(|(name, _)| other.0.iter().any(|(theirs, _)| name == theirs))
    }

    /// Returns the conditions that `other` does not demand already.
    #[must_use]
    pub fn beyond(&self, other: &Guard) -> Guard {
        Guard(
            self.0
                .iter()
                .filter(|condition| !other.0.contains(condition))
                .cloned()
                .collect(),
        )
    }
}

/// Returns the values that a node may be, through any number of `Fn::If`s, in the order of the
/// text. Each comes with `guard` and the conditions that lead to it.
pub fn branches<'t>(node: NodeRef<'t>, guard: &Guard) -> Vec<(NodeRef<'t>, Guard)> {
    let mut found = Vec::new();
    let mut open = vec![(node, guard.clone())];
    while let Some((node, guard)) = open.pop() {
        match if_branches(node) {
            Some((condition, yes, no)) => {
                open.push((no, guard.and(&condition, false)));
                open.push((yes, guard.and(&condition, true)));
            }
            None => found.push((node, guard)),
        }
    }
    found
}

/// Returns the values of [`branches`] without their conditions.
pub fn alternatives(node: NodeRef<'_>) -> Vec<NodeRef<'_>> {
    let mut found = Vec::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match if_branches(node) {
            Some((_, yes, no)) => open.extend([no, yes]),
            None => found.push(node),
        }
    }
    found
}

/// Returns the condition and the two branches of an `Fn::If`.
///
/// Source: CloudFormation template reference, "Condition functions".
pub fn conditional(node: NodeRef<'_>) -> Option<(String, NodeRef<'_>, NodeRef<'_>)> {
    let (condition, yes, no) = if_branches(node)?;
    Some((condition.into_owned(), yes, no))
}

/// Returns the same with a condition that is borrowed from the template.
fn if_branches(node: NodeRef<'_>) -> Option<(Cow<'_, str>, NodeRef<'_>, NodeRef<'_>)> {
    let call = node.intrinsic().filter(|call| call.name == "If")?;
    let mut items = call.argument.items();
    let (condition, yes, no) = (items.next()?, items.next()?, items.next()?);
    if items.next().is_some() {
        return None;
    }
    Some((condition.text()?, yes, no))
}

#[cfg(test)]
mod tests {
    use byref_template::Template;

    use super::*;

    fn guard(conditions: &[(&str, bool)]) -> Guard {
        Guard(
            conditions
                .iter()
                .map(|(name, side)| ((*name).to_owned(), *side))
                .collect(),
        )
    }

    #[test]
    fn branches_come_in_the_order_of_the_text_with_their_conditions() {
        let template = Template::parse("Value: !If [A, !If [B, one, two], three]\n").unwrap();
        let value = template.root().unwrap().get("Value").unwrap();
        let found: Vec<(String, Guard)> = branches(value, &guard(&[("C", false)]))
            .into_iter()
            .map(|(node, guard)| (node.raw().to_owned(), guard))
            .collect();
        let expected = [
            ("one", guard(&[("C", false), ("A", true), ("B", true)])),
            ("two", guard(&[("C", false), ("A", true), ("B", false)])),
            ("three", guard(&[("C", false), ("A", false)])),
        ];
        let texts: Vec<&str> = alternatives(value).into_iter().map(NodeRef::raw).collect();
        assert_eq!(texts, expected.each_ref().map(|(text, _)| *text));
        assert_eq!(
            found,
            expected.map(|(text, guard)| (text.to_owned(), guard))
        );
    }

    #[test]
    fn guards_are_compared_by_their_conditions() {
        let (both, one, other) = (
            guard(&[("A", true), ("B", true)]),
            guard(&[("A", true)]),
            guard(&[("A", false)]),
        );
        assert!(one.covers(&both) && !both.covers(&one) && Guard::default().covers(&one));
        assert!(both.excludes(&other) && !both.excludes(&one));
        assert!(both.meets(&other) && !guard(&[("C", true)]).meets(&other));
        assert_eq!(both.beyond(&one), guard(&[("B", true)]));
    }
}
