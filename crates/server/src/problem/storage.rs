//! Temporary failures of the storage: reported as such, with a delay after which to retry, instead of as internal
//! errors.

use std::error::Error;
use std::io::ErrorKind;

use zhaoren_engine::RegistryError;

use super::{Code, Problem};

/// Fragments of error messages of SQLite, PostgreSQL and the file system, and their codes.
const MESSAGES: [(&str, Code); 13] = [
    ("database is locked", Code::Locked),
    ("database table is locked", Code::Locked),
    ("database schema is locked", Code::Locked),
    ("lock timeout", Code::Locked),
    ("deadlock detected", Code::Locked),
    ("pool timed out", Code::Locked),
    ("database or disk is full", Code::StorageFull),
    ("No space left on device", Code::StorageFull),
    ("could not extend file", Code::StorageFull),
    ("attempt to write a readonly database", Code::ReadOnly),
    ("in a read-only transaction", Code::ReadOnly),
    ("Read-only file system", Code::ReadOnly),
    ("unable to open database file", Code::ReadOnly),
];

/// Problem of a storage that cannot be written for now, if `error` or one of its sources says so.
pub(super) fn transient(error: &(dyn Error + 'static)) -> Option<Problem> {
    let mut at = Some(error);
    while let Some(one) = at {
        if let Some(code) = code(one) {
            return Some(transient_problem(code, error));
        }
        at = one.source();
    }
    None
}

/// Problem of a registry that cannot be written for now, if `error` says so.
pub(super) fn transient_registry(error: &RegistryError) -> Option<Problem> {
    let code = match error {
        RegistryError::Busy => Code::Locked,
        RegistryError::DiskFull => Code::StorageFull,
        RegistryError::ReadOnly => Code::ReadOnly,
        _ => return None,
    };
    Some(transient_problem(code, error))
}

fn transient_problem(code: Code, error: &dyn Error) -> Problem {
    let (detail, seconds) = match code {
        Code::Locked => ("登记库正被另一个写入者占用，未写入，请稍后再试", 2),
        Code::StorageFull => ("存储空间不足，未写入；请联系运维人员腾出空间", 60),
        _ => ("数据目录或数据库目前只能读取，未写入；请联系运维人员", 60),
    };
    // The details may contain paths, so only the log has them.
    tracing::warn!(%error, code = code.name(), "the storage cannot be written");
    Problem::new(code, detail).retry_after(seconds)
}

fn code(error: &(dyn Error + 'static)) -> Option<Code> {
    if let Some(error) = error.downcast_ref::<std::io::Error>() {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => return Some(Code::StorageFull),
            ErrorKind::ReadOnlyFilesystem => return Some(Code::ReadOnly),
            _ => {}
        }
    }
    let text = error.to_string();
    MESSAGES.iter().find(|(message, _)| text.contains(message)).map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outside")]
    struct Outside(#[source] std::io::Error);

    /// A full disk, a locked registry and a read-only one are distinguished from an internal error.
    #[test]
    fn transient_errors_are_recognised_in_any_cause() {
        for (error, code) in [
            (std::io::Error::from(ErrorKind::StorageFull), Some(Code::StorageFull)),
            (std::io::Error::from(ErrorKind::ReadOnlyFilesystem), Some(Code::ReadOnly)),
            (std::io::Error::other("(code: 5) database is locked"), Some(Code::Locked)),
            (std::io::Error::other("canceling statement due to lock timeout"), Some(Code::Locked)),
            (std::io::Error::other("(code: 13) database or disk is full"), Some(Code::StorageFull)),
            (std::io::Error::other("attempt to write a readonly database"), Some(Code::ReadOnly)),
            (std::io::Error::other("no such table"), None),
        ] {
            let found =
                transient(&Outside(error)).map(|problem| (problem.code, problem.retry_after.is_some()));
            assert_eq!(found, code.map(|code| (code, true)));
        }
    }
}
