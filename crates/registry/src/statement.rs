//! Parser of this crate's write statements: the table, and the affected records.
//!
//! Statements are this crate's own and of few forms, so parsing them is simple; one of another form is refused, and with it
//! the unit of work, so that every write is accounted for in the audit.

use crate::store::Value;

/// A write statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Statement {
    /// `INSERT INTO table (columns) VALUES …`
    Insert {
        table: String,
        columns: Vec<String>,
        /// The key for replacing an older record: `ON CONFLICT (key) DO UPDATE …`; empty without the clause.
        replaced: Vec<String>,
    },
    /// `UPDATE table SET … WHERE condition`
    Update { table: String, condition: String },
    /// `DELETE FROM table WHERE condition`
    Delete { table: String, condition: String },
}

impl Statement {
    /// Parses a statement; `None` if its form is unknown.
    pub(crate) fn read(sql: &str) -> Option<Self> {
        if let Some(rest) = sql.strip_prefix("INSERT INTO ") {
            let (table, rest) = rest.split_once(" (")?;
            let (columns, rest) = rest.split_once(") VALUES ")?;
            let replaced = match rest.split_once(" ON CONFLICT (") {
                None => Vec::new(),
                Some((_, conflict)) => match conflict.split_once(") DO ")? {
                    (_, "NOTHING") => Vec::new(),
                    (key, then) if then.starts_with("UPDATE SET ") => names(key),
                    _ => return None,
                },
            };
            return Some(Self::Insert { table: table.to_owned(), columns: names(columns), replaced });
        }
        let (is_update, rest) = match sql.strip_prefix("UPDATE ") {
            Some(rest) => (true, rest),
            None => (false, sql.strip_prefix("DELETE FROM ")?),
        };
        let (head, condition) = rest.split_once(" WHERE ")?;
        let (table, set) = head.split_once(' ').unwrap_or((head, ""));
        if is_update != set.starts_with("SET ") {
            return None;
        }
        let (table, condition) = (table.to_owned(), condition.to_owned());
        Some(if is_update { Self::Update { table, condition } } else { Self::Delete { table, condition } })
    }

    /// The table written.
    pub(crate) fn table(&self) -> &str {
        match self {
            Self::Insert { table, .. } | Self::Update { table, .. } | Self::Delete { table, .. } => table,
        }
    }
}

fn names(list: &str) -> Vec<String> {
    list.split(',').map(|name| name.trim().to_owned()).collect()
}

/// Ids named in one query: few enough for every database's limit of parameters.
pub(crate) const IDS_PER_QUERY: usize = 500;

/// Placeholders `$2, $3, …`: `many` parameters from number `first` on.
pub(crate) fn placeholders(first: usize, many: usize) -> String {
    (first..first + many).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ")
}

/// A condition on its own: its placeholders count from `$1` again, and only its own values are kept.
pub(crate) fn renumber_placeholders(condition: &str, values: &[Value]) -> (String, Vec<Value>) {
    let mut parts = condition.split('$');
    let (mut text, mut left) = (parts.next().unwrap_or_default().to_owned(), Vec::new());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        left.extend(number.parse::<usize>().ok().and_then(|at| values.get(at.wrapping_sub(1))).cloned());
        text.push_str(&format!("${}{rest}", left.len()));
    }
    (text, left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::values;

    #[test]
    fn unsupported_statements_are_refused() {
        let insert = |sql| match Statement::read(sql) {
            Some(Statement::Insert { columns, replaced, .. }) => Some((columns.len(), replaced.len())),
            _ => None,
        };
        assert_eq!(insert("INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4)"), Some((2, 0)));
        assert_eq!(insert("INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (a) DO NOTHING"), Some((2, 0)));
        let upsert = "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (a, b) DO UPDATE SET b = excluded.b";
        assert_eq!(insert(upsert), Some((2, 2)));
        let update = Statement::read("UPDATE t SET a = CASE WHEN b THEN 1 ELSE 2 END WHERE c = $2").unwrap();
        assert_eq!(update, Statement::Update { table: "t".into(), condition: "c = $2".into() });
        for other in ["DELETE FROM t", "DROP TABLE t", "UPDATE t SET a = 1", "REPLACE INTO t (a) VALUES (1)"]
        {
            assert_eq!(Statement::read(other), None, "{other}");
        }
    }

    #[test]
    fn conditions_renumber_their_placeholders() {
        let (text, left) = renumber_placeholders(
            "a = $3 AND b IN ($2, $3)",
            &[Value::from(1), Value::from(2), Value::from(3)],
        );
        assert_eq!((text.as_str(), left), ("a = $1 AND b IN ($2, $3)", values![3, 2, 3]));
    }
}
