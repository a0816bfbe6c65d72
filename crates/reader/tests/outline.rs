//! Outlines of the founding document, of small texts of every structure, and of real texts if available.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use zhaoren_policy::clause::ClauseKind;
use zhaoren_policy::document::{DocumentKind, Level, Status};
use zhaoren_reader::{DocumentMetadata, Outline, outline};

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Asserts the invariants of every outline.
fn check(text: &str, outline: &Outline) {
    let mut end = 0;
    let mut seen = std::collections::BTreeSet::new();
    for (index, clause) in outline.clauses.iter().enumerate() {
        assert!(clause.span.start >= end && clause.span.end <= text.len(), "{clause:?}");
        assert!(
            text[end..clause.span.start].trim().is_empty(),
            "text between clauses is lost before {clause:?}"
        );
        assert!(text.get(clause.span.clone()).is_some_and(|own| !own.is_empty()), "{clause:?}");
        assert!(clause.parent.is_none_or(|parent| parent < index), "{clause:?}");
        assert!(clause.extent.start == clause.span.start && clause.extent.end >= clause.span.end);
        assert!(seen.insert(clause.article.clone()), "`{}` stands twice", clause.article);
        end = clause.span.end;
    }
    assert!(text[end..].trim().is_empty(), "the end is lost");
}

fn articles(text: &str) -> Vec<String> {
    let outline = outline(text, &DocumentMetadata::default());
    check(text, &outline);
    outline.clauses.into_iter().map(|clause| clause.article).collect()
}

#[test]
fn the_founding_document_has_22_measures_in_five_areas() {
    let bytes =
        std::fs::read(repository("seeds/documents/xuhui-2024-business-environment-plan.txt")).unwrap();
    let restored = zhaoren_text::restore(&bytes);
    let outline = outline(&restored.text, &DocumentMetadata::default());
    check(&restored.text, &outline);
    let document = &outline.document;
    assert_eq!(document.kind, Some(DocumentKind::Plan));
    assert!(!document.kind.unwrap().can_grant(), "a plan grants nothing by itself");
    assert_eq!(
        document.title,
        "徐汇区人民政府办公室关于印发《徐汇区坚持对标改革持续打造国际一流营商环境行动方案》的通知"
    );
    assert_eq!(document.issuer.as_deref(), Some("徐汇区人民政府办公室"));
    assert_eq!((document.level, document.region.as_deref()), (Some(Level::District), Some("310104")));
    assert_eq!(document.published.map(|d| d.to_string()).as_deref(), Some("2024-02-21"));
    let areas: Vec<&str> = outline
        .clauses
        .iter()
        .filter(|c| c.parent.is_none() && c.kind == ClauseKind::Heading)
        .map(|c| c.heading.as_deref().unwrap())
        .collect();
    assert_eq!(
        areas,
        ["对标改革提升", "为企服务提升", "监管执法提升", "区域功能提升", "要素保障提升", "工作要求"]
    );
    let measures: Vec<_> = outline.clauses.iter().filter(|c| c.label.ends_with('.')).collect();
    assert_eq!(measures.len(), 22);
    assert_eq!(measures[6].heading.as_deref(), Some("纳税"));
    assert_eq!(measures[6].article, "一/7.");
    assert!(restored.text[measures[6].span.clone()].contains("政策找人"));
    assert_eq!(measures[21].article, "五/22.");
    let duties: Vec<&str> = outline
        .clauses
        .iter()
        .filter(|c| c.article.starts_with("六（"))
        .map(|c| c.heading.as_deref().unwrap())
        .collect();
    assert_eq!(duties, ["强化组织领导", "加强跟踪评估", "做好宣传推广"]);
    assert!(outline.notes.is_empty(), "{:?}", outline.notes);
}

#[test]
fn articles_with_paragraphs_and_items() {
    let text = "某市扶持办法\n\n第一章　总则\n第一条　为支持企业，制定本办法。\n第二条　企业须符合下列条件：\n（一）注册在本市；\n\
                （二）信用良好，符合第一条规定的；\n　1. 无处罚；\n　2. 无欠税。\n第二章　附则\n第三条 自发布之日起施行。\n附件1：\n申请表";
    assert_eq!(
        articles(text),
        [
            "引言",
            "第一章",
            "第一条",
            "第二条",
            "第二条（一）",
            "第二条（二）",
            "第二条（二）1.",
            "第二条（二）2.",
            "第二章",
            "第三条",
            "附件1"
        ]
    );
    let outline =
        outline(text, &DocumentMetadata { date: Some("2024-03-01".into()), ..DocumentMetadata::default() });
    assert_eq!(outline.document.effective.map(|d| d.to_string()).as_deref(), Some("2024-03-01"));
    assert_eq!(outline.clauses[4].kind, ClauseKind::Subparagraph);
    assert_eq!(outline.clauses[1].heading.as_deref(), Some("总则"));
}

#[test]
fn a_text_without_line_breaks() {
    let text = "若干措施 一、适用对象 本市企业。 二、支持方式 （一）奖励。首次认定的，给予10万元。（二）补贴。按第（一）项办理。 三、附则 本措施有效期3年。";
    assert_eq!(articles(text), ["引言", "一", "二", "二（一）", "二（二）", "三"]);
}

#[test]
fn plain_numbers_are_not_labels() {
    let text =
        "一、奖励标准\n营业收入达到\n1.5亿元的，奖励\n20万元。版本为2.0。依据\n第三条规定的条件。\n二、其他";
    assert_eq!(articles(text), ["一", "二"]);
    assert_eq!(articles("没有编号的一段话。"), ["引言"]);
    assert_eq!(articles(""), Vec::<String>::new());
}

#[test]
fn repeated_labels_stay_distinct() {
    let text = "一、甲\n1. 子\n二、乙\n1. 丑\n附件1：\n一、丙\n1. 寅";
    assert_eq!(articles(text), ["一", "一/1.", "二", "二/1.", "附件1", "附件1/一", "附件1/一/1."]);
}

#[test]
fn supplied_metadata_takes_precedence() {
    let given = DocumentMetadata {
        title: Some("关于支持产业发展的若干意见（征求意见稿）".into()),
        number: Some("徐府规(2024)3号".into()),
        issuer: Some("徐汇区\n\n人民政府".into()),
        date: Some("2024-11-21".into()),
        region: Some("上海市徐汇区".into()),
        kind: None,
    };
    let document = outline("正文", &given).document;
    assert_eq!(document.number.as_deref(), Some("徐府规〔2024〕3号"));
    assert_eq!(document.issuer.as_deref(), Some("徐汇区 人民政府"));
    assert_eq!(document.status, Status::Draft);
    let document =
        outline("某局关于某事的通知\n沪某规〔2023〕5号\n正文", &DocumentMetadata::default()).document;
    assert_eq!(document.number.as_deref(), Some("沪某规〔2023〕5号"));
    assert_eq!(document.issuer.as_deref(), Some("某局"));
}

#[test]
fn outlines_of_real_texts_are_consistent() {
    let folder = repository("../shared/data/policies");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        zhaoren_prerequisite::skip(zhaoren_prerequisite::Prerequisite::Texts, &folder.display().to_string());
        return;
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut documents, mut clauses, mut plain) = (0, 0, 0);
    for file in files.iter().filter(|file| file.extension().is_some_and(|e| e == "jsonl")) {
        let mut kinds = std::collections::BTreeMap::<String, usize>::new();
        for row in std::fs::read_to_string(file).unwrap().lines() {
            let row: serde_json::Value = serde_json::from_str(row).unwrap();
            let said = |key: &str| row[key].as_str().map(str::to_owned);
            let text = zhaoren_text::restore(said("text").unwrap().as_bytes()).text;
            let given = DocumentMetadata {
                title: said("title"),
                number: said("doc_no"),
                issuer: said("issuer"),
                date: said("date"),
                region: said("region"),
                kind: said("kind"),
            };
            let outline = outline(&text, &given);
            check(&text, &outline);
            documents += 1;
            clauses += outline.clauses.len();
            plain += usize::from(outline.clauses.len() < 2);
            *kinds.entry(format!("{:?}", outline.document.kind.unwrap())).or_default() += 1;
            assert!(outline.document.level.is_some(), "{}: {:?}", row["id"], given.region);
            if std::env::var("SHOW").is_ok() {
                println!(
                    "{} {:?} {:?} {} {:?} clauses {}",
                    row["id"],
                    outline.document.kind.unwrap(),
                    outline.document.status,
                    outline.document.title,
                    outline.document.region,
                    outline.clauses.len()
                );
                for clause in outline.clauses.iter().take(400) {
                    println!("      {} {:?}", clause.article, clause.heading.as_deref().unwrap_or(""));
                }
            }
        }
        println!("{} {kinds:?}", file.file_name().unwrap().to_string_lossy());
    }
    println!("{documents} documents, {clauses} clauses, {plain} without numbering");
}

proptest! {
    #[test]
    fn any_text_is_covered(text in "[第一二三十条章节（）0-9.、。；\n 　附件企业a]{0,80}") {
        check(&text, &outline(&text, &DocumentMetadata::default()));
    }

    #[test]
    fn a_numbered_list_is_found(count in 1..12_usize, words in prop::collection::vec("[企业研发补贴支持]{2,8}", 12)) {
        let names = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"];
        let text: String = (0..count).map(|i| format!("（{}）{}。\n", names[i], words[i])).collect();
        let expected: Vec<String> = (0..count).map(|i| format!("（{}）", names[i])).collect();
        prop_assert_eq!(articles(&text), expected);
    }
}
