//! The flag, which decides the scheme of each application.
//!
//! ```toml
//! [flag]
//! default = "value"
//! reference = ["quiz-*"]
//!
//! [flag.environments.staging]
//! default = "reference"
//! ```
//!
//! Applications move to references one at a time, and first in one environment. The flag records
//! how far the migration has come, so that every deployment decides alike.

use std::collections::BTreeMap;

use byref_template::Location;
use globset::{Glob, GlobMatcher};

use crate::model::{App, DeployConfig, Scheme};
use crate::reader::Reader;
use crate::tree::Table;

/// The table `[flag]` with its tables for environments.
#[derive(Clone, Debug, Default)]
pub struct Flag {
    /// The rules for all environments.
    pub everywhere: FlagTable,
    /// The rules for one environment. They take precedence over those for all environments.
    pub environments: BTreeMap<String, FlagTable>,
}

/// The rules in one table: a default, and a list of applications for each scheme.
#[derive(Clone, Debug, Default)]
pub struct FlagTable {
    /// The scheme of applications in neither list.
    default: Option<(Scheme, Location)>,
    /// The applications that deploy references.
    reference: Option<Vec<Pattern>>,
    /// The applications that deploy values; wins over `reference`.
    value: Option<Vec<Pattern>>,
}

/// A glob of application names.
#[derive(Clone, Debug)]
struct Pattern {
    matcher: GlobMatcher,
    location: Location,
}

/// The scheme given on the command line and in the environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SchemeOverride {
    /// The option `--scheme`.
    pub option: Option<Scheme>,
    /// The variable `BYREF_SCHEME`.
    variable: Option<Scheme>,
}

/// The error for a `BYREF_SCHEME` other than `reference`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`BYREF_SCHEME` must be `reference`: a stray variable must not put values into a template")]
pub struct SchemeOverrideError;

impl SchemeOverride {
    /// Creates an override that decides regardless of the flag.
    pub fn of(scheme: Scheme) -> Self {
        Self {
            option: Some(scheme),
            variable: None,
        }
    }

    /// Creates an override from the option and the variable. An empty variable counts as unset.
    ///
    /// # Errors
    ///
    /// [`SchemeOverrideError`] if the variable has a value other than `reference`.
    pub fn new(
        option: Option<Scheme>,
        variable: Option<&str>,
    ) -> Result<Self, SchemeOverrideError> {
        let variable = match variable {
            None | Some("") => None,
            Some("reference") => Some(Scheme::Reference),
            Some(_) => return Err(SchemeOverrideError),
        };
        Ok(Self { option, variable })
    }
}

/// The scheme of an application, with the rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The scheme.
    pub scheme: Scheme,
    /// The rule that decided.
    pub rule: Rule,
}

/// The rules that can decide about a scheme, in order of precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The option `--scheme`.
    Option,
    /// The variable `BYREF_SCHEME`.
    Variable,
    /// The key `scheme` of the application.
    App(Location),
    /// A list or the default in the table of the environment.
    Environment(Location),
    /// The list `[flag].value` or `[flag].reference`.
    List(Location),
    /// The key `[flag].default`.
    Default(Location),
    /// The built-in default, by value, so that adding byref to a project changes nothing at first.
    BuiltIn,
}

impl Rule {
    /// Returns the location of the line that decided, unless the rule is not a line.
    pub fn location(self) -> Option<Location> {
        match self {
            Self::App(location)
            | Self::Environment(location)
            | Self::List(location)
            | Self::Default(location) => Some(location),
            Self::Option | Self::Variable | Self::BuiltIn => None,
        }
    }

    /// Returns the rule as a noun phrase for messages.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Option => "--scheme",
            Self::Variable => "BYREF_SCHEME",
            Self::App(_) => "the application's scheme",
            Self::Environment(_) => "the environment's flag",
            Self::List(_) => "the flag's list",
            Self::Default(_) => "the flag's default",
            Self::BuiltIn => "the built-in default",
        }
    }
}

/// The values of keys that hold a scheme.
const SCHEMES: [(&str, Scheme); 2] = [("value", Scheme::Value), ("reference", Scheme::Reference)];

impl FlagTable {
    /// Returns the scheme of the list that contains an application.
    fn list(&self, app: &str) -> Option<(Scheme, Location)> {
        let find = |patterns: &Option<Vec<Pattern>>, scheme| {
            let found = patterns
                .iter()
                .flatten()
                .find(|pattern| pattern.matcher.is_match(app));
            found.map(|pattern| (scheme, pattern.location))
        };
        find(&self.value, Scheme::Value).or_else(|| find(&self.reference, Scheme::Reference))
    }

    /// Reads the keys of one table.
    fn read(reader: &mut Reader, table: &Table) -> Self {
        let default = reader.one_of(table, "default", &SCHEMES);
        let mut patterns = |key: &str| {
            table.entries.get(key)?;
            let mut patterns = Vec::new();
            for (text, location) in reader.texts(table, key) {
                match Glob::new(&text) {
                    Ok(glob) => patterns.push(Pattern {
                        matcher: glob.compile_matcher(),
                        location,
                    }),
                    Err(_) => reader.error(
                        "bad-glob",
                        format!("`{key}` holds a pattern that is not valid"),
                        location,
                        "write application names, with `*` for any part",
                    ),
                }
            }
            Some(patterns)
        };
        Self {
            default,
            reference: patterns("reference"),
            value: patterns("value"),
        }
    }
}

impl Flag {
    /// Reads `[flag]`. `is_environment` reports names of unknown environments.
    pub(crate) fn read(
        reader: &mut Reader,
        table: &Table,
        is_environment: impl Fn(&mut Reader, &str, Location),
    ) -> Self {
        reader.unknown_keys(
            table,
            &["default", "reference", "value", "environments"],
            "`[flag]`",
        );
        let everywhere = FlagTable::read(reader, table);
        let mut environments = BTreeMap::new();
        let tables = reader.table_or_empty(table, "environments");
        for (name, entry) in tables.in_order() {
            is_environment(reader, name, entry.key);
            if let Some(table) = reader.as_table(name, entry) {
                reader.unknown_keys(
                    table,
                    &["default", "reference", "value"],
                    "an environment's flag",
                );
                environments.insert(name.to_owned(), FlagTable::read(reader, table));
            }
        }
        Self {
            everywhere,
            environments,
        }
    }
}

impl DeployConfig {
    /// Returns the scheme of an application and the rule that decided.
    ///
    /// The first rule that applies decides, in the order of [`Rule`]: the option, the variable, the
    /// key of the application, the table of the environment (its lists, then its default), the
    /// lists of `[flag]` (`value` before `reference`), and the default of `[flag]`.
    ///
    /// ```
    /// # use byref_config::{ConfigFile, Rule, Scheme, SchemeOverride, parse};
    /// # let mut sources = byref_template::Sources::new();
    /// let text = "[flag]\nreference = [\"quiz-*\"]\n[apps.quiz-api]\n[apps.web]\n";
    /// # let source = sources.add("deploy.toml", text);
    /// let config = parse(&[ConfigFile { source, text }]).0.unwrap();
    /// let decide = |app: &str| config.scheme(&config.apps[app], None, &SchemeOverride::default());
    /// assert_eq!(decide("quiz-api").scheme, Scheme::Reference);
    /// assert_eq!((decide("web").scheme, decide("web").rule), (Scheme::Value, Rule::BuiltIn));
    /// ```
    pub fn scheme(
        &self,
        app: &App,
        environment: Option<&str>,
        overrides: &SchemeOverride,
    ) -> Decision {
        let decide = |scheme, rule| Decision { scheme, rule };
        if let Some(scheme) = overrides.option {
            return decide(scheme, Rule::Option);
        }
        if let Some(scheme) = overrides.variable {
            return decide(scheme, Rule::Variable);
        }
        if let Some((scheme, location)) = app.scheme {
            return decide(scheme, Rule::App(location));
        }
        let own = environment.and_then(|environment| self.flag.environments.get(environment));
        if let Some((scheme, location)) = own.and_then(|own| own.list(&app.name)) {
            return decide(scheme, Rule::Environment(location));
        }
        if let Some((scheme, location)) = own.and_then(|own| own.default) {
            return decide(scheme, Rule::Environment(location));
        }
        if let Some((scheme, location)) = self.flag.everywhere.list(&app.name) {
            return decide(scheme, Rule::List(location));
        }
        match self.flag.everywhere.default {
            Some((scheme, location)) => decide(scheme, Rule::Default(location)),
            None => decide(Scheme::Value, Rule::BuiltIn),
        }
    }
}
