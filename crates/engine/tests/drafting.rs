//! Review sheets: parts of a document, decisions on them, drafts with their readings, and corrections as labels.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use serde_json::{Value, json};
use zhaoren_engine::drafting::{
    ItemDecisions, PartDecision, PartKind, ReviewSheet, SheetItem, checked, compare_criteria, read_sheet,
};
use zhaoren_engine::{
    Engine, Principal, Role, Silent, built_in_facts, evaluate_conditions, has_errors, now, today,
};

/// A guide in the manner of a district's, with three grants.
const GUIDE: &str = include_str!("drafting/guide.txt");

fn person(name: &str, role: Role) -> Principal {
    Principal { name: name.into(), holder: name.into(), tenant: String::new(), role }
}

fn sheet(text: &str) -> ReviewSheet {
    read_sheet("扶持办法.txt", text.as_bytes(), None, built_in_facts()).unwrap()
}

fn item<'a>(sheet: &'a ReviewSheet, words: &str) -> &'a SheetItem {
    let found = sheet.items.iter().find(|item| item.parts.iter().any(|part| part.text.contains(words)));
    found.unwrap_or_else(|| panic!("no item with {words}: {:#?}", sheet.to_json()))
}

/// Decisions on the parts of an item by words of their text; other parts are accepted.
fn decisions(item: &SheetItem, on: &[(&str, PartDecision)]) -> ItemDecisions {
    let parts = item.parts.iter().map(|part| {
        let found = on.iter().find(|(words, _)| part.text.contains(words));
        found.map(|(_, decision)| decision.clone()).unwrap_or_default()
    });
    ItemDecisions { parts: parts.collect(), ..ItemDecisions::default() }
}

#[test]
fn every_sentence_of_the_conditions_is_in_one_part() {
    let sheet = sheet(GUIDE);
    assert_eq!(sheet.items.len(), 3);
    let found = item(&sheet, "2000万元");
    let shown: Vec<(PartKind, &str)> =
        found.parts.iter().map(|part| (part.kind, part.text.as_str())).collect();
    assert_eq!(
        shown,
        [
            (PartKind::Criterion, "在云溪区注册并纳税、具有独立法人资格的高新技术企业"),
            (PartKind::Criterion, "上年度营业收入不低于2000万元"),
            (PartKind::Criterion, "研发费用占营业收入比例不低于5%"),
            (PartKind::Criterion, "从业人数不少于20人"),
        ]
    );
    let other = item(&sheet, "严重失信");
    let inherited: Vec<bool> = other.parts.iter().map(|part| part.is_inherited).collect();
    assert_eq!((inherited.first(), inherited.last()), (Some(&true), Some(&false)));
    for part in &found.parts {
        assert_eq!(sheet.text.get(part.from..part.to), Some(part.text.as_str()));
    }
    let judged = item(&sheet, "行业带动能力");
    let judged = judged.parts.iter().find(|part| part.kind == PartKind::Judged).unwrap();
    assert!(judged.doubt_rank() > found.parts[1].doubt_rank());
    let text: String = sheet.segments.iter().map(|one| sheet.text.get(one.from..one.to).unwrap()).collect();
    assert_eq!(text, sheet.text);
}

#[test]
fn decisions_make_an_item_and_errors_name_their_part() {
    let sheet = sheet(GUIDE);
    let found = item(&sheet, "2000万元");
    let wrong = decisions(found, &[("20人", PartDecision::Correct("从业人数不少于很多人".into()))]);
    let faults = found.decide(&wrong, &sheet.region, built_in_facts()).unwrap_err();
    assert_eq!((faults.len(), faults[0].part, faults[0].problem.line), (1, 3, Some(1)));
    let right = decisions(
        found,
        &[
            ("20人", PartDecision::Correct("从业人数不少于10人".into())),
            ("5%", PartDecision::Reject),
            ("云溪区", PartDecision::Judge),
        ],
    );
    let decided = found.decide(&right, &sheet.region, built_in_facts()).unwrap();
    let criteria = &decided.body["criteria"]["all"];
    assert_eq!(criteria.as_array().unwrap().len(), 3);
    assert_eq!(criteria[2], json!({"fact": "employees", "at_least": 10, "quote": "从业人数不少于20人"}));
    assert_eq!(criteria[0]["judged"], "在云溪区注册并纳税、具有独立法人资格的高新技术企业");
    let made: Vec<(&str, &str)> =
        decided.corrections.iter().map(|one| (one.decision.as_str(), one.kind.as_str())).collect();
    assert_eq!(
        made,
        [
            ("judge", "registered_region"),
            ("accept", "revenue"),
            ("reject", "negative"),
            ("correct", "employees")
        ]
    );
    // A correction in the words of the reading is none.
    let same = decisions(found, &[("20人", PartDecision::Correct(found.parts[3].canonical.clone()))]);
    let same = found.decide(&same, &sheet.region, built_in_facts()).unwrap();
    assert!(same.corrections.iter().all(|one| one.decision == "accept"));
}

/// The whole way of one item: read, two parts corrected, proposed, signed by a second person, live with its document, and
/// the corrections scored.
#[test]
fn corrected_drafts_take_effect_and_their_corrections_are_scored() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(folder.path(), &Silent).unwrap();
    let sheet = sheet(GUIDE);
    let found = item(&sheet, "2000万元");
    let decided_by = decisions(
        found,
        &[
            ("20人", PartDecision::Correct("从业人数不少于10人".into())),
            ("5%", PartDecision::Correct(found.parts[2].canonical.replace("5%", "6%"))),
        ],
    );
    let decided = found.decide(&decided_by, &sheet.region, built_in_facts()).unwrap();
    assert_eq!(
        engine
            .check_reading("", &sheet, &decided)
            .unwrap()
            .iter()
            .filter(|one| has_errors(std::slice::from_ref(one)))
            .count(),
        0
    );
    let (author, reviewer) = (person("甲", Role::Caseworker), person("乙", Role::Reviewer));
    let proposal = engine
        .propose_reading(&author.write_context(now()), &sheet, found, &decided_by, decided, "按新办法")
        .unwrap();
    assert_eq!(proposal.drafts, [1], "{:?}", proposal.problems);
    assert!(
        engine.rules().item(&found.id).is_none()
            && engine.sheet_of(&sheet.document, None, "").unwrap().is_none()
    );
    let stored = engine.draft_reading("", 1).unwrap().unwrap();
    let reading = stored.reading.unwrap();
    assert_eq!((&reading.parts, &reading.decisions), (&found.parts, &decided_by.parts));
    assert_eq!(stored.text, sheet.text);
    let refused = engine.decide(&author.write_context(now()), 1, true, "", &Silent);
    assert!(refused.unwrap_err().to_string().contains("另一人"));
    let (draft, problems) = engine.decide(&reviewer.write_context(now()), 1, true, "", &Silent).unwrap();
    assert_eq!(draft.unwrap().state, "approved", "{problems:?}");
    let rules = engine.rules();
    let live = rules.item(&found.id).unwrap();
    assert!(live.in_force_on(today()) || live.document.expires.is_some());
    assert!(
        engine.sheet_of(&sheet.document, None, "").unwrap().is_some(),
        "its document is in the catalogue"
    );

    let mut lines = Vec::new();
    engine
        .correction_lines("", false, &mut |line| {
            lines.push(line);
            Ok(())
        })
        .unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[1]["text"], "从业人数不少于20人");
    assert_eq!(lines[1]["criteria"]["at_least"], 10);
    let file: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let (score, problems) = evaluate_conditions("corrections.jsonl", file.as_bytes(), None);
    assert!(problems.is_empty(), "{problems:?}");
    let differing: Vec<&Value> =
        score["differences"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(differing, [&json!("correction-3"), &json!("correction-4")]);
    assert_eq!(score["total"]["precision"]["of"], 2);
    let mut all = 0;
    engine
        .correction_lines("", true, &mut |_| {
            all += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!(all, 4, "with the accepted parts");

    // A new version: only what changed is to be reviewed.
    let new =
        read_sheet("扶持办法.txt", GUIDE.replace("2000万元", "3000万元").as_bytes(), None, built_in_facts())
            .unwrap();
    let again = item(&new, "3000万元");
    assert_eq!(again.id, found.id);
    let beside = engine.live_item("", again).unwrap().unwrap();
    assert_eq!(beside.unchanged, [true, false, false, false]);
    assert_eq!(beside.removed.len(), 3, "{:?}", beside.removed);
    let decided = again.decide(&ItemDecisions::default(), &new.region, built_in_facts()).unwrap();
    let body = Value::Object(decided.body).to_string();
    let diff = engine.draft_diff("", &again.id, &body).unwrap().unwrap();
    assert_eq!((diff.kept.len(), diff.changed.len(), diff.added.len(), diff.removed.len()), (4, 3, 0, 0));
    assert!(compare_criteria(&live.criteria, &live.criteria, rules.dictionary()).is_empty());
}

/// Damaged guides, as the fuzz target `drafts` has them: segments are the text again, parts lie in it, and an item is decided as it was
/// read. The answer of a model is any text, and what passes has its quote in the passage.
#[test]
fn damaged_guides_have_a_sheet_whose_items_are_decided() {
    let facts = built_in_facts();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap()
    };
    let answer = r#"{"criteria": "从业人数不少于20人", "quote": "20人"}"#;
    let (mut items, mut proposals) = (0, 0);
    for round in 0..60 {
        let source = [GUIDE, include_str!("drafting/unread.txt")][round % 2];
        let mut bytes = source.as_bytes().to_vec();
        for _ in 0..random(6) {
            let at = random(bytes.len());
            match random(3) {
                0 => bytes.truncate(at.max(40)),
                1 => bytes[at] = u8::try_from(random(256)).unwrap(),
                _ => {
                    let piece = bytes[at..(at + 30).min(bytes.len())].to_vec();
                    let place = random(bytes.len());
                    bytes.splice(place..place, piece);
                }
            }
        }
        let Ok(sheet) = read_sheet("指南.txt", &bytes, None, facts) else { continue };
        let joined: String =
            sheet.segments.iter().map(|one| sheet.text.get(one.from..one.to).unwrap()).collect();
        assert_eq!(joined, sheet.text);
        for item in &sheet.items {
            items += 1;
            for part in &item.parts {
                assert!(sheet.text.get(part.from..part.to).is_some());
                if let Ok(Some(proposal)) = checked(answer, &part.text, "m", facts) {
                    assert!(part.text.contains(&proposal.quote));
                    proposals += 1;
                }
            }
            let decided = item.decide(&ItemDecisions::default(), &sheet.region, facts);
            assert!(decided.is_ok(), "{decided:?}");
        }
    }
    assert!(items > 30 && proposals > 5, "{items} items, {proposals} proposals");
}
