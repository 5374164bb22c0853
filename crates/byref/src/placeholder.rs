//! Environments that still have the placeholder account of a first configuration.

use byref_config::{Environment, PLACEHOLDER_ACCOUNT};

use crate::error::Error;

fn has_placeholder(environment: &Environment) -> bool {
    environment.account.to_string() == PLACEHOLDER_ACCOUNT
}

/// Returns a note about an environment that still has the account of
/// [`InitialConfig`](crate::InitialConfig): a file store keeps the secrets under that account, and
/// does not find them under another one later.
pub fn placeholder_note(environment: &Environment) -> Option<String> {
    has_placeholder(environment).then(|| {
        let name = &environment.name;
        format!("the account of environment `{name}` is still the placeholder: a store keeps its secrets under it")
    })
}

/// Refuses an environment that still has the placeholder account, for requests to AWS.
///
/// # Errors
///
/// [`Error::Request`] for such an environment.
pub fn refuse_placeholder(environment: &Environment) -> Result<(), Error> {
    if !has_placeholder(environment) {
        return Ok(());
    }
    Err(Error::request(
        format!(
            "the account of environment `{}` is still the placeholder",
            environment.name
        ),
        "write the twelve digits of your account into `deploy.toml`: `aws sts get-caller-identity` shows them",
    ))
}
