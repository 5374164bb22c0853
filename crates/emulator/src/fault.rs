//! What may go wrong, and when.

use std::fmt;
use std::sync::Arc;

/// What goes wrong with a request. Those before [`Fault::Truncated`] never reach the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `ThrottlingException`
    Throttle,
    /// `TooManyUpdates`, which the SDK does not repeat.
    TooManyUpdates,
    /// 500, as a page of HTML.
    Failure,
    /// 503, with nothing.
    Unavailable,
    /// The connection is reset.
    Reset,
    /// Nothing comes.
    Hang,
    /// `AccessDeniedException`, with a message that names the action and repeats a value that was sent.
    Denied,
    /// `ExpiredTokenException`
    Expired,
    /// An answer with status 200 that is no answer.
    Garbage,
    /// The server does what it is asked; half of its answer arrives.
    Truncated,
    /// The server does what it is asked; the connection is reset.
    LostAnswer,
    /// The server does what it is asked; its answer never comes.
    HeldAnswer,
}

impl Fault {
    /// All of them.
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

    /// Whether the client must wait until it gives up.
    pub fn is_silent(self) -> bool {
        matches!(self, Self::Hang | Self::HeldAnswer)
    }

    /// Whether the server sees the request.
    pub fn reaches_the_server(self) -> bool {
        matches!(self, Self::Truncated | Self::LostAnswer | Self::HeldAnswer)
    }
}

/// Which of the requests that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// All.
    Always,
    /// One of them, counted from 1.
    At(usize),
    /// This one and all after it, counted from 1.
    From(usize),
    /// The first so many.
    First(usize),
}

impl When {
    pub(crate) fn covers(self, number: usize) -> bool {
        match self {
            Self::Always => true,
            Self::At(at) => number == at,
            Self::From(from) => number >= from,
            Self::First(count) => number <= count,
        }
    }
}

/// What is done before a fault happens: to kill the client, for example.
pub(crate) type Hook = Arc<dyn Fn() + Send + Sync>;

/// What becomes of the body of an answer.
pub(crate) type Alter = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// When which fault happens.
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
        let Self { fault, when, operation, region, .. } = self;
        write!(formatter, "{fault:?} {when:?} of {operation:?} in {region:?}")
    }
}

impl Rule {
    /// A fault for every request.
    pub fn new(fault: Fault, when: When) -> Self {
        let fault = Some(fault);
        Self { fault, when, operation: None, region: None, is_for_decryption: false, hook: None, alter: None }
    }

    /// Something else that happens when a request arrives; after it the request goes on.
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

    /// The server does what it is asked, and its answer arrives with another body.
    pub fn altered(when: When, alter: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        let alter: Alter = Arc::new(alter);
        let fault = None;
        Self { fault, when, operation: None, region: None, is_for_decryption: false, hook: None, alter: Some(alter) }
    }

    /// Something else that is done before the fault happens.
    #[must_use]
    pub fn after(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// Whether the client must wait until it gives up.
    pub fn is_silent(&self) -> bool {
        self.fault.is_some_and(Fault::is_silent)
    }

    /// Only for this operation, such as `PutParameter`.
    #[must_use]
    pub fn of(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    /// Only in this Region.
    #[must_use]
    pub fn within(mut self, region: &str) -> Self {
        self.region = Some(region.to_owned());
        self
    }

    /// Only for requests that ask for decryption.
    #[must_use]
    pub fn for_decryption(mut self) -> Self {
        self.is_for_decryption = true;
        self
    }
}
