//! Lists of tiers in words: 国家级、省级、市级; 1亿元、5亿元、10亿元.

use super::scan::{Unit, sums};
use crate::plain::{part, without_brackets};

/// Grades of titles and awards, the longer first.
#[rustfmt::skip]
const GRADES: &[&str] = &[
    "国家级", "国际级", "世界级", "省部级", "省级", "市级", "区级", "县级", "国家", "省", "市", "特等奖", "一等奖",
    "二等奖", "三等奖", "金奖", "银奖", "特级", "一级", "二级",
];

/// The conditions of `count` tiers in the words before a payment, in their order; `None` if they have no list of that length.
pub(super) fn elements(words: &str, count: usize) -> Option<Vec<String>> {
    let words = without_brackets(words);
    let words = words.trim_start_matches("对于").trim_start_matches('对');
    // The last part between commas that has a list of that length.
    of_sums(words, count).or_else(|| {
        words.split('，').rev().filter(|part| part.contains('、')).find_map(|part| of_words(part, count))
    })
}

/// Thresholds: 年营业收入首次突破1亿元、5亿元的企业.
fn of_sums(words: &str, count: usize) -> Option<Vec<String>> {
    let found = sums(words);
    let unit = found.last()?.unit;
    let list: Vec<_> = found.iter().filter(|sum| sum.unit == unit && unit != Unit::Rate).collect();
    let list = list.get(list.len().checked_sub(count)?..)?;
    let joined = list.windows(2).all(|pair| match pair {
        [a, b] => part(words, a.place.end..b.place.start).chars().count() <= 8,
        _ => true,
    });
    if !joined {
        return None;
    }
    let first = list.first()?;
    let before = part(words, 0..first.place.start);
    let before = before.rsplit('，').next().unwrap_or(before);
    let mut of = Vec::new();
    for (index, sum) in list.iter().enumerate() {
        let end = list.get(index + 1).map_or(words.len(), |next| next.place.start);
        let behind = part(words, sum.place.end..end);
        let behind = behind.split(['、', '，', '和', '及']).next().unwrap_or_default();
        of.push(format!("{before}{}{behind}", part(words, sum.place.clone())));
    }
    // The unit may stand behind the last only.
    of.iter().all(|one| one.contains('元')).then_some(of)
}

/// Nouns: 国家级、省级、市级质量标杆.
fn of_words(words: &str, count: usize) -> Option<Vec<String>> {
    let mut pieces: Vec<&str> = words.split('、').collect();
    let last = pieces.pop()?;
    let parted = ["和", "或者", "或", "及", "以及"]
        .iter()
        .filter_map(|joint| last.split_once(joint))
        .find(|(head, _)| !head.is_empty() && head.chars().count() <= 12);
    match parted {
        Some((head, tail)) if pieces.len() + 2 >= count && pieces.len() + 1 != count => {
            pieces.push(head);
            pieces.push(tail);
        }
        _ => pieces.push(last),
    }
    let pieces = pieces.get(pieces.len().checked_sub(count)?..)?;
    let (first, rest) = pieces.split_first()?;
    let (last, middle) = rest.split_last()?;
    // The first has the words before the list, the last those behind it: their length is that of the others.
    let wide = |piece: &str| piece.chars().count();
    let model = middle.first().map_or_else(|| wide(first).min(wide(last)).min(3), |piece| wide(piece));
    let graded = |fits: &dyn Fn(&str) -> bool| {
        GRADES.iter().find(|grade| fits(grade)).map(|grade| grade.chars().count())
    };
    let wide_first = graded(&|grade| first.ends_with(grade)).unwrap_or(model);
    let wide_last = graded(&|grade| last.starts_with(grade)).unwrap_or(model);
    let head: String = first.chars().skip(wide(first).saturating_sub(wide_first)).collect();
    let tail: String = last.chars().skip(wide_last).collect();
    let own: String = last.chars().take(wide_last).collect();
    let grade =
        ["级", "类", "档", "等", "等次", "A"].iter().any(|mark| own.ends_with(mark) || head.ends_with(mark));
    let mut of = vec![head];
    of.extend(middle.iter().map(|piece| (*piece).to_owned()));
    of.push(own);
    if of.iter().any(String::is_empty) {
        return None;
    }
    let tail = if grade || tail.chars().count() <= 20 { tail } else { String::new() };
    Some(of.into_iter().map(|one| format!("{one}{tail}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_tiers() {
        assert_eq!(
            elements("对新评为国家级、省级、市级质量标杆的企业", 3).unwrap(),
            ["国家级质量标杆的企业", "省级质量标杆的企业", "市级质量标杆的企业"]
        );
        assert_eq!(
            elements("年营业收入首次突破1亿元、5亿元的企业", 2).unwrap(),
            ["年营业收入首次突破1亿元", "年营业收入首次突破5亿元的企业"]
        );
        assert_eq!(elements("对企业", 2), None);
    }
}
