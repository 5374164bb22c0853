//! `byref lint`

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use byref_lint::{Context, Declared, Finding, Level, RULES, Reading, Report, lint, rule};
use byref_rewrite::hidden_spans;
use byref_template::Span;

use crate::args::{Common, Lint, LintFormat, LintLevel};
use crate::failure::{Failure, Outcome};
use crate::findings::{JudgedFile, LineIndex, Located, Run, report};
use crate::mask::hidden_in_unparsed;
use crate::output::{say, write_bytes, write_styled};
use crate::project::{Project, closest, listed};
use crate::write::write_atomically;

pub(crate) fn run(common: &Common, options: &Lint) -> Result<Outcome, Failure> {
    if let Some(id) = &options.explain {
        let rule = rule(id).ok_or_else(|| unknown_rule(id))?;
        return write_bytes(rule.page).map(|()| Outcome::Done);
    }
    for id in options.only.iter().chain(&options.except) {
        rule(id).ok_or_else(|| unknown_rule(id))?;
    }
    let project = Project::load_if_there(common)?;
    let files = files(&options.paths)?;
    let run = judge_all(&files, project.as_ref(), options)?;
    let text = report(&run, options.format);
    match &options.output {
        Some(path) if path.as_os_str() != "-" => {
            write_atomically(path, &anstream::adapter::strip_str(&text).to_string())?;
            if !common.quiet {
                say(&format!("{}\n", run.summary()));
            }
        }
        _ if options.format == LintFormat::Text => write_styled(&text)?,
        _ => write_bytes(&text)?,
    }
    Ok(if run.findings().next().is_some() { Outcome::Differences } else { Outcome::Done })
}

fn unknown_rule(id: &str) -> Failure {
    let meant = closest(id, RULES.iter().map(|rule| rule.id));
    let known = || listed(RULES.iter().map(|rule| rule.id.to_owned()));
    let help = meant.map_or_else(|| format!("the rules are {}", known()), |meant| format!("did you mean `{meant}`?"));
    Failure::usage(format!("there is no rule `{id}`"), help)
}

/// The files that paths mean, sorted; folders give all files below that no `.gitignore` excludes.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here[..] } else { paths };
    let mut files = Vec::new();
    for path in paths {
        let metadata = if path.as_os_str() == "-" { None } else { Some(fs_err::metadata(path).map_err(|error| Failure::file("read", path, &error))?) };
        if metadata.is_none_or(|metadata| !metadata.is_dir()) {
            files.push(path.clone());
            continue;
        }
        let mut below = Vec::new();
        for entry in ignore::WalkBuilder::new(path).hidden(false).require_git(false).filter_entry(|entry| entry.file_name() != ".git").build().flatten() {
            if entry.file_type().is_some_and(|kind| kind.is_file()) {
                below.push(entry.into_path());
            }
        }
        below.sort();
        files.extend(below);
    }
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(file.clone()));
    Ok(files)
}

/// Judges all files on all cores; the order is that of the paths, whatever the number of cores.
fn judge_all(files: &[PathBuf], project: Option<&Project>, options: &Lint) -> Result<Run, Failure> {
    let accounts: Vec<String> =
        project.iter().flat_map(|project| project.config.environments.values()).map(|environment| environment.account.to_string()).collect();
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(files.len().max(1));
    let work = || {
        let mut judged = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(path) = files.get(index) else { return judged };
            judged.push((index, judge_file(path, project, &accounts, options)));
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
            Some(file) => run.files.push(file),
            None => run.passed_over += 1,
        }
    }
    Ok(run)
}

/// Judges one file; `None` where it is none of those that are judged.
fn judge_file(path: &Path, project: Option<&Project>, accounts: &[String], options: &Lint) -> Result<Option<JudgedFile>, Failure> {
    let Some(text) = read(path, options.all_text)? else { return Ok(None) };
    let declared = project.map(|project| declared(project, path)).unwrap_or_default();
    let context = Context { declared: &declared, accounts, all_text: options.all_text };
    let Report { findings, reading, template } = lint(&text, context);
    if reading == Reading::PassedOver {
        return Ok(None);
    }
    let least = if options.level == LintLevel::Error { Level::Error } else { Level::Warning };
    let is_wanted = |finding: &Finding| {
        let id = finding.rule.id;
        finding.level >= least
            && (options.only.is_empty() || options.only.iter().any(|only| only == id))
            && !options.except.iter().any(|except| except == id)
    };
    let path = shown(path);
    let lines = LineIndex::new(&text);
    let findings: Vec<Located> = findings
        .into_iter()
        .filter(is_wanted)
        .map(|finding| {
            let region = lines.region(finding.span);
            let fingerprint = String::new();
            Located { finding, region, fingerprint }
        })
        .collect();
    let hidden = if findings.is_empty() || options.format != LintFormat::Text {
        Vec::new()
    } else {
        let mut hidden: Vec<Span> = template.as_ref().map_or_else(|| hidden_in_unparsed(&text), hidden_spans);
        hidden.extend(findings.iter().map(|located| located.finding.span));
        hidden
    };
    Ok(Some(JudgedFile { path, text, hidden, reading, findings }))
}

fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return "<stdin>".to_owned();
    }
    let shown = path.display().to_string().replace(std::path::MAIN_SEPARATOR, "/");
    shown.strip_prefix("./").map_or(shown.clone(), str::to_owned)
}

/// How many bytes of a file are looked at to tell whether it is binary.
const HEAD: usize = 8192;

/// The text of a file; `None` where it can't be a template: binary, or without the words that every template has.
fn read(path: &Path, all_text: bool) -> Result<Option<Arc<str>>, Failure> {
    let bytes = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| Failure::file("read", path, &error))?;
        bytes
    } else {
        fs_err::read(path).map_err(|error| Failure::file("read", path, &error))?
    };
    let is_binary = bytes[..bytes.len().min(HEAD)].contains(&0);
    let has = |word: &str| memchr::memmem::find(&bytes, word.as_bytes()).is_some();
    let may_be_template = has("Resources") || has("AWSTemplateFormatVersion");
    if is_binary || !all_text && !may_be_template {
        return Ok(None);
    }
    let text = String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Ok(Some(text.into()))
}

/// The names that are declared for a template: those of the applications that list it, or that list none.
fn declared(project: &Project, path: &Path) -> Vec<Declared> {
    let canonical = fs_err::canonicalize(path).ok();
    let apps = project.config.apps.values().filter(|app| {
        let listed = |template: &Path| fs_err::canonicalize(project.folder.join(template)).ok();
        app.templates.is_empty() || app.templates.iter().any(|template| canonical.is_some() && listed(template.path.as_ref()) == canonical)
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
