//! Whether the roles of the templates may read what will be referenced.

use std::collections::BTreeMap;

use byref_cloudformation::{Defaults, Evaluation, Role, StackInstance, literal};
use byref_config::ReferenceForm;
use byref_iam::{Request, Right, Verdict};
use byref_parameter::Region;
use byref_template::{Location, NodeId, NodeRef};

use super::grant::Grants;
use super::reach::{Reached, RoleAt};
use super::{Line, Planner};
use crate::binding::{Access, RoleReference};
use crate::container::Container;
use crate::execution_role::is_role_arn;
use crate::iam::requests_to_read;
use crate::policy::{Judged, verdicts};
use crate::request::stack;

/// One action that is needed for a binding, with the request in each Region, and the rights that grant it.
struct Asked {
    binding: usize,
    requests: Vec<(Region, Request)>,
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

    /// Returns the requests of a service that reads a secret, for each of its actions.
    fn asked(&self, binding: usize, line: &Line<'_>) -> Vec<Asked> {
        let crate::request::Request { config, app, environment, .. } = self.request;
        let Ok(reference) = config.reference(app, environment, line.secret) else { return Vec::new() };
        let (mut reads, mut decrypts) = (Vec::new(), Vec::new());
        for region in self.regions() {
            let mut requests = requests_to_read(config, environment, &reference, region).into_iter();
            reads.extend(requests.next().map(|request| (region.clone(), request)));
            decrypts.extend(requests.next().map(|request| (region.clone(), request)));
        }
        let mut rights = self.rights(line, &reference);
        let of_keys = rights.split_off(1);
        let of_key = Some(Asked { binding, requests: decrypts, rights: of_keys });
        let of_secret = Asked { binding, requests: reads, rights };
        std::iter::once(of_secret).chain(of_key.filter(|asked| !asked.requests.is_empty())).collect()
    }

    /// Where what the template says must hold.
    pub(super) fn regions(&self) -> &'p [Region] {
        match self.request.config.rewrite.reference {
            ReferenceForm::Pseudo => self.request.environment.regions.as_slice(),
            ReferenceForm::Literal => std::slice::from_ref(self.request.region),
        }
    }

    /// The stack that a template becomes in a Region.
    pub(super) fn stack_in<'e>(&'e self, region: &'e Region) -> StackInstance<'e> {
        stack(self.request.environment, region, self.environment_parameter())
    }

    pub(super) fn evaluation<'e>(&'e self, document: usize, region: &'e Region) -> Evaluation<'e> {
        Evaluation {
            declarations: &self.survey.declarations[document],
            stack: self.stack_in(region),
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
            if before.is_granted_already || !is_in_scope || asked.requests.is_empty() {
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
        let mut by_region: BTreeMap<&Region, (Vec<usize>, Vec<Request>)> = BTreeMap::new();
        for (index, asked) in asked.iter().enumerate() {
            for (region, request) in &asked.requests {
                let (indices, requests) = by_region.entry(region).or_default();
                indices.push(index);
                requests.push(Request { is_granted, ..request.clone() });
            }
        }
        for region in &self.request.environment.regions {
            let Some((indices, requests)) = by_region.get(region) else { continue };
            let evaluation = self.evaluation(document, region);
            let verdicts = verdicts(&self.survey.declarations[document], &evaluation, role, (requests, given));
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
    let (_, first) = asked.requests.first()?;
    let resources = asked.requests.iter().map(|(_, request)| request.resource_pattern()).collect();
    let Said { verdict, is_granted, denied_by, by_default } = said;
    let (binding, role) = (asked.binding, role.clone());
    Some(Access { binding, action: first.action.name(), resources, role, verdict, is_granted, denied_by, by_default })
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
