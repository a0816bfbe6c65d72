//! What is wrong with an input, and where: for the person who can mend it.
//!
//! Loaders never stop at the first fault. They return what they could read together with every
//! [`Problem`] found, each naming file, line, subject, path, the value got and what was expected.

use std::cmp::Reverse;
use std::fmt;

use crate::evidence::Passage;
use crate::syntax::{Node, SyntaxError};

/// One thing wrong with an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether it spoils the value it stands on.
    pub severity: Severity,
    /// The file, as the caller named it.
    pub file: String,
    /// 1-based line, where it is known.
    pub line: Option<u32>,
    /// The enterprise, item or fact that is concerned.
    pub subject: Option<Subject>,
    /// Path inside the subject: `facts.employees`, `criteria.all[0].any[1]`.
    pub path: String,
    /// What is wrong.
    pub fault: Fault,
}

/// How bad a [`Problem`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; the value is used.
    Warning,
    /// The subject is refused.
    Error,
}

/// What a [`Problem`] is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An enterprise, by id.
    Enterprise(String),
    /// A policy item, by id.
    Item(String),
    /// An entry of the fact dictionary, by key.
    Fact(String),
}

/// The kinds of fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not well-formed.
    #[error("not well-formed: {0}")]
    Syntax(String),
    /// A value of the wrong type, form or range.
    #[error("got {got}, expected {expected}")]
    Expected {
        /// What was found.
        got: String,
        /// What should stand there.
        expected: String,
    },
    /// A required key is absent.
    #[error("`{0}` is missing")]
    MissingKey(String),
    /// A key that nothing reads.
    #[error("unknown key `{key}`, expected {expected}")]
    UnknownKey {
        /// The key found.
        key: String,
        /// The keys that are read here.
        expected: String,
    },
    /// A place that criteria do not have.
    #[error("no place `{path}`{}, expected {places}", suggestion.as_ref().map(|s| format!(" (did you mean `{s}`?)")).unwrap_or_default())]
    UnknownPlace {
        /// The path found.
        path: String,
        /// The nearest place there is.
        suggestion: Option<String>,
        /// The places there are.
        places: String,
    },
    /// A fact that the dictionary does not have.
    #[error("unknown fact `{key}`{}", suggestion.as_ref().map(|s| format!(", did you mean `{s}`?")).unwrap_or_default())]
    UnknownFact {
        /// The key found.
        key: String,
        /// The nearest key of the dictionary.
        suggestion: Option<String>,
    },
    /// A tag or text that the fact's controlled list does not have.
    #[error("`{value}` is not in the list of `{fact}`{}", suggestion.as_ref().map(|s| format!(", did you mean `{s}`?")).unwrap_or_default())]
    UnknownValue {
        /// The fact.
        fact: String,
        /// The value found.
        value: String,
        /// The nearest value of the list.
        suggestion: Option<String>,
    },
    /// A code of the right form that its table does not have.
    #[error("code `{code}` is not in {table}")]
    UnknownCode {
        /// The code found.
        code: String,
        /// The table's name.
        table: &'static str,
    },
    /// An operator that does not fit the fact's type.
    #[error("operator `{operator}` does not fit `{fact}` of type {kind}, expected {expected}")]
    Operator {
        /// The operator found.
        operator: String,
        /// The fact.
        fact: String,
        /// The fact's type.
        kind: &'static str,
        /// Operators that fit.
        expected: &'static str,
    },
    /// A range whose ends leave no value.
    #[error("range from {low} to {high} holds no value")]
    EmptyRange {
        /// Lower end.
        low: String,
        /// Upper end.
        high: String,
    },
    /// A value outside the dictionary's bounds.
    #[error("{value} is outside {bounds}")]
    OutOfBounds {
        /// The value found.
        value: String,
        /// The bounds, in words.
        bounds: String,
    },
    /// A tag both held and lacked.
    #[error("tag `{0}` is in both `has` and `lacks`")]
    Contradiction(String),
    /// An id used twice.
    #[error("id `{0}` was already used{1}")]
    Repeated(String, String),
    /// A reference to something that is not there.
    #[error("{what} `{id}` is not known")]
    Dangling {
        /// What the reference is: excludes, relation.
        what: &'static str,
        /// The id named.
        id: String,
    },
    /// A fact given although its rule says otherwise.
    #[error("given as {given}, but its rule gives {derived}")]
    Disagrees {
        /// What the profile says.
        given: String,
        /// What the rule says.
        derived: String,
    },
    /// A quote that the document's text does not hold.
    #[error("quote `{quote}` is not in document `{document}`{}", like.as_ref().map_or_else(|| ", nor is anything like it".to_owned(), |like| format!("; most like it is {like}")))]
    QuoteNotFound {
        /// The quote.
        quote: String,
        /// Id of the document.
        document: String,
        /// The part of the document most like it, where any is.
        like: Option<Passage>,
    },
    /// A quote that the document holds, but not in the clause that the criterion cites.
    #[error("quote `{quote}` stands in `{found}` of document `{document}`, not in `{cited}`")]
    QuoteElsewhere {
        /// The quote.
        quote: String,
        /// Id of the document.
        document: String,
        /// The clause that the criterion cites.
        cited: String,
        /// The clause that holds it.
        found: String,
    },
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        f.write_str(": ")?;
        match &self.subject {
            Some(Subject::Enterprise(id)) => write!(f, "enterprise `{id}`: ")?,
            Some(Subject::Item(id)) => write!(f, "item `{id}`: ")?,
            Some(Subject::Fact(key)) => write!(f, "fact `{key}`: ")?,
            None => {}
        }
        match self.path.strip_prefix("facts.") {
            Some(fact) => write!(f, "fact `{fact}`: ")?,
            None if self.path.is_empty() => {}
            None => write!(f, "at `{}`: ", self.path)?,
        }
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        write!(f, "{}", self.fault)
    }
}

/// Collects the problems of one file while it is read.
#[derive(Clone, Debug)]
pub struct Report {
    file: String,
    subject: Option<Subject>,
    /// Everything found so far, in reading order.
    pub problems: Vec<Problem>,
}

impl Report {
    /// A report on `file`, named as the person who runs the program named it.
    pub fn new(file: &str) -> Self {
        Self { file: file.to_owned(), subject: None, problems: Vec::new() }
    }

    /// What the following problems are about.
    pub fn about(&mut self, subject: Option<Subject>) {
        self.subject = subject;
    }

    /// Records an error on `line` at `path`.
    pub fn error(&mut self, line: u32, path: &str, fault: Fault) {
        self.push(Severity::Error, Some(line), path, fault);
    }

    /// Records a warning on `line` at `path`.
    pub fn warn(&mut self, line: u32, path: &str, fault: Fault) {
        self.push(Severity::Warning, Some(line), path, fault);
    }

    /// Records that `node` is not what was `expected`.
    pub fn expected(&mut self, node: &Node, path: &str, expected: impl Into<String>) {
        self.error(node.line, path, Fault::Expected { got: node.describe(), expected: expected.into() });
    }

    /// Records that the file is not well-formed.
    pub fn syntax(&mut self, error: SyntaxError) {
        self.subject = None;
        self.error(error.line, "", Fault::Syntax(error.message));
    }

    /// How many errors (not warnings) there are so far.
    pub fn errors(&self) -> usize {
        self.problems.iter().filter(|problem| problem.severity == Severity::Error).count()
    }

    fn push(&mut self, severity: Severity, line: Option<u32>, path: &str, fault: Fault) {
        self.problems.push(Problem {
            severity,
            file: self.file.clone(),
            line: line.filter(|&line| line > 0),
            subject: self.subject.clone(),
            path: path.to_owned(),
            fault,
        });
    }
}

/// The member of `known` nearest to `word`, when it is near enough to be meant. Of two equally near, the
/// one that shares more characters: 高新企业 means 高新技术企业 and not 软件企业.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let length = word.chars().count();
    let shared = |candidate: &str| word.chars().filter(|&c| candidate.contains(c)).count();
    known
        .map(|candidate| (distance(word, candidate), Reverse(shared(candidate)), candidate))
        .filter(|(distance, _, candidate)| *distance <= 1 + length.min(candidate.chars().count()) / 4)
        .min()
        .map(|(.., candidate)| candidate.to_owned())
}

/// Levenshtein distance in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = Vec::with_capacity(row.len());
        next.push(left);
        for (y, up) in b.iter().zip(row.iter().skip(1)) {
            let cost = (diagonal + usize::from(x != *y)).min(up + 1).min(left + 1);
            diagonal = *up;
            left = cost;
            next.push(cost);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_only_what_is_near() {
        let known = ["employees", "revenue", "registered_region"];
        assert_eq!(nearest("employes", known.into_iter()).as_deref(), Some("employees"));
        assert_eq!(
            nearest("高新企业", ["高新技术企业", "软件企业"].into_iter()).as_deref(),
            Some("高新技术企业")
        );
        assert_eq!(nearest("zzz", known.into_iter()), None);
    }

    #[test]
    fn reads_as_a_sentence() {
        let mut report = Report::new("profiles.jsonl");
        report.about(Some(Subject::Enterprise("9131".into())));
        let fault = Fault::Expected { got: "text `八十六`".into(), expected: "an integer".into() };
        report.error(17, "facts.employees", fault);
        assert_eq!(
            report.problems[0].to_string(),
            "profiles.jsonl:17: enterprise `9131`: fact `employees`: got text `八十六`, expected an integer"
        );
    }
}
