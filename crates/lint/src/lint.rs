//! Turns a text into findings.

use std::sync::Arc;

use byref_template::Template;

use crate::document::{Document, document};
use crate::finding::Finding;
use crate::judge::Judge;
use crate::judgement::TextJudgement;
use crate::located::Located;
use crate::repair;
use crate::rules::{RULES, WholeTemplate};
use crate::settle::{Draft, settle};
use crate::template_facts::Facts;
use crate::templating;
use crate::walk::Walk;

/// A name that the configuration declares as a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The name of the environment variable.
    pub name: String,
    /// The application that declares it.
    pub app: String,
}

/// The facts that are known besides the text.
/// ```
/// use byref_lint::{Context, Declared, lint};
///
/// let template = "Resources:
///   Web:
///     Type: AWS::Lambda::Function
///     Properties: {Environment: {Variables: {GREETING: hello}}}
/// ";
/// let declared = [Declared { name: "GREETING".to_owned(), app: "web".to_owned() }];
/// let context = Context { declared: &declared, ..Context::default() };
/// assert_eq!(lint(&template.into(), context).findings[0].rule.id, "declared-secret");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'c> {
    /// The names that are declared as secrets for this template.
    pub declared: &'c [Declared],
    /// The accounts of all environments; references to any other account are findings. Empty if
    /// unknown.
    pub accounts: &'c [String],
    /// `true` to judge texts that are not templates as well, line by line.
    pub all_text: bool,
}

/// The way in which a text was read.
/// ```
/// use byref_lint::{Context, Reading, lint};
///
/// let reading = |text: &str| lint(&text.into(), Context::default()).reading;
/// assert_eq!(reading("Resources:\n  Topic: {Type: AWS::SNS::Topic}\n"), Reading::Template);
/// assert_eq!(reading("name: build\n"), Reading::PassedOver);
/// ```
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
    /// As one of those, without the parts of a templating engine.
    Templated,
    /// As one of those, after mistakes in its JSON were repaired. Holds the parser's first
    /// complaint.
    Repaired(&'static str),
    /// Line by line. Holds the reason why it could not be read as a document.
    Lines(&'static str),
    /// Not at all: it is not a document of these kinds.
    PassedOver,
}

/// The reason for reading a parsed text line by line.
const NO_DOCUMENT: &str = "it is not a template";

impl Reading {
    /// Returns the reading of a document that needed no repair.
    fn of(kind: Document) -> Self {
        match kind {
            Document::Template => Self::Template,
            Document::TaskDefinition => Self::TaskDefinition,
            Document::ParameterFile => Self::ParameterFile,
            Document::Serverless => Self::Serverless,
        }
    }
}

/// The findings in one text.
///
/// ```
/// use byref_lint::{Context, Reading, lint};
///
/// let report = lint(&"Resources:\n  Topic: {Type: AWS::SNS::Topic}\n".into(), Context::default());
/// assert!(report.findings.is_empty());
/// assert_eq!(report.reading, Reading::Template);
/// assert!(report.template.is_some());
/// ```
#[derive(Debug)]
pub struct Report {
    /// The findings, ordered by place. Several at one place are reduced to one.
    pub findings: Vec<Finding>,
    /// The way in which the text was read.
    pub reading: Reading,
    /// The tree, if the text could be parsed as it is.
    pub template: Option<Template>,
}

/// Judges a text.
///
/// A text that cannot be parsed is tried again without the parts of a templating engine, and then
/// with repaired JSON. If neither helps, its lines are judged: a secret in a broken template is
/// still a secret.
///
/// # Cost
///
/// Each attempt parses the text once, and the first one is enough for a template without mistakes.
/// The walk and the judgement are linear in the length of the text.
pub fn lint(text: &Arc<str>, context: Context<'_>) -> Report {
    let parsed = Template::parse(Arc::clone(text));
    let error = match parsed {
        Ok(template) => match document(&template) {
            Some(kind) => {
                let findings = of_document(&template, kind, context);
                return Report {
                    findings,
                    reading: Reading::of(kind),
                    template: Some(template),
                };
            }
            None if context.all_text => {
                let findings = of_lines(text);
                return Report {
                    findings,
                    reading: Reading::Lines(NO_DOCUMENT),
                    template: Some(template),
                };
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
        without_engine
            .clone()
            .map(|text| (text, Reading::Templated)),
        repaired().map(|text| (text, Reading::Repaired(error.message))),
    ];
    for (text, reading) in others.into_iter().flatten() {
        if let Some(template) = Template::parse(text).ok()
            && let Some(kind) = document(&template)
        {
            return Report {
                findings: of_document(&template, kind, context),
                reading,
                template: None,
            };
        }
    }
    Report {
        findings: of_lines(text),
        reading: Reading::Lines(error.message),
        template: None,
    }
}

/// Returns the report of a text that is not judged.
fn passed_over() -> Report {
    Report {
        findings: Vec::new(),
        reading: Reading::PassedOver,
        template: None,
    }
}

/// Returns `true` if a text that cannot be parsed was meant as a template.
fn is_like_template(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    has("AWSTemplateFormatVersion")
        || has("containerDefinitions")
        || has("Resources") && has("AWS::")
}

/// Walks a document, runs the rules, and settles their findings.
fn of_document(template: &Template, kind: Document, context: Context<'_>) -> Vec<Finding> {
    let Some(root) = template.root() else {
        return Vec::new();
    };
    let root = if kind == Document::Serverless {
        root.get("resources").unwrap_or(root)
    } else {
        root
    };
    let facts = match kind {
        Document::Template => Facts::of(root),
        Document::Serverless => template
            .root()
            .and_then(|root| root.get("resources"))
            .map(Facts::of)
            .unwrap_or_default(),
        Document::TaskDefinition | Document::ParameterFile => Facts::default(),
    };
    let mut judge = Judge::new(context, &facts);
    let mut walk = Walk::new(&mut judge, &facts);
    match kind {
        Document::Template => walk.template(template),
        Document::Serverless => walk.serverless(template),
        Document::TaskDefinition | Document::ParameterFile => walk.document(template),
    }
    let uses = walk.into_uses();
    judge.whole(&WholeTemplate {
        root,
        facts: &facts,
        uses: &uses,
        accounts: context.accounts,
    });
    settle(template.text(), judge.into_drafts())
}

/// Judges a text line by line.
fn of_lines(text: &Arc<str>) -> Vec<Finding> {
    let located = Located::bytes(text, 0);
    let judgement = TextJudgement::of(text);
    let mut drafts = Vec::new();
    for rule in RULES {
        let mut found = Vec::new();
        rule.check.text(&judgement, &mut found);
        drafts.extend(found.into_iter().map(|found| {
            let span = located.locate(&found.range);
            Draft {
                rule,
                span,
                path: String::new(),
                found,
            }
        }));
    }
    settle(text, drafts)
}
