//! What `check` asks of stacks, task definitions and templates.

use super::{CANARY, Case, REGION, iam, on_moto};
use byref_support::{byref, stderr, stdout};

byref_harness::tests![
    deployed_values_are_compared_with_stored_ones,
    old_revisions_with_values_are_reported,
    cloudformation_validates_what_would_be_deployed,
    a_denied_request_leaves_the_rest_of_the_report,
    no_failure_prints_a_value,
    parity_skips_entries_that_are_references_already,
];

fn deployed_values_are_compared_with_stored_ones() {
    let account = Case::new();
    account.deploy("web-production", &account.read("web.yaml"));
    account.put("DB_PASSWORD", CANARY);
    account.put("API_KEY", "EXAMPLE-another");
    let output = account.ends(1, "check --parity --deployed");
    let text = stdout(&output);
    assert!(
        text.contains("`API_KEY`: the stored value (`/production/web/api-key`) differs from the stack's in us-west-2"),
        "{text}"
    );
    assert!(
        text.contains("1 of 2 plaintext values") && !text.contains("EXAMPLE"),
        "{text}"
    );
    assert!(stderr(&output).contains("there is no stack `web-production` in us-east-1 yet"));
    // The parameter's value is known to the task definition alone.
    account.put("API_KEY", &format!("{CANARY}-key"));
    let rows = account.json(0, "check --parity --deployed");
    assert_eq!(rows[1]["regions"]["us-west-2"], "equal");
    assert_eq!(rows[1]["container"], "Task/web");
}

fn old_revisions_with_values_are_reported() {
    let mut account = on_moto();
    account.iam = Some(iam(|_, _, _| "allowed"));
    account.put("DB_PASSWORD", CANARY);
    account.put("API_KEY", CANARY);
    account.deploy("web-old", &account.read("web.yaml"));
    account.deploy("web-production", &account.rewritten());
    let deregister = format!(r#"{{"taskDefinition": "{}:1"}}"#, account.family);
    let target = "AmazonEC2ContainerServiceV20141113.DeregisterTaskDefinition";
    account
        .emulator
        .json(&account.account, REGION, "ecs", target, &deregister);
    let output = account.ends(0, "check --revisions");
    let text = stdout(&output);
    let first = format!("{}:1", account.family);
    for part in [
        &format!(
            "warning[plaintext-revision]: `{first}` in us-west-2 still holds the plaintext of `API_KEY`, `DB_PASSWORD`"
        ),
        &format!("aws ecs deregister-task-definition --task-definition {first}"),
        "rotate what they held",
        "1 of 2 revisions of its stacks' task definitions hold plaintext values of secrets",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let report = account.json(0, "check --revisions");
    let row = &report["revisions"][0];
    assert_eq!(
        (
            row["revision"].as_i64(),
            row["active"].as_bool(),
            row["current"].as_bool()
        ),
        (Some(1), Some(false), Some(false))
    );
    assert_eq!(report["findings"], 0);
}

fn cloudformation_validates_what_would_be_deployed() {
    let mut account = on_moto();
    account.put("DB_PASSWORD", CANARY);
    account.put("API_KEY", CANARY);
    account.iam = Some(iam(|_, _, _| "allowed"));
    // moto takes the warnings of cfn-lint for errors: the parameter that nothing uses any more is
    // one.
    let text = stdout(&account.ends(1, "check --validate --timeout 60"));
    assert!(
        text.contains("error[invalid-template]: CloudFormation refuses what would be deployed: "),
        "{text}"
    );
    assert!(text.contains("web.yaml:1:1"), "{text}");
    let unused = "  ApiKey: {Type: String, NoEcho: true, Default: EXAMPLE-canary-Hq3Zr8Vw1-key}\n";
    let template = account
        .read("web.yaml")
        .replace(&format!("Parameters:\n{unused}"), "");
    account.write(
        "web.yaml",
        &template.replace("!Ref ApiKey", "EXAMPLE-canary-Hq3Zr8Vw1-key"),
    );
    assert!(
        stdout(&account.ends(0, "check --validate --timeout 60"))
            .contains("web.yaml: CloudFormation takes its form")
    );
    assert_eq!(
        account.json(0, "check --validate --timeout 60")["validation"][0]["state"],
        "valid"
    );
    let broken = format!("DesiredCount: 1\n      ServiceName: !Sub '${{{CANARY}}}'");
    account.write(
        "web.yaml",
        &account.read("web.yaml").replace("DesiredCount: 1", &broken),
    );
    let report = account.json(1, "check --validate --timeout 60");
    assert_eq!(report["validation"][0]["state"], "refused");
}

/// What AWS does not answer stands beside what it does.
fn a_denied_request_leaves_the_rest_of_the_report() {
    let account = on_moto();
    account.put("DB_PASSWORD", CANARY);
    account.put("API_KEY", CANARY);
    account.write(
        "deploy.toml",
        &account
            .read("deploy.toml")
            .replace("stack =", "execution-role = \"external\"\nstack ="),
    );
    let proxy = byref_emulator::Proxy::new(account.emulator.address());
    proxy.set([byref_emulator::Rule::new(
        byref_emulator::Fault::Denied,
        byref_emulator::When::Always,
    )
    .of("DescribeStacks")]);
    let output = byref(account.folder.path())
        .args(["check", "--revisions"])
        .envs(account.account.environment(&proxy.endpoint()))
        .env("AWS_MAX_ATTEMPTS", "1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(
        stdout(&output).contains("2 of 2 secrets are there"),
        "{}",
        stdout(&output)
    );
    assert!(
        stderr(&output).contains("DescribeStacks"),
        "{}",
        stderr(&output)
    );
}

/// Whatever fails, no value is said: a template that can't be read, an account that refuses, nobody
/// who answers.
fn no_failure_prints_a_value() {
    let account = on_moto();
    let commands = [
        ("DescribeStacks", "preview --deployed --format json"),
        ("GetTemplate", "preview --deployed --format markdown"),
        ("GetTemplate", "rewrite --deployed -o out.yaml"),
        ("ListStackResources", "check --deployed --revisions"),
        ("DescribeTaskDefinition", "check --parity --deployed"),
        ("DescribeServices", "preview --deployed"),
        ("ListTaskDefinitions", "check --revisions"),
        ("ValidateTemplate", "check --validate"),
        ("SimulatePrincipalPolicy", "check"),
    ];
    let faulty = |rules: Vec<byref_emulator::Rule>| {
        let proxy = byref_emulator::Proxy::new(account.emulator.address());
        proxy.set(rules);
        proxy
    };
    account.deploy("web-production", &account.read("web.yaml"));
    for fault in byref_emulator::Fault::ALL
        .into_iter()
        .filter(|fault| !fault.is_silent())
    {
        for (operation, command) in commands {
            let proxy = faulty(vec![
                byref_emulator::Rule::new(fault, byref_emulator::When::Always).of(operation),
            ]);
            let output = byref(account.folder.path())
                .args(command.split_whitespace())
                .arg("-vv")
                .envs(account.account.environment(&proxy.endpoint()))
                .env("AWS_MAX_ATTEMPTS", "1")
                .env("RUST_LOG", "trace")
                .output()
                .unwrap();
            let (out, error) = (stdout(&output), stderr(&output));
            let code = output.status.code();
            assert!(
                matches!(code, Some(0..=3)),
                "{fault:?} {operation} {command}: {code:?} {error}"
            );
            assert!(
                !out.contains(CANARY) && !error.contains(CANARY),
                "{fault:?} {operation} {command}: {out}{error}"
            );
            assert!(
                !error.contains("defect of its own"),
                "{fault:?} {operation} {command}: {error}"
            );
            assert!(
                proxy.log().iter().any(|request| request.fault.is_some()),
                "{operation} {command} is not asked"
            );
        }
    }
}

fn parity_skips_entries_that_are_references_already() {
    let account = on_moto();
    account.deploy("web-production", &account.rewritten());
    let text = stdout(&account.ends(0, "check --parity --deployed"));
    assert!(
        text.contains("0 of 0 plaintext values") && text.contains("2 by reference already"),
        "{text}"
    );
    assert_eq!(
        account.json(0, "check --parity --deployed")[0]["regions"]["us-west-2"],
        "by-reference"
    );
}
