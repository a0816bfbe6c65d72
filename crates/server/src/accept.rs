//! Connections: accepted up to a limit, closed when idle, and finished when the server is asked to stop.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt;

use crate::layers::Peer;
use crate::state::Shared;

/// Pause when the system has no free sockets.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);

/// Serves until asked to stop; then finishes the requests under way, within the grace period. Returns the time of the
/// stop request.
pub(crate) async fn serve(listener: TcpListener, application: Router, app: &Shared) -> Instant {
    let room = Arc::new(Semaphore::new(app.settings.limits.connections));
    let (graceful, mut stop) = (GracefulShutdown::new(), std::pin::pin!(stop_signal()));
    loop {
        // At the limit, new connections wait in the listen queue.
        let place = tokio::select! {
            place = Arc::clone(&room).acquire_owned() => place,
            () = &mut stop => break,
        };
        let Ok(place) = place else { break };
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        // Responses are small and sent one by one, so Nagle's algorithm would only delay them.
        let _ = stream.set_nodelay(true);
        let application = application.clone().map_request(move |request: Request<hyper::body::Incoming>| {
            let mut request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(Peer(peer));
            request
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(app.settings.limits.silence)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(application));
        let connection = graceful.watch(connection);
        let open = Open::new(app);
        tokio::spawn(async move {
            // A caller that disconnects is not an error.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended");
            }
            drop((open, place));
        });
    }
    // No new connections while the others finish.
    drop(listener);
    app.stop();
    let (grace, begun) = (app.settings.grace, Instant::now());
    tracing::info!(open = app.metrics.connections.get(), "stopping");
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        let left = app.metrics.in_flight.get();
        tracing::warn!(left, seconds = grace.as_secs_f64(), "requests were left unfinished");
    }
    begun
}

/// Open connection, counted in the metrics until it is dropped.
struct Open(Shared);

impl Open {
    fn new(app: &Shared) -> Self {
        app.metrics.connections.inc();
        Self(Arc::clone(app))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.metrics.connections.dec();
    }
}

async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => {
                let _ = interrupt.await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupt.await;
    }
}
