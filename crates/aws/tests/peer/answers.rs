//! Answers with status 200 that are none to what was asked: empty, cut off, about other names, of
//! another account.

use std::time::Duration;

use byref_aws::{AwsDeployments, AwsStore, Simulation};
use byref_emulator::{Peer, Proxy, Rule, When, emulator};
use byref_harness::ignore;
use byref_store::{ParameterStore as _, Selection, StoreError, Unreachable, VersionSelector};
use serde_json::{Value, json};

use crate::{REGIONS, connection, create, name, overwrite, region};

crate::async_tests![
    an_answer_that_does_not_match_the_request_is_an_error,
    endless_pages_are_an_error,
    deployed_resources_must_match_the_request,
    decisions_must_match_the_request,
];

/// A body as JSON, changed.
fn json_altered(body: &str, alter: fn(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(body).unwrap();
    alter(&mut value);
    value.to_string()
}

/// Whether it is an error that names the answer.
fn is_refused<T: std::fmt::Debug>(answer: &Result<T, StoreError>) -> bool {
    matches!(
        answer,
        Err(StoreError::Unreachable {
            why: Unreachable::BrokenAnswer | Unreachable::Unexpected(_),
            ..
        })
    )
}

fn duplicate(list: &mut Value) {
    let first = list[0].clone();
    list.as_array_mut().unwrap().push(first);
}

const OTHER_ACCOUNT: &str = "arn:aws:ssm:us-west-2:999999999999:parameter/hostile/a/one";
const OTHER_REGION: &str = "arn:aws:ssm:sa-east-1:111122223333:parameter/hostile/a/one";

/// What every list of parameters may have wrong.
const OF_PARAMETERS: [fn(&mut Value); 11] = [
    |answer| *answer = json!({}),
    |answer| answer["Parameters"] = Value::Null,
    |answer| duplicate(&mut answer["Parameters"]),
    |answer| answer["Parameters"][0]["Name"] = json!("/hostile/b/other"),
    |answer| answer["Parameters"][0]["Name"] = Value::Null,
    |answer| answer["Parameters"][0]["Name"] = json!("/hostile/a"),
    |answer| answer["Parameters"][0]["ARN"] = json!(OTHER_ACCOUNT),
    |answer| answer["Parameters"][0]["ARN"] = json!(OTHER_REGION),
    |answer| answer["Parameters"][0]["ARN"] = json!("arn:aws:ssm"),
    |answer| answer["Parameters"][0]["Version"] = json!(0),
    |answer| answer["Parameters"][0]["Type"] = json!("Gold"),
];

async fn an_answer_that_does_not_match_the_request_is_an_error() {
    let emulator = emulator();
    let proxy = Proxy::new(emulator.address());
    let store = AwsStore::new(connection(&emulator.account(), &proxy.endpoint()).await);
    let (here, path) = (region(REGIONS[0]), name("/hostile/a"));
    let names = [name("/hostile/a/one"), name("/hostile/a/two")];
    for name in ["/hostile/a/one", "/hostile/a/two"] {
        store.put(&here, &create(name, "EXAMPLE")).await.unwrap();
    }
    let alter = |operation: &str, alter: fn(&mut Value)| {
        proxy.set([
            Rule::altered(When::Always, move |body| json_altered(body, alter)).of(operation),
        ]);
    };
    for (index, change) in OF_PARAMETERS.into_iter().enumerate() {
        alter("GetParameters", change);
        assert!(is_refused(&store.look_up(&here, &names).await), "{index}");
        assert!(is_refused(&store.read(&here, &names).await), "{index}");
        alter("GetParametersByPath", change);
        assert!(is_refused(&store.list(&here, &path).await), "{index}");
        assert!(
            is_refused(&store.list_values(&here, &path).await),
            "{index}"
        );
        alter("DescribeParameters", change);
        if index != 5 {
            // Of a filter by prefix, this one is.
            assert!(
                is_refused(&store.describe(&here, Selection::Prefix("/hostile/a")).await),
                "{index}"
            );
        }
        assert!(
            is_refused(&store.describe(&here, Selection::Names(&names)).await),
            "{index}"
        );
    }
    let of_get: [fn(&mut Value); 5] = [
        |answer| answer["InvalidParameters"] = json!(["/hostile/a/other"]),
        |answer| answer["InvalidParameters"] = json!(["/hostile/a/one"]),
        |answer| answer["Parameters"][0]["Value"] = Value::Null,
        |answer| answer["Parameters"] = json!([]),
        |answer| drop(answer["Parameters"].as_array_mut().unwrap().pop()),
    ];
    for (index, change) in of_get.into_iter().enumerate() {
        alter("GetParameters", change);
        assert!(is_refused(&store.read(&here, &names).await), "{index}");
        if index != 4 {
            let first = VersionSelector::Number(1);
            assert!(
                is_refused(&store.read_version(&here, &names[0], &first).await),
                "{index}"
            );
        }
    }
    store
        .put(&here, &overwrite("/hostile/a/one", "EXAMPLE-2"))
        .await
        .unwrap();
    let of_history: [fn(&mut Value); 6] = [
        |answer| drop(answer["Parameters"].as_array_mut().unwrap().pop()),
        |answer| *answer = json!({}),
        |answer| answer["Parameters"] = json!([]),
        |answer| answer["Parameters"][1] = answer["Parameters"][0].clone(),
        |answer| answer["Parameters"][0]["Name"] = json!("/hostile/a/two"),
        |answer| answer["Parameters"][0]["Version"] = json!(-3),
    ];
    for (index, change) in of_history.into_iter().enumerate() {
        alter("GetParameterHistory", change);
        assert!(
            is_refused(&store.history(&here, &names[0]).await),
            "{index}"
        );
    }
    alter("ListTagsForResource", |answer| *answer = json!({}));
    assert!(is_refused(&store.tags(&here, &names[0]).await));
    alter("PutParameter", |answer| *answer = json!({}));
    assert!(is_refused(
        &store
            .put(&here, &overwrite("/hostile/a/one", "EXAMPLE-3"))
            .await
    ));
    let of_deletion: [fn(&mut Value); 3] = [
        |answer| *answer = json!({}),
        |answer| answer["DeletedParameters"] = json!(["/hostile/b"]),
        |answer| answer["InvalidParameters"] = json!(["/hostile/b"]),
    ];
    for (index, change) in of_deletion.into_iter().enumerate() {
        alter("DeleteParameters", change);
        assert!(is_refused(&store.delete(&here, &names).await), "{index}");
    }
}

/// A circle of pages, of one and of two, ends; so do pages that lead on and on without an end.
async fn endless_pages_are_an_error() {
    let emulator = emulator();
    let proxy = Proxy::new(emulator.address());
    let store = AwsStore::new(connection(&emulator.account(), &proxy.endpoint()).await);
    let (here, path) = (region(REGIONS[0]), name("/circle"));
    store
        .put(&here, &create("/circle/a", "EXAMPLE"))
        .await
        .unwrap();
    // Who asks is known by now.
    let counter = std::sync::atomic::AtomicUsize::new(0);
    let next = move |length: usize| {
        let number = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        (number % length).to_string()
    };
    let next = std::sync::Arc::new(next);
    for length in [1, 2] {
        let next = std::sync::Arc::clone(&next);
        let circle =
            move |_: &str| json!({ "Parameters": [], "NextToken": next(length) }).to_string();
        proxy.set([Rule::altered(When::Always, circle)]);
        let of_page = |error: StoreError| assert!(error.to_string().contains("pages"), "{error}");
        let start = std::time::Instant::now();
        of_page(store.list(&here, &path).await.unwrap_err());
        of_page(
            store
                .describe(&here, Selection::Prefix("/circle"))
                .await
                .unwrap_err(),
        );
        of_page(store.history(&here, &name("/circle/a")).await.unwrap_err());
        assert!(start.elapsed() < Duration::from_secs(20) && proxy.log().len() < 12);
    }
}

#[expect(clippy::too_many_lines, reason = "one list of mistakes per operation")]
async fn deployed_resources_must_match_the_request() {
    let emulator = emulator();
    if emulator.peer() == Peer::Ministack {
        ignore("ministack describes stacks differently");
    }
    let account = emulator.account();
    let (family, here) = (format!("web-{}", account.id), region(REGIONS[0]));
    emulator.create_stack(
        &account,
        REGIONS[0],
        "web",
        &crate::deployments::template(&family),
    );
    let proxy = Proxy::new(emulator.address());
    let deployed = AwsDeployments::new(connection(&account, &proxy.endpoint()).await);
    let resources = deployed.resources(&here, "web").await.unwrap();
    let physical = |id: &str| {
        resources
            .iter()
            .find(|one| one.logical_id == id)
            .unwrap()
            .physical_id
            .clone()
            .unwrap()
    };
    let (task, service) = (physical("Task"), [physical("Service")]);
    deployed.services(&here, &service).await.unwrap();

    let alter = |operation: &str, from: &'static str, to: &'static str| {
        let change = move |body: &str| {
            assert!(body.contains(from), "{from} is not in {body}");
            body.replace(from, to)
        };
        proxy.set([Rule::altered(When::Always, change).of(operation)]);
    };
    for (from, to) in [
        ("<StackName>web</StackName>", "<StackName>other</StackName>"),
        ("<StackName>web</StackName>", ""),
        (
            "arn:aws:cloudformation:us-west-2:",
            "arn:aws:cloudformation:us-east-1:",
        ),
        ("<StackStatus>CREATE_COMPLETE</StackStatus>", ""),
        ("member>", "nobody>"),
    ] {
        alter("DescribeStacks", from, to);
        assert!(
            is_refused(&deployed.stack(&here, "web").await),
            "{from} {to}"
        );
    }
    alter("GetTemplate", "TemplateBody", "Body");
    assert!(is_refused(&deployed.template(&here, "web").await));
    for (from, to) in [
        ("StackResourceSummaries", "Nothing"),
        (
            "<LogicalResourceId>Task</LogicalResourceId>",
            "<LogicalResourceId>Service</LogicalResourceId>",
        ),
        ("LogicalResourceId", "Id"),
        ("member>", "nobody>"),
        (
            "</StackResourceSummaries>",
            "</StackResourceSummaries><NextToken>again</NextToken>",
        ),
    ] {
        alter("ListStackResources", from, to);
        assert!(
            is_refused(&deployed.resources(&here, "web").await),
            "{from} {to}"
        );
    }
    for (from, to) in [
        ("\"taskDefinition\":", "\"nothing\":"),
        ("\"containerDefinitions\"", "\"containers\""),
        (":task-definition/web", ":task-definition/other-web"),
        ("arn:aws:ecs:us-west-2:", "arn:aws:ecs:us-east-1:"),
        ("\"name\": \"web\"", "\"no-name\": \"web\""),
    ] {
        alter("DescribeTaskDefinition", from, to);
        assert!(
            is_refused(&deployed.task_definition(&here, &task).await),
            "{from} {to}"
        );
    }
    for (from, to) in [
        ("\"services\"", "\"nothing\""),
        ("\"serviceArn\"", "\"arn\""),
        ("arn:aws:ecs:us-west-2:", "arn:aws:ecs:us-east-1:"),
    ] {
        alter("DescribeServices", from, to);
        assert!(
            is_refused(&deployed.services(&here, &service).await),
            "{from} {to}"
        );
    }
    for (from, to) in [
        ("\"taskDefinitionArns\"", "\"nothing\""),
        ("arn:aws:ecs:us-west-2:", "arn:aws:ecs:us-east-1:"),
        (":task-definition/web", ":task-definition/other"),
    ] {
        alter("ListTaskDefinitions", from, to);
        assert!(
            is_refused(&deployed.revisions(&here, &family).await),
            "{from} {to}"
        );
    }
}

/// IAM says how many there are by a mark, and what is next by another.
async fn decisions_must_match_the_request() {
    let emulator = emulator();
    let account = emulator.account();
    let result = |action: &str, resource: &str, decision: &str| {
        format!(
            "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{resource}</EvalResourceName>\
             <EvalDecision>{decision}</EvalDecision></member>"
        )
    };
    let good = result("ssm:GetParameters", "arn:a", "allowed");
    let of_other = result("ssm:GetParameters", "arn:b", "allowed");
    let of_action = result("ssm:GetParameter", "arn:a", "allowed");
    let denied = result("ssm:GetParameters", "arn:a", "explicitDeny");
    for (results, end, is_fine) in [
        (good.clone(), "<IsTruncated>false</IsTruncated>", true),
        (String::new(), "<IsTruncated>false</IsTruncated>", false),
        (good.clone(), "<IsTruncated>true</IsTruncated>", false),
        (
            good.clone(),
            "<IsTruncated>true</IsTruncated><Marker>again</Marker>",
            false,
        ),
        (
            format!("{good}{of_other}"),
            "<IsTruncated>false</IsTruncated>",
            false,
        ),
        (
            format!("{good}{denied}"),
            "<IsTruncated>false</IsTruncated>",
            false,
        ),
        (of_action, "<IsTruncated>false</IsTruncated>", false),
    ] {
        let body = format!(
            "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults>{results}</EvaluationResults>{end}\
             </SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
        );
        let identity = crate::deployments::identity(&account);
        let stand_in = byref_emulator::StandIn::new(move |parameters| {
            let is_sts = parameters
                .iter()
                .any(|(_, value)| value == "GetCallerIdentity");
            (
                200,
                if is_sts {
                    identity.clone()
                } else {
                    body.clone()
                },
            )
        });
        let deployed = AwsDeployments::new(connection(&account, &stand_in.endpoint()).await);
        let simulation = Simulation {
            role: format!("arn:aws:iam::{}:role/x", account.id),
            action: "ssm:GetParameters",
            resources: vec!["arn:a".to_owned()],
            context: std::collections::BTreeMap::new(),
        };
        let said = deployed.simulate(&simulation).await;
        assert!(
            if is_fine {
                said.is_ok()
            } else {
                is_refused(&said)
            },
            "{results}{end}: {said:?}"
        );
    }
}
