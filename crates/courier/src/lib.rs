//! Messages carried to their receivers: signed, posted, tried again, given up.
//!
//! This is the only crate that knows a client of HTTP. It decides nothing of what is told: it takes messages that are due,
//! posts them, and hands back what came of it. Whoever dies on the way leaves messages whose lease runs out, and which are
//! sent again under the same id.

mod deliver;
mod judge;
mod post;
mod sign;
mod stop;

use std::path::PathBuf;

pub use deliver::{Courier, DeliveryCounts, Until, Watch};
pub use sign::signature;
pub use stop::Stop;

/// Why messages cannot be carried at all.
#[derive(Debug, thiserror::Error)]
pub enum CourierError {
    /// A file of certificates holds none.
    #[error("{}：渠道 {channel} 的 ca_file 中没有可用的证书（PEM）", path.display())]
    Authorities {
        /// The channel.
        channel: String,
        /// The file.
        path: PathBuf,
    },
    /// The system trusts nobody.
    #[error("渠道 {channel}：系统没有可信的根证书，请安装，或以 ca_file 给出")]
    NoAuthorities {
        /// The channel.
        channel: String,
    },
    /// The records fail.
    #[error(transparent)]
    Records(#[from] zhaoren_engine::EngineError),
}
