//! `byref lint` as a gate: a run that judged nothing is not green, and a file that is named is
//! always judged.

use serde_json::Value;

use byref_support::{
    LINT_SECRET, config, folder, run, run_with_input, stderr, stdout, template,
    template_with_secret,
};

fn code(folder: &std::path::Path, command: &str) -> Option<i32> {
    run(folder, command).status.code()
}

#[test]
fn lint_fails_if_it_checked_nothing() {
    let here = folder(&[
        ("other/values.yaml", "a: b\n"),
        ("other/README.md", "# nothing\n"),
        ("hidden/.gitignore", "*\n"),
        ("empty.yaml", ""),
        ("blank.json", " \n\t\n"),
        ("clean.yaml", &template("Environment: []\n")),
    ]);
    std::fs::create_dir(here.join("nothing")).unwrap();
    here.write("binary.yaml", b"Resources:\0\x01");
    for command in [
        "lint other",
        "lint nothing",
        "lint hidden",
        "lint empty.yaml",
        "lint blank.json",
        "lint binary.yaml",
        "lint --as-found other/values.yaml",
    ] {
        for format in ["text", "json", "sarif", "github", "gitlab", "junit"] {
            let output = run(here.path(), &format!("{command} --format {format}"));
            assert_eq!(
                output.status.code(),
                Some(2),
                "{command} {format}:\n{}",
                stderr(&output)
            );
            assert!(
                stderr(&output).contains("help: "),
                "{command}:\n{}",
                stderr(&output)
            );
        }
    }
    for command in [
        "lint other",
        "lint nothing",
        "lint empty.yaml",
        "lint --as-found other/values.yaml",
    ] {
        assert_eq!(
            code(here.path(), &format!("{command} --allow-empty")),
            Some(0),
            "{command}"
        );
    }
    assert_eq!(
        run_with_input(here.path(), "lint -", "\n").status.code(),
        Some(2)
    );
    // An empty file beside one that was judged is named as well.
    assert_eq!(code(here.path(), "lint clean.yaml empty.yaml"), Some(2));
    assert_eq!(code(here.path(), "lint clean.yaml"), Some(0));
    let all: Vec<&str> = byref_rules();
    assert_eq!(
        code(
            here.path(),
            &format!("lint clean.yaml --except {}", all.join(","))
        ),
        Some(2)
    );
}

fn byref_rules() -> Vec<&'static str> {
    vec![
        "declared-secret",
        "embedded-secret",
        "known-secret",
        "no-echo",
        "reference-form",
        "resolved-in-clear",
        "secret-name",
        "secret-property",
        "secret-shape",
        "stale-waiver",
        "weak-secret",
    ]
}

#[test]
fn lint_checks_a_named_file_of_any_kind() {
    let secret = LINT_SECRET;
    let files = [
        (
            "task.json",
            format!(
                "{{\"containerDefinitions\": [{{\"name\": \"web\", \"environment\": [{{\"name\": \"DB_PASSWORD\", \"value\": \"{secret}\"}}]}}]}}"
            ),
            "task-definition",
        ),
        (
            "described.json",
            format!(
                "{{\"taskDefinition\": {{\"containerDefinitions\": [{{\"environment\": [{{\"name\": \"DB_PASSWORD\", \"value\": \"{secret}\"}}]}}]}}}}"
            ),
            "task-definition",
        ),
        (
            "parameters.json",
            format!("[{{\"ParameterKey\": \"DbPassword\", \"ParameterValue\": \"{secret}\"}}]"),
            "parameter-file",
        ),
        (
            "codepipeline.json",
            format!(
                "{{\"Parameters\": {{\"DbPassword\": \"{secret}\"}}, \"Tags\": {{\"a\": \"b\"}}}}"
            ),
            "parameter-file",
        ),
        (
            "serverless.yml",
            format!(
                "service: web\nprovider:\n  name: aws\n  environment:\n    DB_PASSWORD: {secret}\n    API_TOKEN: ${{ssm:/a/b}}\n"
            ),
            "serverless",
        ),
        (
            "functions.yml",
            format!(
                "service: web\nprovider: {{name: aws}}\nfunctions:\n  a:\n    environment: {{DB_PASSWORD: {secret}}}\n"
            ),
            "serverless",
        ),
        (
            "resources.yml",
            format!(
                "service: web\nprovider: {{name: aws}}\nresources:\n  - Resources:\n      Db: {{Type: 'AWS::RDS::DBInstance', Properties: {{MasterUserPassword: {secret}}}}}\n"
            ),
            "serverless",
        ),
        ("app.env", format!("DB_PASSWORD={secret}\n"), "lines"),
        (
            "values.yaml",
            format!("db:\n  password: {secret}\n"),
            "lines",
        ),
        (
            "broken.json",
            format!("{{\"Resources\": [\n\"DB_PASSWORD\": \"{secret}\"\n"),
            "lines",
        ),
    ];
    let here = folder(&[]);
    for (name, text, kind) in &files {
        here.write(name, text);
        let output = run(here.path(), &format!("lint {name} --format json"));
        assert_eq!(
            output.status.code(),
            Some(1),
            "{name}: {}{}",
            stdout(&output),
            stderr(&output)
        );
        let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
        assert_eq!(
            report["files"][0]["read-as"].as_str(),
            Some(*kind),
            "{name}: {report:#}"
        );
        assert!(!stdout(&output).contains(secret), "{name}");
        let text_report = run(here.path(), &format!("lint {name}"));
        assert!(
            !stdout(&text_report).contains(secret),
            "{name}:\n{}",
            stdout(&text_report)
        );
    }
    // In a folder, the kinds that are known by their content.
    let output = run(here.path(), "lint");
    let summary = stdout(&output);
    let expected =
        "2 task definitions, 2 parameter files, 3 Serverless configurations; 3 files no templates";
    assert!(summary.trim_end().ends_with(expected), "{summary}");
}

#[test]
fn lint_checks_an_ignored_file_if_it_is_named() {
    let here = folder(&[
        (".gitignore", "cdk.out\nbuild/**\nsecret.yaml\n"),
        ("cdk.json", "{\"app\": \"node app.js\"}"),
        ("lib/app.js", "// nothing\n"),
        (
            "cdk.out/manifest.json",
            "{\"version\": \"40.0.0\", \"artifacts\": {}}",
        ),
        (
            "cdk.out/web.template.json",
            &format!(
                "{{\"Resources\": {{\"F\": {{\"Type\": \"AWS::Lambda::Function\", \"Properties\": {{\"Environment\": {{\"Variables\": {{\"DB_PASSWORD\": \"{LINT_SECRET}\"}}}}}}}}}}}}"
            ),
        ),
        ("build/out/template.yaml", &template_with_secret()),
        ("secret.yaml", &template_with_secret()),
        ("clean/template.yaml", &template("Environment: []\n")),
    ]);
    for command in [
        "lint",
        "lint cdk.out",
        "lint lib",
        "lint build",
        "lint build/out",
        "lint secret.yaml",
    ] {
        assert_eq!(code(here.path(), command), Some(1), "{command}");
    }
    let output = run(here.path(), "lint");
    assert!(
        stdout(&output).contains("cdk.out/web.template.json")
            && !stdout(&output).contains("secret.yaml")
    );
}

#[test]
fn a_baseline_is_created_on_request_only() {
    let here = folder(&[("template.yaml", &template_with_secret())]);
    let output = run(here.path(), "lint --baseline typo.json");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("there is no baseline `typo.json`")
            && !here.join("typo.json").exists()
    );
    assert_eq!(
        code(here.path(), "lint --baseline known.json --update-baseline"),
        Some(0)
    );
    assert_eq!(code(here.path(), "lint --baseline known.json"), Some(0));
    let first = here.read("known.json");
    assert_eq!(
        code(here.path(), "lint --baseline known.json --update-baseline"),
        Some(0)
    );
    assert_eq!(
        here.read("known.json"),
        first,
        "the same input, the same bytes"
    );
    for broken in [
        "",
        "{",
        "[]",
        "{}",
        "{\"version\": 1, \"salt\": \"a\", \"accepted\": []}",
        "{\"version\": 3, \"accepted\": []}",
        "{\"version\": 2, \"accepted\": [1]}",
    ] {
        here.write("broken.json", broken);
        assert_eq!(
            code(here.path(), "lint --baseline broken.json"),
            Some(2),
            "{broken}"
        );
    }
    std::fs::create_dir(here.join("nothing")).unwrap();
    assert_eq!(
        code(
            here.path(),
            "lint nothing --baseline known.json --update-baseline"
        ),
        Some(2)
    );
    assert_eq!(here.read("known.json"), first);
}

#[test]
fn baseline_entries_of_one_value_share_their_bits() {
    let value = "zebra7";
    let text = template(&format!(
        "Environment:\n  - {{Name: DB_PASSWORD, Value: {value}}}\n  - {{Name: REDIS_PASSWORD, Value: '{value}'}}\n  - {{Name: URL, Value: 'postgres://web:{value}@db/web'}}\n"
    ));
    let here = folder(&[
        ("template.yaml", &text),
        ("deploy.toml", &config("DB_PASSWORD = true\n")),
    ]);
    assert_eq!(
        code(
            here.path(),
            "lint template.yaml --baseline known.json --update-baseline"
        ),
        Some(0)
    );
    let baseline: Value = serde_json::from_str(&here.read("known.json")).unwrap();
    let entries: Vec<&str> = baseline["accepted"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(entries.len() >= 3, "{baseline:#}");
    let bits: std::collections::BTreeSet<&str> = entries
        .iter()
        .filter_map(|entry| entry.rsplit('-').next())
        .collect();
    assert_eq!(bits.len(), 1, "{baseline:#}");
    assert!(bits.iter().all(|bits| bits.len() == 4));
}

#[test]
fn lint_finds_and_masks_a_value_in_place_of_a_reference() {
    let secrets = |value: &str| {
        template(&format!(
            "Secrets:\n  - Name: DB_PASSWORD\n    ValueFrom: {value}\n"
        ))
    };
    for value in [
        "'Tr0ub4dor&3!#x %'",
        "hunter2SuperSecret99",
        "'zebra!crossing'",
        "Xk9qZr7Lm2QwPv4t",
    ] {
        let here = folder(&[
            ("template.yaml", &secrets(value)),
            ("deploy.toml", &config("DB_PASSWORD = true\n")),
        ]);
        let output = run(here.path(), "lint template.yaml");
        assert_eq!(
            output.status.code(),
            Some(1),
            "{value}: {}",
            stdout(&output)
        );
        for command in [
            "lint template.yaml",
            "preview",
            "preview --format json",
            "rewrite",
        ] {
            let output = run(here.path(), command);
            let said = if command == "rewrite" {
                stderr(&output)
            } else {
                stdout(&output) + &stderr(&output)
            };
            assert!(
                !said.contains(value.trim_matches('\'')),
                "{command}: {said}"
            );
        }
    }
    for value in [
        "/production/web/db-password",
        "arn:aws:ssm:us-west-2:111122223333:parameter/a/b",
        "db-password",
        "!Ref Name",
        "!Sub '${Name}'",
        "quiz.production.db_password",
    ] {
        let here = folder(&[("template.yaml", &secrets(value))]);
        let output = run(here.path(), "lint template.yaml --only secret-name");
        assert_eq!(
            output.status.code(),
            Some(0),
            "{value}: {}",
            stdout(&output)
        );
    }
}
