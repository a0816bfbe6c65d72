//! Signature (落款) of a document: the organs that issue it and the date of its issue, below its text.

use jiff::civil::Date;
use zhaoren_cancel::steps;

use crate::dates;
use crate::head::is_organ;

/// Lines above a date that can name its organs.
const MOST_ORGANS: usize = 24;

/// Lines at the end of a text in which a date without an organ is that of a signature.
const TAIL: usize = 12;

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    /// Organs, in order.
    pub(crate) organs: Vec<String>,
    /// Date of issue.
    pub(crate) date: Date,
    /// Byte at which the line of the date ends.
    pub(crate) end: usize,
}

/// The signature of a text: the first date below the name of an organ, or else the date near the end.
pub(crate) fn signature(text: &str) -> Option<Signature> {
    let mut before: Vec<&str> = Vec::new();
    let mut last: Option<(Signature, usize)> = None;
    let mut count = 0_usize;
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        end += line.len();
        steps(line.len() as u64 + 1);
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        count += 1;
        let (words, date) = match dates::of_line(line) {
            Some(date) => ("", Some(date)),
            // 某局　2024年2月21日 on one line.
            None => dates::at_end(line)
                .filter(|(words, _)| is_organ(words))
                .map_or((line, None), |(words, date)| (words, Some(date))),
        };
        if let Some(date) = date {
            let mut organs: Vec<String> = Vec::new();
            let above = before.iter().rev().take(MOST_ORGANS).map_while(|line| organs_of(line));
            organs.extend(Some(words.to_owned()).filter(|words| !words.is_empty()));
            for names in above {
                for name in names.into_iter().rev() {
                    organs.insert(0, name);
                }
            }
            let found = Signature { organs, date, end };
            if !found.organs.is_empty() {
                return Some(found);
            }
            last = Some((found, count));
        }
        before.push(line);
    }
    last.filter(|(_, at)| *at + TAIL > count).map(|(found, _)| found)
}

/// The organs of a line that holds nothing else, separated by blanks.
fn organs_of(line: &str) -> Option<Vec<String>> {
    if line.chars().nth(60).is_some() {
        return None;
    }
    let whole: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    let parts: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    if parts.len() > 1 && parts.iter().all(|part| is_organ(part) && part.chars().count() >= 3) {
        return Some(parts);
    }
    is_organ(&whole).then(|| vec![whole])
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn of(text: &str) -> Option<(String, Date)> {
        signature(text).map(|found| (found.organs.join("、"), found.date))
    }

    #[test]
    fn signatures_are_found_at_any_end_of_text() {
        let body = "现提出如下意见。\n".repeat(400);
        let day = date(2026, 3, 18);
        let cases = [
            (format!("{body}云溪区人民政府\n2026年3月18日\n"), Some(("云溪区人民政府".to_owned(), day))),
            (
                format!("{body}云溪区财政局　云溪区经信局\n2026年3月18日\n附件：1.表"),
                Some(("云溪区财政局、云溪区经信局".to_owned(), day)),
            ),
            (
                format!("{body}云溪区财政局\n云溪区经信局\n二〇二六年三月十八日\n{body}"),
                Some(("云溪区财政局、云溪区经信局".to_owned(), day)),
            ),
            (format!("{body}云溪区财政局 2026年3月18日\n{body}"), Some(("云溪区财政局".to_owned(), day))),
            (format!("{body}2026年3月18日\n（此件公开发布）\n"), Some((String::new(), day))),
            (format!("2026年3月18日\n{body}"), None),
            (body.clone(), None),
        ];
        for (text, expected) in cases {
            assert_eq!(
                of(&text),
                expected,
                "{}",
                text.get(text.len().saturating_sub(60)..).unwrap_or_default()
            );
        }
    }
}
