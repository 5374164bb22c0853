//! A page of Markdown: its code blocks, links, headings and commands.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::shell;

/// A page, with its path relative to the top of the repository.
pub(crate) struct Page {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// A fenced code block: the language after the fence, and the lines without the block's own
/// indentation.
pub(crate) struct Block {
    pub(crate) language: String,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn read(root: &Path, path: PathBuf) -> Self {
        let text = std::fs::read_to_string(root.join(&path)).unwrap();
        Self { path, text }
    }

    /// Returns the code blocks, and the lines outside of them.
    fn split(&self) -> (Vec<Block>, Vec<&str>) {
        let (mut blocks, mut prose) = (Vec::new(), Vec::new());
        let mut lines = self.text.lines();
        while let Some(line) = lines.next() {
            let Some(language) = line.trim_start().strip_prefix("```") else {
                prose.push(line);
                continue;
            };
            let indent = line.len() - line.trim_start().len();
            let mut text = String::new();
            loop {
                let line = lines.next().unwrap_or_else(|| {
                    panic!("{}: a code block without an end", self.path.display())
                });
                if line.trim() == "```" {
                    break;
                }
                text.push_str(line.get(indent..).unwrap_or_default());
                text.push('\n');
            }
            blocks.push(Block {
                language: language.trim().to_owned(),
                text,
            });
        }
        (blocks, prose)
    }

    pub(crate) fn blocks(&self) -> Vec<Block> {
        self.split().0
    }

    /// Returns the targets of links and images: `](TARGET)`, `src="TARGET"`, `srcset="TARGET"`.
    pub(crate) fn links(&self) -> Vec<String> {
        let mut links = Vec::new();
        for line in self.split().1 {
            let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("``");
            for (before, after) in [("](", ')'), ("src=\"", '"'), ("srcset=\"", '"')] {
                links.extend(
                    prose
                        .split(before)
                        .skip(1)
                        .filter_map(|rest| rest.split_once(after))
                        .map(|(to, _)| to.to_owned()),
                );
            }
        }
        links
    }

    /// Returns the path that a relative link of this page leads to.
    pub(crate) fn beside(&self, link: &str) -> PathBuf {
        let mut path = self.path.parent().unwrap().to_path_buf();
        for part in Path::new(link).components() {
            match part {
                Component::ParentDir => assert!(
                    path.pop(),
                    "{}: {link} leaves the repository",
                    self.path.display()
                ),
                part => path.push(part),
            }
        }
        path
    }

    /// Returns the ids of the headings, by the rules that GitHub and mdBook share.
    pub(crate) fn anchors(&self) -> BTreeSet<String> {
        let headings = self
            .split()
            .1
            .into_iter()
            .filter(|line| line.starts_with('#'));
        headings
            .map(|line| {
                let heading = line.trim_start_matches('#').trim().to_lowercase();
                let kept = heading
                    .chars()
                    .filter(|each| each.is_alphanumeric() || matches!(each, ' ' | '-' | '_'));
                kept.map(|each| if each == ' ' { '-' } else { each })
                    .collect()
            })
            .collect()
    }

    /// Returns the arguments of each `byref` command in code blocks and in inline code.
    pub(crate) fn commands(&self) -> Vec<Vec<String>> {
        let (blocks, prose) = self.split();
        let mut commands = Vec::new();
        for block in blocks {
            match block.language.split(',').next().unwrap() {
                "sh" => commands.extend(shell::commands(&block.text)),
                "console" => {
                    for line in block
                        .text
                        .lines()
                        .filter_map(|line| line.strip_prefix("$ "))
                    {
                        commands.extend(shell::commands(line));
                    }
                }
                "yaml" => {
                    for line in block.text.lines() {
                        let place = line
                            .match_indices("byref ")
                            .find(|(at, _)| *at > 0 && line.as_bytes()[at - 1] == b' ');
                        commands.extend(
                            place
                                .into_iter()
                                .flat_map(|(at, _)| shell::commands(&line[at..])),
                        );
                    }
                }
                _ => {}
            }
        }
        let inline = prose
            .iter()
            .flat_map(|line| line.split('`').skip(1).step_by(2));
        let inline = inline.filter(|code| code.starts_with("byref ") && !code.contains(['…', '[']));
        commands.extend(inline.flat_map(shell::commands));
        commands
    }
}
