//! The files as one tree. A value in the root file takes precedence over the same key in an
//! included file.
//!
//! All values keep their locations, including those of keys, which the TOML crate's own value type
//! drops.
//!
//! Tables are merged level by level: an included file may add a secret to an application of the
//! root file, but not change one. Lists are not merged, so the list of the root file replaces that
//! of an included one.

use std::collections::BTreeMap;

use byref_template::{Diagnostic, Location, SourceId, Span};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value with its location.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) location: Location,
}

/// A TOML value.
#[derive(Clone)]
pub(crate) enum Value {
    /// A string, with its escapes resolved.
    Text(String),
    Boolean(bool),
    Array(Vec<Node>),
    /// A table in any of its forms: `[a.b]`, `a = { b = 1 }` or `a.b = 1`.
    Table(Table),
    /// A number or a date, which no key accepts.
    Other(&'static str),
}

impl Value {
    /// Returns the type of the value for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Boolean(_) => "a boolean",
            Self::Array(_) => "an array",
            Self::Table(_) => "a table",
            Self::Other(kind) => kind,
        }
    }
}

/// A table of entries by key.
#[derive(Clone, Default)]
pub(crate) struct Table {
    pub(crate) entries: BTreeMap<String, Entry>,
}

/// A value with the location of its key.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) key: Location,
    pub(crate) node: Node,
}

impl Table {
    /// Returns the entries in the order of the files.
    ///
    /// The map is sorted by name, and the locations restore the order of the text. An included file
    /// comes after the root file.
    pub(crate) fn in_order(&self) -> Vec<(&str, &Entry)> {
        let mut entries: Vec<(&str, &Entry)> = self
            .entries
            .iter()
            .map(|(name, entry)| (name.as_str(), entry))
            .collect();
        entries.sort_by_key(|(_, entry)| entry.key);
        entries
    }

    /// Adds the keys of another table that this one does not have, merging tables.
    ///
    /// For `a = 1` with an included `a = 2` and `b = 3`, the result is `a = 1` and `b = 3`. A table
    /// never replaces another value, nor the reverse.
    pub(crate) fn include(&mut self, other: Table) {
        for (name, entry) in other.entries {
            match self.entries.get_mut(&name) {
                None => {
                    self.entries.insert(name, entry);
                }
                Some(Entry {
                    node:
                        Node {
                            value: Value::Table(own),
                            ..
                        },
                    ..
                }) => {
                    if let Value::Table(theirs) = entry.node.value {
                        own.include(theirs);
                    }
                }
                Some(_) => {}
            }
        }
    }
}

/// Reads one file. Syntax errors are reported, and the valid parts are returned.
///
/// The parser continues after a syntax error, so that mistakes in the remaining lines are reported
/// in the same run.
pub(crate) fn read(source: SourceId, text: &str, mistakes: &mut Vec<Diagnostic>) -> Table {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().map_or(Span::at(0), Span::from);
        let location = Location { source, span };
        // The messages of the TOML parser name the expected token, never the text.
        let message = error
            .message()
            .lines()
            .next()
            .unwrap_or("not valid TOML")
            .to_owned();
        let is_duplicate = message.contains("duplicate key");
        let help = if is_duplicate {
            "remove one of the two lines"
        } else {
            "write strings in double quotes and table names in square brackets"
        };
        let code = if is_duplicate {
            "duplicate-key"
        } else {
            "toml"
        };
        mistakes.push(Diagnostic::error(code, message, location).help(help));
    }
    convert_table(source, table.get_ref())
}

/// Converts a table. The TOML parser limits the depth of the recursion.
fn convert_table(source: SourceId, table: &DeTable<'_>) -> Table {
    let mut result = Table::default();
    for (key, value) in table {
        let location = Location {
            source,
            span: Span::from(key.span()),
        };
        let entry = Entry {
            key: location,
            node: convert(source, value),
        };
        result.entries.insert(key.get_ref().to_string(), entry);
    }
    result
}

/// Converts a value.
fn convert(source: SourceId, value: &Spanned<DeValue<'_>>) -> Node {
    let location = Location {
        source,
        span: Span::from(value.span()),
    };
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Boolean(boolean) => Value::Boolean(*boolean),
        DeValue::Array(items) => {
            Value::Array(items.iter().map(|item| convert(source, item)).collect())
        }
        DeValue::Table(table) => Value::Table(convert_table(source, table)),
        DeValue::Integer(_) | DeValue::Float(_) => Value::Other("a number"),
        DeValue::Datetime(_) => Value::Other("a date"),
    };
    Node { value, location }
}
