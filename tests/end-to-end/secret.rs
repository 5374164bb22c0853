//! The life of a secret, in a file store.

use byref_support::{Vault, parsed, stderr, stdout};

const REGIONS: [&str; 3] = ["us-west-2", "us-east-1", "eu-west-1"];

#[test]
fn put_writes_all_regions_and_get_reads_each() {
    let vault = Vault::new();
    vault.put("DB_PASSWORD", "production", "EXAMPLE-1\n");
    for region in REGIONS {
        assert_eq!(
            vault.get("DB_PASSWORD", "production", region),
            "EXAMPLE-1",
            "{region}"
        );
    }
    // By key and by full name it is the same secret.
    assert_eq!(
        vault.get("db-password", "production", "us-west-2"),
        "EXAMPLE-1"
    );
    assert_eq!(
        vault.get("/production/web/db-password", "production", "us-west-2"),
        "EXAMPLE-1"
    );
    // What is right already is not touched.
    let again = vault.run_with_input(
        "secret put DB_PASSWORD --app web -e production",
        "EXAMPLE-1\n",
    );
    assert!(
        stderr(&again).contains("right already"),
        "{}",
        stderr(&again)
    );
    let history = parsed(&vault.ends(
        0,
        "secret history DB_PASSWORD --app web -e production --format json",
    ));
    assert_eq!(history.as_array().unwrap().len(), 3);
    assert_eq!(history[0]["versions"].as_array().unwrap().len(), 1);
    let anew = vault.run_with_input(
        "secret put DB_PASSWORD --app web -e production --new-version",
        "EXAMPLE-1",
    );
    assert!(
        stderr(&anew).contains("same value, new version"),
        "{}",
        stderr(&anew)
    );
}

#[test]
fn put_keeps_every_byte_of_a_value() {
    let vault = Vault::new();
    for (options, input, value) in [
        ("", "a\n\n", "a\n"),
        (" --keep-newline", "a\n", "a\n"),
        ("", " a b ", " a b "),
        (
            "",
            "-----BEGIN X-----\nEXAMPLE\n-----END X-----\n",
            "-----BEGIN X-----\nEXAMPLE\n-----END X-----",
        ),
        ("", "ä€😀", "ä€😀"),
    ] {
        let output =
            vault.run_with_input(&format!("secret put /x/v -e development{options}"), input);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(vault.get("/x/v", "development", "us-west-2"), value);
    }
    vault.write("value", "EXAMPLE-file\r\n");
    vault.ends(0, "secret put /x/v -e development --file value");
    assert_eq!(
        vault.get("/x/v", "development", "us-west-2"),
        "EXAMPLE-file"
    );
}

#[test]
fn invalid_values_are_refused_before_anything_is_written() {
    let vault = Vault::new();
    for (arguments, input, code, message) in [
        ("secret put /x/v -e development", "", 2, "empty"),
        ("secret put /x/v -e development", "\n", 2, "empty"),
        ("secret put /x/v -e development", "a\0b", 2, "NUL"),
        ("secret put /x//v -e development", "x", 2, "empty level"),
        ("secret put /aws/v -e development", "x", 2, "reserved"),
        (
            "secret put v:3 --app web -e development",
            "x",
            2,
            "SECRET is not a valid key",
        ),
        (
            "secret put /x/v -e development --key nonsense!",
            "x",
            2,
            "alias/name",
        ),
        (
            "secret put /x/v -e development --tag nonsense",
            "x",
            2,
            "KEY=VALUE",
        ),
        (
            "secret put /x/v -e development --type string --key alias/x",
            "x",
            2,
            "not encrypted",
        ),
        ("secret put /x/v", "x", 2, "which environment?"),
        ("secret put v -e development", "x", 2, "which application?"),
        (
            "secret put /x/v -e development --region us-east-1",
            "x",
            2,
            "not a Region of",
        ),
    ] {
        let output = vault.run_with_input(arguments, input);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments}: {}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains(message),
            "{arguments}: {}",
            stderr(&output)
        );
    }
    let long = "x".repeat(4097);
    let output = vault.run_with_input("secret put /x/v -e development", &long);
    assert!(
        stderr(&output).contains("--tier Advanced"),
        "{}",
        stderr(&output)
    );
    let output = vault.run_with_input("secret put /x/v -e development --tier advanced", &long);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let output = vault.run_with_input("secret put /x/v -e development --tier standard", "x");
    assert!(
        stderr(&output).contains("can't be moved back to Standard"),
        "{}",
        stderr(&output)
    );
    let output = vault.run_with_input("secret put /x/v -e development --type string", "x");
    assert!(
        stderr(&output).contains("type of a parameter can't be changed"),
        "{}",
        stderr(&output)
    );
    let output = vault.run_with_input("secret put /x/w -e development", &"x".repeat(9000));
    assert!(stderr(&output).contains("8192"), "{}", stderr(&output));
}

/// A misspelt name is no new parameter: only what a line declares, or a full name, is stored
/// without being told.
#[test]
fn an_undeclared_secret_is_refused_with_a_suggestion() {
    let vault = Vault::new();
    let app = "--app web -e production";
    for (typed, meant) in [
        ("DB_PASSWROD", Some("DB_PASSWORD")),
        ("db_password", Some("DB_PASSWORD")),
        ("db-pasword", Some("DB_PASSWORD")),
        ("Db-Password", Some("DB_PASSWORD")),
        ("API-KEYS", Some("API_KEY")),
        ("SOMETHING_ELSE_ENTIRELY", None),
        // The key of a line, in another scope than the line's.
        ("api-key", Some("API_KEY")),
        ("TOKEN", None),
    ] {
        for command in [
            format!("secret put {typed} {app}"),
            format!("secret generate {typed} {app}"),
        ] {
            let output = vault.run_with_input(&command, "EXAMPLE-1");
            assert_eq!(
                output.status.code(),
                Some(2),
                "{command}: {}",
                stderr(&output)
            );
            let said = stderr(&output);
            assert!(
                said.contains("--declare") && said.contains("--undeclared"),
                "{said}"
            );
            assert_eq!(
                said.contains("did you mean"),
                meant.is_some(),
                "{typed}: {said}"
            );
            assert!(
                meant.is_none_or(|meant| said.contains(&format!("did you mean `{meant}`?"))),
                "{typed}: {said}"
            );
            assert!(!said.contains("EXAMPLE-1"));
        }
    }
    assert!(!vault.store().exists());
    // Declared: by name, by key, by the key in its scope, by another application's line.
    for typed in [
        "DB_PASSWORD",
        "db-password",
        "API_KEY",
        "api-key --scope shared",
        "/production/web/undeclared",
    ] {
        let output = vault.run_with_input(&format!("secret put {typed} {app}"), "EXAMPLE-1");
        assert_eq!(
            output.status.code(),
            Some(0),
            "{typed}: {}",
            stderr(&output)
        );
    }
    let output = vault.run_with_input(
        &format!("secret put DB_PASSWROD {app} --undeclared"),
        "EXAMPLE-2",
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        vault.get("/production/web/DB_PASSWROD", "production", "eu-west-1"),
        "EXAMPLE-2"
    );
    assert_eq!(vault.read("deploy.toml"), byref_support::CONFIG);
}

#[test]
fn put_declare_adds_a_secret_line() {
    let vault = Vault::new();
    let file = vault.join("deploy.toml");
    let config = byref_support::CONFIG.replace(
        "DB_PASSWORD = \"db-password\"\n",
        "# the database\nDB_PASSWORD = \"db-password\" # mine\n\n# keys\n",
    );
    std::fs::write(&file, &config).unwrap();
    let read = || std::fs::read_to_string(&file).unwrap();
    let put = |arguments: &str| {
        let output = vault.run_with_input(
            &format!("secret {arguments} --app web -e production"),
            "EXAMPLE-1",
        );
        (output.status.code(), stderr(&output))
    };
    // What goes wrong adds no line, and neither does a dry run.
    for (arguments, code) in [
        ("put NEW_ONE --declare --dry-run", 0),
        ("put NEW_ONE --declare --file missing", 2),
        ("put NEW_ONE --declare --undeclared", 2),
        ("put NEW_ONE --declare --existing", 1),
        ("put NEW_ONE --declare --type string --key alias/x", 2),
    ] {
        let (ended, said) = put(arguments);
        assert_eq!(ended, Some(code), "{arguments}: {said}");
        assert_eq!(read(), config, "{arguments}");
    }
    let (ended, said) = put("put NEW_ONE --declare");
    assert!(
        ended == Some(0) && said.contains("+ NEW_ONE = \"new-one\""),
        "{said}"
    );
    let with_line = config.replace(
        "scope = \"shared\" }\n\n[apps.worker",
        "scope = \"shared\" }\nNEW_ONE = \"new-one\"\n\n[apps.worker",
    );
    assert_eq!(read(), with_line);
    assert_eq!(
        vault.get("/production/web/new-one", "production", "us-east-1"),
        "EXAMPLE-1"
    );
    // Once more it changes nothing; by its key it is declared too.
    for arguments in [
        "put NEW_ONE --declare",
        "put new-one --declare",
        "put NEW_ONE",
    ] {
        assert_eq!(put(arguments).0, Some(0), "{arguments}");
        assert_eq!(read(), with_line);
    }
    let (ended, said) = put("generate other.key --scope shared --declare");
    assert_eq!(ended, Some(0), "{said}");
    let line = "OTHER_KEY = { key = \"other.key\", scope = \"shared\" }\n";
    assert_eq!(
        read(),
        with_line.replace(
            "NEW_ONE = \"new-one\"\n",
            &format!("NEW_ONE = \"new-one\"\n{line}")
        )
    );
    assert_eq!(
        vault
            .get("/shared/other.key", "production", "us-east-1")
            .len(),
        40
    );
    // The name is taken by another key.
    let (ended, said) = put("put db_password --declare");
    assert!(
        ended == Some(2) && said.contains("declared already"),
        "{said}"
    );
}

#[test]
fn put_can_require_a_new_or_an_existing_secret() {
    let vault = Vault::new();
    let put = |options: &str, value: &str| {
        let output = vault.run_with_input(
            &format!("secret put DB_PASSWORD --app web -e production {options}"),
            value,
        );
        (output.status.code(), stderr(&output))
    };
    let (ended, said) = put("--existing", "EXAMPLE-1");
    assert!(ended == Some(1) && said.contains("no parameter"), "{said}");
    assert_eq!(put("--create-only", "EXAMPLE-1").0, Some(0));
    for value in ["EXAMPLE-1", "EXAMPLE-2"] {
        let (ended, said) = put("--create-only", value);
        assert!(
            ended == Some(2) && said.contains("exists already in us-west-2"),
            "{said}"
        );
    }
    assert_eq!(put("--existing", "EXAMPLE-2").0, Some(0));
    assert_eq!(
        vault.get("DB_PASSWORD", "production", "eu-west-1"),
        "EXAMPLE-2"
    );
    assert_eq!(put("--existing --create-only", "EXAMPLE-3").0, Some(2));
}

#[test]
fn options_accept_the_spelling_of_aws() {
    let vault = Vault::new();
    for (number, options) in [
        "--type SecureString --tier Advanced",
        "--type secure-string --tier advanced",
        "--type String",
        "--type string",
        "--type StringList --tier Standard",
        "--type string-list",
    ]
    .into_iter()
    .enumerate()
    {
        let output = vault.run_with_input(
            &format!("secret put /x/{number} -e production {options}"),
            "EXAMPLE-1",
        );
        assert_eq!(
            output.status.code(),
            Some(0),
            "{options}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn a_dry_run_writes_nothing() {
    let vault = Vault::new();
    let output = vault.run_with_input(
        "secret put DB_PASSWORD --app web -e production --dry-run",
        "EXAMPLE-1",
    );
    assert_eq!(output.status.code(), Some(0));
    assert!(stderr(&output).contains("new (SecureString)") && stderr(&output).contains("dry run"));
    assert!(!vault.store().exists());
    vault.ends(2, "secret get DB_PASSWORD --app web -e production");
    vault.put("DB_PASSWORD", "production", "EXAMPLE-1");
    let before = std::fs::read(vault.store()).unwrap();
    for arguments in [
        "secret generate DB_PASSWORD --app web -e production --dry-run",
        "secret label DB_PASSWORD x --app web -e production --dry-run",
        "secret delete DB_PASSWORD --app web -e production --dry-run",
        "secret copy DB_PASSWORD --app web -e production --to-environment development --dry-run",
    ] {
        vault.ends(0, arguments);
        assert_eq!(std::fs::read(vault.store()).unwrap(), before, "{arguments}");
    }
}

#[test]
fn rollback_writes_the_old_value_as_a_new_version() {
    let vault = Vault::new();
    for value in ["EXAMPLE-1", "EXAMPLE-2", "EXAMPLE-3"] {
        vault.put("DB_PASSWORD", "production", value);
    }
    vault.ends(0, "secret rollback DB_PASSWORD --app web -e production");
    for region in REGIONS {
        assert_eq!(
            vault.get("DB_PASSWORD", "production", region),
            "EXAMPLE-2",
            "{region}"
        );
    }
    vault.ends(
        0,
        "secret rollback DB_PASSWORD --app web -e production --version 1",
    );
    assert_eq!(
        vault.get("DB_PASSWORD", "production", "eu-west-1"),
        "EXAMPLE-1"
    );
    let history = parsed(&vault.ends(
        0,
        "secret history DB_PASSWORD --app web -e production --format json",
    ));
    assert_eq!(history[0]["versions"].as_array().unwrap().len(), 5);
    assert!(
        history.to_string().find("byref-rollback").is_none(),
        "{history}"
    );
    assert_eq!(
        vault
            .ends(
                1,
                "secret rollback DB_PASSWORD --app web -e production --version 9"
            )
            .stdout,
        b""
    );
    vault.put("/x/once", "development", "EXAMPLE-1");
    assert!(
        stderr(&vault.ends(2, "secret rollback /x/once -e development"))
            .contains("only one version")
    );
}

#[test]
fn label_marks_the_same_value_in_all_regions() {
    let vault = Vault::new();
    vault.put("DB_PASSWORD", "production", "EXAMPLE-1");
    // One Region is a version ahead.
    let output = vault.run_with_input(
        "secret put DB_PASSWORD --app web -e production --region us-east-1 --new-version",
        "EXAMPLE-1",
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    vault.put("DB_PASSWORD", "production", "EXAMPLE-2");
    vault.ends(
        0,
        "secret label DB_PASSWORD release-1 --version 1 --app web -e production",
    );
    let history = parsed(&vault.ends(
        0,
        "secret history DB_PASSWORD --app web -e production --format json",
    ));
    let labelled = |index: usize| -> Vec<u64> {
        let versions = history[index]["versions"].as_array().unwrap().iter();
        versions
            .filter(|version| version["labels"][0] == "release-1")
            .map(|version| version["version"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(
        (labelled(0).len(), labelled(1).len(), labelled(2).len()),
        (1, 1, 1),
        "{history}"
    );
    let get =
        "secret get DB_PASSWORD --version release-1 --app web -e production --region us-east-1";
    assert_eq!(stdout(&vault.ends(0, get)), "EXAMPLE-1\n");
    vault.ends(
        0,
        "secret rollback DB_PASSWORD --version release-1 --app web -e production",
    );
    assert_eq!(
        vault.get("DB_PASSWORD", "production", "us-west-2"),
        "EXAMPLE-1"
    );
    vault.ends(
        0,
        "secret label DB_PASSWORD release-1 --remove --app web -e production",
    );
    vault.ends(1, get);
    assert!(
        stderr(&vault.ends(2, "secret label DB_PASSWORD 7th --app web -e production"))
            .contains("digit")
    );
}

#[test]
fn generate_writes_a_new_value_of_the_alphabet() {
    let vault = Vault::new();
    vault.ends(
        0,
        "secret generate DB_PASSWORD --app web -e production --length 64 --alphabet hex",
    );
    let first = vault.get("DB_PASSWORD", "production", "us-west-2");
    assert!(first.len() == 64 && first.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(vault.get("DB_PASSWORD", "production", "eu-west-1"), first);
    vault.ends(0, "secret generate DB_PASSWORD --app web -e production");
    assert_ne!(vault.get("DB_PASSWORD", "production", "us-west-2"), first);
    vault.ends(
        2,
        "secret generate DB_PASSWORD --app web -e production --alphabet a",
    );
}

#[test]
fn delete_removes_all_regions_after_confirmation() {
    let vault = Vault::new();
    vault.put("DB_PASSWORD", "production", "EXAMPLE-1");
    let output = vault.ends(2, "secret delete DB_PASSWORD --app web -e production");
    assert!(
        stderr(&output).contains("deploy.toml:17:1"),
        "{}",
        stderr(&output)
    );
    vault.ends(0, "secret delete DB_PASSWORD --app web -e production --yes");
    vault.ends(1, "secret get DB_PASSWORD --app web -e production");
    let again = vault.ends(0, "secret delete DB_PASSWORD --app web -e production --yes");
    assert!(
        stderr(&again).contains("none of these Regions"),
        "{}",
        stderr(&again)
    );
}

#[test]
fn copy_overwrites_only_with_the_option() {
    let vault = Vault::new();
    vault.put("DB_PASSWORD", "production", "EXAMPLE-1");
    vault.put("API_KEY", "production", "EXAMPLE-2");
    vault.ends(
        0,
        "secret copy --all --app web -e production --to-environment development",
    );
    assert_eq!(
        vault.get("DB_PASSWORD", "development", "us-west-2"),
        "EXAMPLE-1"
    );
    assert_eq!(
        vault.get("API_KEY", "development", "us-west-2"),
        "EXAMPLE-2"
    );
    vault.put("DB_PASSWORD", "production", "EXAMPLE-3");
    let output = vault.ends(
        2,
        "secret copy DB_PASSWORD --app web -e production --to-environment development",
    );
    assert!(
        stderr(&output).contains("/production/web").eq(&false)
            && stderr(&output).contains("--overwrite")
    );
    assert_eq!(
        vault.get("DB_PASSWORD", "development", "us-west-2"),
        "EXAMPLE-1"
    );
    vault.ends(
        0,
        "secret copy DB_PASSWORD --app web -e production --to-environment development --overwrite",
    );
    assert_eq!(
        vault.get("DB_PASSWORD", "development", "us-west-2"),
        "EXAMPLE-3"
    );
    vault.ends(
        0,
        "secret copy DB_PASSWORD --app web -e production --to-scope environment",
    );
    assert_eq!(
        vault.get("/production/shared/db-password", "production", "eu-west-1"),
        "EXAMPLE-3"
    );
    vault.ends(
        0,
        "secret copy DB_PASSWORD --app web -e production --to-app worker --to old-password",
    );
    assert_eq!(
        vault.get("/production/worker/old-password", "production", "eu-west-1"),
        "EXAMPLE-3"
    );
    // One Region's value for all.
    let one = "secret put DB_PASSWORD --app web -e production --region us-east-1";
    vault.run_with_input(one, "EXAMPLE-4");
    vault.ends(1, "secret health DB_PASSWORD --app web -e production");
    vault.ends(
        0,
        "secret copy DB_PASSWORD --app web -e production --from-region us-east-1 --overwrite",
    );
    vault.ends(0, "secret health DB_PASSWORD --app web -e production");
    assert_eq!(
        vault.get("DB_PASSWORD", "production", "us-west-2"),
        "EXAMPLE-4"
    );
}

#[test]
fn the_same_name_in_two_accounts_is_two_secrets() {
    let vault = Vault::new();
    vault.put("API_KEY", "production", "EXAMPLE-1");
    vault.ends(1, "secret get API_KEY --app web -e development");
    vault.put("API_KEY", "development", "EXAMPLE-2");
    assert_eq!(vault.get("API_KEY", "production", "us-west-2"), "EXAMPLE-1");
}

#[test]
fn list_filters_by_scope_and_by_path() {
    let vault = Vault::new();
    vault.put("DB_PASSWORD", "production", "EXAMPLE-1");
    vault.put("/production/webhook/x", "production", "EXAMPLE-2");
    vault.put("API_KEY", "production", "EXAMPLE-3");
    let names = |arguments: &str| -> Vec<String> {
        let list = parsed(&vault.ends(
            0,
            &format!("secret list {arguments} -e production --format json"),
        ));
        list.as_array()
            .unwrap()
            .iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("--app web"), ["/production/web/db-password"]);
    assert_eq!(
        names("/production/"),
        ["/production/web/db-password", "/production/webhook/x"]
    );
    assert_eq!(names("--scope shared"), ["/shared/api-key"]);
    assert_eq!(
        names(""),
        ["/production/web/db-password", "/production/webhook/x"]
    );
    let text = stdout(&vault.ends(0, "secret list --app web -e production --values"));
    assert!(text.contains("EXAMPLE-1"), "{text}");
    assert!(!stdout(&vault.ends(0, "secret list --app web -e production")).contains("EXAMPLE"));
    vault.ends(2, "secret list nonsense -e production");
}

#[test]
fn diff_shows_no_value() {
    let vault = Vault::new();
    vault.put(
        "DB_PASSWORD",
        "production",
        r#"{"user": "EXAMPLE-u", "password": "EXAMPLE-1"}"#,
    );
    vault.put(
        "DB_PASSWORD",
        "production",
        r#"{"user": "EXAMPLE-u", "password": "EXAMPLE-2"}"#,
    );
    let output = vault.ends(
        1,
        "secret diff DB_PASSWORD 1 2 --app web -e production --exit-code",
    );
    let text = stdout(&output);
    assert!(
        text.contains("password  different") && text.contains("user      same"),
        "{text}"
    );
    assert!(!text.contains("EXAMPLE"), "{text}");
    let json = parsed(&vault.ends(
        0,
        "secret diff DB_PASSWORD us-west-2 us-east-1 --app web -e production --format json",
    ));
    assert_eq!(
        (json["same"].as_bool(), json["second"]["region"].as_str()),
        (Some(true), Some("us-east-1"))
    );
    vault.put("DB_PASSWORD", "development", "EXAMPLE-3");
    let text = stdout(&vault.ends(
        0,
        "secret diff DB_PASSWORD production development --app web",
    ));
    assert!(
        text.contains("different values") && text.contains("development"),
        "{text}"
    );
    vault.ends(2, "secret diff DB_PASSWORD 1 ! --app web -e production");
}

#[test]
fn health_reports_the_regions_that_differ() {
    let vault = Vault::new();
    vault.put("DB_PASSWORD", "production", "EXAMPLE-1");
    let text = stdout(&vault.ends(1, "secret health --app web -e production"));
    assert!(
        text.contains("/shared/api-key  eu-west-1 missing, us-east-1 missing, us-west-2 missing"),
        "{text}"
    );
    vault.put("API_KEY", "production", "EXAMPLE-2");
    assert!(stdout(&vault.ends(0, "secret health --app web -e production")).contains("2 of 2"));
    vault.run_with_input(
        "secret put DB_PASSWORD --app web -e production --region eu-west-1",
        "EXAMPLE-3",
    );
    vault.run_with_input(
        "secret put /production/x -e production --region us-east-1 --type string",
        "EXAMPLE-4",
    );
    vault.run_with_input(
        "secret put /production/x -e production --region us-west-2",
        "EXAMPLE-4",
    );
    let text = stdout(&vault.ends(1, "secret health -e production --path /production"));
    assert!(
        text.contains("/production/web/db-password  eu-west-1 another value"),
        "{text}"
    );
    assert!(
        text.contains("/production/x  eu-west-1 missing, us-east-1 another type"),
        "{text}"
    );
}

#[test]
fn duplicates_finds_and_replaces_a_leaked_value() {
    let vault = Vault::new();
    vault.put("DB_PASSWORD", "production", "EXAMPLE-leaked");
    vault.put("/production/worker/copy", "production", "EXAMPLE-leaked");
    vault.put("/development/web/copy", "development", "EXAMPLE-leaked");
    vault.put("API_KEY", "production", "EXAMPLE-other");
    let list = parsed(&vault.ends(
        1,
        "secret duplicates DB_PASSWORD --app web -e production --everywhere --format json",
    ));
    let names: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "/development/web/copy",
            "/production/web/db-password",
            "/production/worker/copy"
        ]
    );
    let replace = "secret duplicates DB_PASSWORD --app web -e production --everywhere --replace";
    let output = vault.run_with_input(replace, "EXAMPLE-new");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        vault.get("/production/worker/copy", "production", "eu-west-1"),
        "EXAMPLE-new"
    );
    assert_eq!(
        vault.get("/development/web/copy", "development", "us-west-2"),
        "EXAMPLE-new"
    );
    assert_eq!(
        vault.get("API_KEY", "production", "us-west-2"),
        "EXAMPLE-other"
    );
    vault.ends(0, "secret duplicates API_KEY --app web -e production");
}

#[test]
fn import_and_export_round_trip() {
    let vault = Vault::new();
    let write = |name: &str, text: &str| vault.write(name, text);
    write(
        ".env",
        "DB_PASSWORD='EXAMPLE-1'\nAPI_KEY=\"EXAMPLE\\n2\"\nOTHER_NAME=EXAMPLE-3\n",
    );
    let output = vault.ends(0, "secret import .env --app web -e production");
    assert!(
        stderr(&output).contains("OTHER_NAME = \"other-name\""),
        "{}",
        stderr(&output)
    );
    assert_eq!(
        vault.get("API_KEY", "production", "eu-west-1"),
        "EXAMPLE\n2"
    );
    assert_eq!(
        vault.get("/production/web/other-name", "production", "us-west-2"),
        "EXAMPLE-3"
    );
    write(
        "chamber.json",
        r#"{"DB_PASSWORD": "EXAMPLE-4", "new_one": "EXAMPLE-5"}"#,
    );
    let output = vault.ends(2, "secret import chamber.json --app web -e production");
    assert!(
        stderr(&output).contains("/production/web/db-password (us-west-2, us-east-1, eu-west-1)"),
        "{}",
        stderr(&output)
    );
    vault.ends(1, "secret get new-one --app web -e production");
    vault.ends(
        0,
        "secret import chamber.json --app web -e production --overwrite --only DB_PASSWORD",
    );
    assert_eq!(
        vault.get("DB_PASSWORD", "production", "us-west-2"),
        "EXAMPLE-4"
    );
    write(
        "compose.yaml",
        "services:\n  a:\n    environment: {COMPOSED: EXAMPLE-6, FROM: \"${X}\"}\n",
    );
    let output = vault.ends(0, "secret import compose.yaml --app web -e production");
    assert!(
        stderr(&output).contains("`FROM` (service a, entry 2) is made of variables"),
        "{}",
        stderr(&output)
    );
    assert_eq!(
        vault.get("composed", "production", "us-west-2"),
        "EXAMPLE-6"
    );

    vault.ends(0, "secret export --app web -e production -o out.env");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(vault.join("out.env"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // What goes out comes in as the same.
    let output = vault.ends(0, "secret import out.env --app web -e production");
    assert!(
        stderr(&output).contains("nothing to write"),
        "{}",
        stderr(&output)
    );
    let exported = parsed(&vault.ends(0, "secret export --app web -e production --format json"));
    assert_eq!(
        (
            exported["DB_PASSWORD"].as_str(),
            exported["API_KEY"].as_str()
        ),
        (Some("EXAMPLE-4"), Some("EXAMPLE\n2"))
    );
    vault.ends(1, "secret export --app worker -e production");
    vault.ends(2, "secret import nowhere.env --app web -e production");
    write("odd", "x");
    assert!(stderr(&vault.ends(2, "secret import odd --app web -e production")).contains("--from"));
}

#[test]
fn a_missing_store_or_key_is_an_error_with_help() {
    let vault = Vault::new();
    let mut command = vault.command("secret get DB_PASSWORD --app web -e production");
    let output = command.env_remove("BYREF_STORE").output().unwrap();
    assert!(
        stderr(&output).contains("--store file:PATH"),
        "{}",
        stderr(&output)
    );
    let mut command = vault.command("secret get DB_PASSWORD --app web -e production");
    let output = command.env_remove("BYREF_STORE_KEY_FILE").output().unwrap();
    assert!(
        stderr(&output).contains("--store-key FILE"),
        "{}",
        stderr(&output)
    );
    assert!(
        stderr(&vault.ends(2, "secret get DB_PASSWORD --app web -e production"))
            .contains("secret put")
    );
    vault.put("DB_PASSWORD", "production", "EXAMPLE-1");
    vault.write("other", "EXAMPLE-passphrase\n");
    let output = vault.ends(
        2,
        "secret get DB_PASSWORD --app web -e production --store-key other",
    );
    assert!(!stderr(&output).contains("EXAMPLE"), "{}", stderr(&output));
    assert!(
        stderr(&vault.ends(2, "secret list -e production --store s3:x"))
            .contains("`aws` or `file:PATH`")
    );
}
