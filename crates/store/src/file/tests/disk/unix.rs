//! Permissions, owners and links, which only Unix has.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use super::*;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// The umask belongs to the process, so a child writes the store.
#[test]
fn new_store_has_mode_0600_under_any_umask() {
    const CHILD: &str = "BYREF_TEST_STORE_TO_WRITE";
    if let Some(path) = std::env::var_os(CHILD) {
        let store = open(
            Path::new(&path),
            StoreKey::parse("x").unwrap().with_work_factor(1),
            Access::CreateIfAbsent,
        );
        let store = store.unwrap();
        wait(store.put(&here(), &create("/a", VALUE))).unwrap();
        wait(store.finish()).unwrap();
        return;
    }
    for umask in ["000", "022", "077", "277"] {
        let place = Place::new();
        let script = format!(
            "umask {umask}; exec \"$0\" --exact file::tests::disk::unix::new_store_has_mode_0600_under_any_umask"
        );
        let child = std::env::current_exe().unwrap();
        let output = Command::new("sh")
            .args(["-c", &script])
            .arg(child)
            .env(CHILD, place.path())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        assert_eq!(mode(&place.path()), 0o600, "umask {umask}");
        assert_eq!(
            mode(&place.folder.path().join("secrets.age.lock")),
            0o600,
            "umask {umask}"
        );
    }
}

#[test]
fn store_follows_links_and_keeps_permissions() {
    let place = Place::with_secret(VALUE);
    std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o640)).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("link.age");
    symlink(place.path(), &link).unwrap();
    let store = open(&link, place.key(), Access::Existing).unwrap();
    wait(store.put(
        &here(),
        &overwrite("/production/web/db-password", "EXAMPLE-2"),
    ))
    .unwrap();
    wait(store.finish()).unwrap();
    drop(store);
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(mode(&place.path()), 0o640);
    assert_eq!(value_of(&place.open(Access::Read).unwrap()), "EXAMPLE-2");
    assert_eq!(
        std::fs::read_dir(elsewhere.path()).unwrap().count(),
        1,
        "the lock stands beside the file"
    );
}

#[test]
fn lock_file_must_not_be_a_symlink() {
    let place = Place::with_secret(VALUE);
    let victim = place.folder.path().join("victim");
    std::fs::write(&victim, "EXAMPLE").unwrap();
    let lock = place.folder.path().join("secrets.age.lock");
    std::fs::remove_file(&lock).unwrap();
    symlink(&victim, &lock).unwrap();
    refused(place.open(Access::Existing), "lock", "not a file");
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "EXAMPLE");
}

#[test]
fn lock_file_must_not_be_a_hard_link() {
    let place = Place::with_secret(VALUE);
    let victim = place.folder.path().join("victim");
    std::fs::write(&victim, "EXAMPLE").unwrap();
    let lock = place.folder.path().join("secrets.age.lock");
    std::fs::remove_file(&lock).unwrap();
    std::fs::hard_link(&victim, &lock).unwrap();
    refused(place.open(Access::Existing), "lock", "hard link");
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "EXAMPLE");
    std::fs::remove_file(&lock).unwrap();
    // A named pipe is not waited for.
    assert!(
        Command::new("mkfifo")
            .arg(&lock)
            .status()
            .unwrap()
            .success()
    );
    refused(place.open(Access::Existing), "lock", "not a file");
}

#[test]
fn links_in_shared_folders_are_rejected() {
    let place = Place::with_secret(VALUE);
    let shared = tempfile::tempdir().unwrap();
    let link = shared.path().join("link.age");
    symlink(place.path(), &link).unwrap();
    std::fs::set_permissions(shared.path(), std::fs::Permissions::from_mode(0o1777)).unwrap();
    refused(
        open(&link, place.key(), Access::Existing),
        "write",
        "symbolic link",
    );
}
