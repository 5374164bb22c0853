//! The formats of `byref lint` against what their readers document.

use serde_json::Value;

use byref_support::{byref, folder, lint_reports, run, stderr, stdout, template_with_secret};

/// Source: "SARIF support for code scanning" in GitHub's documentation.
#[test]
fn sarif_has_the_fields_that_code_scanning_requires() {
    for (name, log) in lint_reports("sarif") {
        let log: Value = serde_json::from_str(&log).unwrap();
        assert!(
            log["$schema"]
                .as_str()
                .unwrap()
                .ends_with("sarif-2.1.0.json")
                && log["version"] == "2.1.0"
        );
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
            assert!(
                ["error", "warning"]
                    .contains(&rule["defaultConfiguration"]["level"].as_str().unwrap())
            );
            let properties = &rule["properties"];
            let is_security = properties["tags"]
                .as_array()
                .unwrap()
                .contains(&Value::from("security"));
            let severity = properties["security-severity"]
                .as_str()
                .map(|number| number.parse::<f64>().unwrap());
            assert_eq!(
                is_security,
                severity.is_some_and(|number| number > 0.0 && number <= 10.0),
                "{}",
                rule["id"]
            );
        }
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(result["ruleId"], rules[index]["id"]);
            assert!(!result["message"]["text"].as_str().unwrap().is_empty());
            assert_eq!(
                result["partialFingerprints"]["primaryLocationLineHash"]
                    .as_str()
                    .unwrap()
                    .len(),
                16
            );
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert!(
                uri.is_ascii() && !uri.contains([' ', '\\', '<', '"']),
                "{name}: {uri}"
            );
            assert_eq!(
                uri.starts_with("file:///"),
                name == "absolute",
                "{name}: {uri}"
            );
            assert_eq!(
                place["artifactLocation"]["uriBaseId"] == "%SRCROOT%",
                name != "absolute",
                "{name}"
            );
            let number = |key: &str| place["region"][key].as_u64().unwrap();
            assert!(number("startLine") > 0 && number("startLine") <= number("endLine"));
            assert!(
                number("startLine") < number("endLine")
                    || number("startColumn") < number("endColumn")
            );
        }
    }
    let all: Value = serde_json::from_str(
        &lint_reports("sarif")
            .iter()
            .find(|(name, _)| *name == "all")
            .unwrap()
            .1,
    )
    .unwrap();
    let uris: Vec<&str> = all["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
                .as_str()
                .unwrap()
        })
        .collect();
    assert!(uris.contains(&"odd/a%20b,c%3Ad%25%C3%A9.yaml"), "{uris:?}");
    let notes = all["runs"][0]["invocations"][0]["toolExecutionNotifications"]
        .as_array()
        .unwrap();
    assert_eq!(notes.len(), 2, "broken and engine: {notes:?}");
}

/// Source: "Code quality report format" in GitLab's documentation.
#[test]
fn gitlab_report_has_every_required_field() {
    for (name, log) in lint_reports("gitlab") {
        let issues: Value = serde_json::from_str(&log).unwrap();
        let mut fingerprints = Vec::new();
        for issue in issues.as_array().unwrap() {
            for key in ["description", "check_name", "fingerprint"] {
                assert!(!issue[key].as_str().unwrap().is_empty(), "{key}");
            }
            assert!(
                ["info", "minor", "major", "critical", "blocker"]
                    .contains(&issue["severity"].as_str().unwrap())
            );
            let path = issue["location"]["path"].as_str().unwrap();
            assert!(!path.starts_with("./"), "{name}: {path}");
            assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() > 0);
            fingerprints.push(issue["fingerprint"].as_str().unwrap().to_owned());
        }
        let count = fingerprints.len();
        fingerprints.sort();
        fingerprints.dedup();
        assert_eq!(fingerprints.len(), count, "{name}");
        assert_eq!(
            count == 0,
            ["none", "waived", "baseline"].contains(&name),
            "{name}"
        );
    }
}

/// Source of the form: "Workflow commands for GitHub Actions".
#[test]
fn github_annotations_are_one_line_each() {
    for (name, log) in lint_reports("github") {
        for line in log.lines() {
            let (head, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
            let (command, properties) = head.split_once(' ').unwrap();
            assert!(
                ["error", "warning", "notice"].contains(&command) && !message.is_empty(),
                "{name}: {line}"
            );
            for property in properties.split(',') {
                let (key, value) = property.split_once('=').unwrap();
                assert!(
                    ["file", "line", "endLine", "col", "endColumn", "title"].contains(&key),
                    "{line}"
                );
                assert!(!value.is_empty() && !value.contains(':'), "{line}");
            }
        }
    }
    let all = lint_reports("github")
        .into_iter()
        .find(|(name, _)| *name == "all")
        .unwrap()
        .1;
    assert!(
        all.contains("::error file=odd/a b%2Cc%3Ad%25é.yaml,line=10,"),
        "{all}"
    );
}

#[test]
fn lint_writes_the_report_to_a_file() {
    let here = folder(&[("finding.yaml", &template_with_secret())]);
    let written = run(here.path(), "lint --format junit -o report.xml -q");
    assert!(stdout(&written).is_empty() && here.join("report.xml").exists());
    let json: Value =
        serde_json::from_slice(&run(here.path(), "lint --format json").stdout).unwrap();
    assert_eq!(
        (&json["findings"][0]["line"], &json["summary"]["errors"]),
        (&Value::from(10), &Value::from(1))
    );
    // The same file twice is one.
    let twice = run(
        here.path(),
        "lint --format json finding.yaml ./finding.yaml .",
    );
    assert_eq!(
        serde_json::from_slice::<Value>(&twice.stdout).unwrap()["files"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

/// A file that can't be read does not stop the run, and is said. Root reads everything.
#[test]
#[cfg(unix)]
fn lint_reports_unreadable_files_after_the_findings() {
    use std::os::unix::fs::PermissionsExt as _;
    let here = folder(&[
        ("finding.yaml", &template_with_secret()),
        ("secret.yaml", &template_with_secret()),
    ]);
    let closed = here.join("secret.yaml");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&closed).is_ok() {
        // As root: a link to nowhere can't be read either.
        std::fs::remove_file(&closed).unwrap();
        std::os::unix::fs::symlink("secret.yaml", &closed).unwrap();
    }
    let output = byref(here.path())
        .args(["lint", "--format", "json", "finding.yaml", "secret.yaml"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("secret.yaml"),
        "{}",
        stderr(&output)
    );
    assert!(
        stdout(&output).contains("\"file\": \"finding.yaml\""),
        "{}",
        stdout(&output)
    );
    let sarif = run(here.path(), "lint --format sarif finding.yaml nowhere.yaml");
    let log: Value = serde_json::from_slice(&sarif.stdout).unwrap();
    assert_eq!(
        (
            sarif.status.code(),
            &log["runs"][0]["invocations"][0]["executionSuccessful"]
        ),
        (Some(2), &false.into())
    );
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 1);
}
