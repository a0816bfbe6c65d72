//! Progress bars for long work, when stderr is a terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use zhaoren_engine::{LockHolder, Progress, Stage};

/// Shows stages as bars on a terminal and is silent elsewhere.
pub(crate) struct Bars {
    bar: Option<ProgressBar>,
}

impl Bars {
    pub(crate) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            let style = ProgressStyle::with_template("{msg:8} {wide_bar} {pos}/{len} 剩余 {eta}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar }
    }
}

impl Progress for Bars {
    fn at(&self, stage: Stage, done: usize, total: usize) {
        if let Some(bar) = &self.bar {
            bar.set_message(stage.name());
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        }
    }

    fn waiting(&self, holder: Option<&LockHolder>) {
        let who = holder.map_or("另一进程".to_owned(), |holder| {
            format!("进程 {}（{}，自 {}）", holder.process, holder.work, holder.since)
        });
        self.notice(&format!("数据目录正由{who}写入，等它写完……"));
    }

    fn notice(&self, text: &str) {
        let say = || tell!("{text}");
        match &self.bar {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
