//! What of a result is not what somebody may expect of it: it holds in one environment or Region only, or it has
//! references although values were asked for.

use byref_config::Scheme;
use byref_rewrite::{Baked, BakedPart, Plan, StandingReference};
use byref_template::Diagnostic;

use crate::deployment::Deployment;

impl Deployment<'_> {
    /// A source that serves several environments or Regions gets nothing that holds in one of them. `option` is what would
    /// write it there.
    pub fn source_refusal(&self, plan: &Plan, option: &str) -> Option<Diagnostic> {
        let has_several = self.request.config.environments.len() > 1;
        let environment = plan.baked_environment.filter(|_| has_several).map(|baked| self.for_environment(baked));
        let (baked, what, help) = environment.or_else(|| plan.baked_region.map(|baked| self.for_region(baked)))?;
        Some(Diagnostic::error("baked-environment", format!("`{option}` would write {what}"), baked.line).help(help))
    }

    fn for_environment(&self, baked: Baked) -> (Baked, String, &'static str) {
        let environment = &self.environment().name;
        let (what, help) = match baked.what {
            BakedPart::Name => (
                format!("the names of `{environment}` into a template that serves several environments"),
                "set `environment-parameter` under `[rewrite]`, or write to another file with `-o`",
            ),
            BakedPart::Key => (
                format!("the key of `{environment}` into a template that serves several environments with other keys"),
                "give all of them the same alias as `kms-key`, or write to another file with `-o`",
            ),
            BakedPart::LiteralArn | BakedPart::LineArn => (
                "ARNs of one account and Region into a template that serves several environments".to_owned(),
                "set `reference = \"pseudo\"` under `[rewrite]`, or write to another file with `-o`",
            ),
        };
        (baked, what, help)
    }

    fn for_region(&self, baked: Baked) -> (Baked, String, &'static str) {
        let regions = self.environment().regions.len();
        let what = format!("an ARN of one Region into a template that serves the {regions} Regions of its environment");
        (baked, what, region_help(baked.what))
    }

    /// Says that a result holds in one Region only, unless that Region was asked for.
    pub fn one_region(&self, plan: &Plan) -> Option<Diagnostic> {
        let baked = plan.baked_region.filter(|_| !self.is_region_chosen)?;
        let (environment, regions) = (&self.environment().name, self.environment().regions.len());
        let message = match baked.what {
            BakedPart::LineArn => format!(
                "the result reads this secret from the Region of its ARN in all {regions} Regions of `{environment}`"
            ),
            BakedPart::Name | BakedPart::Key | BakedPart::LiteralArn => {
                format!(
                    "the result names the Region {}, and `{environment}` has {regions} Regions",
                    self.request.region
                )
            }
        };
        Some(Diagnostic::warning("one-region", message, baked.line).help(region_help(baked.what)))
    }

    /// An error for every secret line that is to be a value and stays a reference; none if that was asked for.
    pub fn standing_references(&self, plan: &Plan) -> Vec<Diagnostic> {
        if self.decision.scheme != Scheme::Value || self.keeps_references {
            return Vec::new();
        }
        let error = |reference: &StandingReference| {
            let message = format!(
                "`{}` deploys by value ({}), but `{}` is a reference in the template and stays one",
                self.app().name,
                self.decision.rule.words(),
                reference.secret
            );
            Diagnostic::error("stays-by-reference", message, reference.location)
                .about(&reference.secret)
                .with(reference.line, "its secret line")
                .help("pass `--to-values` to write its value, or `--keep-references` if it shall stay a reference")
        };
        plan.standing_references.iter().map(error).collect()
    }
}

fn region_help(what: BakedPart) -> &'static str {
    match what {
        BakedPart::LineArn => "write a key or a name in the secret line, or write to another file with `-o`",
        BakedPart::Name | BakedPart::Key | BakedPart::LiteralArn => {
            "set `reference = \"pseudo\"` under `[rewrite]`, or write one file for each Region with `--region` and `-o`"
        }
    }
}
