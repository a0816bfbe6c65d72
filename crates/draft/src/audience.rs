//! Audience of a document: enterprises, or residents.

use zhaoren_cancel::steps;
use zhaoren_policy::item::Applicant;

use crate::model::DraftItem;
use crate::plain::has;
use crate::vocabulary::RESIDENTS;

/// Audience of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Audience {
    /// True if it speaks to residents rather than to enterprises.
    pub(crate) is_residents: bool,
}

/// Audience of a document, by its title and by the words that its text uses for those it speaks of.
pub(crate) fn of(title: &str, text: &str) -> Audience {
    let count = |words: &[&str]| -> usize {
        steps((text.len() * words.len()) as u64);
        words.iter().map(|word| text.matches(word).count()).sum()
    };
    // 养老机构 are enterprises, 企业职工 are none.
    let residents = count(&RESIDENTS).saturating_sub(count(&["养老服务", "养老机构", "养老设施"]));
    let enterprises = count(&["企业", "申报单位", "机构", "产业", "项目", "主体", "园区", "用人单位"])
        .saturating_sub(count(&["企业职工"]));
    let is_named = has(title, &RESIDENTS);
    let names_enterprises =
        has(&title.replace("企业职工", ""), &["企业", "单位", "机构", "产业", "项目", "收费"]);
    let mostly = residents > enterprises + enterprises / 4;
    Audience { is_residents: !names_enterprises && residents >= 5 && (is_named || mostly) }
}

/// True if an item of a document for residents is one for enterprises after all.
pub(crate) fn is_for_enterprises(item: &DraftItem, text: &str) -> bool {
    let names = item.grant.first().and_then(|span| text.get(span.clone())).is_some_and(|words| {
        has(words, &["招用", "招录", "吸纳", "用人单位组织", "给予企业", "对企业"])
            && !has(words, &["个人", "申请人", "家庭"])
    });
    item.addressee.value != Applicant::Person && names
}
