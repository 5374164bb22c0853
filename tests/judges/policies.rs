//! The CloudFormation that `byref iam` prints, judged by cfn-lint.

use std::process::Command;

use byref_support::{byref, folder, stderr, stdout};

byref_harness::tests![cfn_lint_accepts_the_printed_policies];

const CONFIG: &str = "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\", \"us-east-1\"]\nkms-key = \"alias/production\"\n[apps.app.secrets]\nDB_PASSWORD = \"db-password\"\nTOKEN = { key = \"token\", scope = \"shared\" }\nDB_URL = \"arn:aws:secretsmanager:us-west-2:111122223333:secret:db:url::\"\nLEGACY = \"arn:aws:ssm:us-west-2:111122223333:parameter/legacy\"\n";

fn cfn_lint_accepts_the_printed_policies() {
    let python = byref_emulator::venv("requirements.txt");
    let folder = folder(&[("deploy.toml", CONFIG)]);
    let mut files = Vec::new();
    let keys = ["app", "environment", "shared-app", "shared"].map(|scope| vec!["--key", scope]);
    let policies = [
        vec!["--format", "cloudformation"],
        vec!["--scopes", "--format", "cloudformation"],
    ];
    for (index, arguments) in policies.into_iter().chain(keys).enumerate() {
        let output = byref(folder.path())
            .arg("iam")
            .args(&arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        let name = format!("{index}.yaml");
        folder.write(&name, &output.stdout);
        files.push(folder.join(name));
    }
    let output = Command::new(python.join("bin/cfn-lint"))
        .args(["--include-checks", "I", "--"])
        .args(&files)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        stdout(&output),
        stderr(&output)
    );
}
