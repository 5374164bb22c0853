//! Waivers, also those that match nothing any more, and baselines.

use byref_support::{
    LINT_SECRET, config, folder, run, stderr, stdout, template, template_with_secret,
};

#[test]
fn waivers_and_a_baseline_accept_findings() {
    let waived = template(&format!(
        "Environment:\n  # byref: allow secret-name a demo until 2999-01-01\n  - Name: DB_PASSWORD\n    Value: {LINT_SECRET}\n"
    ));
    let here = folder(&[("template.yaml", &waived)]);
    let output = run(here.path(), "lint");
    assert!(
        output.status.success() && stdout(&output).contains("1 finding accepted"),
        "{}",
        stdout(&output)
    );
    let lint =
        "[[lint.allow]]\nrule = \"secret-name\"\npath = \"template.yaml\"\nreason = \"a demo\"\n";
    let here = folder(&[
        ("template.yaml", &template_with_secret()),
        ("deploy.toml", &(config("OTHER = true\n") + lint)),
    ]);
    assert!(run(here.path(), "lint template.yaml").status.success());
    let here = folder(&[
        ("template.yaml", &template_with_secret()),
        (
            "deploy.toml",
            &(config("OTHER = true\n") + &lint.replace("secret-name", "no-rule")),
        ),
    ]);
    assert_eq!(
        run(here.path(), "lint template.yaml").status.code(),
        Some(2)
    );

    let here = folder(&[("template.yaml", &template_with_secret())]);
    assert!(
        run(
            here.path(),
            "lint --baseline known.json --update-baseline template.yaml"
        )
        .status
        .success()
    );
    let baseline = here.read("known.json");
    assert!(!baseline.contains(LINT_SECRET) && baseline.contains("accepted"));
    assert!(
        run(here.path(), "lint --baseline known.json template.yaml")
            .status
            .success()
    );
    // Lines may move; another value, or a further finding, is new.
    here.write(
        "template.yaml",
        format!("# moved\n\n{}", template_with_secret()),
    );
    assert!(
        run(here.path(), "lint --baseline known.json template.yaml")
            .status
            .success()
    );
    here.write(
        "template.yaml",
        template_with_secret().replace(LINT_SECRET, "EXAMPLE9other7value3"),
    );
    assert_eq!(
        run(here.path(), "lint --baseline known.json template.yaml")
            .status
            .code(),
        Some(1)
    );
    here.write("known.json", "{}");
    assert_eq!(
        run(here.path(), "lint --baseline known.json template.yaml")
            .status
            .code(),
        Some(2)
    );
}

fn allow(path: &str) -> String {
    format!("\n[[lint.allow]]\nrule = \"secret-name\"\npath = \"{path}\"\nreason = \"a demo\"\n")
}

#[test]
fn a_waiver_that_matches_nothing_is_a_finding_if_every_file_was_checked() {
    let clean = template("Environment: []\n");
    let files = |waiver: &str| {
        folder(&[
            ("stacks/a.yaml", &clean),
            ("stacks/b.yaml", &template_with_secret()),
            ("stacks/README.md", "# nothing\n"),
            ("other/c.yaml", &clean),
            ("built/.gitignore", "*\n"),
            ("built/d.yaml", &template_with_secret()),
            ("deploy.toml", &(config("OTHER = true\n") + waiver)),
        ])
    };
    // path, what is linted, whether the waiver is stale
    let cases = [
        ("stacks/b.yaml", ".", false),
        ("stacks/b.yaml", "stacks", false),
        ("stacks/a.yaml", ".", true),
        ("stacks/a.yaml", "stacks", true),
        ("stacks/a.yaml", "stacks/a.yaml", true),
        ("stacks/a.yaml", "other", false),
        ("stacks/a.yaml", "stacks/b.yaml", false),
        ("stacks/**", "stacks/a.yaml", false),
        ("stacks/**", "stacks", false),
        ("other/*", "stacks", false),
        ("other/*", "other", true),
        ("other/*", ".", true),
        ("other/*", "other/c.yaml", false),
        ("**/*.yaml", "other", false),
        ("**/gone.yaml", "other", false),
        ("**/gone.yaml", ".", true),
        ("stacks/gone.yaml", "stacks", true),
        ("stacks/gone.yaml", "stacks/a.yaml", false),
        // Excluded by its folder's `.gitignore`: nobody has looked at it.
        ("built/*", ".", false),
        ("built/d.yaml", "built/d.yaml", false),
        // No template: it was waived in a run of all texts.
        ("stacks/*.md", ".", false),
    ];
    for (path, linted, is_stale) in cases {
        let here = files(&allow(path));
        let output = run(here.path(), &format!("lint {linted}"));
        assert_eq!(
            stdout(&output).contains("warning[stale-waiver]"),
            is_stale,
            "{path}, {linted}: {}",
            stdout(&output)
        );
        assert!(
            !is_stale || stdout(&output).contains("deploy.toml:14:"),
            "{}",
            stdout(&output)
        );
        assert!(!is_stale || output.status.code() == Some(1));
    }
}

#[test]
fn stale_waivers_are_findings_like_others() {
    let clean = template("Environment: []\n");
    let here = folder(&[
        ("a.yaml", &clean),
        (
            "deploy.toml",
            &(config("OTHER = true\n") + &allow("*.yaml")),
        ),
    ]);
    assert_eq!(run(here.path(), "lint .").status.code(), Some(1));
    assert_eq!(
        run(here.path(), "lint . --level error").status.code(),
        Some(0)
    );
    assert_eq!(
        run(here.path(), "lint . --except stale-waiver")
            .status
            .code(),
        Some(0)
    );
    let json = stdout(&run(here.path(), "lint . --format json"));
    assert!(
        json.contains("\"file\": \"deploy.toml\"") && json.contains("\"rule\": \"stale-waiver\""),
        "{json}"
    );
    // A waiver is in use where another one accepts the same finding.
    let two = allow("*.yaml") + &allow("a.yaml");
    let here = folder(&[
        ("a.yaml", &template_with_secret()),
        ("deploy.toml", &(config("OTHER = true\n") + &two)),
    ]);
    let output = run(here.path(), "lint .");
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    // Expired: said with the findings that it no longer accepts, also by a run on one file.
    let expired = allow("*.yaml") + "until = \"2020-01-01\"\n";
    let here = folder(&[
        ("a.yaml", &template_with_secret()),
        ("b.yaml", &clean),
        ("deploy.toml", &(config("OTHER = true\n") + &expired)),
    ]);
    let output = stdout(&run(here.path(), "lint a.yaml"));
    assert!(
        output.contains("has expired") && output.contains("error[secret-name]"),
        "{output}"
    );
    assert_eq!(run(here.path(), "lint b.yaml").status.code(), Some(0));
    // A value that was searched for is waived only in runs that search.
    let known = allow("*.yaml").replace("secret-name", "known-secret");
    let here = folder(&[
        ("b.yaml", &clean),
        ("deploy.toml", &(config("OTHER = true\n") + &known)),
    ]);
    let output = run(here.path(), "lint .");
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        stdout(&output),
        stderr(&output)
    );
}
