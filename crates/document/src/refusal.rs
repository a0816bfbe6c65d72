//! Reasons for which a file is not read, in the words of the person who has to replace it.

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Pictures of pages without a text layer.
    #[error("这是扫描件（只有图片，没有文字）：请上传可选中文字的版本，或先作文字识别")]
    Scan,
    /// A password is needed.
    #[error("文件已加密：请去掉密码后再上传")]
    Encrypted,
    /// The file unfolds to more than its limit: `limit` of `what`.
    #[error("文件展开后超过上限（{what}上限为 {limit}），可能是压缩炸弹：不予读取")]
    Bomb {
        /// What is limited, in Chinese.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The file ends before its format says.
    #[error("文件不完整（可能下载中断）：{0}")]
    Truncated(String),
    /// No word in it.
    #[error("文件中没有文字")]
    Empty,
    /// Text is there, but its codes lead to no characters.
    #[error("文字层已损坏，看得见的字无法取出：{0}；请上传其他格式的版本")]
    BadTextLayer(String),
    /// The format is broken elsewhere.
    #[error("文件已损坏：{0}")]
    Damaged(String),
    /// The content is no form that is read.
    #[error("无法识别的文件内容：{0}；可读的格式有 TXT、Markdown、HTML、DOCX、DOC、WPS、RTF、PDF、OFD、XLSX、XLS、ET、ODT 和 ZIP")]
    UnknownForm(String),
    /// A form that this build was made without.
    #[error("本程序编译时未包含 {0} 的读取")]
    NotBuilt(&'static str),
}

impl Refusal {
    /// A refusal for exceeding `limit` of `what` (in Chinese, as in the error text).
    pub(crate) fn over(what: &'static str, limit: u64) -> Self {
        Self::Bomb { what, limit }
    }
}
