//! The waivers of the configuration: `[[lint.allow]]`.
//!
//! A run reports an expired waiver if it looked at a file that the waiver would match. It reports a
//! waiver that matches nothing any more only if it looked at every file that the waiver could
//! match: one template in an editor or in a commit hook shows nothing about the others.
//!
//! ```text
//! [[lint.allow]]
//! rule = "no-echo"
//! path = "stacks/old/*.yaml"
//! reason = "replaced in May"
//! until = "2026-05-31"
//! ```
//!
//! An expired waiver does not remove its findings any more, and is a finding itself. Matching is
//! cheap, a comparison of the rule before a glob; deciding that a waiver is unused is not, since
//! the files that it could match have to be listed. That is done for unused waivers only, at the
//! end of a run.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use byref_config::LintWaiver;
use byref_lint::waiver::Waiver;
use byref_lint::{Finding, Finds, Level, Reading, STALE_WAIVER, rule};
use byref_template::{Diagnostic, SourceId};

use super::files::LintFiles;
use super::known::ValueSearch;
use super::report::JudgedFile;
use crate::error::Error;
use crate::project::Project;

/// The parsed waivers of a configuration.
#[derive(Clone, Default)]
pub(super) struct ConfigWaivers<'r>(Vec<(&'r LintWaiver, Waiver)>);

impl<'r> ConfigWaivers<'r> {
    /// Parses the waivers of a project.
    ///
    /// # Errors
    ///
    /// [`Error::Mistakes`] with all waivers that cannot be parsed.
    pub(super) fn of(project: &'r Project) -> Result<Self, Error> {
        let mut waivers = Vec::new();
        let mut mistakes = Vec::new();
        for written in &project.config().lint_waivers {
            match Waiver::new(&written.rule, &written.reason, written.until.as_deref()) {
                Ok(waiver) => waivers.push((written, waiver)),
                Err(error) => mistakes.push(
                    Diagnostic::error(
                        "bad-waiver",
                        format!("this waiver cannot be read: {error}"),
                        written.location,
                    )
                    .help("`byref lint --explain stale-waiver` shows how one is written"),
                ),
            }
        }
        if mistakes.is_empty() {
            Ok(Self(waivers))
        } else {
            Err(project.mistakes(mistakes))
        }
    }
}

/// The waivers in one run, each with whether it has matched a finding.
///
/// The flags are atomic because files are judged on all cores at once. The order of the marks does
/// not matter.
pub(super) struct MatchedWaivers<'r> {
    waivers: Vec<(&'r LintWaiver, &'r Waiver, AtomicBool)>,
    /// The folder that their paths are relative to, without links.
    folder: PathBuf,
}

/// The files that a run has looked at.
///
/// The default has looked at nothing, so no waiver is called unused.
#[derive(Default)]
pub(super) struct LookedAt {
    /// The named folders, without links.
    folders: Vec<PathBuf>,
    /// All files, each with whether it was judged; the others are not templates.
    files: BTreeMap<PathBuf, bool>,
    /// Whether the run searched for stored values.
    for_known: bool,
}

impl LookedAt {
    /// Returns the extent of a run over files; `judged` are those in its report.
    pub(super) fn files(
        files: &LintFiles,
        judged: &[JudgedFile],
        known: Option<&ValueSearch>,
    ) -> Self {
        let judged = judged
            .iter()
            .filter(|file| file.reading != Reading::PassedOver);
        let folders = files
            .named
            .iter()
            .map(|path| whole(path))
            .filter(|path| path.is_dir())
            .collect();
        let mut looked_at: BTreeMap<PathBuf, bool> = files
            .files
            .iter()
            .map(|file| (whole(&file.path), false))
            .collect();
        looked_at.extend(judged.map(|file| (whole(&file.source), true)));
        Self {
            folders,
            files: looked_at,
            for_known: known.is_some(),
        }
    }

    /// Returns the extent of a run over texts: no waiver is known to match nothing.
    pub(super) fn texts() -> Self {
        Self::default()
    }
}

/// Returns a path without links, or as it is where it does not exist.
fn whole(path: &Path) -> PathBuf {
    fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

impl<'r> MatchedWaivers<'r> {
    /// Starts a run over files, whose paths are compared with those of the waivers without links.
    pub(super) fn for_files(waivers: &'r ConfigWaivers<'r>, project: Option<&Project>) -> Self {
        let folder = project
            .map(Project::folder)
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = if waivers.0.is_empty() {
            PathBuf::new()
        } else {
            whole(folder.unwrap_or(Path::new(".")))
        };
        Self::new(waivers, folder)
    }

    /// Starts a run over texts, whose names are paths relative to the folder of the configuration.
    pub(super) fn for_texts(waivers: &'r ConfigWaivers<'r>) -> Self {
        Self::new(waivers, PathBuf::new())
    }

    fn new(waivers: &'r ConfigWaivers<'r>, folder: PathBuf) -> Self {
        let waivers = waivers
            .0
            .iter()
            .map(|(written, waiver)| (*written, waiver, AtomicBool::new(false)));
        Self {
            waivers: waivers.collect(),
            folder,
        }
    }

    /// Returns whether the configuration has no waivers.
    pub(super) fn is_empty(&self) -> bool {
        self.waivers.is_empty()
    }

    /// Removes the waived findings of a file; returns their number.
    pub(super) fn apply_to_file(
        &self,
        path: &Path,
        findings: &mut Vec<Finding>,
        today: &str,
    ) -> usize {
        if self.waivers.is_empty() || findings.is_empty() {
            return 0;
        }
        let path = whole(path);
        self.apply(
            path.strip_prefix(&self.folder).unwrap_or(&path),
            findings,
            today,
        )
    }

    /// Removes the waived findings of a text with a path relative to the folder of the
    /// configuration; returns their number.
    pub(super) fn apply(&self, path: &Path, findings: &mut Vec<Finding>, today: &str) -> usize {
        let before = findings.len();
        findings.retain(|finding| !self.is_waived(path, finding, today));
        before - findings.len()
    }

    /// Returns whether a finding is accepted by a waiver that has not expired, and marks all that
    /// match it.
    fn is_waived(&self, relative: &Path, finding: &Finding, today: &str) -> bool {
        let mut is_waived = false;
        // All that match are in use, even if one would do.
        for (written, waiver, matched) in &self.waivers {
            let matches = waiver.rule == finding.rule.id
                && written.path.is_match(relative)
                && written
                    .property
                    .as_ref()
                    .is_none_or(|property| property.is_match(&finding.path));
            if matches {
                matched.store(true, Ordering::Relaxed);
                is_waived |= !waiver.has_expired(today);
            }
        }
        is_waived
    }

    /// Returns findings about waivers that have expired or match nothing any more, by the file that
    /// contains them.
    ///
    /// An expired waiver that matches nothing is reported as expired: that is the reason which the
    /// user can see in the file.
    pub(super) fn stale(&self, looked_at: &LookedAt, today: &str) -> Vec<(SourceId, Vec<Finding>)> {
        let mut stale: Vec<(SourceId, Vec<Finding>)> = Vec::new();
        for (written, waiver, matched) in &self.waivers {
            let matched = matched.load(Ordering::Relaxed);
            let (message, help) = if waiver.has_expired(today)
                && (matched || self.could_match(written, waiver, looked_at))
            {
                (
                    format!("the waiver of `{}` has expired", waiver.rule),
                    "migrate the secrets, or set a new date",
                )
            } else if !matched && self.could_match(written, waiver, looked_at) {
                (
                    format!("the waiver of `{}` matches nothing", waiver.rule),
                    "remove it",
                )
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
            match stale
                .iter_mut()
                .find(|(source, _)| *source == written.location.source)
            {
                Some((_, findings)) => findings.push(finding),
                None => stale.push((written.location.source, vec![finding])),
            }
        }
        for (_, findings) in &mut stale {
            findings.sort_by_key(|finding| finding.span);
        }
        stale
    }

    /// Returns whether a run has looked at every file that a waiver could match, so that a waiver
    /// in use would have matched.
    ///
    /// A waiver of a stored value needs a run that searched for stored values, in addition. A
    /// waiver whose files are all gone matches nothing, and is reported.
    fn could_match(&self, written: &LintWaiver, waiver: &Waiver, looked_at: &LookedAt) -> bool {
        if rule(&waiver.rule).is_some_and(|rule| rule.finds == Finds::StoredValue)
            && !looked_at.for_known
        {
            return false;
        }
        let base = self.folder.join(literal_start(written.path.glob().glob()));
        let is_covered = looked_at.files.contains_key(&base)
            || looked_at
                .folders
                .iter()
                .any(|folder| base.starts_with(folder));
        if !is_covered {
            return false;
        }
        let candidates = self.candidates(&base, written);
        let all_seen = candidates
            .iter()
            .all(|file| looked_at.files.contains_key(file));
        // If none of them is a template, they were waived in a run that judges all texts.
        let any_judged = candidates
            .iter()
            .any(|file| looked_at.files.get(file) == Some(&true));
        all_seen && (candidates.is_empty() || any_judged)
    }

    /// Returns all files that a waiver's path matches, including those that a `.gitignore`
    /// excludes.
    ///
    /// Files are listed below the literal start of the path only, so `stacks/old/*.yaml` does not
    /// walk through the whole repository.
    fn candidates(&self, base: &Path, written: &LintWaiver) -> Vec<PathBuf> {
        let walk = ignore::WalkBuilder::new(base)
            .standard_filters(false)
            .filter_entry(|entry| entry.file_name() != ".git")
            .build();
        walk.flatten()
            .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
            .map(ignore::DirEntry::into_path)
            .filter(|file| {
                file.strip_prefix(&self.folder)
                    .is_ok_and(|relative| written.path.is_match(relative))
            })
            .collect()
    }
}

/// Returns the folders, and perhaps the file, that a glob names before its first wildcard.
///
/// `stacks/old/*.yaml` → `stacks/old`; `web.yaml` → `web.yaml`; `**/*.yaml` → the empty path.
fn literal_start(glob: &str) -> PathBuf {
    let is_literal = |part: &Component<'_>| {
        part.as_os_str()
            .to_str()
            .is_some_and(|text| !text.contains(['*', '?', '[', ']', '{', '}', '\\']))
    };
    Path::new(glob)
        .components()
        .take_while(is_literal)
        .collect()
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
