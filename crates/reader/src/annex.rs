//! Annexes (附件), as distinct from the lists of annexes at the end of a notice.

use std::collections::BTreeMap;
use std::ops::Range;

use zhaoren_cancel::{poll, steps};

use crate::dates;
use crate::numbering::{Label, Style, read};

/// `marks` without those inside lists of annexes.
///
/// An enumeration of annexes is a list if the annex occurs again below, or if a date on a line of its own (落款) follows
/// within a few lines and more text after it.
pub(crate) fn without_lists(text: &str, marks: Vec<(usize, Label)>) -> Vec<(usize, Label)> {
    let annexes = marks.iter().enumerate().filter(|(_, (_, label))| label.style == Style::Annex);
    // The last mark with each number.
    let last: BTreeMap<u64, usize> = annexes.map(|(index, (_, label))| (label.number, index)).collect();
    // In text order, without overlap.
    let mut lists: Vec<Range<usize>> = Vec::new();
    // End of the lines examined last, and whether a signature follows. All marks among those lines have the same end: the
    // lines are examined once, however many annexes they name.
    let mut looked: Option<(usize, bool)> = None;
    for (index, (offset, label)) in marks.iter().enumerate() {
        poll();
        if label.style != Style::Annex || lists.last().is_some_and(|list| *offset < list.end) {
            continue;
        }
        let (end, signed) = match looked.filter(|(end, _)| offset < end) {
            Some(known) => known,
            None => {
                let end = list_end(text, *offset);
                (end, is_signed_below(text.get(end..).unwrap_or_default()))
            }
        };
        looked = Some((end, signed));
        let again = last.get(&label.number).is_some_and(|later| *later > index);
        if again || signed {
            lists.push(*offset..end);
        }
    }
    let inside = |offset: usize| {
        let after = lists.partition_point(|list| list.start <= offset);
        after.checked_sub(1).and_then(|at| lists.get(at)).is_some_and(|list| list.contains(&offset))
    };
    marks.into_iter().filter(|(offset, _)| !inside(*offset)).collect()
}

/// End of the list of annexes that begins at byte `start`.
fn list_end(text: &str, start: usize) -> usize {
    let mut end = start;
    for (index, line) in text.get(start..).unwrap_or_default().split_inclusive('\n').enumerate() {
        steps(line.len() as u64);
        let words = line.trim();
        let entry = words.starts_with("附件") || read(words).is_some_and(|label| label.style == Style::Digit);
        let short = words.chars().count() <= 60 && !words.contains('。');
        if index > 0 && !words.is_empty() && !(entry && short) {
            break;
        }
        end += line.len();
    }
    end
}

/// True if a date alone on a line occurs within five lines, with more than two lines below it.
fn is_signed_below(rest: &str) -> bool {
    // Eight lines suffice: the fifth with three below it.
    let lines: Vec<&str> = rest
        .lines()
        .inspect(|line| steps(line.len() as u64))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take(8)
        .collect();
    let dated = lines.iter().take(5).position(|line| dates::of_line(line).is_some());
    dated.is_some_and(|at| lines.len() > at + 3)
}
