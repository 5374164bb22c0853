//! Every request that a transaction makes of the system fails in turn, or is the last one that it
//! makes.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::disk::{Disk, RealDisk};
use crate::error::State;
use crate::facts::Facts;
use crate::recover::recover_on;
use crate::transaction::Prepared;
use crate::{MissingFolders, Output, Policy, Recovered, recover, unfinished};

/// What happens at one request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// It fails; the next ones succeed.
    Fails(io::ErrorKind),
    /// It and all later ones fail: the disk is gone.
    AllFail,
    /// The process ends before it: nothing more is done.
    Killed,
    /// The process ends in the middle of a write.
    KilledInWrite,
}

struct Faulty {
    at: usize,
    fault: Fault,
    count: Cell<usize>,
}

impl Faulty {
    fn new(at: usize, fault: Fault) -> Self {
        Self {
            at,
            fault,
            count: Cell::new(0),
        }
    }

    fn step(&self) -> io::Result<()> {
        let now = self.count.replace(self.count.get() + 1);
        match self.fault {
            Fault::Fails(kind) if now == self.at => Err(io::Error::from(kind)),
            Fault::AllFail | Fault::Killed if now >= self.at => {
                Err(io::Error::from(io::ErrorKind::Other))
            }
            Fault::KilledInWrite if now > self.at => Err(io::Error::from(io::ErrorKind::Other)),
            _ => Ok(()),
        }
    }
}

impl Disk for &Faulty {
    fn facts(&self, path: &Path) -> io::Result<Option<Facts>> {
        self.step().and_then(|()| RealDisk.facts(path))
    }

    fn facts_of(&self, file: &File) -> io::Result<Facts> {
        self.step().and_then(|()| RealDisk.facts_of(file))
    }

    fn create(&self, path: &Path, mode: u32) -> io::Result<File> {
        self.step().and_then(|()| RealDisk.create(path, mode))
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        let is_here = self.count.get() == self.at;
        self.step()?;
        if is_here && self.fault == Fault::KilledInWrite {
            RealDisk.write(file, &bytes[..bytes.len() / 2])?;
            return Err(io::Error::from(io::ErrorKind::Other));
        }
        RealDisk.write(file, bytes)
    }

    fn set_mode(&self, file: &File, mode: u32) -> io::Result<()> {
        self.step().and_then(|()| RealDisk.set_mode(file, mode))
    }

    fn set_owner(&self, file: &File, owner: u32, group: u32) {
        if self.step().is_ok() {
            RealDisk.set_owner(file, owner, group);
        }
    }

    /// No power fails here.
    fn sync(&self, _: &File) -> io::Result<()> {
        self.step()
    }

    fn sync_folder(&self, _: &Path) {
        let _ = self.step();
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step().and_then(|()| RealDisk.link(from, to))
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        self.step().and_then(|()| RealDisk.open(path))
    }

    fn read(&self, file: &mut File, limit: u64) -> io::Result<Vec<u8>> {
        self.step().and_then(|()| RealDisk.read(file, limit))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step().and_then(|()| RealDisk.rename(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step().and_then(|()| RealDisk.remove(path))
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.step().and_then(|()| RealDisk.make_folder(path))
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.step().and_then(|()| RealDisk.remove_folder(path))
    }

    fn lock(&self, file: &File) -> io::Result<bool> {
        self.step().and_then(|()| RealDisk.lock(file))
    }
}

/// Three files in two folders, and one that is not there yet, in a folder that is not there yet.
struct Case {
    root: tempfile::TempDir,
}

const FILES: [&str; 4] = ["a/one.yaml", "a/two.yaml", "b/three.yaml", "c/four.yaml"];

impl Case {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        for file in &FILES[..3] {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, old(file)).unwrap();
        }
        Self { root }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.root.path().join(file)
    }

    fn outputs(&self) -> Vec<Output> {
        let base = self.root.path().to_owned();
        let output = |file: &&str| Output {
            path: self.path(file),
            content: new(file).into_bytes(),
            policy: if file.starts_with('c') {
                Policy::Output
            } else {
                Policy::Source
            },
            before: None,
            folders: MissingFolders::MakeBelow(base.clone()),
        };
        FILES.iter().map(output).collect()
    }

    fn run(&self, disk: &Faulty) -> Result<(), Vec<State>> {
        let none = |_| Vec::new();
        let prepared = Prepared::new(disk, &self.outputs()).map_err(none)?;
        prepared.commit().map_err(|error| {
            error
                .unrestored
                .into_iter()
                .map(|file| file.state)
                .collect()
        })
    }

    /// Which files are new; `None` for one that is neither.
    fn are_new(&self) -> Vec<Option<bool>> {
        let is_new = |file: &&str| match std::fs::read_to_string(self.path(file)) {
            Ok(text) if text == new(file) => Some(true),
            Ok(text) if text == old(file) => Some(false),
            Ok(_) => None,
            Err(_) => file.starts_with('c').then_some(false),
        };
        FILES.iter().map(is_new).collect()
    }

    /// What is in the folders beyond the files.
    /// Returns the hidden files that recovery leaves. A test beside this one may be between `fork`
    /// and `exec`, where its child still has the locks of this process: then the next recovery
    /// removes the file, as the next run of byref does.
    fn left_after_recovery(&self) -> Vec<String> {
        for _ in 0..200 {
            if self.left().is_empty() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
            self.recover();
        }
        self.left()
    }

    fn left(&self) -> Vec<String> {
        let names = |folder: &str| {
            std::fs::read_dir(self.path(folder))
                .into_iter()
                .flatten()
                .flatten()
        };
        let hidden = ["a", "b", "c"]
            .into_iter()
            .flat_map(names)
            .map(|entry| entry.file_name().into_string().unwrap());
        hidden.filter(|name| name.starts_with('.')).collect()
    }

    fn recover(&self) -> Vec<Recovered> {
        ["a", "b", "c"]
            .iter()
            .map(|folder| self.path(folder))
            .filter(|folder| folder.exists())
            .map(|folder| recover(&folder).unwrap())
            .collect()
    }
}

fn old(file: &str) -> String {
    format!("old content of {file}\n")
}

fn new(file: &str) -> String {
    format!("the new content of {file}\n")
}

fn is_whole(are_new: &[Option<bool>]) -> bool {
    are_new.iter().all(|is_new| *is_new == Some(true))
        || are_new.iter().all(|is_new| *is_new == Some(false))
}

#[test]
fn commit_is_atomic_with_fault_at_every_request() {
    let counting = Faulty::new(usize::MAX, Fault::None);
    let case = Case::new();
    case.run(&counting).unwrap();
    assert!(case.are_new().iter().all(|is_new| *is_new == Some(true)) && case.left().is_empty());
    let requests = counting.count.get();
    let faults = [
        Fault::Fails(io::ErrorKind::PermissionDenied),
        Fault::Fails(io::ErrorKind::StorageFull),
        Fault::Fails(io::ErrorKind::NotFound),
        Fault::AllFail,
        Fault::Killed,
        Fault::KilledInWrite,
    ];
    let mut tried = 0;
    for fault in faults {
        for at in 0..requests {
            let (case, disk) = (Case::new(), Faulty::new(at, fault));
            let result = case.run(&disk);
            tried += 1;
            let what = format!("{fault:?} at request {at} of {requests}: {result:?}");
            let right_after = case.are_new();
            assert!(
                right_after.iter().all(Option::is_some),
                "{what}: a file is in pieces: {right_after:?}"
            );
            if result.is_ok() {
                assert!(
                    right_after.iter().all(|is_new| *is_new == Some(true)),
                    "{what}: {right_after:?}"
                );
            } else if matches!(fault, Fault::Fails(_)) {
                assert!(is_whole(&right_after), "{what}: torn: {right_after:?}");
            }
            // Who only reads is told.
            if !is_whole(&right_after) {
                assert!(
                    !unfinished(&case.path("b")).unwrap().is_empty(),
                    "{what}: not named"
                );
            }
            let recovered = case.recover();
            let was_torn = !is_whole(&right_after);
            assert_eq!(
                recovered.iter().any(|one| *one != Recovered::Nothing),
                was_torn,
                "{what}: {recovered:?}"
            );
            assert!(
                is_whole(&case.are_new()),
                "{what}: torn after recovery: {:?}",
                case.are_new()
            );
            assert_eq!(
                case.left_after_recovery(),
                Vec::<String>::new(),
                "{what}: left behind"
            );
            // And the same run succeeds.
            case.run(&Faulty::new(usize::MAX, Fault::None)).unwrap();
            assert!(
                case.are_new().iter().all(|is_new| *is_new == Some(true)),
                "{what}"
            );
        }
    }
    assert!(tried >= 500, "only {tried} faults");
}

/// The request at which a run ends that has replaced so many files.
fn killed_after_renames(count: usize) -> usize {
    let replaced = |at: &usize| {
        killed_at(*at)
            .are_new()
            .iter()
            .filter(|is_new| **is_new == Some(true))
            .count()
    };
    (0..1000).find(|at| replaced(at) == count).unwrap()
}

fn killed_at(at: usize) -> Case {
    let case = Case::new();
    let _ = case.run(&Faulty::new(at, Fault::Killed));
    case
}

/// The way back can be interrupted as well.
#[test]
fn recovery_survives_fault_at_every_request() {
    let at = killed_after_renames(3);
    let torn = || killed_at(at);
    let counting = Faulty::new(usize::MAX, Fault::None);
    recover_on(&&counting, &torn().path("a")).unwrap();
    for fault in [
        Fault::Fails(io::ErrorKind::PermissionDenied),
        Fault::AllFail,
        Fault::Killed,
    ] {
        for at in 0..counting.count.get() {
            let case = torn();
            let _ = recover_on(&&Faulty::new(at, fault), &case.path("a"));
            case.recover();
            assert!(
                is_whole(&case.are_new()),
                "{fault:?} at {at}: {:?}",
                case.are_new()
            );
            assert_eq!(
                case.left_after_recovery(),
                Vec::<String>::new(),
                "{fault:?} at {at}"
            );
        }
    }
}

#[test]
fn recovery_keeps_and_reports_modified_files() {
    let case = killed_at(killed_after_renames(1));
    std::fs::write(case.path("a/one.yaml"), "by hand\n").unwrap();
    let [Recovered::Incomplete(unrestored), ..] = &case.recover()[..] else {
        panic!("not named")
    };
    assert!(
        unrestored
            .iter()
            .any(|file| file.path.ends_with("a/one.yaml") && file.state == State::Changed),
        "{unrestored:?}"
    );
    assert_eq!(
        std::fs::read_to_string(case.path("a/one.yaml")).unwrap(),
        "by hand\n"
    );
    // Put back by hand, it is as it was.
    std::fs::write(case.path("a/one.yaml"), old("a/one.yaml")).unwrap();
    case.recover();
    assert_eq!(case.left_after_recovery(), Vec::<String>::new());
}

/// A journal that came with a repository, or was copied, is about other files than those that it
/// was written for.
#[test]
fn foreign_journal_is_ignored() {
    let case = killed_at(killed_after_renames(1));
    let planted = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(case.path("a")).unwrap().flatten() {
        std::fs::copy(entry.path(), planted.path().join(entry.file_name())).unwrap();
    }
    std::fs::write(planted.path().join("one.yaml"), "the user's own\n").unwrap();
    let _ = recover(planted.path());
    assert_eq!(
        std::fs::read_to_string(planted.path().join("one.yaml")).unwrap(),
        "the user's own\n"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let journal = planted.path().join(crate::journal::NAME);
        std::fs::write(&journal, "{}").unwrap();
        std::fs::set_permissions(&journal, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(recover(planted.path()).is_err());
        assert!(journal.exists());
    }
}
