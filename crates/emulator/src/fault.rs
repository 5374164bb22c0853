//! Faults, and rules for when they happen.

use std::fmt;
use std::sync::Arc;

/// A fault of one request. Faults before [`Fault::Truncated`] prevent the request from reaching the
/// server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `ThrottlingException`.
    Throttle,
    /// `TooManyUpdates`, which the SDK does not retry.
    TooManyUpdates,
    /// Status 500 with an HTML page.
    Failure,
    /// Status 503 with an empty body.
    Unavailable,
    /// The connection is reset.
    Reset,
    /// No response arrives.
    Hang,
    /// `AccessDeniedException` with a message that names the action and repeats the request.
    Denied,
    /// `ExpiredTokenException`.
    Expired,
    /// Status 200 with invalid JSON.
    Garbage,
    /// The server carries out the request, and half of its response arrives.
    Truncated,
    /// The server carries out the request, and the connection is reset.
    LostAnswer,
    /// The server carries out the request, and no response arrives.
    HeldAnswer,
}

impl Fault {
    /// All faults, in the order of their declaration.
    pub const ALL: [Self; 12] = [
        Self::Throttle,
        Self::TooManyUpdates,
        Self::Failure,
        Self::Unavailable,
        Self::Reset,
        Self::Hang,
        Self::Denied,
        Self::Expired,
        Self::Garbage,
        Self::Truncated,
        Self::LostAnswer,
        Self::HeldAnswer,
    ];

    /// Returns `true` if the client has to wait for its own timeout.
    pub fn is_silent(self) -> bool {
        matches!(self, Self::Hang | Self::HeldAnswer)
    }

    /// Returns `true` if the server receives the request.
    pub fn reaches_the_server(self) -> bool {
        matches!(self, Self::Truncated | Self::LostAnswer | Self::HeldAnswer)
    }
}

/// A selection among the requests that a rule matches.
///
/// The number counts the requests that match the operation and the Region of the rule, whether
/// another rule covers them or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// All requests.
    Always,
    /// One request, counted from 1.
    At(usize),
    /// This request and all later ones, counted from 1.
    From(usize),
    /// The first requests, as many as given.
    First(usize),
}

impl When {
    /// Returns `true` if the request with this number is selected.
    pub(crate) fn covers(self, number: usize) -> bool {
        match self {
            Self::Always => true,
            Self::At(at) => number == at,
            Self::From(from) => number >= from,
            Self::First(count) => number <= count,
        }
    }
}

/// A function that runs before a fault, for example to kill the client.
pub(crate) type Hook = Arc<dyn Fn() + Send + Sync>;

/// A function that changes the body of a response.
pub(crate) type Alter = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// A rule that injects a fault into matching requests.
#[derive(Clone)]
pub struct Rule {
    pub(crate) fault: Option<Fault>,
    pub(crate) when: When,
    pub(crate) operation: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) is_for_decryption: bool,
    pub(crate) hook: Option<Hook>,
    pub(crate) alter: Option<Alter>,
}

impl fmt::Debug for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            fault,
            when,
            operation,
            region,
            ..
        } = self;
        write!(
            formatter,
            "{fault:?} {when:?} of {operation:?} in {region:?}"
        )
    }
}

impl Rule {
    /// Creates a rule that matches requests of all operations in all Regions.
    pub fn new(fault: Fault, when: When) -> Self {
        let fault = Some(fault);
        Self {
            fault,
            when,
            operation: None,
            region: None,
            is_for_decryption: false,
            hook: None,
            alter: None,
        }
    }

    /// Creates a rule that runs a function when a request arrives, and then forwards the request.
    pub fn hook(when: When, hook: impl Fn() + Send + Sync + 'static) -> Self {
        let hook: Hook = Arc::new(hook);
        Self {
            fault: None,
            when,
            operation: None,
            region: None,
            is_for_decryption: false,
            hook: Some(hook),
            alter: None,
        }
    }

    /// Creates a rule that forwards a request and changes the body of its response.
    pub fn altered(when: When, alter: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let alter: Alter = Arc::new(alter);
        let fault = None;
        Self {
            fault,
            when,
            operation: None,
            region: None,
            is_for_decryption: false,
            hook: None,
            alter: Some(alter),
        }
    }

    /// Runs a function before the fault.
    #[must_use]
    pub fn after(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// Returns `true` if the client has to wait for its own timeout.
    pub fn is_silent(&self) -> bool {
        self.fault.is_some_and(Fault::is_silent)
    }

    /// Limits the rule to an operation, such as `PutParameter`.
    #[must_use]
    pub fn of(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    /// Limits the rule to a Region.
    #[must_use]
    pub fn within(mut self, region: &str) -> Self {
        self.region = Some(region.to_owned());
        self
    }

    /// Limits the rule to requests with `WithDecryption`.
    #[must_use]
    pub fn for_decryption(mut self) -> Self {
        self.is_for_decryption = true;
        self
    }
}
