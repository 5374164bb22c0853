//! Running the `sh` and `console` blocks of a page, one after the other, in one folder.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::page::{Block, Page};

/// The state of the folder in which a page's blocks run.
#[derive(Clone, Copy)]
pub(crate) enum Start {
    /// The example alone.
    Empty,
    /// The example, and a file store that holds the example's secrets in production.
    Store,
}

/// Sets up the store that most pages start with.
const STORE: &str = r"
head -c 32 /dev/urandom | base64 > key
chmod 600 key
export BYREF_STORE=file:secrets.age BYREF_STORE_KEY_FILE=key
printf %s not-a-secret-1 | byref -q secret put DB_PASSWORD --app web -e production
printf %s not-a-secret-2 | byref -q secret put QUEUE_TOKEN --app worker -e production
printf %s not-a-secret-3 | byref -q secret put NEWRELIC_KEY --app worker -e production
printf %s not-a-secret-4 | byref -q secret put API_KEY --app web -e production
";

/// Marks in the output where the output of a command begins.
const MARK: &str = "=%=";

/// Returns the blocks of a page that run offline.
pub(crate) fn blocks(page: &Page) -> Vec<Block> {
    page.blocks()
        .into_iter()
        .filter(|block| matches!(block.language.as_str(), "sh" | "console"))
        .collect()
}

/// Copies a folder with the folders in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    let mut waiting = vec![(from.to_path_buf(), to.to_path_buf())];
    while let Some((from, to)) = waiting.pop() {
        std::fs::create_dir_all(&to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                waiting.push((entry.path(), target));
            } else {
                std::fs::copy(entry.path(), target).unwrap();
            }
        }
    }
}

/// A command of a `console` block, and the output that the page shows.
struct Shown<'t> {
    command: &'t str,
    output: String,
}

fn shown(block: &Block) -> Vec<Shown<'_>> {
    let mut all: Vec<Shown<'_>> = Vec::new();
    for line in block.text.lines() {
        match (line.strip_prefix("$ "), all.last_mut()) {
            (Some(command), _) => all.push(Shown {
                command,
                output: String::new(),
            }),
            (None, Some(last)) => {
                last.output.push_str(line);
                last.output.push('\n');
            }
            (None, None) => panic!("a console block begins with `$ `: {line}"),
        }
    }
    all
}

/// Runs the blocks, and compares what `console` blocks show with what their commands print.
pub(crate) fn run(blocks: &[Block], folder: &Path, start: Start) -> Result<(), String> {
    let mut script = String::from("set -eu\n");
    if matches!(start, Start::Store) {
        script.push_str(STORE);
    }
    let mut expected = BTreeMap::new();
    for block in blocks {
        if block.language == "sh" {
            let _ = writeln!(script, "echo '{MARK}'\n{}", block.text);
            continue;
        }
        for shown in shown(block) {
            let number = expected.len();
            let _ = writeln!(
                script,
                "echo '{MARK}{number}'\n{{ {}\n}} 2>&1 || :",
                shown.command
            );
            expected.insert(number, shown);
        }
    }
    let binaries = Path::new(env!("CARGO_BIN_EXE_byref")).parent().unwrap();
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder)
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", binaries.display()))
        .output()
        .unwrap();
    let (out, error) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    if !output.status.success() {
        return Err(format!("a command failed\n{out}\n{error}"));
    }
    if error.contains("not-a-secret") {
        return Err(format!("a value on standard error\n{error}"));
    }
    let mut printed = BTreeMap::new();
    for part in out.split(MARK).skip(1) {
        let (number, text) = part.split_once('\n').unwrap();
        if let Ok(number) = number.parse::<usize>() {
            printed.insert(number, text);
        }
    }
    for (number, shown) in &expected {
        let printed = printed.get(number).copied().unwrap_or_default();
        if !matches(&shown.output, printed) {
            return Err(format!(
                "`{}` prints\n{printed}\nand not\n{}",
                shown.command, shown.output
            ));
        }
    }
    Ok(())
}

/// Returns whether an output is the one shown, where a line `…` stands for any lines.
fn matches(shown: &str, printed: &str) -> bool {
    let mut rest = format!("\n{}\n", printed.trim_end());
    let shown = format!("\n{}\n", shown.trim_end());
    let parts: Vec<&str> = shown.split("\n…\n").collect();
    for (index, part) in parts.iter().enumerate() {
        let part = if index + 1 < parts.len() {
            format!("{part}\n")
        } else {
            (*part).to_owned()
        };
        let part = if index > 0 { format!("\n{part}") } else { part };
        let place = match index {
            0 => rest.starts_with(&part).then_some(0),
            _ if index + 1 == parts.len() => rest
                .len()
                .checked_sub(part.len())
                .filter(|_| rest.ends_with(&part)),
            _ => rest.find(&part),
        };
        let Some(place) = place else { return false };
        // The line break between two parts belongs to both.
        rest = rest[place + part.len() - usize::from(index + 1 < parts.len())..].to_owned();
    }
    parts.len() > 1 || rest.is_empty()
}

#[test]
fn shown_output_matches_only_what_is_printed() {
    assert!(matches("one\ntwo\n", "one\ntwo\n"));
    assert!(matches("one\n…\nfour\n", "one\ntwo\nthree\nfour\n"));
    assert!(matches("…\ntwo\n…\n", "one\ntwo\nthree\n"));
    for (shown, printed) in [
        ("one\n", "one\ntwo\n"),
        ("one\n…\nfour\n", "one\ntwo\n"),
        ("…\nwo\n", "one\ntwo\n"),
        ("", "one\n"),
    ] {
        assert!(!matches(shown, printed), "{shown:?} {printed:?}");
    }
}
