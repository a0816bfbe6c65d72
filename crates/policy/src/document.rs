//! Policy documents (政策文件): the issued texts from which items, quotes and search hits come.
//!
//! Pure data. `zhaoren-reader` reads texts into these types.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Kind of an issued text, as far as it determines whether it can grant anything (文种).
///
/// A plan, an opinion or a law directs the work of others; a measure, a guide or a notice can contain items that an enterprise
/// claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// 规划、行动方案、行动计划、工作方案、实施方案: work to be done by government offices.
    Plan,
    /// 意见、指导意见、决定: directions to lower-level offices.
    Opinion,
    /// 法律、条例、规定、规章: general rules of law.
    Regulation,
    /// 办法、实施细则、若干措施、若干政策、扶持办法: rules with support items.
    Measure,
    /// 申报指南、办事指南: application procedure of one year.
    Guide,
    /// 通知、公告: one announcement, often with windows or tax rules.
    Notice,
    /// 政策解读、问答: an explanation of another document.
    Interpretation,
    /// 公示、名单: a published list of enterprises.
    List,
    /// Anything else.
    Other,
}

impl DocumentKind {
    /// True if a document of this kind can by itself contain items that an enterprise claims.
    pub fn can_grant(self) -> bool {
        matches!(self, Self::Measure | Self::Guide | Self::Notice)
    }

    /// Chinese name for display.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plan => "方案规划",
            Self::Opinion => "意见",
            Self::Regulation => "法规规章",
            Self::Measure => "办法措施",
            Self::Guide => "申报指南",
            Self::Notice => "通知公告",
            Self::Interpretation => "政策解读",
            Self::List => "公示名单",
            Self::Other => "其他",
        }
    }
}

/// Level of government that issued a document (层级).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 国家级.
    National,
    /// 省级, and the four 直辖市.
    Province,
    /// 地级市. Shanghai's city-level documents are `province` by rank; `city` is accepted for them too.
    City,
    /// 区县级.
    District,
    /// 园区、街镇级.
    Park,
}

impl Level {
    /// Chinese name for display.
    pub fn name(self) -> &'static str {
        match self {
            Self::National => "国家级",
            Self::Province => "省级",
            Self::City => "市级",
            Self::District => "区县级",
            Self::Park => "园区街镇级",
        }
    }
}

/// Legal status of a document or item (效力状态).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 现行有效.
    #[default]
    InForce,
    /// 征求意见稿, or not yet confirmed against the issued text: searchable, never matched.
    Draft,
    /// 已期满: in force only on days up to its `expires`.
    Expired,
    /// 已废止: in force only on days up to its `expires`.
    Repealed,
}

impl Status {
    /// Chinese name for display.
    pub fn name(self) -> &'static str {
        match self {
            Self::InForce => "现行有效",
            Self::Draft => "征求意见",
            Self::Expired => "已期满",
            Self::Repealed => "已废止",
        }
    }
}

/// Issued text: title, issuer, dates and period of validity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// 标题.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// 文号 in canonical form: 国科发火〔2016〕32号.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// 发文机关, as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// 层级 of the issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Region of the issuer, GB/T 2260; `000000` is the whole country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// 成文或公布日期.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Date>,
    /// 施行日期: first day in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective: Option<Date>,
    /// 有效期至: last day in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// 效力状态.
    #[serde(default)]
    pub status: Status,
    /// 文种.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<DocumentKind>,
    /// File with the text, relative to the item file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Document {
    /// True if the document is in force on `day`.
    ///
    /// A draft never is. An expired or repealed document is in force up to its `expires`; without that date it is not. Missing
    /// dates leave that side open.
    pub fn in_force_on(&self, day: Date) -> bool {
        let begun = self.effective.is_none_or(|first| first <= day);
        let not_over = match self.status {
            Status::Draft => false,
            Status::InForce => self.expires.is_none_or(|last| day <= last),
            Status::Expired | Status::Repealed => self.expires.is_some_and(|last| day <= last),
        };
        begun && not_over
    }
}
