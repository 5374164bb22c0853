//! AWS emulators for tests, and a proxy that injects faults. Not for use outside of tests.
//!
//! [`emulator`] starts an emulator from `PyPI` once per test process: moto, or ministack if
//! `BYREF_PEER=ministack` is set. The server is a child process that exits when its standard input
//! closes, so it never outlives the tests. Tests that run at the same time are separated by
//! accounts: [`Emulator::account`] returns a new one each time. [`Proxy`] forwards requests to the
//! emulator and injects a [`Fault`] where a [`Rule`] matches. [`StandIn`] answers requests that no
//! emulator supports.
//!
//! ```no_run
//! use byref_emulator::{Fault, Proxy, Rule, When, emulator};
//!
//! // Without Python there is no emulator: `byref_harness::run` reports the test as ignored, and with
//! // `CI` set it fails.
//! let emulator = emulator();
//! let account = emulator.account();
//! emulator.store(&account, "us-west-2", "/web/token", "not-a-secret-1");
//!
//! let proxy = Proxy::new(emulator.address());
//! proxy.set([Rule::new(Fault::Throttle, When::First(2)).of("GetParameters")]);
//! let variables = account.environment(&proxy.endpoint()); // for the process under test
//! assert!(variables.iter().any(|(name, _)| *name == "AWS_ENDPOINT_URL"));
//! ```
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails where it can't go on"
)]

mod direct;
mod fault;
mod message;
mod proxy;
mod server;
mod stand_in;
mod venv;

pub use fault::{Fault, Rule, When};
pub use proxy::{Proxy, Request};
pub use server::{Account, Emulator, Peer, emulator, find_emulator};
pub use stand_in::StandIn;
pub use venv::venv;
