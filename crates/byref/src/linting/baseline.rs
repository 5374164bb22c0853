//! Baselines: the findings of one day, accepted without their values.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use byref_files::{Input, Streams};
use byref_lint::baseline_entry;
use serde_json::{Value, json};

use super::report::{JudgedFile, LintReport, LocatedFinding};
use crate::error::Error;
use crate::project::read_bytes;

/// The version of the format that is written and read.
const VERSION: u64 = 2;

/// Accepted findings, as a file that can be committed.
///
/// An entry is a digest of the finding's fingerprint with 16 bits of a digest of its value
/// ([`baseline_entry`]): it matches after lines have moved, no longer matches once the value
/// changes, and does not reveal the value.
///
/// ```
/// use byref::linting::{Baseline, LintRun};
///
/// let text = "DB_PASSWORD=EXAMPLE7Q7rk2Lmx9pT4\n";
/// let accepted = Baseline::of(&LintRun::new("2026-12-01").texts([("app.env", text)]));
/// assert_eq!(accepted.len(), 1);
///
/// let run = LintRun::new("2026-12-01").baseline(accepted);
/// assert!(run.texts([("app.env", format!("# moved\n{text}"))]).is_clean());
/// assert!(!run.texts([("app.env", "DB_PASSWORD=EXAMPLE3X9wz4Tn8Lp\n")]).is_clean());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// The entries, each with the number of findings that it accepts.
    accepted: BTreeMap<String, usize>,
}

impl Baseline {
    /// Returns the baseline that accepts all findings of a report.
    pub fn of(report: &LintReport) -> Self {
        let mut baseline = Self::default();
        for (file, located) in report.findings() {
            *baseline.accepted.entry(entry(file, located)).or_default() += 1;
        }
        baseline
    }

    /// Reads a baseline. The file must exist: a mistyped name would accept nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the file does not exist, is not a baseline, or is of an older format;
    /// [`Error::File`] if it cannot be read.
    pub fn read(path: &Path) -> Result<Self, Error> {
        if matches!(fs_err::symlink_metadata(path), Err(error) if error.kind() == ErrorKind::NotFound)
        {
            return Err(Error::request(
                format!("there is no baseline `{}`", path.display()),
                "correct the name, or create the file from the findings of today with `--update-baseline`",
            ));
        }
        Self::parse(
            &path.display().to_string(),
            &read_bytes(path, Input::Baseline, Streams::Read)?,
        )
    }

    /// Parses the text of a baseline; `name` is its name in messages.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if the text is not a baseline, or is of an older format.
    pub fn parse(name: &str, text: &[u8]) -> Result<Self, Error> {
        let wrong = |problem: &str| {
            Error::request(
                format!("`{name}` {problem}"),
                "create it again with `--update-baseline`",
            )
        };
        let broken = || wrong("is not a baseline of byref");
        let whole: Value = serde_json::from_slice(text).map_err(|_| broken())?;
        match whole["version"].as_u64() {
            Some(VERSION) => {}
            Some(1) => {
                return Err(wrong(
                    "is in an older format, which gives away more of short values than it should",
                ));
            }
            _ => return Err(broken()),
        }
        let mut baseline = Self::default();
        for entry in whole["accepted"].as_array().ok_or_else(broken)? {
            *baseline
                .accepted
                .entry(entry.as_str().ok_or_else(broken)?.to_owned())
                .or_default() += 1;
        }
        Ok(baseline)
    }

    /// Returns the text of the file: indented JSON with sorted entries.
    pub fn to_json(&self) -> String {
        let entries = self
            .accepted
            .iter()
            .flat_map(|(entry, count)| std::iter::repeat_n(entry, *count));
        let whole = json!({ "version": VERSION, "accepted": entries.collect::<Vec<_>>() });
        format!("{whole:#}\n")
    }

    /// Returns the number of findings that it accepts.
    pub fn len(&self) -> usize {
        self.accepted.values().sum()
    }

    /// Returns whether it accepts nothing.
    pub fn is_empty(&self) -> bool {
        self.accepted.is_empty()
    }

    /// Removes accepted findings from a file; returns their number. Each entry accepts as many
    /// findings as it was written for, in the order of the files of a run.
    pub(super) fn apply(&mut self, file: &mut JudgedFile) -> usize {
        let findings = std::mem::take(&mut file.findings);
        let before = findings.len();
        for located in findings {
            match self
                .accepted
                .get_mut(&entry(file, &located))
                .filter(|count| **count > 0)
            {
                Some(count) => *count -= 1,
                None => file.findings.push(located),
            }
        }
        before - file.findings.len()
    }
}

/// Returns the entry of a finding. A file that was only searched has no text: its values are not in
/// the entry.
fn entry(file: &JudgedFile, located: &LocatedFinding) -> String {
    let value = file
        .text
        .get(located.finding.span.range())
        .unwrap_or_default();
    baseline_entry(&located.fingerprint, value)
}
