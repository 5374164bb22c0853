//! Whether the roles of the templates may read what will be referenced.

use std::collections::BTreeMap;

use byref_config::{Environment, Reference, ReferenceForm};
use byref_parameter::Region;
use byref_template::{Location, NodeId, NodeRef};

use super::grant::Grants;
use super::reach::{Reached, RoleAt};
use super::{Line, Planner};
use crate::binding::{Access, RoleReference};
use crate::container::{Container, literal};
use crate::execution_role::is_role_arn;
use crate::grant::Right;
use crate::policy::{Action, Judged, Role, Verdict, verdicts};
use crate::value::{Defaults, Evaluation};

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
        self.warn_of_unknown(&places);
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
            Reference::Parameter(..) | Reference::Arn(_) => {
                ("ssm:GetParameters", reference.resource(environment, region), None)
            }
            Reference::SecretsManager(arn) => {
                let (resource, known) = with_suffix(arn.secret());
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
        let suffix = if environment.partition.as_str() == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
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
            defaults: Defaults::All,
        }
    }

    fn judge_role(
        &mut self,
        container: &Container<'p>,
        node: NodeRef<'p>,
        asked: &[Asked],
        grants: &mut Grants<'p>,
    ) -> Vec<Access> {
        let mut own = Vec::new();
        for found in self.roles_at(container.document, node) {
            match found {
                Reached::Here(found) => {
                    let judged = self.judge_and_grant(container, &found, asked, grants);
                    let reference = RoleReference::InTemplate(found.role.id);
                    own.extend(
                        asked.iter().zip(judged).filter_map(|(asked, judged)| access(asked, &reference, judged)),
                    );
                }
                Reached::Elsewhere(why, arn) => {
                    // What a default or a mapping says that is no ARN may be a secret.
                    let arn = arn.filter(|text| literal(node).is_some() || is_role_arn(text));
                    let reference = RoleReference::Elsewhere(arn);
                    let judged = Said::of(Verdict::Unknown(why));
                    own.extend(asked.iter().filter_map(|asked| access(asked, &reference, judged.clone())));
                }
            }
        }
        own
    }

    /// What is said of each question, with what the plan grants.
    fn judge_and_grant(
        &mut self,
        container: &Container<'p>,
        found: &RoleAt<'p>,
        asked: &[Asked],
        grants: &mut Grants<'p>,
    ) -> Vec<Said> {
        let (document, role) = (found.document, &found.role);
        let reader = found.stack.as_ref().unwrap_or(&container.task_definition);
        let given = self.survey.declarations[document].resources.get(reader).and_then(|reader| reader.get("Condition"));
        let given = given.and_then(literal);
        let judge = |planner: &Self, is_granted| -> Vec<Judged> {
            let judged = planner.judge_in_regions((document, role), asked, is_granted, given.as_deref());
            judged.into_iter().map(worst).collect()
        };
        let said = |planner: &Self, judged: Judged, is_granted| Said {
            verdict: judged.verdict,
            is_granted,
            denied_by: judged.denied_by.map(|id| planner.place_of(document, id)),
            by_default: judged.by_default.into_iter().chain(found.by_default.iter().cloned()).collect(),
        };
        let before = judge(self, false);
        // A template that is only read gets no grant.
        if !self.grants_to_roles() || !self.documents[document].is_written() {
            return before.into_iter().map(|judged| said(self, judged, false)).collect();
        }
        let after = judge(self, true);
        let mut judged = Vec::new();
        for ((asked, before), after) in asked.iter().zip(before).zip(after) {
            let is_in_scope = self.request.scheme == byref_config::Scheme::Reference
                || self.plan.bindings[asked.binding].writes_reference();
            // No grant helps against a deny, or a boundary: what remains with one says what is in the way.
            if !before.is_granted_already && matches!(after.verdict, Verdict::NotAllowed(_)) {
                judged.push(said(self, after, false));
                continue;
            }
            if before.is_granted_already || !is_in_scope || asked.actions.is_empty() {
                judged.push(said(self, before, false));
                continue;
            }
            let place = self.documents[container.document].place(container.role_place);
            let line = self.plan.bindings[asked.binding].line;
            grants.add(found, reader, &asked.rights, [place, line]);
            judged.push(said(self, after, true));
        }
        judged
    }

    fn place_of(&self, document: usize, node: NodeId) -> Location {
        let document = &self.documents[document];
        document.place(document.template.node(node))
    }

    /// The role that will be added for a container, which gets all that is asked.
    fn create_role(&mut self, container: &Container<'p>, asked: &[Asked], grants: &mut Grants<'p>) -> Vec<Access> {
        let id = self.new_role_id(container);
        for asked in asked {
            grants.add_to_new(container, &id, &asked.rights, self.plan.bindings[asked.binding].line);
        }
        let reference = RoleReference::InTemplate(id);
        asked
            .iter()
            .filter_map(|asked| access(asked, &reference, Said { is_granted: true, ..Said::of(Verdict::Allowed) }))
            .collect()
    }

    /// For each question the verdicts by Region: pseudo parameters say something else in each.
    fn judge_in_regions(
        &self,
        (document, role): (usize, &Role<'p>),
        asked: &[Asked],
        is_granted: bool,
        given: Option<&str>,
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
            let verdicts = verdicts(&self.survey.declarations[document], &evaluation, role, (actions, given));
            for (index, verdict) in indices.iter().zip(verdicts) {
                judged[*index].push((region.clone(), verdict));
            }
        }
        judged
    }
}

/// What is said of one question.
#[derive(Clone)]
struct Said {
    verdict: Verdict,
    is_granted: bool,
    denied_by: Option<Location>,
    by_default: Vec<String>,
}

impl Said {
    fn of(verdict: Verdict) -> Self {
        Self { verdict, is_granted: false, denied_by: None, by_default: Vec::new() }
    }
}

fn access(asked: &Asked, role: &RoleReference, said: Said) -> Option<Access> {
    let (_, first) = asked.actions.first()?;
    let resources = asked.actions.iter().map(|(_, action)| shown(action)).collect();
    let Said { verdict, is_granted, denied_by, by_default } = said;
    let (binding, role) = (asked.binding, role.clone());
    Some(Access { binding, action: first.name, resources, role, verdict, is_granted, denied_by, by_default })
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
    let weight = |judged: &Judged| match judged.verdict {
        Verdict::Allowed => 0,
        Verdict::Unknown(_) => 1,
        Verdict::NotAllowed(_) => 2 + u8::from(judged.denied_by.is_some() && judged.by_default.is_empty()),
    };
    let is_granted_already = !judged.is_empty() && judged.iter().all(|(_, judged)| judged.is_granted_already);
    let is_one = judged.windows(2).all(|pair| pair[0].1.verdict == pair[1].1.verdict);
    // What is allowed must be allowed in each of them.
    let all_defaults = judged.iter().flat_map(|(_, judged)| judged.by_default.clone()).collect();
    // The first of the worst: `max_by_key` takes the last.
    let Some((region, worst)) = judged.into_iter().rev().max_by_key(|(_, judged)| weight(judged)) else {
        return Judged::of(Verdict::Unknown("it was not asked".to_owned()));
    };
    let by_default = if worst.verdict == Verdict::Allowed { all_defaults } else { worst.by_default };
    let verdict = match worst.verdict {
        Verdict::NotAllowed(why) if !is_one => Verdict::NotAllowed(format!("in `{region}`, {why}")),
        Verdict::Unknown(why) if !is_one => Verdict::Unknown(format!("in `{region}`, {why}")),
        verdict => verdict,
    };
    Judged { verdict, is_granted_already, denied_by: worst.denied_by, by_default }
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
