//! What a deploy asks a store: check, the value scheme, exec, cost.

use std::process::Stdio;

use byref_support::{CONFIG, Vault, parsed, stderr, stdout};

fn full() -> Vault {
    let vault = Vault::new();
    vault.put("DB_PASSWORD", "production", "EXAMPLE-password");
    vault.put("API_KEY", "production", "EXAMPLE-key");
    vault
}

#[test]
fn check_reports_every_problem_at_once() {
    let vault = full();
    assert!(stdout(&vault.ends(0, "check --app web -e production")).contains("2 of 2"));
    let config = CONFIG.replace(
        "[apps.worker.secrets]",
        "DB_PASWORD = \"db-pasword\"\nPLAIN = \"plain\"\nEAST = \"/production/east\"\nOTHER = \"arn:aws:secretsmanager:us-west-2:111122223333:secret:x-AbCdEf\"\n\n[apps.worker.secrets]",
    );
    vault.write("deploy.toml", config);
    vault.run_with_input(
        "secret put PLAIN --app web -e production --type string",
        "EXAMPLE",
    );
    vault.run_with_input(
        "secret put EAST --app web -e production --region us-east-1",
        "EXAMPLE",
    );
    let output = vault.ends(1, "check --app web -e production");
    let text = stdout(&output);
    for part in [
        "error[missing]: `DB_PASWORD`: there is no parameter `/production/web/db-pasword` in us-west-2, us-east-1, eu-west-1",
        "deploy.toml:20:14",
        "did you mean `/production/web/db-password`?",
        "error[wrong-type]: `PLAIN`: parameter `/production/web/plain` is a String in us-west-2, us-east-1, eu-west-1",
        "error[missing]: `EAST`: there is no parameter `/production/east` in us-west-2, eu-west-1",
        "byref secret put EAST --app web -e production",
        "2 of 5 secrets are there and encrypted in every Region",
        "in Secrets Manager: OTHER",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let report = parsed(&vault.ends(1, "check --all -e production --format json"));
    assert_eq!(report["findings"], 3 + 3 + 2 + 3);
    assert_eq!(
        report["secrets"][2]["regions"][0]["did_you_mean"],
        "/production/web/db-password"
    );
    let annotations = stdout(&vault.ends(1, "check --app web -e production --format github"));
    assert!(
        annotations
            .starts_with("::error file=deploy.toml,line=20,col=14,title=missing::`DB_PASWORD`"),
        "{annotations}"
    );
    vault.ends(1, "check --app web -e production --region us-east-1");
    vault.ends(2, "check --app web -e production --region us-est-1");
}

#[test]
fn check_reports_the_wrong_kms_key() {
    let vault = full();
    assert_eq!(
        stdout(&vault.ends(0, "check --app web -e production"))
            .lines()
            .count(),
        1
    );
    let config = CONFIG.replacen("\n\n", "\nkms-key = \"alias/production\"\n\n", 1);
    vault.write("deploy.toml", config);
    let text = stdout(&vault.ends(1, "check --app web -e production"));
    assert!(
        text.contains("encrypted with `alias/aws/ssm` in us-west-2, us-east-1, eu-west-1, not with `alias/production`"),
        "{text}"
    );
    vault.ends(1, "secret health --app web -e production");
    vault.put("DB_PASSWORD", "production", "EXAMPLE-password");
    vault.put("API_KEY", "production", "EXAMPLE-key");
    vault.ends(0, "check --app web -e production");
    vault.ends(0, "secret health --app web -e production");
}

#[test]
fn parity_compares_values_without_printing_them() {
    let vault = full();
    let output = vault.ends(1, "check --app web -e production --parity web.yaml");
    let text = stdout(&output);
    assert!(
        text.contains("web.yaml:10:22") && text.contains("differs"),
        "{text}"
    );
    assert!(
        !text.contains("EXAMPLE") && !text.contains("not-a-secret"),
        "{text}"
    );
    vault.put("DB_PASSWORD", "production", "not-a-secret-1");
    let report = parsed(&vault.ends(
        0,
        "check --app web -e production --parity web.yaml --format json",
    ));
    assert_eq!(report[0]["regions"]["eu-west-1"], "equal");
}

#[test]
fn parity_that_compares_nothing_is_an_error() {
    let vault = full();
    let template = vault.read("web.yaml");
    let odd = [
        (
            "Resources: {}\n".to_owned(),
            "no entry that byref can compare",
        ),
        ("hello: 1\n".to_owned(), "it has no `Resources`"),
        (
            template.replace("AWS::ECS::TaskDefinition", "AWS::ECX::TaskDefinition"),
            "no entry that byref can compare",
        ),
        (
            template.replace("Environment:", "Environment: !Ref List\n          Other:"),
            "no entry that byref can compare",
        ),
    ];
    for (text, message) in odd {
        vault.write("odd.yaml", &text);
        let output = vault.ends(2, "check --app web -e production --parity odd.yaml");
        assert!(
            stderr(&output).contains(message),
            "{}\n{text}",
            stderr(&output)
        );
    }
    let by_reference = stdout(&vault.ends(
        0,
        "rewrite -q --app web -e production --scheme reference web.yaml",
    ));
    vault.write("odd.yaml", by_reference);
    let output = vault.ends(2, "check --app web -e production --parity odd.yaml");
    assert!(
        stderr(&output).contains("references already"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_scheme_changes_to_value_and_back() {
    let vault = full();
    let rewrite = |scheme: &str, output: &str| {
        vault.ends(
            0,
            &format!("rewrite -q --app web -e production --scheme {scheme} web.yaml -o {output}"),
        );
        vault.read(output)
    };
    let (reference, value) = (rewrite("reference", "r1"), rewrite("value", "v1"));
    assert!(
        reference.contains("parameter/shared/api-key") && !reference.contains("EXAMPLE"),
        "{reference}"
    );
    assert!(
        value.contains("Value: not-a-secret-1") && value.contains("Value: EXAMPLE-key"),
        "{value}"
    );
    assert_eq!(
        (rewrite("reference", "r2"), rewrite("value", "v2")),
        (reference, value)
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(vault.join("v1"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let output = vault.ends(2, "rewrite --app web -e production --scheme value web.yaml");
    assert!(
        stderr(&output).contains("--reveal") && !stderr(&output).contains("EXAMPLE"),
        "{}",
        stderr(&output)
    );
    assert!(
        stdout(&vault.ends(
            0,
            "rewrite --app web -e production --scheme value --reveal web.yaml"
        ))
        .contains("EXAMPLE-key")
    );
    // References of declared lines become values again.
    vault.ends(
        0,
        "rewrite -q --app web -e production --scheme value --to-values r1 -o back",
    );
    let back = vault.read("back");
    assert!(
        back.contains("Value: EXAMPLE-password") && back.contains("Value: EXAMPLE-key"),
        "{back}"
    );
}

#[test]
fn a_missing_value_is_an_error_under_the_value_scheme() {
    let vault = Vault::new();
    vault.put("DB_PASSWORD", "production", "EXAMPLE-password");
    let output = vault.ends(
        2,
        "rewrite --app web -e production --scheme value web.yaml -o out",
    );
    assert!(
        stderr(&output).contains("`/shared/api-key`")
            && stderr(&output).contains("deploy.toml:18:1"),
        "{}",
        stderr(&output)
    );
    assert!(!vault.join("out").exists());
}

#[cfg(unix)]
#[test]
fn exec_passes_secrets_and_keeps_the_exit_code() {
    let vault = full();
    let run = |options: &str, script: &str| {
        let mut command = vault.command(&format!("exec --app web -e production {options} --"));
        command
            .args(["/bin/sh", "-c", script])
            .env("KEPT", "kept")
            .output()
            .unwrap()
    };
    let output = run(
        "",
        "echo \"$DB_PASSWORD $API_KEY $KEPT $BYREF_STORE_KEY_FILE.\"; exit 7",
    );
    assert_eq!(
        (output.status.code(), stdout(&output).as_str()),
        (Some(7), "EXAMPLE-password EXAMPLE-key kept .\n")
    );
    let output = run("--pristine", "/usr/bin/env | /usr/bin/sort");
    assert!(
        !stdout(&output).contains("KEPT") && stdout(&output).contains("API_KEY=EXAMPLE-key"),
        "{}",
        stdout(&output)
    );
    let output = run("", "kill -9 $$");
    assert_eq!(output.status.code(), None);
    assert_eq!(run("--strict", "true").status.code(), Some(0));
    let taken = vault
        .command("exec --app web -e production --strict -- /bin/true")
        .env("API_KEY", "x")
        .output()
        .unwrap();
    assert!(
        stderr(&taken).contains("`API_KEY` already"),
        "{}",
        stderr(&taken)
    );
    let output = vault.run("exec --app web -e production -- /nowhere/program");
    assert!(
        output.status.code() == Some(2) && stderr(&output).contains("/nowhere/program"),
        "{}",
        stderr(&output)
    );
    vault.ends(2, "exec --app worker -e production --strict -- /bin/true");
    let output = vault.ends(0, "exec --app worker -e production -- /bin/true");
    assert!(
        stderr(&output).contains("no value for `TOKEN`"),
        "{}",
        stderr(&output)
    );
}

/// The process that was started is the one that runs the command: signals and terminal need no
/// help.
#[cfg(target_os = "linux")]
#[test]
fn exec_replaces_the_process_of_byref() {
    let vault = full();
    let mut command = vault.command("exec --app web -e production --");
    let child = command
        .args(["/bin/sh", "-c", "echo $$"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let id = child.id();
    let output = child.wait_with_output().unwrap();
    assert_eq!(stdout(&output).trim(), id.to_string());
}

#[test]
fn cost_counts_the_parameters_of_the_configuration() {
    let vault = Vault::new();
    let report = parsed(&vault.ends(0, "cost --format json --secrets 2000 --interactions 160000"));
    assert_eq!(report["parameter_store_higher_throughput"], 24.0);
    assert_eq!(report["parameter_store_standard_throughput"], 0.0);
    let report = parsed(&vault.ends(0, "cost --format json"));
    // Three names in three Regions, and three in another account with one.
    assert_eq!(report["parameters"], 12.0);
    assert_eq!(
        parsed(&vault.ends(0, "cost --format json --app web -e development"))["parameters"],
        2.0
    );
    assert!(stdout(&vault.ends(0, "cost")).contains("nothing is paid at the default throughput"));
    vault.ends(2, "cost --deploys=-1");
}

/// Roles in the template are judged from the template, also without AWS.
#[test]
fn a_file_store_needs_no_iam() {
    let vault = Vault::new();
    let template = vault.read("web.yaml");
    let role = "  Role:\n    Type: AWS::IAM::Role\n    Properties: {AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}}\n";
    let template = template.replace(
        "arn:aws:iam::111122223333:role/execution",
        "!GetAtt Role.Arn",
    ) + role;
    vault.write("web.yaml", template);
    vault.put("DB_PASSWORD", "production", "not-a-secret-1");
    vault.put("API_KEY", "production", "not-a-secret-1");
    let text = stdout(&vault.ends(0, "check --app web -e production"));
    assert!(
        text.contains("web: role Role: ssm:GetParameters for API_KEY, DB_PASSWORD: will be granted by this rewrite\n"),
        "{text}"
    );
    let report: serde_json::Value = serde_json::from_slice(
        &vault
            .ends(1, "check --all -e production --format json")
            .stdout,
    )
    .unwrap();
    let access = report["access"].as_array().unwrap();
    assert!(
        access.len() == 2
            && access
                .iter()
                .all(|row| row["app"] == "web" && row["verdict"] == "allowed"),
        "{access:?}"
    );
}
