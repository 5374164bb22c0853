//! Which stack each template is deployed as: one of the application's own, or one that another template nests.

use std::path::{Path, PathBuf};

use byref_aws::AwsDeployments;
use byref_parameter::Region;
use byref_rewrite::{Document, nested_stacks};
use byref_store::StoreError;

use super::{Absence, Found, NESTED_STACK, NESTED_STACKS, find, stack_names};
use crate::failure::Failure;
use crate::project::Project;

/// Where a template is deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Home {
    /// Index of the template in the run.
    pub(crate) document: usize,
    /// The stack of the application.
    stack: String,
    /// The way from there through nested stacks, by their logical ids.
    nested: Vec<String>,
}

impl Home {
    /// The stack as people call it before it is found: `web-production`, or `web-production.Worker` for a nested one.
    pub(crate) fn label(&self) -> String {
        std::iter::once(self.stack.clone()).chain(self.nested.iter().cloned()).collect::<Vec<_>>().join(".")
    }
}

/// The stacks of the templates of a run, in their order. A template that is nested several times has several.
pub(crate) fn homes(
    project: &mut Project,
    (app, environment): (&str, &str),
    paths: &[PathBuf],
    documents: &[Document],
) -> Result<Vec<Home>, Failure> {
    let (stacks, listed) = {
        let app = project.app(Some(app), &[])?;
        let listed: Vec<PathBuf> = app.templates.iter().map(|template| project.folder.join(&template.path)).collect();
        (stack_names(app, project.environment(Some(environment))?)?, listed)
    };
    let family = family(project, &listed, paths, documents);
    let all: Vec<&Document> = family.iter().map(|(_, document)| document).collect();
    let roots = roots(&all);
    let in_run = family.iter().filter(|(index, _)| index.is_some()).count();
    // One template, and one stack: it is that, whatever else belongs to the application.
    let is_plain = stacks.len() == 1 && in_run == 1 && roots.len() != 1;
    if is_plain {
        return Ok(vec![Home { document: 0, stack: stacks[0].clone(), nested: Vec::new() }]);
    }
    if roots.len() != stacks.len() {
        let count = |number: usize, one: &str, more: &str| format!("{number} {}", if number == 1 { one } else { more });
        return Err(Failure::usage(
            format!(
                "`{app}` has {} that no other one nests, and {}",
                count(roots.len(), "template", "templates"),
                count(stacks.len(), "stack", "stacks")
            ),
            format!(
                "list under `[apps.{app}]` one `stack` for each of them, in the order of `templates`, or name the template of the one stack"
            ),
        ));
    }
    let mut homes = Vec::new();
    for (root, stack) in roots.into_iter().zip(stacks) {
        homes.extend(below(&all, root, &stack));
    }
    let of_run = |home: Home| Some(Home { document: family[home.document].0?, ..home });
    let mut homes: Vec<Home> = homes.into_iter().filter_map(of_run).collect();
    homes.sort_by(|one, two| (one.document, &one.stack, &one.nested).cmp(&(two.document, &two.stack, &two.nested)));
    Ok(homes)
}

/// The templates of the application, with their indices in the run, and those of the run that it does not list.
fn family(
    project: &mut Project,
    listed: &[PathBuf],
    paths: &[PathBuf],
    documents: &[Document],
) -> Vec<(Option<usize>, Document)> {
    let whole = |path: &Path| fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let typed: Vec<PathBuf> = paths.iter().map(|path| whole(path)).collect();
    let mut family = Vec::new();
    // Templates that the application does not list have nothing to do with those that it does.
    let is_listed = |path: &PathBuf| listed.iter().any(|listed| whole(listed) == *path);
    for path in listed.iter().filter(|_| typed.iter().all(is_listed)) {
        match typed.iter().position(|typed| *typed == whole(path)) {
            Some(index) => family.push((Some(index), documents[index].clone())),
            None => family.extend(
                project
                    .documents(std::slice::from_ref(path))
                    .ok()
                    .and_then(|mut read| read.pop())
                    .map(|read| (None, read)),
            ),
        }
    }
    if family.is_empty() {
        family.extend(documents.iter().cloned().enumerate().map(|(index, document)| (Some(index), document)));
    }
    family
}

/// Those that no other one nests.
fn roots(all: &[&Document]) -> Vec<usize> {
    let is_root = |child: &&Document| all.iter().all(|parent| nested_stacks(parent, child).is_empty());
    all.iter().enumerate().filter(|(_, document)| is_root(document)).map(|(index, _)| index).collect()
}

/// Nested templates on one way: CloudFormation refuses what nests itself.
const LEVELS: usize = 10;

/// A template's stack, and those below it.
fn below(all: &[&Document], root: usize, stack: &str) -> Vec<Home> {
    let mut found = vec![Home { document: root, stack: stack.to_owned(), nested: Vec::new() }];
    let mut next = 0;
    while let Some(home) = found.get(next).cloned() {
        next += 1;
        if home.nested.len() >= LEVELS || found.len() >= NESTED_STACKS {
            continue;
        }
        for (child, document) in all.iter().enumerate() {
            for id in nested_stacks(all[home.document], document) {
                let nested = home.nested.iter().cloned().chain([id]).collect();
                found.push(Home { document: child, stack: home.stack.clone(), nested });
            }
        }
    }
    found
}

/// The stack of a template in a Region.
pub(crate) async fn locate(deployments: &AwsDeployments, region: &Region, home: &Home) -> Result<Found, StoreError> {
    let mut name = home.stack.clone();
    for id in &home.nested {
        if deployments.stack(region, &name).await?.is_none_or(|stack| stack.status == "REVIEW_IN_PROGRESS") {
            deployments.check_account().await?;
            return Ok(Err(Absence::NotThere));
        }
        let resources = deployments.resources(region, &name).await?;
        let nested =
            resources.into_iter().find(|resource| resource.logical_id == *id && resource.resource_type == NESTED_STACK);
        match nested.and_then(|nested| nested.physical_id) {
            Some(id) => name = id,
            None => return Ok(Err(Absence::NotThere)),
        }
    }
    find(deployments, region, &name).await
}
