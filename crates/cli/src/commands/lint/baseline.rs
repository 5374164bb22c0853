//! `--baseline`: findings of today that are accepted, without their values.

use std::collections::BTreeMap;
use std::path::Path;

use byref_lint::baseline_entry;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::findings::{JudgedFile, Located, Run};
use crate::read::{Input, read_named};
use crate::write::{Policy, write};

/// The format that is written and read.
const VERSION: u64 = 2;

/// Accepted findings: how often each of their entries.
pub(super) struct Baseline {
    accepted: BTreeMap<String, usize>,
}

impl Baseline {
    /// Reads a baseline that must be there: a name that was mistyped accepts nothing.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        if matches!(fs_err::symlink_metadata(path), Err(error) if error.kind() == std::io::ErrorKind::NotFound) {
            return Err(Failure::usage(
                format!("there is no baseline `{}`", path.display()),
                "correct the name, or create the file from the findings of today with `--update-baseline`",
            ));
        }
        let text = read_named(path, Input::Baseline)?;
        let wrong = |what: &str| {
            Failure::usage(format!("`{}` {what}", path.display()), "create it again with `--update-baseline`")
        };
        let broken = || wrong("is not a baseline of byref");
        let whole: Value = serde_json::from_slice(&text).map_err(|_| broken())?;
        match whole["version"].as_u64() {
            Some(VERSION) => {}
            Some(1) => {
                return Err(wrong("is in an older format, which gives away more of short values than it should"));
            }
            _ => return Err(broken()),
        }
        let mut accepted = BTreeMap::new();
        for entry in whole["accepted"].as_array().ok_or_else(broken)? {
            *accepted.entry(entry.as_str().ok_or_else(broken)?.to_owned()).or_default() += 1;
        }
        Ok(Self { accepted })
    }

    /// Takes accepted findings out of a run.
    pub(super) fn apply(mut self, run: &mut Run) {
        for file in &mut run.files {
            let findings = std::mem::take(&mut file.findings);
            let before = findings.len();
            for located in findings {
                match self.accepted.get_mut(&entry(file, &located)).filter(|count| **count > 0) {
                    Some(count) => *count -= 1,
                    None => file.findings.push(located),
                }
            }
            run.accepted += before - file.findings.len();
        }
    }

    /// Writes a baseline of all findings of a run; returns their number.
    pub(super) fn write(path: &Path, run: &Run) -> Result<usize, Failure> {
        let mut accepted: Vec<String> = run.findings().map(|(file, located)| entry(file, located)).collect();
        accepted.sort();
        let whole = json!({ "version": VERSION, "accepted": accepted });
        write(path, &format!("{whole:#}\n"), Policy::Output)?;
        Ok(accepted.len())
    }
}

fn entry(file: &JudgedFile, located: &Located) -> String {
    let value = file.text.get(located.finding.span.range()).unwrap_or_default();
    baseline_entry(&located.fingerprint, value)
}
