//! Tags of an item (优化分类标签): themes, stage of life and industry, by the words of a versioned taxonomy, each with the place that
//! says so. Methods of support are no tags: `benefit.kinds` has them.

use std::ops::Range;
use std::sync::LazyLock;

use zhaoren_cancel::{poll, steps};
use zhaoren_policy::problem::{Fault, Problem, Report};
use zhaoren_policy::syntax::{Node, Tree, yaml};

/// Most tags of a taxonomy.
const MOST_TAGS: usize = 1_000;
/// Most words of a tag.
const MOST_WORDS: usize = 200;
/// Bytes before a grant in which its title is looked for.
const TITLE_REACH: usize = 600;

/// Taxonomy of tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taxonomy {
    /// Version; grows with each change of tags or words.
    pub version: u32,
    /// Tags in the order of the file.
    pub tags: Vec<Tag>,
}

/// Tag with the words that it is recognized by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Dimension: theme, stage or industry.
    pub dimension: Dimension,
    /// The tag, as items carry it.
    pub tag: String,
    /// Words, any of which gives the tag.
    pub words: Vec<String>,
}

/// Dimension of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// 主题.
    Theme,
    /// 企业阶段.
    Stage,
    /// 产业.
    Industry,
}

impl Dimension {
    /// Name in data.
    pub fn name(self) -> &'static str {
        match self {
            Self::Theme => "theme",
            Self::Stage => "stage",
            Self::Industry => "industry",
        }
    }

    /// Name shown to people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Theme => "主题",
            Self::Stage => "企业阶段",
            Self::Industry => "产业",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Theme, Self::Stage, Self::Industry].into_iter().find(|one| one.name() == name)
    }
}

/// Tag that a text gives, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagReading {
    /// Dimension of the tag.
    pub dimension: Dimension,
    /// The tag.
    pub tag: String,
    /// Place of the word in the text.
    pub span: Range<usize>,
}

/// The shipped file.
// INVARIANT: it loads without a problem; the test of this module checks it.
static BUILT_IN: LazyLock<Taxonomy> = LazyLock::new(|| {
    Taxonomy::parse(include_str!("../../../seeds/taxonomy.yaml"), "seeds/taxonomy.yaml").unwrap_or_default()
});

impl Taxonomy {
    /// Taxonomy that ships with the program.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// Reads a taxonomy in YAML: `version`, and `tags` with `dimension`, `tag` and `words`.
    ///
    /// # Errors
    /// Every fault of the file with its line.
    pub fn parse(text: &str, file: &str) -> Result<Self, Vec<Problem>> {
        let mut report = Report::new(file);
        let documents = match yaml(text) {
            Ok(documents) => documents,
            Err(error) => {
                report.syntax(error);
                return Err(report.problems);
            }
        };
        let mut taxonomy = Self::default();
        let top = documents.first();
        let version = top.and_then(|node| node.get("version")).map(|node| node.to_json());
        match version.and_then(|value| value.as_u64()).and_then(|value| u32::try_from(value).ok()) {
            Some(version) if version > 0 => taxonomy.version = version,
            _ => report.error(1, "version", Fault::Other("应为正整数，每改一次加一".to_owned())),
        }
        let entries = match top.and_then(|node| node.get("tags")).map(|node| &node.value) {
            Some(Tree::List(entries)) if entries.len() <= MOST_TAGS => entries.as_slice(),
            _ => {
                report.error(1, "tags", Fault::Other(format!("应为标签的列表，至多 {MOST_TAGS} 个")));
                &[]
            }
        };
        for entry in entries {
            poll();
            match tag(entry) {
                Some(tag) if taxonomy.tags.iter().all(|known| known.tag != tag.tag) => {
                    taxonomy.tags.push(tag)
                }
                Some(tag) => report.error(entry.line, "tag", Fault::Other(format!("标签“{}”重复", tag.tag))),
                None => {
                    let why = "应有 dimension（theme、stage、industry）、tag 与 words（每词至少两个字）";
                    report.error(entry.line, "tags", Fault::Other(why.to_owned()));
                }
            }
        }
        if report.errors() == 0 { Ok(taxonomy) } else { Err(report.problems) }
    }

    /// Tags that the passages `spans` of `text` give, in the order of the taxonomy, each at its first word.
    pub fn read(&self, text: &str, spans: &[Range<usize>]) -> Vec<TagReading> {
        let mut found = Vec::new();
        for tag in &self.tags {
            poll();
            let place = spans.iter().find_map(|span| {
                let words = text.get(span.clone())?;
                steps(words.len() as u64);
                let places = tag.words.iter().filter_map(|word| Some((words.find(word)?, word.len())));
                let (at, length) = places.min()?;
                Some(span.start + at..span.start + at + length)
            });
            found.extend(place.map(|span| TagReading {
                dimension: tag.dimension,
                tag: tag.tag.clone(),
                span,
            }));
        }
        found
    }
}

fn tag(entry: &Node) -> Option<Tag> {
    let dimension = Dimension::parse(entry.get("dimension")?.text()?)?;
    let tag = entry.get("tag")?.text()?.trim().to_owned();
    let Tree::List(words) = &entry.get("words")?.value else { return None };
    let words: Vec<String> = words.iter().filter_map(|word| Some(word.text()?.trim().to_owned())).collect();
    let sound = !tag.is_empty()
        && !words.is_empty()
        && words.len() <= MOST_WORDS
        && words.iter().all(|word| word.chars().count() >= 2);
    sound.then_some(Tag { dimension, tag, words })
}

/// Passages from which an item gets its tags: its title and grant, its own conditions, and the title of the document.
pub(crate) fn passages(
    text: &str,
    title: &str,
    document: &str,
    grant: &[Range<usize>],
    conditions: impl Iterator<Item = Range<usize>>,
) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    if let Some(first) = grant.first() {
        let near = first.start.saturating_sub(TITLE_REACH);
        let near = (near..=first.start).find(|at| text.is_char_boundary(*at)).unwrap_or(first.start);
        let before = text.get(near..first.end).unwrap_or_default();
        let place = Some(title).filter(|title| !title.is_empty()).and_then(|title| before.rfind(title));
        spans.extend(place.map(|at| near + at..near + at + title.len()));
    }
    spans.extend(grant.iter().cloned());
    spans.extend(conditions);
    let place = Some(document).filter(|title| !title.is_empty()).and_then(|title| text.find(title));
    spans.extend(place.map(|at| at..at + document.len()));
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_taxonomy_loads() {
        let text = include_str!("../../../seeds/taxonomy.yaml");
        let read = Taxonomy::parse(text, "seeds/taxonomy.yaml");
        let taxonomy = read.unwrap();
        assert!(taxonomy.version >= 1 && taxonomy.tags.len() >= 30);
        for one in [Dimension::Theme, Dimension::Stage, Dimension::Industry] {
            assert!(taxonomy.tags.iter().any(|tag| tag.dimension == one), "{}", one.title());
        }
    }

    #[test]
    fn faults_of_a_taxonomy_are_named() {
        let text = "version: 0\ntags:\n- {dimension: theme, tag: 甲, words: [甲乙]}\n- {dimension: colour, tag: 乙, words: [乙乙]}\n\
                    - {dimension: stage, tag: 甲, words: [丙丁]}\n- {dimension: stage, tag: 丙, words: [丙]}\n";
        let problems = Taxonomy::parse(text, "t.yaml").unwrap_err();
        let lines: Vec<Option<u32>> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [Some(1), Some(4), Some(5), Some(6)], "{problems:?}");
        assert!(Taxonomy::parse("tags: 5", "t.yaml").is_err() && Taxonomy::parse("", "t.yaml").is_err());
    }

    #[test]
    fn a_tag_has_the_place_of_its_first_word() {
        let text = "专利奖励。对取得发明专利的软件企业给予奖励";
        let found = Taxonomy::built_in().read(text, std::slice::from_ref(&(0..text.len())));
        let shown: Vec<(&str, &str)> =
            found.iter().map(|one| (one.tag.as_str(), text.get(one.span.clone()).unwrap())).collect();
        assert_eq!(shown, [("知识产权", "专利"), ("软件信息", "软件")]);
        assert_eq!(found[0].span.start, 0);
        assert_eq!(Taxonomy::built_in().read(text, &[]), []);
    }
}
