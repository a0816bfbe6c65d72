//! Comparisons of quantities: 上年度营业收入不低于1000万元, 拥有10名以上研发人员, 研发投入占营业收入比重5%以上.

use zhaoren_cancel::poll;
use zhaoren_policy::calendar::{CalendarSpan, SpanUnit};
use zhaoren_policy::criterion::{Compare, Criterion, Node, Test};
use zhaoren_policy::number::Number;

use super::bound::{Bound, number_test};
use super::resolve::{Measured, Time, fits, resolve};
use super::years::each_year;
use super::{Parser, leaf};
use crate::class::Class;
use crate::lexicon::{Meaning, Unit};
use crate::token::{Amount, Kind};

/// Quantity of the phrase before, for one that leaves it out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mention {
    pub(crate) quantity: String,
    pub(crate) measured: Measured,
    pub(crate) time: Time,
}

/// Words that say of every year that it is above zero.
const EACH_POSITIVE: [&str; 8] =
    ["均为正", "均为正值", "均为正数", "均大于零", "均大于0", "均不为零", "均盈利", "均实现盈利"];

impl Parser<'_> {
    pub(super) fn quantity(&mut self) -> Option<Vec<Criterion>> {
        let mut time = Time::default();
        self.time_words(&mut time, true)?;
        if self.is(0, Class::Profit) {
            time.each |= time.years.is_some() && self.is_word(&EACH_POSITIVE);
            self.at += 1;
            return self.profit("net_profit", &time);
        }
        if let Some(quantity) = self.quantity_word() {
            return self.after_quantity(quantity, time);
        }
        let before = self.at;
        if let Some(read) = self.number_first(&time) {
            return Some(read);
        }
        self.at = before;
        self.left_out(time)
    }

    fn quantity_word(&mut self) -> Option<String> {
        self.take_meaning(|meaning| match meaning {
            Meaning::Quantity(key) => Some(key.clone()),
            _ => None,
        })
    }

    fn profit(&mut self, quantity: &str, time: &Time) -> Option<Vec<Criterion>> {
        let (fact, when) = resolve(quantity, &Measured::Itself, time, self.setting)?;
        let mention =
            Mention { quantity: quantity.to_owned(), measured: Measured::Itself, time: time.clone() };
        self.context = Some(mention);
        Some(vec![leaf(&fact, when, vec![Test::Number(Compare::MoreThan, Number::zero())])])
    }

    fn after_quantity(&mut self, quantity: String, mut time: Time) -> Option<Vec<Criterion>> {
        let mut quantities = vec![quantity];
        // 营业收入、净利润均不低于…: the bound holds for each.
        loop {
            let before = self.at;
            if self.separator() != Some(false) {
                self.at = before;
                break;
            }
            match self.quantity_word() {
                Some(more) => quantities.push(more),
                None => {
                    self.at = before;
                    break;
                }
            }
        }
        if quantities.len() > 1 && self.is(0, Class::Respectively) {
            return self.respectively(quantities, &time);
        }
        let count = if quantities.len() > 1 { self.count_of(quantities.len()) } else { None };
        let begin = self.at;
        let mut measured = Measured::Itself;
        loop {
            poll();
            self.time_words(&mut time, false)?;
            if self.is(0, Class::Occupy) || self.is(0, Class::Share) {
                if measured != Measured::Itself {
                    return None;
                }
                measured = self.share()?;
            } else if self.is(0, Class::Than) {
                self.at += 1;
                let Some(Kind::Year(year)) = self.kind(0) else { return None };
                time.since_year = Some(*year);
                self.at += 1;
            } else if self.take(Class::Cagr) {
                measured = Measured::Cagr;
            } else if self.take(Class::AverageGrowth) {
                measured = Measured::AverageGrowth;
            } else if self.take(Class::Growth) {
                measured = Measured::Growth;
            } else if self.is(0, Class::De) && self.time_follows() {
                self.at += 1;
            } else {
                break;
            }
        }
        self.inherit_time(&measured, &mut time);
        let mut read = Vec::new();
        if let Some(compare) = self.sign_of_number(&mut measured, &mut time) {
            self.holds_for_each(begin, quantities.len(), count)?;
            for quantity in &quantities {
                // A share of staff is above zero exactly if their number is.
                let counted = matches!(measured, Measured::Share | Measured::ShareOf(_))
                    && compare == Compare::MoreThan;
                let of_share = self.setting.lexicon.shares.iter().find(|(_, share)| *share == quantity);
                if let (Some((part, _)), Compare::MoreThan, Measured::Itself) = (of_share, compare, &measured)
                {
                    let (fact, when) = resolve(part, &measured, &time, self.setting)?;
                    read.push(leaf(&fact, when, vec![Test::Number(compare, Number::zero())]));
                    continue;
                }
                let own = if counted { Measured::Itself } else { measured.clone() };
                let (fact, when) = resolve(quantity, &own, &time, self.setting)?;
                read.push(leaf(&fact, when, vec![Test::Number(compare, Number::zero())]));
            }
            return Some(counted(read, count));
        }
        if let ([quantity], Measured::Itself) = (quantities.as_slice(), &measured)
            && let Some(read) = self.months(quantity, &time)
        {
            return Some(vec![read]);
        }
        let bounds = self.bounds::<Amount>()?;
        self.holds_for_each(begin, quantities.len() + time.more_years.len(), count)?;
        for time in each_year(&time)? {
            for quantity in &quantities {
                let (quantity, measured) = (quantity.clone(), measured.clone());
                read.push(self.compared(Mention { quantity, measured, time: time.clone() }, &bounds)?);
            }
        }
        Some(counted(read, count))
    }

    /// 足额缴纳失业保险费12个月以上: a fact that counts months is bounded by a length of time. A year of calendar days is not read.
    fn months(&mut self, quantity: &str, time: &Time) -> Option<Criterion> {
        let fact = self.setting.dictionary.get(quantity)?;
        if fact.unit.as_deref() != Some("个月") {
            return None;
        }
        let before = self.at;
        let bounds = self.bounds::<CalendarSpan>();
        let (key, when) = resolve(quantity, &Measured::Itself, time, self.setting)?;
        let in_months =
            bounds.filter(|bounds| bounds.iter().all(|bound| bound.measure.unit == SpanUnit::Months));
        let Some(bounds) = in_months.filter(|_| !time.sum) else {
            self.at = before;
            return None;
        };
        let test = |bound: &Bound<CalendarSpan>| {
            Test::Number(bound.compare, Number::from(i64::from(bound.measure.count)))
        };
        Some(leaf(&key, when, bounds.iter().map(test).collect()))
    }

    /// 营业收入、净利润分别不低于5000万元、500万元: a bound of each, in their order.
    fn respectively(&mut self, quantities: Vec<String>, time: &Time) -> Option<Vec<Criterion>> {
        self.at += 1;
        self.skip(&[Class::Must, Class::Filler]);
        let before = self.direction_before();
        let measures = self.list(Self::measure::<Amount>)?.of;
        let direction = match (before, self.direction_after()) {
            (Some(direction), None) | (None, Some(direction)) => direction,
            _ => return None,
        };
        if measures.len() != quantities.len() {
            return None;
        }
        let mut read = Vec::new();
        for (quantity, measure) in quantities.into_iter().zip(measures) {
            let bound = Bound { compare: direction.compare(), measure };
            let mention = Mention { quantity, measured: Measured::Itself, time: time.clone() };
            read.push(self.compared(mention, std::slice::from_ref(&bound))?);
        }
        Some(read)
    }

    /// 三项指标中至少两项: how many of the quantities named have to pass.
    fn count_of(&mut self, named: usize) -> Option<usize> {
        let before = self.at;
        let piece = |parser: &mut Self| {
            let Some(Kind::Amount(amount)) = parser.kind(0) else { return None };
            let count = usize::try_from(amount.value.to_i64()?).ok()?;
            (amount.unit == Unit::Piece).then_some(count).inspect(|_| parser.at += 1)
        };
        let all = piece(self);
        let among = self.take(Class::Indicators);
        self.skip(&[Class::AtLeast, Class::Have, Class::De, Class::Must]);
        let count =
            piece(self).filter(|count| *count <= named && all.is_none_or(|all| all == named) && among);
        if count.is_none() {
            self.at = before;
        }
        count
    }

    /// `None` if the words since `begin` do not say that the bound is one of each of several quantities or years.
    fn holds_for_each(&self, begin: usize, several: usize, count: Option<usize>) -> Option<()> {
        let said = self.tokens.get(begin..self.at).unwrap_or_default().iter().any(|token| {
            let Kind::Word(entry) = token.kind else { return false };
            self.setting.lexicon.meanings(entry).contains(&Meaning::Function(Class::Both))
        });
        (several < 2 || said || count.is_some()).then_some(())
    }

    /// 占营业收入的比例, 占比.
    fn share(&mut self) -> Option<Measured> {
        if self.take(Class::Share) {
            return Some(Measured::Share);
        }
        self.take(Class::Occupy);
        self.skip(&[Class::Subject, Class::LastYear, Class::OfPeriod, Class::Filler]);
        let whole = self.quantity_word()?;
        self.skip(&[Class::Amount, Class::De, Class::Both]);
        self.skip(&[Class::Share]);
        Some(Measured::ShareOf(whole))
    }

    /// 为正, 不为负, 盈利, 实现正增长.
    fn sign_of_number(&mut self, measured: &mut Measured, time: &mut Time) -> Option<Compare> {
        let before = self.at;
        self.skip(&[Class::Must, Class::Filler, Class::Both]);
        let grows = self.is_word(&[
            "实现正增长",
            "保持正增长",
            "正增长",
            "同比正增长",
            "同比实现正增长",
            "同比保持正增长",
        ]);
        time.each |= time.years.is_some() && self.is_word(&EACH_POSITIVE);
        let compare = if self.take(Class::Positive) {
            Compare::MoreThan
        } else if self.take(Class::NotNegative) {
            Compare::AtLeast
        } else {
            self.at = before;
            return None;
        };
        if grows && *measured == Measured::Itself {
            *measured = Measured::Growth;
        }
        Some(compare)
    }

    /// True if the token here is one of `words`, which are words of the lexicon.
    pub(super) fn is_word(&self, words: &[&str]) -> bool {
        let lexicon = self.setting.lexicon;
        words.iter().any(|word| {
            lexicon
                .longest(&crate::sign::signs(word))
                .is_some_and(|(entry, _)| self.kind(0) == Some(&Kind::Word(entry)))
        })
    }

    /// 拥有5件以上有效发明专利, 招用3人以上应届毕业生.
    fn number_first(&mut self, time: &Time) -> Option<Vec<Criterion>> {
        let bounds = self.bounds::<Amount>()?;
        self.skip(&[Class::De, Class::Valid]);
        let quantity = self.quantity_word()?;
        let follows = self.is(0, Class::Occupy) || self.is(0, Class::Growth) || self.is(0, Class::Share);
        if follows {
            return None;
        }
        let mention = Mention { quantity, measured: Measured::Itself, time: time.clone() };
        self.compared(mention, &bounds).map(|one| vec![one])
    }

    /// 且不少于5人, 且占营业收入的比例不低于5%, 且同比增长20%以上: the quantity is the one before.
    fn left_out(&mut self, time: Time) -> Option<Vec<Criterion>> {
        let mut mention = self.context.clone()?;
        let named = time.year.is_some() || time.years.is_some() || time.last || time.average || time.sum;
        if named {
            mention.time = time;
        } else if time.each && mention.time.years.is_some() {
            // 近两年合计…，且每年均…: each of the same years.
            mention.time = Time { each: true, sum: false, average: false, some_year: false, ..mention.time };
        }
        if self.is(0, Class::Occupy) || self.is(0, Class::Share) {
            mention.measured = self.share()?;
        } else if self.take(Class::Cagr) {
            mention.measured = Measured::Cagr;
        } else if self.take(Class::Growth) {
            mention.measured = Measured::Growth;
        }
        let bounds = self.bounds::<Amount>()?;
        if let Some(read) = self.compared(mention.clone(), &bounds) {
            return Some(vec![read]);
        }
        // 占比不低于3%且不少于150万元: the second is about the quantity itself.
        mention.measured = Measured::Itself;
        self.compared(mention, &bounds).map(|one| vec![one])
    }

    /// Comparison of a quantity, which becomes the one mentioned last.
    fn compared(&mut self, mention: Mention, bounds: &[Bound<Amount>]) -> Option<Criterion> {
        let (fact, when) = resolve(&mention.quantity, &mention.measured, &mention.time, self.setting)?;
        if !bounds.iter().all(|bound| fits(&bound.measure, &fact, when, self.setting)) {
            return None;
        }
        self.context = Some(mention);
        Some(leaf(&fact, when, bounds.iter().map(number_test).collect()))
    }

    /// Quantity without a bound: the beginning of a list of steps (…的比例：A的，不低于5%；…).
    pub(super) fn mention(&mut self) -> Option<Mention> {
        let mut time = Time::default();
        self.skip(&[Class::Subject, Class::Must]);
        self.time_words(&mut time, true)?;
        let quantity = self.quantity_word()?;
        self.time_words(&mut time, false)?;
        let measured = if self.is(0, Class::Occupy) || self.is(0, Class::Share) {
            self.share()?
        } else {
            Measured::Itself
        };
        (self.at == self.tokens.len()).then_some(Mention { quantity, measured, time })
    }
}

/// All of `read`, or so many of them.
fn counted(read: Vec<Criterion>, count: Option<usize>) -> Vec<Criterion> {
    match count {
        None => read,
        Some(count) => vec![Criterion::without_evidence(Node::Any { of: read, count })],
    }
}
