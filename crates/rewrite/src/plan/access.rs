//! Whether the roles of the templates may read what will be referenced.

use std::collections::BTreeMap;

use byref_config::{ExecutionRole, Reference, ReferenceForm};
use byref_parameter::{ParameterArn, Region};
use byref_template::{Diagnostic, Location, NodeRef};

use super::{Line, Planner};
use crate::binding::{Access, RoleReference};
use crate::policy::{Action, FoundRole, Role, Verdict, find_role, verdicts};
use crate::value::Evaluation;

/// Stands for a key's id and for the end of a secret's name, which only AWS knows.
const SOME_ID: &str = "0byrefZ0-some-id";
const SOME_SUFFIX: &str = "-0byrfZ";

/// One action that is needed for a binding, with its resource in each Region.
struct Asked {
    binding: usize,
    actions: Vec<(Region, Action)>,
}

impl Planner<'_> {
    /// Judges every reference of every container that has a role, and warns of what a role of the template may not do.
    pub(super) fn judge_access(&mut self, lines: &[Line<'_>]) {
        let survey = self.survey;
        let mut places = Vec::new();
        for (index, bindings) in self.readers() {
            let container = &survey.containers[index];
            let place = self.documents[container.document].place(container.role_place);
            let mut asked = Vec::new();
            for binding in bindings {
                let line = lines.iter().find(|line| line.secret.name == self.plan.bindings[binding].secret);
                let actions = line.map(|line| self.actions(line)).unwrap_or_default();
                asked.extend(actions.into_iter().map(|actions| Asked { binding, actions }));
            }
            for role in container.roles.iter().flatten() {
                let own = self.judge_role(container.document, *role, &asked);
                places.resize(places.len() + own.len(), place);
                self.plan.access.extend(own);
            }
        }
        self.warn_of_denied(&places);
    }

    /// What a service does to read a secret: for each action its resource in each Region.
    fn actions(&self, line: &Line<'_>) -> Vec<Vec<(Region, Action)>> {
        let request = self.request;
        let regions = match request.config.rewrite.reference {
            ReferenceForm::Pseudo => request.environment.regions.as_slice(),
            ReferenceForm::Literal => std::slice::from_ref(request.region),
        };
        let Ok(reference) = request.config.reference(request.app, request.environment, line.secret) else {
            return Vec::new();
        };
        let read = |region: &Region| (region.clone(), self.read_action(&reference, region));
        let mut actions = vec![regions.iter().map(read).collect()];
        if !request.environment.kms_keys.is_empty() && line.parameter.is_some() {
            let decrypt = |region: &Region| {
                let parameter = self.read_action(&reference, region).resource;
                self.decrypt_action(parameter, region).map(|action| (region.clone(), action))
            };
            actions.push(regions.iter().filter_map(decrypt).collect());
        }
        actions
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
        Action { name, resource, known, context: self.context(region) }
    }

    fn decrypt_action(&self, parameter: String, region: &Region) -> Option<Action> {
        let environment = self.request.environment;
        let key = environment.kms_key(region)?.to_string();
        let mut context = self.context(region);
        let suffix = if environment.partition.name() == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        context.insert("kms:ViaService".to_owned(), vec![format!("ssm.{region}.{suffix}")]);
        context.insert("kms:EncryptionContext:PARAMETER_ARN".to_owned(), vec![parameter]);
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
        Some(Action { name: "kms:Decrypt", resource, known, context })
    }

    fn context(&self, region: &Region) -> BTreeMap<String, Vec<String>> {
        let account = self.request.environment.account.to_string();
        BTreeMap::from([
            ("aws:RequestedRegion".to_owned(), vec![region.to_string()]),
            ("aws:PrincipalAccount".to_owned(), vec![account.clone()]),
            ("aws:ResourceAccount".to_owned(), vec![account]),
        ])
    }

    fn evaluation<'e>(&'e self, document: usize, region: &'e Region) -> Evaluation<'e> {
        Evaluation {
            declarations: &self.survey.declarations[document],
            environment: self.request.environment,
            region,
            environment_parameter: self.environment_parameter(),
        }
    }

    fn judge_role(&self, document: usize, node: NodeRef<'_>, asked: &[Asked]) -> Vec<Access> {
        let found =
            find_role(&self.survey.declarations[document], &self.evaluation(document, self.request.region), node);
        let judged = match &found {
            FoundRole::InTemplate(role) => self.judge_in_regions(document, role, asked),
            FoundRole::Elsewhere(..) => vec![Vec::new(); asked.len()],
        };
        let mut access = Vec::new();
        for (asked, verdicts) in asked.iter().zip(judged) {
            let Some((_, first)) = asked.actions.first() else { continue };
            let (role, verdict) = match &found {
                FoundRole::InTemplate(role) => (RoleReference::InTemplate(role.id.clone()), worst(verdicts)),
                FoundRole::Elsewhere(why, arn) => {
                    (RoleReference::Elsewhere(arn.clone()), Verdict::Unknown(why.clone()))
                }
            };
            let resources = asked.actions.iter().map(|(_, action)| shown(action)).collect();
            access.push(Access { binding: asked.binding, action: first.name, resources, role, verdict });
        }
        access
    }

    /// For each question the verdicts by Region: pseudo parameters say something else in each.
    fn judge_in_regions(&self, document: usize, role: &Role<'_>, asked: &[Asked]) -> Vec<Vec<(Region, Verdict)>> {
        let mut judged = vec![Vec::new(); asked.len()];
        let mut by_region: BTreeMap<&Region, (Vec<usize>, Vec<Action>)> = BTreeMap::new();
        for (index, asked) in asked.iter().enumerate() {
            for (region, action) in &asked.actions {
                let (indices, actions) = by_region.entry(region).or_default();
                indices.push(index);
                actions.push(action.clone());
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

/// The verdict of the Region where it is worst.
fn worst(verdicts: Vec<(Region, Verdict)>) -> Verdict {
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
fn with_suffix(secret: String) -> (String, Option<usize>) {
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
