//! Draft items of a document on a terminal: what is granted, the conditions in their canonical words, the unread passages.

use std::io::Write;

use serde_json::Value;

/// Longest quote of a passage, in characters.
const MOST_OF_PASSAGE: usize = 100;

/// Most unread passages of a document that are listed.
const MOST_UNREAD: usize = 20;

/// Prints the draft items of a document, or why it has none, and the share of its text that was read.
pub(crate) fn items(out: &mut dyn Write, document: &Value) -> std::io::Result<()> {
    let items = list(document, "/items");
    match document["grants_nothing"].as_str() {
        Some(reason) => writeln!(out, "草拟的事项：无（{reason}）")?,
        None => writeln!(out, "草拟的事项 {} 个", items.len())?,
    }
    for (number, item) in (1..).zip(items) {
        self::item(out, number, item)?;
    }
    for one in list(document, "/relations") {
        let kind = match one["kind"].as_str() {
            Some("amends") => "修订",
            Some("repeals") => "废止",
            _ => "依据",
        };
        let number = one["number"].as_str().map(|number| format!("（{number}）")).unwrap_or_default();
        writeln!(out, "  {kind}　《{}》{number}", text(one, "/name"))?;
    }
    let count = |path: &str| document.pointer(path).and_then(Value::as_u64).unwrap_or(0);
    let (read, all) = (count("/coverage/read"), count("/coverage/characters"));
    if let Some(share) = (read * 100).checked_div(all) {
        writeln!(out, "读懂 {read}/{all} 字（{share}%）")?;
    }
    let unread = list(document, "/unread");
    for one in unread.iter().take(MOST_UNREAD) {
        writeln!(out, "  未读懂　{}", cut(text(one, "/text")))?;
    }
    if unread.len() > MOST_UNREAD {
        writeln!(out, "  另有 {} 段未读懂", unread.len() - MOST_UNREAD)?;
    }
    Ok(())
}

fn item(out: &mut dyn Write, number: usize, item: &Value) -> std::io::Result<()> {
    let article = text(item, "/reading/article");
    let article = if article.is_empty() { String::new() } else { format!("　[{article}]") };
    writeln!(out, "{number}. {}{article}", text(item, "/title"))?;
    writeln!(out, "   编号　{}", text(item, "/id"))?;
    let kinds: Vec<&str> = list(item, "/reading/kinds").iter().map(|kind| text(kind, "/name")).collect();
    let to = match item["subject"].as_str() {
        Some("person") => "个人",
        Some("project") => "项目",
        Some("operator") => "运营机构",
        _ => "企业",
    };
    let way = if item["delivery"] == "automatic" { "免申即享" } else { "申报" };
    writeln!(
        out,
        "   支持　{}（{to}，{way}）",
        if kinds.is_empty() { "未写明".to_owned() } else { kinds.join("、") }
    )?;
    let amount = text(item, "/benefit/amount/text");
    if !amount.is_empty() {
        writeln!(out, "   标准　{}", cut(amount))?;
    }
    let criteria = text(item, "/reading/criteria_text");
    let mut lead = "条件　";
    for line in criteria.lines().filter(|line| !line.trim().is_empty()) {
        writeln!(out, "   {lead}{line}")?;
        lead = "     ";
    }
    window(out, item)?;
    for rule in list(item, "/reading/stacking") {
        writeln!(out, "   叠加　{}", cut(text(rule, "/text")))?;
    }
    for (key, name) in [("office", "受理"), ("entry", "入口")] {
        let words = text(item, &format!("/reading/{key}/text"));
        if !words.is_empty() {
            writeln!(out, "   {name}　{words}")?;
        }
    }
    let materials: Vec<&str> =
        list(item, "/reading/materials").iter().map(|one| text(one, "/text")).collect();
    if !materials.is_empty() {
        writeln!(out, "   材料　{}", cut(&materials.join("；")))?;
    }
    for one in list(item, "/reading/unread") {
        writeln!(out, "   未读懂　{}", cut(text(one, "/text")))?;
    }
    let doubts: Vec<&str> = list(item, "/reading/doubt").iter().map(|one| text(one, "/text")).collect();
    if !doubts.is_empty() {
        writeln!(out, "   存疑　{}", doubts.join("；"))?;
    }
    Ok(())
}

fn window(out: &mut dyn Write, item: &Value) -> std::io::Result<()> {
    let notice = text(item, "/window/by_notice");
    if !notice.is_empty() {
        return writeln!(out, "   时间　{}", cut(notice));
    }
    for period in list(item, "/window") {
        let day = |key: &str| period[key].as_str().unwrap_or("不限").to_owned();
        writeln!(out, "   时间　{} 至 {}", day("opens"), day("closes"))?;
    }
    Ok(())
}

fn list<'a>(of: &'a Value, path: &str) -> &'a [Value] {
    of.pointer(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(of: &'a Value, path: &str) -> &'a str {
    of.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// One line of a passage, marked where it is cut.
fn cut(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST_OF_PASSAGE) {
        Some((at, _)) => format!("{}……", line.get(..at).unwrap_or_default()),
        None => line,
    }
}
