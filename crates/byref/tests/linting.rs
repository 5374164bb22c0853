//! Lint runs through the library: texts, folders, waivers, baselines, stored values and fixes.
#![expect(clippy::unwrap_used, reason = "a test fails where it can't go on")]

use std::path::{Path, PathBuf};

use byref::lint::{Level, Reading};
use byref::linting::{Baseline, Fix, FixRequest, Format, LintFiles, StoredValues};
use byref::{LintReport, LintRun, Project, SecretValue};
use serde_json::Value;

const TODAY: &str = "2026-12-01";
const VALUE: &str = "EXAMPLE8canary7Q7rk2Lmx9";
const FORMATS: [Format; 6] = [
    Format::Text,
    Format::Json,
    Format::Sarif,
    Format::GitHub,
    Format::GitLab,
    Format::JUnit,
];

fn template(value: &str) -> String {
    format!(
        "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ExecutionRoleArn: arn:aws:iam::111122223333:role/execution\n      ContainerDefinitions:\n        - Name: app\n          Environment:\n            - Name: DB_PASSWORD\n              Value: {value}\n            - Name: LEVEL\n              Value: info\n"
    )
}

fn config(rest: &str) -> String {
    format!(
        "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\", \"eu-west-1\"]\n\n[flag]\ndefault = \"value\"\n\n[apps.app]\ntemplates = [\"stacks/web.yaml\"]\n\n[apps.app.secrets]\n{rest}"
    )
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// The findings as `file:line rule`, in order.
fn places(report: &LintReport) -> Vec<String> {
    let place = |path: &str| {
        Path::new(path)
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    let findings = report.findings();
    findings
        .map(|(file, located)| {
            format!(
                "{}:{} {}",
                place(file.path()),
                located.lines.line,
                located.finding.rule.id
            )
        })
        .collect()
}

/// A service hands these to other threads.
#[test]
fn types_are_send_and_sync() {
    fn is<T: Send + Sync>() {}
    is::<(
        LintRun<'_>,
        LintReport,
        LintFiles,
        Fix,
        StoredValues,
        byref::linting::ValueSearch,
        Baseline,
    )>();
}

#[test]
fn texts_are_linted_without_files() {
    let report = LintRun::new(TODAY).texts([
        ("web.yaml", template(VALUE)),
        ("clean.yaml", template("!Ref P")),
    ]);
    assert_eq!(places(&report), ["web.yaml:10 secret-name"]);
    assert_eq!(report.summary(), "1 error, 0 warnings in 2 templates");
    assert!(!report.is_clean() && report.nothing_judged().is_none());
    for format in FORMATS {
        let text = report.render(format);
        assert!(
            text.contains("web.yaml") && !text.contains(VALUE),
            "{format:?}:\n{text}"
        );
    }
    assert!(!format!("{report:?}").contains(VALUE));
    assert!(
        LintRun::new(TODAY)
            .texts([("clean.yaml", template("!Ref P"))])
            .is_clean()
    );
    // Without excerpts the text shows the place, and no line.
    let places = LintRun::new(TODAY)
        .without_excerpts()
        .texts([("web.yaml", template(VALUE))])
        .render(Format::Text);
    assert!(
        places.contains("web.yaml:10:22\n") && !places.contains(" | "),
        "{places}"
    );
    assert!(!places.contains(VALUE));
}

#[test]
fn a_report_serialises_as_the_json_format() {
    let report = LintRun::new(TODAY).texts([("web.yaml", template(VALUE))]);
    let json: Value = serde_json::to_value(&report).unwrap();
    assert_eq!(
        json,
        serde_json::from_str::<Value>(&report.render(Format::Json)).unwrap()
    );
    assert_eq!(
        (&json["findings"][0]["line"], &json["summary"]["errors"]),
        (&Value::from(10), &Value::from(1))
    );
}

#[test]
fn rules_and_levels_choose_the_findings() {
    let texts = [("web.yaml", template("changeme"))];
    assert_eq!(
        LintRun::new(TODAY)
            .texts(texts.clone())
            .count(Level::Warning),
        1
    );
    assert!(
        LintRun::new(TODAY)
            .level(Level::Error)
            .texts(texts.clone())
            .is_clean()
    );
    assert!(
        LintRun::new(TODAY)
            .except(&["weak-secret"])
            .unwrap()
            .texts(texts.clone())
            .is_clean()
    );
    assert_eq!(
        LintRun::new(TODAY)
            .only(&["weak-secret"])
            .unwrap()
            .texts(texts)
            .findings()
            .count(),
        1
    );
    let help = LintRun::new(TODAY)
        .only(&["weak-secrets"])
        .err()
        .unwrap()
        .help();
    assert_eq!(help.as_deref(), Some("did you mean `weak-secret`?"));
    assert!(
        LintRun::new(TODAY)
            .only(&["no-echo"])
            .unwrap()
            .except(&["no-echo"])
            .is_err()
    );
}

#[test]
fn a_run_that_judged_nothing_is_not_clean() {
    let none: [(&str, &str); 0] = [];
    assert!(!LintRun::new(TODAY).texts(none).is_clean());
    assert!(LintRun::new(TODAY).allow_empty().texts(none).is_clean());
    let empty = LintRun::new(TODAY).texts([("web.yaml", " \n")]);
    assert!(!empty.is_clean());
    assert_eq!(
        empty.unread()[0].to_string(),
        "cannot judge `web.yaml`: it is empty"
    );
    let found = LintRun::new(TODAY)
        .as_found()
        .texts([("README.md", "# nothing\n")]);
    assert_eq!((found.passed_over(), found.is_clean()), (1, false));
}

#[test]
fn the_configuration_declares_and_waives_for_texts() {
    let toml = config("LEVEL = \"level\"\nDB_PASSWORD = \"db-password\"\n")
        + "\n[[lint.allow]]\nrule = \"declared-secret\"\npath = \"stacks/*.yaml\"\nproperty = \"*Environment?0?.Value\"\nreason = \"a demo\"\nuntil = \"2027-01-01\"\n";
    let project = Project::parse([("deploy.toml", toml)]).unwrap();
    let lint = |today: &str, name: &str| {
        LintRun::new(today)
            .project(&project)
            .unwrap()
            .texts([(name, template(VALUE))])
    };
    let report = lint(TODAY, "stacks/web.yaml");
    assert_eq!(
        (places(&report), report.accepted()),
        (vec!["web.yaml:12 declared-secret".to_owned()], 1)
    );
    // Another template is not of the application.
    assert_eq!(
        places(&lint(TODAY, "other/web.yaml")),
        ["web.yaml:10 secret-name"]
    );
    let expired = places(&lint("2027-01-02", "stacks/web.yaml"));
    assert_eq!(
        expired,
        [
            "web.yaml:10 declared-secret",
            "web.yaml:12 declared-secret",
            "deploy.toml:15 stale-waiver"
        ]
    );
}

#[test]
fn a_folder_is_linted_with_its_configuration() {
    let toml = config("DB_PASSWORD = \"db-password\"\n")
        + "\n[[lint.allow]]\nrule = \"secret-name\"\npath = \"gone.yaml\"\nreason = \"a demo\"\n";
    let here = folder(&[
        ("deploy.toml", &toml),
        ("stacks/web.yaml", &template(VALUE)),
        ("stacks/README.md", "# nothing\n"),
        (".gitignore", "built\n"),
        ("built/web.yaml", &template(VALUE)),
    ]);
    let project = Project::load(&here.path().join("deploy.toml")).unwrap();
    let run = LintRun::new(TODAY).project(&project).unwrap();
    let named = [here.path().to_owned(), here.path().join("nowhere.yaml")];
    let report = run.files(&LintFiles::find(&named));
    assert_eq!(
        places(&report),
        ["web.yaml:10 declared-secret", "deploy.toml:14 stale-waiver"]
    );
    assert_eq!(report.unread().len(), 1);
    let kinds: Vec<&Reading> = report
        .files()
        .map(byref::linting::JudgedFile::reading)
        .collect();
    assert_eq!(kinds, [&Reading::Template, &Reading::PassedOver]);
    assert_eq!(report.passed_over(), 3);
}

#[test]
fn a_baseline_accepts_findings_until_the_value_changes() {
    let lint = |text: String, baseline: &Baseline| {
        LintRun::new(TODAY)
            .baseline(baseline.clone())
            .texts([("web.yaml", text)])
            .is_clean()
    };
    let baseline = Baseline::of(&LintRun::new(TODAY).texts([("web.yaml", template(VALUE))]));
    assert_eq!(
        baseline,
        Baseline::parse("baseline.json", baseline.to_json().as_bytes()).unwrap()
    );
    assert!(lint(format!("# moved\n{}", template(VALUE)), &baseline));
    assert!(!lint(template("EXAMPLE9other7value3"), &baseline));
    assert!(!baseline.to_json().contains(VALUE));
    let error = Baseline::parse("baseline.json", b"{}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`baseline.json` is not a baseline of byref"
    );
}

#[test]
fn stored_values_are_found_in_files_of_any_kind() {
    let here = folder(&[("access.log", &format!("GET /\n?p={VALUE}\0"))]);
    let mut values = StoredValues::new();
    values.add(
        "/production/app/db-password".parse().unwrap(),
        "production",
        SecretValue::new(VALUE.to_owned()),
    );
    let search = values.into_search();
    let report = LintRun::new(TODAY)
        .known(&search)
        .files(&LintFiles::find(&[here.path().to_owned()]));
    assert_eq!(places(&report), ["access.log:2 known-secret"]);
    assert_eq!(report.stored_values_found(), 1);
    assert!(
        FORMATS
            .iter()
            .all(|format| !report.render(*format).contains(VALUE))
    );
    let nothing = StoredValues::new().into_search();
    let report = LintRun::new(TODAY)
        .known(&nothing)
        .files(&LintFiles::find(&[here.path().to_owned()]));
    assert!(!report.is_clean());
}

#[test]
fn a_fix_moves_values_once_they_are_stored() {
    let here = folder(&[
        ("deploy.toml", &config("")),
        ("stacks/web.yaml", &template(VALUE)),
    ]);
    let read = |name: &str| std::fs::read_to_string(here.path().join(name)).unwrap();
    let project = Project::load(&here.path().join("deploy.toml")).unwrap();
    let files: Vec<PathBuf> = vec![here.path().join("stacks/web.yaml")];
    let run = LintRun::new(TODAY).project(&project).unwrap();
    let fix = Fix::plan(
        &project,
        &run.files(&LintFiles::find(&files)),
        FixRequest::default(),
    )
    .unwrap();
    assert_eq!((fix.fixed(), fix.left()), (1, 0));
    let secret = &fix.secrets()[0];
    assert_eq!(
        (
            secret.app.as_str(),
            secret.parameter.as_str(),
            secret.value.expose()
        ),
        ("app", "/production/app/db-password", VALUE)
    );
    assert_eq!(secret.regions.len(), 2);
    assert!(
        fix.preview().contains("+ DB_PASSWORD = \"db-password\"") && !fix.preview().contains(VALUE)
    );
    let transaction = fix.prepare().unwrap();
    assert_eq!(
        (read("deploy.toml"), read("stacks/web.yaml")),
        (config(""), template(VALUE))
    );
    transaction.commit().unwrap();
    assert_eq!(
        read("deploy.toml"),
        config("DB_PASSWORD = \"db-password\"\n")
    );
    assert!(
        read("stacks/web.yaml").contains("ValueFrom") && !read("stacks/web.yaml").contains(VALUE)
    );
    assert!(run.files(&LintFiles::find(&files)).is_clean());
    // The files are no longer those of the plan.
    assert!(fix.prepare().is_err());
}
