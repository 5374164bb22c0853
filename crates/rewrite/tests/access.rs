//! Verdicts on single cases: how a role is found, what its policies say, and what is never guessed.
#![expect(clippy::unwrap_used, reason = "a test fails where it can't go on")]

use byref_config::{ConfigFile, Grant, parse};
use byref_rewrite::{Answers, Document, Request, Survey};
use byref_template::{Sources, Template};

const READ: &str = "{Effect: Allow, Action: 'ssm:GetParameters', Resource: '*'}";

/// The verdicts on a template, each once, as `role action: verdict`.
fn verdicts(environment: &str, line: &str, role: &str, resources: &str) -> Vec<String> {
    let config = format!(
        "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\", \"us-east-1\"]\n{environment}\n[apps.app.secrets]\nTOKEN = {line}\n"
    );
    let text = format!(
        "Parameters:\n  Given: {{Type: String}}\n  Usual: {{Type: String, Default: production}}\n  List: {{Type: CommaDelimitedList, Default: 'ssm:GetParameters, kms:Decrypt'}}\nConditions:\n  C: !Equals [!Ref Given, x]\nResources:\n{resources}\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ExecutionRoleArn: {role}\n      ContainerDefinitions:\n        - Name: app\n"
    );
    let mut sources = Sources::new();
    let source = sources.add("deploy.toml", config.as_str());
    let parsed = parse(&[ConfigFile {
        source,
        text: &config,
    }])
    .0
    .unwrap();
    let source = sources.add("template", text.as_str());
    let documents = [Document {
        source,
        path: "template".to_owned(),
        template: Template::parse(&*text).unwrap(),
        role: byref_rewrite::DocumentRole::Written,
    }];
    let environment = &parsed.environments["production"];
    let request = Request {
        grant: Grant::Never,
        ..Request::new(&parsed, &parsed.apps["app"], environment)
    };
    let plan = Survey::new(request, &documents).plan(&Answers::none());
    let said = |access: &byref_rewrite::Access| {
        let denied = if access.is_denied_for_certain() {
            " (for certain)"
        } else {
            ""
        };
        let defaults = access.by_default.join(", ");
        let defaults = if defaults.is_empty() {
            defaults
        } else {
            format!(" (by {defaults})")
        };
        format!("{}: {}{denied}{defaults}", access.action, access.verdict)
    };
    let mut found: Vec<String> = plan.access.iter().map(said).collect();
    found.dedup();
    found
}

/// The verdict on one parameter, for a role with these properties and further resources.
fn of_role(role: &str, properties: &str, more: &str) -> String {
    let resources =
        format!("  R:\n    Type: AWS::IAM::Role\n    Properties: {{{properties}}}\n{more}");
    let found = verdicts("", "\"token\"", role, &resources);
    assert_eq!(found.len(), 1, "{found:?}");
    found[0]
        .trim_start_matches("ssm:GetParameters: ")
        .to_owned()
}

/// The verdict on an inline statement.
fn of_statement(statement: &str) -> String {
    of_role(
        "!GetAtt R.Arn",
        &format!("Policies: [{{PolicyName: p, PolicyDocument: {{Statement: [{statement}]}}}}]"),
        "",
    )
}

const NO: &str = "not allowed: no policy of the role allows `ssm:GetParameters` on it";

#[test]
fn a_role_is_found_in_every_form() {
    let inline = format!(
        "RoleName: name, Policies: [{{PolicyName: p, PolicyDocument: {{Statement: {READ}}}}}]"
    );
    for role in [
        "!GetAtt R.Arn",
        "!GetAtt [R, Arn]",
        "{Fn::GetAtt: [R, Arn]}",
        "{Fn::GetAtt: R.Arn}",
        "!Ref R",
        "!Sub '${R.Arn}'",
        "!Sub ['${Role}', {Role: !GetAtt R.Arn}]",
        "!Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${R}'",
        "!Join ['', ['arn:aws:iam::', !Ref AWS::AccountId, ':role/', !Ref R]]",
        "arn:aws:iam::111122223333:role/name",
        "!If [C, !GetAtt R.Arn, !Sub '${R.Arn}']",
    ] {
        assert_eq!(of_role(role, &inline, ""), "allowed", "{role}");
    }
    // A name that both are made of in the same way, whatever is passed.
    let computed = |name: &str| inline.replacen("name", name, 1);
    for (name, role) in [
        (
            "!Sub '${AWS::StackName}-x'",
            "!Sub 'arn:aws:iam::${AWS::AccountId}:role/${AWS::StackName}-x'",
        ),
        (
            "!Sub '${AWS::StackName}-x'",
            "!Join ['', ['arn:aws:iam::111122223333:role/path/', !Ref AWS::StackName, '-x']]",
        ),
        (
            "!Ref Given",
            "!Sub 'arn:aws:iam::111122223333:role/${Given}'",
        ),
        (
            "!Ref Usual",
            "!Sub 'arn:aws:iam::111122223333:role/${Usual}'",
        ),
    ] {
        assert_eq!(of_role(role, &computed(name), ""), "allowed", "{role}");
        let more = format!(
            "  P:\n    Type: AWS::IAM::Policy\n    Properties: {{Roles: [{name}], PolicyDocument: {{Statement: {READ}}}}}"
        );
        assert_eq!(
            of_role(role, &format!("RoleName: {name}"), &more),
            "allowed",
            "{role}"
        );
    }
    assert_eq!(
        of_role(
            "arn:aws:iam::111122223333:role/production",
            &computed("!Ref Usual"),
            ""
        ),
        "allowed (by Usual)"
    );
    for (role, why) in [
        ("!Ref Given", "unknown: the role is `Given`"),
        (
            "!ImportValue role",
            "unknown: the role is `Fn::ImportValue`",
        ),
        (
            "arn:aws:iam::111122223333:role/other",
            "unknown: the role is not in the template",
        ),
        ("!Ref Usual", "unknown: the role is not in the template"),
    ] {
        assert_eq!(of_role(role, &inline, ""), why, "{role}");
    }
}

#[test]
fn statements_are_understood_or_unknown() {
    let arn = |path: &str| {
        format!(
            "{{Effect: Allow, Action: 'ssm:GetParameters', Resource: !Sub 'arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:parameter/{path}'}}"
        )
    };
    assert_eq!(of_statement(READ), "allowed");
    assert_eq!(of_statement(&arn("production/app/token")), "allowed");
    assert_eq!(of_statement(&arn("${Usual}/*")), "allowed (by Usual)");
    assert_eq!(of_statement(&arn("${Given}/*")), "unknown: `Given`");
    assert_eq!(of_statement(&arn("${Given}/other")), NO);
    assert_eq!(
        of_statement(&arn("${!aws:PrincipalTag/path}/*")),
        "unknown: a policy variable"
    );
    assert_eq!(of_statement(&arn("/production/app/token")), NO);
    let one_region =
        "{Effect: Allow, Action: 'ssm:*', Resource: 'arn:aws:ssm:us-west-2:*:parameter/*'}";
    assert_eq!(
        of_statement(one_region),
        NO.replace("not allowed: ", "not allowed: in `us-east-1`, ")
    );
    assert_eq!(
        of_statement("{Effect: Allow, Action: !Ref List, Resource: '*'}"),
        "allowed (by List)"
    );
    assert_eq!(
        of_statement("{Effect: Allow, Action: !Split [',', !Ref Given], Resource: '*'}"),
        "unknown: `Fn::Split`"
    );
    assert_eq!(
        of_statement("{Effect: !Ref Given, Action: '*', Resource: '*'}"),
        "unknown: `Given`"
    );
    assert_eq!(of_statement("{Effect: Allow, Action: '*'}"), NO);
    assert_eq!(
        of_statement(&format!(
            "{READ}, {{Effect: Deny, NotAction: 's3:*', Resource: '*'}}"
        )),
        "not allowed: a policy denies it (for certain)"
    );
    assert_eq!(
        of_statement(&format!(
            "{READ}, {{Effect: Deny, Action: '*', Resource: !Ref Given}}"
        )),
        "unknown: `Given`"
    );
    assert_eq!(
        of_statement(&format!("!If [C, {READ}, !Ref AWS::NoValue]")),
        "unknown: it depends on `C`"
    );
    assert_eq!(
        of_statement(&format!("!If [C, {READ}, {}]", arn("production/*"))),
        "allowed"
    );
    assert_eq!(
        of_statement("!Transform {Name: AWS::Include, Parameters: {}}"),
        "unknown: a statement that can't be seen through"
    );
    let condition = |condition: &str| READ.replace('}', &format!(", Condition: {condition}}}"));
    assert_eq!(
        of_statement(&condition("{StringLike: {'aws:RequestedRegion': 'us-*'}}")),
        "allowed"
    );
    assert_eq!(
        of_statement(&condition(
            "{StringEquals: {'AWS:RequestedRegion': [eu-west-1]}}"
        )),
        NO
    );
    assert_eq!(
        of_statement(&condition("{StringEquals: {'aws:SourceVpc': vpc-1}}")),
        "unknown: the condition on `aws:SourceVpc`"
    );
    assert_eq!(
        of_statement(&condition("{DateLessThan: {'aws:CurrentTime': x}}")),
        "unknown: the condition on `aws:CurrentTime`"
    );
}

#[test]
fn policies_are_found_where_they_attach() {
    let managed = |arn: &str| of_role("!GetAtt R.Arn", &format!("ManagedPolicyArns: [{arn}]"), "");
    assert_eq!(
        managed("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"),
        NO
    );
    assert_eq!(
        managed("!Sub 'arn:${AWS::Partition}:iam::aws:policy/AmazonSSMReadOnlyAccess'"),
        "allowed"
    );
    assert_eq!(
        managed("arn:aws:iam::aws:policy/SomethingNew"),
        "unknown: the policy `SomethingNew`"
    );
    assert_eq!(
        managed("arn:aws:iam::111122223333:policy/own"),
        "unknown: a managed policy that is not in the template"
    );
    assert_eq!(
        managed("!Ref Given"),
        "unknown: a managed policy that is `Given`"
    );
    let attached = |kind: &str, attachment: &str| {
        let more = format!(
            "  P:\n    Type: {kind}\n    Properties: {{{attachment}, PolicyDocument: {{Statement: {READ}}}}}"
        );
        of_role("!GetAtt R.Arn", "Path: /", &more)
    };
    for (kind, attachment, verdict) in [
        ("AWS::IAM::Policy", "Roles: [!Ref R]", "allowed"),
        ("AWS::IAM::ManagedPolicy", "Roles: [!Ref R]", "allowed"),
        ("AWS::IAM::RolePolicy", "RoleName: !Ref R", "allowed"),
        ("AWS::IAM::Policy", "Roles: [name]", NO),
        ("AWS::IAM::Policy", "Users: [!Ref R]", NO),
        (
            "AWS::IAM::Policy",
            "Roles: [!Ref Given]",
            "unknown: whether a policy is attached depends on `Given`",
        ),
    ] {
        assert_eq!(attached(kind, attachment), verdict, "{kind} {attachment}");
    }
    let more = format!(
        "  P:\n    Type: AWS::IAM::Policy\n    Properties: {{Roles: [!Ref Given], PolicyDocument: {{Statement: [!If [C, !Ref AWS::NoValue, {READ}]]}}}}"
    );
    assert!(of_role("!GetAtt R.Arn", "Path: /", &more).starts_with("unknown: "));
    let bounded = format!(
        "PermissionsBoundary: !Ref Given, Policies: [{{PolicyName: p, PolicyDocument: {{Statement: {READ}}}}}]"
    );
    assert_eq!(
        of_role("!GetAtt R.Arn", &bounded, ""),
        "unknown: a permissions boundary"
    );
    assert_eq!(
        of_role("!GetAtt R.Arn", "Policies: !Ref Given", ""),
        "unknown: a policy that can't be seen through"
    );
}

#[test]
fn keys_and_secrets_of_secrets_manager() {
    let role = |statements: &str| {
        format!(
            "  R:\n    Type: AWS::IAM::Role\n    Properties: {{Policies: [{{PolicyName: p, PolicyDocument: {{Statement: [{statements}]}}}}]}}"
        )
    };
    let alias = |decrypt: &str| {
        verdicts(
            "kms-key = \"alias/production\"",
            "\"token\"",
            "!GetAtt R.Arn",
            &role(&format!("{READ}, {decrypt}")),
        )[1]
        .clone()
    };
    assert_eq!(
        alias("{Effect: Allow, Action: 'kms:Decrypt', Resource: '*'}"),
        "kms:Decrypt: allowed"
    );
    assert_eq!(
        alias(
            "{Effect: Allow, Action: 'kms:Decrypt', Resource: !Sub 'arn:aws:kms:*:${AWS::AccountId}:key/*', Condition: {'ForAnyValue:StringEquals': {'kms:ResourceAliases': alias/production}}}"
        ),
        "kms:Decrypt: allowed"
    );
    assert_eq!(
        alias(
            "{Effect: Allow, Action: 'kms:Decrypt', Resource: '*', Condition: {'ForAnyValue:StringEquals': {'kms:ResourceAliases': alias/other}}}"
        ),
        "kms:Decrypt: not allowed: no policy of the role allows `kms:Decrypt` on it"
    );
    assert_eq!(
        alias(
            "{Effect: Allow, Action: 'kms:Decrypt', Resource: '*', Condition: {StringEquals: {'kms:ViaService': !Sub 'ssm.${AWS::Region}.amazonaws.com'}}}"
        ),
        "kms:Decrypt: allowed"
    );
    assert_eq!(
        alias("{Effect: Allow, Action: 'kms:Decrypt', Resource: !GetAtt Key.Arn}"),
        "kms:Decrypt: unknown: `Fn::GetAtt`"
    );
    assert_eq!(
        alias(
            "{Effect: Allow, Action: 'kms:Decrypt', Resource: ['arn:aws:kms:us-west-2:111122223333:key/1234', 'arn:aws:kms:us-east-1:111122223333:key/1234']}"
        ),
        "kms:Decrypt: unknown: an id that only AWS knows"
    );
    assert_eq!(
        alias(
            "{Effect: Allow, Action: 'kms:Decrypt', Resource: !Sub 'arn:aws:kms:${AWS::Region}:999999999999:key/1234'}"
        ),
        "kms:Decrypt: not allowed: no policy of the role allows `kms:Decrypt` on it"
    );
    let secret = |name: &str, resource: &str| {
        let line = format!("\"arn:aws:secretsmanager:us-west-2:111122223333:secret:{name}\"");
        verdicts(
            "",
            &line,
            "!GetAtt R.Arn",
            &role(&format!(
                "{{Effect: Allow, Action: 'secretsmanager:GetSecretValue', Resource: '{resource}'}}"
            )),
        )[0]
        .clone()
    };
    let arn = "arn:aws:secretsmanager:us-west-2:111122223333:secret:";
    assert_eq!(
        secret("db-AbCdEf:url::", &format!("{arn}db-AbCdEf")),
        "secretsmanager:GetSecretValue: allowed"
    );
    assert_eq!(
        secret("db", &format!("{arn}db-??????")),
        "secretsmanager:GetSecretValue: allowed"
    );
    assert_eq!(
        secret("db", &format!("{arn}db")),
        "secretsmanager:GetSecretValue: not allowed: no policy of the role allows `secretsmanager:GetSecretValue` on it"
    );
    assert_eq!(
        secret("db", &format!("{arn}db-AbCdEf")),
        "secretsmanager:GetSecretValue: unknown: an id that only AWS knows"
    );
}

#[test]
fn boundaries_are_evaluated() {
    let policy = |more: &str, statements: &str| {
        format!(
            "  B:\n    Type: AWS::IAM::ManagedPolicy\n    Properties: {{{more}PolicyDocument: {{Statement: [{statements}]}}}}\n"
        )
    };
    let inline = format!("Policies: [{{PolicyName: p, PolicyDocument: {{Statement: [{READ}]}}}}]");
    let bounded = |boundary: &str, more: &str| {
        of_role(
            "!GetAtt R.Arn",
            &format!("PermissionsBoundary: {boundary}, {inline}"),
            more,
        )
    };
    let other = "{Effect: Allow, Action: ['s3:*', 'logs:*'], Resource: '*'}";
    let no = "not allowed: the permissions boundary does not allow `ssm:GetParameters` on it (for certain)";
    for boundary in [
        "!Ref B",
        "!GetAtt B.PolicyArn",
        "!Sub '${B}'",
        "!Sub ['${X}', {X: !Ref B}]",
        "!If [C, !Ref B, !Ref B]",
    ] {
        assert_eq!(
            bounded(boundary, &policy("", READ)),
            "allowed",
            "{boundary}"
        );
        assert_eq!(bounded(boundary, &policy("", other)), no, "{boundary}");
    }
    for boundary in [
        "arn:aws:iam::111122223333:policy/b",
        "!Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/x/b'",
    ] {
        assert_eq!(
            bounded(boundary, &policy("ManagedPolicyName: b, ", READ)),
            "allowed",
            "{boundary}"
        );
        assert_eq!(
            bounded(boundary, &policy("ManagedPolicyName: b, ", other)),
            no,
            "{boundary}"
        );
        assert_eq!(
            bounded(boundary, ""),
            "unknown: a permissions boundary",
            "{boundary}"
        );
    }
    let denied = format!(
        "{{Effect: Allow, Action: '*', Resource: '*'}}, {}",
        READ.replace("Allow", "Deny")
    );
    assert_eq!(
        bounded("!Ref B", &policy("", &denied)),
        "not allowed: the permissions boundary denies it (for certain)"
    );
    assert_eq!(
        bounded("arn:aws:iam::aws:policy/AmazonS3FullAccess", ""),
        no
    );
    assert_eq!(
        bounded("arn:aws:iam::aws:policy/ReadOnlyAccess", ""),
        "allowed"
    );
    assert_eq!(
        bounded("arn:aws:iam::aws:policy/SomethingNew", ""),
        "unknown: the boundary: the policy `SomethingNew`"
    );
    assert_eq!(
        bounded("!If [C, !Ref B, !Ref AWS::NoValue]", &policy("", other)),
        "unknown: it depends on `C`"
    );
    let with_default = READ.replace("'*'}", "!Sub 'arn:aws:ssm:*:*:parameter/${Usual}/*'}");
    assert_eq!(
        bounded("!Ref B", &policy("", &with_default)),
        "allowed (by Usual)"
    );
    // No policy allows it either: the boundary comes first, as it can't be mended beside it.
    assert_eq!(
        of_role(
            "!GetAtt R.Arn",
            "PermissionsBoundary: !Ref B",
            &policy("", other)
        ),
        no
    );
    assert_eq!(
        of_role(
            "!GetAtt R.Arn",
            "PermissionsBoundary: !Ref B",
            &policy("", READ)
        ),
        NO
    );
}

#[test]
fn defaults_are_no_certainty() {
    let denied = |pattern: &str| {
        format!(
            "{READ}, {{Effect: Deny, Action: '*', Resource: !Sub 'arn:aws:ssm:*:*:parameter/{pattern}'}}"
        )
    };
    assert_eq!(
        of_statement(&denied("*")),
        "not allowed: a policy denies it (for certain)"
    );
    assert_eq!(
        of_statement(&denied("${Usual}/*")),
        "not allowed: a policy denies it (by Usual)"
    );
    assert_eq!(of_statement(&denied("${Given}/*")), "unknown: `Given`");
    // Whichever value it has, something denies it.
    let both = format!(
        "{}, {{Effect: Deny, Action: 'ssm:*', Resource: '*'}}",
        denied("${Usual}/*")
    );
    assert_eq!(
        of_statement(&both),
        "not allowed: a policy denies it (for certain)"
    );
    let condition = READ.replace(
        '}',
        ", Condition: {StringEquals: {'aws:RequestedRegion': [!Ref Usual, us-west-2, us-east-1]}}}",
    );
    assert_eq!(of_statement(&condition), "allowed");
    // Another account's role of the same name is another role.
    let named = format!(
        "RoleName: name, Policies: [{{PolicyName: p, PolicyDocument: {{Statement: [{READ}]}}}}]"
    );
    assert_eq!(
        of_role("arn:aws:iam::999999999999:role/name", &named, ""),
        "unknown: the role is not in the template"
    );
}
