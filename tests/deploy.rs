//! Contents of `deploy/`, tested as far as the machine allows: the chart rendered, the units checked by systemd.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::Path;
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The chart rendered with additional values; `None`, with a message, if it cannot be rendered.
fn chart(values: &str) -> Option<Output> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("values.yaml");
    std::fs::write(&file, values).unwrap();
    let output = Command::new(root().join("tests/chart.sh")).arg(&file).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    eprint!("{said}");
    if output.status.code() == Some(3) {
        zhaoren_prerequisite::skip(zhaoren_prerequisite::Prerequisite::Chart, said.trim());
        return None;
    }
    Some(output)
}

#[track_caller]
fn rendered(values: &str) -> Option<String> {
    let output = chart(values)?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

fn kinds(documents: &str) -> Vec<&str> {
    let mut kinds: Vec<&str> = documents.lines().filter_map(|line| line.strip_prefix("kind: ")).collect();
    kinds.sort_unstable();
    kinds
}

#[test]
fn chart_renders_with_default_values() {
    let Some(documents) = rendered("{}") else { return };
    assert_eq!(kinds(&documents), ["ConfigMap", "NetworkPolicy", "Service", "Service", "StatefulSet"]);
    for kept in [
        "replicas: 1",
        "runAsNonRoot: true",
        "readOnlyRootFilesystem: true",
        "allowPrivilegeEscalation: false",
        "drop: [ALL]",
        "path: /healthz",
        "path: /readyz",
        "value: \"0.0.0.0:8080\"",
        // The port is open to the namespace only; DNS queries go to the cluster's DNS only.
        "- podSelector: {}",
        "kubernetes.io/metadata.name: kube-system",
        "memory: 2Gi",
    ] {
        assert!(documents.contains(kept), "{kept}:\n{documents}");
    }
    assert!(!documents.contains("ZHAOREN_DATABASE_URL"));
}

#[test]
fn chart_renders_with_every_option() {
    let full = std::fs::read_to_string(root().join("tests/chart/full.yaml")).unwrap();
    let Some(documents) = rendered(&full) else { return };
    let expected = [
        "ConfigMap",
        "Ingress",
        "NetworkPolicy",
        "PodDisruptionBudget",
        "Service",
        "Service",
        "ServiceMonitor",
        "StatefulSet",
    ];
    assert_eq!(kinds(&documents), expected);
    for there in [
        "name: zhaoren-db, key: url",
        "secretName: zhaoren-channels",
        "claimName: runs",
        "replicas: 3",
        "zhaoren@sha256:0123456789abcdef",
    ] {
        assert!(documents.contains(there), "{there}:\n{documents}");
    }
}

#[test]
fn chart_creates_the_first_key_and_allows_one_writer_per_file() {
    let Some(documents) = rendered("bootstrap: true") else { return };
    assert!(documents.contains("value: \"127.0.0.1:8080\"") && !documents.contains("readinessProbe"));
    let refused = chart("replicas: 2").unwrap();
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("databaseSecret"), "{said}");
}

/// The schema of the values lists exactly the existing ones, so that a misspelt name is rejected and not ignored.
#[test]
fn every_chart_value_is_in_the_schema() {
    let chart = root().join("deploy/helm/zhaoren");
    let schema = std::fs::read_to_string(chart.join("values.schema.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let values = std::fs::read_to_string(chart.join("values.yaml")).unwrap();
    let top = values.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
    let mut seen = 0;
    for line in top {
        let key = line.split(':').next().unwrap();
        assert!(schema["properties"].get(key).is_some(), "`{key}` is not in the schema");
        seen += 1;
    }
    // `global` is Helm's own.
    assert_eq!(seen + 1, schema["properties"].as_object().unwrap().len());
}

const UNITS: [&str; 4] =
    ["zhaoren.service", "zhaoren-push.service", "zhaoren-messages.service", "zhaoren-push.timer"];

/// Every service has a memory limit and the same sandbox.
#[test]
fn services_have_at_most_the_rights_of_the_server() {
    let read = |name: &str| std::fs::read_to_string(root().join("deploy/systemd").join(name)).unwrap();
    let server = read("zhaoren.service");
    let closed = |line: &&str| {
        ["Protect", "Private", "Restrict", "NoNew", "Capability", "Ambient", "Lock", "MemoryDeny", "SystemCall"]
            .iter()
            .any(|word| line.starts_with(word))
            // A push may restrict itself further: no network at all, and no need to see processes.
            && !line.starts_with("RestrictAddressFamilies")
            && !line.starts_with("ProcSubset")
    };
    for name in UNITS.into_iter().filter(|name| name.ends_with(".service")) {
        let unit = read(name);
        for line in server.lines().filter(closed) {
            assert!(unit.lines().any(|other| other == line), "{name} lacks {line}");
        }
        for bound in ["MemoryMax=", "MemorySwapMax=0", "TasksMax=", "UMask=0027"] {
            assert!(unit.lines().any(|line| line.starts_with(bound)), "{name} lacks {bound}");
        }
    }
}

#[test]
fn systemd_accepts_the_units() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        zhaoren_prerequisite::skip(
            zhaoren_prerequisite::Prerequisite::Systemd,
            "systemd-analyze is not installed",
        );
        return;
    }
    // The units name the installed program; here it is replaced by the built one.
    let folder = tempfile::tempdir().unwrap();
    let units = UNITS.map(|name| {
        let text = std::fs::read_to_string(root().join("deploy/systemd").join(name)).unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text.replace("/usr/bin/zhaoren", env!("CARGO_BIN_EXE_zhaoren"))).unwrap();
        path
    });
    let output = Command::new("systemd-analyze").args(["verify", "--man=no"]).args(units).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.trim().is_empty(), "{said}");
}

/// A Debian package of the program that was built for the tests: it unpacks, runs, and brings what belongs to it.
#[test]
fn the_debian_package_holds_a_program_that_runs() {
    if Command::new("dpkg-deb").arg("--version").output().is_err() {
        eprintln!("skipped: no dpkg-deb");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let packed = Command::new(root().join("deploy/deb.sh"))
        .args([env!("CARGO_BIN_EXE_zhaoren").as_ref(), folder.path()])
        .env("DEB_COMPRESSION", "none")
        .output()
        .unwrap();
    assert!(packed.status.success(), "{}", String::from_utf8_lossy(&packed.stderr));
    let package = String::from_utf8(packed.stdout).unwrap();
    let unpacked = folder.path().join("unpacked");
    let unpack = Command::new("dpkg-deb").arg("-x").arg(package.trim()).arg(&unpacked).output().unwrap();
    assert!(unpack.status.success(), "{}", String::from_utf8_lossy(&unpack.stderr));
    for file in [
        "usr/share/man/man1/zhaoren-match.1.gz",
        "usr/share/bash-completion/completions/zhaoren",
        "lib/systemd/system/zhaoren.service",
        "etc/zhaoren/zhaoren.toml",
        "usr/share/doc/zhaoren/copyright",
    ] {
        assert!(unpacked.join(file).is_file(), "{file}");
    }
    let version = Command::new(unpacked.join("usr/bin/zhaoren")).arg("--version").output().unwrap();
    assert!(String::from_utf8(version.stdout).unwrap().contains(env!("CARGO_PKG_VERSION")));
}
