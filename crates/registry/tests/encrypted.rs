//! PostgreSQL across a network: the connection is encrypted and the server has to authenticate itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::contract::cluster;

use cluster::Cluster;
use sqlx::Connection;
use zhaoren_registry::Registry;

#[tokio::test]
async fn database_server_needs_a_trusted_certificate_and_the_right_name() {
    let Some(cluster) = Cluster::start() else { return };
    let plain = cluster.database();
    let authority = cluster.encrypt().display().to_string();
    let named = plain.replace("127.0.0.1", "localhost");
    // The server applies its settings with a delay.
    let sound = format!("{named}?sslmode=verify-full&sslrootcert={authority}");
    let mut opened = Registry::open_database(&sound).await;
    for _ in 0..200 {
        if opened.is_ok() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        opened = Registry::open_database(&sound).await;
    }
    let registry = opened.unwrap();
    registry.close().await.unwrap();
    let mut raw = sqlx::PgConnection::connect(&sound).await.unwrap();
    let query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    assert!(sqlx::query_scalar::<_, bool>(query).fetch_one(&mut raw).await.unwrap());

    let stranger = tempfile::tempdir().unwrap();
    let other = stranger.path().join("other.pem");
    let made = std::process::Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=other",
            "-keyout",
        ])
        .arg(stranger.path().join("other.key"))
        .arg("-out")
        .arg(&other)
        .output()
        .unwrap();
    assert!(made.status.success());
    for (address, why) in [
        (format!("{plain}?sslmode=disable"), "plain text is not taken"),
        (format!("{named}?sslmode=verify-full"), "nobody on this machine vouches for the server"),
        (
            format!("{named}?sslmode=verify-full&sslrootcert={}", other.display()),
            "another authority vouches for others",
        ),
        (
            format!("{plain}?sslmode=verify-full&sslrootcert={authority}"),
            "the server is not called 127.0.0.1",
        ),
    ] {
        let refused = Registry::open_database(&address).await;
        println!("{why}: {:?}", refused.as_ref().map(|_| "opened").map_err(ToString::to_string));
        assert!(refused.is_err(), "{why}");
    }
}
