//! What of a result is not what somebody may expect of it: it holds in one environment or Region
//! only, or it has references although values were asked for.

use byref_config::Scheme;
use byref_rewrite::{KeptReference, Plan, SpecificKind, SpecificPart};
use byref_template::Diagnostic;

use crate::deployment::Deployment;

impl Deployment<'_> {
    /// A source that serves several environments or Regions gets nothing that holds in one of them.
    /// `option` is what would write it there.
    pub fn source_refusal(&self, plan: &Plan, option: &str) -> Option<Diagnostic> {
        let has_several = self.request.config.environments.len() > 1;
        let environment = plan
            .environment_specific
            .filter(|_| has_several)
            .map(|specific| self.for_environment(specific));
        let (specific, what, help) = environment.or_else(|| {
            plan.region_specific
                .map(|specific| self.for_region(specific))
        })?;
        Some(
            Diagnostic::error(
                "baked-environment",
                format!("`{option}` would write {what}"),
                specific.line,
            )
            .help(help),
        )
    }

    /// Returns the part of a template that is valid in one environment only, with the advice for
    /// it.
    fn for_environment(&self, specific: SpecificPart) -> (SpecificPart, String, &'static str) {
        let environment = &self.environment().name;
        let (what, help) = match specific.kind {
            SpecificKind::Name => (
                format!(
                    "the names of `{environment}` into a template that serves several environments"
                ),
                "set `environment-parameter` under `[rewrite]`, or write to another file with `-o`",
            ),
            SpecificKind::Key => (
                format!(
                    "the key of `{environment}` into a template that serves several environments with other keys"
                ),
                "give all of them the same alias as `kms-key`, or write to another file with `-o`",
            ),
            SpecificKind::LiteralArn | SpecificKind::LineArn => (
                "ARNs of one account and Region into a template that serves several environments"
                    .to_owned(),
                "set `reference = \"pseudo\"` under `[rewrite]`, or write to another file with `-o`",
            ),
        };
        (specific, what, help)
    }

    /// Returns the part of a template that is valid in one Region only, with the advice for it.
    fn for_region(&self, specific: SpecificPart) -> (SpecificPart, String, &'static str) {
        let regions = self.environment().regions.len();
        let what = format!(
            "an ARN of one Region into a template that serves the {regions} Regions of its environment"
        );
        (specific, what, region_help(specific.kind))
    }

    /// Returns a warning for a result that is valid in one Region only, unless that Region was
    /// chosen.
    pub fn one_region(&self, plan: &Plan) -> Option<Diagnostic> {
        let specific = plan.region_specific.filter(|_| !self.is_region_chosen)?;
        let (environment, regions) = (&self.environment().name, self.environment().regions.len());
        let message = match specific.kind {
            SpecificKind::LineArn => format!(
                "the result reads this secret from the Region of its ARN in all {regions} Regions of `{environment}`"
            ),
            SpecificKind::Name | SpecificKind::Key | SpecificKind::LiteralArn => {
                format!(
                    "the result names the Region {}, and `{environment}` has {regions} Regions",
                    self.request.region
                )
            }
        };
        Some(
            Diagnostic::warning("one-region", message, specific.line)
                .help(region_help(specific.kind)),
        )
    }

    /// Returns an error for every secret line that remains a reference although the application
    /// deploys by value; none with [`Deployment::keep_references`].
    pub fn kept_references(&self, plan: &Plan) -> Vec<Diagnostic> {
        if self.decision.scheme != Scheme::Value || self.keeps_references {
            return Vec::new();
        }
        let error = |reference: &KeptReference| {
            let message = format!(
                "`{}` deploys by value ({}), but `{}` is a reference in the template and stays one",
                self.app().name,
                self.decision.rule.describe(),
                reference.secret
            );
            Diagnostic::error("stays-by-reference", message, reference.location)
                .with(reference.line, "its secret line")
                .help("pass `--to-values` to write its value, or `--keep-references` to keep the reference")
        };
        plan.kept_references.iter().map(error).collect()
    }
}

/// Returns the advice on a part of a template that is valid in one Region only.
fn region_help(what: SpecificKind) -> &'static str {
    match what {
        SpecificKind::LineArn => {
            "write a key or a name in the secret line, or write to another file with `-o`"
        }
        SpecificKind::Name | SpecificKind::Key | SpecificKind::LiteralArn => {
            "set `reference = \"pseudo\"` under `[rewrite]`, or write one file for each Region with `--region` and `-o`"
        }
    }
}
