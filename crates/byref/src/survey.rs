//! The facts of a deployment's templates.

use byref_rewrite::{Answers, Question};

use crate::plan::Plan;
use crate::templates::Templates;

/// The facts of a deployment's templates: task definitions, containers, entries, roles. Gathered
/// once.
pub struct Survey<'t> {
    templates: &'t Templates<'t>,
    found: byref_rewrite::Survey<'t>,
}

impl<'t> Survey<'t> {
    pub(crate) fn new(templates: &'t Templates<'t>) -> Self {
        let found = byref_rewrite::Survey::new(templates.deployment.request, &templates.documents);
        Self { templates, found }
    }

    /// What a store would have to tell, each question once, in order: by reference whether the
    /// parameters are there, in every Region of the environment; by value the values that the
    /// templates will carry, in the Region of the deployment.
    pub fn questions(&self) -> Vec<Question> {
        self.found.questions()
    }

    /// Decides what shall change, with what is known of the store. Never fails: what stands in the
    /// way is among the plan's messages.
    pub fn plan(&self, answers: &Answers) -> Plan<'t> {
        Plan::new(self.templates, self.found.plan(answers))
    }
}
