//! Hostile names: nothing that came from a template, a file name or a configuration acts on a
//! terminal, a build server, Markdown, or TOML.

use std::process::Output;

use byref_support::{byref, config, folder, stderr, stdout};

/// What terminals, build servers and renderers of Markdown act upon.
const HOSTILE: &str = "x\n::stop-commands::t\n  ::error::pwn\r\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m \u{202e}r\u{200b}z\u{2066}\u{feff}\u{e0041}\u{fe0f}\u{85}\u{2028}::add-mask::e ##[error]v ##vso[task.x] ##teamcity[y] | `t` ``` ![i](http://evil.example) [l](http://evil.example) @org/team <details> </script>\n[environments.evil]\naccount = \"999999999999\"\n\"";

const LINES: &str = "DB_PASSWORD = \"db-password\"\nTOKEN = { key = \"token\" }\n";

/// A template in JSON, so that any text can be anywhere.
fn template() -> String {
    let hostile = serde_json::Value::from(HOSTILE);
    let environment = |value: &str| {
        serde_json::json!([
            { "Name": "DB_PASSWORD", "Value": value },
            { "Name": HOSTILE, "Value": "not-a-secret-1" },
            { "Name": format!("PASSWORD_{HOSTILE}"), "Value": "q7Rk2LmX9vTz4WbN8cYs" },
        ])
    };
    let task = serde_json::json!({
        "Type": "AWS::ECS::TaskDefinition",
        "Properties": {
            "Family": hostile,
            "ExecutionRoleArn": { "Fn::GetAtt": [HOSTILE, "Arn"] },
            "TaskRoleArn": hostile,
            "ContainerDefinitions": [
                { "Name": HOSTILE, "Image": hostile, "Environment": environment("not-a-secret-1"),
                  "Secrets": [{ "Name": "TOKEN", "ValueFrom": hostile }, { "Name": HOSTILE, "ValueFrom": "/x/y" }] },
                { "Name": format!("b{HOSTILE}"), "Environment": environment("not-a-secret-2") },
            ],
        },
    });
    let mut resources = serde_json::Map::new();
    resources.insert(format!("Task{HOSTILE}"), task.clone());
    resources.insert("Task".to_owned(), task);
    resources.insert(
        HOSTILE.to_owned(),
        serde_json::json!({ "Type": "AWS::IAM::Role", "Properties": {} }),
    );
    let parameters = serde_json::json!({ HOSTILE: { "Type": hostile, "Default": "x" } });
    serde_json::json!({ "Parameters": parameters, "Resources": resources, HOSTILE: { HOSTILE: HOSTILE } }).to_string()
}

/// The same with YAML's line breaks, so that excerpts have hostile lines.
const YAML: &str = "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n        - Name: \"a\\n::stop-commands::x\\e]0;o\\a\u{202e}\"\n          Environment:\n            - {Name: DB_PASSWORD, Value: \"not-a-secret-1\"}\n            - ? ::error::k\u{200b}\u{202e}\n              : x\n            ::error::k: 1\n";

fn assert_harmless(what: &str, text: &str) {
    for character in text.chars() {
        let is_hidden = character.is_control() && !matches!(character, '\n' | '\t')
            || "\u{202e}\u{200b}\u{2066}\u{feff}\u{fe0f}\u{2028}\u{e0041}\u{ad}"
                .contains(character);
        assert!(!is_hidden, "{what} shows {character:?}:\n{text:?}");
    }
    let is_github = what.contains("--format github");
    for line in text.lines() {
        let begins = line.trim_start();
        let is_own = is_github
            && ["::error file=", "::warning file=", "::notice file="]
                .iter()
                .any(|own| begins.starts_with(own));
        let is_command = begins.starts_with("::") && !begins.starts_with(":::");
        assert!(!is_command || is_own, "{what}: {line:?}");
    }
    for command in ["##[", "##vso[", "##teamcity["] {
        assert!(
            is_github || !text.contains(command),
            "{what} has {command}:\n{text}"
        );
    }
    assert!(!text.contains("panicked"), "{what}:\n{text}");
}

fn run(folder: &std::path::Path, command: &str, files: &[&str]) -> Output {
    byref(folder)
        .args(command.split_whitespace())
        .args(files)
        .output()
        .unwrap()
}

const COMMANDS: [&str; 24] = [
    "preview",
    "preview --format json",
    "preview --format markdown",
    "preview --scheme value",
    "rewrite --check",
    "rewrite -o out.json",
    "rewrite --grant never --check",
    "lint",
    "lint --format json",
    "lint --format sarif",
    "lint --format github",
    "lint --format gitlab",
    "lint --format junit",
    "lint --all-text",
    "lint --level error --format text",
    "flag",
    "explain DB_PASSWORD",
    "explain TOKEN --format json",
    "init",
    "iam",
    "cost",
    "check",
    "secret import --from json --dry-run",
    "secret import --from compose --dry-run",
];

#[test]
fn no_command_prints_control_characters_of_names() {
    let text = template();
    let name = format!(
        "t{}.json",
        HOSTILE
            .replace('/', "_")
            .chars()
            .take(60)
            .collect::<String>()
    );
    for (file, text) in [
        ("template.yaml", text.as_str()),
        (name.as_str(), text.as_str()),
        ("template.yaml", YAML),
    ] {
        for command in COMMANDS {
            let folder = folder(&[
                ("deploy.toml", &config(LINES)),
                (file, text),
                ("template.yaml", text),
            ]);
            let takes_files = !["flag", "explain", "iam", "cost"]
                .iter()
                .any(|name| command.starts_with(name));
            let files: &[&str] = if takes_files { &[file] } else { &[] };
            let output = run(folder.path(), command, files);
            assert!(output.status.code().is_some(), "{command}");
            assert_harmless(&format!("{command} (standard output)"), &stdout(&output));
            assert_harmless(&format!("{command} (standard error)"), &stderr(&output));
        }
    }
}

#[test]
fn coloured_output_contains_no_other_sequences_than_colours() {
    let folder = folder(&[
        ("deploy.toml", &config(LINES)),
        ("template.yaml", &template()),
    ]);
    for command in [
        "preview --color always",
        "lint --color always template.yaml",
        "rewrite --check --color always",
    ] {
        let output = run(folder.path(), command, &[]);
        for text in [stdout(&output), stderr(&output)] {
            let mut plain = text.clone();
            for code in ["1", "31", "32", "33", "36", "94", "91", "92", "0"] {
                plain = plain.replace(&format!("\u{1b}[{code}m"), "");
            }
            assert_harmless(command, &plain);
        }
    }
}

/// Markdown without its code: what is left means something.
fn without_code(markdown: &str) -> String {
    let mut left = String::new();
    let mut fence = None;
    for line in markdown.lines() {
        let ticks = line.bytes().take_while(|byte| *byte == b'`').count();
        match fence {
            Some(open) if ticks >= open && line.trim_end().len() == ticks => fence = None,
            Some(_) => {}
            None if ticks >= 3 && !line[ticks..].contains('`') => fence = Some(ticks),
            None => left.push_str(&(without_spans(line) + "\n")),
        }
    }
    assert_eq!(fence, None, "a block does not end:\n{markdown}");
    left
}

fn without_spans(line: &str) -> String {
    let (mut left, mut rest) = (String::new(), line);
    while let Some(start) = rest.find('`') {
        let ticks = rest[start..]
            .bytes()
            .take_while(|byte| *byte == b'`')
            .count();
        left.push_str(&rest[..start]);
        rest = &rest[start + ticks..];
        let mut end = None;
        let mut at = 0;
        while let Some(next) = rest[at..].find('`') {
            let length = rest[at + next..]
                .bytes()
                .take_while(|byte| *byte == b'`')
                .count();
            if length == ticks {
                end = Some(at + next + length);
                break;
            }
            at += next + length;
        }
        rest = &rest[end.unwrap_or_else(|| panic!("a span does not end: {line}"))..];
    }
    left + rest
}

#[test]
fn markdown_prints_names_only_as_code() {
    for text in [template(), YAML.to_owned()] {
        let folder = folder(&[("deploy.toml", &config(LINES)), ("template.yaml", &text)]);
        let output = run(folder.path(), "preview --format markdown", &[]);
        let left = without_code(&stdout(&output));
        for sign in ["![", "](", "@org", "<details>", "evil", "http"] {
            assert!(
                !left.contains(sign),
                "{sign} is outside of code:\n{left}\n\n{}",
                stdout(&output)
            );
        }
        for row in stdout(&output).lines().filter(|line| line.starts_with('|')) {
            let bars = row.replace("\\|", "").matches('|').count();
            assert_eq!(bars, 5, "{row}");
        }
    }
}

#[test]
fn init_writes_no_table_out_of_a_name() {
    let text = template().replace("q7Rk2LmX9vTz4WbN8cYs", "not-a-secret-1");
    let name = "t\"]\n[environments.evil]\nx = \"\u{202e}.json";
    for file in ["template.yaml", name] {
        let folder = folder(&[(file, &text)]);
        let output = run(folder.path(), "init", &[file, "-o", "deploy.toml"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let written = folder.read("deploy.toml");
        assert_harmless("the file", &written);
        assert_eq!(
            written.lines().filter(|line| line.starts_with('[')).count(),
            4,
            "{written}"
        );
        let output = run(folder.path(), "flag", &[]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(stdout(&output).lines().count(), 1, "{}", stdout(&output));
        assert_eq!(
            run(folder.path(), "preview", &[file]).status.code(),
            Some(0),
            "{written}"
        );
    }
}

/// Reports go through `write_text` or `write_styled`; what keeps its bytes is listed here, with the
/// reason.
#[test]
fn only_results_are_written_without_escaping() {
    let exact = [
        "output.rs",                  // where it is
        "write.rs",                   // results that go to `-`
        "commands/iam.rs",            // policies
        "commands/rewrite/output.rs", // templates
        "commands/mod.rs",            // scripts for shells
        "commands/man.rs",            // the manual
        "commands/init.rs",           // TOML, whose writer escapes
        "commands/lint/mod.rs",       // JSON, XML and annotations, whose renderers escape
        "commands/secret/get.rs",     // values
        "commands/secret/export.rs",
    ];
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
            assert!(
                !text.contains("write_bytes(") || exact.contains(&name),
                "{name} writes a report unescaped"
            );
        }
    }
}

#[test]
fn json_reports_keep_names_intact() {
    let folder = folder(&[
        ("deploy.toml", &config(LINES)),
        ("template.yaml", &template()),
    ]);
    for command in [
        "lint --format json",
        "lint --format sarif",
        "lint --format gitlab",
        "preview --format json",
    ] {
        let text = stdout(&run(folder.path(), command, &[]));
        let data: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(data.is_object() || data.is_array(), "{command}");
    }
    let data: serde_json::Value =
        serde_json::from_str(&stdout(&run(folder.path(), "lint --format json", &[]))).unwrap();
    let names = data["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|finding| finding["name"].as_str());
    assert!(
        names
            .clone()
            .any(|name| name.starts_with("PASSWORD_x\n::stop")),
        "{:?}",
        names.collect::<Vec<_>>()
    );
}
