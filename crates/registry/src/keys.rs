//! Tenants, and the keys with which their programs and people come in.

use serde::Serialize;
use serde_json::json;

use crate::error::RegistryError;
use crate::moment::Moment;
use crate::persons::{LOCAL, fold_name};
use crate::registry::{Registry, WriteContext};
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
    /// The person who has it. Keys of one holder are one person's.
    pub holder: String,
    /// The person who made it; empty where that is not known. Not looked at when it is written.
    pub created_by: String,
    /// It opens nothing until a second administrator has confirmed it. Not looked at when it is written.
    pub pending: bool,
    /// The second administrator who confirmed it; empty where there was none. Not looked at when it is written.
    pub confirmed_by: String,
}

impl KeyRecord {
    /// Whether it opens at `now`.
    pub fn opens(&self, now: Moment) -> bool {
        !self.pending && self.revoked_at.is_none() && self.expires_at.is_none_or(|until| until > now.0)
    }

    /// Whether the person who made it is the one who has it (由本人签发), which no second person has confirmed.
    pub fn is_self_issued(&self) -> bool {
        self.confirmed_by.is_empty() && fold_name(&self.created_by) == fold_name(&self.holder)
    }
}

/// Whether callers have to show a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// There never was a key, or the person who has the data directory has waived keys since the last one.
    Unused,
    /// A key opens.
    Open,
    /// There were keys, and none opens any more.
    Closed,
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
    pub async fn put_tenant(&self, act: &WriteContext<'_>, tenant: &Tenant) -> Result<(), RegistryError> {
        if !act.tenant.is_empty() {
            return Err(RegistryError::Foreign { what: "租户", id: tenant.id.clone() });
        }
        tenant.check()?;
        let mut work = self.work(act).await?;
        let parent = work.read("SELECT 1 FROM tenant WHERE id = $1", values![&tenant.parent]).await?;
        if !tenant.parent.is_empty() && parent.is_empty() {
            work.abandon().await?;
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

    /// Writes a new key, and gives it as it was written. An act for a tenant makes keys of that tenant only.
    ///
    /// A key waits for the confirmation of a second administrator where there is one. Where the maker is the only
    /// administrator, or has the data directory, it opens at once; who made it stays with it.
    ///
    /// # Errors
    /// When the database refuses, its name or holder cannot be, or there is no such tenant.
    pub async fn add_key(&self, act: &WriteContext<'_>, key: &KeyRecord) -> Result<KeyRecord, RegistryError> {
        if !act.tenant.is_empty() && act.tenant != key.tenant {
            return Err(RegistryError::Foreign { what: "租户", id: key.tenant.clone() });
        }
        name("密钥名称", &key.name)?;
        name("密钥的持有人", &key.holder)?;
        let seen = !fold_name(&key.holder).is_empty();
        fit("密钥的持有人", &key.holder, seen, "人的姓名或工号，含看得见的字")?;
        let mut work = self.work(act).await?;
        let tenant = work.read("SELECT 1 FROM tenant WHERE id = $1", values![&key.tenant]).await?;
        if !key.tenant.is_empty() && tenant.is_empty() {
            work.abandon().await?;
            return Err(RegistryError::Absent { what: "租户", id: key.tenant.clone() });
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

    /// Confirms a key that another administrator made: from now on it opens, and does not rest on its maker alone.
    ///
    /// # Errors
    /// When the database refuses, there is no such key, it is confirmed or ended already, or the person who confirms is its
    /// maker, its holder, or somebody whose own key rests on its maker alone.
    pub async fn confirm_key(&self, act: &WriteContext<'_>, id: &str) -> Result<KeyRecord, RegistryError> {
        let mut work = self.work(act).await?;
        let query = format!("{KEY} WHERE id = $1 AND ($2 = '' OR tenant = $2)");
        let found = work.read(query, values![id, act.tenant]).await?.pop().map(key).transpose()?;
        let Some(mut found) = found else {
            work.abandon().await?;
            return Err(RegistryError::Absent { what: "密钥", id: id.to_owned() });
        };
        let person = work.person(act.actor).await?;
        let refused = if found.revoked_at.is_some() {
            Some("已吊销")
        } else if !found.confirmed_by.is_empty() {
            Some("已由另一位管理员确认")
        } else if act.actor == LOCAL {
            None
        } else if person.is(&found.created_by) {
            Some("须由另一位管理员确认，签发者不能确认自己签发的密钥")
        } else if person.is(&found.holder) {
            Some("须由另一位管理员确认，持有人不能确认自己的密钥")
        } else if person.is_only_vouched_by(&found.created_by) {
            Some("须由另一位管理员确认，你的密钥由同一签发者签发，且尚未经他人确认")
        } else {
            None
        };
        if let Some(why) = refused {
            work.abandon().await?;
            return Err(RegistryError::State { what: "密钥", id: id.to_owned(), why: why.to_owned() });
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

    /// Whether callers have to show a key at `now`. Once there was a key, its end opens nothing: only
    /// [`Registry::waive_keys`] does.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn key_state(&self, now: Moment) -> Result<KeyState, RegistryError> {
        if self.read("SELECT 1 FROM api_key LIMIT 1", Vec::new()).await?.is_empty() {
            return Ok(KeyState::Unused);
        }
        let query = "SELECT 1 FROM api_key WHERE pending = 0 AND revoked_at IS NULL \
                     AND (expires_at IS NULL OR expires_at > $1) LIMIT 1";
        if !self.read(query, values![now]).await?.is_empty() {
            return Ok(KeyState::Open);
        }
        let query = "SELECT COALESCE(MAX(CASE WHEN action = 'key.waive' THEN seq END), 0), \
                     COALESCE(MAX(CASE WHEN action = 'key.add' THEN seq END), 0) FROM audit \
                     WHERE action IN ('key.waive', 'key.add')";
        let rows = self.read(query, Vec::new()).await?;
        let waived = rows
            .first()
            .map_or(Ok(false), |row| Ok::<_, RegistryError>(row.integer(0)? > row.integer(1)?))?;
        Ok(if waived { KeyState::Unused } else { KeyState::Closed })
    }

    /// Waives keys until the next one is made: a server that only this machine reaches then serves without. Only the person who
    /// has the data directory may, and only where no key opens.
    ///
    /// # Errors
    /// When the database refuses, or a key opens.
    pub async fn waive_keys(&self, act: &WriteContext<'_>) -> Result<(), RegistryError> {
        if act.actor != LOCAL {
            return Err(RegistryError::Foreign { what: "密钥", id: "*".to_owned() });
        }
        if self.key_state(act.at).await? == KeyState::Open {
            let why = "还有可用的：先逐个吊销，再免用密钥".to_owned();
            return Err(RegistryError::State { what: "密钥", id: "*".to_owned(), why });
        }
        self.note(act, "key.waive", "", &json!(null)).await
    }

    /// Ends a key. One that is ended already stays so since then.
    ///
    /// # Errors
    /// When the database refuses, or there is no such key.
    pub async fn revoke_key(&self, act: &WriteContext<'_>, id: &str) -> Result<(), RegistryError> {
        let mut work = self.work(act).await?;
        let sql = "UPDATE api_key SET revoked_at = COALESCE(revoked_at, $1) WHERE id = $2 AND ($3 = '' OR tenant = $3)";
        let at = work.at;
        if work.write(sql, values![at, id, act.tenant]).await? == 0 {
            work.abandon().await?;
            return Err(RegistryError::Absent { what: "密钥", id: id.to_owned() });
        }
        work.commit("key.revoke", id, &json!(null)).await
    }

    /// Every key of a tenant, revoked ones too, the oldest first; of all for the empty tenant.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn keys(&self, tenant: &str) -> Result<Vec<KeyRecord>, RegistryError> {
        let query = format!("{KEY} WHERE $1 = '' OR tenant = $1 ORDER BY created_at, id");
        self.read(query, values![tenant]).await?.into_iter().map(key).collect()
    }

    /// The key whose secret has this digest, when it opens at `now` or is pending: look at [`KeyRecord::pending`].
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn key_of(&self, digest: &str, now: Moment) -> Result<Option<KeyRecord>, RegistryError> {
        let query = format!(
            "{KEY} WHERE digest = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)"
        );
        self.read(query, values![digest, now]).await?.pop().map(key).transpose()
    }
}

/// What [`key`] reads.
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
