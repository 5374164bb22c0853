//! Names and values in the lines of a text that is not a template, or cannot be read as one.
//!
//! Most assignments are found by the judgement of single lines. What remains are pairs on two
//! lines, as YAML writes the items of an environment.
//!
//! | text | pair |
//! | --- | --- |
//! | `Name: X`, and on the next line `Value: y` | `X` and `y` |
//! | `- {Name: X, Value: y}` | `X` and `y` |
//! | `Value: y`, and on the next line `Name: X` | none: the name comes first |

use std::ops::Range;

/// The greatest distance, in lines, between a name and its value.
const NEAR: usize = 3;

/// Returns the values that a line a few lines above names: `Name: X`, then `Value: Y`. Each comes
/// with the range of its bytes in the text.
pub(crate) fn pairs(text: &str) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    let mut name: Option<(&str, usize)> = None;
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        for (key, value) in entries(line) {
            let written = &line[value.clone()];
            match key {
                "Name" | "name" | "Key" | "OptionName" | "ParameterKey" | "key" => {
                    name = Some((written, number));
                }
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

/// Returns the entries of a line: one, or those of a mapping in braces.
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
        found
            .extend(entry(inner).map(|(key, value)| (key, start + value.start..start + value.end)));
        start += part.len();
    }
    found
}

/// Returns the key of a line and the range of its value, without quotes.
///
/// `- "Name": "X",` → `Name` and the range of `X`; `Name:` → none.
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
