//! Checks that had nothing to check are errors, not successes.

use byref_support::{assert_says, config, ends, folder, run, run_with_input, template};

const STORE: &str = "--store file:s.age --store-key key";

#[test]
fn checks_of_nothing_are_errors() {
    let template = template("Environment: [{Name: A, Value: x}]");
    let own = &config("")[..];
    let no_app = own.split("[apps.app]").next().unwrap();
    for (config, command) in [
        (own, "check"),
        (own, "secret health"),
        (no_app, "check --all"),
        (no_app, "secret health"),
    ] {
        let folder = folder(&[("deploy.toml", config), ("template.yaml", &template)]);
        folder.write("key", "correct horse battery staple\n");
        folder.write("value", "x");
        run_with_input(
            &folder,
            &format!("secret put /x/v --yes {STORE}"),
            "not-a-secret-1",
        );
        let output = run(&folder, &format!("{command} {STORE}"));
        assert_says(&ends(2, command, output), &["nothing was"]);
    }
}

#[test]
fn a_named_file_that_is_no_template_is_an_error() {
    for text in [
        "",
        "{}",
        "<html>502</html>",
        "hello: 1\n",
        "Resources: []\n",
    ] {
        let folder = folder(&[
            ("deploy.toml", &config("A = \"a\"\n")),
            ("other.yaml", text),
        ]);
        for command in [
            "rewrite other.yaml",
            "preview other.yaml",
            "rewrite --check other.yaml",
        ] {
            let output = ends(2, command, run(&folder, command));
            assert_says(&output, &["it has no `Resources`"]);
        }
    }
}

#[test]
fn parity_compares_every_named_template() {
    let template = |value: &str| template(&format!("Environment: [{{Name: A, Value: {value}}}]"));
    let folder = folder(&[
        ("deploy.toml", &config("A = \"a\"\n")),
        ("template.yaml", &template("not-a-secret-1")),
        ("wrong.yaml", &template("not-a-secret-2")),
        ("key", "correct horse battery staple\n"),
    ]);
    run_with_input(
        &folder,
        &format!("secret put A --yes {STORE}"),
        "not-a-secret-1",
    );
    for (code, arguments) in [
        (0, "--parity"),
        (0, "--parity template.yaml"),
        (1, "--parity wrong.yaml"),
        (1, "wrong.yaml --parity"),
        (1, "--parity template.yaml wrong.yaml"),
    ] {
        ends(
            code,
            arguments,
            run(&folder, &format!("check {STORE} {arguments}")),
        );
    }
}

#[test]
fn a_rule_about_stored_values_needs_them() {
    let folder = folder(&[("template.yaml", &template("Environment: []"))]);
    let output = run(&folder, "lint --only known-secret template.yaml");
    assert_says(&ends(2, "lint", output), &["--known"]);
}
