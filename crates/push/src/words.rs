//! Words of the list for people: titles in place of ids, names in place of codes, verdicts and causes in Chinese.
//!
//! Everything that is the same for all enterprises is put into words once for each item of the run.

use jiff::civil::Date;
use zhaoren_matcher::Library;
use zhaoren_policy::code::{Code, CodeSystem, names};
use zhaoren_policy::criterion::describe_money;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Benefit, Item};

/// Fact of the registered region (注册地).
pub(crate) const REGION: &str = "registered_region";

/// Words of one item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ItemWords {
    pub(crate) title: String,
    /// Level of its document (层级); empty if unknown.
    pub(crate) level: &'static str,
    /// Office that issued its document (发文机关); empty if unknown.
    pub(crate) issuer: String,
    /// Support methods, joined by `、`.
    pub(crate) kinds: String,
    pub(crate) amount: String,
    pub(crate) window: String,
}

impl ItemWords {
    /// Words of `item` on the evaluation date.
    pub(crate) fn of(item: &Item, dictionary: &FactDictionary, as_of: Date) -> Self {
        let kinds: Vec<&str> = item.benefit.kinds.iter().map(|kind| Benefit::kind_name(kind)).collect();
        Self {
            title: item.title.clone(),
            level: item.document.level.map_or("", |level| level.name()),
            issuer: item.document.issuer.clone().unwrap_or_default(),
            kinds: kinds.join("、"),
            amount: amount_words(item, dictionary),
            window: item.window_on(as_of).text,
        }
    }

    /// Words of all items of a library, by library index.
    pub(crate) fn of_library(library: &Library, as_of: Date) -> Vec<Self> {
        let dictionary = library.dictionary();
        let words =
            |index| library.get(index).map(|item| Self::of(item, dictionary, as_of)).unwrap_or_default();
        (0..library.len()).map(words).collect()
    }
}

/// Amount of an item in words, as far as it is the same for every enterprise: its rule, its ceiling, its text, or the kinds of support.
pub(crate) fn amount_words(item: &Item, dictionary: &FactDictionary) -> String {
    let amount = &item.benefit.amount;
    if let Some(rule) = item.benefit.rule(dictionary) {
        return rule;
    }
    match (&amount.max, &amount.text) {
        (Some(max), _) => {
            let unit = amount.unit.as_deref().unwrap_or_default();
            format!("{unit}最高{}", describe_money(max))
        }
        (None, Some(text)) => text.clone(),
        (None, None) if amount.not_money => "非资金支持".to_owned(),
        (None, None) => "金额未载明".to_owned(),
    }
}

/// Name of a cause code, in Chinese; the code itself if it has none.
pub(crate) fn cause_name(code: &str) -> &str {
    match code {
        "enterprise_new" => "新出现的企业",
        "enterprise_gone" => "数据中没有这家企业",
        "item_new" => "新增事项",
        "item_gone" => "事项已撤下",
        "item_in_force" => "事项开始生效",
        "item_expired" => "事项已失效",
        "fact_changed" => "指标有变",
        "clause_changed" => "条件有变",
        "date_passed" => "日期推移",
        "several" => "多个原因",
        "ranking" => "排序或范围有变",
        "window_opened" => "申报期已开始",
        "window_closed" => "申报期已截止",
        "deadline_near" => "即将截止",
        "held" => "企业已有",
        "renewal_due" => "可以申报复审",
        "holding_ended" => "不再持有",
        "refused" => "企业拒收",
        "refusal_withdrawn" => "企业撤回拒收",
        other => other,
    }
}

/// Place of an enterprise in words: its district with the names above it, and its street.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PlaceName {
    /// 上海市徐汇区; empty if the code is unknown.
    pub(crate) region: String,
    /// Name of the street; its code if the table of names has none; empty if the code names no street.
    pub(crate) street: String,
}

impl PlaceName {
    /// Words of a region code.
    pub(crate) fn of(code: &Code) -> Self {
        let table = names(CodeSystem::Region);
        let key = code.key();
        let mut region = String::new();
        let mut last = "";
        for length in [2, 4, 6] {
            let Some(above) = key.get(..length) else { break };
            let Some(above) = Code::parse(&format!("{above:0<6}"), CodeSystem::Region) else { break };
            // 市辖区 and 县 are levels of the code, and no part of a name; the four cities are provinces as well.
            let name =
                table.name(&above).filter(|name| !matches!(*name, "市辖区" | "县")).unwrap_or_default();
            if name != last {
                region.push_str(name);
                last = name;
            }
        }
        let street = if key.len() > 6 {
            table.name(code).map_or_else(|| code.to_string(), str::to_owned)
        } else {
            String::new()
        };
        Self { region, street }
    }

    /// Own name of the district with this code key, without those above it.
    pub(crate) fn own_name(key: &str) -> Option<String> {
        let code = Code::parse(&format!("{key:0<6}"), CodeSystem::Region).filter(|_| !key.is_empty())?;
        names(CodeSystem::Region).name(&code).map(str::to_owned)
    }

    /// District of a region code for one sheet: code of the county, or the code itself above the counties.
    pub(crate) fn district(code: &Code) -> &str {
        code.key().get(..6).unwrap_or_else(|| code.key())
    }
}
