//! Policies and keys for roles and stacks outside of the templates, from the configuration alone.

use std::collections::BTreeSet;

use byref_config::{App, DeployConfig, Environment, NamePiece, Reference, Scope};
use byref_iam::{ArnScope, KeyStack, Request, Right, RolePolicy, Secret, rights_to_read};
use byref_parameter::{KmsKey, NameError, Region};

/// Returns the policy that an application's role needs in an environment: exactly its secret lines,
/// and the keys that encrypt them.
///
/// # Errors
///
/// A line gives a name that Parameter Store does not take.
///
/// # Examples
///
/// ```
/// use byref_config::{ConfigFile, parse};
/// use byref_rewrite::{PolicyForm, application_policy};
///
/// let toml = r#"
/// [environments.production]
/// account = "111122223333"
/// regions = ["us-west-2"]
///
/// [apps.web.secrets]
/// DB_PASSWORD = true
/// "#;
/// let source = byref_template::Sources::new().add("deploy.toml", toml);
/// let (config, _) = parse(&[ConfigFile { source, text: toml }]);
/// let config = config.ok_or("no configuration")?;
/// let (app, environment) = (&config.apps["web"], &config.environments["production"]);
/// let policy = application_policy(&config, app, environment, &environment.regions)?;
/// let json = policy.text(PolicyForm::Json);
/// assert!(json.contains("ssm:GetParameters"));
/// assert!(json.contains("us-west-2:111122223333:parameter/production/web/db-password"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn application_policy(
    config: &DeployConfig,
    app: &App,
    environment: &Environment,
    regions: &[Region],
) -> Result<RolePolicy, NameError> {
    let lines = app.secrets(Some(&environment.name)).into_iter();
    let references = lines
        .map(|line| config.reference(app, environment, line))
        .collect::<Result<Vec<_>, _>>()?;
    let encrypted = references
        .iter()
        .filter(|reference| is_encrypted_here(reference, environment));
    let keys = keys_of(
        environment,
        &encrypted
            .map(|reference| config.scope_of_reference(environment, reference))
            .collect(),
    );
    let rights = |scope: &ArnScope, reference: &Reference| {
        let keys = keys
            .iter()
            .copied()
            .filter(|_| is_encrypted_here(reference, environment));
        rights_to_read(&secret(reference), keys, scope)
    };
    // Secrets that their lines give by ARNs are the same in every Region, and come last.
    let is_by_name = |reference: &&Reference| matches!(reference, Reference::Parameter(..));
    let (by_name, by_arn): (Vec<&Reference>, Vec<&Reference>) =
        references.iter().partition(is_by_name);
    let all = |scopes: &[ArnScope]| {
        let of_group = |group: &Vec<&Reference>| -> Vec<Right> {
            let pairs = scopes
                .iter()
                .flat_map(|scope| group.iter().map(move |reference| (scope, *reference)));
            pairs
                .flat_map(|(scope, reference)| rights(scope, reference))
                .collect()
        };
        [of_group(&by_name), of_group(&by_arn)].concat()
    };
    Ok(role_policy(
        format!("What {} reads in {}", app.name, environment.name),
        all,
        environment,
        regions,
    ))
}

/// Returns the policy of a role that reads everything of all four scopes: shared, the
/// environment's, the application's, and the application's in the environment.
///
/// # Errors
///
/// A pattern gives no name that Parameter Store takes.
pub fn scopes_policy(
    config: &DeployConfig,
    app: &App,
    environment: &Environment,
    regions: &[Region],
) -> Result<RolePolicy, NameError> {
    let mut prefixes: Vec<String> = Vec::new();
    for scope in Scope::ALL {
        let name = NamePiece::joined(
            &config.names.pieces(scope, &app.name, "k"),
            &environment.name,
        );
        name.parse::<byref_parameter::ParameterName>()?;
        let prefix = NamePiece::joined(
            &config.names.pieces(scope, &app.name, "*"),
            &environment.name,
        );
        if !prefixes.contains(&prefix) {
            prefixes.push(prefix);
        }
    }
    let keys = keys_of(environment, &BTreeSet::from(Scope::ALL));
    let rights = |scope: &ArnScope| -> Vec<Right> {
        let secrets = prefixes
            .iter()
            .map(|prefix| Secret::Parameter(prefix.as_str().into()));
        secrets
            .flat_map(|secret| rights_to_read(&secret, keys.iter().copied(), scope))
            .collect()
    };
    let all = |scopes: &[ArnScope]| scopes.iter().flat_map(rights).collect();
    let description = format!(
        "Everything that {} may read in {}",
        app.name, environment.name
    );
    Ok(role_policy(description, all, environment, regions))
}

/// Returns the policy of rights, which `rights` gives for any scopes.
fn role_policy(
    description: String,
    rights: impl Fn(&[ArnScope]) -> Vec<Right>,
    environment: &Environment,
    regions: &[Region],
) -> RolePolicy {
    let scopes: Vec<ArnScope> = regions
        .iter()
        .map(|region| arn_scope(environment, region))
        .collect();
    RolePolicy::new(
        description,
        &rights(&scopes),
        &rights(&[ArnScope::pseudo()]),
    )
}

/// Returns the environment's keys that encrypt secrets of some scopes.
fn keys_of<'e>(environment: &'e Environment, scopes: &BTreeSet<Scope>) -> Vec<&'e KmsKey> {
    let is_used = |key: &&KmsKey| {
        scopes
            .iter()
            .any(|scope| environment.keys_of(*scope).contains(key))
    };
    environment.kms_keys.iter().filter(is_used).collect()
}

/// Returns the requests of a service that reads what a reference means from a Region of an
/// environment: that for the secret itself, and if one of the environment's keys may encrypt it,
/// that to decrypt.
pub fn requests_to_read(
    config: &DeployConfig,
    environment: &Environment,
    reference: &Reference,
    region: &Region,
) -> Vec<Request> {
    let secret = secret(reference);
    let key = config.key_of(environment, reference, secret.region().unwrap_or(region));
    let key = key.filter(|_| is_encrypted_here(reference, environment));
    byref_iam::requests_to_read(&secret, key, &arn_scope(environment, region))
}

/// Returns the secret that a reference means in the account and Region of its reader.
pub(crate) fn secret(reference: &Reference) -> Secret<'_> {
    match reference {
        Reference::Parameter(name, _) => Secret::Parameter(name.as_str().into()),
        Reference::Arn(arn) => Secret::ParameterArn(arn),
        Reference::SecretsManager(arn) => Secret::SecretsManager(arn),
    }
}

/// Returns the scope of the ARNs of an environment in a Region.
pub(crate) fn arn_scope(environment: &Environment, region: &Region) -> ArnScope {
    ArnScope::of(environment.partition, region, &environment.account)
}

/// Returns whether an environment's key may encrypt a secret: all parameters, and the secrets of
/// its own account and Regions.
pub(crate) fn is_encrypted_here(reference: &Reference, environment: &Environment) -> bool {
    match reference {
        Reference::Parameter(..) | Reference::Arn(_) => true,
        Reference::SecretsManager(arn) => {
            arn.account == environment.account && environment.regions.contains(&arn.region)
        }
    }
}

/// Returns the stack of a customer-managed key for the secrets of a scope. `app` counts only for a
/// scope whose names contain it.
///
/// ```
/// use byref_config::{ConfigFile, Scope, parse};
/// use byref_rewrite::key_stack;
///
/// let toml = r#"
/// [environments.production]
/// account = "111122223333"
/// regions = ["us-west-2"]
///
/// [apps.web.secrets]
/// DB_PASSWORD = true
/// "#;
/// let source = byref_template::Sources::new().add("deploy.toml", toml);
/// let (config, _) = parse(&[ConfigFile { source, text: toml }]);
/// let config = config.ok_or("no configuration")?;
/// let environment = &config.environments["production"];
/// let stack = key_stack(&config, "web", environment, Scope::App);
/// assert!(stack.contains("AWS::KMS::Key"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn key_stack(
    config: &DeployConfig,
    app: &str,
    environment: &Environment,
    scope: Scope,
) -> String {
    let names = NamePiece::joined(&config.names.pieces(scope, app, "*"), &environment.name);
    // One key for all scopes is the environment's own.
    let is_own = scope == Scope::Environment || !environment.has_one_key();
    let alias = match environment.keys_of(scope).first().filter(|_| is_own) {
        Some(KmsKey::Alias(alias)) => Some(alias.as_str()),
        _ => None,
    };
    KeyStack::new(names, alias).text()
}
