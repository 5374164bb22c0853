//! What the lint has found in all files of a run, and the formats in which it is said.

use std::fmt::Write as _;

mod github;
mod gitlab;
mod json;
mod junit;
mod lines;
mod sarif;
mod text;

use std::path::PathBuf;
use std::sync::Arc;

use byref_lint::{Finding, Finds, Level, Reading};

use crate::args::LintFormat;
use crate::failure::Failure;
use byref::render::escape::json_text;
pub(crate) use lines::Region;

/// One file of a run.
pub(crate) struct JudgedFile {
    /// Its path as it was typed or found, with `/` as separator.
    pub(crate) path: String,
    /// The path itself.
    pub(crate) read_from: PathBuf,
    pub(crate) text: Arc<str>,
    /// What is hidden of the text wherever a part of it is shown.
    pub(crate) hidden: Vec<byref_template::Span>,
    pub(crate) reading: Reading,
    pub(crate) findings: Vec<Located>,
    /// How many of its findings are waived.
    pub(crate) accepted: usize,
}

/// A finding with its place in lines.
pub(crate) struct Located {
    pub(crate) finding: Finding,
    pub(crate) region: Region,
    /// Tells this finding from others without its value: the same after lines were moved.
    pub(crate) fingerprint: String,
}

/// What was searched for stored values.
#[derive(Clone, Copy)]
pub(crate) struct Searched {
    pub(crate) files: usize,
    /// How many different values.
    pub(crate) values: usize,
}

/// All files of a run that were judged, in the order of their paths.
#[derive(Default)]
pub(crate) struct Run {
    pub(crate) files: Vec<JudgedFile>,
    /// How many files were no templates.
    pub(crate) passed_over: usize,
    /// How many findings were waived or are in the baseline.
    pub(crate) accepted: usize,
    /// Where stored values were searched for.
    pub(crate) searched: Option<Searched>,
    /// Why files could not be read.
    pub(crate) unread: Vec<Failure>,
}

impl Run {
    /// Adds a file that was judged.
    pub(crate) fn accept(&mut self, file: JudgedFile) {
        self.accepted += file.accepted;
        self.files.push(file);
    }

    /// All findings with their files.
    pub(crate) fn findings(&self) -> impl Iterator<Item = (&JudgedFile, &Located)> {
        self.files.iter().flat_map(|file| file.findings.iter().map(move |located| (file, located)))
    }

    pub(crate) fn count(&self, level: Level) -> usize {
        self.findings().filter(|(_, located)| located.finding.level == level).count()
    }

    /// How many findings are stored values.
    pub(crate) fn known(&self) -> usize {
        let is_stored = |(_, located): &(&JudgedFile, &Located)| located.finding.rule.finds == Finds::StoredValue;
        self.findings().filter(is_stored).count()
    }

    /// How many files of which kinds were judged: `2 templates, 1 text`.
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
        self.files.iter().filter_map(|file| kind(&file.reading)).for_each(|kind| counts[kind] += 1);
        let counted = kinds.iter().zip(counts).filter(|(_, count)| *count > 0);
        let words: Vec<String> =
            counted.map(|((one, many), count)| format!("{count} {}", if count == 1 { one } else { many })).collect();
        if words.is_empty() { "0 templates".to_owned() } else { words.join(", ") }
    }

    /// In one line: how many findings in how many files.
    pub(crate) fn summary(&self) -> String {
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
            let found = match self.known() {
                0 => "none found".to_owned(),
                found => format!("{} found", plural(found, "place")),
            };
            let _ =
                write!(text, "; {} searched for {}: {found}", plural(files, "file"), plural(values, "stored value"));
        } else if self.passed_over > 0 {
            let is_one = self.passed_over == 1;
            let words = if is_one { "no template" } else { "no templates" };
            let _ = write!(text, "; {} {words}", plural(self.passed_over, "file"));
        }
        if !self.unread.is_empty() {
            let _ = write!(text, "; {} not read", self.unread.len());
        }
        text
    }
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// How a file was read, where that is not as a template.
fn note_of(file: &JudgedFile) -> Option<String> {
    match file.reading {
        Reading::Lines(why) => Some(format!("judged line by line: {why}")),
        Reading::Repaired(why) => Some(format!("judged after repairing its JSON: {why}")),
        Reading::Templated => Some("judged without the parts of its templating engine".to_owned()),
        Reading::TaskDefinition => Some("judged as a task definition".to_owned()),
        Reading::ParameterFile => Some("judged as a parameter file".to_owned()),
        Reading::Serverless => Some("judged as a configuration of the Serverless Framework".to_owned()),
        Reading::Template | Reading::PassedOver => None,
    }
}

/// The whole report in a format, ready to be written.
pub(crate) fn report(run: &Run, format: LintFormat) -> String {
    match format {
        LintFormat::Text => text::report(run),
        LintFormat::Json => json_text(&json::report(run)),
        LintFormat::Sarif => json_text(&sarif::report(run)),
        LintFormat::Github => github::report(run),
        LintFormat::Gitlab => json_text(&gitlab::report(run)),
        LintFormat::Junit => junit::report(run),
    }
}
