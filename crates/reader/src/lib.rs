//! Policy text to outline and clauses.
