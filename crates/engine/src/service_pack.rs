//! Service pack (服务包) of one enterprise: first a page to hand over, then what it rests on, as data for every rendering.
//!
//! The first page answers six questions: which support, what it gives, how much, until when, how, and whom to ask. Everything else is
//! an annex that can be left out.

use serde::Serialize;
use zhaoren_matcher::{AdviceOutcome, Match, MatchReport, QuestionPlan};
use zhaoren_office::{Block, OfficeError, Paper, Sheet, Workbook};
use zhaoren_policy::calendar::chinese_date;
use zhaoren_policy::item::{Benefit, CHANNEL_UNKNOWN, Guide};
use zhaoren_policy::verdict::ClauseState;

use crate::Date;
use crate::overview::ReceivedBenefits;
use crate::presentation::ReportPart;

/// Greatest number of ineligible items in the annex: those with the fewest changes needed.
const MAX_NEAR: usize = 10;
/// Greatest number of questions in the annex.
const MAX_QUESTIONS: usize = 40;
/// Word for what is not known.
const UNKNOWN: &str = "未收录";

/// Annexes of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackChoices {
    /// Conditions, basis and guide of each item of the first page.
    pub details: bool,
    /// Questions that settle further items.
    pub questions: bool,
    /// Items that a few changes would open.
    pub near: bool,
    /// Known facts with their sources.
    pub facts: bool,
}

impl Default for PackChoices {
    fn default() -> Self {
        Self { details: true, questions: true, near: true, facts: false }
    }
}

/// Service pack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ServicePack {
    /// Id of the enterprise.
    pub id: String,
    /// Name of the enterprise; its id if it has none.
    pub name: String,
    /// Evaluation date.
    pub as_of: Date,
    /// Best bundle in one sentence, if its amount is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle: Option<String>,
    /// Items that can be had or applied for now.
    pub lines: Vec<PackLine>,
    /// Titles held whose renewal is due.
    pub renewals: Vec<PackLine>,
    /// Materials of these items, each once, with the items that ask for it.
    pub materials: Vec<PackMaterial>,
    /// Questions that settle further items, the most useful first.
    pub questions: Vec<PackQuestion>,
    /// Number of items that are open.
    pub open: usize,
    /// Items that a few changes would open.
    pub near: Vec<PackNear>,
    /// Titles held and supports received, in words.
    pub held: Vec<String>,
    /// Known facts.
    pub facts: Vec<PackFact>,
}

/// Item of the first page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PackLine {
    /// Id of the item.
    pub policy: String,
    /// 事项.
    pub title: String,
    /// 给什么: the kinds of support.
    pub gives: String,
    /// 金额.
    pub amount: String,
    /// 截止: the window in words.
    pub until: String,
    /// 怎么办: where to apply.
    pub how: String,
    /// 找谁: office and telephone.
    pub contact: String,
    /// Reservations: selection by the office, conditions not compared with the text, notes of the item.
    pub notes: Vec<String>,
    /// Basis: document and number.
    pub basis: String,
    /// Conditions in words, each with its state.
    pub conditions: Vec<String>,
}

/// Material to bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackMaterial {
    /// Material, with who issues it and whether a promise replaces it.
    pub text: String,
    /// Titles of the items that ask for it.
    pub items: Vec<String>,
}

/// Question of the annex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackQuestion {
    /// Question.
    pub text: String,
    /// Titles of items that it can settle.
    pub items: Vec<String>,
}

/// Item that a few changes would open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackNear {
    /// Title.
    pub title: String,
    /// The gap in one sentence.
    pub text: String,
    /// Steps.
    pub steps: Vec<String>,
}

/// Known fact of the annex.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PackFact {
    /// Name, with the fiscal year.
    pub name: String,
    /// Value in words.
    pub value: String,
    /// Source; empty for a fact given in this request.
    pub source: String,
    /// Date of the record; empty for a fact given in this request.
    pub since: String,
}

impl ServicePack {
    /// The pack of a report over all items, with the questions for the same profile.
    pub fn of(
        report: &MatchReport,
        received: &ReceivedBenefits,
        plan: &QuestionPlan,
        facts: Vec<PackFact>,
    ) -> Self {
        let fresh = |one: &&Match| received.blocking_benefit(one).is_none();
        let of = |parts: &[ReportPart]| -> Vec<&Match> {
            let part = |one: &&Match| parts.contains(&ReportPart::of(one));
            report.matches.iter().filter(fresh).filter(part).collect()
        };
        let now = of(&[ReportPart::Eligible, ReportPart::MayApply]);
        let renewals = of(&[ReportPart::Renewal]);
        let open = of(&[ReportPart::Undetermined]);
        let mut held: Vec<String> = of(&[ReportPart::Held])
            .into_iter()
            .map(|one| match &one.held {
                Some(held) => format!("{}：{}", one.title, held.text),
                None => one.title.clone(),
            })
            .collect();
        held.extend(report.matches.iter().filter(|one| one.in_force).filter_map(|one| {
            let benefit = received.blocking_benefit(one)?;
            Some(format!("{}：{}已享受", one.title, chinese_date(benefit.on)))
        }));
        let bundle = report.bundle.as_ref().map(|bundle| bundle.text.clone()).filter(|text| !text.is_empty());
        Self {
            id: report.id.clone(),
            name: report.name.clone().unwrap_or_else(|| report.id.clone()),
            as_of: report.as_of,
            bundle,
            materials: materials(now.iter().chain(&renewals).copied()),
            lines: now.into_iter().map(line).collect(),
            renewals: renewals.into_iter().map(line).collect(),
            questions: questions(plan),
            open: open.len(),
            near: near(&of(&[ReportPart::Ineligible])),
            held,
            facts,
        }
    }

    /// Headings of the table of the first page.
    pub const HEAD: [&str; 6] = ["事项", "给什么", "金额", "截止", "怎么办", "找谁"];

    /// Words where no item has its materials recorded: none recorded does not mean that none are needed.
    pub const NO_MATERIALS: &str = "各事项的申报材料未收录，以受理部门的要求为准。";

    /// Note that stands on every pack.
    pub const NOTE: &str =
        "本服务包依据政策公开文本和企业提供的情况逐条判定，不代表审核结论，以主管部门审核为准。";

    /// The pack as a paper: the first page, then the annexes.
    pub fn paper(&self, choices: PackChoices) -> Paper {
        let words = |text: &str| text.to_owned();
        let mut blocks = vec![
            Block::Text(format!(
                "统一社会信用代码或编号：{}　　判定日：{}",
                self.id,
                chinese_date(self.as_of)
            )),
            Block::Text(words(
                "经办单位：__________　　经办人：__________　　电话：__________　　（盖章处）",
            )),
        ];
        if let Some(bundle) = &self.bundle {
            blocks.push(Block::Text(bundle.clone()));
        }
        blocks.push(Block::Heading(1, format!("现在可以享受或申报（{} 项）", self.lines.len())));
        blocks.push(table(&self.lines));
        if !self.renewals.is_empty() {
            blocks.push(Block::Heading(1, format!("现在可以复审或重新认定（{} 项）", self.renewals.len())));
            blocks.push(table(&self.renewals));
        }
        blocks.push(Block::Heading(1, words("需要带什么")));
        if self.materials.is_empty() {
            blocks.push(Block::Text(Self::NO_MATERIALS.to_owned()));
        } else {
            blocks.push(Block::Ticks(self.materials.iter().map(PackMaterial::line).collect()));
        }
        blocks.push(Block::Note(Self::NOTE.to_owned()));
        let mut annexes = Vec::new();
        if choices.details {
            for one in self.lines.iter().chain(&self.renewals) {
                one.write(&mut annexes);
            }
        }
        if choices.questions && !self.questions.is_empty() {
            annexes.push(Block::Heading(1, format!("再核实以下情况，可判明另外 {} 项", self.open)));
            annexes.push(Block::Ticks(self.questions.iter().map(PackQuestion::line).collect()));
        }
        if choices.near && !self.near.is_empty() {
            annexes.push(Block::Heading(1, words("还差几步")));
            for one in &self.near {
                annexes.push(Block::Text(format!("{}：{}", one.title, one.text)));
                annexes.push(Block::List(one.steps.clone()));
            }
        }
        if !self.held.is_empty() {
            annexes.push(Block::Heading(1, words("已有或已享受")));
            annexes.push(Block::List(self.held.clone()));
        }
        if choices.facts && !self.facts.is_empty() {
            annexes.push(Block::Heading(1, words("已知情况与来源")));
            annexes.push(Block::Table {
                widths: vec![4, 4, 3, 2],
                head: ["指标", "值", "来源", "记录于"].map(str::to_owned).into(),
                rows: self.facts.iter().map(PackFact::cells).collect(),
            });
        }
        if !annexes.is_empty() {
            blocks.push(Block::PageBreak);
            blocks.extend(annexes);
        }
        Paper {
            title: format!("{} 惠企政策服务包", self.name),
            header: format!("{}　{}", self.name, self.as_of),
            blocks,
        }
    }

    /// The pack as a workbook: a sheet for each part that has content.
    pub fn workbook(&self, choices: PackChoices) -> Workbook {
        let head =
            |names: &[(&str, u32)]| names.iter().map(|(name, width)| ((*name).to_owned(), *width)).collect();
        let lines: Vec<Vec<String>> = self
            .lines
            .iter()
            .chain(&self.renewals)
            .map(|one| {
                let mut cells = one.cells().to_vec();
                cells.extend([one.notes.join("；"), one.basis.clone(), one.policy.clone()]);
                cells
            })
            .collect();
        let widths = [30, 16, 24, 24, 30, 24];
        let mut columns: Vec<(&str, u32)> = Self::HEAD.into_iter().zip(widths).collect();
        columns.extend([("说明", 36), ("依据", 40), ("事项编号", 26)]);
        let mut sheets =
            vec![Sheet { name: "现在可以办".to_owned(), head: head(&columns), rows: lines }];
        let mut add = |name: &str, columns: &[(&str, u32)], rows: Vec<Vec<String>>| {
            if !rows.is_empty() {
                sheets.push(Sheet { name: name.to_owned(), head: head(columns), rows });
            }
        };
        let materials =
            self.materials.iter().map(|one| vec![one.text.clone(), one.items.join("、")]).collect();
        add("需要带什么", &[("材料", 50), ("用于", 50)], materials);
        if choices.details {
            let of = |one: &PackLine| -> Vec<Vec<String>> {
                one.conditions.iter().map(|text| vec![one.title.clone(), text.clone()]).collect()
            };
            let rows = self.lines.iter().chain(&self.renewals).flat_map(of).collect();
            add("申报条件", &[("事项", 30), ("条件", 70)], rows);
        }
        if choices.questions {
            let rows =
                self.questions.iter().map(|one| vec![one.text.clone(), one.items.join("、")]).collect();
            add("还要核实", &[("问题", 50), ("关系到", 50)], rows);
        }
        if choices.near {
            let row = |one: &PackNear| vec![one.title.clone(), one.text.clone(), one.steps.join("；")];
            add(
                "还差几步",
                &[("事项", 30), ("情况", 24), ("怎么做", 60)],
                self.near.iter().map(row).collect(),
            );
        }
        add("已有或已享受", &[("事项", 70)], self.held.iter().map(|text| vec![text.clone()]).collect());
        if choices.facts {
            let rows = self.facts.iter().map(PackFact::cells).collect();
            add("已知情况", &[("指标", 30), ("值", 30), ("来源", 20), ("记录于", 12)], rows);
        }
        Workbook { sheets }
    }

    /// Words to say on the telephone or to send as a message (话术): what can be had now, until when and how.
    pub fn script(&self) -> String {
        let mut text = format!("您好，{}。按目前掌握的情况（{}），", self.name, chinese_date(self.as_of));
        if self.lines.is_empty() {
            text.push_str("暂时没有可以直接办理的政策。");
        } else {
            text.push_str(&format!("贵单位现在可以办理以下 {} 项：\n", self.lines.len()));
            for (number, one) in (1..).zip(&self.lines) {
                text.push_str(&format!(
                    "{number}. {}：{}，{}；{}；{}。\n",
                    one.title, one.gives, one.amount, one.until, one.how
                ));
            }
        }
        for one in &self.renewals {
            text.push_str(&format!("另外，{}：{}。\n", one.title, one.notes.join("；")));
        }
        if let Some(first) = self.questions.first() {
            text.push_str(&format!("还有 {} 项要再核实，首先想请问：{}\n", self.open, first.text));
        }
        text.push_str("以上为初步判断，以主管部门审核为准。");
        text
    }

    /// The pack as a DOCX file.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn docx(&self, choices: PackChoices) -> Result<Vec<u8>, OfficeError> {
        self.paper(choices).docx()
    }

    /// The pack as an XLSX file.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn xlsx(&self, choices: PackChoices) -> Result<Vec<u8>, OfficeError> {
        self.workbook(choices).xlsx()
    }
}

fn table(lines: &[PackLine]) -> Block {
    Block::Table {
        widths: vec![5, 3, 4, 4, 5, 4],
        head: ServicePack::HEAD.map(str::to_owned).into(),
        rows: lines.iter().map(|one| one.cells().into()).collect(),
    }
}

impl PackLine {
    /// Cells under [`ServicePack::HEAD`].
    pub fn cells(&self) -> [String; 6] {
        [&self.title, &self.gives, &self.amount, &self.until, &self.how, &self.contact].map(Clone::clone)
    }

    fn write(&self, blocks: &mut Vec<Block>) {
        blocks.push(Block::Heading(2, self.title.clone()));
        if !self.basis.is_empty() {
            blocks.push(Block::Text(format!("依据：{}", self.basis)));
        }
        blocks.push(Block::Text(format!(
            "支持内容：{}，{}。申报期：{}。",
            self.gives, self.amount, self.until
        )));
        blocks.push(Block::List(self.conditions.clone()));
        blocks.extend(self.notes.iter().map(|note| Block::Note(note.clone())));
    }
}

impl PackMaterial {
    /// Material with the items that ask for it.
    pub fn line(&self) -> String {
        format!("{}（{}）", self.text, self.items.join("、"))
    }
}

impl PackQuestion {
    /// Question with the items that it can settle.
    pub fn line(&self) -> String {
        if self.items.is_empty() {
            self.text.clone()
        } else {
            format!("{}（{}）", self.text, self.items.join("、"))
        }
    }
}

impl PackFact {
    fn cells(&self) -> Vec<String> {
        let source = if self.source.is_empty() { "本次提供" } else { &self.source };
        vec![self.name.clone(), self.value.clone(), source.to_owned(), self.since.clone()]
    }
}

fn line(one: &Match) -> PackLine {
    let kinds: Vec<&str> = one.benefit.kinds.iter().map(|kind| Benefit::kind_name(kind)).collect();
    let guide = one.guide.as_ref();
    let mut notes = Vec::new();
    if one.competitive {
        notes.push("择优支持，符合条件不等于取得".to_owned());
    }
    if one.review.as_ref().is_some_and(|review| !review.is_checked()) {
        notes.push("条件未与原文核对，请先核对原文".to_owned());
    }
    if let Some(held) = &one.held {
        notes.push(held.text.clone());
    }
    notes.extend(one.notes.iter().cloned());
    let basis = match (&one.document.number, one.document.title.is_empty()) {
        (_, true) => String::new(),
        (Some(number), false) => format!("《{}》（{number}）", one.document.title.trim_matches(['《', '》'])),
        (None, false) => format!("《{}》", one.document.title.trim_matches(['《', '》'])),
    };
    let conditions = one.clauses.iter().filter(|clause| clause.group.is_none()).map(|clause| {
        let state = match clause.state {
            ClauseState::Met => "满足",
            ClauseState::Unmet => "不适用或不满足",
            ClauseState::Unknown => "待核实",
            ClauseState::Judged => "由主管部门认定",
        };
        let article = clause.article.as_ref().map(|article| format!("{article}　")).unwrap_or_default();
        format!("{article}{}（{state}）", clause.text)
    });
    PackLine {
        policy: one.policy.clone(),
        title: one.title.clone(),
        gives: if kinds.is_empty() { UNKNOWN.to_owned() } else { kinds.join("、") },
        amount: one.amount.text.clone(),
        until: one.window.text.clone(),
        how: how(one, guide),
        contact: contact(guide),
        notes,
        basis,
        conditions: conditions.collect(),
    }
}

fn how(one: &Match, guide: Option<&Guide>) -> String {
    if one.delivery == zhaoren_policy::item::Delivery::Automatic {
        return "无需申报".to_owned();
    }
    let Some(channel) = guide.and_then(|guide| guide.channel.as_ref()) else {
        return CHANNEL_UNKNOWN.to_owned();
    };
    match &channel.link {
        Some(link) => format!("{} {link}", channel.describe()),
        None => channel.describe(),
    }
}

fn contact(guide: Option<&Guide>) -> String {
    let office = guide.and_then(|guide| guide.office.as_ref()).map(|line| line.text.clone());
    let telephone = guide.and_then(|guide| guide.telephone.as_ref()).map(|line| line.text.clone());
    let known: Vec<String> = office.into_iter().chain(telephone).collect();
    if known.is_empty() { UNKNOWN.to_owned() } else { known.join(" ") }
}

/// Materials of the items, each once, in order of first mention.
fn materials<'a>(items: impl Iterator<Item = &'a Match>) -> Vec<PackMaterial> {
    let mut all: Vec<PackMaterial> = Vec::new();
    for one in items {
        zhaoren_cancel::poll();
        for material in one.guide.iter().flat_map(|guide| &guide.materials) {
            let text = material.describe();
            match all.iter_mut().find(|known| known.text == text) {
                Some(known) => known.items.push(one.title.clone()),
                None => all.push(PackMaterial { text, items: vec![one.title.clone()] }),
            }
        }
    }
    all
}

fn questions(plan: &QuestionPlan) -> Vec<PackQuestion> {
    let one = |question: &zhaoren_matcher::Question| PackQuestion {
        text: question.text.clone(),
        items: question.items.iter().map(|item| item.title.clone()).collect(),
    };
    plan.questions.iter().filter(|question| !question.rare).take(MAX_QUESTIONS).map(one).collect()
}

/// Ineligible items that can be reached, those with the fewest steps first.
fn near(ineligible: &[&Match]) -> Vec<PackNear> {
    let mut near: Vec<(usize, u32, PackNear)> = ineligible
        .iter()
        .filter_map(|one| {
            let advice = one.advice.as_ref().filter(|advice| advice.outcome != AdviceOutcome::OutOfReach)?;
            let (steps, others) = advice.shown_steps();
            let mut steps: Vec<String> = steps.iter().map(|step| step.change.text.clone()).collect();
            if others > 0 {
                steps.push(format!("另有 {others} 项"));
            }
            let pack = PackNear { title: one.title.clone(), text: advice.text.clone(), steps };
            Some((advice.steps.len(), advice.lead_months, pack))
        })
        .collect();
    near.sort_by(|a, b| (a.0, a.1, &a.2.title).cmp(&(b.0, b.1, &b.2.title)));
    near.truncate(MAX_NEAR);
    near.into_iter().map(|(.., pack)| pack).collect()
}
