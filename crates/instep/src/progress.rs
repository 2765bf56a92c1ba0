//! A progress bar on stderr, for people only: nothing is drawn where stderr is no terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Deserialize;

/// How far some work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct Progress {
    pub(crate) done: u64,
    pub(crate) total: u64,
}

pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn start(title: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let template = "{msg} {wide_bar} {human_pos}/{human_len} {elapsed_precise}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(title);
        Self(bar)
    }

    pub(crate) fn set(&self, progress: Progress) {
        self.0.set_length(progress.total);
        self.0.set_position(progress.done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
