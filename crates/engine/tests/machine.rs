//! Proposals of a language model for a draft: stored, marked, adopted by the author only, and reviewed by another person.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use serde_json::Value;
use zhaoren_engine::drafting::{AskFailure, FileDecisions};
use zhaoren_engine::{Engine, Principal, Role, Silent, now};

const GUIDE: &str = include_str!("drafting/unread.txt");
const ANSWER: &str = r#"{"criteria": "从业人数不少于20人", "quote": "在编人手不低于20人的优先"}"#;

fn person(name: &str, role: Role) -> Principal {
    Principal { name: name.into(), holder: name.into(), tenant: String::new(), role }
}

fn criteria(engine: &Engine) -> Value {
    let found = engine.draft_reading("", 1).unwrap().unwrap();
    serde_json::from_str::<Value>(&found.draft.body).unwrap()["criteria"].clone()
}

#[test]
fn a_proposal_counts_only_after_its_adoption_and_a_review() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(folder.path(), &Silent).unwrap();
    let (author, other) = (person("甲", Role::Caseworker), person("乙", Role::Reviewer));
    let sheet = engine.read_file_sheet("指南.txt", GUIDE.as_bytes(), None, "").unwrap().unwrap();
    let act = author.write_context(now());
    engine.propose_sheet(&act, &sheet, &FileDecisions::default(), "").unwrap();
    let before = criteria(&engine);
    assert_eq!(before["all"].as_array().unwrap().len(), 4, "{before}");

    // A failing model leaves the draft as it is.
    let report = engine
        .ask_model(&other.write_context(now()), 1, "m", &mut |_, _| Err(AskFailure("连接不上".into())))
        .unwrap();
    assert_eq!((report.asked, report.failure.as_deref()), (1, Some("连接不上")));
    let mut ask = |_: &str, passage: &str| {
        assert_eq!(passage, "在编人手不低于20人的优先");
        Ok(ANSWER.to_owned())
    };
    let report = engine.ask_model(&other.write_context(now()), 1, "m", &mut ask).unwrap();
    assert_eq!((report.asked, report.proposed), (1, 1));
    assert_eq!(criteria(&engine), before, "nothing is accepted by itself");
    let reading = engine.draft_reading("", 1).unwrap().unwrap().reading.unwrap();
    let part = reading.parts.iter().position(|part| part.machine.is_some()).unwrap();
    assert_eq!(reading.parts[part].machine.as_ref().unwrap().model, "m");
    // A second round does not ask again.
    let again = engine.ask_model(&other.write_context(now()), 1, "m", &mut |_, _| Ok(String::new())).unwrap();
    assert_eq!(again.asked, 0);

    let refused = engine.adopt_proposal(&other.write_context(now()), 1, part).unwrap_err().to_string();
    assert!(refused.contains("只能由提出草稿的人采纳"), "{refused}");
    assert!(engine.adopt_proposal(&author.write_context(now()), 1, 99).is_err());
    engine.adopt_proposal(&author.write_context(now()), 1, part).unwrap();
    assert!(engine.adopt_proposal(&author.write_context(now()), 1, part).is_err(), "once");
    let after = criteria(&engine);
    let text = after.to_string();
    assert!(
        text.contains("\"employees\"") && text.contains("\"at_least\":20") && !text.contains("judged"),
        "{text}"
    );
    let found = engine.draft_reading("", 1).unwrap().unwrap();
    assert!(found.draft.body.contains("由模型提出（m），经 甲 采纳"), "{}", found.draft.body);
    assert_eq!(found.reading.unwrap().parts[part].machine.as_ref().unwrap().adopted_by, "甲");
    let mut lines = Vec::new();
    engine
        .correction_lines("", false, &mut |line| {
            lines.push(line);
            Ok(())
        })
        .unwrap();
    assert_eq!((lines.len(), lines[0]["criteria"]["at_least"].as_i64()), (1, Some(20)));

    let own = engine.decide(&author.write_context(now()), 1, true, "", &Silent);
    assert!(own.unwrap_err().to_string().contains("另一人"));
    let (draft, problems) = engine.decide(&other.write_context(now()), 1, true, "", &Silent).unwrap();
    let item = draft.unwrap().item;
    assert!(
        engine
            .rules()
            .item(&item)
            .is_some_and(|item| item.notes.iter().any(|note| note.contains("由模型提出"))),
        "{problems:?}"
    );
    assert!(engine.ask_model(&other.write_context(now()), 1, "m", &mut ask).is_err(), "decided");
}
