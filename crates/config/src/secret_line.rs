//! Secret lines: the entries of `[apps.NAME.secrets]`.
//!
//! ```toml
//! DB_PASSWORD = true                                    # key `db-password`
//! API_TOKEN = "token"                                   # a key
//! SMTP_PASSWORD = "/production/smtp-password"           # a full name
//! LICENSE = "arn:aws:secretsmanager:us-west-2:111122223333:secret:license-AbCdEf"
//! SENTRY_DSN = { key = "sentry-dsn", scope = "shared", containers = ["web"] }
//! ```
//!
//! The text decides its meaning by its beginning: `arn:` begins an ARN, `/` a full name, and all
//! else is a key. A name without a slash at its start is written in the table form, as `name`.
//!
//! | Line | Target in `production` of `quiz-api` |
//! | --- | --- |
//! | `DB_PASSWORD = true` | `/production/quiz-api/db-password` |
//! | `DB_PASSWORD = "db/password"` | `/production/quiz-api/db/password` |
//! | `DB_PASSWORD = { scope = "environment" }` | `/production/shared/db-password` |
//! | `DB_PASSWORD = { name = "legacy" }` | `legacy` |
//!
//! This is the place where users paste values, so every text is checked with [`suspect`] before
//! anything else looks at it, and messages name the variable instead of the text.

use byref_parameter::{ArnError, NameError, ParameterName};
use byref_template::Location;

use crate::model::{ComputedValues, ContainerSelector, DistinctValues, Scope, SecretLine, Target};
use crate::pasted::{Suspicion, suspect};
use crate::reader::{Reader, shown_key};
use crate::tree::{Entry, Table, Value};

/// The keys of a secret line in table form.
const KEYS: [&str; 7] = [
    "key",
    "name",
    "scope",
    "containers",
    "replace-computed",
    "same-value",
    "log-option",
];
/// The values of `scope`.
const SCOPES: [(&str, Scope); 4] = [
    ("app", Scope::App),
    ("environment", Scope::Environment),
    ("shared-app", Scope::SharedApp),
    ("shared", Scope::Shared),
];
/// The help for a target that is not valid.
///
/// It never repeats the text, which may be a secret.
const TARGET_HELP: &str = "write a key (`db-password`), a full name (`/production/db-password`), or an ARN; never the value itself";

impl SecretLine {
    /// Reads a secret line: `true`, a key, a name, an ARN, or a table.
    ///
    /// Returns `None` after a mistake that leaves no usable target. `false` is such a mistake: a
    /// line can't remove a secret that another line adds.
    pub(crate) fn read(reader: &mut Reader, name: &str, entry: &Entry) -> Option<Self> {
        let location = entry.node.location;
        let is_name =
            !name.is_empty() && !name.contains(['=', '\0']) && !name.contains(char::is_whitespace);
        if !is_name {
            reader.error(
                "bad-name",
                "not the name of an environment variable",
                entry.key,
                "a name must not contain white space or `=`",
            );
            return None;
        }
        if suspect(name) == Some(Suspicion::Pasted) {
            reader.error(
                "pasted-value",
                "this looks like a secret value, not like the name of an environment variable",
                entry.key,
                "write the variable's name, and store the value with `byref secret put`",
            );
            return None;
        }
        let mut line = Self {
            name: name.to_owned(),
            target: Target::Key {
                key: derived_key(name),
                scope: Scope::App,
            },
            containers: Vec::new(),
            computed: ComputedValues::Refuse,
            distinct: DistinctValues::Refuse,
            log_option: None,
            location,
            name_location: entry.key,
        };
        match &entry.node.value {
            Value::Boolean(true) => {}
            Value::Text(text) => {
                line.target = read_target(reader, &shown_key(name), text, location, Scope::App)?;
            }
            Value::Table(table) => line.read_table(reader, table)?,
            other => {
                reader.error(
                    "wrong-type",
                    format!(
                        "`{}` is {}, not a key",
                        shown_key(name),
                        if matches!(other, Value::Boolean(_)) {
                            "`false`"
                        } else {
                            other.kind()
                        }
                    ),
                    location,
                    "write `true`, a key in quotes, or a table: `{ key = \"…\" }`",
                );
                return None;
            }
        }
        if let Target::Key { key, .. } = &line.target {
            check_key(reader, &shown_key(name), key, location)?;
        }
        Some(line)
    }

    /// Reads the table form of a secret line.
    ///
    /// `key` and `name` exclude each other, and `scope` goes with a key only. Without either, the
    /// key is derived from the name of the variable.
    fn read_table(&mut self, reader: &mut Reader, table: &Table) -> Option<()> {
        reader.unknown_keys(table, &KEYS, "a secret line");
        let scope = reader.one_of(table, "scope", &SCOPES);
        let key = reader.text(table, "key");
        let full = reader.text(table, "name");
        let name = shown_key(&self.name);
        self.target = match (key, full) {
            (Some((_, first)), Some((_, second))) => {
                let diagnostic = byref_template::Diagnostic::error(
                    "two-targets",
                    format!("`{name}` has both `key` and `name`"),
                    second,
                );
                reader.mistakes.push(
                    diagnostic
                        .with(first, "the key")
                        .help("a line refers to one parameter: remove one of the two"),
                );
                return None;
            }
            (Some((text, location)), None) => read_target(
                reader,
                &name,
                text,
                location,
                scope.map_or(Scope::App, |(scope, _)| scope),
            )?,
            (None, Some((text, location))) if text.starts_with("arn:") => {
                read_arn(reader, &name, text, location)?
            }
            (None, Some((text, location))) => {
                suspicious(reader, &name, text, location)?;
                Target::Name(valid_name(reader, &name, text, location)?)
            }
            (None, None) => Target::Key {
                key: derived_key(&self.name),
                scope: scope.map_or(Scope::App, |(scope, _)| scope),
            },
        };
        if let (Some((_, place)), false) = (scope, matches!(self.target, Target::Key { .. })) {
            reader.error(
                "useless-scope",
                format!("`scope` has no effect on the full name of `{name}`"),
                place,
                "remove `scope`, or write a key",
            );
        }
        self.containers = read_containers(reader, table);
        if reader.boolean(table, "replace-computed") == Some(true) {
            self.computed = ComputedValues::Replace;
        }
        if reader.boolean(table, "same-value") == Some(true) {
            self.distinct = DistinctValues::Merge;
        }
        self.log_option = reader
            .text(table, "log-option")
            .map(|(text, _)| text.to_owned());
        Some(())
    }
}

/// Returns the default key for a variable: `session-secret` for `SESSION_SECRET`. Characters that a
/// key can't contain become hyphens.
///
/// ```
/// use byref_config::derived_key;
///
/// assert_eq!(derived_key("SESSION_SECRET"), "session-secret");
/// assert_eq!(derived_key("Smtp.Password"), "smtp.password");
/// ```
pub fn derived_key(name: &str) -> String {
    let is_separator =
        |character: char| !(character.is_ascii_alphanumeric() || matches!(character, '-' | '.'));
    name.to_ascii_lowercase().replace(is_separator, "-")
}

/// Reads `containers`.
///
/// A mistake in one item does not affect the others.
pub(crate) fn read_containers(reader: &mut Reader, table: &Table) -> Vec<ContainerSelector> {
    let mut containers = Vec::new();
    for (text, location) in reader.texts(table, "containers") {
        match text.parse() {
            Ok(_) if suspect(&text) == Some(Suspicion::Pasted) => {
                pasted(reader, "containers", location, "write the container's `Name`");
            }
            Ok(container) => containers.push(container),
            Err(error) => reader.error("bad-value", format!("`containers` contains a text that is {error}"), location, "write the container's `Name`, or `WebTask[0]` for the first container of the task definition `WebTask`"),
        }
    }
    containers
}

/// Reads a key, a name (`/…`) or an ARN (`arn:…`).
fn read_target(
    reader: &mut Reader,
    name: &str,
    text: &str,
    location: Location,
    scope: Scope,
) -> Option<Target> {
    if text.starts_with("arn:") {
        return read_arn(reader, name, text, location);
    }
    suspicious(reader, name, text, location)?;
    if text.starts_with('/') {
        return Some(Target::Name(valid_name(reader, name, text, location)?));
    }
    Some(Target::Key {
        key: text.to_owned(),
        scope,
    })
}

/// Reports a value that looks like a secret.
pub(crate) fn pasted(reader: &mut Reader, key: &str, location: Location, help: &str) {
    let message = format!("the value of `{key}` looks like a secret, not like a name");
    reader.error("pasted-value", message, location, help);
}

/// Reports a key that looks like a secret, or has stray characters at its ends.
///
/// | Text | Result |
/// | --- | --- |
/// | `db-password` | accepted |
/// | a key followed by a blank | `stray-character` |
/// | `ghp_` and more than eight characters | `pasted-value` |
/// | one word that the judge takes for random | `pasted-value`, unless it is in a path |
fn suspicious(reader: &mut Reader, name: &str, text: &str, location: Location) -> Option<()> {
    // Levels of a full name may be generated ids. A key consists of a few words.
    let looks_made = !text.contains('/') && byref_judge::looks_random(text);
    match suspect(text).or(looks_made.then_some(Suspicion::Pasted)) {
        None => Some(()),
        Some(Suspicion::Edge) => {
            reader.error(
                "stray-character",
                format!("the key of `{name}` begins or ends with white space or a back-tick"),
                location,
                "remove it",
            );
            None
        }
        Some(Suspicion::Pasted) => {
            reader.error(
                "pasted-value",
                format!(
                    "the value at `{name}` looks like a secret, not like the key of a parameter"
                ),
                location,
                TARGET_HELP,
            );
            None
        }
    }
}

/// Reports a parameter name that looks like a secret. Its levels may be generated ids.
///
/// A name such as `db-password` counts as a path of one level here.
fn suspicious_name(reader: &mut Reader, name: &str, text: &str, location: Location) -> Option<()> {
    if text.starts_with('/') {
        suspicious(reader, name, text, location)
    } else {
        suspicious(reader, name, &format!("/{text}"), location)
    }
}

/// Checks that a key can be part of a parameter name.
///
/// `db/password` is valid, and `db-password:3` is not: the version of a parameter is not a part of
/// its name.
fn check_key(reader: &mut Reader, name: &str, key: &str, location: Location) -> Option<()> {
    // A key is one or more levels of a name, so check it below another level.
    match format!("/x/{key}").parse::<ParameterName>() {
        Ok(_) => Some(()),
        Err(error) => {
            let help = if error == NameError::Selector {
                "put the version into the key (`db-password-v2`)"
            } else {
                TARGET_HELP
            };
            reader.error(
                code_of(error),
                format!("the key of `{name}` is not valid: {error}"),
                location,
                help,
            );
            None
        }
    }
}

/// Returns the code of the message for an invalid name.
fn code_of(error: NameError) -> &'static str {
    if error == NameError::Selector {
        "version-selector"
    } else {
        "bad-name"
    }
}

/// Parses a full parameter name.
fn valid_name(
    reader: &mut Reader,
    name: &str,
    text: &str,
    location: Location,
) -> Option<ParameterName> {
    match text.parse() {
        Ok(parameter) => Some(parameter),
        Err(error) => {
            reader.error(
                code_of(error),
                format!("the parameter name of `{name}` is not valid: {error}"),
                location,
                TARGET_HELP,
            );
            None
        }
    }
}

/// Parses the ARN of a parameter or of a secret.
///
/// Both services have ARNs with different grammars. The parser of parameters reports
/// [`ArnError::Service`] for an ARN of another service, and only then is the text parsed as that of
/// a secret.
fn read_arn(reader: &mut Reader, name: &str, text: &str, location: Location) -> Option<Target> {
    let target = match text.parse() {
        Ok(arn) => Ok(Target::Arn(arn)),
        Err(ArnError::Service) => text.parse().map(Target::SecretsManager),
        Err(error) => Err(error),
    };
    match target {
        Ok(Target::Arn(arn)) => {
            suspicious_name(reader, name, arn.name.as_str(), location)?;
            Some(Target::Arn(arn))
        }
        Ok(target) => Some(target),
        Err(error) => {
            let code = if error == ArnError::Name(NameError::Selector) {
                "version-selector"
            } else {
                "bad-arn"
            };
            reader.error(
                code,
                format!("the ARN of `{name}` is not valid: {error}"),
                location,
                "for example `arn:aws:ssm:us-west-2:111122223333:parameter/production/db-password`",
            );
            None
        }
    }
}
