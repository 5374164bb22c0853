//! Replacement of several files, all of them or none.
//!
//! The steps that can fail for lack of space or permission come first: new contents are written
//! next to their targets and flushed. Then come the journals and hard links to the old contents,
//! and finally the renames. An error or a killed process in between is undone, at once or by the
//! next run.
//!
//! | Step | Interrupted after it | Undone by |
//! | --- | --- | --- |
//! | write and flush new contents | old files, temporary files | [`clean()`] |
//! | create the journals, empty | the same | the next run, which removes them |
//! | link the old contents | the same, with second names | the next run |
//! | write and flush the journals | the same | the next run |
//! | rename the first to the last | a mix of old and new files | [`recover`](crate::recover()) |
//! | remove the journals | new files | nothing, only cleaning is left |
//!
//! A single file needs no journal, since one rename has no state in between. A copy of the old
//! content would do for an undo, but a hard link costs no space and keeps the identity of the file,
//! which the journal can then verify.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::clean::{self, clean};
use crate::disk::{Disk, RealDisk};
use crate::error::{CommitError, FileError, State, Unrestored};
use crate::facts::{Facts, Identity};
use crate::folders::{MissingFolders, Sharing, folder_of, link_between, make, sharing};
use crate::journal::{ByFolder, Content, OpenJournal, Step};
use crate::policy::Policy;
use crate::recover::{recover_on, restore_file, state};
use crate::target::{Target, resolve, write_stream};

/// A file to write.
#[derive(Clone, Debug)]
pub struct Output {
    /// The path of the file.
    pub path: PathBuf,
    /// The complete new content.
    pub content: Vec<u8>,
    /// The purpose of the file.
    pub policy: Policy,
    /// The content that the file must still have, or `None` to overwrite any.
    pub before: Option<Vec<u8>>,
    /// The treatment of a missing folder.
    pub folders: MissingFolders,
}

/// A set of files that are ready to replace others. Dropping it without [`Transaction::commit`]
/// removes all temporary files.
///
/// ```
/// use byref_files::{MissingFolders, Output, Policy, Transaction};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("web.yaml");
/// std::fs::write(&path, "old")?;
/// let output = Output {
///     path: path.clone(),
///     content: b"new".to_vec(),
///     policy: Policy::Source,
///     before: Some(b"read earlier".to_vec()),
///     folders: MissingFolders::Refuse,
/// };
/// assert!(Transaction::prepare(&[output]).is_err()); // another program changed the file
/// assert_eq!(std::fs::read(&path)?, b"old");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Transaction(Prepared<RealDisk>);

impl Transaction {
    /// Writes all new contents next to the files that they will replace.
    ///
    /// Undoes an interrupted transaction in any of the folders first. A device or a pipe must be
    /// the only output, and is not written before `commit`.
    ///
    /// # Errors
    ///
    /// [`FileError`] if the policy forbids a target, a file no longer has its expected content, two
    /// outputs are the same file, or the system reports an error. Nothing has changed at that
    /// point.
    pub fn prepare(outputs: &[Output]) -> Result<Self, FileError> {
        Prepared::new(RealDisk, outputs).map(Self)
    }

    /// Replaces all files.
    ///
    /// # Errors
    ///
    /// [`CommitError`] if a file could not be replaced. All files have their old content then,
    /// unless [`CommitError::unrestored`] lists them.
    pub fn commit(self) -> Result<(), CommitError> {
        self.0.commit()
    }
}

/// A transaction on any disk.
#[derive(Debug)]
pub(crate) struct Prepared<D: Disk> {
    disk: D,
    files: Vec<Ready>,
    /// The path as the caller named it, the path to open, and the content.
    stream: Option<(PathBuf, PathBuf, Vec<u8>)>,
    /// The folders that this transaction created, the outermost first.
    made: Vec<PathBuf>,
    /// The commit succeeded, so that dropping must remove nothing.
    is_over: bool,
}

/// New content on the disk. The open file is its lock.
#[derive(Debug)]
struct Ready {
    /// The path as the caller named it, for messages.
    shown: PathBuf,
    /// The path after following links, in the canonical folder.
    target: PathBuf,
    folder: PathBuf,
    /// The identity of the current file at the target.
    old: Option<Identity>,
    /// The name of the new content within the folder.
    temporary: String,
    new: Identity,
    _file: File,
}

impl<D: Disk> Prepared<D> {
    pub(crate) fn new(disk: D, outputs: &[Output]) -> Result<Self, FileError> {
        let mut prepared = Self {
            disk,
            files: Vec::new(),
            stream: None,
            made: Vec::new(),
            is_over: false,
        };
        for output in outputs {
            prepared.add(output, outputs.len())?;
        }
        Ok(prepared)
    }

    fn add(&mut self, output: &Output, count: usize) -> Result<(), FileError> {
        let path = output.path.as_path();
        let (target, old) = match resolve(&self.disk, path, output.policy)? {
            Target::File { path, old } => (path, old),
            Target::Stream(stream) if count == 1 => {
                self.stream = Some((path.to_owned(), stream, output.content.clone()));
                return Ok(());
            }
            Target::Stream(_) => {
                let problem =
                    "it is a device or a pipe, which can't be written together with other files";
                return Err(FileError::refused(
                    "write",
                    path,
                    problem,
                    "pass the path of a file, or write one file at a time",
                ));
            }
        };
        let failed = |error| FileError::system("write", path, error);
        let folder = folder_of(&target);
        self.make_folder(output, &folder)?;
        // Different spellings of one folder must compare equal.
        let folder = std::fs::canonicalize(folder).map_err(failed)?;
        let Some(name) = target.file_name() else {
            return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
        };
        let target = folder.join(name);
        if self.files.iter().any(|file| file.target == target) {
            return Err(FileError::refused(
                "write",
                path,
                "it would be written twice",
                "name each file only once",
            ));
        }
        if !self.files.iter().any(|file| file.folder == folder) {
            recover_on(&self.disk, &folder)?;
            clean(&self.disk, &folder);
        }
        self.check_unchanged(output, &target)?;
        let temporary = clean::name(clean::NEW).map_err(failed)?;
        let ready = self
            .write_beside(output, &folder.join(&temporary), old)
            .map_err(failed)?;
        let (new, file) = ready;
        self.files.push(Ready {
            shown: path.to_owned(),
            target,
            folder,
            old: old.map(|old| old.identity),
            temporary,
            new,
            _file: file,
        });
        Ok(())
    }

    fn make_folder(&mut self, output: &Output, folder: &Path) -> Result<(), FileError> {
        let MissingFolders::MakeBelow(base) = &output.folders else {
            return Ok(());
        };
        let failed = |error| FileError::system("create", folder, error);
        if link_between(&self.disk, base, folder)
            .map_err(failed)?
            .is_some()
        {
            let problem = "one of its folders is a symbolic link, and byref does not write results through links";
            return Err(FileError::refused(
                "write",
                &output.path,
                problem,
                "remove the link",
            ));
        }
        make(&self.disk, folder, &mut self.made).map_err(failed)
    }

    /// Checks that a file still has the content that the caller read. Reads one byte more, which is
    /// enough to see that a file has grown.
    fn check_unchanged(&self, output: &Output, target: &Path) -> Result<(), FileError> {
        let Some(before) = &output.before else {
            return Ok(());
        };
        let failed = |error| FileError::system("read", &output.path, error);
        let mut file = self.disk.open(target).map_err(failed)?;
        let now = self
            .disk
            .read(&mut file, before.len() as u64 + 1)
            .map_err(failed)?;
        if now == *before {
            Ok(())
        } else {
            Err(changed(&output.path))
        }
    }

    /// Writes the new content under an unpredictable name in the same folder. Only its owner can
    /// read it until it has its final permissions.
    fn write_beside(
        &self,
        output: &Output,
        path: &Path,
        old: Option<Facts>,
    ) -> io::Result<(Identity, File)> {
        let keeps = old.filter(|old| keeps_access(output.policy, old, path));
        let mode = if keeps.is_some() {
            0o600
        } else {
            output.policy.new_mode()
        };
        let mut file = self.disk.create(path, mode)?;
        let written = (|| {
            if !self.disk.lock(&file)? || self.disk.facts_of(&file)?.names == 0 {
                return Err(io::Error::other(
                    "another run has removed the temporary file",
                ));
            }
            self.disk.write(&mut file, &output.content)?;
            match keeps {
                Some(old) => {
                    self.disk.set_owner(&file, old.owner, old.group);
                    self.disk.set_mode(&file, old.mode)?;
                }
                // An unusual umask must not lock the owner out.
                None if output.policy.new_mode() == 0o600 => self.disk.set_mode(&file, 0o600)?,
                None => {}
            }
            self.disk.sync(&file)?;
            Ok(self.disk.facts_of(&file)?.identity)
        })();
        match written {
            Ok(identity) => Ok((identity, file)),
            Err(error) => {
                let _ = self.disk.remove(path);
                Err(error)
            }
        }
    }

    pub(crate) fn commit(mut self) -> Result<(), CommitError> {
        if let Some((shown, stream, content)) = self.stream.take() {
            return Ok(write_stream(&stream, &content)
                .map_err(|error| FileError::system("write", &shown, error))?);
        }
        for file in &self.files {
            let failed = |error| FileError::system("write", &file.shown, error);
            let now = self
                .disk
                .facts(&file.target)
                .map_err(failed)?
                .map(|facts| facts.identity);
            if now != file.old {
                return Err(changed(&file.shown).into());
            }
        }
        if let [file] = self.files.as_slice() {
            self.replace(file)?;
        } else {
            self.replace_several()?;
        }
        self.is_over = true;
        for folder in self.folders() {
            self.disk.sync_folder(&folder);
        }
        Ok(())
    }

    fn replace(&self, file: &Ready) -> Result<(), FileError> {
        let failed = |error| FileError::system("write", &file.shown, error);
        self.disk
            .rename(&file.folder.join(&file.temporary), &file.target)
            .map_err(failed)
    }

    /// Returns every folder of the transaction once, in alphabetical order.
    fn folders(&self) -> Vec<PathBuf> {
        let mut folders: Vec<PathBuf> = self.files.iter().map(|file| file.folder.clone()).collect();
        folders.sort();
        folders.dedup();
        folders
    }

    /// Replaces the files under the protection of journals. If undoing a failure fails too, the
    /// journals and the old contents stay on the disk for the next run.
    fn replace_several(&self) -> Result<(), CommitError> {
        let folders = self.folders();
        let mut journals: Vec<OpenJournal> = Vec::new();
        let mut steps: Vec<Step> = Vec::new();
        let begun = self.begin(&folders, &mut journals, &mut steps);
        let result = begun.map_err(CommitError::from).and_then(|()| {
            self.files
                .iter()
                .try_for_each(|file| self.replace(file))
                .map_err(|cause| self.undo(cause, &steps))
        });
        if result
            .as_ref()
            .is_err_and(|error| !error.unrestored.is_empty())
        {
            // Keep the journals, so that the next run tries again.
            return result;
        }
        for journal in &journals {
            let _ = self.disk.remove(&journal.path);
        }
        for (file, step) in self.files.iter().zip(&steps) {
            if let Some((old, _)) = &step.old {
                let _ = self.disk.remove(&file.folder.join(old));
            }
        }
        result
    }

    /// Writes the journals and gives every old content a second name.
    ///
    /// The journals are created first, in alphabetical order of the folders. Two
    /// runs with the same folders therefore meet at the first one and can't block each other.
    fn begin(
        &self,
        folders: &[PathBuf],
        journals: &mut Vec<OpenJournal>,
        steps: &mut Vec<Step>,
    ) -> Result<(), FileError> {
        for folder in folders {
            journals.push(OpenJournal::begin(&self.disk, folder)?);
        }
        for file in &self.files {
            let old = match file.old {
                Some(_) => Some(
                    self.keep(file)
                        .map_err(|error| FileError::system("write", &file.shown, error))?,
                ),
                None => None,
            };
            let name = file.target.file_name().unwrap_or_default().to_owned();
            steps.push(Step {
                name,
                temporary: file.temporary.clone(),
                new: file.new,
                old,
            });
        }
        let mut by_folder = ByFolder::new();
        for (file, step) in self.files.iter().zip(&*steps) {
            by_folder
                .entry(file.folder.clone())
                .or_default()
                .push(step.clone());
        }
        let transaction =
            clean::name("").map_err(|error| FileError::system("write", &folders[0], error))?;
        for (journal, (_, steps)) in journals.iter_mut().zip(by_folder) {
            journal.write(&self.disk, &Content::new(&transaction, folders, steps))?;
        }
        for folder in folders {
            self.disk.sync_folder(folder);
        }
        Ok(())
    }

    /// Gives the old content a second name, or copies it if the file system has no hard links.
    fn keep(&self, file: &Ready) -> io::Result<(String, Identity)> {
        let name = clean::name(clean::OLD)?;
        let path = file.folder.join(&name);
        if self.disk.link(&file.target, &path).is_err() {
            self.copy(&file.target, &path).inspect_err(|_| {
                let _ = self.disk.remove(&path);
            })?;
        }
        let kept = self
            .disk
            .facts(&path)?
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Ok((name, kept.identity))
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut old = self.disk.open(from)?;
        let facts = self.disk.facts_of(&old)?;
        let bytes = self.disk.read(&mut old, u64::MAX)?;
        let mut copy = self.disk.create(to, 0o600)?;
        self.disk.write(&mut copy, &bytes)?;
        self.disk.set_owner(&copy, facts.owner, facts.group);
        self.disk.set_mode(&copy, facts.mode)?;
        self.disk.sync(&copy)
    }

    /// Restores the replaced files and reports those that could not be restored.
    fn undo(&self, cause: FileError, steps: &[Step]) -> CommitError {
        let mut unrestored = Vec::new();
        for (file, step) in self.files.iter().zip(steps) {
            let _ = restore_file(&self.disk, &file.folder, step);
        }
        for (file, step) in self.files.iter().zip(steps) {
            let state = state(&self.disk, &file.folder, step).unwrap_or(State::Changed);
            unrestored.push(Unrestored {
                path: file.shown.clone(),
                state,
            });
        }
        if unrestored.iter().all(|file| file.state == State::Old) {
            unrestored.clear();
        }
        CommitError { cause, unrestored }
    }
}

impl<D: Disk> Drop for Prepared<D> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        for file in &self.files {
            let _ = self.disk.remove(&file.folder.join(&file.temporary));
        }
        for folder in self.made.iter().rev() {
            let _ = self.disk.remove_folder(folder);
        }
    }
}

/// Returns `true` if the new content takes over the permissions and the owner of the old file. In a
/// folder where other users can create files, the old file may be theirs.
fn keeps_access(policy: Policy, old: &Facts, path: &Path) -> bool {
    match policy {
        Policy::Secret | Policy::New => false,
        Policy::Source | Policy::Store => true,
        Policy::Output => old.is_own() || sharing(&folder_of(path)) == Sharing::Private,
    }
}

fn changed(path: &Path) -> FileError {
    FileError::refused(
        "write",
        path,
        "it was changed by another program",
        "run the same command again",
    )
}
