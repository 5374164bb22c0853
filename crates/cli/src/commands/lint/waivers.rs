//! Waivers of the configuration: `[[lint.allow]]`.
//!
//! One that has expired is said where it would have held. One that matches nothing any more is said only by a run that
//! has looked at every file which it could match: one template in an editor or a commit hook says nothing of others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use byref_config::LintWaiver;
use byref_lint::waiver::Waiver;
use byref_lint::{Finding, Level, STALE_WAIVER};
use byref_template::{Diagnostic, SourceId};

use crate::failure::Failure;
use byref::Project;

/// The waivers of a configuration, and whether each has matched anything.
pub(super) struct ConfigWaivers<'r> {
    waivers: Vec<(&'r LintWaiver, Waiver, AtomicBool)>,
    /// The folder that their paths are relative to, without links.
    folder: PathBuf,
}

/// Which files a run has looked at.
pub(super) struct LookedAt {
    /// The folders that were named, without links.
    folders: Vec<PathBuf>,
    /// All files, and whether each was judged; the others are no templates.
    files: BTreeMap<PathBuf, bool>,
    /// Whether stored values were searched for.
    for_known: bool,
}

impl LookedAt {
    /// `paths` are those that were named, `files` those that they mean.
    pub(super) fn new(paths: &[PathBuf], files: &[PathBuf], judged: &BTreeSet<&Path>, for_known: bool) -> Self {
        let here = [PathBuf::from(".")];
        let named = if paths.is_empty() { &here[..] } else { paths };
        let folders = named.iter().map(|path| whole(path)).filter(|path| path.is_dir()).collect();
        let files = files.iter().map(|file| (whole(file), judged.contains(file.as_path()))).collect();
        Self { folders, files, for_known }
    }
}

fn whole(path: &Path) -> PathBuf {
    fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

impl<'r> ConfigWaivers<'r> {
    /// Those of a project; those that can't be read are mistakes, all in one report.
    pub(super) fn read(project: Option<&'r Project>) -> Result<Self, Failure> {
        let Some(project) = project else { return Ok(Self { waivers: Vec::new(), folder: PathBuf::new() }) };
        let mut waivers = Vec::new();
        let mut mistakes = Vec::new();
        for written in &project.config().lint_waivers {
            match Waiver::new(&written.rule, &written.reason, written.until.as_deref()) {
                Ok(waiver) => waivers.push((written, waiver, AtomicBool::new(false))),
                Err(error) => mistakes.push(
                    Diagnostic::error("bad-waiver", format!("this waiver can't be read: {error}"), written.location)
                        .help("`byref lint --explain stale-waiver` shows how one is written"),
                ),
            }
        }
        if !mistakes.is_empty() {
            return Err(project.mistakes(mistakes).into());
        }
        let folder = if project.folder().as_os_str().is_empty() { Path::new(".") } else { project.folder() };
        Ok(Self { waivers, folder: whole(folder) })
    }

    /// Takes out the findings of a file that are waived; returns how many.
    pub(super) fn apply(&self, path: &Path, findings: &mut Vec<Finding>, today: &str) -> usize {
        if self.waivers.is_empty() || findings.is_empty() {
            return 0;
        }
        let path = whole(path);
        let relative = path.strip_prefix(&self.folder).unwrap_or(&path);
        let before = findings.len();
        findings.retain(|finding| !self.is_waived(relative, finding, today));
        before - findings.len()
    }

    fn is_waived(&self, relative: &Path, finding: &Finding, today: &str) -> bool {
        let mut is_waived = false;
        // All that match are in use, also where one would do.
        for (written, waiver, matched) in &self.waivers {
            let matches = waiver.rule == finding.rule.id
                && written.path.is_match(relative)
                && written.property.as_ref().is_none_or(|property| property.is_match(&finding.path));
            if matches {
                matched.store(true, Ordering::Relaxed);
                is_waived |= !waiver.has_expired(today);
            }
        }
        is_waived
    }

    /// Findings about waivers that have expired or match nothing any more, by the file that holds them.
    pub(super) fn stale(&self, looked_at: &LookedAt, today: &str) -> Vec<(SourceId, Vec<Finding>)> {
        let mut stale: Vec<(SourceId, Vec<Finding>)> = Vec::new();
        for (written, waiver, matched) in &self.waivers {
            let matched = matched.load(Ordering::Relaxed);
            let (message, help) =
                if waiver.has_expired(today) && (matched || self.could_match(written, waiver, looked_at)) {
                    (format!("the waiver of `{}` has expired", waiver.rule), "migrate the secrets, or set a new date")
                } else if !matched && self.could_match(written, waiver, looked_at) {
                    (format!("the waiver of `{}` matches nothing", waiver.rule), "remove it")
                } else {
                    continue;
                };
            let finding = Finding {
                rule: &STALE_WAIVER,
                level: Level::Warning,
                span: written.location.span,
                path: String::new(),
                name: None,
                message,
                help: help.to_owned(),
            };
            match stale.iter_mut().find(|(source, _)| *source == written.location.source) {
                Some((_, findings)) => findings.push(finding),
                None => stale.push((written.location.source, vec![finding])),
            }
        }
        for (_, findings) in &mut stale {
            findings.sort_by_key(|finding| finding.span);
        }
        stale
    }

    /// Whether a run has looked at every file that a waiver could match, so that it would have matched if it still did.
    fn could_match(&self, written: &LintWaiver, waiver: &Waiver, looked_at: &LookedAt) -> bool {
        if waiver.rule == "known-secret" && !looked_at.for_known {
            return false;
        }
        let base = self.folder.join(literal_start(written.path.glob().glob()));
        let is_covered =
            looked_at.files.contains_key(&base) || looked_at.folders.iter().any(|folder| base.starts_with(folder));
        if !is_covered {
            return false;
        }
        let candidates = self.candidates(&base, written);
        let all_seen = candidates.iter().all(|file| looked_at.files.contains_key(file));
        // Where no template is among them, they were waived in a run that judges all texts.
        let any_judged = candidates.iter().any(|file| looked_at.files.get(file) == Some(&true));
        all_seen && (candidates.is_empty() || any_judged)
    }

    /// All files that a waiver's path matches, also those that a `.gitignore` excludes.
    fn candidates(&self, base: &Path, written: &LintWaiver) -> Vec<PathBuf> {
        let walk = ignore::WalkBuilder::new(base)
            .standard_filters(false)
            .filter_entry(|entry| entry.file_name() != ".git")
            .build();
        walk.flatten()
            .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
            .map(ignore::DirEntry::into_path)
            .filter(|file| file.strip_prefix(&self.folder).is_ok_and(|relative| written.path.is_match(relative)))
            .collect()
    }
}

/// The folders, and perhaps the file, that a glob names before its first wildcard.
fn literal_start(glob: &str) -> PathBuf {
    let is_literal = |part: &Component<'_>| {
        part.as_os_str().to_str().is_some_and(|text| !text.contains(['*', '?', '[', ']', '{', '}', '\\']))
    };
    Path::new(glob).components().take_while(is_literal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_begins_with_what_is_literal() {
        for (glob, start) in [
            ("stacks/legacy/**", "stacks/legacy"),
            ("stacks/web.yaml", "stacks/web.yaml"),
            ("**/*.yaml", ""),
            ("stacks/{a,b}/x.yaml", "stacks"),
            ("stacks/w?b.yaml", "stacks"),
        ] {
            assert_eq!(literal_start(glob), Path::new(start), "{glob}");
        }
    }
}
