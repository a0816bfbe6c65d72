//! Strings of workbooks in XML.

use crate::xml::Element;

/// The text of a string: its runs one after the other, without what tells how it is read aloud.
pub(super) fn text(element: &Element) -> String {
    let mut text = String::new();
    for child in element.elements() {
        match &*child.name {
            "t" => text.push_str(&child.text()),
            "r" => text.extend(child.first("t").map(Element::text)),
            _ => {}
        }
    }
    unescaped(&text)
}

/// A text with `_xHHHH_` for characters that XML cannot hold (ECMA-376 part 1, 22.4.2.4) put right.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("_x") {
        zhaoren_cancel::poll();
        out.push_str(before);
        let code = after.get(..4).filter(|_| after.get(4..5) == Some("_"));
        let code = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        match code {
            Some(c) => {
                out.push(c);
                rest = after.get(5..).unwrap_or_default();
            }
            None => {
                out.push_str("_x");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn escapes_are_decoded_once() {
        assert_eq!(super::unescaped("_x005F_x000A_甲_x000A_乙_x_y"), "_x000A_甲\n乙_x_y");
        assert_eq!(super::unescaped("_xD800_甲_x00"), "_xD800_甲_x00");
    }
}
