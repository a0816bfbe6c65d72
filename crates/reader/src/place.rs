//! Level and region of a document, derived from names in it.

use zhaoren_policy::code::{Code, CodeSystem, names};
use zhaoren_policy::document::Level;

/// National organs, by the beginnings of their names.
const NATIONAL: [&str; 26] = [
    "国务院",
    "全国",
    "中共中央",
    "中华人民共和国",
    "国家",
    "财政部",
    "科技部",
    "科学技术部",
    "工业和信息化部",
    "工信部",
    "商务部",
    "人力资源",
    "税务总局",
    "海关总署",
    "生态环境部",
    "农业农村部",
    "教育部",
    "住房城乡建设部",
    "市场监管总局",
    "中国人民银行",
    "人民银行",
    "发展改革委",
    "民政部",
    "自然资源部",
    "交通运输部",
    "文化和旅游部",
];

/// Level and region of a document: from the region in its metadata, or else its issuer, or else its title. If the
/// issuer or title names a part of that region, the part counts: 上海市, issued by 长宁区.
pub(crate) fn place(
    region: Option<&str>,
    issuer: Option<&str>,
    title: &str,
) -> (Option<Level>, Option<String>) {
    let mut found: Option<Code> = None;
    for source in [region, issuer, Some(title)] {
        // 国家税务总局上海市税务局 belongs to Shanghai, whatever its name begins with.
        let own = source.filter(|source| Some(*source) == issuer).and_then(named);
        let Some(code) = own.or_else(|| source.and_then(of)) else { continue };
        // A national organ stays national, whichever region's list contains its document.
        let organ = source == issuer && code.key().is_empty();
        let below = |found: &Code| {
            !found.key().is_empty()
                && code.is_within(found)
                && (source != Some(title) || code.key().len() <= most(title))
        };
        let deeper = organ || found.as_ref().is_none_or(below);
        if deeper {
            found = Some(code);
        }
    }
    (found.as_ref().map(level), found.map(|code| code.to_string()))
}

/// Maximum depth (length of the code) of a region named by a title. A legal norm for 浦东新区 is the city's,
/// since districts enact none; streets issue no documents.
fn most(title: &str) -> usize {
    let law = ["条例", "规定", "法"].iter().any(|end| title.trim_end_matches(['》', ' ']).ends_with(end));
    if law { 4 } else { 6 }
}

/// Region named by one text: by code, as a national organ, or by name.
fn of(text: &str) -> Option<Code> {
    let begins = text.trim_start_matches(['《', ' ']);
    let national = NATIONAL.iter().any(|organ| begins.starts_with(organ));
    let whole = || Code::parse("000000", CodeSystem::Region).filter(|_| national);
    Code::parse(text.trim(), CodeSystem::Region).or_else(whole).or_else(|| named(text))
}

/// Deepest region named by a text: 上海市徐汇区 names 徐汇区. The name of a district alone counts only if it is
/// unique in the country.
fn named(text: &str) -> Option<Code> {
    let table = names(CodeSystem::Region);
    let mut best: Option<(usize, usize, Code)> = None;
    // The table calls the counties of Chongqing together 县.
    let is_name = |name: &str| name.chars().nth(1).is_some() && name != "市辖区";
    for (code, name) in table.iter().filter(|(code, name)| !code.key().is_empty() && is_name(name)) {
        let short = name
            .strip_suffix(['市', '省'])
            .filter(|short| short.chars().count() >= 2 && code.key().len() == 2);
        if !text.contains(name) && !short.is_some_and(|short| text.contains(short)) {
            continue;
        }
        let above = |length: usize| {
            code.key()
                .get(..length)
                .and_then(|key| table.iter().find(|(other, _)| other.key() == key))
                .is_some_and(|(_, name)| {
                    text.contains(name)
                        || name.strip_suffix(['市', '省']).is_some_and(|short| text.contains(short))
                })
        };
        let deep = code.key().len();
        let supported = [2, 4].into_iter().filter(|&length| length < deep && above(length)).count();
        let alone = supported == 0 && deep > 2;
        if alone && (table.codes(name).len() != 1 || deep > 6) {
            continue;
        }
        if best.as_ref().is_none_or(|(s, d, _)| (supported, deep) > (*s, *d)) {
            best = Some((supported, deep, code));
        }
    }
    best.map(|(.., code)| code)
}

fn level(code: &Code) -> Level {
    match code.key() {
        "" => Level::National,
        // The four 直辖市 count as cities.
        "11" | "12" | "31" | "50" => Level::City,
        key => match key.len() {
            2 => Level::Province,
            4 => Level::City,
            6 => Level::District,
            _ => Level::Park,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_is_found() {
        let cases = [
            (Some("上海市徐汇区"), None, "", Some((Level::District, "310104"))),
            (None, Some("徐汇区人民政府办公室"), "", Some((Level::District, "310104"))),
            (Some("国家"), None, "", Some((Level::National, "000000"))),
            (None, Some("国务院办公厅"), "", Some((Level::National, "000000"))),
            (Some("上海"), None, "", Some((Level::City, "310000"))),
            (Some("广东省广州市南沙区"), None, "", Some((Level::District, "440115"))),
            (Some("吉林省通化市柳河县"), None, "", Some((Level::District, "220524"))),
            (Some("广州市"), None, "", Some((Level::City, "440100"))),
            (None, None, "若干措施", None),
            (Some("上海市"), Some("上海市长宁区人民政府办公室"), "", Some((Level::District, "310105"))),
            (Some("国家"), Some("上海市税务局"), "", Some((Level::National, "000000"))),
            (Some("广州市"), Some("国务院"), "", Some((Level::National, "000000"))),
            (None, Some("国家税务总局上海市税务局"), "", Some((Level::City, "310000"))),
            (Some("上海"), None, "上海市促进浦东新区商事调解规定", Some((Level::City, "310000"))),
            (Some("上海"), None, "上海市漕河泾新兴技术开发区暂行条例", Some((Level::City, "310000"))),
            (Some("上海"), None, "上海市长宁区行动方案", Some((Level::District, "310105"))),
            (None, Some("南屏县人民政府"), "", None),
            (Some("浙江"), None, "杭州市科学技术进步条例", Some((Level::City, "330100"))),
        ];
        for (region, issuer, title, expected) in cases {
            let (level, code) = place(region, issuer, title);
            assert_eq!(level.zip(code), expected.map(|(l, c)| (l, c.to_owned())), "{region:?} {issuer:?}");
        }
    }
}
