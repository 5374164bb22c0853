//! Typed access to tables, with a message for each mistake.
//!
//! Every method returns `None`, or an empty list, both for a missing key and after reporting a
//! mistake. The caller continues with a default, so that later mistakes are found in the same run.
//!
//! TOML is read into an untyped [`Table`] first, not with `serde`: a derived reader stops at the
//! first mistake, can't point at two places at once, and quotes the text in its messages, which may
//! be a secret.

use std::collections::BTreeMap;
use std::str::FromStr;

use byref_template::{Diagnostic, Location};

use crate::shown::is_showable_key;
use crate::tree::{Entry, Node, Table, Value};

/// A reader that collects mistakes instead of stopping at the first one.
#[derive(Default)]
pub(crate) struct Reader {
    /// In the order in which they were found. [`parse`](crate::parse()) sorts them.
    pub(crate) mistakes: Vec<Diagnostic>,
}

impl Reader {
    /// Reports an error.
    ///
    /// Every error has a help, which the signature enforces.
    pub(crate) fn error(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        location: Location,
        help: impl Into<String>,
    ) {
        self.mistakes
            .push(Diagnostic::error(code, message, location).help(help));
    }

    /// Reports keys other than `known`, suggesting the most similar one.
    ///
    /// `contianers` → "did you mean `containers`?". Without a similar key, the help lists all known
    /// ones.
    pub(crate) fn unknown_keys(&mut self, table: &Table, known: &[&str], place: &str) {
        for (name, entry) in table.in_order() {
            if known.contains(&name) {
                continue;
            }
            let help = match closest(name, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!(
                    "{place} takes: {}",
                    known
                        .iter()
                        .map(|key| format!("`{key}`"))
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            };
            self.error(
                "unknown-key",
                format!("{place} has no key `{}`", shown_key(name)),
                entry.key,
                help,
            );
        }
    }

    /// Reports a value of the wrong type.
    ///
    /// "`account` is a number, not a string", with the help "write a string".
    fn wrong_type(&mut self, name: &str, node: &Node, wanted: &str) {
        self.error(
            "wrong-type",
            format!("`{name}` is {}, not {wanted}", node.value.kind()),
            node.location,
            format!("write {wanted}"),
        );
    }

    /// Reads a string.
    pub(crate) fn text<'t>(&mut self, table: &'t Table, name: &str) -> Option<(&'t str, Location)> {
        let entry = table.entries.get(name)?;
        if let Value::Text(text) = &entry.node.value {
            Some((text, entry.node.location))
        } else {
            self.wrong_type(name, &entry.node, "a string");
            None
        }
    }

    /// Reads a string and parses it.
    ///
    /// The message ends with the error of the parser, which is a noun phrase without the text: "the
    /// value of `account` is …".
    pub(crate) fn parsed<T: FromStr<Err: std::fmt::Display>>(
        &mut self,
        table: &Table,
        name: &str,
        help: &str,
    ) -> Option<(T, Location)> {
        let (text, location) = self.text(table, name)?;
        match text.parse() {
            Ok(value) => Some((value, location)),
            Err(error) => {
                self.error(
                    "bad-value",
                    format!("the value of `{name}` is {error}"),
                    location,
                    help,
                );
                None
            }
        }
    }

    /// Reads a string that must be one of several words.
    pub(crate) fn one_of<T: Copy>(
        &mut self,
        table: &Table,
        name: &str,
        words: &[(&str, T)],
    ) -> Option<(T, Location)> {
        let (text, location) = self.text(table, name)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some((*value, location));
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let listed = known
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(" or ");
        let help = closest(text, &known).map_or_else(
            || format!("write {listed}"),
            |meant| format!("did you mean `{meant}`?"),
        );
        self.error(
            "bad-value",
            format!("`{name}` must be {listed}"),
            location,
            help,
        );
        None
    }

    /// Reads a boolean.
    pub(crate) fn boolean(&mut self, table: &Table, name: &str) -> Option<bool> {
        let entry = table.entries.get(name)?;
        if let Value::Boolean(boolean) = entry.node.value {
            Some(boolean)
        } else {
            self.wrong_type(name, &entry.node, "`true` or `false`");
            None
        }
    }

    /// Reads a list of distinct strings.
    ///
    /// Duplicates are errors, and only the first of them is returned. Items of other types are
    /// reported and left out.
    pub(crate) fn texts(&mut self, table: &Table, name: &str) -> Vec<(String, Location)> {
        let Some(entry) = table.entries.get(name) else {
            return Vec::new();
        };
        let Value::Array(items) = &entry.node.value else {
            self.wrong_type(name, &entry.node, "a list of strings");
            return Vec::new();
        };
        let mut texts: Vec<(String, Location)> = Vec::new();
        for item in items {
            match &item.value {
                Value::Text(text) => {
                    if let Some((_, first)) = texts.iter().find(|(known, _)| known == text) {
                        let duplicate = Diagnostic::error(
                            "duplicate",
                            format!("`{name}` contains a duplicate"),
                            item.location,
                        );
                        self.mistakes.push(
                            duplicate
                                .labelled("again here")
                                .with(*first, "first here")
                                .help("remove one of the two"),
                        );
                    } else {
                        texts.push((text.clone(), item.location));
                    }
                }
                _ => self.wrong_type(name, item, "a string"),
            }
        }
        texts
    }

    /// Reads a table.
    pub(crate) fn table<'t>(&mut self, table: &'t Table, name: &str) -> Option<&'t Table> {
        let entry = table.entries.get(name)?;
        self.as_table(name, entry)
    }

    /// Reads a table. A missing one, or a value of another type, is an empty table.
    pub(crate) fn table_or_empty<'t>(&mut self, table: &'t Table, name: &str) -> &'t Table {
        static EMPTY: Table = Table {
            entries: BTreeMap::new(),
        };
        self.table(table, name).unwrap_or(&EMPTY)
    }

    /// Returns the value of an entry if it is a table.
    pub(crate) fn as_table<'t>(&mut self, name: &str, entry: &'t Entry) -> Option<&'t Table> {
        if let Value::Table(table) = &entry.node.value {
            Some(table)
        } else {
            self.wrong_type(&shown_key(name), &entry.node, "a table");
            None
        }
    }
}

/// Returns a key for messages, masked unless it is plainly a name.
pub(crate) fn shown_key(name: &str) -> String {
    if is_showable_key(name) {
        name.to_owned()
    } else {
        byref_parameter::MASK.to_owned()
    }
}

/// Returns the known word that is most similar to a misspelt one, if any is similar enough.
///
/// Case and underscores don't count, and a swap of two letters counts as one change. A word is
/// similar enough with a third of its letters changed, plus one: `scope` allows two changes.
///
/// | Name | Known | Result |
/// | --- | --- | --- |
/// | `Role_Arn` | `role-arn` | `role-arn` |
/// | `shceme` | `scheme` | `scheme` |
/// | `timeout` | `scope` | none |
pub(crate) fn closest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let scored = known.iter().map(|key| {
        (
            strsim::damerau_levenshtein(&name.to_lowercase().replace('_', "-"), key),
            *key,
        )
    });
    scored
        .filter(|(distance, key)| *distance <= key.len() / 3 + 1)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, key)| key)
}
