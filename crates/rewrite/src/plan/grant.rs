//! What roles of the template get, and where it is written.
//!
//! A grant goes into the policy `byref-secrets` of the role: there where it stands already, else among the role's inline
//! policies, else, where those are computed, into a policy resource of its own.

use std::collections::{BTreeMap, BTreeSet};

use byref_cloudformation::{Guard, Role, blue_green, literal};
use byref_config::{ExecutionRole, Grant, Reference, ReferenceForm, Scope, Target};
use byref_iam::{
    Action, POLICY_NAME, Right, Secret, Statement, document, inline_policy, mapping, rights_to_read, statements,
};
use byref_template::{Build, Diagnostic, Location, NodeRef};

use super::own::{OwnPolicy, latest};
use super::reach::RoleAt;
use super::wait::Waits;
use super::{Line, Planner};
use crate::binding::{Baked, BakedPart};
use crate::container::{Container, RoleGap};
use crate::iam::{arn_scope, is_encrypted_here, secret};
use crate::list::Leaf;
use crate::reference::{path, written_scope};
use crate::request::{Baseline, UnneededGrants};

/// What one role gets.
pub(super) struct RoleGrant<'t> {
    pub(super) role: Role<'t>,
    pub(super) rights: Vec<Right>,
    /// The resources that read with it, by their logical ids; of another template, the stack that is made of it.
    pub(super) readers: BTreeSet<String>,
    /// The role's use, and the secret line that asks first.
    pub(super) places: [Location; 2],
}

/// A role that is added.
pub(super) struct NewRole<'t> {
    pub(super) id: String,
    pub(super) resource_type: byref_cloudformation::ResourceType,
    pub(super) rights: Vec<Right>,
    /// Where it is missing.
    pub(super) gaps: Vec<RoleGap<'t>>,
    pub(super) line: Location,
}

/// What the roles of all templates get.
#[derive(Default)]
pub(super) struct Grants<'t> {
    /// By template and the role's logical id.
    pub(super) roles: BTreeMap<(usize, String), RoleGrant<'t>>,
    /// By template and the logical id of the resource that lacks a role.
    pub(super) new_roles: BTreeMap<(usize, String), NewRole<'t>>,
}

impl<'t> Grants<'t> {
    pub(super) fn add(&mut self, found: &RoleAt<'t>, reader: &str, rights: &[Right], places: [Location; 2]) {
        let grant = self.roles.entry((found.document, found.role.id.clone())).or_insert_with(|| RoleGrant {
            role: found.role.clone(),
            rights: Vec::new(),
            readers: BTreeSet::new(),
            places,
        });
        grant.rights.extend_from_slice(rights);
        grant.readers.insert(reader.to_owned());
    }

    pub(super) fn add_to_new(&mut self, reader: &Container<'t>, id: &str, rights: &[Right], line: Location) {
        let key = (reader.document, reader.task_definition.clone());
        let role = self.new_roles.entry(key).or_insert_with(|| NewRole {
            id: id.to_owned(),
            resource_type: reader.resource_type,
            rights: Vec::new(),
            gaps: Vec::new(),
            line,
        });
        role.rights.extend_from_slice(rights);
        let node = |gap: &RoleGap<'_>| match gap {
            RoleGap::Empty(node) | RoleGap::Holder(node) | RoleGap::Owner(node, _) => node.id(),
        };
        for gap in &reader.role_gaps {
            if !role.gaps.iter().any(|known| node(known) == node(gap)) {
                role.gaps.push(*gap);
            }
        }
    }
}

impl<'p> Planner<'p> {
    /// Whether roles of the templates get what they lack.
    pub(super) fn grants_to_roles(&self) -> bool {
        self.request.grant == Grant::Auto && self.request.app.execution_role != ExecutionRole::External
    }

    /// Returns the rights to read the secret of a line, in the form of the configuration: first that on the secret itself.
    pub(super) fn rights(&self, line: &Line<'_>, reference: &Reference) -> Vec<Right> {
        let (environment, config) = (self.request.environment, &self.request.config);
        let secret = match reference {
            Reference::Parameter(_, pieces) => {
                Secret::Parameter(self.prefix(line).unwrap_or_else(|| path(self.request, pieces)).into())
            }
            Reference::Arn(_) | Reference::SecretsManager(_) => secret(reference),
        };
        // An ARN of another Region is read there, wherever the template is deployed.
        let elsewhere = secret.region().filter(|region| environment.regions != [(*region).clone()]);
        let scope = match elsewhere {
            Some(region) => arn_scope(environment, region),
            None => written_scope(self.request),
        };
        let regions = elsewhere.map_or(self.regions(), std::slice::from_ref).iter();
        let keys = regions.filter_map(|region| config.key_of(environment, reference, region));
        rights_to_read(&secret, keys.filter(|_| is_encrypted_here(reference, environment)), &scope)
    }

    /// Under `grant-scope = "application"`: the application's own parameters, all of the line's scope.
    fn prefix(&self, line: &Line<'_>) -> Option<String> {
        let Target::Key { scope: scope @ (Scope::App | Scope::SharedApp), .. } = &line.secret.target else {
            return None;
        };
        let (names, settings) = (&self.request.config.names, &self.request.config.rewrite);
        let is_wanted = settings.grant_scope == byref_config::GrantScope::Application;
        // A pattern that begins with the key has nothing that is the application's own.
        let pattern = names.pattern(*scope);
        let is_own = pattern.find("{app}").zip(pattern.find("{key}")).is_some_and(|(app, key)| app < key);
        let pieces = names.pieces(*scope, &self.request.app.name, "*");
        (is_wanted && is_own).then(|| path(self.request, &pieces))
    }

    /// Writes all grants; says where one can't be written.
    pub(super) fn grant(&mut self, grants: &Grants<'p>) {
        let before: Vec<bool> = self.plan.changes.iter().map(byref_template::Changes::is_empty).collect();
        let mut waits = Waits::new();
        for ((document, _), grant) in &grants.roles {
            self.check_parameter_of(*document, grant);
            self.grant_to(*document, grant, &mut waits);
        }
        self.write_waits(waits);
        self.create_roles(grants);
        if self.request.unneeded_grants == UnneededGrants::Prune {
            self.prune_grants();
        }
        self.warn_of_shared_roles();
        self.warn_of_instances();
        let granted: BTreeSet<usize> =
            grants.roles.keys().chain(grants.new_roles.keys()).map(|(document, _)| *document).collect();
        let is_judged_here = self.request.baseline == Baseline::Source;
        for document in granted.into_iter().filter(|document| is_judged_here && !before[*document]) {
            self.refuse_blue_green(document);
        }
        self.note_baked_grants(grants);
    }

    /// A grant takes the environment's name from the parameter that references take it from.
    fn check_parameter_of(&mut self, index: usize, grant: &RoleGrant<'p>) {
        let Some((parameter, place)) = self.request.config.rewrite.environment_parameter.as_ref() else { return };
        let (name, is_used) = (parameter.as_str(), format!("${{{parameter}}}"));
        let is_missing = !self.survey.declarations[index].parameters.contains_key(name);
        if is_missing && grant.rights.iter().any(|right| right.resource.contains(&is_used)) {
            self.refuse_without_parameter(name, *place);
        }
    }

    fn grant_to(&mut self, index: usize, grant: &RoleGrant<'p>, waits: &mut Waits) {
        let own = self.own_policies(index, &grant.role);
        let condition = grant.role.resource.get("Condition").and_then(literal);
        let help = format!("let `DependsOn` name `{}` where that is possible", grant.role.id);
        // A role that is named by a text is waited for by nothing, and neither is what is attached to it.
        let strangers = self.strangers(index, &grant.readers, &grant.role.id);
        let waited = (grant.role.id.as_str(), condition.as_deref());
        self.wait(index, &strangers, waited, (grant.places[0], &help), waits);
        if let Some(policy) = own.attached.iter().rfind(|policy| policy.guard.0.is_empty()) {
            self.extend_policy(index, policy.node, grant);
            self.wait(index, &strangers, (&policy.id, condition.as_deref()), (grant.places[0], &help), waits);
            return;
        }
        for policy in latest(&own.attached) {
            self.extend_policy(index, policy.node, grant);
        }
        let given = self.given(index, grant);
        let mut rest = Vec::new();
        for leaf in &own.leaves {
            let standing: Vec<OwnPolicy<'p>> =
                own.inline.iter().filter(|policy| policy.list == Some(leaf.node.id())).cloned().collect();
            for policy in latest(&standing) {
                self.extend_policy(index, policy.node, grant);
            }
            let assumed: Vec<(String, bool)> = given.iter().chain(&leaf.guard.0).cloned().collect();
            let guards = own.attached.iter().chain(&standing).map(|policy| &policy.guard).collect::<Vec<_>>();
            rest.extend(
                super::branch::beyond(&inline_policy(&grant.rights), &assumed, &guards).map(|build| (leaf, build)),
            );
        }
        if own.is_editable {
            let changes = &mut self.plan.changes[index];
            for (leaf, build) in rest {
                super::compose::extend(leaf, vec![build], changes);
            }
            if let Some(last) = own.last_property.filter(|_| own.leaves.is_empty()) {
                let guards = own.attached.iter().map(|policy| &policy.guard).collect::<Vec<_>>();
                let policy = super::branch::beyond(&inline_policy(&grant.rights), &given, &guards);
                let policies = policy.map(|policy| ("Policies".to_owned(), Build::Sequence(vec![policy])));
                changes.inserted.entry(last.id()).or_default().extend(policies);
            }
        } else if let Some(policy) = own.attached.last() {
            self.refuse_to_extend(index, policy.node, grant);
        } else {
            self.attach_policy(index, grant, waits);
        }
    }

    /// The condition under which everything is made that reads with a role: beside it nothing has to be allowed.
    fn given(&self, index: usize, grant: &RoleGrant<'p>) -> Vec<(String, bool)> {
        let resources = &self.survey.declarations[index].resources;
        let condition = |reader: &String| resources.get(reader)?.get("Condition").and_then(literal);
        let mut conditions: Vec<Option<String>> = grant.readers.iter().map(condition).collect();
        conditions.dedup();
        match conditions.as_slice() {
            [Some(condition)] => vec![(condition.clone(), true)],
            _ => Vec::new(),
        }
    }

    /// Adds to a policy that stands what it does not say yet.
    fn extend_policy(&mut self, index: usize, policy: NodeRef<'p>, grant: &RoleGrant<'p>) {
        let written = policy.get("PolicyDocument").and_then(|document| document.get("Statement"));
        for statement in statements(&grant.rights) {
            let own = written.into_iter().flat_map(resources);
            let standing: Vec<NodeRef<'p>> = own.filter(|item| is_statement(*item, &statement)).collect();
            let known: Vec<NodeRef<'p>> =
                standing.iter().filter_map(|item| item.get("Resource")).flat_map(resources).collect();
            let missing: Vec<String> = statement
                .resources
                .iter()
                .filter(|resource| !known.iter().any(|node| self.says(index, *node, resource)))
                .cloned()
                .collect();
            if missing.is_empty() {
                continue;
            }
            let is_list = |node: &NodeRef<'_>| node.kind().is_sequence() && node.tag().is_none();
            let target = standing.iter().filter_map(|item| item.get("Resource")).rfind(is_list);
            let changes = &mut self.plan.changes[index];
            match target {
                Some(target) if target.items().next().is_some() => {
                    // Two roles may have one policy.
                    let appended = changes.appended.entry(target.id()).or_default();
                    for build in missing.iter().map(|resource| byref_iam::text(resource)) {
                        if !appended.contains(&build) {
                            appended.push(build);
                        }
                    }
                }
                _ => {
                    let Some(list) = written.filter(is_list) else {
                        self.refuse_to_extend(index, policy, grant);
                        return;
                    };
                    let build = Statement { resources: missing, ..statement }.build();
                    let leaf = Leaf { node: list, guard: Guard::default(), is_list: true };
                    if !changes.appended.get(&list.id()).is_some_and(|appended| appended.contains(&build)) {
                        super::compose::extend(&leaf, vec![build], changes);
                    }
                }
            }
        }
    }

    fn refuse_to_extend(&mut self, index: usize, policy: NodeRef<'p>, grant: &RoleGrant<'p>) {
        let message = format!("the policy `{POLICY_NAME}` can't be brought up to date here");
        self.say(
            Diagnostic::error("cannot-grant", message, self.documents[index].place(policy))
                .with(grant.places[1], "a secret is asked for here")
                .help("write its `Statement` as a list, or rename the policy: byref then adds its own"),
        );
    }

    /// Whether a resource of a policy is the same in every Region as a text that would be written.
    fn says(&self, index: usize, node: NodeRef<'_>, text: &str) -> bool {
        self.regions().iter().all(|region| {
            let found = self.evaluation(index, region).text_of(node);
            found.is_ok_and(|found| found == self.evaluated(text, region))
        })
    }

    /// What a text that byref writes says in a Region.
    fn evaluated(&self, text: &str, region: &byref_parameter::Region) -> String {
        let environment = self.request.environment;
        let mut result = text
            .replace("${AWS::Partition}", environment.partition.name())
            .replace("${AWS::Region}", &region.to_string())
            .replace("${AWS::AccountId}", &environment.account.to_string());
        if let Some(parameter) = self.environment_parameter() {
            result = result.replace(&format!("${{{parameter}}}"), &environment.name);
        }
        result
    }

    /// A policy resource, for a role whose inline policies can't be edited; whatever reads waits for it.
    fn attach_policy(&mut self, index: usize, grant: &RoleGrant<'p>, waits: &mut Waits) {
        let survey = self.survey;
        let resources = &survey.declarations[index].resources;
        let Some(key) = survey.declarations[index].keys.get(&grant.role.id).copied() else { return };
        let id = free_id(&format!("{}ByrefSecrets", grant.role.id), |id| resources.contains_key(id));
        let statements = statements(&grant.rights).iter().map(Statement::build).collect();
        let role = Build::Call("Ref", Box::new(Build::Text(grant.role.id.clone())));
        let mut entries = vec![("Type", byref_iam::literal("AWS::IAM::Policy"))];
        let condition = grant.role.resource.get("Condition").and_then(literal);
        entries.extend(condition.clone().map(|condition| ("Condition", Build::Text(condition))));
        let properties = mapping(vec![
            ("PolicyName", byref_iam::literal(POLICY_NAME)),
            ("PolicyDocument", document(statements)),
            ("Roles", Build::Sequence(vec![role])),
        ]);
        entries.push(("Properties", properties));
        self.plan.changes[index].inserted.entry(key.id()).or_default().push((id.clone(), mapping(entries)));
        let help = format!("write `Policies` of `{}` as a list", grant.role.id);
        let waited = (id.as_str(), condition.as_deref());
        self.wait(index, &grant.readers, waited, (grant.places[0], &help), waits);
    }

    /// What holds only in one environment must not slip into a template of several.
    fn note_baked_grants(&mut self, grants: &Grants<'_>) {
        if self.plan.baked_environment.is_some() {
            return;
        }
        let config = self.request.config;
        let own = &self.request.environment.kms_keys;
        let keys_differ = config.environments.values().any(|environment| environment.kms_keys != *own);
        let is_literal = config.rewrite.reference == ReferenceForm::Literal;
        let name = &self.request.environment.name;
        let baked = |right: &Right| match right.action {
            Action::Decrypt | Action::GetParameters if is_literal => Some(BakedPart::LiteralArn),
            Action::Decrypt => keys_differ.then_some(BakedPart::Key),
            Action::GetParameters => right.resource.contains(&format!("/{name}/")).then_some(BakedPart::Name),
            Action::GetSecretValue => None,
        };
        let roles = grants.roles.values().map(|grant| (&grant.rights, grant.places[1]));
        let new = grants.new_roles.values().map(|role| (&role.rights, role.line));
        let mut found = roles.chain(new).filter_map(|(rights, line)| {
            let what = rights.iter().find_map(baked)?;
            Some(Baked { what, line })
        });
        self.plan.baked_environment = found.next();
    }

    /// A blue-green deployment takes no update that changes the task definition and anything else.
    fn refuse_blue_green(&mut self, index: usize) {
        let documents = self.documents;
        let Some(node) = blue_green(&documents[index].template) else { return };
        let place = self.documents[index].place(node);
        let message = "with this transform, roles and task definitions can't change in one update, and here both would";
        self.say(Diagnostic::error("blue-green", message, place).help(
            "grant first: deploy what `byref rewrite --grants-only` writes; then rewrite that template, and deploy the references. Where the stack has the grant already, `--deployed` sees it",
        ));
    }
}

/// A logical id that nothing has.
pub(super) fn free_id(wanted: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let with_number = (2..).map(|number| format!("{wanted}{number}"));
    std::iter::once(wanted.to_owned()).chain(with_number).find(|id| !is_taken(id)).unwrap_or_default()
}

/// Whether a statement is one that byref wrote for an action.
fn is_statement(item: NodeRef<'_>, statement: &Statement) -> bool {
    let is_allow = item.get("Effect").and_then(literal).is_some_and(|effect| effect == "Allow");
    let alias = condition_alias(item);
    let has_condition = item.get("Condition").is_some();
    is_allow && is_action(item, statement.action) && alias == statement.alias && has_condition == alias.is_some()
}

/// Whether a statement speaks of one action alone.
pub(super) fn is_action(item: NodeRef<'_>, action: Action) -> bool {
    let Some(node) = item.get("Action") else { return false };
    let mut actions = resources(node).into_iter();
    let is_it = actions.next().and_then(literal).is_some_and(|found| found == action.name());
    is_it && actions.next().is_none()
}

fn condition_alias(item: NodeRef<'_>) -> Option<String> {
    let keys = item.get("Condition")?.get("ForAnyValue:StringEquals")?;
    resources(keys.get("kms:ResourceAliases")?).into_iter().next().and_then(literal)
}

/// The items of a list, or the one that is not written as a list.
pub(super) fn resources(node: NodeRef<'_>) -> Vec<NodeRef<'_>> {
    if node.kind().is_sequence() && node.tag().is_none() { node.items().collect() } else { vec![node] }
}
