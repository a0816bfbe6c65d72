//! Words that separate the furniture of government pages from their text.

/// Beginnings of lines that are no text of a document.
const LINES: [&str; 60] = [
    "您当前的位置",
    "您的当前位置",
    "当前位置",
    "您的位置",
    "您现在的位置",
    "您所在的位置",
    "所在位置：",
    "现在位置：",
    "分享到",
    "分享：",
    "分享至",
    "浏览次数",
    "浏览量",
    "阅读次数",
    "点击数",
    "点击量",
    "点击次数",
    "访问量",
    "访问次数",
    "【字体",
    "字体：",
    "字体大小",
    "[字体",
    "【字号",
    "字号：",
    "字号大小",
    "打印本页",
    "打印本文",
    "【打印",
    "关闭窗口",
    "关闭本页",
    "【关闭",
    "我要打印",
    "上一篇",
    "下一篇",
    "上一条：",
    "下一条：",
    "上一条:",
    "下一条:",
    "相关链接",
    "相关文章",
    "相关阅读",
    "相关新闻",
    "相关信息",
    "相关推荐",
    "相关报道",
    "延伸阅读",
    "推荐阅读",
    "主办单位：",
    "主办：",
    "承办单位：",
    "承办：",
    "版权所有",
    "网站标识码",
    "网站地图",
    "扫一扫",
    "扫描二维码",
    "返回顶部",
    "网站声明",
    "请输入关键字",
];

/// Words that only the foot and the tools of a page hold.
const ANYWHERE: [&str; 10] = [
    "ICP备",
    "ICP证",
    "公网安备",
    "网站标识码",
    "版权所有",
    "最佳分辨率",
    "在手机打开当前页",
    "技术支持：",
    "建议使用",
    "Copyright",
];

/// Whole lines that are buttons.
const BUTTONS: [&str; 24] = [
    "打印",
    "关闭",
    "收藏",
    "分享",
    "返回",
    "首页",
    "搜索",
    "登录",
    "注册",
    "大中小",
    "小中大",
    "打印关闭",
    "无障碍浏览",
    "无障碍",
    "长者模式",
    "下载",
    "加入收藏",
    "设为首页",
    "更多",
    "更多>>",
    "纠错",
    "我要纠错",
    "听全文",
    "网站导航",
];

/// Labels of the line below a title: when and where it was published.
const LABELS: [&str; 16] = [
    "发布日期",
    "发布时间",
    "来源",
    "浏览",
    "字体",
    "字号",
    "作者",
    "责任编辑",
    "编辑",
    "时间",
    "日期",
    "点击",
    "阅读",
    "访问",
    "信息来源",
    "文章来源",
];

/// Names of classes and identifiers of furniture; a name of several words is cut at `-`, `_` and capital letters.
const NAMES: [&str; 45] = [
    "nav",
    "navi",
    "navbar",
    "navigation",
    "menu",
    "submenu",
    "crumb",
    "crumbs",
    "breadcrumb",
    "breadcrumbs",
    "dqwz",
    "mbx",
    "share",
    "bdshare",
    "bdsharebuttonbox",
    "sharebox",
    "foot",
    "footer",
    "copyright",
    "sidebar",
    "aside",
    "related",
    "relnews",
    "xgwz",
    "xglj",
    "xgyd",
    "toolbar",
    "tools",
    "tool",
    "print",
    "qrcode",
    "ewm",
    "erweima",
    "search",
    "login",
    "pager",
    "pagination",
    "prevnext",
    "banner",
    "toplink",
    "friendlink",
    "yqlj",
    "gotop",
    "backtop",
    "fontsize",
];

/// The longest line that can be furniture, in characters.
const LONGEST: usize = 160;

/// A line without blanks.
pub(super) fn dense(line: &str) -> String {
    line.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect()
}

/// True if a line, given without blanks, is furniture.
pub(super) fn is_furniture(line: &str) -> bool {
    let length = line.chars().count();
    if length == 0 || length > LONGEST {
        return false;
    }
    (!line.contains('。') && LINES.iter().any(|start| line.starts_with(start)))
        || BUTTONS.contains(&line)
        || (!line.contains('。') && ANYWHERE.iter().any(|word| line.contains(word)))
        || is_publication(line)
}

/// True if a line tells when and where a page was published, and nothing else.
pub(super) fn is_publication(line: &str) -> bool {
    if line.chars().count() > LONGEST || line.contains('。') {
        return false;
    }
    let labels = LABELS.iter().filter(|label| {
        let mut rest = line.split(**label).skip(1);
        rest.any(|after| after.starts_with(['：', ':', '次']))
    });
    labels.count() >= 2
}

/// True if a line above a text tells when or where it was published.
pub(super) fn is_published(line: &str) -> bool {
    let is_short = line.chars().count() <= 40 && !line.contains('。');
    is_short
        && ["发布日期", "发布时间", "来源：", "信息来源", "文章来源"]
            .iter()
            .any(|start| line.starts_with(start))
}

/// True if a line that is a link belongs to a document: an annex, an address, a text that is cited.
pub(super) fn is_address(line: &str) -> bool {
    line.starts_with("附件") || line.contains("http") || line.contains("www.") || line.contains('《')
}

/// True if a class or an identifier names furniture.
pub(super) fn names_furniture(name: &str) -> bool {
    let mut word = String::new();
    let mut words = Vec::new();
    for c in name.chars() {
        if !c.is_ascii_alphabetic() {
            words.push(std::mem::take(&mut word));
        } else {
            if c.is_ascii_uppercase()
                && !word.is_empty()
                && word.chars().last().is_some_and(|c| c.is_ascii_lowercase())
            {
                words.push(std::mem::take(&mut word));
            }
            word.push(c);
        }
    }
    words.push(word);
    words.iter().any(|word| NAMES.contains(&word.to_ascii_lowercase().as_str()))
        || NAMES.contains(&name.to_ascii_lowercase().as_str())
}

/// True if a line is a sentence or a provision, given without blanks.
pub(super) fn is_prose(line: &str) -> bool {
    line.contains(['。', '；'])
        || (line.contains(['，', '、']) && line.chars().count() >= 20)
        || is_numbered(line)
}

/// True if a line begins with the number of a provision: 一、 （一） 第一条 1.
pub(super) fn is_numbered(line: &str) -> bool {
    const NUMERALS: &str = "〇零一二三四五六七八九十百千0123456789";
    let rest = line.trim_start_matches(['（', '(', '第']);
    let behind = rest.trim_start_matches(|c: char| NUMERALS.contains(c));
    let has_mark = match line.chars().next() {
        Some('（' | '(') => behind.starts_with(['）', ')']),
        Some('第') => behind.starts_with(['条', '章', '节']),
        _ => behind.starts_with(['、', '．']) || (behind.starts_with('.') && !behind.starts_with(".0")),
    };
    // A number alone, such as 12.5, is no provision.
    behind.len() < rest.len() && has_mark && behind.chars().skip(1).any(|c| !c.is_ascii())
}

/// True if a line that is no prose belongs to a document wherever it stands: its number, a date, annexes.
pub(super) fn belongs(line: &str) -> bool {
    let has_number = line.contains('〔') && line.contains('号');
    let is_date = line.ends_with('日') && line.contains('年') && line.chars().count() <= 14;
    const KINDS: [&str; 16] = [
        "通知", "办法", "意见", "公告", "措施", "方案", "规定", "细则", "决定", "条例", "通告", "批复",
        "指南", "名单", "公示", "规划",
    ];
    let is_title = line.chars().count() >= 10 && KINDS.iter().any(|kind| line.ends_with(kind));
    has_number || is_date || is_title || line.starts_with("附件") || line.chars().count() >= 30
}

/// True if an address leads to a file that can be an annex.
pub(crate) fn is_file(address: &str) -> bool {
    const ENDINGS: [&str; 14] = [
        ".doc", ".docx", ".wps", ".pdf", ".ofd", ".xls", ".xlsx", ".et", ".zip", ".rar", ".rtf", ".ppt",
        ".pptx", ".txt",
    ];
    let address = address.split(['?', '#']).next().unwrap_or_default().trim().to_ascii_lowercase();
    ENDINGS.iter().any(|ending| address.ends_with(ending))
}
