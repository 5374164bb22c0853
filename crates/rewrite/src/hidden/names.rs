//! Names that may be shown: those that the template declares, and texts with the grammar of a name.
//!
//! A template is also printed when something is wrong with it, so a misplaced value is the case
//! that counts. `!Ref not-a-secret` is hidden, because no section declares that name, and
//! `!Ref Password` is shown if `Password` is a parameter.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::is_pseudo_parameter;
use byref_config::shown_name;
use byref_template::{NodeRef, Template};

/// The longest key that is taken for a name, in bytes.
const LONGEST_KEY: usize = 128;

/// The names that the sections of a template declare.
pub(super) struct Declared {
    parameters: BTreeSet<String>,
    resources: BTreeSet<String>,
    conditions: BTreeSet<String>,
    /// The keys of both levels of every mapping.
    mappings: BTreeMap<String, BTreeSet<String>>,
}

impl Declared {
    /// Reads the declarations of a template.
    pub(super) fn of(template: &Template) -> Self {
        let keys = |section: NodeRef<'_>| -> BTreeSet<String> {
            section
                .entries()
                .filter_map(|entry| entry.key.text())
                .map(std::borrow::Cow::into_owned)
                .collect()
        };
        let section = |name: &str| template.root().and_then(|root| root.get(name));
        let mut mappings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for mapping in section("Mappings").into_iter().flat_map(NodeRef::entries) {
            let own = mappings
                .entry(mapping.key.text().unwrap_or_default().into_owned())
                .or_default();
            own.extend(keys(mapping.value));
            own.extend(mapping.value.entries().flat_map(|entry| keys(entry.value)));
        }
        Self {
            parameters: section("Parameters").map(keys).unwrap_or_default(),
            resources: section("Resources").map(keys).unwrap_or_default(),
            conditions: section("Conditions").map(keys).unwrap_or_default(),
            mappings,
        }
    }

    /// Returns whether `Ref` may take this name.
    pub(super) fn is_referable(&self, name: &str) -> bool {
        self.parameters.contains(name) || self.resources.contains(name) || is_pseudo_parameter(name)
    }

    pub(super) fn is_resource(&self, name: &str) -> bool {
        self.resources.contains(name)
    }

    pub(super) fn is_condition(&self, name: &str) -> bool {
        self.conditions.contains(name)
    }

    pub(super) fn is_mapping(&self, name: &str) -> bool {
        self.mappings.contains_key(name)
    }

    pub(super) fn is_key_of(&self, mapping: &str, key: &str) -> bool {
        self.mappings
            .get(mapping)
            .is_some_and(|keys| keys.contains(key))
    }
}

/// Returns whether a text may be an attribute of a resource, as `Fn::GetAtt` takes it.
///
/// `Arn` and `Endpoint.Address` are attributes; `Arn-1` and the empty text are not.
pub(super) fn is_attribute(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
}

/// Returns whether a key is a name, rather than a value that was written as a key.
pub(super) fn is_key(text: &str) -> bool {
    text.len() <= LONGEST_KEY && shown_name(text) == text
}

/// Whether a text is the ARN of a parameter or a secret, or the full name of a parameter in a
/// folder, with references of `Fn::Sub` where it likes.
///
/// A name without a folder may be a password: those have the same grammar, also with a slash before
/// it.
///
/// | text | is one |
/// |---|---|
/// | `/production/web/token` | yes |
/// | `/token` | no: one part may be a password |
/// | `token` | no |
/// | `arn:aws:ssm:us-west-2:111122223333:parameter/token` | yes |
/// | `arn:${AWS::Partition}:ssm:${AWS::Region}:…` | yes |
/// | `arn:aws:s3:::bucket` | no: not a service of secrets |
pub(super) fn is_reference(text: &str) -> bool {
    let is_arn = || {
        let mut parts = text.split(':');
        let partition = parts.by_ref().nth(1).unwrap_or_default();
        partition.starts_with("aws") && matches!(parts.next(), Some("ssm" | "secretsmanager"))
    };
    // A reference of `Fn::Sub` has colons of its own.
    let is_computed_arn = || {
        text.starts_with("arn:${AWS::Partition}:ssm:")
            || text.starts_with("arn:${AWS::Partition}:secretsmanager:")
    };
    let is_full_name = || {
        text.strip_prefix('/')
            .is_some_and(|name| name.contains('/'))
    };
    (text.starts_with("arn:") && (is_arn() || is_computed_arn()) || is_full_name()) && is_part(text)
}

/// Returns whether a text may be a part of a name or of an ARN, and does not look like a secret.
pub(super) fn is_part(text: &str) -> bool {
    let without = text.replace("${", "{");
    without.is_empty() || shown_name(&without) == without
}
