//! A registry whose writer is killed, whose disk is full, whose database goes away: acknowledged writes exist, none exists
//! twice, and the audit is valid.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::contract::cluster;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use cluster::Cluster;
use zhaoren_registry::{ItemRecord, Moment, Outcome, Registry, RegistryError, WriteContext};

/// Environment variable with the writer's target. The process that kills the writer sets it.
const PLACE: &str = "ZHAOREN_TEST_WRITE_TO";
const KILLS: usize = 50;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

async fn open(place: &str) -> Registry {
    if place.starts_with("postgres://") {
        Registry::open_database(place).await.unwrap()
    } else {
        Registry::open(Path::new(place)).await.unwrap()
    }
}

fn act(at: i64) -> WriteContext<'static> {
    WriteContext { tenant: "", actor: "writer", at: Moment(at) }
}

fn item(id: &str) -> ItemRecord {
    ItemRecord { id: id.into(), tenant: String::new(), source: "f".into(), body: "{}".repeat(200) }
}

fn event(n: usize) -> Outcome {
    Outcome {
        enterprise: "e".into(),
        item: format!("i{n:06}"),
        item_digest: String::new(),
        event: "pushed".into(),
        at: 1,
        detail: String::new(),
    }
}

async fn held(registry: &Registry) -> (BTreeSet<String>, Vec<String>) {
    let items = registry.items(Moment::NOW, &[]).await.unwrap().into_iter().map(|item| item.id).collect();
    let events = registry.outcomes_of("", "e").await.unwrap().into_iter().map(|one| one.item).collect();
    (items, events)
}

/// Writes an item and an event in turn, and acknowledges each on standard output; until it is killed.
#[test]
#[ignore = "is run, and killed, by the tests below"]
fn writer() {
    let Ok(place) = std::env::var(PLACE) else { return };
    runtime().block_on(async {
        let registry = open(&place).await;
        let first = registry.items(Moment::NOW, &[]).await.unwrap().len();
        let mut out = std::io::stdout();
        for n in first.. {
            registry.write(&act(1), &[], &[item(&format!("i{n:06}"))]).await.unwrap();
            writeln!(out, "\nitem i{n:06}").unwrap();
            registry.record_outcomes(&act(1), &[event(n)]).await.unwrap();
            writeln!(out, "\nevent i{n:06}").unwrap();
            out.flush().unwrap();
        }
    });
}

fn killed_again_and_again(place: &str) {
    let (mut items, mut events) = (BTreeSet::new(), BTreeSet::new());
    for round in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["faults::writer", "--exact", "--ignored", "--nocapture"])
            .env(PLACE, place)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        // A varying number of acknowledgements, so that the kill hits varying points of the next write.
        let mut left = 1 + round % 7;
        for line in lines.lines() {
            let line = line.unwrap();
            match line.split_once(' ') {
                Some(("item", id)) => items.insert(id.to_owned()),
                Some(("event", id)) => events.insert(id.to_owned()),
                _ => continue,
            };
            left = left.saturating_sub(1);
            if left == 0 {
                std::thread::sleep(Duration::from_micros(u64::try_from(round * 97 % 4_000).unwrap()));
                // SIGKILL; the remaining output is read to the end.
                let _ = child.kill();
                left = usize::MAX;
            }
        }
        child.wait().unwrap();
        runtime().block_on(async {
            let registry = open(place).await;
            let (there, told) = held(&registry).await;
            assert!(there.is_superset(&items), "round {round}: an item that was acknowledged is lost");
            assert!(
                there.len() <= items.len() + round + 1,
                "round {round}: more than one write was under way"
            );
            let once: BTreeSet<String> = told.iter().cloned().collect();
            assert_eq!(once.len(), told.len(), "round {round}: an event is there twice");
            assert!(once.is_superset(&events), "round {round}: an event that was acknowledged is lost");
            let check = registry.verify(None).await.unwrap();
            assert_eq!(check.faults, [], "round {round}");
            assert_eq!(check.lines, there.len() + told.len(), "round {round}: every write has its line");
            registry.close().await.unwrap();
        });
    }
    println!(
        "killed {KILLS} times: {} items and {} events acknowledged, none lost",
        items.len(),
        events.len()
    );
    assert!(items.len() >= KILLS);
}

#[test]
fn sqlite_loses_nothing_when_its_writer_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    killed_again_and_again(&folder.path().join("registry.sqlite").display().to_string());
}

#[test]
fn postgres_loses_nothing_when_its_writer_is_killed() {
    let Some(cluster) = Cluster::start() else { return };
    killed_again_and_again(&cluster.database());
}

#[test]
fn writes_resume_after_a_database_restart() {
    let Some(cluster) = Cluster::start() else { return };
    let address = cluster.database();
    runtime().block_on(async {
        let registry = open(&address).await;
        registry.write(&act(1), &[], &[item("before")]).await.unwrap();
        cluster.switch(false);
        let error = registry.write(&act(2), &[], &[item("during")]).await.unwrap_err();
        // An unreachable server may come back: the failure is reported as temporary.
        assert!(error.is_temporary(), "{error}");
        assert!(registry.items(Moment::NOW, &[]).await.is_err());
        cluster.switch(true);
        registry.write(&act(3), &[], &[item("after")]).await.unwrap();
        assert_eq!(registry.items(Moment::NOW, &[]).await.unwrap().len(), 2);
        assert_eq!(registry.verify(None).await.unwrap().faults, []);
    });
}

/// A small file system of its own. A drop unmounts it.
struct Small(tempfile::TempDir);

impl Small {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        // Room for the empty schema twice (the file and its log), the filler and some writes.
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1152k", "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(folder))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn full_disk_refuses_writes_and_loses_no_record() {
    let Some(disk) = Small::mount() else {
        zhaoren_prerequisite::skip(
            zhaoren_prerequisite::Prerequisite::Mount,
            "a small disk could not be mounted",
        );
        return;
    };
    let path = disk.0.path().join("registry.sqlite");
    // A file that can be removed later to free space.
    std::fs::write(disk.0.path().join("filler"), vec![0; 200_000]).unwrap();
    runtime().block_on(async {
        let registry = Registry::open(&path).await.unwrap();
        let mut acknowledged = Vec::new();
        let refused = loop {
            let id = format!("i{:06}", acknowledged.len());
            match registry.write(&act(1), &[], &[item(&id)]).await {
                Ok(_) => acknowledged.push(id),
                Err(error) => break error,
            }
            assert!(acknowledged.len() < 100_000, "the disk never gets full");
        };
        println!("full after {} writes: {refused}", acknowledged.len());
        assert!(acknowledged.len() > 10 && matches!(refused, RegistryError::DiskFull), "{refused}");
        let ids = async || {
            let items = registry.items(Moment::NOW, &[]).await.unwrap();
            items.into_iter().map(|item| item.id).collect::<Vec<_>>()
        };
        assert_eq!(ids().await, acknowledged, "what was written can be read");
        std::fs::remove_file(disk.0.path().join("filler")).unwrap();
        registry.write(&act(2), &[], &[item("later")]).await.unwrap();
        acknowledged.push("later".to_owned());
        assert_eq!(ids().await, acknowledged);
        assert_eq!(registry.verify(None).await.unwrap().faults, []);
        registry.close().await.unwrap();
    });
}
