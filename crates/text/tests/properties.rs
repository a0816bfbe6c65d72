//! Clean text, damaged at random in every known way: restored or marked, never silently wrong.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a fault in a test's own making should stop it"
)]

use encoding_rs::{BIG5, GB18030, GBK};
use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;
use pinyin::ToPinyin;
use proptest::prelude::*;
use zhaoren_text::{Encoding, RepairKind, Restored, decode, restore, restore_str, simplify};

/// Sentences of our own, in the style of policies.
const SENTENCES: &[&str] = &[
    "对首次认定的高新技术企业，给予最高二十万元的一次性奖励。",
    "区科委会同区财政局制定实施细则，并负责组织申报。",
    "小微企业当年新增贷款的利息，按百分之三十予以补贴。",
    "申报单位应当依法经营，近三年内没有严重失信记录。",
    "鼓励园区开放实验室、中试线和检测设备，降低企业研发成本。",
    "完善线上受理系统，让惠企资金直接拨付到账。",
    "从业人员不超过三百人的软件企业，可以申请房租减免。",
    "同一项目已获得市级资助的，不再重复享受本措施。",
    "各街道要及时走访，帮助企业解决用工和融资难题。",
    "推动监管部门共享信息，减少现场检查的次数。",
    "经认定的孵化器，每年最多补助五十万元。",
    "本办法自2025年1月1日起施行，有效期三年。",
];

fn clean() -> impl Strategy<Value = String> {
    prop::collection::vec((0..SENTENCES.len(), any::<bool>()), 2..9).prop_map(|parts| {
        parts.iter().map(|(i, end)| format!("{}{}", SENTENCES[*i], if *end { "\n" } else { "" })).collect()
    })
}

fn traditional(text: &str) -> String {
    OpenCC::from_config(BuiltinConfig::S2t).unwrap().convert(text)
}

/// True if the unmarked text agrees with `clean`: its pieces occur there in order, the first at the beginning and
/// the last at the end, and each marked place accounts for at most `room` characters.
fn sound(clean: &str, restored: &Restored, room: usize) -> bool {
    let mut marks: Vec<_> =
        restored.repairs.iter().filter(|r| !r.restored).map(|r| r.output.clone()).collect();
    marks.sort_by_key(|mark| (mark.start, mark.end));
    let mut pieces = Vec::new();
    let mut from = 0;
    for mark in marks {
        if mark.start > from || pieces.is_empty() {
            pieces.push(restored.text.get(from..mark.start.max(from)).unwrap());
        }
        from = from.max(mark.end);
    }
    let last = restored.text.get(from..).unwrap();
    if pieces.is_empty() {
        return last == clean;
    }
    let Some(mut rest) = clean.strip_prefix(pieces.remove(0)) else { return false };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        if rest.get(..at).is_some_and(|gap| gap.chars().count() > room) {
            return false;
        }
        rest = rest.get(at + piece.len()..).unwrap();
    }
    rest.strip_suffix(last).is_some_and(|gap| gap.chars().count() <= room)
}

/// Asserts that every output range maps into the source, monotonically.
fn mapped(bytes: &[u8], restored: &Restored) {
    let mut before = 0;
    for (at, c) in restored.text.char_indices() {
        let source = restored.offsets.to_source(at..at + c.len_utf8());
        assert!(source.start >= before && source.end <= bytes.len(), "{source:?} after {before}");
        before = source.start;
    }
}

/// Maximum number of characters in doubt after one lost byte.
const ROOM: usize = 40;

/// GBK bytes as a page shows them: `?` for an invalid pair, a bracket after a lead byte swallowed.
fn shown(bytes: &[u8]) -> String {
    GBK.decode_without_bom_handling(bytes).0.replace("\u{fffd}(", "?").replace('\u{fffd}', "?")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn clean_text_is_unchanged(text in clean()) {
        let restored = restore(text.as_bytes());
        prop_assert_eq!(&restored.text, &text);
        prop_assert!(restored.repairs.is_empty() && restored.converted == 0);
        prop_assert_eq!(restored.offsets.to_source(0..text.len()), 0..text.len());
        prop_assert_eq!(restored.offsets, zhaoren_text::OffsetMap::identity(text.len()));
    }

    #[test]
    fn inserted_readings_are_removed(text in clean(), every in 1_usize..7, wide in any::<bool>()) {
        let mut damaged = String::new();
        for (i, c) in text.chars().enumerate() {
            damaged.push(c);
            if i % every == 0 && let Some(reading) = c.to_pinyin() {
                let reading = reading.with_tone();
                damaged += &if wide { format!("（{reading}）") } else { format!("({reading})") };
            }
        }
        let restored = restore(damaged.as_bytes());
        mapped(damaged.as_bytes(), &restored);
        // A reading without a tone mark is ambiguous, and may stay.
        let toneless = restored.text.replace(['(', ')', '（', '）'], "");
        let toneless: String = toneless.chars().filter(|c| !c.is_ascii_lowercase()).collect();
        prop_assert_eq!(toneless, text);
    }

    #[test]
    fn other_encodings_are_read(text in clean(), which in 0..5) {
        let utf16: Vec<u16> = text.encode_utf16().collect();
        let (bytes, encoding) = match which {
            0 => (GB18030.encode(&text).0.into_owned(), Encoding::Gb18030),
            1 => (GBK.encode(&text).0.into_owned(), Encoding::Gb18030),
            2 => (utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect(), Encoding::Utf16Le),
            3 => (utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect(), Encoding::Utf16Be),
            _ => {
                let traditional = traditional(&text);
                let (bytes, _, lost) = BIG5.encode(&traditional);
                prop_assume!(!lost && simplify(&traditional).text == text);
                (bytes.into_owned(), Encoding::Big5)
            }
        };
        let restored = restore(&bytes);
        prop_assert_eq!(restored.encoding, encoding);
        mapped(&bytes, &restored);
        prop_assert_eq!(restored.text, text);
    }

    #[test]
    fn widths_are_folded(text in clean()) {
        let wide: String = text
            .chars()
            .map(|c| if c.is_ascii_digit() { char::from_u32(u32::from(c) + 0xfee0).unwrap() } else { c })
            .collect();
        prop_assert_eq!(restore(wide.as_bytes()).text, text);
    }

    #[test]
    fn traditional_text_is_simplified(text in clean()) {
        let traditional = traditional(&text);
        let restored = restore(traditional.as_bytes());
        mapped(traditional.as_bytes(), &restored);
        prop_assert_eq!(restored.text, text);
    }

    /// The real damage: a tool that inserts readings into GBK bytes without regard to character boundaries.
    #[test]
    fn shifted_runs_are_repaired_or_marked(text in clean(), from in 0_usize..200) {
        let traditional = traditional(&text);
        prop_assume!(simplify(&traditional).text == text);
        let Some(bytes) = annotate_across(&traditional, from) else { return Ok(()) };
        let page = shown(&bytes);
        let restored = restore(page.as_bytes());
        mapped(page.as_bytes(), &restored);
        prop_assert!(sound(&text, &restored, ROOM), "{page}\n{}\n{:?}", restored.text, restored.repairs);
    }

    #[test]
    fn lost_bytes_are_never_silent(text in clean(), at in 0_usize..1000) {
        let mut bytes = GBK.encode(&text).0.into_owned();
        let at = at % bytes.len();
        prop_assume!(!bytes[at].is_ascii());
        bytes.remove(at);
        let restored = restore(&bytes);
        mapped(&bytes, &restored);
        prop_assert!(sound(&text, &restored, ROOM), "{}\n{:?}", restored.text, restored.repairs);
    }

    #[test]
    fn gained_bytes_are_never_silent(text in clean(), at in 0_usize..1000, byte in 0x81_u8..=0xfe) {
        let mut bytes = GBK.encode(&text).0.into_owned();
        bytes.insert(at % bytes.len(), byte);
        let restored = restore(&bytes);
        mapped(&bytes, &restored);
        prop_assert!(sound(&text, &restored, ROOM), "{}\n{:?}", restored.text, restored.repairs);
    }

    /// The same damage, saved as UTF-8 after it was decoded wrongly.
    #[test]
    fn bytes_lost_before_saving_are_never_silent(text in clean(), at in 0_usize..1000) {
        let mut bytes = GBK.encode(&text).0.into_owned();
        let at = at % bytes.len();
        prop_assume!(!bytes[at].is_ascii());
        bytes.remove(at);
        let page = GBK.decode_without_bom_handling(&bytes).0.into_owned();
        let restored = restore(page.as_bytes());
        mapped(page.as_bytes(), &restored);
        prop_assert!(sound(&text, &restored, ROOM), "{page}\n{}\n{:?}", restored.text, restored.repairs);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let restored = restore(&bytes);
        mapped(&bytes, &restored);
        let decoded = decode(&bytes);
        prop_assert!(decoded.offsets.to_source(0..decoded.text.len()).end <= bytes.len());
    }
}

/// Inserts `(reading)` into the GBK bytes of a traditional text where the second byte of one character and the
/// first of the next form a traditional character; `None` if there is no such place from `from` on.
fn annotate_across(text: &str, from: usize) -> Option<Vec<u8>> {
    let (bytes, _, lost) = GBK.encode(text);
    let mut next = 0_usize;
    for (index, c) in text.chars().enumerate().filter(|_| !lost) {
        next += if c.is_ascii() { 1 } else { 2 };
        let across = bytes.get(next.checked_sub(1)?..=next)?;
        if index < from || c.is_ascii() || across[1].is_ascii() {
            continue;
        }
        let Some(shown) = GBK.decode_without_bom_handling_and_without_replacement(across) else { continue };
        let Some(reading) = shown.chars().next().and_then(|c| c.to_pinyin()) else { continue };
        if simplify(&shown).text != shown {
            let reading = GBK.encode(reading.with_tone()).0.into_owned();
            return Some([&bytes[..=next], b"(", &reading, b")", &bytes[next + 1..]].concat());
        }
    }
    None
}

/// The properties above would hold if all text were marked; this bounds the marked share.
#[test]
fn few_characters_remain_uncertain() {
    let text: String = SENTENCES.concat();
    let traditional = traditional(&text);
    let pages: Vec<String> =
        (0..250).filter_map(|from| annotate_across(&traditional, from)).map(|bytes| shown(&bytes)).collect();
    assert!(pages.len() > 100, "{}", pages.len());
    assert!(pages.iter().all(|page| restore_str(page).text == text));

    let bytes = GBK.encode(&text).0.into_owned();
    let (mut cases, mut doubtful) = (0, 0);
    for at in (0..bytes.len()).step_by(7).filter(|at| !bytes[*at].is_ascii()) {
        let restored = restore(&[&bytes[..at], &bytes[at + 1..]].concat());
        let marks = restored.repairs.iter().filter(|repair| repair.kind == RepairKind::LostByte);
        doubtful += marks.map(|repair| repair.output.len() / 3).sum::<usize>();
        cases += 1;
    }
    println!("{doubtful} characters in doubt after {cases} lost bytes");
    assert!(doubtful < cases * 20);
}
