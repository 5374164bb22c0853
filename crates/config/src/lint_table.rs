//! Accepted findings of the lint: the table `[lint]`.
//!
//! ```toml
//! [[lint.allow]]
//! rule = "secret-name"
//! path = "stacks/legacy/**"
//! reason = "moves with the legacy service"
//! until = "2027-03-01"
//! ```

use byref_template::Location;
use globset::{Glob, GlobMatcher};

use crate::reader::Reader;
use crate::tree::{Table, Value};

/// A waiver: `{ rule = "secret-name", path = "stacks/legacy/**", reason = "…", until = "2027-03-01"
/// }`.
#[derive(Clone, Debug)]
pub struct LintWaiver {
    /// The id of a rule. The lint checks that it exists.
    pub rule: String,
    /// The files that the waiver covers, relative to the folder of the configuration.
    pub path: GlobMatcher,
    /// The property paths that the waiver covers; `None` covers all.
    pub property: Option<GlobMatcher>,
    /// The reason why the finding is accepted.
    pub reason: String,
    /// The last day of validity, as `YYYY-MM-DD`.
    pub until: Option<String>,
    /// The location of the waiver.
    pub location: Location,
}

/// The keys of a waiver.
const KEYS: [&str; 5] = ["rule", "path", "property", "reason", "until"];

/// Reads `[lint]`.
pub(crate) fn read_lint(reader: &mut Reader, table: &Table) -> Vec<LintWaiver> {
    reader.unknown_keys(table, &["allow"], "`[lint]`");
    let Some(entry) = table.entries.get("allow") else {
        return Vec::new();
    };
    let Value::Array(items) = &entry.node.value else {
        reader.error(
            "wrong-type",
            "`allow` is not a list",
            entry.node.location,
            "write a list of tables: `[[lint.allow]]`",
        );
        return Vec::new();
    };
    let mut waivers = Vec::new();
    for item in items {
        let Value::Table(table) = &item.value else {
            reader.error(
                "wrong-type",
                "`allow` contains an item that is not a table",
                item.location,
                "write `[[lint.allow]]`",
            );
            continue;
        };
        reader.unknown_keys(table, &KEYS, "a waiver");
        let needed = |reader: &mut Reader, name: &str| {
            let text = reader.text(table, name).map(|(text, _)| text.to_owned());
            if text.is_none() && !table.entries.contains_key(name) {
                reader.error(
                    "missing-key",
                    format!("this waiver has no `{name}`"),
                    item.location,
                    "a waiver needs `rule`, `path` and `reason`",
                );
            }
            text
        };
        let (rule, reason) = (needed(reader, "rule"), needed(reader, "reason"));
        let _ = needed(reader, "path");
        let path = glob(reader, table, "path");
        let property = glob(reader, table, "property");
        let until = reader.text(table, "until").map(|(text, _)| text.to_owned());
        if let (Some(rule), Some(reason), Some(path)) = (rule, reason, path) {
            waivers.push(LintWaiver {
                rule,
                path,
                property,
                reason,
                until,
                location: item.location,
            });
        }
    }
    waivers
}

/// Reads a glob.
fn glob(reader: &mut Reader, table: &Table, name: &str) -> Option<GlobMatcher> {
    let (text, location) = reader.text(table, name)?;
    let glob = Glob::new(text).map(|glob| glob.compile_matcher()).ok();
    if glob.is_none() {
        let help = "`*` matches any text, `?` matches a single character";
        reader.error(
            "bad-value",
            format!("`{name}` is not a glob"),
            location,
            help,
        );
    }
    glob
}
