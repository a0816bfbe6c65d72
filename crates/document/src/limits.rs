//! Limits of what a file may unfold to, in one place, and the budget that counts against them.

use crate::refusal::Refusal;

/// What one file may hold and unfold to. A file over a limit is refused with the limit's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file as received.
    pub file: u64,
    /// Bytes of all its parts together after unpacking.
    pub unpacked: u64,
    /// Entries of an archive.
    pub entries: usize,
    /// Depth of nesting: elements in elements, groups in groups, archives in archives.
    pub depth: usize,
    /// Pages of a paginated form.
    pub pages: usize,
    /// Characters of the text that is read.
    pub characters: usize,
    /// Cells of all tables together, spans included.
    pub cells: usize,
    /// Steps of work: drawing operators, text objects, records.
    pub steps: u64,
}

impl Limits {
    /// The limits of files that are imported. The longest published plans have about a million characters and some
    /// hundred pages.
    pub const IMPORT: Self = Self {
        file: 64 << 20,
        unpacked: 256 << 20,
        entries: 4_096,
        depth: 256,
        pages: 2_000,
        characters: 8_000_000,
        cells: 1_000_000,
        steps: 50_000_000,
    };
}

/// What is left of the [`Limits`] while one file is read.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    unpacked: u64,
    characters: usize,
    cells: usize,
    steps: u64,
}

impl Budget {
    /// The whole budget for one file of `length` bytes.
    pub fn new(limits: &Limits, length: usize) -> Self {
        let _ = length;
        Self {
            limits: *limits,
            unpacked: limits.unpacked,
            characters: limits.characters,
            cells: limits.cells,
            steps: limits.steps,
        }
    }

    /// The limits that this budget began with.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How many bytes may still be unpacked.
    pub fn unpacked_left(&self) -> u64 {
        self.unpacked
    }

    /// Takes bytes that a part was unpacked to.
    ///
    /// # Errors
    /// The unpacked bytes of the file exceed the limit.
    pub fn unpack(&mut self, bytes: u64) -> Result<(), Refusal> {
        self.unpacked = self.unpacked.checked_sub(bytes).ok_or(Refusal::over("解压后的大小", self.limits.unpacked))?;
        Ok(())
    }

    /// Takes characters of text.
    ///
    /// # Errors
    /// The characters of the file exceed the limit.
    pub fn text(&mut self, characters: usize) -> Result<(), Refusal> {
        self.characters =
            self.characters.checked_sub(characters).ok_or(Refusal::over("文字数", self.limits.characters as u64))?;
        Ok(())
    }

    /// Takes cells of a table.
    ///
    /// # Errors
    /// The cells of the file exceed the limit.
    pub fn cells(&mut self, cells: usize) -> Result<(), Refusal> {
        self.cells =
            self.cells.checked_sub(cells).ok_or(Refusal::over("表格单元格数", self.limits.cells as u64))?;
        Ok(())
    }

    /// Takes steps of work, and ends it when it is no longer waited for.
    ///
    /// # Errors
    /// The steps exceed the limit.
    pub fn step(&mut self, steps: u64) -> Result<(), Refusal> {
        zhaoren_cancel::steps(steps);
        self.steps = self.steps.checked_sub(steps).ok_or(Refusal::over("处理步数", self.limits.steps))?;
        Ok(())
    }
}
