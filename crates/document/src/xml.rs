//! XML parts: events one by one, and small trees of the elements that are read as a whole.
//!
//! Names are local names: producers choose their own prefixes, and some their own namespaces. A document type declares
//! nothing here, so no entity unfolds.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::limits::Budget;
use crate::refusal::Refusal;

/// An element with its content.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Element {
    /// Local name.
    pub(crate) name: Box<str>,
    /// Local names and values of its attributes.
    pub(crate) attributes: Vec<(Box<str>, Box<str>)>,
    /// Elements and text in it, in order.
    pub(crate) children: Vec<Node>,
}

/// Content of an element.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    /// An element.
    Element(Element),
    /// Text.
    Text(String),
}

/// One step through a part.
#[derive(Debug, PartialEq)]
pub(crate) enum Step {
    /// An element begins; its children are not read yet.
    Start(Element),
    /// The innermost open element ends.
    End,
    /// Text.
    Text(String),
    /// The part ends.
    Over,
}

/// A part that is read from front to end.
pub(crate) struct MarkupReader<'a> {
    name: &'a str,
    reader: Reader<&'a [u8]>,
    depth: usize,
}

/// The text of an XML part, in UTF-8 or by its byte order mark in UTF-16.
///
/// # Errors
/// The bytes are no text.
pub(crate) fn decoded<'a>(name: &str, bytes: &'a [u8]) -> Result<Cow<'a, str>, Refusal> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return Ok(encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default()).0);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(_) => Err(Refusal::Damaged(format!("部件“{name}”不是 UTF-8 文字"))),
    }
}

impl<'a> MarkupReader<'a> {
    /// The part of this name (for error texts) with this text.
    pub(crate) fn new(name: &'a str, text: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { name, reader, depth: 0 }
    }

    /// The next step.
    ///
    /// # Errors
    /// The markup is broken or nested too deep, or the budget is used up.
    pub(crate) fn step(&mut self, budget: &mut Budget) -> Result<Step, Refusal> {
        loop {
            let before = self.reader.buffer_position();
            let event = self.reader.read_event().map_err(|_| self.broken())?;
            budget.step(1 + (self.reader.buffer_position() - before) / 64)?;
            match event {
                Event::Start(start) => {
                    self.depth += 1;
                    let limit = budget.limits().depth;
                    if self.depth > limit {
                        return Err(Refusal::over("嵌套层数", limit as u64));
                    }
                    return Ok(Step::Start(opened(&start)));
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Step::End);
                }
                Event::Text(text) => return Ok(Step::Text(text.xml10_content().into_owned())),
                Event::CData(text) => return Ok(Step::Text(text.xml10_content().into_owned())),
                Event::GeneralRef(reference) => {
                    let character = match reference.resolve_char_ref() {
                        Ok(Some(character)) => Some(character.to_string()),
                        Ok(None) => {
                            quick_xml::escape::resolve_xml_entity(&reference.into_inner()).map(str::to_owned)
                        }
                        Err(_) => None,
                    };
                    return character.map(Step::Text).ok_or_else(|| self.broken());
                }
                Event::Eof if self.depth > 0 => {
                    return Err(Refusal::Truncated(format!("部件“{}”中途结束", self.name)));
                }
                Event::Eof => return Ok(Step::Over),
                _ => {}
            }
        }
    }

    /// The whole of an element that was just begun. Elements for whose name `is_left_out` holds are passed over.
    ///
    /// # Errors
    /// As for [`Self::step`], and where it holds too many elements.
    pub(crate) fn whole(
        &mut self,
        start: Element,
        is_left_out: fn(&str) -> bool,
        budget: &mut Budget,
    ) -> Result<Element, Refusal> {
        let mut open = vec![start];
        let mut elements = 0;
        loop {
            match self.step(budget)? {
                Step::Start(element) if is_left_out(&element.name) => self.pass(budget)?,
                Step::Start(element) => {
                    elements += 1;
                    let limit = budget.limits().elements;
                    if elements > limit {
                        return Err(Refusal::over("XML 元素数", limit as u64));
                    }
                    open.push(element);
                }
                Step::Text(text) => {
                    if let Some(element) = open.last_mut() {
                        element.add_text(text);
                    }
                }
                Step::End => {
                    let Some(done) = open.pop() else { return Err(self.broken()) };
                    match open.last_mut() {
                        Some(parent) => parent.children.push(Node::Element(done)),
                        None => return Ok(done),
                    }
                }
                Step::Over => return Err(self.broken()),
            }
        }
    }

    /// Passes over the rest of an element that was just begun.
    ///
    /// # Errors
    /// As for [`Self::step`].
    pub(crate) fn pass(&mut self, budget: &mut Budget) -> Result<(), Refusal> {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.step(budget)? {
                Step::Start(_) => depth += 1,
                Step::End => depth -= 1,
                Step::Text(_) => {}
                Step::Over => return Err(self.broken()),
            }
        }
        Ok(())
    }

    fn broken(&self) -> Refusal {
        Refusal::Damaged(format!("部件“{}”的 XML 不合规范", self.name))
    }
}

fn opened(start: &BytesStart<'_>) -> Element {
    // Repeated attributes are of no harm; looking for them takes time with the square of their number.
    let mut attributes = start.attributes();
    let attributes = attributes.with_checks(false).flatten().map(|attribute| {
        let value: &str = &attribute.value;
        let value = quick_xml::escape::unescape(value).unwrap_or(Cow::Borrowed(value));
        (attribute.key.local_name().as_ref().into(), value.as_ref().into())
    });
    Element {
        name: start.local_name().as_ref().into(),
        attributes: attributes.collect(),
        children: Vec::new(),
    }
}

impl Element {
    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| **key == *name).map(|(_, value)| &**value)
    }

    /// The elements in it.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element of this name in it.
    pub(crate) fn first(&self, name: &str) -> Option<&Element> {
        self.elements().find(|element| &*element.name == name)
    }

    /// The attribute `val` of the first element of this name in it.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.first(name)?.attribute("val")
    }

    /// The text right in it.
    pub(crate) fn text(&self) -> String {
        let texts = self.children.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        texts.collect()
    }

    /// True if an element that is a switch is there and not switched off.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.first(name)
            .is_some_and(|switch| !matches!(switch.attribute("val"), Some("0" | "false" | "off" | "none")))
    }

    fn add_text(&mut self, text: String) {
        match self.children.last_mut() {
            Some(Node::Text(before)) => before.push_str(&text),
            _ => self.children.push(Node::Text(text)),
        }
    }
}
