//! The files of a run, and what is read of them.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use byref_files::{Input, Streams, folder_of};
use byref_lint::may_be_document;

use super::options::FileReader;
use crate::error::Error;
use crate::project::read_bytes;

/// The files that paths mean: those that were named, and those that were found in named folders.
///
/// The difference matters: a named file is judged whatever it is, and it is an error if it cannot
/// be; a found file is judged if it looks like a template or one of the files that are deployed
/// beside templates, and passed over otherwise.
#[derive(Clone, Debug)]
pub struct LintFiles {
    /// The paths that were named.
    pub(super) named: Vec<PathBuf>,
    /// Sorted within their folders, none twice.
    pub(super) files: Vec<LintFile>,
    /// Why parts of the folders could not be read.
    pub(super) unread: Vec<String>,
}

/// One file of a run.
#[derive(Clone, Debug)]
pub(super) struct LintFile {
    pub(super) path: PathBuf,
    pub(super) origin: Origin,
}

/// How a file came into a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The caller named it: it is judged whatever it is.
    Named,
    /// It was found in a folder: it is judged if it is of a kind that the lint knows.
    Found,
}

impl LintFiles {
    /// Finds the files that paths mean. A folder means all files below it that no `.gitignore`
    /// excludes, with the cloud assemblies in it (`cdk.out`, or the output folder of `cdk.json`),
    /// which are ignored as a rule. No path at all means the current folder, and `-` the input that
    /// the run's [reader](crate::linting::LintRun::reader) returns for it.
    pub fn find(paths: &[PathBuf]) -> Self {
        let named = if paths.is_empty() {
            vec![PathBuf::from(".")]
        } else {
            paths.to_vec()
        };
        let mut files = Vec::new();
        let mut unread = Vec::new();
        for path in &named {
            // A missing path is an error of the run, which judges the rest first.
            let is_folder = path.as_os_str() != "-"
                && fs_err::metadata(path).is_ok_and(|metadata| metadata.is_dir());
            if is_folder {
                let found = below(path, &mut unread).into_iter();
                files.extend(found.map(|path| LintFile {
                    path,
                    origin: Origin::Found,
                }));
            } else {
                files.push(LintFile {
                    path: path.clone(),
                    origin: Origin::Named,
                });
            }
        }
        let mut seen = BTreeSet::new();
        // `./a.yaml` is `a.yaml`.
        files.retain(|file| {
            seen.insert(file.path.strip_prefix(".").unwrap_or(&file.path).to_owned())
        });
        Self {
            named,
            files,
            unread,
        }
    }

    /// Returns the folders of the files, without that of `-`; a folder may occur several times.
    pub fn folders(&self) -> impl Iterator<Item = PathBuf> {
        self.files
            .iter()
            .filter(|file| file.path.as_os_str() != "-")
            .map(|file| folder_of(&file.path))
    }
}

/// Returns the files below a named folder. `.gitignore` files above it do not count if they exclude
/// the folder itself, which was named all the same, and neither do those that exclude a cloud
/// assembly, as the one of `cdk init` does.
fn below(folder: &Path, unread: &mut Vec<String>) -> Vec<PathBuf> {
    let mut files = walked(walker(folder).parents(!is_ignored(folder)), unread);
    let mut folders: BTreeSet<PathBuf> = files
        .iter()
        .filter_map(|file| file.parent())
        .map(Path::to_owned)
        .chain([folder.to_owned()])
        .collect();
    // Beside the folder: `byref lint lib` where `cdk.out` is next to `lib`.
    folders.extend(beside(folder));
    for assembly in folders.iter().flat_map(|folder| assemblies(folder)) {
        files.extend(walked(walker(&assembly).standard_filters(false), unread));
    }
    files.sort();
    files.dedup();
    files
}

/// Returns a walk through a folder with hidden files, without git's own. `.gitignore` counts
/// outside of repositories as well.
fn walker(folder: &Path) -> ignore::WalkBuilder {
    let mut walker = ignore::WalkBuilder::new(folder);
    walker
        .hidden(false)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git");
    walker
}

/// Returns the files of a walk; adds what it could not read to `unread`.
fn walked(walker: &ignore::WalkBuilder, unread: &mut Vec<String>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in walker.build() {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                files.push(entry.into_path());
            }
            Ok(_) => {}
            // The file was there a moment ago.
            Err(error)
                if error
                    .io_error()
                    .is_some_and(|error| error.kind() == ErrorKind::NotFound) => {}
            Err(error) => unread.push(format!("cannot read a folder: {error}")),
        }
    }
    files
}

/// Returns whether a `.gitignore` above a folder excludes the folder itself.
fn is_ignored(folder: &Path) -> bool {
    let Ok(whole) = fs_err::canonicalize(folder) else {
        return false;
    };
    let Some(parent) = whole.parent() else {
        return false;
    };
    let mut entries = walker(parent).max_depth(Some(1)).build();
    !entries.any(|entry| entry.is_ok_and(|entry| entry.path() == whole))
}

/// Returns the folder around a folder if it contains the project of a CDK app: the one with
/// `cdk.json`.
fn beside(folder: &Path) -> Option<PathBuf> {
    folder.file_name()?;
    let parent = folder_of(folder);
    parent.join("cdk.json").is_file().then_some(parent)
}

/// Returns the cloud assemblies in a folder: `cdk.out`, and the output folder that `cdk.json`
/// names.
fn assemblies(folder: &Path) -> Vec<PathBuf> {
    let mut names = BTreeSet::from(["cdk.out".to_owned()]);
    let configuration = folder.join("cdk.json");
    if configuration.is_file()
        && let Ok(text) = read_bytes(&configuration, Input::Configuration, Streams::Refuse)
        && let Ok(configuration) = serde_json::from_slice::<serde_json::Value>(&text)
    {
        names.extend(configuration["output"].as_str().map(str::to_owned));
    }
    let folders = names.into_iter().map(|name| folder.join(name));
    folders
        .filter(|assembly| assembly.join("manifest.json").is_file())
        .collect()
}

/// The content of a file, as far as a run needs it.
pub(super) enum Content {
    /// A text that may be a template, or any text if all are judged.
    Text(Arc<str>),
    /// The bytes of a file that is not judged; empty for a large one.
    Other(Vec<u8>),
    /// More than is read at once: it is searched piece by piece.
    Large,
}

/// The number of bytes of a file that tell whether it is binary.
const HEAD: usize = 8192;

/// The treatment of a file that is larger than files are read as a whole ([`Input::Linted`]).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Larger {
    /// It is searched piece by piece.
    Search,
    /// It was found in a folder, and no template is as large: it is passed over.
    PassOver,
    /// It is an error.
    Refuse,
}

/// The texts that are judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kinds {
    /// Templates, and the files that are deployed beside them.
    #[default]
    Documents,
    /// All texts.
    All,
}

/// Reads a file.
pub(super) fn read(
    path: &Path,
    kinds: Kinds,
    larger: Larger,
    reader: &FileReader,
) -> Result<Content, Error> {
    let is_larger = || {
        let metadata = fs_err::metadata(path);
        metadata
            .is_ok_and(|metadata| metadata.is_file() && metadata.len() > Input::Linted.max_bytes())
    };
    if path.as_os_str() != "-" && larger != Larger::Refuse && is_larger() {
        return Ok(if larger == Larger::Search {
            Content::Large
        } else {
            Content::Other(Vec::new())
        });
    }
    let bytes = reader(path)?;
    let is_binary = bytes[..bytes.len().min(HEAD)].contains(&0);
    if is_binary || kinds == Kinds::Documents && !may_be_document(&bytes) {
        return Ok(Content::Other(bytes));
    }
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Ok(Content::Text(text.into()))
}

/// Returns a path as reports show it: with `/` between folders and no `./` in front; `<stdin>` for
/// `-`.
pub(super) fn shown_path(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return "<stdin>".to_owned();
    }
    let shown = path
        .display()
        .to_string()
        .replace(std::path::MAIN_SEPARATOR, "/");
    shown
        .strip_prefix("./")
        .map_or(shown.clone(), str::to_owned)
}
