//! `byref init`: what it writes passes `byref preview` as it is.

use byref_support::{folder, run, stderr, stdout, template};

/// Runs `init`, asserts that `preview` passes, and returns the lines of the secrets.
fn init(what: &str, text: &str) -> Vec<String> {
    let folder = folder(&[("template.yaml", text)]);
    let output = run(folder.path(), "init template.yaml -o deploy.toml");
    assert_eq!(output.status.code(), Some(0), "{what}: {}", stderr(&output));
    let written = folder.read("deploy.toml");
    let preview = run(folder.path(), "preview");
    assert_eq!(
        preview.status.code(),
        Some(0),
        "{what}:\n{written}\n{}",
        stderr(&preview)
    );
    assert!(
        stderr(&preview).contains("placeholder-account"),
        "{}",
        stderr(&preview)
    );
    written
        .lines()
        .skip_while(|line| !line.ends_with(".secrets]"))
        .skip(1)
        .map(str::to_owned)
        .collect()
}

fn is_active(lines: &[String], name: &str) -> bool {
    lines
        .iter()
        .any(|line| line.starts_with(&format!("{name} = ")))
}

/// A value, and whether a line for it can be active.
const VALUES: [(&str, bool); 16] = [
    ("not-a-secret-1", true),
    ("!Ref Plain", true),
    ("!Ref Hidden", true),
    ("!GetAtt Db.Endpoint.Address", false),
    ("!ImportValue other", false),
    ("!Sub 'x-${Db}'", false),
    ("!Sub 'x-${AWS::Region}'", false),
    ("'{{resolve:secretsmanager:a:SecretString:b}}'", false),
    ("'{{resolve:ssm-secure:/a:1}}'", false),
    ("!Ref Typed", false),
    ("!If [Live, not-a-secret-1, not-a-secret-2]", false),
    ("!If [Live, not-a-secret-1, !Ref 'AWS::NoValue']", false),
    ("!If [Live, !Ref Hidden, !GetAtt Db.Arn]", false),
    ("!FindInMap [A, B, C]", false),
    ("!Select [0, !Split [',', !Ref Plain]]", false),
    ("!Transform {Name: X, Parameters: {A: b}}", false),
];

#[test]
fn init_comments_out_computed_values_with_the_reason() {
    for (value, may_be_active) in VALUES {
        let lists = format!(
            "Environment:\n  - Name: OTHER_PASSWORD\n    Value: not-a-secret-3\n  - Name: DB_PASSWORD\n    Value: {value}\n"
        );
        let text = format!(
            "Parameters:\n  Plain: {{Type: String, Default: not-a-secret-4}}\n  Hidden: {{Type: String, NoEcho: true}}\n  Typed: {{Type: 'AWS::SSM::Parameter::Value<String>', NoEcho: true, Default: /x}}\nConditions:\n  Live: !Equals [!Ref Plain, x]\nMappings:\n  A: {{B: {{C: not-a-secret-5}}}}\n{}  Db: {{Type: 'AWS::RDS::DBInstance', Properties: {{}}}}\n",
            template(&lists)
        );
        let lines = init(value, &text);
        assert!(is_active(&lines, "OTHER_PASSWORD"), "{value}: {lines:?}");
        if !is_active(&lines, "DB_PASSWORD") {
            let comment = lines
                .iter()
                .position(|line| line.starts_with("# DB_PASSWORD = "));
            let comment = comment.unwrap_or_else(|| panic!("{value}: {lines:?}"));
            assert!(
                lines[comment + 1].starts_with("#   not active: "),
                "{value}: {lines:?}"
            );
            assert!(!may_be_active, "{value}: {lines:?}");
        }
        assert!(
            !lines.concat().contains("not-a-secret"),
            "{value}: {lines:?}"
        );
    }
}

#[test]
fn init_handles_several_containers_and_missing_roles() {
    let head = "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n";
    let role = "      ExecutionRoleArn: arn:aws:iam::111122223333:role/execution\n";
    let containers = "      ContainerDefinitions:\n        - Name: a\n          Environment: [{Name: DB_PASSWORD, Value: not-a-secret-1}, {Name: API_TOKEN, Value: not-a-secret-3}]\n        - Name: b\n          Environment: [{Name: DB_PASSWORD, Value: not-a-secret-2}]\n          Secrets: [{Name: API_TOKEN, ValueFrom: /x/y}]\n        - Name: c\n          Environment: [{Name: DB_PASSWORD, Value: not-a-secret-1}]\n";
    init(
        "two values and a reference",
        &format!("{head}{role}{containers}"),
    );
    init("no role", &format!("{head}{containers}"));
    init(
        "a role in one branch",
        &format!("{head}      ExecutionRoleArn: !If [X, a, !Ref 'AWS::NoValue']\n{containers}"),
    );
    init(
        "a duplicate",
        &format!(
            "{head}{role}      ContainerDefinitions:\n        - Name: a\n          Environment: [{{Name: DB_PASSWORD, Value: not-a-secret-1}}, {{Name: DB_PASSWORD, Value: not-a-secret-2}}]\n"
        ),
    );
    init(
        "both lists",
        &format!(
            "{head}{role}      ContainerDefinitions:\n        - Name: a\n          Environment: [{{Name: DB_PASSWORD, Value: not-a-secret-1}}]\n          Secrets: [{{Name: DB_PASSWORD, ValueFrom: /x/y}}]\n"
        ),
    );
    init(
        "a computed list",
        &format!(
            "{head}{role}      ContainerDefinitions:\n        - Name: a\n          Environment: [{{Name: DB_PASSWORD, Value: not-a-secret-1}}]\n          Secrets: !If [X, [{{Name: A_TOKEN, ValueFrom: /x/y}}], !Ref 'AWS::NoValue']\n"
        ),
    );
}

#[test]
fn init_does_not_copy_plaintext_out_of_a_reference() {
    for value in [
        "hunter2",
        "q7Rk2LmX9vTz4WbN8cYs",
        "Tr0ub4dor-3.x",
        "amber-lagoon-896",
    ] {
        let lists = format!(
            "Environment:\n  - {{Name: API_KEY, Value: not-a-secret-1}}\nSecrets:\n  - {{Name: DB_PASSWORD, ValueFrom: {value}}}\n"
        );
        let lines = init(value, &template(&lists));
        assert!(!lines.concat().contains(value), "{lines:?}");
    }
}

#[test]
fn init_of_a_template_without_secrets_is_an_error() {
    for (text, part) in [
        ("a: b\n", "not a CloudFormation template"),
        ("", "not a CloudFormation template"),
        ("just text", "not a CloudFormation template"),
        ("Resources: {}\n", "no task definition in 1 template"),
        (
            "{\"name\": \"x\", \"dependencies\": {}}",
            "not a CloudFormation template",
        ),
        (
            "Resources:\n  B: {Type: 'AWS::S3::Bucket'}\n",
            "no task definition in 1 template",
        ),
        (
            &template("Environment: [{Name: LOG_LEVEL, Value: info}]\n"),
            "no secret was found in 1 container of 1 task definition",
        ),
    ] {
        let folder = folder(&[("template.yaml", text)]);
        let output = run(folder.path(), "init template.yaml -o deploy.toml");
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(
            stderr(&output).contains(part),
            "{text}: {}",
            stderr(&output)
        );
        assert!(!folder.join("deploy.toml").exists(), "{text}");
        assert_eq!(stdout(&output), "");
    }
}

#[test]
fn init_in_another_folder_writes_relative_template_paths() {
    let text = template("Environment: [{Name: DB_PASSWORD, Value: not-a-secret-1}]\n");
    let folder = folder(&[
        ("stacks/a.yaml", &text),
        ("stacks/b.yaml", &text),
        ("conf/x", ""),
    ]);
    for (output, command) in [
        ("conf/deploy.toml", "stacks/a.yaml"),
        ("stacks/deploy.toml", "stacks/a.yaml stacks/b.yaml"),
    ] {
        let made = run(folder.path(), &format!("init {command} -o {output}"));
        assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
        let preview = run(folder.path(), &format!("--config {output} preview --app a"));
        assert_eq!(preview.status.code(), Some(0), "{}", stderr(&preview));
    }
}
