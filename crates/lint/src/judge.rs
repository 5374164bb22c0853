//! Runs the rules over the values of a document.
//!
//! A value is judged once, and then every rule sees the judgement. A value that holds a JSON
//! document is walked like a document: its keys are names, and its findings point into the value.
//!
//! # Cost
//!
//! A value is classified once, whatever the number of rules. JSON in a value is parsed once; JSON
//! inside that one is a text, so that the cost of a value is linear in its length however deep it
//! is nested.

use byref_judge::{NameHint, ValueClass, classify_name, classify_value};
use byref_template::Template;

use crate::judgement::Judgement;
use crate::lint::Context;
use crate::path::Path;
use crate::place::Place;
use crate::rules::{Found, FoundAt, Judged, RULES, Rule, WholeTemplate};
use crate::settle::Draft;
use crate::subject::Subject;
use crate::template_facts::Facts;
use crate::walk::{Visitor, Walk};

/// The rules at work on one document: a [`Visitor`] that collects their findings.
pub(crate) struct Judge<'c, 'f, 't> {
    /// The facts that are known besides the text.
    context: Context<'c>,
    /// The parameters of the document.
    facts: &'f Facts<'t>,
    /// The findings so far.
    drafts: Vec<Draft>,
}

/// The most findings of one rule in one value: a generated file holds them by the thousand, and
/// each is as bad as the first.
const FINDINGS_PER_VALUE: usize = 500;

impl<'c, 'f, 't> Judge<'c, 'f, 't> {
    /// Starts without findings.
    pub(crate) fn new(context: Context<'c>, facts: &'f Facts<'t>) -> Self {
        Self {
            context,
            facts,
            drafts: Vec::new(),
        }
    }

    /// Runs the rules that look at a template as a whole.
    pub(crate) fn whole(&mut self, template: &WholeTemplate<'_, '_>) {
        for rule in RULES {
            let mut found = Vec::new();
            rule.check.template(template, &mut found);
            self.drafts.extend(
                found
                    .into_iter()
                    .map(|FoundAt { span, path, found }| Draft {
                        rule,
                        span,
                        path,
                        found,
                    }),
            );
        }
    }

    /// Returns the findings of all rules, in no order.
    pub(crate) fn into_drafts(self) -> Vec<Draft> {
        self.drafts
    }

    /// Runs every rule on a part of a subject, and places its findings.
    fn run(&mut self, subject: &Subject<'_, 't>, check: impl Fn(&'static Rule, &mut Vec<Found>)) {
        let mut found = Vec::new();
        for rule in RULES {
            check(rule, &mut found);
            for found in found.drain(..) {
                self.add(subject, rule, found);
            }
        }
    }

    /// Adds a finding with its place in the file. The name of the place fills in for a missing one.
    fn add(&mut self, subject: &Subject<'_, 't>, rule: &'static Rule, mut found: Found) {
        let span = if found.range.is_empty() {
            subject.node.full_span()
        } else {
            subject.located.locate(&found.range)
        };
        if found.name.is_none() && !subject.name.is_empty() {
            found.name = Some(subject.name.to_owned());
        }
        self.drafts.push(Draft {
            rule,
            span,
            path: subject.path.to_string(),
            found,
        });
    }
}

impl<'t> Visitor<'t> for Judge<'_, '_, 't> {
    fn value(&mut self, subject: &Subject<'_, 't>) {
        if subject.text().trim().is_empty() {
            return;
        }
        let judged = Judged {
            subject,
            judgement: &Judgement::of(subject),
            declared: self.context.declared,
        };
        self.run(subject, |rule, found| {
            rule.check.value(&judged, found);
            found.truncate(FINDINGS_PER_VALUE);
        });
        if subject.place != Place::Prose {
            self.inside_json(subject);
        }
    }

    fn parameter_used(&mut self, subject: &Subject<'_, 't>, parameter: &str) {
        let Some(declared) = self.facts.parameters.get(parameter) else {
            return;
        };
        self.run(subject, |rule, found| {
            rule.check.parameter(subject, declared, found);
        });
    }

    fn attribute_used(&mut self, subject: &Subject<'_, 't>, attribute: &str) {
        self.run(subject, |rule, found| {
            rule.check.attribute(subject, attribute, found);
        });
    }
}

/// Shorter texts, in bytes, hold no JSON with a secret in it.
const SHORTEST_JSON: usize = 16;

impl<'t> Judge<'_, '_, 't> {
    /// Judges the values of a JSON document that a value holds: it has names and pairs of its own.
    fn inside_json(&mut self, subject: &Subject<'_, 't>) {
        let text = subject.text().trim();
        let is_json = text.len() >= SHORTEST_JSON
            && text.starts_with(['{', '['])
            && text.ends_with(['}', ']'])
            && text.contains(':');
        if !is_json {
            return;
        }
        let start = subject.text().len() - subject.text().trim_start().len();
        let Ok(inner) = Template::parse(text) else {
            return;
        };
        let Some(root) = inner.root() else { return };
        let facts = Facts::default();
        let mut judge = Judge::new(self.context, &facts);
        let takes_secrets = subject.place == Place::SecretProperty;
        Walk::new(
            &mut Inside {
                judge: &mut judge,
                takes_secrets,
            },
            &facts,
        )
        .tree(root, Place::Named);
        for draft in judge.drafts {
            let range = start + draft.span.start as usize..start + draft.span.end as usize;
            let span = subject.located.locate(&range);
            self.drafts.push(Draft {
                span,
                path: joined(subject.path, &draft.path),
                ..draft
            });
        }
    }
}

/// Returns the path of a value in a JSON document that the value at `outer` holds.
fn joined(outer: &Path<'_>, inner: &str) -> String {
    if inner.is_empty() {
        outer.to_string()
    } else {
        format!("{outer}.{inner}")
    }
}

/// The rules at work inside a JSON document. JSON in JSON is judged as text, so that nesting costs
/// nothing more.
struct Inside<'j, 'c, 'f, 't> {
    /// The rules, which collect their findings apart from those of the outer document.
    judge: &'j mut Judge<'c, 'f, 't>,
    /// The document is in a property that takes a secret: a value that is called a secret in it, is
    /// one.
    takes_secrets: bool,
}

impl<'t> Visitor<'t> for Inside<'_, '_, '_, 't> {
    fn value(&mut self, subject: &Subject<'_, 't>) {
        let hint = classify_name(subject.name);
        let is_random_key =
            || hint == NameHint::Possible && classify_value(subject.text()) == ValueClass::Random;
        let is_called_secret = self.takes_secrets
            && subject.place == Place::Named
            && (hint.is_strong() || is_random_key());
        let place = if is_called_secret {
            Place::SecretProperty
        } else {
            subject.place
        };
        let subject = &Subject { place, ..*subject };
        let judged = Judged {
            subject,
            judgement: &Judgement::of(subject),
            declared: &[],
        };
        self.judge.run(subject, |rule, found| {
            rule.check.nested_value(&judged, found);
        });
    }

    fn parameter_used(&mut self, _: &Subject<'_, 't>, _: &str) {}

    fn attribute_used(&mut self, _: &Subject<'_, 't>, _: &str) {}
}
