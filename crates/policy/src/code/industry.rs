//! GB/T 4754-2017 industry codes as prefix keys that carry the section letter.

use std::collections::BTreeSet;

/// Placeholder for the section of a two-digit division that the standard does not list.
pub(super) const UNLISTED: char = '?';

/// First and last division of each section (GB/T 4754-2017).
const SECTIONS: [(char, u8, u8); 20] = [
    ('A', 1, 5),
    ('B', 6, 12),
    ('C', 13, 43),
    ('D', 44, 46),
    ('E', 47, 50),
    ('F', 51, 52),
    ('G', 53, 60),
    ('H', 61, 62),
    ('I', 63, 65),
    ('J', 66, 69),
    ('K', 70, 70),
    ('L', 71, 72),
    ('M', 73, 75),
    ('N', 76, 79),
    ('O', 80, 82),
    ('P', 83, 83),
    ('Q', 84, 85),
    ('R', 86, 90),
    ('S', 91, 96),
    ('T', 97, 97),
];

fn section_of(division: u8) -> char {
    SECTIONS
        .iter()
        .find(|(_, first, last)| (*first..=*last).contains(&division))
        .map_or(UNLISTED, |(letter, ..)| *letter)
}

/// Key of a printed code: `I6513` for `6513` and `I6513`, `I` for the section.
pub(super) fn key(text: &str) -> Option<String> {
    let mut chars = text.chars();
    let first = chars.next()?;
    let (letter, digits) =
        if first.is_ascii_uppercase() { (Some(first), chars.as_str()) } else { (None, text) };
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match (letter, digits.len()) {
        (Some(letter), 0) => SECTIONS.iter().any(|(s, ..)| *s == letter).then(|| letter.to_string()),
        (_, 2..=4) => {
            let section = section_of(digits.get(..2)?.parse().ok()?);
            match letter {
                Some(letter) if letter != section => None,
                _ => Some(format!("{section}{digits}")),
            }
        }
        _ => None,
    }
}

fn parent(key: &str) -> Option<&str> {
    match key.len() {
        0 | 1 => None,
        2 | 3 => key.get(..1).filter(|section| !section.starts_with(UNLISTED)),
        n => key.get(..n - 1),
    }
}

/// See [`super::Code::representatives`].
pub(super) fn representatives<'a>(mentioned: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut nodes = super::with_ancestors(mentioned, parent);
    let fresh: Vec<String> =
        nodes.iter().filter_map(|node| children(node).find(|c| !nodes.contains(c))).collect();
    // Outside everything mentioned: a section or an unlisted division that is not mentioned.
    let outside = SECTIONS
        .iter()
        .map(|(letter, ..)| letter.to_string())
        .chain((0..=99u8).filter(|d| section_of(*d) == UNLISTED).map(|d| format!("{UNLISTED}{d:02}")))
        .find(|code| !nodes.contains(code));
    nodes.extend(outside);
    let mut all: BTreeSet<String> = nodes;
    all.extend(fresh);
    all.into_iter().collect()
}

fn children(node: &str) -> Box<dyn Iterator<Item = String> + '_> {
    match node.len() {
        1 => Box::new(
            SECTIONS
                .iter()
                .filter(move |(letter, ..)| node.starts_with(*letter))
                .flat_map(move |(_, first, last)| (*first..=*last).map(move |d| format!("{node}{d:02}"))),
        ),
        3 | 4 => Box::new((0..10).map(move |digit| format!("{node}{digit}"))),
        _ => Box::new(std::iter::empty()),
    }
}
