//! Queries in Latin letters: they match the same as the characters, and the answer reports the conversion.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use zhaoren_indexer::{By, Entry, EntryKind, Index, Lexicon, SearchRequest, SearchResponse, build};
use zhaoren_text::readings;

const ENTRIES: [(&str, &str, &str); 7] = [
    ("srdi", "专精特新中小企业认定", "认定后有效期三年。"),
    ("contract", "技术合同认定登记", "登记后免征增值税。"),
    ("first-set", "首台（套）重大技术装备保险补偿", "按保费的一定比例补助。"),
    ("hnte", "高新技术企业认定", "研发费用占比符合规定。"),
    ("aeo", "海关AEO高级认证", "较低查验率。"),
    ("rent", "创业场地房租补贴", "按吸纳就业人数补贴房租。"),
    ("chongqing", "重庆企业迁入奖励", "一次性奖励。"),
];

fn index(folder: &tempfile::TempDir) -> Index {
    let entry = |(id, title, text): (&str, &str, &str)| Entry {
        id: id.into(),
        kind: EntryKind::Item,
        title: title.into(),
        document: zhaoren_policy::document::Document::default(),
        text: text.into(),
        clauses: Vec::new(),
        methods: Vec::new(),
        delivery: None,
        tags: Vec::new(),
        aka: Vec::new(),
    };
    build(folder.path(), &ENTRIES.map(entry), &Lexicon::built_in(), &|_| {}).unwrap();
    Index::open(folder.path()).unwrap()
}

fn ask(index: &Index, query: &str) -> SearchResponse {
    index.search(&SearchRequest { query: query.into(), limit: 5, ..SearchRequest::default() }).unwrap()
}

fn ids(answer: &SearchResponse) -> Vec<&str> {
    answer.hits.iter().map(|hit| hit.id.as_str()).collect()
}

#[test]
fn pinyin_finds_the_same_as_characters() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(&folder);
    for (typed, characters, by) in [
        ("zjtx", "专精特新", By::Initials),
        ("ZJTX", "专精特新", By::Initials),
        ("gxjsqy", "高新技术企业", By::Initials),
        ("shoutaitao", "首台套", By::Reading),
        ("shou tai tao", "首台套", By::Reading),
        ("jishu hetong", "技术合同", By::Reading),
        ("jishuhetong", "技术合同", By::Reading),
        ("ＪＩＳＨＵ　ｈｅｔｏｎｇ", "技术合同", By::Reading),
        ("chongqing qiye", "重庆企业", By::Reading),
        ("zjtx 认定", "专精特新 认定", By::Initials),
        ("gaoqi zenme shenqing", "高企怎么申请", By::Reading),
    ] {
        let (letters, plain) = (ask(&index, typed), ask(&index, characters));
        assert!(!plain.hits.is_empty(), "{characters}");
        assert_eq!(ids(&letters), ids(&plain), "{typed}");
        assert_eq!(letters.understood[0].by, by, "{typed}: {:?}", letters.understood);
        let joined = letters.understood[0].meant.concat();
        assert!(characters.starts_with(&joined), "{typed}: {joined}");
    }
}

#[test]
fn hits_state_their_matched_synonym() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(&folder);
    let answer = ask(&index, "gaoqi");
    let through: Vec<(&str, By)> =
        answer.hits[0].through.iter().map(|meaning| (meaning.typed.as_str(), meaning.by)).collect();
    assert_eq!((answer.hits[0].id.as_str(), through), ("hnte", vec![("高企", By::Synonym)]));
    assert_eq!(answer.query, "gaoqi", "what was typed is told as it was typed");
    let json = serde_json::to_value(&answer).unwrap();
    assert_eq!(json["understood"][0]["by"], "拼音");
    // No correction is reported if none was needed.
    let plain = ask(&index, "技术合同");
    assert!(plain.understood.is_empty() && plain.hits[0].through.is_empty());
}

#[test]
fn latin_words_are_not_read_as_pinyin() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(&folder);
    for typed in ["AEO", "aeo 认证", "5g", "qqqq", "zz", "a", "'", "web3 zj", "app"] {
        assert!(ask(&index, typed).understood.is_empty(), "{typed}: {:?}", ask(&index, typed).understood);
    }
    assert_eq!(ids(&ask(&index, "AEO")), ["aeo"]);
}

/// Any word of the lexicon, typed in pinyin, is converted to a word with that reading.
#[test]
fn every_lexicon_word_has_a_reading() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(&folder);
    let spell = |word: &str| -> Option<String> {
        word.chars()
            .map(|c| readings(c).into_iter().next())
            .collect::<Option<Vec<String>>>()
            .map(|all| all.concat())
    };
    let mut spelt = 0;
    for word in Lexicon::built_in().words {
        let Some(reading) = spell(&word).filter(|_| (2..=12).contains(&word.chars().count())) else {
            continue;
        };
        let answer = ask(&index, &reading);
        let meaning = answer.understood.first().unwrap_or_else(|| panic!("{word}: {reading} was not read"));
        let read = meaning.meant.concat();
        let other =
            read.chars().zip(word.chars()).all(|(a, b)| readings(a).iter().any(|r| readings(b).contains(r)));
        assert!(
            other && read.chars().count() == word.chars().count(),
            "{word}: {reading} was read as {read}"
        );
        spelt += 1;
    }
    assert!(spelt > 300, "{spelt}");
}

#[test]
fn typing_errors_are_corrected_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(&folder);
    for (typed, meant, by, id) in [
        ("高兴技术企业", "高新技术企业", By::Homophone, "hnte"),
        ("專精特心", "专精特新", By::Homophone, "srdi"),
        ("技术和同登记", "技术合同登记", By::Homophone, "contract"),
        ("专精新特", "专精特新", By::Slip, "srdi"),
        ("高新技企业认定", "高新技术企业认定", By::Slip, "hnte"),
    ] {
        let answer = ask(&index, typed);
        assert_eq!(answer.did_you_mean.as_deref(), Some(meant), "{typed}: {:?}", answer.understood);
        assert_eq!((answer.understood[0].by, answer.hits[0].id.as_str()), (by, id), "{typed}");
        let request =
            SearchRequest { query: typed.into(), limit: 5, as_typed: true, ..SearchRequest::default() };
        let plain = index.search(&request).unwrap();
        assert!(plain.did_you_mean.is_none() && plain.understood.is_empty(), "{typed}");
    }
}

#[test]
fn plausible_words_are_not_corrected() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(&folder);
    for typed in [
        "专精特新",
        "高新技术企业",
        "\"高兴技术企业\"",
        "大型企业认定",
        "低新技术企业",
        "非高新技术企业",
        "未认定",
        "技术合作",
        "信用贷款",
        "房租减免",
        "国科发火〔2016〕32号",
        "徐汇区人民政府",
        "企业怎么办",
        "高兴",
        "成都市武侯区",
    ] {
        let answer = ask(&index, typed);
        assert!(answer.did_you_mean.is_none(), "{typed}: {:?}", answer.understood);
    }
    // No word of the lexicon is corrected to another.
    for word in Lexicon::built_in().words {
        assert!(ask(&index, &word).did_you_mean.is_none(), "{word}: {:?}", ask(&index, &word).understood);
    }
}

#[test]
fn suggestions_start_with_the_typed_text() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(&folder);
    for (typed, first) in [
        ("专精", "专精特新"),
        ("zhuanj", "专精特新"),
        ("zjt", "专精特新"),
        ("专精te", "专精特新"),
        ("专精特新中小", "专精特新中小企业认定"),
        ("技术合同认", "技术合同认定登记"),
        ("aeo高", "海关AEO高级认证"),
        ("Gaoxinjishuqiyer", "高新技术企业认定"),
        ("gaoxin jishu qiye r", "高新技术企业认定"),
        ("高新技術企業認", "高新技术企业认定"),
        ("房租补", "创业场地房租补贴"),
    ] {
        let texts: Vec<String> = index.suggest(typed, 10).unwrap().into_iter().map(|one| one.text).collect();
        assert!(texts.iter().take(3).any(|text| text == first), "{typed}: {texts:?}");
    }
    for nothing in ["", " ", "？", "qqqqq", "专精特旧"] {
        assert!(index.suggest(nothing, 10).unwrap().is_empty(), "{nothing}");
    }
    assert_eq!(index.suggest("z", 1).unwrap().len(), 1);
    assert!(index.suggest("z", 0).unwrap().is_empty());
}

/// Prints the time of suggestions over ten thousand titles.
#[test]
#[ignore = "measures, and asserts nothing of time"]
fn suggestions_over_many_titles() {
    let folder = tempfile::tempdir().unwrap();
    let words = Lexicon::built_in().words;
    let title = |n: usize| format!("{}{}第{n}批", words[n * 7 % words.len()], words[n * 13 % words.len()]);
    let entries: Vec<Entry> = (0..10_000)
        .map(|n| Entry {
            id: format!("e{n}"),
            kind: EntryKind::Document,
            title: title(n),
            document: zhaoren_policy::document::Document::default(),
            text: String::new(),
            clauses: Vec::new(),
            methods: Vec::new(),
            delivery: None,
            tags: Vec::new(),
            aka: Vec::new(),
        })
        .collect();
    build(folder.path(), &entries, &Lexicon::built_in(), &|_| {}).unwrap();
    let index = Index::open(folder.path()).unwrap();
    let begun = std::time::Instant::now();
    index.suggest("z", 10).unwrap();
    println!("first request, which makes the table: {:?}", begun.elapsed());
    let mut times = Vec::new();
    for n in 0..2_000 {
        let whole: String = title(n * 5);
        let letters: String = whole.chars().filter_map(|c| readings(c).into_iter().next()).collect();
        for typed in
            [whole.chars().take(1 + n % 6).collect::<String>(), letters.chars().take(1 + n % 9).collect()]
        {
            let begun = std::time::Instant::now();
            index.suggest(&typed, 10).unwrap();
            times.push(begun.elapsed());
        }
    }
    times.sort_unstable();
    println!(
        "{} requests: p50 {:?}, p99 {:?}",
        times.len(),
        times[times.len() / 2],
        times[times.len() * 99 / 100]
    );
}
