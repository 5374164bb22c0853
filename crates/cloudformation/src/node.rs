//! Readings of single nodes: literal texts, missing values, and what a function hides.
//!
//! | node | literal | nothing |
//! | --- | --- | --- |
//! | `x`, `'x'`, `!!str x` | `x` | no |
//! | `''` | empty | no |
//! | `~`, `null`, or no value | as written | yes |
//! | `!Ref X`, `[x]` | none | no |

use byref_template::{Kind, NodeRef};

/// Returns the text of a scalar without a tag of CloudFormation; none for a call, a list or a
/// mapping.
pub fn literal(node: NodeRef<'_>) -> Option<String> {
    is_untagged(node)
        .then(|| node.text())
        .flatten()
        .map(std::borrow::Cow::into_owned)
}

/// Returns whether a node has no tag, or one that YAML itself gives to texts.
pub(crate) fn is_untagged(node: NodeRef<'_>) -> bool {
    node.tag().is_none_or(|tag| tag == "!" || tag == "!!str")
}

/// Returns whether a value is YAML's null: nothing, `~` or `null`. CloudFormation takes it for a
/// missing value.
pub fn is_nothing(node: NodeRef<'_>) -> bool {
    node.tag().is_none()
        && match node.kind() {
            Kind::Empty => true,
            Kind::Plain => matches!(node.raw(), "~" | "null" | "Null" | "NULL"),
            _ => false,
        }
}

/// Returns whether a key brings entries that the template does not show: `Fn::Transform`, or a loop
/// of `Fn::ForEach`.
///
/// Source: CloudFormation template reference, "`Fn::Transform`" and "`Fn::ForEach`".
pub fn opaque_key(key: NodeRef<'_>) -> bool {
    key.text()
        .is_some_and(|text| text == "Fn::Transform" || text.starts_with("Fn::ForEach"))
}

/// Returns a mapping whose entries are all there is; otherwise adds the node to `opaque`.
pub fn mapping<'t>(node: NodeRef<'t>, opaque: &mut Vec<NodeRef<'t>>) -> Option<NodeRef<'t>> {
    let is_call = node.intrinsic().is_some() || node.tag().is_some();
    if is_call || !node.kind().is_mapping() || node.entries().any(|entry| opaque_key(entry.key)) {
        opaque.push(node);
        return None;
    }
    Some(node)
}

/// Returns whether a template parameter is declared with `NoEcho`. CloudFormation reads its
/// booleans in any case (`true`, `True`, `"TRUE"`).
///
/// Source: CloudFormation template reference, "Parameters section": `NoEcho`.
pub fn has_no_echo(parameter: NodeRef<'_>) -> bool {
    parameter
        .get("NoEcho")
        .and_then(literal)
        .is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// Returns whether CloudFormation reads a template parameter's value from Parameter Store: its type
/// is one of `AWS::SSM::Parameter::Value<…>`, and its `Default` is then a name.
///
/// Source: CloudFormation template reference, "CloudFormation-supplied parameter types".
pub fn reads_parameter_store(parameter: NodeRef<'_>) -> bool {
    parameter
        .get("Type")
        .and_then(literal)
        .is_some_and(|kind| kind.starts_with("AWS::SSM::Parameter::Value"))
}

#[cfg(test)]
mod tests {
    use byref_template::Template;

    use super::*;

    #[test]
    fn no_echo_is_read_in_any_case() {
        for (text, is_secret) in [
            ("true", true),
            ("True", true),
            ("'TRUE'", true),
            ("false", false),
            ("yes", false),
        ] {
            let template = Template::parse(format!("NoEcho: {text}\n")).unwrap();
            assert_eq!(has_no_echo(template.root().unwrap()), is_secret, "{text}");
        }
        let template = Template::parse("Type: String\n").unwrap();
        assert!(!has_no_echo(template.root().unwrap()));
    }

    #[test]
    fn only_plain_nulls_are_missing_values() {
        for (text, is_missing) in [
            ("", true),
            ("~", true),
            ("null", true),
            ("'null'", false),
            ("!Ref X", false),
        ] {
            let template = Template::parse(format!("Value: {text}\n")).unwrap();
            assert_eq!(
                is_nothing(template.root().unwrap().get("Value").unwrap()),
                is_missing,
                "{text}"
            );
        }
    }
}
