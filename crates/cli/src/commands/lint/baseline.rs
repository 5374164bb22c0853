//! `--baseline`: findings of today that are accepted, without their values.

use std::collections::BTreeMap;
use std::path::Path;

use byref_lint::baseline_entry;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::findings::{JudgedFile, Located, Run};
use crate::read::{Input, read_named};
use crate::write::{Policy, write};

/// Accepted findings: how often each of their fingerprints.
pub(super) struct Baseline {
    salt: String,
    accepted: BTreeMap<String, usize>,
}

impl Baseline {
    /// Reads a baseline; `None` where there is no such file yet.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Failure> {
        if matches!(fs_err::symlink_metadata(path), Err(error) if error.kind() == std::io::ErrorKind::NotFound) {
            return Ok(None);
        }
        let text = read_named(path, Input::Baseline)?;
        let broken = || {
            Failure::usage(
                format!("`{}` is no baseline of byref", path.display()),
                "write it anew with `--update-baseline`",
            )
        };
        let whole: Value = serde_json::from_slice(&text).map_err(|_| broken())?;
        let salt = whole["salt"].as_str().ok_or_else(broken)?.to_owned();
        let mut accepted = BTreeMap::new();
        for entry in whole["accepted"].as_array().ok_or_else(broken)? {
            *accepted.entry(entry.as_str().ok_or_else(broken)?.to_owned()).or_default() += 1;
        }
        Ok(Some(Self { salt, accepted }))
    }

    /// Takes accepted findings out of a run.
    pub(super) fn apply(mut self, run: &mut Run) {
        for file in &mut run.files {
            let findings = std::mem::take(&mut file.findings);
            let before = findings.len();
            for located in findings {
                let entry = entry(&self.salt, file, &located);
                match self.accepted.get_mut(&entry).filter(|count| **count > 0) {
                    Some(count) => *count -= 1,
                    None => file.findings.push(located),
                }
            }
            run.accepted += before - file.findings.len();
        }
    }

    /// Writes a baseline of all findings of a run, with a new salt.
    pub(super) fn write(path: &Path, run: &Run) -> Result<usize, Failure> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt)
            .map_err(|error| Failure::usage(format!("the system gives no random numbers: {error}"), "try again"))?;
        let salt = format!("{:032x}", u128::from_be_bytes(salt));
        let mut accepted: Vec<String> = run.findings().map(|(file, located)| entry(&salt, file, located)).collect();
        accepted.sort();
        let whole = json!({ "version": 1, "salt": salt, "accepted": accepted });
        write(path, &format!("{whole:#}\n"), Policy::Output)?;
        Ok(accepted.len())
    }
}

fn entry(salt: &str, file: &JudgedFile, located: &Located) -> String {
    let value = file.text.get(located.finding.span.range()).unwrap_or_default();
    baseline_entry(salt, &located.fingerprint, value)
}
