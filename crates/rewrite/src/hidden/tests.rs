//! Masks of templates, by position.

use std::collections::BTreeSet;

use super::*;

/// The text with `*` for what is hidden.
fn masked(text: &str) -> String {
    let template =
        Template::parse(text).unwrap_or_else(|error| panic!("{}:\n{text}", error.message));
    let mut shown = text.to_owned();
    for span in hidden_spans(&template).iter().rev() {
        shown.replace_range(span.range(), "*");
    }
    shown
}

/// A template with values at every kind of position.
const PLACES: &str = "\
Parameters:
  Param: {Type: String, NoEcho: true, Default: CANARY, AllowedValues: [CANARY]}
Conditions:
  Prod: !Equals [!Ref Param, CANARY]
Mappings:
  Ports: {web: {http: CANARY}}
Resources:
  Task: # CANARY
    Type: AWS::ECS::TaskDefinition
    DependsOn: [Role, CANARY]
    Properties:
      ContainerDefinitions:
        - Name: web
          Image: nginx
          Command: [run, --password, CANARY]
          Version: CANARY
          Environment:
            - {Name: A, Value: CANARY}
            - {Name: A, Value: !If [Prod, 'true', false]}
            - {Name: A, Value: !If [CANARY, 'true', !Ref CANARY]}
            - Name: B
              Value: !Sub 'x${Host}CANARY'
            - Name: P
              Value: !FindInMap [Ports, web, http, {DefaultValue: CANARY}]
            - {Name: Q, Value: !FindInMap [CANARY, !Ref AWS::Region, CANARY]}
            - !If [Prod, {Name: C, Value: !Ref Param}, !Ref AWS::NoValue]
            - {Name: D, Value: {'Fn::GetAtt': [Role, Arn]}}
            - {Name: D, Value: !GetAtt CANARY.Arn}
          Secrets:
            - {Name: E, ValueFrom: !Sub 'arn:${AWS::Partition}:ssm:x:1:parameter/a/b'}
            - {Name: F, ValueFrom: /a/b-c}
            - {Name: G, ValueFrom: 'CANARY!3#x %'}
            - {Name: H, ValueFrom: CANARY-12}
            - {Name: I, ValueFrom: !Join ['', ['arn:aws:ssm:x:1:parameter', 'CANARY!']]}
  Role:
    Type: AWS::IAM::Role
    Condition: Prod
    Properties:
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: a, Resource: [!Sub r, s], Condition: {StringEquals: {'aws:Referer': CANARY}}}
      Version: CANARY
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: {Statement: {Effect: Allow, Condition: {StringEquals: {'aws:Referer': CANARY}}}}
  Build:
    Type: AWS::CodeBuild::Project
    Properties:
      Environment:
        EnvironmentVariables:
          - {Name: J, Type: PLAINTEXT, Value: /a/CANARY}
          - {Name: K, Type: PARAMETER_STORE, Value: /a/b}
          - {Name: L, Value: /a/CANARY}
Outputs:
  Url: {Condition: Prod, Value: CANARY, Export: {Name: CANARY}}
";

const MASKED_PLACES: &str = "\
Parameters:
  Param: {Type: String, NoEcho: true, Default: *, AllowedValues: [*]}
Conditions:
  Prod: !Equals [!Ref Param, *]
Mappings:
  Ports: {web: {http: *}}
Resources:
  Task: *
    Type: AWS::ECS::TaskDefinition
    DependsOn: [Role, *]
    Properties:
      ContainerDefinitions:
        - Name: web
          Image: nginx
          Command: [*, *, *]
          Version: *
          Environment:
            - {Name: A, Value: *}
            - {Name: A, Value: !If [Prod, *, *]}
            - {Name: A, Value: !If [*, *, !Ref *]}
            - Name: B
              Value: !Sub *
            - Name: P
              Value: !FindInMap [Ports, web, http, {DefaultValue: *}]
            - {Name: Q, Value: !FindInMap [*, !Ref AWS::Region, *]}
            - !If [Prod, {Name: C, Value: !Ref Param}, !Ref AWS::NoValue]
            - {Name: D, Value: {'Fn::GetAtt': [Role, Arn]}}
            - {Name: D, Value: !GetAtt *}
          Secrets:
            - {Name: E, ValueFrom: !Sub 'arn:${AWS::Partition}:ssm:x:1:parameter/a/b'}
            - {Name: F, ValueFrom: /a/b-c}
            - {Name: G, ValueFrom: *}
            - {Name: H, ValueFrom: *}
            - {Name: I, ValueFrom: !Join ['', ['arn:aws:ssm:x:1:parameter', *]]}
  Role:
    Type: AWS::IAM::Role
    Condition: Prod
    Properties:
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: a, Resource: [!Sub r, s], Condition: {StringEquals: {'aws:Referer': *}}}
      Version: *
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: {Statement: {Effect: Allow, Condition: {StringEquals: {'aws:Referer': *}}}}
  Build:
    Type: AWS::CodeBuild::Project
    Properties:
      Environment:
        EnvironmentVariables:
          - {Name: J, Type: PLAINTEXT, Value: *}
          - {Name: K, Type: PARAMETER_STORE, Value: /a/b}
          - {Name: L, Value: *}
Outputs:
  Url: {Condition: Prod, Value: *, Export: {Name: *}}
";

#[test]
fn shows_names_and_hides_values_and_comments() {
    assert_eq!(masked(PLACES), MASKED_PLACES);
}

/// Every key of the tables, and the keys of CloudFormation's own grammar.
fn property_names() -> BTreeSet<&'static str> {
    let own = [
        "Condition",
        "Default",
        "Description",
        "Fn::If",
        "Fn::Sub",
        "Metadata",
        "Outputs",
        "Properties",
        "Ref",
    ];
    let mut names: BTreeSet<&str> = own
        .into_iter()
        .chain(["Resources", "Transform", "Value", "ValueFrom"])
        .collect();
    let mut open: Vec<Shape> = byref_cloudformation::resource_types()
        .map(|(_, shape)| shape)
        .chain([ATTRIBUTES, PARAMETER])
        .collect();
    while let Some(shape) = open.pop() {
        match shape {
            Shape::List(item) => open.push(*item),
            Shape::Map(entries) => {
                names.extend(entries.iter().map(|(key, _)| *key));
                open.extend(entries.iter().map(|(_, shape)| *shape));
            }
            _ => {}
        }
    }
    names
}

#[test]
fn a_property_name_at_another_position_shows_nothing() {
    let names = property_names();
    assert!(names.len() > 80, "{}", names.len());
    for name in names {
        let values =
            format!("{{{name}: CANARY, Value: [CANARY, {{{name}: {{{name}: [CANARY]}}}}]}}");
        let text = format!(
            "\
Parameters:
  '{name}': {{Type: String, Default: CANARY, Description: CANARY}}
Mappings:
  '{name}': {{'{name}': {values}}}
Conditions:
  '{name}': {{'Fn::Equals': [CANARY, CANARY]}}
Metadata:
  '{name}': {values}
Resources:
  '{name}':
    Type: AWS::ECS::TaskDefinition
    Metadata: {{'{name}': {values}}}
    Properties:
      Tags: [{{Key: '{name}', Value: CANARY}}]
      ContainerDefinitions:
        - Name: '{name}'
          DockerLabels: {values}
          LogConfiguration: {{Options: {values}}}
          Environment:
            - Name: '{name}'
              Value: CANARY
            - {{Name: '{name}', Value: {values}}}
          Secrets: [{{Name: '{name}', ValueFrom: CANARY}}]
  Other:
    Type: Custom::{name}
    Properties: {values}
  Function:
    Type: AWS::Lambda::Function
    Properties: {{Environment: {{Variables: {values}}}}}
  Untyped: {{Properties: {values}}}
  Twice: {{Type: AWS::IAM::Role, Type: Custom::X, Properties: {{RoleName: CANARY}}}}
Outputs:
  '{name}': {{Value: CANARY, Description: CANARY, Export: {values}}}
'{name}X': {values}
"
        )
        .replace(&format!("{{{name}:"), &format!("{{'{name}':"));
        let shown = masked(&text);
        assert!(!shown.contains("CANARY"), "{name}:\n{shown}");
    }
}

#[test]
fn a_value_that_yaml_takes_for_a_tag_an_anchor_or_a_key_is_hidden() {
    for value in [
        "!CANARY",
        "!CANARY x",
        "&CANARY x",
        "&CANARY",
        "!Ref &CANARY x",
        "{'CANARY=': x}",
    ] {
        for holder in ["Value", "Image", "Unknown"] {
            let text = format!(
                "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n        - {holder}: {value}\n          Environment:\n            - Name: A\n              Value: {value}\n"
            );
            let shown = masked(&text);
            assert!(!shown.contains("CANARY"), "{value}:\n{shown}");
        }
    }
    let text = "Resources:\n  A: &CANARY\n    Type: x\n  B: *CANARY\n  C: !CANARY {Type: x}\n  D: !CANARY [x]\n";
    let shown = masked(text);
    assert!(!shown.contains("CANARY"), "{shown}");
}

#[test]
fn json_is_masked_as_yaml_is() {
    let text = r#"{"Resources": {"TaskDefinition": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions":
[{"Name": "web", "Environment": [{"Name": "A", "Value": "CANARY"}, {"Name": "B", "Value": {"Fn::Sub": ["CANARY", {"Image": "CANARY"}]}}],
"Labels": {"Image": "CANARY"}, "Image": {"Fn::Sub": "${AWS::AccountId}/web"}}]}}}}"#;
    let shown = masked(text);
    assert!(!shown.contains("CANARY"), "{shown}");
    assert!(
        shown.contains(r#""Image": {"Fn::Sub": "${AWS::AccountId}/web"}"#)
            && shown.contains(r#""Name": "web""#),
        "{shown}"
    );
}

#[test]
fn what_is_no_template_shows_nothing() {
    for text in [
        "CANARY\n",
        "[CANARY, {Image: CANARY}]\n",
        "Image: CANARY\n",
        "!CANARY {Resources: CANARY}\n",
        "Resources: [CANARY]\n",
    ] {
        assert!(!masked(text).contains("CANARY"), "{text}");
    }
}

#[test]
fn credentials_at_the_positions_of_names_are_hidden() {
    // Put together, so that no scanner of this repository takes them for real ones.
    let token = format!("ghp_{}", "x7Kq2LmR9vT4wZ1bN8cY5dP3sHjUaEeFoQi6");
    let id = format!("AKIA{}", "Q7RK2LMX9VTZ4WBN");
    for (position, texts) in [
        (
            "Image",
            [
                "https://user:hunter2@registry.example/web",
                token.as_str(),
                "postgres://a:b7Kq2LmX9@h/d",
            ],
        ),
        ("Name", [token.as_str(), "password=hunter2xy", id.as_str()]),
    ] {
        for text in texts {
            let shown = masked(&format!(
                "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties: {{ContainerDefinitions: [{{{position}: '{text}'}}]}}\n"
            ));
            assert!(!shown.contains(text), "{shown}");
        }
    }
    for text in [
        "postgres:13",
        "registry.example:5000/team/web@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "web-token-service",
        "1.24.3-alpine",
    ] {
        let shown = masked(&format!(
            "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties: {{ContainerDefinitions: [{{Image: '{text}'}}]}}\n"
        ));
        assert!(shown.contains(text), "{shown}");
    }
}

#[test]
fn what_is_surely_a_reference_is_shown() {
    let shown = |text: &str| {
        let shown = masked(&format!(
            "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties: {{ContainerDefinitions: [{{Secrets: [{{Name: A, ValueFrom: '{text}'}}]}}]}}\n"
        ));
        shown.contains(text)
    };
    for text in [
        "/a/b-c",
        "arn:aws:ssm:us-west-2:111122223333:parameter/a/b",
        "arn:aws-cn:secretsmanager:cn-north-1:111122223333:secret:db-AbCdEf",
    ] {
        assert!(shown(text), "{text}");
    }
    for text in [
        "arn:hunter2",
        "arn:aws:iam::111122223333:role/x",
        "/hunter2",
        "hunter2-word",
        "correct-horse-battery",
        "/",
    ] {
        assert!(!shown(text), "{text}");
    }
}
