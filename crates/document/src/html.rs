//! Web pages: the text of the document that a page shows, without what surrounds it.

mod blocks;
mod body;
mod facts;
mod hidden;
mod tables;
mod tree;
mod words;

use zhaoren_text::{Decoded, Encoding, markup};

use self::blocks::Page;
use self::body::{Body, is_title};
use self::tree::{Builder, Id, Tree};
use self::words::{belongs, dense};

pub(crate) use self::words::is_file;
use crate::form::Form;
use crate::limits::Budget;
use crate::model::{Block, Document, Role};
use crate::refusal::Refusal;
use crate::sheets::SheetData;
use crate::text;

/// Bytes at the start in which the encoding may be declared; browsers look at as many.
const DECLARATION: usize = 1024;

/// True if a text is a web page.
pub(crate) fn is_page(text: &str) -> bool {
    let mut rest = text.trim_start();
    // Comments and declarations may stand before the page.
    for _ in 0..8 {
        let end = if rest.starts_with("<!--") {
            rest.find("-->").map(|at| at + 3)
        } else if rest.starts_with("<?") {
            rest.find("?>").map(|at| at + 2)
        } else {
            None
        };
        let Some(end) = end else { break };
        rest = rest.get(end..).unwrap_or_default().trim_start();
    }
    zhaoren_text::looks_like_html(rest)
        || zhaoren_text::looks_like_html(text)
        || is_fragment(text.trim_start())
}

/// True if a text is a part of a page, as crawlers keep it: it begins with an element of the body, and has its end too.
fn is_fragment(text: &str) -> bool {
    const ELEMENTS: [&str; 22] = [
        "p", "div", "span", "table", "section", "article", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol",
        "strong", "b", "font", "center", "style", "a", "tbody", "main",
    ];
    let name: String = text
        .strip_prefix('<')
        .unwrap_or_default()
        .chars()
        .map_while(|c| c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase()))
        .take(12)
        .collect();
    let behind = text.get(1 + name.len()..).and_then(|rest| rest.chars().next());
    let is_tag = behind.is_some_and(|c| c == '>' || c == '/' || c.is_ascii_whitespace());
    // The end is looked for in the part that is examined for the form; a long element ends behind it.
    is_tag && ELEMENTS.contains(&name.as_str()) && text.contains("</")
}

/// Reads a web page.
///
/// # Errors
/// No word is in it without its scripts, it is the error page of a web server, or it exceeds a limit.
pub(crate) fn read(bytes: &[u8], budget: &mut Budget) -> Result<Document, Refusal> {
    let decoded = text::decoded(bytes, declared(bytes));
    budget.text(decoded.text.len() / 4)?;
    refuse_endless_tags(&decoded.text, budget)?;
    let mut builder = Builder::new(budget.limits().depth);
    markup::visit(&decoded.text, &mut builder);
    page(&builder.finish(), &decoded, budget)
}

/// Reads the tables of a web page as data: those without tables in them, each as a sheet without a name.
///
/// Nothing of the page is judged by its words, as the menus of a page are: a system that writes a list as HTML writes
/// nothing else.
///
/// # Errors
/// It exceeds a limit.
pub(crate) fn data(bytes: &[u8], budget: &mut Budget) -> Result<Vec<SheetData>, Refusal> {
    let decoded = text::decoded(bytes, declared(bytes));
    budget.text(decoded.text.len() / 4)?;
    refuse_endless_tags(&decoded.text, budget)?;
    let mut builder = Builder::new(budget.limits().depth);
    markup::visit(&decoded.text, &mut builder);
    tables::data(&builder.finish(), budget)
}

fn page(tree: &Tree, decoded: &Decoded, budget: &mut Budget) -> Result<Document, Refusal> {
    let mut document = Document::new(Form::Html);
    text::remark_losses(decoded, &mut document);
    let mut body = Body::of(tree);
    facts::take(tree, &mut body, &mut document);
    let named = title_element(tree);
    // The title element often names the site or a column only.
    let telling = named.as_deref().filter(|named| belongs(&dense(named)));
    let title = document.title.clone().or_else(|| telling.map(str::to_owned));
    body.settle(tree, title.as_deref());
    let mut page = Page { tree, body: &body, offsets: &decoded.offsets, annexes: Vec::new(), pictures: 0 };
    let mut blocks = page.blocks(body.root, budget)?;
    if let Some(title) = &title {
        make_title(&mut blocks, &dense(title));
    }
    let has_title =
        blocks.iter().any(|block| matches!(block, Block::Paragraph(one) if one.role == Role::Title));
    if body.root > 0 {
        let before = outside(tree, &body, 0..body.root, title.as_deref());
        let behind = outside(tree, &body, body.root..tree.nodes.len(), None);
        if !has_title && let Some(id) = before.title {
            document.blocks.extend(page.blocks(id, budget)?);
        }
        document.blocks.extend(blocks);
        for id in before.annexes.into_iter().chain(behind.annexes) {
            document.blocks.extend(page.blocks(id, budget)?);
        }
    } else {
        document.blocks = blocks;
    }
    if document.blocks.is_empty() {
        return Err(Refusal::Empty);
    }
    if page.pictures > 0 {
        document.remarks.push(format!("正文中有{}幅图片，图片中的文字没有读取", page.pictures));
    }
    document.annexes = page.annexes;
    if let Some(error) = error_page(&document, named.as_deref()) {
        return Err(Refusal::ErrorPage(error));
    }
    document.title = document.title.take().or_else(|| document.leading_title()).or(named);
    Ok(document)
}

/// Makes the first paragraph with the words of the title the title, whatever heading it is.
fn make_title(blocks: &mut [Block], title: &str) {
    const NEAR: usize = 12;
    let paragraphs = blocks.iter_mut().take(NEAR).filter_map(|block| match block {
        Block::Paragraph(paragraph) => Some(paragraph),
        Block::Table(_) => None,
    });
    for paragraph in paragraphs {
        let words: String = paragraph.runs.iter().map(|run| run.text.as_str()).collect();
        if dense(&words) == title {
            paragraph.role = Role::Title;
            return;
        }
    }
}

/// Parts kept of a range of elements outside of the body.
struct Surroundings {
    title: Option<Id>,
    annexes: Vec<Id>,
}

/// The title, and the blocks that link to files, of a range of elements outside of the body.
///
/// The title is the line that is the known title; where none is known, the last line that is made as one.
fn outside(tree: &Tree, body: &Body, range: std::ops::Range<Id>, known: Option<&str>) -> Surroundings {
    let known = known.map(dense);
    let mut is_known = false;
    let mut found = Surroundings { title: None, annexes: Vec::new() };
    for id in range {
        zhaoren_cancel::poll();
        let node = tree.node(id);
        if node.is_text() || !body.is_in(id) {
            continue;
        }
        let has_blocks = tree.children(id).iter().any(|child| {
            let child = tree.node(*child);
            !child.is_text() && !tree::is_inline(&child.name)
        });
        let is_line = !has_blocks && !tree::is_inline(&node.name);
        if is_line && !is_known && is_title(tree, id) {
            let words = dense(&tree.words(id));
            is_known = known.as_ref() == Some(&words);
            if is_known || (known.is_none() && !words.is_empty()) {
                found.title = Some(id);
            }
        }
        let is_link = &*node.name == "a" && node.attribute("href").is_some_and(is_file);
        if is_link && !body.is_within(id, body.root) {
            found.annexes.push(id);
        }
    }
    found
}

/// The `title` element up to the name of the site.
fn title_element(tree: &Tree) -> Option<String> {
    let id = tree.nodes.iter().position(|node| &*node.name == "title")?;
    let words = tree.words(id);
    let title = words.split(['_', '|']).next().unwrap_or_default().split(" - ").next().unwrap_or_default();
    let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
    (!title.is_empty()).then_some(title)
}

/// Error message of a web server, if a page holds hardly more than that.
fn error_page(document: &Document, title: Option<&str>) -> Option<String> {
    const LONGEST: usize = 200;
    const SAID: [&str; 12] = [
        "页面不存在",
        "网页不存在",
        "文件不存在",
        "已被删除",
        "页面无法访问",
        "NotFound",
        "Notfound",
        "Forbidden",
        "BadGateway",
        "InternalServerError",
        "ServiceUnavailable",
        "找不到该页",
    ];
    let text = dense(&document.text().text);
    if text.chars().count() > LONGEST || !document.annexes.is_empty() {
        return None;
    }
    let title = title.unwrap_or_default();
    let coded = ["404", "403", "400", "500", "502", "503"].iter().any(|code| {
        let is_whole = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() && c.is_ascii());
        title.strip_prefix(code).is_some_and(is_whole) || text.strip_prefix(code).is_some_and(is_whole)
    });
    let said = SAID.iter().any(|words| text.contains(words) || dense(title).contains(words));
    let words = if title.is_empty() { text.chars().take(30).collect() } else { title.to_owned() };
    (said && (coded || text.chars().count() <= 60)).then_some(words)
}

/// The Chinese encoding that a page declares.
fn declared(bytes: &[u8]) -> Option<Encoding> {
    let head = String::from_utf8_lossy(bytes.get(..bytes.len().min(DECLARATION)).unwrap_or(bytes));
    let head = head.to_ascii_lowercase();
    let (_, name) = head.split_once("charset")?;
    let name = name.trim_start_matches(['=', ' ', '"', '\'']);
    match () {
        () if name.starts_with("gb") => Some(Encoding::Gb18030),
        () if name.starts_with("big5") => Some(Encoding::Big5),
        () if name.starts_with("utf-8") || name.starts_with("utf8") => Some(Encoding::Utf8),
        () => None,
    }
}

/// Refuses tags with more attributes than any page has: each would be compared with all others.
fn refuse_endless_tags(page: &str, budget: &mut Budget) -> Result<(), Refusal> {
    const MOST: usize = 2_000;
    budget.step(page.len() as u64 / 16)?;
    let bytes = page.as_bytes();
    let mut at = 0;
    while let Some(start) =
        find(bytes, at, |rest| matches!(rest, [b'<', letter, ..] if letter.is_ascii_alphabetic()))
    {
        let (mut attributes, mut quote, mut last) = (0, None, b'<');
        at = start + 1;
        while let Some(byte) = bytes.get(at).copied() {
            zhaoren_cancel::poll();
            at += 1;
            let is_gap = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\'');
            match (quote, byte) {
                (Some(open), _) if open == byte => quote = None,
                (Some(_), _) => {}
                (None, b'>') => break,
                (None, b'"' | b'\'') if last == b'=' => quote = Some(byte),
                (None, _) if is_gap(last) && !is_gap(byte) => attributes += 1,
                _ => {}
            }
            if attributes > MOST {
                return Err(Refusal::over("一个标签的属性数", MOST as u64));
            }
            last = byte;
        }
        let name = bytes.get(start + 1..start + 4).unwrap_or_default().to_ascii_lowercase();
        if name == b"scr" || name == b"sty" {
            // The content of scripts and styles is no markup.
            at = find(bytes, at, |rest| matches!(rest, [b'<', b'/', b's' | b'S', ..])).unwrap_or(bytes.len());
        }
    }
    Ok(())
}

/// The first place from `start` on where `is_it` holds for the rest.
fn find(bytes: &[u8], start: usize, is_it: impl Fn(&[u8]) -> bool) -> Option<usize> {
    (start..bytes.len()).find(|at| {
        zhaoren_cancel::poll();
        is_it(bytes.get(*at..).unwrap_or_default())
    })
}
