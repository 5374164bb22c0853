//! What a plan does, in words and numbers.

use byref_rewrite::{Binding, Outcome, Plan};

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
