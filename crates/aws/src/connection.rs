//! Connection settings: account, credentials, request rates and timeouts.
//!
//! All settings but the account and the primary Region have defaults. [`Connection::load`] turns
//! them into a configuration of the SDK.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, SdkConfig};
use aws_sdk_ssm::config::SharedCredentialsProvider;
use byref_parameter::{AccountId, Region};

use crate::caller::SharedCaller;
use crate::http::{self, PlainHttp};

/// A callback for progress. It receives the number of names or items in each response.
pub type Observer = Arc<dyn Fn(usize) + Send + Sync>;

/// The settings of a connection to one account.
///
/// Only the account and the primary Region have no default:
///
/// ```
/// use byref_aws::Connection;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut connection = Connection::new("111122223333".parse()?, "us-west-2".parse()?);
/// connection.role_arn = Some("arn:aws:iam::111122223333:role/secrets-admin".to_owned());
/// connection.timeouts.operation = std::time::Duration::from_secs(20);
/// # Ok(())
/// # }
/// ```
///
/// `Debug` leaves out the configuration in [`Connection::base`], which may hold credentials.
#[derive(Clone)]
pub struct Connection {
    /// The account that the caller must belong to. It is checked before the first request.
    pub account: AccountId,
    /// The Region for STS and IAM requests: the first Region of the environment.
    pub primary: Region,
    /// The role to assume, or `None` to use the credentials directly.
    pub role_arn: Option<String>,
    /// The limits on the number of requests.
    pub rates: Rates,
    /// The limits on time and retries.
    pub timeouts: Timeouts,
    /// The hosts that may receive plain HTTP.
    pub plain_http: PlainHttp,
    /// The identity of the caller. Connections with the same credentials should share it.
    pub caller: SharedCaller,
    /// A configuration that replaces environment variables and profiles, for credentials and
    /// endpoints that the embedding program provides.
    pub base: Option<SdkConfig>,
    /// The callback for progress.
    pub observer: Option<Observer>,
}

/// Limits on the number of requests per Region.
///
/// The defaults leave room in the quota of the account, which starting tasks share: by default, 40
/// reads per second for `GetParameter`, `GetParameters` and `GetParametersByPath` together, and 3
/// to 10 for other operations. Source: [Service quotas for Parameter
/// Store](https://docs.aws.amazon.com/general/latest/gr/ssm.html).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// `GetParameters` and `GetParametersByPath` requests per second.
    pub reads: NonZeroU32,
    /// All other requests per second: writes, labels, tags, histories and descriptions.
    pub writes: NonZeroU32,
    /// The number of concurrent requests.
    pub concurrency: NonZeroU32,
}

impl Default for Rates {
    fn default() -> Self {
        let number = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self {
            reads: number(10),
            writes: number(2),
            concurrency: number(5),
        }
    }
}

/// Limits on time and retries per request.
///
/// Retries use the standard mode of the SDK. Its adaptive mode stalls a process that sends few
/// requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// The number of attempts per request. `None` means `AWS_MAX_ATTEMPTS`, then `max_attempts` of
    /// the profile, then five.
    pub attempts: Option<NonZeroU32>,
    /// The longest pause before the second attempt. It doubles with each further attempt.
    pub backoff: Duration,
    /// The time to establish a connection.
    pub connect: Duration,
    /// The time for one attempt.
    pub attempt: Duration,
    /// The time for a request with all attempts and pauses. Values shorter than one attempt are
    /// raised to that.
    pub operation: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            attempts: None,
            backoff: Duration::from_secs(1),
            connect: Duration::from_secs(5),
            attempt: Duration::from_secs(10),
            operation: Duration::from_mins(1),
        }
    }
}

/// The number of attempts if neither the caller, the environment nor the profile sets one.
const ATTEMPTS: u32 = 5;
/// The SDK's own default, which can't be told from an explicit 3 in a profile.
const ATTEMPTS_OF_THE_SDK: u32 = 3;
/// The upper limit of the pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Connection")
            .field("account", &self.account)
            .field("primary", &self.primary)
            .field("role_arn", &self.role_arn)
            .field("rates", &self.rates)
            .field("timeouts", &self.timeouts)
            .field("plain_http", &self.plain_http)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// Creates settings for an account, with credentials from the environment and default limits.
    pub fn new(account: AccountId, primary: Region) -> Self {
        Self {
            account,
            primary,
            role_arn: None,
            rates: Rates::default(),
            timeouts: Timeouts::default(),
            plain_http: PlainHttp::default(),
            caller: SharedCaller::default(),
            base: None,
            observer: None,
        }
    }

    /// Loads environment variables and profiles. Credentials are resolved by the first request that
    /// needs them.
    pub(crate) async fn load(&self) -> SdkConfig {
        let region = aws_config::Region::new(self.primary.to_string());
        let timeouts = self.timeouts;
        let limits = TimeoutConfig::builder()
            .connect_timeout(timeouts.connect)
            .operation_attempt_timeout(timeouts.attempt)
            .operation_timeout(timeouts.operation.max(timeouts.attempt))
            .build();
        let client = http::client(self.plain_http);
        let loaded = if let Some(base) = &self.base {
            base.clone()
        } else {
            let defaults = aws_config::defaults(BehaviorVersion::latest());
            defaults
                .region(region.clone())
                .http_client(client.clone())
                .load()
                .await
        };
        let retries = self.retries(loaded.retry_config());
        let builder = loaded
            .into_builder()
            .region(region.clone())
            .timeout_config(limits)
            .retry_config(retries);
        let mut builder = builder.http_client(client);
        builder.set_app_name(AppName::new("byref").ok());
        let config = builder.build();
        let Some(role) = &self.role_arn else {
            return config;
        };
        // The loaded configuration holds the credentials that assume the role.
        let role = AssumeRoleProvider::builder(role)
            .session_name("byref")
            .region(region)
            .configure(&config);
        let assumed = match config.credentials_provider() {
            Some(own) => role.build_from_provider(own).await,
            None => role.build().await,
        };
        config
            .into_builder()
            .credentials_provider(SharedCredentialsProvider::new(assumed))
            .build()
    }

    /// Returns the retry configuration, preferring settings of the user over byref's default.
    fn retries(&self, loaded: Option<&RetryConfig>) -> RetryConfig {
        let configured = loaded.map(RetryConfig::max_attempts).filter(|attempts| {
            *attempts != ATTEMPTS_OF_THE_SDK || std::env::var_os("AWS_MAX_ATTEMPTS").is_some()
        });
        let attempts = self
            .timeouts
            .attempts
            .map(NonZeroU32::get)
            .or(configured)
            .unwrap_or(ATTEMPTS);
        RetryConfig::standard()
            .with_max_attempts(attempts)
            .with_initial_backoff(self.timeouts.backoff)
            .with_max_backoff(LONGEST_PAUSE.max(self.timeouts.backoff))
    }
}
