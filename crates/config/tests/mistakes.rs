//! Every mistake in a configuration has a code and a place, and none repeats what might be a
//! secret.

use byref_config::{ConfigFile, Scheme, SchemeOverride, parse};
use byref_template::{Severity, Sources};

const HEAD: &str = "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\", \"us-east-1\"]\n";

/// Codes with their places, `line:column code`, in order.
fn mistakes(text: &str) -> Vec<String> {
    let mut sources = Sources::new();
    let source = sources.add("deploy.toml", text);
    let (config, mistakes) = parse(&[ConfigFile { source, text }]);
    let has_errors = mistakes
        .iter()
        .any(|mistake| mistake.severity == Severity::Error);
    assert_eq!(config.is_none(), has_errors);
    let place = |mistake: &byref_template::Diagnostic| sources.position(mistake.primary.location);
    mistakes
        .iter()
        .map(|mistake| {
            format!(
                "{} {}",
                place(mistake).replace("deploy.toml:", ""),
                mistake.code
            )
        })
        .collect()
}

/// A line of an application's secrets, which stands on line 5.
fn line(line: &str) -> Vec<String> {
    mistakes(&format!("{HEAD}[apps.app.secrets]\n{line}\n"))
}

#[test]
fn mistakes_in_secret_lines_are_reported() {
    let cases = [
        ("A = \"db-password\"", ""),
        ("A = true", ""),
        ("A = \"/a/b\"", ""),
        ("A = { name = \"a.b\" }", ""),
        ("A = false", "5:5 wrong-type"),
        ("A = 3", "5:5 wrong-type"),
        ("A = [\"x\"]", "5:5 wrong-type"),
        ("A = \"\"", "5:5 bad-name"),
        ("A = \"a b\"", "5:5 pasted-value"),
        ("A = \"postgres://u:p@h/d\"", "5:5 pasted-value"),
        ("A = \"x`\"", "5:5 stray-character"),
        ("A = \" x\"", "5:5 stray-character"),
        ("A = \"x:3\"", "5:5 version-selector"),
        ("A = \"/x/y:live\"", "5:5 version-selector"),
        ("A = \"/x//y\"", "5:5 bad-name"),
        ("A = \"/x/\"", "5:5 bad-name"),
        ("A = \"/aws/x\"", "5:5 bad-name"),
        ("A = \"/SSM/x\"", "5:5 bad-name"),
        ("A = { name = \"a/b\" }", "5:14 bad-name"),
        ("A = { key = \"x\", name = \"y\" }", "5:25 two-targets"),
        ("A = { kee = \"x\" }", "5:7 unknown-key"),
        ("A = { key = 3 }", "5:13 wrong-type"),
        ("A = { key = \"x\", scope = \"all\" }", "5:26 bad-value"),
        (
            "A = { name = \"/x\", scope = \"shared\" }",
            "5:28 useless-scope",
        ),
        (
            "A = { key = \"x\", containers = \"web\" }",
            "5:31 wrong-type",
        ),
        (
            "A = { key = \"x\", containers = [\"web\", \"web\"] }",
            "5:39 duplicate",
        ),
        (
            "A = { key = \"x\", containers = [\"a b\"] }",
            "5:32 bad-value",
        ),
        (
            "A = { key = \"x\", containers = [\"Web[0]\", \"Web[x]\"] }",
            "5:42 bad-value",
        ),
        (
            "A = { key = \"x\", replace-computed = \"yes\" }",
            "5:37 wrong-type",
        ),
        (
            "A = { key = \"x\", same-value = \"yes\" }",
            "5:31 wrong-type",
        ),
        ("\"A B\" = \"x\"", "5:1 bad-name"),
        ("A = \"x\"\nA = \"y\"", "6:1 duplicate-key"),
        (
            "A = \"arn:aws:ssm:us-west-2:111122223333:parameter/x\"",
            "5:5 other-region",
        ),
        (
            "A = \"arn:aws:ssm:eu-west-1:111122223333:parameter/x\"",
            "5:5 other-region",
        ),
        (
            "A = \"arn:aws:ssm:us-west-2:444455556666:parameter/x\"",
            "5:5 other-account",
        ),
        (
            "A = \"arn:aws-cn:ssm:cn-north-1:111122223333:parameter/x\"",
            "5:5 other-partition",
        ),
        (
            "A = \"arn:aws:ssm:us-west-2:111122223333:parameter//x\"",
            "5:5 bad-arn",
        ),
        (
            "A = \"arn:aws:ssm:us-west-2:111122223333:parameter/x:3\"",
            "5:5 version-selector",
        ),
        ("A = \"arn:aws:s3:::bucket\"", "5:5 bad-arn"),
        (
            "A = \"arn:aws:secretsmanager:us-west-2:111122223333:secret:x-AbCdEf:key\"",
            "5:5 bad-arn",
        ),
        (
            "A = \"arn:aws:secretsmanager:us-west-2:111122223333:secret:x-AbCdEf:key::\"",
            "",
        ),
        ("A = \"x", "5:7 toml"),
    ];
    for (text, expected) in cases {
        assert_eq!(line(text).join(", "), expected, "{text}");
    }
    let deep = format!("A = \"/{}\"", "a/".repeat(15) + "b");
    assert_eq!(line(&deep), ["5:5 bad-name"]);
    let long = format!("A = \"{}\"", "a-".repeat(480) + "b");
    assert!(
        line(&long).contains(&"5:5 bad-name".to_owned()),
        "{:?}",
        line(&long)
    );
}

#[test]
fn mistakes_in_tables_are_reported() {
    let cases = [
        ("[environments.a]\n", "1:15 missing-key, 1:15 missing-key"),
        (
            "[environments.a]\naccount = 1\nregions = []\n",
            "2:11 wrong-type, 3:11 bad-value",
        ),
        (
            "[environments.a]\naccount = \"1\"\nregions = [\"x\"]\n",
            "2:11 bad-value, 3:12 bad-value",
        ),
        (
            "[environments.a]\naccount = \"111122223333\"\nregions = [\"us-west-2\", \"cn-north-1\"]\n",
            "3:25 partition-mismatch",
        ),
        (
            "[environments.a]\naccount = \"111122223333\"\nregions = [\"us-west-2\", \"us-west-2\"]\n",
            "3:25 duplicate",
        ),
        (
            "[environments.a]\naccount = \"111122223333\"\nregions = [\"us-west-2\"]\npartition = \"amazon\"\n",
            "4:13 bad-value",
        ),
        (
            "[environments.a]\naccount = \"111122223333\"\nregions = [\"us-west-2\"]\nkms-key = \"key\"\n",
            "4:11 bad-value",
        ),
        (
            "[environments.a]\naccount = \"111122223333\"\nregions = [\"us-west-2\", \"us-east-1\"]\nkms-key = \"arn:aws:kms:us-west-2:111122223333:key/1\"\n",
            "4:11 one-key-for-several-regions",
        ),
        (
            "[environments.a]\naccount = \"111122223333\"\nregions = [\"us-west-2\"]\nkms-key = \"arn:aws:kms:us-west-2:444455556666:key/1\"\n",
            "4:11 other-account",
        ),
        (
            "[environments.a]\naccount = \"111122223333\"\nregions = [\"us-west-2\"]\nrole-arn = \"admin\"\n",
            "4:12 bad-value",
        ),
        (
            "[environments.\"a b\"]\naccount = \"111122223333\"\nregions = [\"us-west-2\"]\n",
            "1:15 bad-name",
        ),
        ("[names]\napp = \"/x\"\n", "2:7 bad-pattern"),
        ("[names]\napp = \"/{key}/{region}\"\n", "2:7 bad-pattern"),
        (
            "[names]\napp = \"{environment}/{key}\"\n",
            "2:7 bad-pattern",
        ),
        ("[names]\napps = \"/{key}\"\n", "2:1 unknown-key"),
        ("[flag]\ndefault = \"references\"\n", "2:11 bad-value"),
        ("[flag]\nreference = [\"a[\"]\n", "2:14 bad-glob"),
        (
            "[flag.environments.x]\ndefault = \"value\"\n",
            "1:20 unknown-environment",
        ),
        (
            "[rewrite]\nreference = \"name\"\ngrant = true\ngrants = 1\n",
            "2:13 bad-value, 3:9 wrong-type, 4:1 unknown-key",
        ),
        (
            "[rewrite]\nenvironment-parameter = \"the environment\"\n",
            "2:25 bad-value",
        ),
        ("[apps.a]\nstack = \"a b\"\n", "2:9 bad-value"),
        (
            "[apps.a]\nstack = [\"a\", \"a b\", \"a\"]\n",
            "2:15 bad-value, 2:22 duplicate",
        ),
        ("[apps.a]\nstack = 3\n", "2:9 wrong-type"),
        ("[apps.a]\ntemplates = [\"a\", \"a\"]\n", "2:19 duplicate"),
        (
            "[apps.a]\ntask-definitions = [\"Web-Task\"]\n",
            "2:21 bad-value",
        ),
        ("[apps.a]\nexecution-role = \"extern\"\n", "2:18 bad-value"),
        (
            "[apps.a.environments.x.secrets]\nA = true\n",
            "1:22 unknown-environment",
        ),
        ("[apps]\na = 3\n", "2:5 wrong-type"),
        ("[app.a]\n", "1:2 unknown-key"),
    ];
    for (text, expected) in cases {
        assert_eq!(mistakes(text).join(", "), expected, "{text}");
    }
}

#[test]
fn scheme_follows_the_most_specific_rule() {
    let text = format!(
        "{HEAD}[environments.dev]\naccount = \"444455556666\"\nregions = [\"us-west-2\"]\n[flag]\ndefault = \"value\"\nreference = [\"quiz-*\"]\nvalue = [\"quiz-old\"]\n[flag.environments.dev]\ndefault = \"reference\"\n[apps.quiz-web]\n[apps.quiz-old]\n[apps.billing]\n[apps.own]\nscheme = \"reference\"\n"
    );
    let mut sources = Sources::new();
    let source = sources.add("deploy.toml", text.as_str());
    let config = parse(&[ConfigFile {
        source,
        text: &text,
    }])
    .0
    .unwrap();
    let scheme = |app: &str, environment: &str, overrides: SchemeOverride| {
        let decision = config.scheme(&config.apps[app], Some(environment), &overrides);
        (decision.scheme, decision.rule.describe())
    };
    let none = SchemeOverride::default();
    assert_eq!(
        scheme("quiz-web", "production", none),
        (Scheme::Reference, "the flag's list")
    );
    assert_eq!(
        scheme("quiz-old", "production", none),
        (Scheme::Value, "the flag's list")
    );
    assert_eq!(
        scheme("billing", "production", none),
        (Scheme::Value, "the flag's default")
    );
    assert_eq!(
        scheme("billing", "dev", none),
        (Scheme::Reference, "the environment's flag")
    );
    assert_eq!(
        scheme("own", "production", none),
        (Scheme::Reference, "the application's scheme")
    );
    let variable = SchemeOverride::new(None, Some("reference")).unwrap();
    assert_eq!(
        scheme("quiz-old", "production", variable),
        (Scheme::Reference, "BYREF_SCHEME")
    );
    let option = SchemeOverride::new(Some(Scheme::Value), Some("reference")).unwrap();
    assert_eq!(scheme("own", "dev", option), (Scheme::Value, "--scheme"));
    assert!(SchemeOverride::new(None, Some("value")).is_err());
}

#[test]
fn messages_never_contain_pasted_values() {
    const CANARY: &str = "EXAMPLE-canary-Q7rk2Lmx9";
    let valid = include_str!("../../../deploy.toml.example");
    let starts: Vec<usize> = valid
        .match_indices('"')
        .map(|(index, _)| index)
        .step_by(2)
        .collect();
    for start in starts {
        let end = start + 1 + valid[start + 1..].find('"').unwrap();
        for pasted in [
            CANARY.to_owned(),
            format!("{CANARY} "),
            format!("{CANARY}!"),
            format!("/{CANARY}/{CANARY}:1"),
        ] {
            let text = format!("{}{pasted}{}", &valid[..=start], &valid[end..]);
            let mut sources = Sources::new();
            let source = sources.add("deploy.toml", text.as_str());
            for mistake in parse(&[ConfigFile {
                source,
                text: &text,
            }])
            .1
            {
                assert!(!format!("{mistake:?}").contains(CANARY), "{mistake:?}");
            }
        }
    }
}
