//! Applications of several Regions, templates and stacks.

use serde_json::Value;

use super::{CANARY, Case, REGION, iam, on_moto};
use byref_support::{stderr, stdout};

byref_harness::tests![
    preview_shows_every_region,
    a_reference_deployed_in_any_region_counts_as_deployed,
    a_stack_under_review_has_no_template,
    each_template_has_its_stack,
    nested_stacks_are_found_in_their_parent,
    revisions_are_reported_for_every_region_that_answers,
    parity_compares_all_kinds_of_secret_lines,
];

const EAST: &str = "us-east-1";

/// Region, stack and status of what is shown.
fn shown(report: &Value) -> Vec<[String; 3]> {
    let text = |view: &Value, key: &str| view[key].as_str().unwrap_or("none").to_owned();
    let views = report["deployed"].as_array().unwrap().iter();
    views
        .map(|view| ["region", "stack", "status"].map(|key| text(view, key)))
        .collect()
}

fn rows(rows: &[[&str; 3]]) -> Vec<[String; 3]> {
    rows.iter().map(|row| row.map(str::to_owned)).collect()
}

fn preview_shows_every_region() {
    let case = Case::new();
    for region in [REGION, EAST] {
        case.emulator.create_stack(
            &case.account,
            region,
            "web-production",
            &case.read("web.yaml"),
        );
    }
    let done = "CREATE_COMPLETE";
    let expected = rows(&[
        [REGION, "web-production", done],
        [EAST, "web-production", done],
    ]);
    let report = case.json(0, "preview --deployed");
    assert_eq!(shown(&report), expected);
    assert!(
        report["deployed"]
            .as_array()
            .unwrap()
            .iter()
            .all(|view| view["diff"].as_str().unwrap().contains("- Name"))
    );
    // What is the same is shown once, and what happens in each Region.
    let text = stdout(&case.ends(0, "preview --deployed"));
    assert!(
        text.contains(
            "stack web-production in us-east-1 (CREATE_COMPLETE)\n  the same as in us-west-2\n"
        ),
        "{text}"
    );
    assert_eq!(
        text.matches("--- stack web-production").count(),
        1,
        "{text}"
    );
    assert_eq!(
        text.matches("Service: rolled to the new revision by ECS")
            .count(),
        2,
        "{text}"
    );
    let markdown = stdout(&case.ends(0, "preview --deployed --format markdown"));
    assert_eq!(
        markdown.matches("The same as in us-west-2.").count(),
        1,
        "{markdown}"
    );
    assert_eq!(
        shown(&case.json(0, "preview --deployed --region us-east-1")),
        expected[1..]
    );
    // A literal reference is of one Region.
    let config = case.read("deploy.toml");
    case.write(
        "deploy.toml",
        &format!("[rewrite]\nreference = \"literal\"\n{config}"),
    );
    assert_eq!(shown(&case.json(0, "preview --deployed")), expected[..1]);
}

fn a_reference_deployed_in_any_region_counts_as_deployed() {
    let case = Case::new();
    case.deploy("web-production", &case.read("web.yaml"));
    case.emulator
        .create_stack(&case.account, EAST, "web-production", &case.rewritten());
    for command in [
        "preview --deployed --scheme value",
        "rewrite --deployed --scheme value -o out.yaml",
    ] {
        let error = stderr(&case.ends(2, command));
        assert!(
            error.contains("is a reference in the stack web-production (us-east-1)"),
            "{error}"
        );
    }
    case.ends(0, "preview --deployed --scheme value --region us-west-2");
}

fn a_stack_under_review_has_no_template() {
    let case = on_moto();
    let template = case.read("web.yaml");
    let parameters = [
        ("Action", "CreateChangeSet"),
        ("Version", "2010-05-15"),
        ("StackName", "web-production"),
        ("ChangeSetName", "first"),
        ("ChangeSetType", "CREATE"),
        ("TemplateBody", template.as_str()),
    ];
    case.emulator
        .query(&case.account, REGION, "cloudformation", &parameters);
    let text = stdout(&case.ends(0, "preview --deployed --region us-west-2"));
    let said = "stack web-production in us-west-2 (REVIEW_IN_PROGRESS): it has a change set that was never carried out";
    assert!(text.contains(said), "{text}");
    let report = case.json(0, "preview --deployed --region us-west-2");
    assert_eq!(
        shown(&report),
        rows(&[[REGION, "web-production", "REVIEW_IN_PROGRESS"]])
    );
    case.put("DB_PASSWORD", CANARY);
    let error = stderr(&case.ends(2, "check --parity --deployed --region us-west-2"));
    assert!(error.contains("which is under review"), "{error}");
    assert!(
        error.contains("nothing of `web` is deployed in production")
            && error.contains("--parity TEMPLATE"),
        "{error}"
    );
}

/// Two templates, each with a stack.
fn worker(case: &Case) {
    case.write(
        "worker.yaml",
        &case
            .read("web.yaml")
            .replace(&case.family, &format!("{}-worker", case.family)),
    );
    let config = case.read("deploy.toml").replace(
        "templates = [\"web.yaml\"]",
        "templates = [\"web.yaml\", \"worker.yaml\"]",
    );
    let config = config.replace(
        "stack = \"web-{environment}\"",
        "stack = [\"web-{environment}\", \"worker-{environment}\"]",
    );
    // The same secrets in both, so they are named by the containers.
    case.write(
        "deploy.toml",
        &config
            .replace(&format!("\"{EAST}\""), "")
            .replace("\"us-west-2\", ", "\"us-west-2\""),
    );
}

fn each_template_has_its_stack() {
    let case = on_moto();
    worker(&case);
    case.deploy("web-production", &case.read("web.yaml"));
    case.deploy("worker-production", &case.read("worker.yaml"));
    let both = rows(&[
        [REGION, "web-production", "CREATE_COMPLETE"],
        [REGION, "worker-production", "CREATE_COMPLETE"],
    ]);
    assert_eq!(shown(&case.json(0, "preview --deployed")), both);
    let text = stdout(&case.ends(0, "preview --deployed"));
    assert!(
        text.contains("worker.yaml: stack worker-production in us-west-2"),
        "{text}"
    );
    // One of them alone, wherever it is named from.
    assert_eq!(
        shown(&case.json(0, "preview --deployed worker.yaml")),
        both[1..]
    );
    assert_eq!(
        shown(&case.json(0, "preview --deployed ./web.yaml")),
        both[..1]
    );
    case.write("stranger.yaml", &case.read("web.yaml"));
    let error = stderr(&case.ends(2, "preview --deployed stranger.yaml"));
    assert!(
        error.contains("which stack is `stranger.yaml` deployed as?"),
        "{error}"
    );
    case.put("DB_PASSWORD", CANARY);
    case.put("API_KEY", CANARY);
    let report = case.json(1, "check --parity --deployed");
    let containers: Vec<&str> = report
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["container"].as_str().unwrap())
        .collect();
    let expected = ["web-production: Task/web", "worker-production: Task/web"];
    assert_eq!(containers, [expected, expected].concat());
    // What does not add up is said.
    case.write(
        "deploy.toml",
        &case
            .read("deploy.toml")
            .replace(", \"worker-{environment}\"", ""),
    );
    let error = stderr(&case.ends(2, "preview --deployed"));
    assert!(
        error.contains("`web` has 2 templates that no other one nests, and 1 stack"),
        "{error}"
    );
    assert_eq!(
        shown(&case.json(0, "preview --deployed web.yaml")),
        both[..1]
    );
}

/// A template that nests another one twice: each has a stack, which is found by its logical id.
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn nested_stacks_are_found_in_their_parent() {
    let mut case = on_moto();
    let child = case.read("web.yaml");
    let nested = |file: &str, url: &str| {
        let stack = |id: &str| {
            format!(
                "  {id}:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: {url}\n"
            )
        };
        case.write(
            file,
            &format!("Resources:\n{}{}", stack("Blue"), stack("Green")),
        );
    };
    nested("root.yaml", "web.yaml");
    nested(
        "packaged.yaml",
        &case
            .emulator
            .put_template(&case.account, "web.yaml", &child),
    );
    let config = case.read("deploy.toml").replace(
        "templates = [\"web.yaml\"]",
        "templates = [\"root.yaml\", \"web.yaml\"]",
    );
    case.write(
        "deploy.toml",
        &config.replace(
            "regions = [\"us-west-2\", \"us-east-1\"]",
            "regions = [\"us-west-2\"]",
        ),
    );
    case.deploy("web-production", &case.read("packaged.yaml"));
    let done = "CREATE_COMPLETE";
    // CloudFormation ends the names of nested stacks as it likes.
    let shown = |report: &Value| -> Vec<[String; 3]> {
        let known = |name: &str| {
            name.rsplit_once('-')
                .filter(|(_, end)| end.len() == 12)
                .map_or(name, |(start, _)| start)
                .to_owned()
        };
        shown(report)
            .into_iter()
            .map(|[region, stack, status]| [region, known(&stack), status])
            .collect()
    };
    let expected = rows(&[
        [REGION, "web-production", done],
        [REGION, "web-production-Blue", done],
        [REGION, "web-production-Green", done],
    ]);
    let report = case.json(0, "preview --deployed");
    assert_eq!(shown(&report), expected);
    assert_eq!(report["deployed"][1]["secrets"][1]["now"], "value");
    assert_eq!(
        shown(&case.json(0, "preview --deployed web.yaml")),
        expected[1..]
    );
    // So is what another file holds that takes its place.
    std::fs::create_dir(case.folder.join("out")).unwrap();
    case.write("out/web.yaml", &child);
    assert_eq!(
        shown(&case.json(0, "preview --deployed out/web.yaml")),
        expected[1..]
    );
    let config = case.read("deploy.toml");
    case.write(
        "deploy.toml",
        &config.replace("\"root.yaml\", \"web.yaml\"", "\"root.yaml\""),
    );
    assert_eq!(
        shown(&case.json(0, "preview --deployed web.yaml")),
        expected[1..]
    );
    case.write("deploy.toml", &config);
    // What is below the root counts for the other questions, too.
    case.put("DB_PASSWORD", CANARY);
    case.put("API_KEY", CANARY);
    let text = stdout(&case.ends(1, "check --parity --deployed"));
    assert!(
        text.contains("2 of 4 plaintext values are what is stored"),
        "{text}"
    );
    case.iam = Some(iam(|_, _, _| "allowed"));
    let report = case.json(0, "check --revisions");
    assert_eq!(report["revisions"].as_array().unwrap().len(), 2);
    assert!(
        report["revisions"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["current"] == true)
    );
    // Before the first deploy.
    case.write(
        "deploy.toml",
        &case
            .read("deploy.toml")
            .replace("web-{environment}", "other-{environment}"),
    );
    let absent = rows(&[
        [REGION, "other-production", "none"],
        [REGION, "other-production.Blue", "none"],
        [REGION, "other-production.Green", "none"],
    ]);
    assert_eq!(shown(&case.json(0, "preview --deployed")), absent);
}

/// One Region that does not answer does not hide the others.
fn revisions_are_reported_for_every_region_that_answers() {
    let case = on_moto();
    for region in [REGION, EAST] {
        case.emulator.create_stack(
            &case.account,
            region,
            "web-production",
            &case.read("web.yaml"),
        );
    }
    case.put("DB_PASSWORD", CANARY);
    case.put("API_KEY", CANARY);
    let config = case.read("deploy.toml");
    case.write(
        "deploy.toml",
        &config.replace("stack =", "execution-role = \"external\"\nstack ="),
    );
    let regions = |report: &Value| -> Vec<String> {
        let rows = report["revisions"].as_array().unwrap().iter();
        rows.map(|row| row["region"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(regions(&case.json(0, "check --revisions")), [REGION, EAST]);
    let proxy = byref_emulator::Proxy::new(case.emulator.address());
    let denied =
        byref_emulator::Rule::new(byref_emulator::Fault::Denied, byref_emulator::When::Always);
    proxy.set([denied.of("ListTaskDefinitions").within(REGION)]);
    let output = case.run_through(&proxy, "check --revisions --format json");
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(regions(&report), [EAST]);
    assert_eq!(report["failures"][0]["region"], REGION);
}

/// What is in Secrets Manager is not compared, and that is said; options of log drivers are
/// compared as variables are.
fn parity_compares_all_kinds_of_secret_lines() {
    let case = on_moto();
    let options = "          LogConfiguration: {LogDriver: splunk, Options: {splunk-token: EXAMPLE-canary-Hq3Zr8Vw1, splunk-url: x}}\n";
    let template = case.read("web.yaml").replace(
        "            - Name: MODE\n",
        "            - {Name: DB_URL, Value: EXAMPLE-canary-Hq3Zr8Vw1}\n            - Name: MODE\n",
    );
    let template = template.replace(
        "          Environment:\n",
        &format!("{options}          Environment:\n"),
    );
    case.write("web.yaml", &template);
    let lines = format!(
        "SPLUNK = {{ key = \"splunk\", log-option = \"splunk-token\" }}\nDB_URL = \"arn:aws:secretsmanager:us-west-2:{}:secret:db-AbCdEf:url::\"\n",
        case.account.id
    );
    case.write("deploy.toml", &(case.read("deploy.toml") + &lines));
    case.deploy("web-production", &template);
    // The rewrite moves an option as it moves a variable.
    let report = case.json(0, "preview --deployed --region us-west-2");
    let rows = report["deployed"][0]["secrets"].as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == "SPLUNK").unwrap();
    assert_eq!(
        (&row["deploy"], &row["now"]),
        (&"reference".into(), &"value".into())
    );
    for secret in ["DB_PASSWORD", "SPLUNK"] {
        case.put(secret, CANARY);
    }
    case.put("API_KEY", "EXAMPLE-canary-Hq3Zr8Vw1-key");
    for command in ["check --parity --deployed", "check --parity web.yaml"] {
        let text = stdout(&case.ends(0, command));
        let said = "3 of 3 plaintext values are what is stored in every Region; not compared, since they are in Secrets Manager: DB_URL\n";
        assert!(text.ends_with(said), "{command}: {text}");
        let report = case.json(0, command);
        let row = report
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["name"] == "DB_URL")
            .unwrap();
        assert_eq!(row["regions"][REGION], "not-compared");
        assert!(
            row["parameter"]
                .as_str()
                .unwrap()
                .starts_with("arn:aws:secretsmanager:")
        );
    }
    case.put("SPLUNK", "EXAMPLE-another");
    for (command, whose) in [
        ("check --parity --deployed", "the stack's"),
        ("check --parity web.yaml", "the template's"),
    ] {
        let text = stdout(&case.ends(1, command));
        assert!(
            text.contains(&format!(
                "`SPLUNK`: the stored value (`/production/web/splunk`) differs from {whose}"
            )),
            "{text}"
        );
    }
}
