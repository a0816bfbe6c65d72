//! Reader of test collections: articles and queries as JSON Lines, judgements as `query 0 article grade`, plain or
//! gzip. An unreadable line is reported and skipped.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use serde_json::Value;

use super::measure::Grades;
use crate::error::IndexError;
use crate::files::at;

/// A line that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// The file.
    pub file: PathBuf,
    /// Line number, from 1.
    pub line: usize,
    /// The cause.
    pub reason: String,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.reason)
    }
}

/// An article of the collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Article {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) content: String,
}

/// Grades by query.
pub(crate) type Judgements = BTreeMap<String, Grades>;

/// Reads the articles of a file.
pub(crate) fn articles(path: &Path, bad: &mut Vec<BadLine>) -> Result<Vec<Article>, IndexError> {
    let mut seen = BTreeSet::new();
    let mut articles = Vec::new();
    each_line(path, bad, |line| {
        let row = row(line)?;
        let article = Article {
            id: id(&row)?,
            name: text(&row, "name").unwrap_or_default(),
            content: text(&row, "content").ok_or("没有文字 `content`")?,
        };
        if !seen.insert(article.id.clone()) {
            return Err(format!("id `{}` 重复", article.id));
        }
        articles.push(article);
        Ok(())
    })?;
    Ok(articles)
}

/// Reads the queries of a file: id and text, in file order.
pub(crate) fn queries(path: &Path, bad: &mut Vec<BadLine>) -> Result<Vec<(String, String)>, IndexError> {
    let mut seen = BTreeSet::new();
    let mut queries = Vec::new();
    each_line(path, bad, |line| {
        let row = row(line)?;
        let id = id(&row)?;
        let query = text(&row, "query").ok_or("没有文字 `query`")?;
        if !seen.insert(id.clone()) {
            return Err(format!("id `{id}` 重复"));
        }
        queries.push((id, query));
        Ok(())
    })?;
    Ok(queries)
}

/// Reads the judgements of a file.
pub(crate) fn judgements(path: &Path, bad: &mut Vec<BadLine>) -> Result<Judgements, IndexError> {
    let mut judgements = Judgements::new();
    each_line(path, bad, |line| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let [query, _, article, grade] = cells.as_slice() else {
            return Err(format!("应为四列：问题 0 条文 等级，实有 {} 列", cells.len()));
        };
        let grade: i64 = grade.parse().map_err(|_| format!("等级 `{grade}` 不是整数"))?;
        let grade = u32::try_from(grade.max(0)).map_err(|_| format!("等级 `{grade}` 过大"))?;
        judgements.entry((*query).to_owned()).or_default().insert((*article).to_owned(), grade);
        Ok(())
    })?;
    Ok(judgements)
}

fn row(line: &str) -> Result<Value, String> {
    serde_json::from_str(line).map_err(|error| format!("不是 JSON：{error}"))
}

/// Id of a row: a string or an integer; both are compared as strings.
fn id(row: &Value) -> Result<String, String> {
    match row.get("id") {
        Some(Value::String(id)) if !id.trim().is_empty() => Ok(id.trim().to_owned()),
        Some(Value::Number(id)) if !id.is_f64() => Ok(id.to_string()),
        _ => Err("没有 `id`".to_owned()),
    }
}

fn text(row: &Value, key: &str) -> Option<String> {
    row.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// Passes every line that is not blank to `read`, and records file and line of each one refused.
fn each_line(
    path: &Path,
    bad: &mut Vec<BadLine>,
    mut read: impl FnMut(&str) -> Result<(), String>,
) -> Result<(), IndexError> {
    let mut file = BufReader::new(File::open(path).map_err(at(path))?);
    let packed = file.fill_buf().map_err(at(path))?.starts_with(&[0x1f, 0x8b]);
    let mut lines: Box<dyn BufRead> =
        if packed { Box::new(BufReader::new(MultiGzDecoder::new(file))) } else { Box::new(file) };
    let mut bytes = Vec::new();
    for number in 1.. {
        let mut refuse = |reason: String| bad.push(BadLine { file: path.to_owned(), line: number, reason });
        bytes.clear();
        match lines.by_ref().read_until(b'\n', &mut bytes) {
            Ok(0) => break,
            Ok(_) => {}
            // A truncated gzip file has still yielded the lines before.
            Err(error) => {
                refuse(format!("读到这里为止：{error}"));
                break;
            }
        }
        match std::str::from_utf8(&bytes) {
            Ok(line) => {
                let line = line.trim_start_matches('\u{feff}').trim();
                if !line.is_empty() {
                    read(line).unwrap_or_else(refuse);
                }
            }
            Err(_) => refuse("不是 UTF-8".to_owned()),
        }
    }
    Ok(())
}
