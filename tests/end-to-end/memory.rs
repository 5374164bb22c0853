//! What other processes can see of byref's memory.
#![cfg(target_os = "linux")]

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use byref_support::{config, folder};

/// A user that is not root.
const NOBODY: u32 = 65534;

/// Starts `byref`, as another user where the test is run by root, and waits until it reads standard
/// input.
fn start(folder: &std::path::Path, arguments: &str) -> Child {
    let program = folder.join("byref");
    std::fs::copy(env!("CARGO_BIN_EXE_byref"), &program).unwrap();
    for path in [folder, &program] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = Command::new(&program);
    command
        .args(arguments.split(' '))
        .current_dir(folder)
        .env_clear();
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
    let begin = Instant::now();
    let child = loop {
        match command.spawn() {
            // A test beside this one has forked while the copy was being written.
            Err(error)
                if error.kind() == std::io::ErrorKind::ExecutableFileBusy
                    && begin.elapsed().as_secs() < 10 =>
            {
                std::thread::sleep(Duration::from_millis(20));
            }
            child => break child.unwrap(),
        }
    };
    let begin = Instant::now();
    let waits = || {
        let call =
            std::fs::read_to_string(format!("/proc/{}/wchan", child.id())).unwrap_or_default();
        call.contains("pipe") || begin.elapsed() > Duration::from_millis(500)
    };
    while !waits() {
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

/// Linux gives the files of a process that must not be looked into to root, whoever runs it.
#[test]
fn a_waiting_process_cannot_be_read_or_dumped() {
    let config = config("DB_PASSWORD = \"db-password\"\n");
    for arguments in [
        "secret put DB_PASSWORD --store file:store --yes",
        "rewrite -",
        "lint -",
        "secret import - --from dotenv --store file:store",
    ] {
        let folder = folder(&[("deploy.toml", &config)]);
        let mut child = start(folder.path(), arguments);
        assert!(
            child.try_wait().unwrap().is_none(),
            "{arguments} does not wait"
        );
        let owner = std::fs::metadata(format!("/proc/{}/mem", child.id()))
            .unwrap()
            .uid();
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(
            owner, 0,
            "{arguments}: another process of the user may read its memory"
        );
        let core = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"))
            .unwrap();
        assert_eq!(
            core.split_whitespace().nth(4),
            Some("0"),
            "{arguments}: {core}"
        );
    }
}
