//! Grants that no reference needs any more.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{FoundRole, Guard, Role, branches, find_role, literal};
use byref_iam::{Action, Pattern, Truth, with_some_suffix, without_random_suffix};
use byref_template::{Diagnostic, Entry, NodeRef};

use super::Planner;
use super::grant::{is_action, resources};
use super::own::OwnPolicy;
use super::unseen::Mentions;
use crate::binding::Outcome;

/// `DependsOn` entries, by the names in them.
type Waiting<'t> = BTreeMap<String, Vec<Entry<'t>>>;

/// So many grants that stay are shown besides the first.
const GRANTS_NAMED: usize = 4;

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
            if roles.is_empty() {
                continue;
            }
            let referenced = self.referenced(index);
            let mentions = self.mentions(index);
            let waiting = self.waiting(index);
            for role in roles {
                self.prune_role(index, &role, &referenced, (&mentions, &waiting));
            }
        }
    }

    /// The roles that read for the containers of a template.
    fn roles_of(&self, index: usize) -> Vec<Role<'p>> {
        let survey = self.survey;
        let mut found: Vec<Role<'p>> = Vec::new();
        let mut known = BTreeSet::new();
        for container in survey.containers.iter().filter(|container| container.document == index) {
            for node in container.roles.iter().flatten() {
                let evaluation = self.evaluation(index, self.request.region);
                if let FoundRole::InTemplate(role) = find_role(&survey.declarations[index], &evaluation, *node)
                    && known.insert(role.id.clone())
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
            return Some(byref_parameter::without_selectors(text).to_owned());
        }
        let name: byref_parameter::ParameterName = text.parse().ok()?;
        Some(self.request.environment.parameter_arn(&name, region).to_string())
    }

    fn prune_role(
        &mut self,
        index: usize,
        role: &Role<'p>,
        referenced: &BTreeSet<String>,
        (mentions, waiting): (&Mentions<'p>, &Waiting<'p>),
    ) {
        let own = self.own_policies(index, role);
        let mut known = BTreeSet::new();
        for policy in own.inline.iter().chain(&own.attached).filter(|policy| known.insert(policy.node.id())) {
            let statements = policy.node.get("PolicyDocument").and_then(|document| document.get("Statement"));
            // One statement may stand without its list.
            let statements: Vec<NodeRef<'p>> = statements.into_iter().flat_map(resources).collect();
            let judged: Vec<Option<Vec<NodeRef<'p>>>> =
                statements.iter().map(|statement| self.unneeded(index, *statement, referenced)).collect();
            let unneeded: Vec<NodeRef<'p>> = judged.iter().flatten().flatten().copied().collect();
            if unneeded.is_empty() {
                continue;
            }
            let holder = || if policy.list.is_none() { self.unseen_holder(index, policy.node, mentions) } else { None };
            if let Some((node, why)) = self.unseen_reader(index, role, mentions).or_else(holder) {
                self.keep_grants(index, role, &unneeded, (node, &why));
                continue;
            }
            // What is granted in the same run goes into lists that stand.
            let grows =
                |planner: &Self, node: NodeRef<'_>| planner.plan.changes[index].appended.contains_key(&node.id());
            let list = policy.node.get("PolicyDocument").and_then(|document| document.get("Statement"));
            let (mut gone, mut kept) = (Vec::new(), usize::from(list.is_some_and(|list| grows(self, list))));
            for (statement, items) in statements.iter().copied().zip(judged) {
                match items {
                    Some(items) if items.is_empty() => kept += 1,
                    Some(items) => {
                        let written = statement.get("Resource");
                        let all = written.map_or(0, |node| resources(node).len());
                        if items.len() == all && !written.is_some_and(|node| grows(self, node)) {
                            gone.push(statement);
                        } else {
                            kept += 1;
                            self.plan.changes[index].removed.extend(items.iter().map(|item| item.id()));
                        }
                    }
                    // A key is needed as long as a parameter is.
                    None if is_action(statement, Action::Decrypt) => gone.push(statement),
                    None => kept += 1,
                }
            }
            let is_of_key = |statement: &NodeRef<'_>| is_action(*statement, Action::Decrypt);
            let keys = gone.iter().filter(|statement| is_of_key(statement)).count();
            if gone.len() == keys {
                continue;
            }
            match policy.item {
                Some(item) if kept == 0 => self.remove_inline(index, role, policy, item),
                // A policy resource without statements would not deploy.
                None if kept == 0 => self.remove_policy(index, policy, (mentions, waiting)),
                _ => {
                    let has_reader = statements.iter().any(|statement| {
                        Action::READS.iter().any(|action| is_action(*statement, *action))
                            && !gone.iter().any(|gone| gone.id() == statement.id())
                    });
                    let gone = gone.iter().filter(|statement| !(is_of_key(statement) && has_reader));
                    self.plan.changes[index].removed.extend(gone.map(|statement| statement.id()));
                }
            }
        }
    }

    /// Says which grants stay that look unneeded, and what may need them.
    fn keep_grants(
        &mut self,
        index: usize,
        role: &Role<'p>,
        unneeded: &[NodeRef<'p>],
        (node, why): (NodeRef<'p>, &str),
    ) {
        let document = &self.documents[index];
        let count = unneeded.len();
        let what = if count == 1 { "a grant".to_owned() } else { format!("{count} grants") };
        let message = format!(
            "{what} of `{}` that nothing in the template seems to need {} not removed: {why}",
            role.id,
            if count == 1 { "is" } else { "are" }
        );
        let mut diagnostic = Diagnostic::warning("grants-stay", message, document.place(unneeded[0]));
        for other in unneeded.iter().skip(1).take(GRANTS_NAMED) {
            diagnostic = diagnostic.with(document.place(*other), "stays too");
        }
        let diagnostic = diagnostic.with(document.place(node), "here");
        self.say(diagnostic.help("remove it by hand where nothing reads it"));
    }

    /// Removes an inline policy: its item, if that holds nothing else, and the list, if that holds nothing else.
    fn remove_inline(&mut self, index: usize, role: &Role<'p>, policy: &OwnPolicy<'p>, item: NodeRef<'p>) {
        let changes = &mut self.plan.changes[index];
        let is_gone = |node: NodeRef<'_>| {
            node.id() == policy.node.id() || node.intrinsic().is_some_and(byref_template::Intrinsic::is_no_value)
        };
        if !branches(item, &Guard::default()).into_iter().all(|(node, _)| is_gone(node)) {
            changes.replaced.insert(policy.node.id(), super::compose::no_value());
            return;
        }
        changes.removed.insert(item.id());
        let Some(leaf) = policy.list else { return };
        let list = self.documents[index].template.node(leaf);
        if list.items().all(|other| changes.removed.contains(&other.id())) {
            let properties = role.resource.get("Properties");
            let entry = properties.and_then(|node| node.entry("Policies"));
            if let Some(entry) = entry.filter(|entry| entry.value.id() == leaf) {
                changes.removed.insert(entry.key.id());
            }
        }
    }

    /// What waits for what in a template, by what is waited for.
    fn waiting(&self, index: usize) -> Waiting<'p> {
        let mut found = Waiting::new();
        for resource in self.survey.declarations[index].resources.values() {
            let Some(entry) = resource.entry("DependsOn") else { continue };
            for name in resources(entry.value).into_iter().filter_map(literal) {
                let entries = found.entry(name).or_default();
                if entries.last().is_none_or(|last: &Entry<'p>| last.key.id() != entry.key.id()) {
                    entries.push(entry);
                }
            }
        }
        found
    }

    /// Removes a policy resource, and the mentions of it by what waits for it; one that something refers to stays.
    fn remove_policy(
        &mut self,
        index: usize,
        policy: &OwnPolicy<'p>,
        (mentions, waiting): (&Mentions<'p>, &Waiting<'p>),
    ) {
        let id = policy.id.as_str();
        let documents = self.documents;
        let document = &documents[index];
        let Some(key) = self.survey.declarations[index].keys.get(id).copied() else { return };
        let place = document.place(key);
        if let Some(user) = mentions.user(id) {
            let message = format!("no reference needs `{id}` any more, but something refers to it: it stays");
            let note = Diagnostic::note("policy-stays", message, place).with(document.place(user), "here");
            self.say(note.help("remove both by hand"));
            return;
        }
        let changes = &mut self.plan.changes[index];
        if !changes.removed.insert(key.id()) {
            return;
        }
        for waits in waiting.get(id).into_iter().flatten() {
            let names = self::resources(waits.value);
            let is_gone = |name: &NodeRef<'_>| name.text().is_some_and(|text| text == id);
            changes.removed.extend(names.iter().filter(|name| is_gone(name)).map(|name| name.id()));
            if names.iter().all(|name| changes.removed.contains(&name.id())) {
                for name in &names {
                    changes.removed.remove(&name.id());
                }
                changes.removed.insert(waits.key.id());
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
        if !Action::READS.iter().any(|action| is_action(statement, *action)) || statement.get("Condition").is_some() {
            return None;
        }
        let is_needed = |node: &NodeRef<'_>| {
            self.regions().iter().any(|region| match self.evaluation(index, region).text_of(*node) {
                Ok(pattern) => means_one_of(&pattern, referenced),
                Err(_) => true,
            })
        };
        Some(resources(statement.get("Resource")?).into_iter().filter(|node| !is_needed(node)).collect())
    }
}

/// Whether a resource of a policy means one of the ARNs; a reference to a secret may do without the end of its name.
fn means_one_of(pattern: &str, arns: &BTreeSet<String>) -> bool {
    let matches = |arn: &str| Pattern::known(pattern).matches_resource(arn) == Truth::Yes;
    let has_wildcard = |text: &str| text.contains(['*', '?', '$']);
    if !has_wildcard(pattern) {
        return arns.contains(pattern);
    }
    if let Some(name) = without_random_suffix(pattern).filter(|name| !has_wildcard(name)) {
        let own = name.to_owned() + "-";
        let longer = arns.range::<String, _>(&own..).take_while(|arn| arn.starts_with(&own));
        return arns.contains(name) || longer.into_iter().any(|arn| matches(arn));
    }
    arns.iter().any(|arn| matches(arn) || matches(&with_some_suffix(arn)))
}
