//! A rewrite's changes, for people to read.

use std::fmt::Write as _;

use byref_rewrite::Document;
use byref_template::{Diagnostic, has_errors};
use serde::Serialize;

use crate::change::{Access, Change, changes};
#[cfg(feature = "aws")]
use crate::deployed::{StackNow, View, views};
use crate::deployment::Deployment;
use crate::error::Error;
use crate::mistakes::Message;
use crate::project::Project;
use crate::render::diff::{Colors, MaskedDiff, rewritten_name};
use crate::render::escape::{code, code_cell, line};
use crate::render::summary::{access, written};
use crate::rewritten::Rewritten;

/// A preview of a rewrite, without a value: as text, as Markdown for a pull request, or serialised.
/// Keys are only ever added.
///
/// ```
/// use byref::{Answers, Preview, Rewritten};
/// # use byref::Project;
/// # let toml = "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\"]\n[flag]\ndefault = \"reference\"\n[apps.web.secrets]\nDB_PASSWORD = \"db-password\"\n";
/// # let yaml = "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ExecutionRoleArn: arn:aws:iam::111122223333:role/execution\n      ContainerDefinitions:\n        - Name: web\n          Environment:\n            - {Name: DB_PASSWORD, Value: not-a-secret}\n";
/// let mut project = Project::parse([("deploy.toml", toml)])?;
/// let documents = project.parse_templates([("web.yaml", yaml)])?;
/// let deployment = project.deployment("web", "production")?;
/// let offline = |_: &[byref::Question]| Ok::<_, byref::Error>(Answers::none());
/// let rewritten = Rewritten::new(&project, &deployment, &documents, offline)?;
/// let preview = Preview::new(&project, &deployment, &documents, &rewritten);
/// assert!(preview.is_changed() && !preview.would_fail());
/// assert!(preview.markdown().contains("| `DB_PASSWORD` | `Task/web` | moved |"));
/// assert!(!preview.text().contains("not-a-secret"));
/// # Ok::<(), byref::Error>(())
/// ```
#[derive(Serialize)]
pub struct Preview {
    app: String,
    environment: String,
    region: String,
    scheme: &'static str,
    changed: bool,
    summary: String,
    secrets: Vec<Change>,
    access: Vec<Access>,
    templates: Vec<TemplatePreview>,
    messages: Vec<Message>,
    /// Each stack of each template, by Region, where AWS was asked.
    #[cfg(feature = "aws")]
    #[serde(skip_serializing_if = "Option::is_none")]
    deployed: Option<Vec<View>>,
    #[serde(skip)]
    diagnostics: Vec<Diagnostic>,
    /// References that stay although the application deploys by value.
    #[serde(skip)]
    remaining: Vec<Diagnostic>,
    /// The summary with the rule that decided the scheme.
    #[serde(skip)]
    head: String,
    /// The rights of roles, grouped.
    #[serde(skip)]
    rights: Vec<String>,
}

/// The change of one template.
#[derive(Clone, Debug, Serialize)]
pub struct TemplatePreview {
    /// The template's name.
    pub path: String,
    /// `true` if the rewrite changes it.
    pub changed: bool,
    /// The change, masked; empty after an error.
    pub diff: MaskedDiff,
}

impl Preview {
    /// Returns the preview of a rewrite. `documents` are those that are written.
    pub fn new(
        project: &Project,
        deployment: &Deployment<'_>,
        documents: &[Document],
        rewritten: &Rewritten,
    ) -> Self {
        let plan = &rewritten.plan;
        let request = deployment.request();
        let has_failed = rewritten.has_errors();
        let template = |(index, document): (usize, &Document)| {
            let output = rewritten.outputs.get(index).filter(|_| !has_failed);
            let diff = output.map(|output| {
                let names = [document.path.as_str(), &rewritten_name(&document.path)];
                MaskedDiff::new(names, [&document.template, output], &plan.known)
            });
            let diff = diff.unwrap_or_default();
            TemplatePreview {
                path: document.path.clone(),
                changed: !diff.is_empty(),
                diff,
            }
        };
        let templates: Vec<TemplatePreview> = documents.iter().enumerate().map(template).collect();
        let (summary, decision) = (written(plan, request.content), deployment.decision());
        let mut diagnostics = rewritten.diagnostics.clone();
        diagnostics.extend(deployment.one_region(plan));
        let preview = Self {
            app: deployment.app().name.clone(),
            environment: deployment.environment().name.clone(),
            region: request.region.to_string(),
            scheme: decision.scheme.as_str(),
            changed: templates.iter().any(|template| template.changed),
            head: format!(
                "{summary} (by {}, {})",
                decision.scheme.as_str(),
                decision.rule.describe()
            ),
            summary,
            secrets: changes(plan, project.sources(), documents),
            access: plan
                .access
                .iter()
                .map(|access| Access::new(plan, access))
                .collect(),
            templates,
            messages: Vec::new(),
            diagnostics,
            remaining: if has_failed {
                Vec::new()
            } else {
                deployment.kept_references(plan)
            },
            #[cfg(feature = "aws")]
            deployed: None,
            rights: access(plan),
        };
        preview.with_messages(project)
    }

    /// Fills in the messages: those of the rewrite, of the comparison with stacks, then of
    /// references that remain.
    fn with_messages(mut self, project: &Project) -> Self {
        let all = self.diagnostics.iter().chain(&self.remaining);
        self.messages = all
            .map(|message| Message::of(project.sources(), message))
            .collect();
        self
    }

    /// Compares the rewrite with the stacks as well. [`Preview::is_changed`] then tells whether a
    /// stack would change. After an error in the rewrite nothing is compared.
    #[cfg(feature = "aws")]
    #[must_use]
    pub fn over(
        mut self,
        project: &Project,
        deployment: &Deployment<'_>,
        documents: &[Document],
        rewritten: &Rewritten,
        stacks: &[StackNow],
    ) -> Self {
        if !rewritten.has_errors() {
            let views = views(project, deployment, documents, rewritten, stacks);
            self.changed = views.iter().any(View::is_changed);
            self.diagnostics
                .extend(views.iter().flat_map(|view| view.downgrades.clone()));
            self.deployed = Some(views);
        }
        self.with_messages(project)
    }

    /// Returns whether a deploy would change anything: the templates, or the stacks that were
    /// compared.
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    /// Returns whether a deploy would fail, as far as the stacks tell, or would leave references
    /// that the value scheme should have turned into values.
    pub fn would_fail(&self) -> bool {
        #[cfg(feature = "aws")]
        let would_fail = self.deployed.iter().flatten().any(View::would_fail);
        #[cfg(not(feature = "aws"))]
        let would_fail = false;
        would_fail || !self.remaining.is_empty()
    }

    /// Returns the messages of the rewrite and of the comparison, for a front end that shows lines
    /// of the texts.
    ///
    /// # Errors
    ///
    /// [`Error::Mistakes`] where one of them prevents the rewrite.
    pub fn diagnostics(&self, project: &Project) -> Result<Vec<Diagnostic>, Error> {
        if has_errors(&self.diagnostics) {
            return Err(project.mistakes(self.diagnostics.clone()));
        }
        Ok(self
            .diagnostics
            .iter()
            .chain(&self.remaining)
            .cloned()
            .collect())
    }

    /// Returns the preview as lines with colours.
    pub fn text(&self) -> String {
        let mut text = String::new();
        line!(text, "{}, {}: {}", self.app, self.environment, self.head);
        let width = self
            .secrets
            .iter()
            .map(|change| change.name.len())
            .max()
            .unwrap_or(0);
        let holder_width = self
            .secrets
            .iter()
            .map(|change| change.holder().len())
            .max()
            .unwrap_or(0);
        for change in &self.secrets {
            let (holder, outcome) = (change.holder(), change.describe());
            line!(
                text,
                "  {:width$}  {holder:holder_width$}  {outcome}  {}",
                change.name,
                change.place
            );
        }
        for right in &self.rights {
            line!(text, "  {right}");
        }
        for template in self.templates.iter().filter(|template| template.changed) {
            let _ = write!(text, "\n{}", template.diff.text(Colors::Yes));
        }
        #[cfg(feature = "aws")]
        text.extend(self.deployed.iter().flatten().map(View::text));
        text
    }

    /// Returns the preview as Markdown, in which no name is markup, a link or a mention.
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "### {}, {}: {}\n\n",
            code(&self.app),
            code(&self.environment),
            self.head
        );
        if !self.secrets.is_empty() {
            text.push_str("| secret | container | | place |\n| --- | --- | --- | --- |\n");
        }
        for change in &self.secrets {
            let (name, holder) = (code_cell(&change.name), code_cell(&change.holder()));
            let outcome = change.describe();
            let outcome = if change.reason.is_some() {
                code_cell(outcome)
            } else {
                outcome.to_owned()
            };
            let _ = writeln!(
                text,
                "| {name} | {holder} | {outcome} | {} |",
                code_cell(&change.place.to_string())
            );
        }
        if !self.rights.is_empty() {
            text.push('\n');
        }
        for right in &self.rights {
            let _ = writeln!(text, "- {}", code(right));
        }
        text.extend(self.templates.iter().map(|template| template.diff.fenced()));
        #[cfg(feature = "aws")]
        text.extend(self.deployed.iter().flatten().map(View::markdown));
        text
    }
}
