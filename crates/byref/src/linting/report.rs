//! The report of a lint run.

use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use byref_lint::{Finding, Finds, Level, Reading};
use byref_template::Span;

use super::lines::LineRange;
use crate::error::Error;

/// A finding with its place in lines.
#[derive(Clone, Debug)]
pub struct LocatedFinding {
    /// The finding, as its rule made it.
    pub finding: Finding,
    /// Its place in the file.
    pub lines: LineRange,
    /// A digest of rule, file, path and name, which tells findings apart without their values: 16
    /// hexadecimal digits, the same in every run, and after lines have moved.
    pub fingerprint: String,
}

/// A file or text that was judged, or in which a stored value was found.
///
/// Files that were passed over without a finding are not kept: [`LintReport::passed_over`] counts
/// them. `Debug` shows nothing of the text.
#[derive(Clone)]
pub struct JudgedFile {
    /// The path as reports show it.
    pub(super) path: String,
    /// The path as it was given.
    pub(super) source: PathBuf,
    /// How the text was read.
    pub(super) reading: Reading,
    /// In the order of the text.
    pub(super) findings: Vec<LocatedFinding>,
    /// The number of findings that waivers accept.
    pub(super) accepted: usize,
    /// The text; empty for a file without findings, and for one that was only searched for stored
    /// values.
    pub(super) text: Arc<str>,
    /// The parts of the text that are masked where its lines are shown; none if no line may be
    /// shown.
    pub(super) hidden: Option<Vec<Span>>,
}

impl fmt::Debug for JudgedFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            reading,
            findings,
            accepted,
            ..
        } = self;
        formatter
            .debug_struct("JudgedFile")
            .field("path", path)
            .field("reading", reading)
            .field("findings", findings)
            .field("accepted", accepted)
            .finish_non_exhaustive()
    }
}

impl JudgedFile {
    /// Returns the path as reports show it: as it was given or found, with `/` between folders and
    /// no `./` in front; `<stdin>` for `-`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the path as it was given or found.
    pub fn source(&self) -> &Path {
        &self.source
    }

    /// Returns how the text was read: [`Reading::PassedOver`] if it is not one of the kinds that
    /// are judged, and only a search for stored values found something.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// Returns the findings in the order of the text, without accepted ones.
    pub fn findings(&self) -> &[LocatedFinding] {
        &self.findings
    }

    /// Returns the number of findings that waivers accept, in the file or in the configuration.
    pub fn accepted(&self) -> usize {
        self.accepted
    }

    /// Returns a sentence about how the file was read, unless it was read as a template.
    pub fn note(&self) -> Option<String> {
        match self.reading {
            Reading::Lines(why) => Some(format!("judged line by line: {why}")),
            Reading::Repaired(why) => Some(format!("judged after repairing its JSON: {why}")),
            Reading::Templated => {
                Some("judged without the parts of its templating engine".to_owned())
            }
            Reading::TaskDefinition => Some("judged as a task definition".to_owned()),
            Reading::ParameterFile => Some("judged as a parameter file".to_owned()),
            Reading::Serverless => {
                Some("judged as a configuration of the Serverless Framework".to_owned())
            }
            Reading::Template | Reading::PassedOver => None,
        }
    }
}

/// The extent of a search for stored values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Searched {
    /// The number of files.
    pub files: usize,
    /// The number of different values that were searched for.
    pub values: usize,
}

/// What a run does if there is nothing to judge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Nothing {
    /// It is a mistake: the run has not shown that there is nothing to find.
    #[default]
    Mistake,
    /// It is normal.
    Normal,
}

/// The report of a lint run: findings with their places, and what the run did not judge. Contains
/// no values.
///
/// Serialises as `byref lint --format json` prints it: `version` (1), `findings`, `files` and
/// `summary`. Keys are only ever added.
#[derive(Debug, Default)]
pub struct LintReport {
    /// In the order of the paths or texts.
    pub(super) files: Vec<JudgedFile>,
    /// The files of the configuration that contain stale waivers.
    pub(super) configuration: Vec<JudgedFile>,
    pub(super) passed_over: usize,
    pub(super) accepted: usize,
    pub(super) searched: Option<Searched>,
    pub(super) unread: Vec<Error>,
    pub(super) nothing: Nothing,
}

impl LintReport {
    /// Adds the result of one file: judged, passed over, or unread.
    pub(super) fn add(&mut self, result: Result<Option<JudgedFile>, Error>) {
        match result {
            Ok(Some(file)) => {
                self.accepted += file.accepted;
                self.files.push(file);
            }
            Ok(None) => self.passed_over += 1,
            Err(error) => self.unread.push(error),
        }
    }

    /// Returns the judged files in the order in which they were given or found, then the files of
    /// the configuration with stale waivers.
    pub fn files(&self) -> impl Iterator<Item = &JudgedFile> {
        self.files.iter().chain(&self.configuration)
    }

    /// Returns all findings with their files, in the order of files and texts.
    pub fn findings(&self) -> impl Iterator<Item = (&JudgedFile, &LocatedFinding)> {
        self.files()
            .flat_map(|file| file.findings.iter().map(move |located| (file, located)))
    }

    /// Returns whether the run judged something, could read all of it, and found nothing.
    pub fn is_clean(&self) -> bool {
        self.findings().next().is_none()
            && self.unread.is_empty()
            && self.nothing_judged().is_none()
    }

    /// Returns the number of findings of a level.
    pub fn count(&self, level: Level) -> usize {
        self.findings()
            .filter(|(_, located)| located.finding.level == level)
            .count()
    }

    /// Returns the number of places in which a stored value was found.
    pub fn stored_values_found(&self) -> usize {
        let is_stored = |(_, located): &(&JudgedFile, &LocatedFinding)| {
            located.finding.rule.finds == Finds::StoredValue
        };
        self.findings().filter(is_stored).count()
    }

    /// Returns the number of files that were not judged because they are not of a kind that the
    /// lint knows.
    pub fn passed_over(&self) -> usize {
        self.passed_over
    }

    /// Returns the number of findings that waivers and the baseline accept.
    pub fn accepted(&self) -> usize {
        self.accepted
    }

    /// Returns the extent of the search for stored values, if there was one.
    pub fn searched(&self) -> Option<Searched> {
        self.searched
    }

    /// Returns why files and folders could not be read or judged, in the order of their paths.
    pub fn unread(&self) -> &[Error] {
        &self.unread
    }

    /// Returns why files and folders could not be read or judged, by value.
    pub fn into_unread(self) -> Vec<Error> {
        self.unread
    }

    /// Returns the error of a run that judged nothing, or searched for no value: it has not shown
    /// that there is nothing to find. A run that could not read a file has that error instead, and
    /// one that [may be empty](crate::linting::LintRun::allow_empty) has none.
    pub fn nothing_judged(&self) -> Option<Error> {
        if self.nothing == Nothing::Normal || !self.unread.is_empty() {
            return None;
        }
        if self.searched.is_some_and(|searched| searched.values == 0) {
            return Some(Error::request(
                "the store holds no values, so `--known` searched for nothing",
                "name another environment or store, or pass `--allow-empty` where that is normal",
            ));
        }
        let is_searched = self.searched.is_some_and(|searched| searched.files > 0);
        if is_searched
            || self
                .files
                .iter()
                .any(|file| file.reading != Reading::PassedOver)
        {
            return None;
        }
        let reason = match self.passed_over {
            0 => "there is no file in what was named".to_owned(),
            1 => "the only file is not a template".to_owned(),
            count => format!("none of the {count} files is a template"),
        };
        Some(Error::request(
            format!("nothing was judged: {reason}"),
            "name a file to judge it whatever it is, pass `--all-text` to judge every text, or `--allow-empty` where that is normal",
        ))
    }

    /// Returns the report in one line: the numbers of findings and of judged files, such as
    /// `1 error, 0 warnings in 2 templates`.
    pub fn summary(&self) -> String {
        let mut text = format!(
            "{}, {} in {}",
            plural(self.count(Level::Error), "error"),
            plural(self.count(Level::Warning), "warning"),
            self.judged(),
        );
        if self.accepted > 0 {
            let _ = write!(text, "; {} accepted", plural(self.accepted, "finding"));
        }
        if let Some(Searched { files, values }) = self.searched {
            let found = match self.stored_values_found() {
                0 => "none found".to_owned(),
                found => format!("{} found", plural(found, "place")),
            };
            let _ = write!(
                text,
                "; {} searched for {}: {found}",
                plural(files, "file"),
                plural(values, "stored value")
            );
        } else if self.passed_over > 0 {
            let words = if self.passed_over == 1 {
                "no template"
            } else {
                "no templates"
            };
            let _ = write!(text, "; {} {words}", plural(self.passed_over, "file"));
        }
        if !self.unread.is_empty() {
            let _ = write!(text, "; {} not read", self.unread.len());
        }
        text
    }

    /// Returns the numbers of judged files by their kinds: `2 templates, 1 text`.
    fn judged(&self) -> String {
        let kinds = [
            ("template", "templates"),
            ("task definition", "task definitions"),
            ("parameter file", "parameter files"),
            ("Serverless configuration", "Serverless configurations"),
            ("text", "texts"),
        ];
        let kind = |reading: &Reading| match reading {
            Reading::Template | Reading::Templated | Reading::Repaired(_) => Some(0),
            Reading::TaskDefinition => Some(1),
            Reading::ParameterFile => Some(2),
            Reading::Serverless => Some(3),
            Reading::Lines(_) => Some(4),
            Reading::PassedOver => None,
        };
        let mut counts = [0; 5];
        self.files
            .iter()
            .filter_map(|file| kind(&file.reading))
            .for_each(|kind| counts[kind] += 1);
        let counted = kinds.iter().zip(counts).filter(|(_, count)| *count > 0);
        let words: Vec<String> = counted
            .map(|((one, many), count)| format!("{count} {}", if count == 1 { one } else { many }))
            .collect();
        if words.is_empty() {
            "0 templates".to_owned()
        } else {
            words.join(", ")
        }
    }
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 {
        format!("1 {word}")
    } else {
        format!("{count} {word}s")
    }
}
