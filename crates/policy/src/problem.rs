//! Problems of an input with their positions, for the person who can correct it.
//!
//! Loaders never stop at the first fault. They return everything they could read together with every [`Problem`] found, each
//! naming file, line, subject, path, the value found and the expected content.

use std::cmp::Reverse;
use std::fmt::{self, Write as _};

use zhaoren_cancel::{poll, steps};

use crate::evidence::Passage;
use crate::id::{IdFault, IdSet, escape_invisible};
use crate::limits;
use crate::syntax::{Node, SyntaxError};
use crate::warning::WarningKind;

/// Problem of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Severity: whether the subject is refused.
    pub severity: Severity,
    /// File, as named by the caller.
    pub file: String,
    /// 1-based line, if known.
    pub line: Option<u32>,
    /// Enterprise, item or fact concerned.
    pub subject: Option<Subject>,
    /// Path inside the subject: `facts.employees`, `criteria.all[0].any[1]`.
    pub path: String,
    /// Kind of fault with its details.
    pub fault: Fault,
}

/// Severity of a [`Problem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The value is used nevertheless.
    Warning,
    /// The subject is refused.
    Error,
}

/// Subject of a [`Problem`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Enterprise, by id.
    Enterprise(String),
    /// Policy item, by id.
    Item(String),
    /// Entry of the fact dictionary, by key.
    Fact(String),
}

/// Kinds of fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Text that is not well-formed.
    #[error("not well-formed: {0}")]
    Syntax(String),
    /// Value of the wrong type, form or range.
    #[error("got {got}, expected {expected}")]
    Expected {
        /// Content found.
        got: String,
        /// Expected content.
        expected: String,
    },
    /// Missing required key.
    #[error("`{0}` is missing")]
    MissingKey(String),
    /// Unknown key.
    #[error("unknown key `{key}`, expected {expected}")]
    UnknownKey {
        /// Key found.
        key: String,
        /// Keys allowed here.
        expected: String,
    },
    /// Path that the criteria do not have.
    #[error("no place `{path}`{}, expected {places}", suggestion.as_ref().map(|s| format!(" (did you mean `{s}`?)")).unwrap_or_default())]
    UnknownPlace {
        /// Path found.
        path: String,
        /// Most similar existing path.
        suggestion: Option<String>,
        /// Existing paths.
        places: String,
    },
    /// Fact that the dictionary does not have.
    #[error("unknown fact `{key}`{}", suggestion.as_ref().map(|s| format!(", did you mean `{s}`?")).unwrap_or_default())]
    UnknownFact {
        /// Key found.
        key: String,
        /// Most similar key of the dictionary.
        suggestion: Option<String>,
    },
    /// Tag or text that the fact's controlled list does not have.
    #[error("`{value}` is not in the list of `{fact}`{}", suggestion.as_ref().map(|s| format!(", did you mean `{s}`?")).unwrap_or_default())]
    UnknownValue {
        /// Key of the fact.
        fact: String,
        /// Value found.
        value: String,
        /// Most similar value of the list.
        suggestion: Option<String>,
    },
    /// Well-formed code that its table does not have.
    #[error("code `{code}` is not in {table}")]
    UnknownCode {
        /// Code found.
        code: String,
        /// Name of the table.
        table: &'static str,
    },
    /// Operator that does not fit the fact's type.
    #[error("operator `{operator}` does not fit `{fact}` of type {kind}, expected {expected}")]
    Operator {
        /// Operator found.
        operator: String,
        /// Key of the fact.
        fact: String,
        /// Type of the fact.
        kind: &'static str,
        /// Operators that fit.
        expected: &'static str,
    },
    /// Range whose bounds leave no value.
    #[error("range from {low} to {high} holds no value")]
    EmptyRange {
        /// Lower bound.
        low: String,
        /// Upper bound.
        high: String,
    },
    /// Value outside the dictionary's bounds.
    #[error("{value} is outside {bounds}")]
    OutOfBounds {
        /// Value found.
        value: String,
        /// Bounds in words.
        bounds: String,
    },
    /// Tag both held and lacked.
    #[error("tag `{0}` is in both `has` and `lacks`")]
    Contradiction(String),
    /// Id used twice.
    #[error("id `{0}` was already used{1}")]
    Repeated(String, String),
    /// Reference to an object that does not exist.
    #[error("{what} `{id}` is not known")]
    Dangling {
        /// Kind of reference: excludes, relation.
        what: &'static str,
        /// Id that is named.
        id: String,
    },
    /// Given fact that contradicts its rule.
    #[error("given as {given}, but its rule gives {derived}")]
    Disagrees {
        /// Value in the profile.
        given: String,
        /// Value by the rule.
        derived: String,
    },
    /// Quote that the document's text does not contain.
    #[error("quote `{quote}` is not in document `{document}`{}", like.as_ref().map_or_else(|| ", nor is anything like it".to_owned(), |like| format!("; most like it is {like}")))]
    QuoteNotFound {
        /// Quote that was searched for.
        quote: String,
        /// Id of the document.
        document: String,
        /// Most similar passage of the document, if there is any.
        like: Option<Passage>,
    },
    /// Quote that the document contains, but not in the clause that the criterion cites.
    #[error("quote `{quote}` stands in `{found}` of document `{document}`, not in `{cited}`")]
    QuoteElsewhere {
        /// Quote that was searched for.
        quote: String,
        /// Id of the document.
        document: String,
        /// Clause that the criterion cites.
        cited: String,
        /// Clause that contains the quote.
        found: String,
    },
    /// Text that cannot be an id, or looks like another one.
    #[error("{0}")]
    Id(#[from] IdFault),
    /// Number of further problems of the same severity, beyond those that the report lists.
    #[error("另有 {0} 处问题未列出")]
    MoreProblems(usize),
    /// Doubt about a value of an enterprise, in Chinese: its interpretation, or why it is unknown.
    #[error("{1}")]
    Doubt(WarningKind, String),
    /// Any other fault, in words.
    #[error("{0}")]
    Other(String),
}

impl Fault {
    /// Kind of a warning of this fault about a value of an enterprise.
    pub fn kind(&self) -> WarningKind {
        match self {
            Self::Doubt(kind, _) => *kind,
            Self::UnknownFact { .. } => WarningKind::UnknownFact,
            Self::UnknownValue { .. } => WarningKind::UnknownWord,
            Self::UnknownCode { .. } => WarningKind::UnknownCode,
            Self::Expected { .. }
            | Self::UnknownKey { .. }
            | Self::MissingKey(_)
            | Self::EmptyRange { .. }
            | Self::OutOfBounds { .. }
            | Self::Contradiction(_) => WarningKind::Unreadable,
            _ => WarningKind::Other,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Quoted input must not control the terminal.
        let f = &mut Tame(out);
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

/// Writes control characters and those of writing direction as `\u{1b}`.
struct Tame<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl fmt::Write for Tame<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let wild = |letter: char| {
            (letter.is_control() && !matches!(letter, '\n' | '\t'))
                || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        for part in text.split_inclusive(wild) {
            match part.chars().next_back().filter(|letter| wild(*letter)) {
                Some(last) => {
                    self.0.write_str(part.strip_suffix(last).unwrap_or(part))?;
                    write!(self.0, "{}", last.escape_unicode())?;
                }
                None => self.0.write_str(part)?,
            }
        }
        Ok(())
    }
}

/// Collector of the problems of one file while it is read.
///
/// It lists at most [`limits::MAX_PROBLEMS`] of each severity. The others are counted in one last problem of that severity
/// ([`Fault::MoreProblems`]), so the validity of an input never depends on the number of problems.
#[derive(Clone, Debug)]
pub struct Report {
    file: String,
    subject: Option<Subject>,
    /// Listed problems in reading order, then those that count the unlisted ones.
    pub problems: Vec<Problem>,
    warnings: Count,
    errors: Count,
    /// Number of further words for which the most similar known one may be searched.
    suggestions: usize,
    /// Enterprises of the file.
    enterprises: IdSet,
}

/// Number of problems of one severity.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    found: usize,
    /// Position, from the end, of the problem that counts the unlisted ones: 1 is the last.
    unlisted: Option<usize>,
}

/// State of a [`Report`] at some moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

impl Report {
    /// Report on `file`, named as the user named it.
    pub fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            subject: None,
            problems: Vec::new(),
            warnings: Count::default(),
            errors: Count::default(),
            suggestions: limits::MAX_SUGGESTIONS,
            enterprises: IdSet::default(),
        }
    }

    /// Removes every problem, so that the report can be reused for the same file.
    pub fn clear(&mut self) {
        self.problems.clear();
        (self.warnings, self.errors) = (Count::default(), Count::default());
        self.suggestions = limits::MAX_SUGGESTIONS;
        self.enterprises = IdSet::default();
    }

    /// Records that the file has a profile of the enterprise `id`. The same enterprise may occur again.
    ///
    /// # Errors
    /// [`IdFault::LooksLike`] if an earlier, different id looks the same.
    pub(crate) fn enterprise(&mut self, id: &str) -> Result<(), IdFault> {
        self.enterprises.add(id).map(drop)
    }

    /// Position among the listed problems, as the start of the following ones.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.listed())
    }

    /// Listed problems found since `mark`.
    pub(crate) fn since(&mut self, mark: Mark) -> &mut [Problem] {
        let listed = self.listed();
        self.problems.get_mut(mark.0..listed).unwrap_or_default()
    }

    /// Number of problems listed individually; those that count others follow them.
    fn listed(&self) -> usize {
        let counting =
            usize::from(self.warnings.unlisted.is_some()) + usize::from(self.errors.unlisted.is_some());
        self.problems.len().saturating_sub(counting)
    }

    /// Suggestion by `look` in place of a word; `None` if this report has used up its suggestions ([`limits::MAX_SUGGESTIONS`]). A
    /// search takes time for each known word.
    pub fn suggest(&mut self, look: impl FnOnce() -> Option<String>) -> Option<String> {
        self.suggestions = self.suggestions.checked_sub(1)?;
        look()
    }

    /// Sets the subject of the following problems. An invalid id is shown with its faults made visible.
    pub fn set_subject(&mut self, subject: Option<Subject>) {
        self.subject = subject.map(|subject| match subject {
            Subject::Enterprise(id) => Subject::Enterprise(escape_invisible(&id)),
            Subject::Item(id) => Subject::Item(escape_invisible(&id)),
            Subject::Fact(key) => Subject::Fact(escape_invisible(&key)),
        });
    }

    /// Records an error on `line` at `path`.
    pub fn error(&mut self, line: u32, path: &str, fault: Fault) {
        self.push(Severity::Error, Some(line), path, fault);
    }

    /// Records a warning on `line` at `path`.
    pub fn warn(&mut self, line: u32, path: &str, fault: Fault) {
        self.push(Severity::Warning, Some(line), path, fault);
    }

    /// Records that `node` is not the `expected` content.
    pub fn expected(&mut self, node: &Node, path: &str, expected: impl Into<String>) {
        self.error(node.line, path, Fault::Expected { got: node.describe(), expected: expected.into() });
    }

    /// Records that the file is not well-formed.
    pub fn syntax(&mut self, error: SyntaxError) {
        self.subject = None;
        self.error(error.line, "", Fault::Syntax(error.message));
    }

    /// Number of errors (not warnings) so far, listed or not.
    pub fn errors(&self) -> usize {
        self.errors.found
    }

    fn push(&mut self, severity: Severity, line: Option<u32>, path: &str, fault: Fault) {
        poll();
        let listed = self.listed();
        let (count, other) = match severity {
            Severity::Warning => (&mut self.warnings, &mut self.errors),
            Severity::Error => (&mut self.errors, &mut self.warnings),
        };
        count.found += 1;
        if count.found <= limits::MAX_PROBLEMS {
            let problem = Problem {
                severity,
                file: self.file.clone(),
                line: line.filter(|&line| line > 0),
                subject: self.subject.clone(),
                path: path.to_owned(),
                fault,
            };
            // At most one problem follows it: the count of the other severity.
            self.problems.insert(listed, problem);
            return;
        }
        let unlisted = count.found - limits::MAX_PROBLEMS;
        match count.unlisted {
            Some(from_end) => {
                let index = self.problems.len().saturating_sub(from_end);
                if let Some(counting) = self.problems.get_mut(index) {
                    counting.fault = Fault::MoreProblems(unlisted);
                }
            }
            None => {
                count.unlisted = Some(1);
                if other.unlisted.is_some() {
                    other.unlisted = Some(2);
                }
                let file = self.file.clone();
                let fault = Fault::MoreProblems(unlisted);
                self.problems.push(Problem {
                    severity,
                    file,
                    line: None,
                    subject: None,
                    path: String::new(),
                    fault,
                });
            }
        }
    }
}

/// Member of `known` most similar to `word`, if it is similar enough. Of two equally similar ones, the one with more characters
/// in common: 高新企业 means 高新技术企业 and not 软件企业.
///
/// `None` for a word longer than [`limits::SUGGESTED_LENGTH`].
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let letters: Vec<char> = word.chars().take(limits::SUGGESTED_LENGTH + 1).collect();
    let length = letters.len();
    if length > limits::SUGGESTED_LENGTH {
        return None;
    }
    let shared = |candidate: &str| letters.iter().filter(|&&letter| candidate.contains(letter)).count();
    known
        .filter_map(|candidate| {
            poll();
            // The lengths alone differ too much already.
            let other = candidate.chars().take(2 * limits::SUGGESTED_LENGTH).count();
            let limit = 1 + length.min(other) / 4;
            if length.abs_diff(other) > limit {
                return None;
            }
            let distance = distance(&letters, candidate);
            (distance <= limit).then(|| (distance, Reverse(shared(candidate)), candidate))
        })
        .min()
        .map(|(.., candidate)| candidate.to_owned())
}

/// Levenshtein distance in characters.
fn distance(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        steps(b.len() as u64);
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = Vec::with_capacity(row.len());
        next.push(left);
        for (y, up) in b.iter().zip(row.iter().skip(1)) {
            let cost = (diagonal + usize::from(x != y)).min(up + 1).min(left + 1);
            diagonal = *up;
            left = cost;
            next.push(cost);
        }
        row = next;
    }
    // INVARIANT: a row has one entry more than `b` has characters; without one, no word is similar.
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_similar_names_are_suggested() {
        let known = ["employees", "revenue", "registered_region"];
        assert_eq!(nearest("employes", known.into_iter()).as_deref(), Some("employees"));
        assert_eq!(
            nearest("高新企业", ["高新技术企业", "软件企业"].into_iter()).as_deref(),
            Some("高新技术企业")
        );
        assert_eq!(nearest("zzz", known.into_iter()), None);
    }

    /// The list of problems is limited, unlisted ones keep their severity, and no error is hidden behind
    /// warnings.
    #[test]
    fn listed_problems_are_limited_and_the_rest_counted() {
        let mut report = Report::new("f.yaml");
        let other = || Fault::Other("x".to_owned());
        for line in 0..1500 {
            report.warn(line, "w", other());
        }
        let unlisted = |report: &Report| -> Vec<(Severity, String)> {
            let tail = report.problems.iter().filter(|one| matches!(one.fault, Fault::MoreProblems(_)));
            tail.map(|one| (one.severity, one.fault.to_string())).collect()
        };
        assert_eq!(unlisted(&report), [(Severity::Warning, "另有 500 处问题未列出".to_owned())]);
        assert_eq!((report.errors(), report.problems.len()), (0, limits::MAX_PROBLEMS + 1));
        for line in 0..1007 {
            report.error(line, "e", other());
        }
        report.warn(1, "w", other());
        assert_eq!(report.errors(), 1007);
        assert_eq!(
            unlisted(&report),
            [
                (Severity::Warning, "另有 501 处问题未列出".to_owned()),
                (Severity::Error, "另有 7 处问题未列出".to_owned())
            ]
        );
        assert_eq!(report.problems.len(), 2 * limits::MAX_PROBLEMS + 2);
        // The counting problems are last.
        assert!(report.problems[..2 * limits::MAX_PROBLEMS].iter().all(|one| one.fault == other()));
        report.clear();
        assert_eq!((report.errors(), report.problems.len()), (0, 0));
    }

    /// A message that quotes a value sends no control character to a terminal.
    #[test]
    fn control_characters_are_not_quoted() {
        let mut report = Report::new("f.yaml");
        report.set_subject(Some(Subject::Item("a\u{1b}[2J\u{202e}".to_owned())));
        report.error(1, "k\u{7}", Fault::MissingKey("\u{1b}]0;x".to_owned()));
        let text = report.problems[0].to_string();
        assert_eq!(text, "f.yaml:1: item `a\\u{1b}[2J\\u{202e}`: at `k\\u{7}`: `\\u{1b}]0;x` is missing");
    }

    #[test]
    fn problems_read_as_sentences() {
        let mut report = Report::new("profiles.jsonl");
        report.set_subject(Some(Subject::Enterprise("9131".into())));
        let fault = Fault::Expected { got: "text `八十六`".into(), expected: "an integer".into() };
        report.error(17, "facts.employees", fault);
        assert_eq!(
            report.problems[0].to_string(),
            "profiles.jsonl:17: enterprise `9131`: fact `employees`: got text `八十六`, expected an integer"
        );
    }
}
