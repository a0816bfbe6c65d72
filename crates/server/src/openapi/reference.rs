//! Page `/docs`: the OpenAPI document for readers.

use std::sync::LazyLock;

use axum::response::Response;

use super::generate;

/// The page, rendered once: it changes with the program only.
static PAGE: LazyLock<String> = LazyLock::new(|| {
    zhaoren_console::reference(&zhaoren_console::Viewer::default(), &generate()).into_string()
});

/// `GET /docs`
pub(crate) async fn show() -> Response {
    crate::console::reference_page(&PAGE)
}
