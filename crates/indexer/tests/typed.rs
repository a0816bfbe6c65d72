//! Queries are found as typed: one character, signs and digits, letters equal under Unicode compatibility, words by
//! their reading, numbers in words, decrees by number.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::sync::OnceLock;

use zhaoren_indexer::{By, Entry, EntryKind, Index, Lexicon, SearchRequest, SearchResponse, build};
use zhaoren_policy::document::Document;

/// Id, title, text and 文号.
const TEXTS: [(&str, &str, &str, &str); 24] = [
    ("butterfly", "关于蝴蝶养殖户补贴的通知", "蝴蝶养殖户每户补贴。蝶恋花景区。无人机飞行。", ""),
    ("tea", "关于奶茶店的通知", "乌龙茶、绿茶经营者给予奖励。", ""),
    ("teahouse", "关于茶的意见", "支持茶叶。", ""),
    ("silk", "关于蚕桑的通知", "养蚕，蚕丝加工。", ""),
    (
        "signs",
        "关于C++与5G及3D打印、PM2.5治理的通知",
        "支持C++开发、5G应用、3D打印、PM2.5监测、CO₂减排、Ⅰ类医疗器械。",
        "",
    ),
    ("second", "关于Ⅱ类医疗器械的通知", "Ⅱ类医疗器械注册费减免，I/O设备除外。", ""),
    ("area", "关于厂房补贴的通知", "面积100㎡以上、承重500㎏、水温25℃的厂房，3×5米展位。", ""),
    ("scenic", "关于旅游景点评级的通知", "本市旅游景点评级工作，A级景点给予奖励。", ""),
    ("classic", "关于经典诵读活动的通知", "经典诵读活动面向全市开展。", ""),
    ("trial", "关于实验室建设的通知", "实验设备补助。", ""),
    ("pilot", "关于试验区的通知", "试验经费另行规定。", ""),
    (
        "five-four",
        "加快推进工业经济高质量发展若干政策",
        "结合省“5+4”稳进提质政策体系相关内容，特制订如下政策。推进未来工厂建设，给予100万元奖励。",
        "",
    ),
    ("fives", "关于稳中有进提高质量的通知", "5、4、5、4、5、4，稳、进、提、质，提质4项，5项稳进。", ""),
    ("more-fives", "提质4条稳进5条", "稳进提质措施5条，其中4条提质，5+4项措施。", ""),
    ("proposal", "对第4626号提案的答复", "您提出的提案收悉。", ""),
    (
        "proposals",
        "关于提案办理的通知",
        "第1号提案、第2号提案、第46号提案、第26号提案由各部门办理，提案号4626不用。",
        "",
    ),
    ("one-three-n", "关于体系建设的意见", "构建“1＋3＋N”体系。", ""),
    ("n-systems", "关于N个体系的意见", "1个中心、3个体系、N个平台，1、3、N体系，体系体系。", ""),
    ("capital", "关于注册资本的规定", "注册资本1.5亿元以上的企业，税率3.5%。", ""),
    ("five-hundred-million", "关于五亿元企业的规定", "营业收入5亿元以上的企业。", ""),
    (
        "decree",
        "中华人民共和国个人所得税法实施条例",
        "中华人民共和国国务院令\n第707号\n现公布修订后的条例。",
        "中华人民共和国国务院令第707号",
    ),
    ("other-decree", "某条例", "中华人民共和国国务院令\n第77号\n现公布。", "中华人民共和国国务院令第77号"),
    (
        "ministry",
        "政府采购办法",
        "中华人民共和国财政部令\n第108号\n现公布。",
        "中华人民共和国财政部令第108号",
    ),
    (
        "reform",
        "某目录",
        "中华人民共和国国家发展和改革委员会令\n第58号\n现公布。",
        "中华人民共和国国家发展和改革委员会令第58号",
    ),
];

fn index() -> &'static Index {
    static INDEX: OnceLock<(tempfile::TempDir, Index)> = OnceLock::new();
    let (_, index) = INDEX.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let entry = |(id, title, text, number): (&str, &str, &str, &str)| Entry {
            id: id.into(),
            kind: EntryKind::Document,
            title: title.into(),
            document: Document {
                title: title.into(),
                number: Some(number.to_owned()).filter(|number| !number.is_empty()),
                ..Document::default()
            },
            text: text.into(),
            clauses: Vec::new(),
            methods: Vec::new(),
            delivery: None,
            tags: Vec::new(),
            aka: Vec::new(),
        };
        build(folder.path(), &TEXTS.map(entry), &Lexicon::built_in(), &|_| {}).unwrap();
        let index = Index::open(folder.path()).unwrap();
        (folder, index)
    });
    index
}

fn ask(query: &str) -> SearchResponse {
    let request = SearchRequest { query: query.into(), limit: 30, explain: true, ..SearchRequest::default() };
    index().search(&request).unwrap()
}

fn ids(query: &str) -> Vec<String> {
    ask(query).hits.into_iter().map(|hit| hit.id).collect()
}

fn sorted(query: &str) -> Vec<String> {
    let mut ids = ids(query);
    ids.sort();
    ids
}

#[test]
fn one_character_is_found_inside_words() {
    for (query, expected) in [
        ("蝶", &["butterfly"][..]),
        ("蝶？", &["butterfly"]),
        ("“蝶”", &["butterfly"]),
        ("茶", &["tea", "teahouse"]),
        ("蚕", &["silk"]),
        ("蝶 养殖", &["butterfly"]),
        ("龘", &[]),
    ] {
        assert_eq!(sorted(query), *expected, "{query}");
    }
    let without = ids("通知 -蝶 -茶 -蚕");
    assert!(without.contains(&"scenic".to_owned()), "{without:?}");
    assert!(!without.iter().any(|id| ["butterfly", "tea", "silk"].contains(&id.as_str())), "{without:?}");
    assert_eq!(ids("茶")[0], "teahouse", "the word itself comes first");
    let hit = &ask("蝶").hits[0];
    assert!(hit.highlights.iter().all(|light| light.spans.iter().all(|(a, b)| &light.text[*a..*b] == "蝶")));
    assert_eq!(hit.highlights.len(), 2);
}

#[test]
fn letters_equal_under_compatibility_are_the_same() {
    for (query, first, shown) in [
        ("“I类”", "signs", "Ⅰ类"),
        ("“Ⅰ类”", "signs", "Ⅰ类"),
        ("I类", "signs", "Ⅰ类"),
        ("“II类”", "second", "Ⅱ类"),
        ("ⅱ类医疗器械", "second", "Ⅱ"),
        ("CO2减排", "signs", "CO₂"),
        ("“CO2”", "signs", "CO₂"),
        ("co₂", "signs", "CO₂"),
        ("“100m2”", "area", "100㎡"),
        ("100㎡", "area", "100㎡"),
        ("500kg", "area", "500㎏"),
        ("３x５米", "area", "3×5"),
        ("“25°C”", "area", "25℃"),
        ("pm2.5", "signs", "PM2.5"),
        ("C++", "signs", "C"),
        ("5g", "signs", "5G"),
        ("3D打印", "signs", "3D打印"),
    ] {
        let answer = ask(query);
        let hit = answer.hits.first().unwrap_or_else(|| panic!("{query}: nothing"));
        assert_eq!(hit.id, first, "{query}: {:?}", ids(query));
        let marked: Vec<&str> = hit
            .highlights
            .iter()
            .flat_map(|light| light.spans.iter().map(|(start, end)| &light.text[*start..*end]))
            .collect();
        assert!(marked.iter().any(|mark| mark.contains(shown)), "{query}: {marked:?}");
        let text = TEXTS.iter().find(|text| text.0 == first).unwrap().2;
        for light in hit.highlights.iter().filter(|light| light.source.is_some()) {
            let (start, end) = light.source.unwrap();
            let (from, to) = light.spans[0];
            assert_eq!(&text[start..end], &light.text[from..to], "{query}");
        }
    }
    assert!(!ids("“I类”").contains(&"second".to_owned()));
    assert_eq!(ids("标题:II类"), ["second"]);
    assert!(!ids("医疗器械 -I类").contains(&"signs".to_owned()));
}

#[test]
fn verbatim_matches_rank_first() {
    for (query, first) in [
        ("5+4稳进提质", "five-four"),
        ("“5+4”稳进提质", "five-four"),
        ("5＋4稳进提质政策", "five-four"),
        ("第4626号提案", "proposal"),
        ("4626号提案", "proposal"),
        ("1+3+N", "one-three-n"),
        ("1+3+N体系", "one-three-n"),
        ("“1+3+N”体系建设？", "one-three-n"),
    ] {
        assert_eq!(ids(query)[0], first, "{query}: {:?}", ids(query));
    }
    let hit = &ask("5+4稳进提质").hits[0];
    let explained = hit.explain.as_ref().unwrap();
    assert!(explained.steps.iter().any(|step| step.why.contains("一字不差")), "{explained:?}");
    let sum = explained
        .steps
        .iter()
        .fold(0.0, |score, step| (score + step.adds.unwrap_or(0.0)) * step.times.unwrap_or(1.0));
    assert!((sum - hit.score).abs() < 0.01, "{sum} {}", hit.score);
}

#[test]
fn readings_match_every_homophone() {
    for (query, meant, found) in [
        ("jingdian", &["景点", "经典"][..], &["scenic", "classic"][..]),
        ("JingDian", &["景点", "经典"], &["scenic", "classic"]),
        ("jing dian", &["景点", "经典"], &["scenic", "classic"]),
        ("shiyan", &["实验", "试验"], &["trial", "pilot"]),
    ] {
        let answer = ask(query);
        let meaning = answer.understood.iter().find(|meaning| meaning.by == By::Reading).unwrap();
        assert!(meant.iter().all(|word| meaning.meant.iter().any(|own| own == word)), "{query}: {meaning:?}");
        assert!(meaning.meant.len() <= 6, "{meaning:?}");
        let ids = ids(query);
        assert!(found.iter().all(|id| ids.iter().any(|own| own == id)), "{query}: {ids:?}");
    }
    let answer = ask("jingdian");
    let classic = answer.hits.iter().find(|hit| hit.id == "classic").unwrap();
    assert!(classic.highlights[0].text.contains("经典") && !classic.through.is_empty(), "{classic:?}");
    // Beside another word as well.
    assert!(ids("jingdian 活动").contains(&"classic".to_owned()));
}

#[test]
fn numbers_in_words_are_parsed_as_one() {
    let number = |query: &str| -> Vec<(String, Vec<String>)> {
        let meanings = ask(query).understood.into_iter().filter(|meaning| meaning.by == By::Number);
        meanings.map(|meaning| (meaning.typed, meaning.meant)).collect()
    };
    assert_eq!(
        number("一点五亿元"),
        [("一点五亿".to_owned(), vec!["1.5亿元".to_owned(), "1.5亿".to_owned()])]
    );
    assert_eq!(ids("一点五亿元")[0], "capital");
    assert_eq!(ids("注册资本一点五亿")[0], "capital");
    assert_eq!(number("百分之三点五"), [("百分之三点五".to_owned(), vec!["3.5%".to_owned()])]);
    assert_eq!(ids("百分之三点五")[0], "capital");
    for query in ["三千五", "几亿", "五亿半", "三百多万"] {
        assert_eq!(number(query), [], "{query}");
    }
}

#[test]
fn decrees_are_found_by_their_number() {
    for (query, expected) in [
        ("国令第707号", "decree"),
        ("国务院令第707号", "decree"),
        ("国务院令（第707号）", "decree"),
        ("中华人民共和国国务院令第707号", "decree"),
        ("令707号", "decree"),
        ("令第707号", "decree"),
        ("第707号令", "decree"),
        ("国务院令707号", "decree"),
        ("财政部令第108号", "ministry"),
        ("财政部令108号", "ministry"),
        ("发改委令第58号", "reform"),
        ("国家发展改革委令第58号", "reform"),
        ("文号:国令第707号", "decree"),
    ] {
        let ids = ids(query);
        assert_eq!(ids.first().map(String::as_str), Some(expected), "{query}: {ids:?}");
        // Without the organ the words are searched too.
        let organ = query.contains(['国', '财', '发']);
        assert!(!organ || !ids.contains(&"other-decree".to_owned()), "{query}: {ids:?}");
    }
}
