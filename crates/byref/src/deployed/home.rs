//! The stack that each template is deployed as: one of the application's own, or one that another
//! template nests.
//!
//! `templates` and `stack` in the configuration are two lists. They are paired by order, after the
//! templates that another one nests have been taken out: a nested stack has a generated name, and
//! is found by its logical id in its parent.
//!
//! ```text
//! templates = ["main.yaml", "worker.yaml", "db.yaml"]   main.yaml nests worker.yaml
//! stack = ["web-{environment}", "db-{environment}"]
//!
//! main.yaml    → web-production
//! worker.yaml  → web-production.Worker
//! db.yaml      → db-production
//! ```
//!
//! All listed templates are read for that, even if the run is about one of them, since each may
//! nest the others. A template nests another one if a `TemplateURL` of it ends with the file name
//! of the other.

use std::path::{Path, PathBuf};

use byref_aws::AwsDeployments;
use byref_parameter::Region;
use byref_rewrite::{Document, nested_stacks};
use byref_store::StoreError;

use super::{Absence, Found, NESTED_STACK, NESTED_STACKS, find, stack_names};
use crate::Project;
use crate::error::Error;

/// The stack that a template is deployed as.
///
/// Homes exist before anything is asked: [`look`](super::look) turns them into stacks. Two homes
/// with the same template are two nested stacks of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// Index of the template in the run.
    pub(crate) document: usize,
    /// The stack of the application.
    stack: String,
    /// The logical ids of the nested stacks that lead from there to it.
    nested: Vec<String>,
}

impl Home {
    /// Returns the stack's name before it is looked up: `web-production`, or
    /// `web-production.Worker` for a nested one.
    pub(crate) fn label(&self) -> String {
        std::iter::once(self.stack.clone())
            .chain(self.nested.iter().cloned())
            .collect::<Vec<_>>()
            .join(".")
    }
}

/// Returns the stacks of the templates of a run, in their order. A template that is nested several
/// times has several.
///
/// # Errors
///
/// [`Error::Request`] where the configuration does not tell which stack a template is deployed as;
/// the error of a listed template that cannot be read.
///
/// The order is that of the templates of the run, then of the stacks' names. A template that the
/// run has, but no stack leads to, has no home and is left out.
pub fn homes(
    project: &mut Project,
    (app, environment): (&str, &str),
    paths: &[PathBuf],
    documents: &[Document],
) -> Result<Vec<Home>, Error> {
    let (stacks, listed) = {
        let app = project.app(app)?;
        let listed: Vec<PathBuf> = app
            .templates
            .iter()
            .map(|template| project.folder().join(&template.path))
            .collect();
        (stack_names(app, project.environment(environment)?)?, listed)
    };
    let family = family(project, &listed, paths, documents)?;
    let all: Vec<&Document> = family.iter().map(|member| &member.document).collect();
    let roots = roots(&all);
    let of_run: Vec<usize> = (0..family.len())
        .filter(|index| family[*index].in_run.is_some())
        .collect();
    let plain = match (stacks.as_slice(), of_run.as_slice()) {
        // One template that no other one nests, and one stack: it is that, whatever else belongs to
        // the application.
        ([stack], [only]) if roots.contains(only) => vec![(*only, stack.clone())],
        _ => pair(app, &family, &roots, stacks)?,
    };
    let mut homes = Vec::new();
    for (root, stack) in plain {
        homes.extend(below(&all, root, &stack));
    }
    let of_run = |home: Home| {
        Some(Home {
            document: family[home.document].in_run?,
            ..home
        })
    };
    let mut homes: Vec<Home> = homes.into_iter().filter_map(of_run).collect();
    homes.sort_by(|one, two| {
        (one.document, &one.stack, &one.nested).cmp(&(two.document, &two.stack, &two.nested))
    });
    Ok(homes)
}

/// Pairs each template that no other one nests with its stack.
///
/// Different numbers are an error rather than a guess: a wrong pair would show the differences of
/// two unrelated templates. So is a template that the configuration does not list.
fn pair(
    app: &str,
    family: &[Member],
    roots: &[usize],
    stacks: Vec<String>,
) -> Result<Vec<(usize, String)>, Error> {
    if let Some(stranger) = roots.iter().find(|root| !family[**root].is_listed) {
        return Err(Error::request(
            format!(
                "which stack is `{}` deployed as? It is not a template of `{app}`",
                family[*stranger].document.path
            ),
            format!("list it under `templates` of `[apps.{app}]`, and its stack under `stack`"),
        ));
    }
    if roots.len() == stacks.len() {
        return Ok(roots.iter().copied().zip(stacks).collect());
    }
    let count = |number: usize, one: &str, more: &str| {
        format!("{number} {}", if number == 1 { one } else { more })
    };
    Err(Error::request(
        format!(
            "`{app}` has {} that no other one nests, and {}",
            count(roots.len(), "template", "templates"),
            count(stacks.len(), "stack", "stacks")
        ),
        format!(
            "list under `[apps.{app}]` one `stack` for each of them, in the order of `templates`, or name the template of the one stack"
        ),
    ))
}

/// A template of the application, or of the run.
struct Member {
    /// Its index in the run, where it is one of those.
    in_run: Option<usize>,
    is_listed: bool,
    document: Document,
}

/// Returns the templates of the application, in their order; then those of the run that it does not
/// list.
///
/// Paths are compared after they were resolved: `./web.yaml` and `web.yaml` are the same template,
/// and one that is listed and typed is read once.
fn family(
    project: &mut Project,
    listed: &[PathBuf],
    paths: &[PathBuf],
    documents: &[Document],
) -> Result<Vec<Member>, Error> {
    let whole = |path: &Path| fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let typed: Vec<PathBuf> = paths.iter().map(|path| whole(path)).collect();
    let mut family = Vec::new();
    for path in listed {
        let in_run = typed.iter().position(|typed| *typed == whole(path));
        let document = match in_run {
            Some(index) => documents[index].clone(),
            // It decides which others are nested.
            None => match project.documents(std::slice::from_ref(path))?.pop() {
                Some(document) => document,
                None => continue,
            },
        };
        family.push(Member {
            in_run,
            is_listed: true,
            document,
        });
    }
    for (index, document) in documents.iter().enumerate() {
        if !family.iter().any(|member| member.in_run == Some(index)) {
            family.push(Member {
                in_run: Some(index),
                is_listed: false,
                document: document.clone(),
            });
        }
    }
    Ok(family)
}

/// Returns the templates that no other one nests.
///
/// Compares all pairs: a project has few templates. Of templates that nest each other none is a
/// root.
fn roots(all: &[&Document]) -> Vec<usize> {
    let is_root = |child: &&Document| {
        all.iter()
            .all(|parent| nested_stacks(parent, child).is_empty())
    };
    all.iter()
        .enumerate()
        .filter(|(_, document)| is_root(document))
        .map(|(index, _)| index)
        .collect()
}

/// The depth of nesting: CloudFormation refuses a template that nests itself.
const LEVELS: usize = 10;

/// Returns a template's stack and those below it.
///
/// Breadth first, up to [`LEVELS`] deep and up to the number of stacks that byref looks into, so
/// that templates which nest each other end the search.
fn below(all: &[&Document], root: usize, stack: &str) -> Vec<Home> {
    let mut found = vec![Home {
        document: root,
        stack: stack.to_owned(),
        nested: Vec::new(),
    }];
    let mut next = 0;
    while let Some(home) = found.get(next).cloned() {
        next += 1;
        if home.nested.len() >= LEVELS || found.len() >= NESTED_STACKS {
            continue;
        }
        for (child, document) in all.iter().enumerate() {
            for id in nested_stacks(all[home.document], document) {
                let nested = home.nested.iter().cloned().chain([id]).collect();
                found.push(Home {
                    document: child,
                    stack: home.stack.clone(),
                    nested,
                });
            }
        }
    }
    found
}

/// Looks up the stack of a template in a Region.
///
/// Costs two requests for each level of nesting: one for the state of the parent, one for its
/// resources. A parent that is under review has no nested stacks yet.
pub(crate) async fn locate(
    deployments: &AwsDeployments,
    region: &Region,
    home: &Home,
) -> Result<Found, StoreError> {
    let mut name = home.stack.clone();
    for id in &home.nested {
        if deployments
            .stack(region, &name)
            .await?
            .is_none_or(|stack| stack.status == "REVIEW_IN_PROGRESS")
        {
            deployments.check_account().await?;
            return Ok(Err(Absence::NotThere));
        }
        let resources = deployments.resources(region, &name).await?;
        let nested = resources
            .into_iter()
            .find(|resource| resource.logical_id == *id && resource.resource_type == NESTED_STACK);
        match nested.and_then(|nested| nested.physical_id) {
            Some(id) => name = id,
            None => return Ok(Err(Absence::NotThere)),
        }
    }
    find(deployments, region, &name).await
}
