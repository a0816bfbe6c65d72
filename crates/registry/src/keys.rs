//! Tenants, and the keys of their programs and people.

use serde::Serialize;
use serde_json::json;

use crate::error::RegistryError;
use crate::moment::Moment;
use crate::persons::{LOCAL, fold_name};
use crate::registry::{Registry, WriteContext};
use crate::store::{Row, values};

/// A tenant of a shared registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tenant {
    /// Unique id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Level: city, district or park.
    pub level: String,
    /// Its parent tenant; empty for none.
    pub parent: String,
}

/// A stored key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyRecord {
    /// Unique id, not secret.
    pub id: String,
    /// The digest of its secret.
    #[serde(skip)]
    pub digest: String,
    /// Its tenant; empty for the operator.
    pub tenant: String,
    /// Its role.
    pub role: String,
    /// Its purpose.
    pub name: String,
    /// Time of creation, in milliseconds since 1970, UTC.
    pub created_at: i64,
    /// Time of expiry.
    pub expires_at: Option<i64>,
    /// Time of revocation.
    pub revoked_at: Option<i64>,
    /// The person who holds it. Keys with one holder belong to one person.
    pub holder: String,
    /// The person who issued it; empty if unknown. Ignored on writing.
    pub created_by: String,
    /// True until a second administrator has confirmed it; it is not valid before. Ignored on writing.
    pub pending: bool,
    /// The second administrator who confirmed it; empty for none. Ignored on writing.
    pub confirmed_by: String,
}

impl KeyRecord {
    /// True if it is valid at `now`.
    pub fn is_valid_at(&self, now: Moment) -> bool {
        !self.pending && self.revoked_at.is_none() && self.expires_at.is_none_or(|until| until > now.0)
    }

    /// True if its issuer is its holder (由本人签发), without the confirmation of a second person.
    pub fn is_self_issued(&self) -> bool {
        self.confirmed_by.is_empty() && fold_name(&self.created_by) == fold_name(&self.holder)
    }
}

/// State of the key requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// No key was ever issued, or the owner of the data directory has waived keys since the last one.
    Unused,
    /// There is a valid key.
    Active,
    /// There were keys, and none is valid any more.
    NoneValid,
}

/// The levels of tenants, widest first.
pub const LEVELS: [&str; 3] = ["city", "district", "park"];

impl Tenant {
    /// Checks a tenant's id: letters, digits, hyphens and underscores, at most 64.
    ///
    /// # Errors
    /// When it is invalid.
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

/// Checks the display name of a tenant or a key.
fn name(what: &'static str, name: &str) -> Result<(), RegistryError> {
    let sound = !name.trim().is_empty() && name.chars().count() <= 100 && !name.contains(char::is_control);
    fit(what, name, sound, " 1 到 100 个字，不含控制字符")
}

fn fit(what: &'static str, value: &str, sound: bool, expected: &'static str) -> Result<(), RegistryError> {
    if sound { Ok(()) } else { Err(RegistryError::InvalidValue { what, value: value.to_owned(), expected }) }
}

impl Registry {
    /// Writes a tenant; one with this id is replaced. Only for callers without a tenant.
    ///
    /// # Errors
    /// When the database fails, a field is invalid, or the parent does not exist.
    pub async fn put_tenant(&self, act: &WriteContext<'_>, tenant: &Tenant) -> Result<(), RegistryError> {
        if !act.tenant.is_empty() {
            return Err(RegistryError::NotOwned { what: "租户", id: tenant.id.clone() });
        }
        tenant.check()?;
        let mut work = self.begin_work(act).await?;
        let parent = work.read("SELECT 1 FROM tenant WHERE id = $1", values![&tenant.parent]).await?;
        if !tenant.parent.is_empty() && parent.is_empty() {
            work.abandon().await?;
            return Err(RegistryError::NotFound { what: "租户", id: tenant.parent.clone() });
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
    /// When the database fails.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, RegistryError> {
        let tenant = |mut row: Row| {
            Ok(Tenant { id: row.text(0)?, name: row.text(1)?, level: row.text(2)?, parent: row.text(3)? })
        };
        let rows = self.read("SELECT id, name, level, parent FROM tenant", Vec::new()).await?;
        let mut tenants: Vec<Tenant> = rows.into_iter().map(tenant).collect::<Result<_, RegistryError>>()?;
        tenants.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        Ok(tenants)
    }

    /// A tenant and its ancestors, the tenant first.
    ///
    /// # Errors
    /// When the database fails, or there is no such tenant.
    pub async fn lineage(&self, tenant: &str) -> Result<Vec<String>, RegistryError> {
        let tenants = self.tenants().await?;
        let mut lineage: Vec<String> = Vec::new();
        let mut next = tenant.to_owned();
        // A cycle of parents ends at the first repetition.
        while !next.is_empty() && !lineage.contains(&next) {
            let Some(found) = tenants.iter().find(|one| one.id == next) else {
                return Err(RegistryError::NotFound { what: "租户", id: next });
            };
            lineage.push(std::mem::replace(&mut next, found.parent.clone()));
        }
        Ok(lineage)
    }

    /// Writes a new key, and returns it as written. A caller of a tenant issues keys of that tenant only.
    ///
    /// A key waits for the confirmation of a second administrator if there is one. If the issuer is the only administrator,
    /// or owns the data directory, it is valid at once; its issuer is recorded.
    ///
    /// # Errors
    /// When the database fails, its name or holder is invalid, or there is no such tenant.
    pub async fn add_key(&self, act: &WriteContext<'_>, key: &KeyRecord) -> Result<KeyRecord, RegistryError> {
        if !act.tenant.is_empty() && act.tenant != key.tenant {
            return Err(RegistryError::NotOwned { what: "租户", id: key.tenant.clone() });
        }
        name("密钥名称", &key.name)?;
        name("密钥的持有人", &key.holder)?;
        let seen = !fold_name(&key.holder).is_empty();
        fit("密钥的持有人", &key.holder, seen, "人的姓名或工号，含看得见的字")?;
        let mut work = self.begin_work(act).await?;
        let tenant = work.read("SELECT 1 FROM tenant WHERE id = $1", values![&key.tenant]).await?;
        if !key.tenant.is_empty() && tenant.is_empty() {
            work.abandon().await?;
            return Err(RegistryError::NotFound { what: "租户", id: key.tenant.clone() });
        }
        let (at, created_by) = (work.at, work.person(act.actor).await?.holder);
        let pending =
            act.actor != LOCAL && work.has_second_administrator(&created_by, &key.tenant, act.at).await?;
        let key = KeyRecord {
            created_at: at.0,
            created_by,
            pending,
            confirmed_by: String::new(),
            revoked_at: None,
            ..key.clone()
        };
        let columns = [
            "id",
            "digest",
            "tenant",
            "role",
            "name",
            "created_at",
            "expires_at",
            "holder",
            "created_by",
            "pending",
        ];
        let row = values![
            &key.id,
            &key.digest,
            &key.tenant,
            &key.role,
            &key.name,
            at,
            key.expires_at,
            &key.holder,
            &key.created_by,
            i64::from(key.pending)
        ];
        work.insert("api_key", &columns, vec![row]).await?;
        let detail = json!({
            "tenant": key.tenant, "role": key.role, "name": key.name, "holder": key.holder,
            "created_by": key.created_by, "pending": key.pending, "self_issued": key.is_self_issued(),
        });
        work.commit("key.add", &key.id, &detail).await?;
        Ok(key)
    }

    /// Confirms a key that another administrator issued: from now on it is valid, and not attested by its issuer alone.
    ///
    /// # Errors
    /// When the database fails, there is no such key, it is confirmed or revoked already, or the confirming person is its
    /// issuer, its holder, or a person whose own key is attested by the same issuer alone.
    pub async fn confirm_key(&self, act: &WriteContext<'_>, id: &str) -> Result<KeyRecord, RegistryError> {
        let mut work = self.begin_work(act).await?;
        let query = format!("{KEY} WHERE id = $1 AND ($2 = '' OR tenant = $2)");
        let found = work.read(query, values![id, act.tenant]).await?.pop().map(key).transpose()?;
        let Some(mut found) = found else {
            work.abandon().await?;
            return Err(RegistryError::NotFound { what: "密钥", id: id.to_owned() });
        };
        let person = work.person(act.actor).await?;
        let refused = if found.revoked_at.is_some() {
            Some("已吊销")
        } else if !found.confirmed_by.is_empty() {
            Some("已由另一位管理员确认")
        } else if act.actor == LOCAL {
            None
        } else if person.is_same_person(&found.created_by) {
            Some("须由另一位管理员确认，签发者不能确认自己签发的密钥")
        } else if person.is_same_person(&found.holder) {
            Some("须由另一位管理员确认，持有人不能确认自己的密钥")
        } else if person.is_unconfirmed_key_of(&found.created_by) {
            Some("须由另一位管理员确认，你的密钥由同一签发者签发，且尚未经他人确认")
        } else {
            None
        };
        if let Some(why) = refused {
            work.abandon().await?;
            return Err(RegistryError::InvalidState {
                what: "密钥", id: id.to_owned(), why: why.to_owned()
            });
        }
        let at = work.at;
        let sql = "UPDATE api_key SET pending = 0, confirmed_by = $1, confirmed_at = $2 WHERE id = $3";
        work.write(sql, values![&person.holder, at, id]).await?;
        let detail =
            json!({"holder": found.holder, "created_by": found.created_by, "confirmed_by": person.holder});
        work.commit("key.confirm", id, &detail).await?;
        (found.pending, found.confirmed_by) = (false, person.holder);
        Ok(found)
    }

    /// State of the key requirement at `now`. Once a key was issued, its end does not open access: only
    /// [`Registry::waive_keys`] does.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn key_state(&self, now: Moment) -> Result<KeyState, RegistryError> {
        if self.read("SELECT 1 FROM api_key LIMIT 1", Vec::new()).await?.is_empty() {
            return Ok(KeyState::Unused);
        }
        let query = "SELECT 1 FROM api_key WHERE pending = 0 AND revoked_at IS NULL \
                     AND (expires_at IS NULL OR expires_at > $1) LIMIT 1";
        if !self.read(query, values![now]).await?.is_empty() {
            return Ok(KeyState::Active);
        }
        let query = "SELECT COALESCE(MAX(CASE WHEN action = 'key.waive' THEN seq END), 0), \
                     COALESCE(MAX(CASE WHEN action = 'key.add' THEN seq END), 0) FROM audit \
                     WHERE action IN ('key.waive', 'key.add')";
        let rows = self.read(query, Vec::new()).await?;
        let waived = rows
            .first()
            .map_or(Ok(false), |row| Ok::<_, RegistryError>(row.integer(0)? > row.integer(1)?))?;
        Ok(if waived { KeyState::Unused } else { KeyState::NoneValid })
    }

    /// Lifts the requirement of a key until the next one is issued: a server that listens on this machine only then accepts
    /// requests without a key. Allowed to the owner of the data directory only, and only while no key is valid.
    ///
    /// # Errors
    /// When the database fails, or there is a valid key.
    pub async fn waive_keys(&self, act: &WriteContext<'_>) -> Result<(), RegistryError> {
        if act.actor != LOCAL {
            return Err(RegistryError::NotOwned { what: "密钥", id: "*".to_owned() });
        }
        if self.key_state(act.at).await? == KeyState::Active {
            let why = "还有可用的：先逐个吊销，再免用密钥".to_owned();
            return Err(RegistryError::InvalidState { what: "密钥", id: "*".to_owned(), why });
        }
        self.record_action(act, "key.waive", "", &json!(null)).await
    }

    /// Revokes a key. A key revoked earlier keeps its time of revocation.
    ///
    /// # Errors
    /// When the database fails, or there is no such key.
    pub async fn revoke_key(&self, act: &WriteContext<'_>, id: &str) -> Result<(), RegistryError> {
        let mut work = self.begin_work(act).await?;
        let sql = "UPDATE api_key SET revoked_at = COALESCE(revoked_at, $1) WHERE id = $2 AND ($3 = '' OR tenant = $3)";
        let at = work.at;
        if work.write(sql, values![at, id, act.tenant]).await? == 0 {
            work.abandon().await?;
            return Err(RegistryError::NotFound { what: "密钥", id: id.to_owned() });
        }
        work.commit("key.revoke", id, &json!(null)).await
    }

    /// Every key of a tenant, including revoked ones, oldest first; of all tenants for the empty one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keys(&self, tenant: &str) -> Result<Vec<KeyRecord>, RegistryError> {
        let query = format!("{KEY} WHERE $1 = '' OR tenant = $1 ORDER BY created_at, id");
        self.read(query, values![tenant]).await?.into_iter().map(key).collect()
    }

    /// The key whose secret has this digest, if it is valid at `now` or pending: see [`KeyRecord::pending`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn key_by_digest(&self, digest: &str, now: Moment) -> Result<Option<KeyRecord>, RegistryError> {
        let query = format!(
            "{KEY} WHERE digest = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)"
        );
        self.read(query, values![digest, now]).await?.pop().map(key).transpose()
    }
}

/// Query for [`key`].
const KEY: &str = "SELECT id, digest, tenant, role, name, created_at, expires_at, revoked_at, holder, created_by, pending, \
                   confirmed_by FROM api_key";

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
        holder: row.text(8)?,
        created_by: row.text(9)?,
        pending: row.integer(10)? != 0,
        confirmed_by: row.text(11)?,
    })
}
