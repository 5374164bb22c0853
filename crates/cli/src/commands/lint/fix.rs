//! `--fix`: from values in the environments of containers to stored secrets, lines of deploy.toml and references.
//!
//! All templates are one plan, and the rewrite of each is proven before anything is written. Then the store comes first: a
//! reference to a secret that is not there would break the next deploy. After it the configuration, then the templates;
//! if one of these files can't be written, those that were are put back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use byref_config::{SecretLine, derived_key, toml_key, toml_string, with_secret_lines};
use byref_parameter::{ParameterName, SecretValue};
use byref_rewrite::{Document, Outcome as Became};
use byref_template::has_errors;

use super::files::shown;
use super::movable::movable;
use super::replace::{Replacement, prepare};
use crate::answers::Ask;
use crate::args::{Common, Lint, SchemeArgument, Selection};
use crate::commands::rewrite_all;
use crate::failure::{Failure, Outcome};
use crate::findings::Run;
use crate::output::{say, write_styled};
use crate::report::report;
use crate::store::{Consent, Progress, Stores, block_on, confirm, write_all};
use crate::write::commit;
use byref::Deployment;
use byref::Project;
use byref::Rewritten;
use byref::render::diff::{Colors, masked_diff};
use byref::render::escape::line;
use byref::secrets::{SecretWrite, Targets, WritePlan};

/// What can be moved of the templates of one application.
struct Part {
    app: String,
    templates: Vec<PathBuf>,
    secrets: BTreeMap<String, SecretValue>,
    /// Which names each template gives up.
    names: Vec<Vec<String>>,
}

/// Plans, asks, and moves.
pub(super) fn fix(common: &Common, options: &Lint, run: &Run) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let (parts, fixable) = parts(&project, options, run)?;
    if !parts.is_empty() {
        match carry_out(common, options, &project, &parts)? {
            Outcome::Done => {}
            other => return Ok(other),
        }
    }
    let left = run.findings().count() - fixable;
    say(&format!("{fixable} findings are fixed, {left} are left\n"));
    Ok(if left == 0 { Outcome::Done } else { Outcome::Differences })
}

/// The templates with values that can be moved, by application, and how many findings that are.
fn parts(project: &Project, options: &Lint, run: &Run) -> Result<(Vec<Part>, usize), Failure> {
    let mut parts: Vec<Part> = Vec::new();
    let mut fixable = 0;
    for file in &run.files {
        let found = movable(&file.text, file.findings.iter().map(|located| &located.finding));
        if found.is_empty() {
            continue;
        }
        if file.read_from.as_os_str() == "-" {
            return Err(Failure::usage("`--fix` writes templates, and standard input is none", "name the file"));
        }
        let app = &project.choose_app(options.place.app.as_deref(), std::slice::from_ref(&file.read_from))?.name;
        let at = parts.iter().position(|part| part.app == *app).unwrap_or(parts.len());
        if at == parts.len() {
            parts.push(Part { app: app.clone(), templates: Vec::new(), secrets: BTreeMap::new(), names: Vec::new() });
        }
        let part = &mut parts[at];
        fixable += found.len();
        let mut names = Vec::new();
        for (name, value) in found {
            if part.secrets.get(&name).is_some_and(|known| *known != value) {
                return Err(Failure::usage(
                    format!("`{name}` of `{app}` has several values ({})", file.path),
                    "give them names of their own, or containers in deploy.toml, and move them with `byref secret put`",
                ));
            }
            names.push(name.clone());
            part.secrets.insert(name, value);
        }
        part.templates.push(file.read_from.clone());
        part.names.push(names);
    }
    Ok((parts, fixable))
}

/// The files of the configuration as they will be, and the lines that are added.
struct Edits {
    files: Vec<Replacement>,
    text: String,
}

/// A line for every name that has none.
fn edits(project: &Project, parts: &[Part]) -> Result<Edits, Failure> {
    let mut edits = Edits { files: Vec::new(), text: String::new() };
    for part in parts {
        let app = project.app(&part.app)?;
        let known: Vec<&str> = app.secrets(None).into_iter().map(|line| line.name.as_str()).collect();
        let names = part.secrets.keys().filter(|name| !known.contains(&name.as_str()));
        let lines: Vec<(String, String)> = names.map(|name| (name.clone(), derived_key(name))).collect();
        if lines.is_empty() {
            continue;
        }
        let source = project.sources().get(app.location.source);
        let path = PathBuf::from(source.name());
        edits.text.push('\n');
        line!(edits.text, "{}: [apps.{}.secrets]", shown(&path), toml_key(&app.name));
        for (name, key) in &lines {
            line!(edits.text, "+ {} = {}", toml_key(name), toml_string(key));
        }
        let at = edits.files.iter().position(|file| file.path == path).unwrap_or(edits.files.len());
        if at == edits.files.len() {
            let text = source.text().to_string();
            edits.files.push(Replacement { path, before: text.clone(), after: text });
        }
        let file = &mut edits.files[at];
        file.after = with_secret_lines(&file.after, &app.name, &lines);
    }
    Ok(edits)
}

/// What becomes of the files and of the store.
struct Moves<'p> {
    files: Vec<Replacement>,
    desires: Vec<SecretWrite>,
    /// What each parameter gets; two lines may mean the same one.
    values: BTreeMap<ParameterName, &'p SecretValue>,
    diff: String,
}

fn carry_out(common: &Common, options: &Lint, project: &Project, parts: &[Part]) -> Result<Outcome, Failure> {
    let Edits { files, text: lines } = edits(project, parts)?;
    // Read as it will be: what is wrong with the new lines is said before anything is written.
    let edited: Vec<(&Path, &str)> = files.iter().map(|file| (file.path.as_path(), file.after.as_str())).collect();
    let mut after = crate::project::load_edited(common, &edited)?;
    let mut documents: Vec<Vec<Document>> = Vec::new();
    for part in parts {
        // Nobody asked for what the other lines would change.
        after.keep_secrets(&part.app, |name| part.secrets.contains_key(name));
        documents.push(after.documents_in_view(&part.app, &part.templates)?);
    }
    let everywhere = options.place.targets(&after)?;
    let mut moves = Moves { files, desires: Vec::new(), values: BTreeMap::new(), diff: String::new() };
    for (part, documents) in parts.iter().zip(&documents) {
        let choice = crate::project::choose(&after, &selection(options, &part.app), &part.templates)?;
        let rewritten = rewrite_all(&after, &choice, documents, &options.place.store, Ask::WhereNeeded)?;
        check(&after, &choice, part, &rewritten)?;
        if !common.quiet {
            report(after.sources(), &rewritten.diagnostics, crate::commands::shown(common));
        }
        moves.add_templates(part, documents, &rewritten);
        let targets = everywhere.in_environment(&choice.environment().name)?.of_app(&part.app)?;
        moves.add_secrets(part, &targets)?;
    }
    write(common, options, &everywhere, moves, &lines)
}

impl<'p> Moves<'p> {
    fn add_templates(&mut self, part: &Part, documents: &[Document], rewritten: &Rewritten) {
        for ((path, document), output) in part.templates.iter().zip(documents).zip(&rewritten.outputs) {
            let known = &rewritten.plan.known;
            self.diff.push_str(&masked_diff(&document.path, &document.template, output, known, Colors::No));
            let (before, after) = (document.template.text().to_string(), output.text().to_string());
            self.files.push(Replacement { path: path.clone(), before, after });
        }
    }

    fn add_secrets(&mut self, part: &'p Part, targets: &Targets<'_>) -> Result<(), Failure> {
        let app = targets.require_app()?;
        let lines = app.secrets(Some(&targets.environment().name)).into_iter();
        let lines: BTreeMap<&str, &SecretLine> = lines.map(|line| (line.name.as_str(), line)).collect();
        for (name, value) in &part.secrets {
            let target = match lines.get(name.as_str()) {
                Some(line) => targets.of_line(app, line)?,
                None => targets.find(name.as_str())?,
            };
            match self.values.insert(target.name.clone(), value) {
                None => self.desires.push(targets.write(target, value.clone())),
                Some(known) if known == value => {}
                Some(_) => {
                    return Err(Failure::usage(
                        format!("`{}` would get several values", target.name),
                        "give the lines in deploy.toml keys of their own",
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Shows the plan, asks, and writes: the store, the configuration, the templates.
fn write(
    common: &Common,
    options: &Lint,
    targets: &Targets<'_>,
    moves: Moves<'_>,
    lines: &str,
) -> Result<Outcome, Failure> {
    let Moves { files, desires, diff, .. } = moves;
    let stores = Stores::to_write(&options.place.store);
    block_on(async {
        let store = stores.open(targets.environment(), &Progress::hidden())?;
        let plan = WritePlan::new(&store, desires).await?;
        let steps: String = plan.writes().iter().map(|planned| planned.text.as_str()).collect();
        write_styled(&format!("{steps}{lines}\n{diff}"))?;
        if let Some(other) = plan.writes().iter().find(|write| !write.overwrites.is_empty()) {
            return Err(Failure::usage(
                format!("the store holds another value of `{}`", other.name),
                "compare them with `byref secret diff`, and remove the wrong one first",
            ));
        }
        let question = format!("Move them to {}?", targets.environment().name);
        if let Consent::Stop(_) = confirm(&options.write, true, &question)? {
            return Ok(Outcome::Differences);
        }
        let transaction = prepare(&files)?;
        let done = write_all(common, &store, &targets.environment().name, plan).await?;
        if done == Outcome::Done {
            commit(transaction, "; the store has the secrets already")?;
        } else {
            say("no file was changed\n");
        }
        Ok(done)
    })
}

/// Whether the rewrite does what was asked for, and only that.
fn check(project: &Project, choice: &Deployment<'_>, part: &Part, rewritten: &Rewritten) -> Result<(), Failure> {
    if has_errors(&rewritten.diagnostics) {
        return Err(project.mistakes(rewritten.diagnostics.clone()).into());
    }
    if let Some(refusal) = choice.source_refusal(&rewritten.plan, "--fix") {
        return Err(project.mistakes(vec![refusal]).into());
    }
    for (index, names) in part.names.iter().enumerate() {
        for name in names {
            let bindings = rewritten.plan.bindings.iter().filter(|one| one.document == index && one.secret == *name);
            let became: Vec<&Became> = bindings.map(|binding| &binding.outcome).collect();
            let is_moved = became.iter().any(|outcome| matches!(outcome, Became::Moved | Became::Deduplicated));
            if !is_moved || became.contains(&&Became::Added) {
                return Err(Failure::usage(
                    format!(
                        "`{name}` can't be moved in `{}`: its line names other containers",
                        part.templates[index].display()
                    ),
                    "correct `containers` of the line in deploy.toml, or move it with `byref secret put` and `byref rewrite`",
                ));
            }
        }
    }
    Ok(())
}

/// The application and environment, by reference.
fn selection(options: &Lint, app: &str) -> Selection {
    Selection {
        app: Some(app.to_owned()),
        environment: options.place.environment.clone(),
        region: None,
        scheme: Some(SchemeArgument::Reference),
        to_values: false,
        keep_references: false,
        grants_only: false,
        grant: None,
        prune_parameters: false,
        prune_grants: false,
        create_execution_role: false,
        store: options.place.store.clone(),
    }
}
