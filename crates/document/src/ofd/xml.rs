//! XML parts of an OFD package as a stream of opened, closed and text tokens.
//!
//! Writers put the elements into namespaces of their own and some write names in another case, so elements and
//! attributes are identified by their local names in lower case.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::limits::Budget;
use crate::refusal::Refusal;

/// One token of a part.
#[derive(Debug)]
pub(crate) enum Token {
    /// A start tag.
    Open(Element),
    /// Character data between tags.
    Text(String),
    /// An end tag, with the local name in lower case. An empty element gives [`Token::Open`] and this.
    Close(String),
}

/// The start tag of an element.
#[derive(Debug)]
pub(crate) struct Element {
    /// Local name in lower case.
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
}

impl Element {
    /// The value of an attribute, by its local name in lower case.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether an attribute says no.
    pub(crate) fn denies(&self, name: &str) -> bool {
        self.attribute(name).is_some_and(|value| matches!(value.trim(), "false" | "False" | "0"))
    }
}

/// Attributes of one element that are read; more than this occur in no schema.
const ATTRIBUTES: usize = 64;

/// Gives every token of a part to `visit`.
///
/// # Errors
/// The XML is broken or nested too deeply, the budget is spent, or `visit` fails.
pub(crate) fn visit(
    xml: &str,
    part: &str,
    budget: &mut Budget,
    mut visit: impl FnMut(Token, &mut Budget) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut reader = Reader::from_str(xml);
    let mut depth = 0usize;
    loop {
        budget.step(1)?;
        let event = reader.read_event().map_err(|_| Refusal::Damaged(format!("部件 {part} 的 XML 有错")))?;
        match event {
            Event::Start(start) => {
                depth += 1;
                if depth > budget.limits().depth {
                    return Err(Refusal::over("嵌套层数", budget.limits().depth as u64));
                }
                visit(Token::Open(element(&start)), budget)?;
            }
            Event::Empty(start) => {
                let element = element(&start);
                let name = element.name.clone();
                visit(Token::Open(element), budget)?;
                visit(Token::Close(name), budget)?;
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                visit(Token::Close(end.local_name().as_ref().to_ascii_lowercase()), budget)?;
            }
            Event::Text(text) => visit(Token::Text(text.into_inner().into_owned()), budget)?,
            Event::CData(text) => visit(Token::Text(text.into_inner().into_owned()), budget)?,
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref() {
                    Ok(Some(character)) => character,
                    _ => match &*reference.into_inner() {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "apos" => '\'',
                        "quot" => '"',
                        _ => char::REPLACEMENT_CHARACTER,
                    },
                };
                visit(Token::Text(character.to_string()), budget)?;
            }
            Event::Eof if depth > 0 => return Err(Refusal::Truncated(format!("部件 {part} 没有结束"))),
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn element(start: &BytesStart<'_>) -> Element {
    let attributes = start
        .attributes()
        .with_checks(false)
        .flatten()
        .take(ATTRIBUTES)
        .map(|attribute| {
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
            (attribute.key.local_name().as_ref().to_ascii_lowercase(), value.unwrap_or_default().into_owned())
        })
        .collect();
    Element { name: start.local_name().as_ref().to_ascii_lowercase(), attributes }
}
