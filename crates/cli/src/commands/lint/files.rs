//! Which files are judged, and what is read of them.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use byref_files::folder_of;
use byref_lint::may_be_document;

use crate::failure::Failure;
use crate::read::{Input, read_named};

/// The files that were named, and those that were found in folders.
pub(super) struct Files {
    /// Sorted within their folders, none twice.
    pub(super) paths: Vec<PathBuf>,
    /// Whether each of them was found in a folder.
    found: Vec<bool>,
    /// What of the folders could not be read, and why.
    pub(super) unread: Vec<String>,
}

impl Files {
    /// Whether nobody has named this file.
    pub(super) fn is_found(&self, index: usize) -> bool {
        self.found.get(index).copied().unwrap_or_default()
    }
}

/// The files that paths mean; folders give all files below that no `.gitignore` excludes.
pub(super) fn files(paths: &[PathBuf]) -> Files {
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here[..] } else { paths };
    let mut files = Vec::new();
    let mut unread = Vec::new();
    for path in paths {
        // What is not there is said by whoever reads it, after the rest was judged.
        let is_folder = path.as_os_str() != "-" && fs_err::metadata(path).is_ok_and(|metadata| metadata.is_dir());
        if is_folder {
            files.extend(below(path, &mut unread).into_iter().map(|file| (file, true)));
        } else {
            files.push((path.clone(), false));
        }
    }
    let mut seen = BTreeSet::new();
    // `./a.yaml` is `a.yaml`.
    files.retain(|(file, _)| seen.insert(file.strip_prefix(".").unwrap_or(file).to_owned()));
    let (paths, found) = files.into_iter().unzip();
    Files { paths, found, unread }
}

/// The files below a folder that was named. What is ignored above it does not count where the folder itself is ignored:
/// it was named all the same. Neither does what ignores a cloud assembly, which `cdk init` does.
fn below(folder: &Path, unread: &mut Vec<String>) -> Vec<PathBuf> {
    let mut files = walked(walker(folder).parents(!is_ignored(folder)), unread);
    let mut folders: BTreeSet<PathBuf> =
        files.iter().filter_map(|file| file.parent()).map(Path::to_owned).chain([folder.to_owned()]).collect();
    // Beside the folder: `byref lint lib` where `cdk.out` is next to `lib`.
    folders.extend(beside(folder));
    for assembly in folders.iter().flat_map(|folder| assemblies(folder)) {
        files.extend(walked(walker(&assembly).standard_filters(false), unread));
    }
    files.sort();
    files.dedup();
    files
}

fn walker(folder: &Path) -> ignore::WalkBuilder {
    let mut walker = ignore::WalkBuilder::new(folder);
    walker.hidden(false).require_git(false).filter_entry(|entry| entry.file_name() != ".git");
    walker
}

fn walked(walker: &ignore::WalkBuilder, unread: &mut Vec<String>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in walker.build() {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => files.push(entry.into_path()),
            Ok(_) => {}
            // It was there a moment ago.
            Err(error) if error.io_error().is_some_and(|error| error.kind() == ErrorKind::NotFound) => {}
            Err(error) => unread.push(format!("cannot read a folder: {error}")),
        }
    }
    files
}

/// Whether a `.gitignore` above a folder excludes the folder itself.
fn is_ignored(folder: &Path) -> bool {
    let Ok(whole) = fs_err::canonicalize(folder) else { return false };
    let Some(parent) = whole.parent() else { return false };
    let mut entries = walker(parent).max_depth(Some(1)).build();
    !entries.any(|entry| entry.is_ok_and(|entry| entry.path() == whole))
}

/// The folder around a folder, where the project of an app may be: the one with `cdk.json`.
fn beside(folder: &Path) -> Option<PathBuf> {
    folder.file_name()?;
    let parent = folder_of(folder);
    parent.join("cdk.json").is_file().then_some(parent)
}

/// The cloud assemblies in a folder: `cdk.out`, and the output folder that `cdk.json` names.
fn assemblies(folder: &Path) -> Vec<PathBuf> {
    let mut names = BTreeSet::from(["cdk.out".to_owned()]);
    let configuration = folder.join("cdk.json");
    if configuration.is_file()
        && let Ok(text) = read_named(&configuration, Input::Configuration)
        && let Ok(configuration) = serde_json::from_slice::<serde_json::Value>(&text)
    {
        names.extend(configuration["output"].as_str().map(str::to_owned));
    }
    let folders = names.into_iter().map(|name| folder.join(name));
    folders.filter(|assembly| assembly.join("manifest.json").is_file()).collect()
}

/// What is read of a file.
pub(super) enum Content {
    /// A text that may be a template, or any text where all are judged.
    Text(Arc<str>),
    /// No template; its bytes, where there are few.
    Other(Vec<u8>),
    /// More than is read at once.
    Large,
}

/// How many bytes of a file are looked at to tell whether it is binary.
const HEAD: usize = 8192;

/// What is done with a file that is larger than what is judged as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Larger {
    /// It is read piece by piece.
    Search,
    /// It was found in a folder, and no template is as large: it is passed over.
    PassOver,
    /// It is an error.
    Refuse,
}

/// Reads a file.
pub(super) fn read(path: &Path, all_text: bool, larger: Larger) -> Result<Content, Failure> {
    let is_larger = || {
        let metadata = fs_err::metadata(path);
        metadata.is_ok_and(|metadata| metadata.is_file() && metadata.len() > Input::Linted.max_bytes())
    };
    if path.as_os_str() != "-" && larger != Larger::Refuse && is_larger() {
        return Ok(if larger == Larger::Search { Content::Large } else { Content::Other(Vec::new()) });
    }
    let bytes = read_named(path, Input::Linted)?;
    let is_binary = bytes[..bytes.len().min(HEAD)].contains(&0);
    if is_binary || !all_text && !may_be_document(&bytes) {
        return Ok(Content::Other(bytes));
    }
    let text = String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Ok(Content::Text(text.into()))
}

/// A path as messages show it: with slashes, and without `./` before it.
pub(super) fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return "<stdin>".to_owned();
    }
    let shown = path.display().to_string().replace(std::path::MAIN_SEPARATOR, "/");
    shown.strip_prefix("./").map_or(shown.clone(), str::to_owned)
}
