//! `byref iam`: policies, and stacks that deploy as they are.

use byref_support::{folder, run, stderr, stdout};

const CONFIG: &str = "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\", \"us-east-1\"]\nkms-key = \"alias/production\"\n[apps.app.secrets]\nDB_PASSWORD = \"db-password\"\nTOKEN = { key = \"token\", scope = \"shared\" }\nDB_URL = \"arn:aws:secretsmanager:us-west-2:111122223333:secret:db:url::\"\nLEGACY = \"arn:aws:ssm:us-west-2:111122223333:parameter/legacy\"\n";

#[test]
fn the_policy_of_an_application_holds_exactly_its_lines() {
    let folder = folder(&[("deploy.toml", CONFIG)]);
    let text = stdout(&run(folder.path(), "iam"));
    let policy: serde_json::Value = serde_json::from_str(&text).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    assert_eq!(policy["Version"], "2012-10-17");
    assert_eq!(statements.len(), 3);
    let arn =
        |region: &str, name: &str| format!("arn:aws:ssm:{region}:111122223333:parameter/{name}");
    let expected = [
        arn("us-west-2", "production/app/db-password"),
        arn("us-west-2", "shared/token"),
        arn("us-east-1", "production/app/db-password"),
        arn("us-east-1", "shared/token"),
        arn("us-west-2", "legacy"),
    ];
    assert_eq!(statements[0]["Action"], "ssm:GetParameters");
    assert_eq!(statements[0]["Resource"], serde_json::json!(expected));
    assert_eq!(statements[1]["Action"], "secretsmanager:GetSecretValue");
    let secret = "arn:aws:secretsmanager:us-west-2:111122223333:secret:db-??????";
    assert_eq!(statements[1]["Resource"], serde_json::json!([secret]));
    assert_eq!(statements[2]["Action"], "kms:Decrypt");
    assert_eq!(
        statements[2]["Condition"]["ForAnyValue:StringEquals"]["kms:ResourceAliases"],
        "alias/production"
    );
    // YAML says the same.
    let yaml: serde_json::Value =
        serde_yaml::from_str(&stdout(&run(folder.path(), "iam --format yaml"))).unwrap();
    assert_eq!(yaml, policy);
    let one = stdout(&run(folder.path(), "iam --region us-east-1"));
    assert!(one.contains(&expected[2]) && !one.contains(&expected[0]));
}

#[test]
fn scopes_print_one_policy_for_the_four_scopes() {
    let folder = folder(&[("deploy.toml", CONFIG)]);
    let text = stdout(&run(folder.path(), "iam --scopes --region us-west-2"));
    for prefix in [
        "production/app/*",
        "production/shared/*",
        "shared/app/*",
        "shared/*",
    ] {
        assert!(text.contains(&format!(":parameter/{prefix}\"")), "{text}");
    }
}

#[test]
fn iam_reports_what_it_cannot_print() {
    let folder = folder(&[("deploy.toml", CONFIG)]);
    for (arguments, said) in [
        ("iam --region eu-west-1", "is not a Region of"),
        ("iam --app other", "no application `other`"),
        ("iam -e staging", "staging"),
        ("iam --key shared --scopes", "cannot be used with"),
    ] {
        let output = run(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments}");
        assert!(
            output.stdout.is_empty() && stderr(&output).contains(said),
            "{arguments}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn a_key_policy_separates_administrators_writers_and_readers() {
    let folder = folder(&[("deploy.toml", CONFIG)]);
    let text = stdout(&run(folder.path(), "iam --key environment"));
    let parts: Vec<&str> = text.split("- Sid: ").collect();
    let statement = |sid: &str| parts.iter().find(|part| part.starts_with(sid)).unwrap();
    let (administrators, writers, readers) = (
        statement("Administrators"),
        statement("Writers"),
        statement("Readers"),
    );
    for part in [administrators, writers] {
        assert!(
            !part.contains("kms:Decrypt")
                && !part.contains("kms:*")
                && !part.contains("kms:CreateGrant")
        );
    }
    assert!(!administrators.contains("kms:Encrypt") && !administrators.contains("kms:Create*"));
    assert!(writers.contains("kms:Encrypt") && writers.contains("kms:ViaService"));
    assert!(readers.contains("kms:Decrypt") && !readers.contains("kms:Encrypt\n"));
    assert!(readers.contains("parameter/production/shared/*"));
    assert!(
        text.contains("AliasName: alias/production\n")
            && text.contains("Name: byref:production:shared:key-arn")
    );
    assert!(text.contains("EnableKeyRotation: 'true'"));
    // The key policy lets policies of the account speak: without them it allows nobody anything.
    assert!(
        text.contains("their own policies must allow kms:Decrypt"),
        "{text}"
    );
}
