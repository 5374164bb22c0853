//! What may happen to the file: locks, crashes, damage, other keys, permissions.

use std::time::{Duration, Instant};

use super::*;
use crate::file::StoreKeyError;

const VALUE: &str = "EXAMPLE-not-a-secret-1";

fn refusal(result: Result<FileStore, StoreError>) -> (&'static str, String) {
    let error = result.expect_err("it must be refused");
    let text = format!("{error} {error:?} {}", error.help());
    assert!(
        !text.contains(VALUE) && !text.contains("db-password"),
        "{text}"
    );
    assert!(!error.help().is_empty());
    match error {
        StoreError::File {
            action, problem, ..
        } => (action, problem),
        other => panic!("{other}"),
    }
}

#[track_caller]
fn refused(result: Result<FileStore, StoreError>, action: &str, problem: &str) {
    let found = refusal(result);
    assert!(found.0 == action && found.1.contains(problem), "{found:?}");
}

fn value_of(store: &FileStore) -> String {
    wait(store.read(&here(), &[name("/production/web/db-password")])).unwrap()[0]
        .value
        .expose()
        .to_owned()
}

fn files(place: &Place) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(place.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn open_for_reading_creates_no_file() {
    let place = Place::new();
    for access in [Access::Read, Access::Existing] {
        let error = place.open(access).unwrap_err();
        assert!(error.help().contains("byref secret put"), "{error}");
        refused(Err(error), "read", "no such file");
    }
    assert!(files(&place).is_empty(), "not even a lock");
    let store = place.open(Access::CreateIfAbsent).unwrap();
    wait(store.finish()).unwrap();
    drop(store);
    assert_eq!(
        files(&place),
        ["secrets.age.lock"],
        "a store that was not changed is not written"
    );
}

#[test]
fn open_rejects_missing_files_and_folders() {
    let place = Place::new();
    let folder = place.folder.path();
    std::fs::write(folder.join("file"), "x").unwrap();
    for (path, problem) in [
        (folder.to_owned(), "folder"),
        (folder.join("secrets.age/"), "folder"),
        (PathBuf::new(), "folder"),
        (
            folder.join("missing/secrets.age"),
            "its folder does not exist",
        ),
        (folder.join("file/secrets.age"), "its folder is a file"),
    ] {
        for access in [Access::Read, Access::CreateIfAbsent] {
            refused(open(&path, place.key(), access), "read", problem);
        }
    }
    assert_eq!(files(&place), ["file"]);
}

#[cfg(target_os = "linux")]
#[test]
fn open_rejects_devices_link_cycles_and_read_only_folders() {
    let place = Place::new();
    refused(
        open(Path::new("/dev/zero"), place.key(), Access::Existing),
        "read",
        "device",
    );
    std::os::unix::fs::symlink("secrets.age", place.path()).unwrap();
    refused(place.open(Access::CreateIfAbsent), "read", "links");
    // Nobody can create files there, root included.
    let (action, problem) = refusal(open(
        Path::new("/sys/secrets.age"),
        place.key(),
        Access::CreateIfAbsent,
    ));
    assert_eq!(action, "lock");
    assert!(
        problem.contains("permission denied") || problem.contains("read-only"),
        "{problem}"
    );
}

#[test]
fn open_rejects_foreign_content() {
    let place = Place::new();
    let key = place.key();
    let encrypted = |text: &str| key.encrypt(text.as_bytes()).unwrap();
    let parameter = |inner: &str| {
        let versions = r#""versions":[{"number":1,"value":"EXAMPLE-not-a-secret-1","modified":"2026-11-24T00:00:00Z","by":""}]"#;
        encrypted(&format!(
            r#"{{"format":1,"accounts":{{"111122223333":{{"us-west-2":{{"/db-password":{{{inner},{versions}}}}}}}}}}}"#
        ))
    };
    let sound = parameter(r#""type":"SecureString","tier":"Standard","key":"alias/aws/ssm""#);
    std::fs::write(place.path(), sound).unwrap();
    assert!(place.open(Access::Read).is_ok());
    let not_ours = "not a byref store";
    for (content, action, problem) in [
        (Vec::new(), "decrypt", "empty"),
        (
            b"DB_PASSWORD=EXAMPLE-not-a-secret-1\n".to_vec(),
            "decrypt",
            "not an age file",
        ),
        (
            b"-----BEGIN AGE ENCRYPTED FILE-----\n".to_vec(),
            "decrypt",
            "armored",
        ),
        (
            b"age-encryption.org/v2\n-> X\n".to_vec(),
            "decrypt",
            "newer version of the age format",
        ),
        (b"age-encryption.org/v1\n".to_vec(), "decrypt", "damaged"),
        (
            encrypted("DB_PASSWORD=EXAMPLE-not-a-secret-1"),
            "read",
            not_ours,
        ),
        (encrypted("{}"), "read", not_ours),
        (encrypted(r#"{"format":2,"areas":[]}"#), "read", "format 2"),
        (
            encrypted(r#"{"format":1,"accounts":{},"more":1}"#),
            "read",
            not_ours,
        ),
        (
            encrypted(r#"{"format":1,"accounts":{"db-password":{}}}"#),
            "read",
            not_ours,
        ),
        (
            encrypted(r#"{"format":1,"accounts":{}} EXAMPLE-not-a-secret-1"#),
            "read",
            not_ours,
        ),
        (
            parameter(r#""type":"EXAMPLE-not-a-secret-1","tier":"Standard""#),
            "read",
            not_ours,
        ),
        (
            parameter(r#""type":"SecureString","tier":"Standard""#),
            "read",
            not_ours,
        ),
        (
            parameter(r#""type":"String","tier":"Standard","versions":[]"#),
            "read",
            not_ours,
        ),
    ] {
        std::fs::write(place.path(), content).unwrap();
        refused(place.open(Access::Existing), action, problem);
    }
}

#[test]
fn open_names_the_kind_of_key_needed() {
    let place = Place::with_secret(VALUE);
    refused(
        open(&place.path(), Place::new().key(), Access::Read),
        "decrypt",
        "another key",
    );
    let passphrase = |text: &str| StoreKey::parse(text).unwrap().with_work_factor(2);
    refused(
        open(&place.path(), passphrase("EXAMPLE words"), Access::Read),
        "decrypt",
        "the key is a passphrase",
    );

    let path = place.folder.path().join("by-passphrase.age");
    let store = open(&path, passphrase("EXAMPLE words\n"), Access::CreateIfAbsent).unwrap();
    wait(store.put(&here(), &create("/production/web/db-password", VALUE))).unwrap();
    wait(store.finish()).unwrap();
    drop(store);
    assert_eq!(
        value_of(&open(&path, passphrase("EXAMPLE words"), Access::Read).unwrap()),
        VALUE
    );
    refused(
        open(&path, passphrase("EXAMPLE words "), Access::Read),
        "decrypt",
        "another key",
    );
    refused(
        open(&path, place.key(), Access::Read),
        "decrypt",
        "the key is an identity",
    );

    let heavy = String::from_utf8_lossy(&std::fs::read(&path).unwrap())
        .find(" 2\n")
        .unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.splice(heavy..heavy + 2, *b" 40");
    std::fs::write(&path, bytes).unwrap();
    refused(
        open(&path, passphrase("EXAMPLE words"), Access::Read),
        "decrypt",
        "more work",
    );
}

#[test]
fn random_keys_skip_key_stretching() {
    let drawn = "EXAMPLEnotASecret0123456789abcdefGHIJKLMNOPq=";
    let digits = "0f3a9c51e7b2d8460f3a9c51e7b2d8461c5e9a37f0d2b8640f3a9c51e7b2d846";
    let words = "correctHorseBatteryStapleCorrectHorseBatteryStaple1";
    for (text, work) in [
        ("EXAMPLE words", " 17"),
        (words, " 17"),
        (&drawn[..30], " 17"),
        (&digits[..40], " 17"),
        (drawn, " 10"),
        (digits, " 10"),
    ] {
        let key = StoreKey::parse(text).unwrap();
        let encrypted = key.encrypt(b"x").unwrap();
        let header = String::from_utf8_lossy(&encrypted);
        let stanza = header.lines().nth(1).unwrap();
        assert!(
            stanza.starts_with("-> scrypt ") && stanza.ends_with(work),
            "{text}: {stanza}"
        );
        assert_eq!(key.decrypt(&encrypted).unwrap().as_slice(), b"x");
    }
}

#[test]
fn store_key_parses_one_line() {
    let identity = Place::new().identity;
    let kind = |text: &str| StoreKey::parse(text).map(|key| format!("{key:?}"));
    let public = identity
        .parse::<age::x25519::Identity>()
        .unwrap()
        .to_public();
    let of_age_keygen = format!("# created: 2026-11-24\n# public key: {public}\n{identity}\n");
    for text in [
        identity.clone(),
        format!("{identity}\r\n"),
        identity.to_lowercase(),
        of_age_keygen,
    ] {
        assert_eq!(kind(&text).as_deref(), Ok("StoreKey(identity)"));
    }
    for text in [
        "EXAMPLE words",
        " EXAMPLE\n",
        "# no comment",
        "age1 is a word",
    ] {
        assert_eq!(kind(text).as_deref(), Ok("StoreKey(passphrase)"), "{text}");
    }
    for (text, error) in [
        (String::new(), StoreKeyError::Empty),
        (" \n".to_owned(), StoreKeyError::Empty),
        ("two\nlines".to_owned(), StoreKeyError::Lines),
        ("EXAMPLE\n\n".to_owned(), StoreKeyError::Lines),
        (format!("{identity}\n{identity}\n"), StoreKeyError::Lines),
        (identity[..40].to_owned(), StoreKeyError::Identity),
        (public.to_string(), StoreKeyError::PublicKey),
    ] {
        assert_eq!(StoreKey::parse(&text).unwrap_err(), error, "{text}");
    }
}

#[test]
fn file_contains_no_plaintext() {
    let place = Place::with_secret(VALUE);
    let bytes = std::fs::read(place.path()).unwrap();
    assert!(bytes.starts_with(b"age-encryption.org/v1\n"));
    for hidden in [
        VALUE,
        "db-password",
        "production",
        "us-west-2",
        "SecureString",
        "EXAMPLE-author",
    ] {
        assert!(
            !bytes
                .windows(hidden.len())
                .any(|window| window == hidden.as_bytes()),
            "{hidden}"
        );
    }
    let store = place.open(Access::Read).unwrap();
    assert!(!format!("{store:?}").contains(VALUE), "Debug hides values");
}

#[test]
fn plaintext_is_deterministic_json() {
    let place = Place::new();
    let store = place.open(Access::CreateIfAbsent).unwrap();
    for (at, text) in [
        ("us-west-2", "/b"),
        ("eu-west-1", "/z"),
        ("us-west-2", "/a"),
    ] {
        wait(store.put(&region(at), &create(text, VALUE))).unwrap();
    }
    wait(store.finish()).unwrap();
    drop(store);
    let plain = place
        .key()
        .decrypt(&std::fs::read(place.path()).unwrap())
        .unwrap();
    let text = String::from_utf8(plain.to_vec()).unwrap();
    assert!(text.starts_with(
        r#"{"format":1,"accounts":{"111122223333":{"eu-west-1":{"/z":{"type":"SecureString","tier":"Standard","key""#
    ));
    let places: Vec<usize> = ["\"/z\"", "us-west-2", "\"/a\"", "\"/b\""]
        .map(|part| text.find(part).unwrap())
        .to_vec();
    assert!(places.is_sorted());
}

#[test]
fn open_rejects_any_damaged_byte() {
    let place = Place::with_secret(VALUE);
    let whole = std::fs::read(place.path()).unwrap();
    for index in 0..whole.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[index] ^= change;
            std::fs::write(place.path(), bytes).unwrap();
            assert_eq!(
                refusal(place.open(Access::Read)).0,
                "decrypt",
                "byte {index}"
            );
        }
        std::fs::write(place.path(), &whole[..index]).unwrap();
        assert_eq!(
            refusal(place.open(Access::Read)).0,
            "decrypt",
            "cut at {index}"
        );
    }
    std::fs::write(place.path(), [&whole[..], b"\n"].concat()).unwrap();
    refused(place.open(Access::Read), "decrypt", "damaged");
}

#[test]
fn open_rejects_any_damaged_byte_with_passphrase() {
    let key = StoreKey::parse("EXAMPLE words")
        .unwrap()
        .with_work_factor(1);
    let whole = key.encrypt(br#"{"format":1,"accounts":{}}"#).unwrap();
    for index in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[index] ^= 0x08;
        assert!(key.decrypt(&bytes).is_err(), "byte {index}");
        assert!(key.decrypt(&whole[..index]).is_err(), "cut at {index}");
    }
}

#[test]
fn unfinished_writes_are_lost() {
    let place = Place::with_secret(VALUE);
    let before = std::fs::read(place.path()).unwrap();
    let store = place.open(Access::Existing).unwrap();
    wait(store.put(
        &here(),
        &overwrite("/production/web/db-password", "EXAMPLE-2"),
    ))
    .unwrap();
    wait(store.delete(&here(), &[name("/production/web/db-password")])).unwrap();
    drop(store);
    assert_eq!(std::fs::read(place.path()).unwrap(), before);
    let store = place.open(Access::Existing).unwrap();
    let unchanged: [Result<(), StoreError>; 3] = [
        wait(store.unlabel(
            &here(),
            &name("/production/web/db-password"),
            1,
            &label("none"),
        )),
        wait(store.tag(&here(), &name("/production/web/db-password"), &[])),
        wait(store.delete(&here(), &[name("/none")])).map(|_| ()),
    ];
    assert_eq!(unchanged, [Ok(()), Ok(()), Ok(())]);
    wait(store.finish()).unwrap();
    assert_eq!(
        std::fs::read(place.path()).unwrap(),
        before,
        "what changed nothing writes nothing"
    );
    assert_eq!(
        files(&place),
        ["secrets.age", "secrets.age.lock"],
        "nothing is left behind"
    );
}

#[test]
fn store_opened_for_reading_rejects_writes() {
    let place = Place::with_secret(VALUE);
    let store = place.open(Access::Read).unwrap();
    let result = wait(store.put(&here(), &create("/b", "EXAMPLE-2")));
    assert!(matches!(
        result,
        Err(StoreError::File {
            action: "write",
            ..
        })
    ));
}

#[test]
fn concurrent_writers_wait_for_the_lock() {
    let place = Place::with_secret(VALUE);
    let first = place.open(Access::Existing).unwrap();
    assert_eq!(
        value_of(&place.open(Access::Read).unwrap()),
        VALUE,
        "readers need no lock"
    );
    let start = Instant::now();
    let (action, problem) = refusal(place.open(Access::Existing));
    assert_eq!(
        (action, problem),
        (
            "lock",
            format!("process {} is using it", std::process::id())
        )
    );
    assert!(
        start.elapsed() >= Duration::from_secs(4),
        "it waits a little"
    );

    let (path, key) = (place.path(), place.key());
    let second = std::thread::spawn(move || {
        let store = open(&path, key, Access::Existing).unwrap();
        wait(store.put(
            &here(),
            &overwrite("/production/web/db-password", "EXAMPLE-3"),
        ))
        .unwrap()
    });
    std::thread::sleep(Duration::from_millis(200));
    wait(first.put(
        &here(),
        &overwrite("/production/web/db-password", "EXAMPLE-2"),
    ))
    .unwrap();
    wait(first.finish()).unwrap();
    drop(first);
    assert_eq!(
        second.join().unwrap(),
        3,
        "who waited sees what the first one wrote"
    );
}

#[cfg(unix)]
mod unix;
