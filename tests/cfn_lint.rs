//! cfn-lint as the judge of what is written: no error and no warning that the source did not have.
//!
//! The linter is in the virtual environment of the tests, pinned by `tests/requirements.txt`. Without Python the test
//! says so; where `CI` is set it fails.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::byref::{byref, config, fixtures};

/// How often each rule speaks, by file. Parameters and conditions without a use are byref's own to report.
fn findings(linter: &Path, files: &[PathBuf]) -> BTreeMap<PathBuf, BTreeMap<String, usize>> {
    let mut command = Command::new(linter);
    let output =
        command.args(["--format", "json", "--ignore-checks", "W2001", "W8001", "--"]).args(files).output().unwrap();
    let list: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let mut found: BTreeMap<PathBuf, BTreeMap<String, usize>> = BTreeMap::new();
    for finding in list.as_array().unwrap() {
        let file = PathBuf::from(finding["Filename"].as_str().unwrap());
        *found.entry(file).or_default().entry(finding["Rule"]["Id"].to_string()).or_default() += 1;
    }
    found
}

/// Sources with their rewritten forms: the fixtures, and public templates where this machine has them.
fn pairs(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let mut sources: Vec<(PathBuf, String)> = Vec::new();
    for case in std::fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path()) {
        let template = ["yaml", "json"].iter().map(|extension| case.join(format!("template.{extension}")));
        let config = std::fs::read_to_string(case.join("deploy.toml"));
        sources.extend(template.filter(|path| path.exists()).zip(config));
    }
    let shared = std::env::var_os("BYREF_SHARED").map_or_else(|| fixtures().join("../../shared"), PathBuf::from);
    if shared.join("oracle").is_dir() {
        for case in std::fs::read_dir(shared.join("oracle")).unwrap().map(|entry| entry.unwrap().path()) {
            sources.push((case.join("before.template.yaml"), config("DB_PASSWORD = true\nAPI_KEY = true\n")));
        }
    }
    sources.sort();
    let mut pairs = Vec::new();
    for (index, (source, config)) in sources.into_iter().enumerate() {
        let extension = source.extension().unwrap().to_string_lossy().into_owned();
        let output = folder.join(format!("{index}.{extension}"));
        std::fs::write(folder.join("deploy.toml"), config).unwrap();
        for (roles, name) in [(&["--grant", "never"][..], "never"), (&["--create-execution-role"], "granted")] {
            let output = output.with_file_name(format!("{index}-{name}.{extension}"));
            let arguments = ["rewrite", "-q", "-e", "production", "-o"];
            let status = byref(folder).args(arguments).arg(&output).arg(&source).args(roles).output().unwrap().status;
            if status.success() {
                pairs.push((source.clone(), output));
            }
        }
    }
    pairs
}

#[test]
fn cfn_lint_finds_nothing_new() {
    let Some(python) = byref_emulator::venv("requirements.txt") else { return };
    let linter = python.join("bin/cfn-lint");
    let folder = crate::byref::folder(&[]);
    let pairs = pairs(folder.path());
    assert!(pairs.len() >= 100, "only {} templates", pairs.len());
    let files: Vec<PathBuf> = pairs.iter().flat_map(|(source, output)| [source.clone(), output.clone()]).collect();
    let found = findings(&linter, &files);
    let nothing = BTreeMap::new();
    let mut wrong = Vec::new();
    for (source, output) in &pairs {
        let before = found.get(source).unwrap_or(&nothing);
        for (rule, count) in found.get(output).unwrap_or(&nothing) {
            if count > before.get(rule).unwrap_or(&0) {
                wrong.push(format!("{}: {rule}", source.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The lint's table of properties that take a secret is what its tool makes of the schemas that cfn-lint brings along.
#[test]
fn the_table_of_secret_properties_is_that_of_the_schemas() {
    let Some(python) = byref_emulator::venv("requirements.txt") else { return };
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lint/tools/secret_properties.py");
    let output = Command::new(python.join("bin/python")).arg(tool).arg("--check").output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
