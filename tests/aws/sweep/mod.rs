//! Something goes wrong at every request in turn. `cargo test` takes some faults for each request,
//! `BYREF_SWEEP=full` takes all of them.

pub(crate) mod deployed_outputs;
#[cfg(unix)]
pub(crate) mod faults;
pub(crate) mod outputs;

/// Tells whether `BYREF_SWEEP` asks for every fault at every request.
fn is_full() -> bool {
    std::env::var("BYREF_SWEEP").is_ok_and(|sweep| sweep == "full")
}
