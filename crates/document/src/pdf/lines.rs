//! Glyphs to rows, and rows to lines of text.

use super::page::{Area, Glyph};
use crate::limits::Budget;
use crate::refusal::Refusal;

/// A character of a row: the parts of a glyph that matter once its row is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) character: char,
    /// Left and right end.
    pub(super) x0: f32,
    pub(super) x1: f32,
    pub(super) size: f32,
}

/// Glyphs that follow each other on one baseline without a wide gap.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// In order from left to right; blanks stand where the file has them.
    pub(super) glyphs: Vec<Mark>,
    pub(super) area: Area,
    pub(super) baseline: f32,
    /// The usual size of its glyphs.
    pub(super) size: f32,
    /// True if blanks as wide as a character stand before it.
    pub(super) indented: bool,
    /// True if the file marks all of it as part of a running header or footer.
    pub(super) pagination: bool,
}

/// Segments on one baseline, from left to right.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) segments: Vec<Segment>,
    pub(super) baseline: f32,
    pub(super) size: f32,
}

/// A line of text.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) area: Area,
    pub(super) baseline: f32,
    pub(super) size: f32,
    /// Width of what cannot be parted at its beginning: a word, or a character with its punctuation.
    pub(super) unit: f32,
    /// True if it begins with blanks as wide as a character.
    pub(super) indented: bool,
    /// True if it is a row of a table without lines.
    pub(super) tabular: bool,
    /// Characters that are no blanks.
    pub(super) characters: usize,
}

/// The rows of the glyphs of one direction, from the top down.
pub(super) fn rows(mut glyphs: Vec<Glyph>, budget: &mut Budget) -> Result<Vec<Row>, Refusal> {
    budget.step(glyphs.len() as u64 * 4)?;
    glyphs.sort_by(|one, other| {
        one.baseline.total_cmp(&other.baseline).then(one.area.x0.total_cmp(&other.area.x0))
    });
    let mut rows: Vec<Vec<Glyph>> = Vec::new();
    // Where the current row begins, and the baseline of its last glyph.
    let (mut first, mut last) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    for glyph in glyphs {
        zhaoren_cancel::poll();
        let reach = glyph.size;
        let same = glyph.baseline - last <= reach * 0.15 && glyph.baseline - first <= reach * 0.3;
        last = glyph.baseline;
        match rows.last_mut() {
            Some(row) if same => row.push(glyph),
            _ => {
                first = glyph.baseline;
                rows.push(vec![glyph]);
            }
        }
    }
    let segments: Vec<Segment> = rows.into_iter().flat_map(split).collect();
    Ok(gather(raise(segments)))
}

/// Cuts a row at its wide gaps.
fn split(mut glyphs: Vec<Glyph>) -> Vec<Segment> {
    glyphs.sort_by(|one, other| one.area.x0.total_cmp(&other.area.x0));
    let mut parts: Vec<Vec<Glyph>> = Vec::new();
    let mut right = f32::NEG_INFINITY;
    let mut lead = 0.0;
    for glyph in glyphs {
        if glyph.character.is_whitespace() {
            match parts.last_mut() {
                Some(part) => part.push(glyph),
                None => lead += glyph.area.width() / glyph.size.max(1.0),
            }
            continue;
        }
        match parts.last_mut() {
            Some(part) if glyph.area.x0 - right <= glyph.size => part.push(glyph.clone()),
            _ => {
                right = f32::NEG_INFINITY;
                parts.push(vec![glyph.clone()]);
            }
        }
        right = right.max(glyph.area.x1);
    }
    let mut segments: Vec<Segment> = parts.into_iter().filter_map(Segment::of).collect();
    if let Some(first) = segments.first_mut() {
        first.indented = lead >= 0.9;
    }
    segments
}

impl Segment {
    fn of(mut glyphs: Vec<Glyph>) -> Option<Self> {
        while glyphs.last()?.character.is_whitespace() {
            glyphs.pop();
        }
        let area = glyphs.iter().map(|glyph| glyph.area).reduce(|one, other| one.union(&other))?;
        let mut sizes: Vec<f32> = glyphs.iter().map(|glyph| glyph.size).collect();
        sizes.sort_by(f32::total_cmp);
        let size = *sizes.get(sizes.len() / 2)?;
        let baseline = glyphs.iter().find(|glyph| glyph.size >= size)?.baseline;
        let pagination = glyphs.iter().all(|glyph| glyph.pagination);
        let glyphs = glyphs
            .into_iter()
            .map(|Glyph { character, area, size, .. }| Mark { character, x0: area.x0, x1: area.x1, size })
            .collect();
        Some(Self { glyphs, area, baseline, size, indented: false, pagination })
    }
}

/// Segments that are looked at before and after a small one for the text that it is raised from.
const NEIGHBOURS: usize = 64;

/// Puts superscripts and subscripts into the text that they belong to.
fn raise(segments: Vec<Segment>) -> Vec<Segment> {
    let mut hosts: Vec<Option<usize>> = vec![None; segments.len()];
    for (at, small) in segments.iter().enumerate() {
        zhaoren_cancel::poll();
        let near = at.saturating_sub(NEIGHBOURS)..(at + NEIGHBOURS).min(segments.len());
        let host = near.clone().zip(segments.get(near).unwrap_or_default()).find(|(other, host)| {
            let reach = host.size * 0.3;
            *other != at
                && small.size <= host.size * 0.8
                && small.area.width() <= host.size * 4.0
                && small.baseline > host.baseline - host.size * 0.8
                && small.baseline < host.baseline + host.size * 0.35
                && small.area.x0 >= host.area.x0 - reach
                && small.area.x0 <= host.area.x1 + reach
        });
        if let (Some((host, _)), Some(place)) = (host, hosts.get_mut(at)) {
            *place = Some(host);
        }
    }
    let mut out: Vec<Option<Segment>> = segments.into_iter().map(Some).collect();
    for (at, host) in hosts.iter().enumerate() {
        let Some(host) = host else { continue };
        // A host that is itself raised keeps its own place.
        if hosts.get(*host).is_some_and(Option::is_some) {
            continue;
        }
        let Some(small) = out.get_mut(at).and_then(Option::take) else { continue };
        let Some(Some(host)) = out.get_mut(*host) else { continue };
        host.area.x0 = host.area.x0.min(small.area.x0);
        host.area.x1 = host.area.x1.max(small.area.x1);
        host.glyphs.extend(small.glyphs);
    }
    let mut out: Vec<Segment> = out.into_iter().flatten().collect();
    for segment in &mut out {
        segment.glyphs.sort_by(|one, other| one.x0.total_cmp(&other.x0));
    }
    out
}

/// Puts the segments of one baseline together again.
fn gather(segments: Vec<Segment>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for segment in segments {
        match rows.last_mut() {
            Some(row) if (segment.baseline - row.baseline).abs() <= row.size.max(segment.size) * 0.3 => {
                row.size = row.size.max(segment.size);
                row.segments.push(segment);
            }
            _ => rows.push(Row { baseline: segment.baseline, size: segment.size, segments: vec![segment] }),
        }
    }
    for row in &mut rows {
        row.segments.sort_by(|one, other| one.area.x0.total_cmp(&other.area.x0));
    }
    rows
}

/// The line of some segments of one row.
pub(super) fn line<'s>(segments: impl IntoIterator<Item = &'s Segment>) -> Option<Line> {
    let mut glyphs: Vec<&Mark> = Vec::new();
    let mut area: Option<Area> = None;
    let (mut baseline, mut size) = (0.0, 0.0_f32);
    let mut indented = false;
    for segment in segments {
        indented |= area.is_none() && segment.indented;
        if segment.size >= size {
            baseline = segment.baseline;
        }
        size = size.max(segment.size);
        area = Some(area.map_or(segment.area, |area| area.union(&segment.area)));
        glyphs.extend(&segment.glyphs);
    }
    let spaced = spaced_out(&glyphs);
    let mut text = String::new();
    let mut characters = 0;
    let mut previous: Option<&Mark> = None;
    let mut blank = false;
    for glyph in glyphs.iter().copied() {
        if glyph.character.is_whitespace() {
            blank = true;
            continue;
        }
        if let Some(previous) = previous
            && parted(previous, glyph, blank && !spaced, spaced)
        {
            text.push(' ');
        }
        text.push(glyph.character);
        characters += 1;
        previous = Some(glyph);
        blank = false;
    }
    let unit = unit(&glyphs);
    Some(Line { text, area: area?, baseline, size, unit, indented, tabular: false, characters })
}

/// True if a blank stands between two glyphs.
fn parted(one: &Mark, other: &Mark, blank: bool, spaced: bool) -> bool {
    let gap = other.x0 - one.x1;
    let size = one.size.max(other.size);
    if blank {
        return gap > -size;
    }
    let words = one.character.is_ascii_alphanumeric() && other.character.is_ascii_alphanumeric();
    // Letters set apart are one word at any gap that is not much wider than the others.
    let wide = if words {
        0.25
    } else if spaced {
        2.5
    } else {
        0.8
    };
    gap > size * wide
}

/// True if the letters of a line are set apart by blanks (某 市 科 技 局): nearly all neighbouring characters are.
fn spaced_out(glyphs: &[&Mark]) -> bool {
    let (mut pairs, mut apart) = (0_usize, 0_usize);
    let mut previous: Option<&Mark> = None;
    let mut blank = false;
    for glyph in glyphs.iter().copied() {
        if glyph.character.is_whitespace() {
            blank = true;
            continue;
        }
        if let Some(previous) = previous
            && is_ideograph(previous.character)
            && is_ideograph(glyph.character)
        {
            pairs += 1;
            apart += usize::from(blank || glyph.x0 - previous.x1 > glyph.size * 0.4);
        }
        previous = Some(glyph);
        blank = false;
    }
    pairs >= 3 && apart * 5 >= pairs * 4
}

/// True if the character is an ideograph.
pub(super) fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Width of the first part of a line that no line end may part.
fn unit(glyphs: &[&Mark]) -> f32 {
    let mut glyphs = glyphs.iter().filter(|glyph| !glyph.character.is_whitespace());
    let Some(first) = glyphs.next() else { return 0.0 };
    let mut end = first.x1;
    let mut last = first.character;
    for glyph in glyphs.take(40) {
        let c = glyph.character;
        let word =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ',' | '-' | '/' | '%' | '_' | '~' | '+');
        let sticks = (word(last) && word(c))
            || matches!(last, '（' | '(' | '《' | '“' | '〔' | '［' | '[' | '〈' | '「' | '‘')
            || matches!(
                c,
                '，' | '。'
                    | '、'
                    | '；'
                    | '：'
                    | '？'
                    | '！'
                    | '）'
                    | ')'
                    | '》'
                    | '”'
                    | '〕'
                    | '］'
                    | ']'
                    | '％'
                    | '〉'
                    | '」'
                    | '’'
            );
        if !sticks {
            break;
        }
        end = glyph.x1;
        last = c;
    }
    end - first.x0
}
