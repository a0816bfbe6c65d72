//! Texts that hold a piece of the query as typed: 5+4稳进提质, 第4626号提案, 1+3+N, C++.
//!
//! Words and pairs lose the signs between them, and a text with many 4 and 5 could come before the one that was searched
//! for. The index finds the parts with all letters of a piece in order; of the best of them the text itself is read.

use std::collections::BTreeMap;

use tantivy::Term;
use tantivy::query::{BooleanQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use zhaoren_cancel::steps;
use zhaoren_text::search_form;

use crate::corpus::Corpus;
use crate::error::IndexError;
use crate::query::Understood;
use crate::rank::first::pair_run;
use crate::rank::steps::{Group, Why};

/// Bonus of an entry for each piece that it holds: above every score of words, below that of a typed 文号.
const VERBATIM: f32 = 1_000.0;
/// Maximum number of entries whose text is read.
const READ: usize = 100;
/// Maximum number of pieces of a query, and length of a piece in characters; a longer one is a sentence.
const PIECES: usize = 4;
const LONGEST: usize = 24;

impl Corpus {
    /// Adds a bonus to the best groups whose title or text holds pieces of the query as typed, and sorts the groups again.
    pub(crate) fn prefer_verbatim(
        &self,
        understood: &Understood,
        groups: &mut [Group],
    ) -> Result<(), IndexError> {
        let pieces = pieces(&understood.plain);
        if pieces.is_empty() || groups.is_empty() {
            return Ok(());
        }
        let positions: BTreeMap<usize, usize> =
            groups.iter().enumerate().map(|(position, group)| (group.entry, position)).collect();
        let mut bonus: BTreeMap<usize, f32> = BTreeMap::new();
        for piece in pieces {
            let found = self.find(self.letters_of(&piece))?;
            // INVARIANT: the groups are sorted, so the lowest places are the best entries.
            let mut near: Vec<usize> =
                found.iter().filter_map(|one| positions.get(&one.entry)).copied().collect();
            near.sort_unstable();
            near.dedup();
            for position in near.into_iter().take(READ) {
                let Some(entry) = groups.get(position).map(|group| group.entry) else { continue };
                if self.holds(entry, &piece)? {
                    *bonus.entry(position).or_default() += VERBATIM;
                }
            }
        }
        for (position, value) in &bonus {
            groups.get_mut(*position).into_iter().for_each(|group| group.add(*value, || Why::Verbatim));
        }
        if !bonus.is_empty() {
            self.sort(groups);
        }
        Ok(())
    }

    /// Query of the letters of a piece: each run of Latin words in order, each run of other characters in order.
    fn letters_of(&self, piece: &str) -> Option<Box<dyn Query>> {
        let fields = &self.fields;
        let mut all: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let mut latin: Vec<String> = Vec::new();
        let close = |latin: &mut Vec<String>, all: &mut Vec<(Occur, Box<dyn Query>)>| {
            let words = std::mem::take(latin);
            if words.is_empty() {
                return;
            }
            let any = [fields.title, fields.tags, fields.text].map(|field| -> (Occur, Box<dyn Query>) {
                let terms: Vec<Term> = words.iter().map(|word| Term::from_field_text(field, word)).collect();
                let query: Box<dyn Query> = match terms.as_slice() {
                    [only] => Box::new(TermQuery::new(only.clone(), IndexRecordOption::Basic)),
                    _ => Box::new(PhraseQuery::new(terms)),
                };
                (Occur::Should, query)
            });
            all.push((Occur::Must, Box::new(BooleanQuery::new(any.into()))));
        };
        for run in runs(piece) {
            if run.starts_with(|c: char| c.is_ascii()) {
                latin.extend(self.cutter.cut(run).into_iter().map(|word| word.text));
            } else {
                close(&mut latin, &mut all);
                all.extend(pair_run(run, fields).map(|query| (Occur::Must, query)));
            }
        }
        close(&mut latin, &mut all);
        (!all.is_empty()).then(|| Box::new(BooleanQuery::new(all)) as Box<dyn Query>)
    }

    /// True if the title or the text of an entry holds a piece as typed.
    fn holds(&self, entry: usize, piece: &str) -> Result<bool, IndexError> {
        if self.cards.get(entry).is_some_and(|card| holds(&compared(&card.title), piece)) {
            return Ok(true);
        }
        let text = self.text(entry)?;
        steps(text.len() as u64);
        Ok(holds(&compared(&text), piece))
    }
}

/// Pieces of a query to be found as typed, in the form in which they are compared: those without white space in which
/// Latin letters or digits meet other characters or signs. Plain words and plain numbers are found as such.
fn pieces(plain: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for token in plain.split_whitespace() {
        let piece = compared(token.trim_matches(is_edge));
        let latin = piece.contains(|c: char| c.is_ascii_alphanumeric());
        let more = !piece.chars().all(|c| c.is_ascii_alphanumeric());
        if latin
            && more
            && piece.chars().count() <= LONGEST
            && pieces.len() < PIECES
            && !pieces.contains(&piece)
        {
            pieces.push(piece);
        }
    }
    pieces
}

/// True for punctuation that ends a question, and is no part of a name.
fn is_edge(c: char) -> bool {
    matches!(c, '?' | '？' | '!' | '！' | '。' | '，' | ',' | '、' | ';' | '；' | ':' | '：')
}

/// A text as it is compared: search form, lower case, one sign for all of a kind, without quotation marks, brackets and
/// white space.
fn compared(text: &str) -> String {
    let form = search_form(text);
    let mut out = String::with_capacity(form.len());
    for c in form.chars() {
        match c {
            '—' | '–' | '―' | '－' | '−' | '﹣' | '‐' | '‑' | '~' | '～' | '〜' => {
                out.push('-')
            }
            '＋' | '﹢' => out.push('+'),
            '／' | '∕' => out.push('/'),
            '．' => out.push('.'),
            '“' | '”' | '"' | '＂' | '‘' | '’' | '\'' | '「' | '」' | '『' | '』' | '《' | '》' | '〈'
            | '〉' | '（' | '）' | '(' | ')' | '〔' | '〕' | '[' | ']' | '【' | '】' => {}
            c if c.is_whitespace() => {}
            c if c.is_uppercase() => out.extend(c.to_lowercase()),
            c => out.push(c),
        }
    }
    out
}

/// True if a text holds a piece, with no more digits or letters of the same word before or behind it.
fn holds(text: &str, piece: &str) -> bool {
    text.match_indices(piece).any(|(at, found)| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let behind = text.get(at + found.len()..).and_then(|tail| tail.chars().next());
        !meet(before, found.chars().next()) && !meet(found.chars().next_back(), behind)
    })
}

/// True if two neighbours are of one number or one Latin word.
fn meet(a: Option<char>, b: Option<char>) -> bool {
    let both = |is: fn(&char) -> bool| a.is_some_and(|c| is(&c)) && b.is_some_and(|c| is(&c));
    both(char::is_ascii_digit) || both(char::is_ascii_alphabetic)
}

/// Runs of a piece: Latin letters and digits (with the points between digits), or other letters. Signs end a run.
fn runs(piece: &str) -> Vec<&str> {
    let mut runs = Vec::new();
    let mut begun: Option<(usize, bool)> = None;
    let mut close = |begun: &mut Option<(usize, bool)>, end: usize| {
        if let Some((start, _)) = begun.take() {
            runs.extend(piece.get(start..end).map(|run| run.trim_end_matches('.')));
        }
    };
    for (at, c) in piece.char_indices() {
        let latin = c.is_ascii_alphanumeric() || (c == '.' && begun.is_some_and(|(_, latin)| latin));
        let same = begun.is_some_and(|(_, before)| before == latin);
        if !(latin || c.is_alphanumeric()) {
            close(&mut begun, at);
        } else if !same {
            close(&mut begun, at);
            begun = Some((at, latin));
        }
    }
    close(&mut begun, piece.len());
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbatim_pieces_have_signs_or_digits() {
        for (plain, expected) in [
            ("5+4稳进提质", &["5+4稳进提质"][..]),
            ("第4626号提案 答复", &["第4626号提案"]),
            ("C++ 5G应用 AEO 2024 补贴", &["c++", "5g应用"]),
            ("“1＋3＋N”体系？", &["1+3+n体系"]),
            ("3—1号", &["3-1号"]),
            ("高新技术企业（2024）", &["高新技术企业2024"]),
            ("高新技术企业 申报条件？", &[]),
        ] {
            assert_eq!(pieces(plain), expected, "{plain}");
        }
        assert!(pieces(&"甲1".repeat(20)).is_empty());
        assert_eq!(pieces("a1甲 a2甲 a3甲 a4甲 a5甲").len(), PIECES);
    }

    #[test]
    fn texts_contain_pieces_as_typed() {
        for (text, piece, expected) in [
            ("结合省“5+4”稳进提质政策", "5+4稳进提质", true),
            ("结合省5、4稳进提质政策", "5+4稳进提质", false),
            ("结合省15+4稳进提质政策", "5+4稳进提质", false),
            ("对第 4626 号提案的答复", "第4626号提案", true),
            ("关于Ｃ++与5G", "c++", true),
            ("关于VC++", "c++", false),
            ("第3－1号", "3-1号", true),
            ("第13-1号", "3-1号", false),
        ] {
            assert_eq!(holds(&compared(text), piece), expected, "{text} {piece}");
        }
    }

    #[test]
    fn runs_are_latin_or_not() {
        assert_eq!(runs("5+4稳进提质"), ["5", "4", "稳进提质"]);
        assert_eq!(runs("第4626号提案"), ["第", "4626", "号提案"]);
        assert_eq!(runs("pm2.5治理3.、"), ["pm2.5", "治理", "3"]);
        assert!(runs("+、").is_empty());
    }
}
