//! Facts that a page gives beside its text: its `meta` elements, the table with 索引号 and 文号, the line below the title.

use zhaoren_cancel::poll;

use super::body::Body;
use super::tables::{cells, is_data, rows};
use super::tree::{Id, Tree, is_inline};
use super::words::{dense, is_publication, is_published};
use crate::model::Document;

/// Labels of an information table, and the names of their facts.
const LABELS: [(&str, &str); 44] = [
    ("标题", "标题"),
    ("名称", "标题"),
    ("信息名称", "标题"),
    ("公文标题", "标题"),
    ("文件名称", "标题"),
    ("政策名称", "标题"),
    ("发文机关", "发文机关"),
    ("发文机构", "发文机关"),
    ("发文单位", "发文机关"),
    ("制发机关", "发文机关"),
    ("发布机构", "发文机关"),
    ("发布单位", "发文机关"),
    ("发布机关", "发文机关"),
    ("制定机关", "发文机关"),
    ("公开主体", "发文机关"),
    ("公开机构", "发文机关"),
    ("发文字号", "文号"),
    ("文号", "文号"),
    ("文件编号", "文号"),
    ("发文文号", "文号"),
    ("文件字号", "文号"),
    ("成文日期", "成文日期"),
    ("生成日期", "成文日期"),
    ("发文日期", "成文日期"),
    ("成文时间", "成文日期"),
    ("发文时间", "成文日期"),
    ("发布日期", "发布日期"),
    ("公布日期", "发布日期"),
    ("公开日期", "发布日期"),
    ("发布时间", "发布日期"),
    ("施行日期", "施行日期"),
    ("实施日期", "施行日期"),
    ("生效日期", "施行日期"),
    ("失效日期", "失效日期"),
    ("废止日期", "失效日期"),
    ("有效性", "有效性"),
    ("时效性", "有效性"),
    ("是否有效", "有效性"),
    ("效力状态", "有效性"),
    ("索引号", "索引号"),
    ("索取号", "索引号"),
    ("主题分类", "主题分类"),
    ("主题词", "主题词"),
    ("分类", "主题分类"),
];

/// Labels from which a table or a list is known to give facts.
const ENOUGH: usize = 3;

/// Names of `meta` elements (government pages, GB/T standard of site labels) and of their facts.
const METAS: [(&str, &str); 6] = [
    ("articletitle", "标题"),
    ("pubdate", "发布日期"),
    ("contentsource", "来源"),
    ("author", "作者"),
    ("og:title", "标题"),
    ("publishdate", "发布日期"),
];

/// Adds a fact once.
fn add(document: &mut Document, name: &str, value: &str) {
    let value = value.trim();
    let is_value = value.contains(|c: char| c.is_alphanumeric());
    if is_value && !document.facts.iter().any(|(known, _)| known == name) {
        document.facts.push((name.to_owned(), value.to_owned()));
    }
}

/// Takes the facts of a page, and the elements that give nothing else out of its body. The title is the first of: `meta`, the
/// information table.
pub(super) fn take(tree: &Tree, body: &mut Body, document: &mut Document) {
    for node in tree.nodes.iter().filter(|node| &*node.name == "meta") {
        poll();
        let name = node.attribute("name").or(node.attribute("property")).unwrap_or_default();
        let name = name.to_ascii_lowercase();
        if let Some((_, fact)) = METAS.iter().find(|(meta, _)| *meta == name && *meta != "author") {
            add(document, fact, node.attribute("content").unwrap_or_default());
        }
    }
    for (id, node) in tree.nodes.iter().enumerate() {
        poll();
        match &*node.name {
            "table" if body.is_in(id) => table(tree, id, body, document),
            "ul" | "ol" | "dl" | "div" if body.is_in(id) => list(tree, id, body, document),
            _ => {}
        }
    }
    publication(tree, document);
    document.title = document.facts.iter().find(|(name, _)| name == "标题").map(|(_, value)| value.clone());
}

/// The fact that a label names.
fn fact_of(label: &str) -> Option<&'static str> {
    let label = dense(label);
    let label = label.trim_matches(|c: char| matches!(c, '：' | ':' | '[' | ']' | '【' | '】' | '*'));
    LABELS.iter().find(|(known, _)| *known == label).map(|(_, fact)| *fact)
}

fn tidy(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The facts of a table whose cells are labels and values by turns.
fn table(tree: &Tree, table: Id, body: &mut Body, document: &mut Document) {
    let mut found = Vec::new();
    let mut labels = 0;
    if !is_data(tree, table) {
        return;
    }
    for row in rows(tree, table) {
        let words: Vec<String> = cells(tree, row).map(|cell| tree.words(cell)).collect();
        let mut at = 0;
        while let Some(cell) = words.get(at) {
            poll();
            let (label, value, used) = match dense(cell).split_once(['：', ':']) {
                // Label and value may share a cell.
                Some((_, value)) if !value.is_empty() => {
                    let (label, value) = cell.split_once(['：', ':']).unwrap_or((cell, ""));
                    (label.to_owned(), value.to_owned(), 1)
                }
                _ => (cell.clone(), words.get(at + 1).cloned().unwrap_or_default(), 2),
            };
            match fact_of(&label) {
                Some(fact) => {
                    labels += 1;
                    found.push((fact, tidy(&value)));
                    at += used;
                }
                None => at += 1,
            }
        }
    }
    // A list of policies has such labels as headings of its columns: then a value is a label itself.
    if labels >= ENOUGH && !found.iter().any(|(_, value)| fact_of(value).is_some()) {
        for (fact, value) in found {
            add(document, fact, &value);
        }
        body.take_out(table);
    }
}

/// The facts of a list whose items are a label and a value each.
fn list(tree: &Tree, list: Id, body: &mut Body, document: &mut Document) {
    let mut found = Vec::new();
    for item in tree.children(list) {
        poll();
        let node = tree.node(*item);
        if node.is_text() {
            continue;
        }
        // Long items are no labels with values; a glance at their first children is enough.
        let inner = tree.children(*item);
        if inner.len() > 8 || is_inline(&node.name) && inner.is_empty() {
            return;
        }
        if inner.iter().any(|id| !tree.node(*id).is_text() && !is_inline(&tree.node(*id).name)) {
            return;
        }
        let words = tree.words(*item);
        let bracketed =
            words.trim_start().strip_prefix(['[', '【']).and_then(|rest| rest.split_once([']', '】']));
        let Some((label, value)) = bracketed.or_else(|| words.split_once(['：', ':'])) else { continue };
        if let Some(fact) = fact_of(label) {
            found.push((fact, tidy(value)));
        }
    }
    if found.len() >= ENOUGH {
        for (fact, value) in found {
            add(document, fact, &value);
        }
        body.take_out(list);
    }
}

/// The day and the source that the line below a title gives.
fn publication(tree: &Tree, document: &mut Document) {
    for (id, node) in tree.nodes.iter().enumerate() {
        poll();
        let is_line = !node.is_text()
            && !is_inline(&node.name)
            && node.children.len() <= 16
            && !node.children.is_empty()
            && node.children.iter().all(|child| {
                let child = tree.node(*child);
                (child.is_text() && child.text.len() <= 80)
                    || (is_inline(&child.name) && child.children.len() <= 8)
            });
        if !is_line {
            continue;
        }
        let words = tree.words(id);
        let line = dense(&words);
        if !is_publication(&line) && !is_published(&line) {
            continue;
        }
        for (label, fact) in
            [("发布日期", "发布日期"), ("发布时间", "发布日期"), ("来源", "来源"), ("时间", "发布日期")]
        {
            let Some((_, value)) = words.split_once(label) else { continue };
            let value = value.trim_start_matches(['：', ':', ' ', '\u{a0}', '\u{3000}']);
            let end = if fact == "来源" {
                value.find(|c: char| c.is_whitespace() || matches!(c, '|' | '【' | '['))
            } else {
                value.find(|c: char| {
                    !(c.is_ascii_digit() || matches!(c, '-' | '年' | '月' | '日' | '/' | '.'))
                })
            };
            let value = value.get(..end.unwrap_or(value.len())).unwrap_or_default();
            // Elements of a line follow each other without a blank.
            let value = ["浏览", "字体", "发布", "作者", "编辑", "时间", "点击"]
                .iter()
                .fold(value, |value, next| value.split(next).next().unwrap_or_default());
            if value.chars().count() <= 40 {
                add(document, fact, value);
            }
        }
        return;
    }
}
