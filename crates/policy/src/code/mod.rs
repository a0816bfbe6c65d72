//! Code trees: regions (GB/T 2260) and industries (GB/T 4754-2017).
//!
//! A code is stored as a *key* in which "equal or below" is "starts with": trailing pairs of zeros of a region code are dropped
//! (`310000` is `31`), an industry code carries its section letter (`6513` is `I6513`).
//!
//! ```
//! use zhaoren_policy::code::{Code, CodeSystem};
//!
//! let code = |text| Code::parse(text, CodeSystem::Region).unwrap();
//! assert!(code("310104").is_within(&code("310000")));
//! assert!(!code("310000").is_within(&code("310104")));
//! ```

mod industry;
mod names;
pub mod reading;
mod region;
pub mod uscc;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use names::{CodeNames, names};

/// Code tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CodeSystem {
    /// GB/T 2260 divisions, with the nine-digit streets and twelve-digit communities below them.
    Region,
    /// GB/T 4754-2017: section letter, division, group, class.
    Industry,
}

impl CodeSystem {
    /// Name of the standard that lists the codes.
    pub fn table(self) -> &'static str {
        match self {
            Self::Region => "GB/T 2260",
            Self::Industry => "GB/T 4754-2017",
        }
    }
}

/// Code of one of the systems, at any of its levels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Code {
    key: String,
    system: CodeSystem,
}

impl Code {
    /// Reads a code of `system`; `None` if it does not have the system's form.
    ///
    /// Regions have 6, 9 or 12 digits. Industries are a section letter, or 2 to 4 digits with or without the letter of their
    /// section.
    pub fn parse(text: &str, system: CodeSystem) -> Option<Self> {
        let key = match system {
            CodeSystem::Region => region::key(text)?,
            CodeSystem::Industry => industry::key(text)?,
        };
        Some(Self { key, system })
    }

    /// True if this code equals `ancestor` or lies below it.
    pub fn is_within(&self, ancestor: &Code) -> bool {
        self.system == ancestor.system && self.key.starts_with(&ancestor.key)
    }

    /// Tree of this code.
    pub fn system(&self) -> CodeSystem {
        self.system
    }

    /// Prefix form in which "below" is "starts with".
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Codes that represent every possible relation of a code of this system to the codes in `mentioned`: each of them, each of
    /// their ancestors, and below each of those one code on no path to another, if there is one. The whole system is represented:
    /// two codes that no member of `mentioned` distinguishes have the same representative.
    pub fn representatives(mentioned: &[Code], system: CodeSystem) -> Vec<Code> {
        let keys = match system {
            CodeSystem::Region => region::representatives(mentioned.iter().map(Code::key)),
            CodeSystem::Industry => industry::representatives(mentioned.iter().map(Code::key)),
        };
        keys.into_iter().map(|key| Code { key, system }).collect()
    }
}

impl fmt::Display for Code {
    /// Formats the printed form: `310000`, `I6513`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.system {
            CodeSystem::Region => write!(f, "{:0<6}", self.key),
            CodeSystem::Industry => f.write_str(self.key.trim_start_matches(industry::UNLISTED)),
        }
    }
}

/// Relevant key prefixes: every member of `keys` and every ancestor of one, by `parent`.
fn with_ancestors<'a>(
    keys: impl Iterator<Item = &'a str>,
    parent: impl Fn(&str) -> Option<&str>,
) -> std::collections::BTreeSet<String> {
    let mut nodes = std::collections::BTreeSet::new();
    for key in keys {
        let mut at = Some(key);
        while let Some(key) = at {
            if !nodes.insert(key.to_owned()) {
                break;
            }
            at = parent(key);
        }
    }
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(text: &str) -> Code {
        Code::parse(text, CodeSystem::Region).unwrap()
    }

    fn industry(text: &str) -> Code {
        Code::parse(text, CodeSystem::Industry).unwrap()
    }

    #[test]
    fn zeros_at_the_end_mean_the_whole_region() {
        assert!(region("310104").is_within(&region("310000")));
        assert!(region("310104").is_within(&region("000000")));
        assert!(region("310104003").is_within(&region("310104")));
        assert!(!region("310000").is_within(&region("310104")));
        assert!(!region("320104").is_within(&region("310000")));
        assert!(
            region("310104000").is_within(&region("310104"))
                && region("310104").is_within(&region("310104000"))
        );
        assert_eq!(region("310000").to_string(), "310000");
        assert_eq!(region("000000").to_string(), "000000");
    }

    #[test]
    fn section_letters_are_optional() {
        assert_eq!(industry("I6513"), industry("6513"));
        assert!(industry("6513").is_within(&industry("I")));
        assert!(industry("I6513").is_within(&industry("65")));
        assert!(!industry("65").is_within(&industry("6513")));
        assert!(!industry("7291").is_within(&industry("R")));
        assert_eq!(industry("6513").to_string(), "I6513");
        assert_eq!(industry("99").to_string(), "99");
    }

    #[test]
    fn other_code_formats_are_refused() {
        for bad in ["", "31", "3101044", "上海市", "31010A"] {
            assert_eq!(Code::parse(bad, CodeSystem::Region), None, "{bad}");
        }
        for bad in ["", "6", "A65", "65133", "Z", "i6513 ", "软件"] {
            assert_eq!(Code::parse(bad, CodeSystem::Industry), None, "{bad}");
        }
    }

    #[test]
    fn representatives_distinguish_every_case() {
        let mentioned = [region("310104"), region("310000")];
        let codes = Code::representatives(&mentioned, CodeSystem::Region);
        // outside Shanghai, Shanghai itself, another district, Xuhui, a street of Xuhui
        assert!(codes.iter().any(|c| !c.is_within(&mentioned[1])));
        assert!(codes.iter().any(|c| c.is_within(&mentioned[1]) && !c.is_within(&mentioned[0])));
        assert!(codes.iter().any(|c| *c == mentioned[0]));
        assert!(codes.iter().any(|c| c.is_within(&mentioned[0]) && *c != mentioned[0]));
    }

    #[test]
    fn divisions_covered_by_their_groups_leave_only_themselves() {
        let mentioned: Vec<Code> = (0..10).map(|n| industry(&format!("65{n}"))).collect();
        let codes = Code::representatives(&mentioned, CodeSystem::Industry);
        let uncovered: Vec<&Code> = codes
            .iter()
            .filter(|c| c.is_within(&industry("65")) && !mentioned.iter().any(|m| c.is_within(m)))
            .collect();
        assert_eq!(uncovered, [&industry("65")]);
    }
}
