//! What is wrong with an input, and where: for the person who can mend it.
//!
//! Loaders never stop at the first fault. They return what they could read together with every
//! [`Problem`] found, each naming file, line, subject, path, the value got and what was expected.

use std::cmp::Reverse;
use std::fmt::{self, Write as _};

use zhaoren_cancel::{poll, steps};

use crate::evidence::Passage;
use crate::id::{IdFault, IdSet, visible};
use crate::limits;
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
    /// A text that cannot be an id, or looks like another one.
    #[error("{0}")]
    Id(#[from] IdFault),
    /// Problems of the same severity that are only counted, since the report lists so many already.
    #[error("另有 {0} 处问题未列出")]
    Unlisted(usize),
    /// Anything else, in words.
    #[error("{0}")]
    Other(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What was read is quoted, and a terminal must not obey it.
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

/// Collects the problems of one file while it is read.
///
/// It lists at most [`limits::PROBLEMS`] of each severity. The others are counted in one last problem of that severity
/// ([`Fault::Unlisted`]), so whether something is wrong never depends on how much is.
#[derive(Clone, Debug)]
pub struct Report {
    file: String,
    subject: Option<Subject>,
    /// What was found so far, in reading order, then what is only counted.
    pub problems: Vec<Problem>,
    warnings: Count,
    errors: Count,
    /// For how many more words the nearest known one may be looked for.
    suggestions: usize,
    /// The enterprises of the file.
    enterprises: IdSet,
}

/// How many problems of one severity there are.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    found: usize,
    /// Where the problem that counts the unlisted ones stands, from the end: 1 is the last.
    unlisted: Option<usize>,
}

/// How much a [`Report`] held at some moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

impl Report {
    /// A report on `file`, named as the person who runs the program named it.
    pub fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            subject: None,
            problems: Vec::new(),
            warnings: Count::default(),
            errors: Count::default(),
            suggestions: limits::SUGGESTIONS,
            enterprises: IdSet::default(),
        }
    }

    /// Forgets every problem, to be used for something else in the same file.
    pub fn clear(&mut self) {
        self.problems.clear();
        (self.warnings, self.errors) = (Count::default(), Count::default());
        self.suggestions = limits::SUGGESTIONS;
        self.enterprises = IdSet::default();
    }

    /// Notes that the file has a profile of the enterprise `id`. The same enterprise may come again.
    ///
    /// # Errors
    /// Where one before it looks the same and is not.
    pub(crate) fn enterprise(&mut self, id: &str) -> Result<(), IdFault> {
        self.enterprises.add(id).map(drop)
    }

    /// What the following problems are of, by position among those that are listed.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.listed())
    }

    /// The listed problems found since `mark`.
    pub(crate) fn since(&mut self, mark: Mark) -> &mut [Problem] {
        let listed = self.listed();
        self.problems.get_mut(mark.0..listed).unwrap_or_default()
    }

    /// How many problems are listed each by itself; those that count others stand behind them.
    fn listed(&self) -> usize {
        let counting =
            usize::from(self.warnings.unlisted.is_some()) + usize::from(self.errors.unlisted.is_some());
        self.problems.len().saturating_sub(counting)
    }

    /// What `look` suggests in place of a word; `None` where this report has made its suggestions
    /// ([`limits::SUGGESTIONS`]). Looking takes time for each known word.
    pub fn suggest(&mut self, look: impl FnOnce() -> Option<String>) -> Option<String> {
        self.suggestions = self.suggestions.checked_sub(1)?;
        look()
    }

    /// What the following problems are about. An id that cannot be one is shown with what is wrong in it.
    pub fn about(&mut self, subject: Option<Subject>) {
        self.subject = subject.map(|subject| match subject {
            Subject::Enterprise(id) => Subject::Enterprise(visible(&id)),
            Subject::Item(id) => Subject::Item(visible(&id)),
            Subject::Fact(key) => Subject::Fact(visible(&key)),
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

    /// Records that `node` is not what was `expected`.
    pub fn expected(&mut self, node: &Node, path: &str, expected: impl Into<String>) {
        self.error(node.line, path, Fault::Expected { got: node.describe(), expected: expected.into() });
    }

    /// Records that the file is not well-formed.
    pub fn syntax(&mut self, error: SyntaxError) {
        self.subject = None;
        self.error(error.line, "", Fault::Syntax(error.message));
    }

    /// How many errors (not warnings) there are so far, listed or not.
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
        if count.found <= limits::PROBLEMS {
            let problem = Problem {
                severity,
                file: self.file.clone(),
                line: line.filter(|&line| line > 0),
                subject: self.subject.clone(),
                path: path.to_owned(),
                fault,
            };
            // At most one problem stands behind it: that which counts those of the other severity.
            self.problems.insert(listed, problem);
            return;
        }
        let unlisted = count.found - limits::PROBLEMS;
        match count.unlisted {
            Some(from_end) => {
                let place = self.problems.len().saturating_sub(from_end);
                if let Some(counting) = self.problems.get_mut(place) {
                    counting.fault = Fault::Unlisted(unlisted);
                }
            }
            None => {
                count.unlisted = Some(1);
                if other.unlisted.is_some() {
                    other.unlisted = Some(2);
                }
                let file = self.file.clone();
                let fault = Fault::Unlisted(unlisted);
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

/// The member of `known` nearest to `word`, when it is near enough to be meant. Of two equally near, the
/// one that shares more characters: 高新企业 means 高新技术企业 and not 软件企业.
///
/// Nothing is near a word longer than [`limits::SUGGESTED_LENGTH`].
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
            // The lengths alone are so far apart already.
            let other = candidate.chars().take(2 * limits::SUGGESTED_LENGTH).count();
            let most = 1 + length.min(other) / 4;
            if length.abs_diff(other) > most {
                return None;
            }
            let distance = distance(&letters, candidate);
            (distance <= most).then(|| (distance, Reverse(shared(candidate)), candidate))
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
    // INVARIANT: a row has one more place than `b` has characters; without one nothing is near.
    row.last().copied().unwrap_or(usize::MAX)
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

    /// Attack R5, review D2: the list of problems ends, what is only counted keeps its severity, and nothing is hidden behind
    /// warnings.
    #[test]
    fn lists_so_many_and_counts_the_others() {
        let mut report = Report::new("f.yaml");
        let other = || Fault::Other("x".to_owned());
        for line in 0..1500 {
            report.warn(line, "w", other());
        }
        let unlisted = |report: &Report| -> Vec<(Severity, String)> {
            let tail = report.problems.iter().filter(|one| matches!(one.fault, Fault::Unlisted(_)));
            tail.map(|one| (one.severity, one.fault.to_string())).collect()
        };
        assert_eq!(unlisted(&report), [(Severity::Warning, "另有 500 处问题未列出".to_owned())]);
        assert_eq!((report.errors(), report.problems.len()), (0, limits::PROBLEMS + 1));
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
        assert_eq!(report.problems.len(), 2 * limits::PROBLEMS + 2);
        // Those that count stand last.
        assert!(report.problems[..2 * limits::PROBLEMS].iter().all(|one| one.fault == other()));
        report.clear();
        assert_eq!((report.errors(), report.problems.len()), (0, 0));
    }

    /// Attack S-term: a message that quotes a value sends no control character to a terminal.
    #[test]
    fn quotes_no_control_characters() {
        let mut report = Report::new("f.yaml");
        report.about(Some(Subject::Item("a\u{1b}[2J\u{202e}".to_owned())));
        report.error(1, "k\u{7}", Fault::MissingKey("\u{1b}]0;x".to_owned()));
        let text = report.problems[0].to_string();
        assert_eq!(text, "f.yaml:1: item `a\\u{1b}[2J\\u{202e}`: at `k\\u{7}`: `\\u{1b}]0;x` is missing");
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
