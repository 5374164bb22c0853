//! An evaluator that knows IAM's documented evaluation order, and nothing of templates.

use std::collections::BTreeSet;

use crate::model::{Assumption, Attachment, Piece, Statement, assumptions};
use crate::{ACTION, REGIONS};

pub(crate) fn like(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|start| like(rest, &text[start..])),
        Some((b'?', rest)) => !text.is_empty() && like(rest, &text[1..]),
        Some((byte, rest)) => text.first() == Some(byte) && like(rest, &text[1..]),
    }
}

pub(crate) fn is_resource(pattern: &str, arn: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let patterns: Vec<&str> = pattern.splitn(6, ':').collect();
    let segments: Vec<&str> = arn.splitn(patterns.len(), ':').collect();
    patterns.len() == segments.len()
        && patterns
            .iter()
            .zip(&segments)
            .all(|(pattern, segment)| like(pattern.as_bytes(), segment.as_bytes()))
}

pub(crate) fn text(pieces: &[Piece], region: &str, assumption: Assumption) -> String {
    let piece = |piece: &Piece| {
        match piece {
            Piece::Text(text) => text,
            Piece::Partition => "aws",
            Piece::Region => region,
            Piece::Account => "111122223333",
            Piece::Known => "production",
            Piece::Unknown => assumption.unknown,
        }
        .to_owned()
    };
    pieces.iter().map(piece).collect()
}

impl Statement {
    pub(crate) fn speaks(&self, arn: &str, region: &str, assumption: Assumption) -> bool {
        let lower = |action: &str| action.to_lowercase();
        let is_action = self
            .actions
            .iter()
            .any(|action| like(lower(action).as_bytes(), lower(ACTION).as_bytes()))
            != self.is_not_action;
        let is_resource = self
            .resources
            .iter()
            .any(|pattern| is_resource(&text(pattern, region, assumption), arn));
        let condition = self
            .condition
            .as_ref()
            .is_none_or(|(operator, key, values)| {
                let actual = if *key == "aws:RequestedRegion" {
                    region
                } else {
                    assumption.vpc
                };
                match *operator {
                    "StringEquals" => values.contains(&actual),
                    "StringNotEquals" => !values.contains(&actual),
                    "StringLike" => values
                        .iter()
                        .any(|value| like(value.as_bytes(), actual.as_bytes())),
                    other => panic!("{other}"),
                }
            });
        let stands = self.side.is_none_or(|side| side == assumption.production);
        stands && is_action && is_resource != self.is_not_resource && condition
    }
}

/// IAM's order: an explicit deny, then an explicit allow, then the implicit deny.
pub(crate) fn is_allowed(
    policies: &[(Attachment, Statement)],
    managed: &[&str],
    arn: &str,
    region: &str,
    assumption: Assumption,
) -> bool {
    let attached = |(attachment, _): &&(Attachment, Statement)| match attachment {
        Attachment::OfAnotherRole => false,
        Attachment::WithCondition => assumption.production,
        _ => true,
    };
    let speaking: Vec<&Statement> = policies
        .iter()
        .filter(attached)
        .map(|(_, statement)| statement)
        .filter(|statement| statement.speaks(arn, region, assumption))
        .collect();
    let denied = speaking.iter().any(|statement| statement.effect == "Deny");
    let allowed = speaking.iter().any(|statement| statement.effect == "Allow")
        || managed.contains(&"AmazonSSMReadOnlyAccess");
    !denied && allowed
}

/// An allow of everything.
pub(crate) fn everything() -> Statement {
    Statement {
        effect: "Allow",
        is_not_action: false,
        actions: vec!["*"],
        is_not_resource: false,
        resources: vec![vec![Piece::Text("*")]],
        condition: None,
        side: None,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Judged {
    Allowed,
    Depends,
    NotAllowed,
}

/// What holds in every case, in the Region where it is worst.
pub(crate) fn judge(policies: &[(Attachment, Statement)], managed: &[&str], path: &str) -> Judged {
    let in_region = |region: &&str| {
        let arn = format!("arn:aws:ssm:{region}:111122223333:parameter/{path}");
        let outcomes: BTreeSet<bool> = assumptions()
            .into_iter()
            .map(|assumption| is_allowed(policies, managed, &arn, region, assumption))
            .collect();
        match (outcomes.contains(&true), outcomes.contains(&false)) {
            (true, false) => Judged::Allowed,
            (false, _) => Judged::NotAllowed,
            (true, true) => Judged::Depends,
        }
    };
    REGIONS.iter().map(in_region).max().unwrap()
}
