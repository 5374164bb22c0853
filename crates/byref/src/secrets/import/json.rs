//! JSON files: one object of names and values, as `chamber export --format json` and credstash's
//! `getall` write it.
//!
//! ```
//! use byref::secrets::import::{Contents, Format};
//!
//! let contents = Contents::parse(r#"{"B": "not-a-secret", "A": 1.10, "C": [1]}"#, &Format::Json)?;
//! let names: Vec<&str> = contents.secrets.iter().map(|secret| secret.name.as_str()).collect();
//! assert_eq!(names, ["B", "A"]); // in the order of the file
//! assert_eq!(contents.secrets[1].value.expose(), "1.10"); // as it is written
//! assert_eq!(contents.skipped.len(), 1); // a list is not a value
//! # Ok::<(), byref::secrets::import::ImportError>(())
//! ```

use std::collections::BTreeSet;
use std::fmt;

use byref_config::{looks_pasted, shown_name};
use byref_parameter::SecretValue;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Contents, ImportError, Imported};

/// The pairs in the order of the file.
///
/// A map would sort the names, and keep one of two entries with the same name without a word. The
/// values stay as raw text, because a parsed number loses its form.
struct Pairs<'t>(Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;
        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of names and values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor)
    }
}

/// Parses a file. Entries that are not a text, a number or a Boolean are skipped.
///
/// A name that appears twice is an error: unlike a shell, JSON does not define which one counts.
pub(super) fn parse(text: &str) -> Result<Contents, ImportError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Pairs(pairs) = serde_json::from_str(text)
        // The parser's own message may contain the text of the file.
        .map_err(|error| {
            ImportError::new(
                error.line(),
                "this is not a JSON object of names and values",
            )
        })?;
    let mut contents = Contents::default();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for (index, (name, raw)) in pairs.into_iter().enumerate() {
        let value = match serde_json::from_str(raw.get()) {
            Ok(Value::String(value)) => value,
            // The text in the file: 1.10 stays 1.10.
            Ok(Value::Number(_) | Value::Bool(_)) => raw.get().to_owned(),
            _ => {
                contents.skipped.push(format!(
                    "`{}` is not a text and is skipped",
                    shown_name(&name)
                ));
                continue;
            }
        };
        if looks_pasted(&name) {
            return Err(ImportError::new(
                0,
                format!(
                    "number {} of the object has no name: it looks like a value",
                    index + 1
                ),
            ));
        }
        if !seen.insert(name.clone()) {
            return Err(ImportError::new(0, format!("`{name}` appears twice")));
        }
        contents.secrets.push(Imported {
            name,
            value: SecretValue::new(value),
        });
    }
    Ok(contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_of_chamber_and_credstash_are_read() {
        let text = "{\"db_password\": \"EXAMPLE-1\", \"quiz.port\": 1.10, \"on\": true, \"list\": [1], \"x\": null}";
        let contents = parse(text).unwrap();
        let pairs: Vec<(&str, &str)> = contents
            .secrets
            .iter()
            .map(|secret| (secret.name.as_str(), secret.value.expose()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("db_password", "EXAMPLE-1"),
                ("quiz.port", "1.10"),
                ("on", "true")
            ]
        );
        assert_eq!(contents.skipped.len(), 2);
    }

    #[test]
    fn errors_have_no_value() {
        for text in [
            "{\"a\": EXAMPLE-canary}",
            "\"EXAMPLE-canary\"",
            "[\"EXAMPLE-canary\"]",
            "{\"a\": \"EXAMPLE-canary\", \"a\": \"x\"}",
        ] {
            assert!(
                !parse(text).err().unwrap().problem.contains("canary"),
                "{text}"
            );
        }
        assert_eq!(parse("{\n\"a\": x}").err().unwrap().line, 2);
    }
}
