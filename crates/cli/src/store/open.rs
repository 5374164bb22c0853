//! From `--store` to a store.

use std::cell::OnceCell;
use std::future::Future;
use std::io::IsTerminal as _;
use std::path::Path;
#[cfg(feature = "aws")]
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use byref::AnyStore;
use byref_config::Environment;
use byref_store::{Access, FileStore, StoreKey};

use zeroize::Zeroizing;

use super::Progress;
use crate::args::store::{StoreLocation, StoreOptions};
use crate::failure::Failure;
use crate::read::{Input, read_named};
use crate::report::warn_plain;
use byref::render::escape::one_line;

/// The stores of a run: one file, or Parameter Store in the account of each environment.
pub(crate) struct Stores<'o> {
    options: &'o StoreOptions,
    access: Access,
    file: OnceCell<FileStore>,
}

impl<'o> Stores<'o> {
    /// Returns the stores for commands that read. A store file must exist.
    pub(crate) fn to_read(options: &'o StoreOptions) -> Self {
        Self {
            options,
            access: Access::Read,
            file: OnceCell::new(),
        }
    }

    /// Returns the stores for commands that change existing secrets. A store file must exist.
    pub(crate) fn to_change(options: &'o StoreOptions) -> Self {
        Self {
            options,
            access: Access::Existing,
            file: OnceCell::new(),
        }
    }

    /// Returns the stores for commands that write. A missing store file is created.
    pub(crate) fn to_write(options: &'o StoreOptions) -> Self {
        Self {
            options,
            access: Access::CreateIfAbsent,
            file: OnceCell::new(),
        }
    }

    /// Returns whether writes leave this machine.
    pub(crate) fn is_remote(&self) -> bool {
        !matches!(self.options.store, Some(StoreLocation::File(_)))
    }

    /// Opens the store of an environment.
    pub(crate) fn open(
        &self,
        environment: &Environment,
        progress: &Progress,
    ) -> Result<AnyStore, Failure> {
        match &self.options.store {
            Some(StoreLocation::File(path)) => {
                let account = environment.account.clone();
                let store = if let Some(store) = self.file.get() {
                    store.of_account(account)
                } else {
                    let key = self.key(path)?;
                    let store = FileStore::open(path, key, self.access, author(), account)?;
                    warn_of_readers("store", path);
                    self.file.get_or_init(|| store).clone()
                };
                Ok(AnyStore::File(store))
            }
            None if !is_aws_configured() => Err(Failure::usage(
                "no store is named, and AWS is not configured here",
                "pass `--store file:PATH` for a file on this machine, or `--store aws`, and sign in",
            )),
            None | Some(StoreLocation::Aws) => self.aws(environment, progress),
        }
    }

    #[cfg(feature = "aws")]
    fn aws(&self, environment: &Environment, progress: &Progress) -> Result<AnyStore, Failure> {
        aws(self.options, environment, progress)
    }

    #[cfg(not(feature = "aws"))]
    #[expect(clippy::unused_self, reason = "with the feature there is one")]
    fn aws(&self, _: &Environment, _: &Progress) -> Result<AnyStore, Failure> {
        Err(Failure::usage(
            "this byref was built without AWS",
            "use `--store file:PATH`, or install it with its default features",
        ))
    }

    fn key(&self, path: &Path) -> Result<StoreKey, Failure> {
        let text = match &self.options.store_key {
            Some(file) => {
                let bytes = Zeroizing::new(read_named(file, Input::StoreKey)?);
                warn_of_readers("key of the store", file);
                let not_text = || {
                    Failure::usage(
                        format!("the key in `{}` is not UTF-8", file.display()),
                        KEY_HELP,
                    )
                };
                Zeroizing::new(
                    std::str::from_utf8(&bytes)
                        .map_err(|_| not_text())?
                        .to_owned(),
                )
            }
            None if std::io::stdin().is_terminal() => self.passphrase(path)?,
            None => {
                return Err(Failure::usage(
                    format!("the store `{}` needs its key", path.display()),
                    KEY_HELP,
                ));
            }
        };
        StoreKey::parse(&text).map_err(|error| Failure::usage(error.to_string(), KEY_HELP))
    }

    /// Asks for the passphrase; for a new store twice, because a typing mistake would lock its
    /// secrets away.
    fn passphrase(&self, path: &Path) -> Result<Zeroizing<String>, Failure> {
        let is_new = self.access == Access::CreateIfAbsent && !path.exists();
        let new = if is_new { "new " } else { "" };
        let passphrase = ask_passphrase(format!(
            "{new}passphrase of {}: ",
            one_line(&path.display().to_string())
        ))?;
        if is_new && passphrase != ask_passphrase("the same again: ".to_owned())? {
            return Err(Failure::usage(
                "the two passphrases are not the same",
                "run the command again",
            ));
        }
        Ok(passphrase)
    }
}

/// Asks for a passphrase without echo.
fn ask_passphrase(question: String) -> Result<Zeroizing<String>, Failure> {
    let asked = rpassword::prompt_password(question).map(Zeroizing::new);
    asked.map_err(|error| {
        Failure::usage(format!("cannot ask for the passphrase: {error}"), KEY_HELP)
    })
}

/// Warns if other users can read a file that protects secrets.
fn warn_of_readers(what: &str, path: &Path) {
    if byref_files::is_open_to_others(path) {
        let message = format!("other users can read the {what}, `{}`", path.display());
        warn_plain(&message, &format!("chmod 600 {}", path.display()));
    }
}

/// Returns whether AWS is configured on this machine: by an environment variable, or by a file of
/// AWS's tools. On a machine whose only configuration is its own role, the user passes
/// `--store aws`.
pub(crate) fn is_aws_configured() -> bool {
    let has_variable = std::env::vars_os().any(|(name, _)| {
        name.to_str()
            .is_some_and(|name| name.starts_with("AWS_") && name != "AWS_EC2_METADATA_DISABLED")
    });
    let home = std::env::home_dir().unwrap_or_default().join(".aws");
    has_variable
        || ["config", "credentials"]
            .iter()
            .any(|file| home.join(file).is_file())
}

const KEY_HELP: &str = "name a file with an age identity or a passphrase on one line: `--store-key FILE`, or `BYREF_STORE_KEY_FILE`";

/// Returns the author of writes to a file store: the user's name, as the system gives it.
fn author() -> String {
    let name = ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok());
    name.unwrap_or_else(|| "unknown".to_owned())
}

#[cfg(feature = "aws")]
fn aws(
    options: &StoreOptions,
    environment: &Environment,
    progress: &Progress,
) -> Result<AnyStore, Failure> {
    Ok(AnyStore::Aws(Box::new(byref_aws::AwsStore::new(
        connection(options, environment, progress)?,
    ))))
}

#[cfg(feature = "aws")]
fn refuse_retry_variables() -> Result<(), Failure> {
    // The SDK ends the process where these are not valid.
    let is_valid = |name: &str, value: &str| match name {
        "AWS_MAX_ATTEMPTS" => value.parse::<u32>().is_ok_and(|attempts| attempts > 0),
        _ => ["standard", "adaptive", "legacy"].contains(&value.to_ascii_lowercase().as_str()),
    };
    for (name, help) in [
        ("AWS_MAX_ATTEMPTS", "set it to a number from 1, or unset it"),
        (
            "AWS_RETRY_MODE",
            "set it to `standard` or `adaptive`, or unset it",
        ),
    ] {
        let value = std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        if value.is_some_and(|value| !is_valid(name, &value)) {
            return Err(Failure::usage(
                format!("the variable `{name}` is not valid"),
                help,
            ));
        }
    }
    Ok(())
}

#[cfg(feature = "aws")]
fn connection(
    options: &StoreOptions,
    environment: &Environment,
    progress: &Progress,
) -> Result<byref_aws::Connection, Failure> {
    // An emulator may call its account as it likes.
    if !std::env::vars_os().any(|(name, _)| {
        name.to_str()
            .is_some_and(|name| name.starts_with("AWS_ENDPOINT_URL"))
    }) {
        byref::refuse_placeholder(environment)?;
    }
    refuse_retry_variables()?;
    let progress = progress.clone();
    let mut connection =
        byref_aws::Connection::new(environment.account.clone(), environment.regions[0].clone());
    connection.role_arn.clone_from(&environment.role_arn);
    connection.rates.reads = options.read_rate;
    connection.rates.writes = options.write_rate;
    connection.timeouts.attempt = Duration::from_secs(options.timeout.into());
    if options.insecure_endpoint {
        connection.plain_http = byref_aws::PlainHttp::Anywhere;
    }
    connection.caller = options.callers.of(environment);
    connection.observer = Some(Arc::new(move |items| progress.advance(items as u64)));
    Ok(connection)
}

/// The identity of the caller for each role and partition. Clones share it, so that a run asks AWS
/// once.
#[cfg(feature = "aws")]
#[derive(Clone, Debug, Default)]
pub(crate) struct Callers(Arc<Mutex<BTreeMap<Credentials, byref_aws::SharedCaller>>>);

/// The role that is assumed, and the partition.
#[cfg(feature = "aws")]
type Credentials = (Option<String>, String);

#[cfg(feature = "aws")]
impl Callers {
    fn of(&self, environment: &Environment) -> byref_aws::SharedCaller {
        let mut callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let credentials = (
            environment.role_arn.clone(),
            environment.partition.to_string(),
        );
        callers.entry(credentials).or_default().clone()
    }
}

/// Opens the deployments of an environment, which are in AWS even if the secrets are not.
#[cfg(feature = "aws")]
pub(crate) fn deployments(
    options: &StoreOptions,
    environment: &Environment,
    progress: &Progress,
) -> Result<byref_aws::AwsDeployments, Failure> {
    if !is_aws_configured() {
        return Err(Failure::usage(
            "what is deployed can't be asked for: AWS is not configured here",
            "set `AWS_PROFILE`, or sign in with `aws sso login`",
        ));
    }
    Ok(byref_aws::AwsDeployments::new(connection(
        options,
        environment,
        progress,
    )?))
}

/// Runs work that waits for a store: the one place where a runtime starts.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::usage(
                format!("cannot start the async runtime: {error}"),
                "check the limit of open files (`ulimit -n`)",
            )
        })?;
    let result = runtime.block_on(work);
    // A DNS look-up can't be cancelled: the command must not wait for one that has timed out.
    runtime.shutdown_background();
    result
}
