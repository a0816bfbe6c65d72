//! `zhaoren map`: what is proposed for the columns of tables as offices send them.

use zhaoren_push::table::{Proposal, Survey};

use super::bench::{Folder, dictionary, mapped, open};
use super::book::Put::{D, N, O, P, T};
use super::book::{Sheet, workbook};

/// Surveys a file; the proposed mapping must be accepted, and every line of the mapping is a line of YAML.
fn survey(name: &str, bytes: impl AsRef<[u8]>) -> Survey {
    let folder = Folder::new();
    let path = folder.write(name, bytes);
    let survey = Survey::of(&path, &dictionary()).unwrap_or_else(|error| panic!("{error}"));
    if survey.usable {
        let enterprises = open(&path, mapped(&survey.mapping));
        let warned = enterprises.warnings().iter().any(|line| line.contains("映射"));
        assert!(!warned, "{:?}", enterprises.warnings());
    }
    survey
}

/// Entries of a mapping without its comment lines.
fn entries(survey: &Survey) -> Vec<&str> {
    survey.mapping.lines().filter(|line| !line.starts_with('#')).map(str::trim_start).collect()
}

fn is(survey: &Survey, expected: &[&str]) {
    let found = entries(survey);
    assert_eq!(
        found.join("\n"),
        std::iter::once(&"columns:").chain(expected).copied().collect::<Vec<_>>().join("\n")
    );
    assert!(survey.usable, "{:?}", survey.notes);
}

#[test]
fn a_city_export() {
    let found = survey(
        "t.csv",
        "企业名称,统一社会信用代码,注册日期,注册资金,所在省份,地区\n\
         甲,91310104MA1FR000X6,2000-01-03,50(万元人民币),上海,青浦\n\
         乙,91310104MA1FR001X4,2000-01-03,30(万美元),上海,浦东\n\
         丙,91310104MA1FR002X2,2000-01-04,500万人民币,上海,徐汇\n",
    );
    let capital = &found.columns[3];
    assert_eq!(capital.doubts[0].value, "30(万美元)");
    assert_eq!((capital.doubtful, capital.doubts[0].count, capital.filled), (1, 1, 3));
    is(
        &found,
        &[
            "企业名称: name",
            "统一社会信用代码: id",
            "注册日期: established_on  # 成立日期",
            "注册资金: registered_capital  # 注册资本",
            "所在省份: ignore  # 不是已知的指标；候选：registered_region（注册地），statistics_region（统计关系所在地），main_activity_region（主要创新活动地）",
            "地区: ignore  # 不是已知的指标；候选：actual_region（实际经营地），main_activity_region（主要创新活动地），registered_region（注册地）",
        ],
    );
}

#[test]
fn a_workbook_of_a_district() {
    let sheet = Sheet::new(
        "重点企业",
        vec![
            vec![T("2025年度某区重点企业情况表")],
            vec![T("填报单位：某区经信局")],
            vec![
                T("序号"),
                T("统一社会信用代码"),
                T("企业名称"),
                T("营业收入（万元）"),
                O,
                T("研发占比（%） 2025"),
                T("成立日期"),
                T("是否上市公司"),
            ],
            vec![O, O, O, T("2024年"), T("2025年")],
            vec![
                N(1.0),
                T("91310104MA1FR000X6"),
                T("甲"),
                N(3010.0),
                N(4300.0),
                P(0.035),
                D(45047.0),
                T("是"),
            ],
            vec![N(2.0), T("91310104MA1FR001X4"), T("乙"), N(10.0), T("约50"), N(5.5), D(45048.0), T("否")],
            vec![T("合计"), O, T("2家"), N(3020.0)],
        ],
    );
    let merges = ["A1:H1", "A3:A4", "B3:B4", "C3:C4", "D3:E3", "F3:F4", "G3:G4", "H3:H4"];
    let found = survey("t.xlsx", workbook(&[sheet.merged(&merges)]));
    assert_eq!((found.rows, found.looked_at, found.rejected), (3, 3, 1));
    assert_eq!(found.columns[4].doubts[0].value, "约50");
    is(
        &found,
        &[
            "序号: ignore  # 不是已知的指标",
            "统一社会信用代码: id",
            "企业名称: name",
            "营业收入（万元） 2024年: {fact: revenue, year: 2024, unit: 万元}  # 营业收入",
            "营业收入（万元） 2025年: {fact: revenue, year: 2025, unit: 万元}  # 营业收入",
            "研发占比（%） 2025: ignore  # 不是已知的指标；候选：{fact: rd_intensity, year: 2025, unit: \"%\"}（研发费用占营业收入比），{fact: rd_staff_share, year: 2025, unit: \"%\"}（研发人员占比），{fact: rd_domestic_share_3y, unit: \"%\"}（境内研发费用占比）",
            "成立日期: established_on",
            "是否上市公司: {tag: {qualifications: 上市公司}}  # 资质称号(有效期内)",
        ],
    );
}

#[test]
fn qualifications_in_one_cell_and_answers() {
    let found = survey(
        "t.csv",
        "社会信用代码,单位名称,资质,是否高企,上市公司,独立法人,备注\n\
         91310104MA1FR000X6,甲,高新技术企业、软件企业,是,否,是,无\n\
         91310104MA1FR001X4,乙,软件企业、某某示范,否,是,否,\n",
    );
    is(
        &found,
        &[
            "社会信用代码: id",
            "单位名称: name",
            "资质: qualifications  # 资质称号(有效期内)",
            "是否高企: {tag: {qualifications: 高新技术企业}}  # 资质称号(有效期内)",
            "上市公司: {tag: {qualifications: 上市公司}}  # 资质称号(有效期内)",
            "独立法人: is_legal_person  # 独立法人资格",
            "备注: ignore  # 不是已知的指标",
        ],
    );
}

#[test]
fn uncertain_columns_are_left_out_with_candidates() {
    let found = survey(
        "t.csv",
        "主体代码,营业收入（万元）,员工,成立时间,外资持股比例,从业人数,从业人员（人）,营业收入（人）2025,,x: y\n\
         91310104MA1FR000X6,12,3,2020-01-01,12.5,3,3,1,z,1\n\
         91310104MA1FR001X4,13,4,2020-01-02,30,4,4,2,,2\n",
    );
    is(
        &found,
        &[
            "主体代码: id  # 内容是统一社会信用代码",
            "营业收入（万元）: ignore  # 按年度的指标，列名中没有年度：写明 year 即可读取；候选：{fact: revenue, year: 年度, unit: 万元}（营业收入）",
            "员工: ignore  # 不是已知的指标；候选：employees（从业人数）",
            "成立时间: established_on  # 成立日期",
            "外资持股比例: {fact: foreign_share, unit: \"%\"}  # 多数值大于 1，按百分数读",
            "从业人数: employees",
            "从业人员（人）: ignore  # 与第 6 列说的是同一项；候选：{fact: employees, unit: 人}（从业人数）",
            "营业收入（人）2025: ignore  # 列名的单位“人”不是“营业收入”的单位；候选：{fact: revenue, year: 2025}（营业收入）",
            "\"x: y\": ignore  # 不是已知的指标",
        ],
    );
    assert!(found.notes.iter().any(|note| note.contains("第 9 列没有列名")), "{:?}", found.notes);
}

#[test]
fn tables_without_an_id_are_named() {
    let found = survey("t.csv", "企业,从业人数\n甲,3\n");
    assert!(!found.usable);
    assert!(found.notes.iter().any(|note| note.contains("没有找到企业标识")), "{:?}", found.notes);
    let found = survey("t.csv", "id,从业人数,从业人数\nA,3,4\n");
    assert!(found.usable, "{:?}", found.notes);
    assert!(found.columns[1].why.contains("同名"), "{:?}", found.columns[1]);
}

#[test]
fn two_hundred_columns_are_quick() {
    let steps = |columns: usize, rows: usize| {
        let headings: Vec<String> =
            (1..=columns - 4).map(|number| format!("统计指标{number}的本期数（万元）")).collect();
        let mut text =
            format!("统一社会信用代码,企业名称,从业人数,2025年营业收入/万元,{}\n", headings.join(","));
        for row in 0..rows {
            text.push_str(&format!("E{row},甲{row},{row},3.5"));
            headings.iter().for_each(|_| text.push_str(",1234.5"));
            text.push('\n');
        }
        let (found, steps) = zhaoren_cancel::count(|| survey("t.csv", text));
        let read = found.columns.iter().filter(|column| column.proposal != Proposal::Ignore).count();
        assert_eq!((found.columns.len(), read, found.rows), (columns, 4, rows as u64));
        steps
    };
    let (base, wide, long) = (steps(100, 250), steps(200, 250), steps(100, 500));
    assert!(base >= 250, "{base} steps are no measure");
    assert!(wide * 10 <= base * 22 && long * 10 <= base * 22, "{base} steps, {wide} wide, {long} long");
}

#[test]
fn invalid_files_are_refused_with_a_reason() {
    let folder = Folder::new();
    for (name, bytes, word) in [
        ("t.csv", b"".as_slice(), "没有表头"),
        ("t.xlsx", b"PK\x03\x04rubbish", "不完整"),
        ("t.bin", &[0, 1, 2, 0, 0, 0, 9], "不是文本文件"),
        ("t.jsonl", b"{\"id\":\"A\"}\n{\"id\":\"B\"}\n", "不需要列映射"),
        ("t.parquet", b"PAR1", "Parquet"),
    ] {
        let error = Survey::of(&folder.write(name, bytes), &dictionary()).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(word), "{error}");
    }
    let error = Survey::of(&folder.path("none.csv"), &dictionary()).unwrap_err().to_string();
    assert!(error.contains("none.csv"), "{error}");
}
