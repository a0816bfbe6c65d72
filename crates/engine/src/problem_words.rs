//! Problems of loaders, in Chinese: for the terminal, the console and callers of the API alike.
//!
//! Loaders describe expected and actual values in English. A phrase that the table lacks stays as it is.

use zhaoren_policy::problem::{Fault, Problem, Severity, Subject};

/// Translates a syntax error of JSON or YAML, as worded by `serde_json`.
pub fn syntax(message: &str) -> String {
    const TABLE: &[(&str, &str)] = &[
        ("EOF while parsing a list", "内容不完整：列表没有结束"),
        ("EOF while parsing an object", "内容不完整：对象没有结束"),
        ("EOF while parsing a string", "内容不完整：字符串没有结束"),
        ("EOF while parsing a value", "内容不完整：缺少值"),
        ("expected `:`", "此处应为冒号"),
        ("expected `,` or `]`", "此处应为逗号或 `]`"),
        ("expected `,` or `}`", "此处应为逗号或 `}`"),
        ("expected ident", "此处的词不完整，应为 true、false 或 null"),
        ("expected value", "此处应为值"),
        ("invalid escape", "字符串中的转义有误"),
        ("invalid number", "数的写法有误"),
        ("number out of range", "数超出范围"),
        ("invalid unicode code point", "字符串中的字符编码有误"),
        ("control character (\\u0000-\\u001F) found while parsing a string", "字符串中不能有控制字符"),
        ("key must be a string", "对象的键应为字符串"),
        ("lone leading surrogate in hex escape", "字符串中的转义不成对"),
        ("trailing comma", "多余的逗号"),
        ("trailing characters", "内容结束之后还有字符"),
        ("unexpected end of hex escape", "字符串中的转义不完整"),
        ("recursion limit exceeded", "嵌套过深"),
        ("nested deeper than", "嵌套过深"),
        ("more than", "值太多"),
        ("anchors and aliases ask for more copies", "锚点与别名展开之后太大"),
    ];
    if let Some(key) = message.strip_prefix("key ").and_then(|rest| rest.strip_suffix(" stands twice")) {
        return format!("键 {key} 出现了两次");
    }
    let found = TABLE.iter().find(|(english, _)| message.starts_with(english));
    found.map_or_else(|| message.to_owned(), |(_, chinese)| (*chinese).to_owned())
}

/// A problem in words, without its file and line: whom and what it is about, what was found and what was expected.
pub fn sentence(problem: &Problem) -> String {
    let mut text = String::new();
    match &problem.subject {
        Some(Subject::Enterprise(id)) => text.push_str(&format!("企业 `{id}`：")),
        Some(Subject::Item(id)) => text.push_str(&format!("事项 `{id}`：")),
        Some(Subject::Fact(key)) => text.push_str(&format!("指标 `{key}`：")),
        None => {}
    }
    match problem.path.strip_prefix("facts.") {
        Some(fact) => text.push_str(&format!("指标 `{fact}`：")),
        None if problem.path.is_empty() => {}
        None => text.push_str(&format!("`{}`：", problem.path)),
    }
    if problem.severity == Severity::Warning {
        text.push_str("提示：");
    }
    text.push_str(&fault(&problem.fault));
    text
}

/// Value that a fault is about; `None` if it names none.
pub fn value(fault: &Fault) -> Option<String> {
    match fault {
        Fault::Expected { got, .. } => {
            let inside = got.split_once('`').and_then(|(_, rest)| rest.rsplit_once('`'));
            Some(inside.map_or_else(|| got.clone(), |(value, _)| value.to_owned()))
        }
        Fault::UnknownKey { key, .. }
        | Fault::UnknownFact { key, .. }
        | Fault::UnknownPlace { path: key, .. } => Some(key.clone()),
        Fault::UnknownValue { value, .. } | Fault::OutOfBounds { value, .. } => Some(value.clone()),
        Fault::UnknownCode { code, .. } => Some(code.clone()),
        Fault::Operator { operator, .. } => Some(operator.clone()),
        Fault::Contradiction(tag) => Some(tag.clone()),
        Fault::Repeated(id, _) | Fault::Dangling { id, .. } => Some(id.clone()),
        Fault::QuoteNotFound { quote, .. } | Fault::QuoteElsewhere { quote, .. } => Some(quote.clone()),
        _ => None,
    }
}

fn fault(fault: &Fault) -> String {
    let meant = |suggestion: &Option<String>| {
        suggestion.as_ref().map(|word| format!("，是否应为 `{word}`？")).unwrap_or_default()
    };
    match fault {
        Fault::Syntax(message) => format!("格式有误：{}", syntax(message)),
        Fault::Expected { got: found, expected } => format!("得到{}，应为{}", got(found), phrase(expected)),
        Fault::MissingKey(key) => format!("缺少 `{key}`"),
        Fault::UnknownKey { key, expected } => format!("没有 `{key}` 这个键，可用的有 {expected}"),
        Fault::UnknownPlace { path, suggestion, places } => {
            let meant = suggestion.as_ref().map(|word| format!("是否应为 `{word}`？")).unwrap_or_default();
            format!("条件中没有 `{path}` 这个位置。{meant}可设的有 {places}")
        }
        Fault::UnknownFact { key, suggestion } => format!("没有指标 `{key}`{}", meant(suggestion)),
        Fault::UnknownValue { fact, value, suggestion } => {
            format!("`{value}` 不在 `{fact}` 的名单中{}", meant(suggestion))
        }
        Fault::UnknownCode { code, table } => format!("代码 `{code}` 不在 {table} 中"),
        Fault::Operator { operator, fact, kind, expected } => {
            format!("运算 `{operator}` 不适用于 {kind} 型的 `{fact}`，可用的有 {expected}")
        }
        Fault::EmptyRange { low, high } => format!("从 {low} 到 {high} 的区间中没有值"),
        Fault::OutOfBounds { value, bounds } => format!("{value} 超出 {}", phrase(bounds)),
        Fault::Contradiction(tag) => format!("`{tag}` 既在 has 中又在 lacks 中"),
        Fault::Repeated(id, place) => format!("`{id}` 已经用过{}", place.replace(" in ", "，见 ")),
        Fault::Dangling { what, id } => match *what {
            "item" => format!("没有事项 `{id}`"),
            _ => format!("没有 {what} `{id}`"),
        },
        Fault::Disagrees { given, derived } => format!("给出的是 {given}，按规则得 {derived}"),
        Fault::QuoteNotFound { quote, document, like } => {
            let like = match like {
                Some(like) => {
                    let article =
                        like.article.as_ref().map(|article| format!("（{article}）")).unwrap_or_default();
                    format!("；最接近的是“{}”{article}，原文字节 {}–{}", like.text, like.start, like.end)
                }
                None => "，也没有相近的文字".to_owned(),
            };
            format!("文件 `{document}` 中没有原文“{quote}”{like}")
        }
        Fault::QuoteElsewhere { quote, document, cited, found } => {
            format!("原文“{quote}”在文件 `{document}` 的 `{found}`，不在 `{cited}`")
        }
        // These are Chinese already.
        other @ (Fault::Id(_) | Fault::MoreProblems(_)) => other.to_string(),
        other => {
            let text = other.to_string();
            finding(&text).unwrap_or_else(|| phrase(&text))
        }
    }
}

/// Translates a finding of the static checks, which names a part of an item and says what is wrong with it; `None` for another text.
fn finding(text: &str) -> Option<String> {
    const TABLE: [(&str, &str); 7] = [
        (" can never hold: ", "不可能满足："),
        (" can never fail: ", "总是满足，等于没有条件："),
        (" cannot be compiled and has no verdict: ", "过于复杂，无法判定："),
        (" runs in a circle: ", "互相引用成环："),
        (" runs in more circles than are looked for", "互相引用成环，环太多，不逐一列出"),
        (" names itself", "指向了自己"),
        (" has no other member", "没有其他成员"),
    ];
    let whole = |(english, chinese): &(&str, &str)| {
        let (part, rest) = text.split_once(english)?;
        Some(format!(
            " {}{chinese}{rest}",
            part.strip_prefix("group ").map_or_else(|| part.to_owned(), |name| format!("分组 {name}"))
        ))
    };
    TABLE.iter().find_map(whole)
}

fn got(text: &str) -> String {
    for (english, chinese) in [("text ", "文字 "), ("number ", "数 "), ("a map with ", "对象，含 ")] {
        if let Some(rest) = text.strip_prefix(english) {
            return format!("{chinese}{rest}");
        }
    }
    match text.strip_prefix("a list of ") {
        Some(count) => format!("{count} 项的列表"),
        None => format!(" {text}"),
    }
}

/// Translates an expectation, if the table has the phrase.
fn phrase(text: &str) -> String {
    const TABLE: &[(&str, &str)] = &[
        ("true or false", " true 或 false"),
        ("an integer", "整数"),
        ("a number", "数"),
        ("an amount in yuan (a number)", "金额（以元计的数）"),
        ("a ratio (a number, 5% is 0.05)", "比例（数，5% 写作 0.05）"),
        ("a date that exists, such as 2024-02-29", "存在的日期，如 2024-02-29"),
        ("a date such as 2024-02-29", "日期，如 2024-02-29"),
        ("an industry code (GB/T 4754-2017), such as 6513", "行业代码（GB/T 4754-2017），如 6513"),
        ("a region code (GB/T 2260), such as 310104", "区划代码（GB/T 2260），如 310104"),
        ("a region code of six digits, such as 310104", "六位区划代码，如 310104"),
        (
            "a list of tags, or {\"has\": […], \"lacks\": […]}",
            "称号的列表，或 {\"has\": […], \"lacks\": […]}",
        ),
        ("a text", "文字"),
        ("a list of texts", "文字的列表"),
        ("a profile: an object with `id` and `facts`", "企业画像，即含 `id` 与 `facts` 的对象"),
        ("an object of facts", "指标的对象"),
        ("an object from text to true or false", "由文字到 true 或 false 的对象"),
        (
            "an item: a map with `id`, `title`, `document`, `criteria`",
            "事项，即含 `id`、`title`、`document`、`criteria` 的对象",
        ),
        ("a year of four digits", "四位年份"),
        ("a whole number, 0 or more", "非负整数"),
        ("a number, 0 or more", "非负数"),
        ("a number of at most 28 digits", "至多 28 位的数"),
        ("a number of years from 1 to 50", " 1 到 50 的年数"),
        ("the key of a fact", "指标的键"),
        ("the text that a person judges", "由人认定的文字"),
        ("the file is empty", "文件是空的"),
        ("the file holds no profile", "其中没有企业画像"),
        ("the document has no text", "文件没有正文"),
        (
            "txt, md, html, yaml, json or jsonl, or the form of a document",
            " txt、md、html、yaml、json、jsonl，或 DOCX、PDF、OFD 等文件格式",
        ),
    ];
    let found = TABLE.iter().find(|(english, _)| *english == text);
    found.map_or_else(|| format!(" {text}"), |(_, chinese)| (*chinese).to_owned())
}
