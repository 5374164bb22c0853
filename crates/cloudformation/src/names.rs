//! The names that a value refers to, and a text that is the same for equal values.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use byref_template::NodeRef;

use crate::declarations::Declarations;
use crate::node::literal;
use crate::sub::{sub_names, sub_text};

/// Returns the names that a node itself refers to, by `Ref`, `Fn::Sub` or the functions of rules
/// (`Fn::RefAll`, `Fn::ValueOf`), in order. Of `${Resource.Attribute}` only the resource counts.
///
/// Nodes inside its arguments are not looked at: callers go over a whole subtree.
///
/// `!Ref Db` → `Db`; `!Sub '${Db.Arn}-${Stage}'` → `Db`, `Stage`; `!GetAtt Db.Arn` → none, since it
/// names an attribute.
pub fn names_used(node: NodeRef<'_>) -> Vec<String> {
    let Some(call) = node.intrinsic() else {
        return Vec::new();
    };
    match call.name {
        "Ref" => call.target().map(|(name, _)| name).into_iter().collect(),
        "Sub" => {
            let Some(text) = sub_text(call.argument) else {
                return Vec::new();
            };
            sub_names(&text)
                .map(|name| name.split('.').next().unwrap_or(name).to_owned())
                .collect()
        }
        "RefAll" | "ValueOf" | "ValueOfAll" => {
            let is_list = call.argument.kind().is_sequence();
            let first = if is_list {
                call.argument.items().next()
            } else {
                Some(call.argument)
            };
            first.and_then(literal).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the template parameters that a value is made of, each once, in the order of the text.
pub fn parameters_in(value: NodeRef<'_>, declarations: &Declarations<'_>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut is_new =
        |name: &String| declarations.parameters.contains_key(name) && seen.insert(name.clone());
    value
        .subtree()
        .flat_map(names_used)
        .filter(|name| is_new(name))
        .collect()
}

/// Returns a text that is the same for values that are the same, whatever their quotes, forms and
/// styles.
///
/// It is a key for comparisons, and may hold a secret: no message repeats it.
///
/// ```
/// use byref_cloudformation::canonical;
/// use byref_template::Template;
///
/// let template = Template::parse("A: !Ref Stage\nB: {Ref: \"Stage\"}\nC: Stage\n").unwrap();
/// let text = |key| canonical(template.root().unwrap().get(key).unwrap());
/// assert_eq!(text("A"), text("B"));
/// assert_ne!(text("A"), text("C"));
/// ```
pub fn canonical(value: NodeRef<'_>) -> String {
    enum Step<'t> {
        Node(NodeRef<'t>),
        Text(&'static str),
    }
    let mut text = String::new();
    let mut steps = vec![Step::Node(value)];
    while let Some(step) = steps.pop() {
        let node = match step {
            Step::Text(part) => {
                text.push_str(part);
                continue;
            }
            Step::Node(node) => node,
        };
        if let Some(call) = node.intrinsic() {
            let _ = write!(text, "!{}(", call.name);
            steps.push(Step::Text(")"));
            match call.target().filter(|_| call.name == "GetAtt") {
                Some((id, attribute)) => {
                    let _ = write!(text, "{id}.{}", attribute.unwrap_or_default());
                }
                None => steps.push(Step::Node(call.argument)),
            }
        } else if let Some(scalar) = node.text() {
            let _ = write!(text, "{scalar:?}");
        } else {
            text.push('[');
            steps.push(Step::Text("]"));
            let children: Vec<_> = node.children().collect();
            for child in children.into_iter().rev() {
                steps.push(Step::Text(","));
                steps.push(Step::Node(child));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use byref_template::Template;

    use super::*;

    #[test]
    fn equal_values_have_one_canonical_text() {
        let same = [
            "!GetAtt A.Arn",
            "{'Fn::GetAtt': [A, Arn]}",
            "\"Fn::GetAtt\": [\"A\", \"Arn\"]",
        ];
        let text = |value: &str| {
            let template = Template::parse(value).unwrap();
            canonical(template.root().unwrap())
        };
        assert!(same.iter().all(|value| text(value) == text(same[0])));
        assert_eq!(text("{A: [1, 'x']}"), text("A:\n  - \"1\"\n  - x\n"));
        assert_ne!(text("!Ref A"), text("!Sub A"));
    }

    #[test]
    fn names_are_those_of_the_node_itself() {
        let template = Template::parse("!Sub ['${A.Arn}-${B}-${!C}', {B: !Ref D}]").unwrap();
        let root = template.root().unwrap();
        assert_eq!(names_used(root), ["A", "B"]);
        assert_eq!(
            root.subtree().flat_map(names_used).collect::<Vec<_>>(),
            ["A", "B", "D"]
        );
    }
}
