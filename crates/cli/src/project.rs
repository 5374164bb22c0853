//! Arguments as options of the library: the configuration, the application, the environment, the
//! deployment.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use byref::{Deployment, Project, Reader, UnknownRegion, listed};
use byref_config::{Grant, Scheme, SchemeOverride};
use byref_files::folder_of;

use crate::args::{Common, GrantArgument, SchemeArgument, Selection};
use crate::failure::Failure;
use crate::output::{redactions, say};
use crate::read::read_text;
use crate::write::warn_of_unfinished;

const CONFIG_NAME: &str = "deploy.toml";

/// A method of a deployment that sets an option.
type DeploymentOption<'p> = fn(Deployment<'p>) -> Deployment<'p>;

/// Finds and reads the configuration.
pub(crate) fn load(common: &Common) -> Result<Project, Failure> {
    load_edited(common, &[])
}

/// Loads the configuration as [`load`] does, as if these files had these texts.
pub(crate) fn load_edited(common: &Common, edited: &[(&Path, &str)]) -> Result<Project, Failure> {
    let path = match &common.config {
        Some(path) => path.clone(),
        None => discover()?,
    };
    Ok(Project::load_with(
        &path,
        reader(common, edited),
        redactions().clone(),
    )?)
}

/// Loads the configuration, if there is one: named, here or in a parent folder.
pub(crate) fn load_if_there(common: &Common) -> Result<Option<Project>, Failure> {
    if common.config.is_none() && discover().is_err() {
        return Ok(None);
    }
    load(common).map(Some)
}

/// Returns the function that reads files: it knows edited texts and standard input, names each file
/// with `-v`, and warns once of each folder in which an earlier run left templates half replaced.
pub(crate) fn reader(common: &Common, edited: &[(&Path, &str)]) -> Reader {
    let verbose = common.verbose > 0;
    let edited: Vec<(PathBuf, String)> = edited
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    let seen = Mutex::new(BTreeSet::new());
    Arc::new(move |path, input| {
        if verbose {
            say(&format!(
                "{}\n",
                byref::render::escape::one_line(&format!("reads {}", path.display()))
            ));
        }
        let folder = folder_of(path);
        let is_new = |folder| {
            seen.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(folder)
        };
        if path.as_os_str() != "-" && is_new(folder.clone()) {
            warn_of_unfinished([folder]);
        }
        let own = edited.iter().find(|(edited, _)| edited == path);
        own.map_or_else(|| read_text(path, input), |(_, text)| Ok(text.clone()))
    })
}

/// Returns the application, environment, Region and scheme that the options mean. `paths` are the
/// templates typed.
pub(crate) fn choose<'p>(
    project: &'p Project,
    selection: &Selection,
    paths: &[PathBuf],
) -> Result<Deployment<'p>, Failure> {
    let app = project.choose_app(selection.app.as_deref(), paths)?;
    let environment = project.choose_environment(selection.environment.as_deref())?;
    let mut deployment = Deployment::new(project.config(), project.sources(), app, environment);
    if let Some(region) = &selection.region {
        deployment = deployment.region(region).map_err(|error| {
            let UnknownRegion {
                environment,
                region,
                known,
            } = error;
            Failure::usage(
                format!("`{region}` is not a Region of `{environment}`"),
                format!("its Regions are {}", listed(known.into_iter())),
            )
        })?;
    }
    deployment = deployment.overridden(&overrides(selection.scheme)?);
    deployment = match (selection.to_values, deployment.decision().scheme) {
        (false, _) => deployment,
        (true, Scheme::Value) => deployment.references_to_values(),
        (true, Scheme::Reference) => {
            return Err(Failure::usage(
                format!(
                    "`--to-values` is for the value scheme, and `{}` deploys by reference",
                    app.name
                ),
                "pass `--scheme value` as well, or change the flag",
            ));
        }
    };
    deployment = match selection.grant {
        Some(GrantArgument::Auto) => deployment.grant(Grant::Auto),
        Some(GrantArgument::Never) => deployment.grant(Grant::Never),
        None => deployment,
    };
    let is_about_roles =
        selection.prune_grants || selection.create_execution_role || selection.grants_only;
    if deployment.request().grant == Grant::Never && is_about_roles {
        return Err(Failure::usage(
            "roles are left alone (`grant = \"never\"`): byref adds or removes no permission, and adds no role",
            "pass `--grant auto` as well",
        ));
    }
    let options: [(bool, DeploymentOption<'p>); 5] = [
        (selection.prune_grants, Deployment::prune_grants),
        (
            selection.create_execution_role,
            Deployment::create_execution_roles,
        ),
        (selection.grants_only, Deployment::grants_only),
        (selection.prune_parameters, Deployment::prune_parameters),
        (selection.keep_references, Deployment::keep_references),
    ];
    let asked = options.into_iter().filter(|(is_asked, _)| *is_asked);
    Ok(asked.fold(deployment, |deployment, (_, option)| option(deployment)))
}

pub(crate) fn overrides(option: Option<SchemeArgument>) -> Result<SchemeOverride, Failure> {
    let option = option.map(|scheme| match scheme {
        SchemeArgument::Value => Scheme::Value,
        SchemeArgument::Reference => Scheme::Reference,
    });
    let variable =
        std::env::var_os("BYREF_SCHEME").map(|value| value.to_string_lossy().into_owned());
    SchemeOverride::new(option, variable.as_deref())
        .map_err(|error| Failure::usage(error.to_string(), "unset it, or pass `--scheme value`"))
}

/// The file here, or in the nearest parent folder that has one.
pub(crate) fn discover() -> Result<PathBuf, Failure> {
    let here =
        std::env::current_dir().map_err(|error| Failure::file("read", Path::new("."), &error))?;
    let mut up = PathBuf::new();
    for _ in here.ancestors() {
        let candidate = up.join(CONFIG_NAME);
        if candidate.is_file() {
            return Ok(candidate);
        }
        up.push("..");
    }
    Err(Failure::usage(
        format!("there is no `{CONFIG_NAME}` here or in a parent folder"),
        "write one with `byref init TEMPLATE`, or name it with `--config FILE`",
    ))
}

/// Returns the folder of the configuration, if there is one.
pub(crate) fn config_folder(common: &Common) -> Option<PathBuf> {
    common
        .config
        .clone()
        .map_or_else(discover, Ok)
        .ok()
        .map(|path| folder_of(&path))
}
