//! The records of a data directory, without its index, and the tenants in them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use zhaoren_policy::fact::FactDictionary;
use zhaoren_registry::{Registry, RegistryError, Revision, Tenant, WriteContext};

use crate::blocking::Blocking;
use crate::dictionaries::dictionary_of;
use crate::error::EngineError;
use crate::home::Home;

/// Open records. Cheap to clone; clones share one state.
#[derive(Clone, Debug)]
pub struct Records {
    pub(crate) data: PathBuf,
    pub(crate) runtime: Arc<Blocking>,
    pub(crate) registry: Registry,
}

impl Records {
    /// Opens the records, creating them if absent.
    ///
    /// # Errors
    /// When they cannot be opened.
    pub fn open(home: impl Into<Home>) -> Result<Self, EngineError> {
        let home = home.into();
        home.check_not_lost()?;
        Self::create(&home)
    }

    /// Opens the records, even if they were lost.
    pub(crate) fn create(home: &Home) -> Result<Self, EngineError> {
        let refuse = |path: &Path, cause| EngineError::Data { path: path.to_owned(), cause };
        zhaoren_disk::create_dir(home.data()).map_err(|cause| refuse(home.data(), cause))?;
        let runtime = Blocking::new().map_err(|cause| refuse(home.data(), cause))?;
        let registry = home.registry(&runtime)?;
        Ok(Self { data: home.data().to_owned(), runtime: Arc::new(runtime), registry })
    }

    /// Opens existing records.
    ///
    /// # Errors
    /// When there are none, or they cannot be opened.
    pub fn open_existing(home: impl Into<Home>) -> Result<Self, EngineError> {
        let home = home.into();
        home.check_not_lost()?;
        home.exists().map_err(|cause| EngineError::Data { path: home.file(), cause })?;
        Self::open(home)
    }

    pub(crate) fn block_on<T>(
        &self,
        call: impl Future<Output = Result<T, RegistryError>>,
    ) -> Result<T, EngineError> {
        Ok(self.runtime.block_on(call)?)
    }

    /// Writes a tenant: a city, a district, a park. One with this id is replaced. Only for callers without a tenant.
    ///
    /// # Errors
    /// When the records cannot be written, a field is invalid, or the parent does not exist.
    pub fn put_tenant(&self, act: &WriteContext<'_>, tenant: &Tenant) -> Result<(), EngineError> {
        self.block_on(self.registry.put_tenant(act, tenant))
    }

    /// Fact dictionary of a tenant: the built-in facts, those accepted for all, and those that the tenant and its ancestors accepted.
    ///
    /// # Errors
    /// When the registry fails, or there is no such tenant.
    pub fn dictionary_for(&self, tenant: &str) -> Result<FactDictionary, EngineError> {
        let lineage =
            if tenant.is_empty() { Vec::new() } else { self.block_on(self.registry.lineage(tenant))? };
        dictionary_of(&self.runtime, &self.registry, &lineage, FactDictionary::built_in())
    }

    /// Every tenant, by id.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn tenants(&self) -> Result<Vec<Tenant>, EngineError> {
        self.block_on(self.registry.tenants())
    }

    /// The tenants related to `tenant`, by id: itself, its ancestors and its descendants; all for the empty one.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn related_tenants(&self, tenant: &str) -> Result<Vec<Tenant>, EngineError> {
        let mut all = self.tenants()?;
        if tenant.is_empty() {
            return Ok(all);
        }
        let above = self.block_on(self.registry.lineage(tenant))?;
        let mut below = vec![tenant.to_owned()];
        while let Some(next) = all.iter().find(|one| below.contains(&one.parent) && !below.contains(&one.id))
        {
            below.push(next.id.clone());
        }
        all.retain(|one| above.contains(&one.id) || below.contains(&one.id));
        Ok(all)
    }

    /// The tenant with this id; `None` if absent.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn tenant(&self, id: &str) -> Result<Option<Tenant>, EngineError> {
        Ok(self.tenants()?.into_iter().find(|tenant| tenant.id == id))
    }

    /// The revisions of the items with this id that a tenant may see, oldest first.
    ///
    /// # Errors
    /// When the records cannot be read, or there is no such tenant.
    pub fn revisions(&self, item: &str, tenant: &str) -> Result<Vec<Revision>, EngineError> {
        let lineage = self.block_on(self.registry.lineage(tenant))?;
        self.block_on(self.registry.revisions(item, &lineage))
    }
}
