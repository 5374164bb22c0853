//! `byref lint`

mod fix;
mod known;

use std::path::Path;
use std::sync::Arc;

use byref::linting::{Baseline, Format, LintFiles, LintReport, LintRun, find_rule};
use byref_lint::Level;

use crate::args::{Common, Lint, LintFormat, LintLevel};
use crate::failure::{Failure, Outcome};
use crate::output::{note, write_bytes, write_styled};
use crate::project::config_folder;
use crate::read::{Input, read_named};
use crate::report::report_plain;
use crate::write::{Policy, recover_in, warn_of_unfinished, write as write_file};
use known::read_known;

pub(crate) fn run(common: &Common, options: &Lint) -> Result<Outcome, Failure> {
    if let Some(id) = &options.explain {
        return write_bytes(find_rule(id)?.page).map(|()| Outcome::Done);
    }
    let run = with_options(options)?;
    let files = LintFiles::find(&options.paths);
    if options.fix {
        recover_in(files.folders().chain(config_folder(common)))?;
    } else {
        warn_of_unfinished(files.folders());
    }
    let project = crate::project::load_if_there(common)?;
    let known = if options.known {
        Some(read_known(common, options, project.as_ref())?)
    } else {
        None
    };
    let mut run = known.iter().fold(run, LintRun::known);
    if let Some(project) = &project {
        run = run.project(project)?;
    }
    match &options.baseline {
        Some(path) if options.update_baseline => update_baseline(common, path, run.files(&files)),
        Some(path) => judge(
            common,
            options,
            run.baseline(Baseline::read(path)?).files(&files),
        ),
        None if options.fix => fix::fix(common, options, run.files(&files)),
        None => judge(common, options, run.files(&files)),
    }
}

fn with_options<'r>(options: &Lint) -> Result<LintRun<'r>, Failure> {
    let today: String = jiff::Timestamp::now()
        .to_string()
        .chars()
        .take(10)
        .collect();
    let least = if options.level == LintLevel::Error {
        Level::Error
    } else {
        Level::Warning
    };
    let needs_known = |id: &String| {
        byref_lint::rule(id).is_some_and(|rule| rule.finds == byref_lint::Finds::StoredValue)
    };
    if !options.known && !options.only.is_empty() && options.only.iter().all(needs_known) {
        return Err(Failure::usage(
            "the rule that `--only` names searches for stored values, and nothing says which",
            "pass `--known` as well",
        ));
    }
    let mut run = LintRun::new(today)
        .only(&options.only)?
        .except(&options.except)?
        .level(least);
    if options.all_text {
        run = run.all_text();
    }
    if options.as_found {
        run = run.as_found();
    }
    if options.allow_empty {
        run = run.allow_empty();
    }
    if options.format != LintFormat::Text {
        run = run.without_excerpts();
    }
    Ok(run.reader(Arc::new(|path| read_named(path, Input::Linted))))
}

/// Writes the report, and ends with its verdict.
fn judge(common: &Common, options: &Lint, report: LintReport) -> Result<Outcome, Failure> {
    write(common, options, &report)?;
    let outcome = if report.findings().next().is_some() {
        Outcome::Differences
    } else {
        Outcome::Done
    };
    check_judged(report).map(|_| outcome)
}

fn update_baseline(common: &Common, path: &Path, report: LintReport) -> Result<Outcome, Failure> {
    if let Some(error) = report.nothing_judged() {
        return Err(error.into());
    }
    let baseline = Baseline::of(&report);
    write_file(path, &baseline.to_json(), Policy::Output)?;
    note(
        common,
        &format!(
            "{} findings are accepted from now on: {}",
            baseline.len(),
            path.display()
        ),
    );
    check_judged(report).map(|_| Outcome::Done)
}

/// Reports what could not be read after the findings in the rest, and refuses a run that judged
/// nothing.
fn check_judged(report: LintReport) -> Result<LintReport, Failure> {
    if let Some(error) = report.nothing_judged() {
        return Err(error.into());
    }
    if report.unread().is_empty() {
        return Ok(report);
    }
    let mut unread = report.into_unread();
    let Some(last) = unread.pop() else {
        return Ok(LintReport::default());
    };
    for error in &unread {
        report_plain(
            &error.to_string(),
            "let it be read, or exclude it with `.gitignore`",
        );
    }
    Err(last.into())
}

fn write(common: &Common, options: &Lint, report: &LintReport) -> Result<(), Failure> {
    let text = report.render(format(options.format));
    match &options.output {
        Some(path) if path.as_os_str() != "-" => {
            write_file(
                path,
                &anstream::adapter::strip_str(&text).to_string(),
                Policy::Output,
            )?;
            note(common, &report.summary());
            Ok(())
        }
        _ if options.format == LintFormat::Text => write_styled(&text),
        _ => {
            write_bytes(&text)?;
            // Most formats have no place for a search without findings.
            if report.searched().is_some() {
                note(common, &report.summary());
            }
            Ok(())
        }
    }
}

fn format(format: LintFormat) -> Format {
    match format {
        LintFormat::Text => Format::Text,
        LintFormat::Json => Format::Json,
        LintFormat::Sarif => Format::Sarif,
        LintFormat::Github => Format::GitHub,
        LintFormat::Gitlab => Format::GitLab,
        LintFormat::Junit => Format::JUnit,
    }
}
