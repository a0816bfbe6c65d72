//! Reads lists of tags: which are held, since when and until when, and whether the list is complete.

use super::*;

impl Reader<'_> {
    pub(super) fn held(&mut self, fact: &Fact, items: &[Node], path: &str) -> Option<TagsRead> {
        let mut read = TagsRead::default();
        for (index, item) in items.iter().enumerate() {
            poll();
            let path = format!("{path}[{index}]");
            match &item.value {
                Tree::Text(text) if fact.is_closed() => {
                    for word in fact.words_in(text) {
                        self.tag(fact, word, (None, None), (item.line, &path), &mut read);
                    }
                }
                Tree::Text(tag) => read.held.push(HeldTag { tag: tag.clone(), from: None, until: None }),
                Tree::Map(entries) => {
                    let HeldTag { tag, from, until } = self.dated(entries, item, &path)?;
                    self.tag(fact, &tag, (from, until), (item.line, &path), &mut read);
                }
                _ => {
                    self.expected(item, &path, "a tag, or {\"tag\": …, \"from\": …, \"until\": …}");
                    return None;
                }
            }
        }
        if read.none && !read.held.is_empty() {
            let said = "既说没有，又列出了称号，按未列全处理".to_owned();
            self.doubt(items.first().map_or(0, |item| item.line), path, WarningKind::Other, said);
            read.open = true;
        }
        Some(read)
    }

    /// Adds one word of a list of tags. A word that is not understood is kept, and leaves the list open: it may mean any tag.
    pub(super) fn tag(
        &mut self,
        fact: &Fact,
        word: &str,
        (from, until): (Option<Date>, Option<Date>),
        (line, path): (u32, &str),
        read: &mut TagsRead,
    ) {
        let mut hold = |tag: String| read.held.push(HeldTag { tag, from, until });
        match fact.meaning(word) {
            WordMeaning::Free => hold(word.to_owned()),
            WordMeaning::Listed(tag) => hold(tag),
            WordMeaning::Alias(tags) => {
                self.doubt(line, path, WarningKind::Alias, taken_for(word, &tags));
                match <[String; 1]>::try_from(tags) {
                    Ok([tag]) => hold(tag),
                    Err(_) => read.open = true,
                }
            }
            WordMeaning::Unknown => {
                if let Some(answer) = yes_or_no(word) {
                    if let Some(AnswerMeaning::Lacks(tags)) = self.answer(fact, word, answer, line, path) {
                        read.lacks.extend(tags);
                    }
                } else if says_none(word) {
                    let heading = self.heading.unwrap_or(&fact.key);
                    if fact.asks_for_all(heading) {
                        read.none = true;
                        return;
                    }
                    if let Some(AnswerMeaning::Lacks(tags)) = self.answer(fact, word, false, line, path) {
                        read.lacks.extend(tags);
                    }
                } else {
                    self.not_listed(fact, word, line, path);
                    if !says_nothing(word) {
                        hold(word.to_owned());
                    }
                }
                read.open = true;
            }
        }
    }

    pub(super) fn dated(&mut self, entries: &[(String, Node)], node: &Node, path: &str) -> Option<HeldTag> {
        let mut tag = None;
        let mut ends = [None, None];
        for (key, value) in entries {
            match (key.as_str(), value.text()) {
                ("tag", Some(text)) => tag = Some(text.to_owned()),
                ("from" | "until", None) if value.is_null() => {}
                ("from" | "until", text) => {
                    let Some(day) = text.and_then(parse_date) else {
                        self.expected(value, &format!("{path}.{key}"), "a date such as 2024-02-29");
                        return None;
                    };
                    let slot = usize::from(key == "until");
                    if let Some(end) = ends.get_mut(slot) {
                        *end = Some(day);
                    }
                }
                _ => {
                    let expected = "`tag`, `from` and `until`".to_owned();
                    self.refuse(value.line, path, Fault::UnknownKey { key: key.clone(), expected });
                    return None;
                }
            }
        }
        let [from, until] = ends;
        if let (Some(from), Some(until)) = (from, until)
            && from > until
        {
            self.refuse(
                node.line,
                path,
                Fault::EmptyRange { low: from.to_string(), high: until.to_string() },
            );
            return None;
        }
        let Some(tag) = tag else {
            self.refuse(node.line, path, Fault::MissingKey("tag".to_owned()));
            return None;
        };
        Some(HeldTag { tag, from, until })
    }
}

/// Tags of a list.
#[derive(Default)]
pub(super) struct TagsRead {
    pub(super) held: Vec<HeldTag>,
    /// True if a word was not understood: tags that are not in the list are unknown.
    pub(super) open: bool,
    /// True if a word says that there are no tags.
    none: bool,
    /// Tags that are known not to be held although the list is open.
    pub(super) lacks: BTreeSet<String>,
}
