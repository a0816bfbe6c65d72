//! Annexes (附件) and the lists at the end of a notice that only name them.

use crate::dates;
use crate::numbering::{Label, Style, read};

/// `marks` without those inside lists that name annexes which, or a document that, follow below.
///
/// A list is such when the annex comes again, or when a date on a line of its own (落款) follows within a
/// few lines and more text below it.
pub(crate) fn without_lists(text: &str, marks: Vec<(usize, Label)>) -> Vec<(usize, Label)> {
    let mut lists: Vec<(usize, usize)> = Vec::new();
    for (index, (place, label)) in marks.iter().enumerate() {
        if label.style != Style::Annex || lists.iter().any(|(start, end)| (start..end).contains(&place)) {
            continue;
        }
        let again = marks
            .iter()
            .skip(index + 1)
            .any(|(_, later)| later.style == Style::Annex && later.number == label.number);
        let end = list_end(text, *place);
        if again || is_signed_below(text.get(end..).unwrap_or_default()) {
            lists.push((*place, end));
        }
    }
    let inside = |place: &usize| lists.iter().any(|(start, end)| (start..end).contains(&place));
    marks.into_iter().filter(|(place, _)| !inside(place)).collect()
}

/// Where the list of annexes that begins at byte `start` ends.
fn list_end(text: &str, start: usize) -> usize {
    let mut end = start;
    for (index, line) in text.get(start..).unwrap_or_default().split_inclusive('\n').enumerate() {
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

/// Whether a date alone on a line comes within five lines, with more than two lines below it.
fn is_signed_below(rest: &str) -> bool {
    let lines: Vec<&str> = rest.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let dated = lines.iter().take(5).position(|line| dates::alone(line).is_some());
    dated.is_some_and(|at| lines.len() > at + 3)
}
