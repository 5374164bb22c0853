//! The names of CloudFormation's own functions and pseudo parameters.
//!
//! A message may repeat them; any other name that a template uses without declaring it may be a
//! value in the wrong place.
//!
//! | name | function | pseudo parameter |
//! | --- | --- | --- |
//! | `Sub` | yes | no |
//! | `ForEach` | no | no |
//! | `AWS::Region` | no | yes |

/// Functions that return a value or a condition, without `Fn::`; `ForEach` is not among them, for
/// it is a part of a key.
///
/// Source: CloudFormation template reference, "Intrinsic function reference".
const FUNCTIONS: [&str; 23] = [
    "And",
    "Base64",
    "Cidr",
    "Condition",
    "Contains",
    "EachMemberEquals",
    "EachMemberIn",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "GetStackOutput",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
];

/// Source: CloudFormation template reference, "Pseudo parameters reference".
const PSEUDO_PARAMETERS: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// Returns whether CloudFormation has a function of this name (`Sub`, without `Fn::`).
pub fn is_function(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

/// Returns whether a name is one of the pseudo parameters, which `Ref` takes in every template.
pub fn is_pseudo_parameter(name: &str) -> bool {
    PSEUDO_PARAMETERS.contains(&name)
}

/// Returns whether a pseudo parameter gets its value from the stack itself, so that no template
/// knows it.
pub(crate) fn is_of_stack(name: &str) -> bool {
    matches!(
        name,
        "AWS::StackName" | "AWS::StackId" | "AWS::NotificationARNs"
    )
}
