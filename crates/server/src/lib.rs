//! The HTTP API: a thin face over the engine. It holds no rules; the same question gets the same JSON here and
//! on the command line.

mod problem;
mod routes;
mod search;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;
use zhaoren_engine::Engine;

/// The largest request body, in bytes.
const MAX_BODY: usize = 16 * 1024 * 1024;
/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How often the server looks for what another process has imported.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// The application over an open engine.
pub fn router(engine: Arc<Engine>) -> Router {
    Router::new()
        .route("/v1/match", post(routes::match_profiles))
        .route("/v1/questions", post(routes::questions))
        .route("/v1/search", get(search::search).post(search::search_for))
        .route("/v1/suggest", get(search::suggest))
        .route("/v1/policies/{id}", get(routes::policy))
        .route("/healthz", get(routes::health))
        .fallback(routes::not_found)
        .method_not_allowed_fallback(routes::method_not_allowed)
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        .layer(axum::extract::DefaultBodyLimit::max(MAX_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT))
        .layer(axum::middleware::map_response(problem::of_refusal))
        .with_state(engine)
}

/// Serves until the process is asked to stop (Ctrl-C or SIGTERM); requests under way are finished first.
///
/// # Errors
/// When `listen` cannot be bound.
pub async fn serve(engine: Engine, listen: SocketAddr) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .map_err(|error| std::io::Error::new(error.kind(), format!("无法监听 {listen}：{error}")))?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    let engine = Arc::new(engine);
    let fresh = tokio::spawn(keep_fresh(Arc::clone(&engine)));
    let served = axum::serve(listener, router(engine)).with_graceful_shutdown(asked_to_stop()).await;
    fresh.abort();
    served
}

/// Takes up imports of other processes, and compiles the rules for each new day, while requests go on.
async fn keep_fresh(engine: Arc<Engine>) {
    loop {
        tokio::time::sleep(LOOK_AGAIN).await;
        let engine = Arc::clone(&engine);
        match tokio::task::spawn_blocking(move || engine.refresh()).await {
            Ok(Ok((taken_up, problems))) => {
                if taken_up {
                    tracing::info!("took up a change of the registry");
                }
                for problem in problems {
                    tracing::warn!("{problem}");
                }
            }
            Ok(Err(error)) => tracing::error!(%error, "looking for changes failed"),
            Err(error) => tracing::error!(%error, "looking for changes failed"),
        }
    }
}

async fn asked_to_stop() {
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
