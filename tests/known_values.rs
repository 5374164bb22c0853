//! A value that moves out of a template is masked wherever byref prints something, also where names stand.

use crate::byref::{config, folder, run, stderr, stdout};

/// Values that look like names, and values that are awkward to find or to print.
const VALUES: [&str; 26] = [
    "postgres",
    "hunter2x",
    "sesame-open",
    "zebra/7",
    "zebra:7",
    "Zebra7",
    "arn:aws:iam::111122223333:role/zebra",
    "https://zebra.example",
    "/zebra/crossing",
    "2026-11-27",
    "90217",
    "zebra.crossing.example",
    "zebra crossing",
    "zebra%20crossing",
    "zebra\\\\crossing",
    "zebra'crossing",
    "{zebra: crossing}",
    "[zebra]",
    "zébra-übergang",
    "斑馬線斑馬線",
    "zebra=",
    "emVicmFjcm9zc2luZw==",
    "@zebra",
    "*zebra",
    "!zebra",
    "%zebra",
];

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A template that holds the value at the positions of names as well.
fn template(value: &str) -> String {
    let (whole, part) = (quoted(value), quoted(&format!("{value}:13")));
    let resource = quoted(&format!("arn:aws:s3:::{value}"));
    format!(
        "Parameters:\n  P: {{Type: String, Default: {whole}, Description: {part}}}\nResources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: {whole}\n      Policies:\n        - PolicyName: {whole}\n          PolicyDocument:\n            Statement: [{{Effect: Allow, Action: 's3:GetObject', Resource: [{resource}]}}]\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    DependsOn: [Role, {whole}]\n    Properties:\n      Family: {whole}\n      ExecutionRoleArn: !GetAtt Role.Arn\n      TaskRoleArn: {resource}\n      Volumes: [{{Name: {whole}}}]\n      ContainerDefinitions:\n        - Name: {whole}\n          Image: {part}\n          DockerLabels: {{label: {whole}}}\n          MountPoints: [{{SourceVolume: {whole}}}]\n          Environment:\n            - Name: DB_PASSWORD\n              Value: {whole}\n            - {{Name: COPY, Value: {part}}}\n          WorkingDirectory: {whole}\n"
    )
}

#[test]
fn a_moved_value_is_shown_nowhere() {
    let commands = [
        "preview",
        "preview --format markdown",
        "preview --format json",
        "rewrite -o out.yaml",
        "rewrite --check",
        "explain DB_PASSWORD",
        "explain DB_PASSWORD --format json",
        "lint --fix --dry-run template.yaml --store file:secrets.age --store-key key",
        "lint template.yaml",
        "lint template.yaml --format json",
        "lint template.yaml --format sarif",
        "iam",
    ];
    for value in VALUES {
        let here = folder(&[
            ("template.yaml", &template(value)),
            ("deploy.toml", &config("DB_PASSWORD = \"db-password\"\n")),
            ("key", "EXAMPLE passphrase\n"),
        ]);
        for command in commands {
            // The pages of rules, which are a part of SARIF, speak of everyday words.
            if command.ends_with("sarif") && value == "postgres" {
                continue;
            }
            let output = run(here.path(), command);
            let said = stdout(&output) + &stderr(&output);
            let written = value.replace('\\', "\\\\");
            assert!(!said.contains(value) && !said.contains(&written), "{command} with `{value}`:\n{said}");
        }
        let output = run(here.path(), "preview");
        assert!(stderr(&output).contains("remaining-copy") || value == "90217", "{value}:\n{}", stderr(&output));
    }
}
