//! Grants that no reference needs any more, and their removal with `--prune-grants`.
//!
//! byref removes only rights of its own policies, and only those that it can prove unneeded:
//! nothing in the template refers to the resource, and everything that may read with the role is in
//! sight. If anything is opaque, the grant stays, with a warning that names the reason.
//!
//! A right that is removed too early keeps tasks from starting; a right that stays too long lets a
//! role read one parameter more. So every doubt keeps the grant.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{FoundRole, Guard, Role, branches, find_role, literal};
use byref_iam::{Action, Pattern, Truth, with_some_suffix, without_random_suffix};
use byref_template::{Changes, Diagnostic, Entry, NodeRef};

use super::grant::{is_action, resources};
use super::inventory::Inventory;
use super::own::OwnPolicy;
use super::unseen::{Mentions, Unseen};
use crate::binding::{Binding, Outcome};

/// The `DependsOn` entries of a template, by the logical ids in them. A policy resource can be
/// removed only together with the mentions of it.
type Waiting<'t> = BTreeMap<String, Vec<Entry<'t>>>;

/// A statement of a policy with its unneeded resources. `None` marks a statement about something
/// else, such as a key.
type JudgedStatement<'t> = (NodeRef<'t>, Option<Vec<NodeRef<'t>>>);

/// The number of grants that a message names besides the first.
const GRANTS_NAMED: usize = 4;

/// Removes the unneeded rights of byref's policies in all templates. Where references change in the
/// same run nothing is removed, with a note: the old tasks still run while the role is updated.
pub(super) fn prune_grants(
    inventory: &Inventory<'_>,
    bindings: &[Binding],
    changes: &mut [Changes],
) -> Vec<Diagnostic> {
    let mut messages = Vec::new();
    for (document, changes) in changes.iter_mut().enumerate() {
        let roles = inventory.roles_of(document);
        if roles.is_empty() {
            continue;
        }
        let rewritten = bindings.iter().find(|binding| {
            binding.document == document
                && (binding.writes_reference() || binding.outcome == Outcome::Deduplicated)
        });
        if let Some(binding) = rewritten {
            let message = "references change, so no grant is removed: the old tasks still run while the role is updated";
            messages.push(
                Diagnostic::note("grants-stay", message, binding.line)
                    .help("prune in a later update"),
            );
            continue;
        }
        let mut pruner = Pruner {
            inventory,
            document,
            referenced: inventory.referenced(document),
            mentions: inventory.mentions(document),
            waiting: inventory.waiting(document),
            changes,
            messages: Vec::new(),
        };
        for role in roles {
            pruner.prune_role(&role);
        }
        messages.append(&mut pruner.messages);
    }
    messages
}

/// The state of the phase for one template.
struct Pruner<'p, 'c> {
    inventory: &'p Inventory<'p>,
    /// Index of the template.
    document: usize,
    /// The ARNs that something in the template refers to.
    referenced: BTreeSet<String>,
    mentions: Mentions<'p>,
    waiting: Waiting<'p>,
    /// The changes of the template.
    changes: &'c mut Changes,
    messages: Vec<Diagnostic>,
}

impl<'p> Pruner<'p, '_> {
    /// Adds a message.
    fn report(&mut self, diagnostic: Diagnostic) {
        self.messages.push(diagnostic);
    }

    /// Removes the unneeded rights of one role, policy by policy. A policy resource that is
    /// attached to the role in several ways is looked at once.
    fn prune_role(&mut self, role: &Role<'p>) {
        let own = self.inventory.own_policies(self.document, role);
        let mut known = BTreeSet::new();
        for policy in own
            .inline
            .iter()
            .chain(&own.attached)
            .filter(|policy| known.insert(policy.node.id()))
        {
            let statements = self.judge_statements(policy);
            let unneeded: Vec<NodeRef<'p>> = statements
                .iter()
                .filter_map(|(_, unneeded)| unneeded.as_ref())
                .flatten()
                .copied()
                .collect();
            if unneeded.is_empty() {
                continue;
            }
            match self.unseen_user(role, policy) {
                Some((node, why)) => self.keep_grants(role, &unneeded, (node, &why)),
                None => self.prune_policy(role, policy, &statements),
            }
        }
    }

    /// Returns the statements of a policy, each with its unneeded resources; none for a statement
    /// about something else.
    fn judge_statements(&self, policy: &OwnPolicy<'p>) -> Vec<JudgedStatement<'p>> {
        let statements = policy
            .node
            .get("PolicyDocument")
            .and_then(|document| document.get("Statement"));
        // A single statement may be written without a list.
        let statements = statements.into_iter().flat_map(resources);
        let judge = |statement| {
            (
                statement,
                self.inventory
                    .unneeded(self.document, statement, &self.referenced),
            )
        };
        statements.map(judge).collect()
    }

    /// Returns something that may read with the role or by the policy and that byref can't see
    /// through.
    fn unseen_user(&self, role: &Role<'p>, policy: &OwnPolicy<'p>) -> Option<Unseen<'p>> {
        let reader = self
            .inventory
            .unseen_reader(self.document, role, &self.mentions);
        match policy.list {
            Some(_) => reader,
            None => reader.or_else(|| {
                self.inventory
                    .unseen_holder(self.document, policy.node, &self.mentions)
            }),
        }
    }

    /// Removes the unneeded resources of a policy.
    ///
    /// A statement is removed with its last resource, and the policy with its last statement. The
    /// statement about the key is kept as long as any statement about reading is: byref can't tell
    /// which key encrypts which secret. Lists that grow by the grants of the same run are kept.
    fn prune_policy(
        &mut self,
        role: &Role<'p>,
        policy: &OwnPolicy<'p>,
        statements: &[JudgedStatement<'p>],
    ) {
        let list = policy
            .node
            .get("PolicyDocument")
            .and_then(|document| document.get("Statement"));
        let (mut gone, mut kept) = (
            Vec::new(),
            usize::from(list.is_some_and(|list| self.grows(list))),
        );
        for (statement, unneeded) in statements {
            match unneeded {
                Some(unneeded) if self.is_unneeded_whole(*statement, unneeded) => {
                    gone.push(*statement);
                }
                Some(unneeded) => {
                    kept += 1;
                    self.changes
                        .removed
                        .extend(unneeded.iter().map(|item| item.id()));
                }
                // A key is needed as long as a parameter is.
                None if is_of_key(*statement) => gone.push(*statement),
                None => kept += 1,
            }
        }
        if gone.iter().all(|statement| is_of_key(*statement)) {
            return;
        }
        match policy.item {
            Some(item) if kept == 0 => self.remove_inline(role, policy, item),
            // A policy resource without statements would not deploy.
            None if kept == 0 => self.remove_policy(policy),
            _ => {
                let is_gone =
                    |statement: &NodeRef<'_>| gone.iter().any(|gone| gone.id() == statement.id());
                let mut readers = statements.iter().map(|(statement, _)| statement);
                let has_reader =
                    readers.any(|statement| is_read(*statement) && !is_gone(statement));
                let gone = gone
                    .iter()
                    .filter(|statement| !(is_of_key(**statement) && has_reader));
                self.changes
                    .removed
                    .extend(gone.map(|statement| statement.id()));
            }
        }
    }

    /// Returns whether all resources of a statement are unneeded, and the run grants no further
    /// ones in it.
    fn is_unneeded_whole(&self, statement: NodeRef<'p>, unneeded: &[NodeRef<'p>]) -> bool {
        let written = statement.get("Resource");
        let all = written.map_or(0, |node| resources(node).len());
        !unneeded.is_empty()
            && unneeded.len() == all
            && !written.is_some_and(|node| self.grows(node))
    }

    /// Returns whether the grants of the same run add something to a list.
    fn grows(&self, list: NodeRef<'_>) -> bool {
        self.changes.appended.contains_key(&list.id())
    }

    /// Warns of grants that look unneeded and stay. The message points at the first few of them and
    /// at the part of the template that may need them, so that the user can decide.
    fn keep_grants(
        &mut self,
        role: &Role<'p>,
        unneeded: &[NodeRef<'p>],
        (node, why): (NodeRef<'p>, &str),
    ) {
        let document = &self.inventory.documents[self.document];
        let count = unneeded.len();
        let what = if count == 1 {
            "a grant".to_owned()
        } else {
            format!("{count} grants")
        };
        let message = format!(
            "{what} of `{}` that nothing in the template seems to need {} not removed: {why}",
            role.id,
            if count == 1 { "is" } else { "are" }
        );
        let mut diagnostic =
            Diagnostic::warning("grants-stay", message, document.place(unneeded[0]));
        for other in unneeded.iter().skip(1).take(GRANTS_NAMED) {
            diagnostic = diagnostic.with(document.place(*other), "stays too");
        }
        let diagnostic = diagnostic.with(document.place(node), "here");
        self.report(diagnostic.help("remove it by hand where nothing reads it"));
    }

    /// Removes an inline policy.
    ///
    /// Its item goes with it if the item holds nothing else, and the property `Policies` if no item
    /// is kept. A policy in one branch of a condition becomes `AWS::NoValue`.
    fn remove_inline(&mut self, role: &Role<'p>, policy: &OwnPolicy<'p>, item: NodeRef<'p>) {
        let changes = &mut *self.changes;
        let is_gone = |node: NodeRef<'_>| {
            node.id() == policy.node.id()
                || node
                    .intrinsic()
                    .is_some_and(byref_template::Intrinsic::is_no_value)
        };
        if !branches(item, &Guard::default())
            .into_iter()
            .all(|(node, _)| is_gone(node))
        {
            changes
                .replaced
                .insert(policy.node.id(), super::compose::no_value());
            return;
        }
        changes.removed.insert(item.id());
        let Some(leaf) = policy.list else { return };
        let list = self.inventory.documents[self.document].template.node(leaf);
        if list
            .items()
            .all(|other| changes.removed.contains(&other.id()))
        {
            let properties = role.resource.get("Properties");
            let entry = properties.and_then(|node| node.entry("Policies"));
            if let Some(entry) = entry.filter(|entry| entry.value.id() == leaf) {
                changes.removed.insert(entry.key.id());
            }
        }
    }

    /// Removes a policy resource, and its logical id from every `DependsOn`.
    ///
    /// A resource that something else refers to stays, with a note: removing it would leave a
    /// reference to nothing, which CloudFormation refuses.
    fn remove_policy(&mut self, policy: &OwnPolicy<'p>) {
        let id = policy.id.as_str();
        let document = &self.inventory.documents[self.document];
        let Some(key) = self.inventory.declarations[self.document]
            .keys
            .get(id)
            .copied()
        else {
            return;
        };
        let place = document.place(key);
        if let Some(user) = self.mentions.user(id) {
            let message =
                format!("no reference needs `{id}` any more, but something refers to it: it stays");
            let note =
                Diagnostic::note("policy-stays", message, place).with(document.place(user), "here");
            self.report(note.help("remove both by hand"));
            return;
        }
        let changes = &mut *self.changes;
        if !changes.removed.insert(key.id()) {
            return;
        }
        for waits in self.waiting.get(id).into_iter().flatten() {
            let names = self::resources(waits.value);
            let is_gone = |name: &NodeRef<'_>| name.text().is_some_and(|text| text == id);
            changes.removed.extend(
                names
                    .iter()
                    .filter(|name| is_gone(name))
                    .map(|name| name.id()),
            );
            if names
                .iter()
                .all(|name| changes.removed.contains(&name.id()))
            {
                for name in &names {
                    changes.removed.remove(&name.id());
                }
                changes.removed.insert(waits.key.id());
            }
        }
        let message = format!("no reference needs `{id}` any more: removed");
        self.report(Diagnostic::note("policy-removed", message, place));
    }
}

impl<'p> Inventory<'p> {
    /// Returns the roles that read for the containers of a template, each once and in the order of
    /// the containers. Roles of other templates are left out: each template is pruned for itself.
    fn roles_of(&self, index: usize) -> Vec<Role<'p>> {
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
    fn referenced(&self, index: usize) -> BTreeSet<String> {
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
    fn waiting(&self, index: usize) -> Waiting<'p> {
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
    fn unneeded(
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
fn is_read(statement: NodeRef<'_>) -> bool {
    Action::READS
        .iter()
        .any(|action| is_action(statement, *action))
}

/// Returns whether a statement is about decrypting alone.
fn is_of_key(statement: NodeRef<'_>) -> bool {
    is_action(statement, Action::Decrypt)
}

/// Returns whether a resource of a policy matches one of the ARNs.
///
/// A reference to a secret may leave out the hyphen and six characters at the end of its name, so a
/// pattern is tried with a suffix as well. Texts without a wildcard are looked up in the sorted set
/// instead of compared one by one.
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
