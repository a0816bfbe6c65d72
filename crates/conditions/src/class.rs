//! Classes of function words (功能词): the closed set that the grammar is written in. Their words are data, in
//! `seeds/lexicon/words.yaml`.

/// Class of a function word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Class {
    /// Subject of the sentence, or the occasion of an application.
    Subject,
    /// Mood of a demand.
    Must,
    /// Modifier without effect.
    Filler,
    /// Possession of a title, a property or a number.
    Have,
    /// First acquisition of a title.
    New,
    /// A title was never held.
    Never,
    /// Negation before a register or a property.
    Not,
    /// An event occurred.
    Happen,
    /// An event did not occur.
    NotHappen,
    /// Entry in a register.
    Listed,
    /// Alternative.
    Or,
    /// Conjunction.
    And,
    /// All of a list.
    Both,
    /// Every year.
    Each,
    /// Sum over years.
    Sum,
    /// Mean over years.
    Average,
    /// Compound annual growth rate.
    Cagr,
    /// At least one of the years.
    SomeYear,
    /// Growth over the year before.
    Growth,
    /// Mean growth rate over years.
    AverageGrowth,
    /// Above zero.
    Positive,
    /// Zero or more.
    NotNegative,
    /// Net profit above zero.
    Profit,
    /// Last full fiscal year.
    LastYear,
    /// Bound before a number, included.
    AtLeast,
    /// Upper bound before a number, included.
    AtMost,
    /// Bound before a number, excluded.
    MoreThan,
    /// Upper bound before a number, excluded.
    LessThan,
    /// Bound after a number.
    OrMore,
    /// Upper bound after a number.
    OrLess,
    /// Bracket that includes the bound.
    Inclusive,
    /// Bracket that excludes the bound.
    Exclusive,
    /// End of a range.
    Between,
    /// A number is only approximate.
    Inexact,
    /// Verb of a share.
    Occupy,
    /// Share of something.
    Share,
    /// Attributive particle.
    De,
    /// Preposition of place.
    In,
    /// End of the name of a place.
    Area,
    /// Part of what was named before.
    Among,
    /// Same period.
    OfPeriod,
    /// End of the name of a quantity.
    Amount,
    /// A title is in force.
    Valid,
    /// End of the name of a title.
    TitleEnd,
    /// End of the name of an event or a register.
    Circumstance,
    /// End of the name of an industry.
    IndustryEnd,
    /// Relation to an industry.
    Engage,
    /// Listing on a board.
    Listing,
    /// End of the name of a size class.
    SizeEnd,
    /// End of a period.
    Period,
    /// From a date on.
    OnOrAfter,
    /// After a date.
    After,
    /// Before a date.
    Before,
    /// Until a date.
    OnOrBefore,
    /// Preposition of time.
    From,
    /// Range.
    To,
    /// Years up to now.
    Recent,
    /// Years in a row.
    Running,
    /// Time before the application.
    Ahead,
    /// End of a window of time.
    Inside,
    /// Between a number and its years.
    Full,
    /// End of a title that makes it the name of a procedure.
    TitleProcess,
    /// Opening of a bracket that includes its bound.
    InclusiveOpen,
    /// Opening of a bracket that excludes its bound.
    ExclusiveOpen,
    /// Entry into a park or a building.
    Enter,
    /// Use of premises in a park or a building.
    Premises,
    /// Lead in making a standard.
    Lead,
    /// Noun before a size class.
    SizeNoun,
    /// Support was had before.
    SupportHad,
    /// Support was not had before.
    SupportNotHad,
    /// End of the name of a support.
    SupportEnd,
    /// Quantities of which so many pass.
    Indicators,
    /// Authority of a document.
    By,
    /// Bounds of several quantities in their order.
    Respectively,
    /// Comparison with another year.
    Than,
    /// Nothing is asked of what was named.
    Unlimited,
}

impl Class {
    /// Every class with its name in the lexicon.
    pub(crate) const ALL: [(&'static str, Self); 76] = [
        ("subject", Self::Subject),
        ("must", Self::Must),
        ("filler", Self::Filler),
        ("have", Self::Have),
        ("new", Self::New),
        ("never", Self::Never),
        ("not", Self::Not),
        ("happen", Self::Happen),
        ("not_happen", Self::NotHappen),
        ("listed", Self::Listed),
        ("or", Self::Or),
        ("and", Self::And),
        ("both", Self::Both),
        ("each", Self::Each),
        ("sum", Self::Sum),
        ("average", Self::Average),
        ("cagr", Self::Cagr),
        ("some_year", Self::SomeYear),
        ("growth", Self::Growth),
        ("average_growth", Self::AverageGrowth),
        ("positive", Self::Positive),
        ("not_negative", Self::NotNegative),
        ("profit", Self::Profit),
        ("last_year", Self::LastYear),
        ("at_least", Self::AtLeast),
        ("at_most", Self::AtMost),
        ("more_than", Self::MoreThan),
        ("less_than", Self::LessThan),
        ("or_more", Self::OrMore),
        ("or_less", Self::OrLess),
        ("inclusive", Self::Inclusive),
        ("exclusive", Self::Exclusive),
        ("between", Self::Between),
        ("inexact", Self::Inexact),
        ("occupy", Self::Occupy),
        ("share", Self::Share),
        ("de", Self::De),
        ("in", Self::In),
        ("area", Self::Area),
        ("among", Self::Among),
        ("of_period", Self::OfPeriod),
        ("amount", Self::Amount),
        ("valid", Self::Valid),
        ("title_end", Self::TitleEnd),
        ("circumstance", Self::Circumstance),
        ("industry_end", Self::IndustryEnd),
        ("engage", Self::Engage),
        ("listing", Self::Listing),
        ("size_end", Self::SizeEnd),
        ("period", Self::Period),
        ("on_or_after", Self::OnOrAfter),
        ("after", Self::After),
        ("before", Self::Before),
        ("on_or_before", Self::OnOrBefore),
        ("from", Self::From),
        ("to", Self::To),
        ("recent", Self::Recent),
        ("running", Self::Running),
        ("ahead", Self::Ahead),
        ("inside", Self::Inside),
        ("full", Self::Full),
        ("title_process", Self::TitleProcess),
        ("inclusive_open", Self::InclusiveOpen),
        ("exclusive_open", Self::ExclusiveOpen),
        ("enter", Self::Enter),
        ("premises", Self::Premises),
        ("lead", Self::Lead),
        ("size_noun", Self::SizeNoun),
        ("support_had", Self::SupportHad),
        ("support_not_had", Self::SupportNotHad),
        ("support_end", Self::SupportEnd),
        ("indicators", Self::Indicators),
        ("by", Self::By),
        ("respectively", Self::Respectively),
        ("than", Self::Than),
        ("unlimited", Self::Unlimited),
    ];
}
