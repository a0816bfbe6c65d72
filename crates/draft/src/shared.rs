//! Parts of a document that hold for all of its items, or for those of one provision: windows, materials, office, entry, stacking.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_policy::item::Delivery;

use crate::assemble::{AUTOMATIC, competitive};
use crate::model::{NamedSpan, Quoted, RelatedDocument, RelatedKind, Role, StackingReading, WindowReading};
use crate::plain::{Plain, first, has, last, part};
use crate::relation;
use crate::split::{Grant, Splitter};
use crate::vocabulary::Section;
use crate::window;

/// Most materials of an item.
const MOST_MATERIALS: usize = 60;

/// Most relations of a document, and rules of stacking.
const MOST_RELATIONS: usize = 200;

/// First and last day of a window.
type Period = (Option<jiff::civil::Date>, Option<jiff::civil::Date>);

/// Shared parts of a document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shared {
    windows: Vec<(Range<usize>, Quoted<WindowReading>)>,
    materials: Vec<(Range<usize>, NamedSpan)>,
    stacking: Vec<(Range<usize>, StackingReading)>,
    /// 受理部门.
    pub(crate) office: Option<NamedSpan>,
    /// 线上入口.
    pub(crate) entry: Option<NamedSpan>,
    /// 免申即享 for the whole document.
    pub(crate) delivery: Option<Quoted<Delivery>>,
    /// 择优 for the whole document.
    pub(crate) competitive: Option<NamedSpan>,
    /// Documents that the text names.
    pub(crate) documents: Vec<RelatedDocument>,
}

impl Shared {
    /// Shared parts of a document. `group` is the name of its items in rules of stacking.
    pub(crate) fn of(text: &str, splitter: &Splitter<'_>, group: &str) -> Self {
        let mut shared = Self::default();
        for (index, provision) in splitter.provisions.iter().enumerate() {
            for (at, sentence) in provision.sentences.iter().enumerate() {
                poll();
                let role = splitter
                    .roles
                    .get(index)
                    .and_then(|roles| roles.get(at))
                    .copied()
                    .unwrap_or(Role::Unread);
                let plain = &sentence.plain;
                let scope = scope(splitter, index, role);
                let verbatim = text.get(plain.span(0..plain.text.len())).unwrap_or_default();
                shared.add_documents(plain, role);
                match role {
                    Role::Window => {
                        let is_section = provision.section == Some(Section::Window);
                        if let Some((value, range)) = window::read(&plain.text, is_section) {
                            shared.windows.push((scope, Quoted { value, span: plain.span(range) }));
                        }
                    }
                    Role::Materials => shared.add_materials(
                        plain,
                        provision.section == Some(Section::Materials),
                        scope,
                        text,
                    ),
                    Role::Stacking | Role::Validity | Role::Unread | Role::Procedure => {
                        if shared.stacking.len() < MOST_RELATIONS
                            && let Some(rule) = relation::stacking(plain, verbatim, group)
                        {
                            shared.stacking.push((scope, rule));
                        }
                    }
                    _ => {}
                }
                if matches!(role, Role::Procedure | Role::Window | Role::Materials) {
                    shared.office = shared.office.take().or_else(|| office(plain));
                    shared.competitive = shared.competitive.take().or_else(|| competitive(plain));
                }
                shared.entry = shared.entry.take().or_else(|| entry(plain, text));
                if role != Role::Grant
                    && shared.delivery.is_none()
                    && let Some(range) = first(&plain.text, AUTOMATIC)
                    && has(
                        &plain.text,
                        &["本办法", "本政策", "本措施", "上述", "以上", "均", "奖励", "补贴", "资金"],
                    )
                    && !has(&plain.text, &["推动", "推行", "探索", "逐步", "推广"])
                {
                    shared.delivery = Some(Quoted { value: Delivery::Automatic, span: plain.span(range) });
                }
            }
        }
        shared
    }

    fn add_documents(&mut self, plain: &Plain, role: Role) {
        if self.documents.len() >= MOST_RELATIONS {
            return;
        }
        let is_condition = matches!(role, Role::Condition | Role::Grant);
        if is_condition || matches!(role, Role::Purpose | Role::Validity | Role::Unread | Role::Head) {
            self.documents.extend(relation::documents(plain, is_condition));
        }
    }

    fn add_materials(&mut self, plain: &Plain, is_section: bool, scope: Range<usize>, text: &str) {
        if self.materials.len() >= MOST_MATERIALS || has(&plain.text, &["登录", "审核通过后"]) && !is_section
        {
            return;
        }
        let mut begin = 0;
        let marks: Vec<(usize, char)> =
            plain.text.char_indices().filter(|(_, c)| matches!(c, '；' | '。' | '：')).collect();
        for (at, mark) in marks.into_iter().chain([(plain.text.len(), '。')]) {
            let words = part(&plain.text, begin..at);
            let range = begin..at;
            begin = at + if at < plain.text.len() { mark.len_utf8() } else { 0 };
            // Words before a colon announce the list.
            if mark == '：' || words.chars().count() < 2 || self.materials.len() >= MOST_MATERIALS {
                continue;
            }
            let span = plain.span(range);
            let name =
                text.get(span.clone()).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
            let name = name
                .trim_start_matches(|c: char| {
                    c.is_ascii_digit() || matches!(c, '.' | '．' | '、' | '（' | '）' | '(' | ')')
                })
                .to_owned();
            if name.chars().count() >= 2 {
                self.materials
                    .push((scope.clone(), NamedSpan { text: name.chars().take(200).collect(), span }));
            }
        }
    }

    /// Window of a grant: the one of the narrowest scope.
    pub(crate) fn window_for(&self, grant: &Grant, splitter: &Splitter<'_>) -> Option<Quoted<WindowReading>> {
        let at = start(grant, splitter);
        let fitting = self.windows.iter().filter(|(scope, _)| scope.contains(&at));
        let narrowest = fitting.clone().map(|(scope, _)| scope.len()).min()?;
        let mut same: Vec<&Quoted<WindowReading>> =
            fitting.filter(|(scope, _)| scope.len() == narrowest).map(|(_, window)| window).collect();
        // Days of the calendar before the word that a notice will say them.
        same.sort_by_key(|window| !matches!(window.value, WindowReading::Dates(_)));
        let first = same.first().copied()?;
        let WindowReading::Dates(_) = first.value else { return Some(first.clone()) };
        let mut periods: Vec<Period> = Vec::new();
        let mut span = first.span.clone();
        for window in same.iter().take(20) {
            if let WindowReading::Dates(more) = &window.value {
                for period in more {
                    if !periods.contains(period) {
                        periods.push(*period);
                    }
                }
                span.end = span.end.max(window.span.end);
            }
        }
        Some(Quoted { value: WindowReading::Dates(joined(periods)), span })
    }

    /// Materials of a grant.
    pub(crate) fn materials_for(&self, grant: &Grant, splitter: &Splitter<'_>) -> Vec<NamedSpan> {
        let at = start(grant, splitter);
        self.materials.iter().filter(|(scope, _)| scope.contains(&at)).map(|(_, one)| one.clone()).collect()
    }

    /// Rules of stacking of a grant.
    pub(crate) fn stacking_for(&self, grant: &Grant, splitter: &Splitter<'_>) -> Vec<StackingReading> {
        let at = start(grant, splitter);
        self.stacking
            .iter()
            .filter(|(scope, _)| scope.contains(&at))
            .map(|(_, one)| one.clone())
            .take(20)
            .collect()
    }

    /// Documents that hold the conditions of a passage.
    pub(crate) fn conditions_of(&self, span: &Range<usize>) -> Vec<RelatedDocument> {
        let inside = |one: &&RelatedDocument| {
            one.kind == RelatedKind::Conditions && span.start <= one.span.start && one.span.end <= span.end
        };
        self.documents.iter().filter(inside).cloned().collect()
    }
}

/// A bound without the other one joins a period that lacks it: 自3月1日起受理，4月30日截止.
fn joined(periods: Vec<Period>) -> Vec<Period> {
    if let [(Some(opens), None), (None, Some(closes))] = periods.as_slice()
        && opens <= closes
    {
        return vec![(Some(*opens), Some(*closes))];
    }
    periods
}

fn start(grant: &Grant, splitter: &Splitter<'_>) -> usize {
    splitter.clauses.get(grant.provision).map_or(0, |clause| clause.span.start)
}

/// Bytes whose items share what a provision says.
fn scope(splitter: &Splitter<'_>, index: usize, role: Role) -> Range<usize> {
    let Some(clause) = splitter.clauses.get(index) else { return 0..0 };
    let whole = splitter
        .parts
        .iter()
        .find(|part| part.contains(&clause.span.start))
        .cloned()
        .unwrap_or(0..usize::MAX);
    // A rule in a provision that grants is for that provision.
    if splitter.grants_itself(index) && role != Role::Window {
        return clause.extent.clone();
    }
    let mut above = Some(index);
    while let Some(at) = above {
        poll();
        let Some(one) = splitter.clauses.get(at) else { break };
        if splitter.grants_within(at) {
            return one.extent.clone();
        }
        above = one.parent;
    }
    whole
}

/// 向某局提出申请, 报送至某中心.
fn office(plain: &Plain) -> Option<NamedSpan> {
    let text = plain.text.as_str();
    let verb = first(text, &["提出申请", "提出申报", "申报", "提交", "报送", "咨询", "受理"])?;
    let organs = [
        "发展改革委",
        "发展和改革委员会",
        "管委会",
        "管理委员会",
        "商务委",
        "科委",
        "经委",
        "局",
        "委员会",
        "办公室",
        "服务中心",
        "中心",
        "厅",
        "街道办事处",
    ];
    let before = part(text, 0..verb.start);
    let organ = last(before, &organs)?;
    let begin =
        last(part(before, 0..organ.start), &["向", "由", "至", "到", "，", "。", "：", "将", "经", "是"])
            .map(|mark| mark.end)?;
    let name = part(before, begin..organ.end);
    let fits = (3..=30).contains(&name.chars().count());
    fits.then(|| NamedSpan { text: name.to_owned(), span: plain.span(begin..organ.end) })
}

/// 登录某平台, http://…
fn entry(plain: &Plain, source: &str) -> Option<NamedSpan> {
    let text = plain.text.as_str();
    if let Some(at) = first(text, &["http://", "https://", "www."]) {
        let rest = text.get(at.start..)?;
        let length = rest.find(|c: char| !c.is_ascii() || c.is_whitespace()).unwrap_or(rest.len());
        let span = plain.span(at.start..at.start + length);
        return Some(NamedSpan { text: source.get(span.clone())?.to_owned(), span });
    }
    let verb = first(text, &["登录", "登陆", "进入", "通过", "访问"])?;
    let behind = text.get(verb.end..)?;
    let end =
        first(behind, &["平台", "系统", "官网", "网站", "小程序", "APP", "一网通办", "随申办", "门户"])?;
    let applies = has(text, &["申报", "申请", "填报", "提交", "办理"]);
    let name = behind.get(..end.end)?;
    (applies && name.chars().count() <= 30 && !name.contains('，'))
        .then(|| NamedSpan { text: name.to_owned(), span: plain.span(verb.end..verb.end + end.end) })
}
