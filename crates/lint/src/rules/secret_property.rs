//! A plaintext value in a property that takes a secret.
//!
//! The table of these properties comes from CloudFormation's resource schemas. Words and common
//! values are secrets here, since nothing else can be in the property; only references and empty
//! values are not.

use byref_judge::Verdict;

use super::{Check, Finds, Found, Judged, Rule};
use crate::finding::Level;
use crate::place::Place;

/// The rule `secret-property`.
pub(crate) static RULE: Rule = Rule {
    id: "secret-property",
    level: Level::Error,
    finds: Finds::Secret,
    is_movable: false,
    summary: "a plaintext value in a property that takes a secret, by CloudFormation's schemas",
    page: include_str!("../../rules/secret-property.md"),
    check: &SecretProperty,
};

struct SecretProperty;

impl Check for SecretProperty {
    /// Finds literals in the properties that take a secret by CloudFormation's resource schemas,
    /// and in the defaults and mappings that go there.
    fn value(&self, value: &Judged<'_, '_, '_>, found: &mut Vec<Found>) {
        let subject = value.subject;
        let is_secret = matches!(
            value.judgement.by_name,
            Some(Verdict::Secret | Verdict::Unsure)
        );
        if subject.place != Place::SecretProperty || !is_secret {
            return;
        }
        let message = match subject.resource {
            Some(resource) => {
                format!(
                    "`{}` of `{}` takes a secret, but its value is in plaintext",
                    subject.name, resource.kind
                )
            }
            None => format!(
                "this plaintext value is passed to `{}`, which takes a secret",
                subject.name
            ),
        };
        found.push(Found {
            range: subject.trimmed(),
            level: Level::Error,
            name: None,
            message,
            help: "use a dynamic reference such as `{{resolve:secretsmanager:…}}`",
        });
    }
}
