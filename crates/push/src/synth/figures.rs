//! Consistent figures from the nature of an enterprise: yearly figures, research, titles and record.

use jiff::ToSpan;

use super::dice::exp;
use super::enterprise::{Nature, RowBuilder, SynthCell};
use super::fields::Field;

/// Whole yuan in fen; amounts beyond the range of a table column do not occur.
fn money<'a>(yuan: f64) -> SynthCell<'a> {
    SynthCell::Scaled((yuan.round() as i64).saturating_mul(100))
}

fn ratio<'a>(share: f64) -> SynthCell<'a> {
    SynthCell::Scaled((share.clamp(0.0, 1.0) * 10_000.0).round() as i64)
}

fn whole<'a>(count: f64) -> SynthCell<'a> {
    SynthCell::Whole(count.max(0.0).round() as i64)
}

/// Figures of one year, in yuan and heads.
struct Year {
    back: usize,
    revenue: f64,
    staff: f64,
    /// Share of the year in which the enterprise existed.
    part: f64,
}

impl<'a> RowBuilder<'a> {
    /// Draws all yearly figures, and the current ones that depend on them.
    pub(crate) fn figures(&mut self, nature: &Nature<'a>) {
        self.staff(nature);
        self.capital(nature);
        let years = self.years(nature);
        for year in &years {
            self.results(year);
        }
        if let Some(last) = years.last().filter(|year| year.back == 0) {
            self.last_year(nature, last);
        }
        if nature.research {
            self.research(nature, &years);
        } else {
            self.no_research(&years);
        }
    }

    /// Last three full years in which the enterprise existed, the earliest first.
    fn years(&mut self, nature: &Nature<'a>) -> Vec<Year> {
        let (size, results) = (&self.marginals.size, &self.marginals.results);
        let last = self.marginals.day.year() - 1;
        let own = exp(size.turnover * self.dice.normal());
        let mut revenue = if nature.idle { 0.0 } else { nature.staff * nature.division.turnover * own };
        let mut staff = nature.staff;
        let mut years = Vec::new();
        for back in 0..3_i16 {
            let year = last - back;
            if nature.founded.year() > year {
                break;
            }
            let months = 13 - nature.founded.month();
            let part = if nature.founded.year() == year { f64::from(months) / 12.0 } else { 1.0 };
            years.push(Year { back: usize::from(back.unsigned_abs()), revenue: revenue * part, staff, part });
            let growth = exp(results.growth + size.growth * self.dice.normal());
            revenue /= growth;
            // Staff follows revenue, with smaller changes.
            staff = (staff * (1.0 + 0.5 * (1.0 / growth - 1.0))).max(1.0);
        }
        years.reverse();
        years
    }

    fn results(&mut self, year: &Year) {
        let (size, results) = (&self.marginals.size, &self.marginals.results);
        let margin = results.margin + results.margin_spread * self.dice.normal();
        let assets =
            (year.revenue / year.part.max(0.1)).max(20_000.0) * exp(size.assets * self.dice.normal() - 0.2);
        let debt = (results.debt + 0.22 * self.dice.normal()).clamp(0.01, 1.6);
        let profit = if year.revenue > 0.0 { year.revenue * margin } else { -5_000.0 * self.dice.unit() };
        let tax = year.revenue * results.tax * exp(0.6 * self.dice.normal());
        self.set_year(Field::Revenue, year.back, money(year.revenue));
        self.set_year(Field::SalesRevenue, year.back, money(year.revenue));
        self.set_year(Field::TotalAssets, year.back, money(assets));
        self.set_year(Field::NetAssets, year.back, money(assets * (1.0 - debt)));
        self.set_year(Field::NetProfit, year.back, money(profit));
        self.set_year(Field::TaxesPaid, year.back, money(tax));
        self.set_year(Field::EmployeesAvg, year.back, whole(year.staff.max(1.0)));
        if year.back == 0 {
            self.set(Field::TaxableIncome, money(profit * if profit > 0.0 { 1.05 } else { 1.0 }));
            self.set(Field::CostExpense, money((year.revenue - profit).max(0.0)));
        }
    }

    fn last_year(&mut self, nature: &Nature<'a>, last: &Year) {
        let results = &self.marginals.results;
        let main = self.dice.between(0.85, 1.0);
        self.set(Field::MainRevenue, money(last.revenue * main));
        let income = last.revenue * self.dice.between(1.0, 1.03);
        self.set(Field::TotalIncome, money(income));
        let vat = if last.revenue > 5_000_000.0 || self.dice.chance(0.25) {
            "一般纳税人"
        } else {
            "小规模纳税人"
        };
        self.set(Field::VatType, SynthCell::Text(vat));
        let exports = if self.dice.chance(results.exporter) && !nature.person {
            last.revenue * self.dice.between(0.05, 0.9)
        } else {
            0.0
        };
        self.set(Field::Exports, money(exports));
        let equipment = if self.dice.chance(0.25) { last.revenue * self.dice.between(0.0, 0.1) } else { 0.0 };
        self.set(Field::EquipmentInvestment, money(equipment));
        let financed = nature.research && self.dice.chance(results.financed);
        let raised = if financed { 3_000_000.0 * exp(1.1 * self.dice.normal()) } else { 0.0 };
        self.set(Field::EquityFinancing, money(raised));
        let area = (nature.staff * self.dice.between(6.0, 30.0)).max(10.0);
        self.set(Field::FloorArea, SynthCell::Scaled((area * 100.0).round() as i64));
        let rent = area * 365.0 * self.dice.between(0.8, 6.0);
        self.set(Field::RentPaid, money(rent));
        let left = if self.dice.chance(0.7) { 0.0 } else { self.dice.between(0.0, 0.12) };
        self.set(Field::LayoffRate, ratio(left));
        let graduates =
            if self.dice.chance(0.25) { nature.staff * self.dice.between(0.0, 0.12) } else { 0.0 };
        self.set(Field::Graduates, whole(graduates.floor()));
    }

    fn staff(&mut self, nature: &Nature<'a>) {
        let results = &self.marginals.results;
        let insured = (results.insured + 0.2 * self.dice.normal()).clamp(0.0, 1.0);
        self.set(Field::Employees, whole(nature.staff));
        let insured = if nature.person && self.dice.chance(0.5) { 0.0 } else { nature.staff * insured };
        self.set(Field::Insured, whole(insured));
        let borrows = self.dice.chance(results.borrower);
        let loan = if borrows { 400_000.0 * exp(1.2 * self.dice.normal()) } else { 0.0 };
        self.set(Field::LoanBalance, money(loan));
    }

    fn capital(&mut self, nature: &Nature<'a>) {
        let size = &self.marginals.size;
        let typical = [1_000_000.0, 3_000_000.0, 20_000_000.0, 100_000_000.0];
        let typical = typical.get(nature.size()).copied().unwrap_or(1_000_000.0);
        let capital =
            typical * exp(size.capital * self.dice.normal()) * if nature.person { 0.05 } else { 1.0 };
        // Registered capital is usually a round sum.
        let step = if capital >= 2_000_000.0 { 1_000_000.0 } else { 10_000.0 };
        let capital = (capital / step).round().max(1.0) * step;
        self.set(Field::RegisteredCapital, money(capital));
        let paid = if self.dice.chance(0.4) { 1.0 } else { self.dice.between(0.0, 0.8) };
        self.set(Field::PaidInCapital, money(capital * paid));
    }

    fn research(&mut self, nature: &Nature<'a>, years: &[Year]) {
        let research = &self.marginals.research;
        let usual = research.intensity * exp(research.spread * self.dice.normal());
        for year in years {
            let share = (usual * exp(0.2 * self.dice.normal())).min(0.8);
            // Young firms spend on research before they have revenue.
            let spent = (year.revenue * share).max(year.staff * 20_000.0 * share);
            self.set_year(Field::RdExpense, year.back, money(spent));
            let domestic = if self.dice.chance(0.9) { 1.0 } else { self.dice.between(0.4, 1.0) };
            self.set_year(Field::RdDomestic, year.back, money(spent * domestic));
        }
        let staff = (research.staff * exp(0.6 * self.dice.normal())).min(0.95);
        if let Some(last) = years.last().filter(|year| year.back == 0) {
            let product = (research.product + 0.18 * self.dice.normal()).clamp(0.0, 1.0);
            self.set(Field::HightechRevenue, money(last.revenue * product));
            self.set(Field::RdStaff, whole((last.staff * staff).floor()));
            self.set(Field::SciTechStaff, whole((last.staff * (staff * 1.25).min(1.0)).floor()));
        }
        let grown = (nature.age / 6.0).min(1.5) * (1.0 + nature.staff / 80.0).min(12.0);
        let patents = (research.patents * grown * exp(0.9 * self.dice.normal()) - 0.5).max(0.0).floor();
        let copyrights = (research.copyrights * grown * exp(0.9 * self.dice.normal()) - 0.5).max(0.0).floor();
        let others = (patents * self.dice.between(1.0, 4.0)).floor();
        self.property(patents, copyrights, others);
        let [high, emerging, local] = &nature.division.fields;
        self.set(Field::HightechFields, SynthCell::Tags(vec![high]));
        let listed = self.dice.chance(0.6);
        self.set(Field::EmergingFields, SynthCell::Tags(if listed { vec![emerging] } else { Vec::new() }));
        let listed = self.dice.chance(0.7);
        self.set(Field::LocalIndustries, SynthCell::Tags(if listed { vec![local] } else { Vec::new() }));
    }

    fn no_research(&mut self, years: &[Year]) {
        for year in years {
            self.set_year(Field::RdExpense, year.back, money(0.0));
            self.set_year(Field::RdDomestic, year.back, money(0.0));
        }
        if years.last().is_some_and(|year| year.back == 0) {
            self.set(Field::HightechRevenue, money(0.0));
            self.set(Field::RdStaff, whole(0.0));
            self.set(Field::SciTechStaff, whole(0.0));
        }
        let odd = self.dice.chance(0.02);
        self.property(0.0, if odd { 1.0 } else { 0.0 }, 0.0);
        for field in [Field::HightechFields, Field::EmergingFields, Field::LocalIndustries] {
            self.set(field, SynthCell::Tags(Vec::new()));
        }
    }

    fn property(&mut self, patents: f64, copyrights: f64, others: f64) {
        self.set(Field::PatentsValid, whole(patents));
        self.set(Field::IpClass1, whole(patents));
        self.set(Field::Copyrights, whole(copyrights));
        self.set(Field::IpClass2, whole(copyrights + others));
    }

    /// Draws titles, credit and record.
    pub(crate) fn titles_and_credit(&mut self, nature: &Nature<'a>) {
        let marginals = self.marginals;
        self.titles(nature);
        if let Some(status) = marginals.statuses.draw(&mut self.dice) {
            self.set(Field::Status, SynthCell::Text(status));
        }
        if let Some(grade) = marginals.tax_grades.draw(&mut self.dice) {
            self.set(Field::TaxGrade, SynthCell::Text(grade));
        }
        self.ownership(nature);
        let flags = &marginals.flags;
        for (field, share) in [
            (Field::Restricted, flags.restricted_industry),
            (Field::SeriousDishonest, flags.serious_dishonest),
            (Field::CourtDishonest, flags.court_dishonest),
            (Field::AbnormalList, flags.abnormal_list),
            (Field::MajorTaxViolation, flags.major_tax_violation),
            (Field::Arrears, flags.tax_or_si_arrears),
            (Field::ResearchDishonest, flags.research_dishonest),
            (Field::TaxResident, flags.tax_resident),
            (Field::Accounting, flags.independent_accounting),
        ] {
            self.flag(field, share);
        }
        let incidents = &marginals.incidents;
        for (field, share) in [
            (Field::LastPenalty, incidents.last_penalty_on),
            (Field::LastSafety, incidents.last_safety_accident_on),
            (Field::LastQuality, incidents.last_quality_accident_on),
            (Field::LastEnvironment, incidents.last_env_violation_on),
        ] {
            self.incident(field, share, nature);
        }
    }

    fn titles(&mut self, nature: &Nature<'a>) {
        let marginals = self.marginals;
        let (mut held, mut fresh) = (Vec::new(), Vec::new());
        for title in &marginals.titles {
            let rate = title.rate * title.sizes.get(nature.size()).copied().unwrap_or(0.0);
            let open = nature.age >= title.age && (nature.research || !title.research) && !nature.person;
            if open && self.dice.chance(rate.min(0.95)) {
                held.push(title.tag.as_str());
                if self.dice.chance(0.25) {
                    fresh.push(title.tag.as_str());
                }
            }
        }
        self.set(Field::InStatistics, SynthCell::Truth(held.contains(&"规上企业")));
        self.set(Field::Qualifications, SynthCell::Tags(held));
        self.set(Field::TitlesLastYear, SynthCell::Tags(fresh));
    }

    fn ownership(&mut self, nature: &Nature<'a>) {
        let marginals = self.marginals;
        let Some(drawn) = marginals.ownership.draw(&mut self.dice) else { return };
        let held = if nature.person { "私人控股" } else { drawn.as_str() };
        self.set(Field::Ownership, SynthCell::Text(held));
        let foreign = match held {
            "外商控股" | "港澳台商控股" => self.dice.between(0.5, 1.0),
            _ => 0.0,
        };
        self.set(Field::ForeignShare, ratio(foreign));
    }

    fn incident(&mut self, field: Field, share: f64, nature: &Nature<'a>) {
        let happened = self.dice.chance(share);
        let back = self.dice.below(4 * 365);
        let day = self.marginals.day.saturating_sub(i64::try_from(back).unwrap_or(0).days());
        let cell = if happened && day >= nature.founded {
            SynthCell::Day(day)
        } else {
            SynthCell::NotSince(self.marginals.clean_since)
        };
        self.set(field, cell);
    }
}
