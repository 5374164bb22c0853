//! How far long work is, on standard error when that is a terminal.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::Common;

/// A bar, or nothing.
#[derive(Clone)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Shows how many of `total` parameters were asked for; `None` where nobody knows how many there are.
    pub(crate) fn new(common: &Common, total: Option<u64>) -> Self {
        if common.quiet || !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        let template =
            if total.is_some() { "{bar:30} {pos} of {len} parameters" } else { "{spinner} {pos} parameters" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        // What ends at once needs no bar.
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// Nothing is shown.
    pub(crate) fn hidden() -> Self {
        Self(ProgressBar::hidden())
    }

    /// So many more parameters were answered.
    #[cfg(feature = "aws")]
    pub(crate) fn advance(&self, parameters: u64) {
        self.0.inc(parameters);
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
