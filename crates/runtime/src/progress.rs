//! Progress of long work, on standard error and on a terminal only.

use std::time::Duration;

use indicatif::{ProgressDrawTarget, ProgressStyle};

pub use indicatif::ProgressBar;

/// How often a spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// A bar over a known number of things. Draws nothing where standard error is
/// no terminal.
pub fn bar(message: &'static str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    bar.set_message(message);
    let style = ProgressStyle::with_template("{msg} [{bar:30}] {human_pos}/{human_len} {eta}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

/// A spinner for work whose length is not known.
pub fn spinner(message: &'static str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner();
    spinner.set_message(message);
    spinner.enable_steady_tick(TICK);
    spinner
}

/// A counter of things whose number is not known.
pub fn counter(message: &'static str) -> ProgressBar {
    let counter = spinner(message);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {human_pos} ({per_sec})") {
        counter.set_style(style);
    }
    counter
}
