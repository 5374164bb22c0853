//! What `check` says of roles: from the templates, and from IAM.

use byref_emulator::{Peer, StandIn};
use byref_harness::ignore;

use super::{CANARY, Case, REGION, iam, on_moto};
use byref_support::{stderr, stdout};

byref_harness::tests![
    roles_outside_the_template_are_simulated,
    an_unanswered_simulation_is_unknown,
    a_role_parameter_is_resolved_from_the_stack,
    decryption_with_the_kms_key_is_simulated,
    a_simulation_by_the_emulator_agrees,
    roles_in_the_template_are_reported,
    denied_and_undecidable_permissions_are_reported,
];

fn roles_outside_the_template_are_simulated() {
    let mut account = on_moto();
    account.put("DB_PASSWORD", CANARY);
    account.put("API_KEY", CANARY);
    account.iam = Some(iam(|action, _, _| {
        if action == "ssm:GetParameters" {
            "allowed"
        } else {
            "implicitDeny"
        }
    }));
    let text = stdout(&account.ends(0, "check"));
    let role = format!("arn:aws:iam::{}:role/execution", account.account.id);
    let allowed = format!(
        "{role} may read its secrets in us-east-1, us-west-2: allowed by identity policies, key policy not evaluated"
    );
    assert!(text.contains(&allowed), "{text}");
    let rows = account.json(0, "check")["roles"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 2);
    assert_eq!(
        (&rows[0]["verdict"], &rows[0]["region"]),
        (&"allowed".into(), &REGION.into())
    );

    account.iam = Some(iam(|_, resource, parameters| {
        let is_east = parameters.iter().any(|(_, value)| value == "us-east-1");
        if is_east && resource.ends_with("api-key") {
            "implicitDeny"
        } else {
            "allowed"
        }
    }));
    let text = stdout(&account.ends(1, "check"));
    let arn = format!(
        "arn:aws:ssm:us-east-1:{}:parameter/production/web/api-key",
        account.account.id
    );
    for part in [
        &format!(
            "error[role-not-allowed]: `{role}`, the execution role of `Task`, may not `ssm:GetParameters` in us-east-1: no identity policy allows it"
        ),
        "--> web.yaml:11:25",
        &format!("allow it `ssm:GetParameters` on `{arn}`\n"),
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let report = account.json(1, "check");
    assert_eq!(report["findings"], 1);
    assert_eq!(report["roles"][1]["resources"][0], arn.as_str());
    let annotations = stdout(&account.ends(1, "check --format github"));
    assert!(
        annotations.starts_with("::error file=web.yaml,line=11,col=25,title=role-not-allowed::"),
        "{annotations}"
    );
    // By value nothing is read yet.
    account.write(
        "deploy.toml",
        &account
            .read("deploy.toml")
            .replace("default = \"reference\"", "default = \"value\""),
    );
    assert!(stdout(&account.ends(0, "check")).contains("warning[role-not-allowed]"));
}

fn an_unanswered_simulation_is_unknown() {
    let mut account = on_moto();
    account.put("DB_PASSWORD", CANARY);
    account.put("API_KEY", CANARY);
    account.iam = Some(iam(|_, _, _| "refuse"));
    let text = stdout(&account.ends(1, "check"));
    for part in [
        "error[role-unknown]",
        "is not known",
        "allow `iam:SimulatePrincipalPolicy` on",
        "execution-role = \"external\"",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    account.iam = Some(iam(|_, _, _| "implicitDeny+aws:PrincipalTag/team"));
    assert!(stdout(&account.ends(1, "check")).contains("depends on conditions"));
    let config = account.read("deploy.toml");
    account.write(
        "deploy.toml",
        &config.replace("stack =", "execution-role = \"external\"\nstack ="),
    );
    assert!(stdout(&account.ends(0, "check")).contains("note[role-unknown]"));
    // What is known is said all the same.
    account.iam = Some(iam(|_, _, _| "explicitDeny"));
    assert!(stdout(&account.ends(1, "check")).contains("error[role-not-allowed]"));
    account.write("deploy.toml", &config);
    account.write(
        "web.yaml",
        &account
            .read("web.yaml")
            .replace(":role/execution", ":role/nobody"),
    );
    assert!(stdout(&account.ends(1, "check")).contains("there is no such role"));
    account.iam = Some(StandIn::new(|_| (500, "<html></html>".to_owned())));
    let output = account.ends(3, "check");
    assert_eq!(
        stderr(&output)
            .matches("iam:SimulatePrincipalPolicy")
            .count(),
        1,
        "{}",
        stderr(&output)
    );
}

/// A role that comes as a parameter is the one that the stack's task definition has.
fn a_role_parameter_is_resolved_from_the_stack() {
    let mut account = on_moto();
    account.put("DB_PASSWORD", CANARY);
    account.put("API_KEY", CANARY);
    account.deploy("web-production", &account.read("web.yaml"));
    let template = account.read("web.yaml").replace(
        "!Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/execution",
        "!Ref Role",
    );
    account.write(
        "web.yaml",
        &template.replace("Parameters:\n", "Parameters:\n  Role: {Type: String}\n"),
    );
    account.iam = Some(iam(|_, _, _| "allowed"));
    let text = stdout(&account.ends(1, "check --region us-west-2"));
    assert!(
        text.contains("the role is `Role`") && text.contains("pass `--deployed`"),
        "{text}"
    );
    let text = stdout(&account.ends(1, "check --region us-west-2 --deployed"));
    assert!(text.contains("neither does the stack say it"), "{text}");
    // moto registers no execution role for a stack: a stand-in describes its task definition.
    let role = format!("arn:aws:iam::{}:role/execution", account.account.id);
    let task = serde_json::json!({ "taskDefinition": {
        "taskDefinitionArn": format!("arn:aws:ecs:{REGION}:{}:task-definition/{}:1", account.account.id, account.family),
        "family": account.family, "revision": 1, "status": "ACTIVE", "executionRoleArn": role, "containerDefinitions": [],
    }});
    account.ecs = Some(StandIn::of_json(move |operation, body| {
        if operation == "DescribeServices" {
            let asked: serde_json::Value = serde_json::from_str(body).unwrap();
            let failures =
                serde_json::json!([{ "arn": asked["services"][0], "reason": "MISSING" }]);
            return (
                200,
                serde_json::json!({ "services": [], "failures": failures }).to_string(),
            );
        }
        (200, task.to_string())
    }));
    let text = stdout(&account.ends(0, "check --region us-west-2 --deployed"));
    assert!(
        text.contains("role/execution may read its secrets in us-west-2"),
        "{text}"
    );
}

/// A key of one's own has to be allowed too, as Parameter Store uses it.
fn decryption_with_the_kms_key_is_simulated() {
    let mut account = on_moto();
    let config = account.read("deploy.toml");
    let key = |region: &str| {
        format!(
            "arn:aws:kms:{region}:{}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            account.account.id
        )
    };
    let keys = format!(
        "kms-key = [\"{}\", \"{}\"]\n\n[flag]",
        key(REGION),
        key("us-east-1")
    );
    account.write("deploy.toml", &config.replace("\n[flag]", &keys));
    account.put("DB_PASSWORD", CANARY);
    account.put("API_KEY", CANARY);
    account.iam = Some(iam(|action, resource, parameters| {
        let says = |wanted: &str| parameters.iter().any(|(_, value)| value.contains(wanted));
        match action {
            "kms:Decrypt" if !resource.contains(":key/1234abcd") || !says("ssm.") => "explicitDeny",
            // A policy that allows the key for the parameters of this application alone.
            "kms:Decrypt" if !says(":parameter/production/web/") => {
                "implicitDeny+kms:EncryptionContext:PARAMETER_ARN"
            }
            _ => "allowed",
        }
    }));
    account.ends(0, "check");
    account.iam = Some(iam(|action, _, _| {
        if action == "kms:Decrypt" {
            "implicitDeny"
        } else {
            "allowed"
        }
    }));
    let text = stdout(&account.ends(1, "check"));
    assert!(
        text.contains("may not `kms:Decrypt` in us-west-2"),
        "{text}"
    );
    account.write(
        "deploy.toml",
        &config.replace("\n[flag]", "kms-key = \"alias/web\"\n\n[flag]"),
    );
    let text = stdout(&account.run("check", ""));
    assert!(
        text.contains(
            "`alias/web` is an alias, and the role's policies may name the key behind it"
        ),
        "{text}"
    );
}

/// ministack knows IAM's simulation itself, but of one resource at a time, and it does not miss a
/// role.
fn a_simulation_by_the_emulator_agrees() {
    let account = Case::new();
    if account.emulator.peer() != Peer::Ministack {
        ignore("a test of ministack: `BYREF_PEER=ministack` runs it");
    }
    account.write(
        "deploy.toml",
        &account
            .read("deploy.toml")
            .replace("API_KEY = \"api-key\"\n", ""),
    );
    account.put("DB_PASSWORD", CANARY);
    let query = |parameters: &[(&str, &str)]| {
        account
            .emulator
            .query(&account.account, "us-east-1", "iam", parameters)
    };
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    query(&[
        ("Action", "CreateRole"),
        ("Version", "2010-05-08"),
        ("RoleName", "execution"),
        ("AssumeRolePolicyDocument", trust),
    ]);
    let text = stdout(&account.ends(1, "check"));
    assert!(text.contains("no identity policy allows it"), "{text}");
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ssm:GetParameters","Resource":"arn:aws:ssm:*:*:parameter/production/web/*"}]}"#;
    query(&[
        ("Action", "PutRolePolicy"),
        ("Version", "2010-05-08"),
        ("RoleName", "execution"),
        ("PolicyName", "p"),
        ("PolicyDocument", policy),
    ]);
    assert!(stdout(&account.ends(0, "check")).contains("allowed by identity policies"));
}

/// The role of the template, as byref leaves it; what further policies say stands behind it.
fn with_role(case: &Case, policies: &str) {
    let role = format!(
        "  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {{Version: '2012-10-17', Statement: [{{Effect: Allow, Principal: {{Service: ecs-tasks.amazonaws.com}}, Action: sts:AssumeRole}}]}}\n{policies}"
    );
    let template = case.read("web.yaml");
    let template = template.replace(
        "!Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/execution",
        "!GetAtt Role.Arn",
    );
    case.write(
        "web.yaml",
        &template.replace("  Task:\n", &format!("{role}  Task:\n")),
    );
    let config = case
        .read("deploy.toml")
        .replace("API_KEY = \"api-key\"\n", "");
    case.write("deploy.toml", &config);
    case.put("DB_PASSWORD", CANARY);
}

fn policy(statement: &str) -> String {
    format!(
        "      Policies: [{{PolicyName: own, PolicyDocument: {{Version: '2012-10-17', Statement: [{statement}]}}}}]\n"
    )
}

const DENIED: &str = "{Effect: Deny, Action: 'ssm:*', Resource: '*'}";
const DEPENDS: &str = "{Effect: Deny, Action: 'ssm:*', Resource: '*', Condition: {Bool: {'aws:SecureTransport': !Ref Secure}}}";

/// Of the roles in the template no one is asked: what a deploy will give them is judged from the
/// template.
fn roles_in_the_template_are_reported() {
    let case = on_moto();
    with_role(&case, "");
    let text = stdout(&case.ends(0, "check"));
    assert!(
        text.contains(
            "web: role Role: ssm:GetParameters for DB_PASSWORD: will be granted by this rewrite\n"
        ),
        "{text}"
    );
    let report = case.json(0, "check");
    let access = &report["access"][0];
    assert_eq!(
        (&access["app"], &access["role"], &access["verdict"]),
        (&"web".into(), &"Role".into(), &"allowed".into())
    );
    assert_eq!(
        (&access["name"], &access["granted"]),
        (&"DB_PASSWORD".into(), &true.into())
    );
    assert_eq!(access["resources"].as_array().unwrap().len(), 2);
    assert_eq!(report["roles"], serde_json::Value::Null);
    // Where byref leaves roles alone, they lack it.
    let config = case.read("deploy.toml");
    case.write(
        "deploy.toml",
        &format!("[rewrite]\ngrant = \"never\"\n{config}"),
    );
    let text = stdout(&case.ends(1, "check"));
    let arn = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/production/web/db-password";
    for part in [
        "error[role-not-allowed]: role `Role` may not read `DB_PASSWORD`: ",
        "web.yaml:",
        &format!("allow it `ssm:GetParameters` on `{arn}`"),
        "web: role Role: ssm:GetParameters for DB_PASSWORD: not allowed: ",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let annotations = stdout(&case.ends(1, "check --format github"));
    assert!(
        annotations.starts_with("::error file=web.yaml,"),
        "{annotations}"
    );
    // By value nothing is read yet.
    case.write(
        "deploy.toml",
        &case
            .read("deploy.toml")
            .replace("default = \"reference\"", "default = \"value\""),
    );
    assert!(stdout(&case.ends(0, "check")).contains("warning[role-not-allowed]"));
}

fn denied_and_undecidable_permissions_are_reported() {
    let case = on_moto();
    with_role(&case, &policy(DENIED));
    let report = case.json(1, "check");
    assert_eq!(
        (&report["findings"], &report["access"][0]["verdict"]),
        (&1.into(), &"not-allowed".into())
    );
    let template = case.read("web.yaml").replace(DENIED, DEPENDS);
    case.write(
        "web.yaml",
        &template.replace("Parameters:\n", "Parameters:\n  Secure: {Type: String}\n"),
    );
    let text = stdout(&case.ends(1, "check"));
    for part in [
        "error[role-unknown]: cannot tell whether role `Role` may `ssm:GetParameters` for `DB_PASSWORD`: ",
        "execution-role = \"external\"",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert_eq!(case.json(1, "check")["access"][0]["verdict"], "unknown");
    let config = case.read("deploy.toml");
    case.write(
        "deploy.toml",
        &config.replace("stack =", "execution-role = \"external\"\nstack ="),
    );
    // The role gets its rights elsewhere: what the template lacks is no error.
    let text = stdout(&case.ends(0, "check"));
    assert!(
        text.contains("web: role Role: ssm:GetParameters for DB_PASSWORD: not allowed")
            && !text.contains("error")
    );
    case.write("deploy.toml", &config);
    case.write(
        "web.yaml",
        &case
            .read("web.yaml")
            .replace("      ExecutionRoleArn: !GetAtt Role.Arn\n", ""),
    );
    let text = stdout(&case.ends(1, "check"));
    assert!(
        text.contains("error[no-execution-role]: `Task` has no `ExecutionRoleArn`"),
        "{text}"
    );
}
