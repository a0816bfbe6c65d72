//! Metamorphic tests: another spelling, width, numeral, word or order gives the same criteria.

use super::{criteria, reading};

/// Every spelling gives the criteria of the first, which are some.
fn same(texts: &[&str]) {
    let first = criteria(texts[0]);
    assert!(first.contains("fact"), "{}: {first}", texts[0]);
    for text in &texts[1..] {
        assert_eq!(criteria(text), first, "{text}\n{}", texts[0]);
    }
}

#[test]
fn spellings_of_amounts() {
    same(&[
        "上年度营业收入不低于100万元",
        "上年度营业收入不低于一百万元",
        "上年度营业收入不低于1,000,000元",
        "上年度营业收入不低于人民币100万元",
        "上年度营业收入不低于１００万元",
        "上年度營業收入不低於100萬元",
        "上年度营业收入至少100万元",
        "上年度营业收入100万元以上",
        "上年度营业收入达到100万元及以上",
        "上年度营业收入100万元（含）以上",
        "上年度营业收入≥100万元",
        "上年度营业收入不少于100万元。",
    ]);
}

#[test]
fn spellings_of_times() {
    same(&["成立满三年", "成立满3年", "企业成立时间不少于三年", "注册成立３年以上", "成立滿三年"]);
    same(&[
        "近三年营业收入累计不低于1亿元",
        "最近3个会计年度营业收入累计不低于一亿元",
        "近三年营业收入合计1亿元以上",
    ]);
}

#[test]
fn order_of_alternatives() {
    let parts = ["上年度营业收入2000万元以上", "研发费用500万元以上"];
    let (one, other) = (criteria(&parts.join("或")), criteria(&[parts[1], parts[0]].join("或者")));
    for text in [&one, &other] {
        assert!(text.starts_with("{\"any\""), "{text}");
        assert!(text.contains("20000000") && text.contains("5000000"), "{text}");
    }
}

#[test]
fn a_sentence_inside_any_list() {
    let alone = criteria("上年度营业收入不低于1000万元");
    for list in [
        "（一）上年度营业收入不低于1000万元。",
        "1.上年度营业收入不低于1000万元；",
        "申报企业应符合以下条件：上年度营业收入不低于1000万元",
        "申报企业应符合以下条件：\n（1）上年度营业收入不低于1000万元；",
    ] {
        assert_eq!(criteria(list), alone, "{list}");
    }
}

#[test]
fn a_bracket_overrules_the_word() {
    assert!(criteria("营业收入超过100万元（含）").contains("at_least"));
    assert!(criteria("营业收入100万元以上（不含100万元）").contains("more_than"));
    assert!(criteria("从业人数300人（不含）以下").contains("less_than"));
    // Two words that contradict each other are left to a person.
    assert!(!criteria("营业收入超过100万元以上").contains("fact"));
}

#[test]
fn quotes_are_verbatim() {
    let text = "申报企业　应在本市註冊，上年度營業收入 1,000 萬元（含）以上。";
    let read = reading(text);
    read.criteria.walk(&mut |_, one| {
        if let Some(quote) = &one.quote {
            assert!(text.contains(quote.as_str()), "{quote}");
        }
    });
}
