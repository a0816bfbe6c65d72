//! Chinese full-text index of documents, items and clauses.
