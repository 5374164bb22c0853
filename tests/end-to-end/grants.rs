//! Rights of roles over several templates, and how they are told.

use byref_support::{Folder, config, folder, run, stderr, stdout};

const ROLE: &str = "  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
";

fn child(role: &str, parameters: &str) -> String {
    format!(
        "Parameters: {{{parameters}}}
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ExecutionRoleArn: {role}
      ContainerDefinitions:
        - Name: app
          Environment:
            - {{Name: DB_PASSWORD, Value: not-a-secret-1}}
"
    )
}

fn stack(url: &str, parameters: &str) -> String {
    format!(
        "  Child:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: {url}
      Parameters: {{{parameters}}}
"
    )
}

fn of_templates(templates: &str) -> String {
    config("DB_PASSWORD = true\n").replace("\"template.yaml\"", templates)
}

const GRANT: &str = "parameter/production/app/db-password";

/// What the run writes for a template.
fn written(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.join("out").join(name)).unwrap()
}

#[test]
fn a_role_of_the_parent_template_is_granted_in_the_parent() {
    for (in_child, parameters, passed) in [
        (
            "!Ref RoleArn",
            "RoleArn: {Type: String}",
            "RoleArn: !GetAtt Role.Arn",
        ),
        (
            "!Sub '${RoleArn}'",
            "RoleArn: {Type: String}",
            "RoleArn: !Sub '${Role.Arn}'",
        ),
        (
            "!Ref RoleArn",
            "RoleArn: {Type: String, Default: ''}",
            "RoleArn: {'Fn::GetAtt': [Role, Arn]}",
        ),
        (
            "!Sub 'arn:aws:iam::${AWS::AccountId}:role/${RoleName}'",
            "RoleName: {Type: String}",
            "RoleName: !Ref Role",
        ),
    ] {
        let parent = format!("Resources:\n{ROLE}{}", stack("./child.yaml", passed));
        let child = child(in_child, parameters);
        let templates = of_templates("\"parent.yaml\", \"child.yaml\"");
        let folder = folder(&[
            ("deploy.toml", &templates),
            ("parent.yaml", &parent),
            ("child.yaml", &child),
        ]);
        let output = run(folder.path(), "rewrite --output-dir out");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(
            !stderr(&output).contains("role-elsewhere"),
            "{}",
            stderr(&output)
        );
        assert_eq!(
            written(&folder, "parent.yaml").matches(GRANT).count(),
            1,
            "{in_child}"
        );
        let output = run(folder.path(), "preview");
        let line =
            "role Role: ssm:GetParameters for DB_PASSWORD: will be granted by this rewrite\n";
        assert!(stdout(&output).contains(line), "{}", stdout(&output));
        // Once it is there, it is not written again.
        std::fs::copy(folder.join("out/parent.yaml"), folder.join("parent.yaml")).unwrap();
        std::fs::copy(folder.join("out/child.yaml"), folder.join("child.yaml")).unwrap();
        let before = written(&folder, "parent.yaml");
        run(folder.path(), "rewrite --output-dir out");
        assert_eq!(written(&folder, "parent.yaml"), before);
        assert!(stdout(&run(folder.path(), "preview")).contains("DB_PASSWORD: already allowed\n"));
    }
}

#[test]
fn a_role_passed_through_two_stacks_is_granted() {
    let top = format!(
        "Resources:\n{ROLE}{}",
        stack("./middle.yaml", "R: !GetAtt Role.Arn")
    );
    let middle = format!(
        "Parameters: {{R: {{Type: String}}}}\nResources:\n{}",
        stack("./child.yaml", "RoleArn: !Ref R")
    );
    let child = child("!Ref RoleArn", "RoleArn: {Type: String}");
    let folder = folder(&[
        (
            "deploy.toml",
            &of_templates("\"top.yaml\", \"middle.yaml\", \"child.yaml\""),
        ),
        ("top.yaml", &top),
        ("middle.yaml", &middle),
        ("child.yaml", &child),
    ]);
    let output = run(folder.path(), "rewrite --output-dir out");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(written(&folder, "top.yaml").matches(GRANT).count(), 1);
    assert_eq!(written(&folder, "middle.yaml"), middle);
}

/// What a stack passes on that is no role of the run, or nothing at all, is known as little as
/// before.
#[test]
fn a_role_that_is_not_passed_is_outside_the_template() {
    for passed in [
        "Other: x",
        "RoleArn: !ImportValue role",
        "RoleArn: arn:aws:iam::111122223333:role/x",
    ] {
        let parent = format!("Resources:\n{ROLE}{}", stack("./child.yaml", passed));
        let child = child(
            "!Ref RoleArn",
            "RoleArn: {Type: String}, Other: {Type: String, Default: x}",
        );
        let templates = of_templates("\"parent.yaml\", \"child.yaml\"");
        let folder = folder(&[
            ("deploy.toml", &templates),
            ("parent.yaml", &parent),
            ("child.yaml", &child),
        ]);
        let output = run(folder.path(), "rewrite --output-dir out");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert!(
            stderr(&output).contains("warning[role-elsewhere]"),
            "{passed}: {}",
            stderr(&output)
        );
        assert_eq!(written(&folder, "parent.yaml"), parent, "{passed}");
    }
}

/// A denied right is an error wherever a rewrite is asked for; a value that goes back is not held
/// up by it.
#[test]
fn a_deny_prevents_the_grant() {
    let denied = "  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: never
          PolicyDocument: {Statement: [{Effect: Deny, Action: '*', Resource: '*'}]}
";
    let template = child("!GetAtt Role.Arn", "X: {Type: String}")
        .replace("Resources:\n", &format!("Resources:\n{denied}"));
    let folder = folder(&[
        ("deploy.toml", &of_templates("\"t.yaml\"")),
        ("t.yaml", &template),
    ]);
    for command in [
        "rewrite",
        "preview",
        "rewrite --grants-only",
        "rewrite --grant never",
    ] {
        let output = run(folder.path(), command);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{command}: {}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains("error[not-allowed]"),
            "{command}: {}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains("help: remove the deny"),
            "{command}: {}",
            stderr(&output)
        );
    }
    let report = run(folder.path(), "preview --format json");
    assert!(
        stdout(&report).contains("\"denied\": true"),
        "{}",
        stdout(&report)
    );
    let by_value =
        "Secrets:\n            - {Name: DB_PASSWORD, ValueFrom: /production/app/db-password}";
    let entry = "Environment:\n            - {Name: DB_PASSWORD, Value: not-a-secret-1}";
    folder.write("t.yaml", template.replace(entry, by_value));
    let output = run(folder.path(), "rewrite --scheme value");
    assert!(
        !stderr(&output).contains("error[not-allowed]"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_report_distinguishes_new_grants_from_existing_ones() {
    let policy = "      Policies:
        - PolicyName: read
          PolicyDocument: {Statement: [{Effect: Allow, Action: 'ssm:*', Resource: !Sub 'arn:aws:ssm:*:*:parameter/${X}/*'}]}
";
    let with = |policy: &str, parameter: &str| {
        let template = child("!GetAtt Role.Arn", parameter)
            .replace("Resources:\n", &format!("Resources:\n{ROLE}{policy}"));
        let folder = folder(&[
            ("deploy.toml", &of_templates("\"t.yaml\"")),
            ("t.yaml", &template),
        ]);
        let preview = stdout(&run(folder.path(), "preview"));
        let explain = stdout(&run(folder.path(), "explain DB_PASSWORD"));
        (preview, explain)
    };
    for (policy, parameter, words) in [
        ("", "X: {Type: String}", "will be granted by this rewrite\n"),
        (
            &*policy.replace("${X}", "production"),
            "X: {Type: String}",
            "already allowed\n",
        ),
        (
            policy,
            "X: {Type: String, Default: production}",
            "already allowed, only with the default of `X`\n",
        ),
    ] {
        let (preview, explain) = with(policy, parameter);
        assert!(
            preview.contains(&format!("ssm:GetParameters for DB_PASSWORD: {words}")),
            "{preview}"
        );
        assert!(
            explain.contains(&format!("ssm:GetParameters  {words}")),
            "{explain}"
        );
    }
}
