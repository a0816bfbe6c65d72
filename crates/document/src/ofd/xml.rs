//! XML parts of an OFD package as a stream of opened, closed and text tokens.
//!
//! Writers put the elements into namespaces of their own and some write names in another case, so elements and
//! attributes are identified by their local names in lower case.

use crate::limits::Budget;
use crate::refusal::Refusal;
use crate::xml::{MarkupReader, Step};

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

    /// True if an attribute says no.
    pub(crate) fn denies(&self, name: &str) -> bool {
        self.attribute(name).is_some_and(|value| matches!(value.trim(), "false" | "False" | "0"))
    }
}

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
    let mut reader = MarkupReader::new(part, xml);
    let mut open: Vec<String> = Vec::new();
    loop {
        match reader.step(budget)? {
            Step::Start(start) => {
                let attributes = start.attributes.into_iter();
                let element = Element {
                    name: start.name.to_ascii_lowercase(),
                    attributes: attributes
                        .map(|(name, value)| (name.to_ascii_lowercase(), value.into_string()))
                        .collect(),
                };
                open.push(element.name.clone());
                visit(Token::Open(element), budget)?;
            }
            Step::End => visit(Token::Close(open.pop().unwrap_or_default()), budget)?,
            Step::Text(text) => visit(Token::Text(text), budget)?,
            Step::Over => return Ok(()),
        }
    }
}
