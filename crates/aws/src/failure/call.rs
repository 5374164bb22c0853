//! The description of a request for errors: its action, Region and subject, never its values.

use byref_parameter::{ParameterName, Region};
use byref_store::{StoreError, Unreachable, VersionSelector};

/// The part of a request that an error may mention.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'c> {
    /// The IAM action, for example `ssm:PutParameter`.
    pub(crate) action: &'static str,
    /// The Region of the request.
    pub(crate) region: &'c Region,
    /// The parameters of the request.
    pub(crate) names: &'c [ParameterName],
    /// The requested version.
    ///
    /// It tells a missing version from a missing parameter.
    pub(crate) version: Option<&'c VersionSelector>,
    /// The subject of a request to a service other than Parameter Store.
    pub(crate) subject: Option<&'c str>,
    /// The KMS action that Parameter Store performs on behalf of the caller.
    pub(crate) key_action: Option<&'static str>,
}

impl<'c> Call<'c> {
    /// Creates the description of a call to Parameter Store about these parameters.
    pub(crate) fn new(
        action: &'static str,
        region: &'c Region,
        names: &'c [ParameterName],
    ) -> Self {
        Self {
            action,
            region,
            names,
            version: None,
            subject: None,
            key_action: None,
        }
    }

    /// Creates the description of a call to a service other than Parameter Store.
    pub(crate) fn about(action: &'static str, region: &'c Region, subject: &'c str) -> Self {
        Self {
            subject: Some(subject),
            ..Self::new(action, region, &[])
        }
    }

    /// Creates the error for a request without a usable response.
    pub(crate) fn unreachable(&self, why: Unreachable) -> StoreError {
        StoreError::Unreachable {
            action: self.action,
            region: self.region.clone(),
            why,
        }
    }

    /// Creates the error for a response that can't belong to the request: an emulator, a proxy or
    /// an endpoint that is not AWS may have sent it.
    pub(crate) fn unexpected(&self, problem: &'static str) -> StoreError {
        self.unreachable(Unreachable::Unexpected(problem))
    }

    /// Creates the error for a request that AWS rejected with this code.
    pub(crate) fn refused(&self, code: &str) -> StoreError {
        StoreError::Refused {
            action: self.action,
            region: self.region.clone(),
            code: code.to_owned(),
        }
    }

    /// Returns the parameter names, shortened for a message.
    ///
    /// `/web/a` → itself; three names → `/web/a, and 2 more`; none → the subject, or `*`.
    pub(super) fn resource(&self) -> String {
        match self.names {
            [] => self.subject.unwrap_or("*").to_owned(),
            [one] => one.to_string(),
            [one, rest @ ..] => format!("{one}, and {} more", rest.len()),
        }
    }
}
