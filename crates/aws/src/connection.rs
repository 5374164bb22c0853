//! Whom to ask, how fast, and for how long.

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

/// What is told how many names or items every answer was about.
pub type Observer = Arc<dyn Fn(usize) + Send + Sync>;

/// Whom to ask, how fast, and for how long.
#[derive(Clone)]
pub struct Connection {
    /// The account that the caller must belong to before anything is asked.
    pub account: AccountId,
    /// The Region where the caller is asked for and roles are assumed: the environment's first.
    pub primary: Region,
    /// The role that is assumed; none means the credentials as they are.
    pub role_arn: Option<String>,
    /// Requests a second.
    pub rates: Rates,
    /// Attempts and time-outs.
    pub timeouts: Timeouts,
    /// Where plain HTTP may go.
    pub plain_http: PlainHttp,
    /// Who the caller is, once that is known: connections with the same credentials share it and ask once.
    pub caller: SharedCaller,
    /// What stands in place of the environment and the profiles: credentials, endpoints.
    pub base: Option<SdkConfig>,
    /// Told of progress.
    pub observer: Option<Observer>,
}

/// How much may be asked of one Region. The defaults leave room in the quota of the account, which starting tasks
/// share: 40 reads a second, and 3 of everything else. Source: Systems Manager quotas, "Parameter Store throughput".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// `GetParameters` and `GetParametersByPath` a second.
    pub reads: NonZeroU32,
    /// All other requests a second: writes, labels, tags, histories, descriptions.
    pub writes: NonZeroU32,
    /// Requests under way at a time.
    pub concurrency: NonZeroU32,
}

impl Default for Rates {
    fn default() -> Self {
        let number = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self { reads: number(10), writes: number(2), concurrency: number(5) }
    }
}

/// For how long a request is tried. Retries are the SDK's, in its standard mode: the adaptive one stalls a process that
/// makes few requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Attempts of a request; none means `AWS_MAX_ATTEMPTS` or `max_attempts` of the profile, else five.
    pub attempts: Option<NonZeroU32>,
    /// The longest pause before the second attempt; it doubles with each one.
    pub backoff: Duration,
    /// Until a connection stands.
    pub connect: Duration,
    /// Until one attempt has its answer.
    pub attempt: Duration,
    /// Until a request has its answer, with all attempts and pauses; at least as long as one attempt.
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

const ATTEMPTS: u32 = 5;
/// What the SDK takes when nobody says anything.
const ATTEMPTS_OF_THE_SDK: u32 = 3;
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
    /// An account, with the caller's credentials as they are and the usual rates.
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

    /// Loads what the environment and the profiles say. Credentials are looked for when a request needs them.
    pub(crate) async fn load(&self) -> SdkConfig {
        let region = aws_config::Region::new(self.primary.to_string());
        let timeouts = self.timeouts;
        let time_outs = TimeoutConfig::builder()
            .connect_timeout(timeouts.connect)
            .operation_attempt_timeout(timeouts.attempt)
            .operation_timeout(timeouts.operation.max(timeouts.attempt))
            .build();
        let client = http::client(self.plain_http);
        let loaded = if let Some(base) = &self.base {
            base.clone()
        } else {
            let defaults = aws_config::defaults(BehaviorVersion::latest());
            defaults.region(region.clone()).http_client(client.clone()).load().await
        };
        let retries = self.retries(loaded.retry_config());
        let builder = loaded.into_builder().region(region.clone()).timeout_config(time_outs).retry_config(retries);
        let mut builder = builder.http_client(client);
        builder.set_app_name(AppName::new("byref").ok());
        let config = builder.build();
        let Some(role) = &self.role_arn else { return config };
        // The configuration holds the caller's own credentials, with which the role is assumed.
        let role = AssumeRoleProvider::builder(role).session_name("byref").region(region).configure(&config);
        let assumed = match config.credentials_provider() {
            Some(own) => role.build_from_provider(own).await,
            None => role.build().await,
        };
        config.into_builder().credentials_provider(SharedCredentialsProvider::new(assumed)).build()
    }

    fn retries(&self, loaded: Option<&RetryConfig>) -> RetryConfig {
        let said = loaded
            .map(RetryConfig::max_attempts)
            .filter(|attempts| *attempts != ATTEMPTS_OF_THE_SDK || std::env::var_os("AWS_MAX_ATTEMPTS").is_some());
        let attempts = self.timeouts.attempts.map(NonZeroU32::get).or(said).unwrap_or(ATTEMPTS);
        RetryConfig::standard()
            .with_max_attempts(attempts)
            .with_initial_backoff(self.timeouts.backoff)
            .with_max_backoff(LONGEST_PAUSE.max(self.timeouts.backoff))
    }
}
