//! What of a result is not what somebody may expect of it: it holds in one environment or Region only, or it has
//! references although values were asked for.

use byref_config::Scheme;
use byref_rewrite::{Baked, BakedPart, Plan};
use byref_template::Diagnostic;

use crate::args::Selection;
use crate::project::{Choice, Project};

/// A source that serves several environments or Regions gets nothing that holds in one of them. `option` is what would
/// write it there.
pub(crate) fn source_refusal(project: &Project, choice: &Choice<'_>, plan: &Plan, option: &str) -> Option<Diagnostic> {
    let has_several = project.config.environments.len() > 1;
    let environment = plan.baked_environment.filter(|_| has_several).map(|baked| for_environment(baked, choice));
    let (baked, what, help) = environment.or_else(|| plan.baked_region.map(|baked| for_region(baked, choice)))?;
    Some(Diagnostic::error("baked-environment", format!("`{option}` would write {what}"), baked.line).help(help))
}

fn for_environment(baked: Baked, choice: &Choice<'_>) -> (Baked, String, &'static str) {
    let environment = &choice.environment.name;
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

fn for_region(baked: Baked, choice: &Choice<'_>) -> (Baked, String, &'static str) {
    let regions = choice.environment.regions.len();
    let what = format!("an ARN of one Region into a template that serves the {regions} Regions of its environment");
    (baked, what, region_help(baked.what))
}

fn region_help(what: BakedPart) -> &'static str {
    match what {
        BakedPart::LineArn => "write a key or a name in the secret line, or write to another file with `-o`",
        BakedPart::Name | BakedPart::Key | BakedPart::LiteralArn => {
            "set `reference = \"pseudo\"` under `[rewrite]`, or write one file for each Region with `--region` and `-o`"
        }
    }
}

/// Says that a result holds in one Region only, unless that Region was asked for.
pub(crate) fn one_region(choice: &Choice<'_>, plan: &Plan, selection: &Selection) -> Option<Diagnostic> {
    let baked = plan.baked_region.filter(|_| selection.region.is_none())?;
    let (environment, regions) = (&choice.environment.name, choice.environment.regions.len());
    let message = match baked.what {
        BakedPart::LineArn => format!(
            "the result reads this secret from the Region of its ARN in all {regions} Regions of `{environment}`"
        ),
        BakedPart::Name | BakedPart::Key | BakedPart::LiteralArn => {
            format!("the result names the Region {}, and `{environment}` has {regions} Regions", choice.region)
        }
    };
    Some(Diagnostic::warning("one-region", message, baked.line).help(region_help(baked.what)))
}

/// An error for every secret line that is to be a value and stays a reference; none if that was asked for.
pub(crate) fn standing_references(choice: &Choice<'_>, plan: &Plan, selection: &Selection) -> Vec<Diagnostic> {
    if choice.decision.scheme != Scheme::Value || selection.keep_references {
        return Vec::new();
    }
    let error = |reference: &byref_rewrite::StandingReference| {
        let message = format!(
            "`{}` deploys by value ({}), but `{}` is a reference in the template and stays one",
            choice.app.name,
            choice.decision.rule.words(),
            reference.secret
        );
        Diagnostic::error("stays-by-reference", message, reference.location)
            .with(reference.line, "its secret line")
            .help("pass `--to-values` to write its value, or `--keep-references` if it shall stay a reference")
    };
    plan.standing_references.iter().map(error).collect()
}
