//! Parts of a page that are not shown: scripts, controls, parts hidden by styles, struck-out text.

use std::collections::HashSet;

use zhaoren_cancel::poll;

use super::tree::{Node, Tree};

/// Elements whose content is not shown, or is no text of the page.
const UNSEEN: [&str; 24] = [
    "script", "style", "head", "noscript", "template", "svg", "math", "select", "option", "datalist",
    "textarea", "button", "input", "iframe", "object", "embed", "noframes", "noembed", "audio", "video",
    "canvas", "map", "rt", "rp",
];

/// Elements whose content was struck out.
const STRUCK: [&str; 3] = ["del", "s", "strike"];

/// Names that the styles of a page hide: classes and identifiers.
#[derive(Debug, Default)]
pub(super) struct Styles {
    classes: HashSet<String>,
    ids: HashSet<String>,
}

impl Styles {
    /// The styles of a page. Only rules for a class or an identifier alone are understood; conditional rules (`@media`) are
    /// passed over.
    pub(super) fn of(tree: &Tree) -> Self {
        let mut styles = Self::default();
        for (id, node) in tree.nodes.iter().enumerate() {
            poll();
            if &*node.name == "style" {
                styles.add(&tree.words(id));
            }
        }
        styles
    }

    fn add(&mut self, sheet: &str) {
        let (mut depth, mut selectors, mut body) = (0_usize, String::new(), String::new());
        for c in sheet.chars() {
            poll();
            match (c, depth) {
                ('{', _) => depth += 1,
                ('}', 1) => {
                    self.rule(&selectors, &body);
                    (depth, selectors, body) = (0, String::new(), String::new());
                }
                ('}', _) => depth = depth.saturating_sub(1),
                (';', 0) => selectors.clear(),
                (_, 0) => selectors.push(c),
                (_, 1) => body.push(c),
                _ => {}
            }
        }
    }

    fn rule(&mut self, selectors: &str, body: &str) {
        if selectors.trim_start().starts_with('@') || !hides(body) {
            return;
        }
        for selector in selectors.split(',') {
            let selector = selector.trim().trim_start_matches("<!--").trim();
            let name = |name: &str| {
                let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
                (!name.is_empty() && name.chars().all(is_name)).then(|| name.to_owned())
            };
            match selector.split_once(['.', '#']) {
                Some((_, class)) if selector.contains('.') && !selector.contains('#') => {
                    self.classes.extend(name(class));
                }
                Some((_, id)) => self.ids.extend(name(id)),
                None => {}
            }
        }
    }

    /// True if an element and all in it is not seen.
    pub(super) fn hide(&self, node: &Node) -> bool {
        // Articles of WeChat are hidden until their script has run.
        if node.attribute("id") == Some("js_content") {
            return false;
        }
        UNSEEN.contains(&&*node.name)
            || STRUCK.contains(&&*node.name)
            || node.attribute("hidden").is_some()
            || node.attribute("aria-hidden") == Some("true")
            || node.attribute("style").is_some_and(hides)
            || node.attribute("id").is_some_and(|id| self.ids.contains(id))
            || classes(node).any(|class| self.classes.contains(class))
    }
}

/// The classes of an element.
pub(super) fn classes(node: &Node) -> impl Iterator<Item = &str> {
    node.attribute("class").unwrap_or_default().split_ascii_whitespace()
}

/// True if declarations hide what they apply to.
fn hides(declarations: &str) -> bool {
    declarations.split(';').any(|declaration| {
        let mut dense: String = declaration.chars().filter(|c| !c.is_whitespace()).collect();
        dense.make_ascii_lowercase();
        let dense = dense.trim_end_matches("!important");
        matches!(
            dense,
            "display:none"
                | "visibility:hidden"
                | "visibility:collapse"
                | "mso-hide:all"
                | "font-size:0"
                | "font-size:0px"
                | "font-size:0pt"
                | "opacity:0"
        )
    })
}
