//! Model of the match page, for all its parts.

use zhaoren_engine::{MatchReport, QuestionPlan, ReceivedBenefits, Rules};

/// Model of the match page.
#[derive(Clone, Copy, Debug)]
pub struct MatchPage<'a> {
    /// Matches.
    pub report: &'a MatchReport,
    /// Next questions.
    pub questions: &'a QuestionPlan,
    /// Benefits received already, as far as the viewer may see them.
    pub received: &'a ReceivedBenefits,
    /// Known facts with their sources.
    pub known_facts: &'a [KnownFact],
    /// True if the facts are stored, so that links on the page lead back to them.
    pub stored: bool,
    /// Number of live items on which no verdict could be given.
    pub undecided: usize,
    /// Rules that were matched.
    pub rules: &'a Rules,
    /// Profile as JSON: the page posts it to the next page; the server does not store it.
    pub profile: &'a str,
    /// Warnings about the profile.
    pub notes: &'a [String],
    /// Rarities that the enterprise has, by key: each is asked by itself.
    pub ticked: &'a [String],
    /// Number of facts that the enterprise does not know and that are not asked again.
    pub unclear: usize,
    /// Item to match with; `None` for all.
    pub policy: Option<&'a str>,
}

/// Known fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownFact {
    /// Name of the fact.
    pub name: String,
    /// Fiscal year; empty where the fact has none.
    pub year: String,
    /// Value in words.
    pub value: String,
    /// Source; empty for a fact given in this request.
    pub source: String,
    /// Date of the record; empty for a fact given in this request.
    pub since: String,
    /// Different values stated by other sources.
    pub others: Vec<String>,
}

/// View of the match page: its address, its filters and its order.
#[derive(Clone, Copy, Debug, Default)]
pub struct MatchView<'a> {
    /// Name of the result in its address.
    pub token: &'a str,
    /// Group of support methods: `money`, `tax`, `title`, `finance`, `service`; empty for all.
    pub kind: &'a str,
    /// Level of the document, by its name; empty for all.
    pub level: &'a str,
    /// Only what can be had or applied for now.
    pub doable: bool,
    /// Order: `amount`, `deadline`; empty for the score.
    pub sort: &'a str,
    /// Number of facts that were just kept in the enterprise's file; empty if none were.
    pub saved: &'a str,
    /// True if the viewer may keep facts in the enterprise's file.
    pub can_save: bool,
}
