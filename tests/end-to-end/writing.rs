//! Writing files: all of the new content or the old one, with links and permissions as they were.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use byref_support::{Folder, byref, config, folder, run, stderr, template};

fn case() -> (Folder, String) {
    let text = template("Environment:\n  - {Name: DB_PASSWORD, Value: x}\n");
    let folder = folder(&[
        ("deploy.toml", &config("DB_PASSWORD = \"db-password\"\n")),
        ("template.yaml", &text),
    ]);
    let expected = text.replace("Environment", "Secrets").replace("Value: x", "ValueFrom: !Sub 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/production/app/db-password'");
    (folder, expected)
}

#[test]
fn in_place_keeps_permissions_and_follows_links() {
    let (folder, expected) = case();
    let path = folder.path();
    std::fs::set_permissions(
        path.join("template.yaml"),
        std::fs::Permissions::from_mode(0o640),
    )
    .unwrap();
    std::fs::create_dir(path.join("links")).unwrap();
    std::os::unix::fs::symlink("../template.yaml", path.join("links/a.yaml")).unwrap();
    std::os::unix::fs::symlink("links/a.yaml", path.join("b.yaml")).unwrap();
    let output = run(path, "rewrite --in-place b.yaml");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(folder.read("template.yaml"), expected);
    assert!(path.join("b.yaml").is_symlink() && path.join("links/a.yaml").is_symlink());
    assert_eq!(
        std::fs::metadata(path.join("template.yaml"))
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o640
    );
    assert_eq!(
        folder.names(),
        ["b.yaml", "deploy.toml", "links", "template.yaml"]
    );
}

#[test]
fn in_place_does_not_touch_an_unchanged_file() {
    let (folder, _) = case();
    let path = folder.join("template.yaml");
    run(folder.path(), "rewrite --in-place");
    let before = std::fs::metadata(&path).unwrap();
    let output = run(folder.path(), "rewrite --in-place");
    let after = std::fs::metadata(&path).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
    assert_eq!(
        std::os::unix::fs::MetadataExt::ino(&before),
        std::os::unix::fs::MetadataExt::ino(&after)
    );
}

#[test]
fn rewrite_writes_an_output_file_or_folder() {
    let (folder, expected) = case();
    let path = folder.path();
    assert_eq!(run(path, "rewrite -o out.yaml").status.code(), Some(0));
    assert_eq!(folder.read("out.yaml"), expected);
    assert_eq!(
        run(path, "rewrite --output-dir build/deep").status.code(),
        Some(0)
    );
    assert_eq!(folder.read("build/deep/template.yaml"), expected);
    assert_eq!(run(path, "rewrite -o /dev/null").status.code(), Some(0));
    assert_eq!(run(path, "rewrite -o -").stdout, expected.as_bytes());
    let output = run(path, "rewrite -o missing/out.yaml");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("cannot write `missing/out.yaml`: there is no such file"),
        "{}",
        stderr(&output)
    );
    let output = run(path, "rewrite -o build");
    assert!(
        stderr(&output).contains("it is a folder"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_failed_rewrite_writes_nothing() {
    let (folder, _) = case();
    let path = folder.path();
    let before = folder
        .read("template.yaml")
        .replace("ExecutionRoleArn", "TaskRoleArn");
    std::fs::write(path.join("template.yaml"), &before).unwrap();
    for command in [
        "rewrite --in-place",
        "rewrite -o out.yaml",
        "rewrite --output-dir out",
    ] {
        assert_eq!(run(path, command).status.code(), Some(2));
    }
    assert_eq!(folder.read("template.yaml"), before);
    assert_eq!(folder.names(), ["deploy.toml", "template.yaml"]);
}

#[test]
fn a_killed_rewrite_leaves_a_complete_file() {
    let (folder, _) = case();
    let path = folder.path();
    let mut old = folder.read("template.yaml");
    old.push_str(&"# a line that makes the file larger\n".repeat(60_000));
    std::fs::write(path.join("template.yaml"), &old).unwrap();
    assert_eq!(
        run(path, "rewrite -o new.yaml template.yaml").status.code(),
        Some(0)
    );
    let new = folder.read("new.yaml");
    let mut rewritten = 0;
    for round in 0..40 {
        std::fs::write(path.join("template.yaml"), &old).unwrap();
        let mut child = byref(path)
            .args(["rewrite", "-q", "--in-place", "template.yaml"])
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(round * 1500));
        let _ = child.kill();
        child.wait().unwrap();
        let found = folder.read("template.yaml");
        assert!(
            found == old || found == new,
            "round {round}: neither the old file nor the new one"
        );
        rewritten += usize::from(found == new);
    }
    assert!(rewritten < 40, "no round was interrupted");
}
