//! One lint run: every file judged on its own, on all cores, and the report put together in order.
//!
//! A text passes these steps, and its findings keep their form from the second on:
//!
//! 1. [`lint`] applies the rules, with the names that the configuration declares for this template.
//! 2. The search for stored values adds its findings, and replaces those of rules at the same
//!    place.
//! 3. Waivers in the file, then those of the configuration, remove accepted findings; every waiver
//!    that matches counts as used, so this happens before findings are selected.
//! 4. Each finding gets its fingerprint. They number equal findings, so this too happens before the
//!    selection: the choice of rules does not change them.
//! 5. Findings of other rules or lower levels are removed, and the rest get their places in lines.
//!
//! After the last file, the configuration's stale waivers are added and the baseline removes what
//! it accepts.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use byref_lint::waiver::waive;
use byref_lint::{Context, Finding, Reading, Report, fingerprints, lint, places_of_values};
use byref_rewrite::hidden_spans;
use byref_template::{LineIndex, Span, Template};

use super::declared::DeclaredSecrets;
use super::files::{Content, Kinds, Larger, LintFile, LintFiles, Origin, read, shown_path};
use super::lines::LineRange;
use super::options::{Excerpts, LintRun, Named};
use super::report::{JudgedFile, LintReport, LocatedFinding, Nothing, Searched};
use super::waivers::{LookedAt, MatchedWaivers};
use crate::error::Error;
use crate::unparsed::hidden_in_unparsed;

/// The state of one run.
pub(super) struct Runner<'r> {
    run: &'r LintRun<'r>,
    declared: DeclaredSecrets,
    waivers: MatchedWaivers<'r>,
}

/// A file or text to judge.
#[derive(Clone, Copy)]
enum Subject<'s> {
    File(&'s LintFile),
    Text(&'s Path),
}

impl<'s> Subject<'s> {
    /// Returns the path of the file, or the name of the text.
    fn path(self) -> &'s Path {
        match self {
            Self::File(file) => &file.path,
            Self::Text(name) => name,
        }
    }

    /// Returns whether the caller named it, as far as the run distinguishes that.
    fn origin(self, named: Named) -> Origin {
        match self {
            _ if named == Named::AsFound => Origin::Found,
            Self::File(file) => file.origin,
            Self::Text(_) => Origin::Named,
        }
    }
}

impl<'r> Runner<'r> {
    /// Starts a run over files: their paths are compared with those of the configuration without
    /// links.
    pub(super) fn for_files(run: &'r LintRun<'r>) -> Self {
        let declared = DeclaredSecrets::for_files(run.project);
        Self {
            run,
            declared,
            waivers: MatchedWaivers::for_files(&run.waivers, run.project),
        }
    }

    /// Starts a run over texts: their names are compared with the paths of the configuration as
    /// they are.
    pub(super) fn for_texts(run: &'r LintRun<'r>) -> Self {
        let declared = DeclaredSecrets::for_texts(run.project);
        Self {
            run,
            declared,
            waivers: MatchedWaivers::for_texts(&run.waivers),
        }
    }

    /// Judges files.
    pub(super) fn files(&self, files: &LintFiles) -> LintReport {
        let mut report = self.report(files.files.len());
        report.unread.extend(
            files
                .unread
                .iter()
                .map(|problem| Error::request(problem, "let it be read")),
        );
        let judged = on_all_cores(&files.files, |file| self.judge_file(file));
        for (file, judged) in files.files.iter().zip(judged) {
            // A file that was found in a folder may be gone by now.
            if judged.is_ok() || file.origin == Origin::Named || file.path.exists() {
                report.add(judged);
            }
        }
        let looked_at = || LookedAt::files(files, &report.files, self.run.known);
        report.configuration = self.stale_waivers(looked_at);
        self.without_accepted(report)
    }

    /// Judges texts.
    pub(super) fn texts(&self, texts: &[(PathBuf, Arc<str>)]) -> LintReport {
        let mut report = self.report(texts.len());
        let judged = on_all_cores(texts, |(name, text)| {
            self.judge_text(Subject::Text(name), text)
        });
        for judged in judged {
            report.add(judged);
        }
        report.configuration = self.stale_waivers(LookedAt::texts);
        self.without_accepted(report)
    }

    /// Returns the empty report on a number of files.
    fn report(&self, files: usize) -> LintReport {
        let searched = self.run.known.map(|known| Searched {
            files,
            values: known.count(),
        });
        LintReport {
            searched,
            nothing: self.run.nothing,
            ..LintReport::default()
        }
    }

    /// Returns the report without the findings that the baseline accepts.
    fn without_accepted(&self, mut report: LintReport) -> LintReport {
        if let Some(mut baseline) = self.run.baseline.clone() {
            let files = report.files.iter_mut().chain(&mut report.configuration);
            report.accepted += files.map(|file| baseline.apply(file)).sum::<usize>();
        }
        report
    }

    /// Judges one file. Returns `None` if it is not of a kind that is judged, and no stored value
    /// is in it.
    fn judge_file(&self, file: &LintFile) -> Result<Option<JudgedFile>, Error> {
        let subject = Subject::File(file);
        let origin = subject.origin(self.run.named);
        let larger = match (self.run.known, origin, self.run.kinds) {
            (Some(_), ..) => Larger::Search,
            (None, Origin::Found, Kinds::Documents) => Larger::PassOver,
            (None, ..) => Larger::Refuse,
        };
        match (
            read(&file.path, self.kinds(origin), larger, &self.run.reader)?,
            self.run.known,
        ) {
            (Content::Text(text), _) => self.judge_text(subject, &text),
            (Content::Other(bytes), Some(known)) => {
                Ok(self.only_known(&file.path, known.in_bytes(&bytes)))
            }
            (Content::Large, Some(known)) => {
                Ok(self.only_known(&file.path, known.in_file(&file.path)?))
            }
            (Content::Other(_), None) if origin == Origin::Named => Err(not_judged(
                &file.path,
                "it is not a text",
                "exclude it: byref judges templates and texts",
            )),
            (Content::Other(_) | Content::Large, None) => Ok(None),
        }
    }

    /// Returns the kinds of texts that are judged among named files, or among found ones.
    fn kinds(&self, origin: Origin) -> Kinds {
        if origin == Origin::Named {
            Kinds::All
        } else {
            self.run.kinds
        }
    }

    /// Judges one text. Returns `None` if it is not of a kind that is judged, and no stored value
    /// is in it.
    fn judge_text(
        &self,
        subject: Subject<'_>,
        text: &Arc<str>,
    ) -> Result<Option<JudgedFile>, Error> {
        let run = self.run;
        let origin = subject.origin(run.named);
        if text.trim().is_empty() {
            let is_mistake =
                run.known.is_none() && origin == Origin::Named && run.nothing == Nothing::Mistake;
            let error = || {
                let help = "write it first, or pass `--allow-empty` where that is normal";
                not_judged(subject.path(), "it is empty", help)
            };
            return if is_mistake { Err(error()) } else { Ok(None) };
        }
        let Report {
            findings,
            reading,
            template,
        } = self.report_on(subject, text);
        if reading == Reading::PassedOver && findings.is_empty() {
            return Ok(None);
        }
        let waived = waive(text, template.as_ref(), findings, &run.today);
        let mut findings = waived.findings;
        let accepted = waived.waived
            + match subject {
                Subject::File(file) => {
                    self.waivers
                        .apply_to_file(&file.path, &mut findings, &run.today)
                }
                Subject::Text(name) => self.waivers.apply(name, &mut findings, &run.today),
            };
        let mut judged = JudgedFile {
            reading,
            accepted,
            ..judged(subject.path())
        };
        self.add_findings(&mut judged, findings, text, |findings| match run.excerpts {
            Excerpts::Masked => Some(hidden(text, template.as_ref(), findings)),
            Excerpts::Omitted => None,
        });
        Ok(Some(judged))
    }

    /// Applies the rules to a text, and adds the stored values in it.
    fn report_on(&self, subject: Subject<'_>, text: &Arc<str>) -> Report {
        let declared = match subject {
            _ if self.declared.is_empty() => Vec::new(),
            Subject::File(file) => self
                .declared
                .of(fs_err::canonicalize(&file.path).ok().as_deref()),
            Subject::Text(name) => self.declared.of(Some(name)),
        };
        let all_text = self.kinds(subject.origin(self.run.named)) == Kinds::All;
        let report = lint(
            text,
            Context {
                declared: &declared,
                accounts: &self.run.accounts,
                all_text,
            },
        );
        match self.run.known {
            Some(known) => Report {
                findings: known.merged(text, report.findings),
                ..report
            },
            None => report,
        }
    }

    /// Adds the findings that the run reports, and keeps the text with what is hidden of it for
    /// their lines.
    fn add_findings(
        &self,
        file: &mut JudgedFile,
        findings: Vec<Finding>,
        text: &Arc<str>,
        hidden: impl FnOnce(&[Finding]) -> Option<Vec<Span>>,
    ) {
        let prints = fingerprints(&file.path, &findings);
        let reported = findings
            .into_iter()
            .zip(prints)
            .filter(|(finding, _)| self.run.reports(finding));
        let (findings, prints): (Vec<Finding>, Vec<String>) = reported.unzip();
        if findings.is_empty() {
            return;
        }
        file.text = Arc::clone(text);
        file.hidden = hidden(&findings);
        let lines = LineIndex::new(text);
        let located = |(finding, fingerprint): (Finding, String)| {
            let lines = LineRange::of(&lines, text, finding.span);
            LocatedFinding {
                finding,
                lines,
                fingerprint,
            }
        };
        file.findings = findings.into_iter().zip(prints).map(located).collect();
    }

    /// Returns a file that is not judged, if stored values were found in it.
    fn only_known(&self, path: &Path, found: Vec<(Finding, LineRange)>) -> Option<JudgedFile> {
        let mut file = judged(path);
        let (findings, lines): (Vec<Finding>, Vec<LineRange>) = found.into_iter().unzip();
        let prints = fingerprints(&file.path, &findings);
        let located = findings.into_iter().zip(lines).zip(prints);
        let located = located.map(|((finding, lines), fingerprint)| LocatedFinding {
            finding,
            lines,
            fingerprint,
        });
        file.findings = located
            .filter(|located| self.run.reports(&located.finding))
            .collect();
        (!file.findings.is_empty()).then_some(file)
    }

    /// Returns the files of the configuration with findings about their waivers.
    fn stale_waivers(&self, looked_at: impl FnOnce() -> LookedAt) -> Vec<JudgedFile> {
        let Some(project) = self.run.project.filter(|_| !self.waivers.is_empty()) else {
            return Vec::new();
        };
        let stale = self
            .waivers
            .stale(&looked_at(), &self.run.today)
            .into_iter();
        let files = stale.map(|(source, findings)| {
            let source = project.sources().get(source);
            let mut file = judged(Path::new(source.name()));
            self.add_findings(&mut file, findings, source.text(), |_| {
                Some(source.hidden().to_vec())
            });
            file
        });
        files.filter(|file| !file.findings.is_empty()).collect()
    }
}

/// Returns a file without findings.
fn judged(path: &Path) -> JudgedFile {
    JudgedFile {
        path: shown_path(path),
        source: path.to_owned(),
        reading: Reading::PassedOver,
        findings: Vec::new(),
        accepted: 0,
        text: Arc::from(""),
        hidden: None,
    }
}

/// Returns the parts of a text that are masked where its lines are shown: every place that can hold
/// a secret, every finding, and every repetition of a value that a finding is about.
fn hidden(text: &str, template: Option<&Template>, findings: &[Finding]) -> Vec<Span> {
    let mut hidden = template.map_or_else(|| hidden_in_unparsed(text), hidden_spans);
    hidden.extend(findings.iter().map(|finding| finding.span));
    hidden.extend(places_of_values(text, template, findings));
    hidden
}

/// Returns the error of a named file that has nothing to judge.
fn not_judged(path: &Path, problem: &str, help: &'static str) -> Error {
    Error::File {
        action: "judge",
        path: path.to_owned(),
        problem: problem.to_owned(),
        help,
    }
}

/// Returns the results of a function for all items, in their order, computed on all cores.
fn on_all_cores<I: Sync, R: Send>(items: &[I], work: impl Fn(&I) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    // Finding out the number of cores opens several files.
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = if items.len() > 1 {
        cores().min(items.len())
    } else {
        1
    };
    let run = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else {
                return done;
            };
            done.push((index, work(item)));
        }
    };
    let mut done = if workers == 1 {
        run()
    } else {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..workers).map(|_| scope.spawn(run)).collect();
            // The items of a thread that panicked must not look as if they had no findings.
            let joined = threads.into_iter().map(std::thread::ScopedJoinHandle::join);
            joined
                .flat_map(|done| done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        })
    };
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
