//! Values in places where a name belongs: on the command line, in files to import, in
//! `deploy.toml`.

use byref_support::{byref, config, folder, run, stderr, stdout};

/// Values as they are pasted, of every make.
const PASTED: [&str; 10] = [
    "c3VwZXItc2VjcmV0LXBhc3N3b3JkLTEyMzQ=",
    "Sup3rS3cret!pw",
    "3f2a9c81b7d04e6f8a1c5b2d3f2a9c81b7d04e6f",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "jbswy3dpehpk3pxp",
    "JBSWY3DPEHPK3PXP",
    "q7Rk2LmX9vTz4WbN8cYs",
    "hG7+kq2/Lm9==",
    "postgres://a:b@db/x",
    "kvtqhrnzplxw",
];

const TEMPLATE: &str = "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n        - {Name: app, Environment: [{Name: DB_PASSWORD, Value: not-a-secret-1}]}\n";

fn judge(what: &str, value: &str, arguments: &[String], files: &[(&str, &str)]) {
    let folder = folder(files);
    let output = byref(folder.path()).args(arguments).output().unwrap();
    let said = stdout(&output) + &stderr(&output);
    assert!(
        !said.contains(value),
        "{what}: {arguments:?} shows {value}:\n{said}"
    );
    assert!(!said.contains("panicked"), "{what}: {said}");
}

#[test]
fn errors_do_not_repeat_the_command_line() {
    let places = [
        "secret put DB_PASSWORD {}",
        "secret put DB_PASSWORD --value={}",
        "secret put DB_PASSWORD --value {}",
        "secret put DB_PASSWORD --pasword={}",
        "secret put DB_PASSWORD -p{}",
        "secret put DB_PASSWORD --type={}",
        "secret put DB_PASSWORD --tier {}",
        "secret put DB_PASSWORD --tag {}",
        "secret put DB_PASSWORD --key {}",
        "secret put DB_PASSWORD --yes={}",
        "secret put DB_PASSWORD --read-rate {}",
        "secret put DB_PASSWORD --timeout={}",
        "secret put DB_PASSWORD --store {}",
        "secret put DB_PASSWORD --region {}",
        "secret put {}",
        "secret put --{}",
        "secret {}",
        "{}",
        "--{}",
        "--config deploy.toml {} flag",
        "secret generate DB_PASSWORD {}",
        "secret generate DB_PASSWORD --length {}",
        "secret get DB_PASSWORD {}",
        "secret get DB_PASSWORD --version {}",
        "secret diff DB_PASSWORD {}",
        "secret diff DB_PASSWORD 1 2 {}",
        "secret diff {} 1 2",
        "secret rollback DB_PASSWORD {}",
        "secret rollback DB_PASSWORD --version={}",
        "secret label DB_PASSWORD {}",
        "secret label DB_PASSWORD x {}",
        "secret delete DB_PASSWORD {}",
        "secret history {}",
        "secret copy DB_PASSWORD --to {}",
        "secret copy DB_PASSWORD --to-environment {}",
        "secret copy DB_PASSWORD --to-scope {}",
        "secret import template.yaml --from {}",
        "secret import template.yaml --from compose --service {}",
        "secret export --format {}",
        "secret export {}",
        "secret health {}",
        "secret duplicates DB_PASSWORD {}",
        "exec {}",
        "exec --app {} -- true",
        "rewrite --scheme {}",
        "rewrite --app {}",
        "rewrite -e {}",
        "rewrite --region {}",
        "rewrite --in-place=x{}",
        "flag --app {}",
        "flag --environment {}",
        "flag {}",
        "explain {}",
        "explain DB_PASSWORD {}",
        "check --region {}",
        "check --format {}",
        "iam --region {}",
        "iam --scopes={}",
        "cost --secrets {}",
        "cost --deploys={}",
        "lint --only {}",
        "lint --explain {}",
        "completions {}",
        "man {}",
    ];
    for place in places {
        // Each place with some of the values, so that all are tried in little time.
        let turn = places.iter().position(|other| *other == place).unwrap_or(0);
        let values = PASTED
            .into_iter()
            .chain(["--hunter2-x", "hunter2!"])
            .enumerate();
        for (_, value) in values.filter(|(index, _)| (index + turn) % 4 == 0) {
            let arguments: Vec<String> = place
                .split(' ')
                .map(|argument| argument.replace("{}", value))
                .collect();
            let files = [
                ("deploy.toml", config("DB_PASSWORD = \"db-password\"\n")),
                ("template.yaml", TEMPLATE.to_owned()),
            ];
            judge(
                place,
                value,
                &arguments,
                &files.each_ref().map(|(path, text)| (*path, text.as_str())),
            );
        }
    }
}

#[test]
fn a_value_as_an_argument_is_refused_with_help() {
    let folder = folder(&[("deploy.toml", &config("DB_PASSWORD = \"db-password\"\n"))]);
    for command in [
        "secret put DB_PASSWORD hunter2",
        "secret put DB_PASSWORD --value=hunter2",
    ] {
        let output = run(folder.path(), command);
        assert_eq!(output.status.code(), Some(2));
        for part in ["standard input", "`--file`", "prompt"] {
            assert!(stderr(&output).contains(part), "{}", stderr(&output));
        }
        assert!(!stderr(&output).contains("hunter2"), "{}", stderr(&output));
    }
    let output = run(folder.path(), "rewrite --in-plase");
    assert!(
        stderr(&output).contains("did you mean `--in-place`?"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn import_errors_show_no_value() {
    let forms = [
        (
            "compose",
            "services:\n  web:\n    environment:\n      - DB_PASSWORD=not-a-secret-1\n      - \"{}\"\n",
        ),
        (
            "compose",
            "services:\n  web:\n    environment:\n      - \"DB_PASSWORD: {}\"\n",
        ),
        (
            "compose",
            "services:\n  web:\n    environment:\n      \"{}\": x\n",
        ),
        (
            "compose",
            "services:\n  web:\n    environment:\n      \"{}\":\n",
        ),
        (
            "compose",
            "services:\n  web:\n    environment:\n      \"{}\": \"${X}\"\n",
        ),
        ("compose", "services:\n  \"{}\":\n    environment: [A]\n"),
        (
            "compose",
            "services:\n  \"{}\":\n    environment: {A: x}\n  b:\n    environment: {A: y}\n",
        ),
        ("compose", "services: \"{}\"\n"),
        ("compose", "services:\n  web: [\n  {}\n"),
        ("dotenv", "{}\n"),
        ("dotenv", "DB_PASSWORD=not-a-secret-1\n{}\nX=1\n"),
        ("dotenv", "{}=x\n"),
        ("dotenv", "export {}\n"),
        ("dotenv", "A=\"{}\n"),
        ("dotenv", "A='x' {}\n"),
        ("json", "{\"DB_PASSWORD\": \"{}\n"),
        ("json", "{\"DB_PASSWORD\" \"{}\"}\n"),
        ("json", "{\"{}\": [1]}\n"),
        ("json", "{\"{}\": \"x\"}\n"),
        ("json", "{\"{}\": \"\"}\n"),
        ("json", "{\"{}\": \"x\", \"{}\": \"y\"}\n"),
        ("json", "[\"{}\"]\n"),
        ("json", "\"{}\"\n"),
        ("json", "{\"A\": {}}\n"),
    ];
    for (form, text) in forms {
        for (index, value) in PASTED
            .into_iter()
            .enumerate()
            .filter(|(index, _)| (index + text.len()) % 3 == 0)
        {
            let text = text.replace("{}", value);
            for only in if index % 2 == 0 { [""] } else { ["--only=A"] } {
                let arguments = format!(
                    "secret import file --from {form} --dry-run --store file:store --store-key key {only}"
                );
                let arguments: Vec<String> =
                    arguments.split_whitespace().map(str::to_owned).collect();
                let config = config("DB_PASSWORD = \"db-password\"\n");
                judge(
                    &text,
                    value,
                    &arguments,
                    &[
                        ("deploy.toml", &config),
                        ("file", &text),
                        ("key", "not-a-secret-2\n"),
                    ],
                );
            }
        }
    }
}

#[test]
fn configuration_errors_show_no_pasted_value() {
    let places = [
        "{}\n",
        "DB_PASSWORD = {}\n",
        "DB_PASSWORD = \"{}\n",
        "DB_PASSWORD = \"{}\"\n",
        "\"{}\" = \"db-password\"\n",
        "'{}' = \"db-password\"\n",
        "{} = \"db-password\"\n",
        "\"{}\" = true\n\"{}\" = true\n",
        "\"{}\" = 3\n",
        "\"{}\" = { kye = \"x\" }\n",
        "DB_PASSWORD = { \"{}\" = \"x\" }\n",
        "DB_PASSWORD = { key = \"{}\" }\n",
        "DB_PASSWORD = { name = \"{}\" }\n",
        "DB_PASSWORD = { scope = \"{}\" }\n",
        "DB_PASSWORD = { containers = [\"{}\", \"{}\"] }\n",
        "DB_PASSWORD = { log-option = 3, key = \"{}\" }\n",
        "TOKEN = \"\"\"\n{}\n{} = x\n",
        "# {}\nX = 3\n",
        "[apps.app.environments.\"{}\".secrets]\nA = true\n",
        "[apps.\"{}\"]\ntemplates = 3\n",
        "[apps.\"{}\".secrets]\nA = 3\n",
        "[\"{}\"]\nx = 1\n",
        "[flag.environments.\"{}\"]\ndefault = \"{}\"\n",
        "[environments.\"{}\"]\nregion = 1\n",
        "[environments.x]\naccount = \"{}\"\nregions = [\"{}\"]\npartition = \"{}\"\nkms-key = \"{}\"\nrole-arn = \"{}\"\n",
        "[names]\napp = \"{}\"\n",
        "[rewrite]\ngrant = \"{}\"\nenvironment-parameter = \"{}\"\n",
        "[[lint.allow]]\nrule = \"{}\"\npath = \"{}\"\nreason = 3\n",
        "[apps.other]\ntemplates = [\"{}\", \"{}\"]\nstack = \"{}\"\ntask-definitions = [\"{}\"]\nscheme = \"{}\"\n",
        "[apps.other\n{}\n",
        "DB_PASSWORD = { containers = [\"{}\"] }\n",
        "DB_PASSWORD = \"arn:aws:ssm:us-west-2:111122223333:parameter/{}\"\n",
        "[names]\napp = \"/{key}/{}\"\n",
        "[rewrite]\nenvironment-parameter = \"{}\"\n",
        "[[lint.allow]]\nrule = \"{}\"\npath = \"{}\"\nreason = \"{}\"\nuntil = \"{}\"\n",
        "[{}\n",
        "[{}]\n",
        "[[{}]]\n",
    ];
    let commands = [
        "flag",
        "preview --app app",
        "explain DB_PASSWORD",
        "lint",
        "iam --app app",
        "check --app app --store file:x",
    ];
    for place in places {
        // A word of letters may be a name, however it sounds.
        let values = PASTED
            .into_iter()
            .filter(|value| !value.bytes().all(|byte| byte.is_ascii_lowercase()));
        for (index, value) in values.enumerate() {
            let text = config(&place.replace("{}", value));
            for command in commands.into_iter().skip(index % 3).step_by(3) {
                let arguments: Vec<String> = command.split(' ').map(str::to_owned).collect();
                judge(
                    &text,
                    value,
                    &arguments,
                    &[("deploy.toml", &text), ("template.yaml", TEMPLATE)],
                );
            }
        }
    }
}

#[test]
fn a_template_path_that_is_a_value_is_not_shown() {
    for value in PASTED {
        let text = config("DB_PASSWORD = \"db-password\"\n").replace("template.yaml", value);
        let included = format!("include = [\"{value}\"]\n");
        judge(
            &included,
            value,
            &["flag".to_owned()],
            &[("deploy.toml", &included)],
        );
        for command in [
            "preview",
            "rewrite --in-place",
            "explain DB_PASSWORD",
            "lint",
            "flag",
        ] {
            let arguments: Vec<String> = command.split(' ').map(str::to_owned).collect();
            judge(&text, value, &arguments, &[("deploy.toml", &text)]);
        }
    }
}
