//! The founding document as received: every damage in it restored or marked, and mapped to the source.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::Path;

use zhaoren_text::{Encoding, RepairKind, Restored, restore};

/// The founding document in the repository, and its restored text.
fn founding() -> (Vec<u8>, Restored) {
    let name = "../../seeds/documents/xuhui-2024-business-environment-plan.txt";
    let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    let restored = restore(&bytes);
    (bytes, restored)
}

fn count(restored: &Restored, kind: RepairKind) -> usize {
    restored.repairs.iter().filter(|repair| repair.kind == kind).count()
}

#[test]
fn every_reading_is_removed() {
    let (_, restored) = founding();
    assert_eq!(restored.encoding, Encoding::Utf8);
    let toned = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ";
    assert_eq!(restored.text.chars().filter(|c| toned.contains(*c)).collect::<String>(), "");
    // 671 after a whole character, and O(jiān) whose character ends a shifted run.
    assert_eq!(count(&restored, RepairKind::BracketedPinyin), 672);
    assert!(restored.text.contains("信用分级分类监管。"));
    for kept in [
        "AEO(经认证的经营者)",
        "示范站(点)",
        "园区(楼宇)服务",
        "试验区(上海)",
        "(光启人才安居服务平台)",
        "STEM教育",
    ] {
        assert!(restored.text.contains(kept), "{kept}");
    }
}

#[test]
fn three_shifted_runs_are_restored_and_the_fourth_marked() {
    let (_, restored) = founding();
    assert_eq!(count(&restored, RepairKind::ShiftedRun), 4);
    for sentence in [
        "在消防审验领域对一般项目试行告知承诺制。建立重大项目预审批制度",
        "开展政府采购领域专项整治。\n",
        "推动更多领域实施信用分级分类监管。强化市场监管系统",
    ] {
        assert!(restored.text.contains(sentence), "{sentence}");
    }
    // 批 lost its second byte: the rest is kept and marked, and no character is substituted.
    let marked: Vec<_> = restored.repairs.iter().filter(|repair| !repair.restored).collect();
    assert_eq!(marked.len(), 1, "{marked:?}");
    assert_eq!((marked[0].kind, marked[0].before.as_str()), (RepairKind::LostByte, "?"));
    let around = restored.text.get(marked[0].output.start - 27..marked[0].output.end + 7);
    assert_eq!(around, Some("域实行掘占路快速审?,持续"));
}

#[test]
fn no_other_text_is_marked() {
    let (_, restored) = founding();
    let odd: Vec<char> = restored
        .text
        .chars()
        .filter(|c| matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{fffd}' | '>' | '<'))
        .collect();
    assert!(odd.is_empty(), "{odd:?}");
    assert!(restored.text.contains("徐汇中城功能区着力畅通南北交通路网"));
    assert!(!restored.text.contains('著'));
    assert!(restored.text.starts_with("徐汇区人民政府办公室关于印发《徐汇区坚持对标改革"));
}

#[test]
fn words_and_repairs_map_to_the_bytes_received() {
    let (bytes, restored) = founding();
    let received =
        |range: std::ops::Range<usize>| std::str::from_utf8(&bytes[restored.offsets.to_source(range)]);
    for (clean, raw) in [
        ("政策找人", "政策找人"),
        ("免申即享", "免申即享"),
        ("领域专项", "領(lǐng)域?qū)m椪\u{e383}巍?/p>"),
        ("着力畅通", "著力暢通"),
        ("持续打造", "持續(xù)打造"),
    ] {
        let at = restored.text.find(clean).unwrap();
        assert_eq!(received(at..at + clean.len()), Ok(raw), "{clean}");
    }
    for repair in &restored.repairs {
        assert_eq!(std::str::from_utf8(&bytes[repair.source.clone()]), Ok(repair.before.as_str()));
        assert_eq!(restored.text.get(repair.output.clone()), Some(repair.after.as_str()), "{repair:?}");
    }
}

#[test]
fn restored_text_is_stable() {
    let (_, restored) = founding();
    let again = restore(restored.text.as_bytes());
    assert_eq!((again.text.as_str(), again.converted), (restored.text.as_str(), 0));
    assert!(again.repairs.is_empty(), "{:?}", again.repairs);
}
