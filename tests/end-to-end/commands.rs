//! Commands and options, as a user types them.

use byref_support::{byref, config, folder, run, run_with_input, stderr, stdout, template};

const LINES: &str = "DB_PASSWORD = \"db-password\"\n";

fn environment(value: &str) -> String {
    template(&format!(
        "Environment:\n  - Name: DB_PASSWORD\n    Value: {value}\n  - Name: LOG_LEVEL\n    Value: info\n"
    ))
}

#[test]
fn help_and_version_are_printed() {
    let folder = folder(&[]);
    for arguments in [
        "--help",
        "--version",
        "rewrite --help",
        "preview -h",
        "completions bash",
        "man",
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments}");
        assert!(stdout(&output).contains("byref"), "{arguments}");
    }
    assert_eq!(run(folder.path(), "frobnicate").status.code(), Some(2));
    assert_eq!(
        run(folder.path(), "rewrite --check --in-place")
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn man_writes_a_page_for_each_command() {
    let folder = folder(&[("pages/x", "")]);
    let output = run(folder.path(), "man --output-dir pages");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stdout(&output), "");
    for (page, heading) in [
        ("byref.1", ".TH byref 1"),
        ("byref-rewrite.1", ".TH byref-rewrite 1"),
        ("byref-secret-put.1", ".TH byref-secret-put 1"),
    ] {
        let text = std::fs::read_to_string(folder.path().join("pages").join(page)).unwrap();
        assert!(text.contains(heading), "{page}: {text}");
    }
    let output = run(folder.path(), "man --output-dir gone");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("gone"), "{}", stderr(&output));
}

#[test]
fn the_configuration_is_found_in_parent_folders() {
    let folder = folder(&[
        ("deploy.toml", &config(LINES)),
        ("template.yaml", &environment("x")),
        ("a/b/x", ""),
    ]);
    let output = run(folder.join("a/b"), "rewrite -v --check");
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("reads ../../deploy.toml"),
        "{}",
        stderr(&output)
    );
    let elsewhere = byref_support::folder(&[]);
    let output = run(elsewhere.path(), "rewrite --check");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("byref init"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_root_file_overrides_included_files() {
    let root = "include = [\"shared/environments.toml\"]\n[apps.app]\ntemplates = [\"template.yaml\"]\n[apps.app.secrets]\nDB_PASSWORD = \"db-password\"\n[flag]\ndefault = \"reference\"\n";
    let shared = "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\"]\n[flag]\ndefault = \"value\"\n[names]\napp = \"/x/{key}\"\n";
    let folder = folder(&[
        ("deploy.toml", root),
        ("shared/environments.toml", shared),
        ("template.yaml", &environment("x")),
    ]);
    let output = run(folder.path(), "rewrite");
    assert!(
        stdout(&output).contains("parameter/x/db-password"),
        "{}",
        stderr(&output)
    );
    std::fs::remove_file(folder.join("shared/environments.toml")).unwrap();
    let output = run(folder.path(), "rewrite");
    assert!(
        stderr(&output).contains("deploy.toml:1:12"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_application_is_the_one_that_lists_the_template() {
    let two = config(LINES)
        + "\n[apps.other]\ntemplates = [\"other.yaml\"]\n[apps.other.secrets]\nDB_PASSWORD = \"elsewhere\"\n";
    let folder = folder(&[
        ("deploy.toml", &two),
        ("template.yaml", &environment("x")),
        ("other.yaml", &environment("x")),
        ("third.yaml", &environment("x")),
    ]);
    assert!(
        stdout(&run(folder.path(), "rewrite other.yaml"))
            .contains("parameter/production/other/elsewhere")
    );
    assert!(
        stdout(&run(folder.path(), "rewrite ./template.yaml"))
            .contains("parameter/production/app/db-password")
    );
    let output = run(folder.path(), "rewrite third.yaml");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("`app`, `other`"),
        "{}",
        stderr(&output)
    );
    let output = run(folder.path(), "rewrite --app othr third.yaml");
    assert!(
        stderr(&output).contains("did you mean `other`?"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn rewrite_reads_standard_input_and_writes_standard_output() {
    let folder = folder(&[("deploy.toml", &config(LINES))]);
    let output = run_with_input(folder.path(), "rewrite -q -", &environment("x"));
    assert_eq!(
        (output.status.code(), stderr(&output).as_str()),
        (Some(0), "")
    );
    assert!(stdout(&output).contains("ValueFrom"));
    let output = run_with_input(folder.path(), "rewrite --in-place -", &environment("x"));
    assert_eq!(output.status.code(), Some(2));
    let output = run_with_input(folder.path(), "rewrite -", "a: [b\n");
    assert!(
        stderr(&output).contains("<stdin>:1:4"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn rewrite_without_secret_lines_keeps_every_byte() {
    let text = "\u{feff}Resources: {}   \r\n# x";
    let folder = folder(&[("deploy.toml", &config("")), ("template.yaml", text)]);
    let output = run(folder.path(), "rewrite");
    assert_eq!(
        (output.status.code(), stdout(&output).as_str()),
        (Some(0), text)
    );
    assert_eq!(run(folder.path(), "rewrite --check").status.code(), Some(0));
}

#[test]
fn a_parent_and_its_nested_template_are_rewritten_in_one_run() {
    let config = config(LINES).replace("[\"template.yaml\"]", "[\"parent.yaml\", \"child.yaml\"]");
    let parent = "Resources:\n  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: https://example.com/child.yaml\n      Parameters: {Password: x}\n";
    let child = format!(
        "Parameters:\n  Password: {{Type: String}}\n{}",
        environment("!Ref Password")
    );
    let folder = folder(&[
        ("deploy.toml", &config),
        ("parent.yaml", parent),
        ("child.yaml", &child),
    ]);
    let output = run(folder.path(), "rewrite");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("--in-place"),
        "{}",
        stderr(&output)
    );
    let output = run(folder.path(), "rewrite --output-dir out --prune-parameters");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(folder.read("out/parent.yaml"), parent);
    let written = folder.read("out/child.yaml");
    assert!(
        written.contains("ValueFrom") && written.contains("Password: {Type: String}"),
        "{written}"
    );
}

#[test]
fn in_place_writes_no_environment_into_a_shared_template() {
    let two = config(LINES)
        + "\n[environments.development]\naccount = \"444455556666\"\nregions = [\"us-west-2\"]\n";
    let folder = folder(&[("deploy.toml", &two), ("template.yaml", &environment("x"))]);
    let output = run(folder.path(), "rewrite --in-place");
    assert!(
        stderr(&output).contains("which environment?"),
        "{}",
        stderr(&output)
    );
    let output = run(folder.path(), "rewrite --in-place -e production");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("environment-parameter"),
        "{}",
        stderr(&output)
    );
    assert_eq!(
        run(folder.path(), "rewrite -e production").status.code(),
        Some(0)
    );
    let shared = two.replace(
        "\"db-password\"",
        "{ key = \"db-password\", scope = \"shared\" }",
    );
    // A key of one environment in a grant, and literal ARNs, are no better; what helps is said of
    // each.
    let role = "  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}\n";
    let granted = environment("x").replace(
        "arn:aws:iam::111122223333:role/execution",
        "!GetAtt Role.Arn",
    ) + role;
    let keyed = shared.replacen(
        "regions = [\"us-west-2\"]",
        "regions = [\"us-west-2\"]\nkms-key = \"alias/production\"",
        1,
    );
    let literal = format!("{shared}\n[rewrite]\nreference = \"literal\"\n");
    for (config, template, said, help) in [
        (
            &keyed,
            &granted,
            "the key of `production`",
            "the same alias as `kms-key`",
        ),
        (
            &literal,
            &environment("x"),
            "ARNs of one account and Region",
            "set `reference = \"pseudo\"`",
        ),
    ] {
        folder.write("deploy.toml", config);
        folder.write("template.yaml", template);
        let output = run(folder.path(), "rewrite --in-place -e production");
        let error = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(said) && error.contains(help), "{error}");
    }
    folder.write("template.yaml", environment("x"));
    folder.write("deploy.toml", shared);
    assert_eq!(
        run(folder.path(), "rewrite --in-place -e production")
            .status
            .code(),
        Some(0)
    );
}

#[test]
fn byref_scheme_accepts_only_reference() {
    let folder = folder(&[
        (
            "deploy.toml",
            &config(LINES).replace("\"reference\"", "\"value\""),
        ),
        ("template.yaml", &environment("x")),
    ]);
    let with = |value: &str| {
        byref(folder.path())
            .arg("rewrite")
            .env("BYREF_SCHEME", value)
            .output()
            .unwrap()
    };
    assert_eq!(stdout(&run(folder.path(), "rewrite")), environment("x"));
    assert!(stdout(&with("reference")).contains("ValueFrom"));
    assert_eq!(with("value").status.code(), Some(2));
    assert!(
        stdout(&run(folder.path(), "flag")).contains("value      the flag's default"),
        "{}",
        stdout(&run(folder.path(), "flag"))
    );
}

#[test]
fn the_value_scheme_names_the_secrets_that_need_a_store() {
    let folder = folder(&[
        (
            "deploy.toml",
            &config("DB_PASSWORD = true\nAPI_KEY = true\n"),
        ),
        ("template.yaml", &environment("x")),
    ]);
    let output = run(folder.path(), "rewrite --scheme value");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("`API_KEY`") && stderr(&output).contains("store"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn preview_shows_the_change_without_values() {
    let folder = folder(&[
        ("deploy.toml", &config(LINES)),
        ("template.yaml", &environment("not-a-secret-1")),
    ]);
    let output = run(folder.path(), "preview");
    let expected = "\
app, production: 1 moved (by reference, the flag's default)
  DB_PASSWORD  Task/app  moved  ./template.yaml:9:15
  role arn:aws:iam::111122223333:role/execution: ssm:GetParameters for DB_PASSWORD: unknown: the role is not in the template

--- ./template.yaml
+++ ./template.yaml (rewritten)
@@ -6,7 +6,8 @@
       ContainerDefinitions:
         - Name: app
           Environment:
-            - Name: DB_PASSWORD
-              Value: ******
             - Name: LOG_LEVEL
               Value: ******
+          Secrets:
+            - Name: DB_PASSWORD
+              ValueFrom: !Sub arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/production/app/db-password
";
    let shown = stdout(&output)
        .replace("  template.yaml", "  ./template.yaml")
        .replace(" template.yaml", " ./template.yaml");
    assert_eq!((output.status.code(), shown.as_str()), (Some(0), expected));
    assert_eq!(
        run(folder.path(), "preview --exit-code").status.code(),
        Some(1)
    );
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&run(folder.path(), "preview --format json"))).unwrap();
    assert_eq!(json["secrets"][0]["outcome"], "moved");
    assert!(stdout(&run(folder.path(), "preview --format markdown")).contains("```diff"));
    assert!(stdout(&run(folder.path(), "preview --color always")).contains("\u{1b}["));
    run(folder.path(), "rewrite --in-place");
    let output = run(folder.path(), "preview --exit-code");
    assert_eq!(
        (output.status.code(), stdout(&output).lines().count()),
        (Some(0), 3)
    );
}

#[test]
fn colours_are_written_to_terminals_only() {
    let folder = folder(&[("deploy.toml", &config(LINES)), ("template.yaml", "a: [")]);
    assert!(!stderr(&run(folder.path(), "preview")).contains('\u{1b}'));
    let forced = byref(folder.path())
        .arg("preview")
        .env("CLICOLOR_FORCE", "1")
        .output()
        .unwrap();
    assert!(stderr(&forced).contains('\u{1b}'));
    let both = byref(folder.path())
        .arg("preview")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(!stderr(&both).contains('\u{1b}'));
}

#[test]
fn explain_traces_a_secret_from_line_to_template() {
    let folder = folder(&[
        ("deploy.toml", &config(LINES)),
        ("template.yaml", &environment("x")),
    ]);
    let text = stdout(&run(folder.path(), "explain DB_PASSWORD"));
    for part in [
        "deploy.toml:12:1",
        "app: /{environment}/{app}/{key}",
        "/production/app/db-password",
        "arn:aws:ssm:us-west-2:111122223333:parameter/production/app/db-password",
        "the flag's default",
        "Task/app  moved",
        "template.yaml:9:15",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let output = run(folder.path(), "explain DB_PASWORD");
    assert!(
        stderr(&output).contains("did you mean `DB_PASSWORD`?"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn init_writes_a_configuration_that_works() {
    let folder = folder(&[("stacks/web.yaml", &environment("not-a-secret-1"))]);
    let output = run(folder.path(), "init stacks/web.yaml -o deploy.toml");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = folder.read("deploy.toml");
    assert!(
        text.contains("DB_PASSWORD = \"db-password\"  # seen in stacks/web.yaml:9:15, Task container app (its name)"),
        "{text}"
    );
    assert!(!text.contains("LOG_LEVEL"), "{text}");
    assert!(stdout(&run(folder.path(), "rewrite")).contains("ValueFrom"));
    let output = run(folder.path(), "init stacks/web.yaml -o deploy.toml");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("it already exists"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn init_keeps_existing_references() {
    let lists = "Environment:\n  - {Name: API_KEY, Value: not-a-secret-1}\nSecrets:\n  - {Name: A, ValueFrom: /x/a}\n  - {Name: B, ValueFrom: b.c}\n  - {Name: C, ValueFrom: !ImportValue c}\n";
    let folder = folder(&[("web.yaml", &template(lists))]);
    assert_eq!(
        run(folder.path(), "init web.yaml -o deploy.toml")
            .status
            .code(),
        Some(0)
    );
    let text = folder.read("deploy.toml");
    for line in [
        "API_KEY = \"api-key\" ",
        "\nA = \"/x/a\" ",
        "\n# B = { name = \"…\" } ",
        "\n# C = \"c\" ",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    let output = run(folder.path(), "preview");
    assert!(
        stdout(&output).starts_with("web, production: 1 moved, 1 already by reference"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn all_mistakes_of_a_configuration_are_reported_at_once() {
    let text = config("DB_PASSWORD = \"db-password`\"\nA = 3\nB = \"x:3\"\nC = { kye = \"c\" }\n")
        .replace("regions", "region");
    let folder = folder(&[("deploy.toml", &text), ("template.yaml", &environment("x"))]);
    let messages = stderr(&run(folder.path(), "rewrite"));
    for part in [
        "stray-character",
        "wrong-type",
        "version-selector",
        "did you mean `key`?",
        "did you mean `regions`?",
        "has no `regions`",
        "6 errors",
    ] {
        assert!(messages.contains(part), "{part} is not in\n{messages}");
    }
}

#[test]
fn to_values_requires_the_value_scheme_and_a_store() {
    let text =
        template("Secrets:\n  - {Name: DB_PASSWORD, ValueFrom: /production/app/db-password}\n");
    let folder = folder(&[
        ("deploy.toml", &config("DB_PASSWORD = \"db-password\"\n")),
        ("template.yaml", &text),
    ]);
    let output = run(folder.path(), "rewrite --to-values");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("`--to-values` is for the value scheme"),
        "{}",
        stderr(&output)
    );
    let output = run(folder.path(), "rewrite --scheme value --to-values");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("error[needs-store]"),
        "{}",
        stderr(&output)
    );
    let output = run(folder.path(), "rewrite --scheme value");
    // The template stays as it is, and that is not what the flag says.
    assert_eq!(
        (output.status.code(), stdout(&output)),
        (Some(1), text.clone())
    );
    assert!(
        stderr(&output).contains("error[stays-by-reference]"),
        "{}",
        stderr(&output)
    );
    let output = run(folder.path(), "rewrite --scheme value --keep-references");
    assert_eq!((output.status.code(), stdout(&output)), (Some(0), text));
}
