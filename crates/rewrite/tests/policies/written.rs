//! Policies as a template writes them, in one of the many ways.

use serde_json::{Value, json};

use crate::model::{Attachment, Piece, Statement};
use crate::mutation::Numbers;

pub(crate) fn written_resource(numbers: &mut Numbers, pieces: &[Piece]) -> Value {
    let reference = |piece: &Piece| match piece {
        Piece::Text(_) => None,
        Piece::Partition => Some("AWS::Partition"),
        Piece::Region => Some("AWS::Region"),
        Piece::Account => Some("AWS::AccountId"),
        Piece::Known => Some("Known"),
        Piece::Unknown => Some("Unknown"),
    };
    let literal = |piece: &Piece| {
        if let Piece::Text(text) = piece {
            (*text).to_owned()
        } else {
            String::new()
        }
    };
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
            let part = |piece: &Piece| {
                reference(piece)
                    .map_or_else(|| json!(literal(piece)), |name| json!({ "Ref": name }))
            };
            json!({ "Fn::Join": ["", pieces.iter().map(part).collect::<Vec<_>>()] })
        }
        _ => {
            let own = sub
                .replace("${Known}", "${Own}")
                .replace("${Unknown}", "${Other}");
            json!({ "Fn::Sub": [own, { "Own": { "Ref": "Known" }, "Other": { "Ref": "Unknown" } }] })
        }
    }
}

pub(crate) fn one_or_list(numbers: &mut Numbers, values: Vec<Value>) -> Value {
    if values.len() == 1 && numbers.below(2) == 0 {
        values.into_iter().next().unwrap()
    } else {
        Value::Array(values)
    }
}

pub(crate) fn written_statement(numbers: &mut Numbers, statement: &Statement) -> Value {
    let actions = statement
        .actions
        .iter()
        .map(|action| json!(action))
        .collect();
    let resources = statement
        .resources
        .iter()
        .map(|resource| written_resource(numbers, resource))
        .collect();
    let mut written = json!({ "Effect": statement.effect });
    written[if statement.is_not_action {
        "NotAction"
    } else {
        "Action"
    }] = one_or_list(numbers, actions);
    written[if statement.is_not_resource {
        "NotResource"
    } else {
        "Resource"
    }] = one_or_list(numbers, resources);
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

pub(crate) fn template(
    numbers: &mut Numbers,
    policies: &[(Attachment, Statement)],
    managed: &[&str],
) -> Value {
    let mut inline = Vec::new();
    let mut arns: Vec<Value> = Vec::new();
    for name in managed {
        let path = if *name == "AmazonECSTaskExecutionRolePolicy" {
            "service-role/"
        } else {
            ""
        };
        arns.push(match numbers.below(2) {
            0 => json!(format!("arn:aws:iam::aws:policy/{path}{name}")),
            _ => json!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:iam::aws:policy/{path}{name}") }),
        });
    }
    let mut resources = json!({ "Other": { "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": {} } } });
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
            Attachment::OfAnotherRole => {
                resource["Properties"]["Roles"] = json!([{ "Ref": "Other" }, "another-role"]);
            }
            Attachment::WithCondition => resource["Condition"] = json!("Prod"),
            Attachment::ManagedByRoles => resource["Type"] = json!("AWS::IAM::ManagedPolicy"),
            Attachment::ManagedByArn => {
                resource["Type"] = json!("AWS::IAM::ManagedPolicy");
                resource["Properties"]
                    .as_object_mut()
                    .unwrap()
                    .remove("Roles");
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
        _ => {
            json!({ "Fn::If": ["Prod", { "Fn::GetAtt": ["Role", "Arn"] }, { "Fn::GetAtt": ["Role", "Arn"] }] })
        }
    };
    resources["Task"] = json!({ "Type": "AWS::ECS::TaskDefinition", "Properties": { "ExecutionRoleArn": role, "ContainerDefinitions": [{ "Name": "app" }] } });
    json!({
        "Parameters": { "Known": { "Type": "String", "Default": "production" }, "Unknown": { "Type": "String" } },
        "Conditions": { "Prod": { "Fn::Equals": [{ "Ref": "Unknown" }, "production"] } },
        "Resources": resources,
    })
}

/// The same in YAML with short forms, where a value has one tag.
pub(crate) fn short(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut entries = map.iter();
            let call = entries
                .next()
                .filter(|(key, _)| map.len() == 1 && (*key == "Ref" || key.starts_with("Fn::")));
            if let Some((key, argument)) = call {
                return format!("!{} {}", key.trim_start_matches("Fn::"), short(argument));
            }
            let entries: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{key:?}: {}", short(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(short).collect::<Vec<_>>().join(", ")
        ),
        other => other.to_string(),
    }
}
