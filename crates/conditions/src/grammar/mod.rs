//! Grammar (语法) of one phrase: a run of tokens to criteria, or nothing at all.
//!
//! A phrase is read only as a whole. Every token has to belong to a leaf, a connective or a word without effect; one token
//! that does not, and the phrase is left to a person. A leaf that was guessed would be worse than none.

mod bound;
mod event;
mod industry;
mod park;
mod place;
mod property;
mod quantity;
mod resolve;
mod since;
mod size;
mod support;
mod tagged;
mod title;
mod unlimited;
mod years;

use zhaoren_cancel::poll;
use zhaoren_policy::code::Code;
use zhaoren_policy::criterion::{Criterion, Leaf, Node, Test, When};
use zhaoren_policy::fact::FactDictionary;

use crate::class::Class;
use crate::draft;
use crate::lexicon::{Lexicon, Meaning, Unit};
use crate::token::{Amount, Kind, Token};

pub(crate) use quantity::Mention;

/// Everything that a phrase is read with.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub(crate) lexicon: &'static Lexicon,
    pub(crate) dictionary: &'a FactDictionary,
    /// Region of the text: what 本市 and 本区 mean.
    pub(crate) region: Option<&'a Code>,
    /// True in a sentence with a ladder of benefits (分别): only its lowest step is a condition.
    pub(crate) ladder: bool,
    /// True where something is denied or exempted: a bare property says what, without a word of relation.
    pub(crate) bare: bool,
}

/// Quantity mentioned last, for a phrase that leaves it out: 且不少于5人.
pub(crate) type Context = Option<Mention>;

/// Reader of one phrase.
pub(crate) struct Parser<'a> {
    setting: Setting<'a>,
    tokens: &'a [Token],
    at: usize,
    context: Context,
}

/// Parts of a phrase joined by 或, each of parts that must all hold.
struct Alternatives {
    of: Vec<Vec<Criterion>>,
    /// True if every joint within an alternative is 、.
    enumerated: bool,
}

/// Reads `tokens` as a whole: the criteria that must all hold, possibly none if they are only words without effect.
pub(crate) fn phrase(
    tokens: &[Token],
    setting: Setting<'_>,
    context: &mut Context,
) -> Option<Vec<Criterion>> {
    let mut parser = Parser { setting, tokens, at: 0, context: context.clone() };
    let read = parser.expression()?;
    *context = parser.context;
    Some(read)
}

/// Quantity that `tokens` name without a bound.
pub(crate) fn mention(tokens: &[Token], setting: Setting<'_>) -> Context {
    Parser { setting, tokens, at: 0, context: None }.mention()
}

/// Bounds that `tokens` consist of, with the unit of each.
pub(crate) fn bounded_tail(tokens: &[Token], setting: Setting<'_>) -> Option<Vec<(Unit, Test)>> {
    let mut parser = Parser { setting, tokens, at: 0, context: None };
    let bounds = parser.bounds::<Amount>()?;
    parser.skip(&[Class::De, Class::Subject]);
    let whole = parser.at == tokens.len();
    whole.then(|| bounds.iter().map(|bound| (bound.measure.unit, bound::number_test(bound))).collect())
}

/// Most tokens of one phrase; the time of reading grows with their number.
const MOST_TOKENS: usize = 240;

impl Parser<'_> {
    fn expression(&mut self) -> Option<Vec<Criterion>> {
        if self.tokens.len() > MOST_TOKENS {
            return None;
        }
        let mut joined = Alternatives { of: vec![Vec::new()], enumerated: true };
        let mut fresh = true;
        // 甲或乙的小微企业: the last words are about both. 甲的工业企业或乙的商业企业: each about its own.
        let (mut shared_end, mut own_end) = (Vec::new(), false);
        while self.at < self.tokens.len() {
            poll();
            let described = self.behind_particle();
            if let Some(read) = self.leaf() {
                if described && joined.of.len() > 1 && !own_end {
                    shared_end.extend(read);
                    continue;
                }
                own_end |= described;
                if !fresh {
                    joined.enumerated = false;
                }
                fresh = false;
                joined.of.last_mut()?.extend(read);
            } else if self.mark('、') {
                fresh = true;
            } else if self.take(Class::Or) {
                fresh = true;
                joined.of.push(Vec::new());
            } else if self.take(Class::And) || self.mark('，') {
                fresh = true;
                joined.enumerated = false;
            } else if holds_title(&joined) && self.take(Class::Valid) {
                // 具有…证书且在有效期内.
            } else if !self.take_any(&[
                Class::Subject,
                Class::Must,
                Class::Filler,
                Class::De,
                Class::Among,
                Class::Both,
            ]) {
                return None;
            }
        }
        let dangling = joined.of.len() > 1 && joined.of.iter().any(Vec::is_empty);
        (!dangling).then(|| {
            let mut read = combine(joined);
            read.extend(shared_end);
            read
        })
    }

    /// True if the token before ends with 的.
    fn behind_particle(&self) -> bool {
        let Some(Kind::Word(entry)) =
            self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map(|token| &token.kind)
        else {
            return false;
        };
        let lexicon = self.setting.lexicon;
        lexicon.meanings(*entry).contains(&Meaning::Function(Class::De))
            || ["以上的", "以下的"].iter().any(|word| {
                lexicon.longest(&crate::sign::signs(word)).is_some_and(|(known, _)| known == *entry)
            })
    }

    /// Longest leaf here: one criterion, or several that must all hold.
    fn leaf(&mut self) -> Option<Vec<Criterion>> {
        type Reader<'a> = fn(&mut Parser<'a>) -> Option<Vec<Criterion>>;
        let readers: [Reader<'_>; 20] = [
            Parser::grade,
            Parser::registers,
            Parser::events,
            Parser::titles,
            Parser::founder,
            Parser::boards,
            Parser::size,
            Parser::size_name,
            Parser::size_of_industry,
            Parser::unlimited,
            Parser::tagged,
            Parser::standards,
            Parser::support,
            Parser::park,
            Parser::place,
            Parser::since,
            Parser::quantity,
            Parser::flag,
            Parser::industry,
            Parser::bare_place,
        ];
        let (begin, context) = (self.at, self.context.clone());
        let mut best: Option<(usize, Vec<Criterion>, Context)> = None;
        for reader in readers {
            (self.at, self.context) = (begin, context.clone());
            if let Some(read) = reader(self)
                && best.as_ref().is_none_or(|(end, _, _)| self.at > *end)
            {
                best = Some((self.at, read, self.context.clone()));
            }
        }
        (self.at, self.context) = (begin, context);
        let (end, read, context) = best.filter(|(end, _, _)| *end > begin)?;
        (self.at, self.context) = (end, context);
        Some(read)
    }

    // ---- tokens

    fn kind(&self, ahead: usize) -> Option<&Kind> {
        self.tokens.get(self.at + ahead).map(|token| &token.kind)
    }

    fn meanings(&self, ahead: usize) -> &'static [Meaning] {
        match self.kind(ahead) {
            Some(Kind::Word(entry)) => self.setting.lexicon.meanings(*entry),
            _ => &[],
        }
    }

    fn is(&self, ahead: usize, class: Class) -> bool {
        self.meanings(ahead).contains(&Meaning::Function(class))
    }

    /// Takes one token of `class`.
    fn take(&mut self, class: Class) -> bool {
        let taken = self.is(0, class);
        self.at += usize::from(taken);
        taken
    }

    fn take_any(&mut self, classes: &[Class]) -> bool {
        classes.iter().any(|class| self.take(*class))
    }

    /// Takes every token of `classes`; true if there was one.
    fn skip(&mut self, classes: &[Class]) -> bool {
        let before = self.at;
        while self.take_any(classes) {
            poll();
        }
        self.at > before
    }

    fn mark(&mut self, c: char) -> bool {
        let taken = self.kind(0) == Some(&Kind::Mark(c));
        self.at += usize::from(taken);
        taken
    }

    /// Takes a token if one of its meanings fits.
    fn take_meaning<T>(&mut self, fit: impl Fn(&'static Meaning) -> Option<T>) -> Option<T> {
        let found = self.meanings(0).iter().find_map(fit)?;
        self.at += 1;
        Some(found)
    }

    /// Takes a separator of a list: `Some(true)` for 或, `Some(false)` for 、, 和, 且.
    fn separator(&mut self) -> Option<bool> {
        let before = self.at;
        let mark = self.mark('、');
        if self.take(Class::Or) {
            return Some(true);
        }
        if self.take(Class::And) || mark {
            return Some(false);
        }
        self.at = before;
        None
    }

    /// Reads `first`, then as many more after separators as there are; the joints tell whether one was 或 or 和.
    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Listing<T>> {
        let mut listing = Listing { of: vec![one(self)?], has_or: false, has_and: false };
        loop {
            poll();
            let before = self.at;
            let mark = self.kind(0) == Some(&Kind::Mark('、'));
            let Some(or) = self.separator() else { break };
            let plain = mark && self.at == before + 1;
            match one(self) {
                Some(next) => {
                    listing.of.push(next);
                    listing.has_or |= or;
                    listing.has_and |= !or && !plain;
                }
                None => {
                    self.at = before;
                    break;
                }
            }
        }
        Some(listing)
    }
}

/// Members of a list with its joints.
struct Listing<T> {
    of: Vec<T>,
    has_or: bool,
    has_and: bool,
}

/// Leaf with one test on the value that `when` selects.
fn leaf(fact: &str, when: When, tests: Vec<Test>) -> Criterion {
    Criterion::without_evidence(Node::Leaf(Leaf { fact: fact.to_owned(), when, tests }))
}

fn current(fact: &str, test: Test) -> Criterion {
    leaf(fact, When::Current, vec![test])
}

/// Facts that say where and what an enterprise is. In 在本市注册，A或B they hold beside the alternatives.
const STANDING: [&str; 10] = [
    "registered_region",
    "tax_region",
    "statistics_region",
    "actual_region",
    "is_legal_person",
    "established_on",
    "registration_status",
    "independent_accounting",
    "enterprise_size",
    "industry",
];

fn is_standing(criterion: &Criterion) -> bool {
    matches!(&criterion.node, Node::Leaf(leaf) if STANDING.contains(&leaf.fact.as_str()))
}

/// True if the last criterion read is a title that is held.
fn holds_title(joined: &Alternatives) -> bool {
    let last = joined.of.last().and_then(|of| of.last());
    last.is_some_and(|one| {
        matches!(&one.node, Node::Leaf(leaf)
            if leaf.fact == "qualifications" && matches!(leaf.tests.as_slice(), [Test::HasAny(_)]))
    })
}

/// Criteria that must all hold, from alternatives.
fn combine(joined: Alternatives) -> Vec<Criterion> {
    let Alternatives { mut of, enumerated } = joined;
    if of.len() < 2 {
        return of.pop().unwrap_or_default();
    }
    if enumerated && of.iter().any(|one| one.len() > 1) {
        // A、B或C is one list of three.
        return vec![draft::any(of.into_iter().flatten().collect())];
    }
    shared(of)
}

/// `of` as alternatives; leaves at the start of the first that say where and what the enterprise is hold for all of them.
pub(crate) fn shared(mut of: Vec<Vec<Criterion>>) -> Vec<Criterion> {
    let rest_has_standing = of.iter().skip(1).flatten().any(is_standing);
    let mut all = Vec::new();
    if let Some(first) = of.first_mut()
        && !rest_has_standing
    {
        let standing = first.iter().take_while(|one| is_standing(one)).count();
        if standing < first.len() {
            all = first.drain(..standing).collect();
        }
    }
    all.push(draft::any(of.into_iter().map(draft::all).collect()));
    all
}
