//! Requests to the application without a socket, over a data directory filled with the built-in seeds.
#![allow(dead_code, reason = "each test binary uses a part of it")]

pub(crate) mod schema;

use std::path::Path;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;
use zhaoren_engine::{Engine, Principal, Role, Silent, Tenant, now};
use zhaoren_server::access::Access;
use zhaoren_server::config::{Layers, Settings, read};

/// Response.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Lines of a stream.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// All roles.
pub(crate) const ROLES: [Role; 4] = [Role::Platform, Role::Caseworker, Role::Reviewer, Role::Administrator];

/// Application with its data directory.
pub(crate) struct Service {
    pub(crate) router: Router,
    pub(crate) engine: Arc<Engine>,
    pub(crate) folder: TempDir,
    runtime: tokio::runtime::Runtime,
}

/// Settings with the given values.
pub(crate) fn settings(set: &[(&str, &str)]) -> Settings {
    let flag = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned(), "--set".to_owned());
    let layers = Layers { flags: set.iter().map(flag).collect(), ..Layers::default() };
    read(&layers).settings().unwrap()
}

/// Fills a data directory with the built-in seeds and their index; made once and copied.
fn fill(data: &Path) {
    let program = std::env::current_exe().unwrap();
    let first = |folder: &Path| Engine::open(folder, &Silent).map(drop).map_err(std::io::Error::other);
    zhaoren_prerequisite::copy_golden("server-data", &[&program], data, first).unwrap();
}

impl Service {
    pub(crate) fn with(set: &[(&str, &str)]) -> Self {
        let (folder, engine) = Self::filled();
        Self::over(folder, engine, settings(set))
    }

    /// Engine over a filled data directory of its own.
    pub(crate) fn filled() -> (TempDir, Engine) {
        let folder = tempfile::tempdir().unwrap();
        fill(folder.path());
        let (engine, problems) = Engine::open(folder.path(), &Silent).unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        (folder, engine)
    }

    /// Service with a key for each role, without tenant and for two districts; the closure returns the header for a
    /// key.
    pub(crate) fn keyed() -> (Self, impl Fn(&str, Role) -> String) {
        let (folder, engine) = Self::filled();
        let records = engine.records();
        let local = Principal::local();
        let act = local.write_context(now());
        let tenant = |id: &str| Tenant {
            id: id.to_owned(),
            name: id.to_owned(),
            level: "district".to_owned(),
            parent: String::new(),
        };
        let mut secrets = Vec::new();
        for id in ["", "310104", "310115"] {
            if !id.is_empty() {
                records.put_tenant(&act, &tenant(id)).unwrap();
            }
            for role in ROLES {
                // Each role is another person, the same in every tenant.
                let (_, secret) = records.add_key(&act, id, role, role.name(), None).unwrap();
                secrets.push((id, role, format!("Bearer {secret}")));
            }
        }
        let of = move |tenant: &str, role: Role| {
            secrets.iter().find(|(t, r, _)| *t == tenant && *r == role).unwrap().2.clone()
        };
        (Self::over(folder, engine, settings(&[])), of)
    }

    /// Service over a prepared engine.
    pub(crate) fn over(folder: TempDir, engine: Engine, settings: Settings) -> Self {
        let access = Access::open(engine.records(), &settings).unwrap();
        let engine = Arc::new(engine);
        let router = zhaoren_server::router(Arc::clone(&engine), settings, access);
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        Self { router, engine, folder, runtime }
    }

    /// Service shared by tests that change nothing.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: LazyLock<Service> = LazyLock::new(|| Service::with(&[]));
        &SHARED
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", "localhost");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).unwrap();
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let (status, headers) = (response.status(), response.headers().clone());
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec();
            assert_ne!(status, StatusCode::SWITCHING_PROTOCOLS);
            Answer { status: status.as_u16(), headers, body }
        })
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Answer {
        self.send("POST", path, &[("content-type", "application/json")], body.to_owned())
    }
}
