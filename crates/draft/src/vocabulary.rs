//! Vocabulary of documents: the words by which sections, sentences and supports are recognized, read from
//! `seeds/lexicon/documents.yaml`. Structure is elsewhere.

use std::sync::LazyLock;

use zhaoren_policy::syntax::{Node, Tree, yaml};

/// Words of one class.
pub(crate) type Words = Vec<&'static str>;

/// Purpose of a section, by the words of its heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// 申报条件, 支持对象.
    Conditions,
    /// 支持内容, 支持标准.
    Support,
    /// 申报材料.
    Materials,
    /// 申报流程.
    Procedure,
    /// 申报时间.
    Window,
    /// 联系方式, 受理部门.
    Office,
    /// 附则, 有效期.
    Validity,
    /// 监督管理, 法律责任.
    Sanction,
    /// 总体要求, 主要目标, 组织实施.
    Direction,
    /// 依据文件, 发文机构 and other fields of a card.
    Metadata,
}

/// Words of a heading for each section; the first that is found decides.
static SECTIONS: LazyLock<Vec<(Section, Words)>> = LazyLock::new(|| {
    named("sections", "section")
        .into_iter()
        .filter_map(|(name, words)| Some((Section::parse(name)?, words)))
        .collect()
});

impl Section {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "conditions" => Self::Conditions,
            "support" => Self::Support,
            "materials" => Self::Materials,
            "procedure" => Self::Procedure,
            "window" => Self::Window,
            "office" => Self::Office,
            "validity" => Self::Validity,
            "sanction" => Self::Sanction,
            "direction" => Self::Direction,
            "metadata" => Self::Metadata,
            _ => return None,
        })
    }
}

/// Section of a heading.
pub(crate) fn section(heading: &str) -> Option<Section> {
    let heading: String = heading.chars().filter(|c| !c.is_whitespace()).collect();
    if heading.chars().count() > 20 {
        return None;
    }
    SECTIONS
        .iter()
        .find(|(_, words)| words.iter().any(|word| heading.contains(word)))
        .map(|(section, _)| *section)
}

/// Support methods, words of `benefit.kinds`, by the words of a grant; the more specific first.
pub(crate) static KINDS: LazyLock<Vec<(&'static str, Words)>> = LazyLock::new(|| named("kinds", "kind"));

/// Words of a grant with a sum, any of which has to stand in it.
pub(crate) static GIVES: LazyLock<Words> = LazyLock::new(|| words("gives"));
/// Grants that need no sum.
pub(crate) static GIVES_IN_KIND: LazyLock<Words> = LazyLock::new(|| words("gives_in_kind"));
/// Words of a grant that is only intended, or made by another body.
pub(crate) static HEDGES: LazyLock<Words> = LazyLock::new(|| words("hedges"));
/// Words of a sum that is no grant.
pub(crate) static NO_GRANT: LazyLock<Words> = LazyLock::new(|| words("no_grant"));
/// Words of the enterprise and its kin.
pub(crate) static ENTERPRISES: LazyLock<Words> = LazyLock::new(|| words("enterprises"));
/// Words of a person.
pub(crate) static PERSONS: LazyLock<Words> = LazyLock::new(|| words("persons"));
/// Words of residents' affairs.
pub(crate) static RESIDENTS: LazyLock<Words> = LazyLock::new(|| words("residents"));
/// Words of an operator of an incubator or park.
pub(crate) static OPERATORS: LazyLock<Words> = LazyLock::new(|| words("operators"));
/// Beginnings of a sentence that only encourages.
pub(crate) static ENCOURAGING: LazyLock<Words> = LazyLock::new(|| words("encouraging"));

/// The shipped file, whose texts live as long as the program.
// INVARIANT: it loads, and every class has words; the test of this module checks it.
static FILE: LazyLock<Vec<Node>> =
    LazyLock::new(|| yaml(include_str!("../../../seeds/lexicon/documents.yaml")).unwrap_or_default());

fn entry(class: &str) -> &'static [Node] {
    let node = FILE.iter().find_map(|document| document.get(class));
    node.map(list).unwrap_or_default()
}

fn list(node: &'static Node) -> &'static [Node] {
    match &node.value {
        Tree::List(list) => list,
        _ => &[],
    }
}

fn texts(nodes: &'static [Node]) -> Words {
    nodes.iter().filter_map(Node::text).collect()
}

fn words(class: &str) -> Words {
    texts(entry(class))
}

/// Entries of a class that have a name under `key`, with their words.
fn named(class: &str, key: &str) -> Vec<(&'static str, Words)> {
    let named = |node: &'static Node| {
        let words = node.get("words").map(list).map(texts)?;
        Some((node.get(key)?.text()?, words))
    };
    entry(class).iter().filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every class of the shipped file is known and has words.
    #[test]
    fn every_class_has_words() {
        assert_eq!(SECTIONS.len(), entry("sections").len());
        assert_eq!(KINDS.len(), entry("kinds").len());
        let lists = [
            &GIVES,
            &GIVES_IN_KIND,
            &HEDGES,
            &NO_GRANT,
            &ENTERPRISES,
            &PERSONS,
            &RESIDENTS,
            &OPERATORS,
            &ENCOURAGING,
        ];
        assert!(lists.iter().all(|list| !list.is_empty()));
        let all = SECTIONS.iter().map(|(_, words)| words).chain(KINDS.iter().map(|(_, words)| words));
        assert!(all.into_iter().all(|words| !words.is_empty()));
    }
}
