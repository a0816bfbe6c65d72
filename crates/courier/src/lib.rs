//! Delivery of messages to their receivers: signing, posting, retrying, giving up.
//!
//! This is the only crate that uses an HTTP client, so it also carries questions to a language model where one is configured. It does not decide what is sent: it claims messages that are due,
//! posts them, and returns the outcomes. When a process dies on the way, the lease of its messages expires and they
//! are sent again under the same id.

mod batch;
mod circuit;
mod deliver;
mod judge;
mod model_client;
mod pace;
mod post;
mod sign;
mod stop;
mod test_event;

use std::path::PathBuf;

pub use deliver::{Courier, DeliveryCounts, DeliveryObserver, StopCondition};
pub use model_client::{ModelClient, ModelClientFault, ModelSettings};
pub use sign::signature;
pub use stop::StopSignal;
pub use test_event::{TestOutcome, send_test};

/// Errors that make delivery impossible.
#[derive(Debug, thiserror::Error)]
pub enum CourierError {
    /// The file of trusted certificates contains none.
    #[error("{}：渠道 {channel} 的 ca_file 中没有可用的证书（PEM）", path.display())]
    Authorities {
        /// Name of the channel.
        channel: String,
        /// Path of the file.
        path: PathBuf,
    },
    /// The system has no trusted root certificates.
    #[error("渠道 {channel}：系统没有可信的根证书，请安装，或以 ca_file 给出")]
    NoRootCertificates {
        /// Name of the channel.
        channel: String,
    },
    /// Database error.
    #[error(transparent)]
    Records(#[from] zhaoren_engine::EngineError),
}
