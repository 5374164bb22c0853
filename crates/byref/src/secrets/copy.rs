//! Copies of secrets to another environment, application, scope or Region.

use byref_parameter::{ParameterType, Region, SecretValue};
use byref_store::ParameterStore;

use super::lines::LineValues;
use super::target::{SecretName, Target, Targets};
use super::write::SecretWrite;
use super::{not_found, read};
use crate::error::Error;
use crate::project::choose_regions;

/// A copy from the secrets of one application and environment to those of another, or to other
/// Regions of the same.
///
/// The copy reads from the store of the source; its writes are for the store of the destination.
///
/// Values go through the memory of the caller and nowhere else: Parameter Store has no request that
/// copies, and across accounts the two stores have different credentials.
///
/// | from | to | use |
/// | --- | --- | --- |
/// | one secret | the same in another environment | [`SecretCopy::secret`] without a destination |
/// | one secret | another name | [`SecretCopy::secret`] with one |
/// | one Region | the other Regions | the same [`Targets`] on both sides |
/// | all secret lines | another environment or application | [`SecretCopy::all`] |
pub struct SecretCopy<'t, 'p> {
    from: &'t Targets<'p>,
    to: &'t Targets<'p>,
    region: Region,
}

/// The copies of all secret lines of an application.
///
/// Several lines that refer to one parameter give several writes of it, with the same value.
#[derive(Debug)]
pub struct CopiedLines {
    /// One write for each line, in their order.
    pub writes: Vec<SecretWrite>,
    /// The names of the lines that refer to Secrets Manager, which byref does not copy.
    pub in_secrets_manager: Vec<String>,
}

impl<'t, 'p> SecretCopy<'t, 'p> {
    /// Prepares a copy that reads from a Region of the source. Default: its first one.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for a Region that the environment does not have.
    pub fn new(
        from: &'t Targets<'p>,
        to: &'t Targets<'p>,
        region: Option<&str>,
    ) -> Result<Self, Error> {
        let region = match region {
            None => from.regions()[0].clone(),
            Some(name) => choose_regions(from.environment(), &[name.to_owned()])?.remove(0),
        };
        Ok(Self { from, to, region })
    }

    /// Returns the copy of one secret, with its type. Without a name for the destination, it is the
    /// secret line of the same name there, else the same key.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for a name that gives no parameter ([`Targets::find`]) and for a copy to
    /// itself; [`Error::Store`] if the secret does not exist or cannot be read.
    pub async fn secret<S: ParameterStore>(
        &self,
        store: &S,
        name: SecretName<'_>,
        to: Option<SecretName<'_>>,
    ) -> Result<SecretWrite, Error> {
        let source = self.from.find(name)?;
        let target = match to {
            Some(to) => self.to.find(to)?,
            None => self.counterpart(&source, name)?,
        };
        if self.is_same_parameter(&source, &target) {
            return Err(Error::request(
                format!("`{}` would be copied to itself", source.name),
                "name the destination: `--to-environment`, `--to-app`, `--to-scope` or `--to`",
            ));
        }
        let region = if source.regions.contains(&self.region) {
            &self.region
        } else {
            source.first_region()
        };
        let parameter = read(store, region, &source.name, None).await?;
        Ok(self.write(target, parameter.value, parameter.found.kind))
    }

    /// Returns the copies of all secret lines of the application. Lines that mean the same
    /// parameter in the same Region on both sides are left out.
    ///
    /// # Errors
    ///
    /// As of [`SecretCopy::secret`]; and [`Error::Request`] if no application is chosen.
    pub async fn all<S: ParameterStore>(&self, store: &S) -> Result<CopiedLines, Error> {
        let LineValues {
            lines,
            in_secrets_manager,
        } = LineValues::read(store, &self.from.in_region(&self.region)).await?;
        let mut writes = Vec::new();
        for line in lines {
            let target = self.to.find(line.name.as_str())?;
            if self.is_same_parameter(&line.target, &target) {
                continue;
            }
            let value = line
                .value
                .ok_or_else(|| not_found(line.target.first_region(), &line.target.name))?;
            writes.push(self.write(target, value, ParameterType::SecureString));
        }
        Ok(CopiedLines {
            writes,
            in_secrets_manager,
        })
    }

    /// Returns the secret of the destination that corresponds to one of the source.
    ///
    /// | destination has | target |
    /// | --- | --- |
    /// | a secret line of the name | its parameter |
    /// | no such line, and the source has a key | the parameter of that key |
    /// | neither, such as for a full name | the parameter of the same name |
    fn counterpart(&self, source: &Target, name: SecretName<'_>) -> Result<Target, Error> {
        match (self.to.find(name), &source.key) {
            (Ok(target), key) if target.line.is_some() || key.is_none() => Ok(target),
            (_, Some(key)) => self.to.find(key.as_str()),
            (result, None) => result,
        }
    }

    /// Returns whether a copy would change nothing: the same parameter, without another Region to
    /// write to.
    fn is_same_parameter(&self, source: &Target, target: &Target) -> bool {
        let is_same_environment = self.from.environment().name == self.to.environment().name;
        source.name == target.name && is_same_environment && target.regions.len() < 2
    }

    fn write(&self, target: Target, value: SecretValue, kind: ParameterType) -> SecretWrite {
        self.to.write_any_size(target, value).of_type(kind)
    }
}
