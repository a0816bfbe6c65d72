//! Tenants and keys.

use zhaoren_registry::{KeyRecord, KeyState, LOCAL, Moment, RegistryError, Tenant, WriteContext};

use crate::contract::{Fresh, at};

pub(crate) fn key(id: &str, tenant: &str, expires_at: Option<i64>) -> KeyRecord {
    KeyRecord {
        id: id.into(),
        digest: format!("digest of {id}"),
        tenant: tenant.into(),
        role: "caseworker".into(),
        name: "窗口".into(),
        created_at: 0,
        expires_at,
        revoked_at: None,
        holder: "李四".into(),
        created_by: String::new(),
        pending: false,
        confirmed_by: String::new(),
    }
}

pub(crate) fn tenant(id: &str, parent: &str) -> Tenant {
    Tenant { id: id.into(), name: "徐汇区".into(), level: "district".into(), parent: parent.into() }
}

pub(crate) async fn keys_are_valid_until_revoked_or_expired(fresh: Fresh) {
    let registry = &fresh.registry;
    registry.add_key(&at(10), &key("a", "", None)).await.unwrap();
    registry.add_key(&at(11), &key("b", "", Some(50))).await.unwrap();
    let opens = async |id: &str, now: i64| {
        registry.key_by_digest(&format!("digest of {id}"), Moment(now)).await.unwrap().map(|key| key.id)
    };
    assert_eq!(opens("a", 20).await.as_deref(), Some("a"));
    assert_eq!(opens("b", 49).await.as_deref(), Some("b"));
    assert_eq!(opens("b", 50).await, None);
    assert_eq!(opens("c", 20).await, None);
    registry.revoke_key(&at(30), "a").await.unwrap();
    assert_eq!(opens("a", 20).await, None);
    registry.revoke_key(&at(40), "a").await.unwrap();
    assert_eq!(registry.keys("").await.unwrap()[0].revoked_at, Some(30));
    assert!(registry.revoke_key(&at(41), "c").await.is_err());
    let mut twice = key("d", "", None);
    twice.digest = "digest of a".into();
    assert!(registry.add_key(&at(42), &twice).await.is_err(), "a secret opens one key");
}

pub(crate) async fn keys_need_an_existing_tenant(fresh: Fresh) {
    let registry = &fresh.registry;
    assert!(registry.add_key(&at(1), &key("a", "xuhui", None)).await.is_err());
    registry.put_tenant(&at(2), &tenant("xuhui", "")).await.unwrap();
    registry.put_tenant(&at(2), &tenant("other", "")).await.unwrap();
    registry.add_key(&at(3), &key("a", "xuhui", None)).await.unwrap();
    let other = WriteContext { tenant: "other", ..at(4) };
    assert!(registry.revoke_key(&other, "a").await.is_err(), "another tenant's key");
    registry.revoke_key(&WriteContext { tenant: "xuhui", ..at(5) }, "a").await.unwrap();
    assert!(matches!(
        registry.add_key(&other, &key("b", "xuhui", None)).await,
        Err(RegistryError::NotOwned { .. })
    ));
    registry.add_key(&other, &key("c", "other", None)).await.unwrap();
    let ids = async |tenant: &str| {
        registry.keys(tenant).await.unwrap().into_iter().map(|key| key.id).collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, ["a", "c"]);
    assert_eq!(ids("xuhui").await, ["a"]);
    let unnamed = KeyRecord { name: " ".into(), ..key("d", "other", None) };
    assert!(matches!(registry.add_key(&other, &unnamed).await, Err(RegistryError::InvalidValue { .. })));
}

pub(crate) async fn lineage_of_cyclic_tenants_ends(fresh: Fresh) {
    let registry = &fresh.registry;
    assert!(registry.put_tenant(&at(1), &tenant("a", "nobody")).await.is_err());
    assert!(registry.put_tenant(&at(1), &tenant("a b", "")).await.is_err(), "no id");
    assert!(
        registry.put_tenant(&at(1), &Tenant { level: "village".into(), ..tenant("a", "") }).await.is_err()
    );
    registry.put_tenant(&at(2), &tenant("a", "")).await.unwrap();
    registry.put_tenant(&at(3), &tenant("b", "a")).await.unwrap();
    registry.put_tenant(&at(4), &tenant("a", "b")).await.unwrap();
    assert_eq!(registry.lineage("a").await.unwrap(), ["a", "b"]);
    assert!(registry.lineage("c").await.is_err());
    assert_eq!(registry.lineage("").await.unwrap(), [""; 0]);
}

/// A key of a role and a holder.
pub(crate) fn held(id: &str, role: &str, holder: &str) -> KeyRecord {
    KeyRecord { role: role.into(), holder: holder.into(), ..key(id, "", None) }
}

/// The write context of a person with a key, or of the owner of the data directory.
pub(crate) fn by(actor: &str, at: i64) -> WriteContext<'_> {
    WriteContext { tenant: "", actor, at: Moment(at) }
}

/// A key that an administrator issues alone is not valid if a second one could confirm it.
pub(crate) async fn keys_await_a_second_administrator(fresh: Fresh) {
    let registry = &fresh.registry;
    let opens = async |id: &str| {
        let found = registry.key_by_digest(&format!("digest of {id}"), Moment(500)).await.unwrap().unwrap();
        found.is_valid_at(Moment(500))
    };
    registry.add_key(&by(LOCAL, 1), &held("a", "administrator", "甲")).await.unwrap();
    // The only administrator need not wait; the issuer is recorded.
    let alone = registry.add_key(&by("a", 2), &held("own", "caseworker", " 甲")).await.unwrap();
    assert!(!alone.pending && alone.is_self_issued() && opens("own").await);
    assert_eq!(alone.created_by, "甲");
    registry.add_key(&by(LOCAL, 3), &held("b", "administrator", "乙")).await.unwrap();
    let made = registry.add_key(&by("a", 4), &held("c", "caseworker", "丙")).await.unwrap();
    assert!(made.pending && !opens("c").await);
    for (actor, why) in [("a", "签发者"), ("c", "持有人")] {
        let error = registry.confirm_key(&by(actor, 5), "c").await.unwrap_err().to_string();
        assert!(error.contains(why), "{actor}: {error}");
    }
    // A second administrator created by the issuer does not count.
    let puppet = registry.add_key(&by("a", 6), &held("p", "administrator", "丁")).await.unwrap();
    assert!(puppet.pending);
    let error = registry.confirm_key(&by("p", 7), "c").await.unwrap_err().to_string();
    assert!(error.contains("同一签发者"), "{error}");
    assert!(
        registry.confirm_key(&WriteContext { tenant: "other", ..by("b", 8) }, "c").await.is_err(),
        "not theirs"
    );
    let confirmed = registry.confirm_key(&by("b", 9), "c").await.unwrap();
    assert_eq!((confirmed.pending, &*confirmed.confirmed_by, opens("c").await), (false, "乙", true));
    assert!(registry.confirm_key(&by("b", 10), "c").await.is_err(), "confirmed already");
    registry.confirm_key(&by(LOCAL, 11), "p").await.unwrap();
    assert!(opens("p").await, "whoever has the data directory may");
    let lines = registry.audit(0, 100, None).await.unwrap();
    let line = lines.iter().find(|line| line.action == "key.confirm").unwrap();
    assert!(["甲", "乙", "丙"].iter().all(|name| line.detail.contains(name)), "{}", line.detail);
    for nobody in ["", " ", "\u{200b}"] {
        let key = held("n", "platform", nobody);
        assert!(matches!(
            registry.add_key(&by("a", 12), &key).await,
            Err(RegistryError::InvalidValue { .. })
        ));
    }
    assert_eq!(registry.verify(None).await.unwrap().faults, []);
}

/// The end of the last key closes access, and only a deliberate act opens it again.
pub(crate) async fn revoking_the_last_key_closes_access(fresh: Fresh) {
    let registry = &fresh.registry;
    let state = async |now: i64| registry.key_state(Moment(now)).await.unwrap();
    assert_eq!(state(1).await, KeyState::Unused);
    registry.add_key(&by(LOCAL, 10), &key("a", "", Some(50))).await.unwrap();
    assert_eq!((state(20).await, state(50).await), (KeyState::Active, KeyState::NoneValid), "it expires");
    registry.revoke_key(&by(LOCAL, 30), "a").await.unwrap();
    assert_eq!(state(31).await, KeyState::NoneValid, "it is revoked");
    assert!(registry.waive_keys(&by("a", 32)).await.is_err(), "a key waives nothing");
    registry.waive_keys(&by(LOCAL, 33)).await.unwrap();
    assert_eq!(state(34).await, KeyState::Unused);
    registry.add_key(&by(LOCAL, 40), &key("b", "", Some(60))).await.unwrap();
    assert!(registry.waive_keys(&by(LOCAL, 41)).await.is_err(), "one opens");
    assert_eq!(
        (state(45).await, state(70).await),
        (KeyState::Active, KeyState::NoneValid),
        "the next one ends it"
    );
    let lines = registry.audit(0, 100, None).await.unwrap();
    assert_eq!(lines.iter().filter(|line| line.action == "key.waive").count(), 1);
}
