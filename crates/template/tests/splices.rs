//! Every item and entry is deleted, and something is inserted after every one: libyaml must read
//! the source's events with exactly that difference.
#![expect(clippy::unwrap_used, reason = "a test fails where it can't go on")]

mod judge;

use byref_harness::ignore;
use byref_template::edit::{apply, render};
use byref_template::{Build, Changes, Kind, NodeRef, Template};
use judge::{libyaml_events, our_events_by_node, shared, texts};

byref_harness::tests![splices_of_own_cases, splices_of_the_corpus,];

fn main() -> std::process::ExitCode {
    byref_harness::run(&[TESTS])
}

/// The first elements of a collection and the last one; enough for every position to occur.
fn chosen<'t>(elements: &[NodeRef<'t>]) -> Vec<(usize, NodeRef<'t>)> {
    let last = elements.len().saturating_sub(1);
    elements
        .iter()
        .copied()
        .enumerate()
        .filter(|(index, _)| *index < 4 || *index == last)
        .collect()
}

/// Scalars without their style, and collections likewise: what is written anew may be in another
/// one.
fn bare(events: &[String]) -> Vec<String> {
    let plain = |event: &String| {
        let end = if event.starts_with("=VAL") {
            event.len() - 2
        } else {
            event.len()
        };
        event[..end].replace(" {}", "").replace(" []", "")
    };
    events.iter().map(plain).collect()
}

struct Tally {
    judged: usize,
    refused: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn judge(&mut self, name: &str, template: &Template, changes: &Changes, expected: &[String]) {
        let Ok(edits) = render(template, changes) else {
            self.refused += 1;
            return;
        };
        self.judged += 1;
        let result = apply(template.text(), &edits);
        let problem = match libyaml_events(&result) {
            Ok(found) if bare(&found) == bare(expected) => lost_comments(template, &result, &edits),
            Ok(_) => Some("other events".to_owned()),
            Err(error) => Some(error),
        };
        if let Some(problem) = problem {
            let place = edits.first().map_or(0, |edit| edit.span.start as usize);
            let mut from = place.saturating_sub(120);
            while !result.is_char_boundary(from) {
                from -= 1;
            }
            let shown: String = result[from..].chars().take(260).collect();
            self.wrong
                .push(format!("{name} at {place}: {problem}\n---\n{shown}\n---"));
        }
    }
}

/// Comments outside the edits must all survive, as comments.
fn lost_comments(
    template: &Template,
    result: &str,
    edits: &[byref_template::edit::TextEdit],
) -> Option<String> {
    let after = Template::parse(result).ok()?;
    let touched = |span: byref_template::Span| {
        edits
            .iter()
            .any(|edit| edit.span.start < span.end && span.start < edit.span.end)
    };
    let kept = template
        .comments()
        .iter()
        .filter(|span| !touched(**span))
        .count();
    let found = after.comments().len();
    (found != kept).then(|| format!("{kept} comments should stay, {found} are there"))
}

fn delete_and_insert(name: &str, text: &str, sampling: usize, tally: &mut Tally) {
    let Ok(template) = Template::parse(text) else {
        return;
    };
    let (events, ranges) = our_events_by_node(&template);
    let ids: Vec<_> = template.nodes().map(NodeRef::id).collect();
    let index = |node: NodeRef<'_>| ids.binary_search(&node.id()).unwrap();
    for collection in template
        .nodes()
        .filter(|node| node.id() == ids[0] || index(*node) % sampling == 0)
    {
        let elements: Vec<NodeRef<'_>> = if collection.kind().is_mapping() {
            collection.entries().map(|entry| entry.key).collect()
        } else {
            collection.items().collect()
        };
        for (position, element) in chosen(&elements) {
            let first = ranges[index(element)].0;
            let last_node = if collection.kind().is_mapping() {
                index(element) + 1
            } else {
                index(element)
            };
            let last_node = if collection.kind().is_mapping() {
                index(template.node(ids[last_node]))
            } else {
                last_node
            };
            let end = ranges[last_node].1;
            if elements.len() > 1 {
                let mut changes = Changes::default();
                changes.removed.insert(element.id());
                let expected: Vec<String> = events[..first]
                    .iter()
                    .chain(&events[end..])
                    .cloned()
                    .collect();
                tally.judge(
                    &format!("{name}: delete {position}"),
                    &template,
                    &changes,
                    &expected,
                );
            }
            let mut changes = Changes::default();
            let mut new = vec!["=VAL \"New\" :".to_owned()];
            if collection.kind().is_mapping() {
                changes.inserted.insert(
                    element.id(),
                    vec![("New".to_owned(), Build::Text("New".to_owned()))],
                );
                new.push("=VAL \"New\" :".to_owned());
            } else if position + 1 == elements.len() {
                changes
                    .appended
                    .insert(collection.id(), vec![Build::Text("New".to_owned())]);
            } else {
                continue;
            }
            let expected: Vec<String> = events[..end]
                .iter()
                .chain(&new)
                .chain(&events[end..])
                .cloned()
                .collect();
            tally.judge(
                &format!("{name}: insert after {position}"),
                &template,
                &changes,
                &expected,
            );
        }
    }
    replace_values(name, &template, &events, &ranges, sampling, tally);
}

fn replace_values(
    name: &str,
    template: &Template,
    events: &[String],
    ranges: &[(usize, usize)],
    sampling: usize,
    tally: &mut Tally,
) {
    for (index, node) in template.nodes().enumerate() {
        if index % sampling != 0 {
            continue;
        }
        let is_value = node.parent().is_some_and(|parent| {
            parent.kind().is_sequence()
                || parent.entries().any(|entry| entry.value.id() == node.id())
        });
        let is_sampled = index % 3 == 0
            || matches!(node.kind(), Kind::Literal | Kind::Folded | Kind::Empty)
            || node.is_multiline() && node.kind().is_scalar();
        if !is_value || !is_sampled {
            continue;
        }
        let mut changes = Changes::default();
        changes
            .replaced
            .insert(node.id(), Build::Text("New".to_owned()));
        let (start, end) = ranges[index];
        let new = ["=VAL \"New\" :".to_owned()];
        let expected: Vec<String> = events[..start]
            .iter()
            .chain(&new)
            .chain(&events[end..])
            .cloned()
            .collect();
        tally.judge(
            &format!("{name}: replace {node:?}"),
            template,
            &changes,
            &expected,
        );
    }
}

/// One in `sampling` collections is judged, and one in seven times that many values.
fn judge(files: impl IntoIterator<Item = (String, String)>, sampling: usize, at_least: usize) {
    let mut tally = Tally {
        judged: 0,
        refused: 0,
        wrong: Vec::new(),
    };
    for (name, text) in files {
        for variant in [
            text.clone(),
            text.replace("\r\n", "\n").replace('\n', "\r\n"),
            text.trim_end().to_owned(),
        ] {
            // Whatever comes after a text block at the very end gives it the line break that it
            // lacked.
            let ends_in_text_block = !variant.ends_with('\n')
                && Template::parse(variant.as_str()).is_ok_and(|template| {
                    template
                        .nodes()
                        .last()
                        .is_some_and(|last| matches!(last.kind(), Kind::Literal | Kind::Folded))
                });
            if libyaml_events(&variant).is_ok() && !ends_in_text_block {
                delete_and_insert(&name, &variant, sampling, &mut tally);
            }
        }
    }
    let Tally {
        judged,
        refused,
        wrong,
    } = tally;
    assert!(
        judged >= at_least,
        "only {judged} splices, and {refused} refused"
    );
    assert!(
        wrong.is_empty(),
        "{} of {judged}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(12)].join("\n")
    );
}

fn splices_of_own_cases() {
    let cases = include_str!("cases.txt")
        .split("\n=====\n")
        .filter(|case| !case.starts_with("#!"));
    judge(
        cases
            .enumerate()
            .map(|(index, case)| (format!("case {index}"), case.replace("<no newline>", ""))),
        1,
        400,
    );
}

fn splices_of_the_corpus() {
    let Some(shared) = shared() else {
        ignore("no public templates: `BYREF_SHARED` names a folder with `corpus/`")
    };
    judge(
        texts(&shared.join("corpus"))
            .into_iter()
            .filter(|(_, text)| text.len() < 30_000),
        23,
        5_000,
    );
}
