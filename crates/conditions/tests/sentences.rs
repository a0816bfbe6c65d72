//! Rules of the grammar, one sentence each.

use super::{criteria, reading};

#[test]
fn text_without_conditions_gives_none_and_is_named() {
    for text in ["申报截止时间为2026年6月30日。", "对符合条件的企业，给予最高不超过100万元的一次性奖励。"] {
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
