//! The leftovers of a rewrite: copies of removed values, and overrides that can't set a secret.
//!
//! A value that moves to the store is often written elsewhere as well: in a second container, a
//! label, a comment. As long as a copy is in the template, so is the secret. The search covers all
//! templates of the run, and all texts of them, in one pass over each.
//!
//! Hits that are no leftovers are left out:
//!
//! | value | text | is a copy |
//! |---|---|---|
//! | `orange` | `oranges` | no: a part of a longer word |
//! | `not-a-secret` | `postgres://web:not-a-secret@db` | yes: nothing goes on beside it |
//! | `prod` | `prod`, as a whole scalar | yes |
//! | `prod` | `prod-network` | no: too short to be looked for inside a text |
//! | `true`, `8080` | anywhere | no: in every template |

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use byref_template::{Diagnostic, Kind, Location, NodeId, NodeRef, Span};

use super::decisions::{Holder, RemovedValue};
use super::inventory::Inventory;
use super::line::Line;
use super::parameter::Unused;
use crate::binding::{Binding, Outcome};
use crate::request::Document;

/// The shortest value, in bytes, that is looked for inside longer texts. A shorter one counts only
/// as a whole scalar.
const SHORTEST_PART: usize = 5;
/// The shortest value, in bytes, that is looked for at all. Shorter ones are everyday words and
/// numbers.
const SHORTEST_VALUE: usize = 4;
/// The number of copies of one value that are reported in each template. A value that is everywhere
/// is not worth more.
const COPIES_NAMED: usize = 20;

/// The input of the search for copies of removed values, in all templates of the run, also in those
/// that are only read.
pub(super) struct CopySearch<'p> {
    pub(super) inventory: &'p Inventory<'p>,
    pub(super) lines: &'p [Line<'p>],
    /// The values that leave the templates.
    pub(super) removed: &'p [RemovedValue],
    /// The declarations that lost their last use.
    pub(super) unused: &'p Unused,
}

impl CopySearch<'_> {
    /// Returns a warning for each copy, at most [`COPIES_NAMED`] for each value and template.
    pub(super) fn warnings(&self) -> Vec<Diagnostic> {
        let mut secrets: BTreeMap<&str, &str> = BTreeMap::new();
        for removed in self
            .removed
            .iter()
            .filter(|removed| is_telling(&removed.text))
        {
            secrets.entry(&removed.text).or_insert(&removed.secret);
        }
        let texts: Vec<&str> = secrets.keys().copied().collect();
        // Building fails only beyond 2^31 states; without the automaton there is nothing to report.
        // A table of all states would take quadratic time for a long value that repeats itself.
        let kind = Some(AhoCorasickKind::ContiguousNFA);
        let Ok(automaton) = AhoCorasick::builder().kind(kind).build(&texts) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (index, document) in self.inventory.documents.iter().enumerate() {
            let copies = copies(document, &automaton, &texts);
            if copies.is_empty() {
                continue;
            }
            let remaining = remaining(copies, &self.vanishing(index), texts.len());
            let places = Places::of(document);
            found.extend(remaining.into_iter().map(|(pattern, span)| {
                let (span, path) = places.whole(span);
                (document.location(span), secrets[texts[pattern]], path)
            }));
        }
        found.dedup();
        let lines: BTreeMap<&str, &Line<'_>> = self
            .lines
            .iter()
            .map(|line| (line.secret.name.as_str(), line))
            .collect();
        let warning = |(location, secret, path)| {
            copy_warning(location, secret, path, lines.get(secret).copied())
        };
        found.into_iter().map(warning).collect()
    }

    /// Returns the places of a template whose values vanish, in order and without duplicates. A
    /// copy in one of them is no leftover.
    ///
    /// These are entries that move, with a comment that leaves with them, and declarations that are
    /// unused now. In a template that the run only reads, they are the entries that a rewrite of
    /// that template would move.
    fn vanishing(&self, index: usize) -> Vec<Span> {
        let document = &self.inventory.documents[index];
        let mut spans: Vec<Span> = Vec::new();
        let unused = self.unused_declarations(index);
        for removed in self
            .removed
            .iter()
            .filter(|removed| removed.document == index)
        {
            match removed.by {
                Holder::Value => spans.push(removed.span),
                Holder::Declaration if unused.iter().any(|outer| outer.contains(removed.span)) => {
                    spans.push(removed.span);
                }
                Holder::Declaration => {}
            }
        }
        if !document.is_written() {
            let own = self
                .inventory
                .containers
                .iter()
                .filter(|container| container.document == index);
            for container in own {
                for line in self.lines {
                    let pairs = container.environment.named(&line.secret.name);
                    let values = pairs
                        .into_iter()
                        .filter_map(|pair| container.environment.pairs[pair].value);
                    spans.extend(values.map(|value| value.value.full_span()));
                }
            }
        }
        spans.sort_unstable();
        spans.dedup();
        spans
    }

    /// Returns the parameters and mappings of a template that are reported as unused, removed or
    /// not.
    fn unused_declarations(&self, index: usize) -> Vec<Span> {
        let document = &self.inventory.documents[index];
        let unused = self.unused;
        let root = document.template.root();
        let sections = ["Parameters", "Mappings"]
            .into_iter()
            .filter_map(|name| root.and_then(|root| root.get(name)));
        let entries = sections
            .flat_map(NodeRef::entries)
            .filter(|entry| unused.contains(&document.place(entry.key)));
        entries.map(|entry| entry.value.full_span()).collect()
    }
}

/// Leaves out the copies in places that vanish, and those beyond [`COPIES_NAMED`] of each value.
/// `vanishing` is sorted.
fn remaining(copies: Vec<(usize, Span)>, vanishing: &[Span], values: usize) -> Vec<(usize, Span)> {
    let mut counts = vec![0_usize; values];
    let stays = |span: Span| {
        let order = |gone: &Span| {
            if gone.end <= span.start {
                Ordering::Less
            } else if gone.start > span.start {
                Ordering::Greater
            } else {
                Ordering::Equal
            }
        };
        vanishing.binary_search_by(order).is_err()
    };
    let mut found = copies;
    found.retain(|(pattern, span)| {
        let stays = stays(*span);
        counts[*pattern] += usize::from(stays);
        stays && counts[*pattern] <= COPIES_NAMED
    });
    found
}

/// Returns the warning for one copy. It names the path of the scalar that holds the copy, and never
/// the copy itself.
fn copy_warning(
    location: Location,
    secret: &str,
    path: Option<String>,
    line: Option<&Line<'_>>,
) -> Diagnostic {
    let place = path.map_or_else(String::new, |path| format!(", in `{path}`"));
    let message = format!("the value that `{secret}` had is here as well{place}");
    let diagnostic = Diagnostic::warning("remaining-copy", message, location)
        .about(secret)
        .help("remove this copy as well, and rotate the secret: whoever has read the template knows the value");
    match line {
        Some(line) => diagnostic.with(line.secret.name_location, "moved by this line"),
        None => diagnostic,
    }
}

/// Returns a warning for each container override that sets a name which becomes a secret.
///
/// An override of a task can set environment variables but no secrets, and ECS refuses a task that
/// has one name in both lists.
pub(super) fn override_warnings(
    inventory: &Inventory<'_>,
    bindings: &[Binding],
) -> Vec<Diagnostic> {
    let is_secret = |binding: &&Binding| matches!(binding.outcome, Outcome::Moved | Outcome::Added);
    let moved: BTreeSet<&str> = bindings
        .iter()
        .filter(is_secret)
        .map(|binding| binding.secret.as_str())
        .collect();
    let mut found = Vec::new();
    for document in inventory.documents {
        for node in overrides(document) {
            let text = node.text().unwrap_or_default();
            let is_json = || {
                text.contains("ontainerOverrides")
                    .then(|| quoted(&text).find(|name| moved.contains(name)))
            };
            let name = moved
                .get(text.as_ref())
                .copied()
                .or_else(|| is_json().flatten());
            found.extend(name.map(|name| override_warning(name, document.place(node))));
        }
    }
    found
}

/// Returns the warning for one override.
fn override_warning(name: &str, place: Location) -> Diagnostic {
    let message = format!(
        "this container override sets `{name}`, which is a secret now: an override can't set a secret"
    );
    Diagnostic::warning("container-override", message, place)
        .about(name)
        .help("remove the variable from the override: the task gets it from its definition")
}

/// Returns the texts between neighbouring quotes of a text, such as the keys and values of JSON.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').skip(1)
}

/// Returns the scalars in `ContainerOverrides`, and those that hold such overrides as JSON text, as
/// the target of an event rule does.
///
/// The nodes come in the order of the text, so the end of the value behind a key
/// `ContainerOverrides` is all that the walk has to remember.
fn overrides(document: &Document) -> Vec<NodeRef<'_>> {
    let mut found = Vec::new();
    let mut inside_until = 0;
    let mut is_value_next = false;
    for node in document.template.nodes() {
        let span = node.span();
        if std::mem::take(&mut is_value_next) {
            inside_until = inside_until.max(span.end);
        }
        if !node.kind().is_scalar() {
            continue;
        }
        let raw = node.raw();
        if span.start < inside_until || raw.contains("ontainerOverrides") {
            found.push(node);
        }
        let bare = raw.trim_matches(['"', '\'']);
        is_value_next = matches!(bare, "ContainerOverrides" | "containerOverrides");
    }
    found
}

/// Returns whether a value is worth looking for: numbers and words such as `true` are in every
/// template.
fn is_telling(text: &str) -> bool {
    let is_number = text.len() < 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_word = matches!(
        text.to_ascii_lowercase().as_str(),
        "true" | "false" | "null" | "none"
    );
    text.len() >= SHORTEST_VALUE && !is_number && !is_word
}

/// The scalars and comments of a template, for the place and the path of each copy.
struct Places<'t> {
    /// In the order of the text.
    scalars: Vec<NodeRef<'t>>,
    comments: &'t [Span],
    /// The keys of values, by their nodes.
    keys: BTreeMap<NodeId, NodeRef<'t>>,
}

impl<'t> Places<'t> {
    /// Reads the scalars, the comments and the keys of a template once.
    fn of(document: &'t Document) -> Self {
        let template = &document.template;
        let entries = template.nodes().flat_map(NodeRef::entries);
        Self {
            scalars: template
                .nodes()
                .filter(|node| node.kind().is_scalar())
                .collect(),
            comments: template.comments(),
            keys: entries.map(|entry| (entry.value.id(), entry.key)).collect(),
        }
    }

    /// Returns the scalar or the comment around a copy, with the path of the scalar. The message
    /// thus does not show which characters are the value.
    fn whole(&self, span: Span) -> (Span, Option<String>) {
        let next = self
            .scalars
            .partition_point(|node| node.span().start <= span.start);
        let around = next
            .checked_sub(1)
            .map(|index| self.scalars[index])
            .filter(|node| node.span().contains(span));
        if let Some(node) = around {
            return (node.span(), self.path(node));
        }
        let next = self
            .comments
            .partition_point(|comment| comment.start <= span.start);
        let comment = next
            .checked_sub(1)
            .map(|index| self.comments[index])
            .filter(|comment| comment.contains(span));
        (comment.unwrap_or(span), None)
    }

    /// Returns the keys that lead to a node, such as `Resources.Web.Properties.Family`, or `None`
    /// for the root.
    fn path(&self, node: NodeRef<'_>) -> Option<String> {
        let mut keys = Vec::new();
        let mut below = Some(node);
        while let Some(node) = below {
            keys.extend(
                self.keys
                    .get(&node.id())
                    .and_then(|key| key.text())
                    .map(std::borrow::Cow::into_owned),
            );
            below = node.parent();
        }
        keys.reverse();
        (!keys.is_empty()).then(|| keys.join("."))
    }
}

/// Finds the texts in a template. Returns the index of the text and the place of each hit, sorted
/// by place, each once.
///
/// The template is searched as it is written, which includes comments. Scalars whose text differs
/// from what is written, by escapes or line breaks, are searched a second time in their decoded
/// form. Both searches look for all texts at once, so the cost does not grow with the number of
/// secrets.
fn copies(document: &Document, automaton: &AhoCorasick, texts: &[&str]) -> Vec<(usize, Span)> {
    let text = document.template.text();
    let mut found = Vec::new();
    for hit in automaton.find_overlapping_iter(text.as_ref()) {
        let pattern = hit.pattern().as_usize();
        if stands_alone(text, hit.start(), hit.end()) && texts[pattern].len() >= SHORTEST_PART {
            found.push((pattern, Span::from(hit.range())));
        }
    }
    for node in document.template.nodes() {
        let is_short_match = || node.raw().len() < SHORTEST_PART + 2;
        if !(is_short_match() || is_written_otherwise(node)) || !node.kind().is_scalar() {
            continue;
        }
        let Some(said) = node.text() else { continue };
        for hit in automaton.find_overlapping_iter(said.as_ref()) {
            let pattern = hit.pattern().as_usize();
            let is_whole = hit.range() == (0..said.len());
            let is_long = texts[pattern].len() >= SHORTEST_PART;
            let is_seen_above = is_long && node.raw().contains(texts[pattern]);
            if !is_seen_above
                && (is_whole || is_long && stands_alone(&said, hit.start(), hit.end()))
            {
                found.push((pattern, node.span()));
            }
        }
    }
    found.sort_unstable_by_key(|(pattern, span)| (*span, *pattern));
    found.dedup();
    found
}

/// Returns whether the text of a scalar may differ from what is written.
fn is_written_otherwise(node: NodeRef<'_>) -> bool {
    match node.kind() {
        Kind::DoubleQuoted => node.is_multiline() || node.raw().contains('\\'),
        Kind::SingleQuoted => node.is_multiline() || node.raw()[1..].contains("''"),
        Kind::Plain | Kind::Literal | Kind::Folded => node.is_multiline(),
        _ => false,
    }
}

/// Returns whether a hit is not a part of a longer word: the value `main` is not in `domain`.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let is_word = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    let starts_with_word = is_word(text[start..].chars().next());
    let ends_with_word = is_word(text[..end].chars().next_back());
    let goes_on_before = starts_with_word && is_word(text[..start].chars().next_back());
    let goes_on_after = ends_with_word && is_word(text[end..].chars().next());
    !goes_on_before && !goes_on_after
}
