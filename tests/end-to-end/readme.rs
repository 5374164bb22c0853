//! What the README says, done as it stands there.
#![cfg(unix)]

use std::path::Path;
use std::process::Command;

/// The lines of the code block that begins with this line.
fn block(text: &str, first: &str) -> String {
    let start = text
        .find(first)
        .unwrap_or_else(|| panic!("the README has no block that begins with `{first}`"));
    text[start..].split("\n```").next().unwrap().to_owned()
}

#[test]
fn the_first_steps_of_the_readme_work() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let folder = byref_support::folder(&[]);
    for name in ["deploy.toml", "template.yaml"] {
        std::fs::copy(
            root.join("fixtures/example/first-steps").join(name),
            folder.join(name),
        )
        .unwrap();
    }
    let script = format!("set -eu\n{}", block(&readme, "head -c 32 /dev/urandom"));
    let byref = Path::new(env!("CARGO_BIN_EXE_byref")).parent().unwrap();
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", byref.display()))
        .output()
        .unwrap();
    let (out, error) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{error}");
    assert!(
        out.contains("2 of 2 secrets are there") && out.ends_with("a password of 14 characters\n"),
        "{out}"
    );
    assert!(!error.contains("not-a-secret-1"), "{error}");
    let read = |name: &str| folder.read(name);
    assert!(
        read("by-reference.yaml")
            .contains("# The database of the web shop.\n            - Name: DB_PASSWORD")
    );
    assert!(!read("by-reference.yaml").contains("not-a-secret-1"));
    for name in ["by-value.yaml", "back.yaml"] {
        let text = read(name);
        assert!(
            text.contains("Value: not-a-secret-1") && text.contains("- Name: API_KEY"),
            "{text}"
        );
    }
}
