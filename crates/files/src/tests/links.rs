use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use crate::{FileError, Policy, write};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn secret_output_is_a_new_file_with_mode_0600() {
    let folder = tempfile::tempdir().unwrap();
    let (path, other) = (folder.path().join("out"), folder.path().join("other"));
    std::fs::write(&path, "x").unwrap();
    set_mode(&path, 0o666);
    std::fs::hard_link(&path, &other).unwrap();
    let mut opened = std::fs::File::open(&path).unwrap();
    write(&path, b"EXAMPLE-not-a-secret", Policy::Secret).unwrap();
    assert_eq!(
        (mode(&path), text(&path).as_str()),
        (0o600, "EXAMPLE-not-a-secret")
    );
    // Who had it open, or under another name, has the old one.
    assert_eq!(text(&other), "x");
    assert_eq!(io::read_to_string(&mut opened).unwrap(), "x");
}

#[test]
fn output_rejects_symlinks() {
    let folder = tempfile::tempdir().unwrap();
    let (victim, link, dangling) = (
        folder.path().join("victim"),
        folder.path().join("link"),
        folder.path().join("dangling"),
    );
    std::fs::write(&victim, "x").unwrap();
    symlink("victim", &link).unwrap();
    symlink("missing", &dangling).unwrap();
    for policy in [Policy::Output, Policy::Secret] {
        for path in [&link, &dangling] {
            let error = write(path, b"y", policy).unwrap_err();
            assert!(
                matches!(error, FileError::Refused { .. })
                    && error.to_string().contains("symbolic link"),
                "{error}"
            );
        }
    }
    assert!(link.is_symlink() && !folder.path().join("missing").exists());
    assert_eq!(text(&victim), "x");
}

#[test]
fn source_follows_links_in_private_folders_only() {
    let folder = tempfile::tempdir().unwrap();
    let (source, inner) = (folder.path().join("source"), folder.path().join("inner"));
    std::fs::write(&source, "x").unwrap();
    set_mode(&source, 0o640);
    std::fs::create_dir(&inner).unwrap();
    let link = inner.join("link");
    symlink("../source", &link).unwrap();
    write(&link, b"y", Policy::Source).unwrap();
    assert_eq!((text(&source).as_str(), mode(&source)), ("y", 0o640));
    assert!(link.is_symlink());
    for mode in [0o777, 0o1777, 0o757] {
        set_mode(&inner, mode);
        for policy in [Policy::Source, Policy::Store] {
            let error = write(&link, b"z", policy).unwrap_err().to_string();
            assert!(error.contains("other users can write"), "{mode:o}: {error}");
        }
    }
    assert_eq!(text(&source), "y");
}

#[test]
fn write_to_devices_and_descriptors() {
    for policy in [Policy::Output, Policy::Secret] {
        write(Path::new("/dev/null"), b"x", policy).unwrap();
    }
    assert!(write(Path::new("/dev/null"), b"x", Policy::Source).is_err());
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("redirected")).unwrap();
    write(
        Path::new(&format!("/dev/fd/{}", file.as_raw_fd())),
        b"x",
        Policy::Output,
    )
    .unwrap();
    assert_eq!(text(&folder.path().join("redirected")), "x");
}

#[test]
fn write_to_pipe_without_reader_fails_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    assert!(write(&pipe, b"x", Policy::Output).is_err());
}

#[test]
fn stale_temporary_files_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (stale, locked, other) = (
        path(".byref-0123456789abcdef.tmp"),
        path(".byref-fedcba9876543210.tmp"),
        path(".byref-notes.txt"),
    );
    for path in [&stale, &locked, &other, &path(".byref-Ab3dE9.tmp")] {
        std::fs::write(path, "x").unwrap();
    }
    let held = std::fs::File::open(&locked).unwrap();
    held.lock().unwrap();
    symlink("victim", path(".byref-00000000000000aa.tmp")).unwrap();
    write(&path("out"), b"x", Policy::Output).unwrap();
    assert!(
        !stale.exists() && locked.exists() && other.exists() && path(".byref-Ab3dE9.tmp").exists()
    );
    assert!(path(".byref-00000000000000aa.tmp").is_symlink());
    drop(held);
    write(&path("out"), b"x", Policy::Output).unwrap();
    assert!(!locked.exists());
}
