//! `byref lint` as a user runs it: exit codes, hostile files, and the canary.

use serde_json::Value;

use byref_support::{
    LINT_SECRET, config, folder, run, run_with_input, stderr, stdout, template,
    template_with_secret,
};

#[test]
fn lint_exits_with_one_for_findings() {
    let folder = folder(&[
        ("template.yaml", &template_with_secret()),
        ("clean.yaml", &template("Environment: []\n")),
    ]);
    let output = run(folder.path(), "lint template.yaml");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("error[secret-name]")
            && stdout(&output).contains("template.yaml:10:"),
        "{}",
        stdout(&output)
    );
    assert_eq!(run(folder.path(), "lint clean.yaml").status.code(), Some(0));
    assert_eq!(run(folder.path(), "lint").status.code(), Some(1));
    assert_eq!(
        run(folder.path(), "lint --except secret-name")
            .status
            .code(),
        Some(0)
    );
    assert_eq!(
        run(folder.path(), "lint --only secret-shape,weak-secret")
            .status
            .code(),
        Some(0)
    );
    assert_eq!(
        run(folder.path(), "lint --only secret-nam").status.code(),
        Some(2)
    );
    assert_eq!(
        run(folder.path(), "lint nowhere.yaml").status.code(),
        Some(2)
    );
    assert_eq!(
        run_with_input(folder.path(), "lint -", &template_with_secret())
            .status
            .code(),
        Some(1)
    );
    let page = run(folder.path(), "lint --explain secret-name");
    assert!(stdout(&page).starts_with("# secret-name") && page.status.success());
}

#[test]
fn lint_omits_warnings_if_only_errors_are_requested() {
    let folder = folder(&[(
        "template.yaml",
        &template("Environment:\n  - Name: DB_PASSWORD\n    Value: changeme\n"),
    )]);
    assert_eq!(run(folder.path(), "lint").status.code(), Some(1));
    assert_eq!(
        run(folder.path(), "lint --level error").status.code(),
        Some(0)
    );
}

#[test]
fn lint_continues_after_huge_and_broken_files() {
    let huge = format!("{{\"Resources\": {{{}}}}}", (0..20_000).map(|number| format!("\"R{number}\": {{\"Type\": \"AWS::S3::Bucket\", \"Properties\": {{\"Tags\": [{{\"Key\": \"k\", \"Value\": \"{number}\"}}]}}}}")).collect::<Vec<_>>().join(","));
    let jinja = format!(
        "{{% for x in y %}}\nResources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n        - Name: {{{{ x }}}}\n          Environment:\n            - Name: DB_PASSWORD\n              Value: {LINT_SECRET}\n{{% endfor %}}\n"
    );
    let broken = format!(
        "AWSTemplateFormatVersion: x\n  bad: [\nEnvironment:\n  - Name: DB_PASSWORD\n    Value: {LINT_SECRET}\n"
    );
    let go = format!(
        "{{{{- if .A }}}}\nResources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Environment:\n        Variables:\n          API_KEY: {LINT_SECRET}\n          OTHER: {{{{ .Other }}}}\n{{{{- end }}}}\n"
    );
    let files = [
        ("huge.json", huge.as_str()),
        ("jinja.yaml", &jinja),
        ("broken.yaml", &broken),
        ("go.yaml", &go),
        ("empty.yaml", ""),
        ("other.md", "# Resources\n"),
        (".gitignore", "ignored.yaml\n"),
        ("ignored.yaml", &template_with_secret()),
    ];
    let here = folder(&files);
    here.write("binary.yaml", b"Resources\0\xff\xfe");
    std::fs::write(
        here.join("latin.yaml"),
        b"Resources:\n  A:\n    Type: AWS::S3::Bucket\n    # caf\xe9\n",
    )
    .unwrap();
    let first = run(here.path(), "lint --format json");
    let found: Value = serde_json::from_slice(&first.stdout).unwrap();
    let mut places: Vec<String> = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| format!("{}:{}", finding["file"].as_str().unwrap(), finding["line"]))
        .collect();
    places.sort();
    assert_eq!(
        places,
        ["broken.yaml:5", "go.yaml:8", "jinja.yaml:10"],
        "{}",
        stderr(&first)
    );
    let read_as = |file: &str| {
        let files = found["files"].as_array().unwrap();
        files
            .iter()
            .find(|known| known["file"] == file)
            .map(|known| known["read-as"].as_str().unwrap().to_owned())
    };
    assert_eq!(read_as("jinja.yaml").as_deref(), Some("without-templating"));
    assert_eq!(read_as("broken.yaml").as_deref(), Some("lines"));
    assert_eq!(read_as("ignored.yaml"), None);
    for _ in 0..3 {
        assert_eq!(run(here.path(), "lint --format json").stdout, first.stdout);
    }
}

#[test]
fn no_lint_format_prints_the_value_found() {
    let places = [
        template(&format!(
            "Environment:\n  - Name: DB_PASSWORD\n    Value: {LINT_SECRET}\n"
        )),
        template(&format!(
            "Environment:\n  - {{Name: {LINT_SECRET}, Value: {LINT_SECRET}}}\n  - {{Name: DB_PASSWORD, Value: '{LINT_SECRET}'}}\n"
        )),
        template(&format!(
            "Environment:\n  - Name: URL\n    Value: postgres://a:{LINT_SECRET}@b/{LINT_SECRET}\nCommand: [x, --password, {LINT_SECRET}] # {LINT_SECRET}\n"
        )),
        template(&format!(
            "Environment:\n  - Name: JSON\n    Value: '{{\"password\": \"{LINT_SECRET}\", \"{LINT_SECRET}\": {{\"token\": \"{LINT_SECRET}\"}}}}'\n"
        )),
        format!(
            "Mappings:\n  Passwords:\n    {LINT_SECRET}: {{Password: {LINT_SECRET}}}\nResources:\n  {LINT_SECRET}Task:\n    Type: AWS::RDS::DBInstance\n    Properties: {{MasterUserPassword: {LINT_SECRET}}}\n"
        ),
        format!(
            "AWSTemplateFormatVersion: [\npassword: {LINT_SECRET}\n{LINT_SECRET}_password: {LINT_SECRET}\n"
        ),
        format!(
            "{{{{ {LINT_SECRET} }}}}\nAWSTemplateFormatVersion: 1\nResources: {{A: {{Type: 'AWS::X::Y', Properties: {{Password: {LINT_SECRET}}}}}}}\n"
        ),
        format!(
            "Resources:\n  A:\n    Type: AWS::S3::Bucket # byref: allow secret-name {LINT_SECRET} until {LINT_SECRET}\n    Properties: {{Password: {LINT_SECRET}}}\n"
        ),
    ];
    for text in places {
        let here = folder(&[
            ("template.yaml", &text),
            ("deploy.toml", &config("DB_PASSWORD = true\n")),
        ]);
        for arguments in [
            "",
            "--format json",
            "--format sarif",
            "--format github",
            "--format gitlab",
            "--format junit",
            "-v --all-text",
            "--color always",
            "--baseline b.json --update-baseline",
        ] {
            let output = run(here.path(), &format!("lint template.yaml {arguments}"));
            let said = stdout(&output) + &stderr(&output);
            assert!(
                output.status.code().is_some_and(|code| code < 3)
                    && !said.contains("defect of its own"),
                "{said}"
            );
            assert!(!said.contains(LINT_SECRET), "{arguments}: {text}\n{said}");
        }
        if let Ok(baseline) = std::fs::read_to_string(here.join("b.json")) {
            assert!(!baseline.contains(LINT_SECRET));
        }
    }
}
