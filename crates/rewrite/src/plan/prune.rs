//! Grants that no reference needs any more.

use std::collections::BTreeSet;

use byref_template::{Diagnostic, Entry, NodeRef};

use super::Planner;
use super::grant::{is_action, resources};
use crate::binding::Outcome;
use crate::container::literal;
use crate::policy::{FoundRole, Role, Truth, find_role, matches_resource};
use crate::value::names_used;

/// The actions that read a secret.
const READS: [&str; 2] = ["ssm:GetParameters", "secretsmanager:GetSecretValue"];

impl<'p> Planner<'p> {
    /// Removes from byref's policies what nothing in the template refers to. Not while references change: the old
    /// tasks still run while the role is updated.
    pub(super) fn prune_grants(&mut self) {
        for index in 0..self.documents.len() {
            let roles = self.roles_of(index);
            let changed = self.plan.bindings.iter().find(|binding| {
                binding.document == index && (binding.writes_reference() || binding.outcome == Outcome::Deduplicated)
            });
            if let Some(line) = changed.map(|binding| binding.line).filter(|_| !roles.is_empty()) {
                let message =
                    "references change, so no grant is removed: the old tasks still run while the role is updated";
                self.say(Diagnostic::note("grants-stay", message, line).help("prune in a later update"));
                continue;
            }
            let referenced = self.referenced(index);
            for role in roles {
                self.prune_role(index, &role, &referenced);
            }
        }
    }

    /// The roles that read for the containers of a template.
    fn roles_of(&self, index: usize) -> Vec<Role<'p>> {
        let survey = self.survey;
        let mut found: Vec<Role<'p>> = Vec::new();
        for container in survey.containers.iter().filter(|container| container.document == index) {
            for node in container.roles.iter().flatten() {
                let evaluation = self.evaluation(index, self.request.region);
                if let FoundRole::InTemplate(role) = find_role(&survey.declarations[index], &evaluation, *node)
                    && !found.iter().any(|known| known.id == role.id)
                {
                    found.push(role);
                }
            }
        }
        found
    }

    /// Whatever texts stand outside of roles and policies, in every Region: the ARNs of parameters and secrets are among
    /// them, of this application and of others that share a role with it.
    fn referenced(&self, index: usize) -> BTreeSet<String> {
        let is_policy = |resource: &NodeRef<'_>| {
            resource.get("Type").and_then(literal).is_some_and(|kind| kind.starts_with("AWS::IAM::"))
        };
        let mut found = BTreeSet::new();
        let resources = self.survey.declarations[index].resources.values();
        for resource in resources.filter(|resource| !is_policy(resource)) {
            for region in self.regions() {
                let evaluation = self.evaluation(index, region);
                for text in resource.subtree().filter_map(|node| evaluation.text_of(node).ok()) {
                    found.extend(self.as_arn(&text, region));
                }
            }
        }
        found
    }

    /// A reference as the ARN that a policy would name.
    fn as_arn(&self, text: &str, region: &byref_parameter::Region) -> Option<String> {
        if text.starts_with("arn:") {
            return Some(text.split(':').take(7).collect::<Vec<_>>().join(":"));
        }
        let name: byref_parameter::ParameterName = text.parse().ok()?;
        let environment = self.request.environment;
        let (partition, account) = (environment.partition, environment.account.clone());
        let arn = byref_parameter::ParameterArn { partition, region: region.clone(), account, name };
        Some(arn.to_string())
    }

    fn prune_role(&mut self, index: usize, role: &Role<'p>, referenced: &BTreeSet<String>) {
        let own = self.own_policies(index, role);
        let inline = own.inline.iter().zip(&own.items).map(|((list, policy), item)| (*policy, Some((*list, *item))));
        let attached = own.attached.iter().map(|policy| (*policy, None));
        for (policy, item) in inline.chain(attached) {
            let statements = policy.get("PolicyDocument").and_then(|document| document.get("Statement"));
            // One statement may stand without its list.
            let statements: Vec<NodeRef<'p>> = statements.into_iter().flat_map(resources).collect();
            let (mut gone, mut kept) = (Vec::new(), 0);
            for statement in statements.iter().copied() {
                match self.unneeded(index, statement, referenced) {
                    Some(items) if items.is_empty() => kept += 1,
                    Some(items) => {
                        let all = statement.get("Resource").map_or(0, |node| resources(node).len());
                        if items.len() == all {
                            gone.push(statement);
                        } else {
                            kept += 1;
                            self.plan.changes[index].removed.extend(items.iter().map(|item| item.id()));
                        }
                    }
                    // A key is needed as long as a parameter is.
                    None if is_action(statement, "kms:Decrypt") => gone.push(statement),
                    None => kept += 1,
                }
            }
            let is_of_key = |statement: &NodeRef<'_>| is_action(*statement, "kms:Decrypt");
            let keys = gone.iter().filter(|statement| is_of_key(statement)).count();
            if gone.len() == keys {
                continue;
            }
            let changes = &mut self.plan.changes[index];
            match item {
                Some((leaf, item)) if kept == 0 => {
                    changes.removed.insert(item.id());
                    let list = self.documents[index].template.node(leaf);
                    if list.items().all(|other| other.id() == item.id()) {
                        let properties = role.resource.get("Properties");
                        let entry = properties.and_then(|node| node.entry("Policies"));
                        if let Some(entry) = entry.filter(|entry| entry.value.id() == leaf) {
                            changes.removed.insert(entry.key.id());
                        }
                    }
                }
                // A policy resource without statements would not deploy.
                None if kept == 0 => self.remove_policy(index, policy),
                _ => {
                    let has_reader = statements.iter().any(|statement| {
                        READS.iter().any(|action| is_action(*statement, action))
                            && !gone.iter().any(|gone| gone.id() == statement.id())
                    });
                    let gone = gone.iter().filter(|statement| !(is_of_key(statement) && has_reader));
                    changes.removed.extend(gone.map(|statement| statement.id()));
                }
            }
        }
    }

    /// Removes a policy resource, and the mentions of it by what waits for it; one that something refers to stays.
    fn remove_policy(&mut self, index: usize, properties: NodeRef<'p>) {
        let documents = self.documents;
        let document = &documents[index];
        let root = document.template.root();
        let resources = || root.and_then(|root| root.get("Resources")).into_iter().flat_map(NodeRef::entries);
        let is_it = |entry: &Entry<'p>| entry.value.get("Properties").is_some_and(|node| node.id() == properties.id());
        let Some((entry, id)) = resources().find(is_it).and_then(|entry| Some((entry, entry.key.text()?))) else {
            return;
        };
        let targets = |node: NodeRef<'_>| {
            let target = node.intrinsic().and_then(byref_template::Intrinsic::target).map(|(name, _)| name);
            target.into_iter().chain(names_used(node)).any(|name| name == id)
        };
        let place = document.place(entry.key);
        if let Some(user) = document.template.nodes().find(|node| targets(*node)) {
            let message = format!("no reference needs `{id}` any more, but something refers to it: it stays");
            let note = Diagnostic::note("policy-stays", message, place).with(document.place(user), "here");
            self.say(note.help("remove both by hand"));
            return;
        }
        let changes = &mut self.plan.changes[index];
        if !changes.removed.insert(entry.key.id()) {
            return;
        }
        for waits in resources().filter_map(|entry| entry.value.entry("DependsOn")) {
            let names = self::resources(waits.value);
            let own: Vec<NodeRef<'p>> =
                names.iter().copied().filter(|name| name.text().is_some_and(|text| text == id)).collect();
            if !own.is_empty() && own.len() == names.len() {
                changes.removed.insert(waits.key.id());
            } else {
                changes.removed.extend(own.iter().map(|name| name.id()));
            }
        }
        let message = format!("no reference needs `{id}` any more: removed");
        self.say(Diagnostic::note("policy-removed", message, place));
    }

    /// The resources of a statement of byref's that nothing refers to; none where it is about something else.
    fn unneeded(
        &self,
        index: usize,
        statement: NodeRef<'p>,
        referenced: &BTreeSet<String>,
    ) -> Option<Vec<NodeRef<'p>>> {
        if !READS.iter().any(|action| is_action(statement, action)) || statement.get("Condition").is_some() {
            return None;
        }
        let is_needed = |node: &NodeRef<'_>| {
            self.regions().iter().any(|region| match self.evaluation(index, region).text_of(*node) {
                Ok(pattern) => referenced.iter().any(|arn| {
                    let with_suffix = format!("{arn}-0byrfZ");
                    let texts = [arn.as_str(), with_suffix.as_str()];
                    texts.iter().any(|text| matches_resource(&pattern, text, None) == Truth::Yes)
                }),
                Err(_) => true,
            })
        };
        Some(resources(statement.get("Resource")?).into_iter().filter(|node| !is_needed(node)).collect())
    }
}
