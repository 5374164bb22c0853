//! Hostile input: a clear end, never a panic, never a partial file.

use std::fmt::Write as _;

use byref_support::{byref, config, folder, run, stderr, stdout, template};

/// Runs `rewrite` on a text, and asserts that it ends with an exit code and without a panic.
fn rewrite(what: &str, text: &[u8]) -> (i32, String) {
    let folder = folder(&[("deploy.toml", &config("DB_PASSWORD = \"db-password\"\n"))]);
    folder.write("template.yaml", text);
    let output = run(folder.path(), "rewrite template.yaml");
    let code = output
        .status
        .code()
        .unwrap_or_else(|| panic!("{what}: killed"));
    let messages = stderr(&output);
    assert!(
        !messages.contains("defect of its own"),
        "{what}: {messages}"
    );
    assert!(
        code == 0 || output.stdout.is_empty(),
        "{what}: a partial output"
    );
    (code, messages)
}

#[test]
fn deep_nesting_is_refused() {
    let depth = 100_000;
    let indented = (0..2_000).fold(String::new(), |mut text, level| {
        let _ = writeln!(text, "{:level$}a:", "");
        text
    });
    let cases = [
        ("brackets", "[".repeat(depth)),
        ("braces", "{a: ".repeat(depth)),
        ("JSON", format!("{{\"a\":{}", "[".repeat(depth))),
        ("dashes", "- ".repeat(depth)),
        ("explicit keys", "? ".repeat(depth)),
        ("indentation", indented),
        (
            "closed brackets",
            format!("a: {}{}", "[".repeat(depth), "]".repeat(depth)),
        ),
        ("conditions", format!("a: {}", "!If [a, ".repeat(depth))),
    ];
    for (what, text) in cases {
        let (code, messages) = rewrite(what, text.as_bytes());
        assert_eq!(code, 2, "{what}");
        assert!(messages.contains("100 levels"), "{what}: {messages}");
    }
}

#[test]
fn alias_bombs_and_huge_templates_end_in_time() {
    let bomb = (0..30).fold("a0: &a0 x\n".to_owned(), |mut text, level| {
        let _ = writeln!(
            text,
            "a{}: &a{} [*a{level}, *a{level}, *a{level}]",
            level + 1,
            level + 1
        );
        text
    });
    let environment = template("Environment:\n  - {Name: DB_PASSWORD, Value: x}\n");
    let large = "x".repeat(10_000_000);
    let cases = [
        ("alias bomb", format!("{bomb}{environment}")),
        ("plain", format!("Description: {large}\n{environment}")),
        (
            "double",
            format!(
                "Description: \"{}\"\n{environment}",
                "\\n".repeat(5_000_000)
            ),
        ),
        (
            "single",
            format!("Description: '{}'\n{environment}", "''".repeat(5_000_000)),
        ),
        (
            "literal",
            format!("Description: |\n{}{environment}", "  x\n".repeat(2_500_000)),
        ),
        (
            "folded",
            format!(
                "Description: >\n{}{environment}",
                "  x\n\n".repeat(2_000_000)
            ),
        ),
        (
            "comments",
            format!("{}{environment}", "# a comment\n".repeat(200_000)),
        ),
        (
            "blank lines",
            format!(
                "Description: a\n{}  b\n{environment}",
                "\n".repeat(2_000_000)
            ),
        ),
    ];
    for (what, text) in cases {
        let (code, messages) = rewrite(what, text.as_bytes());
        assert!(
            code == 0 || messages.contains("error"),
            "{what}: {messages}"
        );
    }
}

#[test]
fn every_truncated_template_ends_in_a_result_or_an_error() {
    let text = template(
        "Environment:\n  - Name: DB_PASSWORD # é😀\n    Value: \"a\\u00e9\"\n  - {Name: B, Value: !Sub 'c'}\n  - Name: C\n    Value: |\n      d\nSecrets: []\n",
    );
    let parse = |bytes: &[u8]| {
        std::str::from_utf8(bytes)
            .ok()
            .map(byref_template::Template::parse)
    };
    let mut parsed = 0;
    for end in 0..=text.len() {
        parsed += usize::from(parse(&text.as_bytes()[..end]).is_some_and(|result| result.is_ok()));
        let without = [
            &text.as_bytes()[..end],
            text.as_bytes().get(end + 1..).unwrap_or_default(),
        ]
        .concat();
        parse(&without);
    }
    assert!(parsed > 50, "{parsed}");
    for end in [1, 17, 60, text.len() / 2, text.len() - 3] {
        rewrite("truncated", &text.as_bytes()[..end]);
    }
}

#[test]
fn bytes_that_are_not_text_are_refused_with_their_location() {
    let (code, messages) = rewrite("not UTF-8", b"a: b\nc: \xff\n");
    assert_eq!(code, 2);
    assert!(
        messages.contains("not UTF-8, at line 2, column 4"),
        "{messages}"
    );
    let (code, messages) = rewrite("NUL", b"a: b\nc: d\0e\n");
    assert_eq!(code, 2);
    assert!(
        messages.contains("template.yaml:2:5") && messages.contains("control character"),
        "{messages}"
    );
    for (what, text) in [
        ("empty", ""),
        ("comment", "# x\n"),
        ("scalar", "x"),
        ("list", "- a\n"),
        ("two documents", "a: b\n---\nc: d\n"),
    ] {
        assert_eq!(rewrite(what, text.as_bytes()).0, 2, "{what}");
    }
}

#[test]
fn a_folder_and_a_missing_file_are_errors_with_their_names() {
    let folder = folder(&[
        ("deploy.toml", &config("DB_PASSWORD = \"db-password\"\n")),
        ("template.yaml", "a: b\n"),
        ("sub/x", ""),
    ]);
    let output = run(folder.path(), "rewrite sub");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("cannot read `sub`: it is a folder"),
        "{}",
        stderr(&output)
    );
    let output = run(folder.path(), "rewrite templat.yaml");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("did you mean `./template.yaml`"),
        "{}",
        stderr(&output)
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_an_error_and_a_closed_pipe_is_not_one() {
    let text = template(&format!(
        "Environment:\n  - {{Name: DB_PASSWORD, Value: x}}\nCommand: [{}]\n",
        "long, ".repeat(100_000)
    ));
    let folder = folder(&[
        ("deploy.toml", &config("DB_PASSWORD = \"db-password\"\n")),
        ("template.yaml", &text),
    ]);
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = byref(folder.path())
        .args(["rewrite", "template.yaml"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("standard output"),
        "{}",
        stderr(&output)
    );
    let shell = format!(
        "{} rewrite -q template.yaml | head -c 1",
        env!("CARGO_BIN_EXE_byref")
    );
    let output = std::process::Command::new("bash")
        .args(["-c", &format!("set -o pipefail; {shell}")])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(
        (
            output.status.code(),
            stderr(&output).as_str(),
            stdout(&output).as_str()
        ),
        (Some(0), "", "R")
    );
}
