//! The resources of byref's statements that nothing in the template needs.
//!
//! This is the question of pruning, without its answer: the functions here read the template, and
//! change nothing. Texts are compared as ARNs in every Region, so a name, an ARN and a function
//! that gives either are equal.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{FoundRole, Role, find_role, literal};
use byref_iam::{Action, Pattern, Truth, with_some_suffix, without_random_suffix};
use byref_template::{Entry, NodeRef};

use super::grant::{is_action, resources};
use super::inventory::Inventory;

/// The `DependsOn` entries of a template, by the logical ids in them. A policy resource can be
/// removed only together with the mentions of it.
pub(super) type Waiting<'t> = BTreeMap<String, Vec<Entry<'t>>>;

impl<'p> Inventory<'p> {
    /// Returns the roles that read for the containers of a template, each once and in the order of
    /// the containers. Roles of other templates are left out: each template is pruned for itself.
    pub(super) fn roles_of(&self, index: usize) -> Vec<Role<'p>> {
        let mut found: Vec<Role<'p>> = Vec::new();
        let mut known = BTreeSet::new();
        for container in self
            .containers
            .iter()
            .filter(|container| container.document == index)
        {
            for node in container.roles.iter().flatten() {
                let evaluation = self.evaluation(index, self.request.region);
                if let FoundRole::InTemplate(role) =
                    find_role(&self.declarations[index], &evaluation, *node)
                    && known.insert(role.id.clone())
                {
                    found.push(role);
                }
            }
        }
        found
    }

    /// Returns all texts of a template outside of roles and policies that are names or ARNs,
    /// evaluated in every Region.
    ///
    /// The whole template counts and not only the containers of the application: other applications
    /// may share the role, and a Lambda function may read a parameter by its name.
    pub(super) fn referenced(&self, index: usize) -> BTreeSet<String> {
        let is_policy = |resource: &NodeRef<'_>| {
            resource
                .get("Type")
                .and_then(literal)
                .is_some_and(|kind| kind.starts_with("AWS::IAM::"))
        };
        let mut found = BTreeSet::new();
        let resources = self.declarations[index].resources.values();
        for resource in resources.filter(|resource| !is_policy(resource)) {
            for region in self.regions() {
                let evaluation = self.evaluation(index, region);
                for text in resource
                    .subtree()
                    .filter_map(|node| evaluation.text_of(node).ok())
                {
                    found.extend(self.as_arn(&text, region));
                }
            }
        }
        found
    }

    /// Returns a reference as the ARN that a policy names: without the selectors of a secret, and
    /// with the account and Region of a name. `None` if the text is neither an ARN nor a name.
    fn as_arn(&self, text: &str, region: &byref_parameter::Region) -> Option<String> {
        if text.starts_with("arn:") {
            return Some(byref_parameter::without_selectors(text).to_owned());
        }
        let name: byref_parameter::ParameterName = text.parse().ok()?;
        Some(
            self.request
                .environment
                .parameter_arn(&name, region)
                .to_string(),
        )
    }

    /// Indexes the `DependsOn` entries of a template by the logical ids in them.
    pub(super) fn waiting(&self, index: usize) -> Waiting<'p> {
        let mut found = Waiting::new();
        for resource in self.declarations[index].resources.values() {
            let Some(entry) = resource.entry("DependsOn") else {
                continue;
            };
            for name in resources(entry.value).into_iter().filter_map(literal) {
                let entries = found.entry(name).or_default();
                if entries
                    .last()
                    .is_none_or(|last: &Entry<'p>| last.key.id() != entry.key.id())
                {
                    entries.push(entry);
                }
            }
        }
        found
    }

    /// Returns the resources of one of byref's statements that nothing refers to; `None` for a
    /// statement about something else. A resource that byref can't evaluate counts as needed, and
    /// so does one that is needed in a single Region.
    pub(super) fn unneeded(
        &self,
        index: usize,
        statement: NodeRef<'p>,
        referenced: &BTreeSet<String>,
    ) -> Option<Vec<NodeRef<'p>>> {
        if !is_read(statement) || statement.get("Condition").is_some() {
            return None;
        }
        let is_needed = |node: &NodeRef<'_>| {
            self.regions().iter().any(|region| {
                match self.evaluation(index, region).text_of(*node) {
                    Ok(pattern) => means_one_of(&pattern, referenced),
                    Err(_) => true,
                }
            })
        };
        Some(
            resources(statement.get("Resource")?)
                .into_iter()
                .filter(|node| !is_needed(node))
                .collect(),
        )
    }
}

/// Returns whether a statement is about reading secrets alone.
pub(super) fn is_read(statement: NodeRef<'_>) -> bool {
    Action::READS
        .iter()
        .any(|action| is_action(statement, *action))
}

/// Returns whether a resource of a policy matches one of the ARNs.
///
/// A reference to a secret may leave out the hyphen and six characters at the end of its name, so a
/// pattern is tried with a suffix as well. Texts without a wildcard are looked up in the sorted set
/// instead of compared one by one.
///
/// | pattern | ARN | means it |
/// |---|---|---|
/// | `…:parameter/web/token` | `…:parameter/web/token` | yes |
/// | `…:parameter/web/*` | `…:parameter/web/token` | yes |
/// | `…:secret:db-??????` | `…:secret:db` | yes |
/// | `…:secret:db-??????` | `…:secret:db-AbCdEf` | yes |
/// | `…:parameter/web/token` | `…:parameter/web/token2` | no |
fn means_one_of(pattern: &str, arns: &BTreeSet<String>) -> bool {
    let matches = |arn: &str| Pattern::known(pattern).matches_resource(arn) == Truth::Yes;
    let has_wildcard = |text: &str| text.contains(['*', '?', '$']);
    if !has_wildcard(pattern) {
        return arns.contains(pattern);
    }
    if let Some(name) = without_random_suffix(pattern).filter(|name| !has_wildcard(name)) {
        let own = name.to_owned() + "-";
        let longer = arns
            .range::<String, _>(&own..)
            .take_while(|arn| arn.starts_with(&own));
        return arns.contains(name) || longer.into_iter().any(|arn| matches(arn));
    }
    arns.iter()
        .any(|arn| matches(arn) || matches(&with_some_suffix(arn)))
}
