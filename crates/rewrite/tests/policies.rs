//! Verdicts on roles, judged by an evaluator of its own: it knows IAM's documented evaluation order and nothing of
//! templates, and is asked for every value that an unknown parameter, condition or context key may have.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails where it can't go on")]

#[path = "../../../fuzz/laws/mutation.rs"]
#[expect(dead_code, reason = "only the generator of numbers is used")]
mod mutation;

use std::collections::BTreeSet;

use byref_config::{ConfigFile, DeployConfig, Grant, parse};
use byref_rewrite::{Access, Answers, Document, Plan, Request, Survey, Verdict, rewrite};
use byref_template::{Diagnostic, Severity, Sources, Template};
use mutation::Numbers;
use serde_json::{Value, json};

const CONFIG: &str = "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\", \"us-east-1\"]\n[apps.app.secrets]\nDB_PASSWORD = true\nAPI_KEY = \"/shared/api-key\"\n";
const REGIONS: [&str; 2] = ["us-west-2", "us-east-1"];
const SECRETS: [(&str, &str); 2] = [("DB_PASSWORD", "production/app/db-password"), ("API_KEY", "shared/api-key")];
const ACTION: &str = "ssm:GetParameters";

// ---- the model: what a policy says, apart from how a template writes it

#[derive(Clone, Debug)]
enum Piece {
    Text(&'static str),
    Partition,
    Region,
    Account,
    /// A parameter whose default is `production`.
    Known,
    /// A parameter without a default.
    Unknown,
}

#[derive(Clone, Debug)]
struct Statement {
    effect: &'static str,
    is_not_action: bool,
    actions: Vec<&'static str>,
    is_not_resource: bool,
    resources: Vec<Vec<Piece>>,
    condition: Option<(&'static str, &'static str, Vec<&'static str>)>,
    /// The side of the condition `Prod` on which it stands.
    side: Option<bool>,
}

/// Where the policy with a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attachment {
    Inline,
    Policy,
    ManagedByRoles,
    ManagedByArn,
    ByRoleName,
    OfAnotherRole,
    /// A resource that exists only where `Prod` holds.
    WithCondition,
}

/// What is assumed of everything that the template does not say.
#[derive(Clone, Copy, Debug)]
struct Assumption {
    production: bool,
    unknown: &'static str,
    vpc: &'static str,
}

fn assumptions() -> Vec<Assumption> {
    let mut all = Vec::new();
    for production in [true, false] {
        for unknown in [
            "production",
            "x",
            "shared",
            "production/app",
            "*",
            "",
            "us-west-2",
            "us-east-1",
            "production/app/db-password",
            "shared/api-key",
        ] {
            for vpc in ["vpc-1", "vpc-2"] {
                all.push(Assumption { production, unknown, vpc });
            }
        }
    }
    all
}

// ---- the evaluator

fn like(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|start| like(rest, &text[start..])),
        Some((b'?', rest)) => !text.is_empty() && like(rest, &text[1..]),
        Some((byte, rest)) => text.first() == Some(byte) && like(rest, &text[1..]),
    }
}

fn is_resource(pattern: &str, arn: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    let patterns: Vec<&str> = pattern.splitn(6, ':').collect();
    let segments: Vec<&str> = arn.splitn(patterns.len(), ':').collect();
    patterns.len() == segments.len()
        && patterns.iter().zip(&segments).all(|(pattern, segment)| like(pattern.as_bytes(), segment.as_bytes()))
}

fn text(pieces: &[Piece], region: &str, assumption: Assumption) -> String {
    let piece = |piece: &Piece| {
        match piece {
            Piece::Text(text) => text,
            Piece::Partition => "aws",
            Piece::Region => region,
            Piece::Account => "111122223333",
            Piece::Known => "production",
            Piece::Unknown => assumption.unknown,
        }
        .to_owned()
    };
    pieces.iter().map(piece).collect()
}

impl Statement {
    fn speaks(&self, arn: &str, region: &str, assumption: Assumption) -> bool {
        let lower = |action: &str| action.to_lowercase();
        let is_action = self.actions.iter().any(|action| like(lower(action).as_bytes(), lower(ACTION).as_bytes()))
            != self.is_not_action;
        let is_resource = self.resources.iter().any(|pattern| is_resource(&text(pattern, region, assumption), arn));
        let condition = self.condition.as_ref().is_none_or(|(operator, key, values)| {
            let actual = if *key == "aws:RequestedRegion" { region } else { assumption.vpc };
            match *operator {
                "StringEquals" => values.contains(&actual),
                "StringNotEquals" => !values.contains(&actual),
                "StringLike" => values.iter().any(|value| like(value.as_bytes(), actual.as_bytes())),
                other => panic!("{other}"),
            }
        });
        let stands = self.side.is_none_or(|side| side == assumption.production);
        stands && is_action && is_resource != self.is_not_resource && condition
    }
}

/// IAM's order: an explicit deny, then an explicit allow, then the implicit deny.
fn is_allowed(
    policies: &[(Attachment, Statement)],
    managed: &[&str],
    arn: &str,
    region: &str,
    assumption: Assumption,
) -> bool {
    let attached = |(attachment, _): &&(Attachment, Statement)| match attachment {
        Attachment::OfAnotherRole => false,
        Attachment::WithCondition => assumption.production,
        _ => true,
    };
    let speaking: Vec<&Statement> = policies
        .iter()
        .filter(attached)
        .map(|(_, statement)| statement)
        .filter(|statement| statement.speaks(arn, region, assumption))
        .collect();
    let denied = speaking.iter().any(|statement| statement.effect == "Deny");
    let allowed =
        speaking.iter().any(|statement| statement.effect == "Allow") || managed.contains(&"AmazonSSMReadOnlyAccess");
    !denied && allowed
}

/// An allow of everything.
fn everything() -> Statement {
    Statement {
        effect: "Allow",
        is_not_action: false,
        actions: vec!["*"],
        is_not_resource: false,
        resources: vec![vec![Piece::Text("*")]],
        condition: None,
        side: None,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Judged {
    Allowed,
    Depends,
    NotAllowed,
}

/// What holds in every case, in the Region where it is worst.
fn judge(policies: &[(Attachment, Statement)], managed: &[&str], path: &str) -> Judged {
    let in_region = |region: &&str| {
        let arn = format!("arn:aws:ssm:{region}:111122223333:parameter/{path}");
        let outcomes: BTreeSet<bool> = assumptions()
            .into_iter()
            .map(|assumption| is_allowed(policies, managed, &arn, region, assumption))
            .collect();
        match (outcomes.contains(&true), outcomes.contains(&false)) {
            (true, false) => Judged::Allowed,
            (false, _) => Judged::NotAllowed,
            (true, true) => Judged::Depends,
        }
    };
    REGIONS.iter().map(in_region).max().unwrap()
}

// ---- cases

fn pick<T: Clone>(numbers: &mut Numbers, from: &[T]) -> T {
    from[numbers.below(from.len())].clone()
}

fn resource(numbers: &mut Numbers) -> Vec<Piece> {
    use Piece::{Account, Known, Partition, Region, Text, Unknown};
    let region = pick(
        numbers,
        &[Region, Region, Region, Text("*"), Text("us-*"), Text("us-west-2"), Text("us-????-2"), Unknown],
    );
    let account = pick(numbers, &[Account, Account, Text("111122223333"), Text("*"), Text("999999999999")]);
    let partition = pick(numbers, &[Partition, Text("aws"), Text("*")]);
    let tail = pick(
        numbers,
        &[
            vec![Text("*")],
            vec![Text("production/*")],
            vec![Text("production/app/db-password")],
            vec![Text("production/app/db-passwor?")],
            vec![Text("shared/api-key")],
            vec![Text("shared/*")],
            vec![Known, Text("/*")],
            vec![Known, Text("/app/db-password")],
            vec![Unknown, Text("/*")],
            vec![Unknown],
            vec![Text("/production/app/db-password")],
            vec![Text("*/api-key")],
            vec![Text("staging/*")],
            vec![Text("Production/*")],
        ],
    );
    match numbers.below(12) {
        0 => vec![Text("*")],
        1 => vec![Text("arn:aws:s3:::bucket/*")],
        2 => vec![Text("arn:"), Partition, Text(":ssm:*")],
        3 => vec![Text("arn:aws:ssm:*:parameter/*")],
        _ => {
            let mut pieces =
                vec![Text("arn:"), partition, Text(":ssm:"), region, Text(":"), account, Text(":parameter/")];
            pieces.extend(tail);
            pieces
        }
    }
}

fn statement(numbers: &mut Numbers) -> Statement {
    let actions = [
        "ssm:GetParameters",
        "ssm:GetParameters",
        "ssm:Get*",
        "ssm:*",
        "*",
        "SSM:getparameters",
        "ssm:GetParameter",
        "ssm:GetParameter?",
        "ssm:GetParametersByPath",
        "s3:GetObject",
        "kms:Decrypt",
        "secretsmanager:GetSecretValue",
        "ssm:Put*",
        "s?m:Get*",
    ];
    let conditions: [(&str, &str, Vec<&str>); 5] = [
        ("StringEquals", "aws:RequestedRegion", vec!["us-west-2", "eu-west-1"]),
        ("StringLike", "aws:RequestedRegion", vec!["us-*"]),
        ("StringNotEquals", "aws:RequestedRegion", vec!["us-east-1"]),
        ("StringEquals", "aws:SourceVpc", vec!["vpc-1"]),
        ("StringLike", "aws:RequestedRegion", vec!["cn-*"]),
    ];
    let count = 1 + numbers.below(2);
    Statement {
        effect: if numbers.below(4) == 0 { "Deny" } else { "Allow" },
        is_not_action: numbers.below(8) == 0,
        actions: (0..=numbers.below(2)).map(|_| pick(numbers, &actions)).collect(),
        is_not_resource: numbers.below(8) == 0,
        resources: (0..count).map(|_| resource(numbers)).collect(),
        condition: (numbers.below(4) == 0).then(|| pick(numbers, &conditions)),
        side: (numbers.below(6) == 0).then(|| numbers.below(2) == 0),
    }
}

// ---- how a template writes it

fn written_resource(numbers: &mut Numbers, pieces: &[Piece]) -> Value {
    let reference = |piece: &Piece| match piece {
        Piece::Text(_) => None,
        Piece::Partition => Some("AWS::Partition"),
        Piece::Region => Some("AWS::Region"),
        Piece::Account => Some("AWS::AccountId"),
        Piece::Known => Some("Known"),
        Piece::Unknown => Some("Unknown"),
    };
    let literal = |piece: &Piece| if let Piece::Text(text) = piece { (*text).to_owned() } else { String::new() };
    if pieces.iter().all(|piece| reference(piece).is_none()) {
        return Value::String(pieces.iter().map(literal).collect());
    }
    let sub: String = pieces
        .iter()
        .map(|piece| reference(piece).map_or_else(|| literal(piece), |name| format!("${{{name}}}")))
        .collect();
    match numbers.below(3) {
        0 => json!({ "Fn::Sub": sub }),
        1 => {
            let part =
                |piece: &Piece| reference(piece).map_or_else(|| json!(literal(piece)), |name| json!({ "Ref": name }));
            json!({ "Fn::Join": ["", pieces.iter().map(part).collect::<Vec<_>>()] })
        }
        _ => {
            let own = sub.replace("${Known}", "${Own}").replace("${Unknown}", "${Other}");
            json!({ "Fn::Sub": [own, { "Own": { "Ref": "Known" }, "Other": { "Ref": "Unknown" } }] })
        }
    }
}

fn one_or_list(numbers: &mut Numbers, values: Vec<Value>) -> Value {
    if values.len() == 1 && numbers.below(2) == 0 { values.into_iter().next().unwrap() } else { Value::Array(values) }
}

fn written_statement(numbers: &mut Numbers, statement: &Statement) -> Value {
    let actions = statement.actions.iter().map(|action| json!(action)).collect();
    let resources = statement.resources.iter().map(|resource| written_resource(numbers, resource)).collect();
    let mut written = json!({ "Effect": statement.effect });
    written[if statement.is_not_action { "NotAction" } else { "Action" }] = one_or_list(numbers, actions);
    written[if statement.is_not_resource { "NotResource" } else { "Resource" }] = one_or_list(numbers, resources);
    if let Some((operator, key, values)) = &statement.condition {
        let values = one_or_list(numbers, values.iter().map(|value| json!(value)).collect());
        written["Condition"] = json!({ *operator: { *key: values } });
    }
    match statement.side {
        None => written,
        Some(true) => json!({ "Fn::If": ["Prod", written, { "Ref": "AWS::NoValue" }] }),
        Some(false) => json!({ "Fn::If": ["Prod", { "Ref": "AWS::NoValue" }, written] }),
    }
}

fn template(numbers: &mut Numbers, policies: &[(Attachment, Statement)], managed: &[&str]) -> Value {
    let mut inline = Vec::new();
    let mut arns: Vec<Value> = Vec::new();
    for name in managed {
        let path = if *name == "AmazonECSTaskExecutionRolePolicy" { "service-role/" } else { "" };
        arns.push(match numbers.below(2) {
            0 => json!(format!("arn:aws:iam::aws:policy/{path}{name}")),
            _ => json!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:iam::aws:policy/{path}{name}") }),
        });
    }
    let mut resources =
        json!({ "Other": { "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": {} } } });
    for (index, (attachment, statement)) in policies.iter().enumerate() {
        let statement = written_statement(numbers, statement);
        let statement = one_or_list(numbers, vec![statement]);
        let document = json!({ "Version": "2012-10-17", "Statement": statement });
        let mut resource = json!({ "Type": "AWS::IAM::Policy", "Properties": { "PolicyName": "p", "PolicyDocument": document, "Roles": [{ "Ref": "Role" }] } });
        let id = format!("Policy{index}");
        match attachment {
            Attachment::Inline => {
                inline.push(json!({ "PolicyName": id, "PolicyDocument": document }));
                continue;
            }
            Attachment::Policy => {}
            Attachment::ByRoleName => resource["Properties"]["Roles"] = json!(["the-role"]),
            Attachment::OfAnotherRole => resource["Properties"]["Roles"] = json!([{ "Ref": "Other" }, "another-role"]),
            Attachment::WithCondition => resource["Condition"] = json!("Prod"),
            Attachment::ManagedByRoles => resource["Type"] = json!("AWS::IAM::ManagedPolicy"),
            Attachment::ManagedByArn => {
                resource["Type"] = json!("AWS::IAM::ManagedPolicy");
                resource["Properties"].as_object_mut().unwrap().remove("Roles");
                arns.push(json!({ "Ref": id }));
            }
        }
        resources[id] = resource;
    }
    resources["Role"] = json!({ "Type": "AWS::IAM::Role", "Properties": { "RoleName": "the-role", "AssumeRolePolicyDocument": {}, "Policies": inline, "ManagedPolicyArns": arns } });
    let role = match numbers.below(5) {
        0 => json!({ "Fn::GetAtt": ["Role", "Arn"] }),
        1 => json!({ "Fn::Sub": "${Role.Arn}" }),
        2 => json!({ "Ref": "Role" }),
        3 => json!({ "Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/${Role}" }),
        _ => json!({ "Fn::If": ["Prod", { "Fn::GetAtt": ["Role", "Arn"] }, { "Fn::GetAtt": ["Role", "Arn"] }] }),
    };
    resources["Task"] = json!({ "Type": "AWS::ECS::TaskDefinition", "Properties": { "ExecutionRoleArn": role, "ContainerDefinitions": [{ "Name": "app" }] } });
    json!({
        "Parameters": { "Known": { "Type": "String", "Default": "production" }, "Unknown": { "Type": "String" } },
        "Conditions": { "Prod": { "Fn::Equals": [{ "Ref": "Unknown" }, "production"] } },
        "Resources": resources,
    })
}

/// The same in YAML with short forms, where a value has one tag.
fn short(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut entries = map.iter();
            let call = entries.next().filter(|(key, _)| map.len() == 1 && (*key == "Ref" || key.starts_with("Fn::")));
            if let Some((key, argument)) = call {
                return format!("!{} {}", key.trim_start_matches("Fn::"), short(argument));
            }
            let entries: Vec<String> = map.iter().map(|(key, value)| format!("{key:?}: {}", short(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(short).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

fn run(config: &DeployConfig, text: &str, grant: Grant) -> (Plan, String) {
    let mut sources = Sources::new();
    let source = sources.add("template", text);
    let template = Template::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let documents =
        [Document { source, path: "template".to_owned(), template, role: byref_rewrite::DocumentRole::Written }];
    let environment = &config.environments["production"];
    let request = Request { grant, ..Request::new(config, &config.apps["app"], environment) };
    let plan = Survey::new(request, &documents).plan(&Answers::none());
    let is_error = |said: &&Diagnostic| said.severity == Severity::Error;
    assert!(plan.diagnostics.iter().filter(is_error).all(|said| said.code == "not-allowed"), "{:?}", plan.diagnostics);
    let output = rewrite(&documents[0], &plan.changes[0]).unwrap().text().to_string();
    (plan, output)
}

fn judged(verdict: &Verdict) -> Judged {
    match verdict {
        Verdict::Allowed => Judged::Allowed,
        Verdict::NotAllowed(_) => Judged::NotAllowed,
        Verdict::Unknown(_) => Judged::Depends,
    }
}

/// After the grant, a role may do what its policies and exactly the needed statement allow together, and a second run
/// grants nothing more.
fn judge_grants(config: &DeployConfig, text: &str, policies: &[(Attachment, Statement)], managed: &[&str]) {
    use Piece::{Account, Partition, Region, Text};
    let (granting, output) = run(config, text, Grant::Auto);
    // What is denied for certain stands in the way of everything.
    if granting.has_errors() {
        return;
    }
    let (after, again) = run(config, &output, Grant::Auto);
    assert_eq!(again, output, "a second run changes something\n{text}");
    let (_, untouched) = run(config, text, Grant::Never);
    let has_unknown = format!("{policies:?}").contains("Unknown") || text.contains("SourceVpc");
    for (name, path) in SECRETS {
        let resource =
            vec![Text("arn:"), Partition, Text(":ssm:"), Region, Text(":"), Account, Text(":parameter/"), Text(path)];
        let statement = Statement {
            effect: "Allow",
            is_not_action: false,
            actions: vec![ACTION],
            is_not_resource: false,
            resources: vec![resource],
            condition: None,
            side: None,
        };
        let mut with_grant = policies.to_vec();
        with_grant.push((Attachment::Inline, statement));
        let expected = judge(&with_grant, managed, path);
        let bound = |access: &&Access, plan: &Plan| plan.bindings[access.binding].secret == name;
        for access in after.access.iter().filter(|access| bound(access, &after)) {
            let found = judged(&access.verdict);
            let agrees = found == expected || (has_unknown && found == Judged::Depends);
            assert!(agrees, "{name}: {:?} after the grant, but {expected:?}\n{output}", access.verdict);
        }
        // What is allowed already is not granted twice.
        let is_granted = granting.access.iter().any(|access| bound(&access, &granting) && access.is_granted);
        let occurrences = |text: &str| text.matches(&format!("parameter/{path}")).count();
        assert_eq!(occurrences(&output) > occurrences(&untouched), is_granted, "{name}\n{output}");
        let is_allowed = judge(policies, managed, path) == Judged::Allowed;
        assert!(!(is_granted && is_allowed && !has_unknown), "{name}\n{output}");
    }
}

#[test]
fn verdicts_agree_with_an_evaluator_of_its_own() {
    let mut sources = Sources::new();
    let source = sources.add("deploy.toml", CONFIG);
    let config = parse(&[ConfigFile { source, text: CONFIG }]).0.unwrap();
    let mut numbers = Numbers::new(0x9e37_79b9_7f4a_7c15);
    let attachments = [
        Attachment::Inline,
        Attachment::Inline,
        Attachment::Policy,
        Attachment::ManagedByRoles,
        Attachment::ManagedByArn,
        Attachment::ByRoleName,
        Attachment::OfAnotherRole,
        Attachment::WithCondition,
    ];
    let mut counts = [0_usize; 3];
    let mut denied = 0;
    for case in 0..1500 {
        let policies: Vec<(Attachment, Statement)> =
            (0..=numbers.below(3)).map(|_| (pick(&mut numbers, &attachments), statement(&mut numbers))).collect();
        let managed: Vec<&str> = match numbers.below(10) {
            0 => vec!["AmazonSSMReadOnlyAccess"],
            1 | 2 => vec!["AmazonECSTaskExecutionRolePolicy"],
            _ => vec![],
        };
        let written = template(&mut numbers, &policies, &managed);
        let text = match case % 3 {
            0 => serde_json::to_string_pretty(&written).unwrap(),
            1 => serde_yaml::to_string(&written).unwrap(),
            _ => short(&written),
        };
        let (plan, _) = run(&config, &text, Grant::Never);
        let has_unknown = format!("{policies:?}").contains("Unknown") || text.contains("SourceVpc");
        for (name, path) in SECRETS {
            let access: Vec<_> =
                plan.access.iter().filter(|access| plan.bindings[access.binding].secret == name).collect();
            let expected = judge(&policies, &managed, path);
            assert!(!access.is_empty(), "{text}");
            let is_denied = access.iter().any(|access| access.is_denied_for_certain());
            let mut with_all = policies.clone();
            with_all.push((Attachment::Inline, everything()));
            let is_useless = judge(&with_all, &managed, path) == Judged::NotAllowed;
            // A default is no certainty, and neither is what is not known.
            let has_hole = has_unknown || format!("{policies:?}").contains("Known");
            let agrees = is_denied == is_useless || (has_hole && !is_denied);
            assert!(agrees, "case {case}, {name}: denied is {is_denied}\n{policies:#?}\n{text}");
            denied += usize::from(is_denied);
            assert!(!is_denied || plan.has_errors(), "case {case}, {name}\n{text}");
            for access in access {
                let found = judged(&access.verdict);
                counts[found as usize] += 1;
                // Where something is not known, `Unknown` may be said of what turns out the same in every case that the
                // evaluator tries; never the other way round.
                let agrees = found == expected || (has_unknown && found == Judged::Depends);
                assert!(agrees, "case {case}, {name}: {:?}, but {expected:?}\n{policies:#?}\n{text}", access.verdict);
            }
        }
        // Each in another style of template.
        if case % 4 == 0 {
            judge_grants(&config, &text, &policies, &managed);
        }
    }
    assert!(counts.iter().all(|count| *count > 200), "{counts:?}");
    assert!(denied > 100, "{denied}");
}
