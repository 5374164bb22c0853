//! `^C` while Regions are written: the request under way ends, and byref restores the Regions.

use std::cell::Cell;
use std::rc::Rc;

use crate::output::say;

/// The user's wish to stop.
#[derive(Clone, Default)]
pub(crate) struct Interrupt(Rc<Cell<bool>>);

impl Interrupt {
    /// Returns whether the user wants to stop.
    pub(crate) fn is_set(&self) -> bool {
        self.0.get()
    }

    /// Runs a future. Notes the first `^C` or termination signal; the work goes on until it can
    /// stop.
    pub(crate) async fn watch<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                result = &mut work => return result,
                () = stop_signal() => {
                    if !self.0.replace(true) {
                        say("\nstopping: the request under way ends first, then byref restores the Regions that it wrote\n");
                    }
                }
            }
        }
    }
}

#[cfg(unix)]
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

#[cfg(not(unix))]
async fn stop_signal() {
    let _ = tokio::signal::ctrl_c().await;
}
