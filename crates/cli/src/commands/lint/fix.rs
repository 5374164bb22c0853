//! `--fix`: from a value in a container's environment to a stored secret, a line of deploy.toml and a reference.
//!
//! Everything is planned, and the rewrite proven, before anything is written. Then the store comes first: a reference
//! to a secret that is not there would break the next deploy. If a file can't be written afterwards, those that were
//! are put back.

use std::fmt::Write as _;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use byref_config::with_secret_lines;
use byref_lint::Finding;
use byref_parameter::SecretValue;
use byref_template::Template;

use super::files::shown;
use crate::answers::Ask;
use crate::args::{Common, Lint, SchemeArgument, Selection};
use crate::commands::rewrite::rewrite_all;
use crate::commands::secret::plain_desire;
use crate::failure::{Failure, Outcome};
use crate::findings::Run;
use crate::output::{say, write_styled};
use crate::project::{Project, has_errors};
use crate::render::diff::{Colors, masked_diff};
use crate::store::{Consent, PlannedWrite, Progress, Stores, Targets, block_on, confirm, plan_writes, write_all};
use crate::write::{Readers, write_atomically};

/// A value that can be moved.
struct Movable {
    name: String,
    value: SecretValue,
}

/// Plans, asks, and moves.
pub(super) fn fix(common: &Common, options: &Lint, run: &Run, files: &[PathBuf]) -> Result<Outcome, Failure> {
    let project = Project::load(common)?;
    let mut fixed = 0;
    let mut is_first = true;
    for file in &run.files {
        let movable = movable(&file.text, file.findings.iter().map(|located| &located.finding))?;
        if movable.is_empty() {
            continue;
        }
        let Some(path) = files.iter().find(|path| shown(path) == file.path) else { continue };
        if !is_first {
            return Err(Failure::usage("`--fix` moves the secrets of one template at a time", "name one template"));
        }
        is_first = false;
        let count = movable.len();
        match fix_template(common, options, &project, path, movable)? {
            Outcome::Done => fixed += count,
            other => return Ok(other),
        }
    }
    let left = run.findings().count().saturating_sub(fixed);
    say(&format!("{fixed} findings are fixed, {left} are left\n"));
    Ok(if left == 0 { Outcome::Done } else { Outcome::Differences })
}

/// The rules whose findings are values that can be moved.
const MOVABLE: [&str; 5] = ["declared-secret", "secret-name", "secret-shape", "embedded-secret", "weak-secret"];

/// The values of a template that can be moved: whole literals in the environments of ECS containers.
fn movable<'f>(text: &str, findings: impl Iterator<Item = &'f Finding>) -> Result<Vec<Movable>, Failure> {
    let Ok(template) = Template::parse(text) else { return Ok(Vec::new()) };
    let mut by_name: BTreeMap<String, SecretValue> = BTreeMap::new();
    for finding in
        findings.filter(|finding| MOVABLE.contains(&finding.rule.id) && is_in_environment(&template, &finding.path))
    {
        let node = template.nodes().find(|node| node.kind().is_scalar() && node.span().contains(finding.span));
        let whole = node.filter(|node| node.tag().is_none()).and_then(byref_template::NodeRef::text);
        let (Some(value), Some(name)) = (whole, variable(&template, &finding.path)) else { continue };
        let value = SecretValue::new(value.into_owned());
        if by_name.get(&name).is_some_and(|known| *known != value) {
            return Err(Failure::usage(
                format!("`{name}` has several values in this template"),
                "give them names of their own, or containers in deploy.toml, and move them with `byref secret put`",
            ));
        }
        by_name.insert(name, value);
    }
    Ok(by_name.into_iter().map(|(name, value)| Movable { name, value }).collect())
}

/// Whether a path leads to the value of an entry in the environment of a container of a task definition.
fn is_in_environment(template: &Template, path: &str) -> bool {
    let mut steps = path.split('.');
    let resource = (steps.next() == Some("Resources")).then(|| steps.next()).flatten();
    let kind = resource.and_then(|id| template.root()?.get("Resources")?.get(id)?.get("Type")?.text());
    kind.is_some_and(|kind| matches!(kind.as_ref(), "AWS::ECS::TaskDefinition" | "AWS::ECS::DaemonTaskDefinition"))
        && path.contains(".ContainerDefinitions[")
        && path.contains(".Environment[")
        && path.ends_with("].Value")
}

/// The name of the entry whose value a path leads to.
fn variable(template: &Template, path: &str) -> Option<String> {
    let entry = path.strip_suffix(".Value")?;
    let mut node = template.root()?;
    for step in entry.split('.') {
        let (key, indices) = step.split_once('[').map_or((step, None), |(key, rest)| (key, Some(rest)));
        node = node.get(key)?;
        for index in indices.into_iter().flat_map(|rest| rest.split('[')) {
            let index: usize = index.trim_end_matches(']').parse().ok()?;
            node = if node.intrinsic().is_some() { return None } else { node.items().nth(index)? };
        }
    }
    Some(node.get("Name")?.text()?.into_owned())
}

/// What becomes of one template, of its lines in deploy.toml, and of the store.
struct Plan {
    config_path: PathBuf,
    config_before: String,
    config_after: String,
    template_path: PathBuf,
    template_after: String,
}

fn fix_template(
    common: &Common,
    options: &Lint,
    project: &Project,
    path: &Path,
    movable: Vec<Movable>,
) -> Result<Outcome, Failure> {
    let typed = [path.to_owned()];
    let app = project.app(options.place.app.as_deref(), &typed)?;
    let known: Vec<&str> = app.secrets(None).into_iter().map(|line| line.name.as_str()).collect();
    let lines: Vec<(String, String)> = movable
        .iter()
        .filter(|movable| !known.contains(&movable.name.as_str()))
        .map(|movable| (movable.name.clone(), key(&movable.name)))
        .collect();
    let source = project.sources.get(app.location.source);
    let config_path = PathBuf::from(source.name());
    let config_before = source.text().to_string();
    let config_after = with_secret_lines(&config_before, &app.name, &lines);
    // Read as it will be: what is wrong with the new lines is said before anything is written.
    let mut after = Project::load_edited(common, Some((&config_path, &config_after)))?;
    let selection = selection(options, &app.name);
    let documents = after.documents(&typed)?;
    let choice = after.choose(&selection, &typed)?;
    let rewritten = rewrite_all(&after, &choice, &documents, &options.place.store, Ask::WhereNeeded)?;
    if has_errors(&rewritten.diagnostics) {
        return Err(after.mistakes(rewritten.diagnostics));
    }
    let (Some(document), Some(output)) = (documents.first(), rewritten.outputs.first()) else {
        return Ok(Outcome::Done);
    };
    let plan = Plan {
        config_path,
        config_before,
        config_after,
        template_path: path.to_owned(),
        template_after: output.to_string(),
    };
    let targets = Targets::new(&after, &options.place)?.moved(Some(&choice.environment.name), Some(&app.name), None)?;
    let mut desires = Vec::new();
    for Movable { name, value } in movable {
        let target = targets.one(&name, false)?;
        desires.push(plain_desire(&targets, target, value));
    }
    let colors = Colors::No;
    let parsed = Template::parse(output.as_ref())
        .map_err(|_| Failure::usage("the rewritten template can't be read", "report this"))?;
    let diff = masked_diff(&document.path, &document.template, &parsed, colors);
    let stores = Stores::to_write(&options.place.store);
    block_on(async {
        let store = stores.open(targets.environment, &Progress::hidden())?;
        let writes = plan_writes(&store, desires).await?;
        let steps: String = writes.iter().map(PlannedWrite::text).collect();
        show(&plan, &lines, &steps, &diff)?;
        if let Some(other) = writes.iter().find(|write| !write.overwrites.is_empty()) {
            return Err(Failure::usage(
                format!("the store holds another value of `{}`", other.name),
                "compare them with `byref secret diff`, and remove the wrong one first",
            ));
        }
        if confirm(&options.write, true, &format!("Move them to {}?", targets.environment.name))? == Consent::Stop {
            return Ok(Outcome::Differences);
        }
        check_writable(&plan)?;
        match write_all(common, &store, targets.environment, writes).await? {
            Outcome::Done => write_files(&plan).map(|()| Outcome::Done),
            other => Ok(other),
        }
    })
}

/// The application and environment, by reference.
fn selection(options: &Lint, app: &str) -> Selection {
    Selection {
        app: Some(app.to_owned()),
        environment: options.place.environment.clone(),
        region: None,
        scheme: Some(SchemeArgument::Reference),
        to_values: false,
        grants_only: false,
        grant: None,
        prune_parameters: false,
        prune_grants: false,
        create_execution_role: false,
        store: options.place.store.clone(),
    }
}

/// `DB_PASSWORD` as `db-password`, as `byref init` does it.
fn key(name: &str) -> String {
    let is_separator = |character: char| !(character.is_ascii_alphanumeric() || matches!(character, '-' | '.'));
    name.to_ascii_lowercase().replace(is_separator, "-")
}

fn show(plan: &Plan, lines: &[(String, String)], stored: &str, diff: &str) -> Result<(), Failure> {
    let mut text = stored.to_owned();
    if !lines.is_empty() {
        let _ = write!(text, "\n{}\n", shown(&plan.config_path));
        for (name, key) in lines {
            let _ = writeln!(text, "+ {name} = \"{key}\"");
        }
    }
    text.push('\n');
    text.push_str(diff);
    write_styled(&text)
}

/// What can be known before the store is written to.
fn check_writable(plan: &Plan) -> Result<(), Failure> {
    for path in [&plan.config_path, &plan.template_path] {
        let metadata = fs_err::metadata(path).map_err(|error| Failure::file("write", path, &error))?;
        if metadata.permissions().readonly() {
            return Err(Failure::file("write", path, &std::io::Error::from(std::io::ErrorKind::PermissionDenied)));
        }
    }
    Ok(())
}

/// Both files or none.
fn write_files(plan: &Plan) -> Result<(), Failure> {
    if plan.config_after != plan.config_before {
        write_atomically(&plan.config_path, &plan.config_after, Readers::AsBefore)?;
    }
    let written = write_atomically(&plan.template_path, &plan.template_after, Readers::AsBefore);
    if written.is_err() && plan.config_after != plan.config_before {
        write_atomically(&plan.config_path, &plan.config_before, Readers::AsBefore)?;
    }
    written
}
