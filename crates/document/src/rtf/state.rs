//! State inside a group, and the changes that control words make to it.

use crate::model::Role;

/// The destination of a group's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// Into the text that is open.
    Text,
    /// Nowhere.
    Skip,
    /// Into the font table.
    Fonts,
    /// Into the list tables.
    Lists,
    /// Into the text of a level of a list.
    LevelText,
    /// Into the automatic number of the paragraph.
    Number,
    /// Into a note of its own; `true` for an endnote.
    Note,
    /// Into a text box.
    Box,
}

/// Formatting and destination inside a group; both end with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    pub(super) destination: Destination,
    /// True if the group is a text on its own, which ends with it.
    pub(super) story: bool,
    /// Number of the note that the group is.
    pub(super) note: usize,
    /// True if the group began with `\*`: its destination may be passed over where it is not known.
    pub(super) optional: bool,
    /// True if nothing of the group was read yet.
    pub(super) fresh: bool,
    /// True if the next group in it is passed over: the older one of two forms (`\upr`).
    pub(super) drops_next: bool,
    /// True if rows that are defined in it are those of a table in a table.
    pub(super) nested: bool,
    hidden: bool,
    pub(super) deleted: bool,
    /// Characters that follow a `\u` for readers without Unicode.
    pub(super) fallback: usize,
    pub(super) font: Option<i32>,
    /// True if the font that is named next is that of Chinese characters.
    wide: bool,
    in_table: bool,
    depth: Option<usize>,
    outline: Option<u8>,
    /// List format override that numbers the paragraph, from 1; 0 for none.
    pub(super) list: u16,
    /// Level of its number, from 0.
    pub(super) level: u8,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            destination: Destination::Text,
            story: false,
            note: 0,
            optional: false,
            fresh: true,
            drops_next: false,
            nested: false,
            hidden: false,
            deleted: false,
            fallback: 1,
            font: None,
            wide: false,
            in_table: false,
            depth: None,
            outline: None,
            list: 0,
            level: 0,
        }
    }

    /// The state at the beginning of a group in it.
    pub(super) fn inner(&mut self) -> Self {
        let dropped = std::mem::take(&mut self.drops_next);
        let destination = if dropped { Destination::Skip } else { self.destination };
        Self { destination, story: false, optional: false, fresh: true, ..*self }
    }

    /// True if text in it is seen.
    pub(super) fn shows(&self) -> bool {
        !self.hidden && !self.deleted
    }

    /// Depth of tables that the paragraph is in.
    pub(super) fn depth(&self) -> usize {
        if self.in_table { self.depth.unwrap_or(1).max(1) } else { 0 }
    }

    /// The role of the paragraph.
    pub(super) fn role(&self) -> Role {
        match self.outline {
            Some(level @ 0..=8) => Role::Heading(level + 1),
            _ if self.list != 0 => Role::ListItem,
            _ => Role::Body,
        }
    }

    /// Changes the formatting by a control word; words without a meaning here change nothing.
    pub(super) fn format(&mut self, word: &str, number: Option<i32>) {
        let on = number != Some(0);
        let count = |number: Option<i32>| usize::try_from(number.unwrap_or(0)).unwrap_or(0);
        match word {
            "v" => self.hidden = on,
            "deleted" => self.deleted = on,
            "plain" => (self.hidden, self.deleted, self.font) = (false, false, None),
            "f" => self.font = number,
            "dbch" => self.wide = true,
            "loch" | "hich" => self.wide = false,
            "af" if self.wide => self.font = number,
            "uc" => self.fallback = count(number).min(16),
            "pard" => {
                (self.in_table, self.depth, self.outline) = (false, None, None);
                (self.list, self.level) = (0, 0);
            }
            "intbl" => self.in_table = true,
            "itap" => {
                self.depth = Some(count(number));
                self.in_table = count(number) > 0;
            }
            "outlinelevel" => self.outline = number.and_then(|level| u8::try_from(level).ok()),
            "ls" => self.list = u16::try_from(number.unwrap_or(0)).unwrap_or(0),
            "ilvl" => self.level = u8::try_from(number.unwrap_or(0)).unwrap_or(0),
            _ => {}
        }
    }
}

/// The destination of a control word at the head of a group; `None` for words that are no destinations.
pub(super) fn destination(word: &str) -> Option<Destination> {
    Some(match word {
        "fonttbl" => Destination::Fonts,
        "listtable" | "listoverridetable" => Destination::Lists,
        "leveltext" => Destination::LevelText,
        "levelnumbers" | "listname" | "liststylename" | "listpicture" => Destination::Skip,
        "listtext" | "pntext" => Destination::Number,
        "footnote" => Destination::Note,
        "shptxt" | "dptxbxtext" => Destination::Box,
        "colortbl" | "stylesheet" | "info" | "pict" | "header" | "headerl" | "headerr" | "headerf"
        | "footer" | "footerl" | "footerr" | "footerf" | "ftnsep" | "ftnsepc" | "ftncn" | "aftnsep"
        | "aftnsepc" | "aftncn" | "revtbl" | "rsidtbl" | "fldinst" | "objdata" | "objclass" | "objname"
        | "nonshppict" | "shprslt" | "sp" | "bkmkstart" | "bkmkend" | "annotation" | "atnid"
        | "atnauthor" | "atntime" | "atnref" | "atnicn" | "atrfstart" | "atrfend" | "nonesttables" | "xe"
        | "tc" | "tcn" | "rxe" | "private" | "filetbl" | "themedata" | "colorschememapping" | "datastore"
        | "latentstyles" | "pnseclvl" | "pn" | "template" | "operator" | "docvar" | "fontemb" | "falt"
        | "panose" | "background" | "datafield" | "formfield" | "ffname" | "mmathPr" | "userprops"
        | "xmlnstbl" | "generator" => Destination::Skip,
        _ => return None,
    })
}

/// Words at the head of a group with `\*` whose text is seen nevertheless.
pub(super) fn is_seen(word: &str) -> bool {
    matches!(word, "shpinst" | "nesttableprops" | "ud" | "shppict" | "shpgrp" | "do")
}

/// The character that a control word represents.
pub(super) fn character(word: &str) -> Option<char> {
    Some(match word {
        "tab" => '\t',
        "line" | "softline" => '\n',
        "emdash" => '—',
        "endash" => '–',
        "lquote" => '‘',
        "rquote" => '’',
        "ldblquote" => '“',
        "rdblquote" => '”',
        "bullet" => '•',
        "emspace" | "enspace" | "qmspace" => ' ',
        _ => return None,
    })
}
