//! The audit of the records: read, verified, and accepted after an investigation.

use serde_json::Value as Json;
use zhaoren_registry::{
    AuditCheck, AuditFilter, AuditHead, AuditLine, Correction, Moment, VERIFY_ACTION, WriteContext,
};

use crate::error::EngineError;
use crate::records::Records;

/// Result of the last audit check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastCheck {
    /// Time.
    pub at: Moment,
    /// Number of lines of the chain.
    pub lines: u64,
    /// Number of records compared.
    pub records: u64,
    /// Number of faults.
    pub faults: u64,
}

impl Records {
    /// Audit lines after number `after`, at most `limit`; only those of `tenant` if given.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn audit(
        &self,
        after: i64,
        limit: usize,
        tenant: Option<&str>,
    ) -> Result<Vec<AuditLine>, EngineError> {
        self.block_on(self.registry.audit(after, limit, tenant))
    }

    /// Verifies the audit chain and every record it covers. With `head`, a line with this digest has to exist: this also
    /// detects truncation at the end.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn verify_audit(&self, head: Option<&str>) -> Result<AuditCheck, EngineError> {
        self.block_on(self.registry.verify(head))
    }

    /// The latest audit lines before number `before`, last first; at most `limit`.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn audit_before(
        &self,
        before: Option<i64>,
        limit: usize,
        filter: &AuditFilter,
    ) -> Result<Vec<AuditLine>, EngineError> {
        self.block_on(self.registry.audit_before(before, limit, filter))
    }

    /// Verifies like [`Records::verify_audit`], and records the check in the audit.
    ///
    /// # Errors
    /// When the records cannot be read or written.
    pub fn check_audit(&self, act: &WriteContext<'_>, head: Option<&str>) -> Result<AuditCheck, EngineError> {
        self.block_on(self.registry.check(act, head))
    }

    /// The last recorded check: its line, and its number of faults. `None` without one.
    ///
    /// # Errors
    /// When the records or that line cannot be read.
    pub fn last_check(&self) -> Result<Option<LastCheck>, EngineError> {
        let filter = AuditFilter { action: VERIFY_ACTION.to_owned(), ..AuditFilter::default() };
        let line = self.block_on(self.registry.audit_before(None, 1, &filter))?.pop();
        let Some(line) = line else { return Ok(None) };
        let unreadable =
            |why: String| EngineError::Unreadable { what: "审计行", id: line.seq.to_string(), why };
        let detail: Json =
            serde_json::from_str(&line.detail).map_err(|error| unreadable(error.to_string()))?;
        let number = |key: &str| {
            let found = detail.get(key).and_then(Json::as_u64);
            found.ok_or_else(|| unreadable(format!("`{key}` 应为非负整数")))
        };
        let (lines, records, faults) = (number("lines")?, number("records")?, number("faults")?);
        Ok(Some(LastCheck { at: Moment(line.at), lines, records, faults }))
    }

    /// The last line of the audit, to be kept elsewhere; `None` for an empty audit.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn audit_head(&self) -> Result<Option<AuditHead>, EngineError> {
        self.block_on(self.registry.audit_head())
    }

    /// Accepts the records as they are for the audit, after an operator has investigated its faults; `why` is recorded in
    /// the line.
    ///
    /// # Errors
    /// When the records cannot be written.
    pub fn accept_records(&self, act: &WriteContext<'_>, why: &str) -> Result<(), EngineError> {
        self.block_on(self.registry.accept_current_state(act, why))
    }

    /// Corrects timestamps later than now, left by a wrong clock.
    ///
    /// # Errors
    /// When the records cannot be written, or no timestamp needs a correction.
    pub fn accept_clock(&self, act: &WriteContext<'_>) -> Result<Vec<Correction>, EngineError> {
        self.block_on(self.registry.accept_clock(act))
    }

    /// Warning if a record has a timestamp later than now; nothing can be written then.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn clock_warning(&self, now: Moment) -> Result<Option<String>, EngineError> {
        let last = self.block_on(self.registry.last_write_time())?;
        Ok(now.check_after(last).err().map(|error| error.to_string()))
    }
}
