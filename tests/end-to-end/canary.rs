//! A fixture secret, wherever it may stand, is in no output of any command but in the rewritten
//! template that legitimately keeps it.

use byref_support::{CANARY, config, folder, run, run_with_input, stderr, stdout, template};

/// Every way of running something on a template that reads it.
const COMMANDS: [&str; 14] = [
    "rewrite -v template.yaml",
    "rewrite -v --check template.yaml",
    "rewrite -v --prune-parameters --check",
    "rewrite -v --scheme value --check",
    "rewrite -v --in-place",
    "preview -v",
    "preview -v --color always",
    "preview -v --format json",
    "preview -v --format markdown",
    "preview --scheme value --grant never",
    "explain -v DB_PASSWORD",
    "explain -v DB_PASSWORD --format json",
    "flag -v",
    "init template.yaml",
];

/// Runs every command, and asserts that none says the secret; what `rewrite` prints may keep it.
fn judge(what: &str, template: &str, config: &str) {
    for command in COMMANDS {
        let folder = folder(&[("template.yaml", template), ("deploy.toml", config)]);
        let output = run(folder.path(), command);
        assert!(
            output.status.code().is_some(),
            "{what}: {command} was killed"
        );
        assert!(
            !stderr(&output).contains(CANARY),
            "{what}: {command} says it on standard error:\n{}",
            stderr(&output)
        );
        assert!(
            !stderr(&output).contains("defect of its own"),
            "{what}: {command}:\n{}",
            stderr(&output)
        );
        if !command.starts_with("rewrite -v template.yaml") {
            assert!(
                !stdout(&output).contains(CANARY),
                "{what}: {command} says it on standard output:\n{}",
                stdout(&output)
            );
        }
    }
    let output = run_with_input(
        folder(&[("deploy.toml", config)]).path(),
        "rewrite --check -",
        template,
    );
    assert!(!stderr(&output).contains(CANARY), "{what}: standard input");
}

#[test]
fn no_command_prints_a_value_of_a_template() {
    let config = config("DB_PASSWORD = \"db-password\"\nAPI_KEY = \"api-key\"\n");
    let lists = [
        format!("Environment:\n  - Name: DB_PASSWORD\n    Value: {CANARY}\n"),
        format!(
            "Environment:\n  - Name: LOG_LEVEL\n    Value: {CANARY}\n  - Name: DB_PASSWORD\n    Value: x\n"
        ),
        format!(
            "Environment:\n  # {CANARY}\n  - Name: DB_PASSWORD  # {CANARY}\n    Value: x  # {CANARY}\n"
        ),
        format!(
            "Environment:\n  - Name: DB_PASSWORD\n    Value: |\n      {CANARY}\n      more {CANARY}\n  - {{Name: A, Value: \"{CANARY}\"}}\n"
        ),
        format!(
            "Environment: [{{Name: DB_PASSWORD, Value: '{CANARY}'}}, {{Name: B, Value: \"x{CANARY}\"}}]\n"
        ),
        format!(
            "Environment:\n  - Name: DB_PASSWORD\n    Value: !Sub 'postgres://a:{CANARY}@${{Db.Endpoint}}/x'\n"
        ),
        format!(
            "Environment:\n  - Name: DB_PASSWORD\n    Value: {CANARY}\nCommand: [run, --password, {CANARY}]\nDockerLabels: {{a: '{CANARY}'}}\n"
        ),
        format!(
            "Environment:\n  - Name: DB_PASSWORD\n    Value: {CANARY}\n  - Name: DB_PASSWORD\n    Value: !If [A, {CANARY}, !Ref AWS::NoValue]\n"
        ),
        format!(
            "Environment:\n  - Name: DB_PASSWORD\n    Value: !Ref P\n  - !If [C, {{Name: API_KEY, Value: {CANARY}}}, {{Name: API_KEY, Value: x}}]\n"
        ),
    ];
    for lists in lists {
        judge(&lists, &template(&lists), &config);
    }
    let parameter = format!(
        "Parameters:\n  P: {{Type: String, Default: {CANARY}, Description: 'is {CANARY}'}}\n{}Outputs:\n  O: {{Value: {CANARY}}}\n",
        template("Environment:\n  - {Name: DB_PASSWORD, Value: !Ref P}\n")
    );
    judge("a parameter", &parameter, &config);
    let json = format!(
        "{{\"Resources\": {{\"T\": {{\"Type\": \"AWS::ECS::TaskDefinition\", \"Properties\": {{\"ContainerDefinitions\": [{{\"Name\": \"a\", \"Environment\": [{{\"Name\": \"DB_PASSWORD\", \"Value\": \"{CANARY}\"}}, {{\"Name\": \"X\", \"Value\": \"{CANARY}\"}}]}}]}}}}}}}}"
    );
    judge("JSON", &json, &config);
    judge(
        "minified JSON",
        &json.replace(": ", ":").replace(", ", ","),
        &config,
    );
}

#[test]
fn no_command_prints_a_value_of_a_broken_template() {
    let config = config("DB_PASSWORD = \"db-password\"\n");
    let broken = [
        format!("a: b: {CANARY}\n"),
        format!("Environment:\n  - Name: DB_PASSWORD\n    Value: \"{CANARY}\n"),
        format!("a: [{CANARY}, {{b: {CANARY}\n"),
        format!("\t{CANARY}: x\n"),
        format!("{CANARY}\n{CANARY}: x\n"),
        format!("{{\"a\": \"{CANARY}\" \"b\"}}\n"),
        format!("a: @{CANARY}\n"),
        format!("a: !x !y {CANARY}\n"),
        format!("{{{{ {CANARY} }}}}: {CANARY}\n"),
    ];
    for text in broken {
        judge(&text, &text, &config);
    }
}

#[test]
fn no_command_prints_a_value_in_a_configuration() {
    let good = template("Environment:\n  - Name: DB_PASSWORD\n    Value: x\n");
    let lines = [
        format!("DB_PASSWORD = \"{CANARY}\"\n"),
        format!("DB_PASSWORD = \"{CANARY}!\"\n"),
        format!("DB_PASSWORD = \"/a/{CANARY} \"\n"),
        format!("DB_PASSWORD = {{ key = \"db-password\", unknown = \"{CANARY}\" }}\n"),
        format!("DB_PASSWORD = {{ key = \"{CANARY}=\" }} # {CANARY}\n"),
        format!("DB_PASSWORD = {{ key = \"x\", containers = [\"{CANARY}!\"] }}\n"),
        format!("DB_PASSWORD = {{ key = \"x\", scope = \"{CANARY}\" }}\n"),
        format!("DB_PASSWORD = \"{CANARY}\n"),
        format!("DB_PASSWORD = {CANARY}\n"),
        format!("DB_PASSWORD = \"arn:aws:ssm:us-west-2:1:parameter/{CANARY}\"\n"),
        format!("DB_PASSWORD = \"postgres://a:{CANARY}@b/c\"\nX = 3\n"),
        format!("DB_PASSWORD = \"db-password\"\nDB_PASSWORD = \"{CANARY}\"\n"),
        format!("# {CANARY}\nDB_PASSWORD = \"db-password\"\n[apps.app.secrts]\nA = \"{CANARY}\"\n"),
        format!("DB_PASSWORD = [\"{CANARY}\"]\n"),
        format!("DB_PASSWORD = \"\"\"{CANARY}\n{CANARY}\"\"\"\n"),
        format!("{CANARY}\n"),
    ];
    for line in lines {
        judge(&line, &good, &config(&line));
    }
}
