//! One folder a case: `template.*`, `deploy.toml`, what comes out (`expected.*`, or nothing where it is an error), and
//! what is said (`messages.txt`, written anew with `BYREF_BLESS=1`).

use std::path::{Path, PathBuf};

use crate::byref::{byref, fixtures, stderr, stdout};

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = std::fs::read_dir(fixtures())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    cases
}

fn file(case: &Path, stem: &str) -> Option<PathBuf> {
    ["yaml", "json"].iter().map(|extension| case.join(format!("{stem}.{extension}"))).find(|path| path.exists())
}

fn arguments(case: &Path) -> Vec<String> {
    let text = match std::fs::read_to_string(case.join("command")) {
        Ok(text) => text,
        Err(_) => {
            format!("rewrite -e production {}", file(case, "template").unwrap().file_name().unwrap().to_string_lossy())
        }
    };
    text.split_whitespace().map(str::to_owned).collect()
}

/// What is wrong with a case, if anything.
fn judge(case: &Path) -> Option<String> {
    let output = byref(case).args(arguments(case)).output().unwrap();
    let messages = case.join("messages.txt");
    if std::env::var_os("BYREF_BLESS").is_some() {
        std::fs::write(&messages, stderr(&output)).unwrap();
    }
    if stderr(&output) != std::fs::read_to_string(&messages).unwrap_or_default() {
        return Some(format!("other messages:\n{}", stderr(&output)));
    }
    let Some(expected) = file(case, "expected") else {
        let is_error = output.status.code() == Some(2) && output.stdout.is_empty();
        return (!is_error).then(|| format!("no error: {:?}\n{}", output.status, stdout(&output)));
    };
    let expected = std::fs::read_to_string(expected).unwrap();
    if output.status.code() != Some(0) || stdout(&output) != expected {
        return Some(format!("{:?}\n{}\n{}", output.status, stdout(&output), stderr(&output)));
    }
    again(case, &expected)
}

/// Rewriting twice is rewriting once.
fn again(case: &Path, expected: &str) -> Option<String> {
    let folder = crate::byref::folder(&[
        ("template.yaml", expected),
        ("deploy.toml", &std::fs::read_to_string(case.join("deploy.toml")).unwrap()),
    ]);
    let output = crate::byref::run(folder.path(), "rewrite -e production template.yaml");
    let is_same = output.status.code() == Some(0) && stdout(&output) == expected;
    (!is_same).then(|| format!("a second run differs: {}\n{}", stdout(&output), stderr(&output)))
}

#[test]
fn every_fixture_is_as_expected() {
    let cases = cases();
    assert!(cases.len() >= 30, "only {} fixtures", cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            judge(case).map(|problem| format!("== {}: {problem}", case.file_name().unwrap().to_string_lossy()))
        })
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
