use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// Returns the path of the built `byref`, which cargo tells the tests of its package.
///
/// # Panics
///
/// The test does not run under `cargo test -p byref-cli`.
pub fn program() -> PathBuf {
    std::env::var_os("CARGO_BIN_EXE_byref")
        .map(PathBuf::from)
        .unwrap()
}

/// Returns the command `byref` in a folder, with an empty environment but for `RUST_LOG`: a test
/// that searches the output for a secret must find it also where a dependency logs everything it
/// does.
pub fn byref(folder: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program());
    command
        .current_dir(folder)
        .env_clear()
        .env("RUST_LOG", "trace")
        .stdin(Stdio::null());
    command
}

/// Runs `byref` with arguments separated by spaces.
///
/// # Panics
///
/// The process cannot be started.
pub fn run(folder: impl AsRef<Path>, arguments: &str) -> Output {
    byref(folder)
        .args(arguments.split_whitespace())
        .output()
        .unwrap()
}

/// Runs `byref` with arguments separated by spaces, and a text on standard input.
///
/// # Panics
///
/// The process cannot be started.
pub fn run_with_input(folder: impl AsRef<Path>, arguments: &str, input: &str) -> Output {
    finish(start(
        byref(folder).args(arguments.split_whitespace()),
        input,
    ))
}

/// Starts a command and writes its standard input.
///
/// # Panics
///
/// The process cannot be started.
pub fn start(command: &mut Command, input: &str) -> Child {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that fails early does not read its input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child
}

/// Waits for a process, and returns everything it wrote.
///
/// # Panics
///
/// The process cannot be waited for.
pub fn finish(child: Child) -> Output {
    child.wait_with_output().unwrap()
}

/// Returns standard output.
///
/// # Panics
///
/// It is not UTF-8.
pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Returns standard error.
///
/// # Panics
///
/// It is not UTF-8.
pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Returns standard output as JSON.
///
/// # Panics
///
/// It is not JSON.
pub fn parsed(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns the output of a process, which must have exited with this code.
///
/// # Panics
///
/// The process ended with another code or by a signal.
#[track_caller]
pub fn ends(code: i32, context: &str, output: Output) -> Output {
    assert_eq!(
        output.status.code(),
        Some(code),
        "{context}: {}\n{}",
        stdout(&output),
        stderr(&output)
    );
    output
}

/// Asserts that standard error contains all these parts.
///
/// # Panics
///
/// One of them is missing.
#[track_caller]
pub fn assert_says(output: &Output, parts: &[&str]) {
    let text = stderr(output);
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
}

/// Asserts that neither output of a process contains a secret value or the report of a defect.
///
/// # Panics
///
/// One of them does.
#[track_caller]
pub fn assert_hides(value: &str, context: &str, output: &Output) {
    let text = stdout(output);
    assert!(
        !text.contains(value),
        "{context} prints it to standard output:\n{text}"
    );
    assert_error_hides(value, context, output);
}

/// Asserts that standard error contains neither a secret value nor the report of a defect.
///
/// # Panics
///
/// It does.
#[track_caller]
pub fn assert_error_hides(value: &str, context: &str, output: &Output) {
    let text = stderr(output);
    assert!(
        !text.contains(value),
        "{context} prints it to standard error:\n{text}"
    );
    assert!(!text.contains("defect of its own"), "{context}:\n{text}");
}
