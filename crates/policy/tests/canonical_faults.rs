//! Canonical Chinese form: no typed text is dropped or misread silently.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use serde_json::{Value as Json, json};
use zhaoren_policy::code::{CodeSystem, names};
use zhaoren_policy::criterion::{Criterion, read_canonical, read_criterion, write_canonical};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_items;
use zhaoren_policy::problem::{Problem, Report};
use zhaoren_policy::syntax;

/// Problems of `text`, which must be refused.
fn refused(text: &str) -> Vec<Problem> {
    let (read, report) = read_canonical(text, "规则.txt", FactDictionary::built_in());
    assert!(read.is_none(), "{text}\n{read:?}");
    report.problems
}

/// Asserts that `text` is refused for this fault alone: on `line`, in these words.
fn refused_once(text: &str, line: u32, words: &str) {
    let problems = refused(text);
    let [only] = problems.as_slice() else { panic!("{text}\n{problems:?}") };
    assert_eq!(only.line, Some(line), "{text}\n{only}");
    assert!(only.to_string().contains(words), "{text}\n{only}");
}

fn criterion(json: &Json) -> Criterion {
    let mut report = Report::new("criteria");
    let node = syntax::json(&json.to_string()).unwrap();
    read_criterion(&node, "", FactDictionary::built_in(), &mut report)
        .unwrap_or_else(|| panic!("{json}: {:?}", report.problems))
}

fn same(text: &str, json: &Json) {
    let (read, report) = read_canonical(text, "规则.txt", FactDictionary::built_in());
    assert_eq!(read, Some(criterion(json)), "{text}\n{:?}", report.problems);
}

const GROUPS: [&str; 6] = [
    "同时符合下列条件：",
    "符合下列条件之一：",
    "符合下列条件中至少2项：",
    "不属于下列情形：",
    "按下列情形分别要求：",
    "按下列标准评分，合计不低于60分：",
];

/// Text copied from a web page loses its indentation; the members of a group are then on its own level.
#[test]
fn empty_groups_are_refused() {
    for group in GROUPS {
        refused_once(group, 1, "缩进");
        refused_once(&format!("一、从业人数不低于10人\n二、{group}\n三、成立满2年\n"), 2, "缩进");
        refused_once(&format!("{group}\n  依据：第五条\n成立满1年\n"), 1, "缩进");
        refused_once(&format!("不属于下列情形：\n  {group}\n"), 2, "缩进");
    }
    refused_once("无条件\n  成立满1年\n", 2, "不再有条件");
}

#[test]
fn memberless_groups_are_written_explicitly() {
    let dictionary = FactDictionary::built_in();
    let empty = [
        (json!({"all": []}), "无条件\n"),
        (
            json!({"all": [{"all": [], "article": "第五条"}]}),
            "同时符合下列条件：\n    一、无条件\n        依据：“第五条”\n",
        ),
        (json!({"any": []}), "条件式：{\"any\":[],\"count\":1}\n"),
        (
            json!({"not": {"any": [], "count": 0}}),
            "不属于下列情形：\n    一、条件式：{\"any\":[],\"count\":0}\n",
        ),
        (json!({"case": []}), "条件式：{\"case\":[]}\n"),
        (json!({"points": [], "at_least": 0}), "条件式：{\"points\":[],\"at_least\":0}\n"),
        (json!({"case": [], "else": {"all": []}}), "按下列情形分别要求：\n    其他情形：无条件\n"),
    ];
    for (json, text) in empty {
        assert_eq!(write_canonical(&criterion(&json), dictionary), text);
        same(text, &json);
    }
}

#[test]
fn lines_below_evidence_or_data_are_refused() {
    for word in ["依据", "原文", "表述"] {
        let text = format!("成立满1年\n  {word}：第五条\n    从业人数不低于10人\n    成立满2年\n");
        refused_once(&text, 3, "不再有内容");
        refused_once(&format!("成立满1年\n  {word}：第五条\n    依据：第六条\n"), 3, "不再有内容");
    }
    let data = "条件式：{\"fact\": \"employees\", \"at_least\": 10}";
    for below in ["成立满2年", "依据：第五条"] {
        refused_once(&format!("{data}\n  {below}\n"), 2, "不再有内容");
        refused_once(
            &format!("同时符合下列条件：\n  一、{data}\n    {below}\n  二、成立满1年\n"),
            3,
            "不再有内容",
        );
    }
}

/// Criteria read from text are checked against the dictionary, the lists and the tables like criteria that are data.
#[test]
fn lists_tables_and_ranges_are_closed_for_text_too() {
    let cases = [
        ("资质含“高新企业”", "did you mean `高新技术企业`?"),
        ("资质同时含“高新技术企业”、“专精特新甲企业”", "`专精特新甲企业` is not in the list"),
        ("注册地属于999999", "code `999999` is not in GB/T 2260"),
        ("注册地属于徐汇区（999999）", "code `999999` is not in GB/T 2260"),
        ("人工认定：“ ”", "the text that a person judges"),
        ("人工认定：", "the text that a person judges"),
        ("条件式：{\"any\": [], \"cuont\": 1}", "unknown key `cuont`"),
        ("条件式：{\"fact\": \"employees\", \"over\": 1}", "operator `over` does not fit"),
        ("条件式：{\"fact\": \"employees\", \"at_least\": 1, \"at_least\": 2}", "stands twice"),
        ("条件式：{\"judged\": \"甲\"} 乙", "trailing"),
        ("条件式：5", "a criterion: a map with"),
    ];
    for (line, words) in cases {
        refused_once(line, 1, words);
        refused_once(&format!("不属于下列情形：\n\n  {line}\n"), 3, words);
        refused_once(
            &format!("同时符合下列条件：\n  一、成立满1年\n  二、{line}\n  三、成立满1年\n"),
            3,
            words,
        );
    }
    for (mark, words) in
        [("0.0000001", "six decimals"), ("2000000000", "1,000,000,000"), ("-0.0000001", "six decimals")]
    {
        refused_once(&format!("按下列标准评分，合计不低于{mark}分：\n  得1分：成立满1年\n"), 1, words);
        refused_once(&format!("按下列标准评分，合计不低于1分：\n  得{mark}分：成立满1年\n"), 2, words);
    }
    // All of them at once, in the order of their lines, each with its path.
    let text = "同时符合下列条件：\n  注册地属于999999\n  看不懂\n  人工认定：“”\n";
    let found: Vec<(Option<u32>, String)> =
        refused(text).into_iter().map(|problem| (problem.line, problem.path)).collect();
    let expected = [(2, "all[0].within"), (3, ""), (4, "all[2].judged")];
    assert_eq!(found, expected.map(|(line, path)| (Some(line), path.to_owned())));
}

/// In an item, every fault has the line of the file, the path of the tree, and its own severity.
#[test]
fn item_errors_name_the_line_of_the_file() {
    let read = |text: &str| {
        let (items, report) = read_items(text, "item.yaml", FactDictionary::built_in());
        (items, report.problems.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    let text = "id: a\ntitle: 甲\ncriteria: |\n  同时符合下列条件：\n    成立满2年\n    资质含“高新企业”\n    条件式：{\n    看不懂\n";
    let (items, problems) = read(text);
    assert!(items.is_empty());
    let begins = [
        "item.yaml:6: item `a`: at `criteria.all[1].has_any`: `高新企业` is not in the list",
        "item.yaml:7: item `a`: at `criteria`: not well-formed",
        "item.yaml:8: item `a`: at `criteria`: got `看不懂`",
    ];
    assert_eq!(problems.len(), begins.len(), "{problems:?}");
    assert!(problems.iter().zip(begins).all(|(problem, begin)| problem.starts_with(begin)), "{problems:?}");
    for empty in ["''", "' '", "|\n\n", "\"\\n\\u3000\\t\\r\\n\""] {
        let (items, problems) = read(&format!("id: a\ntitle: 甲\ncriteria: {empty}\n"));
        assert!(
            items.is_empty() && problems.len() == 1 && problems[0].contains("至少一条条件"),
            "{empty} {problems:?}"
        );
    }
    let (items, problems) = read(
        "id: a\r\ntitle: 甲\r\ncriteria: |\r\n  符合下列条件之一：\r\n    成立满2年\r\n    资质含“软件企业”\r\n",
    );
    assert_eq!(items.len(), 1, "{problems:?}");
    let crlf = "{\"id\": \"a\", \"title\": \"甲\", \"criteria\": \"符合下列条件之一：\\r\\n  成立满2年\\r\\n    依据：第五条\\r\\n\"}";
    let (items, problems) = read(crlf);
    let expected =
        json!({"any": [{"fact": "established_on", "for_at_least": "2 years", "article": "第五条"}]});
    assert_eq!(items.first().map(|(item, _)| &item.criteria), Some(&criterion(&expected)), "{problems:?}");
}

#[test]
fn evidence_is_one_line_with_a_colon_and_words() {
    for word in ["依据", "原文", "表述"] {
        refused_once(&format!("成立满1年\n  {word}：甲\n  {word}：乙\n"), 3, "只有一行");
        refused_once(&format!("成立满1年\n  {word}：\n"), 2, "写明内容");
        // Without a colon it is a condition, or was meant as one.
        refused_once(&format!("成立满1年\n  {word}甲办法第三条\n"), 2, "不再有条件");
        refused_once(&format!("{word}：甲\n成立满1年\n"), 1, "条件的下一行");
    }
    same(
        "成立满1年\n  依据:第五条\n",
        &json!({"fact": "established_on", "for_at_least": "1 years", "article": "第五条"}),
    );
    // Quotation marks inside a sentence are part of it.
    same(
        "成立满1年\n  原文：“专精特新”企业\n",
        &json!({"fact": "established_on", "for_at_least": "1 years", "quote": "“专精特新”企业"}),
    );
    same(
        "成立满1年\n  原文：“甲”、“乙”\n",
        &json!({"fact": "established_on", "for_at_least": "1 years", "quote": "“甲”、“乙”"}),
    );
    for text in ["经认定的高新技术企业", "人工认定甲", "条件式{}", "情形复杂的企业", "得20分"]
    {
        refused_once(text, 1, "能读懂的条件");
    }
    refused_once("按下列情形分别要求：\n  情形一：成立满1年\n  要求：成立满2年\n", 2, "情形：");
    refused_once("按下列情形分别要求：\n  情形：成立满1年\n  要求成立满2年\n", 2, "情形：");
    refused_once(
        "按下列情形分别要求：\n  其他情形：无条件\n  情形：成立满1年\n  要求：成立满2年\n",
        2,
        "情形：",
    );
}

#[test]
fn numbers_are_read_whole_or_not_at_all() {
    for threshold in [
        "10万元人",
        "10万人",
        "10元",
        "1,0人",
        "1,0000人",
        "10,000,00人",
        "10人民币",
        "10-20人",
        "1.2.3人",
        "1..2人",
        "--1人",
        "10%",
        "5 10人",
        "十百人",
        "¥10",
    ] {
        refused_once(&format!("从业人数不低于{threshold}"), 1, "能读懂的条件");
    }
    for threshold in ["2000", "2000万", "2,00万元", "20%", "2亿", "2亿美元", "20000元/平方米"] {
        let problems = refused(&format!("上年度营业收入不低于{threshold}"));
        assert_eq!(problems.len(), 1, "{threshold} {problems:?}");
    }
    refused_once("上年度营业收入不低于2000", 1, "金额写明单位");
    refused_once("上年度裁员率不超过20", 1, "百分号");
    refused_once("近3年营业收入年均复合增长率不低于15", 1, "百分号");
    refused_once("近3年营业收入年均复合增长率不低于15元", 1, "能读懂的条件");
    // More digits than a loaded number can have.
    refused_once("从业人数不低于10000000000000000000000000000000人", 1, "能读懂的条件");
    refused_once("上年度裁员率不超过0.1234567890123456789012345678%", 1, "能读懂的条件");
    for text in
        ["从业人数不低于１０人", "从业人数 不低于 10 人", "从业人数不低于十人", "１．从业人数不低于10人"]
    {
        same(text, &json!({"fact": "employees", "at_least": 10}));
    }
    same(
        "从业人数不低于1,000人，且不超过2,000人",
        &json!({"fact": "employees", "at_least": 1000, "at_most": 2000}),
    );
    same("从业人数不低于10人,且不超过20人", &json!({"fact": "employees", "at_least": 10, "at_most": 20}));
    same("上年度裁员率不超过２．５％", &json!({"fact": "layoff_rate", "at_most": 0.025}));
    same("上年度裁员率不超过0.2", &json!({"fact": "layoff_rate", "at_most": 0.2}));
    same("上年度净利润超过0", &json!({"fact": "net_profit", "more_than": 0}));
    same(
        "按下列标准评分，合计不低于６０分：\n  得２０分：成立满１年\n",
        &json!({"points": [{"when": {"fact": "established_on", "for_at_least": "1 years"}, "score": 20}], "at_least": 60}),
    );
    same(
        "符合下列条件中至少１项：\n  成立满1年\n",
        &json!({"any": [{"fact": "established_on", "for_at_least": "1 years"}]}),
    );
}

#[test]
fn trailing_words_after_a_condition_are_refused() {
    for spare in ["：", "（含）", "左右", "的企业", "；成立满2年", "，成立满2年", "。成立满2年", "\\", "”"]
    {
        let problems = refused(&format!("从业人数不低于10人{spare}"));
        assert_eq!(problems.len(), 1, "{spare} {problems:?}");
        assert_eq!(refused(&format!("注册地属于徐汇区{spare}")).len(), 1, "{spare}");
        assert_eq!(refused(&format!("成立满2年{spare}")).len(), 1, "{spare}");
        assert_eq!(refused(&format!("资质含“高新技术企业”{spare}")).len(), 1, "{spare}");
    }
    refused_once("从业人数不低于10人：\n  成立满2年\n", 2, "不再有条件");
    refused_once("成立满2年\n  从业人数不低于10人\n", 2, "不再有条件");
    // Repeating a comparison is not a repeated key of a map.
    refused_once("从业人数不低于10人，且不少于20人", 1, "只写一次");
    refused_once("资质含“高新技术企业”，且含“软件企业”", 1, "只写一次");
    // Of several tags, all or one: the text has to say which.
    refused_once("资质含“高新技术企业”、“独角兽企业”", 1, "之一");
    same(
        "资质含“高新技术企业”、“独角兽企业”之一",
        &json!({"fact": "qualifications", "has_any": ["高新技术企业", "独角兽企业"]}),
    );
    // The code has another name: either may be wrong.
    refused_once("注册地属于黄浦区（310104）", 1, "310104");
    same(
        "注册地属于徐汇区（310104）、310101",
        &json!({"fact": "registered_region", "within": ["310104", "310101"]}),
    );
}

#[test]
fn years_belong_to_facts_that_have_them() {
    refused_once("营业收入不低于2亿元", 1, "写明哪一年");
    refused_once("上年度从业人数不低于10人", 1, "不分年度");
    refused_once("2024年度从业人数不低于10人", 1, "not one per year");
    refused_once("近3年平均从业人数不低于10人", 1, "not one per year");
    refused_once("近1年营业收入增长率不低于10%", 1, "2 or more years");
    refused_once("近3年营业收入不低于2亿元", 1, "能读懂的条件");
    refused_once("近60年平均营业收入不低于2亿元", 1, "能读懂的条件");
    refused_once("从业人数含“甲”", 1, "operator `has_any` does not fit");
    refused_once("从业人数在2024年1月1日以后", 1, "operator `on_or_after` does not fit");
    refused_once("资质不低于10", 1, "operator `at_least` does not fit");
}

#[test]
fn a_name_of_several_facts_is_refused() {
    let mut dictionary = FactDictionary::default();
    let facts = "
- {key: a, name: 收入, type: money, period: year}
- {key: b, name: 上年度收入, type: money}
- {key: c, name: 面积, type: decimal}
- {key: d, name: 用地面积, aliases: [面积], type: decimal}
- {key: e, name: 成立日期, type: date, since: 成立}
- {key: f, name: 设立日期, type: date, since: 成立}
";
    assert!(dictionary.extend_from(facts, "facts.yaml").problems.is_empty());
    for (text, first, second) in
        [("上年度收入超过1元", "b", "a"), ("面积超过1", "c", "d"), ("成立满1年", "e", "f")]
    {
        let (read, report) = read_canonical(text, "规则.txt", &dictionary);
        let problem = report.problems[0].to_string();
        assert!(read.is_none() && problem.contains(&format!("〔{first}〕”或“")), "{problem}");
        assert!(problem.contains(&format!("〔{second}〕")), "{problem}");
    }
    for text in [
        "上年度收入〔b〕超过1元",
        "上年度收入〔a〕超过1元",
        "面积〔c〕超过1",
        "面积〔d〕超过1",
        "用地面积超过1",
    ] {
        let (read, report) = read_canonical(text, "规则.txt", &dictionary);
        assert!(read.is_some(), "{text} {:?}", report.problems);
    }
}

/// The width of a tab depends on the display: mixed with blanks it does not determine the nesting.
#[test]
fn indentation_is_one_kind_of_blank() {
    let text = "同时符合下列条件：\n\t符合下列条件之一：\n        成立满1年\n";
    refused_once(text, 3, "缩进");
    refused_once("同时符合下列条件：\n    成立满1年\n\t成立满2年\n", 3, "缩进");
    let expected = json!({"all": [
        {"any": [{"fact": "established_on", "for_at_least": "1 years"}]},
        {"fact": "employees", "at_least": 10},
    ]});
    for (one, two) in
        [("\t", "\t\t"), ("　", "　　"), ("　", "    "), (" ", "  "), ("\u{a0}", "\u{a0} "), ("  ", "  \t")]
    {
        let text = format!(
            "\u{feff}同时符合下列条件：\r\n{one}符合下列条件之一：\r\n\r\n{two}成立满1年\r\n{one}从业人数不低于10人"
        );
        same(&text, &expected);
    }
}

/// In JSON, a text of many lines is on one line.
#[test]
fn escaped_line_breaks_count_as_one_line() {
    let text = "同时符合下列条件：\\n  成立满2年\\n  看不懂\\n  条件式：{\\n";
    let lines = |text: &str, file: &str| {
        let (items, report) = read_items(text, file, FactDictionary::built_in());
        assert!(items.is_empty());
        report.problems.iter().map(|problem| problem.line.unwrap()).collect::<Vec<_>>()
    };
    let one = format!("{{\"id\": \"a\", \"title\": \"甲\", \"criteria\": \"{text}\"}}\n");
    assert_eq!(lines(&one.repeat(2), "items.jsonl"), [1, 1, 2, 2]);
    assert_eq!(lines(&one, "item.json"), [1, 1]);
    let pretty = format!("{{\n\"id\": \"a\",\n\"criteria\": \"{text}\",\n\"title\": \"甲\"\n}}\n");
    assert_eq!(lines(&pretty, "item.json"), [3, 3]);
    assert_eq!(lines("id: a\ncriteria: |\n  成立满2年\n  看不懂\ntitle: 甲\n", "item.yaml"), [4]);
}

#[test]
fn text_before_and_inside_a_condition_is_kept() {
    // A year is not the number of a list.
    assert_eq!(refused("2023、2024年度营业收入不低于1亿元").len(), 1);
    assert_eq!(refused("（2023）2024年度营业收入不低于1亿元").len(), 1);
    same(
        "1、2024年度营业收入不低于1亿元",
        &json!({"fact": "revenue", "year": 2024, "at_least": 100_000_000}),
    );
    same("999. 从业人数不低于1人", &json!({"fact": "employees", "at_least": 1}));
    assert_eq!(refused("一、二、从业人数不低于1人").len(), 1);
    refused_once("一、", 1, "没有内容");
    // A backslash that starts no escape is a backslash.
    same("人工认定：“甲\\乙\\”\\\\”", &json!({"judged": "甲\\乙”\\"}));
}

/// Quotation marks of a text that are in pairs stand in a quote as they are; those of earlier versions, with a backslash, are read too.
#[test]
fn pairs_of_quotation_marks_need_no_escape() {
    let judged = json!({"judged": "获得“专精特新”称号 或“小巨人”称号"});
    same("人工认定：“获得“专精特新”称号 或“小巨人”称号”", &judged);
    let written = zhaoren_policy::criterion::write_canonical(&criterion(&judged), FactDictionary::built_in());
    assert_eq!(written.trim_end(), "人工认定：“获得“专精特新”称号 或“小巨人”称号”");
    same("人工认定：“获得“专精特新\\”称号 或“小巨人\\”称号”", &judged);
    same("人工认定：“外“内“里”内”外”", &json!({"judged": "外“内“里”内”外"}));
    // A “ by itself is escaped, and was not in earlier versions.
    same("人工认定：“甲\\“乙”", &json!({"judged": "甲“乙"}));
    same("人工认定：“甲“乙”", &json!({"judged": "甲“乙"}));
    let long = format!("“{}”", "长".repeat(2_000));
    same(&format!("人工认定：“\\“{}\\””", "长".repeat(2_000)), &json!({"judged": long}));
}

/// Names of industries may contain the separator of codes: 农、林、牧、渔业.
#[test]
fn every_code_of_the_tables_is_read_by_its_name() {
    let dictionary = FactDictionary::built_in();
    for (system, fact) in [(CodeSystem::Region, "registered_region"), (CodeSystem::Industry, "industry")] {
        let codes: Vec<String> = names(system).iter().map(|(code, _)| code.to_string()).collect();
        for pair in codes.chunks(40) {
            let json = json!({"fact": fact, "outside": pair});
            let text = write_canonical(&criterion(&json), dictionary);
            assert!(!text.contains("条件式"), "{text}");
            same(&text, &json);
        }
    }
    same("所属行业属于农、林、牧、渔业", &json!({"fact": "industry", "within": ["A"]}));
    same(
        "所属行业属于软件开发(I651)、农、林、牧、渔业",
        &json!({"fact": "industry", "within": ["I651", "A"]}),
    );
    for text in [
        "注册地属于黄浦区（310104）、（310104003）",
        "注册地属于黄浦区（310104）、街道（310104003）",
        "所属行业属于农、林",
        "所属行业属于农、林、牧、渔业、",
        "注册地属于朝阳区",
        "所属行业属于",
    ] {
        assert_eq!(refused(text).len(), 1, "{text}");
    }
}
