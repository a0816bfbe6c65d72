//! Quotes found in texts: by cases, and against a search without offset maps.

use proptest::prelude::*;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_items;

use super::*;

fn record(body: impl AsRef<[u8]>) -> DocumentRecord {
    DocumentRecord {
        id: "doc".to_owned(),
        source: "doc.txt".to_owned(),
        metadata: "{}".to_owned(),
        body: body.as_ref().to_vec(),
    }
}

const RULES: &str = "某区扶持办法\n\n第一章　总则\n\n第一条　为促进发展，制定本办法。\n\n第二章　条件\n\n第二条　申请企业应当符合下列条件：\n\
    （一）在本区注册；\n（二）注册成立\n一年以上；\n（三）近三年研发费用不低于５０万元。\n\n第三条　在本区注册；本办法自发布之日起施行。\n";

/// The text and position of a quote in `body`, as received.
fn found(body: &[u8], quote: &str, article: Option<&str>) -> Option<(String, QuoteSpan, bool)> {
    let found = Text::read(&record(body)).unwrap().find(quote, article)?;
    let bytes = body.get(found.span.start..found.span.end).unwrap();
    Some((String::from_utf8_lossy(bytes).into_owned(), found.span, found.outside_citation))
}

#[test]
fn quotes_have_a_byte_span_and_a_clause() {
    let (text, place, elsewhere) = found(RULES.as_bytes(), "注册成立一年以上", None).unwrap();
    assert_eq!(text, "注册成立\n一年以上");
    assert_eq!(place.article.as_deref(), Some("第二条（二）"));
    assert_eq!(place.path, ["第二章", "第二条", "（二）"]);
    assert_eq!((place.document.as_str(), elsewhere), ("doc", false));
    let (text, place, _) = found(RULES.as_bytes(), "研发费用不低于50万元", None).unwrap();
    assert_eq!(text, "研发费用不低于５０万元");
    assert_eq!(
        place.text_end - place.text_start,
        text.len() - 4,
        "two digits are one byte each in the clean text"
    );
    let (_, place, _) = found(RULES.as_bytes(), "一年以上;(三)近三年", None).unwrap();
    assert_eq!(
        place.article.as_deref(),
        Some("第二条"),
        "what runs over two provisions belongs to the one above"
    );
    let (_, place, _) = found(RULES.as_bytes(), "制定本办法。 第二章 条件", None).unwrap();
    assert_eq!(place.article.as_deref(), Some("第一条"), "nothing holds both, so where it begins");
}

#[test]
fn spans_inside_the_cited_article_take_precedence() {
    let at = |article: Option<&str>| {
        let (_, place, elsewhere) = found(RULES.as_bytes(), "在本区注册", article).unwrap();
        (place.article.unwrap(), elsewhere)
    };
    assert_eq!(at(None), ("第二条（一）".to_owned(), false));
    assert_eq!(at(Some("第三条")), ("第三条".to_owned(), false));
    assert_eq!(at(Some("第二条")), ("第二条（一）".to_owned(), false));
    assert_eq!(at(Some("第二条第(一)项")), ("第二条（一）".to_owned(), false));
    assert_eq!(at(Some("第二条（二）")), ("第二条（一）".to_owned(), true));
    assert_eq!(at(Some("第九条")), ("第二条（一）".to_owned(), false), "the outline knows no such article");
}

#[test]
fn repaired_damage_does_not_prevent_a_match() {
    let quote = "专精特新企业注册成立一年以上";
    let pinyin = "第一条 专精特新企业注(zhù)册成立(lì)一年以上。";
    assert_eq!(found(pinyin.as_bytes(), quote, None).unwrap().0, "专精特新企业注(zhù)册成立(lì)一年以上");
    // copied with its damage, from a text that has the same damage or none
    assert!(found(pinyin.as_bytes(), "专精特新企业注(zhù)册成立(lì)一年以上", None).is_some());
    assert!(
        found("第一条 专精特新企业注册成立一年以上。".as_bytes(), "企业注(zhù)册成立(lì)一年", None)
            .is_some()
    );
    let traditional = "第一條 專精特新企業註冊成立一年以上，隨著發展給予獎勵。";
    assert_eq!(found(traditional.as_bytes(), quote, None).unwrap().0, "專精特新企業註冊成立一年以上");
    assert!(found(RULES.as_bytes(), "註冊成立一年以上", None).is_some());
    let page = "<html><body><p>第一条 专精特新企业<b>注册</b>成立</p><p>一年以上。</p></body></html>";
    assert_eq!(found(page.as_bytes(), quote, None).unwrap().0, "专精特新企业<b>注册</b>成立</p><p>一年以上");
    // 注册成立一年以上 in GB18030
    let gbk = b"\xb5\xda\xd2\xbb\xcc\xf5 \xc6\xf3\xd2\xb5\xd7\xa2\xb2\xe1\xb3\xc9\xc1\xa2\xd2\xbb\xc4\xea\xd2\xd4\xc9\xcf\xa1\xa3";
    let place = found(gbk, "注册成立一年以上", None).unwrap().1;
    assert_eq!((place.start, place.end), (11, 27));
}

#[test]
fn other_differences_are_rejected() {
    let wrong = [
        "注册成立两年以上",
        "注册成立1年以上",
        "注册成立一年以上。",
        "注册、成立一年以上",
        "注册成立一年 以 下",
        "",
        " \n",
        "研发费用不低于50万元以上",
        "在本区登记",
    ];
    for quote in wrong {
        assert!(found(RULES.as_bytes(), quote, None).is_none(), "{quote}");
    }
}

#[test]
fn missing_quotes_report_both_texts() {
    let say = |quote: &str| Text::read(&record(RULES)).unwrap().not_found(quote).to_string();
    let start = RULES.find("注册成立").unwrap();
    assert_eq!(
        say("注册成立两年以上"),
        format!(
            "quote `注册成立两年以上` is not in document `doc`; most like it is `注册成立一年以上` in `第二条（二）`, \
             bytes {start} to {}",
            start + "注册成立\n一年以上".len()
        )
    );
    assert_eq!(say("xyz"), "quote `xyz` is not in document `doc`, nor is anything like it");
    assert_eq!(say(" "), "got an empty quote, expected a sentence of document `doc`");
}

fn item(criteria: &str) -> Item {
    let text = format!("id: x\ntitle: 题\ndocument: {{text: doc.txt}}\ncriteria:\n{criteria}");
    let (mut items, report) = read_items(&text, "x.yaml", FactDictionary::built_in());
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    items.remove(0).0
}

fn verified(item: &Item) -> EvidenceCheck {
    let mut catalogue = DocumentNames::default();
    catalogue.add("doc", Some("doc.txt"));
    let lines = BTreeMap::from([("criteria.all[0].quote".to_owned(), 7)]);
    let standing = [QuotedItem { item, file: "x.yaml", lines: &lines }];
    verify(&standing, &catalogue, |id| Ok((id == "doc").then(|| record(RULES)))).unwrap()
}

#[test]
fn spans_and_citations_are_inherited_like_quotes() {
    let item = item(
        "  all:\n    - {judged: 甲, quote: 在本区注册, article: 第三条}\n    - article: 第二条\n      quote: 申请企业应当符合下列条件\n      any:\n\
         \x20       - case: [{when: {judged: 乙, quote: 在本区注册}, then: {judged: 丙}}]\n        - {judged: 丁, quote: 本办法自发布之日起施行}\n    - {judged: 戊}\n",
    );
    let verified = verified(&item);
    let article = |path: &str| verified.evidence.span("x", path).and_then(|place| place.article.as_deref());
    assert_eq!(article("all[0]"), Some("第三条"));
    assert_eq!(article("all[1].any[0].case[0].when"), Some("第二条（一）"));
    assert_eq!(article("all[1].any[0].case[0].then"), Some("第二条"));
    assert_eq!(article("all[1].any[1]"), Some("第三条"));
    assert_eq!((article("all[2]"), article("")), (None, None));
    let problems: Vec<String> = verified.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "x.yaml: item `x`: at `criteria.all[1].any[1].quote`: warning: quote `本办法自发布之日起施行` stands in `第三条` of \
          document `doc`, not in `第二条`"
        ]
    );
    assert!(verified.refused.is_empty());
}

#[test]
fn every_false_quote_of_a_refused_item_is_named() {
    let verified = verified(&item(
        "  all:\n    - {judged: 甲, quote: 在本市注册}\n    - {judged: 乙, quote: 为促进改革}\n",
    ));
    let problems: Vec<String> = verified.problems.iter().map(ToString::to_string).collect();
    assert!(
        problems[0]
            .starts_with("x.yaml:7: item `x`: at `criteria.all[0].quote`: quote `在本市注册` is not in")
    );
    assert!(problems[1].contains("`为促进发展` in `第一条`"), "{}", problems[1]);
    assert!(verified.refused.contains("x") && verified.evidence == Evidence::default());
}

/// A text without differences of printing: the oracle of the properties below, by other means than the module's.
fn plain(text: &str) -> String {
    text.replace([' ', '\n', '\u{3000}'], "").replace('１', "1").replace('，', ",").replace('業', "业")
}

proptest! {
    #[test]
    fn every_substring_is_found_and_maps_back(
        before in "[甲乙业業一二1１，。 \n\u{3000}]{0,30}", core in "[甲业１，]", after in "[甲乙业業一二1１，。 \n\u{3000}]{0,30}",
        back in 0..10_usize, on in 0..10_usize, spaces in prop::collection::vec(0..3_usize, 21),
    ) {
        let text = format!("{before}{core}{after}");
        let from = before.chars().count().saturating_sub(back);
        let part: String = text.chars().skip(from).take(before.chars().count() - from + 1 + on).collect();
        // with the typography of another printer
        let set: String = part
            .chars()
            .zip(&spaces)
            .flat_map(|(c, n)| std::iter::once(c).chain("\n ".chars().take(*n)))
            .collect();
        let found = Text::read(&record(&text)).unwrap().find(&set, None);
        let place = found.expect("a part of the text").span;
        let received = text.get(place.start..place.end).expect("whole characters");
        prop_assert_eq!(plain(received), plain(&part));
        prop_assert!(!received.starts_with(char::is_whitespace) && !received.ends_with(char::is_whitespace));
    }

    #[test]
    fn quotes_are_found_only_where_a_plain_search_finds_them(
        text in "[甲乙业業一1１， \n]{0,40}", quote in "[甲乙业業一1１， \n]{1,5}",
    ) {
        let expected = !plain(&quote).is_empty() && plain(&text).contains(&plain(&quote));
        prop_assert_eq!(Text::read(&record(&text)).unwrap().find(&quote, None).is_some(), expected);
    }

    #[test]
    fn single_character_changes_are_detected(at in 0..1_000_usize, to in "[东南西北]") {
        let chars: Vec<char> = RULES.chars().collect();
        let printed: Vec<usize> = (0..chars.len()).filter(|at| !chars[*at].is_whitespace()).collect();
        let at = printed[at % printed.len()];
        let mut changed: Vec<String> = chars.iter().map(char::to_string).collect();
        changed[at] = to;
        let quote: String = chars[at.saturating_sub(4)..chars.len().min(at + 5)].iter().collect();
        prop_assert!(Text::read(&record(RULES)).unwrap().find(&quote, None).is_some());
        prop_assert!(Text::read(&record(changed.concat())).unwrap().find(&quote, None).is_none());
    }
}

/// Every sentence of the available real texts, as received and as restored.
#[test]
fn sentences_of_real_texts_are_found_in_them() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/policies");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        zhaoren_prerequisite::skip(zhaoren_prerequisite::Prerequisite::Texts, &folder.display().to_string());
        return;
    };
    // Invisible marks are not part of the result.
    let clean = |text: &str| fold::FoldedText::new(&zhaoren_text::restore_str(text).text).text;
    let (mut sentences, mut missed) = (0, Vec::new());
    for file in entries.flatten() {
        for line in std::fs::read_to_string(file.path()).unwrap().lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let body = row["text"].as_str().unwrap();
            let text = Text::read(&record(body)).unwrap();
            for quote in body.split('。').step_by(7).filter(|quote| quote.trim().chars().count() > 3) {
                sentences += 1;
                match text.find(quote, None) {
                    Some(found) => {
                        assert_eq!(clean(body.get(found.span.start..found.span.end).unwrap()), clean(quote))
                    }
                    None => missed.push(quote.to_owned()),
                }
            }
        }
    }
    println!("{sentences} sentences, {} missed", missed.len());
    assert!(missed.is_empty(), "{missed:?}");
}
