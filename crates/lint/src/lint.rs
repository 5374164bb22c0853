//! From a text to findings.

use std::collections::BTreeMap;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use byref_parameter::MASK;
use byref_template::{Span, Template};

use crate::document::{Document, document};
use crate::finding::{Finding, Level};
use crate::judgement::Judgement;
use crate::line;
use crate::located::Located;
use crate::path::Path;
use crate::place::Place;
use crate::repair;
use crate::rules::{
    Found, RULES, Rule, declared_secret, embedded_secret, no_echo, reference_form, resolved_in_clear, secret_name,
    secret_property, secret_shape, weak_secret,
};
use crate::subject::Subject;
use crate::template_facts::Facts;
use crate::templating;
use crate::walk::{Visitor, Walk};
use byref_judge::{NameHint, ValueClass, classify_name, classify_value, find_shapes};
use byref_known::KnownValues;

/// A name that the configuration declares as a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The environment variable.
    pub name: String,
    /// The application.
    pub app: String,
}

/// What is known besides the text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'c> {
    /// The names that are declared for this template.
    pub declared: &'c [Declared],
    /// The accounts of all environments.
    pub accounts: &'c [String],
    /// Whether texts that are no templates are judged, too.
    pub all_text: bool,
}

/// How a text was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As a template.
    Template,
    /// As an ECS task definition.
    TaskDefinition,
    /// As a file with values for the parameters of a stack.
    ParameterFile,
    /// As a configuration of the Serverless Framework.
    Serverless,
    /// As one of those, in which the parts of a templating engine were passed over.
    Templated,
    /// As one of those, after mistakes in its JSON were repaired: the first of them.
    Repaired(&'static str),
    /// Line by line, because it is no template that can be read: why not.
    Lines(&'static str),
    /// Not at all: it is no template.
    PassedOver,
}

const NO_DOCUMENT: &str = "it is not a template";

impl Reading {
    fn of(kind: Document) -> Self {
        match kind {
            Document::Template => Self::Template,
            Document::TaskDefinition => Self::TaskDefinition,
            Document::ParameterFile => Self::ParameterFile,
            Document::Serverless => Self::Serverless,
        }
    }
}

/// What the lint says of one text.
#[derive(Debug)]
pub struct Report {
    /// In the order of the text.
    pub findings: Vec<Finding>,
    /// How the text was read.
    pub reading: Reading,
    /// The tree, where it is a template as it stands.
    pub template: Option<Template>,
}

/// Judges a text.
pub fn lint(text: &Arc<str>, context: Context<'_>) -> Report {
    let parsed = Template::parse(Arc::clone(text));
    let error = match parsed {
        Ok(template) => match document(&template) {
            Some(kind) => {
                let findings = of_document(&template, kind, context);
                return Report { findings, reading: Reading::of(kind), template: Some(template) };
            }
            None if context.all_text => {
                let findings = of_lines(text);
                return Report { findings, reading: Reading::Lines(NO_DOCUMENT), template: Some(template) };
            }
            None => return passed_over(),
        },
        Err(error) => error,
    };
    if !context.all_text && !is_like_template(text) {
        return passed_over();
    }
    let without_engine = templating::without_engine(text);
    let repaired = || repair::repaired(without_engine.as_deref().unwrap_or(text));
    let others = [
        without_engine.clone().map(|text| (text, Reading::Templated)),
        repaired().map(|text| (text, Reading::Repaired(error.message))),
    ];
    for (text, reading) in others.into_iter().flatten() {
        if let Some(template) = Template::parse(text).ok()
            && let Some(kind) = document(&template)
        {
            return Report { findings: of_document(&template, kind, context), reading, template: None };
        }
    }
    Report { findings: of_lines(text), reading: Reading::Lines(error.message), template: None }
}

fn passed_over() -> Report {
    Report { findings: Vec::new(), reading: Reading::PassedOver, template: None }
}

/// Whether a text that can't be read was meant as a template.
fn is_like_template(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    has("AWSTemplateFormatVersion") || has("containerDefinitions") || has("Resources") && has("AWS::")
}

fn of_document(template: &Template, kind: Document, context: Context<'_>) -> Vec<Finding> {
    let Some(root) = template.root() else { return Vec::new() };
    let facts = match kind {
        Document::Template => Facts::of(root),
        Document::Serverless => root.get("resources").map(Facts::of).unwrap_or_default(),
        Document::TaskDefinition | Document::ParameterFile => Facts::default(),
    };
    let mut judge = Judge { context, facts: &facts, drafts: Vec::new() };
    let mut walk = Walk::new(&mut judge, &facts);
    match kind {
        Document::Template => walk.template(template),
        Document::Serverless => walk.serverless(template),
        Document::TaskDefinition | Document::ParameterFile => walk.document(template),
    }
    let no_echo: Vec<Draft> = facts
        .parameters
        .iter()
        .filter_map(|(name, parameter)| {
            let found = no_echo::check(name, parameter, walk.uses_of(name))?;
            Some(Draft { rule: &no_echo::RULE, span: parameter.key.span(), path: format!("Parameters.{name}"), found })
        })
        .collect();
    judge.drafts.extend(no_echo);
    let root = if kind == Document::Serverless { root.get("resources").unwrap_or(root) } else { root };
    for mistake in reference_form::check(root, context.accounts) {
        let path = format!("Resources.{}.Properties", mistake.resource);
        let found = Found { name: mistake.name, ..mistake.found };
        judge.drafts.push(Draft { rule: &reference_form::RULE, span: mistake.node.full_span(), path, found });
    }
    settle(template.text(), judge.drafts)
}

/// Judges a text line by line.
fn of_lines(text: &Arc<str>) -> Vec<Finding> {
    let located = Located::bytes(text, 0);
    let drafts = line::findings(text).into_iter().map(|(rule, found)| {
        let span = located.locate(&found.range);
        Draft { rule, span, path: String::new(), found }
    });
    settle(text, drafts.collect())
}

/// A finding before it is known which of several at one place speaks.
struct Draft {
    rule: &'static Rule,
    span: Span,
    path: String,
    found: Found,
}

/// The rules at work.
struct Judge<'c, 'f, 't> {
    context: Context<'c>,
    facts: &'f Facts<'t>,
    drafts: Vec<Draft>,
}

/// More findings in one value are not told apart: a generated file holds them by the thousand.
const FINDINGS_PER_VALUE: usize = 500;

impl<'t> Judge<'_, '_, 't> {
    fn add(&mut self, subject: &Subject<'_, 't>, rule: &'static Rule, mut found: Found) {
        let span = if found.range.is_empty() { subject.node.full_span() } else { subject.located.locate(&found.range) };
        if found.name.is_none() && !subject.name.is_empty() {
            found.name = Some(subject.name.to_owned());
        }
        self.drafts.push(Draft { rule, span, path: subject.path.to_string(), found });
    }
}

impl<'t> Visitor<'t> for Judge<'_, '_, 't> {
    fn value(&mut self, subject: &Subject<'_, 't>) {
        if subject.text().trim().is_empty() {
            return;
        }
        let judgement = Judgement::of(subject);
        if let Some(found) = declared_secret::check(subject, self.context.declared) {
            self.add(subject, &declared_secret::RULE, found);
        }
        if let Some(found) = secret_property::check(subject, &judgement) {
            self.add(subject, &secret_property::RULE, found);
        }
        for found in secret_shape::check(&judgement).into_iter().take(FINDINGS_PER_VALUE) {
            self.add(subject, &secret_shape::RULE, found);
        }
        for found in embedded_secret::check(&judgement).into_iter().take(FINDINGS_PER_VALUE) {
            self.add(subject, &embedded_secret::RULE, found);
        }
        let of_reference = || secret_name::check_reference(subject);
        if let Some(found) = secret_name::check(subject, &judgement).or_else(of_reference) {
            self.add(subject, &secret_name::RULE, found);
        }
        for found in weak_secret::check(subject, &judgement).into_iter().take(FINDINGS_PER_VALUE) {
            self.add(subject, &weak_secret::RULE, found);
        }
        if let Some(found) = reference_form::check_value(subject) {
            self.add(subject, &reference_form::RULE, found);
        }
        if let Some(found) = resolved_in_clear::check(subject) {
            self.add(subject, &resolved_in_clear::RULE, found);
        }
        if subject.place != Place::Prose {
            self.inside_json(subject);
        }
    }

    fn parameter_used(&mut self, subject: &Subject<'_, 't>, parameter: &str) {
        let Some(declared) = self.facts.parameters.get(parameter) else { return };
        if let Some(found) = resolved_in_clear::check_parameter(subject, declared) {
            self.add(subject, &resolved_in_clear::RULE, found);
        }
    }

    fn attribute_used(&mut self, subject: &Subject<'_, 't>, attribute: &str) {
        if let Some(found) = resolved_in_clear::check_attribute(subject, attribute) {
            self.add(subject, &resolved_in_clear::RULE, found);
        }
    }
}

/// Shorter texts hold no JSON with a secret in it.
const SHORTEST_JSON: usize = 16;

impl<'t> Judge<'_, '_, 't> {
    /// JSON in a value has pairs and names of its own.
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
        let Ok(inner) = Template::parse(text) else { return };
        let Some(root) = inner.root() else { return };
        let facts = Facts::default();
        let mut judge = Judge {
            context: Context { declared: &[], accounts: &[], ..self.context },
            facts: &facts,
            drafts: Vec::new(),
        };
        // JSON in JSON is looked at as text.
        let takes_secrets = subject.place == Place::SecretProperty;
        let mut inside = Inside { judge: &mut judge, takes_secrets };
        Walk::new(&mut inside, &facts).tree(root, Place::Named);
        for draft in judge.drafts {
            let range = start + draft.span.start as usize..start + draft.span.end as usize;
            let span = subject.located.locate(&range);
            self.drafts.push(Draft { span, path: joined(subject.path, &draft.path), ..draft });
        }
    }
}

fn joined(outer: &Path<'_>, inner: &str) -> String {
    if inner.is_empty() { outer.to_string() } else { format!("{outer}.{inner}") }
}

/// The rules inside of JSON, where nothing is looked into once more.
struct Inside<'j, 'c, 'f, 't> {
    judge: &'j mut Judge<'c, 'f, 't>,
    /// Whether it stands in a property that takes a secret: what is called one in it, is one.
    takes_secrets: bool,
}

impl<'t> Visitor<'t> for Inside<'_, '_, '_, 't> {
    fn value(&mut self, subject: &Subject<'_, 't>) {
        let says = classify_name(subject.name);
        let is_drawn_key = || says == NameHint::Possible && classify_value(subject.text()) == ValueClass::Random;
        let is_called_secret =
            self.takes_secrets && subject.place == Place::Named && (says.is_strong() || is_drawn_key());
        let place = if is_called_secret { Place::SecretProperty } else { subject.place };
        let subject = &Subject { place, ..*subject };
        let judgement = Judgement::of(subject);
        for found in secret_shape::check(&judgement) {
            self.judge.add(subject, &secret_shape::RULE, found);
        }
        for found in embedded_secret::check(&judgement) {
            self.judge.add(subject, &embedded_secret::RULE, found);
        }
        if let Some(found) = secret_name::check(subject, &judgement) {
            self.judge.add(subject, &embedded_secret::RULE, found);
        }
        for found in weak_secret::check(subject, &judgement) {
            self.judge.add(subject, &weak_secret::RULE, found);
        }
    }

    fn parameter_used(&mut self, _: &Subject<'_, 't>, _: &str) {}

    fn attribute_used(&mut self, _: &Subject<'_, 't>, _: &str) {}
}

/// Of several findings at one place the first rule speaks; the rest become findings, in the order of the text, and say
/// nothing of any value.
fn settle(text: &str, mut drafts: Vec<Draft>) -> Vec<Finding> {
    let order = |rule: &Rule| RULES.iter().position(|known| known.id == rule.id);
    drafts.sort_by_key(|draft| (order(draft.rule), draft.found.level != Level::Error, draft.span, draft.path.clone()));
    let mut taken: BTreeMap<u32, u32> = BTreeMap::new();
    let mut findings = Vec::new();
    for draft in drafts {
        let Span { start, end } = draft.span;
        let end = end.max(start + 1);
        let overlaps = taken.range(..end).next_back().is_some_and(|(_, until)| *until > start);
        if overlaps {
            continue;
        }
        taken.insert(start, end);
        let Found { level, name, message, help, .. } = draft.found;
        findings.push(Finding {
            rule: draft.rule,
            level,
            span: draft.span,
            path: draft.path,
            name,
            message,
            help: help.to_owned(),
        });
    }
    findings.sort_by_key(|finding| (finding.span, order(finding.rule)));
    hide_values(text, &mut findings);
    findings
}

/// So many values of one text are looked for in other forms as well.
const MOST_IN_ALL_FORMS: usize = 1000;

/// No name is longer, in bytes.
const LONGEST_IN_A_NAME: usize = 256;

/// Shorter values stand everywhere by accident.
const SHORTEST_HIDDEN: usize = 6;

/// The values of findings, line by line, in which what is hidden elsewhere is looked for.
fn found_values<'t>(text: &'t str, findings: &[Finding]) -> Vec<&'t str> {
    let lines = values_of(text, findings).flat_map(str::lines).map(str::trim);
    lines.filter(|value| value.len() >= SHORTEST_HIDDEN).collect()
}

fn values_of<'t>(text: &'t str, findings: &[Finding]) -> impl Iterator<Item = &'t str> {
    let secret = findings.iter().filter(|finding| finding.rule.finds.is_secret_value());
    secret.filter_map(|finding| text.get(finding.span.range()))
}

/// An automaton of longer values costs more than looking for each of them by itself.
const LONGEST_TOGETHER: usize = 1024;

/// Every place of a text where the value of a finding stands, also in names and comments: whoever shows a part of the
/// text hides these.
pub fn places_of_values(text: &str, template: Option<&Template>, findings: &[Finding]) -> Vec<Span> {
    let (long, short): (Vec<&str>, Vec<&str>) =
        found_values(text, findings).into_iter().partition(|value| value.len() > LONGEST_TOGETHER);
    let Ok(search) = AhoCorasick::new(&short) else { return Vec::new() };
    let mut places: Vec<Span> = search.find_iter(text).map(|found| Span::from(found.range())).collect();
    for value in long {
        let found = memchr::memmem::find_iter(text.as_bytes(), value.as_bytes());
        places.extend(found.map(|start| Span::from(start..start + value.len())));
    }
    places.extend(template.into_iter().flat_map(|template| known_values(text, findings).places(template)));
    places
}

/// The values of findings. Of very many, those that a name may hold as they are.
fn known_values(text: &str, findings: &[Finding]) -> KnownValues {
    let mut values: Vec<&str> = values_of(text, findings).collect();
    values.sort_unstable();
    values.dedup();
    if values.len() > MOST_IN_ALL_FORMS {
        values.retain(|value| value.len() <= LONGEST_IN_A_NAME);
    }
    KnownValues::new(values.iter().copied())
}

/// Names and paths come from the template, where anything may stand: found values are masked in them, and what has the
/// shape of a credential.
fn hide_values(text: &str, findings: &mut [Finding]) {
    let known = known_values(text, findings);
    for finding in findings {
        for text in [&mut finding.message, &mut finding.path].into_iter().chain(&mut finding.name) {
            for shaped in find_shapes(text).iter().rev() {
                text.replace_range(shaped.range.clone(), MASK);
            }
        }
        finding.message = known.redacted(&known.masked(&finding.message)).into_owned();
        finding.path = known.masked_path(&finding.path);
        finding.name = finding.name.take().map(|name| known.shown(&name).to_owned());
    }
}
