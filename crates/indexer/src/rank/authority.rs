//! How much weight a text has by its rank among norms (立法法): laws and the interpretations of courts, then
//! regulations and rules, then the rest.

/// A title without the number of an article: 甲办法 of 甲办法第三条.
pub(crate) fn stem(title: &str) -> &str {
    match title.rfind('第') {
        Some(at) if at > 0 && title.ends_with('条') => title.get(..at).unwrap_or(title),
        _ => title,
    }
}

/// 1 for a law or an interpretation, a half for a regulation or provisions, 0 for the rest.
pub(crate) fn authority(title: &str) -> f32 {
    let stem = stem(title);
    let stem = stem.split(['（', '(']).next().unwrap_or(stem);
    let ends = |endings: &[&str]| endings.iter().any(|ending| stem.ends_with(ending));
    // 办法 ends as a law does, and is none.
    if ends(&["办法"]) {
        0.0
    } else if ends(&["法", "法典", "解释"]) {
        1.0
    } else if ends(&["条例", "规定"]) {
        0.5
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_belong_to_their_text() {
        assert_eq!(stem("甲办法第三条"), "甲办法");
        assert_eq!(stem("第三条"), "第三条");
        assert_eq!(stem("关于第三产业的通知"), "关于第三产业的通知");
    }

    #[test]
    fn laws_before_regulations_before_notices() {
        let order = ["甲法（2020年修正）第三条", "甲条例第一条", "甲办法"].map(authority);
        assert_eq!(order, [1.0, 0.5, 0.0]);
    }
}
