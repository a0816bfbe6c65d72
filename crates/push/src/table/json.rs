//! Reads profiles in JSON Lines and JSON as rows.

use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::{Fault, Problem, Report, Severity};
use zhaoren_policy::profile::{Profile, Strictness};
use zhaoren_policy::syntax::{self, Node, Tree};

use super::reason::{reason, reason_at};
use super::rows::shortened;
use super::text::{Encoding, UNDECODABLE};
use super::{Reject, Rows, Warning};

/// Reader of the profiles of one file.
pub(crate) struct ProfileReader<'a> {
    pub(crate) file: &'a str,
    pub(crate) dictionary: &'a FactDictionary,
    pub(crate) strictness: Strictness,
    /// Profiles read so far, each with its row.
    pub(crate) profiles: Vec<(u64, Profile)>,
}

impl ProfileReader<'_> {
    /// Reads a line; its faults are added to `rows`.
    pub(crate) fn line(&mut self, number: u64, bytes: &[u8], encoding: Encoding, rows: &mut Rows) {
        let text = encoding.decode(bytes);
        let Some(text) = text.filter(|text| !encoding.was_broken(text)) else {
            return self.refuse(number, String::from_utf8_lossy(bytes).trim(), UNDECODABLE.to_owned(), rows);
        };
        match syntax::json_at(text.trim(), u32::try_from(number).unwrap_or(u32::MAX)) {
            Ok(node) => self.profile(number, &node, rows),
            Err(error) => self.refuse(number, text.trim(), reason(&Fault::Syntax(error.message), None), rows),
        }
    }

    /// Reads a profile; its faults are added to `rows`.
    pub(crate) fn profile(&mut self, number: u64, node: &Node, rows: &mut Rows) {
        let mut report = Report::new(self.file);
        if let Some(profile) = Profile::read_with(node, self.dictionary, self.strictness, &mut report) {
            for problem in &report.problems {
                let (kind, path) = (problem.fault.kind(), path(problem));
                rows.warn(kind, || Warning {
                    file: self.file.to_owned(),
                    row: number,
                    id: profile.id.clone(),
                    value: value(node, &path),
                    kind,
                    reason: reason_at(problem, self.fact(problem)),
                    column: path,
                });
            }
            self.profiles.push((number, profile));
            return;
        }
        rows.rejected += 1;
        let id = node.get("id").and_then(Node::text).unwrap_or_default();
        for problem in report.problems.iter().filter(|one| one.severity == Severity::Error) {
            let path = path(problem);
            rows.rejects.push(Reject {
                file: self.file.to_owned(),
                row: number,
                id: id.to_owned(),
                value: value(node, &path),
                column: path,
                reason: reason_at(problem, self.fact(problem)),
            });
        }
    }

    fn fact(&self, problem: &Problem) -> Option<&zhaoren_policy::fact::Fact> {
        self.dictionary.get(problem.path.strip_prefix("facts.")?.split(['.', '[']).next()?)
    }

    fn refuse(&self, row: u64, value: &str, reason: String, rows: &mut Rows) {
        rows.rejected += 1;
        rows.rejects.push(Reject {
            file: self.file.to_owned(),
            row,
            id: String::new(),
            column: String::new(),
            value: shortened(value),
            reason,
        });
    }
}

/// Path of the value that a problem is about. That of an unknown fact is reported at the facts as a whole.
fn path(problem: &Problem) -> String {
    match &problem.fault {
        Fault::UnknownFact { key, .. } => format!("{}.{key}", problem.path),
        _ => problem.path.clone(),
    }
}

/// Text of the value that a problem is about, as written in the profile.
fn value(node: &Node, path: &str) -> String {
    let node = if path.is_empty() { None } else { node.at(path) };
    match node.map(|node| &node.value) {
        None => String::new(),
        Some(Tree::Text(text) | Tree::Number(text)) => shortened(text),
        Some(_) => shortened(&node.map(|node| node.to_json().to_string()).unwrap_or_default()),
    }
}

/// Profiles of a JSON file: one, a list, or `{"profiles": […]}`.
pub(crate) fn profiles(text: &str) -> Result<Vec<Node>, syntax::SyntaxError> {
    let node = syntax::json(text)?;
    let listed = match node.get("profiles").map(|inner| &inner.value) {
        Some(Tree::List(list)) => Some(list.clone()),
        _ => None,
    };
    Ok(match (node, listed) {
        (_, Some(list)) | (Node { value: Tree::List(list), .. }, None) => list,
        (node, None) => vec![node],
    })
}
