//! The flag: which scheme an application deploys with, and who decided.

use std::collections::BTreeMap;

use byref_template::Location;
use globset::{Glob, GlobMatcher};

use crate::model::{App, DeployConfig, Scheme};
use crate::reader::Reader;
use crate::tree::Table;

/// `[flag]` with its tables for environments.
#[derive(Clone, Debug, Default)]
pub struct Flag {
    /// For every environment.
    pub everywhere: FlagTable,
    /// For one environment; its keys win over the table for every environment.
    pub environments: BTreeMap<String, FlagTable>,
}

/// One table of the flag.
#[derive(Clone, Debug, Default)]
pub struct FlagTable {
    default: Option<(Scheme, Location)>,
    reference: Option<Vec<Pattern>>,
    value: Option<Vec<Pattern>>,
}

/// A glob of application names.
#[derive(Clone, Debug)]
struct Pattern {
    matcher: GlobMatcher,
    location: Location,
}

/// What the command line and the environment say of the scheme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SchemeOverride {
    /// `--scheme`
    pub option: Option<Scheme>,
    /// `BYREF_SCHEME`
    variable: Option<Scheme>,
}

/// `BYREF_SCHEME` says something else than `reference`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`BYREF_SCHEME` may only say `reference`: a stray variable must not put values into a template")]
pub struct SchemeOverrideError;

impl SchemeOverride {
    /// A scheme, whatever the flag says.
    pub fn of(scheme: Scheme) -> Self {
        Self { option: Some(scheme), variable: None }
    }

    /// From the option and the variable.
    ///
    /// # Errors
    ///
    /// The variable says something else than `reference`; empty counts as not set.
    pub fn new(option: Option<Scheme>, variable: Option<&str>) -> Result<Self, SchemeOverrideError> {
        let variable = match variable {
            None | Some("") => None,
            Some("reference") => Some(Scheme::Reference),
            Some(_) => return Err(SchemeOverrideError),
        };
        Ok(Self { option, variable })
    }
}

/// Which scheme an application gets, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The scheme.
    pub scheme: Scheme,
    /// The rule that decided.
    pub rule: Rule,
}

/// The rules of the flag, most specific first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `--scheme`
    Option,
    /// `BYREF_SCHEME`
    Variable,
    /// The application's own `scheme`.
    App(Location),
    /// A list or the default of the environment's own table.
    Environment(Location),
    /// `[flag].value` or `[flag].reference`
    List(Location),
    /// `[flag].default`
    Default(Location),
    /// Nothing says anything: by value, as before byref.
    BuiltIn,
}

impl Rule {
    /// The line that decided, where it was a line.
    pub fn location(self) -> Option<Location> {
        match self {
            Self::App(location) | Self::Environment(location) | Self::List(location) | Self::Default(location) => {
                Some(location)
            }
            Self::Option | Self::Variable | Self::BuiltIn => None,
        }
    }

    /// What decided, in a few words.
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

const SCHEMES: [(&str, Scheme); 2] = [("value", Scheme::Value), ("reference", Scheme::Reference)];

impl FlagTable {
    fn list(&self, app: &str) -> Option<(Scheme, Location)> {
        let find = |patterns: &Option<Vec<Pattern>>, scheme| {
            let found = patterns.iter().flatten().find(|pattern| pattern.matcher.is_match(app));
            found.map(|pattern| (scheme, pattern.location))
        };
        find(&self.value, Scheme::Value).or_else(|| find(&self.reference, Scheme::Reference))
    }

    fn read(reader: &mut Reader, table: &Table) -> Self {
        let default = reader.one_of(table, "default", &SCHEMES);
        let mut patterns = |key: &str| {
            table.entries.get(key)?;
            let mut patterns = Vec::new();
            for (text, location) in reader.texts(table, key) {
                match Glob::new(&text) {
                    Ok(glob) => patterns.push(Pattern { matcher: glob.compile_matcher(), location }),
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
        Self { default, reference: patterns("reference"), value: patterns("value") }
    }
}

impl Flag {
    pub(crate) fn read(
        reader: &mut Reader,
        table: &Table,
        is_environment: impl Fn(&mut Reader, &str, Location),
    ) -> Self {
        reader.unknown_keys(table, &["default", "reference", "value", "environments"], "`[flag]`");
        let everywhere = FlagTable::read(reader, table);
        let mut environments = BTreeMap::new();
        let tables = reader.table(table, "environments").cloned().unwrap_or_default();
        for (name, entry) in tables.in_order() {
            is_environment(reader, name, entry.key);
            if let Some(table) = reader.as_table(name, entry) {
                reader.unknown_keys(table, &["default", "reference", "value"], "an environment's flag");
                environments.insert(name.to_owned(), FlagTable::read(reader, table));
            }
        }
        Self { everywhere, environments }
    }
}

impl DeployConfig {
    /// The scheme of an application, and which rule decided. Most specific first: the option, the variable, the
    /// application's own scheme, the environment's table, the lists (`value` before `reference`), the default.
    ///
    /// An environment's table is asked whole, its default included, before `[flag]`.
    pub fn scheme(&self, app: &App, environment: Option<&str>, overrides: &SchemeOverride) -> Decision {
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
