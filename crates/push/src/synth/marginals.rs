//! Marginal distributions (边际分布) of a city: read from `seeds/synth/marginals.yaml`, never written in code.

use jiff::civil::Date;
use zhaoren_policy::code::{CodeSystem, names};
use zhaoren_policy::syntax::{self, Node, Tree};

use super::SynthError;
use super::dice::Weighted;
use super::fields::Holder;

const TEXT: &str = include_str!("../../../../seeds/synth/marginals.yaml");

/// Division of GB/T 4754, with the parameters of its enterprises.
#[derive(Clone, Debug)]
pub(crate) struct Division {
    /// Classes of the division, with the section letter.
    pub(crate) classes: Vec<String>,
    /// Median number of employees.
    pub(crate) staff: f64,
    /// Median revenue per employee, in yuan.
    pub(crate) turnover: f64,
    /// Share of enterprises that do research.
    pub(crate) research: f64,
    /// Tags of those enterprises: 高新技术领域, 战略性新兴产业领域, 地方重点产业.
    pub(crate) fields: [String; 3],
}

/// District with its streets.
#[derive(Clone, Debug)]
pub(crate) struct County {
    pub(crate) code: String,
    pub(crate) streets: Vec<String>,
}

/// Title with the parameters of its holders.
#[derive(Clone, Debug)]
pub(crate) struct Title {
    pub(crate) tag: String,
    pub(crate) rate: f64,
    /// True if only enterprises that do research hold it.
    pub(crate) research: bool,
    /// Factors of the rate for micro, small, medium and large enterprises.
    pub(crate) sizes: [f64; 4],
    /// Minimum age in years.
    pub(crate) age: f64,
}

/// Shares of unknown values among the facts of one holder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gaps {
    pub(crate) holder: Holder,
    /// Share of enterprises with all facts unknown.
    pub(crate) all: f64,
    /// Share of single facts unknown for the other enterprises.
    pub(crate) one: f64,
    /// Share of unknown single facts for which a range is known.
    pub(crate) range: f64,
}

/// All parameters of a city.
#[derive(Clone, Debug)]
pub(crate) struct Marginals {
    pub(crate) day: Date,
    pub(crate) clean_since: Date,
    pub(crate) counties: Weighted<County>,
    pub(crate) divisions: Weighted<Division>,
    pub(crate) founded: Weighted<i16>,
    pub(crate) legal_forms: Weighted<String>,
    pub(crate) ownership: Weighted<String>,
    pub(crate) statuses: Weighted<String>,
    pub(crate) tax_grades: Weighted<String>,
    pub(crate) titles: Vec<Title>,
    pub(crate) gaps: Vec<Gaps>,
    pub(crate) topics: Weighted<String>,
    pub(crate) thresholds: Vec<(String, Vec<String>)>,
    pub(crate) place: Place,
    pub(crate) size: Size,
    pub(crate) results: Results,
    pub(crate) research: Research,
    pub(crate) flags: Flags,
    pub(crate) incidents: Incidents,
}

/// Reads the named numbers of a parameter into a struct with fields of the same names.
macro_rules! numbers {
    ($(#[$doc:meta])* $name:ident $parameter:literal { $($field:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name { $(pub(crate) $field: f64),* }

        impl $name {
            fn read(sheet: &Sheet) -> Result<Self, SynthError> {
                let value = sheet.value($parameter)?;
                Ok(Self { $($field: number_at(value, $parameter, stringify!($field))?),* })
            }
        }
    };
}

numbers!(
    /// Location of enterprises.
    Place "place" { street, tax, actual });
numbers!(
    /// Size of enterprises.
    Size "size" { staff, turnover, growth, assets, capital, idle });
numbers!(
    /// Results of enterprises.
    Results "results" { growth, margin, margin_spread, tax, debt, insured, exporter, borrower, financed });
numbers!(
    /// Research of the enterprises that do any.
    Research "research" { intensity, spread, staff, patents, copyrights, product });
numbers!(
    /// Shares of true values.
    Flags "flags" { restricted_industry, serious_dishonest, court_dishonest, abnormal_list, major_tax_violation,
        tax_or_si_arrears, research_dishonest, tax_resident, independent_accounting });
numbers!(
    /// Shares of enterprises with such an event.
    Incidents "incidents" { last_penalty_on, last_safety_accident_on, last_quality_accident_on, last_env_violation_on });

impl Marginals {
    /// Marginals embedded in the program.
    pub(crate) fn built_in() -> Result<Self, SynthError> {
        Self::read(TEXT)
    }

    fn read(text: &str) -> Result<Self, SynthError> {
        let sheet = Sheet::parse(text)?;
        let day = date(&sheet, "day")?;
        Ok(Self {
            day,
            clean_since: date(&sheet, "clean_since")?,
            counties: counties(&sheet)?,
            divisions: divisions(&sheet)?,
            founded: founded(&sheet, day)?,
            legal_forms: weights(&sheet, "legal_forms")?,
            ownership: weights(&sheet, "ownership")?,
            statuses: weights(&sheet, "statuses")?,
            tax_grades: weights(&sheet, "tax_grades")?,
            titles: titles(&sheet)?,
            gaps: gaps(&sheet)?,
            topics: weights(&sheet, "topics")?,
            thresholds: thresholds(&sheet)?,
            place: Place::read(&sheet)?,
            size: Size::read(&sheet)?,
            results: Results::read(&sheet)?,
            research: Research::read(&sheet)?,
            flags: Flags::read(&sheet)?,
            incidents: Incidents::read(&sheet)?,
        })
    }
}

/// Parameter file: parameters by name.
struct Sheet(Node);

impl Sheet {
    fn parse(text: &str) -> Result<Self, SynthError> {
        let nodes = syntax::yaml(text)
            .map_err(|error| SynthError::Marginals(format!("第 {} 行", error.line), error.message.clone()))?;
        let root = nodes.into_iter().next().ok_or_else(|| wrong("", "a map of parameters"))?;
        for (name, node) in map(&root, "")? {
            let said = node.get("source").and_then(Node::text).is_some_and(|source| !source.is_empty());
            if said == (node.get("guess").map(|guess| &guess.value) == Some(&Tree::Bool(true))) {
                return Err(wrong(name, "either `source` or `guess: true`"));
            }
        }
        Ok(Self(root))
    }

    fn value(&self, name: &str) -> Result<&Node, SynthError> {
        self.0.get(name).and_then(|node| node.get("value")).ok_or_else(|| wrong(name, "a `value`"))
    }

    fn entries(&self, name: &str) -> Result<&[(String, Node)], SynthError> {
        map(self.value(name)?, name)
    }
}

fn wrong(at: &str, expected: &str) -> SynthError {
    SynthError::Marginals(at.to_owned(), format!("expected {expected}"))
}

fn map<'a>(node: &'a Node, at: &str) -> Result<&'a [(String, Node)], SynthError> {
    match &node.value {
        Tree::Map(entries) => Ok(entries),
        _ => Err(wrong(at, "a map")),
    }
}

fn list<'a>(node: &'a Node, at: &str) -> Result<&'a [Node], SynthError> {
    match &node.value {
        Tree::List(list) => Ok(list),
        _ => Err(wrong(at, "a list")),
    }
}

fn number(node: &Node, at: &str) -> Result<f64, SynthError> {
    match &node.value {
        Tree::Number(text) => text.parse().map_err(|_| wrong(at, "a number")),
        _ => Err(wrong(at, "a number")),
    }
}

fn number_at(node: &Node, parameter: &str, key: &str) -> Result<f64, SynthError> {
    let at = format!("{parameter}.{key}");
    number(node.get(key).ok_or_else(|| wrong(&at, "a number"))?, &at)
}

/// Exactly `N` numbers.
fn row<const N: usize>(node: &Node, at: &str) -> Result<[f64; N], SynthError> {
    let numbers: Vec<f64> = list(node, at)?.iter().map(|node| number(node, at)).collect::<Result<_, _>>()?;
    numbers.try_into().map_err(|_| wrong(at, &format!("{N} numbers")))
}

fn date(sheet: &Sheet, name: &str) -> Result<Date, SynthError> {
    let text = sheet.value(name)?.text().and_then(|text| text.parse().ok());
    text.ok_or_else(|| wrong(name, "a date"))
}

fn weights(sheet: &Sheet, name: &str) -> Result<Weighted<String>, SynthError> {
    let entries: Vec<(String, f64)> = sheet
        .entries(name)?
        .iter()
        .map(|(key, node)| Ok((key.clone(), number(node, name)?)))
        .collect::<Result<_, SynthError>>()?;
    Ok(Weighted::new(entries))
}

fn counties(sheet: &Sheet) -> Result<Weighted<County>, SynthError> {
    let codes: Vec<String> =
        names(CodeSystem::Region).iter().map(|(code, _)| code.key().to_owned()).collect();
    let mut counties = Vec::new();
    for (code, node) in sheet.entries("counties")? {
        let below = |other: &&String| other.len() == 9 && other.starts_with(code.as_str());
        let streets = codes.iter().filter(below).cloned().collect();
        counties.push((County { code: code.clone(), streets }, number(node, "counties")?));
    }
    Ok(Weighted::new(counties))
}

fn divisions(sheet: &Sheet) -> Result<Weighted<Division>, SynthError> {
    let classes: Vec<String> = names(CodeSystem::Industry)
        .iter()
        .map(|(code, _)| code.key().to_owned())
        .filter(|key| key.len() == 5)
        .collect();
    let mut divisions = Vec::new();
    for (division, node) in sheet.entries("divisions")? {
        let at = format!("divisions.{division}");
        let [weight, staff, turnover, research] = row(node, &at)?;
        let of = |class: &&String| class.get(1..3) == Some(division.as_str());
        let classes: Vec<String> = classes.iter().filter(of).cloned().collect();
        if classes.is_empty() {
            return Err(wrong(&at, "a division of GB/T 4754"));
        }
        let fields = fields(sheet, division)?;
        divisions
            .push((Division { classes, staff, turnover: turnover * 10_000.0, research, fields }, weight));
    }
    Ok(Weighted::new(divisions))
}

fn fields(sheet: &Sheet, division: &str) -> Result<[String; 3], SynthError> {
    let value = sheet.value("fields")?;
    let node =
        value.get(division).or_else(|| value.get("default")).ok_or_else(|| wrong("fields", "default"))?;
    let texts: Vec<String> =
        list(node, "fields")?.iter().filter_map(|node| node.text().map(str::to_owned)).collect();
    texts.try_into().map_err(|_| wrong("fields", "three tags"))
}

/// Founding years, weighted by the number of enterprises founded then that still exist.
fn founded(sheet: &Sheet, day: Date) -> Result<Weighted<i16>, SynthError> {
    let value = sheet.value("founded")?;
    let (first, mean) =
        (number_at(value, "founded", "first")? as i16, number_at(value, "founded", "mean_years")?);
    let cohorts = value.get("cohorts").ok_or_else(|| wrong("founded", "cohorts"))?;
    let mut years = Vec::new();
    for year in first..=day.year() {
        let factor =
            cohorts.get(&year.to_string()).map_or(Ok(1.0), |node| number(node, "founded.cohorts"))?;
        let age = f64::from(day.year() - year);
        years.push((year, factor * super::dice::exp(-age / mean)));
    }
    Ok(Weighted::new(years))
}

fn titles(sheet: &Sheet) -> Result<Vec<Title>, SynthError> {
    let title = |(tag, node): &(String, Node)| {
        let [rate, research, micro, small, medium, large, age] = row(node, &format!("titles.{tag}"))?;
        let sizes = [micro, small, medium, large];
        Ok(Title { tag: tag.clone(), rate, research: research > 0.0, sizes, age })
    };
    sheet.entries("titles")?.iter().map(title).collect()
}

fn gaps(sheet: &Sheet) -> Result<Vec<Gaps>, SynthError> {
    let value = sheet.value("unknown")?;
    let gap = |(holder, name): (Holder, &str)| {
        let at = format!("unknown.{name}");
        let [all, one, range] = row(value.get(name).ok_or_else(|| wrong(&at, "three shares"))?, &at)?;
        Ok(Gaps { holder, all, one, range })
    };
    Holder::ALL.into_iter().map(gap).collect()
}

fn thresholds(sheet: &Sheet) -> Result<Vec<(String, Vec<String>)>, SynthError> {
    let one = |(key, node): &(String, Node)| {
        let at = format!("thresholds.{key}");
        let text = |node: &Node| match &node.value {
            Tree::Number(text) => Ok(text.clone()),
            _ => Err(wrong(&at, "numbers")),
        };
        Ok((key.clone(), list(node, &at)?.iter().map(text).collect::<Result<_, _>>()?))
    };
    sheet.entries("thresholds")?.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_names_its_source() {
        Marginals::built_in().unwrap();
        for (text, at) in [
            ("day: {value: 2026-06-30}", "day"),
            ("day: {guess: true, source: 甲, value: 2026-06-30}", "day"),
            ("day: {guess: false, value: 2026-06-30}", "day"),
        ] {
            match Marginals::read(text) {
                Err(SynthError::Marginals(place, _)) => assert_eq!(place, at),
                other => panic!("{text}: {other:?}"),
            }
        }
    }
}
