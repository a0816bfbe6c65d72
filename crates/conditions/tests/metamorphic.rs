//! Metamorphic tests over every label: another script, width, numeral, word or place in a list, and the same criteria.

use std::collections::BTreeSet;

use zhaoren_conditions::score::{Label, labels, score};
use zhaoren_policy::criterion::{Criterion, Node, read_criterion};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::Report;
use zhaoren_policy::syntax::json;

use super::region;

/// Labels that the grammar was built on.
fn built_on() -> Vec<Label> {
    let lines = [
        include_str!("labels/built-on.jsonl"),
        include_str!("labels/built-on-2.jsonl"),
        include_str!("labels/built-on-3.jsonl"),
    ]
    .join("\n");
    labels(&lines, FactDictionary::built_in()).0
}

/// Names of the labels whose trees are read otherwise.
fn misread(labels: &[Label]) -> BTreeSet<String> {
    let score = score(labels, Some(&region()), FactDictionary::built_in());
    score.differences.into_iter().map(|one| one.id).collect()
}

/// Checks that `change` of the texts changes no criteria. Says how many texts it changed.
fn unchanged(change: impl Fn(&str) -> String) -> usize {
    let before = built_on();
    let after: Vec<Label> =
        before.iter().map(|label| Label { text: change(&label.text), ..label.clone() }).collect();
    let changed = before.iter().zip(&after).filter(|(one, other)| one.text != other.text).count();
    let (known, found) = (misread(&before), misread(&after));
    for label in after.iter().filter(|label| found.contains(&label.id)) {
        assert!(known.contains(&label.id), "{}: {}", label.id, label.text);
    }
    changed
}

/// Traditional forms of characters that conditions are full of.
const TRADITIONAL: [(char, char); 44] = [
    ('业', '業'),
    ('营', '營'),
    ('万', '萬'),
    ('亿', '億'),
    ('额', '額'),
    ('资', '資'),
    ('产', '產'),
    ('认', '認'),
    ('标', '標'),
    ('总', '總'),
    ('于', '於'),
    ('与', '與'),
    ('册', '冊'),
    ('税', '稅'),
    ('务', '務'),
    ('关', '關'),
    ('经', '經'),
    ('员', '員'),
    ('职', '職'),
    ('发', '發'),
    ('费', '費'),
    ('术', '術'),
    ('专', '專'),
    ('项', '項'),
    ('时', '時'),
    ('间', '間'),
    ('实', '實'),
    ('缴', '繳'),
    ('纳', '納'),
    ('区', '區'),
    ('满', '滿'),
    ('过', '過'),
    ('动', '動'),
    ('个', '個'),
    ('会', '會'),
    ('计', '計'),
    ('级', '級'),
    ('为', '為'),
    ('获', '獲'),
    ('证', '證'),
    ('书', '書'),
    ('软', '軟'),
    ('权', '權'),
    ('国', '國'),
];

#[test]
fn traditional_characters() {
    let changed = unchanged(|text| {
        let of = |c: char| TRADITIONAL.iter().find(|(simple, _)| *simple == c).map_or(c, |(_, other)| *other);
        text.chars().map(of).collect()
    });
    assert!(changed > 250, "{changed}");
}

#[test]
fn full_width_and_blanks() {
    let wide = |text: &str| {
        let of = |c: char| match c {
            '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
            other => other,
        };
        text.chars().map(of).collect::<String>()
    };
    assert!(unchanged(wide) > 120);
    // A blank before every number, as word processors put it.
    let spaced = |text: &str| {
        let mut out = String::new();
        for c in text.chars() {
            if c.is_ascii_digit()
                && !out.ends_with(|before: char| before.is_ascii_digit() || ".-,".contains(before))
            {
                out.push(' ');
            }
            out.push(c);
        }
        out
    };
    assert!(unchanged(spaced) > 120);
}

/// Chinese numeral of a number below ten thousand.
fn chinese(mut number: u32) -> String {
    const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let mut out = String::new();
    let mut gap = false;
    for (unit, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = number / unit;
        number %= unit;
        if digit == 0 {
            gap |= !out.is_empty();
            continue;
        }
        if std::mem::take(&mut gap) {
            out.push('零');
        }
        out.push(DIGITS[digit as usize]);
        out.push_str(name);
    }
    out
}

/// Every whole number of 万元 in `text` as `write` has it.
fn amounts(text: &str, write: impl Fn(u32) -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("万元") {
        let (before, behind) = rest.split_at(at);
        let digits = before.chars().rev().take_while(char::is_ascii_digit).count();
        let (head, number) = before.split_at(before.len() - digits);
        out.push_str(head);
        let decimal = head.ends_with(['.', ',']);
        match number.parse::<u32>() {
            Ok(number) if (1..10_000).contains(&number) && !decimal => out.push_str(&write(number)),
            _ => {
                out.push_str(number);
                out.push_str("万元");
            }
        }
        rest = &behind["万元".len()..];
    }
    out.push_str(rest);
    out
}

#[test]
fn numerals() {
    let changed = unchanged(|text| amounts(text, |number| format!("{}万元", chinese(number))));
    assert!(changed > 50, "{changed}");
    let grouped = |number: u32| {
        let digits = (u64::from(number) * 10_000).to_string();
        let mut out = String::new();
        for (place, c) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place) % 3 == 0 {
                out.push(',');
            }
            out.push(c);
        }
        out + "元"
    };
    let changed = unchanged(|text| amounts(text, grouped));
    assert!(changed > 50, "{changed}");
}

#[test]
fn words_of_one_meaning() {
    for (from, to) in [
        ("不低于", "至少"),
        ("不低于", "不少于"),
        ("不少于", "不低于"),
        ("不超过", "不高于"),
        ("元以上", "元（含）以上"),
        ("%以上", "%及以上"),
        ("件以上", "件及以上"),
        ("上年度", "上一年度"),
        ("近三年", "最近三个会计年度"),
        ("具有", "具备"),
        ("或者", "或"),
        ("且", "并且"),
    ] {
        // A bracket or another word behind would say it twice.
        let change =
            |text: &str| match text.contains("（含") || text.contains("并且") || text.contains("大学本科")
            {
                true => text.to_owned(),
                false => text.replace(from, to),
            };
        unchanged(change);
    }
}

#[test]
fn in_any_list() {
    let mut report = Report::new("metamorphic");
    let age = json("{\"fact\": \"established_on\", \"for_at_least\": \"7 years\"}").unwrap();
    let age = read_criterion(&age, "age", FactDictionary::built_in(), &mut report).unwrap();
    let plain: Vec<Label> = built_on()
        .into_iter()
        .filter(|label| {
            let body = label.text.trim_end_matches(['。', '；']);
            let is_condition = !label.kind.starts_with("negative") && label.kind != "grant";
            is_condition && !body.contains(['。', '；', '：', '\n'])
        })
        .collect();
    assert!(plain.len() > 150, "{}", plain.len());
    let known = misread(&plain);
    for (head, tail) in [
        ("申报企业应同时符合以下条件：\n（一）成立满七年；\n（二）", "；\n"),
        ("申报条件：1、成立满七年。2、", "。"),
        ("一、成立满七年；\n二、", "；"),
        ("申请单位须满足下列要求：①成立满七年；②", "。"),
    ] {
        let within: Vec<Label> = plain
            .iter()
            .map(|label| Label {
                text: format!("{head}{}{tail}", label.text.trim_end_matches(['。', '；'])),
                criteria: Criterion::without_evidence(Node::All(vec![age.clone(), label.criteria.clone()])),
                ..label.clone()
            })
            .collect();
        let found = misread(&within);
        for label in within.iter().filter(|label| found.contains(&label.id)) {
            assert!(known.contains(&label.id), "{}: {}", label.id, label.text);
        }
    }
}

#[test]
fn order_of_alternatives() {
    let simple: Vec<Label> = built_on()
        .into_iter()
        .filter(|label| {
            let is_leaf = matches!(&label.criteria.node, Node::Leaf(_));
            let body = label.text.trim_end_matches(['。', '；']);
            is_leaf
                && ["money", "share", "ip"].contains(&label.kind.as_str())
                && !body.contains(['，', '、', '的'])
        })
        .collect();
    assert!(simple.len() > 15, "{}", simple.len());
    for pair in simple.windows(2) {
        let text = |label: &Label| label.text.trim_end_matches(['。', '；']).to_owned();
        let either = |one: &Label, other: &Label| Label {
            text: format!("{}或{}", text(one), text(other)),
            criteria: Criterion::without_evidence(Node::Any {
                of: vec![one.criteria.clone(), other.criteria.clone()],
                count: 1,
            }),
            ..one.clone()
        };
        let both = [either(&pair[0], &pair[1]), either(&pair[1], &pair[0])];
        assert!(misread(&both).is_empty(), "{}", both[0].text);
    }
}
