//! Letterhead (版头) of official documents (GB/T 9704): the lines above the title, with the number of the document.

/// The longest line of a letterhead, in characters.
const LONGEST: usize = 30;

/// True if a line above or below a title is part of the letterhead: the number of the document, or the organ with 文件.
pub(crate) fn is_letterhead(line: &str) -> bool {
    let line: String = line.chars().filter(|c| !c.is_whitespace()).take(LONGEST + 1).collect();
    if line.chars().count() > LONGEST {
        return false;
    }
    let is_number = line.contains(['〔', '[', '［']) && line.contains('号');
    let is_head = line.ends_with("文件") && !line.contains("关于");
    let is_mark = ["签发人", "特急", "急件", "加急", "机密", "秘密", "内部资料"]
        .iter()
        .any(|mark| line.starts_with(mark));
    is_number || is_head || is_mark
}

#[cfg(test)]
mod tests {
    use super::is_letterhead;

    #[test]
    fn titles_are_not_letterheads() {
        for line in ["云溪区人民政府文件", "云政规〔2026〕7号", "云政 [2026] 7 号", "签发人：张三"]
        {
            assert!(is_letterhead(line), "{line}");
        }
        for line in [
            "关于转发某文件",
            "云溪区促进智能传感产业发展若干措施",
            "关于修改〔2025〕3号文件部分条款以支持中小企业高质量发展的通知",
        ] {
            assert!(!is_letterhead(line), "{line}");
        }
    }
}
