//! For tests only: AWS emulators from `PyPI` as child processes, and a proxy that makes faults.
//!
//! [`emulator`] starts the peer once in a test process: moto, or ministack where `BYREF_PEER=ministack` is set. The
//! server is a child that ends when its standard input closes, so it never outlives the tests. Tests keep out of each
//! other's way by accounts: [`Emulator::account`] gives a new one each time.
//!
//! Without Python there is no emulator: a test that asks for one is reported as ignored, if [`byref_harness::run`] runs it; with
//! `CI` set it fails.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails where it can't go on")]

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
