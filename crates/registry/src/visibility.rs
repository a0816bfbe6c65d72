//! SQL conditions for the items that a tenant sees.

use crate::statement::placeholders;
use crate::store::Value;

/// SQL condition for shared items and items of `lineage`, whose parameters begin with number `first`.
pub(crate) fn visible_to(first: usize, lineage: &[String]) -> String {
    let more =
        if lineage.is_empty() { String::new() } else { format!(", {}", placeholders(first, lineage.len())) };
    format!("tenant IN (''{more})")
}

/// Parameters with those of [`visible_to`] at the end.
pub(crate) fn with_lineage(mut values: Vec<Value>, lineage: &[String]) -> Vec<Value> {
    values.extend(lineage.iter().map(Value::from));
    values
}
