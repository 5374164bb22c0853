//! What a plan does, in words and numbers.

use std::collections::{BTreeMap, BTreeSet};

use byref_rewrite::{Access, Binding, Content, Outcome, Plan, RoleReference, Verdict};
use serde::Serialize;

/// How many bindings have which outcome: `3 moved, 1 added, 1 already by reference`.
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
    let count = |word: &str| plan.bindings.iter().filter(|binding| binding.outcome.as_str() == word).count();
    let counted = words.iter().map(|(word, shown)| (count(word), shown)).filter(|(count, _)| *count > 0);
    let parts: Vec<String> = counted.map(|(count, shown)| format!("{count} {shown}")).collect();
    if parts.is_empty() { "no secrets".to_owned() } else { parts.join(", ") }
}

/// What a plan writes in all: as [`counts`], or of what roles get alone.
pub(crate) fn written(plan: &Plan, content: Content) -> String {
    let granted = plan.access.iter().filter(|access| access.is_granted).count();
    match (content, granted) {
        (Content::Whole, _) => counts(plan),
        (Content::Grants, 0) => "only grants, and none is needed".to_owned(),
        (Content::Grants, 1) => "only grants: 1 right".to_owned(),
        (Content::Grants, granted) => format!("only grants: {granted} rights"),
    }
}

/// The outcome of one binding in words, with the reason where there is one.
pub(crate) fn outcome(binding: &Binding) -> String {
    match &binding.outcome {
        Outcome::Skipped { reason } => format!("skipped: {reason}"),
        Outcome::Resolved => "back to a value".to_owned(),
        other => other.as_str().replace('-', " "),
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

/// What is known of a role's right, and whether it is new.
pub(crate) fn verdict(access: &Access) -> String {
    let text = match (&access.verdict, access.is_granted) {
        (Verdict::Allowed, false) => "already allowed".to_owned(),
        (Verdict::Allowed, true) => "will be granted by this rewrite".to_owned(),
        (Verdict::Unknown(why), true) => {
            format!("will be granted by this rewrite; whether that is enough is unknown: {why}")
        }
        (verdict, _) => verdict.to_string(),
    };
    let defaults: Vec<String> = access.by_default.iter().map(|name| format!("`{name}`")).collect();
    match defaults.as_slice() {
        [] => text,
        defaults => format!("{text}, only with the default of {}", defaults.join(", ")),
    }
}

/// What roles may do, each with the secrets that it is about: `ExecutionRole: ssm:GetParameters allowed for A, B`.
pub(crate) fn access(plan: &Plan) -> Vec<String> {
    let mut groups: Vec<(&Access, Vec<&str>)> = Vec::new();
    let mut known = BTreeMap::new();
    let mut named = BTreeSet::new();
    for access in &plan.access {
        let secret = plan.bindings[access.binding].secret.as_str();
        let key = (&access.role, access.action, &access.verdict, access.is_granted, &access.by_default);
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

/// What is known of a role's right, as JSON. Keys are only ever added.
#[derive(Serialize)]
pub(crate) struct AccessReport<'r> {
    name: &'r str,
    task_definition: &'r str,
    container: &'r str,
    action: &'static str,
    resources: &'r [String],
    role: &'r str,
    verdict: &'static str,
    granted: bool,
    /// Whether a statement or a permissions boundary takes it away for certain, whatever else allows it.
    denied: bool,
    why: Option<&'r str>,
    /// The parameters whose defaults the verdict takes.
    by_default: &'r [String],
}

impl<'r> AccessReport<'r> {
    pub(crate) fn new(plan: &'r Plan, access: &'r Access) -> Self {
        let binding = &plan.bindings[access.binding];
        Self {
            name: &binding.secret,
            task_definition: plan.known.shown(&binding.task_definition),
            container: plan.known.shown(&binding.container),
            action: access.action,
            resources: &access.resources,
            role: plan.known.shown(role(&access.role)),
            verdict: access.verdict.as_str(),
            granted: access.is_granted,
            denied: access.is_denied_for_certain(),
            by_default: &access.by_default,
            why: match &access.verdict {
                Verdict::Allowed => None,
                Verdict::NotAllowed(why) | Verdict::Unknown(why) => Some(why),
            },
        }
    }
}
