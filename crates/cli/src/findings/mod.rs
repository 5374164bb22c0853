//! What the lint has found in all files of a run, and the formats in which it is said.

use std::fmt::Write as _;

mod github;
mod gitlab;
mod json;
mod junit;
mod lines;
mod sarif;
mod text;

use std::sync::Arc;

use byref_lint::{Finding, Level, Reading};

use crate::args::LintFormat;
pub(crate) use lines::{LineIndex, Region};

/// One file of a run.
pub(crate) struct JudgedFile {
    /// Its path as it was typed or found, with `/` as separator.
    pub(crate) path: String,
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

/// All files of a run that were judged, in the order of their paths.
pub(crate) struct Run {
    pub(crate) files: Vec<JudgedFile>,
    /// How many files were no templates.
    pub(crate) passed_over: usize,
    /// How many findings were waived or are in the baseline.
    pub(crate) accepted: usize,
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

    /// In one line: how many findings in how many files.
    pub(crate) fn summary(&self) -> String {
        let plural =
            |count: usize, word: &str| if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") };
        let mut text = format!(
            "{}, {} in {}",
            plural(self.count(Level::Error), "error"),
            plural(self.count(Level::Warning), "warning"),
            plural(self.files.len(), "template"),
        );
        if self.accepted > 0 {
            let _ = write!(text, "; {} accepted", plural(self.accepted, "finding"));
        }
        if self.passed_over > 0 {
            let _ = write!(
                text,
                "; {} no template{}",
                plural(self.passed_over, "file"),
                if self.passed_over == 1 { "" } else { "s" }
            );
        }
        text
    }
}

/// The whole report in a format, ready to be written.
pub(crate) fn report(run: &Run, format: LintFormat) -> String {
    match format {
        LintFormat::Text => text::report(run),
        LintFormat::Json => json::report(run),
        LintFormat::Sarif => sarif::report(run),
        LintFormat::Github => github::report(run),
        LintFormat::Gitlab => gitlab::report(run),
        LintFormat::Junit => junit::report(run),
    }
}
