//! Names of parameters: from a secret line to a parameter, and back to its scope.
//!
//! ```toml
//! [names]
//! app = "/{environment}/{app}/{key}"
//! environment = "/{environment}/shared/{key}"
//! ```
//!
//! A name that contains the environment is kept in [`NamePiece`]s, so that a template for several
//! environments can compute it from a template parameter.

use std::fmt;

use byref_parameter::{KmsKey, NameError, ParameterArn, ParameterName, Region, SecretsManagerArn};

use crate::model::{App, DeployConfig, Environment, Scope, SecretLine, Target};
use crate::pasted::suspect;
use crate::reader::Reader;
use crate::secret_line::pasted;
use crate::tree::Table;

/// The table `[names]`: one pattern per scope, with the placeholders `{environment}`, `{app}` and
/// `{key}`.
///
/// The defaults are `/{environment}/{app}/{key}`, `/{environment}/shared/{key}`,
/// `/shared/{app}/{key}` and `/shared/{key}`. The environment comes first, so that a policy can
/// grant access to a whole environment with one prefix.
#[derive(Clone, Debug)]
pub struct NamePatterns {
    /// The patterns in the order of [`Scope::ALL`].
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
    /// Returns the pattern of a scope.
    pub fn pattern(&self, scope: Scope) -> &str {
        &self.patterns[scope as usize]
    }

    /// Returns the parameter name of a key in pieces, so that the environment can be computed in a
    /// template. Use `*` as the key for a pattern that matches all names of the scope.
    pub fn pieces(&self, scope: Scope, app: &str, key: &str) -> Vec<NamePiece> {
        let filled = self
            .pattern(scope)
            .replace("{app}", app)
            .replace("{key}", key);
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

    /// Returns the scope whose pattern matches a name in an environment. If several patterns match,
    /// the one with the longest literal text wins.
    pub fn scope_of(&self, environment: &str, name: &str) -> Option<Scope> {
        let fitting = Scope::ALL.into_iter().filter_map(|scope| {
            let pattern = self
                .pattern(scope)
                .replace("{environment}", environment)
                .replace("{app}", "{key}");
            let fixed: Vec<&str> = pattern.split("{key}").collect();
            let length: usize = fixed.iter().map(|text| text.len()).sum();
            fits(&fixed, name).then_some((length, std::cmp::Reverse(scope)))
        });
        fitting.max().map(|(_, scope)| scope.0)
    }

    /// Reads `[names]`. Every pattern must contain `{key}` and give a valid parameter name.
    pub(crate) fn read(reader: &mut Reader, table: &Table) -> Self {
        let mut names = Self::default();
        reader.unknown_keys(table, &Scope::ALL.map(Scope::as_str), "`[names]`");
        for scope in Scope::ALL {
            let Some((pattern, location)) = reader.text(table, scope.as_str()) else {
                continue;
            };
            let placeholders: Vec<&str> = pattern
                .split('{')
                .skip(1)
                .map(|rest| rest.split('}').next().unwrap_or(rest))
                .collect();
            let is_known = placeholders
                .iter()
                .all(|name| matches!(*name, "environment" | "app" | "key"));
            let example = pattern
                .replace("{environment}", "e")
                .replace("{app}", "a")
                .replace("{key}", "k");
            if !is_known || !placeholders.contains(&"key") {
                reader.error(
                    "bad-pattern",
                    format!(
                        "the pattern of `{}` must contain `{{key}}`, and no placeholders other than `{{environment}}` and `{{app}}`",
                        scope.as_str()
                    ),
                    location,
                    "for example `/{environment}/{app}/{key}`",
                );
            } else if let Err(error) = example.parse::<ParameterName>() {
                reader.error(
                    "bad-pattern",
                    format!(
                        "the pattern of `{}` does not give a valid parameter name: {error}",
                        scope.as_str()
                    ),
                    location,
                    "for example `/{environment}/{app}/{key}`",
                );
            } else if suspect(&example).is_some() {
                pasted(
                    reader,
                    scope.as_str(),
                    location,
                    "for example `/{environment}/{app}/{key}`",
                );
            } else {
                pattern.clone_into(&mut names.patterns[scope as usize]);
            }
        }
        names
    }
}

/// The target of a secret line in an environment.
///
/// Its `Display` prints the parameter name or the ARN as in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A parameter in the account of the environment, with the same name in every Region, and the
    /// pieces of that name.
    Parameter(ParameterName, Vec<NamePiece>),
    /// A parameter given by its ARN.
    Arn(ParameterArn),
    /// A secret in Secrets Manager.
    SecretsManager(SecretsManagerArn),
}

impl Reference {
    /// Returns the ARN for a policy in a Region: of the parameter there, or of the secret without
    /// its selectors.
    pub fn resource(&self, environment: &Environment, region: &Region) -> String {
        match self {
            Self::Parameter(name, _) => environment.parameter_arn(name, region).to_string(),
            Self::Arn(arn) => arn.to_string(),
            Self::SecretsManager(arn) => arn.secret(),
        }
    }
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

/// Returns `true` if a name consists of these texts in this order, with one or more characters of a
/// single level between each two.
fn fits(fixed: &[&str], name: &str) -> bool {
    let Some((first, rest)) = fixed.split_first() else {
        return name.is_empty();
    };
    let Some(name) = name.strip_prefix(first) else {
        return false;
    };
    if rest.is_empty() {
        return name.is_empty();
    }
    let level = name.find('/').unwrap_or(name.len());
    // A pattern has at most as many gaps as it has placeholders.
    (1..=level)
        .filter(|at| name.is_char_boundary(*at))
        .any(|at| fits(rest, &name[at..]))
}

/// A piece of a parameter name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamePiece {
    /// Literal text.
    Text(String),
    /// The name of the environment.
    Environment,
}

impl NamePiece {
    /// Joins pieces, with this text in place of the environment.
    pub fn joined(pieces: &[NamePiece], environment: &str) -> String {
        let text = |piece: &NamePiece| match piece {
            NamePiece::Text(text) => text.clone(),
            NamePiece::Environment => environment.to_owned(),
        };
        pieces.iter().map(text).collect()
    }
}

impl DeployConfig {
    /// Returns the target of a secret line in an environment.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the pattern gives a name that Parameter Store does not accept.
    pub fn reference(
        &self,
        app: &App,
        environment: &Environment,
        line: &SecretLine,
    ) -> Result<Reference, NameError> {
        match &line.target {
            Target::Key { key, scope } => {
                let pieces = self.names.pieces(*scope, &app.name, key);
                let name = NamePiece::joined(&pieces, &environment.name).parse()?;
                Ok(Reference::Parameter(name, pieces))
            }
            Target::Name(name) => Ok(Reference::Parameter(
                name.clone(),
                vec![NamePiece::Text(name.to_string())],
            )),
            Target::Arn(arn) => Ok(Reference::Arn(arn.clone())),
            Target::SecretsManager(arn) => Ok(Reference::SecretsManager(arn.clone())),
        }
    }

    /// Returns the customer managed key of a parameter in a Region: the key of the scope whose
    /// pattern matches the name, or the key of [`Scope::App`] if no pattern does.
    pub fn kms_key<'e>(
        &self,
        environment: &'e Environment,
        name: &ParameterName,
        region: &Region,
    ) -> Option<&'e KmsKey> {
        environment.kms_key(self.scope_of(environment, name), region)
    }

    /// Returns the customer managed key of a target; see [`DeployConfig::kms_key`]. Secrets in
    /// Secrets Manager count as [`Scope::App`].
    pub fn key_of<'e>(
        &self,
        environment: &'e Environment,
        reference: &Reference,
        region: &Region,
    ) -> Option<&'e KmsKey> {
        environment.kms_key(self.scope_of_reference(environment, reference), region)
    }

    /// Returns the scope of a target, as used by [`DeployConfig::key_of`].
    pub fn scope_of_reference(&self, environment: &Environment, reference: &Reference) -> Scope {
        match reference {
            Reference::Parameter(name, _) => self.scope_of(environment, name),
            Reference::Arn(arn) => self.scope_of(environment, &arn.name),
            Reference::SecretsManager(_) => Scope::App,
        }
    }

    fn scope_of(&self, environment: &Environment, name: &ParameterName) -> Scope {
        self.names
            .scope_of(&environment.name, name.as_str())
            .unwrap_or_default()
    }

    /// Returns the applications that list a template under this path, in alphabetical order.
    pub fn apps_of_template(&self, path: &str) -> Vec<&App> {
        self.apps
            .values()
            .filter(|app| app.templates.iter().any(|template| template.path == path))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_of_matches_longest_pattern() {
        let names = NamePatterns::default();
        for (name, scope) in [
            ("/production/web/db-password", Some(Scope::App)),
            ("/production/shared/db-password", Some(Scope::Environment)),
            ("/shared/web/db-password", Some(Scope::SharedApp)),
            ("/shared/db-password", Some(Scope::Shared)),
            ("/payments/stripe-key", None),
            ("/staging/web/db-password", None),
            ("/production/web/deeper/db-password", None),
            ("/production/web/", None),
            ("/production//db-password", None),
            ("db-password", None),
            ("/x/production/web/db-password", None),
        ] {
            assert_eq!(names.scope_of("production", name), scope, "{name}");
        }
        let joined = NamePatterns {
            patterns: [
                "/{app}.{environment}.{key}",
                "/{environment}/{key}",
                "/a/{key}",
                "/b",
            ]
            .map(str::to_owned),
        };
        assert_eq!(
            joined.scope_of("production", "/web.production.db.password"),
            Some(Scope::App)
        );
        assert_eq!(joined.scope_of("production", "/web.staging.db"), None);
    }
}
