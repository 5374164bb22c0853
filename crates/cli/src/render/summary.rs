//! What a plan does, in words and numbers.

use byref_rewrite::{Access, Binding, Outcome, Plan, RoleReference};

/// How many bindings have which outcome: `3 moved, 1 added, 1 already by reference`.
pub(crate) fn counts(plan: &Plan) -> String {
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
    let count = |word: &str| plan.bindings.iter().filter(|binding| binding.outcome.word() == word).count();
    let counted = words.iter().map(|(word, shown)| (count(word), shown)).filter(|(count, _)| *count > 0);
    let parts: Vec<String> = counted.map(|(count, shown)| format!("{count} {shown}")).collect();
    if parts.is_empty() { "no secrets".to_owned() } else { parts.join(", ") }
}

/// The outcome of one binding in words, with the reason where there is one.
pub(crate) fn outcome(binding: &Binding) -> String {
    match &binding.outcome {
        Outcome::Skipped { reason } => format!("skipped: {reason}"),
        Outcome::Resolved => "back to a value".to_owned(),
        other => other.word().replace('-', " "),
    }
}

/// A role as it is shown: its logical id, or its ARN, or that it is elsewhere.
pub(crate) fn role(reference: &RoleReference) -> &str {
    match reference {
        RoleReference::InTemplate(id) => id,
        RoleReference::Elsewhere(Some(arn)) => arn,
        RoleReference::Elsewhere(None) => "of elsewhere",
    }
}

/// What is known of a role's right, and whether it is new.
pub(crate) fn verdict(access: &Access) -> String {
    let granted = if access.is_granted { " (granted)" } else { "" };
    format!("{}{granted}", access.verdict)
}

/// What roles may do, each with the secrets that it is about: `ExecutionRole: ssm:GetParameters allowed for A, B`.
pub(crate) fn access(plan: &Plan) -> Vec<String> {
    let mut groups: Vec<(&Access, Vec<&str>)> = Vec::new();
    for access in &plan.access {
        let secret = plan.bindings[access.binding].secret.as_str();
        let is_same = |(other, _): &&mut (&Access, Vec<&str>)| {
            let key = |access: &Access| (access.role.clone(), access.action, access.verdict.clone(), access.is_granted);
            key(other) == key(access)
        };
        match groups.iter_mut().find(is_same) {
            Some((_, secrets)) if secrets.contains(&secret) => {}
            Some((_, secrets)) => secrets.push(secret),
            None => groups.push((access, vec![secret])),
        }
    }
    let line = |(access, secrets): &(&Access, Vec<&str>)| {
        let verdict = verdict(access);
        format!("role {}: {} for {}: {verdict}", role(&access.role), access.action, secrets.join(", "))
    };
    groups.iter().map(line).collect()
}
