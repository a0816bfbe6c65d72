//! `zhaoren read`, `zhaoren changes` and `zhaoren facts`: clauses read from a text, the feed of catalogue changes, and
//! the fact dictionary.

use std::io::Write;

use serde_json::Value;
use zhaoren_engine::{Cursor, Home, Records};

use crate::args::{ChangesArgs, ReadArgs};
use crate::exit::{CannotRun, Outcome, print_problems};

/// `zhaoren read`
pub(crate) fn read(json: bool, args: &ReadArgs) -> Result<Outcome, CannotRun> {
    if args.conditions || args.evaluate {
        return sentences(json, args);
    }
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    let (mut wrong, mut read) = (false, 0);
    for path in &args.files {
        let found = match zhaoren_engine::read_file(path) {
            Err(problem) => Err(vec![*problem]),
            Ok(bytes) => zhaoren_engine::read_text(&path.display().to_string(), &bytes),
        };
        match found {
            Err(problems) => {
                print_problems(&problems);
                wrong = true;
            }
            Ok(document) => {
                read += 1;
                match (json, args.files.len()) {
                    (true, 1) => writeln!(out, "{}", serde_json::to_string_pretty(&document)?)?,
                    (true, _) => writeln!(out, "{document}")?,
                    (false, _) => outline(&mut out, &document)?,
                }
            }
        }
    }
    out.flush()?;
    if read == 0 {
        return Err("没有可读的文件".into());
    }
    Ok(if wrong { Outcome::InvalidInput } else { Outcome::Done })
}

/// `zhaoren read --conditions` and `--evaluate`: one JSON document a line, or the score of each file.
fn sentences(json: bool, args: &ReadArgs) -> Result<Outcome, CannotRun> {
    let region = args.region.as_deref().map(zhaoren_engine::named_region).transpose()?;
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    let (mut wrong, mut read) = (false, 0);
    for path in &args.files {
        let bytes = match zhaoren_engine::read_file(path) {
            Ok(bytes) => bytes,
            Err(problem) => {
                print_problems(&[*problem]);
                wrong = true;
                continue;
            }
        };
        read += 1;
        let name = path.display().to_string();
        let problems = if args.evaluate {
            let (score, problems) = zhaoren_engine::evaluate_conditions(&name, &bytes, region.as_ref());
            match json {
                true => writeln!(out, "{}", serde_json::to_string_pretty(&score)?)?,
                false => scores(&mut out, &score)?,
            }
            problems
        } else {
            let (rows, problems) = zhaoren_engine::read_conditions(&name, &bytes, region.as_ref());
            for row in rows {
                writeln!(out, "{row}")?;
            }
            problems
        };
        wrong |= !problems.is_empty();
        print_problems(&problems);
    }
    out.flush()?;
    if read == 0 {
        return Err("没有可读的文件".into());
    }
    Ok(if wrong { Outcome::InvalidInput } else { Outcome::Done })
}

/// Table of a score: constructions, then the sentences read otherwise than labelled.
fn scores(out: &mut dyn Write, score: &Value) -> std::io::Result<()> {
    let share = |of: &Value| {
        if of["of"] == 0 {
            return "无可计".to_owned();
        }
        let field = |key: &str| of[key].to_string();
        format!("{}（{}–{}，{}/{}）", field("share"), field("low"), field("high"), field("hits"), field("of"))
    };
    let mut row = |name: &str, of: &Value| {
        writeln!(
            out,
            "{name}　精确率 {}　召回率 {}　整树 {}　判定一致 {}",
            share(&of["precision"]),
            share(&of["recall"]),
            share(&of["trees"]),
            share(&of["verdicts"])
        )
    };
    row("合计", &score["total"])?;
    for (kind, of) in score["kinds"].as_object().into_iter().flatten() {
        row(kind, of)?;
    }
    writeln!(out, "没有条件而读出条件的：{}", share(&score["negatives_with_a_leaf"]))?;
    for one in score["differences"].as_array().into_iter().flatten() {
        let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        writeln!(
            out,
            "{}　{}\n  标注 {}\n  读出 {}",
            text("id"),
            text("text"),
            text("label"),
            text("reading")
        )?;
    }
    Ok(())
}

fn outline(out: &mut dyn Write, document: &Value) -> std::io::Result<()> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    document_facts(out, document)?;
    let left_out = |key: &str| document[key].as_u64().unwrap_or(0);
    let repairs = document["repairs"].as_array().map_or(0, Vec::len) as u64 + left_out("repairs_left_out");
    match document.pointer("/file/form").and_then(Value::as_str) {
        Some(form) => writeln!(out, "格式 {}，修复 {repairs} 处", form.to_uppercase())?,
        None => writeln!(out, "编码 {}，修复 {repairs} 处", text(&document["encoding"]))?,
    }
    let list = |path: &str| document.pointer(path).and_then(Value::as_array).into_iter().flatten();
    let field = |of: &Value, key: &str| of.get(key).map(text).unwrap_or_default();
    for fact in list("/file/facts") {
        writeln!(out, "  {}：{}", field(fact, "name"), field(fact, "value"))?;
    }
    for annex in list("/annexes") {
        writeln!(out, "  附件：{}", field(annex, "name"))?;
    }
    for remark in list("/file/remarks") {
        writeln!(out, "  注意：{}", text(remark))?;
    }
    for clause in document["clauses"].as_array().into_iter().flatten() {
        let line: String = text(&clause["text"]).chars().take(60).collect();
        let label = clause.pointer("/origin/label").and_then(Value::as_str);
        let place = label.map(|label| format!("　[{label}]")).unwrap_or_default();
        writeln!(out, "  {}　{}{place}", text(&clause["article"]), line.replace('\n', " "))?;
    }
    let clauses = left_out("clauses_left_out");
    if clauses > 0 {
        writeln!(out, "  另有 {clauses} 条未列出")?;
    }
    crate::drafted::items(out, document)
}

/// Facts of the document itself: those that were found, a line each, and the names of those that were not.
fn document_facts(out: &mut dyn Write, document: &Value) -> std::io::Result<()> {
    const FACTS: [(&str, &str, bool); 6] = [
        ("number", "文号", true),
        ("issuer", "发文机关", true),
        ("published", "成文日期", true),
        ("effective", "施行日期", true),
        ("expires", "有效期至", false),
        ("region", "地区", false),
    ];
    let of = &document["document"];
    writeln!(out, "{}", of["title"].as_str().filter(|title| !title.is_empty()).unwrap_or("（未读到标题）"))?;
    let found = FACTS
        .iter()
        .filter_map(|(key, name, _)| Some(format!("{name} {}", of.get(*key).and_then(Value::as_str)?)));
    let missing: Vec<&str> = FACTS
        .iter()
        .filter(|(key, _, expected)| *expected && of.get(*key).is_none_or(Value::is_null))
        .map(|(_, name, _)| *name)
        .collect();
    for line in found {
        writeln!(out, "  {line}")?;
    }
    match of["status"].as_str() {
        Some("draft") => writeln!(out, "  效力 征求意见稿，尚未施行")?,
        Some("repealed") => writeln!(out, "  效力 已废止")?,
        _ => {}
    }
    if !missing.is_empty() {
        writeln!(out, "  未读到：{}", missing.join("、"))?;
    }
    for part in document.get("parts").and_then(Value::as_array).into_iter().flatten() {
        let name = if part["kind"] == "notice" { "通知" } else { "所附文件" };
        writeln!(out, "  {name}：{}", part["title"].as_str().unwrap_or_default())?;
    }
    for note in document["notes"].as_array().into_iter().flatten() {
        writeln!(out, "  疑问：{}", note["text"].as_str().unwrap_or_default())?;
    }
    Ok(())
}

/// `zhaoren changes`
pub(crate) fn changes(home: &Home, json: bool, args: &ChangesArgs) -> Result<Outcome, CannotRun> {
    let after = match &args.after {
        None => Cursor::start(),
        Some(text) => {
            Cursor::parse(text).ok_or_else(|| format!("--after 应为上一次的 next，得到 `{text}`"))?
        }
    };
    let feed = Records::open_existing(home)?.changes(&after, args.limit, &args.tenant)?;
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&feed)?)?;
    } else {
        for one in feed.get("changes").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default();
            writeln!(out, "{}  {:<9}  {:<8}  {}", text("at"), text("change"), text("kind"), text("id"))?;
        }
        writeln!(out, "next {}", feed.get("next").and_then(Value::as_str).unwrap_or_default())?;
    }
    out.flush()?;
    Ok(Outcome::Done)
}

/// `zhaoren facts`
pub(crate) fn facts(home: &Home, json: bool) -> Result<Outcome, CannotRun> {
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    // Without a data directory there are the built-in facts alone.
    let accepted = Records::open_existing(home).ok().map(|records| records.dictionary_for("")).transpose()?;
    let facts = accepted.as_ref().unwrap_or_else(|| zhaoren_engine::built_in_facts());
    let facts: Vec<_> = facts.iter().collect();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&facts)?)?;
    } else {
        for fact in facts {
            let unit = fact.unit.as_deref().map(|unit| format!("（{unit}）")).unwrap_or_default();
            writeln!(out, "{:<28} {:<8} {}{unit}", fact.key, fact.kind.name(), fact.name)?;
        }
    }
    out.flush()?;
    Ok(Outcome::Done)
}
