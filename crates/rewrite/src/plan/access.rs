//! Whether the roles of the templates may read what will be referenced.

use std::collections::BTreeMap;

use byref_config::{Environment, ExecutionRole, Reference, ReferenceForm};
use byref_parameter::{ParameterArn, Region};
use byref_template::{Diagnostic, Location, NodeRef};

use super::grant::Grants;
use super::{Line, Planner};
use crate::binding::{Access, RoleReference};
use crate::container::Container;
use crate::grant::Right;
use crate::policy::{Action, FoundRole, Judged, Role, Verdict, find_role, verdicts};
use crate::value::Evaluation;

/// Stands for a key's id and for the end of a secret's name, which only AWS knows.
const SOME_ID: &str = "0byrefZ0-some-id";
const SOME_SUFFIX: &str = "-0byrfZ";

/// One action that is needed for a binding, with its resource in each Region, and what would grant it.
struct Asked {
    binding: usize,
    actions: Vec<(Region, Action)>,
    rights: Vec<Right>,
}

impl<'p> Planner<'p> {
    /// Judges every reference of every container that has a role, and warns of what a role of the template may not do.
    /// What a role gets for that is the result.
    pub(super) fn judge_access(&mut self, lines: &[Line<'p>]) -> Grants<'p> {
        let survey = self.survey;
        let mut grants = Grants::default();
        let mut places = Vec::new();
        let by_name: BTreeMap<&str, &Line<'_>> =
            lines.iter().rev().map(|line| (line.secret.name.as_str(), line)).collect();
        for (index, bindings) in self.readers() {
            let container = &survey.containers[index];
            let place = self.documents[container.document].place(container.role_place);
            let mut asked = Vec::new();
            for binding in bindings {
                let line = by_name.get(self.plan.bindings[binding].secret.as_str());
                asked.extend(line.map(|line| self.asked(binding, line)).unwrap_or_default());
            }
            for role in container.roles.iter().flatten() {
                let own = self.judge_role(container, *role, &asked, &mut grants);
                places.resize(places.len() + own.len(), place);
                self.plan.access.extend(own);
            }
            if self.creates_roles() && !container.role_gaps.is_empty() {
                let own = self.create_role(container, &asked, &mut grants);
                places.resize(places.len() + own.len(), place);
                self.plan.access.extend(own);
            }
        }
        self.warn_of_denied(&places);
        self.warn_of_elsewhere(&places);
        grants
    }

    /// What a service does to read a secret: for each action its resource in each Region.
    fn asked(&self, binding: usize, line: &Line<'_>) -> Vec<Asked> {
        let request = self.request;
        let Ok(reference) = request.config.reference(request.app, request.environment, line.secret) else {
            return Vec::new();
        };
        let actions: Vec<(Region, Action)> =
            self.regions().iter().map(|region| (region.clone(), self.read_action(&reference, region))).collect();
        let rights = vec![self.read_right(line, &reference)];
        let mut asked = vec![Asked { binding, actions, rights }];
        if !request.environment.kms_keys.is_empty() && is_encrypted_here(&reference, request.environment) {
            let decrypt = |region: &Region| {
                let read = self.read_action(&reference, region);
                self.decrypt_action(&read, &reference, called(&reference, region))
                    .map(|action| (region.clone(), action))
            };
            let actions = self.regions().iter().filter_map(decrypt).collect();
            asked.push(Asked { binding, actions, rights: self.decrypt_rights(&reference) });
        }
        asked
    }

    /// Where what the template says must hold.
    pub(super) fn regions(&self) -> &'p [Region] {
        match self.request.config.rewrite.reference {
            ReferenceForm::Pseudo => self.request.environment.regions.as_slice(),
            ReferenceForm::Literal => std::slice::from_ref(self.request.region),
        }
    }

    fn read_action(&self, reference: &Reference, region: &Region) -> Action {
        let environment = self.request.environment;
        let (name, resource, known) = match reference {
            Reference::Parameter(name, _) => {
                let (partition, account) = (environment.partition, environment.account.clone());
                let arn = ParameterArn { partition, region: region.clone(), account, name: name.clone() };
                ("ssm:GetParameters", arn.to_string(), None)
            }
            Reference::Arn(arn) => ("ssm:GetParameters", arn.to_string(), None),
            Reference::SecretsManager(arn) => {
                // What stands behind the name says which part of the secret is wanted.
                let text = arn.to_string();
                let secret = text.split(':').take(7).collect::<Vec<_>>().join(":");
                let (resource, known) = with_suffix(secret);
                ("secretsmanager:GetSecretValue", resource, known)
            }
        };
        let context = self.context(called(reference, region));
        Action { name, resource, known, context, is_granted: false }
    }

    /// What the service that holds the secret does with the key, on behalf of who reads.
    ///
    /// Source: Systems Manager user guide and Secrets Manager user guide, the pages on KMS: the encryption context.
    fn decrypt_action(&self, read: &Action, reference: &Reference, region: &Region) -> Option<Action> {
        let environment = self.request.environment;
        let key = self.request.config.key_of(environment, reference, region)?.to_string();
        let mut context = self.context(region);
        let suffix = if environment.partition.name() == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        let service = read.name.split(':').next().unwrap_or_default();
        context.insert("kms:ViaService".to_owned(), vec![format!("{service}.{region}.{suffix}")]);
        let holder = if service == "ssm" { "PARAMETER_ARN" } else { "SecretARN" };
        context.insert(format!("kms:EncryptionContext:{holder}"), vec![read.resource.clone()]);
        context.insert("kms:CallerAccount".to_owned(), vec![environment.account.to_string()]);
        let alias = key.find("alias/").map(|start| key[start..].to_owned());
        let (resource, known) = match &alias {
            Some(_) => {
                let prefix = format!("arn:{}:kms:{region}:{}:key/", environment.partition, environment.account);
                (format!("{prefix}{SOME_ID}"), Some(prefix.len()))
            }
            None => (key, None),
        };
        context.extend(alias.map(|alias| ("kms:ResourceAliases".to_owned(), vec![alias])));
        Some(Action { name: "kms:Decrypt", resource, known, context, is_granted: false })
    }

    fn context(&self, region: &Region) -> BTreeMap<String, Vec<String>> {
        let account = self.request.environment.account.to_string();
        BTreeMap::from([
            ("aws:RequestedRegion".to_owned(), vec![region.to_string()]),
            ("aws:PrincipalAccount".to_owned(), vec![account.clone()]),
            ("aws:ResourceAccount".to_owned(), vec![account]),
        ])
    }

    pub(super) fn evaluation<'e>(&'e self, document: usize, region: &'e Region) -> Evaluation<'e> {
        Evaluation {
            declarations: &self.survey.declarations[document],
            environment: self.request.environment,
            region,
            environment_parameter: self.environment_parameter(),
        }
    }

    fn judge_role(
        &mut self,
        container: &Container<'p>,
        node: NodeRef<'p>,
        asked: &[Asked],
        grants: &mut Grants<'p>,
    ) -> Vec<Access> {
        let document = container.document;
        let found = {
            let evaluation = self.evaluation(document, self.request.region);
            find_role(&self.survey.declarations[document], &evaluation, node)
        };
        match found {
            FoundRole::InTemplate(role) => {
                let judged = self.judge_and_grant(container, &role, asked, grants);
                let reference = RoleReference::InTemplate(role.id);
                let own = asked.iter().zip(judged);
                own.filter_map(|(asked, (verdict, granted))| access(asked, &reference, verdict, granted)).collect()
            }
            FoundRole::Elsewhere(why, arn) => {
                let reference = RoleReference::Elsewhere(arn);
                let verdict = Verdict::Unknown(why);
                asked.iter().filter_map(|asked| access(asked, &reference, verdict.clone(), false)).collect()
            }
        }
    }

    /// The verdict on each question, with what the plan grants, and whether it does.
    fn judge_and_grant(
        &mut self,
        container: &Container<'p>,
        role: &Role<'p>,
        asked: &[Asked],
        grants: &mut Grants<'p>,
    ) -> Vec<(Verdict, bool)> {
        let before: Vec<Judged> =
            self.judge_in_regions(container.document, role, asked, false).into_iter().map(worst).collect();
        if !self.grants_to_roles() {
            return before.into_iter().map(|judged| (judged.verdict, false)).collect();
        }
        let after = self.judge_in_regions(container.document, role, asked, true);
        let mut judged = Vec::new();
        for ((asked, before), after) in asked.iter().zip(before).zip(after) {
            let after = worst(after).verdict;
            let is_in_scope = self.request.scheme == byref_config::Scheme::Reference
                || self.plan.bindings[asked.binding].writes_reference();
            // No grant helps against a deny, or a boundary.
            let is_useless = before.is_granted_already || matches!(after, Verdict::NotAllowed(_));
            let before = before.verdict;
            if is_useless || !is_in_scope || asked.actions.is_empty() {
                judged.push((before, false));
                continue;
            }
            let place = self.documents[container.document].place(container.role_place);
            let line = self.plan.bindings[asked.binding].line;
            grants.add(container, role, &asked.rights, [place, line]);
            judged.push((after, true));
        }
        judged
    }

    /// The role that will be added for a container, which gets all that is asked.
    fn create_role(&mut self, container: &Container<'p>, asked: &[Asked], grants: &mut Grants<'p>) -> Vec<Access> {
        let id = self.new_role_id(container);
        for asked in asked {
            grants.add_to_new(container, &id, &asked.rights, self.plan.bindings[asked.binding].line);
        }
        let reference = RoleReference::InTemplate(id);
        asked.iter().filter_map(|asked| access(asked, &reference, Verdict::Allowed, true)).collect()
    }

    /// For each question the verdicts by Region: pseudo parameters say something else in each.
    fn judge_in_regions(
        &self,
        document: usize,
        role: &Role<'_>,
        asked: &[Asked],
        is_granted: bool,
    ) -> Vec<Vec<(Region, Judged)>> {
        let mut judged = vec![Vec::new(); asked.len()];
        let mut by_region: BTreeMap<&Region, (Vec<usize>, Vec<Action>)> = BTreeMap::new();
        for (index, asked) in asked.iter().enumerate() {
            for (region, action) in &asked.actions {
                let (indices, actions) = by_region.entry(region).or_default();
                indices.push(index);
                actions.push(Action { is_granted, ..action.clone() });
            }
        }
        for region in &self.request.environment.regions {
            let Some((indices, actions)) = by_region.get(region) else { continue };
            let evaluation = self.evaluation(document, region);
            let verdicts = verdicts(&self.survey.declarations[document], &evaluation, role, actions);
            for (index, verdict) in indices.iter().zip(verdicts) {
                judged[*index].push((region.clone(), verdict));
            }
        }
        judged
    }

    /// The role of another template gets nothing from here: what it must be allowed is said, once for each role.
    fn warn_of_elsewhere(&mut self, places: &[Location]) {
        if !self.grants_to_roles() {
            return;
        }
        let mut groups: BTreeMap<Location, Vec<&Access>> = BTreeMap::new();
        for (access, place) in self.plan.access.iter().zip(places) {
            let is_written = self.plan.bindings[access.binding].writes_reference();
            if is_written && matches!(access.role, RoleReference::Elsewhere(_)) {
                groups.entry(*place).or_default().push(access);
            }
        }
        let (app, environment) = (&self.request.app.name, &self.request.environment.name);
        let mut found = Vec::new();
        for (place, access) in groups {
            let why = match &access[0].verdict {
                Verdict::Unknown(why) => why.as_str(),
                Verdict::Allowed | Verdict::NotAllowed(_) => "",
            };
            let binding = &self.plan.bindings[access[0].binding];
            let message =
                format!("whether `{}` may read its secrets can't be known here: {why}", binding.task_definition);
            found.push(Diagnostic::warning("role-elsewhere", message, place).with(binding.line, "asked for here").help(
                format!("attach the policy that `byref iam --app {app} -e {environment}` prints; `execution-role = \"external\"` says that it is so"),
            ));
        }
        self.plan.diagnostics.extend(found);
    }

    /// A task that its role can't read for hangs a rollout for hours: one warning for each role, action and reason.
    fn warn_of_denied(&mut self, places: &[Location]) {
        if self.request.app.execution_role == ExecutionRole::External {
            return;
        }
        let mut groups: BTreeMap<(Location, &str, &str, &str), Vec<&Access>> = BTreeMap::new();
        for (access, place) in self.plan.access.iter().zip(places) {
            if let (RoleReference::InTemplate(role), Verdict::NotAllowed(why)) = (&access.role, &access.verdict) {
                groups.entry((*place, role, access.action, why)).or_default().push(access);
            }
        }
        let mut found = Vec::new();
        for ((place, role, action, why), access) in groups {
            let (mut names, mut resources): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
            for access in &access {
                let binding = &self.plan.bindings[access.binding];
                let name = format!("`{}`", binding.secret);
                names.extend(Some(name).filter(|name| !names.contains(name)));
                // As it is referenced, where that is an ARN for every Region.
                let is_written = action == "ssm:GetParameters" && binding.reference.starts_with("arn:");
                let own = if is_written { std::slice::from_ref(&binding.reference) } else { &access.resources };
                let own = own.iter().map(|resource| format!("`{resource}`"));
                let new: Vec<String> = own.filter(|resource| !resources.contains(resource)).collect();
                resources.extend(new);
            }
            let line = self.plan.bindings[access[0].binding].line;
            let message = format!("role `{role}` may not read {}: {why}", names.join(", "));
            let diagnostic = Diagnostic::warning("not-allowed", message, place).with(line, "asked for here");
            found.push(diagnostic.help(format!("allow it `{action}` on {}", resources.join(", "))));
        }
        self.plan.diagnostics.extend(found);
    }
}

fn access(asked: &Asked, role: &RoleReference, verdict: Verdict, is_granted: bool) -> Option<Access> {
    let (_, first) = asked.actions.first()?;
    let resources = asked.actions.iter().map(|(_, action)| shown(action)).collect();
    Some(Access { binding: asked.binding, action: first.name, resources, role: role.clone(), verdict, is_granted })
}

/// Whether the environment's key may be what encrypts it: all parameters, and secrets of its own account and Regions.
pub(crate) fn is_encrypted_here(reference: &Reference, environment: &Environment) -> bool {
    match reference {
        Reference::Parameter(..) | Reference::Arn(_) => true,
        Reference::SecretsManager(arn) => {
            arn.account == environment.account && environment.regions.contains(&arn.region)
        }
    }
}

/// The Region that is asked for a secret from a Region: an ARN names its own.
fn called<'r>(reference: &'r Reference, region: &'r Region) -> &'r Region {
    match reference {
        Reference::Arn(arn) => &arn.region,
        Reference::SecretsManager(arn) => &arn.region,
        Reference::Parameter(..) => region,
    }
}

/// The verdict of the Region where it is worst.
fn worst(judged: Vec<(Region, Judged)>) -> Judged {
    let is_granted_already = !judged.is_empty() && judged.iter().all(|(_, judged)| judged.is_granted_already);
    let verdicts = judged.into_iter().map(|(region, judged)| (region, judged.verdict)).collect();
    Judged { verdict: worst_verdict(verdicts), is_granted_already }
}

fn worst_verdict(verdicts: Vec<(Region, Verdict)>) -> Verdict {
    let weight = |verdict: &Verdict| match verdict {
        Verdict::Allowed => 0,
        Verdict::Unknown(_) => 1,
        Verdict::NotAllowed(_) => 2,
    };
    let is_one = verdicts.windows(2).all(|pair| pair[0].1 == pair[1].1);
    // The first of the worst: `max_by_key` takes the last.
    let Some((region, verdict)) = verdicts.into_iter().rev().max_by_key(|(_, verdict)| weight(verdict)) else {
        return Verdict::Unknown("it was not asked".to_owned());
    };
    match verdict {
        Verdict::NotAllowed(why) if !is_one => Verdict::NotAllowed(format!("in `{region}`, {why}")),
        Verdict::Unknown(why) if !is_one => Verdict::Unknown(format!("in `{region}`, {why}")),
        verdict => verdict,
    }
}

/// Secrets Manager adds a hyphen and six characters to a name; a reference may do without.
pub(super) fn with_suffix(secret: String) -> (String, Option<usize>) {
    let is_suffix = |tail: &str| tail.len() == 6 && tail.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match secret.rsplit_once('-') {
        Some((_, tail)) if is_suffix(tail) => (secret, None),
        _ => (format!("{secret}{SOME_SUFFIX}"), Some(secret.len() + 1)),
    }
}

/// A resource as messages show it, with wildcards for what only AWS knows.
fn shown(action: &Action) -> String {
    match action.known {
        None => action.resource.clone(),
        Some(known) => {
            format!("{}{}", &action.resource[..known], if action.name == "kms:Decrypt" { "*" } else { "??????" })
        }
    }
}
