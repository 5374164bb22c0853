//! Texts that are no templates, or can't be read as one: line by line.

use std::ops::Range;

use crate::finding::Level;
use crate::judgement::reason;
use crate::rules::{Found, Rule, embedded_secret, secret_name, secret_shape, weak_secret};
use byref_judge::{Slot, Verdict, find_shapes, judge};
use byref_judge::{TextKind, find_embedded};

/// What is found in a text, by its lines and by pairs of lines.
pub(crate) fn findings(text: &str) -> Vec<(&'static Rule, Found)> {
    let mut found: Vec<(&'static Rule, Found)> = Vec::new();
    for shaped in find_shapes(text) {
        let message = format!("this has the shape of {}", shaped.kind);
        found.push((
            &secret_shape::RULE,
            Found { range: shaped.range, level: Level::Error, name: None, message, help: HELP },
        ));
    }
    for inside in find_embedded(text, TextKind::Script) {
        let (rule, level) = weight(inside.verdict, &embedded_secret::RULE);
        let message = format!("this holds {} as plaintext", inside.kind);
        found.push((rule, Found { range: inside.range, level, name: inside.name, message, help: HELP }));
    }
    for (name, range) in pairs(text) {
        let value = &text[range.clone()];
        if let Some(verdict) = judge(Slot::Named, name, value) {
            let (rule, level) = weight(verdict, &secret_name::RULE);
            let message = format!("`{name}` is a plaintext secret: {}", reason(name, value));
            found.push((rule, Found { range, level, name: Some(name.to_owned()), message, help: HELP }));
        }
    }
    found
}

const HELP: &str = "store it in Parameter Store or Secrets Manager, and refer to it";

fn weight(verdict: Verdict, rule: &'static Rule) -> (&'static Rule, Level) {
    match verdict {
        Verdict::Secret => (rule, Level::Error),
        Verdict::Unsure => (rule, Level::Warning),
        Verdict::Weak => (&weak_secret::RULE, Level::Warning),
    }
}

/// How many lines a value may stand below its name.
const NEAR: usize = 3;

/// `Name: X` with `Value: Y` a few lines below.
fn pairs(text: &str) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    let mut name: Option<(&str, usize)> = None;
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        for (key, value) in entries(line) {
            let written = &line[value.clone()];
            match key {
                "Name" | "name" | "Key" | "OptionName" | "ParameterKey" | "key" => name = Some((written, number)),
                "Value" | "value" | "ParameterValue" => {
                    if let Some((name, _)) = name.filter(|(_, at)| number - at <= NEAR) {
                        found.push((name, start + value.start..start + value.end));
                    }
                }
                _ => {}
            }
        }
        start += line.len();
    }
    found
}

/// The entries of a line: one, or those of a mapping in braces.
fn entries(line: &str) -> Vec<(&str, Range<usize>)> {
    if !line.contains('{') {
        return entry(line).into_iter().collect();
    }
    let mut found = Vec::new();
    let mut start = 0;
    // A comment behind the braces belongs to no entry.
    let line = line.find(" #").map_or(line, |comment| &line[..comment]);
    for part in line.split_inclusive(',') {
        let inner = part.trim_end().trim_end_matches(['}', ',', ']', ' ']);
        found.extend(entry(inner).map(|(key, value)| (key, start + value.start..start + value.end)));
        start += part.len();
    }
    found
}

/// The key of a line and where its value stands, without quotes.
fn entry(line: &str) -> Option<(&str, Range<usize>)> {
    let body = line.trim_start_matches([' ', '\t', '-', '{', '"', '\'', ',']);
    let body_start = line.len() - body.len();
    let colon = body.find(':')?;
    let key = body[..colon].trim_end_matches(['"', '\'', ' ']);
    let rest = &line[body_start + colon + 1..];
    let value = rest.trim().trim_end_matches(',').trim_matches(['"', '\'']);
    let at = rest.find(value)?;
    let start = body_start + colon + 1 + at;
    (!value.is_empty()).then(|| (key, start..start + value.len()))
}
