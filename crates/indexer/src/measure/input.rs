//! Corpora, questions and judgements, gzip or plain. A line that cannot be used is named and left out.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde_json::Value;

use super::Right;
use crate::error::IndexError;
use crate::generation::at;

/// One article.
#[derive(Clone, Debug)]
pub(super) struct Article {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) content: String,
}

pub(super) fn articles(path: &Path, problems: &mut Vec<String>) -> Result<Vec<Article>, IndexError> {
    let mut seen = HashSet::new();
    let mut articles = Vec::new();
    lines(path, problems, |line| {
        let row = row(line)?;
        let (id, content) = (id(&row)?, text(&row, "content")?);
        if !seen.insert(id.clone()) {
            return Err(format!("id `{id}` stands there twice"));
        }
        articles.push(Article { id, name: text(&row, "name")?, content });
        Ok(())
    })?;
    Ok(articles)
}

pub(super) fn questions(
    path: &Path,
    problems: &mut Vec<String>,
) -> Result<Vec<(String, String)>, IndexError> {
    let mut questions = Vec::new();
    lines(path, problems, |line| {
        let row = row(line)?;
        questions.push((id(&row)?, text(&row, "query")?));
        Ok(())
    })?;
    Ok(questions)
}

pub(super) fn judgements(path: &Path, problems: &mut Vec<String>) -> Result<Right, IndexError> {
    let mut right: Right = HashMap::new();
    lines(path, problems, |line| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let [query, _, article, judgement] = cells.as_slice() else {
            return Err(format!("expected four columns, got {}", cells.len()));
        };
        let judgement: f64 =
            judgement.parse().map_err(|_| format!("judgement `{judgement}` is no number"))?;
        if judgement > 0.0 {
            let list = right.entry((*query).to_owned()).or_default();
            if !list.iter().any(|one| one == article) {
                list.push((*article).to_owned());
            }
        }
        Ok(())
    })?;
    Ok(right)
}

fn row(line: &str) -> Result<Value, String> {
    serde_json::from_str(line).map_err(|error| format!("no JSON: {error}"))
}

/// An id as text, whether it was a number or a text.
fn id(row: &Value) -> Result<String, String> {
    match row.get("id") {
        Some(Value::String(id)) if !id.is_empty() => Ok(id.clone()),
        Some(Value::Number(id)) => Ok(id.to_string()),
        _ => Err("no `id`".to_owned()),
    }
}

fn text(row: &Value, key: &str) -> Result<String, String> {
    row.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| format!("no text `{key}`"))
}

/// Gives every line that is not empty to `use_line`, and names those that it refuses.
fn lines(
    path: &Path,
    problems: &mut Vec<String>,
    mut use_line: impl FnMut(&str) -> Result<(), String>,
) -> Result<(), IndexError> {
    let mut file = BufReader::new(std::fs::File::open(path).map_err(at(path))?);
    let gzip = file.fill_buf().map_err(at(path))?.starts_with(&[0x1f, 0x8b]);
    let reader: Box<dyn Read> = if gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    for (number, line) in (1..).zip(BufReader::new(reader).split(b'\n')) {
        let line = line.map_err(at(path))?;
        let used = match std::str::from_utf8(&line).map(|line| line.trim_start_matches('\u{feff}').trim()) {
            Ok("") => Ok(()),
            Ok(line) => use_line(line),
            Err(_) => Err("no UTF-8".to_owned()),
        };
        if let Err(reason) = used {
            problems.push(format!("{}:{number}: {reason}", path.display()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_lines_are_named_and_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        std::fs::write(&path, b"{\"id\":1,\"name\":\"a\",\"content\":\"b\"}\n\nx\n{\"id\":1,\"name\":\"a\",\"content\":\"b\"}\n\xff\n")
            .unwrap();
        let mut problems = Vec::new();
        assert_eq!(articles(&path, &mut problems).unwrap().len(), 1);
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems[0].contains("a.jsonl:3: ") && problems[1].contains(":4: id `1`"), "{problems:?}");
        let path = folder.path().join("q.tsv");
        std::fs::write(&path, "1\t0\t7\t1\n1\t0\t8\t0\n1 0 7\n1 0 9 x\n").unwrap();
        problems.clear();
        assert_eq!(judgements(&path, &mut problems).unwrap()["1"], ["7"]);
        assert_eq!(problems.len(), 2);
    }
}
