//! Receipts signed by this installation and kept in the records.

use zhaoren_registry::{ReceiptRecord, WriteContext};

use crate::error::EngineError;
use crate::receipt::{Receipt, SIGNATURE_DOMAIN, Signature};
use crate::records::Records;

impl Records {
    /// The public key of this installation; `None` without a signing key.
    pub fn public_key(&self) -> Option<String> {
        self.registry.public_key()
    }

    /// Signs a receipt with the key of this installation.
    #[must_use]
    pub fn sign_receipt(&self, mut receipt: Receipt) -> Receipt {
        receipt.signature =
            self.registry.sign(SIGNATURE_DOMAIN, &receipt.id).map(|(key, value)| Signature { key, value });
        receipt
    }

    /// Stores receipts, so that earlier answers can be looked up.
    ///
    /// # Errors
    /// When the records cannot be written.
    pub fn keep_receipts(&self, act: &WriteContext<'_>, receipts: &[Receipt]) -> Result<(), EngineError> {
        let record = |one: &Receipt| {
            let body = serde_json::to_string(one).map_err(|error| unreadable(&one.id, &error))?;
            Ok(ReceiptRecord {
                id: one.id.clone(),
                enterprise: one.profile.id.clone(),
                as_of: one.as_of.to_string(),
                rules: one.rules.clone(),
                result: one.result.clone(),
                body,
            })
        };
        let records = receipts.iter().map(record).collect::<Result<Vec<_>, EngineError>>()?;
        self.block_on(self.registry.keep_receipts(act, &records))
    }

    /// Finds a receipt of a tenant by id; the empty tenant is the operator, and `None` searches all.
    ///
    /// # Errors
    /// When the records or the receipt in them cannot be read.
    pub fn receipt(&self, tenant: Option<&str>, id: &str) -> Result<Option<Receipt>, EngineError> {
        self.block_on(self.registry.receipt(tenant, id))?.map(|record| receipt(&record)).transpose()
    }

    /// The receipts of an enterprise, oldest first.
    ///
    /// # Errors
    /// When the records or one of the receipts in them cannot be read.
    pub fn receipts_of(&self, tenant: &str, enterprise: &str) -> Result<Vec<Receipt>, EngineError> {
        let records = self.block_on(self.registry.receipts_of(tenant, enterprise))?;
        records.iter().map(receipt).collect()
    }
}

fn receipt(record: &ReceiptRecord) -> Result<Receipt, EngineError> {
    serde_json::from_str(&record.body).map_err(|error| unreadable(&record.id, &error))
}

fn unreadable(id: &str, error: &serde_json::Error) -> EngineError {
    EngineError::Unreadable { what: "判定凭据", id: id.to_owned(), why: error.to_string() }
}
