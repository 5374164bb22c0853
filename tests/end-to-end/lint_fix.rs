//! `byref lint --fix`, and what is stored as known values.

use serde_json::Value;

use byref_support::{
    Folder, LINT_SECRET, config, folder, run, run_with_input, stderr, stdout, template,
    template_with_secret,
};

const STORE: &str = "--store file:secrets.age --store-key key";

#[test]
fn fix_moves_a_value_to_the_store_with_a_line_and_a_reference() {
    let config = config("# mine\nOLD = { key = \"old\", containers = [\"app\"] } # stays\n");
    let here = folder(&[
        ("template.yaml", &template_with_secret()),
        ("deploy.toml", &config),
        ("key", "EXAMPLE passphrase\n"),
    ]);
    let read = |name: &str| here.read(name);
    // Nobody can be asked: nothing happens.
    let output = run(here.path(), &format!("lint template.yaml --fix {STORE}"));
    assert_eq!(output.status.code(), Some(2));
    let dry = run(
        here.path(),
        &format!("lint template.yaml --fix {STORE} --dry-run"),
    );
    assert!(
        stdout(&dry).contains("+ DB_PASSWORD = \"db-password\"")
            && stdout(&dry).contains("/production/app/db-password"),
        "{}",
        stdout(&dry)
    );
    assert_eq!(
        (read("template.yaml"), read("deploy.toml")),
        (template_with_secret(), config.clone())
    );
    let output = run(
        here.path(),
        &format!("lint template.yaml --fix {STORE} --yes"),
    );
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        stdout(&output),
        stderr(&output)
    );
    for said in [stdout(&dry), stdout(&output), stderr(&dry), stderr(&output)] {
        assert!(!said.contains(LINT_SECRET), "{said}");
    }
    assert_eq!(
        read("deploy.toml"),
        format!("{config}DB_PASSWORD = \"db-password\"\n")
    );
    assert!(
        !read("template.yaml").contains(LINT_SECRET)
            && read("template.yaml").contains("parameter/production/app/db-password")
    );
    let value = run(here.path(), &format!("secret get DB_PASSWORD {STORE}"));
    assert_eq!(stdout(&value).trim_end(), LINT_SECRET);
    // A second run has nothing to do; and what is stored is known from now on, also encoded.
    assert!(
        run(
            here.path(),
            &format!("lint template.yaml --fix {STORE} --yes")
        )
        .status
        .success()
    );
    here.write(
        "access.log",
        format!("GET /\n\nx={LINT_SECRET}&y\n{}", "\0binary"),
    );
    let output = run(
        here.path(),
        &format!("lint --known access.log template.yaml {STORE} --format json"),
    );
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["findings"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(
        (&found["findings"][0]["rule"], &found["findings"][0]["line"]),
        (&Value::from("known-secret"), &Value::from(3))
    );
    assert!(!stdout(&output).contains(LINT_SECRET));
}

#[test]
fn fix_changes_nothing_if_the_store_has_another_value() {
    let config = config("");
    let here = folder(&[
        ("template.yaml", &template_with_secret()),
        ("deploy.toml", &config),
        ("key", "EXAMPLE passphrase\n"),
    ]);
    let put = run_with_input(
        here.path(),
        &format!("secret put db-password --undeclared --yes {STORE}"),
        "EXAMPLE-another",
    );
    assert!(put.status.success(), "{}", stderr(&put));
    let output = run(
        here.path(),
        &format!("lint template.yaml --fix {STORE} --yes"),
    );
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert_eq!(here.read("template.yaml"), template_with_secret());
    assert_eq!(here.read("deploy.toml"), config);
}

fn environment(entries: &[(&str, &str)]) -> String {
    let entries = entries
        .iter()
        .map(|(name, value)| format!("  - Name: {name}\n    Value: {value}\n"));
    template(&format!("Environment:\n{}", entries.collect::<String>()))
}

const OTHER: &str = "EXAMPLE5other3X9wz4Tn8Lp";

/// Two applications of three templates, in one plan: nothing else changes, and a second run has
/// nothing to do.
#[test]
fn fix_moves_values_of_several_templates_in_one_plan() {
    let head = config("# mine\nLEVEL = true   # declared, and no secret here\n").replace(
        "templates = [\"template.yaml\"]",
        "templates = [\"a.yaml\", \"b.yaml\"] # both",
    );
    let config = format!(
        "{head}\n# the other one\n[apps.second]\ntemplates = [\"c.yaml\"]\n\n[lint]\n# nothing\n"
    );
    let a = environment(&[("DB_PASSWORD", LINT_SECRET), ("LEVEL", "!Ref Level")]);
    let b = environment(&[("DB_PASSWORD", LINT_SECRET), ("API_KEY", OTHER)]);
    let c = environment(&[("DB_PASSWORD", OTHER)]);
    let here = folder(&[
        ("a.yaml", &a),
        ("b.yaml", &b),
        ("c.yaml", &c),
        ("deploy.toml", &config),
        ("key", "EXAMPLE passphrase\n"),
    ]);
    let read = |name: &str| here.read(name);
    let dry = run(
        here.path(),
        &format!("lint a.yaml b.yaml c.yaml --fix {STORE} --dry-run"),
    );
    for said in [
        "/production/app/db-password",
        "/production/app/api-key",
        "/production/second/db-password",
        "[apps.second.secrets]",
    ] {
        assert!(
            stdout(&dry).contains(said),
            "{}{}",
            stdout(&dry),
            stderr(&dry)
        );
    }
    assert_eq!(
        (
            read("a.yaml"),
            read("b.yaml"),
            read("c.yaml"),
            read("deploy.toml")
        ),
        (a, b, c, config.clone())
    );
    assert!(!here.join("secrets.age").exists());
    let output = run(
        here.path(),
        &format!("lint a.yaml b.yaml c.yaml --fix {STORE} --yes"),
    );
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        stdout(&output),
        stderr(&output)
    );
    for said in [
        stdout(&dry),
        stderr(&dry),
        stdout(&output),
        stderr(&output),
        read("a.yaml"),
        read("b.yaml"),
        read("c.yaml"),
    ] {
        assert!(
            !said.contains(LINT_SECRET) && !said.contains(OTHER),
            "{said}"
        );
    }
    // The declared line that no finding has named is left alone.
    assert!(
        read("a.yaml").contains("  - Name: LEVEL\n              Value: !Ref Level\n"),
        "{}",
        read("a.yaml")
    );
    let added = "API_KEY = \"api-key\"\nDB_PASSWORD = \"db-password\"\n";
    let expected = format!(
        "{head}{added}{}\n[apps.second.secrets]\nDB_PASSWORD = \"db-password\"\n",
        &config[head.len()..]
    );
    assert_eq!(read("deploy.toml"), expected);
    for (app, name, value) in [
        ("app", "DB_PASSWORD", LINT_SECRET),
        ("app", "API_KEY", OTHER),
        ("second", "DB_PASSWORD", OTHER),
    ] {
        let got = run(
            here.path(),
            &format!("secret get {name} --app {app} {STORE}"),
        );
        assert_eq!(stdout(&got).trim_end(), value, "{}", stderr(&got));
    }
    let all = ["a.yaml", "b.yaml", "c.yaml", "deploy.toml"].map(read);
    let again = run(
        here.path(),
        &format!("lint a.yaml b.yaml c.yaml --fix {STORE} --yes"),
    );
    assert!(again.status.success(), "{}", stderr(&again));
    assert_eq!(["a.yaml", "b.yaml", "c.yaml", "deploy.toml"].map(read), all);
}

/// One template of several that can't be moved stops all of them, before anything is written.
#[test]
fn fix_changes_all_templates_or_none() {
    let config = config("").replace(
        "templates = [\"template.yaml\"]",
        "templates = [\"a.yaml\", \"b.yaml\"]",
    );
    let a = environment(&[("DB_PASSWORD", LINT_SECRET)]);
    let nothing = |here: &Folder, b: &str| {
        let read = |name: &str| here.read(name);
        assert_eq!(
            (read("a.yaml"), read("b.yaml").as_str(), read("deploy.toml")),
            (a.clone(), b, config.clone())
        );
        assert!(!here.join("secrets.age").exists());
    };
    for b in [
        // The same name with another value: which of them is it?
        environment(&[("DB_PASSWORD", OTHER)]),
        // No execution role to read it with.
        environment(&[("API_KEY", OTHER)]).replace(
            "      ExecutionRoleArn: arn:aws:iam::111122223333:role/execution\n",
            "",
        ),
    ] {
        let here = folder(&[
            ("a.yaml", &a),
            ("b.yaml", &b),
            ("deploy.toml", &config),
            ("key", "EXAMPLE passphrase\n"),
        ]);
        let output = run(
            here.path(),
            &format!("lint a.yaml b.yaml --fix {STORE} --yes"),
        );
        assert_eq!(
            output.status.code(),
            Some(2),
            "{}{}",
            stdout(&output),
            stderr(&output)
        );
        assert!(!stderr(&output).contains(OTHER) && !stderr(&output).contains(LINT_SECRET));
        nothing(&here, &b);
    }
    // Standard input is no file that could be written.
    let here = folder(&[
        ("a.yaml", &a),
        ("b.yaml", &a),
        ("deploy.toml", &config),
        ("key", "EXAMPLE passphrase\n"),
    ]);
    let output = run_with_input(here.path(), &format!("lint - --fix {STORE} --yes"), &a);
    assert_eq!(output.status.code(), Some(2));
    nothing(&here, &a);
    assert!(!here.join("-").exists());
}

/// A log without any stored value: what was searched is said, in every format that has a place for
/// it.
#[test]
fn a_search_for_stored_values_reports_what_it_searched() {
    let config = config("DB_PASSWORD = true\nAPI_KEY = true\n");
    let here = folder(&[
        ("access.log", "GET /\n"),
        ("other.log", "\n"),
        ("deploy.toml", &config),
        ("key", "EXAMPLE passphrase\n"),
    ]);
    for (name, value) in [("DB_PASSWORD", LINT_SECRET), ("API_KEY", OTHER)] {
        let put = run_with_input(
            here.path(),
            &format!("secret put {name} --yes {STORE}"),
            value,
        );
        assert!(put.status.success(), "{}", stderr(&put));
    }
    let said = "2 files searched for 2 stored values: none found";
    let output = run(
        here.path(),
        &format!("lint --known access.log other.log {STORE}"),
    );
    assert!(
        output.status.success() && stdout(&output).contains(said),
        "{}",
        stdout(&output)
    );
    assert!(
        !stdout(&output).contains("no template"),
        "{}",
        stdout(&output)
    );
    for format in ["json", "sarif", "github", "gitlab", "junit"] {
        let output = run(
            here.path(),
            &format!("lint --known access.log other.log {STORE} --format {format}"),
        );
        assert!(
            output.status.success() && stderr(&output).contains(said),
            "{}",
            stderr(&output)
        );
        if !matches!(format, "github" | "junit") {
            serde_json::from_slice::<Value>(&output.stdout).unwrap();
        }
    }
    here.write("access.log", format!("GET /?{LINT_SECRET}\n"));
    let output = run(
        here.path(),
        &format!("lint --known access.log other.log {STORE}"),
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("2 files searched for 2 stored values: 1 place found"),
        "{}",
        stdout(&output)
    );
}
