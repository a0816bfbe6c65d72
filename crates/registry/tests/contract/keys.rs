//! Tenants and keys.

use zhaoren_registry::{Act, KeyRecord, Moment, RegistryError, Tenant};

use crate::{Fresh, at};

fn key(id: &str, tenant: &str, expires_at: Option<i64>) -> KeyRecord {
    KeyRecord {
        id: id.into(),
        digest: format!("digest of {id}"),
        tenant: tenant.into(),
        role: "caseworker".into(),
        name: "窗口".into(),
        created_at: 0,
        expires_at,
        revoked_at: None,
    }
}

fn tenant(id: &str, parent: &str) -> Tenant {
    Tenant { id: id.into(), name: "徐汇区".into(), level: "district".into(), parent: parent.into() }
}

pub(crate) async fn a_key_opens_until_it_is_revoked_or_expires(fresh: Fresh) {
    let registry = &fresh.registry;
    registry.add_key(&at(10), &key("a", "", None)).await.unwrap();
    registry.add_key(&at(11), &key("b", "", Some(50))).await.unwrap();
    let opens = async |id: &str, now: i64| {
        registry.key_of(&format!("digest of {id}"), Moment(now)).await.unwrap().map(|key| key.id)
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

pub(crate) async fn a_key_needs_its_tenant(fresh: Fresh) {
    let registry = &fresh.registry;
    assert!(registry.add_key(&at(1), &key("a", "xuhui", None)).await.is_err());
    registry.put_tenant(&at(2), &tenant("xuhui", "")).await.unwrap();
    registry.put_tenant(&at(2), &tenant("other", "")).await.unwrap();
    registry.add_key(&at(3), &key("a", "xuhui", None)).await.unwrap();
    let other = Act { tenant: "other", ..at(4) };
    assert!(registry.revoke_key(&other, "a").await.is_err(), "another tenant's key");
    registry.revoke_key(&Act { tenant: "xuhui", ..at(5) }, "a").await.unwrap();
    assert!(matches!(
        registry.add_key(&other, &key("b", "xuhui", None)).await,
        Err(RegistryError::Foreign { .. })
    ));
    registry.add_key(&other, &key("c", "other", None)).await.unwrap();
    let ids = async |tenant: &str| {
        registry.keys(tenant).await.unwrap().into_iter().map(|key| key.id).collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, ["a", "c"]);
    assert_eq!(ids("xuhui").await, ["a"]);
    let unnamed = KeyRecord { name: " ".into(), ..key("d", "other", None) };
    assert!(matches!(registry.add_key(&other, &unnamed).await, Err(RegistryError::Unfit { .. })));
}

pub(crate) async fn lineages_end(fresh: Fresh) {
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
