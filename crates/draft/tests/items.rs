//! Items of whole documents: scope of conditions, relations, windows, materials, and documents that grant nothing.

use serde_json::{Value, json};
use zhaoren_draft::{DraftDocument, GrantsNothing, RelatedKind};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::Applicant;
use zhaoren_reader::DocumentMetadata;

use crate::{drafted, drafted_as, load_problems};

const MEASURE: &str = "云溪区促进智能装备产业发展办法\n第一章 总则\n第一条 为促进产业发展，根据《云溪市条例》（云府规〔2024〕3号），制定本办法。\n\
    第二条 本办法适用于具有独立法人资格的企业。\n第二章 支持内容\n第三条 【落户奖】对新引进的企业，实缴资本达到5000万元以上的，给予一次性奖励100万元。\n\
    第四条 【设备补助】企业购置智能装备的，按照设备投资额的10%给予补助，最高300万元。\n申请设备补助的企业，应当符合下列条件：\n（一）从业人数50人以上；\n（二）上年度营业收入2000万元以上。\n\
    第五条 【配套】对获得市级专项资金的项目，按市级资助额1:0.5给予配套。\n第三章 附则\n第六条 同一企业符合本办法多项规定的，按照就高不重复的原则执行。\n\
    第七条 有严重失信行为的企业，不予支持。\n第八条 申报时间为2026年3月1日至2026年3月31日，申报单位登录云溪惠企平台提交营业执照复印件、申请表等材料。\n\
    第九条 本办法自2026年1月1日起施行，有效期至2028年12月31日。原《云溪区旧办法》同时废止。\n";

fn read(draft: &DraftDocument, text: &str) -> Value {
    draft.to_json(text, FactDictionary::built_in())
}

#[test]
fn a_measure_becomes_items() {
    let draft = drafted(MEASURE);
    assert_eq!(load_problems(&draft, MEASURE), Vec::<String>::new());
    let titles: Vec<&str> = draft.items.iter().map(|item| item.title.as_str()).collect();
    assert_eq!(titles, ["落户奖", "设备补助", "配套"]);
    let read = read(&draft, MEASURE);
    let items = read["items"].as_array().unwrap();
    for item in items {
        assert_eq!(item["window"], json!([{"opens": "2026-03-01", "closes": "2026-03-31"}]));
        assert_eq!(item["document"]["expires"], "2028-12-31");
        assert!(item["stacking"][0]["higher_of"].is_string(), "{item}");
        assert!(item["reading"]["entry"]["text"].as_str().unwrap().contains("云溪惠企平台"));
        let criteria = item["criteria"].to_string();
        assert!(criteria.contains("is_legal_person"), "the condition of the whole document: {criteria}");
        // Every quote is where the draft says.
        for place in item["reading"]["criteria"].as_array().unwrap() {
            let (from, to) = (place["from"].as_u64().unwrap(), place["to"].as_u64().unwrap());
            assert!(MEASURE.get(from as usize..to as usize).is_some());
        }
    }
    let with_staff: Vec<bool> =
        items.iter().map(|item| item["criteria"].to_string().contains("employees")).collect();
    assert_eq!(with_staff, [false, true, false], "conditions of an article are its own");
    assert_eq!(draft.items[2].addressee.value, Applicant::Project);
    assert!(draft.items[2].relations.iter().any(|one| one.kind == RelatedKind::TopUpOf));
    let kinds: Vec<RelatedKind> = draft.relations.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [RelatedKind::Basis, RelatedKind::Repeals]);
    assert_eq!(draft.relations[0].number.as_deref(), Some("云府规〔2024〕3号"));
}

#[test]
fn ids_are_the_same_for_the_same_text() {
    let ids = |text: &str| drafted(text).items.into_iter().map(|item| item.id).collect::<Vec<_>>();
    assert_eq!(ids(MEASURE), ids(MEASURE));
    let amended = MEASURE.replace("100万元", "150万元");
    assert_eq!(ids(MEASURE), ids(&amended), "an amount is no part of an id");
}

#[test]
fn documents_that_grant_nothing() {
    let of = |title: &str, text: &str| {
        let metadata = DocumentMetadata { title: Some(title.to_owned()), ..DocumentMetadata::default() };
        drafted_as(text, &metadata).grants_nothing
    };
    let plan = "一、总体要求\n到2027年，产业规模突破500亿元。\n二、主要任务\n加大支持力度，对重点企业给予扶持。探索建立补贴机制。\n";
    assert_eq!(of("云溪区产业发展行动方案", plan), Some(GrantsNothing::Plan));
    let law = "第一条 为了促进科技进步，制定本条例。\n第二条 对作出突出贡献的单位和个人，给予表彰和奖励。\n第三条 违反本条例的，处五万元以上十万元以下罚款。\n";
    assert_eq!(of("云溪市科技进步条例", law), Some(GrantsNothing::Regulation));
    let residents = "第一条 本市户籍家庭申请住房租赁补贴的，按每户每月800元发放补贴。\n第二条 申请人应当提交身份证、户籍证明。\n第三条 家庭成员包括配偶、子女。\n";
    assert_eq!(of("云溪市住房租赁补贴办法", residents), Some(GrantsNothing::Persons));
    let hidden =
        "一、主要任务\n加快培育企业。对首次升规的企业，给予一次性奖励10万元。\n二、保障措施\n加强领导。\n";
    assert_eq!(of("云溪区工业稳增长行动方案", hidden), None, "the one grant that a plan hides");
}

#[test]
fn a_recognition_is_an_item() {
    let text = "云溪市企业技术中心认定管理办法\n第一条 申报条件\n申报单位应当符合下列条件：\n（一）在本市注册；\n（二）从业人数100人以上。\n第二条 认定程序\n由主管部门组织评审。\n";
    let draft = drafted(text);
    assert_eq!(load_problems(&draft, text), Vec::<String>::new());
    let [item] = draft.items.as_slice() else { panic!("{} items", draft.items.len()) };
    assert_eq!(item.kinds[0].value, "title");
    assert!(read(&draft, text)["items"][0]["criteria"].to_string().contains("employees"));
}

fn amount(sentence: &str) -> Value {
    let text = format!("云溪区扶持办法\n第一条 {sentence}\n");
    let draft = drafted(&text);
    assert_eq!(load_problems(&draft, &text), Vec::<String>::new(), "{text}");
    let read = read(&draft, &text);
    let mut amount = read["items"][0]["benefit"]["amount"].clone();
    amount.as_object_mut().map(|amount| amount.remove("text"));
    amount
}

#[test]
fn moneys_of_one_sentence_add_up() {
    let both = amount("对新建的检测中心，给予建设经费100万元、运营经费20万元。");
    assert_eq!(both, json!({"max": 1_200_000, "formula": {"sum": [1_000_000, 200_000]}}));
    let yearly = amount("对新建的检测中心，给予建设经费最高100万元、运营经费每年最高20万元的支持。");
    assert_eq!(yearly, json!({"formula": {"sum": [{"ceiling": 1_000_000}, {"ceiling": 200_000}]}}));
    let graded = amount("对新评的省级、市级中心，分别给予100万元、20万元补贴。");
    assert_eq!(graded["max"], 1_000_000, "a grade is a tier");
}

#[test]
fn a_base_follows_the_words_for_the_rate() {
    for (sentence, base) in [
        ("对企业贷款给予贴息，贴息比例为实际付息额的30%。", "实际付息额"),
        ("对改造项目给予奖励，资金支持比例不超过核定投资额的5%。", "核定投资额"),
        ("企业培训：参训会务费最高支持比例为50%。", "参训会务费"),
    ] {
        assert_eq!(amount(sentence)["base"], base, "{sentence}");
    }
}

#[test]
fn a_quantity_of_the_enterprise_is_no_cap() {
    for sentence in [
        "对年应纳税所得额不超过300万元的小型微利企业，减半征收房产税。",
        "年应纳税所得额不超过300万元，减半征收房产税。",
        "对月销售额不超过10万元的小规模纳税人，免征增值税。",
    ] {
        let amount = amount(sentence);
        assert!(amount.get("max").is_none(), "{sentence}: {amount}");
        assert!(!amount.to_string().contains("000"), "{sentence}: {amount}");
    }
    assert_eq!(amount("按投入的10%给予补助，最高不超过50万元。")["max"], 500_000);
}

#[test]
fn a_total_of_several_years_is_paid_once_and_securities_are_no_vouchers() {
    let total = amount("对标杆园区分类给予支持，支持周期不超过3年，支持总金额不超过900万元。");
    assert_eq!((&total["max"], &total["times"]), (&json!(9_000_000), &Value::Null), "{total}");
    let text = "云溪区扶持办法\n第一条 对在证券交易所上市的企业，给予100万元奖励。\n";
    let kinds: Vec<&str> = drafted(text).items[0].kinds.iter().map(|kind| kind.value).collect();
    assert_eq!(kinds, ["reward"]);
}

#[test]
fn applicants_that_are_young_people_are_persons() {
    let text = "云溪区扶持办法\n第一条 对返乡就业的青年，一次性给予2000元补贴。\n";
    assert_eq!(drafted(text).items[0].addressee.value, Applicant::Person);
    let claim = "云溪区扶持办法\n第一条 符合条件的企业可申领最高50万元的算力券。\n";
    assert_eq!(drafted(claim).items.len(), 1, "申领 is a grant");
}

/// A list under one grant is of this grant alone, though its lead speaks of those who apply.
#[test]
fn a_list_under_a_grant_is_its_own() {
    let text = "云溪区扶持办法实施指南\n一、支持内容和条件\n（一）研发补贴。按研发费用的10%给予补贴，最高100万元。申报企业应当同时符合下列条件：\n\
        1.从业人数不少于20人；\n2.上年度营业收入不低于2000万元。\n（二）落户奖励。对新引进的企业，给予20万元奖励。\n\
        二、附则\n本办法自2026年1月1日起施行。\n";
    let draft = drafted(text);
    let with_staff: Vec<bool> = read(&draft, text)["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["criteria"].to_string().contains("employees"))
        .collect();
    assert_eq!(with_staff, [true, false]);
}

/// Tags come from the words of the item, each with its place.
#[test]
fn items_have_tags_with_their_places() {
    let draft = drafted(MEASURE);
    let read = read(&draft, MEASURE);
    let item = &read["items"][1];
    assert!(item["tags"].as_array().unwrap().contains(&json!("技术改造")), "{}", item["tags"]);
    for tag in item["reading"]["tags"].as_array().unwrap() {
        let (from, to) = (tag["from"].as_u64().unwrap() as usize, tag["to"].as_u64().unwrap() as usize);
        assert!(!MEASURE.get(from..to).unwrap().is_empty());
    }
    assert_eq!(item["reading"]["taxonomy"], 1);
}
