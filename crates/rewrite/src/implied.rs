//! What conditions of a template say about each other, where they compare one parameter with texts.

use byref_template::{Intrinsic, NodeRef, Template};

use crate::container::{Guard, literal};

/// `!Equals [!Ref Parameter, text]`.
struct Comparison {
    condition: String,
    parameter: String,
    text: String,
    /// The values that the parameter may have, where the template says.
    allowed: Option<Vec<String>>,
}

/// A guard with all that follows from it: of two conditions that compare a parameter with different texts one holds at
/// most, and where no other value is allowed, one does.
pub(crate) fn implied(template: &Template, guard: &Guard) -> Guard {
    if guard.0.is_empty() {
        return guard.clone();
    }
    let comparisons = comparisons(template);
    let mut all = guard.clone();
    for own in &comparisons {
        let decides = |side: bool| {
            let of_parameter = comparisons.iter().filter(|other| other.parameter == own.parameter);
            let known = of_parameter.filter(move |other| guard.0.contains(&(other.condition.clone(), side)));
            known.map(|other| other.text.as_str()).collect::<Vec<_>>()
        };
        let (is, is_not) = (decides(true), decides(false));
        let remaining = own.allowed.as_ref().map(|allowed| {
            let possible =
                |value: &&String| !is_not.contains(&value.as_str()) && is.iter().all(|known| *known == value.as_str());
            allowed.iter().filter(possible).collect::<Vec<_>>()
        });
        let side = match (is.first(), &remaining) {
            (Some(known), _) => Some(*known == own.text),
            (None, _) if is_not.contains(&own.text.as_str()) => Some(false),
            (None, Some(remaining)) if !remaining.contains(&&own.text) => Some(false),
            (None, Some(remaining)) if remaining.len() == 1 => Some(true),
            (None, _) => None,
        };
        if let Some(side) = side.filter(|_| !guard.0.iter().any(|(condition, _)| *condition == own.condition)) {
            all = all.and(&own.condition, side);
        }
    }
    all
}

fn comparisons(template: &Template) -> Vec<Comparison> {
    let section = |name: &str| template.root().and_then(|root| root.get(name));
    let parameters = section("Parameters");
    let mut found = Vec::new();
    for entry in section("Conditions").into_iter().flat_map(NodeRef::entries) {
        let Some((call, condition)) = entry.value.intrinsic().zip(literal(entry.key)) else { continue };
        let Some((parameter, text)) = compared(call) else { continue };
        let Some(declared) = parameters.and_then(|section| section.get(&parameter)) else { continue };
        // Other types hold lists, numbers with several spellings, or the names of values.
        if declared.get("Type").and_then(literal).as_deref() != Some("String") {
            continue;
        }
        let allowed = declared.get("AllowedValues").filter(|node| node.kind().is_sequence() && node.tag().is_none());
        let allowed = allowed.and_then(|list| list.items().map(literal).collect());
        found.push(Comparison { condition, parameter, text, allowed });
    }
    found
}

/// The parameter and the text that `Fn::Equals` compares, in either order.
fn compared(call: Intrinsic<'_>) -> Option<(String, String)> {
    let sides: Vec<NodeRef<'_>> = call.argument.items().collect();
    let [left, right] = sides.as_slice() else { return None };
    let parameter = |node: &NodeRef<'_>| {
        node.intrinsic().filter(|call| call.name == "Ref").and_then(Intrinsic::target).map(|(name, _)| name)
    };
    let pair = parameter(left).zip(literal(*right)).or_else(|| parameter(right).zip(literal(*left)));
    pair.filter(|_| call.name == "Equals")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn implied_in(text: &str, guard: &[(&str, bool)]) -> Vec<(String, bool)> {
        let template = Template::parse(text).unwrap();
        let guard = Guard(guard.iter().map(|(name, side)| ((*name).to_owned(), *side)).collect());
        implied(&template, &guard).0[guard.0.len()..].to_vec()
    }

    const TWO: &str = "Parameters:\n  Mode: {Type: String, AllowedValues: [own, managed]}\nConditions:\n  Own: !Equals [!Ref Mode, own]\n  Managed: !Equals [managed, !Ref Mode]\n";

    #[test]
    fn one_value_excludes_the_other() {
        assert_eq!(implied_in(TWO, &[("Own", true)]), [("Managed".to_owned(), false)]);
    }

    #[test]
    fn the_last_allowed_value_is_the_value() {
        assert_eq!(implied_in(TWO, &[("Own", false)]), [("Managed".to_owned(), true)]);
        let open = TWO.replace(", AllowedValues: [own, managed]", "");
        assert_eq!(implied_in(&open, &[("Own", false)]), []);
        let three = TWO.replace("[own, managed]}", "[own, managed, none]}");
        assert_eq!(implied_in(&three, &[("Own", false)]), []);
    }

    #[test]
    fn nothing_follows_for_other_types_and_for_nothing() {
        assert_eq!(implied_in(&TWO.replace("Type: String", "Type: Number"), &[("Own", true)]), []);
        assert_eq!(implied_in(TWO, &[]), []);
        assert_eq!(implied_in(TWO, &[("Other", true)]), []);
    }
}
