use std::path::{Path, PathBuf};

/// A secret value, made up for the tests: it must not appear where no value may be shown.
pub const CANARY: &str = "EXAMPLE-canary-Q7rk2Lmx9";

/// Returns the folder of the fixtures of the rewrite.
pub fn fixtures() -> PathBuf {
    repository().join("fixtures")
}

/// Returns the root of the repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns a `deploy.toml` with the environment `production`, the application `app` with
/// `template.yaml`, and these secret lines.
pub fn config(lines: &str) -> String {
    format!(
        "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\"]\n\n[flag]\ndefault = \"reference\"\n\n[apps.app]\ntemplates = [\"template.yaml\"]\n\n[apps.app.secrets]\n{lines}"
    )
}

/// Returns a template with the task definition `Task` and its container `app`, whose lists are
/// these lines, indented from column 0.
pub fn template(lists: &str) -> String {
    let head = "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ExecutionRoleArn: arn:aws:iam::111122223333:role/execution\n      ContainerDefinitions:\n        - Name: app\n";
    let lists: Vec<String> = lists
        .lines()
        .map(|line| format!("          {line}\n"))
        .collect();
    format!("{head}{}", lists.concat())
}
