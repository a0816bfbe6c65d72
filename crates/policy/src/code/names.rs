//! Names of codes, from the tables in `seeds/codes`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{Code, CodeSystem};

/// Names by code, for one system.
#[derive(Debug)]
pub struct CodeNames {
    by_key: BTreeMap<String, String>,
    by_name: BTreeMap<String, Vec<Code>>,
    system: CodeSystem,
}

static REGIONS: LazyLock<CodeNames> = LazyLock::new(|| {
    let tables = [
        include_str!("../../../../seeds/codes/gbt2260-divisions.tsv"),
        // Made-up places for samples, below 98, which GB/T 2260 does not assign.
        include_str!("../../../../seeds/codes/sample-divisions.tsv"),
    ];
    CodeNames::read(&tables, CodeSystem::Region)
});
static INDUSTRIES: LazyLock<CodeNames> = LazyLock::new(|| {
    CodeNames::read(
        &[include_str!("../../../../seeds/codes/gbt4754-2017-industries.tsv")],
        CodeSystem::Industry,
    )
});

/// Built-in names of `system`.
pub fn names(system: CodeSystem) -> &'static CodeNames {
    match system {
        CodeSystem::Region => &REGIONS,
        CodeSystem::Industry => &INDUSTRIES,
    }
}

impl CodeNames {
    /// Reads tables with a header line: the code in the first column, the name in the last.
    fn read(tables: &[&str], system: CodeSystem) -> Self {
        let mut by_key = BTreeMap::new();
        let mut by_name: BTreeMap<String, Vec<Code>> = BTreeMap::new();
        for line in tables.iter().flat_map(|table| table.lines().skip(1)) {
            let mut columns = line.split('\t');
            let (Some(code), Some(name)) = (columns.next(), columns.next_back()) else { continue };
            let Some(code) = Code::parse(code.trim(), system) else { continue };
            by_key.insert(code.key().to_owned(), name.trim().to_owned());
            by_name.entry(name.trim().to_owned()).or_default().push(code);
        }
        if system == CodeSystem::Region {
            by_key.insert(String::new(), "全国".to_owned());
            by_name.insert("全国".to_owned(), vec![Code { key: String::new(), system }]);
        }
        Self { by_key, by_name, system }
    }

    /// Name of `code`: 徐汇区, 软件开发.
    pub fn name(&self, code: &Code) -> Option<&str> {
        self.by_key.get(code.key()).map(String::as_str)
    }

    /// Codes with exactly this name; several districts share one.
    pub fn codes(&self, name: &str) -> &[Code] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// True if the table has exactly `code`.
    pub fn lists(&self, code: &Code) -> bool {
        self.by_key.contains_key(code.key())
    }

    /// True if the tables have `code`, or, for streets and communities, its county.
    pub fn contains(&self, code: &Code) -> bool {
        self.by_key.contains_key(code.key())
            || (self.system == CodeSystem::Region
                && code.key().get(..6).is_some_and(|county| self.by_key.contains_key(county)))
    }

    /// Names that mean exactly one code, of codes with at most `digits` digits below one of `ancestors`, in code order. Names to
    /// pick from have to be understood when they come back.
    pub fn distinct_names(&self, ancestors: &[Code], digits: usize) -> Vec<&str> {
        let is_below = |code: &Code| ancestors.is_empty() || ancestors.iter().any(|one| code.is_within(one));
        let is_short = |code: &Code| code.key().bytes().filter(u8::is_ascii_digit).count() <= digits;
        self.iter()
            .filter(|(code, name)| self.codes(name).len() == 1 && is_below(code) && is_short(code))
            .map(|(_, name)| name)
            .collect()
    }

    /// Every code with its name, in code order.
    pub fn iter(&self) -> impl Iterator<Item = (Code, &str)> {
        self.by_key.iter().map(|(key, name)| (Code { key: key.clone(), system: self.system }, name.as_str()))
    }
}
