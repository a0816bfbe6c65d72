//! Sheets to the document: paragraphs over the ends of columns and pages, tables over the ends of pages, and remarks on
//! what was not read.

use std::collections::{BTreeMap, BTreeSet};

use super::cells;
use super::guard::{self, Repairs};
use super::layout::{Framed, PageElement, Sheet};
use super::lines::{Line, line};
use super::notes;
use super::order::Flow;
use super::page::Direction;
use super::paragraphs::{self, Edges, Placed, usual_size};
use crate::form::Form;
use crate::limits::Budget;
use crate::model::{Block, Cell, Document, Note, Origin, Paragraph, Role, Run, Table};
use crate::printed::begins_provision;
use crate::refusal::Refusal;

/// Lines of one column that a page has to have for edges of its own.
const OWN_EDGES: usize = 10;

/// Pages that a remark lists.
const LISTED: usize = 20;

/// Replacement of a paragraph that cannot be read.
const UNREADABLE: &str = "〔此段文字无法读取〕";

/// Puts the document together.
pub(super) struct Writer<'s> {
    sheets: &'s [Sheet],
    document: Document,
    lines: Vec<Placed>,
    /// The last table, while nothing has come after it.
    open: Option<Open>,
    flow: usize,
    repairs: Repairs,
    /// Pages with tables that have no lines.
    tabular: BTreeSet<usize>,
    /// Pages with paragraphs that cannot be read, and how many.
    unreadable: BTreeMap<usize, usize>,
    /// The usual size of the text.
    body: f32,
}

/// The end of a table that may go on on the next page.
struct Open {
    page: usize,
    /// Places of the lines between its columns.
    xs: Vec<f32>,
    /// True if its last row is not closed.
    cut: bool,
}

impl Open {
    /// The places of the columns of both, where a table with its lines at `xs` goes on with this one: on the next page,
    /// between the same outer edges. A page whose cells are all merged lacks some of the lines.
    fn goes_on(&self, page: usize, xs: &[f32]) -> Option<Vec<f32>> {
        let near = |one: f32, other: f32| (one - other).abs() < 6.0;
        let has = |places: &[f32], x: f32| places.iter().any(|place| near(*place, x));
        let edges = near(*self.xs.first()?, *xs.first()?) && near(*self.xs.last()?, *xs.last()?);
        let (more, fewer) = if self.xs.len() >= xs.len() { (&*self.xs, xs) } else { (xs, &*self.xs) };
        let same = edges && fewer.len() <= 1_000 && fewer.iter().all(|x| has(more, *x));
        (page == self.page + 1 && same).then(|| more.to_vec())
    }
}

/// The document of all sheets.
pub(super) fn write(sheets: &mut [Sheet], budget: &mut Budget) -> Result<Document, Refusal> {
    let mut parts = Vec::new();
    let mut notes = Vec::new();
    let mut gutter = None;
    for sheet in sheets.iter_mut() {
        notes.push(sheet.take_notes());
        parts.push(sheet.parts(&mut gutter, budget)?);
    }
    let sheets = &*sheets;
    let shared = shared_edges(sheets, &parts);
    let mut writer = Writer {
        sheets,
        document: Document::new(Form::Pdf),
        lines: Vec::new(),
        open: None,
        flow: 0,
        repairs: Repairs::default(),
        tabular: BTreeSet::new(),
        unreadable: BTreeMap::new(),
        body: usual_size(parts.iter().flat_map(|parts| all_lines(parts))),
    };
    for (page, (sheet, parts)) in sheets.iter().zip(parts).enumerate() {
        let own = own_edges(sheet, &parts);
        for part in parts {
            budget.step(1)?;
            match part {
                PageElement::Flow(flow) => {
                    let edges = if flow.column { None } else { own.or(shared.get(&width(sheet)).copied()) };
                    writer.flow(page, flow, edges);
                }
                PageElement::Table(at) => {
                    if let Some(framed) = sheet.tables.get(at) {
                        writer.table(page, framed);
                    }
                }
            }
        }
        for (_, rows) in &sheet.aside {
            let lines: Vec<Line> = rows.iter().filter_map(|row| line(&row.segments)).collect();
            // Its places are on the turned page; a quote leads to the page only.
            writer.flow(page, Flow { lines, column: true, tabular: false }, None);
        }
    }
    writer.paragraphs();
    for (page, lines) in notes.iter().enumerate() {
        writer.notes(page, lines);
    }
    Ok(writer.end())
}

fn width(sheet: &Sheet) -> i32 {
    (sheet.size.0 / 4.0) as i32
}

fn whole_lines(parts: &[PageElement]) -> impl Iterator<Item = &Line> {
    parts
        .iter()
        .filter_map(|part| match part {
            PageElement::Flow(flow) if !flow.column => Some(&flow.lines),
            _ => None,
        })
        .flatten()
}

fn all_lines(parts: &[PageElement]) -> impl Iterator<Item = &Line> {
    let flows = parts.iter().filter_map(|part| match part {
        PageElement::Flow(flow) => Some(&flow.lines),
        PageElement::Table(_) => None,
    });
    flows.flatten()
}

/// The edges of each width of page, over all pages.
fn shared_edges(sheets: &[Sheet], parts: &[Vec<PageElement>]) -> BTreeMap<i32, Edges> {
    let mut lines: BTreeMap<i32, (f32, Vec<&Line>)> = BTreeMap::new();
    for (sheet, parts) in sheets.iter().zip(parts) {
        let entry = lines.entry(width(sheet)).or_insert_with(|| (sheet.size.0, Vec::new()));
        entry.1.extend(whole_lines(parts));
    }
    lines.into_iter().filter_map(|(key, (width, lines))| Some((key, Edges::of(lines, width)?))).collect()
}

fn own_edges(sheet: &Sheet, parts: &[PageElement]) -> Option<Edges> {
    (whole_lines(parts).count() >= OWN_EDGES).then(|| Edges::of(whole_lines(parts), sheet.size.0))?
}

impl Writer<'_> {
    fn flow(&mut self, page: usize, flow: Flow, edges: Option<Edges>) {
        let width = self.sheets.get(page).map_or(0.0, |sheet| sheet.size.0);
        let Some(edges) = edges.or_else(|| {
            let own = Edges::of(&flow.lines, width)?;
            // A column's right edge is where its lines end, not the page's margin.
            let right = flow.lines.iter().map(|line| line.area.x1).fold(0.0, f32::max);
            Some(Edges { right: own.right.min(right), ..own })
        }) else {
            return;
        };
        if flow.tabular {
            self.tabular.insert(page + 1);
        }
        self.flow += 1;
        for line in flow.lines {
            self.lines.push(Placed { line, page, flow: self.flow, edges });
        }
    }

    /// Writes the lines that were gathered.
    fn paragraphs(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        for lines in paragraphs::join(lines) {
            self.open = None;
            let role = self.role(&lines);
            let paragraph = self.paragraph(lines.iter().map(|placed| (placed.page, &placed.line)), role);
            if role == Role::Title {
                self.document.title = Some(paragraph.runs.iter().map(|run| run.text.as_str()).collect());
            }
            self.document.blocks.push(Block::Paragraph(paragraph));
        }
    }

    /// The first large text in the middle of the page is the title, unless it names the organ that publishes.
    fn role(&self, lines: &[Placed]) -> Role {
        let Some(first) = lines.first() else { return Role::Body };
        let (left, right) = (first.line.area.x0 - first.edges.left, first.edges.right - first.line.area.x1);
        let text = lines.last().map_or("", |placed| placed.line.text.as_str());
        let named = ["文件", "公报", "办公室", "政府", "局", "委员会"].iter().any(|end| text.ends_with(end));
        let title = self.document.title.is_none()
            && first.page == 0
            && first.line.size >= self.body * 1.15
            && (left - right).abs() < first.line.size * 1.5
            && first.line.characters >= 4
            && !named
            && !begins_provision(&first.line.text);
        if title { Role::Title } else { Role::Body }
    }

    fn paragraph<'l>(&mut self, lines: impl Iterator<Item = (usize, &'l Line)>, role: Role) -> Paragraph {
        let mut runs: Vec<Run> = Vec::new();
        for (page, line) in lines {
            let mut text = line.text.clone();
            if let Some(last) = runs.last_mut() {
                // Two words of Latin letters; a number is not parted over lines.
                let (end, start) = (last.text.chars().next_back(), text.chars().next());
                let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
                if word(end) && word(start) {
                    text.insert(0, ' ');
                }
            }
            runs.push(Run { text, origin: self.origin(page, line) });
        }
        self.guarded(&mut runs);
        Paragraph { role, number: None, runs }
    }

    fn origin(&self, page: usize, line: &Line) -> Origin {
        let (direction, seen) = self
            .sheets
            .get(page)
            .map_or((Direction::Right, (0.0, 0.0)), |sheet| (sheet.direction, sheet.seen));
        let area = line.area.turned_back(direction, seen);
        Origin::Page { page: page as u32 + 1, area: [area.x0, area.y0, area.x1, area.y1] }
    }

    /// Repairs the runs of a paragraph, or makes it unreadable as a whole.
    fn guarded(&mut self, runs: &mut Vec<Run>) {
        for at in 0..runs.len() {
            let Some(run) = runs.get_mut(at) else { break };
            match guard::repaired(&run.text, &mut self.repairs) {
                Some(text) => run.text = text,
                None => {
                    let Origin::Page { page, .. } = run.origin else { continue };
                    *self.unreadable.entry(page as usize).or_default() += 1;
                    UNREADABLE.clone_into(&mut run.text);
                    let run = run.clone();
                    *runs = vec![run];
                    return;
                }
            }
        }
    }

    fn table(&mut self, page: usize, framed: &Framed) {
        self.paragraphs();
        let grid = &framed.grid;
        let (rows, columns) = (grid.ys.len().saturating_sub(1), grid.xs.len().saturating_sub(1));
        let mut grid_cells: Vec<Vec<Option<Cell>>> = vec![vec![None; columns]; rows];
        for (frame, lines) in grid.cells.iter().zip(&framed.lines) {
            let blocks = cells::paragraphs(lines)
                .into_iter()
                .map(|lines| {
                    Block::Paragraph(self.paragraph(lines.into_iter().map(|line| (page, line)), Role::Body))
                })
                .collect();
            let cell = Cell { blocks, columns: frame.columns as u32, rows: frame.rows as u32 };
            if let Some(slot) = grid_cells.get_mut(frame.row).and_then(|row| row.get_mut(frame.column)) {
                *slot = Some(cell);
            }
        }
        let mut cut = grid.open;
        if cut {
            cells::drop_empty_last(&mut grid_cells);
            cut = grid_cells.len() == rows;
        }
        let last = self.open.take();
        let merged = last.as_ref().and_then(|last| Some((last, last.goes_on(page, &grid.xs)?)));
        let mut xs = grid.xs.clone();
        match (merged, self.document.blocks.last_mut()) {
            (Some((last, all)), Some(Block::Table(table))) => {
                cells::widen(&mut table.rows, &last.xs, &all);
                cells::widen(&mut grid_cells, &grid.xs, &all);
                cells::append(table, grid_cells, last.cut);
                xs = all;
            }
            _ => self.document.blocks.push(Block::Table(Table { rows: grid_cells })),
        }
        self.open = Some(Open { page, xs, cut });
    }

    /// Writes the footnotes of a page. A line with a mark begins one.
    fn notes(&mut self, page: usize, lines: &[Line]) {
        for (at, line) in lines.iter().enumerate() {
            zhaoren_cancel::poll();
            let Some(mark) = notes::mark(&line.text) else { continue };
            let more = lines.iter().skip(at + 1).take_while(|line| notes::mark(&line.text).is_none());
            let mut first = line.clone();
            first.text = line.text.strip_prefix(mark).unwrap_or_default().trim_start().to_owned();
            let note = std::iter::once(&first).chain(more).map(|line| (page, line));
            let paragraphs = vec![self.paragraph(note, Role::Body)];
            self.document.notes.push(Note { mark: mark.to_owned(), paragraphs });
        }
    }

    fn end(mut self) -> Document {
        let mut remarks = Vec::new();
        for (page, count) in &self.unreadable {
            remarks.push(format!("第{page}页有{count}段文字的编码已损坏，无法读取，已标出"));
        }
        let listed = |mut pages: Vec<String>| {
            if pages.len() > LISTED {
                pages.truncate(LISTED);
                pages.push("……".to_owned());
            }
            pages.join("、")
        };
        let pages = |holds: &dyn Fn(&Sheet) -> bool| -> Vec<String> {
            (1..)
                .zip(self.sheets)
                .filter(|(_, sheet)| holds(sheet))
                .map(|(page, _): (usize, _)| page.to_string())
                .collect()
        };
        let scans = pages(&|sheet| sheet.characters == 0 && sheet.pictured > 0.5);
        if !scans.is_empty() {
            remarks.push(format!("第{}页是图片，没有文字，未读入", listed(scans)));
        }
        let drawn = pages(&|sheet| sheet.characters == 0 && sheet.outlines > super::OUTLINES);
        if !drawn.is_empty() {
            remarks.push(format!("第{}页的文字已转成图形，未读入", listed(drawn)));
        }
        let broken = pages(&|sheet| sheet.broken);
        if !broken.is_empty() {
            remarks.push(format!("第{}页的内容有损坏，读出的可能不全", listed(broken)));
        }
        let recognized = pages(&|sheet| sheet.recognized);
        if !recognized.is_empty() {
            remarks.push(format!("第{}页的文字由软件从扫描图片中识别，可能有误", listed(recognized)));
        }
        let slanted = pages(&|sheet| sheet.slanted > 0);
        if !slanted.is_empty() {
            remarks.push(format!("第{}页有斜排的字（如水印），未读入", listed(slanted)));
        }
        if !self.tabular.is_empty() {
            let pages = self.tabular.iter().map(ToString::to_string).collect();
            remarks.push(format!("第{}页似有不带框线的表格，已逐行读入", listed(pages)));
        }
        let radicals: usize = self.sheets.iter().map(|sheet| sheet.radicals).sum();
        if radicals > 0 {
            remarks.push(format!("有{radicals}个部首字符，已按同形的汉字读入"));
        }
        if self.repairs.letters > 0 {
            remarks.push(format!("有{}个字的编码被当成西文字母，已还原", self.repairs.letters));
        }
        if self.repairs.bullets > 0 {
            remarks.push(format!("有{}个项目符号无法识别，已略去", self.repairs.bullets));
        }
        self.document.remarks = remarks;
        self.document
    }
}
