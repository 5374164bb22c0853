//! The canary against stacks: whatever is asked of what is deployed, in every form and as loud as
//! it gets, and whatever fails on the way, no value is said.

use std::process::Output;

use byref_emulator::{Fault, Rule, When};

use byref_support::{CANARY, Cloud, assert_hides, finish, start, stderr};

byref_harness::tests![
    no_command_that_reads_stacks_prints_a_value,
    no_error_about_a_broken_stack_prints_a_value,
];

/// What asks stacks, with the operations that it needs in the order in which they are asked.
const COMMANDS: [(&str, &[&str]); 16] = [
    (
        "preview --deployed",
        &[
            "DescribeStacks",
            "GetTemplate",
            "ListStackResources",
            "DescribeTaskDefinition",
            "DescribeServices",
        ],
    ),
    (
        "preview --deployed --format json",
        &["DescribeStacks", "GetTemplate", "ListStackResources"],
    ),
    (
        "preview --deployed --format markdown --color always",
        &["GetTemplate", "DescribeServices"],
    ),
    (
        "preview --deployed --scheme value --exit-code",
        &["GetTemplate"],
    ),
    (
        "preview --deployed --scheme value --to-values",
        &["GetTemplate"],
    ),
    ("preview --deployed --grants-only", &["GetTemplate"]),
    ("preview --deployed by-reference.yaml", &["GetTemplate"]),
    (
        "rewrite --deployed -o out.yaml",
        &["DescribeStacks", "GetTemplate"],
    ),
    (
        "rewrite --deployed --scheme value -o out.yaml",
        &["GetTemplate"],
    ),
    ("check --deployed", &[]),
    (
        "check --deployed --revisions",
        &[
            "DescribeStacks",
            "ListStackResources",
            "DescribeTaskDefinition",
            "ListTaskDefinitions",
        ],
    ),
    (
        "check --deployed --revisions --format json",
        &["ListTaskDefinitions"],
    ),
    (
        "check --parity --deployed",
        &[
            "DescribeStacks",
            "GetTemplate",
            "ListStackResources",
            "DescribeTaskDefinition",
        ],
    ),
    (
        "check --parity --deployed --format json",
        &["DescribeTaskDefinition"],
    ),
    (
        "check --parity --deployed --format github",
        &["DescribeTaskDefinition"],
    ),
    ("check --validate --format github", &["ValidateTemplate"]),
];

/// What asks nobody.
const OFFLINE: [&str; 8] = [
    "iam",
    "iam --format yaml",
    "iam --format cloudformation",
    "iam --scopes",
    "iam --key app",
    "iam --key shared",
    "rewrite --grants-only --check",
    "preview --grants-only --format json",
];

const TEMPLATE: &str = r"Parameters:
  ApiKey: {Type: String, NoEcho: true, Default: CANARY-key, Description: is CANARY}
Resources:
  Cluster: {Type: AWS::ECS::Cluster}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Description: CANARY
      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: sts:AssumeRole}]}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: FAMILY
      ExecutionRoleArn: !GetAtt Role.Arn
      ContainerDefinitions:
        - Name: web
          Image: nginx
          Memory: 128
          LogConfiguration: {LogDriver: splunk, Options: {splunk-token: CANARY, splunk-url: 'https://CANARY'}}
          Environment:
            # CANARY
            - Name: DB_PASSWORD # CANARY
              Value: CANARY
            - {Name: API_KEY, Value: !Ref ApiKey}
            - {Name: OTHER, Value: 'x CANARY'}
  Service:
    Type: AWS::ECS::Service
    Properties: {Cluster: !Ref Cluster, TaskDefinition: !Ref Task, DesiredCount: 1}
Outputs:
  Leak: {Value: CANARY}
";

fn cloud() -> Cloud {
    let cloud = Cloud::new();
    let config = cloud.read("deploy.toml");
    let config = config.replace(
        "containers = [\"web\"]\n",
        "containers = [\"web\"]\nstack = \"web-{environment}\"\n",
    );
    let config = config.replace("execution-role = \"external\"\n", "");
    let production = config
        .split("[environments.development]")
        .next()
        .unwrap()
        .to_owned();
    let rest = &config[config.find("[flag]").unwrap()..];
    let log_line = "SPLUNK = { key = \"splunk\", log-option = \"splunk-token\" }\n";
    cloud.write("deploy.toml", format!("{production}{rest}{log_line}"));
    let template = TEMPLATE
        .replace("CANARY", CANARY)
        .replace("FAMILY", &format!("web-{}", cloud.own.id));
    cloud.write("web.yaml", &template);
    for secret in ["DB_PASSWORD", "API_KEY", "SPLUNK"] {
        cloud.put(secret, "production", CANARY);
    }
    cloud
        .emulator
        .create_stack(&cloud.own, "us-west-2", "web-production", &template);
    cloud.ends(0, "rewrite -q web.yaml -o by-reference.yaml");
    let by_reference = cloud.read("by-reference.yaml");
    cloud
        .emulator
        .create_stack(&cloud.own, "us-east-1", "web-production", &by_reference);
    cloud
}

fn run(cloud: &Cloud, arguments: &str) -> Output {
    let options = if arguments.starts_with("iam") {
        "-vvv"
    } else {
        "--read-rate 10000 --timeout 2 -vvv"
    };
    let mut command = cloud.command_with(arguments, options);
    command
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .env("AWS_MAX_ATTEMPTS", "1");
    let output = finish(start(&mut command, ""));
    assert!(output.status.code().is_some(), "{arguments} was killed");
    output
}

fn no_command_that_reads_stacks_prints_a_value() {
    let cloud = cloud();
    for arguments in OFFLINE {
        let output = run(&cloud, arguments);
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{arguments}: {}",
            stderr(&output)
        );
        assert_hides(CANARY, arguments, &output);
    }
    let is_full = super::is_full();
    let speaking = [Fault::Denied, Fault::Garbage, Fault::Truncated];
    for (turn, (arguments, operations)) in COMMANDS.into_iter().enumerate() {
        assert_hides(CANARY, arguments, &run(&cloud, arguments));
        for operation in operations {
            for (index, fault) in Fault::ALL
                .into_iter()
                .filter(|fault| !fault.is_silent())
                .enumerate()
            {
                if !is_full && !speaking.contains(&fault) && index != turn % Fault::ALL.len() {
                    continue;
                }
                cloud
                    .proxy
                    .set([Rule::new(fault, When::Always).of(operation)]);
                let what = format!("{arguments} with {fault:?} of {operation}");
                assert_hides(CANARY, &what, &run(&cloud, arguments));
                assert!(
                    cloud
                        .proxy
                        .log()
                        .iter()
                        .any(|request| request.fault.is_some()),
                    "{what} is not asked"
                );
            }
            cloud.proxy.set([]);
        }
    }
}

/// A stack whose template can't be read, or is none.
fn no_error_about_a_broken_stack_prints_a_value() {
    let cloud = cloud();
    let broken = [
        format!("{{\"Resources\": {{\"a\": \"{CANARY}\" \"b\"}}}}"),
        format!("a: [{CANARY}, {{b: {CANARY}\n"),
        format!("Description: {CANARY}\nResources: {CANARY}\n"),
        format!(
            "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties: {CANARY}\n"
        ),
    ];
    for text in broken {
        let template = text.clone();
        let stacks = byref_emulator::StandIn::new(move |parameters| {
            let operation = &parameters
                .iter()
                .find(|(name, _)| name == "Action")
                .unwrap()
                .1;
            let result = match operation.as_str() {
                "DescribeStacks" => "<Stacks><member><StackName>web-production</StackName><StackStatus>UPDATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime></member></Stacks>".to_owned(),
                "GetTemplate" => format!("<TemplateBody>{template}</TemplateBody>"),
                _ => "<StackResourceSummaries><member><LogicalResourceId>Cluster</LogicalResourceId><ResourceType>AWS::ECS::Cluster</ResourceType></member></StackResourceSummaries>".to_owned(),
            };
            (
                200,
                format!(
                    "<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"
                ),
            )
        });
        for arguments in [
            "preview --deployed",
            "preview --deployed --format json",
            "rewrite --deployed -o out.yaml",
        ] {
            let mut command = cloud.command_with(arguments, "-vvv");
            command.env("AWS_ENDPOINT_URL_CLOUDFORMATION", stacks.endpoint());
            let output = finish(start(&mut command, ""));
            assert_hides(CANARY, &format!("{arguments} of {text}"), &output);
            assert!(
                matches!(output.status.code(), Some(0..=2)),
                "{arguments}: {}",
                stderr(&output)
            );
        }
    }
}
