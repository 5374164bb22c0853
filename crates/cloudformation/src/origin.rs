//! How the value of a variable comes about: by the template, by the deployment, or from a store.
//!
//! | value | origin |
//! | --- | --- |
//! | `!If [C, x, !Ref AWS::NoValue]` | conditional |
//! | `!GetAtt Db.Endpoint`, `!Ref Topic` for a resource | computed |
//! | `{{resolve:ssm:/a/b}}` | stored |
//! | `debug`, `!Ref Stage` for a parameter | given |
//!
//! The first row that applies counts: a value that is partly computed and partly stored is computed.

use byref_template::NodeRef;

use crate::declarations::Declarations;
use crate::evaluator::evaluate;
use crate::facts::Facts;
use crate::guard::alternatives;
use crate::intrinsics::is_of_stack;
use crate::names::names_used;
use crate::node::reads_parameter_store;
use crate::sub::{sub_names, sub_text};
use crate::value::Written;

/// The origin of a variable's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Written in the template, or given to it as a parameter.
    Given,
    /// Computed from resources or by the deploy: the store's value would silently replace it.
    Computed,
    /// It comes from a store already, by a dynamic reference or a parameter of a type that reads
    /// one.
    Stored,
    /// One branch of an `Fn::If` is `AWS::NoValue`: with the value, the condition would vanish.
    Conditional,
}

/// Returns the origin of a value. Computed are `Fn::GetAtt`, `Fn::ImportValue`, a `Ref` to a
/// resource, and everything that is made of them; `Fn::Transform`, whose result no template shows,
/// counts as computed too.
pub fn origin(value: NodeRef<'_>, declarations: &Declarations<'_>) -> Origin {
    let is_no_value = |node: NodeRef<'_>| {
        node.intrinsic()
            .is_some_and(byref_template::Intrinsic::is_no_value)
    };
    if alternatives(value).into_iter().any(is_no_value) {
        return Origin::Conditional;
    }
    for node in value.subtree() {
        let Some(call) = node.intrinsic() else {
            continue;
        };
        let computed = match call.name {
            "GetAtt" | "ImportValue" | "GetStackOutput" | "Transform" => true,
            "Ref" => call
                .target()
                .is_none_or(|(id, _)| is_of_stack(&id) || declarations.resources.contains_key(&id)),
            "Sub" => sub_text(call.argument).is_some_and(|text| {
                sub_names(&text).any(|name| {
                    name.contains('.')
                        || is_of_stack(name)
                        || declarations.resources.contains_key(name)
                })
            }),
            _ => false,
        };
        if computed {
            return Origin::Computed;
        }
    }
    if is_stored(value, declarations) {
        Origin::Stored
    } else {
        Origin::Given
    }
}

/// The first characters of a dynamic reference, which CloudFormation replaces when it creates or
/// updates a resource.
///
/// Source: CloudFormation user guide, "Get values stored in other services using dynamic
/// references".
pub const DYNAMIC_REFERENCE: &str = "{{resolve:";

/// Returns whether a part of a value is a dynamic reference, or a parameter that CloudFormation
/// reads from Parameter Store; also by the default of a parameter, by a mapping, and where
/// functions put the reference together.
fn is_stored(value: NodeRef<'_>, declarations: &Declarations<'_>) -> bool {
    let facts = Facts::of(value.template());
    let is_reference = |text: &str| text.contains(DYNAMIC_REFERENCE);
    let says = |node: NodeRef<'_>| node.text().is_some_and(|text| is_reference(&text));
    value.subtree().any(|node| {
        let by_parameter = names_used(node)
            .iter()
            .filter_map(|name| declarations.parameters.get(name))
            .any(|parameter| {
                reads_parameter_store(*parameter) || parameter.get("Default").is_some_and(says)
            });
        let call = node.intrinsic();
        let by_mapping = || {
            let leaves = call
                .filter(|call| call.name == "FindInMap")
                .and_then(|call| facts.leaves(call));
            leaves.is_some_and(|leaves| leaves.into_iter().any(says))
        };
        let joined =
            || call.is_some_and(|call| call.name == "Join") && is_reference(&written(node));
        says(node) || by_parameter || by_mapping() || joined()
    })
}

/// Returns the literal parts of a call, with a space for each other part.
fn written(node: NodeRef<'_>) -> String {
    let value = evaluate(&Written, node);
    value
        .only()
        .map(|text| text.with(|_| " ".to_owned()))
        .unwrap_or_default()
}
