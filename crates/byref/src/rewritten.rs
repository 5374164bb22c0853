//! A deployment's templates planned and rewritten in one go.

use byref_rewrite::{Answers, Document, Plan, Question};
use byref_template::{Diagnostic, Template, has_errors};

use crate::deployment::Deployment;
use crate::error::Error;
use crate::output::Output;
use crate::project::Project;

/// The rewritten templates of a run with all messages, for front ends that go on with what could be
/// made.
///
/// A caller that only wants the outputs uses [`crate::Plan::rewrite`], which is an error where a
/// message is one.
pub struct Rewritten {
    /// The decisions.
    pub plan: Plan,
    /// The proven outputs, in the order of the documents that are written. Documents that are only
    /// read come last and have none. After an error an output may be missing: check
    /// [`Rewritten::has_errors`] before pairing them.
    pub outputs: Vec<Template>,
    /// The warnings of the configuration, then the messages of the plan and of the limits of its
    /// outputs.
    pub diagnostics: Vec<Diagnostic>,
}

impl Rewritten {
    /// Surveys documents of the project, obtains answers to the plan's questions, plans and
    /// rewrites. Nothing is written.
    ///
    /// The values that the plan knows are hidden in the project's texts and reports from then on.
    ///
    /// # Errors
    ///
    /// The error of `answer`.
    pub fn new<E>(
        project: &Project,
        deployment: &Deployment<'_>,
        documents: &[Document],
        answer: impl FnOnce(&[Question]) -> Result<Answers, E>,
    ) -> Result<Self, E> {
        let templates = deployment.documents(project.sources().clone(), documents.to_vec());
        let survey = templates.survey();
        let plan = survey.plan(&answer(&survey.questions())?);
        project.keep_secret(&plan.decided().known, documents);
        let (outputs, messages) = plan.attempt();
        let diagnostics = project
            .diagnostics()
            .iter()
            .cloned()
            .chain(messages)
            .collect();
        let outputs = outputs.into_iter().map(Output::into_template).collect();
        Ok(Self {
            plan: plan.into_decided(),
            outputs,
            diagnostics,
        })
    }

    /// Returns whether a message is an error.
    pub fn has_errors(&self) -> bool {
        has_errors(&self.diagnostics)
    }

    /// Returns the outputs.
    ///
    /// # Errors
    ///
    /// [`Error::Mistakes`] with all messages where one of them is an error.
    pub fn into_outputs(self, project: &Project) -> Result<Vec<Template>, Error> {
        if self.has_errors() {
            Err(project.mistakes(self.diagnostics))
        } else {
            Ok(self.outputs)
        }
    }

    /// Returns whether the output of a document differs from its source.
    pub fn is_changed(&self, documents: &[Document], index: usize) -> bool {
        documents
            .get(index)
            .zip(self.outputs.get(index))
            .is_some_and(|(document, output)| document.template.text() != output.text())
    }
}
