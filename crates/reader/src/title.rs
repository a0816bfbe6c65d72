//! Title of a document: joined from its lines, or cut from the line with which the text begins.

use crate::head::{is_organ, issuer};
use crate::numbering::{Style, read};

/// Longest line of a title, in characters; a title has at most [`MOST_TITLE_LINES`] of them.
const LONGEST_LINE: usize = 60;
const MOST_TITLE_LINES: usize = 6;

/// A line without the number that the document has in a collection: 4. 某局关于……
pub(crate) fn without_list_number(line: &str) -> &str {
    let label = read(line).filter(|label| label.style == Style::Digit);
    let rest = label.and_then(|label| line.get(label.length..)).map(str::trim);
    let names = |rest: &&str| rest.contains("关于") || rest.contains("印发") || ends_title(rest);
    rest.filter(names).unwrap_or(line)
}

/// The title at the start of a line that continues with the text: 某区若干意见 （征求意见稿） 为深入……
pub(crate) fn words_of_title(line: &str) -> Option<String> {
    let mut title = String::new();
    let mut words = line.split_whitespace().take(MOST_TITLE_LINES).peekable();
    while let Some(word) = words.next() {
        title.push_str(word);
        if title.chars().nth(2 * LONGEST_LINE).is_some() {
            return None;
        }
        if ends_title(&title) && words.peek().is_some() {
            if let Some(next) = words.peek().filter(|next| is_addition(next)) {
                title.push_str(next);
            }
            return Some(title);
        }
    }
    None
}

/// The title of a text whose first line is part of its body: the first sentence.
pub(crate) fn fallback(line: &str) -> String {
    line.split('。').next().unwrap_or(line).chars().take(120).collect()
}

/// The first title among consecutive lines: the fewest of them that together end like a title.
pub(crate) fn joined(lines: &[&str]) -> Option<String> {
    for (start, line) in lines.iter().enumerate().take(MOST_TITLE_LINES) {
        let mut title = String::new();
        let rest = lines.get(start..).unwrap_or_default();
        // The organ alone above a title that begins with an organ is not part of it.
        if is_organ(line) && rest.get(1).is_some_and(|next| issuer(next).is_some()) {
            continue;
        }
        for (count, line) in rest.iter().enumerate().take(MOST_TITLE_LINES) {
            if line.chars().nth(if count == 0 { 200 } else { LONGEST_LINE }).is_some() {
                break;
            }
            push(&mut title, line);
            let next = rest.get(count + 1).copied().unwrap_or_default();
            if ends_title(&title) && !goes_on(next) {
                if is_addition(next) {
                    push(&mut title, next);
                }
                return Some(title);
            }
        }
        // A line that begins none is the organ or a remark above the title, unless it names the matter.
        if line.contains("关于") {
            return None;
        }
    }
    None
}

/// A title as its page shows it, without the name of the site and the mark of a reprint.
pub(crate) fn bare(title: &str) -> &str {
    let title = title.trim_start_matches("（转载）").trim_start_matches("转载：");
    let ends = ["网站", "政府网", "门户", "人民政府"];
    let site = title.rsplit_once(" - ").or_else(|| title.rsplit_once('_'));
    let site = site.filter(|(_, site)| ends.iter().any(|end| site.ends_with(end)));
    site.map_or(title, |(title, _)| title).trim()
}

/// Adds a line to a title, with a blank only between letters.
fn push(title: &mut String, line: &str) {
    let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if latin(title.chars().next_back()) && latin(line.chars().next()) {
        title.push(' ');
    }
    title.push_str(line);
}

/// True if the line below a title continues it: 的通知, or the rest of an unclosed name.
fn goes_on(next: &str) -> bool {
    next.starts_with(['的', '》', '和', '及', '、']) && next.chars().count() <= 40 && !next.contains('。')
}

/// True for a bracket below a title that belongs to it: （试行）, （征求意见稿）, （2024年修订）.
fn is_addition(line: &str) -> bool {
    let inner = line.strip_prefix(['（', '(']).and_then(|line| line.strip_suffix(['）', ')']));
    inner.is_some_and(|inner| {
        inner.chars().count() <= 14
            && ["试行", "暂行", "征求意见稿", "草案", "修订", "修正", "修订版", "送审稿", "修订稿", "版"]
                .iter()
                .any(|end| inner.ends_with(end))
            || inner.ends_with('年') && inner.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// Words with which titles of documents end.
const KINDS: [&str; 47] = [
    "通知",
    "意见",
    "办法",
    "条例",
    "规定",
    "细则",
    "措施",
    "方案",
    "决定",
    "公告",
    "通告",
    "通报",
    "批复",
    "请示",
    "报告",
    "函",
    "纪要",
    "决议",
    "命令",
    "指南",
    "指引",
    "计划",
    "规划",
    "纲要",
    "要点",
    "规则",
    "规程",
    "规范",
    "标准",
    "政策",
    "清单",
    "目录",
    "名单",
    "公示",
    "解读",
    "问答",
    "答复",
    "条款",
    "十条",
    "法",
    "倡议书",
    "工作安排",
    "举措",
    "公报",
    "制度",
    "章程",
    "若干条",
];

/// True if a joined title is complete: its brackets are closed, and it ends with the name of a kind of document.
pub(crate) fn ends_title(title: &str) -> bool {
    let count = |sign: char| title.matches(sign).count();
    if count('《') != count('》') || count('“') != count('”') || count('（') != count('）') {
        return false;
    }
    let mut core = title.trim_end_matches(['》', ' ']);
    if core.ends_with(['）', ')'])
        && let Some(at) = core.rfind(['（', '('])
        && is_addition(core.get(at..).unwrap_or_default())
    {
        core = core.get(..at).unwrap_or_default().trim_end_matches(['》', ' ']);
    }
    // 条 with its number: 十二条, 若干措施20条.
    let counted = core.strip_suffix('条').is_some_and(|before| {
        before.chars().next_back().is_some_and(|c| c.is_ascii_digit() || "一二三四五六七八九十".contains(c))
    });
    core.chars().count() >= 4 && (counted || KINDS.iter().any(|kind| core.ends_with(kind)))
}
