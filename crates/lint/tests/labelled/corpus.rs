//! Labelled templates made of public ones: names and values of real entries are replaced by those
//! of the vocabulary, and everything else stays as its authors wrote it. What was found before the
//! replacement is no label.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use byref_template::{NodeRef, Span, Template};

use crate::generate::{Draw, Labelled, any, fits_plain};
use crate::vocabulary::Half;

/// The public templates of this machine, where it has them: `corpus/` in the folder that
/// `BYREF_SHARED` names.
pub(crate) fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("BYREF_SHARED").map_or(root, PathBuf::from);
    let mut waiting = vec![shared.join("corpus")];
    let mut files = Vec::new();
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// A name and its value, both literal on one line.
struct Slot {
    name: Option<Span>,
    value: Span,
}

/// Every second template is of one half, with a third of its entries replaced.
pub(crate) fn labelled(half: Half, index: usize, text: &str) -> Option<Labelled> {
    let template = Template::parse(text).ok()?;
    let slots = slots(template.root()?);
    let mut draw = Draw::new(index as u64 + 77);
    let mut edits: Vec<(Span, String)> = Vec::new();
    let mut secrets = BTreeSet::new();
    for slot in slots {
        if draw.below(3) > 0 {
            continue;
        }
        let (name, value, is_secret) = any(half, &mut draw);
        if !fits_plain(&value) || value.contains('\'') {
            continue;
        }
        if let Some(span) = slot.name {
            edits.push((span, format!("\"{name}\"")));
            edits.push((slot.value, format!("\"{value}\"")));
            if is_secret {
                secrets.insert(line_of(text, slot.value.start));
            }
        }
    }
    edits.sort_by_key(|(span, _)| *span);
    let mut changed = text.to_owned();
    for (span, new) in edits.iter().rev() {
        changed.replace_range(span.range(), new);
    }
    Template::parse(changed.as_str()).ok()?;
    Some(Labelled {
        text: changed,
        secrets: secrets.into_iter().collect(),
    })
}

pub(crate) fn line_of(text: &str, offset: u32) -> usize {
    text[..offset as usize].matches('\n').count() + 1
}

/// `Name`/`Value` pairs, and the entries of `Variables`, that are literal.
fn slots(root: NodeRef<'_>) -> Vec<Slot> {
    let mut found = Vec::new();
    let is_plain = |node: NodeRef<'_>| {
        node.kind().is_scalar()
            && !node.is_multiline()
            && node.tag().is_none()
            && !node.raw().is_empty()
            && !node.raw().starts_with(['|', '>'])
    };
    for node in root.subtree().filter(|node| node.kind().is_mapping()) {
        let keys: Vec<String> = node
            .entries()
            .filter_map(|entry| entry.key.text().map(String::from))
            .collect();
        if keys.len() == 2
            && let (Some(name), Some(value)) = (node.get("Name"), node.get("Value"))
            && is_plain(name)
            && is_plain(value)
        {
            found.push(Slot {
                name: Some(name.span()),
                value: value.span(),
            });
        }
        for entry in node
            .get("Variables")
            .into_iter()
            .filter(|node| node.intrinsic().is_none())
            .flat_map(NodeRef::entries)
        {
            if is_plain(entry.value) && is_plain(entry.key) {
                found.push(Slot {
                    name: Some(entry.key.span()),
                    value: entry.value.span(),
                });
            }
        }
    }
    found
}
