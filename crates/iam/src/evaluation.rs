//! The verdict on a request: the evaluation of identity policies in one account.
//!
//! A deny that holds wins; then a permissions boundary that does not allow the request; then an
//! allow that holds. A part that may be a deny, or may be an allow, leaves the verdict open:
//! nothing is guessed.
//!
//! Source: IAM user guide, "Policy evaluation logic".

use std::fmt;

use crate::document::{
    Boundary, Clause, Document, Effect, PolicySource, PolicyStatement, RolePolicies,
};
use crate::patterns::Patterns;
use crate::request::Request;
use crate::truth::{Reason, Truth};

/// The answer to "may this role make this request?".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The identity policies allow it.
    Allowed,
    /// They don't, for this reason.
    NotAllowed(String),
    /// It depends on this, which is not known before a deployment.
    Unknown(String),
}

impl Verdict {
    /// Returns the word for reports, which is part of their format: `allowed`, `not-allowed` or
    /// `unknown`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::NotAllowed(_) => "not-allowed",
            Self::Unknown(_) => "unknown",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Allowed => formatter.write_str("allowed"),
            Self::NotAllowed(why) => write!(formatter, "not allowed: {why}"),
            Self::Unknown(why) => write!(formatter, "unknown: {why}"),
        }
    }
}

/// A verdict with its consequences for further grants.
#[derive(Clone, Debug)]
pub struct Judgement<P> {
    /// The verdict.
    pub verdict: Verdict,
    /// Set if the policies allow the request already. If the verdict is another one nevertheless, a
    /// deny or a boundary takes it away, and no further grant brings it back.
    pub is_granted_already: bool,
    /// The place of a statement that denies for certain, or of the boundary that does not allow the
    /// request.
    pub denied_by: Option<P>,
}

/// Decides whether a role may make a request.
pub fn decide<P: Copy>(role: &RolePolicies<P>, request: &Request) -> Judgement<P> {
    let mut tally = Tally::new(Truth::of(request.is_granted));
    for policy in &role.policies {
        tally.add(&policy.source, &policy.attached, request);
    }
    let is_granted_already = tally.allow == Truth::Yes;
    let limit = role
        .boundary
        .as_ref()
        .map_or(Limit::Within, |boundary| limit(boundary, request));
    let mut denied_by = tally.denied_by;
    let verdict = match (tally.deny, tally.allow, limit) {
        (Truth::Yes, _, _) => Verdict::NotAllowed("a policy denies it".to_owned()),
        (_, _, Limit::Denied(why, place)) => {
            denied_by = Some(place);
            Verdict::NotAllowed(why)
        }
        (_, Truth::No, _) => Verdict::NotAllowed(format!(
            "no policy of the role allows `{}` on it",
            request.action.name()
        )),
        (_, Truth::Maybe(why), _)
        | (Truth::Maybe(why), Truth::Yes, _)
        | (Truth::No, Truth::Yes, Limit::Unknown(why)) => Verdict::Unknown(why.to_string()),
        (Truth::No, Truth::Yes, Limit::Within) => Verdict::Allowed,
    };
    Judgement {
        verdict,
        is_granted_already,
        denied_by,
    }
}

/// The effect of a permissions boundary on a request that some policy allows.
enum Limit<P> {
    Within,
    Unknown(Reason),
    Denied(String, P),
}

fn limit<P: Copy>(boundary: &Boundary<P>, request: &Request) -> Limit<P> {
    let mut tally = Tally::new(Truth::No);
    tally.add(&boundary.source, &Truth::Yes, request);
    match (tally.deny, tally.allow) {
        (Truth::Yes, _) => Limit::Denied(
            "the permissions boundary denies it".to_owned(),
            tally.denied_by.unwrap_or(boundary.place),
        ),
        (_, Truth::No) => Limit::Denied(
            format!(
                "the permissions boundary does not allow `{}` on it",
                request.action.name()
            ),
            boundary.place,
        ),
        (_, Truth::Maybe(why)) | (Truth::Maybe(why), Truth::Yes) => Limit::Unknown(why),
        (Truth::No, Truth::Yes) => Limit::Within,
    }
}

/// The sum of several policies: the disjunction of their allows, and that of their denies.
struct Tally<P> {
    allow: Truth,
    deny: Truth,
    /// The first statement that denies for certain.
    denied_by: Option<P>,
}

impl<P: Copy> Tally<P> {
    fn new(allow: Truth) -> Self {
        Self {
            allow,
            deny: Truth::No,
            denied_by: None,
        }
    }

    fn add(&mut self, source: &PolicySource<P>, attached: &Truth, request: &Request) {
        match source {
            PolicySource::Document(document) => self.add_document(document, attached, request),
            PolicySource::Managed(policy) => {
                self.allow(attached.clone().and(|| policy.allows(request)));
            }
            PolicySource::UnlistedManaged(reason) => self.allow(Truth::Maybe(reason.clone())),
            PolicySource::Unreadable(reason) => self.add_unknown(reason),
        }
    }

    fn add_document(&mut self, document: &Document<P>, attached: &Truth, request: &Request) {
        for statement in &document.statements {
            let (place, effect, actions, resources, conditions) = match statement {
                PolicyStatement::Known {
                    place,
                    effect,
                    actions,
                    resources,
                    conditions,
                } => (place, effect, actions, resources, conditions),
                PolicyStatement::Unreadable(reason) => {
                    self.add_unknown(reason);
                    continue;
                }
            };
            let applies = attached
                .clone()
                .and(|| resources.matches(|patterns| patterns.match_resource(request)))
                .and(|| {
                    let action = request.action.name();
                    actions
                        .matches(|patterns| patterns.any(|pattern| pattern.matches_action(action)))
                })
                .and(|| conditions.hold(request));
            match effect {
                Effect::Allow => self.allow(applies),
                Effect::Deny => {
                    if self.denied_by.is_none() && applies == Truth::Yes {
                        self.denied_by = Some(*place);
                    }
                    self.deny(applies);
                }
                Effect::Unknown(reason) if applies != Truth::No => self.add_unknown(reason),
                Effect::Unknown(_) | Effect::Missing => {}
            }
        }
    }

    /// Adds a part that may allow as well as deny.
    fn add_unknown(&mut self, reason: &Reason) {
        self.allow(Truth::Maybe(reason.clone()));
        self.deny(Truth::Maybe(reason.clone()));
    }

    fn allow(&mut self, truth: Truth) {
        self.allow = std::mem::replace(&mut self.allow, Truth::No).or(|| truth);
    }

    fn deny(&mut self, truth: Truth) {
        self.deny = std::mem::replace(&mut self.deny, Truth::No).or(|| truth);
    }
}

impl Clause {
    /// Evaluates the element with a comparison of its patterns.
    fn matches(&self, fits: impl Fn(&Patterns) -> Truth) -> Truth {
        match self {
            Self::AnyOf(patterns) => fits(patterns),
            Self::NoneOf(patterns) => fits(patterns).not(),
            Self::Missing => Truth::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{AttachedPolicy, Conditions};
    use crate::pattern::Pattern;
    use crate::read::{ArnScope, Secret};
    use crate::request::requests_to_read;

    fn request() -> Request {
        let account = "111122223333".parse().unwrap();
        let scope = ArnScope::of(
            "aws".parse().unwrap(),
            &"us-west-2".parse().unwrap(),
            &account,
        );
        requests_to_read(
            &Secret::Parameter("/production/web/token".into()),
            None,
            &scope,
        )
        .remove(0)
    }

    fn statement(place: u8, effect: Effect, resource: &str) -> PolicyStatement<u8> {
        PolicyStatement::Known {
            place,
            effect,
            actions: Clause::AnyOf(vec![Pattern::known("ssm:Get*")].into()),
            resources: Clause::AnyOf(vec![Pattern::known(resource)].into()),
            conditions: Conditions::Known(Vec::new()),
        }
    }

    fn role(statements: Vec<PolicyStatement<u8>>) -> RolePolicies<u8> {
        let source = PolicySource::Document(Document { statements });
        RolePolicies {
            policies: vec![AttachedPolicy {
                source,
                attached: Truth::Yes,
            }],
            boundary: None,
        }
    }

    #[test]
    fn a_deny_wins_over_an_allow_and_gives_its_place() {
        let allow = statement(1, Effect::Allow, "*");
        assert_eq!(
            decide(&role(vec![allow.clone()]), &request()).verdict,
            Verdict::Allowed
        );
        let judged = decide(
            &role(vec![allow, statement(2, Effect::Deny, "*")]),
            &request(),
        );
        assert_eq!(
            judged.verdict,
            Verdict::NotAllowed("a policy denies it".to_owned())
        );
        assert_eq!(
            (judged.is_granted_already, judged.denied_by),
            (true, Some(2))
        );
    }

    #[test]
    fn unreadable_parts_leave_the_verdict_open() {
        let unreadable = PolicyStatement::Unreadable("`Stage`".into());
        let judged = decide(
            &role(vec![statement(1, Effect::Allow, "*"), unreadable]),
            &request(),
        );
        assert_eq!(judged.verdict, Verdict::Unknown("`Stage`".to_owned()));
        let effect = Effect::Unknown("an effect".into());
        let other = decide(
            &role(vec![statement(1, effect, "arn:aws:s3:::*")]),
            &request(),
        );
        assert!(matches!(other.verdict, Verdict::NotAllowed(_)));
    }

    #[test]
    fn a_boundary_grants_nothing_and_denies_the_rest() {
        let mut role = role(vec![statement(1, Effect::Allow, "*")]);
        let source = PolicySource::Document(Document {
            statements: vec![statement(3, Effect::Allow, "arn:aws:s3:::*")],
        });
        role.boundary = Some(Boundary { source, place: 9 });
        let judged = decide(&role, &request());
        assert!(
            matches!(judged.verdict, Verdict::NotAllowed(why) if why.contains("permissions boundary"))
        );
        assert_eq!(judged.denied_by, Some(9));
    }
}
