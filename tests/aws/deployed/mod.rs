//! Against what is deployed: `preview --deployed`, `rewrite --deployed` and what `check` asks of
//! stacks and roles.
//!
//! Every stack is fresh: moto garbles a task definition when a stack is updated, and ministack
//! gives the secrets of a task definition back without names. moto has no
//! `SimulatePrincipalPolicy`: a stand-in answers that one call.

pub(crate) mod check;
pub(crate) mod effects;
pub(crate) mod preview;
pub(crate) mod roles;
pub(crate) mod several;

use std::process::{Command, Output};

use byref_emulator::{Account, Emulator, Peer, Proxy, StandIn, emulator};
use byref_harness::ignore;

use byref_support::{Folder, byref, finish, folder, start, stderr, stdout};

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
    folder: Folder,
    family: String,
    /// Instead of the emulator's IAM.
    iam: Option<StandIn>,
    /// Instead of the emulator's ECS.
    ecs: Option<StandIn>,
    /// Instead of the emulator's CloudFormation.
    cloudformation: Option<StandIn>,
}

impl Case {
    fn new() -> Self {
        let emulator = emulator();
        let account = emulator.account();
        let family = format!("web-{}", account.id);
        let template = TEMPLATE.replace("FAMILY", &family);
        let folder = folder(&[
            ("deploy.toml", &CONFIG.replace("ACCOUNT", &account.id)),
            ("web.yaml", &template),
        ]);
        Self {
            emulator,
            account,
            folder,
            family,
            iam: None,
            ecs: None,
            cloudformation: None,
        }
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.join(file)).unwrap()
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.folder.join(file), text).unwrap();
    }

    fn deploy(&self, stack: &str, template: &str) {
        self.emulator
            .create_stack(&self.account, REGION, stack, template);
    }

    fn command(&self, endpoint: &str) -> Command {
        let mut command = byref(self.folder.path());
        command
            .envs(self.account.environment(endpoint))
            .env("AWS_MAX_ATTEMPTS", "1");
        command.envs(
            self.iam
                .iter()
                .map(|iam| ("AWS_ENDPOINT_URL_IAM", iam.endpoint())),
        );
        command.envs(
            self.ecs
                .iter()
                .map(|ecs| ("AWS_ENDPOINT_URL_ECS", ecs.endpoint())),
        );
        let cloudformation = self.cloudformation.iter();
        command.envs(
            cloudformation.map(|stacks| ("AWS_ENDPOINT_URL_CLOUDFORMATION", stacks.endpoint())),
        );
        command
    }

    fn run(&self, arguments: &str, input: &str) -> Output {
        let mut command = self.command(&self.emulator.endpoint());
        finish(start(command.args(arguments.split_whitespace()), input))
    }

    /// Runs with a proxy before the emulator.
    fn run_through(&self, proxy: &Proxy, arguments: &str) -> Output {
        self.command(&proxy.endpoint())
            .args(arguments.split_whitespace())
            .output()
            .unwrap()
    }

    /// Runs, and asserts that it ends with this code and says no value.
    fn ends(&self, code: i32, arguments: &str) -> Output {
        let output = self.run(arguments, "");
        let (out, error) = (stdout(&output), stderr(&output));
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments}: {out}\n{error}"
        );
        assert!(
            !out.contains(CANARY) && !error.contains(CANARY),
            "{arguments}: {out}\n{error}"
        );
        output
    }

    fn put(&self, secret: &str, value: &str) {
        let output = self.run(
            &format!("secret put {secret} --yes --write-rate 100"),
            value,
        );
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }

    fn json(&self, code: i32, arguments: &str) -> serde_json::Value {
        serde_json::from_slice(
            &self
                .ends(code, &format!("{arguments} --format json"))
                .stdout,
        )
        .unwrap()
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
        let answer = self
            .emulator
            .json(&self.account, REGION, "ecs", target, &body);
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let answer: serde_json::Value =
            serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
        answer["taskDefinition"]["containerDefinitions"][0].clone()
    }
}

/// The decision for an action on a resource, with the parameters of the request.
type Decide = fn(action: &str, resource: &str, parameters: &[(String, String)]) -> &'static str;

/// IAM that knows one role, `execution`.
fn iam(decide: Decide) -> StandIn {
    StandIn::new(move |parameters| {
        let all = |prefix: &str| -> Vec<String> {
            let own = parameters
                .iter()
                .filter(|(name, _)| name.starts_with(prefix));
            own.map(|(_, value)| value.clone()).collect()
        };
        assert_eq!(all("Action")[0], "SimulatePrincipalPolicy");
        let error = |status, code: &str| {
            let body = format!(
                "<ErrorResponse><Error><Code>{code}</Code><Message>{CANARY}</Message></Error></ErrorResponse>"
            );
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

/// Makes a case against moto; with another emulator the test ends here and is reported as ignored.
fn on_moto() -> Case {
    let case = Case::new();
    if case.emulator.peer() != Peer::Moto {
        ignore("a test of moto: `BYREF_PEER` names another emulator");
    }
    case
}
