//! HTTP API: a thin layer over the engine. It holds no rules; the same question gets the same JSON here and on the
//! command line.
//!
//! A route is declared once ([`openapi`] is generated from the declarations) and has an entry in the table of
//! [`access`]. Unknown query parameters are rejected, not ignored. All computation goes through the gates, off the
//! async threads.

mod accept;
pub mod access;
mod call;
pub mod config;
pub mod console;
mod draft_access;
mod gate;
mod intake;
mod job;
mod layers;
mod metrics;
mod object;
pub mod openapi;
mod problem;
pub mod proposing;
mod push_jobs;
mod random;
mod request;
mod routes;
pub mod sending;
mod state;
mod suspended;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use zhaoren_engine::Engine;

use crate::access::{Access, AccessError};
use crate::config::Settings;
use crate::state::{App, Shared};

pub use problem::Code;

/// Errors that keep the server from running.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Callers cannot be authenticated.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Messages cannot be delivered.
    #[error(transparent)]
    Sending(#[from] sending::SendingError),
    /// The process is ending.
    #[error("启动中断")]
    Interrupted,
    /// Binding the address failed.
    #[error("无法监听 {address}：{cause}")]
    Listen {
        /// Address.
        address: SocketAddr,
        /// Cause.
        cause: std::io::Error,
    },
}

/// Builds the application over an open engine.
pub fn router(engine: Arc<Engine>, settings: Settings, access: Access) -> Router {
    application(&Arc::new(App::new(engine, settings, access)))
}

fn application(app: &Shared) -> Router {
    let (routes, _) = routes::all().split_for_parts();
    let routes = routes
        .merge(console::routes())
        .fallback(routes::no_such_address)
        .method_not_allowed_fallback(routes::method_not_allowed);
    layers::wrap(routes, app).with_state(Arc::clone(app))
}

/// Time for cancelled work to end, once the grace period is over.
const CANCEL_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(1);

/// Serves until the process is asked to stop (Ctrl-C or SIGTERM). Work under way is finished first, within the grace
/// period, and cancelled then. `on_listening` receives the address once connections are accepted. A computation that never polls may go on after that: the caller ends the process
/// without it.
///
/// # Errors
/// When callers cannot be authenticated, or the address cannot be bound.
pub async fn serve(
    engine: Engine,
    settings: Settings,
    on_listening: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    let (records, cloned) = (engine.records(), settings.clone());
    let access = tokio::task::spawn_blocking(move || Access::open(records, &cloned)).await;
    let access = access.map_err(|_| ServeError::Interrupted)??;
    let address = settings.listen;
    let refuse = |cause| ServeError::Listen { address, cause };
    let listener = tokio::net::TcpListener::bind(address).await.map_err(refuse)?;
    let listening = listener.local_addr().map_err(refuse)?;
    let app = Arc::new(App::new(Arc::new(engine), settings, access));
    tracing::info!(address = %listening, version = env!("CARGO_PKG_VERSION"), "listening");
    on_listening(listening);
    let fresh = tokio::spawn(refresh_loop(Arc::clone(&app)));
    let sending = sending::start(&app)?;
    let begun = accept::serve(listener, application(&app), &app).await;
    fresh.abort();
    if let Some(sending) = sending {
        // Delivery was asked to stop together with the requests; outcomes of posts under way are recorded before the
        // process ends.
        let join = tokio::task::spawn_blocking(move || sending.join().is_ok());
        let left = app.settings.grace.saturating_sub(begun.elapsed()).max(CANCEL_TIMEOUT);
        let ended = tokio::time::timeout(left, join).await.is_ok_and(|joined| joined.unwrap_or(false));
        tracing::info!(ended, "messages are no longer carried");
    }
    let left = app.cancel_jobs(CANCEL_TIMEOUT).await;
    if left > 0 {
        tracing::warn!(left, "computations do not end; the process ends without them");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Loads imports of other processes, and compiles the rules for each new day, while requests go on.
async fn refresh_loop(app: Shared) {
    let shared = Arc::clone(&app);
    tokio::task::spawn_blocking(move || shared.background.run(|| warm_up(&shared))).await.ok();
    loop {
        tokio::time::sleep(app.settings.look).await;
        let shared = Arc::clone(&app);
        let look = move || {
            let look = || {
                shared.access.refresh()?;
                let refreshed = shared.engine.refresh()?;
                if refreshed.0 {
                    warm_up(&shared);
                }
                Ok::<_, zhaoren_engine::EngineError>(refreshed)
            };
            shared.background.run(look)
        };
        let looked = match tokio::task::spawn_blocking(look).await {
            // The server is stopping.
            Ok(Err(zhaoren_cancel::Cancelled)) => return,
            Ok(Ok(looked)) => Ok(looked),
            Err(error) => Err(error),
        };
        let failed = match looked {
            Ok(Ok((taken_up, problems))) => {
                if taken_up {
                    tracing::info!("took up a change of the registry");
                }
                for problem in problems {
                    tracing::warn!("{problem}");
                }
                None
            }
            Ok(Err(error)) => Some(error.to_string()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(error) = &failed {
            tracing::error!(%error, "looking for changes failed");
        }
        app.set_stale(failed.is_some());
    }
}

/// Triggers the lazy initialisation of the index, so that no user waits for it.
fn warm_up(app: &Shared) {
    if let Err(error) = app.engine.suggest("zc", 1, "") {
        tracing::warn!(%error, "suggestions are not ready");
    }
}
