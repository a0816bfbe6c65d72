//! Text that reaches a terminal, character by character, however the input is split.

use super::*;

const HOSTILE: &str =
    "标题\u{1b}]0;x\u{7}\u{1b}[31m红\r\u{8}\u{9b}2J\u{202e}反\u{2066}\u{200b}\u{feff}\u{e0041}\u{85}尾\t。\n";
const SHOWN: &str = "标题\\u001b]0;x\\u0007\\u001b[31m红\\u000d\\u0008\\u009b2J\\u202e反\\u2066\\u200b\\ufeff\\udb40\\udc41\\u0085尾\t。\n";

fn written(pieces: &[&[u8]]) -> String {
    let mut out = Vec::new();
    let mut clean = Clean::new(&mut out);
    for piece in pieces {
        clean.write_all(piece).unwrap();
    }
    drop(clean);
    String::from_utf8(out).unwrap()
}

/// Controls, changes of direction and characters without width are shown, not obeyed.
#[test]
fn nothing_acts() {
    assert_eq!(written(&[HOSTILE.as_bytes()]), SHOWN);
    for cut in 0..HOSTILE.len() {
        let (a, b) = HOSTILE.as_bytes().split_at(cut);
        assert_eq!(written(&[a, b]), SHOWN, "cut at {cut}");
    }
    let bytes: Vec<&[u8]> = HOSTILE.as_bytes().chunks(1).collect();
    assert_eq!(written(&bytes), SHOWN);
    assert_eq!(written(&[b"a\xffb\xe6"]), "a\u{fffd}b\u{fffd}");
}

/// JSON written through has the same value.
#[test]
fn json_stays_the_same_value() {
    let value = serde_json::json!({"title": HOSTILE, "id": "\u{fdd0}x"});
    let shown = written(&[value.to_string().as_bytes()]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    assert!(!shown.chars().any(needs_escape), "{shown}");
}

/// The program's own styles take effect, and text that looks like one does not.
#[test]
fn only_own_styles_are_styles() {
    let text = format!("{}甲{:#}乙", Ink::BoldRed, Ink::BoldRed);
    let style = Ink::BoldRed.style();
    let wanted = format!("{style}甲{style:#}乙");
    assert_eq!(written(&[text.as_bytes()]), wanted);
    let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
    assert_eq!(written(&bytes), wanted);
    let forged = written(&["\u{fdd0}000000000000000071\u{1b}[31m".as_bytes()]);
    assert_eq!(forged, "\\ufdd0000000000000000071\\u001b[31m");
}

/// All output goes through this module, so that no command can bypass it.
#[test]
fn no_other_module_writes_to_a_terminal() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/cli");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.ends_with(".rs") || name == "terminal.rs" {
            continue;
        }
        seen += 1;
        let text = std::fs::read_to_string(&path).unwrap();
        let forbidden =
            ["anstream", "anstyle", "println!", "print!(", "stdout().lock", "io::stdout", "\\x1b", "\\u{1b}"];
        for word in forbidden {
            assert!(!text.contains(word), "{name} writes with `{word}` past the terminal module");
        }
        // The log has a formatter of its own, which escapes.
        let to_stderr = text.matches("io::stderr").count();
        assert_eq!(
            to_stderr,
            text.matches("io::stderr().is_terminal").count() + usize::from(name == "serve.rs"),
            "{name}"
        );
    }
    assert!(seen > 15);
}
