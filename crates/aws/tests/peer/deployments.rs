//! What is deployed. Stacks are fresh: moto garbles a task definition when a stack is updated.

use byref_aws::{AwsDeployments, Controller, Decision, Simulation, Validation};
use byref_emulator::{Account, Fault, Peer, Proxy, Rule, StandIn, When, emulator};
use byref_store::{StoreError, Unreachable};

use super::{REGIONS, connection, region, value};

crate::async_tests![
    a_stack_is_read_with_its_resources,
    deregistered_revisions_are_listed,
    failures_name_the_request_without_values,
    a_template_is_validated,
    decisions_are_read_by_resource,
];

const SECRET: &str = "EXAMPLE-not-a-secret-1";

pub(crate) fn template(family: &str) -> String {
    format!(
        "# a comment\nResources:\n  Cluster: {{Type: AWS::ECS::Cluster}}\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    \
         Properties:\n      Family: {family}\n      ContainerDefinitions:\n        - Name: web\n          Image: nginx\n          \
         Memory: 128\n          Environment: [{{Name: A, Value: {SECRET}}}]\n          Secrets: [{{Name: B, ValueFrom: /b}}]\n  \
         Service:\n    Type: AWS::ECS::Service\n    Properties: {{Cluster: !Ref Cluster, TaskDefinition: !Ref Task, DesiredCount: 2}}\n"
    )
}

async fn deployments(account: &Account, endpoint: &str) -> AwsDeployments {
    AwsDeployments::new(connection(account, endpoint).await)
}

async fn a_stack_is_read_with_its_resources() {
    let emulator = emulator();
    let account = emulator.account();
    let (family, region) = (format!("web-{}", account.id), region(REGIONS[0]));
    let template = template(&family);
    emulator.create_stack(&account, REGIONS[0], "web", &template);
    let deployed = deployments(&account, &emulator.endpoint()).await;
    assert_eq!(deployed.stack(&region, "nothing").await.unwrap(), None);
    assert_eq!(
        deployed
            .stack(&super::region(REGIONS[1]), "web")
            .await
            .unwrap(),
        None
    );
    let stack = deployed.stack(&region, "web").await.unwrap().unwrap();
    assert_eq!(
        (stack.name.as_str(), stack.status.as_str()),
        ("web", "CREATE_COMPLETE")
    );
    let text = deployed.template(&region, "web").await.unwrap();
    assert_eq!(text.expose(), template);

    let resources = deployed.resources(&region, "web").await.unwrap();
    let ids: Vec<&str> = resources
        .iter()
        .map(|resource| resource.logical_id.as_str())
        .collect();
    assert_eq!(ids, ["Cluster", "Service", "Task"]);
    let arn = resources[2].physical_id.clone().unwrap();
    let task = deployed
        .task_definition(&region, &arn)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (task.family.as_str(), task.revision, task.is_active),
        (family.as_str(), 1, true)
    );
    let container = &task.containers[0];
    assert_eq!(
        (container.name.as_str(), &container.environment[..]),
        ("web", &[("A".to_owned(), value(SECRET))][..])
    );
    if emulator.peer() == Peer::Moto {
        // ministack gives secrets back without names.
        assert_eq!(container.secrets, [("B".to_owned(), "/b".to_owned())]);
    }
    assert!(!format!("{deployed:?} {stack:?} {text:?} {task:?}").contains(SECRET));

    let arns = [resources[1].physical_id.clone().unwrap()];
    let services = deployed.services(&region, &arns).await.unwrap();
    assert_eq!(
        (
            services.len(),
            services[0].desired_count,
            services[0].has_circuit_breaker
        ),
        (1, 2, false)
    );
    assert_eq!(
        (&services[0].arn, services[0].controller.clone()),
        (&arns[0], Controller::Ecs)
    );
    assert_eq!(deployed.services(&region, &[]).await.unwrap(), []);
}

async fn deregistered_revisions_are_listed() {
    let emulator = emulator();
    let account = emulator.account();
    let (family, region) = (format!("web-{}", account.id), region(REGIONS[0]));
    let ask = |operation: &str, body: &str| {
        let target = format!("AmazonEC2ContainerServiceV20141113.{operation}");
        emulator.json(&account, REGIONS[0], "ecs", &target, body)
    };
    for own in [&family, &family, &format!("{family}-worker"), &family] {
        let containers = r#"[{"name": "web", "image": "nginx", "memory": 128}]"#;
        ask(
            "RegisterTaskDefinition",
            &format!(r#"{{"family": "{own}", "containerDefinitions": {containers}}}"#),
        );
    }
    ask(
        "DeregisterTaskDefinition",
        &format!(r#"{{"taskDefinition": "{family}:2"}}"#),
    );
    let deployed = deployments(&account, &emulator.endpoint()).await;
    let revisions = deployed.revisions(&region, &family).await.unwrap();
    let numbers: Vec<&str> = revisions
        .iter()
        .filter_map(|arn| arn.rsplit_once('/'))
        .map(|(_, name)| name)
        .collect();
    assert_eq!(
        numbers,
        [3, 2, 1].map(|number| format!("{family}:{number}"))
    );
    let second = deployed
        .task_definition(&region, &revisions[1])
        .await
        .unwrap()
        .unwrap();
    assert!(!second.is_active);
    let gone = format!("{}9", revisions[0]);
    assert_eq!(
        deployed.task_definition(&region, &gone).await.unwrap(),
        None
    );
}

async fn failures_name_the_request_without_values() {
    let emulator = emulator();
    let (account, region) = (emulator.account(), region(REGIONS[0]));
    emulator.create_stack(
        &account,
        REGIONS[0],
        "web",
        &template(&format!("web-{}", account.id)),
    );
    let proxy = Proxy::new(emulator.address());
    let deployed = deployments(&account, &proxy.endpoint()).await;
    let action = "cloudformation:GetTemplate";
    let unreachable = |why| StoreError::Unreachable {
        action,
        region: region.clone(),
        why,
    };
    for (fault, expected) in [
        (
            Fault::Throttle,
            StoreError::Throttled {
                action,
                region: region.clone(),
            },
        ),
        (Fault::Failure, unreachable(Unreachable::ServiceFailure)),
        (Fault::Unavailable, unreachable(Unreachable::ServiceFailure)),
        (Fault::Reset, unreachable(Unreachable::Connection)),
        (Fault::Garbage, unreachable(Unreachable::BrokenAnswer)),
        (
            Fault::Expired,
            StoreError::ExpiredCredentials {
                code: "ExpiredTokenException".to_owned(),
            },
        ),
    ] {
        proxy.set([Rule::new(fault, When::Always).of("GetTemplate")]);
        assert_eq!(
            deployed.template(&region, "web").await,
            Err(expected),
            "{fault:?}"
        );
    }
    // What fails once is tried again.
    proxy.set([Rule::new(Fault::Throttle, When::First(2)).of("GetTemplate")]);
    deployed.template(&region, "web").await.unwrap();
    assert_eq!(proxy.log().len(), 3);
    proxy.set([Rule::new(Fault::Denied, When::Always)]);
    let error = deployed
        .validate(&region, &value(SECRET))
        .await
        .unwrap_err();
    assert!(
        matches!(error, StoreError::Denied(_))
            && !format!("{error} {error:?} {}", error.help()).contains(SECRET)
    );
}

async fn a_template_is_validated() {
    let emulator = emulator();
    let (account, region) = (emulator.account(), region(REGIONS[0]));
    let deployed = deployments(&account, &emulator.endpoint()).await;
    let validate = async |text: &str| deployed.validate(&region, &value(text)).await.unwrap();
    let good = format!(
        "AWSTemplateFormatVersion: '2010-09-09'\n{}",
        template("web")
    );
    assert!(matches!(validate(&good).await, Validation::Valid { .. }));
    if emulator.peer() == Peer::Moto {
        let refused = validate(&format!("Resources: {{A: {{Type: '{SECRET}'}}}}\n")).await;
        assert!(
            matches!(refused, Validation::Refused { .. })
                && !format!("{refused:?}").contains(SECRET)
        );
    }
}

/// What STS says of an account's caller.
pub(crate) fn identity(account: &Account) -> String {
    format!(
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::{id}:user/tests</Arn><UserId>X</UserId>\
         <Account>{id}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        id = account.id
    )
}

/// No emulator answers for several resources: these are the two forms in which AWS does.
async fn decisions_are_read_by_resource() {
    let emulator = emulator();
    let account = emulator.account();
    let identity = identity(&account);
    let stand_in = StandIn::new(move |parameters| {
        if parameters
            .iter()
            .any(|(_, value)| value == "GetCallerIdentity")
        {
            return (200, identity.clone());
        }
        let count = parameters
            .iter()
            .filter(|(name, _)| name.starts_with("ResourceArns."))
            .count();
        let specific = |resource: usize| {
            let decision = if resource == 7 {
                "explicitDeny"
            } else {
                "allowed"
            };
            format!(
                "<member><EvalResourceName>r{resource}</EvalResourceName><EvalResourceDecision>{decision}</EvalResourceDecision></member>"
            )
        };
        let first = parameters
            .iter()
            .find(|(name, _)| name == "ResourceArns.member.1")
            .unwrap()
            .1
            .clone();
        let from: usize = first[1..].parse().unwrap();
        let results: String = (from..from + count).map(specific).collect();
        let body = format!(
            "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated><EvaluationResults>\
             <member><EvalActionName>ssm:GetParameters</EvalActionName><EvalDecision>explicitDeny</EvalDecision>\
             <ResourceSpecificResults>{results}</ResourceSpecificResults></member></EvaluationResults>\
             </SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
        );
        (200, body)
    });
    let deployed = deployments(&account, &stand_in.endpoint()).await;
    let simulation = Simulation {
        role: "arn:aws:iam::111122223333:role/x".to_owned(),
        action: "ssm:GetParameters",
        resources: (0..120).map(|number| format!("r{number}")).collect(),
        context: std::collections::BTreeMap::new(),
    };
    let decisions = deployed.simulate(&simulation).await.unwrap().unwrap();
    assert_eq!(decisions.len(), 120);
    let denied: Vec<usize> = (0..120)
        .filter(|number| decisions[*number] == Decision::Denied)
        .collect();
    assert_eq!(denied, [7]);
}
