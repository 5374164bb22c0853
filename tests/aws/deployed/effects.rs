//! Every line of effects of the update, against stand-ins that show a stack as no emulator can: in
//! every state, with every kind of service, with what somebody else did to it.

use byref_emulator::StandIn;
use serde_json::{Value, json};

use super::{CANARY, Case, on_moto};
use byref_support::stdout;

byref_harness::tests![
    effects_name_the_service_that_replaces_the_tasks,
    effects_describe_tasks_that_do_not_start,
    blue_green_deployments_accept_only_task_definition_changes,
    effects_report_changes_made_outside_cloudformation,
    effects_describe_what_a_rollback_restores,
    effects_describe_other_resources,
    effects_report_stacks_that_cannot_be_updated,
];

const ACCOUNT: &str = "111122223333";

/// What a stack is, and what is to be deployed over it.
struct Scene {
    status: &'static str,
    /// Before the resources of both templates.
    head: String,
    /// The properties of the service in the new template, and in the stack's.
    service: [String; 2],
    /// Further resources of the new template, and of the stack's.
    resources: [String; 2],
    /// What the new template has of the secret, and the stack's.
    lists: [&'static str; 2],
    /// The service as ECS describes it; nothing where it is gone.
    described: Value,
    /// What else ECS says of the revision of the stack.
    task: Value,
}

const BY_VALUE: &str = "Environment: [{Name: DB_PASSWORD, Value: EXAMPLE-canary-Hq3Zr8Vw1}]";
const BY_REFERENCE: &str = "Secrets: [{Name: DB_PASSWORD, ValueFrom: !Sub 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/production/web/db-password'}]";
const BY_ANOTHER: &str = "Secrets: [{Name: DB_PASSWORD, ValueFrom: /production/web/old-password}]";

/// A service that ECS rolls.
const ROLLED: &str = "TaskDefinition: !Ref Task";

fn scene() -> Scene {
    Scene {
        status: "UPDATE_COMPLETE",
        head: String::new(),
        service: [ROLLED.to_owned(), ROLLED.to_owned()],
        resources: [String::new(), String::new()],
        lists: [BY_VALUE, BY_VALUE],
        described: json!({}),
        task: json!({}),
    }
}

impl Scene {
    /// With these properties of the service, in both templates.
    fn served(service: &str) -> Self {
        Self {
            service: [service.to_owned(), service.to_owned()],
            ..scene()
        }
    }

    /// With these resources in the new template, and in the stack's.
    fn beside(self, new: &str, old: &str) -> Self {
        Self {
            resources: [new.to_owned(), old.to_owned()],
            ..self
        }
    }

    fn described(self, described: Value) -> Self {
        Self { described, ..self }
    }

    fn template(&self, which: usize) -> String {
        let Self {
            head,
            service,
            resources,
            lists,
            ..
        } = self;
        let (service, resources, lists) = (&service[which], &resources[which], lists[which]);
        format!(
            "{head}Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      Family: web\n      ExecutionRoleArn: arn:aws:iam::{ACCOUNT}:role/execution\n      ContainerDefinitions:\n        - Name: web\n          Image: nginx\n          {lists}\n  Service:\n    Type: AWS::ECS::Service\n    Properties: {{{service}}}\n{resources}"
        )
    }

    fn cloudformation(&self) -> StandIn {
        let (status, template) = (self.status, self.template(1));
        let resources = [
            ("Task", "AWS::ECS::TaskDefinition", task_arn(3)),
            ("Service", "AWS::ECS::Service", service_arn()),
        ];
        StandIn::new(move |parameters| {
            let operation = &parameters
                .iter()
                .find(|(name, _)| name == "Action")
                .unwrap()
                .1;
            let result = match operation.as_str() {
                "DescribeStacks" => format!(
                    "<Stacks><member><StackName>web-production</StackName><StackStatus>{status}</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime></member></Stacks>"
                ),
                "GetTemplate" => {
                    let text = template.replace('&', "&amp;").replace('<', "&lt;");
                    format!("<TemplateBody>{text}</TemplateBody>")
                }
                "ListStackResources" => {
                    let member = |(id, kind, arn): &(&str, &str, String)| {
                        format!(
                            "<member><LogicalResourceId>{id}</LogicalResourceId><PhysicalResourceId>{arn}</PhysicalResourceId><ResourceType>{kind}</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus><LastUpdatedTimestamp>2026-01-01T00:00:00Z</LastUpdatedTimestamp></member>"
                        )
                    };
                    let members: String = resources.iter().map(member).collect();
                    format!("<StackResourceSummaries>{members}</StackResourceSummaries>")
                }
                other => panic!("{other} is not asked"),
            };
            (
                200,
                format!(
                    "<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"
                ),
            )
        })
    }

    fn ecs(&self) -> StandIn {
        let (described, task) = (self.described.clone(), self.task.clone());
        StandIn::of_json(move |operation, _| {
            let with = |mut base: Value, further: &Value| {
                let further = further.as_object().unwrap().clone();
                base.as_object_mut().unwrap().extend(further);
                base
            };
            match operation {
                "DescribeServices" if described.is_null() => {
                    let failures = json!([{"arn": service_arn(), "reason": "MISSING"}]);
                    (
                        200,
                        json!({"services": [], "failures": failures}).to_string(),
                    )
                }
                "DescribeServices" => {
                    let base = json!({"serviceArn": service_arn(), "serviceName": "web", "status": "ACTIVE", "desiredCount": 2, "taskDefinition": task_arn(3)});
                    (
                        200,
                        json!({"services": [with(base, &described)]}).to_string(),
                    )
                }
                "DescribeTaskDefinition" if task.is_null() => {
                    let refusal = json!({"__type": "ClientException", "message": "Unable to describe task definition."});
                    (400, refusal.to_string())
                }
                "DescribeTaskDefinition" => {
                    let base = json!({"taskDefinitionArn": task_arn(3), "family": "web", "revision": 3, "status": "ACTIVE", "containerDefinitions": []});
                    (
                        200,
                        json!({"taskDefinition": with(base, &task)}).to_string(),
                    )
                }
                other => panic!("{other} is not asked"),
            }
        })
    }
}

fn task_arn(revision: u32) -> String {
    format!("arn:aws:ecs:us-west-2:{ACCOUNT}:task-definition/web:{revision}")
}

fn service_arn() -> String {
    format!("arn:aws:ecs:us-west-2:{ACCOUNT}:service/cluster/web")
}

/// What is said of a scene, with the exit code: level, resource, kind and message of each effect.
fn effects(case: &mut Case, scene: &Scene) -> Vec<String> {
    let config = format!(
        "[environments.production]\naccount = \"{ACCOUNT}\"\nregions = [\"us-west-2\"]\n[flag]\ndefault = \"reference\"\n[apps.web]\ntemplates = [\"web.yaml\"]\nstack = \"web-{{environment}}\"\nexecution-role = \"external\"\n[apps.web.secrets]\nDB_PASSWORD = \"db-password\"\n"
    );
    case.account = case.emulator.account_of(ACCOUNT);
    case.write("deploy.toml", &config);
    case.write("web.yaml", &scene.template(0));
    (case.cloudformation, case.ecs) = (Some(scene.cloudformation()), Some(scene.ecs()));
    let output = case.run("preview --deployed --format json", "");
    let (text, error) = (stdout(&output), byref_support::stderr(&output));
    assert!(
        !text.contains(CANARY) && !error.contains(CANARY),
        "{text}{error}"
    );
    let report: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{error}"));
    let effects = report["deployed"][0]["effects"].as_array().unwrap();
    let is_failure = effects.iter().any(|effect| effect["level"] == "error");
    assert_eq!(
        output.status.code(),
        Some(i32::from(is_failure)),
        "{text}{error}"
    );
    let line = |effect: &Value| {
        let text = |key: &str| effect[key].as_str().unwrap_or("stack").to_owned();
        format!(
            "{} {} {}: {}",
            text("level"),
            text("resource"),
            text("kind"),
            text("message")
        )
    };
    effects.iter().map(line).collect()
}

/// Asserts that a scene has effects that begin so, in this order, and as many.
fn judge(case: &mut Case, scene: &Scene, expected: &[&str]) {
    let effects = effects(case, scene);
    let all_begin = effects
        .iter()
        .zip(expected)
        .all(|(effect, start)| effect.starts_with(start));
    assert!(
        effects.len() == expected.len() && all_begin,
        "expected {expected:#?}, found {effects:#?}"
    );
}

const REPLACED: &str = "note Task replaced: a new revision takes the place of `web:3`, which is deregistered when the update has succeeded, and stays readable until it is deleted";
const TO_VALUES: &str = "warning stack rollback-to-values: a rollback of this update brings the present template back, with the plaintext of `DB_PASSWORD`";

const ROLLED_BY_ECS: &str = "note Service rolled: rolled to the new revision by ECS";
const NO_BREAKER: &str = "warning Service no-circuit-breaker: has no deployment circuit breaker";

fn effects_name_the_service_that_replaces_the_tasks() {
    let mut case = on_moto();
    judge(
        &mut case,
        &scene(),
        &[REPLACED, ROLLED_BY_ECS, NO_BREAKER, TO_VALUES],
    );
    for controller in ["CODE_DEPLOY", "EXTERNAL"] {
        let said = format!(
            "error Service not-rolled: not rolled, and the update fails: its controller is {controller}"
        );
        let expected = [REPLACED, said.as_str(), TO_VALUES];
        let of =
            |controller: &str| format!("{ROLLED}, DeploymentController: {{Type: {controller}}}");
        judge(&mut case, &Scene::served(&of(controller)), &expected);
        // What the template computes, the service says.
        let described = json!({"deploymentController": {"type": controller}});
        judge(
            &mut case,
            &Scene::served(&of("!Ref Controller")).described(described),
            &expected,
        );
    }
    // A service without a task definition of its own gets one by a task set.
    let set = "  Set: {Type: AWS::ECS::TaskSet, Properties: {Cluster: c, Service: !Ref Service, TaskDefinition: !Ref Task}}\n";
    for (resources, said) in [
        (
            set,
            "note Set replaced: another task set takes its place, with the new revision",
        ),
        (
            "",
            "warning Service not-rolled: not rolled: its controller is EXTERNAL, and no task set of the template has the new revision: create one",
        ),
    ] {
        let described =
            json!({"deploymentController": {"type": "EXTERNAL"}, "taskDefinition": null});
        let scene =
            Scene::served("DeploymentController: {Type: EXTERNAL}").beside(resources, resources);
        judge(
            &mut case,
            &scene.described(described),
            &[REPLACED, said, TO_VALUES],
        );
    }
    // A service that the template does not tie to its task definition.
    let said = "note Service not-rolled: not rolled: the template does not say by `Ref` which task definition `web` runs";
    judge(
        &mut case,
        &Scene::served("TaskDefinition: web"),
        &[REPLACED, said, TO_VALUES],
    );
    let rule = "  Nightly: {Type: AWS::Events::Rule, Properties: {Targets: [{EcsParameters: {TaskDefinitionArn: !Ref Task}}]}}\n";
    let said = "note Nightly next-start: starts its next tasks with the new revision";
    judge(
        &mut case,
        &scene().beside(rule, rule),
        &[REPLACED, ROLLED_BY_ECS, NO_BREAKER, said, TO_VALUES],
    );
    judge(
        &mut case,
        &scene().beside(
            "  More: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !Ref Task}}\n",
            "",
        ),
        &[
            REPLACED,
            ROLLED_BY_ECS,
            NO_BREAKER,
            "note More created: is created, with the new revision",
            TO_VALUES,
        ],
    );
}

fn effects_describe_tasks_that_do_not_start() {
    let mut case = on_moto();
    let configured =
        |configuration: &str| format!("{ROLLED}, DeploymentConfiguration: {{{configuration}}}");
    for (breaker, said) in [
        (
            "{Enable: true, Rollback: true}",
            "note Service circuit-breaker: if its tasks can't start, ECS goes back to the last revision that did",
        ),
        (
            "{Enable: true, Rollback: false}",
            "note Service circuit-breaker: if its tasks can't start, ECS gives up, the update fails, and CloudFormation brings",
        ),
        ("{Enable: false, Rollback: true}", NO_BREAKER),
    ] {
        let scene = Scene::served(&configured(&format!("DeploymentCircuitBreaker: {breaker}")));
        judge(
            &mut case,
            &scene,
            &[REPLACED, ROLLED_BY_ECS, said, TO_VALUES],
        );
    }
    // What the template computes, the service says.
    for (breaker, said) in [
        (
            json!({"enable": true, "rollback": true}),
            "note Service circuit-breaker: if its tasks can't start, ECS goes back",
        ),
        (
            json!({"enable": true, "rollback": false}),
            "note Service circuit-breaker: if its tasks can't start, ECS gives up",
        ),
        (json!({"enable": false, "rollback": false}), NO_BREAKER),
    ] {
        let described = json!({"deploymentConfiguration": {"deploymentCircuitBreaker": breaker}});
        let scene = Scene::served(&configured(
            "DeploymentCircuitBreaker: !If [C, {Enable: true}, !Ref AWS::NoValue]",
        ));
        judge(
            &mut case,
            &scene.described(described),
            &[REPLACED, ROLLED_BY_ECS, said, TO_VALUES],
        );
    }
    for strategy in ["BLUE_GREEN", "LINEAR", "CANARY"] {
        let said = format!(
            "note Service rolled: ECS starts the new revision beside the present one, then shifts traffic to it ({strategy})"
        );
        let expected = [REPLACED, said.as_str(), TO_VALUES];
        judge(
            &mut case,
            &Scene::served(&configured(&format!("Strategy: {strategy}"))),
            &expected,
        );
        let described = json!({"deploymentConfiguration": {"strategy": strategy}});
        judge(
            &mut case,
            &Scene::served(&configured("Strategy: !Ref Strategy")).described(described),
            &expected,
        );
    }
    // The template's count wins over the present one, which an update without a count leaves.
    let nothing = "warning Service nothing-starts: gets the new revision, and nothing starts: its desired count is 0";
    judge(
        &mut case,
        &Scene::served(&format!("{ROLLED}, DesiredCount: 0")),
        &[REPLACED, nothing, TO_VALUES],
    );
    judge(
        &mut case,
        &scene().described(json!({"desiredCount": 0})),
        &[REPLACED, nothing, TO_VALUES],
    );
    let scene =
        Scene::served(&format!("{ROLLED}, DesiredCount: 1")).described(json!({"desiredCount": 0}));
    judge(
        &mut case,
        &scene,
        &[REPLACED, ROLLED_BY_ECS, NO_BREAKER, TO_VALUES],
    );
}

fn blue_green_deployments_accept_only_task_definition_changes() {
    let mut case = on_moto();
    let set = "  Set: {Type: AWS::ECS::TaskSet, Properties: {Cluster: c, Service: !Ref Service, TaskDefinition: !Ref Task}}\n";
    let topic = "  Topic: {Type: AWS::SNS::Topic}\n";
    let green = |new: &str, old: &str| {
        let scene = Scene {
            head: "Transform: [AWS::CodeDeployBlueGreen]\n".to_owned(),
            ..Scene::served("DeploymentController: {Type: EXTERNAL}")
        };
        scene.beside(new, old).described(
            json!({"deploymentController": {"type": "EXTERNAL"}, "taskDefinition": null}),
        )
    };
    let shifted = "note stack blue-green: CodeDeploy shifts traffic to the new revision";
    judge(&mut case, &green(set, set), &[REPLACED, shifted, TO_VALUES]);
    let refused = "error stack blue-green: the update fails: AWS::CodeDeployBlueGreen takes none that changes a task definition together with other resources. Deploy Topic first";
    judge(
        &mut case,
        &green(&format!("{set}{topic}"), set),
        &[REPLACED, refused, TO_VALUES],
    );
}

fn effects_report_changes_made_outside_cloudformation() {
    let mut case = on_moto();
    let other = json!({"taskDefinition": task_arn(7)});
    let drifted = "warning Service drifted: runs `web:7`, which is not a revision of the stack: this update undoes whatever deployed it";
    judge(
        &mut case,
        &scene().described(other.clone()),
        &[REPLACED, ROLLED_BY_ECS, NO_BREAKER, drifted, TO_VALUES],
    );
    let same = Scene {
        lists: [BY_REFERENCE, BY_REFERENCE],
        ..scene()
    };
    judge(
        &mut case,
        &same,
        &["note stack nothing: no task definition changes, and nothing is rolled"],
    );
    let drifted = "warning Service drifted: runs `web:7`, which is not a revision of the stack: this update leaves it there";
    judge(
        &mut case,
        &same.described(other),
        &[drifted, "note stack nothing"],
    );
    let lost = "error Service lost: it is not there any more, and the update fails";
    for described in [Value::Null, json!({"status": "INACTIVE"})] {
        judge(
            &mut case,
            &scene().described(described),
            &[REPLACED, lost, TO_VALUES],
        );
    }
    // A rollback takes only a revision that is active.
    let gone = Scene {
        task: json!({"status": "INACTIVE"}),
        ..scene()
    };
    let no_way = "warning Task no-way-back: `web:3` was deregistered outside of CloudFormation: a rollback of this update can't bring it back";
    judge(
        &mut case,
        &gone,
        &[REPLACED, ROLLED_BY_ECS, NO_BREAKER, no_way, TO_VALUES],
    );
    let gone = Scene {
        task: Value::Null,
        ..scene()
    };
    let no_way = "warning Task no-way-back: its present revision was deleted";
    let replaced = "note Task replaced: a new revision takes the place of the present one";
    judge(
        &mut case,
        &gone,
        &[replaced, ROLLED_BY_ECS, NO_BREAKER, no_way, TO_VALUES],
    );
}

fn effects_describe_what_a_rollback_restores() {
    let mut case = on_moto();
    let references = "note stack rollback-to-references: a rollback of this update brings the present references of `DB_PASSWORD` back";
    let moved = Scene {
        lists: [BY_REFERENCE, BY_ANOTHER],
        ..scene()
    };
    judge(
        &mut case,
        &moved,
        &[REPLACED, ROLLED_BY_ECS, NO_BREAKER, references],
    );
    let same = "note stack rollback: a rollback of this update brings the present revisions back, with the secrets as they are";
    let mut other = Scene {
        lists: [BY_REFERENCE, BY_REFERENCE],
        ..scene()
    };
    other.lists[0] = "Command: [run]\n          Secrets: [{Name: DB_PASSWORD, ValueFrom: !Sub 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/production/web/db-password'}]";
    judge(
        &mut case,
        &other,
        &[REPLACED, ROLLED_BY_ECS, NO_BREAKER, same],
    );
}

fn effects_describe_other_resources() {
    let mut case = on_moto();
    let build = |value: &str| {
        format!(
            "  Build: {{Type: AWS::CodeBuild::Project, Properties: {{Environment: {{EnvironmentVariables: [{{Name: MODE, Value: {value}}}]}}}}}}\n"
        )
    };
    let same = || Scene {
        lists: [BY_REFERENCE, BY_REFERENCE],
        ..scene()
    };
    let rollback = "note stack rollback: ";
    let expected = [
        "note Build updated: changes in place: its next builds read the referenced secrets",
        rollback,
    ];
    judge(
        &mut case,
        &same().beside(&build("b"), &build("a")),
        &expected,
    );
    judge(
        &mut case,
        &same().beside(&build("a"), ""),
        &["note Build created: is created", rollback],
    );
    judge(
        &mut case,
        &same().beside("", &build("a")),
        &["note Build removed: is removed", rollback],
    );
    let task = "  Old: {Type: AWS::ECS::TaskDefinition, Properties: {Family: old}}\n";
    let removed = "note Old removed: is removed: its revision is deregistered, and stays readable until it is deleted";
    judge(&mut case, &same().beside("", task), &[removed, rollback]);
}

fn effects_report_stacks_that_cannot_be_updated() {
    let mut case = on_moto();
    for (status, said) in [
        (
            "ROLLBACK_COMPLETE",
            "its creation failed; delete it (`aws cloudformation delete-stack --stack-name web-production`) and create it again",
        ),
        ("ROLLBACK_FAILED", "its creation failed; delete it"),
        ("DELETE_FAILED", "delete what is left of it"),
        (
            "CREATE_FAILED",
            "an update needs `--disable-rollback`; or go back first (`aws cloudformation rollback-stack",
        ),
        ("UPDATE_FAILED", "an update needs `--disable-rollback`"),
        (
            "UPDATE_ROLLBACK_FAILED",
            "continue its rollback first (`aws cloudformation continue-update-rollback",
        ),
        (
            "IMPORT_ROLLBACK_FAILED",
            "the import that failed has to be repaired first",
        ),
        ("CREATE_IN_PROGRESS", "wait until that has ended"),
        ("UPDATE_IN_PROGRESS", "wait until that has ended"),
        (
            "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "wait until that has ended",
        ),
        ("UPDATE_ROLLBACK_IN_PROGRESS", "wait until that has ended"),
        ("DELETE_IN_PROGRESS", "wait until that has ended"),
    ] {
        let said = format!(
            "error stack not-updatable: it is in {status}, and takes no update now: {said}"
        );
        let scene = Scene { status, ..scene() };
        judge(
            &mut case,
            &scene,
            &[REPLACED, ROLLED_BY_ECS, NO_BREAKER, TO_VALUES, &said],
        );
    }
    for status in [
        "CREATE_COMPLETE",
        "UPDATE_COMPLETE",
        "UPDATE_ROLLBACK_COMPLETE",
        "IMPORT_COMPLETE",
        "IMPORT_ROLLBACK_COMPLETE",
    ] {
        judge(
            &mut case,
            &Scene { status, ..scene() },
            &[REPLACED, ROLLED_BY_ECS, NO_BREAKER, TO_VALUES],
        );
    }
}
