//! `byref lint`

mod baseline;
mod files;
mod fix;
mod known;
mod movable;
mod replace;
mod waivers;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use byref_lint::waiver::waive;
use byref_lint::{
    Context, Declared, Finding, Level, RULES, Reading, Report, fingerprints, lint, places_of_values, rule,
};
use byref_rewrite::hidden_spans;
use byref_template::Span;

use crate::args::{Common, Lint, LintFormat, LintLevel};
use crate::failure::{Failure, Outcome};
use crate::findings::{JudgedFile, Located, Run, Searched, report};
use crate::output::{note, write_bytes, write_styled};
use crate::project::config_folder;
use crate::report::report_plain;
use crate::write::{Policy, recover_in, warn_of_unfinished, write as write_file};
use baseline::Baseline;
use byref::hidden_in_unparsed;
use byref::{Project, closest, listed};
use byref_files::folder_of;
use files::{Content, Larger, read, shown};
use known::{KnownValues, merged, placed, read_known};
use waivers::{ConfigWaivers, LookedAt};

pub(crate) fn run(common: &Common, options: &Lint) -> Result<Outcome, Failure> {
    if let Some(id) = &options.explain {
        let rule = rule(id).ok_or_else(|| unknown_rule(id))?;
        return write_bytes(rule.page).map(|()| Outcome::Done);
    }
    for id in options.only.iter().chain(&options.except) {
        rule(id).ok_or_else(|| unknown_rule(id))?;
    }
    if RULES.iter().all(|rule| options.except.iter().any(|id| id == rule.id)) {
        return Err(Failure::usage("`--except` leaves no rule to judge by", "leave one of the rules in"));
    }
    let files = files::files(&options.paths);
    let folders = || files.paths.iter().filter(|path| path.as_os_str() != "-").map(|path| folder_of(path));
    if options.fix {
        recover_in(folders().chain(config_folder(common)))?;
    } else {
        warn_of_unfinished(folders());
    }
    let project = crate::project::load_if_there(common)?;
    let known = if options.known { Some(read_known(common, options, project.as_ref())?) } else { None };
    let lint = Linter::new(options, project.as_ref(), known)?;
    let mut run = lint.judge_all(&files);
    if options.fix {
        stop_where_unread(&mut run)?;
        refuse_empty(options, &run)?;
        return fix::fix(common, options, &run);
    }
    lint.add_stale_waivers(&mut run, &files.paths);
    if options.update_baseline {
        refuse_empty(options, &run)?;
    }
    if let Some(path) = &options.baseline
        && accept(common, options, path, &mut run)?
    {
        return stop_where_unread(&mut run).map(|()| Outcome::Done);
    }
    write(common, options, &run)?;
    stop_where_unread(&mut run)?;
    refuse_empty(options, &run)?;
    Ok(if run.findings().next().is_some() { Outcome::Differences } else { Outcome::Done })
}

/// What could not be read is said after what was found in the rest: the input is not as it should be.
fn stop_where_unread(run: &mut Run) -> Result<(), Failure> {
    let Some(last) = run.unread.pop() else { return Ok(()) };
    for failure in &run.unread {
        report_plain(&failure.to_string(), "let it be read, or exclude it with `.gitignore`");
    }
    Err(last)
}

/// Drops findings that the baseline lists, or writes it with `--update-baseline`. Returns whether it was written.
fn accept(common: &Common, options: &Lint, path: &Path, run: &mut Run) -> Result<bool, Failure> {
    if !options.update_baseline {
        Baseline::read(path)?.apply(run);
        return Ok(false);
    }
    let count = Baseline::write(path, run)?;
    note(common, &format!("{count} findings are accepted from now on: {}", path.display()));
    Ok(true)
}

/// A run that judged nothing, or searched for nothing, has not shown that there is nothing to find.
fn refuse_empty(options: &Lint, run: &Run) -> Result<(), Failure> {
    if options.allow_empty || !run.unread.is_empty() {
        return Ok(());
    }
    if run.searched.is_some_and(|searched| searched.values == 0) {
        return Err(Failure::usage(
            "the store holds no values, so `--known` searched for nothing",
            "name another environment or store, or pass `--allow-empty` where that is normal",
        ));
    }
    let is_searched = run.searched.is_some_and(|searched| searched.files > 0);
    if is_searched || run.files.iter().any(|file| file.reading != Reading::PassedOver) {
        return Ok(());
    }
    let what = match run.passed_over {
        0 => "there is no file in what was named".to_owned(),
        1 => "the only file is not a template".to_owned(),
        count => format!("none of the {count} files is a template"),
    };
    Err(Failure::usage(
        format!("nothing was judged: {what}"),
        "name a file to judge it whatever it is, pass `--all-text` to judge every text, or `--allow-empty` where that is normal",
    ))
}

fn write(common: &Common, options: &Lint, run: &Run) -> Result<(), Failure> {
    let text = report(run, options.format);
    match &options.output {
        Some(path) if path.as_os_str() != "-" => {
            write_file(path, &anstream::adapter::strip_str(&text).to_string(), Policy::Output)?;
            note(common, &run.summary());
            Ok(())
        }
        _ if options.format == LintFormat::Text => write_styled(&text),
        _ => {
            write_bytes(&text)?;
            // Most formats have no place for what was searched without a finding.
            if run.searched.is_some() {
                note(common, &run.summary());
            }
            Ok(())
        }
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
    waivers: ConfigWaivers<'r>,
}

impl<'r> Linter<'r> {
    fn new(options: &'r Lint, project: Option<&'r Project>, known: Option<KnownValues>) -> Result<Self, Failure> {
        let environments = project.iter().flat_map(|project| project.config().environments.values());
        let accounts = environments.map(|environment| environment.account.to_string()).collect();
        let today = jiff::Timestamp::now().to_string().chars().take(10).collect();
        let waivers = ConfigWaivers::read(project)?;
        Ok(Self { options, project, known, accounts, today, waivers })
    }

    /// Judges all files on all cores; the order is that of the paths, whatever the number of cores. A file that can't be
    /// read does not stop the run.
    fn judge_all(&self, files: &files::Files) -> Run {
        let paths = &files.paths;
        let next = AtomicUsize::new(0);
        // How many cores there are takes several files of the system to find out.
        let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let workers = if paths.len() > 1 { cores().min(paths.len()) } else { 1 };
        let work = || {
            let mut judged = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(path) = paths.get(index) else { return judged };
                judged.push((index, self.judge_file(path, files.is_found(index))));
            }
        };
        let mut judged: Vec<(usize, Result<Option<JudgedFile>, Failure>)> = if workers == 1 {
            work()
        } else {
            std::thread::scope(|scope| {
                let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
                // What a thread did not get to must not look as if it had nothing to find.
                let joined = threads.into_iter().map(std::thread::ScopedJoinHandle::join);
                joined.flat_map(|judged| judged.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
            })
        };
        judged.sort_by_key(|(index, _)| *index);
        let mut run = Run::default();
        run.unread.extend(files.unread.iter().map(|problem| Failure::usage(problem, "let it be read")));
        for (index, file) in judged {
            match file {
                Ok(Some(file)) => run.accept(file),
                Ok(None) => run.passed_over += 1,
                // It was in the folder a moment ago.
                Err(_) if files.is_found(index) && !paths[index].exists() => {}
                Err(failure) => run.unread.push(failure),
            }
        }
        run.searched = self.known.as_ref().map(|known| Searched { files: paths.len(), values: known.count() });
        run
    }

    /// Adds what the run can say of the configuration's waivers, as findings in the configuration.
    fn add_stale_waivers(&self, run: &mut Run, files: &[PathBuf]) {
        let Some(project) = self.project else { return };
        let judged: BTreeSet<&Path> = run
            .files
            .iter()
            .filter(|file| file.reading != Reading::PassedOver)
            .map(|file| file.read_from.as_path())
            .collect();
        let looked_at = LookedAt::new(&self.options.paths, files, &judged, self.known.is_some());
        for (source, findings) in self.waivers.stale(&looked_at, &self.today) {
            let source = project.sources().get(source);
            let (read_from, text) = (PathBuf::from(source.name()), Arc::clone(source.text()));
            let path = shown(&read_from);
            let findings = self.wanted(&path, placed(findings, &text));
            if findings.is_empty() {
                continue;
            }
            let hidden = source.hidden().to_vec();
            let reading = Reading::PassedOver;
            run.accept(JudgedFile { path, read_from, text, hidden, reading, findings, accepted: 0 });
        }
    }

    /// Judges one file; `None` where it is none of those that are judged, and nothing that is known is in it.
    fn judge_file(&self, path: &Path, is_found: bool) -> Result<Option<JudgedFile>, Failure> {
        let is_found = is_found || self.options.as_found;
        let all_text = self.options.all_text || !is_found;
        let larger = match (&self.known, is_found && !self.options.all_text) {
            (Some(_), _) => Larger::Search,
            (None, true) => Larger::PassOver,
            (None, false) => Larger::Refuse,
        };
        let read_as = read(path, all_text, larger)?;
        let path_shown = shown(path);
        let text = match (read_as, &self.known) {
            (Content::Text(text), _) if !text.trim().is_empty() => text,
            (Content::Text(_), None) if !is_found && !self.options.allow_empty => {
                return Err(not_judged(
                    path,
                    "it is empty",
                    "write it first, or pass `--allow-empty` where that is normal",
                ));
            }
            (Content::Other(_), None) if !is_found => {
                return Err(not_judged(path, "it is not a text", "exclude it: byref judges templates and texts"));
            }
            (Content::Text(_), _) | (_, None) => return Ok(None),
            (Content::Other(bytes), Some(known)) => return Ok(self.only_known(path, known.in_bytes(&bytes))),
            (Content::Large, Some(known)) => return Ok(self.only_known(path, known.in_file(path)?)),
        };
        let declared = self.project.map(|project| declared(project, path)).unwrap_or_default();
        let context = Context { declared: &declared, accounts: &self.accounts, all_text };
        let Report { mut findings, reading, template } = lint(&text, context);
        if let Some(known) = &self.known {
            findings = merged(findings, known.in_text(&text));
        }
        if reading == Reading::PassedOver && findings.is_empty() {
            return Ok(None);
        }
        let waived = waive(&text, template.as_ref(), findings, &self.today);
        let mut findings = waived.findings;
        let accepted = waived.waived + self.waivers.apply(path, &mut findings, &self.today);
        let findings = self.wanted(&path_shown, placed(findings, &text));
        let hidden = self.hidden(&text, template.as_ref(), &findings);
        Ok(Some(JudgedFile { path: path_shown, read_from: path.to_owned(), text, hidden, reading, findings, accepted }))
    }

    /// A file that is no template, of which only known values are of interest.
    fn only_known(&self, read_from: &Path, findings: Vec<Located>) -> Option<JudgedFile> {
        let path = shown(read_from);
        let findings = self.wanted(&path, findings);
        let (text, hidden) = (Arc::from(""), Vec::new());
        (!findings.is_empty()).then_some(JudgedFile {
            path,
            read_from: read_from.to_owned(),
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
        hidden.extend(places_of_values(text, template, &plain));
        hidden
    }
}

/// A file that was named and holds nothing that can be judged.
fn not_judged(path: &Path, problem: &str, help: &'static str) -> Failure {
    byref::Error::File { action: "judge", path: path.to_owned(), problem: problem.to_owned(), help }.into()
}

/// The names that are declared for a template: those of the applications that list it, or that list none.
fn declared(project: &Project, path: &Path) -> Vec<Declared> {
    let canonical = fs_err::canonicalize(path).ok();
    let apps = project.config().apps.values().filter(|app| {
        let listed = |template: &Path| fs_err::canonicalize(project.folder().join(template)).ok();
        app.templates.is_empty()
            || app.templates.iter().any(|template| canonical.is_some() && listed(template.path.as_ref()) == canonical)
    });
    let mut declared = Vec::new();
    for app in apps {
        let environments = project.config().environments.keys().map(|name| Some(name.as_str()));
        for line in std::iter::once(None).chain(environments).flat_map(|environment| app.secrets(environment)) {
            let one = Declared { name: line.name.clone(), app: app.name.clone() };
            if !declared.contains(&one) {
                declared.push(one);
            }
        }
    }
    declared
}
