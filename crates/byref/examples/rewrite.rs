//! Rewrites the templates of an application, without a store: what `byref rewrite` does, in a few
//! lines.
//!
//! ```sh
//! cargo run -q -p byref --example rewrite -- fixtures/example/first-steps/deploy.toml web production fixtures/example/first-steps/template.yaml
//! ```

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example is a program of its own"
)]

use std::path::Path;
use std::process::ExitCode;

use byref::{Answers, Project};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [config, app, environment, templates @ ..] = arguments.as_slice() else {
        eprintln!("usage: rewrite DEPLOY_TOML APP ENVIRONMENT TEMPLATE…");
        return ExitCode::from(2);
    };
    match rewrite(Path::new(config), app, environment, templates) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn rewrite(
    config: &Path,
    app: &str,
    environment: &str,
    paths: &[String],
) -> Result<(), Box<dyn std::error::Error>> {
    let project = Project::load(config)?;
    let deployment = project.deployment(app, environment)?;
    for secret in deployment.secrets() {
        eprintln!("{} is {}", secret.name(), secret.reference()?);
    }
    let mut files = Vec::new();
    for path in paths {
        files.push((path.as_str(), std::fs::read_to_string(path)?));
    }
    let templates = deployment.templates(files)?;
    let plan = templates.survey().plan(&Answers::none());
    for message in plan.messages() {
        eprintln!("{message}");
    }
    for output in plan.rewrite()? {
        print!("{}", output.text());
    }
    Ok(())
}
