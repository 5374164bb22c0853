//! A plan in words and numbers.
//!
//! Two parts, each a few lines: the outcomes of the bindings, and the rights of roles. Neither
//! contains a value; names of roles that equal a known value are masked.
//!
//! ```text
//! 3 moved, 1 already by reference
//! role ExecutionRole: ssm:GetParameters for DB_PASSWORD, API_KEY: will be granted by this rewrite
//! ```

use std::collections::{BTreeMap, BTreeSet};

use byref_rewrite::{Access, Content, Plan, RoleReference, Verdict};

/// Returns the number of bindings by outcome: `3 moved, 1 added, 1 already by reference`.
///
/// Outcomes that don't occur are left out; the order of the others is fixed.
fn counts(plan: &Plan) -> String {
    let words = [
        ("moved", "moved"),
        ("added", "added"),
        ("replaced", "replaced"),
        ("deduplicated", "deduplicated"),
        ("already-by-reference", "already by reference"),
        ("embedded", "embedded"),
        ("resolved", "back to values"),
        ("by-value", "by value"),
        ("skipped", "skipped"),
    ];
    let count = |word: &str| {
        plan.bindings
            .iter()
            .filter(|binding| binding.outcome.as_str() == word)
            .count()
    };
    let counted = words
        .iter()
        .map(|(word, shown)| (count(word), shown))
        .filter(|(count, _)| *count > 0);
    let parts: Vec<String> = counted
        .map(|(count, shown)| format!("{count} {shown}"))
        .collect();
    if parts.is_empty() {
        "no secrets".to_owned()
    } else {
        parts.join(", ")
    }
}

/// Returns the number of bindings by outcome, or of the rights that roles get where only grants are
/// written.
///
/// | content | granted rights | text |
/// | --- | --- | --- |
/// | all | any | `3 moved, 1 added` |
/// | grants | 0 | `only grants, and none is needed` |
/// | grants | 1 | `only grants: 1 right` |
/// | grants | 2 | `only grants: 2 rights` |
pub fn written(plan: &Plan, content: Content) -> String {
    let granted = plan
        .access
        .iter()
        .filter(|access| access.is_granted)
        .count();
    match (content, granted) {
        (Content::Whole, _) => counts(plan),
        (Content::Grants, 0) => "only grants, and none is needed".to_owned(),
        (Content::Grants, 1) => "only grants: 1 right".to_owned(),
        (Content::Grants, granted) => format!("only grants: {granted} rights"),
    }
}

/// A role as it is shown: its logical id, or its ARN, or that it is elsewhere.
pub(crate) fn role(reference: &RoleReference) -> &str {
    match reference {
        RoleReference::InTemplate(id) => id,
        RoleReference::Elsewhere(Some(arn)) => arn,
        RoleReference::Elsewhere(None) => "outside the template",
    }
}

/// Returns the verdict on a role's right, with a word about its grant.
///
/// A right that holds only with the default of a parameter names the parameter: a stack that sets
/// it may not have the right.
pub fn verdict(access: &Access) -> String {
    let text = match (&access.verdict, access.is_granted) {
        (Verdict::Allowed, false) => "already allowed".to_owned(),
        (Verdict::Allowed, true) => "will be granted by this rewrite".to_owned(),
        (Verdict::Unknown(why), true) => {
            format!("will be granted by this rewrite; whether that is enough is unknown: {why}")
        }
        (verdict, _) => verdict.to_string(),
    };
    let defaults: Vec<String> = access
        .by_default
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    match defaults.as_slice() {
        [] => text,
        defaults => format!("{text}, only with the default of {}", defaults.join(", ")),
    }
}

/// Returns the rights of roles, grouped with the secrets that they are about:
/// `ExecutionRole: ssm:GetParameters allowed for A, B`.
///
/// Rights with the same role, action and verdict share a line, in the order of the first of them. A
/// secret that several containers read appears once in a line.
pub fn access(plan: &Plan) -> Vec<String> {
    let mut groups: Vec<(&Access, Vec<&str>)> = Vec::new();
    let mut known = BTreeMap::new();
    let mut named = BTreeSet::new();
    for access in &plan.access {
        let secret = plan.bindings[access.binding].secret.as_str();
        let key = (
            &access.role,
            access.action,
            &access.verdict,
            access.is_granted,
            &access.by_default,
        );
        let group = *known.entry(key).or_insert_with(|| {
            groups.push((access, Vec::new()));
            groups.len() - 1
        });
        if named.insert((group, secret)) {
            groups[group].1.push(secret);
        }
    }
    let line = |(access, secrets): &(&Access, Vec<&str>)| {
        let verdict = verdict(access);
        format!(
            "role {}: {} for {}: {verdict}",
            plan.known.shown(role(&access.role)),
            access.action,
            secrets.join(", ")
        )
    };
    groups.iter().map(line).collect()
}
