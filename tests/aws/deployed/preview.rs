//! `preview --deployed` and `rewrite --deployed`.

use super::{CANARY, Case, REGION, on_moto};
use byref_support::{stderr, stdout};

byref_harness::tests![
    a_rewritten_template_deploys_with_references,
    preview_shows_template_deployment_and_stack,
    a_missing_stack_is_a_first_deployment,
    deployed_references_stay_unless_values_are_requested,
    services_without_a_rolling_update_are_reported,
    blue_green_stacks_get_grants_before_references,
];

fn a_rewritten_template_deploys_with_references() {
    let account = Case::new();
    account.deploy("web-by-value", &account.read("web.yaml"));
    let container = account.registered(1);
    assert_eq!(
        container["environment"].as_array().unwrap().len(),
        3,
        "{container}"
    );
    account.deploy("web-production", &account.rewritten());
    let container = account.registered(2);
    let names = |list: &str| -> Vec<String> {
        let items = container[list].as_array().unwrap().iter();
        items
            .map(|item| {
                item["name"]
                    .as_str()
                    .or(item["Name"].as_str())
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect()
    };
    assert_eq!(names("environment"), ["MODE"]);
    let mut secrets: Vec<(String, String)> = container["secrets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            // ministack keeps the keys as the template writes them.
            let text = |one: &str, two: &str| {
                item[one]
                    .as_str()
                    .or(item[two].as_str())
                    .unwrap()
                    .to_owned()
            };
            (text("name", "Name"), text("valueFrom", "ValueFrom"))
        })
        .collect();
    secrets.sort();
    let arn = |key: &str| {
        format!(
            "arn:aws:ssm:{REGION}:{}:parameter/production/web/{key}",
            account.account.id
        )
    };
    let expected = [
        ("API_KEY", arn("api-key")),
        ("DB_PASSWORD", arn("db-password")),
    ];
    assert_eq!(secrets, expected.map(|(name, arn)| (name.to_owned(), arn)));
    assert!(!container.to_string().contains(CANARY), "{container}");
}

fn preview_shows_template_deployment_and_stack() {
    let account = Case::new();
    account.deploy("web-production", &account.read("web.yaml"));
    let text = stdout(&account.ends(0, "preview --deployed"));
    let words: Vec<String> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    for part in [
        "stack web-production in us-west-2 (CREATE_COMPLETE)",
        "DB_PASSWORD Task/web a value a reference a value",
        "API_KEY Task/web a value a reference a value",
        "--- stack web-production (us-west-2)",
        "+++ web.yaml (rewritten)",
        "Service: rolled to the new revision by ECS",
        "warning: Service: has no deployment circuit breaker: if its tasks can't start, the update hangs for hours before it is rolled back. Set `DeploymentConfiguration.DeploymentCircuitBreaker` to `{Enable: true, Rollback: true}` first",
        "warning: the stack: a rollback of this update brings the present template back, with the plaintext of `API_KEY`, `DB_PASSWORD`: keep these values valid until the update has succeeded",
    ] {
        assert!(
            words.iter().any(|line| line == part),
            "{part} is not in\n{text}"
        );
    }
    let replaced = format!(
        "Task: a new revision takes the place of `{}:1`",
        account.family
    );
    assert!(text.contains(&replaced), "{text}");
    let report = account.json(1, "preview --deployed --exit-code");
    let deployed = &report["deployed"][0];
    assert_eq!(
        (deployed["changed"].as_bool(), deployed["status"].as_str()),
        (Some(true), Some("CREATE_COMPLETE"))
    );
    assert_eq!(deployed["secrets"][0]["now"], "value");
    assert_eq!(deployed["secrets"][0]["deploy"], "reference");
    let effects: Vec<&str> = deployed["effects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|effect| effect["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        effects,
        [
            "replaced",
            "rolled",
            "no-circuit-breaker",
            "rollback-to-values"
        ]
    );
    let markdown = stdout(&account.ends(0, "preview --deployed --format markdown"));
    assert!(
        markdown.contains("| `DB_PASSWORD` | `Task/web` | a value | a reference | a value |"),
        "{markdown}"
    );
}

fn a_missing_stack_is_a_first_deployment() {
    let account = Case::new();
    let text = stdout(&account.ends(0, "preview --deployed --region us-east-1"));
    assert!(
        text.contains(
            "there is no stack web-production in us-east-1 yet: this is its first deploy"
        ),
        "{text}"
    );
    assert_eq!(
        account.json(1, "preview --deployed --exit-code")["deployed"][1]["status"],
        serde_json::Value::Null
    );
    account.ends(0, "rewrite --deployed -o out.yaml --scheme value");
    // In another account it is not a first deploy, but the wrong account.
    account.write(
        "deploy.toml",
        &account
            .read("deploy.toml")
            .replace(&account.account.id, "111122223333"),
    );
    let error = stderr(&account.ends(3, "preview --deployed"));
    assert!(
        error.contains("but the environment uses account 111122223333"),
        "{error}"
    );
    account.write(
        "deploy.toml",
        &account.read("deploy.toml").replace("stack =", "# stack ="),
    );
    let error = stderr(&account.ends(2, "preview --deployed"));
    assert!(
        error.contains("which stack `web` is deployed as"),
        "{error}"
    );
}

fn deployed_references_stay_unless_values_are_requested() {
    let account = Case::new();
    account.deploy("web-production", &account.rewritten());
    let text = stdout(&account.ends(0, "preview --deployed --exit-code --region us-west-2"));
    assert!(
        text.contains("what would be deployed, byte for byte"),
        "{text}"
    );
    assert!(
        text.contains("no task definition changes, and nothing is rolled"),
        "{text}"
    );
    for command in [
        "rewrite --deployed --scheme value -o out.yaml",
        "preview --deployed --scheme value",
    ] {
        let error = stderr(&account.ends(2, command));
        for part in [
            "error[downgrade]: `DB_PASSWORD` of `Task/web` is a reference in the stack web-production (us-west-2) and would become a value",
            "--> deploy.toml:13:1",
            "::: stack web-production (us-west-2):",
            "--to-values",
        ] {
            assert!(error.contains(part), "{part} is not in\n{error}");
        }
    }
    assert!(!account.folder.join("out.yaml").exists());
    let report = account.json(2, "preview --deployed --scheme value");
    assert_eq!(report["messages"][0]["code"], "downgrade");
    // A container of another name is the same one.
    account.write(
        "web.yaml",
        &account.read("web.yaml").replace("Name: web", "Name: app"),
    );
    account.ends(2, "rewrite --deployed --scheme value -o out.yaml");
    let error = stderr(&account.ends(
        0,
        "rewrite --deployed --scheme value --to-values -o out.yaml",
    ));
    assert!(error.contains("warning[downgrade]"), "{error}");
    // Where nobody asks AWS, nothing is known.
    account.ends(0, "rewrite --scheme value -o out.yaml");
}

fn services_without_a_rolling_update_are_reported() {
    let account = on_moto();
    let template = account.read("web.yaml");
    let controlled = template.replace(
        "DesiredCount: 1",
        "DesiredCount: 1\n      DeploymentController: {Type: CODE_DEPLOY}",
    );
    account.write("web.yaml", &controlled);
    account.deploy("web-production", &controlled);
    // It would fail, so it fails here.
    let text = stdout(&account.ends(1, "preview --deployed"));
    assert!(
        text.contains(
            "error: Service: not rolled, and the update fails: its controller is CODE_DEPLOY"
        ),
        "{text}"
    );
    assert!(!text.contains("rolled to the new revision"), "{text}");
}

/// Where `CodeDeploy` takes a task definition alone, roles get their grants in an update before.
/// What counts is what the stack has, not the source.
fn blue_green_stacks_get_grants_before_references() {
    let case = on_moto();
    let role = "  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: sts:AssumeRole}]}\n";
    let template = case
        .read("web.yaml")
        .replace("  Task:\n", &format!("{role}  Task:\n"));
    let template = template.replace(
        "!Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/execution",
        "!GetAtt Role.Arn",
    );
    case.write(
        "web.yaml",
        &template.replace(
            "Parameters:\n",
            "Transform: AWS::CodeDeployBlueGreen\nParameters:\n",
        ),
    );
    let source = case.read("web.yaml");
    let error = stderr(&case.ends(2, "rewrite -q -o out.yaml"));
    assert!(
        error.contains("error[blue-green]") && error.contains("--grants-only"),
        "{error}"
    );
    case.ends(0, "rewrite -q --grants-only -o grants.yaml");
    let grants = case.read("grants.yaml");
    assert!(
        grants.contains("byref-secrets") && grants.contains("Value: !Ref ApiKey"),
        "{grants}"
    );
    // Nothing stands in the way of a first deploy.
    case.ends(0, "rewrite -q --deployed -o out.yaml");
    case.deploy("web-production", &source);
    let error = stderr(&case.ends(2, "rewrite -q --deployed -o out.yaml --region us-west-2"));
    assert!(
        error.contains(
            "what is deployed over the stack web-production (us-west-2): the update fails"
        ),
        "{error}"
    );
    let text = stdout(&case.ends(1, "preview --deployed --region us-west-2"));
    assert!(
        text.contains("Deploy Role first (`byref rewrite --grants-only` writes what roles get)"),
        "{text}"
    );
    let text = stdout(&case.ends(0, "preview --deployed --region us-west-2 --grants-only"));
    assert!(
        text.contains("web, production: only grants: 2 rights"),
        "{text}"
    );
    assert!(
        text.contains("no task definition changes, and nothing is rolled"),
        "{text}"
    );
    // The other Region has the grants.
    case.emulator
        .create_stack(&case.account, "us-east-1", "web-production", &grants);
    let text = stdout(&case.ends(0, "preview --deployed --region us-east-1"));
    assert!(
        text.contains("the stack: CodeDeploy shifts traffic to the new revision"),
        "{text}"
    );
    case.ends(0, "rewrite -q --deployed -o out.yaml --region us-east-1");
    case.ends(2, "rewrite -q --deployed -o out.yaml");
    // Nobody asks AWS where the grants are rewritten once more.
    case.ends(0, "rewrite -q grants.yaml -o again.yaml");
    assert_eq!(case.read("again.yaml"), case.read("out.yaml"));
}
