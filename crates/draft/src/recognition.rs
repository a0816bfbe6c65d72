//! Recognitions (认定): a document that gives no money, but a title to those who meet its conditions.

use zhaoren_policy::document::{Document, DocumentKind};

use crate::general::General;
use crate::plain::has;
use crate::split::{Grant, Splitter};

/// Grants of a document that recognizes; empty if it does not.
pub(crate) fn grants(document: &Document, splitter: &Splitter<'_>, general: &[General]) -> Vec<Grant> {
    let can = document.kind.is_none_or(|kind| kind.can_grant() || kind == DocumentKind::Other);
    let title = document.title.as_str();
    let recognizes = has(title, &["认定", "评定", "评选", "遴选", "入库", "培育库", "认证", "资格评审"])
        && !has(
            title,
            &[
                "待遇",
                "居民",
                "养老",
                "废止",
                "撤销",
                "取消",
                "名单",
                "公示",
                "个人",
                "人才",
                "技能等级",
                "学校",
                "残疾",
                "工伤",
                "特困",
                "收入",
            ],
        );
    if !can || !recognizes || general.is_empty() {
        return Vec::new();
    }
    let asks = |one: &&General| splitter.clauses.get(one.provision).is_some();
    let shared: Vec<&General> = general.iter().filter(asks).filter(|one| one.twin.is_none()).collect();
    let twins: Vec<&General> = general.iter().filter(asks).filter(|one| one.twin.is_some()).collect();
    let of = |own: Option<&&General>| {
        let provision = own.or(shared.first()).map_or(0, |one| one.provision);
        Grant {
            provision,
            sentences: Vec::new(),
            conditions: shared.iter().chain(own).map(|one| one.span.clone()).collect(),
            leads: Vec::new(),
            has_sum: false,
        }
    };
    if twins.len() < 2 {
        return vec![of(twins.first())];
    }
    twins.iter().map(|twin| of(Some(twin))).collect()
}
