//! Grants as they are written: one statement for each action, with exactly what is needed.

use std::collections::{BTreeMap, BTreeSet};

use byref_template::Build;

use crate::build::{document, literal, mapping, text};
use crate::read::{Action, Right};

/// The name of the policy that holds byref's grants. byref changes no policy of another name.
pub const POLICY_NAME: &str = "byref-secrets";

/// A statement that allows one action on several resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The action.
    pub action: Action,
    /// The alias of the keys that it holds for; none for other actions, and for keys by their ids.
    pub alias: Option<String>,
    /// Patterns of ARNs, as [`Right::resource`] has them.
    pub resources: Vec<String>,
}

/// Returns the statements of rights: those on parameters, on secrets, then on keys, with one
/// statement for each alias. The resources of a statement are in the order of the rights, each
/// once.
pub fn statements(rights: &[Right]) -> Vec<Statement> {
    let mut found: Vec<Statement> = Vec::new();
    let mut places: BTreeMap<(Action, &Option<String>), usize> = BTreeMap::new();
    let mut written = BTreeSet::new();
    for right in rights {
        if !written.insert((right.action, &right.alias, &right.resource)) {
            continue;
        }
        let place = *places
            .entry((right.action, &right.alias))
            .or_insert_with(|| {
                found.push(Statement {
                    action: right.action,
                    alias: right.alias.clone(),
                    resources: Vec::new(),
                });
                found.len() - 1
            });
        found[place].resources.push(right.resource.clone());
    }
    found.sort_by_key(|statement| statement.action);
    found
}

impl Statement {
    /// Returns the statement for a template.
    ///
    /// A condition on an alias needs a set operator, for a key may have several.
    ///
    /// Source: AWS KMS developer guide, "AWS KMS condition keys": `kms:ResourceAliases`.
    pub fn build(&self) -> Build {
        let mut entries = vec![
            ("Effect", literal("Allow")),
            ("Action", literal(self.action.name())),
            (
                "Resource",
                Build::Sequence(
                    self.resources
                        .iter()
                        .map(|resource| text(resource))
                        .collect(),
                ),
            ),
        ];
        if let Some(alias) = &self.alias {
            let alias = mapping(vec![("kms:ResourceAliases", literal(alias))]);
            entries.push((
                "Condition",
                mapping(vec![("ForAnyValue:StringEquals", alias)]),
            ));
        }
        mapping(entries)
    }
}

/// Returns the inline policy [`POLICY_NAME`] of a role, an item of its `Policies`.
pub fn inline_policy(rights: &[Right]) -> Build {
    let statements = statements(rights).iter().map(Statement::build).collect();
    mapping(vec![
        ("PolicyName", literal(POLICY_NAME)),
        ("PolicyDocument", document(statements)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_sorted_by_action_and_hold_each_resource_once() {
        let right = |action, resource: &str, alias: Option<&str>| Right {
            action,
            resource: resource.to_owned(),
            alias: alias.map(str::to_owned),
        };
        let rights = [
            right(Action::Decrypt, "key/*", Some("alias/a")),
            right(Action::GetParameters, "b", None),
            right(Action::GetParameters, "a", None),
            right(Action::GetParameters, "b", None),
            right(Action::Decrypt, "key/*", Some("alias/b")),
            right(Action::GetSecretValue, "s", None),
        ];
        let found: Vec<(&str, Option<String>, Vec<String>)> = statements(&rights)
            .into_iter()
            .map(|statement| {
                (
                    statement.action.name(),
                    statement.alias,
                    statement.resources,
                )
            })
            .collect();
        let owned = |texts: &[&str]| {
            texts
                .iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            found,
            [
                ("ssm:GetParameters", None, owned(&["b", "a"])),
                ("secretsmanager:GetSecretValue", None, owned(&["s"])),
                ("kms:Decrypt", Some("alias/a".to_owned()), owned(&["key/*"])),
                ("kms:Decrypt", Some("alias/b".to_owned()), owned(&["key/*"])),
            ]
        );
    }
}
