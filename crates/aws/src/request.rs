//! One service in one Region: its client, its rates, and how a request is sent.

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

/// The clients of a service, made when they are needed.
pub(crate) struct Clients<C>(Mutex<BTreeMap<Region, Arc<RegionClient<C>>>>);

impl<C> Default for Clients<C> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<C> Clients<C> {
    /// The client of a Region.
    pub(crate) fn of_region(&self, region: &Region, make: impl FnOnce() -> RegionClient<C>) -> Arc<RegionClient<C>> {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(clients.entry(region.clone()).or_insert_with(|| Arc::new(make())))
    }

    /// Requests that went out in each Region so far, with all attempts.
    pub(crate) fn requests(&self) -> BTreeMap<Region, u64> {
        let clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        clients.iter().map(|(region, client)| (region.clone(), client.requests())).collect()
    }
}

/// Pauses before writes that somebody else's write got in the way of.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What went to a Region, and how fast more may go.
#[derive(Debug)]
struct Meter {
    reads: Pace,
    writes: Pace,
    requests: AtomicU64,
}

impl Meter {
    /// The pace of an operation. Source: Systems Manager quotas: the two reads share one quota, the others a low one.
    /// Other services count for themselves: ECS takes 20 descriptions of task definitions a second (API reference,
    /// "Request throttling"); CloudFormation and IAM publish no numbers, and get the low rate where a request is dear.
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

/// Counts every attempt; those after the first come from the SDK and have had no turn.
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
        let is_repeated = bag.load::<RequestAttempts>().is_some_and(|attempts| attempts.attempts() > 1);
        if let Some(operation) = bag.load::<Metadata>().filter(|_| is_repeated) {
            self.0.pace(operation.name()).note();
        }
        Ok(())
    }
}

/// A client of a service in a Region, by the name of its crate.
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

/// One service in one Region.
#[derive(Debug)]
pub(crate) struct RegionClient<C> {
    pub(crate) client: C,
    meter: Arc<Meter>,
    permits: Semaphore,
    attempts: u32,
    backoff: Duration,
}

impl<C> RegionClient<C> {
    pub(crate) fn new(config: &SdkConfig, rates: Rates, make: impl FnOnce(Count, RetryPartition) -> C) -> Self {
        let meter = Arc::new(Meter {
            reads: Pace::new(rates.reads),
            writes: Pace::new(rates.writes),
            requests: AtomicU64::new(0),
        });
        // A client's attempts are its own: by default all clients of a process share them.
        let attempts = RetryPartition::custom("byref").token_bucket(TokenBucket::default()).build();
        let retries = config.retry_config();
        Self {
            client: make(Count(Arc::clone(&meter)), attempts),
            meter,
            permits: Semaphore::new(usize::try_from(rates.concurrency.get()).unwrap_or(Semaphore::MAX_PERMITS)),
            attempts: retries.map_or(1, aws_config::retry::RetryConfig::max_attempts),
            backoff: retries.map_or(LONGEST_PAUSE, aws_config::retry::RetryConfig::initial_backoff),
        }
    }

    /// Sends a request in its turn. The SDK repeats what is worth repeating, but for `TooManyUpdates`.
    ///
    /// # Errors
    ///
    /// What the SDK says after its last attempt.
    pub(crate) async fn send<T, E>(
        &self,
        call: Call<'_>,
        request: impl AsyncFn() -> Result<T, SdkError<E, HttpResponse>>,
    ) -> Result<T, StoreError>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        // The action is the service and the operation.
        let operation = call.action.split_once(':').map_or(call.action, |(_, operation)| operation);
        let mut pause = self.backoff;
        let mut attempt = 1;
        loop {
            let error = {
                // Nobody closes the semaphore: without a permit the request goes all the same.
                let _permit = self.permits.acquire().await;
                self.meter.pace(operation).turn().await;
                // The SDK's futures take kilobytes, and would make those of everybody who waits for them as large.
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

    /// Requests that went out, with all attempts.
    pub(crate) fn requests(&self) -> u64 {
        self.meter.requests.load(Ordering::Relaxed)
    }
}
