//! A wrong clock, and the recovery from it.

use zhaoren_registry::{Moment, RegistryError, WriteContext};

use crate::contract::catalogue::item;
use crate::contract::{Fresh, at};

const HOUR: i64 = 3_600_000;
/// 2026-07-01.
const TODAY: i64 = 1_782_835_200_000;
/// 2049.
const LATER: i64 = 2_500_000_000_000;

/// After one write by a clock that was decades ahead, all later timestamps were wrong for ever.
pub(crate) async fn wrong_timestamps_are_corrected(fresh: Fresh) {
    let registry = &fresh.registry;
    registry.write(&at(TODAY), &[], &[item("x", "1")]).await.unwrap();
    let error = registry.accept_clock(&at(TODAY + HOUR)).await.unwrap_err().to_string();
    assert!(error.contains("无须更正"), "{error}");
    let beyond = registry.write(&at(Moment::LATEST.0 + 1), &[], &[item("x", "9")]).await;
    assert!(matches!(beyond, Err(RegistryError::ClockAhead { .. })));
    registry.write(&at(LATER), &[], &[item("x", "2"), item("y", "1")]).await.unwrap();
    registry.propose(&at(LATER + HOUR), &[item("z", "1")], "").await.unwrap();
    registry.decide(&WriteContext { actor: "reviewer", ..at(LATER + HOUR) }, 1, true, "").await.unwrap();
    // A backup made meanwhile restores, and is corrected in its new place.
    let folder = tempfile::tempdir().unwrap();
    let (file, other) = (folder.path().join("backup.sqlite"), folder.path().join("other.sqlite"));
    registry.backup(&at(LATER + 2 * HOUR), &file).await.unwrap();
    let other = zhaoren_registry::Registry::open(&other).await.unwrap();
    other.restore(&at(TODAY + 2 * HOUR), &file, None).await.unwrap();
    other.accept_clock(&at(TODAY + 3 * HOUR)).await.unwrap();
    other.write(&at(TODAY + 3 * HOUR), &[], &[item("x", "3")]).await.unwrap();
    assert_eq!(other.verify(None).await.unwrap().faults, []);
    // Back in the present, writes are refused until the operator says which clock is right.
    let now = TODAY + 3 * HOUR;
    let error = registry.write(&at(now), &[], &[item("x", "3")]).await.unwrap_err();
    assert!(matches!(error, RegistryError::ClockBehind { .. }), "{error}");
    assert!(
        error.to_string().contains("audit clock --accept") && error.to_string().contains("2049"),
        "{error}"
    );
    let corrections = registry.accept_clock(&at(now)).await.unwrap();
    assert_eq!(corrections.len(), 1);
    assert_eq!(registry.verify(None).await.unwrap().faults, []);
    registry.write(&at(now + 5), &[], &[item("x", "3")]).await.unwrap();
    let bodies = async |moment: i64| {
        let items = registry.items(Moment(moment), &[]).await.unwrap();
        items.into_iter().map(|one| one.id + "=" + &one.body).collect::<Vec<_>>()
    };
    // Today's records have today's times, in order and with their intervals.
    assert_eq!(bodies(TODAY).await, ["x=1"]);
    assert_eq!(bodies(now - 3 * HOUR / 2).await, ["x=2", "y=1"]);
    assert_eq!(bodies(now).await, ["x=2", "y=1", "z=1"]);
    assert_eq!(bodies(now + 10).await, ["x=3", "y=1", "z=1"]);
    assert_eq!(registry.verify(None).await.unwrap().faults, []);
    // And again after a backup.
    let file = folder.path().join("again.sqlite");
    assert_eq!(registry.backup(&at(now + 20), &file).await.unwrap().1.faults, []);
}

/// Receipts and cursors issued while the clock was wrong keep their meaning.
pub(crate) async fn corrections_keep_issued_receipts_and_cursors_valid(fresh: Fresh) {
    let registry = &fresh.registry;
    registry.write(&at(TODAY), &[], &[item("x", "1")]).await.unwrap();
    registry.write(&at(LATER), &[], &[item("x", "2")]).await.unwrap();
    let believed = registry.catalogue_changed_at().await.unwrap();
    assert_eq!(believed, Moment(LATER));
    registry.write(&at(LATER + HOUR), &[], &[item("x", "3")]).await.unwrap();
    let before = registry.items(believed, &[]).await.unwrap();
    let follow = async |at: Moment| {
        let changes = registry.changes((at, "item", "x"), 9, &[]).await.unwrap();
        changes.into_iter().map(|one| one.revision).collect::<Vec<_>>()
    };
    assert_eq!(follow(believed).await, [3]);
    let now = TODAY + 2 * HOUR;
    registry.accept_clock(&at(now)).await.unwrap();
    registry.write(&at(now + 1), &[], &[item("x", "4")]).await.unwrap();
    assert_eq!(registry.items(believed, &[]).await.unwrap(), before);
    assert_eq!(follow(believed).await, [3, 4]);
    assert_eq!(follow(Moment(TODAY)).await, [2, 3, 4]);
}
