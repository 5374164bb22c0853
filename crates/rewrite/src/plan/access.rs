//! Verdicts on roles: may the role of a container read the secrets that the container will refer
//! to?
//!
//! The phase judges each reference of each container against the policies of each role that the
//! container may have, in every Region of the environment. It judges twice: with the rights that
//! the role has today, and with the rights that byref would add. A right that only the second
//! verdict has becomes a grant.
//!
//! The two verdicts decide what happens to one need of one role:
//!
//! | today | with the grant | result |
//! |---|---|---|
//! | allowed | – | nothing to do |
//! | not allowed | allowed | granted |
//! | not allowed | not allowed | denied: a deny or a boundary is in the way |
//! | unknown | allowed or unknown | granted, unless its own policies allow it already |
//!
//! A role that is not in the templates, or whose template is only read, keeps its verdict of today.
//!
//! The policy simulator of IAM would be the obvious alternative. It needs credentials, and for the
//! policies of a role a role that exists, so it can't judge a template before its first deploy.

use std::collections::BTreeMap;

use byref_cloudformation::{Role, literal};
use byref_iam::{Request, Verdict};
use byref_parameter::Region;
use byref_template::{Location, NodeId, NodeRef};

use super::grant::Grants;
use super::inventory::Inventory;
use super::line::Line;
use super::need::Need;
use super::reach::{Reached, RoleAt};
use super::role::readers;
use crate::binding::{Access, Binding, Denial, RoleReference};
use crate::container::Container;
use crate::execution_role::is_role_arn;
use crate::policy::{Judged, verdicts};
use crate::request::Document;

/// The verdicts on the roles of all containers, and the rights that roles get.
pub(super) struct Assessment<'p> {
    /// One verdict for each binding by reference, role and action, in the order of the containers.
    pub(super) access: Vec<Access>,
    /// For each of `access` the place of the property that names the role.
    pub(super) places: Vec<Location>,
    pub(super) grants: Grants<'p>,
}

/// Judges every reference of every container, and collects the rights that roles of the templates
/// lack.
///
/// A container without a role gets a verdict only if the run creates a role for it: that role is
/// allowed everything that its secrets need.
pub(super) fn assess<'p>(
    inventory: &'p Inventory<'p>,
    lines: &[Line<'_>],
    bindings: &[Binding],
) -> Assessment<'p> {
    let mut assessor = Assessor {
        inventory,
        bindings,
        grants: Grants::default(),
    };
    let (mut access, mut places) = (Vec::new(), Vec::new());
    let by_name: BTreeMap<&str, &Line<'_>> = lines
        .iter()
        .rev()
        .map(|line| (line.secret.name.as_str(), line))
        .collect();
    for (index, own_bindings) in readers(inventory, bindings) {
        let container = &inventory.containers[index];
        let place = inventory.documents[container.document].place(container.role_place);
        let lines = own_bindings.iter().filter_map(|binding| {
            Some((*binding, by_name.get(bindings[*binding].secret.as_str())?))
        });
        let needs: Vec<Need> = lines
            .flat_map(|(binding, line)| inventory.needs(binding, line))
            .collect();
        for role in container.roles.iter().flatten() {
            access.extend(assessor.judge_role(container, *role, &needs));
        }
        if inventory.creates_roles() && !container.role_gaps.is_empty() {
            access.extend(assessor.create_role(container, &needs));
        }
        places.resize(access.len(), place);
    }
    Assessment {
        access,
        places,
        grants: assessor.grants,
    }
}

/// The state of the phase: the rights that the roles so far lack.
struct Assessor<'p, 'b> {
    inventory: &'p Inventory<'p>,
    bindings: &'b [Binding],
    grants: Grants<'p>,
}

impl<'p> Assessor<'p, '_> {
    /// Judges the role that a property names, with one verdict for each need.
    ///
    /// A property may lead to several roles, if templates of the run pass different ones to a
    /// parameter. A role that is not a resource of any template gets the verdict "unknown"; its ARN
    /// is kept only where the template shows that it is one, because a default or a mapping may
    /// hold a secret instead.
    fn judge_role(
        &mut self,
        container: &Container<'p>,
        node: NodeRef<'p>,
        needs: &[Need],
    ) -> Vec<Access> {
        let mut own = Vec::new();
        for found in self.inventory.roles_at(container.document, node) {
            match found {
                Reached::Here(found) => {
                    let judged = self.judge_and_grant(container, &found, needs);
                    let reference = RoleReference::InTemplate(found.role.id);
                    own.extend(
                        needs
                            .iter()
                            .zip(judged)
                            .filter_map(|(need, judged)| access(need, &reference, judged)),
                    );
                }
                Reached::Elsewhere(why, arn) => {
                    // A default or an entry of a mapping that is no ARN may be a secret.
                    let arn = arn.filter(|text| literal(node).is_some() || is_role_arn(text));
                    let reference = RoleReference::Elsewhere(arn);
                    let judged = RoleAnswer::of(Verdict::Unknown(why));
                    own.extend(
                        needs
                            .iter()
                            .filter_map(|need| access(need, &reference, judged.clone())),
                    );
                }
            }
        }
        own
    }

    /// Judges one role of a template, and grants the rights that it lacks.
    ///
    /// A grant needs all of the following: the request allows grants, the run writes the role's
    /// template, the plan writes a reference (under the value scheme, existing references are not
    /// our concern), and no deny or permissions boundary would outweigh the grant.
    fn judge_and_grant(
        &mut self,
        container: &Container<'p>,
        found: &RoleAt<'p>,
        needs: &[Need],
    ) -> Vec<RoleAnswer> {
        let (document, role) = (found.document, &found.role);
        let reader = found.stack.as_ref().unwrap_or(&container.task_definition);
        let given = self.inventory.declarations[document]
            .resources
            .get(reader)
            .and_then(|reader| reader.get("Condition"));
        let given = given.and_then(literal);
        let judge = |granting| -> Vec<Judged> {
            let judged = judge_in_regions(
                self.inventory,
                (document, role),
                needs,
                (granting, given.as_deref()),
            );
            judged.into_iter().map(worst).collect()
        };
        let answer = |judged: Judged, granting: Granting| RoleAnswer {
            verdict: judged.verdict,
            is_granted: granting == Granting::Planned,
            denied_by: judged
                .denied_by
                .map(|id| denial(&self.inventory.documents[document], id)),
            by_default: judged
                .by_default
                .into_iter()
                .chain(found.by_default.iter().cloned())
                .collect(),
        };
        let before = judge(Granting::None);
        // A template that is only read gets no grant.
        if !self.inventory.grants_to_roles() || !self.inventory.documents[document].is_written() {
            return before
                .into_iter()
                .map(|judged| answer(judged, Granting::None))
                .collect();
        }
        let after = judge(Granting::Planned);
        let mut judged = Vec::new();
        for ((need, before), after) in needs.iter().zip(before).zip(after) {
            let is_in_scope = self.inventory.request.scheme == byref_config::Scheme::Reference
                || self.bindings[need.binding].writes_reference();
            // No grant helps against a deny, or a boundary: the verdict that remains tells what is
            // in the way.
            if !before.is_granted_already && matches!(after.verdict, Verdict::NotAllowed(_)) {
                judged.push(answer(after, Granting::None));
                continue;
            }
            if before.is_granted_already || !is_in_scope || need.requests.is_empty() {
                judged.push(answer(before, Granting::None));
                continue;
            }
            let place = self.inventory.documents[container.document].place(container.role_place);
            let line = self.bindings[need.binding].line;
            self.grants.add(found, reader, &need.rights, [place, line]);
            judged.push(answer(after, Granting::Planned));
        }
        judged
    }

    /// Grants all needs of a container to the role that the run creates for it.
    fn create_role(&mut self, container: &Container<'p>, needs: &[Need]) -> Vec<Access> {
        let id = self.inventory.new_role_id(container);
        for need in needs {
            self.grants.add_to_new(
                container,
                &id,
                &need.rights,
                self.bindings[need.binding].line,
            );
        }
        let reference = RoleReference::InTemplate(id);
        needs
            .iter()
            .filter_map(|need| {
                access(
                    need,
                    &reference,
                    RoleAnswer {
                        is_granted: true,
                        ..RoleAnswer::of(Verdict::Allowed)
                    },
                )
            })
            .collect()
    }
}

/// Judges all needs in all Regions, because pseudo parameters have another value in each.
///
/// Returns for each need the verdicts in the order of the environment's Regions. All actions of a
/// Region are judged in one call, so that the policies of the role are evaluated once for each
/// Region and not once for each secret.
fn judge_in_regions<'p>(
    inventory: &Inventory<'p>,
    (document, role): (usize, &Role<'p>),
    needs: &[Need],
    (granting, given): (Granting, Option<&str>),
) -> Vec<Vec<(Region, Judged)>> {
    let mut judged = vec![Vec::new(); needs.len()];
    let mut by_region: BTreeMap<&Region, (Vec<usize>, Vec<Request>)> = BTreeMap::new();
    for (index, need) in needs.iter().enumerate() {
        for (region, action) in &need.requests {
            let (indices, actions) = by_region.entry(region).or_default();
            indices.push(index);
            actions.push(Request {
                is_granted: granting == Granting::Planned,
                ..action.clone()
            });
        }
    }
    for region in &inventory.request.environment.regions {
        let Some((indices, actions)) = by_region.get(region) else {
            continue;
        };
        let evaluation = inventory.evaluation(document, region);
        let verdicts = verdicts(
            &inventory.declarations[document],
            &evaluation,
            role,
            (actions, given),
        );
        for (index, verdict) in indices.iter().zip(verdicts) {
            judged[*index].push((region.clone(), verdict));
        }
    }
    judged
}

/// The rights that a verdict assumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Granting {
    /// The role has the rights that the template gives it today.
    None,
    /// The role has the rights that the plan adds, too.
    Planned,
}

/// The answer to one need, before it is tied to a binding.
#[derive(Clone)]
struct RoleAnswer {
    verdict: Verdict,
    is_granted: bool,
    denied_by: Option<Denial>,
    by_default: Vec<String>,
}

impl RoleAnswer {
    /// Returns an answer that nothing denies and no default decides.
    fn of(verdict: Verdict) -> Self {
        Self {
            verdict,
            is_granted: false,
            denied_by: None,
            by_default: Vec::new(),
        }
    }
}

/// Returns the denial at a node: a permissions boundary is the value of that property, and anything
/// else is a statement.
fn denial(document: &Document, node: NodeId) -> Denial {
    let node = document.template.node(node);
    let is_boundary = std::iter::successors(Some(node), |node| node.parent()).any(|inner| {
        let value = inner
            .parent()
            .and_then(|outer| outer.get("PermissionsBoundary"));
        value.is_some_and(|value| value.id() == inner.id())
    });
    let place = document.place(node);
    if is_boundary {
        Denial::Boundary(place)
    } else {
        Denial::Statement(place)
    }
}

/// Ties an answer to the binding that needs it. Returns `None` for a need without actions, such as
/// the key of a Region that has none.
fn access(need: &Need, role: &RoleReference, answer: RoleAnswer) -> Option<Access> {
    let (_, first) = need.requests.first()?;
    let resources = need
        .requests
        .iter()
        .map(|(_, action)| action.resource_pattern())
        .collect();
    let RoleAnswer {
        verdict,
        is_granted,
        denied_by,
        by_default,
    } = answer;
    let (binding, role) = (need.binding, role.clone());
    Some(Access {
        binding,
        action: first.action.name(),
        resources,
        role,
        verdict,
        is_granted,
        denied_by,
        by_default,
    })
}

/// Combines the verdicts of all Regions into the worst one: denied for certain, then not allowed,
/// then unknown, then allowed.
///
/// A right must be allowed in every Region, so an allowed verdict lists the defaults that any
/// Region relies on. If the Regions differ, the reason names the Region.
///
/// Of several Regions with the same weight the first one counts, so that the message is stable.
///
/// | `us-west-2` | `eu-west-1` | result |
/// |---|---|---|
/// | allowed | allowed | allowed |
/// | allowed | unknown | unknown, "in `eu-west-1`, …" |
/// | not allowed | unknown | not allowed, "in `us-west-2`, …" |
/// | not allowed | denied by a statement | not allowed, with the place of that statement |
fn worst(judged: Vec<(Region, Judged)>) -> Judged {
    let weight = |judged: &Judged| match judged.verdict {
        Verdict::Allowed => 0,
        Verdict::Unknown(_) => 1,
        Verdict::NotAllowed(_) => {
            2 + u8::from(judged.denied_by.is_some() && judged.by_default.is_empty())
        }
    };
    let is_granted_already =
        !judged.is_empty() && judged.iter().all(|(_, judged)| judged.is_granted_already);
    let is_one = judged
        .windows(2)
        .all(|pair| pair[0].1.verdict == pair[1].1.verdict);
    // What is allowed must be allowed in each of them.
    let all_defaults = judged
        .iter()
        .flat_map(|(_, judged)| judged.by_default.clone())
        .collect();
    // The first of the worst: `max_by_key` takes the last.
    let Some((region, worst)) = judged
        .into_iter()
        .rev()
        .max_by_key(|(_, judged)| weight(judged))
    else {
        return Judged::of(Verdict::Unknown("it was not asked".to_owned()));
    };
    let by_default = if worst.verdict == Verdict::Allowed {
        all_defaults
    } else {
        worst.by_default
    };
    let verdict = match worst.verdict {
        Verdict::NotAllowed(why) if !is_one => Verdict::NotAllowed(format!("in `{region}`, {why}")),
        Verdict::Unknown(why) if !is_one => Verdict::Unknown(format!("in `{region}`, {why}")),
        verdict => verdict,
    };
    Judged {
        verdict,
        is_granted_already,
        denied_by: worst.denied_by,
        by_default,
    }
}
