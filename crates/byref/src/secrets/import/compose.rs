//! docker-compose files: the `environment` of their services, as a mapping or as a list.
//!
//! Source: Compose file reference, "environment" and "Interpolation".
//!
//! ```
//! use byref::secrets::import::{Contents, Format};
//!
//! let yaml = "
//! services:
//!   web:
//!     environment:
//!       DB_PASSWORD: not-a-$$ecret
//!       REGION: ${AWS_REGION}
//!   worker:
//!     environment:
//!       - DB_PASSWORD=not-a-$$ecret
//!       - HOME
//! ";
//! let contents = Contents::parse(yaml, &Format::Compose { service: None })?;
//! assert_eq!(contents.secrets.len(), 1); // the same in both services
//! assert_eq!(contents.secrets[0].value.expose(), "not-a-$ecret"); // `$$` is a dollar sign
//! assert_eq!(contents.skipped.len(), 2); // their values are not in the file
//! # Ok::<(), byref::secrets::import::ImportError>(())
//! ```
//!
//! Merge keys (`<<`) are followed, since they are common in such files. Variables are not expanded:
//! the environment of the import is not that of the service.

use std::collections::BTreeMap;

use byref_config::{looks_pasted, shown_name};
use byref_parameter::SecretValue;
use serde_yaml::Value;

use super::{Contents, ImportError, Imported};

/// Parses a file: the variables of one service, or of all of them. Values that Compose would take
/// from the environment are skipped.
///
/// Errors name the service and the number of the entry, since the parser keeps no lines.
pub(super) fn parse(text: &str, service: Option<&str>) -> Result<Contents, ImportError> {
    let mut root: Value = serde_yaml::from_str(text).map_err(|error| {
        let line = error.location().map_or(0, |location| location.line());
        ImportError::new(line, "this is not YAML")
    })?;
    root.apply_merge()
        .map_err(|_| ImportError::new(0, "a merge key (`<<`) can't be followed"))?;
    let services = root.get("services").and_then(Value::as_mapping);
    let services = services.ok_or_else(|| ImportError::new(0, "there are no `services`"))?;
    let mut read = Variables::default();
    let mut found = false;
    for (index, (name, definition)) in services.iter().enumerate() {
        let Some(name) = name.as_str() else { continue };
        if service.is_some_and(|service| service != name) {
            continue;
        }
        found = true;
        let shown = shown_name(name);
        for (entry, (variable, value)) in variables(definition.get("environment"))
            .into_iter()
            .enumerate()
        {
            let place = if shown == name {
                format!("service {name}")
            } else {
                format!("service number {}", index + 1)
            };
            read.add(&format!("{place}, entry {}", entry + 1), variable, value)?;
        }
    }
    match service {
        Some(service) if !found => Err(ImportError::new(
            0,
            format!("there is no service `{}`", shown_name(service)),
        )),
        _ => Ok(read.contents),
    }
}

/// Returns names with their values. An entry without `=` has neither: its value comes from the
/// environment.
fn variables(environment: Option<&Value>) -> Vec<(String, Option<String>)> {
    match environment {
        Some(Value::Mapping(mapping)) => mapping
            .iter()
            .filter_map(|(name, value)| Some((name.as_str()?.to_owned(), scalar(value))))
            .collect(),
        Some(Value::Sequence(items)) => items
            .iter()
            .filter_map(Value::as_str)
            .map(|item| match item.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                // The whole entry may be a value: it must not be shown.
                None => (String::new(), None),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Numbers and Booleans in the form in which YAML reads them: `1.10` → `1.1`, `yes` → `yes`. Quote
/// a value whose form matters. An empty value and a list have no text.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// The variables that were read, and the place of each name in their list.
#[derive(Default)]
struct Variables {
    contents: Contents,
    places: BTreeMap<String, usize>,
}

impl Variables {
    /// Adds a variable, or the reason why it is skipped.
    ///
    /// The same name with the same value in several services is one secret; with different values
    /// it is an error, since one parameter cannot have both.
    fn add(&mut self, place: &str, name: String, value: Option<String>) -> Result<(), ImportError> {
        let shown = shown_name(&name).to_owned();
        let Some(value) = value else {
            let entry = if name.is_empty() {
                "a name without `=`".to_owned()
            } else {
                format!("`{shown}`")
            };
            self.contents.skipped.push(format!(
                "{entry} ({place}) comes from the environment and is skipped"
            ));
            return Ok(());
        };
        if looks_pasted(&name) {
            return Err(ImportError::new(
                0,
                format!("{place}: the text before `=` is not a name"),
            ));
        }
        let unescaped = value.replace("$$", "");
        if unescaped.contains('$') {
            self.contents.skipped.push(format!(
                "`{shown}` ({place}) is made of variables and is skipped"
            ));
            return Ok(());
        }
        let value = SecretValue::new(value.replace("$$", "$"));
        match self.places.get(&name) {
            Some(place) if self.contents.secrets[*place].value != value => Err(ImportError::new(
                0,
                format!(
                    "`{shown}` has different values in several services: name one with `--service`"
                ),
            )),
            Some(_) => Ok(()),
            None => {
                self.places
                    .insert(name.clone(), self.contents.secrets.len());
                self.contents.secrets.push(Imported { name, value });
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "x-common: &common\n  TOKEN: EXAMPLE-token\nservices:\n  web:\n    environment:\n      <<: *common\n      PASSWORD: EXAMPLE-$$1\n      PORT: 8080\n      HOME:\n      URL: http://${HOST}/\n  worker:\n    environment:\n      - TOKEN=EXAMPLE-token\n      - PASSWORD=EXAMPLE-2\n      - USER\n";

    fn pairs(service: Option<&str>) -> Vec<(String, String)> {
        let contents = parse(TEXT, service).unwrap();
        contents
            .secrets
            .iter()
            .map(|secret| (secret.name.clone(), secret.value.expose().to_owned()))
            .collect()
    }

    #[test]
    fn mappings_and_lists_are_read() {
        let web = pairs(Some("web"));
        let mut names: Vec<&str> = web.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["PASSWORD", "PORT", "TOKEN"]);
        assert!(web.contains(&("PASSWORD".to_owned(), "EXAMPLE-$1".to_owned())));
        assert_eq!(
            pairs(Some("worker")),
            [("TOKEN", "EXAMPLE-token"), ("PASSWORD", "EXAMPLE-2")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert_eq!(parse(TEXT, Some("web")).unwrap().skipped.len(), 2);
    }

    #[test]
    fn ambiguous_and_broken_files_are_errors_without_a_value() {
        for (text, service) in [
            (TEXT, None),
            (TEXT, Some("db")),
            ("a: [", None),
            ("services: EXAMPLE-canary", None),
        ] {
            let error = parse(text, service).err().unwrap();
            assert!(!error.problem.contains("EXAMPLE"), "{error:?}");
        }
    }
}
