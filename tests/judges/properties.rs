//! The lint's table of properties that take a secret, compared with CloudFormation's schemas.

use std::process::Command;

use byref_support::{repository, stderr, stdout};

byref_harness::tests![the_table_of_secret_properties_is_that_of_the_schemas];

/// The schemas are those that cfn-lint carries, and the tool is the one that writes the table.
fn the_table_of_secret_properties_is_that_of_the_schemas() {
    let python = byref_emulator::venv("requirements.txt");
    let tool = repository().join("crates/cloudformation/tools/secret_properties.py");
    let output = Command::new(python.join("bin/python"))
        .arg(tool)
        .arg("--check")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        stdout(&output),
        stderr(&output)
    );
}
