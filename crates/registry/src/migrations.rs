//! The SQL migrations of both databases, in the program itself.
//!
//! The files are listed here rather than by the macro of `sqlx`, which compiles the whole of `sqlx`, SQLite included, a
//! second time for the compiler's use. A database stores a checksum of each migration that it has run: a published file
//! never changes, not even in its comments.

use std::sync::LazyLock;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

type File = (i64, &'static str, &'static str);

/// Both lists of files: version, description and text of each migration. The two folders have files of the same names.
macro_rules! files {
    ($($number:literal $name:literal,)+) => {
        const SQLITE_FILES: &[File] = &[$(migration_file!("sqlite", $number, $name)),+];
        const POSTGRES_FILES: &[File] = &[$(migration_file!("postgres", $number, $name)),+];
    };
}

macro_rules! migration_file {
    ($folder:literal, $number:literal, $name:literal) => {
        (
            $number,
            $name,
            include_str!(concat!("../migrations/", $folder, "/000", $number, "_", $name, ".sql")),
        )
    };
}

files! {
    1 "documents_and_items",
    2 "records",
    3 "messages",
    4 "reasons",
    5 "maybe_told",
    6 "audit_of_all_records",
    7 "holders_and_item_ids",
    8 "readings_and_corrections",
    9 "tenant_facts",
}

/// Migrations of a SQLite file.
pub(crate) static SQLITE: LazyLock<Migrator> = LazyLock::new(|| migrator(SQLITE_FILES));
/// Migrations of a PostgreSQL database.
pub(crate) static POSTGRES: LazyLock<Migrator> = LazyLock::new(|| migrator(POSTGRES_FILES));

fn migrator(files: &[File]) -> Migrator {
    let migration = |(version, name, sql): &File| {
        let description = name.replace('_', " ").into();
        Migration::new(*version, description, MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(files.iter().map(migration).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each file of the two folders is listed, in order and with its own text.
    #[test]
    fn all_files_are_listed() {
        for (folder, files) in [("sqlite", SQLITE_FILES), ("postgres", POSTGRES_FILES)] {
            let folder = format!("{}/migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
            let mut found: Vec<String> = std::fs::read_dir(&folder)
                .unwrap()
                .map(|file| file.unwrap().file_name().into_string().unwrap())
                .collect();
            found.sort();
            let listed: Vec<String> =
                files.iter().map(|(number, name, _)| format!("{number:04}_{name}.sql")).collect();
            assert_eq!(found, listed);
            for (name, (.., text)) in found.iter().zip(files) {
                assert_eq!(std::fs::read_to_string(format!("{folder}/{name}")).unwrap(), *text);
                assert!(!text.starts_with("-- no-transaction"), "{name} is run in a transaction");
            }
        }
    }
}
