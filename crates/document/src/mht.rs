//! Web archives (MHT, RFC 2557), as word processors save a “single file web page”: the page in them is read.

use std::sync::Arc;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zhaoren_cancel::poll;

use crate::form::Form;
use crate::limits::Budget;
use crate::model::Document;
use crate::refusal::Refusal;
use crate::{html, zip};

/// Lines at the start in which the header has to be.
const HEADER: usize = 40;
/// Boundaries of parts that are known at once: archives nest two or three.
const BOUNDARIES: usize = 16;

/// True if content is a web archive or a mail.
pub(crate) fn is_archive(text: &str) -> bool {
    let mut head = text.trim_start().lines().take(HEADER).take_while(|line| !line.trim().is_empty());
    let has =
        |line: &str, name: &str| line.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
    let mut kinds = (false, false);
    for line in head.by_ref() {
        kinds.0 |= has(line, "MIME-Version:");
        kinds.1 |= has(line, "Content-Type:");
    }
    kinds.0 && kinds.1
}

/// Reads the page of a web archive.
///
/// # Errors
/// No page is in it, or the page cannot be read.
pub(crate) fn read(bytes: &[u8], budget: &mut Budget) -> Result<Document, Refusal> {
    let page = page(bytes, budget)?;
    budget.unpack(page.content.len() as u64)?;
    let mut document = html::read(&page.content, budget)?;
    document.form = Form::Mht;
    zip::enter(&mut document.blocks, &mut document.notes, &Arc::from(page.name.as_str()));
    Ok(document)
}

/// The page of an archive.
struct Page {
    name: String,
    content: Vec<u8>,
}

/// Header of a part.
#[derive(Default)]
struct Header {
    kind: String,
    encoding: String,
    location: String,
}

impl Header {
    /// Adds a line; one that begins with a blank goes on with the one before it.
    fn add(&mut self, line: &str, last: &mut String) {
        if !line.starts_with([' ', '\t']) {
            line.split(':').next().unwrap_or_default().to_ascii_lowercase().clone_into(last);
        }
        let value = if line.starts_with([' ', '\t']) {
            line
        } else {
            line.split_once(':').map_or("", |(_, value)| value)
        };
        match last.as_str() {
            "content-type" => self.kind.push_str(value.trim()),
            "content-transfer-encoding" => self.encoding.push_str(&value.trim().to_ascii_lowercase()),
            "content-location" => self.location.push_str(value.trim()),
            _ => {}
        }
    }

    fn boundary(&self) -> Option<String> {
        let at = self.kind.to_ascii_lowercase().find("boundary=")?;
        let value = self.kind.get(at + "boundary=".len()..)?;
        let value = match value.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next()?,
            None => value.split([';', ' ']).next()?,
        };
        (!value.is_empty() && value.len() <= 200).then(|| format!("--{value}"))
    }
}

/// The first part that is a page, decoded.
fn page(bytes: &[u8], budget: &mut Budget) -> Result<Page, Refusal> {
    let mut boundaries: Vec<String> = Vec::new();
    let (mut header, mut last) = (Header::default(), String::new());
    let mut in_header = true;
    let mut content: Vec<&[u8]> = Vec::new();
    let mut is_page = false;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        budget.step(1 + line.len() as u64 / 64)?;
        let ends = boundaries.iter().any(|boundary| line.starts_with(boundary.as_bytes()));
        if ends {
            if is_page {
                return decoded(&header, &content);
            }
            (header, in_header) = (Header::default(), true);
        } else if in_header {
            let text = String::from_utf8_lossy(line);
            let text = text.trim_end();
            if text.is_empty() && !header.kind.is_empty() {
                in_header = false;
                is_page = header.kind.to_ascii_lowercase().starts_with("text/html");
                if boundaries.len() < BOUNDARIES {
                    boundaries.extend(header.boundary());
                }
            } else {
                header.add(text, &mut last);
            }
        } else if is_page {
            content.push(line);
        }
    }
    if is_page {
        return decoded(&header, &content);
    }
    Err(Refusal::UnknownForm("内容是邮件或网页归档，其中没有网页".to_owned()))
}

fn decoded(header: &Header, lines: &[&[u8]]) -> Result<Page, Refusal> {
    let broken = || Refusal::Damaged("网页归档中的编码有误".to_owned());
    let content = match header.encoding.as_str() {
        "base64" => {
            let config = GeneralPurposeConfig::new()
                .with_decode_padding_mode(DecodePaddingMode::Indifferent)
                .with_decode_allow_trailing_bits(true);
            let dense: Vec<u8> =
                lines.concat().into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
            GeneralPurpose::new(&STANDARD, config).decode(dense).map_err(|_| broken())?
        }
        "quoted-printable" => quoted(&lines.concat()),
        _ => lines.concat(),
    };
    let name = if header.location.is_empty() { "网页" } else { &header.location };
    Ok(Page { name: name.to_owned(), content })
}

/// Bytes of a quoted text (RFC 2045, 6.7); bytes that are no valid escape are kept.
fn quoted(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        poll();
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        rest = match (first, after) {
            (b'=', [b'\r', b'\n', after @ ..] | [b'\n', after @ ..]) => after,
            (b'=', [high, low, behind @ ..]) => match digit(*high).zip(digit(*low)) {
                Some((high, low)) => {
                    bytes.push(high << 4 | low);
                    behind
                }
                None => {
                    bytes.push(b'=');
                    after
                }
            },
            (byte, after) => {
                bytes.push(*byte);
                after
            }
        };
    }
    bytes
}
