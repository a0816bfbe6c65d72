//! Reader of profiles in JSON and JSON Lines.

use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::id::enterprise_id;
use zhaoren_policy::problem::{Fault, Problem, Report};
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax::{self, Node, Tree};
use zhaoren_policy::view::View;

use crate::body::{Body, LOST};
use crate::enterprise_id::EnterpriseId;

/// Result of reading a profile file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadProfiles {
    /// The valid profiles, in reading order.
    pub profiles: Vec<Profile>,
    /// All problems; an error refuses its profile.
    pub problems: Vec<Problem>,
    /// True if the form of the file allows several profiles: JSON Lines, a list, or `{"profiles": […]}`.
    pub allows_several: bool,
}

/// Reads one profile, a list of them, `{"profiles": […]}`, or JSON Lines.
///
/// JSON Lines are recognised by the file name, or by a complete first line or a second line that begins a second object.
pub fn read_profiles(bytes: &[u8], name: &str, dictionary: &FactDictionary, strict: bool) -> ReadProfiles {
    read_profiles_of(&Body::decode(bytes), name, dictionary, strict)
}

/// Reads like [`read_profiles`] from a body that is read for something else too.
pub fn read_profiles_of(
    body: &Body<'_>,
    name: &str,
    dictionary: &FactDictionary,
    strict: bool,
) -> ReadProfiles {
    let mut profiles = Vec::new();
    let (problems, several) =
        read_each(body, name, dictionary, strict, &mut |profile, _| profiles.push(profile));
    ReadProfiles { profiles, problems, allows_several: several }
}

/// Reads like [`read_profiles`], and passes each valid profile on with its node. Returns the problems, and true if the form
/// of the file allows several profiles.
pub(crate) fn read_each(
    body: &Body<'_>,
    name: &str,
    dictionary: &FactDictionary,
    strict: bool,
    found: &mut dyn FnMut(Profile, &Node),
) -> (Vec<Problem>, bool) {
    let (text, damaged) = (body.text(), body.is_damaged());
    let mut report = Report::new(name);
    let (mut sound, mut several) = (0_usize, false);
    let mut take = |node: &Node, report: &mut Report| {
        if let Some(profile) = Profile::read(node, dictionary, strict, report) {
            sound += 1;
            found(profile, node);
        }
    };
    if name.to_ascii_lowercase().ends_with(".jsonl") || is_lines(text) {
        several = true;
        for (line, row) in (1_u32..).zip(text.lines()).filter(|(_, row)| !row.trim().is_empty()) {
            if damaged && row.contains(LOST) {
                report.error(line, "", Fault::Other(UNDECODABLE.to_owned()));
                continue;
            }
            match syntax::json_at(row, line) {
                Ok(node) => take(&node, &mut report),
                Err(error) => report.syntax(error),
            }
        }
    } else if let Some(line) = (1_u32..).zip(text.lines()).find(|(_, row)| damaged && row.contains(LOST)) {
        report.error(line.0, "", Fault::Other(UNDECODABLE.to_owned()));
    } else {
        match body.json() {
            Ok(node) => match listed(node) {
                Some(list) => {
                    several = true;
                    list.iter().for_each(|node| take(node, &mut report));
                }
                None => take(node, &mut report),
            },
            Err(error) => report.syntax(error.clone()),
        }
    }
    if sound == 0 && report.problems.is_empty() {
        report.error(0, "", Fault::Other("the file holds no profile".to_owned()));
    }
    (report.problems, several)
}

/// Reads the profile under `key` of a JSON object. Without the key there are no profiles and no problems.
pub fn read_profile_in(bytes: &[u8], key: &str, name: &str, dictionary: &FactDictionary) -> ReadProfiles {
    let text = zhaoren_text::decode(bytes).text;
    let mut report = Report::new(name);
    let mut read = ReadProfiles::default();
    match syntax::json(&text) {
        Ok(node) => {
            if let Some(inner) = node.get(key).filter(|inner| !inner.is_null()) {
                read.node(inner, dictionary, false, &mut report);
            }
        }
        Err(error) => report.syntax(error),
    }
    read.problems = report.problems;
    read
}

/// Reads the profile on one line of JSON Lines; `None` if it has an error, which is then among the problems.
pub fn read_profile_line(
    bytes: &[u8],
    name: &str,
    line: u32,
    dictionary: &FactDictionary,
    strict: bool,
) -> (Option<Profile>, Vec<Problem>) {
    let body = Body::decode(bytes);
    let mut report = Report::new(name);
    if body.is_damaged() {
        report.error(line, "", Fault::Other(UNDECODABLE.to_owned()));
        return (None, report.problems);
    }
    let profile = match syntax::json_at(body.text(), line) {
        Ok(node) => Profile::read(&node, dictionary, strict, &mut report),
        Err(error) => {
            report.syntax(error);
            None
        }
    };
    (profile, report.problems)
}

const UNDECODABLE: &str = "有无法解码的字节，应为完整的 UTF-8、UTF-16 或 GB18030";

/// The JSON of the profile with this id, as in the input of [`read_profiles`].
pub fn profile_text(bytes: &[u8], id: &str) -> Option<String> {
    let text = zhaoren_text::decode(bytes).text;
    let is = |node: &Node| {
        node.get("id").and_then(Node::text).is_some_and(|own| enterprise_id(own).as_deref() == Ok(id))
    };
    if let Ok(node) = syntax::json(&text) {
        let Some(list) = listed(&node) else { return Some(text) };
        return list.iter().find(|node| is(node)).map(Node::json_text);
    }
    let rows = text.lines().filter(|row| !row.trim().is_empty());
    let mut rows = rows.filter(|row| syntax::json_at(row, 1).is_ok_and(|node| is(&node)));
    rows.next().map(str::to_owned)
}

impl ReadProfiles {
    fn node(&mut self, node: &Node, dictionary: &FactDictionary, strict: bool, report: &mut Report) {
        let list = match listed(node) {
            Some(list) => {
                self.allows_several = true;
                list
            }
            None => std::slice::from_ref(node),
        };
        for node in list {
            self.profiles.extend(Profile::read(node, dictionary, strict, report));
        }
    }
}

/// The profiles of a node that holds several: a list, or a list under `profiles`.
fn listed(node: &Node) -> Option<&[Node]> {
    match (&node.value, node.get("profiles").map(|inner| &inner.value)) {
        (Tree::List(list), _) | (_, Some(Tree::List(list))) => Some(list),
        _ => None,
    }
}

/// True if a text is JSON Lines, even with a broken line. A single JSON value is not: if the first line is a complete
/// object, nothing may follow it, and within a value `{` follows only a colon, a comma or a bracket.
fn is_lines(text: &str) -> bool {
    let mut rows = text.lines().map(str::trim).filter(|row| !row.is_empty());
    let (Some(first), Some(second)) = (rows.next(), rows.next()) else { return false };
    first.starts_with('{')
        && (second.starts_with('{') && !first.ends_with([':', ',', '['])
            || first.ends_with('}') && syntax::json_at(first, 1).is_ok())
}

/// A request body read as the profile of one enterprise.
#[derive(Clone, Debug, PartialEq)]
pub enum OneProfile {
    /// The profile, with its id added if it was omitted.
    Single(Vec<u8>),
    /// Several profiles, under `profiles`.
    Several(serde_json::Value),
    /// The profile of another enterprise.
    OtherId(serde_json::Value),
    /// No JSON object.
    NoObject,
}

/// Reads a body as the profile of the enterprise with this id, which the body may omit. Numbers keep their digits.
pub fn profile_with_id(bytes: &[u8], id: &str) -> OneProfile {
    let text = zhaoren_text::decode(bytes).text;
    let Ok(mut node) = syntax::json(&text) else { return OneProfile::NoObject };
    if let Some(several) = node.get("profiles") {
        return OneProfile::Several(several.to_json());
    }
    match node.get("id") {
        Some(own) if own.text().is_some_and(|own| EnterpriseId::of(id).is(own)) => {
            return OneProfile::Single(bytes.to_vec());
        }
        Some(other) if !other.is_null() => return OneProfile::OtherId(other.to_json()),
        _ => {}
    }
    let line = node.line;
    let Tree::Map(entries) = &mut node.value else { return OneProfile::NoObject };
    entries.retain(|(key, _)| key != "id");
    entries.insert(0, ("id".to_owned(), Node { value: Tree::Text(id.to_owned()), line }));
    OneProfile::Single(node.json_text().into_bytes())
}

/// Warnings on a profile as a whole: stated facts that contradict their derivation rule (the rule counts).
pub fn profile_warnings(
    profile: &Profile,
    dictionary: &FactDictionary,
    as_of: jiff::civil::Date,
) -> Vec<String> {
    let view = View::new(profile, dictionary, as_of);
    let lines = dictionary.iter().filter_map(|fact| {
        let (given, derived) = view.disagreement(fact)?;
        let fault =
            Fault::Disagrees { given: given.to_json().to_string(), derived: derived.to_json().to_string() };
        Some(format!("enterprise `{}`: fact `{}`: warning: {fault}", profile.id, fact.key))
    });
    lines.collect()
}
