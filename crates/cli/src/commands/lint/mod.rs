//! `byref lint`

mod baseline;
mod files;
mod fix;
mod known;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use byref_config::LintWaiver;
use byref_lint::waiver::{Waiver, waive};
use byref_lint::{
    Context, Declared, Finding, Level, RULES, Reading, Report, fingerprints, lint, places_of_values, rule,
};
use byref_rewrite::hidden_spans;
use byref_template::{Diagnostic, Span};

use crate::args::{Common, Lint, LintFormat, LintLevel};
use crate::failure::{Failure, Outcome};
use crate::findings::{JudgedFile, LineIndex, Located, Run, report};
use crate::mask::hidden_in_unparsed;
use crate::output::{note, write_bytes, write_styled};
use crate::project::{Project, closest, listed};
use crate::render::diagnostic::{Shown, report as report_diagnostics};
use crate::write::{Readers, write_atomically};
use baseline::Baseline;
use files::{Content, read, shown};
use known::{KnownValues, merged, placed, read_known};

pub(crate) fn run(common: &Common, options: &Lint) -> Result<Outcome, Failure> {
    if let Some(id) = &options.explain {
        let rule = rule(id).ok_or_else(|| unknown_rule(id))?;
        return write_bytes(rule.page).map(|()| Outcome::Done);
    }
    for id in options.only.iter().chain(&options.except) {
        rule(id).ok_or_else(|| unknown_rule(id))?;
    }
    let project = Project::load_if_there(common)?;
    let known = if options.known { Some(read_known(common, options, project.as_ref())?) } else { None };
    let lint = Linter::new(options, project.as_ref(), known)?;
    let files = files::files(&options.paths)?;
    let mut run = lint.judge_all(&files)?;
    if options.fix {
        return fix::fix(common, options, &run, &files);
    }
    if let Some(path) = &options.baseline
        && accept(common, options, path, &mut run)?
    {
        return Ok(Outcome::Done);
    }
    write(common, options, &run)?;
    report_diagnostics(&lint.sources(), &lint.stale_waivers(), if common.quiet { Shown::Errors } else { Shown::All });
    Ok(if run.findings().next().is_some() { Outcome::Differences } else { Outcome::Done })
}

/// Takes out what a baseline accepts. Writes the baseline where it shall be, or is not there yet; returns whether.
fn accept(common: &Common, options: &Lint, path: &Path, run: &mut Run) -> Result<bool, Failure> {
    let baseline = if options.update_baseline { None } else { Baseline::read(path)? };
    if let Some(baseline) = baseline {
        baseline.apply(run);
        return Ok(false);
    }
    if !options.update_baseline && std::env::var_os("CI").is_some() {
        return Err(Failure::usage(
            format!("there is no baseline `{}`, and where `CI` is set none is made by itself", path.display()),
            "make it with `--update-baseline`, and commit it",
        ));
    }
    let count = Baseline::write(path, run)?;
    note(common, &format!("{count} findings are accepted from now on: {}", path.display()));
    Ok(true)
}

fn write(common: &Common, options: &Lint, run: &Run) -> Result<(), Failure> {
    let text = report(run, options.format);
    match &options.output {
        Some(path) if path.as_os_str() != "-" => {
            write_atomically(path, &anstream::adapter::strip_str(&text).to_string(), Readers::AsBefore)?;
            note(common, &run.summary());
            Ok(())
        }
        _ if options.format == LintFormat::Text => write_styled(&text),
        _ => write_bytes(&text),
    }
}

fn unknown_rule(id: &str) -> Failure {
    let meant = closest(id, RULES.iter().map(|rule| rule.id));
    let known = || listed(RULES.iter().map(|rule| rule.id.to_owned()));
    let help = meant.map_or_else(|| format!("the rules are {}", known()), |meant| format!("did you mean `{meant}`?"));
    Failure::usage("there is no such rule", help)
}

/// What all files of a run are judged by.
struct Linter<'r> {
    options: &'r Lint,
    project: Option<&'r Project>,
    known: Option<KnownValues>,
    accounts: Vec<String>,
    today: String,
    /// Waivers of the configuration, and whether each has matched anything.
    waivers: Vec<(&'r LintWaiver, Waiver, AtomicUsize)>,
}

impl<'r> Linter<'r> {
    fn new(options: &'r Lint, project: Option<&'r Project>, known: Option<KnownValues>) -> Result<Self, Failure> {
        let environments = project.iter().flat_map(|project| project.config.environments.values());
        let accounts = environments.map(|environment| environment.account.to_string()).collect();
        let today = jiff::Timestamp::now().to_string().chars().take(10).collect();
        let mut waivers = Vec::new();
        let mut mistakes = Vec::new();
        for written in project.iter().flat_map(|project| &project.config.lint_waivers) {
            match Waiver::new(&written.rule, &written.reason, written.until.as_deref()) {
                Ok(waiver) => waivers.push((written, waiver, AtomicUsize::new(0))),
                Err(error) => mistakes.push(
                    Diagnostic::error("bad-waiver", format!("this waiver can't be read: {error}"), written.location)
                        .help("`byref lint --explain stale-waiver` shows how one is written"),
                ),
            }
        }
        match project {
            Some(project) if !mistakes.is_empty() => Err(project.mistakes(mistakes)),
            _ => Ok(Self { options, project, known, accounts, today, waivers }),
        }
    }

    fn sources(&self) -> byref_template::Sources {
        self.project.map(|project| project.sources.clone()).unwrap_or_default()
    }

    /// Judges all files on all cores; the order is that of the paths, whatever the number of cores.
    fn judge_all(&self, files: &[PathBuf]) -> Result<Run, Failure> {
        let next = AtomicUsize::new(0);
        let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(files.len().max(1));
        let work = || {
            let mut judged = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(path) = files.get(index) else { return judged };
                judged.push((index, self.judge_file(path)));
            }
        };
        let mut judged: Vec<(usize, Result<Option<JudgedFile>, Failure>)> = if workers == 1 {
            work()
        } else {
            std::thread::scope(|scope| {
                let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
                threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
            })
        };
        judged.sort_by_key(|(index, _)| *index);
        let mut run = Run { files: Vec::new(), passed_over: 0, accepted: 0 };
        for (_, file) in judged {
            match file? {
                Some(file) => run.accept(file),
                None => run.passed_over += 1,
            }
        }
        Ok(run)
    }

    /// Judges one file; `None` where it is none of those that are judged, and nothing that is known is in it.
    fn judge_file(&self, path: &Path) -> Result<Option<JudgedFile>, Failure> {
        let read_as = read(path, self.options.all_text, self.known.is_some())?;
        let path_shown = shown(path);
        let text = match (read_as, &self.known) {
            (Content::Text(text), _) => text,
            (_, None) => return Ok(None),
            (Content::Other(bytes), Some(known)) => return Ok(self.only_known(path_shown, known.in_bytes(&bytes))),
            (Content::Large, Some(known)) => return Ok(self.only_known(path_shown, known.in_file(path)?)),
        };
        let declared = self.project.map(|project| declared(project, path)).unwrap_or_default();
        let context = Context { declared: &declared, accounts: &self.accounts, all_text: self.options.all_text };
        let Report { mut findings, reading, template } = lint(&text, context);
        if let Some(known) = &self.known {
            findings = merged(findings, known.in_text(&text));
        }
        if reading == Reading::PassedOver && findings.is_empty() {
            return Ok(None);
        }
        let waived = waive(&text, template.as_ref(), findings, &self.today);
        let before = waived.findings.len();
        let findings: Vec<Finding> =
            waived.findings.into_iter().filter(|finding| !self.is_waived(path, finding)).collect();
        let accepted = waived.waived + before - findings.len();
        let findings = self.wanted(&path_shown, placed(findings, &LineIndex::new(&text)));
        let hidden = self.hidden(&text, template.as_ref(), &findings);
        Ok(Some(JudgedFile { path: path_shown, text, hidden, reading, findings, accepted }))
    }

    /// A file that is no template, of which only known values are of interest.
    fn only_known(&self, path: String, findings: Vec<Located>) -> Option<JudgedFile> {
        let findings = self.wanted(&path, findings);
        let (text, hidden) = (Arc::from(""), Vec::new());
        (!findings.is_empty()).then_some(JudgedFile {
            path,
            text,
            hidden,
            reading: Reading::PassedOver,
            findings,
            accepted: 0,
        })
    }

    /// Adds fingerprints, and leaves out what was not asked for.
    fn wanted(&self, path: &str, mut findings: Vec<Located>) -> Vec<Located> {
        let plain: Vec<Finding> = findings.iter().map(|located| located.finding.clone()).collect();
        for (located, fingerprint) in findings.iter_mut().zip(fingerprints(path, &plain)) {
            located.fingerprint = fingerprint;
        }
        let least = if self.options.level == LintLevel::Error { Level::Error } else { Level::Warning };
        let (only, except) = (&self.options.only, &self.options.except);
        findings.retain(|located| {
            let id = located.finding.rule.id;
            located.finding.level >= least
                && (only.is_empty() || only.iter().any(|only| only == id))
                && !except.iter().any(|except| except == id)
        });
        findings
    }

    /// What is hidden of a text where its lines are shown.
    fn hidden(&self, text: &str, template: Option<&byref_template::Template>, findings: &[Located]) -> Vec<Span> {
        if findings.is_empty() || self.options.format != LintFormat::Text {
            return Vec::new();
        }
        let mut hidden = template.map_or_else(|| hidden_in_unparsed(text), hidden_spans);
        let plain: Vec<Finding> = findings.iter().map(|located| located.finding.clone()).collect();
        hidden.extend(plain.iter().map(|finding| finding.span));
        hidden.extend(places_of_values(text, &plain));
        hidden
    }

    /// Whether the configuration waives a finding.
    fn is_waived(&self, path: &Path, finding: &Finding) -> bool {
        let Some(project) = self.project.filter(|_| !self.waivers.is_empty()) else { return false };
        let whole = |path: &Path| fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let folder = if project.folder.as_os_str().is_empty() { Path::new(".") } else { &project.folder };
        let (path, folder) = (whole(path), whole(folder));
        let relative = path.strip_prefix(&folder).unwrap_or(&path);
        self.waivers.iter().any(|(written, waiver, used)| {
            let matches = waiver.rule == finding.rule.id
                && written.path.is_match(relative)
                && written.property.as_ref().is_none_or(|property| property.is_match(&finding.path));
            if matches {
                used.fetch_add(1, Ordering::Relaxed);
            }
            matches && !waiver.has_expired(&self.today)
        })
    }

    /// Waivers of the configuration that have expired. Those that match nothing are not said: the run may have seen
    /// only a part of the files.
    fn stale_waivers(&self) -> Vec<Diagnostic> {
        let expired = self
            .waivers
            .iter()
            .filter(|(_, waiver, used)| waiver.has_expired(&self.today) && used.load(Ordering::Relaxed) > 0);
        expired
            .map(|(written, waiver, _)| {
                Diagnostic::warning(
                    "stale-waiver",
                    format!("the waiver of `{}` has expired", waiver.rule),
                    written.location,
                )
                .help("migrate the secrets, or set a new date")
            })
            .collect()
    }
}

/// The names that are declared for a template: those of the applications that list it, or that list none.
fn declared(project: &Project, path: &Path) -> Vec<Declared> {
    let canonical = fs_err::canonicalize(path).ok();
    let apps = project.config.apps.values().filter(|app| {
        let listed = |template: &Path| fs_err::canonicalize(project.folder.join(template)).ok();
        app.templates.is_empty()
            || app.templates.iter().any(|template| canonical.is_some() && listed(template.path.as_ref()) == canonical)
    });
    let mut declared = Vec::new();
    for app in apps {
        let environments = project.config.environments.keys().map(|name| Some(name.as_str()));
        for line in std::iter::once(None).chain(environments).flat_map(|environment| app.secrets(environment)) {
            let one = Declared { name: line.name.clone(), app: app.name.clone() };
            if !declared.contains(&one) {
                declared.push(one);
            }
        }
    }
    declared
}
