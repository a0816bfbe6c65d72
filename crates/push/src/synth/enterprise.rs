//! One synthetic enterprise: its nature is drawn first, its figures follow from it.

use jiff::ToSpan;
use jiff::civil::Date;
use zhaoren_policy::fact::FactType;

use super::Synth;
use super::dice::{Dice, exp};
use super::fields::{CELLS_PER_FIELD, FIELDS, Field};
use super::id::id_of;
use super::marginals::{Division, Marginals};

/// Synthetic knowledge of one fact, or of one year of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SynthCell<'a> {
    /// Unknown value.
    #[default]
    Unknown,
    /// Boolean.
    Truth(bool),
    /// Whole number.
    Whole(i64),
    /// Number in hundredths (money, in fen, and decimals) or ten-thousandths (ratios): see [`SynthCell::scale`].
    Scaled(i64),
    /// Date.
    Day(Date),
    /// Text or code.
    Text(&'a str),
    /// Complete list of tags; tags not in it are known to be absent.
    Tags(Vec<&'a str>),
    /// Inclusive lower and upper bound of a whole number.
    WholeRange(Option<i64>, Option<i64>),
    /// Inclusive lower and upper bound of a scaled number.
    ScaledRange(Option<i64>, Option<i64>),
    /// This day or an earlier one: the records begin after it and contain no event.
    NotSince(Date),
}

impl SynthCell<'_> {
    /// Decimal places of a scaled number of this kind of fact.
    pub fn scale(kind: FactType) -> u8 {
        if kind == FactType::Ratio { 4 } else { 2 }
    }

    /// True for a range, which a table column cannot hold: the cell is empty there, and only JSON Lines has the range.
    pub fn is_range(&self) -> bool {
        matches!(self, Self::WholeRange(..) | Self::ScaledRange(..) | Self::NotSince(_))
    }
}

/// Synthetic enterprise.
#[derive(Clone, Debug, PartialEq)]
pub struct SynthEnterprise<'a> {
    /// Id in the form of a 统一社会信用代码 that has never been assigned.
    pub id: String,
    /// Name: 合成样例企业00000042号.
    pub name: String,
    /// Three cells for every field.
    pub(crate) row: Vec<SynthCell<'a>>,
}

/// Nature of an enterprise, from which its figures follow.
pub(crate) struct Nature<'a> {
    pub(crate) division: &'a Division,
    pub(crate) founded: Date,
    /// Age in years on the city's day.
    pub(crate) age: f64,
    /// True if it does research.
    pub(crate) research: bool,
    /// Number of employees, at least 1.
    pub(crate) staff: f64,
    /// True if it had no revenue in the last year.
    pub(crate) idle: bool,
    /// True for 个体工商户 and other forms that are not companies.
    pub(crate) person: bool,
}

impl Nature<'_> {
    /// Approximate size by employees alone: 0 micro, 1 small, 2 medium, 3 large; matching derives the exact 划型.
    pub(crate) fn size(&self) -> usize {
        [10.0, 100.0, 300.0].iter().filter(|limit| self.staff >= **limit).count()
    }
}

/// Builder of a row.
pub(crate) struct RowBuilder<'a> {
    pub(crate) marginals: &'a Marginals,
    pub(crate) dice: Dice,
    pub(crate) row: Vec<SynthCell<'a>>,
}

/// Separate random streams for the nature of an enterprise and for the knowledge about it, so that one does not shift with the
/// other.
const TRAIT_STREAM: u64 = 0x0E47_E212;
const KNOWLEDGE_STREAM: u64 = 0x0048_4E0A;

impl Synth {
    /// Enterprise number `n`, from 0: always the same for a given seed.
    pub fn enterprise(&self, n: u64) -> SynthEnterprise<'_> {
        let mut maker = RowBuilder {
            marginals: &self.marginals,
            dice: Dice::new(self.options.seed ^ TRAIT_STREAM, n),
            row: vec![SynthCell::Unknown; FIELDS.len() * CELLS_PER_FIELD],
        };
        if let Some(nature) = maker.nature() {
            maker.figures(&nature);
            maker.titles_and_credit(&nature);
        }
        let mut row = maker.row;
        self.unknown_shares.conceal(
            &self.columns,
            &mut row,
            &mut Dice::new(self.options.seed ^ KNOWLEDGE_STREAM, n),
        );
        SynthEnterprise { id: id_of(n), name: format!("合成样例企业{n:08}号"), row }
    }
}

impl<'a> RowBuilder<'a> {
    pub(crate) fn set(&mut self, field: Field, cell: SynthCell<'a>) {
        if let Some(slot) = self.row.get_mut(field.cell_index()) {
            *slot = cell;
        }
    }

    /// Sets the value of a year: 0 is the last full year, 1 the one before.
    pub(crate) fn set_year(&mut self, field: Field, back: usize, cell: SynthCell<'a>) {
        if let Some(slot) = field.cell_index().checked_sub(back).and_then(|index| self.row.get_mut(index)) {
            *slot = cell;
        }
    }

    pub(crate) fn flag(&mut self, field: Field, share: f64) {
        let truth = self.dice.chance(share);
        self.set(field, SynthCell::Truth(truth));
    }

    /// Draws the nature of an enterprise; the marginals always have choices to draw from.
    fn nature(&mut self) -> Option<Nature<'a>> {
        let marginals = self.marginals;
        let division = marginals.divisions.draw(&mut self.dice)?;
        let class = division.classes.get(self.dice.zipf(division.classes.len()))?;
        self.set(Field::Industry, SynthCell::Text(class));
        let form = marginals.legal_forms.draw(&mut self.dice)?;
        let person = matches!(form.as_str(), "个体工商户" | "个人独资企业" | "农民专业合作社");
        self.set(Field::LegalForm, SynthCell::Text(form));
        let legal_person = !matches!(
            form.as_str(),
            "个体工商户" | "个人独资企业" | "分公司" | "合伙企业" | "外国企业常驻代表机构"
        );
        self.set(Field::IsLegalPerson, SynthCell::Truth(legal_person));
        self.places();
        let founded = self.founded()?;
        let age = f64::from((marginals.day - founded).get_days()) / 365.25;
        let size = &marginals.size;
        let young = (0.45 + 0.11 * age).min(1.0);
        let staff =
            division.staff * young * exp(size.staff * self.dice.normal()) * if person { 0.35 } else { 1.0 };
        let staff = staff.clamp(1.0, 60_000.0);
        let larger = if staff >= 20.0 { 2.2 } else { 0.85 };
        let research = !person && self.dice.chance((division.research * larger).min(0.9));
        let idle = self.dice.chance(if age < 1.0 { 3.0 * size.idle } else { size.idle }) && staff < 20.0;
        Some(Nature { division, founded, age, research, staff, idle, person })
    }

    fn places(&mut self) {
        let marginals = self.marginals;
        let place = &marginals.place;
        let Some(county) = marginals.counties.draw(&mut self.dice) else { return };
        let street = self.dice.pick(&county.streets);
        let exact = self.dice.chance(place.street);
        let registered = if exact { street.unwrap_or(&county.code) } else { &county.code };
        self.set(Field::RegisteredRegion, SynthCell::Text(registered));
        for (field, same) in [(Field::TaxRegion, place.tax), (Field::ActualRegion, place.actual)] {
            let stays = self.dice.chance(same);
            let other = self.dice.pick(marginals.counties.all());
            let code = if stays { &county.code } else { other.map_or(&county.code, |other| &other.code) };
            self.set(field, SynthCell::Text(code));
        }
    }

    fn founded(&mut self) -> Option<Date> {
        let marginals = self.marginals;
        let year = *marginals.founded.draw(&mut self.dice)?;
        let first = Date::new(year, 1, 1).ok()?;
        let last = Date::new(year, 12, 31).ok()?.min(marginals.day);
        let days = usize::try_from((last - first).get_days()).unwrap_or(0) + 1;
        let day = first.saturating_add(i64::try_from(self.dice.below(days)).unwrap_or(0).days());
        self.set(Field::EstablishedOn, SynthCell::Day(day));
        Some(day)
    }
}
