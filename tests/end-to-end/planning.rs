//! What a rewrite must not do in silence: a wrong container, merged values, a name in both lists, a
//! lost comment.

use std::process::Output;

use byref_support::{folder, run, run_with_input, stderr, stdout};

const HEAD: &str = "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\", \"us-east-1\"]\n[flag]\ndefault = \"reference\"\n";

/// A configuration whose application has these settings and secret lines.
fn config(app: &str, lines: &str) -> String {
    format!("{HEAD}[apps.web]\nexecution-role = \"external\"\n{app}\n[apps.web.secrets]\n{lines}\n")
}

/// A template with one container, whose properties are these lines; sections come before the
/// resources.
fn task(sections: &str, container: &str, properties: &str) -> String {
    let properties: Vec<String> = properties
        .lines()
        .map(|line| format!("          {line}\n"))
        .collect();
    let properties = properties.concat();
    format!(
        "{sections}Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ExecutionRoleArn: arn:aws:iam::111122223333:role/x\n      ContainerDefinitions:\n        - Name: {container}\n{properties}"
    )
}

fn variable(container: &str, name: &str, value: &str) -> String {
    task(
        "",
        container,
        &format!("Environment:\n  - Name: {name}\n    Value: {value}"),
    )
}

fn rewrite(config: &str, template: &str, options: &str) -> Output {
    let folder = folder(&[("deploy.toml", config), ("t.yaml", template)]);
    run(folder.path(), &format!("rewrite {options} t.yaml"))
}

#[track_caller]
fn assert_code(output: &Output, code: i32, message: &str) {
    let said = stderr(output);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{}\n{said}",
        stdout(output)
    );
    assert!(
        said.contains(message),
        "no `{message}`\n{}\n{said}",
        stdout(output)
    );
}

const TWO: &str = "templates = [\"a.yaml\", \"b.yaml\"]";

#[test]
fn all_templates_of_an_application_count_when_one_is_rewritten() {
    let lines = "DB_PASSWORD = true\nWORKER_TOKEN = true\nNAMED = { key = \"n\", containers = [\"worker\"] }";
    let (a, b) = (
        variable("web", "DB_PASSWORD", "aaaaaa"),
        variable("worker", "WORKER_TOKEN", "tttttt"),
    );
    let folder = folder(&[
        ("deploy.toml", &config(TWO, lines)),
        ("a.yaml", &a),
        ("b.yaml", &b),
    ]);
    for (arguments, input) in [
        ("rewrite a.yaml", ""),
        ("rewrite -", a.as_str()),
        ("preview a.yaml", ""),
    ] {
        let output = run_with_input(folder.path(), arguments, input);
        assert_code(&output, 0, "");
        let all = stdout(&output);
        assert!(
            all.contains("db-password") && !all.contains("worker-token") && !all.contains("NAMED"),
            "{all}"
        );
    }
    // A changed copy on standard input is still that template.
    let changed = b.replace("tttttt", "uuuuuu");
    for (arguments, input) in [
        ("rewrite b.yaml", ""),
        ("rewrite -", b.as_str()),
        ("rewrite -", &changed),
    ] {
        let output = run_with_input(folder.path(), arguments, input);
        assert_code(&output, 0, "1 moved, 1 added");
        assert!(
            stdout(&output).contains("NAMED") && !stdout(&output).contains("db-password"),
            "{}",
            stdout(&output)
        );
    }
    assert_code(
        &run(folder.path(), "rewrite --in-place a.yaml"),
        0,
        "1 moved",
    );
    assert_eq!(folder.read("b.yaml"), b);
    // A template that is not listed is looked at with the others.
    folder.write("c.yaml", variable("third", "OTHER", "x"));
    let output = run(folder.path(), "rewrite c.yaml");
    assert_code(&output, 0, "");
    assert!(!stdout(&output).contains("Secrets"), "{}", stdout(&output));
}

#[test]
fn values_are_compared_over_all_templates() {
    let (a, b) = (
        variable("web", "DB_PASSWORD", "value-one"),
        variable("worker", "DB_PASSWORD", "value-two"),
    );
    let folder = folder(&[
        ("deploy.toml", &config(TWO, "DB_PASSWORD = true")),
        ("a.yaml", &a),
        ("b.yaml", &b),
    ]);
    for arguments in [
        "rewrite a.yaml",
        "rewrite b.yaml",
        "rewrite --output-dir out",
        "preview b.yaml",
    ] {
        let output = run(folder.path(), arguments);
        assert_code(&output, 2, "two-values");
        assert!(
            !stderr(&output).contains("value-one") && !stderr(&output).contains("value-two"),
            "{}",
            stderr(&output)
        );
    }
    assert_code(
        &run_with_input(folder.path(), "rewrite -", &a),
        2,
        "two-values",
    );
    folder.write(
        "deploy.toml",
        config(TWO, "DB_PASSWORD = { same-value = true }"),
    );
    assert_code(&run(folder.path(), "rewrite a.yaml"), 0, "1 moved");
}

#[test]
fn a_new_secret_needs_an_unambiguous_container() {
    let stack = |url: &str| {
        format!(
            "{}  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: {url}\n",
            variable("web", "A", "b")
        )
    };
    let app = "templates = [\"a.yaml\"]";
    let only = |files: &[(&str, &str)], app: &str| {
        let config = config(app, "NEW = true");
        let mut all = vec![("deploy.toml", config.as_str())];
        all.extend(files);
        let folder = folder(&all);
        run(folder.path(), "rewrite a.yaml")
    };
    assert_code(
        &only(&[("a.yaml", &variable("web", "A", "b"))], app),
        0,
        "1 added",
    );
    let url = stack("https://s3.amazonaws.com/bucket/0123456789abcdef.template");
    assert_code(&only(&[("a.yaml", &url)], app), 2, "no-container");
    assert_code(
        &only(
            &[("a.yaml", &stack("!Sub 'https://${AWS::Region}/b.yaml'"))],
            app,
        ),
        2,
        "no-container",
    );
    assert_code(
        &only(&[("a.yaml", &stack("./b.yaml"))], app),
        2,
        "no-container",
    );
    assert_code(
        &only(
            &[("a.yaml", &url)],
            "templates = [\"a.yaml\"]\ncontainers = [\"web\"]",
        ),
        0,
        "1 added",
    );
    let child = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n";
    assert_code(
        &only(&[("a.yaml", &stack("./b.yaml")), ("b.yaml", child)], TWO),
        0,
        "1 added",
    );
    let json = "{\"Resources\": {\"Child\": {\"Type\": \"AWS::CloudFormation::Stack\", \"Properties\": {\"TemplateURL\": \"https://x/y\"}}}}";
    assert_code(
        &only(
            &[("a.yaml", &variable("web", "A", "b")), ("b.yaml", json)],
            TWO,
        ),
        2,
        "no-container",
    );
    // A listed template that is missing or broken may hold the container.
    let missing = only(&[("a.yaml", &variable("web", "A", "b"))], TWO);
    assert_code(&missing, 2, "no-container");
    assert!(stderr(&missing).contains("unread-template") && stderr(&missing).contains("b.yaml"));
    assert_code(
        &only(
            &[("a.yaml", &variable("web", "A", "b")), ("b.yaml", "a: [")],
            TWO,
        ),
        2,
        "unread-template",
    );
    // Where no line needs it, that is a warning.
    assert_code(
        &only(&[("a.yaml", &variable("web", "NEW", "bbbbbb"))], TWO),
        0,
        "warning[unread-template]",
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn different_values_are_never_merged() {
    let sections = "\
Parameters:
  A: {Type: String, NoEcho: true}
  B: {Type: String, NoEcho: true}
Mappings:
  Pw:
    us-west-2: {v: west-secret-1, s: same-secret}
    us-east-1: {v: east-secret-2, s: same-secret}
    eu-west-1: {v: other-secret-3, s: same-secret}
Conditions:
  C: !Equals [!Ref AWS::StackName, x]
  West: !Equals [!Ref AWS::Region, us-west-2]
  Asia: !Equals [!Ref AWS::Region, ap-east-1]
  Always: !Equals [a, a]
";
    let value = |value: &str| format!("Environment:\n  - Name: P\n    Value: {value}");
    let merged = [
        value("!FindInMap [Pw, !Ref AWS::Region, v]"),
        value("{'Fn::FindInMap': [Pw, {Ref: 'AWS::Region'}, v]}"),
        value("!FindInMap [Pw, !Ref A, v]"),
        value("!Sub ['pg://${p}', {p: !FindInMap [Pw, !Ref AWS::Region, v]}]"),
        value("!If [C, one-secret, two-secret]"),
        value("{'Fn::If': [C, one-secret, two-secret]}"),
        value("!If [West, one-secret, two-secret]"),
        value("!If [C, !Ref A, !Ref B]"),
        value("!If [C, !Ref A, literal-secret]"),
        value("!Join ['', [x, !If [C, one-secret, two-secret]]]"),
        value("!Sub 'secret-${AWS::Region}'"),
        "Environment:\n  - !If [C, {Name: P, Value: one-secret}, {Name: P, Value: two-secret}]".to_owned(),
        "Environment: !If\n  - C\n  - - Name: P\n      Value: one-secret\n  - - Name: P\n      Value: two-secret"
            .to_owned(),
        "Environment:\n  - {Name: P, Value: one-secret}\n  - {Name: P, Value: two-secret}".to_owned(),
    ];
    for properties in merged {
        let template = task(sections, "web", &properties);
        assert_code(
            &rewrite(&config("", "P = true"), &template, ""),
            2,
            "two-values",
        );
        assert_code(
            &rewrite(&config("", "P = { same-value = true }"), &template, ""),
            0,
            "moved",
        );
    }
    let one = [
        value("!FindInMap [Pw, !Ref AWS::Region, s]"),
        value("!FindInMap [Pw, us-west-2, v]"),
        value("!If [C, one-secret, 'one-secret']"),
        value("!If [C, one-secret, !Sub one-secret]"),
        value("!If [Always, one-secret, two-secret]"),
        value("!If [Asia, one-secret, two-secret]"),
        value("!If [C, !Ref A, !Sub '${A}']").replace("!Sub '${A}'", "{Ref: A}"),
        "Environment:\n  - !If [C, {Name: P, Value: one-secret}, {Name: P, Value: one-secret}]"
            .to_owned(),
        "Environment:\n  - !If [C, {Name: P, Value: one-secret}, {Name: Q, Value: two-secret}]"
            .to_owned(),
    ];
    for properties in one {
        assert_code(
            &rewrite(
                &config("", "P = true"),
                &task(sections, "web", &properties),
                "",
            ),
            0,
            "moved",
        );
    }
    // The environment decides: each has a parameter of its own.
    let sections = "Parameters:\n  Env: {Type: String}\nMappings:\n  Pw: {production: {v: prod-secret}, dev: {v: dev-secret}}\nConditions:\n  IsProd: !Equals [!Ref Env, production]\n";
    let with_parameter = format!(
        "[rewrite]\nenvironment-parameter = \"Env\"\n{}",
        config("", "P = true")
    );
    for own in [
        "!If [IsProd, prod-secret, dev-secret]",
        "!FindInMap [Pw, !Ref Env, v]",
    ] {
        let template = task(sections, "web", &value(own));
        assert_code(&rewrite(&with_parameter, &template, ""), 0, "moved");
        assert_code(
            &rewrite(&config("", "P = true"), &template, ""),
            2,
            "environment-parameter",
        );
    }
    // Two lines of one parameter.
    let two = task(
        "",
        "web",
        "Environment:\n  - {Name: P, Value: one-secret}\n  - {Name: Q, Value: two-secret}",
    );
    assert_code(
        &rewrite(&config("", "P = \"k\"\nQ = \"k\""), &two, ""),
        2,
        "two-values",
    );
    assert_code(
        &rewrite(
            &config("", "P = \"k\"\nQ = \"k\""),
            &two.replace("two-", "one-"),
            "",
        ),
        0,
        "2 moved",
    );
    // A line that names its containers compares them too.
    let named = config("", "P = { containers = [\"web\", \"worker\"] }");
    let containers = format!(
        "{}        - Name: worker\n          Environment: [{{Name: P, Value: two-secret}}]\n",
        task("", "web", &value("one-secret"))
    );
    assert_code(&rewrite(&named, &containers, ""), 2, "two-values");
}

#[test]
fn dynamic_references_are_computed_values() {
    let sections = "\
Parameters:
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /prod/pw}
  Hidden: {Type: String, Default: '{{resolve:ssm:/prod/pw}}'}
Mappings:
  M: {k: {v: '{{resolve:secretsmanager:db}}'}}
";
    for value in [
        "'{{resolve:secretsmanager:MySecret:SecretString:password}}'",
        "\"{{resolve:ssm:/other/name}}\"",
        "'{{resolve:ssm-secure:/other/name:3}}'",
        "'pg://u:{{resolve:ssm:/production/web/p}}@h'",
        "!Sub '{{resolve:ssm:/${AWS::AccountId}/pw}}'",
        "{'Fn::Sub': ['{{resolve:ssm:${n}}}', {n: /pw}]}",
        "!Join ['', ['{{resolve:ssm:', /pw, '}}']]",
        "!Join [':', ['{{resolve', ssm, '/pw}}']]",
        "!Ref Stored",
        "!Sub 'x${Stored}'",
        "!Ref Hidden",
        "!FindInMap [M, k, v]",
        "!Sub 'https://${AWS::StackName}.example.com'",
        "!Ref AWS::StackId",
    ] {
        let template = task(
            sections,
            "web",
            &format!("Environment:\n  - Name: P\n    Value: {value}"),
        );
        assert_code(
            &rewrite(&config("", "P = true"), &template, ""),
            2,
            "computed-value",
        );
        assert_code(
            &rewrite(
                &config("", "P = { replace-computed = true }"),
                &template,
                "",
            ),
            0,
            "1 moved",
        );
    }
    for value in [
        "'{{resolve:ssm:/production/web/p}}'",
        "'{{resolve:ssm-secure:/production/web/p:7}}'",
        "!Sub '{{resolve:ssm:/production/web/p}}'",
    ] {
        let template = task(
            sections,
            "web",
            &format!("Environment:\n  - Name: P\n    Value: {value}"),
        );
        assert_code(
            &rewrite(&config("", "P = true"), &template, ""),
            0,
            "1 moved",
        );
    }
}

#[test]
fn the_environment_parameter_must_accept_the_environment() {
    let config = format!(
        "[rewrite]\nenvironment-parameter = \"Env\"\n{}",
        config("", "P = true")
    );
    let run = |declared: &str| {
        let sections = format!("Parameters:\n  Env: {declared}\n");
        rewrite(
            &config,
            &task(
                &sections,
                "web",
                "Environment:\n  - Name: P\n    Value: aaaaaa",
            ),
            "",
        )
    };
    for excluded in [
        "{Type: String, AllowedValues: [dev, prod]}",
        "{Type: String, AllowedValues: ['Production']}",
        "{Type: String, AllowedPattern: '[a-z]{1,4}'}",
        "{Type: String, AllowedPattern: '^(dev|prod)$'}",
        "{Type: String, MaxLength: 4}",
        "{Type: String, MinLength: '11'}",
        "{Type: Number}",
        "{Type: CommaDelimitedList}",
        "{Type: 'List<Number>'}",
    ] {
        assert_code(&run(excluded), 2, "error[environment-parameter]");
    }
    for accepted in [
        "{Type: String}",
        "{Type: String, AllowedValues: [dev, production], Default: production}",
        "{Type: String, AllowedPattern: '[a-z]+', MinLength: 2, MaxLength: 20}",
        "{Type: String, AllowedPattern: '(?!x).*'}",
    ] {
        let output = run(accepted);
        assert_code(&output, 0, "1 moved");
        assert!(
            !stderr(&output).contains("[environment-parameter]"),
            "{}",
            stderr(&output)
        );
    }
    assert_code(
        &run("{Type: String, Default: prod}"),
        0,
        "warning[environment-parameter]",
    );
    assert_code(
        &run("{Type: 'AWS::SSM::Parameter::Value<String>'}"),
        0,
        "warning[environment-parameter]",
    );
}

#[test]
fn codebuild_accepts_parameters_of_its_own_account_and_region_only() {
    let template = "Resources:\n  Build:\n    Type: AWS::CodeBuild::Project\n    Properties:\n      ServiceRole: arn:aws:iam::111122223333:role/x\n      Environment:\n        EnvironmentVariables:\n          - {Name: P, Value: aaaaaa}\n";
    let line = |region: &str, account: &str| {
        config(
            "",
            &format!("P = \"arn:aws:ssm:{region}:{account}:parameter/legacy/token\""),
        )
    };
    let one_region = |config: String| config.replace(", \"us-east-1\"", "");
    assert_code(
        &rewrite(&line("us-west-2", "111122223333"), template, ""),
        2,
        "build-region",
    );
    assert_code(
        &rewrite(&line("eu-west-1", "111122223333"), template, ""),
        2,
        "build-region",
    );
    assert_code(
        &rewrite(&one_region(line("us-west-2", "999999999999")), template, ""),
        2,
        "different account",
    );
    assert_code(
        &rewrite(&one_region(line("us-west-2", "111122223333")), template, ""),
        0,
        "1 moved",
    );
    assert_code(
        &rewrite(&config("", "P = true"), template, ""),
        0,
        "1 moved",
    );
}

#[test]
fn computed_names_with_one_possible_value_are_matched() {
    let sections = "Parameters:\n  One: {Type: String, AllowedValues: [P]}\n  Open: {Type: String}\n  Two: {Type: String, AllowedValues: [P, Q]}\nMappings:\n  M: {k: {v: P}, l: {v: Q}}\nConditions:\n  C: !Equals [!Ref AWS::StackName, x]\n";
    let entry = |name: &str| {
        task(
            sections,
            "web",
            &format!("Environment:\n  - Name: {name}\n    Value: aaaaaa"),
        )
    };
    for name in [
        "!Sub P",
        "{'Fn::Sub': P}",
        "!Join ['', [P]]",
        "!If [C, P, P]",
        "!FindInMap [M, k, v]",
        "!Ref One",
        "!Sub '${One}'",
    ] {
        let output = rewrite(&config("", "P = true"), &entry(name), "");
        assert_code(&output, 0, "1 moved");
        assert!(
            !stdout(&output).contains("Environment"),
            "{}",
            stdout(&output)
        );
    }
    for name in [
        "!If [C, P, Q]",
        "!FindInMap [M, !Ref Open, v]",
        "!Ref Two",
        "!Join ['', [!Ref Two]]",
    ] {
        assert_code(
            &rewrite(&config("", "P = true"), &entry(name), ""),
            2,
            "uncertain-name",
        );
        let other = rewrite(&config("", "OTHER = true"), &entry(name), "");
        assert_code(&other, 0, "1 added");
        assert!(
            !stderr(&other).contains("possible-clash"),
            "{}",
            stderr(&other)
        );
    }
    assert_code(
        &rewrite(&config("", "P = true"), &entry("!Ref Open"), ""),
        0,
        "possible-clash",
    );
    let json = entry("X").replace('\t', "");
    assert_code(&rewrite(&config("", "P = true"), &json, ""), 0, "1 added");
    // A container that is named by a function, and only by it.
    let named = task("", "!Sub web", "Environment:\n  - {Name: A, Value: b}");
    assert_code(
        &rewrite(&config("", "P = { containers = [\"web\"] }"), &named, ""),
        0,
        "1 added",
    );
}

#[test]
fn possible_clash_is_reported_only_if_lines_name_containers() {
    let template = task(
        "",
        "!Sub '${AWS::StackName}-web'",
        "Environment:\n  - {Name: P, Value: aaaaaa}",
    );
    let output = rewrite(&config("", "P = true"), &template, "");
    assert_code(&output, 0, "1 moved");
    assert!(
        !stderr(&output).contains("possible-clash"),
        "{}",
        stderr(&output)
    );
    let two = format!("{template}        - Name: worker\n          Image: x\n");
    assert_code(
        &rewrite(&config("", "NEW = { containers = [\"worker\"] }"), &two, ""),
        0,
        "possible-clash",
    );
    let certain = two.replace("!Sub '${AWS::StackName}-web'", "!Sub web");
    let output = rewrite(
        &config("", "NEW = { containers = [\"worker\"] }"),
        &certain,
        "",
    );
    assert!(
        !stderr(&output).contains("possible-clash"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn entries_under_a_condition_and_its_negation_are_exclusive() {
    let sections = "Conditions:\n  C: !Equals [!Ref AWS::Region, us-west-2]\n  D: !Equals [!Ref AWS::StackName, x]\n  NotC: !Not [!Condition C]\n  East: !Equals [us-east-1, !Ref 'AWS::Region']\n  Both: !And [!Condition C, !Condition D]\n";
    let two = |one: &str, other: &str| {
        task(
            sections,
            "web",
            &format!(
                "Environment:\n  - !If [{one}, {{Name: P, Value: aaaaaa}}, !Ref AWS::NoValue]\n  - !If [{other}, {{Name: P, Value: aaaaaa}}, !Ref AWS::NoValue]"
            ),
        )
    };
    for (one, other) in [
        ("C", "NotC"),
        ("NotC", "C"),
        ("C", "East"),
        ("Both", "NotC"),
    ] {
        assert_code(
            &rewrite(&config("", "P = true"), &two(one, other), ""),
            0,
            "2 moved",
        );
    }
    // Where one holds whenever the other does, one entry is enough.
    assert_code(
        &rewrite(&config("", "P = true"), &two("NotC", "East"), ""),
        0,
        "1 moved",
    );
    assert_code(
        &rewrite(&config("", "P = true"), &two("C", "D"), ""),
        2,
        "undecidable-duplicate",
    );
}

#[test]
fn copies_of_values_in_defaults_and_mappings_are_reported() {
    let copy = "Environment:\n  - {Name: P, Value: VALUE}\n  - {Name: URL, Value: 'pg://u:super-secret-99@h'}";
    let sections = "Parameters:\n  A: {Type: String, NoEcho: true, Default: super-secret-99}\nMappings:\n  M: {k: {v: super-secret-99}}\n";
    for value in [
        "!Ref A",
        "!Sub '${A}'",
        "{Ref: A}",
        "!Sub 'x-${A}'",
        "!FindInMap [M, k, v]",
        "{'Fn::FindInMap': [M, k, v]}",
    ] {
        for options in ["", "--prune-parameters"] {
            let output = rewrite(
                &config("", "P = true"),
                &task(sections, "web", &copy.replace("VALUE", value)),
                options,
            );
            assert_code(&output, 0, "remaining-copy");
            assert!(
                !stderr(&output).contains("super-secret-99"),
                "{}",
                stderr(&output)
            );
        }
    }
    // A mapping that stays keeps the value.
    let used = "Environment:\n  - {Name: P, Value: !FindInMap [M, k, v]}\n  - {Name: Q, Value: !FindInMap [M, k, w]}";
    let sections = "Mappings:\n  M: {k: {v: super-secret-99, w: x}}\n";
    assert_code(
        &rewrite(
            &config("", "P = true"),
            &task(sections, "web", used),
            "--prune-parameters",
        ),
        0,
        "remaining-copy",
    );
    // The key of a mapping is no value.
    let sections = "Parameters:\n  Env: {Type: String}\nMappings:\n  M: {a: {v: s1}, b: {v: s1}}\n";
    let keyed = "Environment:\n  - {Name: P, Value: !FindInMap [M, !Ref Env, v]}\n  - {Name: E, Value: !Ref Env}";
    let output = rewrite(&config("", "P = true"), &task(sections, "web", keyed), "");
    assert_code(&output, 0, "1 moved");
    assert!(
        !stderr(&output).contains("shared-parameter"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_comment_moves_with_its_entry_unless_it_contains_the_value() {
    let run = |properties: &str| rewrite(&config("", "P = true"), &task("", "web", properties), "");
    for (properties, comment) in [
        (
            "Environment:\n  - Name: P\n    Value: hunter22  # rotated in May",
            "# rotated in May",
        ),
        (
            "Environment:\n  - Name: P\n    Value: \"hunter22\" # see RUNBOOK-7\n  - Name: A\n    Value: b",
            "# see RUNBOOK-7",
        ),
        (
            "Environment:\n  - Name: P\n    Value:\n      Fn::Sub: hunter22  # kept\n  - Name: A\n    Value: b",
            "# kept",
        ),
        (
            "Secrets:\n  - {Name: Z, ValueFrom: /z}\n# ---- runtime settings ----\nEnvironment: [{Name: P, Value: hunter22}]\nImage: x",
            "# ---- runtime settings ----",
        ),
        (
            "# ---- runtime settings ----\nEnvironment:\n  - {Name: P, Value: hunter22}\nSecrets:\n  - {Name: Z, ValueFrom: /z}\nImage: x",
            "# ---- runtime settings ----",
        ),
        (
            "Secrets: []\n# above\nEnvironment:\n  - {Name: P, Value: hunter22}",
            "# above",
        ),
    ] {
        let output = run(properties);
        assert_code(&output, 0, "1 moved");
        assert!(stdout(&output).contains(comment), "{}", stdout(&output));
        assert!(
            !stderr(&output).contains("removed-comment"),
            "{}",
            stderr(&output)
        );
    }
    for properties in [
        "Environment:\n  - Name: P\n    Value: hunter22  # not hunter22",
        "Environment:\n  - Name: P\n    Value: !Ref X  # password=qM3x-wz81-Lk55",
        "Secrets:\n  - {Name: Z, ValueFrom: /z}\nEnvironment: [{Name: P, Value: hunter22}]  # inline note",
    ] {
        let output = run(properties);
        assert_code(&output, 0, "note[removed-comment]");
        assert!(
            !stderr(&output).contains("hunter22") && !stderr(&output).contains("qM3x"),
            "{}",
            stderr(&output)
        );
        assert!(
            !stdout(&output).contains("hunter22") && !stdout(&output).contains("qM3x"),
            "{}",
            stdout(&output)
        );
    }
    // Where the comment can't go, the copy in it is reported.
    assert_code(
        &run("Environment:\n  - {Name: P, Value: hunter22}  # hunter22"),
        0,
        "remaining-copy",
    );
}
