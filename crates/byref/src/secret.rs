//! A secret line, resolved.

use byref_config::App;
use byref_config::{DeployConfig, Environment, Reference, SecretLine};
use byref_parameter::{NameError, ParameterArn, Region};

/// A secret of an application in an environment.
#[derive(Clone, Copy)]
pub struct Secret<'p> {
    pub(crate) config: &'p DeployConfig,
    pub(crate) app: &'p App,
    pub(crate) environment: &'p Environment,
    pub(crate) line: &'p SecretLine,
}

/// The reason why a secret line has no parameter ARN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The pattern and the key make no valid name.
    #[error("the parameter name of `{name}` is not valid: {error}")]
    Name {
        /// The name of the environment variable.
        name: String,
        /// The mistake in the name.
        error: NameError,
    },
    /// The line names a secret of Secrets Manager, by this ARN.
    #[error("`{name}` is a secret of Secrets Manager: {arn}")]
    SecretsManager {
        /// The name of the environment variable.
        name: String,
        /// The ARN, with the JSON key and version that it selects.
        arn: String,
    },
    /// The environment does not have this Region.
    #[error("`{environment}` has no Region `{region}`")]
    Region {
        /// The environment's name.
        environment: String,
        /// The Region that was asked for.
        region: Region,
    },
}

impl<'p> Secret<'p> {
    /// The name of the environment variable, such as `DB_PASSWORD`.
    pub fn name(&self) -> &'p str {
        &self.line.name
    }

    /// Returns the reference of containers: a parameter's name, or an ARN.
    ///
    /// # Errors
    ///
    /// [`SecretError::Name`].
    pub fn reference(&self) -> Result<Reference, SecretError> {
        let reference = self.config.reference(self.app, self.environment, self.line);
        reference.map_err(|error| SecretError::Name {
            name: self.line.name.clone(),
            error,
        })
    }

    /// The ARN of the parameter in a Region of the environment. A line with an ARN of its own has
    /// that one in every Region.
    ///
    /// # Errors
    ///
    /// See [`SecretError`].
    pub fn arn(&self, region: &Region) -> Result<ParameterArn, SecretError> {
        match self.reference()? {
            Reference::Arn(arn) => Ok(arn),
            Reference::SecretsManager(arn) => Err(SecretError::SecretsManager {
                name: self.line.name.clone(),
                arn: arn.to_string(),
            }),
            Reference::Parameter(..) if !self.environment.regions.contains(region) => {
                Err(SecretError::Region {
                    environment: self.environment.name.clone(),
                    region: region.clone(),
                })
            }
            Reference::Parameter(name, _) => Ok(self.environment.parameter_arn(&name, region)),
        }
    }

    /// Returns the line of the configuration.
    pub fn line(&self) -> &'p SecretLine {
        self.line
    }
}
