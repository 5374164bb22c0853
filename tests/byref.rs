//! Running the built `byref` in a scrubbed environment.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// `byref` in a folder, with nothing of the caller's environment. Whatever a test looks for, it finds it also where a
/// dependency would log all that it does.
pub(crate) fn byref(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_byref"));
    command.current_dir(folder).env_clear().env("RUST_LOG", "trace").stdin(Stdio::null());
    command
}

/// Runs with arguments that are separated by blanks.
pub(crate) fn run(folder: &Path, arguments: &str) -> Output {
    byref(folder).args(arguments.split_whitespace()).output().unwrap()
}

/// Runs with a text on standard input.
pub(crate) fn run_with_input(folder: &Path, arguments: &str, input: &str) -> Output {
    let mut command = byref(folder);
    let mut child = command
        .args(arguments.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that fails early does not read its input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A new folder with these files.
pub(crate) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// The folder of the fixtures.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// A configuration with one environment and one application, whose secret lines are these.
pub(crate) fn config(lines: &str) -> String {
    format!(
        "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\"]\n\n[flag]\ndefault = \"reference\"\n\n[apps.app]\ntemplates = [\"template.yaml\"]\n\n[apps.app.secrets]\n{lines}"
    )
}

/// A template with one container, whose lists are these lines.
pub(crate) fn template(lists: &str) -> String {
    let head = "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ExecutionRoleArn: arn:aws:iam::111122223333:role/execution\n      ContainerDefinitions:\n        - Name: app\n";
    let lists: Vec<String> = lists.lines().map(|line| format!("          {line}\n")).collect();
    format!("{head}{}", lists.concat())
}
