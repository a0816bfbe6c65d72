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
    for text in ["法定代表人无犯罪记录", "员工人数50人左右", "上年度研发费用占比高于行业平均水平"]
    {
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

#[test]
fn a_date_compared_by_the_word_before_it() {
    for (text, test) in [
        ("注册时间不早于2022年1月1日", "\"on_or_after\":\"2022-01-01\""),
        ("成立时间不晚于2024年6月", "\"on_or_before\":\"2024-06-30\""),
        ("注册时间早于2023年", "\"before\":\"2023-01-01\""),
    ] {
        assert_eq!(criteria(text), format!("{{\"fact\":\"established_on\",{test}}}"), "{text}");
    }
}

#[test]
fn an_exception_told_after_its_rule_takes_its_place() {
    let text = "研发费用占营业收入比重不低于5%；营业收入在5亿元以上的企业不低于3%";
    let read = criteria(text);
    assert!(
        read.starts_with("{\"case\"")
            && read.ends_with("\"else\":{\"fact\":\"rd_intensity\",\"at_least\":0.05}}"),
        "{read}"
    );
    // Another quantity is no exception.
    let both = criteria("研发费用不低于100万元；成立满一年的企业，营业收入不低于300万元");
    assert!(!both.contains("case"), "{both}");
}

#[test]
fn a_scoring_table_in_the_text_becomes_points() {
    let text = "评分标准：（1）上年度营业收入5000万元以上，30分；（2）研发团队较强，20分；（3）高新技术企业得20分。总分须超过60分。";
    let read = criteria(text);
    assert!(read.starts_with("{\"points\"") && read.ends_with("\"at_least\":61}"), "{read}");
    assert!(read.contains("{\"when\":{\"judged\":\"研发团队较强\"},\"score\":20}"), "{read}");
    // A table elsewhere, or one without a total, is none.
    for text in [
        "企业综合评价得分达到70分以上（评分标准见附件2）",
        "评分表：上年度营业收入5000万元以上得20分；高新技术企业得20分。",
    ] {
        assert!(!criteria(text).contains("points"), "{text}");
    }
}

#[test]
fn averages_of_the_definition_of_small_profit() {
    let read = criteria("年应纳税所得额不超过300万元、从业人数不超过300人、资产总额不超过5000万元");
    assert!(read.contains("employees_avg") && read.contains("total_assets_quarter_avg"), "{read}");
    // Two of the three are no definition.
    assert!(criteria("从业人数不超过300人、资产总额不超过5000万元").contains("\"employees\""));
}

#[test]
fn a_word_of_a_grant_within_a_name_is_no_grant() {
    assert!(criteria("获得国家级科技奖励").contains("sci_awards"));
    assert!(!criteria("获得国家级科技项目奖励").contains("fact"));
}

#[test]
fn a_window_that_the_fact_does_not_have_is_not_dropped() {
    for text in
        ["近三年未享受过区级装修补贴", "近三年内主导制定国家标准1项以上", "获得高新技术企业认定满三年"]
    {
        assert!(!criteria(text).contains("fact"), "{text}: {}", criteria(text));
    }
}

#[test]
fn bounds_of_several_quantities_in_their_order() {
    let read = criteria("上年度营业收入、净利润分别不低于5000万元、500万元");
    assert_eq!(
        read,
        "{\"all\":[{\"fact\":\"revenue\",\"at_least\":50000000},{\"fact\":\"net_profit\",\"at_least\":5000000}]}"
    );
    // Two quantities and three bounds are not understood.
    let read = criteria("上年度营业收入、净利润分别不低于5000万元、500万元、50万元");
    assert!(!read.contains("fact"), "{read}");
}

#[test]
fn a_list_that_nothing_announces_is_read_item_by_item() {
    let text = "第三条 【申报条件】\n（一）在本区注册；\n（二）满足下列标准之一：\n1.上年度营业收入不低于1000万元；\n2.员工不少于20人。\n（三）近三年未发生重大安全事故。\n第四条 对上述企业给予奖励。";
    let read = criteria(text);
    assert!(read.starts_with("{\"all\":[{\"fact\":\"registered_region\""), "{read}");
    assert!(
        read.contains("{\"any\":[{\"fact\":\"revenue\"") && read.ends_with("\"for_at_least\":\"3 years\"}]}"),
        "{read}"
    );
}

#[test]
fn many_lists_in_a_row_are_all_read() {
    let one = "申报企业应符合以下条件：1.成立满一年；2.在本市注册。奖励按年发放。\n";
    let reading = reading(&one.repeat(40));
    assert!(
        reading.unread.iter().all(|passage| passage.text.contains("奖励")),
        "{:?}",
        reading.unread.first()
    );
}

#[test]
fn a_definition_is_no_condition() {
    for text in [
        "本办法所称初创企业，是指成立不满三年、从业人员20人以下的企业。",
        "其中，“在孵企业”指员工100人以下，且上年度营业收入在2000万元以下的企业。",
    ] {
        assert_eq!(criteria(text), "{\"all\":[]}", "{text}");
    }
    // 指标 is another word.
    assert!(criteria("经济指标：上年度营业收入不低于1000万元").contains("revenue"));
}

#[test]
fn a_label_of_a_kind_is_a_condition_and_kinds_are_alternatives() {
    let text = "满足以下条件：\n1.批发业：上年度营业收入5亿元以上；\n2.零售业：上年度营业收入2亿元以上。";
    let read = criteria(text);
    assert!(read.starts_with("{\"any\":[{\"all\":[{\"fact\":\"industry\""), "{read}");
}

#[test]
fn quantities_of_a_project_or_a_person_are_not_the_enterprises() {
    for text in [
        "对新建的制造类项目（不含仓储），固定资产投资1000万元以上的，给予奖励。",
        "对新开发的一类新药，年销售额1亿元以上的，给予奖励。",
        "对场地面积3万平方米以上，入驻企业不少于10家的园区，给予补贴。",
    ] {
        assert!(!criteria(text).contains("fact"), "{text}: {}", criteria(text));
    }
}

#[test]
fn of_steps_at_a_place_none_is_read_without_it() {
    let read = criteria(
        "在我区纳税达到300万元的，奖励50万元；纳税达到500万元的，奖励100万元；纳税额达到800万元的，奖励150万元。",
    );
    assert!(!read.contains("fact"), "{read}");
}

#[test]
fn a_title_by_its_document() {
    assert_eq!(
        criteria("按照《某市总部企业管理办法》认定的跨国公司地区总部"),
        "{\"fact\":\"qualifications\",\"has_any\":[\"跨国公司地区总部\"]}"
    );
    assert!(criteria("按照《某市重点企业管理办法》认定的企业").contains("judged"));
}

#[test]
fn steps_that_exclude_each_other_are_never_demanded_together() {
    let rule = "{\"case\":[{\"when\":{\"fact\":\"sales_revenue\",\"less_than\":50000000},\"then\":{\"fact\":\"rd_intensity\",\"at_least\":0.05}}],\"else\":{\"fact\":\"rd_intensity\",\"at_least\":0.04}}";
    for text in [
        "销售收入小于5000万元的，研发费用占比不低于5%；超过5000万元的，不低于4%。",
        "销售收入小于5000万元的企业，研发费用占比不低于5%。销售收入5000万元以上的企业，研发费用占比不低于4%。",
    ] {
        assert_eq!(criteria(text), rule, "{text}");
    }
    let kinds = "工业企业，上年度营业收入5000万元以上；批发业企业，上年度营业收入2亿元以上。";
    assert!(criteria(kinds).starts_with("{\"any\":[{\"all\":[{\"fact\":\"industry\""), "{}", criteria(kinds));
    let open = criteria("工业企业上年度营业收入5000万元以上，服务业企业上年度营业收入2000万元以上");
    assert!(open.starts_with("{\"any\":[{\"all\"") && open.contains("judged"), "{open}");
}

#[test]
fn a_demand_beside_what_is_not_understood_is_still_read() {
    let read = criteria("1．注册地为某示范区，成立满一年（含）以上且已实际开业。");
    assert!(read.contains("\"for_at_least\":\"1 years\"") && read.contains("已实际开业"), "{read}");
}

#[test]
fn what_may_be_a_condition_is_judged_and_not_left() {
    let text = "在本市登记并纳税的股份公司或者有限公司";
    assert!(criteria(text).contains("judged"), "{}", criteria(text));
    let text = "登记或者注册地在本市的申报机构";
    assert_eq!(criteria(text), r#"{"fact":"registered_region","within":["310000"]}"#);
}

#[test]
fn what_bodies_and_persons_do_is_no_condition() {
    for text in [
        "处5万元以上10万元以下罚款。",
        "参保人员累计缴费满15年的，按月领取养老金。",
        "区人民政府应当在30日内作出决定。",
    ] {
        assert_eq!(criteria(text), "{\"all\":[]}", "{text}");
    }
}
