//! Shape of a draft of any text.

use crate::drafted;

#[test]
fn segments_are_the_text_again() {
    for text in ["", "第一条 对甲企业给予10万元奖励。\n第二条 乙。", "（一）甲\n\n1.乙；2、丙。"]
    {
        let read = drafted(text);
        let joined: String =
            read.segments.iter().map(|one| text.get(one.span.clone()).unwrap_or_default()).collect();
        assert_eq!(joined, text);
    }
}
