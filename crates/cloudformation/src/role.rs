//! Roles of a template, and the properties that name one.
//!
//! A task definition names its role by a reference, by an ARN, or by a name; policies name their
//! roles in the same ways. A text that is the `RoleName` of a role in the template means that role,
//! provided that its ARN is one of the account.
//!
//! Source: CloudFormation template reference, "`AWS::IAM::Role`", return values: `Ref` is the name,
//! `Arn` the ARN.

use byref_template::NodeRef;

use crate::declarations::Declarations;
use crate::evaluation::Evaluation;
use crate::node::literal;
use crate::sub::{last_name, sub_text};

/// A role that the template holds.
#[derive(Clone)]
pub struct Role<'t> {
    /// Its logical id.
    pub id: String,
    /// The resource, a mapping with `Type` and `Properties`.
    pub resource: NodeRef<'t>,
}

/// The answer to which role a property means.
pub enum FoundRole<'t> {
    /// A role of the template.
    InTemplate(Role<'t>),
    /// A role defined outside the template: the reason to think so, for messages, and its ARN or
    /// name if that is known.
    Elsewhere(String, Option<String>),
}

/// Finds the role that a property means: by `!GetAtt R.Arn`, `!Ref R` or `!Sub ${R.Arn}`, by an ARN
/// that ends in `:role/${R}`, and by a text that is the name of a role.
///
/// The text is evaluated with the names of open parameters in it, so that a role and its reader
/// find each other whatever is passed for those.
pub fn find_role<'t>(
    declarations: &Declarations<'t>,
    evaluation: &Evaluation<'_>,
    node: NodeRef<'_>,
) -> FoundRole<'t> {
    let role = |id: &str| {
        let resource = declarations
            .resources
            .get(id)
            .copied()
            .filter(|resource| is_of(*resource, "AWS::IAM::Role"));
        resource.map(|resource| Role {
            id: id.to_owned(),
            resource,
        })
    };
    if let Some(found) = target(node).and_then(|id| role(&id)) {
        return FoundRole::InTemplate(found);
    }
    let by_text = |text: &str| {
        let name = text.rsplit('/').next().unwrap_or(text);
        let is_here = is_of_account(text, evaluation);
        declarations
            .policies
            .role_named(evaluation, name)
            .filter(|_| is_here)
            .and_then(role)
    };
    if let Some(found) = evaluation.symbolic(node).and_then(|text| by_text(&text)) {
        return FoundRole::InTemplate(found);
    }
    match evaluation.text_of(node) {
        Ok(text) => FoundRole::Elsewhere("the role is not in the template".to_owned(), Some(text)),
        Err(why) => FoundRole::Elsewhere(format!("the role is {why}"), None),
    }
}

/// Returns whether a role is one of the stack's account, by its ARN. A name without an ARN is one
/// of every account.
pub fn is_of_account(text: &str, evaluation: &Evaluation<'_>) -> bool {
    let account = text
        .strip_prefix("arn:")
        .and_then(|rest| rest.split(':').nth(3));
    account.is_none_or(|account| account == evaluation.stack.account.to_string())
}

/// Returns the logical id that a value refers to for a role's name or ARN. The id is not looked up:
/// it may be that of a parameter.
///
/// Of a text it is the last name that counts, and only as a whole or behind `:role/`: in
/// `arn:…:role/x-${R}` the name is another one.
///
/// | value | logical id |
/// | --- | --- |
/// | `!Ref R`, `!GetAtt R.Arn`, `!Sub '${R.Arn}'` | `R` |
/// | `!Sub 'arn:aws:iam::1:role/${R}'` | `R` |
/// | `!Join ['/', [x, !Ref R]]` | `R` |
/// | `!Sub 'arn:aws:iam::1:role/x-${R}'`, `!GetAtt R.RoleId` | none |
pub fn target(node: NodeRef<'_>) -> Option<String> {
    let call = node.intrinsic()?;
    match call.name {
        "Ref" => call.target().map(|(id, _)| id),
        "GetAtt" => call
            .target()
            .filter(|(_, attribute)| attribute.as_deref() == Some("Arn"))
            .map(|(id, _)| id),
        "Sub" => {
            let text = sub_text(call.argument)?;
            let (before, name) = last_name(&text)?;
            let is_whole = before.is_empty();
            let is_name = before.contains(":role/") && before.ends_with('/');
            let own = call.argument.items().nth(1).and_then(|map| map.get(name));
            match (own, name.strip_suffix(".Arn")) {
                (Some(value), _) if is_whole || is_name => value
                    .intrinsic()
                    .filter(|call| matches!(call.name, "Ref" | "GetAtt"))?
                    .target()
                    .map(|(id, _)| id),
                (None, Some(id)) if is_whole => Some(id.to_owned()),
                (None, None) if is_whole || is_name => Some(name.to_owned()),
                _ => None,
            }
        }
        "Join" => {
            let mut parts = call.argument.items();
            let is_plain = parts
                .next()
                .and_then(literal)
                .is_some_and(|delimiter| delimiter.is_empty() || delimiter == "/");
            let last = parts.next().filter(|_| is_plain)?.items().last()?;
            last.intrinsic()
                .filter(|call| call.name == "Ref")?
                .target()
                .map(|(id, _)| id)
        }
        _ => None,
    }
}

/// Returns whether a resource has a type.
pub fn is_of(resource: NodeRef<'_>, kind: &str) -> bool {
    resource
        .get("Type")
        .and_then(literal)
        .is_some_and(|found| found == kind)
}
