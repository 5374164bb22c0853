//! From a secret line to a parameter's name.

use std::fmt;

use byref_parameter::{NameError, ParameterArn, ParameterName, SecretsManagerArn};

use crate::model::{App, DeployConfig, Environment, Scope, SecretLine, Target};
use crate::pasted::suspect;
use crate::reader::Reader;
use crate::secret_line::pasted;
use crate::tree::Table;

/// `[names]`: how a key becomes a parameter name, by scope.
#[derive(Clone, Debug)]
pub struct NamePatterns {
    patterns: [String; 4],
}

impl Default for NamePatterns {
    fn default() -> Self {
        Self {
            patterns: [
                "/{environment}/{app}/{key}",
                "/{environment}/shared/{key}",
                "/shared/{app}/{key}",
                "/shared/{key}",
            ]
            .map(str::to_owned),
        }
    }
}

impl NamePatterns {
    /// The pattern of a scope.
    pub fn pattern(&self, scope: Scope) -> &str {
        &self.patterns[scope as usize]
    }

    /// The name of a scope's key in pieces; with `*` as the key, what all keys of the scope have in common.
    pub fn pieces(&self, scope: Scope, app: &str, key: &str) -> Vec<NamePiece> {
        let filled = self.pattern(scope).replace("{app}", app).replace("{key}", key);
        let mut pieces = Vec::new();
        for (index, text) in filled.split("{environment}").enumerate() {
            if index > 0 {
                pieces.push(NamePiece::Environment);
            }
            if !text.is_empty() {
                pieces.push(NamePiece::Text(text.to_owned()));
            }
        }
        pieces
    }

    pub(crate) fn read(reader: &mut Reader, table: &Table) -> Self {
        let mut names = Self::default();
        reader.unknown_keys(table, &Scope::ALL.map(Scope::word), "`[names]`");
        for scope in Scope::ALL {
            let Some((pattern, location)) = reader.text(table, scope.word()) else { continue };
            let placeholders: Vec<&str> =
                pattern.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or(rest)).collect();
            let is_known = placeholders.iter().all(|name| matches!(*name, "environment" | "app" | "key"));
            let example = pattern.replace("{environment}", "e").replace("{app}", "a").replace("{key}", "k");
            if !is_known || !placeholders.contains(&"key") {
                reader.error(
                    "bad-pattern",
                    format!(
                        "the pattern of `{}` must hold `{{key}}`, and only `{{environment}}` and `{{app}}` besides",
                        scope.word()
                    ),
                    location,
                    "for example `/{environment}/{app}/{key}`",
                );
            } else if let Err(error) = example.parse::<ParameterName>() {
                reader.error(
                    "bad-pattern",
                    format!("the pattern of `{}` gives no valid parameter name: {error}", scope.word()),
                    location,
                    "for example `/{environment}/{app}/{key}`",
                );
            } else if suspect(&example).is_some() {
                pasted(reader, scope.word(), location, "for example `/{environment}/{app}/{key}`");
            } else {
                pattern.clone_into(&mut names.patterns[scope as usize]);
            }
        }
        names
    }
}

/// What a secret line refers to in an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A parameter in the environment's account, in every Region; with the pieces of its name.
    Parameter(ParameterName, Vec<NamePiece>),
    /// A parameter by ARN.
    Arn(ParameterArn),
    /// A secret in Secrets Manager.
    SecretsManager(SecretsManagerArn),
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter(name, _) => name.fmt(formatter),
            Self::Arn(arn) => arn.fmt(formatter),
            Self::SecretsManager(arn) => arn.fmt(formatter),
        }
    }
}

/// A piece of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamePiece {
    /// The same in every environment.
    Text(String),
    /// The environment's name, where the pattern says `{environment}`.
    Environment,
}

impl NamePiece {
    /// The whole, in an environment or with what stands for one.
    pub fn joined(pieces: &[NamePiece], environment: &str) -> String {
        let text = |piece: &NamePiece| match piece {
            NamePiece::Text(text) => text.clone(),
            NamePiece::Environment => environment.to_owned(),
        };
        pieces.iter().map(text).collect()
    }
}

impl DeployConfig {
    /// What a line refers to in an environment.
    ///
    /// # Errors
    ///
    /// The pattern gives a name that Parameter Store does not take.
    pub fn reference(&self, app: &App, environment: &Environment, line: &SecretLine) -> Result<Reference, NameError> {
        match &line.target {
            Target::Key { key, scope } => {
                let pieces = self.names.pieces(*scope, &app.name, key);
                let name = NamePiece::joined(&pieces, &environment.name).parse()?;
                Ok(Reference::Parameter(name, pieces))
            }
            Target::Name(name) => Ok(Reference::Parameter(name.clone(), vec![NamePiece::Text(name.to_string())])),
            Target::Arn(arn) => Ok(Reference::Arn(arn.clone())),
            Target::SecretsManager(arn) => Ok(Reference::SecretsManager(arn.clone())),
        }
    }

    /// The applications that list a template under this path, as it is written.
    pub fn apps_of_template(&self, path: &str) -> Vec<&App> {
        self.apps.values().filter(|app| app.templates.iter().any(|template| template.path == path)).collect()
    }
}
