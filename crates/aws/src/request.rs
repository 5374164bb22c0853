//! Requests to one service in one Region: client, rate limits and retries.
//!
//! A request waits for a permit (concurrency) and for its turn (rate), and is then sent by the SDK,
//! which retries it in its standard mode. An interceptor counts every attempt against the rate
//! limit, so that retries slow down the requests after them.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_ssm::config::retry::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use byref_parameter::Region;
use byref_store::StoreError;
use tokio::sync::Semaphore;

use crate::connection::Rates;
use crate::failure::{Call, failure};
use crate::pace::Pace;

/// The clients of a service by Region, created on demand.
pub(crate) struct Clients<C>(Mutex<BTreeMap<Region, Arc<RegionClient<C>>>>);

impl<C> Default for Clients<C> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<C> Clients<C> {
    /// Returns the client of a Region, creating it if necessary.
    pub(crate) fn of_region(
        &self,
        region: &Region,
        make: impl FnOnce() -> RegionClient<C>,
    ) -> Arc<RegionClient<C>> {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            clients
                .entry(region.clone())
                .or_insert_with(|| Arc::new(make())),
        )
    }

    /// Returns the number of requests per Region so far, counting every attempt.
    pub(crate) fn requests(&self) -> BTreeMap<Region, u64> {
        let clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        clients
            .iter()
            .map(|(region, client)| (region.clone(), client.requests()))
            .collect()
    }
}

/// The longest pause before a write is retried that collided with another caller's write.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The request counters and rate limits of a Region.
#[derive(Debug)]
struct Meter {
    /// The limit for `GetParameters`, `GetParametersByPath` and cheap reads of other services.
    reads: Pace,
    /// The limit for all other operations.
    writes: Pace,
    /// The number of attempts so far.
    requests: AtomicU64,
}

impl Meter {
    /// Returns the rate limit of an operation.
    ///
    /// In Parameter Store, reads by name and by path share one quota, and all other operations a
    /// lower one. Other services have their own counters: ECS accepts 20 `DescribeTaskDefinition`
    /// requests per second (API reference, "Request throttling"), and CloudFormation and IAM
    /// publish no numbers, so their expensive operations get the lower rate.
    ///
    /// Source: [Service quotas for Parameter
    /// Store](https://docs.aws.amazon.com/general/latest/gr/ssm.html).
    fn pace(&self, operation: &str) -> &Pace {
        match operation {
            "GetParameters"
            | "GetParametersByPath"
            | "DescribeTaskDefinition"
            | "ListTaskDefinitions"
            | "DescribeServices"
            | "DescribeStacks"
            | "ListStackResources"
            | "GetTemplate" => &self.reads,
            _ => &self.writes,
        }
    }
}

/// An interceptor that counts every attempt. Retries of the SDK do not wait for the rate limit, so
/// they are added to it here.
#[derive(Debug)]
pub(crate) struct Count(Arc<Meter>);

#[dyn_dispatch_hint]
impl Intercept for Count {
    fn name(&self) -> &'static str {
        "Count"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.requests.fetch_add(1, Ordering::Relaxed);
        let is_repeated = bag
            .load::<RequestAttempts>()
            .is_some_and(|attempts| attempts.attempts() > 1);
        if let Some(operation) = bag.load::<Metadata>().filter(|_| is_repeated) {
            self.0.pace(operation.name()).note();
        }
        Ok(())
    }
}

/// Creates the client of a service, given the name of its SDK crate.
macro_rules! region_client {
    ($service:ident, $config:expr, $region:expr, $rates:expr) => {{
        let config: &aws_config::SdkConfig = $config;
        $crate::request::RegionClient::new(config, $rates, |count, attempts| {
            let of_region = $service::config::Builder::from(config)
                .region(aws_config::Region::new($region.to_string()))
                .interceptor(count)
                .retry_partition(attempts)
                .build();
            $service::Client::from_conf(of_region)
        })
    }};
}

pub(crate) use region_client;

/// The client of one service in one Region.
#[derive(Debug)]
pub(crate) struct RegionClient<C> {
    /// The SDK client. Send requests through [`RegionClient::send`] only.
    pub(crate) client: C,
    meter: Arc<Meter>,
    /// The permits for concurrent requests.
    permits: Semaphore,
    /// The number of attempts on `TooManyUpdates`.
    attempts: u32,
    /// The pause before the second attempt on `TooManyUpdates`.
    backoff: Duration,
}

impl<C> RegionClient<C> {
    /// Creates a client with its own counters and its own retry budget.
    pub(crate) fn new(
        config: &SdkConfig,
        rates: Rates,
        make: impl FnOnce(Count, RetryPartition) -> C,
    ) -> Self {
        let meter = Arc::new(Meter {
            reads: Pace::new(rates.reads),
            writes: Pace::new(rates.writes),
            requests: AtomicU64::new(0),
        });
        // Use a retry budget per client. By default, all clients of a process share one.
        let attempts = RetryPartition::custom("byref")
            .token_bucket(TokenBucket::default())
            .build();
        let retries = config.retry_config();
        Self {
            client: make(Count(Arc::clone(&meter)), attempts),
            meter,
            permits: Semaphore::new(
                usize::try_from(rates.concurrency.get()).unwrap_or(Semaphore::MAX_PERMITS),
            ),
            attempts: retries.map_or(1, aws_config::retry::RetryConfig::max_attempts),
            backoff: retries.map_or(
                LONGEST_PAUSE,
                aws_config::retry::RetryConfig::initial_backoff,
            ),
        }
    }

    /// Sends a request within the rate limit.
    ///
    /// The SDK retries all errors that are worth it except `TooManyUpdates`, which is retried here.
    ///
    /// # Errors
    ///
    /// The error of the last attempt.
    pub(crate) async fn send<T, E>(
        &self,
        call: Call<'_>,
        request: impl AsyncFn() -> Result<T, SdkError<E, HttpResponse>>,
    ) -> Result<T, StoreError>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        // An action has the form `service:Operation`.
        let operation = call
            .action
            .split_once(':')
            .map_or(call.action, |(_, operation)| operation);
        let mut pause = self.backoff;
        let mut attempt = 1;
        loop {
            let error = {
                // The semaphore is never closed, so the result can be ignored.
                let _permit = self.permits.acquire().await;
                self.meter.pace(operation).turn().await;
                // Box the SDK's future: it takes kilobytes, which all futures that await it would
                // inherit.
                match Box::pin(request()).await {
                    Ok(answer) => return Ok(answer),
                    Err(error) => failure(&error, &call),
                }
            };
            if !matches!(error, StoreError::TooManyUpdates { .. }) || attempt >= self.attempts {
                return Err(error);
            }
            tokio::time::sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
            attempt += 1;
        }
    }

    /// Returns the number of requests so far, counting every attempt.
    pub(crate) fn requests(&self) -> u64 {
        self.meter.requests.load(Ordering::Relaxed)
    }
}
