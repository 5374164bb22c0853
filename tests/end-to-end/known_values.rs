//! The value of a secret is masked wherever byref prints something, also where names stand, whether
//! the plan succeeds or not, and wherever the value comes from.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use byref_support::{config, folder, run, run_with_input, stderr, stdout};

/// Values that look like names, and values that are awkward to find or to print.
const VALUES: [&str; 36] = [
    "postgres",
    "hunter2x",
    "sesame-open",
    "zebra/7",
    "zebra:7",
    "Zebra7",
    "arn:aws:iam::111122223333:role/zebra",
    "https://zebra.example",
    "/zebra/crossing",
    "/zebra7crossing",
    "arn:zebra",
    "2026-11-27",
    "90217",
    "zebra.crossing.example",
    "zebra crossing",
    " zebra crossing ",
    "zebra\ncrossing\n",
    "zebra\tcrossing",
    "zebra%20crossing",
    "zebra\\crossing",
    "zebra\"crossing",
    "zebra'crossing",
    "zebra`crossing",
    "zebra${crossing}",
    "{zebra: crossing}",
    "[zebra]",
    "zébra-übergang",
    "斑馬線斑馬線",
    "🦓🦓🦓🦓",
    "zebra=",
    "emVicmFjcm9zc2luZw==",
    "@zebra",
    "*zebra",
    "!zebra",
    "&zebra",
    "%zebra",
];

const STORE: &str = "--store file:secrets.age --store-key key";

/// A key that is not stretched: opening the store costs nothing.
const KEY: &str = "RVhBTVBMRS1rZXktb2YtdGhpcnR5LXR3by1ieXRlcy4=\n";

fn quoted(value: &str) -> String {
    serde_json::to_string(value).unwrap()
}

/// A template whose environment has one text, and whose names hold another one.
fn template(environment: &str, name: &str, role: &str) -> String {
    let (whole, part) = (quoted(name), quoted(&format!("{name}:13")));
    let (resource, id) = (
        quoted(&format!("arn:aws:s3:::{name}")),
        quoted(&format!("{name}Task")),
    );
    format!(
        "Parameters:\n  P: {{Type: String, Default: {whole}, Description: {part}}}\nResources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: {whole}\n      Policies:\n        - PolicyName: {whole}\n          PolicyDocument:\n            Statement: [{{Effect: Allow, Action: 's3:GetObject', Resource: [{resource}]}}]\n  {id}:\n    Type: AWS::ECS::TaskDefinition\n    DependsOn: [Role, {whole}]\n    Properties:\n      Family: {whole}\n      ExecutionRoleArn: {role}\n      TaskRoleArn: {resource}\n      Volumes: [{{Name: {whole}}}]\n      ContainerDefinitions:\n        - Name: {whole}\n          Image: {part}\n          DockerLabels: {{label: {whole}}}\n          MountPoints: [{{SourceVolume: {whole}}}]\n{environment}          WorkingDirectory: {whole}\n"
    )
}

/// The entry of the secret, and another one that holds a copy.
fn by_value(value: &str) -> String {
    let (whole, part) = (quoted(value), quoted(&format!("{value}:13")));
    format!(
        "          Environment:\n            - Name: DB_PASSWORD\n              Value: {whole}\n            - {{Name: COPY, Value: {part}}}\n"
    )
}

const BY_REFERENCE: &str = "          Secrets:\n            - {Name: DB_PASSWORD, ValueFrom: /production/app/db-password}\n";

/// The ways in which a text could be printed.
fn ways(text: &str) -> Vec<String> {
    let text = text.trim();
    let json = quoted(text);
    let mut ways = vec![
        text.to_owned(),
        json[1..json.len() - 1].to_owned(),
        text.replace('\'', "''"),
    ];
    ways.extend(
        text.lines()
            .filter(|line| line.len() > 4)
            .map(str::to_owned),
    );
    ways.sort_unstable();
    ways.dedup();
    ways
}

/// Asserts that no command says one of the texts.
fn is_silent(here: &std::path::Path, commands: &[&str], texts: &[&str], what: &str) {
    for command in commands {
        let output = run(here, &command.replace("STORE", STORE));
        let said = stdout(&output) + &stderr(&output);
        assert!(
            !said.contains("defect of its own"),
            "{what}: {command}:\n{said}"
        );
        for way in texts.iter().flat_map(|text| ways(text)) {
            // The pages of rules, which are a part of SARIF, speak of everyday words.
            if command.ends_with("sarif") && way == "postgres" {
                continue;
            }
            assert!(
                !said.contains(&way),
                "{what}: {command} with `{way}`:\n{said}"
            );
        }
    }
}

/// What reads a template and a configuration.
const COMMANDS: [&str; 17] = [
    "preview -v",
    "preview --color always",
    "preview --format markdown",
    "preview --format json",
    "preview --scheme value --format json",
    "rewrite -o out.yaml",
    "rewrite --check -v",
    "explain DB_PASSWORD",
    "explain DB_PASSWORD --format json",
    "check STORE",
    "check STORE --format json",
    "check STORE --format github",
    "lint --fix --dry-run template.yaml STORE",
    "lint template.yaml",
    "lint template.yaml --format json",
    "lint template.yaml --format sarif",
    "iam",
];

#[test]
fn a_moved_value_is_never_shown() {
    for value in VALUES {
        let here = folder(&[
            (
                "template.yaml",
                &template(&by_value(value), value, "!GetAtt Role.Arn"),
            ),
            ("deploy.toml", &config("DB_PASSWORD = \"db-password\"\n")),
            ("key", KEY),
        ]);
        is_silent(here.path(), &COMMANDS, &[value], value);
        is_silent(
            here.path(),
            &["init template.yaml", "init template.yaml -o new.toml"],
            &[value],
            value,
        );
        let output = run(here.path(), "preview");
        let is_short = value == "90217";
        assert!(
            stderr(&output).contains("remaining-copy") || is_short,
            "{value}:\n{}",
            stderr(&output)
        );
    }
}

#[test]
fn a_value_is_never_shown_when_the_plan_fails() {
    // Messages of these name containers, task definitions and roles.
    let lines = [
        "DB_PASSWORD = { key = \"db-password\", containers = [\"nope\"] }\n",
        "DB_PASSWORD = { key = \"db-password\", task-definitions = [\"Nope\"] }\n",
        "DB_PASSWORD = \"db-password\"\nOTHER = \"other\"\n",
    ];
    let twice = |value: &str| {
        let entry = |value: &str| {
            format!(
                "            - {{Name: DB_PASSWORD, Value: {}}}\n",
                quoted(value)
            )
        };
        format!(
            "          Environment:\n{}{}",
            entry(value),
            entry("another")
        )
    };
    for value in VALUES {
        let roles = [
            format!("!Ref {}", quoted(value)),
            "!Ref P".to_owned(),
            format!("!GetAtt [{}, Arn]", quoted(value)),
        ];
        for (index, role) in roles.iter().enumerate() {
            let environment = if index == 1 {
                twice(value)
            } else {
                by_value(value)
            };
            let template = template(&environment, value, role);
            let here = folder(&[
                ("template.yaml", template.as_str()),
                ("deploy.toml", &config(lines[index])),
                ("key", KEY),
            ]);
            is_silent(here.path(), &COMMANDS, &[value], value);
            is_silent(here.path(), &["init template.yaml"], &[value], value);
        }
    }
}

#[test]
fn a_stored_value_is_never_shown() {
    let commands = [
        "preview STORE --scheme value --to-values",
        "preview STORE --scheme value --to-values --format json",
        "preview STORE --scheme value --to-values --format markdown",
        "explain DB_PASSWORD STORE --scheme value --to-values --format json",
        "rewrite --check -v STORE --scheme value --to-values",
        "rewrite -o out.yaml STORE --scheme value --to-values",
        "secret history DB_PASSWORD STORE",
    ];
    let compared = [
        "check STORE --parity template.yaml",
        "check STORE --parity template.yaml --format json",
        "check STORE --parity template.yaml --format github",
    ];
    for value in VALUES {
        let here = folder(&[
            (
                "template.yaml",
                &template(BY_REFERENCE, value, "!GetAtt Role.Arn"),
            ),
            ("deploy.toml", &config("DB_PASSWORD = \"db-password\"\n")),
            ("key", KEY),
        ]);
        let put = run_with_input(
            here.path(),
            &format!("secret put DB_PASSWORD {STORE}"),
            value,
        );
        assert!(put.status.success(), "{}", stderr(&put));
        is_silent(here.path(), &commands, &[value], value);
        let other = template(&by_value("another"), value, "!GetAtt Role.Arn");
        here.write("template.yaml", other);
        is_silent(here.path(), &compared, &[value], value);
    }
}

/// A value in another form, or a part of one.
#[test]
fn encoded_forms_of_a_value_are_never_shown() {
    let document = r#"{"username": "zebra-admin", "password": "zebra\"7", "port": 5432}"#;
    let encoded = STANDARD.encode("zebra-crossing-7");
    let inner = STANDARD.encode("x zebra-crossing-7 y");
    let cases: [(&str, &str); 22] = [
        ("zebra crossing/7", "zebra%20crossing%2F7"),
        ("zebra%20crossing%2f7", "zebra crossing/7"),
        ("zebra-crossing-7", &encoded),
        ("zebra-crossing-7", &inner),
        (&encoded, "zebra-crossing-7"),
        ("postgres://admin:zebra7x@db.example/orders", "zebra7x"),
        ("postgres://admin:zebra%2F7x@db.example/orders", "zebra/7x"),
        (document, "zebra\"7"),
        (document, "zebra-admin"),
        ("first-zebra-9\nsecond-zebra-8\n", "second-zebra-8"),
        ("zebra-crossing-7 ", "zebra-crossing-7"),
        ("Zebra-Crossing-7", "zebra-crossing-7"),
        ("Server=db;User Id=sa;Password=zebra-7x;", "zebra-7x"),
        ("ÄBRA-crossing-7", "äbra-crossing-7"),
        ("äbRA-crössing", "ÄBra-cRÖSsing"),
        // Any character may be escaped, not only those that have to be.
        ("zebra-crossing", "zebra%2dcross%69ng"),
        (
            "zebra-crossing",
            "%7A%65%62%72%61%2D%63%72%6F%73%73%69%6E%67",
        ),
        ("zebra-crossing", "\\u007aebra-crossing"),
        ("zebra-crossing", "zebra\\x2dcrossing"),
        ("zebra-7", "7a656272612D37"),
        ("zq7x", "enE3eA=="),
        ("zq7x", "a%7aq7x"),
    ];
    for (value, form) in cases {
        let here = folder(&[
            (
                "template.yaml",
                &template(&by_value(value), form, "!GetAtt Role.Arn"),
            ),
            ("deploy.toml", &config("DB_PASSWORD = \"db-password\"\n")),
            ("key", KEY),
        ]);
        is_silent(here.path(), &COMMANDS, &[value, form], value);
        // Where a line holds a finding and names, the lint shows the line.
        let (name, value_text) = (quoted(form), quoted(value));
        for flow in [
            format!(
                "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions: [{{Name: {name}, Environment: [{{Name: {name}, Value: x}}, {{Name: DB_PASSWORD, Value: {value_text}}}]}}]\n"
            ),
            format!(
                "{{\"Resources\":{{\"T\":{{\"Type\":\"AWS::ECS::TaskDefinition\",\"Properties\":{{\"ContainerDefinitions\":[{{\"Name\":{name},\"Environment\":[{{\"Name\":\"DB_PASSWORD\",\"Value\":{value_text}}}]}}]}}}}}}}}"
            ),
        ] {
            here.write("template.yaml", flow);
            is_silent(
                here.path(),
                &["lint template.yaml", "preview", "init template.yaml"],
                &[value, form],
                value,
            );
        }
    }
    let long = "zebra-7-".repeat(500);
    let here = folder(&[
        (
            "template.yaml",
            &template(&by_value(&long), &long[..200], "!GetAtt Role.Arn"),
        ),
        ("deploy.toml", &config("DB_PASSWORD = \"db-password\"\n")),
        ("key", KEY),
    ]);
    is_silent(
        here.path(),
        &COMMANDS,
        &["zebra-7-zebra-7-"],
        "a long value",
    );
}

#[test]
fn a_reference_name_that_equals_a_value_is_masked() {
    let lists =
        "          Secrets:\n            - {Name: Zebra7crossing, ValueFrom: /production/app/x}\n";
    let here = folder(&[(
        "template.yaml",
        &template(
            &(by_value("Zebra7crossing") + lists),
            "web",
            "!GetAtt Role.Arn",
        ),
    )]);
    is_silent(
        here.path(),
        &["init template.yaml"],
        &["Zebra7crossing"],
        "init",
    );
    let text = stdout(&run(here.path(), "init template.yaml"));
    assert!(
        text.contains("DB_PASSWORD = \"db-password\"") && text.contains("rename it"),
        "{text}"
    );
}
