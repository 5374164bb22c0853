//! Secrets that no line of deploy.toml declares: a misspelt name must not become a parameter in every Region.

use std::path::{Path, PathBuf};

use byref_config::{App, Scope, derived_key, secret_line, with_secret_lines_written};

use crate::args::Common;
use crate::args::secret::Declaration;
use crate::args::store::OneSecret;
use crate::failure::{Failure, Outcome};
use crate::output::say;
use crate::read::{Input, read_text};
use crate::store::{Target, Targets};
use crate::write::{Policy, write};
use byref::{Project, closest};

/// The secret that was typed, in a configuration that declares it where that was asked for.
pub(super) struct Addressed {
    pub(super) project: Project,
    line: Option<NewLine>,
}

/// A line that is added to a file of the configuration once the secret is stored.
struct NewLine {
    path: PathBuf,
    before: String,
    after: String,
    /// The application and the name of the secret.
    app: String,
    name: String,
    /// The line.
    written: String,
}

impl Addressed {
    /// Finds what declares a secret, or adds a line for it, as the options say.
    pub(super) fn new(common: &Common, one: &OneSecret, options: &Declaration) -> Result<Self, Failure> {
        let project = crate::project::load(common)?;
        let targets = Targets::new(&project, &one.place)?;
        let target = targets.one(&one.secret, one.full_name)?;
        let is_full_name = one.full_name || one.secret.starts_with('/');
        if is_full_name || options.undeclared || target.line.is_some() || is_declared(&project, &targets, &target) {
            return Ok(Self { project, line: None });
        }
        if !options.declare {
            return Err(undeclared(&project, &targets, &target, &one.secret));
        }
        let line = NewLine::new(&project, &targets, &target)?;
        let project = line.applied(common)?;
        Ok(Self { project, line: Some(line) })
    }

    /// The parameter of the secret.
    pub(super) fn target(&self, targets: &Targets<'_>, one: &OneSecret) -> Result<Target, Failure> {
        let Some(line) = &self.line else { return targets.one(&one.secret, one.full_name) };
        let app = self.project.app(&line.app)?;
        let added = app.secrets(Some(&targets.environment.name)).into_iter().find(|own| own.name == line.name);
        match added {
            Some(added) => targets.of_line(app, added),
            None => Err(line.not_understood("it is not read back")),
        }
    }

    /// What becomes of the configuration, as a part of the plan.
    pub(super) fn show(&self, common: &Common) {
        if let Some(line) = self.line.as_ref().filter(|_| !common.quiet) {
            say(&format!("{}: [apps.{}.secrets]\n+ {}\n", line.path.display(), line.app, line.written));
        }
    }

    /// Adds the line, when the secret is stored.
    pub(super) fn finish(&self, outcome: Outcome) -> Result<Outcome, Failure> {
        let Some(line) = self.line.as_ref().filter(|_| outcome == Outcome::Done) else { return Ok(outcome) };
        let written = match read_text(&line.path, Input::Configuration) {
            Ok(now) if now == line.before => write(&line.path, &line.after, Policy::Source),
            Ok(_) => Err(Failure::usage("it was changed in the meantime", "")),
            Err(failure) => Err(failure.into()),
        };
        written.map(|()| outcome).map_err(|failure| {
            Failure::usage(
                format!("the secret is stored, but `{}` does not declare it: {failure}", line.path.display()),
                format!("add it yourself under `[apps.{}.secrets]`: {}", line.app, line.written),
            )
        })
    }
}

/// Whether a line of any application refers to a parameter in this environment.
fn is_declared(project: &Project, targets: &Targets<'_>, target: &Target) -> bool {
    let lines = project
        .config()
        .apps
        .values()
        .flat_map(|app| app.secrets(Some(&targets.environment.name)).into_iter().map(move |line| (app, line)));
    lines.into_iter().any(|(app, line)| targets.of_line(app, line).is_ok_and(|own| own.name == target.name))
}

fn undeclared(project: &Project, targets: &Targets<'_>, target: &Target, typed: &str) -> Failure {
    let apps: Vec<&App> = targets.app.map_or_else(|| project.config().apps.values().collect(), |app| vec![app]);
    let mut known: Vec<String> = Vec::new();
    for line in apps.iter().flat_map(|app| app.secrets(Some(&targets.environment.name))) {
        known.push(line.name.clone());
        if let byref_config::Target::Key { key, .. } = &line.target {
            known.push(key.clone());
        }
    }
    // `db_pasword` means `DB_PASSWORD`.
    let plain = |text: &str| derived_key(text).replace('.', "-");
    let plain_known: Vec<String> = known.iter().map(|name| plain(name)).collect();
    let meant = closest(&plain(typed), plain_known.iter().map(String::as_str));
    let meant = meant.and_then(|meant| plain_known.iter().position(|plain| plain == meant)).map(|at| &known[at]);
    // A value that was typed in place of the name must not be repeated.
    let is_shown = meant.is_some() || byref_judge::secret_reason("PASSWORD", typed).is_none();
    let name = if is_shown { target.name.as_str() } else { byref_parameter::MASK };
    let meant = meant.map(|meant| format!("did you mean `{meant}`? Otherwise ")).unwrap_or_default();
    Failure::usage(
        format!(
            "no line of deploy.toml declares this secret: it would become the new parameter `{name}` in {}",
            targets.environment.name
        ),
        format!(
            "{meant}pass `--declare` to add a line for it to deploy.toml, or `--undeclared` to store it without one"
        ),
    )
}

impl NewLine {
    fn new(project: &Project, targets: &Targets<'_>, target: &Target) -> Result<Self, Failure> {
        let app = targets.require_app()?;
        let typed = target.key.as_deref().unwrap_or_default();
        let is_variable = typed.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        let (name, key) = if is_variable {
            (typed.to_owned(), derived_key(typed))
        } else {
            let is_kept = |character: char| character.is_ascii_alphanumeric();
            (typed.to_ascii_uppercase().replace(|character| !is_kept(character), "_"), typed.to_owned())
        };
        if app.secrets(None).iter().any(|line| line.name == name) {
            return Err(Failure::usage(
                format!("`{name}` of `{}` is declared already, and refers to another parameter", app.name),
                format!("use `byref secret put {name}`, or correct its line"),
            ));
        }
        let written = secret_line(&name, &key, target.scope.unwrap_or(Scope::App));
        let source = project.sources().get(app.location.source);
        let before = source.text().to_string();
        let after = with_secret_lines_written(&before, &app.name, std::slice::from_ref(&written));
        Ok(Self { path: PathBuf::from(source.name()), before, after, app: app.name.clone(), name, written })
    }

    /// The configuration as it will be: what is wrong with the line is reported before anything is written.
    fn applied(&self, common: &Common) -> Result<Project, Failure> {
        let edited: (&Path, &str) = (&self.path, &self.after);
        crate::project::load_edited(common, &[edited]).map_err(|failure| self.not_understood(&failure.to_string()))
    }

    fn not_understood(&self, why: &str) -> Failure {
        Failure::usage(
            format!("cannot add a line to `{}`: {why}", self.path.display()),
            format!("add it yourself under `[apps.{}.secrets]`: {}", self.app, self.written),
        )
    }
}
