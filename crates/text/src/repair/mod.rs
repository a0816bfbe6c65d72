//! Repairs (文本修复): general ways in which Chinese text is damaged on its way, and how each is undone.
//!
//! A repair either restores what was there, by a rule that leaves no choice, or keeps what was received and
//! marks it. Nothing is guessed.

mod misread;
mod pinyin;
mod shifted;
mod stray;
mod width;

use std::ops::Range;

use serde::Serialize;

use crate::offsets::{Edit, OffsetMap};

/// One undone, or marked, damage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repair {
    /// What kind of damage it was.
    pub kind: RepairKind,
    /// Bytes received.
    pub source: Range<usize>,
    /// Bytes of the clean text.
    pub output: Range<usize>,
    /// Whether what stood there could be restored; otherwise it is kept as received.
    pub restored: bool,
    /// What was received, decoded.
    pub before: String,
    /// What stands there now.
    pub after: String,
}

/// Repairs that are named one by one, at most; more are done and counted. Each takes many times the memory of its place, and a
/// text can be damaged at every character.
pub const MOST_REPAIRS: usize = 10_000;

/// The repairs of a text: the first of them, and how many more there are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repairs {
    pub(crate) named: Vec<Repair>,
    pub(crate) left_out: usize,
    /// Of those left out, places that could not be restored.
    pub(crate) unrestored_left_out: usize,
}

impl Repairs {
    /// Adds one, made only where there is room for it.
    pub(crate) fn add(&mut self, restored: bool, repair: impl FnOnce() -> Repair) {
        if self.named.len() < MOST_REPAIRS {
            self.named.push(repair());
        } else {
            self.left_out += 1;
            self.unrestored_left_out += usize::from(!restored);
        }
    }
}

/// The kinds of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RepairKind {
    /// A reading in brackets after its character: 业(yè).
    BracketedPinyin,
    /// A run of double-byte characters read one byte off.
    ShiftedRun,
    /// A place whose bytes are lost, or could be read otherwise because some beside them are.
    LostByte,
    /// A character of a private area, which only its maker can read.
    PrivateUse,
    /// A byte that is no character.
    BrokenByte,
    /// A mark that shows nothing: a byte order mark in the middle, zero-width and control characters.
    Invisible,
    /// A compatibility form of an ordinary character: １２, ％, ㈠, 部首.
    Width,
}

impl RepairKind {
    /// The Chinese name shown to people.
    pub fn name(self) -> &'static str {
        match self {
            Self::BracketedPinyin => "夹注拼音",
            Self::ShiftedRun => "错位字节",
            Self::LostByte => "缺失字节",
            Self::PrivateUse => "私用区字符",
            Self::BrokenByte => "无效字节",
            Self::Invisible => "不可见字符",
            Self::Width => "全半角与兼容字形",
        }
    }
}

/// What a step wants done at one place.
#[derive(Clone, Debug)]
struct Finding {
    edit: Edit,
    kind: RepairKind,
    restored: bool,
}

/// Runs every step over decoded `text`. `offsets` maps it to the bytes received. Gives the repaired text, its
/// map to those bytes, and the repairs; their `output` is only set once the last step of all is done.
pub(crate) fn repair(text: String, offsets: OffsetMap) -> (String, OffsetMap, Repairs) {
    let steps: [fn(&str) -> Vec<Finding>; 5] =
        [shifted::find, pinyin::find, misread::find, stray::find, width::find];
    let mut state = (text, offsets, Repairs::default());
    for step in steps {
        let found = step(&state.0);
        if found.is_empty() {
            continue;
        }
        let (text, offsets, mut repairs) = state;
        for finding in &found {
            repairs.add(finding.restored, || Repair {
                kind: finding.kind,
                source: offsets.to_source(finding.edit.range.clone()),
                output: 0..0,
                restored: finding.restored,
                before: text.get(finding.edit.range.clone()).unwrap_or_default().to_owned(),
                after: finding.edit.text.clone(),
            });
        }
        let edits: Vec<Edit> = found.into_iter().map(|finding| finding.edit).collect();
        let (next, step_map) = OffsetMap::apply(&text, &edits);
        state = (next, offsets.then(&step_map), repairs);
    }
    state
}
