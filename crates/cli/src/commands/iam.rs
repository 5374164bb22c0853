//! `byref iam`

use byref::choose_regions;
use byref_rewrite::{PolicyForm, application_policy, key_stack, scopes_policy};

use crate::args::Common;
use crate::args::iam::{Iam, IamFormat};
use crate::failure::{Failure, Outcome};
use crate::output::write_bytes;

pub(crate) fn run(common: &Common, options: &Iam) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let choose_app = || project.choose_app(options.app.as_deref(), &[]);
    let environment = project.choose_environment(options.environment.as_deref())?;
    if let Some(scope) = options.key.map(Into::into) {
        let has_app = project.config().names.pattern(scope).contains("{app}");
        let app = if has_app || options.app.is_some() {
            choose_app()?.name.as_str()
        } else {
            ""
        };
        write_bytes(&key_stack(project.config(), app, environment, scope))?;
        return Ok(Outcome::Done);
    }
    let app = choose_app()?;
    let regions = choose_regions(environment, &options.region)?;
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
            format!(
                "`{}` has no secret lines, so its role needs nothing",
                app.name
            ),
            "add them to `deploy.toml`, or pass `--scopes`",
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
