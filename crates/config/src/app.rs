//! Applications: the tables `[apps.NAME]`.
//!
//! ```toml
//! [apps.quiz-api]
//! templates = ["stacks/quiz-api.yaml"]
//! stack = "quiz-api-{environment}"
//! containers = ["web"]
//! execution-role = "external"
//!
//! [apps.quiz-api.secrets]
//! DB_PASSWORD = "db-password"
//!
//! [apps.quiz-api.environments.staging.secrets]
//! DB_PASSWORD = "/staging/legacy/db-password"
//! ```

use std::collections::BTreeMap;

use byref_template::Location;

use crate::environment::check_name;
use crate::model::{App, ExecutionRole, Scheme, SecretLine, TemplatePath};
use crate::reader::Reader;
use crate::secret_line::read_containers;
use crate::tree::{Entry, Table, Value};

/// The keys of an application.
const KEYS: [&str; 8] = [
    "templates",
    "stack",
    "containers",
    "task-definitions",
    "scheme",
    "execution-role",
    "secrets",
    "environments",
];

impl App {
    /// Reads the table of an application. `is_environment` reports names of unknown environments.
    pub(crate) fn read(
        reader: &mut Reader,
        name: &str,
        entry: &Entry,
        is_environment: impl Fn(&mut Reader, &str, Location),
    ) -> Option<Self> {
        let table = reader.as_table(name, entry)?;
        reader.unknown_keys(table, &KEYS, "an application");
        check_name(reader, name, entry.key);
        let templates = reader
            .texts(table, "templates")
            .into_iter()
            .map(|(path, location)| TemplatePath { path, location })
            .collect();
        let stacks = read_stacks(reader, table);
        let task_definitions = read_task_definitions(reader, table);
        let scheme = reader.one_of(
            table,
            "scheme",
            &[("value", Scheme::Value), ("reference", Scheme::Reference)],
        );
        let execution_role = reader.one_of(
            table,
            "execution-role",
            &[
                ("external", ExecutionRole::External),
                ("checked", ExecutionRole::Checked),
            ],
        );
        let containers = read_containers(reader, table);
        let lines = read_lines(reader, table);
        let mut environment_lines = BTreeMap::new();
        let tables = reader.table_or_empty(table, "environments");
        for (environment, entry) in tables.in_order() {
            is_environment(reader, environment, entry.key);
            let Some(table) = reader.as_table(environment, entry) else {
                continue;
            };
            reader.unknown_keys(table, &["secrets"], "an application's environment");
            environment_lines.insert(environment.to_owned(), read_lines(reader, table));
        }
        let execution_role = execution_role.map_or(ExecutionRole::Checked, |(role, _)| role);
        Some(Self {
            name: name.to_owned(),
            templates,
            stacks,
            containers,
            task_definitions,
            scheme,
            execution_role,
            location: entry.key,
            lines,
            environment_lines,
        })
    }
}

/// Reads `stack`: one name, or a list with one name per template that no other template nests.
///
/// Source: CloudFormation API reference, `CreateStack`, "StackName": 128 letters, digits and
/// hyphens, beginning with a letter.
fn read_stacks(reader: &mut Reader, table: &Table) -> Vec<String> {
    let is_list = table
        .entries
        .get("stack")
        .is_some_and(|entry| matches!(entry.node.value, Value::Array(_)));
    let found = if is_list {
        reader.texts(table, "stack")
    } else {
        reader
            .text(table, "stack")
            .map(|(text, location)| (text.to_owned(), location))
            .into_iter()
            .collect()
    };
    let mut stacks = Vec::new();
    for (text, location) in found {
        let shape = text.replace("{environment}", "e");
        let begins = shape.starts_with(|first: char| first.is_ascii_alphabetic());
        if begins
            && shape.len() <= 128
            && shape
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        {
            stacks.push(text);
        } else {
            reader.error("bad-value", "`stack` is not a valid stack name", location, "a stack name has letters, digits and hyphens, and begins with a letter; `{environment}` is replaced by the name of the environment");
        }
    }
    stacks
}

/// Reads `task-definitions`: logical ids, which have only letters and digits.
fn read_task_definitions(reader: &mut Reader, table: &Table) -> Vec<String> {
    let mut ids = Vec::new();
    for (text, location) in reader.texts(table, "task-definitions") {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            ids.push(text);
        } else {
            reader.error(
                "bad-value",
                "`task-definitions` contains a text that is not a logical id",
                location,
                "write the logical id of the resource in the template, which has only letters and digits",
            );
        }
    }
    ids
}

/// Reads a table `secrets`, in the order of the file.
fn read_lines(reader: &mut Reader, table: &Table) -> Vec<SecretLine> {
    let Some(secrets) = reader.table(table, "secrets") else {
        return Vec::new();
    };
    secrets
        .in_order()
        .into_iter()
        .filter_map(|(name, entry)| SecretLine::read(reader, name, entry))
        .collect()
}
