//! Line ends inside a word: texts taken from pages and files keep the lines of their layout (折行), and 中关村 may stand on two.

use zhaoren_cancel::poll;

use crate::class::Class;
use crate::lexicon::{Lexicon, Meaning};
use crate::outline::marker;
use crate::sign::Sign;

/// Signs before a line end at which a word across it may begin.
const REACH: usize = 8;

/// `signs` without the line ends that divide a word of the lexicon. All others end a sentence and are kept: in a list without
/// numbers nothing else does.
pub(crate) fn unwrapped(signs: Vec<Sign>, lexicon: &Lexicon) -> Vec<Sign> {
    let wraps: Vec<usize> = (0..signs.len()).filter(|at| is_wrap(&signs, *at, lexicon)).collect();
    if wraps.is_empty() {
        return signs;
    }
    let mut next = wraps.into_iter().peekable();
    let kept = signs.into_iter().enumerate().filter(|(at, _)| next.next_if_eq(at).is_none());
    kept.map(|(_, sign)| sign).collect()
}

fn is_wrap(signs: &[Sign], at: usize, lexicon: &Lexicon) -> bool {
    poll();
    let char_at = |at: usize| signs.get(at).map_or('\n', |sign| sign.c);
    let is_letter = |c: char| c.is_alphanumeric();
    if char_at(at) != '\n' || at == 0 || !is_letter(char_at(at - 1)) || !is_letter(char_at(at + 1)) {
        return false;
    }
    if marker(signs, at + 1, at + 1).is_some() {
        return false;
    }
    let begin = (at.saturating_sub(REACH)..at).rev().take_while(|begin| char_at(*begin) != '\n').last();
    let Some(begin) = begin else { return false };
    let mut around: Vec<Sign> = signs.get(begin..at).unwrap_or_default().to_vec();
    let before = around.len();
    around.extend(signs.iter().skip(at + 1).take(2 * REACH).take_while(|sign| sign.c != '\n').cloned());
    (0..before).any(|from| {
        let Some((entry, length)) = around.get(from..).and_then(|rest| lexicon.longest(rest)) else {
            return false;
        };
        let is_subject = lexicon.meanings(entry).contains(&Meaning::Function(Class::Subject));
        from + length > before && (length > 2 || is_subject)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::signs;

    fn text(lines: &str) -> String {
        unwrapped(signs(lines), Lexicon::built_in()).iter().map(|sign| sign.c).collect()
    }

    #[test]
    fn a_word_on_two_lines_is_one() {
        assert_eq!(text("在本区注册的国家高新技\n术企业"), "在本区注册的国家高新技术企业");
        assert_eq!(text("在本区注册的企\n业"), "在本区注册的企业");
    }

    #[test]
    fn other_line_ends_are_kept() {
        assert_eq!(text("在本区注册\n上年度盈利"), "在本区注册\n上年度盈利");
        assert_eq!(text("信用良好；\n具有独立法人资格"), "信用良好；\n具有独立法人资格");
        assert_eq!(text("\n\n企业"), "\n\n企业");
    }
}
