use crate::byref::{run, run_with_input, stdout};
use crate::folder::folder;
use crate::samples::template;

/// A plaintext secret that the lint finds, made up for the tests.
pub const LINT_SECRET: &str = "EXAMPLE8canary7Q7rk2Lmx9";

/// Returns a template with [`LINT_SECRET`] in an environment variable.
pub fn template_with_secret() -> String {
    template(&format!(
        "Environment:\n  - Name: DB_PASSWORD\n    Value: {LINT_SECRET}\n  - Name: LEVEL\n    Value: info\n"
    ))
}

/// Returns the reports of `byref lint` in a format, by a name for the input: a finding, none,
/// waivers that hold and stale ones, a broken template, a template of an engine, a baseline,
/// several files with names that must be escaped, an absolute path, and standard input.
///
/// # Panics
///
/// `byref` cannot be started.
pub fn lint_reports(format: &str) -> Vec<(&'static str, String)> {
    let broken = format!("AWSTemplateFormatVersion: [\npassword: {LINT_SECRET}\n");
    let engine = format!("{{% if x %}}\n{}{{% endif %}}\n", template_with_secret());
    let waived = template(&format!(
        "Environment:\n  # byref: allow secret-name a demo until 2999-01-01\n  - Name: DB_PASSWORD\n    Value: {LINT_SECRET}\n"
    ));
    let stale = format!(
        "# byref: allow secret-name nothing is here\n{}",
        template("Environment: []\n")
    );
    let here = folder(&[
        ("finding.yaml", &template_with_secret()),
        ("none.yaml", &template("Environment: []\n")),
        ("waived.yaml", &waived),
        ("stale.yaml", &stale),
        ("broken.yaml", &broken),
        ("engine.yaml", &engine),
        ("no template.md", "# nothing\n"),
        ("odd/a b,c:d%é.yaml", &template_with_secret()),
    ]);
    run(
        here.path(),
        "lint finding.yaml --baseline baseline.json --update-baseline",
    );
    let of = |arguments: &str| {
        stdout(&run(
            here.path(),
            &format!("lint --format {format} {arguments}"),
        ))
    };
    vec![
        ("finding", of("finding.yaml")),
        ("none", of("none.yaml")),
        ("waived", of("waived.yaml")),
        ("stale", of("stale.yaml")),
        ("broken", of("broken.yaml")),
        ("engine", of("engine.yaml")),
        ("baseline", of("finding.yaml --baseline baseline.json")),
        ("all", of(".")),
        (
            "absolute",
            of(&here.join("finding.yaml").display().to_string()),
        ),
        (
            "stdin",
            stdout(&run_with_input(
                here.path(),
                &format!("lint --format {format} -"),
                &template_with_secret(),
            )),
        ),
    ]
}
