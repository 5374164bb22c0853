use std::path::Path;

use crate::{Input, Streams, read};

const INPUTS: [Input; 8] = [
    Input::Template,
    Input::Configuration,
    Input::Linted,
    Input::Baseline,
    Input::Import,
    Input::Value,
    Input::StoreKey,
    Input::Store,
];

#[test]
fn read_rejects_large_file_before_reading() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for input in INPUTS {
        file.as_file().set_len(input.max_bytes() + 1).unwrap();
        let error = read(file.path(), input, Streams::Read)
            .unwrap_err()
            .to_string();
        assert!(error.contains("larger than"), "{error}");
    }
    // 3 GiB, of which there is nothing on the disk.
    file.as_file().set_len(3 << 30).unwrap();
    assert!(read(file.path(), Input::Store, Streams::Refuse).is_err());
}

#[cfg(unix)]
#[test]
fn read_limits_devices_and_pipes() {
    use std::io::Write as _;
    for input in [
        Input::Template,
        Input::Configuration,
        Input::Value,
        Input::StoreKey,
    ] {
        let error = read(Path::new("/dev/zero"), input, Streams::Read)
            .unwrap_err()
            .to_string();
        assert!(error.contains("larger than"), "{error}");
        assert!(
            read(Path::new("/dev/zero"), input, Streams::Refuse)
                .unwrap_err()
                .to_string()
                .contains("device")
        );
    }
    assert_eq!(
        read(Path::new("/dev/null"), Input::Template, Streams::Read).unwrap(),
        b""
    );
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let error = read(&pipe, Input::Template, Streams::Read)
        .unwrap_err()
        .to_string();
    assert!(error.contains("without a writer"), "{error}");
    // Somebody who comes late, and writes slowly.
    let path = pipe.clone();
    let writer = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(100));
        let mut file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        for part in ["slow", "ly"] {
            file.write_all(part.as_bytes()).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    });
    assert_eq!(
        read(&pipe, Input::Template, Streams::Read).unwrap(),
        b"slowly"
    );
    writer.join().unwrap();
}
