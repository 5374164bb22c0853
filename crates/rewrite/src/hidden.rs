//! What may be a secret in a template: the one function that every renderer masks by.

use byref_template::{NodeRef, Span, Template};

/// Keys whose values name things, and are shown. Everything else might be a secret, and is not.
const SHOWN_KEYS: [&str; 40] = [
    "AWSTemplateFormatVersion",
    "Condition",
    "ContainerName",
    "ContainerPort",
    "Cpu",
    "CpuArchitecture",
    "DeletionPolicy",
    "DependsOn",
    "DesiredCount",
    "Essential",
    "ExecutionRoleArn",
    "Family",
    "HostPort",
    "Image",
    "LaunchType",
    "LogDriver",
    "Memory",
    "MemoryReservation",
    "Mode",
    "Name",
    "NetworkMode",
    "NoEcho",
    "OperatingSystemFamily",
    "PlatformVersion",
    "PortName",
    "Privileged",
    "Protocol",
    "ReadonlyRootFilesystem",
    "RequiresCompatibilities",
    "SchedulingStrategy",
    "SourceVolume",
    "StartTimeout",
    "StopTimeout",
    "TaskDefinition",
    "TaskRoleArn",
    "Transform",
    "Type",
    "UpdateReplacePolicy",
    "ValueFrom",
    "WorkingDirectory",
];

/// Keys of a policy whose values are shown. Its conditions may hold secrets.
const SHOWN_KEYS_OF_POLICIES: [&str; 7] =
    ["Action", "Effect", "NotAction", "NotResource", "PolicyName", "Resource", "Version"];

/// Functions whose arguments are names.
const NAMING_CALLS: [&str; 6] = ["Ref", "GetAtt", "Condition", "GetAZs", "FindInMap", "ImportValue"];

/// Every part of a template that may hold a secret, in order: comments, and all scalars but keys and those that
/// name things (types, names, references, images and the like).
pub fn hidden_spans(template: &Template) -> Vec<Span> {
    let mut spans: Vec<Span> = template.comments().to_vec();
    let mut shown_until = 0;
    let mut secret_until = 0;
    let mut policy_until = 0;
    let mut is_value = false;
    let mut is_secret = false;
    let mut is_policy = false;
    for node in template.nodes() {
        let in_mapping = node.parent().is_some_and(|parent| parent.kind().is_mapping());
        // Keys and values come in turn, and a value's subtree lies between its key and the next one.
        let is_key = in_mapping && is_key(node);
        if is_key {
            let key = node.text();
            is_value = key.as_ref().is_some_and(|key| {
                let is_of_policy = SHOWN_KEYS_OF_POLICIES.contains(&key.as_ref());
                if node.span().start < policy_until {
                    is_of_policy
                } else {
                    key == "PolicyName" || SHOWN_KEYS.binary_search(&key.as_ref()).is_ok()
                }
            });
            is_policy = key.as_ref().is_some_and(|key| key == "PolicyDocument" || key == "AssumeRolePolicyDocument");
            is_secret = key.is_some_and(|key| key == "Value");
            continue;
        }
        if std::mem::take(&mut is_policy) && in_mapping {
            policy_until = policy_until.max(node.span().end);
        }
        if std::mem::take(&mut is_secret) && in_mapping {
            secret_until = secret_until.max(node.span().end);
        }
        let names = node.intrinsic().is_some_and(|call| NAMING_CALLS.contains(&call.name));
        if (std::mem::take(&mut is_value) && in_mapping) || names {
            shown_until = shown_until.max(node.span().end);
        }
        let is_shown = node.span().start < shown_until || is_condition_name(node);
        // A word of YAML may be a secret too, where values are.
        let is_word = is_word(node) && node.span().start >= secret_until;
        if node.kind().is_scalar() && !is_shown && !is_word {
            spans.push(node.span());
        }
    }
    spans.retain(|span| !span.is_empty());
    spans.sort_unstable();
    spans
}

fn is_key(node: NodeRef<'_>) -> bool {
    // A value has the colon before it as its indicator; a key has none, or a `?`.
    let colon =
        node.indicator().is_some_and(|offset| node.template().text().as_bytes().get(offset as usize) == Some(&b':'));
    !colon
}

fn is_word(node: NodeRef<'_>) -> bool {
    matches!(node.raw(), "true" | "false" | "'true'" | "'false'" | "\"true\"" | "\"false\"" | "null" | "~")
}

/// The first argument of `Fn::If`.
fn is_condition_name(node: NodeRef<'_>) -> bool {
    let Some(list) = node.parent().filter(|parent| parent.kind().is_sequence()) else { return false };
    let is_first = list.items().next().is_some_and(|first| first.id() == node.id());
    let short = list.intrinsic().is_some_and(|call| call.name == "If");
    let long = || list.parent().and_then(NodeRef::intrinsic).is_some_and(|call| call.name == "If");
    is_first && (short || long())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_keys_are_sorted() {
        assert!(SHOWN_KEYS.is_sorted());
    }

    #[test]
    fn shows_names_and_hides_values_and_comments() {
        let text = "\
Resources:
  Task: # CANARY
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: web
          Image: nginx
          Command: [run, --password, CANARY]
          Version: CANARY
          Environment:
            - {Name: A, Value: CANARY}
            - {Name: A, Value: !If [X, 'true', false]}
            - Name: B
              Value: !Sub 'x${Host}CANARY'
            - !If [Prod, {Name: C, Value: !Ref Param}, !Ref AWS::NoValue]
  Role:
    Properties:
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: a, Resource: [!Sub r, s], Condition: {StringEquals: {'aws:Referer': CANARY}}}
      Version: CANARY
";
        let template = Template::parse(text).unwrap();
        let mut shown = text.to_owned();
        for span in hidden_spans(&template).iter().rev() {
            shown.replace_range(span.range(), "*");
        }
        let expected = "\
Resources:
  Task: *
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: web
          Image: nginx
          Command: [*, *, *]
          Version: *
          Environment:
            - {Name: A, Value: *}
            - {Name: A, Value: !If [X, *, *]}
            - Name: B
              Value: !Sub *
            - !If [Prod, {Name: C, Value: !Ref Param}, !Ref AWS::NoValue]
  Role:
    Properties:
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: a, Resource: [!Sub r, s], Condition: {StringEquals: {'aws:Referer': *}}}
      Version: *
";
        assert_eq!(shown, expected);
    }
}
