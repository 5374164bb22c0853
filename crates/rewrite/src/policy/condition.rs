//! Conditions of statements, as far as what they ask for is known.
//!
//! Source: IAM user guide, "IAM JSON policy elements: Condition operators".

use byref_template::NodeRef;

use super::pattern::{matches_resource, matches_text};
use super::{Action, Truth, World, holed};

/// Whether a `Condition` block holds for an action: all operators, all keys, one of the values each.
pub(crate) fn holds<'t>(world: &World<'_, 't>, block: NodeRef<'t>, action: &Action) -> Truth {
    if block.intrinsic().is_some() || !block.kind().is_mapping() {
        return Truth::Maybe("a condition that can't be seen through".to_owned());
    }
    let mut result = Truth::Yes;
    for operator in block.entries() {
        let name = operator.key.text().unwrap_or_default().into_owned();
        let Some(keys) = world.resolve(operator.value) else { continue };
        if keys.intrinsic().is_some() || !keys.kind().is_mapping() {
            return Truth::Maybe(format!("the condition `{name}`"));
        }
        for entry in keys.entries() {
            let key = entry.key.text().unwrap_or_default().into_owned();
            let Some(values) = world.resolve(entry.value) else { continue };
            result = result.and(|| one(world, &name, &key, values, action));
        }
    }
    result
}

fn one<'t>(world: &World<'_, 't>, name: &str, key: &str, values: NodeRef<'t>, action: &Action) -> Truth {
    let unknown = || Truth::Maybe(format!("the condition on `{key}`"));
    let (set, operator) = match name.split_once(':') {
        Some((set @ ("ForAnyValue" | "ForAllValues"), operator)) => (Some(set), operator),
        Some(_) => return unknown(),
        None => (None, name),
    };
    let operator = operator.strip_suffix("IfExists").unwrap_or(operator);
    let context = action.context.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, values)| values);
    let (Some(context), Some((matches, is_negated))) = (context, operator_of(operator)) else { return unknown() };
    let patterns: Vec<(String, Option<String>)> =
        world.list(values).into_iter().map(|value| holed(world, value)).collect();
    let fits = |text: &String| {
        let any = patterns
            .iter()
            .fold(Truth::No, |truth, (pattern, why)| truth.or(|| matches(pattern, text, why.as_deref())));
        if is_negated { any.not() } else { any }
    };
    match set {
        Some("ForAnyValue") => context.iter().fold(Truth::No, |truth, text| truth.or(|| fits(text))),
        _ => context.iter().fold(Truth::Yes, |truth, text| truth.and(|| fits(text))),
    }
}

type Matches = fn(&str, &str, Option<&str>) -> Truth;

/// How an operator compares, and whether it asks for the opposite.
fn operator_of(name: &str) -> Option<(Matches, bool)> {
    let found: (Matches, bool) = match name {
        "StringEquals" => (equals, false),
        "StringNotEquals" => (equals, true),
        "StringEqualsIgnoreCase" => (equals_ignoring_case, false),
        "StringNotEqualsIgnoreCase" => (equals_ignoring_case, true),
        "StringLike" => (matches_text, false),
        "StringNotLike" => (matches_text, true),
        "ArnEquals" | "ArnLike" => (matches_resource, false),
        "ArnNotEquals" | "ArnNotLike" => (matches_resource, true),
        _ => return None,
    };
    Some(found)
}

/// Equality is likeness without wildcards.
fn equals(value: &str, text: &str, why: Option<&str>) -> Truth {
    matches_text(&value.replace('*', "${*}").replace('?', "${?}"), text, why)
}

fn equals_ignoring_case(value: &str, text: &str, why: Option<&str>) -> Truth {
    equals(&value.to_lowercase(), &text.to_lowercase(), why)
}
