//! One Region: its client, its rates, and how a request is sent.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
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
    fn pace(&self, operation: &str) -> &Pace {
        match operation {
            "GetParameters" | "GetParametersByPath" => &self.reads,
            _ => &self.writes,
        }
    }
}

/// Counts every attempt; those after the first come from the SDK and have had no turn.
#[derive(Debug)]
struct Count(Arc<Meter>);

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

/// One Region.
#[derive(Debug)]
pub(crate) struct RegionClient {
    pub(crate) client: aws_sdk_ssm::Client,
    meter: Arc<Meter>,
    permits: Semaphore,
    attempts: u32,
    backoff: Duration,
}

impl RegionClient {
    pub(crate) fn new(config: &SdkConfig, region: &Region, rates: Rates) -> Self {
        let meter = Arc::new(Meter {
            reads: Pace::new(rates.reads),
            writes: Pace::new(rates.writes),
            requests: AtomicU64::new(0),
        });
        let of_region = aws_sdk_ssm::config::Builder::from(config)
            .region(aws_config::Region::new(region.to_string()))
            .interceptor(Count(Arc::clone(&meter)))
            // A store's attempts are its own: by default all clients of a process share them.
            .retry_partition(RetryPartition::custom("byref").token_bucket(TokenBucket::default()).build())
            .build();
        let retries = config.retry_config();
        Self {
            client: aws_sdk_ssm::Client::from_conf(of_region),
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
        // The action is `ssm:` and the operation.
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
