//! Against what is deployed: `preview --deployed`, `rewrite --deployed` and what `check` asks of stacks and roles.
//!
//! Every stack is fresh: moto garbles a task definition when a stack is updated, and ministack gives the secrets of a
//! task definition back without names. moto has no `SimulatePrincipalPolicy`: a stand-in answers that one call.

use std::process::Output;

use byref_emulator::{Account, Emulator, Peer, StandIn, emulator, of_another_peer};

use crate::byref::{byref, folder, stderr, stdout};

const CANARY: &str = "EXAMPLE-canary-Hq3Zr8Vw1";
const REGION: &str = "us-west-2";

const CONFIG: &str = r#"[environments.production]
account = "ACCOUNT"
regions = ["us-west-2", "us-east-1"]

[flag]
default = "reference"

[apps.web]
templates = ["web.yaml"]
stack = "web-{environment}"

[apps.web.secrets]
DB_PASSWORD = "db-password"
API_KEY = "api-key"
"#;

const TEMPLATE: &str = r#"AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  ApiKey: {Type: String, NoEcho: true, Default: EXAMPLE-canary-Hq3Zr8Vw1-key}
Resources:
  Cluster:
    Type: AWS::ECS::Cluster
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: FAMILY
      ExecutionRoleArn: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/execution
      ContainerDefinitions:
        - Name: web
          Image: nginx
          Memory: 128
          Environment:
            - Name: DB_PASSWORD # EXAMPLE-canary-Hq3Zr8Vw1
              Value: EXAMPLE-canary-Hq3Zr8Vw1
            - Name: API_KEY
              Value: !Ref ApiKey
            - Name: MODE
              Value: fast
  Service:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 1
"#;

/// A folder with a configuration, in an account of its own.
struct Case {
    emulator: &'static Emulator,
    account: Account,
    folder: tempfile::TempDir,
    family: String,
    /// Instead of the emulator's IAM.
    iam: Option<StandIn>,
    /// Instead of the emulator's ECS.
    ecs: Option<StandIn>,
}

impl Case {
    fn new() -> Option<Self> {
        let emulator = emulator()?;
        let account = emulator.account();
        let family = format!("web-{}", account.id);
        let template = TEMPLATE.replace("FAMILY", &family);
        let folder = folder(&[("deploy.toml", &CONFIG.replace("ACCOUNT", &account.id)), ("web.yaml", &template)]);
        Some(Self { emulator, account, folder, family, iam: None, ecs: None })
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(file)).unwrap()
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.folder.path().join(file), text).unwrap();
    }

    fn deploy(&self, stack: &str, template: &str) {
        self.emulator.create_stack(&self.account, REGION, stack, template);
    }

    fn run(&self, arguments: &str, input: &str) -> Output {
        use std::io::Write as _;
        use std::process::Stdio;

        let mut command = byref(self.folder.path());
        command.args(arguments.split_whitespace()).envs(self.account.environment(&self.emulator.endpoint()));
        command.env("AWS_MAX_ATTEMPTS", "1");
        command.envs(self.iam.iter().map(|iam| ("AWS_ENDPOINT_URL_IAM", iam.endpoint())));
        command.envs(self.ecs.iter().map(|ecs| ("AWS_ENDPOINT_URL_ECS", ecs.endpoint())));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Runs, and asserts that it ends with this code and says no value.
    fn ends(&self, code: i32, arguments: &str) -> Output {
        let output = self.run(arguments, "");
        let (out, error) = (stdout(&output), stderr(&output));
        assert_eq!(output.status.code(), Some(code), "{arguments}: {out}\n{error}");
        assert!(!out.contains(CANARY) && !error.contains(CANARY), "{arguments}: {out}\n{error}");
        output
    }

    fn put(&self, secret: &str, value: &str) {
        let output = self.run(&format!("secret put {secret} --yes --write-rate 100"), value);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }

    fn json(&self, code: i32, arguments: &str) -> serde_json::Value {
        serde_json::from_slice(&self.ends(code, &format!("{arguments} --format json")).stdout).unwrap()
    }

    /// The template as byref rewrites it.
    fn rewritten(&self) -> String {
        self.ends(0, "rewrite -q web.yaml -o rewritten.yaml");
        self.read("rewritten.yaml")
    }

    /// The container that is registered under a revision, as the API gives it.
    fn registered(&self, revision: u32) -> serde_json::Value {
        let body = format!(r#"{{"taskDefinition": "{}:{revision}"}}"#, self.family);
        let target = "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition";
        let answer = self.emulator.json(&self.account, REGION, "ecs", target, &body);
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let answer: serde_json::Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
        answer["taskDefinition"]["containerDefinitions"][0].clone()
    }
}

/// The decision for an action on a resource, with the parameters of the request.
type Decide = fn(action: &str, resource: &str, parameters: &[(String, String)]) -> &'static str;

/// IAM that knows one role, `execution`.
fn iam(decide: Decide) -> StandIn {
    StandIn::new(move |parameters| {
        let all = |prefix: &str| -> Vec<String> {
            let own = parameters.iter().filter(|(name, _)| name.starts_with(prefix));
            own.map(|(_, value)| value.clone()).collect()
        };
        assert_eq!(all("Action")[0], "SimulatePrincipalPolicy");
        let error = |status, code: &str| {
            let body =
                format!("<ErrorResponse><Error><Code>{code}</Code><Message>{CANARY}</Message></Error></ErrorResponse>");
            (status, body)
        };
        if !all("PolicySourceArn")[0].ends_with(":role/execution") {
            return error(404, "NoSuchEntity");
        }
        let mut results = String::new();
        for action in all("ActionNames") {
            for resource in all("ResourceArns") {
                let decision = decide(&action, &resource, parameters);
                if decision == "refuse" {
                    return error(403, "AccessDenied");
                }
                let (decision, missing) = match decision.split_once('+') {
                    Some((decision, key)) => (decision, format!("<member>{key}</member>")),
                    None => (decision, String::new()),
                };
                let result = format!(
                    "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{resource}</EvalResourceName>\
                     <EvalDecision>{decision}</EvalDecision><MatchedStatements/><MissingContextValues>{missing}\
                     </MissingContextValues></member>"
                );
                results.push_str(&result);
            }
        }
        let body = format!(
            "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>\
             <EvaluationResults>{results}</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
        );
        (200, body)
    })
}

/// A test against moto alone.
fn on_moto() -> Option<Case> {
    let account = Case::new()?;
    if account.emulator.peer() != Peer::Moto {
        of_another_peer("moto is the peer for this");
        return None;
    }
    Some(account)
}

#[test]
fn what_is_rewritten_deploys_with_references() {
    let Some(account) = Case::new() else { return };
    account.deploy("web-by-value", &account.read("web.yaml"));
    let container = account.registered(1);
    assert_eq!(container["environment"].as_array().unwrap().len(), 3, "{container}");
    account.deploy("web-production", &account.rewritten());
    let container = account.registered(2);
    let names = |list: &str| -> Vec<String> {
        let items = container[list].as_array().unwrap().iter();
        items.map(|item| item["name"].as_str().or(item["Name"].as_str()).unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(names("environment"), ["MODE"]);
    let mut secrets: Vec<(String, String)> = container["secrets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            // ministack keeps the keys as the template writes them.
            let text = |one: &str, two: &str| item[one].as_str().or(item[two].as_str()).unwrap().to_owned();
            (text("name", "Name"), text("valueFrom", "ValueFrom"))
        })
        .collect();
    secrets.sort();
    let arn = |key: &str| format!("arn:aws:ssm:{REGION}:{}:parameter/production/web/{key}", account.account.id);
    let expected = [("API_KEY", arn("api-key")), ("DB_PASSWORD", arn("db-password"))];
    assert_eq!(secrets, expected.map(|(name, arn)| (name.to_owned(), arn)));
    assert!(!container.to_string().contains(CANARY), "{container}");
}

#[test]
fn a_preview_shows_template_deploy_and_stack() {
    let Some(account) = Case::new() else { return };
    account.deploy("web-production", &account.read("web.yaml"));
    let text = stdout(&account.ends(0, "preview --deployed"));
    let words: Vec<String> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for part in [
        "stack web-production in us-west-2 (CREATE_COMPLETE)",
        "DB_PASSWORD Task/web a value a reference a value",
        "API_KEY Task/web a value a reference a value",
        "--- stack web-production (us-west-2)",
        "+++ web.yaml (rewritten)",
        "Service: rolled to the new revision by ECS",
        "warning: Service: has no deployment circuit breaker: if its tasks can't start, the update hangs for hours before it is rolled back",
        "warning: the stack: a rollback of this update brings the present template back, with the plaintext of `API_KEY`, `DB_PASSWORD`: keep these values valid until the update has succeeded",
    ] {
        assert!(words.iter().any(|line| line == part), "{part} is not in\n{text}");
    }
    let replaced = format!("Task: a new revision takes the place of `{}:1`", account.family);
    assert!(text.contains(&replaced), "{text}");
    let report = account.json(1, "preview --deployed --exit-code");
    let deployed = &report["deployed"];
    assert_eq!((deployed["changed"].as_bool(), deployed["status"].as_str()), (Some(true), Some("CREATE_COMPLETE")));
    assert_eq!(deployed["secrets"][0]["now"], "value");
    assert_eq!(deployed["secrets"][0]["deploy"], "reference");
    let effects: Vec<&str> =
        deployed["effects"].as_array().unwrap().iter().map(|effect| effect["kind"].as_str().unwrap()).collect();
    assert_eq!(effects, ["replaced", "rolled", "no-circuit-breaker", "rollback-to-values"]);
    let markdown = stdout(&account.ends(0, "preview --deployed --format markdown"));
    assert!(markdown.contains("| `DB_PASSWORD` | `Task/web` | a value | a reference | a value |"), "{markdown}");
}

#[test]
fn a_stack_that_is_not_there_is_a_first_deploy() {
    let Some(account) = Case::new() else { return };
    let text = stdout(&account.ends(0, "preview --deployed --region us-east-1"));
    assert!(text.contains("there is no stack web-production in us-east-1 yet: this is its first deploy"), "{text}");
    assert_eq!(account.json(1, "preview --deployed --exit-code")["deployed"]["status"], serde_json::Value::Null);
    account.ends(0, "rewrite --deployed -o out.yaml --scheme value");
    // In another account it is not a first deploy, but the wrong account.
    account.write("deploy.toml", &account.read("deploy.toml").replace(&account.account.id, "111122223333"));
    let error = stderr(&account.ends(3, "preview --deployed"));
    assert!(error.contains("but the environment to account 111122223333"), "{error}");
    account.write("deploy.toml", &account.read("deploy.toml").replace("stack =", "# stack ="));
    let error = stderr(&account.ends(2, "preview --deployed"));
    assert!(error.contains("which stack `web` is deployed as"), "{error}");
}

#[test]
fn nothing_goes_back_to_values_unasked() {
    let Some(account) = Case::new() else { return };
    account.deploy("web-production", &account.rewritten());
    let text = stdout(&account.ends(0, "preview --deployed --exit-code"));
    assert!(text.contains("what would be deployed, byte for byte"), "{text}");
    assert!(text.contains("no task definition changes, and nothing is rolled"), "{text}");
    for command in ["rewrite --deployed --scheme value -o out.yaml", "preview --deployed --scheme value"] {
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
    assert!(!account.folder.path().join("out.yaml").exists());
    let report = account.json(2, "preview --deployed --scheme value");
    assert_eq!(report["messages"][0]["code"], "downgrade");
    // A container of another name is the same one.
    account.write("web.yaml", &account.read("web.yaml").replace("Name: web", "Name: app"));
    account.ends(2, "rewrite --deployed --scheme value -o out.yaml");
    let error = stderr(&account.ends(0, "rewrite --deployed --scheme value --to-values -o out.yaml"));
    assert!(error.contains("warning[downgrade]"), "{error}");
    // Where nobody asks AWS, nothing is known.
    account.ends(0, "rewrite --scheme value -o out.yaml");
}

#[test]
fn services_that_are_not_rolled_are_named() {
    let Some(account) = on_moto() else { return };
    let template = account.read("web.yaml");
    let controlled =
        template.replace("DesiredCount: 1", "DesiredCount: 1\n      DeploymentController: {Type: CODE_DEPLOY}");
    account.write("web.yaml", &controlled);
    account.deploy("web-production", &controlled);
    let text = stdout(&account.ends(0, "preview --deployed"));
    assert!(text.contains("warning: Service: not rolled: its controller is CODE_DEPLOY"), "{text}");
    assert!(!text.contains("rolled to the new revision"), "{text}");
}

#[test]
fn deployed_values_are_compared_with_stored_ones() {
    let Some(account) = Case::new() else { return };
    account.deploy("web-production", &account.read("web.yaml"));
    account.put("DB_PASSWORD", CANARY);
    account.put("API_KEY", "EXAMPLE-another");
    let output = account.ends(1, "check --parity --deployed");
    let text = stdout(&output);
    assert!(
        text.contains("`API_KEY`: the stored value (`/production/web/api-key`) differs from the stack's in us-west-2"),
        "{text}"
    );
    assert!(text.contains("1 of 2 plaintext values") && !text.contains("EXAMPLE"), "{text}");
    assert!(stderr(&output).contains("there is no stack `web-production` in us-east-1 yet"));
    // The parameter's value is known to the task definition alone.
    account.put("API_KEY", &format!("{CANARY}-key"));
    let rows = account.json(0, "check --parity --deployed");
    assert_eq!(rows[1]["regions"]["us-west-2"], "equal");
    assert_eq!(rows[1]["container"], "Task/web");
}

#[test]
fn what_is_by_reference_already_has_no_value_to_compare() {
    let Some(account) = on_moto() else { return };
    account.deploy("web-production", &account.rewritten());
    let text = stdout(&account.ends(0, "check --parity --deployed"));
    assert!(text.contains("0 of 0 plaintext values") && text.contains("2 by reference already"), "{text}");
    assert_eq!(account.json(0, "check --parity --deployed")[0]["regions"]["us-west-2"], "by-reference");
}

#[test]
fn old_revisions_that_hold_values_are_named() {
    let Some(mut account) = on_moto() else { return };
    account.iam = Some(iam(|_, _, _| "allowed"));
    account.put("DB_PASSWORD", CANARY);
    account.put("API_KEY", CANARY);
    account.deploy("web-old", &account.read("web.yaml"));
    account.deploy("web-production", &account.rewritten());
    let deregister = format!(r#"{{"taskDefinition": "{}:1"}}"#, account.family);
    let target = "AmazonEC2ContainerServiceV20141113.DeregisterTaskDefinition";
    account.emulator.json(&account.account, REGION, "ecs", target, &deregister);
    let output = account.ends(0, "check --revisions");
    let text = stdout(&output);
    let first = format!("{}:1", account.family);
    for part in [
        &format!(
            "warning[plaintext-revision]: `{first}` in us-west-2 still holds the plaintext of `API_KEY`, `DB_PASSWORD`"
        ),
        &format!("aws ecs deregister-task-definition --task-definition {first}"),
        "rotate what they held",
        "1 of 2 revisions of the stack's task definitions hold plaintext values of secrets",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let report = account.json(0, "check --revisions");
    let row = &report["revisions"][0];
    assert_eq!(
        (row["revision"].as_i64(), row["active"].as_bool(), row["current"].as_bool()),
        (Some(1), Some(false), Some(false))
    );
    assert_eq!(report["findings"], 0);
}

#[test]
fn iam_is_asked_for_roles_from_elsewhere() {
    let Some(mut account) = on_moto() else { return };
    account.put("DB_PASSWORD", CANARY);
    account.put("API_KEY", CANARY);
    account.iam = Some(iam(|action, _, _| if action == "ssm:GetParameters" { "allowed" } else { "implicitDeny" }));
    let text = stdout(&account.ends(0, "check"));
    let role = format!("arn:aws:iam::{}:role/execution", account.account.id);
    let allowed = format!(
        "{role} may read its secrets in us-east-1, us-west-2: allowed by identity policies, key policy not evaluated"
    );
    assert!(text.contains(&allowed), "{text}");
    let rows = account.json(0, "check")["roles"].clone();
    assert_eq!(rows.as_array().unwrap().len(), 2);
    assert_eq!((&rows[0]["verdict"], &rows[0]["region"]), (&"allowed".into(), &REGION.into()));

    account.iam = Some(iam(|_, resource, parameters| {
        let is_east = parameters.iter().any(|(_, value)| value == "us-east-1");
        if is_east && resource.ends_with("api-key") { "implicitDeny" } else { "allowed" }
    }));
    let text = stdout(&account.ends(1, "check"));
    let arn = format!("arn:aws:ssm:us-east-1:{}:parameter/production/web/api-key", account.account.id);
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
    assert!(annotations.starts_with("::error file=web.yaml,line=11,col=25,title=role-not-allowed::"), "{annotations}");
    // By value nothing is read yet.
    account
        .write("deploy.toml", &account.read("deploy.toml").replace("default = \"reference\"", "default = \"value\""));
    assert!(stdout(&account.ends(0, "check")).contains("warning[role-not-allowed]"));
}

#[test]
fn what_iam_does_not_say_is_unknown() {
    let Some(mut account) = on_moto() else { return };
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
    account.write("deploy.toml", &config.replace("stack =", "execution-role = \"external\"\nstack ="));
    assert!(stdout(&account.ends(0, "check")).contains("note[role-unknown]"));
    // What is known is said all the same.
    account.iam = Some(iam(|_, _, _| "explicitDeny"));
    assert!(stdout(&account.ends(1, "check")).contains("error[role-not-allowed]"));
    account.write("deploy.toml", &config);
    account.write("web.yaml", &account.read("web.yaml").replace(":role/execution", ":role/nobody"));
    assert!(stdout(&account.ends(1, "check")).contains("there is no such role"));
    account.iam = Some(StandIn::new(|_| (500, "<html></html>".to_owned())));
    let output = account.ends(3, "check");
    assert_eq!(stderr(&output).matches("iam:SimulatePrincipalPolicy").count(), 1, "{}", stderr(&output));
}

/// A role that comes as a parameter is the one that the stack's task definition has.
#[test]
fn the_stack_says_which_role_a_parameter_is() {
    let Some(mut account) = on_moto() else { return };
    account.put("DB_PASSWORD", CANARY);
    account.put("API_KEY", CANARY);
    account.deploy("web-production", &account.read("web.yaml"));
    let template = account
        .read("web.yaml")
        .replace("!Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:role/execution", "!Ref Role");
    account.write("web.yaml", &template.replace("Parameters:\n", "Parameters:\n  Role: {Type: String}\n"));
    account.iam = Some(iam(|_, _, _| "allowed"));
    let text = stdout(&account.ends(1, "check --region us-west-2"));
    assert!(text.contains("the role is `Role`") && text.contains("say `--deployed`"), "{text}");
    let text = stdout(&account.ends(1, "check --region us-west-2 --deployed"));
    assert!(text.contains("neither does the stack say it"), "{text}");
    // moto registers no execution role for a stack: a stand-in describes its task definition.
    let role = format!("arn:aws:iam::{}:role/execution", account.account.id);
    let task = serde_json::json!({ "taskDefinition": {
        "taskDefinitionArn": format!("arn:aws:ecs:{REGION}:{}:task-definition/web:1", account.account.id),
        "family": "web", "revision": 1, "status": "ACTIVE", "executionRoleArn": role, "containerDefinitions": [],
    }});
    account.ecs = Some(StandIn::new(move |_| (200, task.to_string())));
    let text = stdout(&account.ends(0, "check --region us-west-2 --deployed"));
    assert!(text.contains("role/execution may read its secrets in us-west-2"), "{text}");
}

/// A key of one's own has to be allowed too, as Parameter Store uses it.
#[test]
fn the_customers_key_is_asked_for() {
    let Some(mut account) = on_moto() else { return };
    let config = account.read("deploy.toml");
    let key =
        |region: &str| format!("arn:aws:kms:{region}:{}:key/1234abcd-12ab-34cd-56ef-1234567890ab", account.account.id);
    let keys = format!("kms-key = [\"{}\", \"{}\"]\n\n[flag]", key(REGION), key("us-east-1"));
    account.write("deploy.toml", &config.replace("\n[flag]", &keys));
    account.put("DB_PASSWORD", CANARY);
    account.put("API_KEY", CANARY);
    account.iam = Some(iam(|action, resource, parameters| {
        let says = |wanted: &str| parameters.iter().any(|(_, value)| value.contains(wanted));
        match action {
            "kms:Decrypt" if !resource.contains(":key/1234abcd") || !says("ssm.") => "explicitDeny",
            // A policy that allows the key for the parameters of this application alone.
            "kms:Decrypt" if !says(":parameter/production/web/") => "implicitDeny+kms:EncryptionContext:PARAMETER_ARN",
            _ => "allowed",
        }
    }));
    account.ends(0, "check");
    account.iam = Some(iam(|action, _, _| if action == "kms:Decrypt" { "implicitDeny" } else { "allowed" }));
    let text = stdout(&account.ends(1, "check"));
    assert!(text.contains("may not `kms:Decrypt` in us-west-2"), "{text}");
    account.write("deploy.toml", &config.replace("\n[flag]", "kms-key = \"alias/web\"\n\n[flag]"));
    let text = stdout(&account.run("check", ""));
    assert!(text.contains("`alias/web` is an alias, and the role's policies may name the key behind it"), "{text}");
}

/// ministack knows IAM's simulation itself, but of one resource at a time, and it does not miss a role.
#[test]
fn a_real_simulation_agrees() {
    let Some(account) = Case::new() else { return };
    if account.emulator.peer() != Peer::Ministack {
        return of_another_peer("ministack is the peer for this: `BYREF_PEER=ministack`");
    }
    account.write("deploy.toml", &account.read("deploy.toml").replace("API_KEY = \"api-key\"\n", ""));
    account.put("DB_PASSWORD", CANARY);
    let query = |parameters: &[(&str, &str)]| account.emulator.query(&account.account, "us-east-1", "iam", parameters);
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

#[test]
fn cloudformation_validates_what_would_be_deployed() {
    let Some(mut account) = on_moto() else { return };
    account.put("DB_PASSWORD", CANARY);
    account.put("API_KEY", CANARY);
    account.iam = Some(iam(|_, _, _| "allowed"));
    // moto takes the warnings of cfn-lint for errors: the parameter that nothing uses any more is one.
    let text = stdout(&account.ends(1, "check --validate"));
    assert!(text.contains("error[invalid-template]: CloudFormation refuses what would be deployed: "), "{text}");
    assert!(text.contains("web.yaml:1:1"), "{text}");
    let unused = "  ApiKey: {Type: String, NoEcho: true, Default: EXAMPLE-canary-Hq3Zr8Vw1-key}\n";
    let template = account.read("web.yaml").replace(&format!("Parameters:\n{unused}"), "");
    account.write("web.yaml", &template.replace("!Ref ApiKey", "EXAMPLE-canary-Hq3Zr8Vw1-key"));
    assert!(stdout(&account.ends(0, "check --validate")).contains("web.yaml: CloudFormation takes its form"));
    assert_eq!(account.json(0, "check --validate")["validation"][0]["state"], "valid");
    let broken = format!("DesiredCount: 1\n      ServiceName: !Sub '${{{CANARY}}}'");
    account.write("web.yaml", &account.read("web.yaml").replace("DesiredCount: 1", &broken));
    let report = account.json(1, "check --validate");
    assert_eq!(report["validation"][0]["state"], "refused");
}

/// What AWS does not answer stands beside what it does.
#[test]
fn a_refusal_leaves_the_rest_of_the_report() {
    let Some(account) = on_moto() else { return };
    account.put("DB_PASSWORD", CANARY);
    account.put("API_KEY", CANARY);
    account.write(
        "deploy.toml",
        &account.read("deploy.toml").replace("stack =", "execution-role = \"external\"\nstack ="),
    );
    let proxy = byref_emulator::Proxy::new(account.emulator.address());
    proxy.set([
        byref_emulator::Rule::new(byref_emulator::Fault::Denied, byref_emulator::When::Always).of("DescribeStacks")
    ]);
    let output = byref(account.folder.path())
        .args(["check", "--revisions"])
        .envs(account.account.environment(&proxy.endpoint()))
        .env("AWS_MAX_ATTEMPTS", "1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stdout(&output).contains("2 of 2 secrets are there"), "{}", stdout(&output));
    assert!(stderr(&output).contains("DescribeStacks"), "{}", stderr(&output));
}

/// Whatever fails, no value is said: a template that can't be read, an account that refuses, nobody who answers.
#[test]
fn no_failure_says_a_value() {
    let Some(account) = on_moto() else { return };
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
    for fault in byref_emulator::Fault::ALL.into_iter().filter(|fault| !fault.is_silent()) {
        for (operation, command) in commands {
            let proxy = faulty(vec![byref_emulator::Rule::new(fault, byref_emulator::When::Always).of(operation)]);
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
            assert!(matches!(code, Some(0..=3)), "{fault:?} {operation} {command}: {code:?} {error}");
            assert!(!out.contains(CANARY) && !error.contains(CANARY), "{fault:?} {operation} {command}: {out}{error}");
            assert!(!error.contains("panicked"), "{fault:?} {operation} {command}: {error}");
            assert!(proxy.log().iter().any(|request| request.fault.is_some()), "{operation} {command} is not asked");
        }
    }
}
