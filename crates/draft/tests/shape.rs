//! Shape of a draft of any text.

use zhaoren_draft::draft;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_reader::{DocumentMetadata, outline};

#[test]
fn segments_are_the_text_again() {
    for text in ["", "第一条 对甲企业给予10万元奖励。\n第二条 乙。", "（一）甲\n\n1.乙；2、丙。"]
    {
        let read =
            draft(text, &outline(text, &DocumentMetadata::default()), None, FactDictionary::built_in());
        let joined: String =
            read.segments.iter().map(|one| text.get(one.span.clone()).unwrap_or_default()).collect();
        assert_eq!(joined, text);
    }
}
