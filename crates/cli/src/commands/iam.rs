//! `byref iam`

use byref_config::Environment;
use byref_parameter::Region;
use byref_rewrite::{PolicyForm, application_policy, key_stack, scopes_policy};

use crate::args::Common;
use crate::args::iam::{Iam, IamFormat};
use crate::failure::{Failure, Outcome};
use crate::output::write_bytes;
use byref::listed;

pub(crate) fn run(common: &Common, options: &Iam) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let app = project.choose_app(options.app.as_deref(), &[])?;
    let environment = project.choose_environment(options.environment.as_deref())?;
    if let Some(scope) = options.key {
        write_bytes(&key_stack(project.config(), app, environment, scope.into()))?;
        return Ok(Outcome::Done);
    }
    let regions = regions(environment, &options.region)?;
    let policy = if options.scopes {
        scopes_policy(project.config(), app, environment, &regions)
    } else {
        application_policy(project.config(), app, environment, &regions)
    };
    let policy = policy.map_err(|error| {
        Failure::usage(
            format!("a parameter name of `{}` is not valid: {error}", app.name),
            "`byref preview` says which, and where",
        )
    })?;
    if policy.is_empty() {
        return Err(Failure::usage(
            format!("`{}` has no secret lines, so its role needs nothing", app.name),
            "add them to `deploy.toml`, or say `--scopes`",
        ));
    }
    let form = match options.format {
        IamFormat::Json => PolicyForm::Json,
        IamFormat::Yaml => PolicyForm::Yaml,
        IamFormat::Cloudformation => PolicyForm::CloudFormation,
    };
    write_bytes(&policy.text(form))?;
    Ok(Outcome::Done)
}

fn regions(environment: &Environment, wanted: &[String]) -> Result<Vec<Region>, Failure> {
    if wanted.is_empty() {
        return Ok(environment.regions.clone());
    }
    let find = |text: &String| {
        environment.regions.iter().find(|region| region.to_string() == *text).cloned().ok_or_else(|| {
            Failure::usage(
                format!("`{}` is none of the Regions of `{}`", byref_config::shown_name(text), environment.name),
                format!("its Regions are {}", listed(environment.regions.iter().map(ToString::to_string))),
            )
        })
    };
    wanted.iter().map(find).collect()
}
