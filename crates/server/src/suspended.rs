//! Channels on which sending is suspended, because their receiver fails (circuit open).

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use zhaoren_console::Suspension;
use zhaoren_engine::{EngineError, Moment, Principal, Records, Role};

/// SuspendedChannel channels of this server, by name.
#[derive(Debug, Default)]
pub(crate) struct SuspendedChannels(Mutex<BTreeMap<String, SuspendedChannel>>);

#[derive(Clone, Debug)]
struct SuspendedChannel {
    tenant: String,
    since: Moment,
    error: String,
}

impl SuspendedChannels {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, SuspendedChannel>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a channel of a tenant was suspended at a moment, with the error behind it.
    pub(crate) fn suspend(&self, channel: &str, tenant: &str, since: Moment, error: &str) {
        let one = SuspendedChannel { tenant: tenant.to_owned(), since, error: error.to_owned() };
        self.all().insert(channel.to_owned(), one);
    }

    /// Notes that a channel sends again.
    pub(crate) fn resume(&self, channel: &str) {
        self.all().remove(channel);
    }

    /// Number of suspended channels.
    pub(crate) fn count(&self) -> usize {
        self.all().len()
    }

    /// SuspendedChannel channels that `who` may see, with the number of messages that wait.
    ///
    /// # Errors
    /// The records cannot be read.
    pub(crate) fn of(&self, who: &Principal, records: &Records) -> Result<Vec<Suspension>, EngineError> {
        let sees_all = who.tenant.is_empty() && who.role == Role::Administrator;
        let mut seen = self.all().clone();
        seen.retain(|_, one| sees_all || one.tenant == who.tenant);
        let shown = seen.into_iter().map(|(channel, one)| {
            let waiting = records.waiting_messages(&one.tenant, &channel)?;
            Ok(Suspension { channel, since: one.since, error: one.error, waiting })
        });
        shown.collect()
    }
}
