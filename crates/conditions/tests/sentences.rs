//! Rules of the grammar, one sentence each.

use super::{criteria, reading};

#[test]
fn text_without_conditions_gives_none_and_is_named() {
    for text in ["申报截止时间为2026年6月30日。", "对符合条件的企业，给予最高不超过100万元的一次性奖励。"]
    {
        let reading = reading(text);
        assert_eq!(criteria(text), "{\"all\":[]}", "{text}");
        assert!(!reading.unread.is_empty(), "{text}");
    }
}

#[test]
fn a_grant_is_no_condition_but_its_addressee_is() {
    let text = "对上年度研发费用不低于500万元的高新技术企业，按研发费用的5%给予补贴，最高100万元。";
    let read = criteria(text);
    assert!(read.contains("\"at_least\":5000000") && read.contains("高新技术企业"), "{read}");
    assert!(!read.contains("1000000}"), "{read}");
}

#[test]
fn a_phrase_understood_in_part_is_judged_as_a_whole() {
    assert_eq!(criteria("产品营业收入不低于1000万元"), "{\"judged\":\"产品营业收入不低于1000万元\"}");
}

#[test]
fn a_quantity_without_a_fact_is_proposed() {
    let reading = reading("上年度服务中小企业数量不少于200家");
    let [proposal] = reading.proposed.as_slice() else { panic!("{:?}", reading.proposed) };
    assert_eq!(proposal.name, "服务中小企业数量");
    assert!(reading.to_json()["proposed"][0]["leaf"]["at_least"] == 200);
}

#[test]
fn a_list_of_nouns_is_not_taken_apart() {
    let read = criteria("对在中小板、创业板、科创板上市的企业，给予100万元奖励");
    assert!(!read.contains("listing_boards"), "{read}");
}

#[test]
fn of_the_steps_of_a_grant_only_the_lowest_is_a_condition() {
    let text = "纳税总额满500万元的企业，给予30万元补助；纳税总额满800万元的企业，给予60万元补助";
    assert_eq!(criteria(text), "{\"fact\":\"taxes_paid\",\"at_least\":5000000}");
}

#[test]
fn the_name_of_a_procedure_is_no_condition() {
    assert!(!criteria("高新技术企业认定").contains("fact"));
    assert!(criteria("通过高新技术企业认定").contains("fact"));
}

#[test]
fn a_condition_on_some_binds_only_them() {
    let read = criteria("注册成立时间不足两年的，上年度研发费用100万元以上");
    assert!(read.starts_with("{\"case\"") && read.ends_with("\"else\":{\"all\":[]}}"), "{read}");
}

#[test]
fn words_behind_alternatives_are_about_all_of_them() {
    let both = criteria("从业人员不少于10人或营业收入不低于100万元的小微企业");
    assert!(both.starts_with("{\"all\":[{\"any\"") && both.contains("enterprise_size"), "{both}");
    let own = criteria("营业收入500万元以上的零售企业或营业收入1000万元以上的批发企业");
    assert!(own.starts_with("{\"any\":[{\"all\""), "{own}");
}

#[test]
fn a_condition_in_other_words_is_judged_and_never_dropped() {
    for text in [
        "法定代表人无犯罪记录",
        "注册时间不早于2022年1月1日",
        "员工人数50人左右",
        "上年度研发费用占比高于行业平均水平",
    ] {
        assert_eq!(criteria(text), format!("{{\"judged\":\"{text}\"}}"));
    }
}

/// Parts of the text of `reading` with the names of their kinds.
fn parts<'a>(text: &'a str, reading: &zhaoren_conditions::Reading) -> Vec<(&'static str, &'a str)> {
    reading.segments.iter().map(|one| (one.kind.name(), &text[one.from..one.to])).collect()
}

#[test]
fn every_character_is_accounted_for() {
    let text = "申报企业应符合以下条件：\n（一）在本市注册；\n（二）具有较强的“创新能力”，按照《某某办法》执行。奖励10万元。";
    let reading = reading(text);
    assert_eq!(
        parts(text, &reading),
        [
            ("connective", "申报企业应符合以下条件：\n（一）"),
            ("criterion", "在本市注册"),
            ("connective", "；\n（二）"),
            ("judged", "具有较强的“创新能力”"),
            ("connective", "，"),
            ("judged", "按照"),
            ("reference", "《某某办法》"),
            ("judged", "执行"),
            ("connective", "。"),
            ("unread", "奖励10万元"),
            ("connective", "。"),
        ]
    );
    assert!((0.8..0.9).contains(&reading.coverage()), "{}", reading.coverage());
}

#[test]
fn an_exemption_without_its_rule_loses_nothing() {
    let read = criteria("上年度营业收入不低于1000万元，行业领军企业，可不受注册地限制");
    assert!(read.contains("10000000") && read.contains("行业领军企业") && read.contains("限制"), "{read}");
}
