//! Shape of a draft of any text: it tiles the text, its items load, its time is bounded.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use zhaoren_draft::Role;

use crate::{drafted, load_problems};

fn check(text: &str) {
    let draft = drafted(text);
    let joined: String =
        draft.segments.iter().map(|one| text.get(one.span.clone()).unwrap_or_default()).collect();
    assert_eq!(joined, text);
    assert_eq!(load_problems(&draft, text), Vec::<String>::new(), "{text}");
    assert!(draft.coverage.read <= draft.coverage.characters);
    for item in &draft.items {
        let spans = item.evidence.iter().map(|one| &one.span).chain(&item.amount.spans).chain(&item.grant);
        for span in spans {
            assert!(text.get(span.clone()).is_some_and(|words| !words.is_empty()), "{span:?} of {text}");
        }
    }
}

#[test]
fn segments_are_the_text_again() {
    for text in ["", "第一条 对甲企业给予10万元奖励。\n第二条 乙。", "（一）甲\n\n1.乙；2、丙。"]
    {
        check(text);
    }
}

/// Pieces of which hostile texts are made: words of the grammar, numbers, and marks that nest or repeat.
const PIECES: [&str; 44] = [
    "第一条 ",
    "第二条 ",
    "（一）",
    "（二）",
    "1.",
    "一、",
    "【条件要求】\n",
    "对",
    "企业",
    "给予",
    "按",
    "的",
    "20%",
    "1:1",
    "50万元",
    "10、20、",
    "30万元",
    "百分之",
    "三分之一",
    "最高",
    "不超过",
    "每人",
    "每年",
    "分别",
    "国家级、省级",
    "奖励",
    "补贴",
    "，",
    "；",
    "。",
    "：",
    "\n",
    "（",
    "）",
    "《甲办法》",
    "2026年3月1日",
    "至",
    "申报时间",
    "本办法",
    "不重复享受",
    "应当符合下列条件",
    "支持",
    "　",
    "1,000",
];

proptest! {
    #[test]
    fn any_text_has_a_draft(picks in prop::collection::vec(0..PIECES.len(), 0..60)) {
        let text: String = picks.iter().map(|pick| PIECES[*pick]).collect();
        check(&text);
    }

    #[test]
    fn any_characters_have_a_draft(text in "[第一条（）0-9万元%，。；：、\n 　奖励按的a最高]{0,120}") {
        check(&text);
    }
}

/// Doubling a text may not much more than double its time: each piece is repeated to 100 and to 200 kB.
#[test]
fn time_is_proportional_to_length() {
    let pieces = [
        "年",
        "1",
        "1、",
        "每",
        "《",
        "对企业给予10万元，",
        "对企业给予10万元。",
        "1万元、",
        "第一条 对企业给予10万元奖励。\n",
        "，",
        "（",
        "一",
        "甲，",
        "申报单位应当符合下列条件：（一）甲。\n",
        "不重复享受，",
        "2026年3月1日至",
    ];
    for piece in pieces {
        let run = |bytes: usize| {
            let text = piece.repeat(bytes / piece.len());
            let begin = Instant::now();
            let _ = drafted(&text);
            begin.elapsed()
        };
        let (half, whole) = (run(100_000), run(200_000));
        assert!(
            whole < half * 6 + Duration::from_secs(5),
            "{piece}: {half:?} for 100 kB, {whole:?} for 200 kB"
        );
    }
}

#[test]
fn a_support_without_a_grant_is_encouragement() {
    let text =
        "云溪区办法\n第一条 鼓励企业加大投入，推动产业集聚。\n第二条 对首次认定的企业给予10万元奖励。\n";
    let draft = drafted(text);
    assert_eq!(draft.items.len(), 1);
    assert!(draft.segments.iter().any(|one| one.role == Role::Encouragement));
}
