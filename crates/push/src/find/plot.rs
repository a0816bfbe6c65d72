//! Draws the funnel as SVG, without script or external font, legible in black and white.

use std::fmt::Write;

use super::FindReport;

const WIDTH: usize = 960;
/// Left edge of the bars; `BAR` is the length of the longest.
const LEFT: usize = 430;
const BAR: usize = 400;
/// Full-width characters in one line of a condition's text.
const LINE: usize = 27;
const LINES: usize = 3;

/// Complete SVG document of a report's funnel.
pub fn svg(report: &FindReport) -> String {
    let mut bars = String::new();
    let mut y = 96;
    bar(
        &mut bars,
        &mut y,
        "全部企业",
        Bar { left: report.enterprises, ..Bar::default() },
        report.enterprises,
    );
    for (number, step) in report.funnel.iter().enumerate() {
        let place = step.article.as_deref().map(|article| format!("{article}　")).unwrap_or_default();
        let text = format!("{}. {place}{}", number + 1, step.text);
        let lengths = Bar { left: step.left, open: step.open, out: step.out, alone: step.alone };
        bar(&mut bars, &mut y, &text, lengths, report.enterprises);
    }
    let lengths =
        Bar { left: report.eligible + report.undetermined, open: report.undetermined, ..Bar::default() };
    bar(&mut bars, &mut y, "合起来判定：符合与待定", lengths, report.enterprises);
    let height = y + 16;
    let summary = format!(
        "判定日 {}　企业 {} 家　符合 {}　待定 {}　不符 {}　只差一条 {}",
        report.as_of,
        report.enterprises,
        report.eligible,
        report.undetermined,
        report.ineligible,
        report.almost
    );
    let title = escaped(&format!("{}（{}）", report.title, report.item));
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="t d" font-family="'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',sans-serif" font-size="14">
<title id="t">{title}</title>
<desc id="d">{}</desc>
<defs><pattern id="open" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff"/><rect width="3" height="6" fill="#1f5f8b"/></pattern></defs>
<rect width="{WIDTH}" height="{height}" fill="#fff"/>
<text x="16" y="30" font-size="18" font-weight="bold" fill="#111">{}</text>
<text x="16" y="54" fill="#333">{}</text>
<g fill="#333" font-size="12"><rect x="16" y="66" width="14" height="12" fill="#1f5f8b"/><text x="36" y="77">留下</text><rect x="86" y="66" width="14" height="12" fill="url(#open)" stroke="#1f5f8b"/><text x="106" y="77">其中本条待定</text><rect x="206" y="66" width="14" height="12" fill="#fff" stroke="#8a1c1c"/><text x="226" y="77">在本条退出（括号内：只有本条不符）</text></g>
{bars}</svg>
"##,
        escaped(&summary),
        escaped(&shortened(&format!("{}（{}）", report.title, report.item), 50)),
        escaped(&summary),
    )
}

#[derive(Clone, Copy, Default)]
struct Bar {
    left: u64,
    open: u64,
    out: u64,
    alone: u64,
}

fn bar(svg: &mut String, y: &mut usize, text: &str, bar: Bar, all: u64) {
    let lines = wrapped(text);
    let height = (lines.len() * 18).max(24);
    for (number, line) in lines.iter().enumerate() {
        let at = *y + 15 + number * 18;
        let _ = writeln!(svg, r##"<text x="16" y="{at}" fill="#111">{}</text>"##, escaped(line));
    }
    let length = |count: u64| (count as u128 * BAR as u128 / u128::from(all.max(1))) as usize;
    let (left, open) = (length(bar.left), length(bar.open.min(bar.left)));
    let out = length(bar.left + bar.out) - left;
    let y_bar = *y + 2;
    let _ = writeln!(svg, r##"<rect x="{LEFT}" y="{y_bar}" width="{left}" height="18" fill="#1f5f8b"/>"##);
    if open > 0 {
        let x = LEFT + left - open;
        let _ = writeln!(
            svg,
            r##"<rect x="{x}" y="{y_bar}" width="{open}" height="18" fill="url(#open)" stroke="#1f5f8b"/>"##
        );
    }
    if out > 0 {
        let x = LEFT + left;
        let _ = writeln!(
            svg,
            r##"<rect x="{x}" y="{y_bar}" width="{out}" height="18" fill="#fff" stroke="#8a1c1c"/>"##
        );
    }
    let mut label = bar.left.to_string();
    if bar.out > 0 {
        let _ = write!(label, "　-{}（{}）", bar.out, bar.alone);
    }
    let x = LEFT + left + out + 6;
    // A long bar leaves no room to its right: its label goes below the end of the bar.
    if left + out > BAR - 60 && bar.out > 0 {
        let at = y_bar + 32;
        let _ = writeln!(
            svg,
            r##"<text x="{}" y="{at}" text-anchor="end" fill="#111" font-size="12">{label}</text>"##,
            LEFT + BAR
        );
        *y += height.max(38) + 8;
    } else {
        let at = y_bar + 14;
        let _ = writeln!(svg, r##"<text x="{x}" y="{at}" fill="#111" font-size="12">{label}</text>"##);
        *y += height + 8;
    }
}

/// Text broken into lines that fit left of the bars; excess text ends in an ellipsis.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut room = LINE * 2;
    for c in text.chars() {
        let wide = if c.is_ascii() { 1 } else { 2 };
        if c == '\n' || room < wide {
            if lines.len() == LINES {
                if let Some(last) = lines.last_mut() {
                    last.pop();
                    last.push('…');
                }
                break;
            }
            lines.push(String::new());
            room = LINE * 2;
        }
        if c != '\n' {
            room = room.saturating_sub(wide);
            if let Some(last) = lines.last_mut() {
                last.push(c);
            }
        }
    }
    lines
}

fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned() + "…",
        None => text.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // Control characters are not allowed in XML 1.0.
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}
