//! Reading of codes as people give them: of today, of the past, outside the tables, or by name.
//!
//! What a code or a name can mean is a set of today's codes. A set with several members is unknown among them; it is never one of
//! them by guess, and never certainly something else.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use zhaoren_cancel::steps;

use super::{Code, CodeSystem, names};

/// Meaning of a text as a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeReading {
    /// Codes that it can mean, in order. Empty: any code.
    pub codes: Vec<Code>,
    /// Way in which it was read.
    pub by: ReadBy,
}

/// Way in which a text was read as a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadBy {
    /// It is a code of the table.
    Code,
    /// It is a code of the past, replaced on this day or in this year.
    Past(&'static str),
    /// It has the form of a code, and no table has it.
    Form,
    /// It is a name.
    Name,
}

/// Code of the past.
#[derive(Clone, Copy, Debug)]
struct PastCode {
    name: &'static str,
    /// Codes of today, parted by commas.
    now: &'static str,
    /// Year or day of the change.
    since: &'static str,
}

/// Codes of the past by key.
type PastCodes = HashMap<String, PastCode>;

static PAST_REGIONS: LazyLock<PastCodes> = LazyLock::new(|| {
    past(include_str!("../../../../seeds/codes/past-divisions.tsv"), |code| {
        super::region::key(code).unwrap_or_default()
    })
});
static PAST_INDUSTRIES: LazyLock<PastCodes> = LazyLock::new(|| {
    past(include_str!("../../../../seeds/codes/past-industries.tsv"), |code| {
        super::industry::key(code).unwrap_or_default()
    })
});

fn past(table: &'static str, key: impl Fn(&str) -> String) -> PastCodes {
    let read = |line: &'static str| {
        let mut columns = line.split('\t');
        let (code, name) = (columns.next()?, columns.next()?);
        Some((key(code), PastCode { name, now: columns.next()?, since: columns.next()? }))
    };
    table.lines().skip(1).filter_map(read).collect()
}

fn past_codes(system: CodeSystem) -> &'static PastCodes {
    match system {
        CodeSystem::Region => &PAST_REGIONS,
        CodeSystem::Industry => &PAST_INDUSTRIES,
    }
}

impl PastCode {
    fn codes(&self, system: CodeSystem) -> Vec<Code> {
        self.now.split(',').filter_map(|code| Code::parse(code, system)).collect()
    }
}

/// Reads a code or a name; `None` if the text is neither.
pub fn read(text: &str, system: CodeSystem) -> Option<CodeReading> {
    /// Bytes of the longest name of a place with all that it lies in.
    const LONGEST: usize = 200;
    if text.len() > LONGEST {
        return None;
    }
    let text = plain(text);
    if let Some(code) = Code::parse(&text, system) {
        return Some(of_code(code));
    }
    let named = match system {
        CodeSystem::Region => region_by_name(&text),
        CodeSystem::Industry => industry_by_name(&text),
    };
    (!named.is_empty()).then_some(CodeReading { codes: named, by: ReadBy::Name })
}

fn of_code(code: Code) -> CodeReading {
    let system = code.system;
    let table = names(system);
    if table.lists(&code) {
        return CodeReading { codes: vec![code], by: ReadBy::Code };
    }
    // A street of the past lies somewhere in the county of today.
    let county = code.key.get(..6).unwrap_or(&code.key);
    let key = if system == CodeSystem::Region { county } else { &code.key };
    if let Some(past) = past_codes(system).get(key) {
        let mut codes = past.codes(system);
        codes.sort();
        return CodeReading { codes, by: ReadBy::Past(past.since) };
    }
    if table.contains(&code) {
        return CodeReading { codes: vec![code], by: ReadBy::Code };
    }
    // Certain facts about a code outside the table: the province of a region, since units of a province stay in it, and the
    // division of an industry.
    let (width, longest) = match system {
        CodeSystem::Region => (2, 6),
        CodeSystem::Industry => (3, 5),
    };
    let mut codes: Vec<Code> = Vec::new();
    if let Some(begin) = code.key.get(..width)
        && table.lists(&Code { key: begin.to_owned(), system })
    {
        let below = |code: &Code| code.key.starts_with(begin) && code.key.len() <= longest;
        codes = table.iter().map(|(code, _)| code).filter(below).collect();
        codes.push(code);
        codes.sort();
        // The enterprise is in one of the narrowest units; a group of them is no further candidate.
        let narrowest = |pair: &[Code]| match pair {
            [code, next] if next.key.starts_with(&code.key) => None,
            [code, ..] => Some(code.clone()),
            [] => None,
        };
        let last = codes.last().cloned();
        codes = codes.windows(2).filter_map(narrowest).chain(last).collect();
    }
    CodeReading { codes, by: ReadBy::Form }
}

/// Text without blanks and separators, in half-width capitals: `ｉ６５１３` is `I6513`.
fn plain(text: &str) -> String {
    text.nfkc()
        .filter(|sign| !sign.is_whitespace() && !crate::id::invisible(*sign))
        .filter(|sign| !matches!(sign, '\'' | '’' | '`' | '/' | '-' | '—' | '>' | '·' | '、' | ','))
        .flat_map(char::to_uppercase)
        .collect()
}

/// Keys of regions by name and short name: of today, and of the past.
struct RegionNames {
    now: HashMap<String, Vec<String>>,
    past: HashMap<String, Vec<String>>,
}

static REGION_NAMES: LazyLock<RegionNames> = LazyLock::new(|| {
    let mut all = RegionNames { now: HashMap::new(), past: HashMap::new() };
    let add = |map: &mut HashMap<String, Vec<String>>, key: &str, name: &str| {
        let short = short(name);
        for name in std::iter::once(name).chain(short) {
            let keys = map.entry(name.to_owned()).or_default();
            if !keys.iter().any(|known| known == key) {
                keys.push(key.to_owned());
            }
        }
    };
    for (code, name) in names(CodeSystem::Region).iter() {
        // Units that only group others have no name of their own.
        let nameless = ["市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"].contains(&name);
        if code.key.len() <= 6 && !code.key.is_empty() && !nameless {
            add(&mut all.now, &code.key, name);
        }
    }
    for (key, past) in PAST_REGIONS.iter().collect::<std::collections::BTreeMap<_, _>>() {
        add(&mut all.past, key, past.name);
    }
    all
});

/// Name without the word for its kind: 青浦区 is 青浦, 玉屏侗族自治县 is 玉屏. `None` if less than two characters are left.
fn short(name: &str) -> Option<&str> {
    const KINDS: [&str; 14] = [
        "特别行政区",
        "自治区",
        "自治州",
        "自治县",
        "自治旗",
        "新区",
        "地区",
        "林区",
        "省",
        "市",
        "区",
        "县",
        "盟",
        "旗",
    ];
    const PEOPLES: [&str; 47] = [
        "壮族",
        "回族",
        "维吾尔",
        "藏族",
        "羌族",
        "彝族",
        "苗族",
        "土家族",
        "侗族",
        "布依族",
        "傣族",
        "白族",
        "哈尼族",
        "景颇族",
        "傈僳族",
        "朝鲜族",
        "蒙古族",
        "蒙古",
        "哈萨克",
        "哈萨克族",
        "柯尔克孜",
        "满族",
        "畲族",
        "黎族",
        "瑶族",
        "仫佬族",
        "毛南族",
        "水族",
        "仡佬族",
        "佤族",
        "拉祜族",
        "纳西族",
        "怒族",
        "独龙族",
        "布朗族",
        "普米族",
        "土族",
        "撒拉族",
        "东乡族",
        "保安族",
        "裕固族",
        "锡伯",
        "塔吉克",
        "达斡尔族",
        "鄂温克族",
        "各族",
        "鄂伦春",
    ];
    let mut short = KINDS.iter().find_map(|kind| name.strip_suffix(kind))?;
    while let Some(rest) = PEOPLES.iter().find_map(|people| short.strip_suffix(people)) {
        if rest.is_empty() {
            break;
        }
        short = rest;
    }
    (short.chars().count() >= 2).then_some(short)
}

/// Codes of today of a place by its name, with or without the names of what it lies in: 青浦, 上海市青浦区, 闸北区.
fn region_by_name(text: &str) -> Vec<Code> {
    let text = text.replace("市辖区", "");
    let mut found = BTreeSet::new();
    places(&text, "", false, &mut found);
    if found.is_empty() {
        places(&text, "", true, &mut found);
    }
    let mut codes = BTreeSet::new();
    for key in found {
        match PAST_REGIONS.get(&key) {
            Some(past) => codes.extend(past.codes(CodeSystem::Region)),
            None => {
                codes.insert(Code { key, system: CodeSystem::Region });
            }
        }
    }
    codes.into_iter().collect()
}

/// Adds the keys below `above` that `text` names, the last of them of the past if `past`.
fn places(text: &str, above: &str, past: bool, found: &mut BTreeSet<String>) {
    let names = &*REGION_NAMES;
    // Each step goes at least one level down, of three.
    for (at, sign) in text.char_indices() {
        steps(1);
        let end = at + sign.len_utf8();
        let (Some(name), Some(rest)) = (text.get(..end), text.get(end..)) else { continue };
        let below = |key: &&String| key.len() > above.len() && key.starts_with(above);
        if rest.is_empty() {
            let names = if past { &names.past } else { &names.now };
            found.extend(names.get(name).into_iter().flatten().filter(below).cloned());
        } else if let Some(keys) = names.now.get(name) {
            for key in keys.iter().filter(below) {
                places(rest, key, past, found);
            }
        }
    }
}

/// Codes of an industry by its name, or by code and name: 应用软件开发, 6513应用软件开发.
fn industry_by_name(text: &str) -> Vec<Code> {
    let table = names(CodeSystem::Industry);
    let end = text.find(|sign: char| !sign.is_ascii_alphanumeric()).unwrap_or(text.len());
    let (begin, name) = text.split_at_checked(end).unwrap_or(("", text));
    let name = name.trim_matches(|sign: char| matches!(sign, '(' | ')' | ':' | '.'));
    if let Some(code) = Code::parse(begin, CodeSystem::Industry) {
        let same = table.name(&code).is_some_and(|own| plain(own) == name);
        return if same { vec![code] } else { Vec::new() };
    }
    let mut codes: Vec<Code> = table.codes(name).to_vec();
    codes.sort();
    // A group and its only class have one name; the class says as much and more.
    let all = codes.clone();
    codes.retain(|code| !all.iter().any(|other| other != code && other.is_within(code)));
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(text: &str) -> (Vec<String>, ReadBy) {
        let reading = read(text, CodeSystem::Region).unwrap_or_else(|| panic!("{text}"));
        (reading.codes.iter().map(ToString::to_string).collect(), reading.by)
    }

    /// Every code of the past leads to codes of today, is none itself, and has its parent in its first digits.
    #[test]
    fn past_codes_map_to_current_codes() {
        for (system, past) in
            [(CodeSystem::Region, &*PAST_REGIONS), (CodeSystem::Industry, &*PAST_INDUSTRIES)]
        {
            for (key, one) in past.iter().collect::<std::collections::BTreeMap<_, _>>() {
                assert!(!names(system).lists(&Code { key: key.clone(), system }), "{key} is a code of today");
                let codes = one.codes(system);
                assert_eq!(codes.len(), one.now.split(',').count(), "{key}");
                assert!(codes.iter().all(|code| names(system).lists(code)), "{key} leads nowhere");
                assert!(one.since.len() >= 4 && one.since.is_char_boundary(4), "{key}");
                if system == CodeSystem::Region {
                    assert!(
                        codes.iter().all(|code| code.key.get(..2) == key.get(..2)),
                        "{key} left its province"
                    );
                }
            }
        }
    }

    /// A code of the past is the unit of today, or one of several.
    #[test]
    fn past_codes_are_translated() {
        for (old, now) in [
            ("310108", "310106"),
            ("310103", "310101"),
            ("330103", "330105"),
            ("310230", "310151"),
            ("110104", "110102"),
            ("120107", "120116"),
            ("320503", "320508"),
            ("371202", "370116"),
            ("512081", "510185"),
            ("310108012", "310106"),
        ] {
            let (codes, by) = region(old);
            assert_eq!(codes, [now], "{old}");
            assert!(matches!(by, ReadBy::Past(_)));
        }
        assert_eq!(region("330104").0, ["330102", "330114"]);
        assert_eq!(region("341400").0.len(), 6);
        assert_eq!(region("310106"), (vec!["310106".to_owned()], ReadBy::Code));
        assert_eq!(region("310104007"), (vec!["310104007".to_owned()], ReadBy::Code));
        let (codes, by) = region("500157");
        assert_eq!(by, ReadBy::Form);
        assert!(
            codes.len() > 30 && codes.contains(&"500157".to_owned()) && codes.contains(&"500105".to_owned())
        );
        assert!(region("999999").0.is_empty());
        let industry = |text: &str| read(text, CodeSystem::Industry).map(|reading| reading.codes);
        let codes = industry("6510").unwrap();
        assert_eq!(codes.iter().map(Code::key).collect::<Vec<_>>(), ["I6511", "I6512", "I6513", "I6519"]);
        let codes = industry("6598").unwrap();
        assert!(codes.len() > 10 && codes.iter().all(|code| code.key().starts_with("I65")));
        assert_eq!(industry("9899").unwrap(), []);
        assert_eq!(industry("ｉ６５１３").unwrap()[0].key(), "I6513");
    }

    /// Places by name, alone and with what they lie in.
    #[test]
    fn regions_are_read_by_name() {
        for (name, codes) in [
            ("青浦", &["310118"][..]),
            ("浦东", &["310115"]),
            ("浦东新区", &["310115"]),
            ("上海市青浦区", &["310118"]),
            ("上海 青浦", &["310118"]),
            ("上海/徐汇", &["310104"]),
            ("江苏省苏州市姑苏区", &["320508"]),
            ("上海", &["310000"]),
            ("苏州市", &["320500"]),
            ("上海市市辖区静安区", &["310106"]),
            ("北京市朝阳区", &["110105"]),
            ("闸北区", &["310106"]),
            ("上海市闸北", &["310106"]),
            ("玉屏", &["520622"]),
            ("广西", &["450000"]),
            ("朝阳区", &["110105", "220104"]),
        ] {
            assert_eq!(region(name).0, codes, "{name}");
        }
        for none in ["火星", "青浦区盈港路1号", "海市", "", "区", "上海市朝阳区"] {
            assert_eq!(read(none, CodeSystem::Region), None, "{none}");
        }
        let industry = |text: &str| read(text, CodeSystem::Industry).map(|reading| reading.codes);
        assert_eq!(industry("应用软件开发").unwrap()[0].key(), "I6513");
        assert_eq!(industry("6513 应用软件开发").unwrap()[0].key(), "I6513");
        assert_eq!(industry("集成电路设计").unwrap()[0].key(), "I6520");
        assert_eq!(industry("6513 集成电路设计"), None);
        assert_eq!(industry("卖糖"), None);
    }
}
