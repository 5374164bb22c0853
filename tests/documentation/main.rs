//! The README and the pages below `docs`: generated pages are up to date, links lead to pages and
//! headings that exist, and every documented command, session and configuration works with the
//! built `byref`.
//!
//! A code block is checked by its language:
//!
//! | language | check |
//! | --- | --- |
//! | `sh` | runs in a folder with the page's example and a file store; every command must succeed |
//! | `console` | as `sh`; the output after each `$ ` line must be what the command prints (`…` on a line of its own: any lines) |
//! | `sh,checkout` | `cargo run -- …` runs at the top of the repository |
//! | `sh,aws`, `console,aws`, `yaml` | each `byref` command is parsed, not run |
//! | `toml` | must be a valid configuration, with the example's environments where it has none of its own |
//!
//! Commands in inline code are parsed, too. `BYREF_BLESS=1` writes the generated pages.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it can't go on"
)]

mod page;
mod session;
mod shell;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use byref_support::{byref, repository, run, stderr, stdout};

use crate::page::Page;

/// The pages whose reader starts with nothing but the example: no store, no key.
const FIRST_STEPS: [&str; 2] = ["README.md", "docs/getting-started.md"];

/// The pages at the top of the repository and all pages of the book, in order of their paths.
fn pages() -> Vec<Page> {
    let mut paths: Vec<PathBuf> = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
    ]
    .map(PathBuf::from)
    .into();
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(repository().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths
        .into_iter()
        .map(|path| Page::read(&repository(), path))
        .collect()
}

/// Compares the files of a folder with generated ones, or writes them when blessing.
fn compare(folder: &str, expected: &BTreeMap<String, String>) {
    let path = repository().join(folder);
    if std::env::var_os("BYREF_BLESS").is_some() {
        std::fs::create_dir_all(&path).unwrap();
        for (name, text) in expected {
            std::fs::write(path.join(name), text).unwrap();
        }
        for entry in std::fs::read_dir(&path)
            .unwrap()
            .map(|entry| entry.unwrap())
        {
            if !expected.contains_key(entry.file_name().to_str().unwrap()) {
                std::fs::remove_file(entry.path()).unwrap();
            }
        }
    }
    let found: BTreeMap<String, String> = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                std::fs::read_to_string(entry.path()).unwrap_or_default(),
            )
        })
        .collect();
    for name in expected.keys().chain(found.keys()) {
        assert!(
            expected.get(name) == found.get(name),
            "{folder}/{name} is out of date: run `BYREF_BLESS=1 cargo test -p byref-cli --test documentation`"
        );
    }
}

/// Returns the names of the commands that a help text lists.
fn subcommands(help: &str) -> Vec<String> {
    let Some((_, list)) = help.split_once("\nCommands:\n") else {
        return Vec::new();
    };
    let lines = list.lines().take_while(|line| !line.is_empty());
    let names = lines
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| !line.starts_with(' '));
    names
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn pages_of_commands_show_the_help_of_the_binary() {
    let folder = tempfile::tempdir().unwrap();
    let mut expected = BTreeMap::new();
    let mut waiting = vec![String::new()];
    while let Some(command) = waiting.pop() {
        let output = run(folder.path(), &format!("{command} --help"));
        let help = stdout(&output);
        assert!(
            output.status.success(),
            "byref {command} --help: {}",
            stderr(&output)
        );
        let subcommands: Vec<String> = subcommands(&help)
            .iter()
            .map(|subcommand| format!("{command} {subcommand}"))
            .collect();
        let name = format!("byref{command}");
        let mut page = format!("# {name}\n\n```text\n{}\n```\n", help.trim_end());
        for subcommand in &subcommands {
            let _ = write!(
                page,
                "\n- [byref{subcommand}](byref{}.md)",
                subcommand.replace(' ', "-")
            );
        }
        page.push_str(if subcommands.is_empty() { "" } else { "\n" });
        waiting.extend(subcommands);
        expected.insert(format!("{}.md", name.replace(' ', "-")), page);
    }
    assert!(
        expected.contains_key("byref-secret-put.md"),
        "{:?}",
        expected.keys()
    );
    compare("docs/commands", &expected);
}

#[test]
fn pages_of_lint_rules_are_the_sections_of_all_rules() {
    let whole = std::fs::read_to_string(repository().join("docs/lint-rules.md")).unwrap();
    let sections = whole.split("\n## ").skip(1);
    let expected: BTreeMap<String, String> = sections
        .map(|section| {
            (
                format!("{}.md", section.lines().next().unwrap()),
                format!("# {}\n", section.trim_end()),
            )
        })
        .collect();
    assert!(
        expected.contains_key("secret-name.md"),
        "{:?}",
        expected.keys()
    );
    compare("docs/rules", &expected);
}

#[test]
fn links_lead_to_pages_and_headings_that_exist() {
    let pages = pages();
    let headings: BTreeMap<&Path, BTreeSet<String>> = pages
        .iter()
        .map(|page| (page.path.as_path(), page.anchors()))
        .collect();
    let mut problems = String::new();
    let mut checked = 0;
    for page in &pages {
        for link in page
            .links()
            .into_iter()
            .filter(|link| !link.contains("://"))
        {
            checked += 1;
            let (target, anchor) = link
                .split_once('#')
                .map_or((link.as_str(), None), |(path, id)| (path, Some(id)));
            let path = if target.is_empty() {
                page.path.clone()
            } else {
                page.beside(target)
            };
            let is_there = repository().join(&path).exists();
            let has_anchor = anchor.is_none_or(|id| {
                headings
                    .get(path.as_path())
                    .is_some_and(|ids| ids.contains(id))
            });
            // The book holds nothing outside of `docs`.
            let is_inside = !page.path.starts_with("docs") || path.starts_with("docs");
            if !(is_there && has_anchor && is_inside) {
                let _ = writeln!(problems, "{}: {link}", page.path.display());
            }
        }
    }
    assert!(problems.is_empty(), "links without a target:\n{problems}");
    assert!(checked > 100, "{checked} links");
}

#[test]
fn the_book_lists_every_page_once() {
    let pages = pages();
    let summary = pages
        .iter()
        .find(|page| page.path == Path::new("docs/SUMMARY.md"))
        .unwrap();
    let mut listed: Vec<PathBuf> = summary
        .links()
        .iter()
        .map(|link| summary.beside(link))
        .collect();
    listed.sort();
    let book = pages.iter().map(|page| page.path.clone());
    let expected: Vec<PathBuf> = book
        .filter(|path| path.starts_with("docs") && path != Path::new("docs/SUMMARY.md"))
        .collect();
    assert_eq!(
        listed, expected,
        "docs/SUMMARY.md must list every page below docs once"
    );
}

#[test]
fn documented_commands_and_options_exist() {
    let folder = tempfile::tempdir().unwrap();
    let mut commands: BTreeMap<Vec<String>, PathBuf> = BTreeMap::new();
    for page in pages() {
        for command in page.commands() {
            commands.entry(command).or_insert_with(|| page.path.clone());
        }
    }
    let mut problems = String::new();
    for (command, page) in &commands {
        // Arguments are parsed one by one up to `--help`, which then ends the command.
        let end = command
            .iter()
            .position(|word| word == "--")
            .unwrap_or(command.len());
        let output = byref(folder.path())
            .args(&command[..end])
            .arg("--help")
            .output()
            .unwrap();
        if !output.status.success() {
            let _ = writeln!(
                problems,
                "{}: byref {}\n{}",
                page.display(),
                command.join(" "),
                stderr(&output)
            );
        }
    }
    assert!(
        problems.is_empty(),
        "commands that byref does not have:\n{problems}"
    );
    assert!(commands.len() > 80, "{} commands", commands.len());
}

#[test]
fn documented_sessions_run_as_shown() {
    let mut problems = String::new();
    let mut ran = 0;
    for page in pages() {
        let blocks = session::blocks(&page);
        if blocks.is_empty() {
            continue;
        }
        ran += blocks.len();
        let folder = tempfile::tempdir().unwrap();
        let example = if page.path == Path::new("README.md") {
            "fixtures/example/first-steps"
        } else {
            "docs/example"
        };
        session::copy(&repository().join(example), folder.path());
        let is_first = FIRST_STEPS
            .iter()
            .any(|first| page.path == Path::new(first));
        let start = if is_first {
            session::Start::Empty
        } else {
            session::Start::Store
        };
        if let Err(problem) = session::run(&blocks, folder.path(), start) {
            let _ = writeln!(problems, "{}: {problem}", page.path.display());
        }
    }
    assert!(problems.is_empty(), "{problems}");
    assert!(ran > 20, "{ran} blocks");
}

#[test]
fn the_readme_starts_with_commands_that_work() {
    let page = Page::read(&repository(), PathBuf::from("README.md"));
    let blocks = page
        .blocks()
        .into_iter()
        .filter(|block| block.language == "sh,checkout");
    let lines: Vec<String> = blocks
        .flat_map(|block| block.text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let commands = lines
        .iter()
        .filter_map(|line| line.strip_prefix("cargo run -- "));
    let mut ran = 0;
    for command in commands {
        let output = run(repository(), command.split('#').next().unwrap());
        assert!(output.status.success(), "{command}: {}", stderr(&output));
        assert!(!output.stdout.is_empty(), "{command}");
        ran += 1;
    }
    assert_eq!(ran, 2);
    assert!(
        page.text.split_whitespace().count() <= 1500,
        "the README is for the first hour: move reference to docs"
    );
}

#[test]
fn documented_configurations_are_valid() {
    let mut checked = 0;
    for page in pages() {
        for block in page
            .blocks()
            .iter()
            .filter(|block| block.language == "toml")
        {
            let folder = tempfile::tempdir().unwrap();
            session::copy(&repository().join("docs/example"), folder.path());
            let has_environments =
                block.text.contains("[environments.") || block.text.contains("include =");
            let head = if has_environments {
                ""
            } else {
                "include = [\"environments.toml\"]\n"
            };
            std::fs::write(
                folder.path().join("deploy.toml"),
                format!("{head}{}", block.text),
            )
            .unwrap();
            let output = run(folder.path(), "flag");
            assert!(
                output.status.success(),
                "{}:\n{}\n{}",
                page.path.display(),
                block.text,
                stderr(&output)
            );
            checked += 1;
        }
    }
    assert!(checked > 10, "{checked} configurations");
}

#[test]
fn the_reference_of_the_configuration_names_every_key() {
    let example = std::fs::read_to_string(repository().join("deploy.toml.example")).unwrap();
    let reference = std::fs::read_to_string(repository().join("docs/deploy-toml.md")).unwrap();
    let keys = example
        .lines()
        .filter_map(|line| line.trim_start_matches("# ").split_once('='))
        .map(|(key, _)| key.trim());
    let keys: BTreeSet<&str> = keys
        .filter(|key| {
            key.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        })
        .collect();
    assert!(keys.len() > 20, "{keys:?}");
    for key in keys {
        assert!(
            reference.contains(&format!("`{key}`")),
            "docs/deploy-toml.md does not explain `{key}`"
        );
    }
}

#[test]
fn the_example_of_the_library_is_the_one_that_rustdoc_runs() {
    let source = std::fs::read_to_string(repository().join("crates/byref/src/lib.rs")).unwrap();
    let documented: BTreeSet<&str> = source
        .lines()
        .filter_map(|line| line.strip_prefix("//!"))
        .map(str::trim)
        .collect();
    let mut checked = 0;
    for path in ["README.md", "docs/recipes/library.md"] {
        for block in Page::read(&repository(), PathBuf::from(path))
            .blocks()
            .iter()
            .filter(|block| block.language == "rust")
        {
            for line in block
                .text
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
            {
                assert!(
                    documented.contains(line),
                    "{path}: `{line}` is not in the example of crates/byref/src/lib.rs"
                );
                checked += 1;
            }
        }
    }
    assert!(checked >= 6, "{checked} lines");
}
