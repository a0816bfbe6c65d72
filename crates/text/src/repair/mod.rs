//! Repairs (文本修复): general kinds of damage to Chinese text in transmission, and their repair.
//!
//! A repair either restores the original, by a rule that leaves no choice, or keeps the received text and
//! marks it. Nothing is guessed.

mod misread;
mod mojibake;
mod pinyin;
mod shifted;
mod spaced;
mod stray;
mod width;

use std::ops::Range;

use serde::Serialize;

use crate::offsets::{Edit, OffsetMap};

/// A damaged place, restored or marked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repair {
    /// Kind of damage.
    pub kind: RepairKind,
    /// Byte range in the source.
    pub source: Range<usize>,
    /// Byte range in the clean text.
    pub output: Range<usize>,
    /// True if the original was restored; otherwise the text is kept as received.
    pub restored: bool,
    /// The received text, decoded.
    pub before: String,
    /// The text after the repair.
    pub after: String,
}

/// Maximum number of repairs listed; further ones are made and counted. Each entry takes many times the memory of the
/// damaged text, and a text can be damaged at every character.
pub const MOST_REPAIRS: usize = 10_000;

/// Repairs of a text: the first of them, and the number of the others.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repairs {
    pub(crate) named: Vec<Repair>,
    pub(crate) left_out: usize,
    /// Number of unlisted places that could not be restored.
    pub(crate) unrestored_left_out: usize,
}

impl Repairs {
    /// Adds a repair, built only if it is listed.
    pub(crate) fn add(&mut self, restored: bool, repair: impl FnOnce() -> Repair) {
        if self.named.len() < MOST_REPAIRS {
            self.named.push(repair());
        } else {
            self.left_out += 1;
            self.unrestored_left_out += usize::from(!restored);
        }
    }
}

/// Kind of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RepairKind {
    /// A reading in brackets after its character: 业(yè).
    BracketedPinyin,
    /// A run of double-byte characters decoded one byte off.
    ShiftedRun,
    /// A place with lost bytes, or ambiguous because neighbouring bytes are lost.
    LostByte,
    /// A private-use character, whose meaning only its creator knows.
    PrivateUse,
    /// An invalid byte.
    BrokenByte,
    /// An invisible character: a byte order mark inside the text, zero-width and control characters.
    Invisible,
    /// Text that was decoded in another encoding and saved again (mojibake): UTF-8 or GBK read as Latin-1 or Windows-1252.
    WrongDecoding,
    /// Letters of a line set apart by blanks.
    SpacedLetters,
    /// A compatibility form of an ordinary character: １２, ％, ㈠, 部首.
    Width,
}

impl RepairKind {
    /// Chinese display name.
    pub fn name(self) -> &'static str {
        match self {
            Self::BracketedPinyin => "夹注拼音",
            Self::ShiftedRun => "错位字节",
            Self::LostByte => "缺失字节",
            Self::PrivateUse => "私用区字符",
            Self::BrokenByte => "无效字节",
            Self::Invisible => "不可见字符",
            Self::WrongDecoding => "误解码",
            Self::SpacedLetters => "字间空格",
            Self::Width => "全半角与兼容字形",
        }
    }
}

/// A repair proposed by a step.
#[derive(Clone, Debug)]
struct Finding {
    edit: Edit,
    kind: RepairKind,
    restored: bool,
}

/// Runs every step over the decoded `text`. `offsets` maps it to the bytes received. Returns the repaired text, its
/// map to those bytes, and the repairs; their `output` is only set after the last step.
pub(crate) fn repair(text: String, offsets: OffsetMap) -> (String, OffsetMap, Repairs) {
    let steps: [fn(&str) -> Vec<Finding>; 7] =
        [mojibake::find, shifted::find, pinyin::find, misread::find, stray::find, width::find, spaced::find];
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
