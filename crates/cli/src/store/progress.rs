//! The progress of long work, on standard error if it is a terminal.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::Common;

/// A progress bar, which may be hidden.
#[derive(Clone)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Shows how many of `total` parameters the store has answered; `None` if their number is not
    /// known.
    pub(crate) fn new(common: &Common, total: Option<u64>) -> Self {
        if common.quiet || !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        let template = if total.is_some() {
            "{bar:30} {pos} of {len} parameters"
        } else {
            "{spinner} {pos} parameters"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        // Short work shows no bar.
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// Returns a bar that shows nothing.
    pub(crate) fn hidden() -> Self {
        Self(ProgressBar::hidden())
    }

    /// Adds answered parameters.
    #[cfg(feature = "aws")]
    pub(crate) fn advance(&self, parameters: u64) {
        self.0.inc(parameters);
    }

    /// Removes the bar.
    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
