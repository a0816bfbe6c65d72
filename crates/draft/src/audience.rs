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
    let named = has(title, RESIDENTS) && !has(title, &["企业", "单位", "机构", "产业", "项目"]);
    let count = |words: &[&str]| -> usize {
        steps((text.len() * words.len()) as u64);
        words.iter().map(|word| text.matches(word).count()).sum()
    };
    let residents = count(RESIDENTS);
    let enterprises = count(&["企业", "申报单位", "机构", "产业", "项目", "主体", "园区", "用人单位"]);
    // 企业职工养老保险 is of persons.
    let enterprises = enterprises.saturating_sub(count(&["企业职工"]));
    Audience {
        is_residents: named && residents >= 5 || residents > enterprises + enterprises / 4 && residents >= 5,
    }
}

/// True if an item of a document for residents is one for enterprises after all.
pub(crate) fn is_for_enterprises(item: &DraftItem, text: &str) -> bool {
    let names =
        item.grant.first().and_then(|span| text.get(span.clone())).is_some_and(|words| {
            has(words, &["企业", "用人单位"]) && !has(words, &["个人", "申请人", "家庭"])
        });
    item.addressee.value != Applicant::Person && names
}
