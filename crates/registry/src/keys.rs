//! Tenants, and the keys with which their programs and people come in.

use serde::Serialize;
use serde_json::json;

use crate::error::RegistryError;
use crate::moment::Moment;
use crate::registry::{Act, Registry};
use crate::store::{Row, values};

/// Who shares a registry with others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tenant {
    /// Unique id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// city, district or park.
    pub level: String,
    /// The tenant above it; empty when there is none.
    pub parent: String,
}

/// A key as it is kept: its secret is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyRecord {
    /// Unique id, which is no secret.
    pub id: String,
    /// The digest of its secret.
    #[serde(skip)]
    pub digest: String,
    /// Whose key it is; empty for who runs the program.
    pub tenant: String,
    /// What it may do.
    pub role: String,
    /// What it is for.
    pub name: String,
    /// Since when there is it, in milliseconds since 1970, UTC.
    pub created_at: i64,
    /// Until when it opens.
    pub expires_at: Option<i64>,
    /// Since when it opens no more.
    pub revoked_at: Option<i64>,
}

/// The levels of tenants, the widest first.
pub const LEVELS: [&str; 3] = ["city", "district", "park"];

impl Tenant {
    /// Whether this can be a tenant's id: letters, digits, hyphens and underscores, at most 64.
    ///
    /// # Errors
    /// When it cannot.
    pub fn check_id(id: &str) -> Result<(), RegistryError> {
        let sound = |one: char| one.is_ascii_alphanumeric() || one == '-' || one == '_';
        let expected = "字母、数字、连字符与下划线，至多 64 个";
        fit("租户标识", id, !id.is_empty() && id.len() <= 64 && id.chars().all(sound), expected)
    }

    fn check(&self) -> Result<(), RegistryError> {
        Self::check_id(&self.id)?;
        fit("租户层级", &self.level, LEVELS.contains(&self.level.as_str()), " city、district、park 之一")?;
        fit("上级租户", &self.parent, self.parent != self.id, "另一个租户")?;
        name("租户名称", &self.name)
    }
}

/// The name of a tenant or a key, which people read.
fn name(what: &'static str, name: &str) -> Result<(), RegistryError> {
    let sound = !name.trim().is_empty() && name.chars().count() <= 100 && !name.contains(char::is_control);
    fit(what, name, sound, " 1 到 100 个字，不含控制字符")
}

fn fit(what: &'static str, value: &str, sound: bool, expected: &'static str) -> Result<(), RegistryError> {
    if sound { Ok(()) } else { Err(RegistryError::Unfit { what, value: value.to_owned(), expected }) }
}

impl Registry {
    /// Writes a tenant; one with this id is replaced. Only whoever acts for no tenant may.
    ///
    /// # Errors
    /// When the database refuses, something in it cannot be, or there is no such parent.
    pub async fn put_tenant(&self, act: &Act<'_>, tenant: &Tenant) -> Result<(), RegistryError> {
        if !act.tenant.is_empty() {
            return Err(RegistryError::Foreign { what: "租户", id: tenant.id.clone() });
        }
        tenant.check()?;
        let mut work = self.work(act).await?;
        let parent = work.read("SELECT 1 FROM tenant WHERE id = $1", values![&tenant.parent]).await?;
        if !tenant.parent.is_empty() && parent.is_empty() {
            return Err(RegistryError::Absent { what: "租户", id: tenant.parent.clone() });
        }
        let sql = "INSERT INTO tenant (id, name, level, parent, recorded_at) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (id) DO UPDATE SET name = excluded.name, level = excluded.level, \
                   parent = excluded.parent";
        let at = work.at;
        work.write(sql, values![&tenant.id, &tenant.name, &tenant.level, &tenant.parent, at]).await?;
        let detail = json!({"level": tenant.level, "parent": tenant.parent});
        work.commit("tenant.put", &tenant.id, &detail).await
    }

    /// Every tenant, by id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, RegistryError> {
        let tenant = |mut row: Row| {
            Ok(Tenant { id: row.text(0)?, name: row.text(1)?, level: row.text(2)?, parent: row.text(3)? })
        };
        let rows = self.read("SELECT id, name, level, parent FROM tenant", Vec::new()).await?;
        let mut tenants: Vec<Tenant> = rows.into_iter().map(tenant).collect::<Result<_, RegistryError>>()?;
        tenants.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        Ok(tenants)
    }

    /// A tenant and those above it, itself first.
    ///
    /// # Errors
    /// When the database refuses, or there is no such tenant.
    pub async fn lineage(&self, tenant: &str) -> Result<Vec<String>, RegistryError> {
        let tenants = self.tenants().await?;
        let mut lineage: Vec<String> = Vec::new();
        let mut next = tenant.to_owned();
        // What was written in a circle ends where it comes back to itself.
        while !next.is_empty() && !lineage.contains(&next) {
            let Some(found) = tenants.iter().find(|one| one.id == next) else {
                return Err(RegistryError::Absent { what: "租户", id: next });
            };
            lineage.push(std::mem::replace(&mut next, found.parent.clone()));
        }
        Ok(lineage)
    }

    /// Writes a new key. Whoever acts for a tenant makes keys of that tenant only.
    ///
    /// # Errors
    /// When the database refuses, its name cannot be, or there is no such tenant.
    pub async fn add_key(&self, act: &Act<'_>, key: &KeyRecord) -> Result<(), RegistryError> {
        if !act.tenant.is_empty() && act.tenant != key.tenant {
            return Err(RegistryError::Foreign { what: "租户", id: key.tenant.clone() });
        }
        name("密钥名称", &key.name)?;
        let mut work = self.work(act).await?;
        let tenant = work.read("SELECT 1 FROM tenant WHERE id = $1", values![&key.tenant]).await?;
        if !key.tenant.is_empty() && tenant.is_empty() {
            return Err(RegistryError::Absent { what: "租户", id: key.tenant.clone() });
        }
        let columns = ["id", "digest", "tenant", "role", "name", "created_at", "expires_at"];
        let at = work.at;
        let row = values![&key.id, &key.digest, &key.tenant, &key.role, &key.name, at, key.expires_at];
        work.insert("api_key", &columns, vec![row]).await?;
        let detail = json!({"tenant": key.tenant, "role": key.role, "name": key.name});
        work.commit("key.add", &key.id, &detail).await
    }

    /// Ends a key. One that is ended already stays so since then.
    ///
    /// # Errors
    /// When the database refuses, or there is no such key.
    pub async fn revoke_key(&self, act: &Act<'_>, id: &str) -> Result<(), RegistryError> {
        let mut work = self.work(act).await?;
        let sql = "UPDATE api_key SET revoked_at = COALESCE(revoked_at, $1) WHERE id = $2 AND ($3 = '' OR tenant = $3)";
        let at = work.at;
        if work.write(sql, values![at, id, act.tenant]).await? == 0 {
            return Err(RegistryError::Absent { what: "密钥", id: id.to_owned() });
        }
        work.commit("key.revoke", id, &json!(null)).await
    }

    /// Every key of a tenant, revoked ones too, the oldest first; of all for the empty tenant.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn keys(&self, tenant: &str) -> Result<Vec<KeyRecord>, RegistryError> {
        let query = "SELECT id, digest, tenant, role, name, created_at, expires_at, revoked_at FROM api_key \
                     WHERE $1 = '' OR tenant = $1 ORDER BY created_at, id";
        self.read(query, values![tenant]).await?.into_iter().map(key).collect()
    }

    /// The key whose secret has this digest, when it opens at `now`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn key_of(&self, digest: &str, now: Moment) -> Result<Option<KeyRecord>, RegistryError> {
        let query = "SELECT id, digest, tenant, role, name, created_at, expires_at, revoked_at FROM api_key \
                     WHERE digest = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";
        self.read(query, values![digest, now]).await?.pop().map(key).transpose()
    }
}

fn key(mut row: Row) -> Result<KeyRecord, RegistryError> {
    Ok(KeyRecord {
        id: row.text(0)?,
        digest: row.text(1)?,
        tenant: row.text(2)?,
        role: row.text(3)?,
        name: row.text(4)?,
        created_at: row.integer(5)?,
        expires_at: row.optional(6)?,
        revoked_at: row.optional(7)?,
    })
}
