//! Delivery of messages in the background, if channels are configured. A stop of the server lets the posts under way
//! finish.

use std::thread::JoinHandle;

use zhaoren_courier::{Courier, CourierError, DeliveryObserver, StopCondition};
use zhaoren_engine::{AttemptCounts, ChannelFault, Channels, EngineError, Moment, Principal};

use crate::config::Settings;
use crate::state::Shared;

/// Errors that prevent delivery.
#[derive(Debug, thiserror::Error)]
pub enum SendingError {
    /// The file of channels is invalid.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Channels(Vec<ChannelFault>),
    /// A channel cannot be used.
    #[error(transparent)]
    Courier(#[from] CourierError),
    /// The delivery thread could not be started.
    #[error("无法启动发送线程：{0}")]
    Thread(std::io::Error),
}

/// Checks, before anything is created, that the channels of the settings can be used. `None` without channels.
///
/// # Errors
/// All errors in the file of channels.
pub fn check(settings: &Settings) -> Result<Option<Channels>, SendingError> {
    let Some(path) = &settings.channels else { return Ok(None) };
    let channels = Channels::open(path).map_err(SendingError::Channels)?;
    Courier::check(&channels)?;
    Ok(Some(channels))
}

/// Starts delivery, which runs until the server stops.
pub(crate) fn start(app: &Shared) -> Result<Option<JoinHandle<()>>, SendingError> {
    let Some(channels) = check(&app.settings)? else { return Ok(None) };
    let who = Principal { name: "courier".to_owned(), ..Principal::local() };
    let courier = Courier::open(app.engine.records(), &channels, who)?;
    let app = Shared::clone(app);
    let names = channels.names();
    let work = move || {
        if let Err(error) = courier.deliver(
            StopCondition::StopRequested,
            &app.stop,
            &Noted { app: &app, channels: &channels },
        ) {
            tracing::error!(%error, "messages are not carried any more");
        }
    };
    let thread = std::thread::Builder::new().name("courier".to_owned()).spawn(work);
    tracing::info!(channels = %names, "carrying messages");
    thread.map(Some).map_err(SendingError::Thread)
}

/// Counts deliveries, and logs errors.
struct Noted<'a> {
    app: &'a Shared,
    channels: &'a Channels,
}

impl DeliveryObserver for Noted<'_> {
    fn on_recorded(&self, channel: &str, settled: AttemptCounts, refused: usize) {
        let AttemptCounts { sent, retried: again, dead } = settled;
        self.app.metrics.count_deliveries(settled, refused);
        if dead > 0 {
            tracing::warn!(channel, dead, "messages were given up");
        }
        tracing::debug!(channel, sent, again, dead, refused, "messages");
    }

    fn on_failed_probe(&self, channel: &str) {
        self.app.metrics.count_failed_probe();
        tracing::debug!(channel, "the receiver is still unreachable");
    }

    fn on_circuit(&self, channel: &str, opened: Option<(Moment, &str)>) {
        match opened {
            Some((since, error)) => {
                let tenant = self.channels.find(channel).map_or("", |channel| &channel.tenant);
                self.app.suspended.suspend(channel, tenant, since, error);
                tracing::warn!(channel, error, "sending is suspended: the receiver fails");
            }
            None => {
                self.app.suspended.resume(channel);
                tracing::info!(channel, "sending goes on: the receiver answers");
            }
        }
    }

    fn on_error(&self, channel: &str, error: &EngineError) {
        tracing::error!(channel, %error, "messages could not be carried");
    }
}
