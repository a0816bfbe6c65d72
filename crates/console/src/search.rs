//! Search page: facets beside hits, each hit with its matched words.

use maud::{Markup, html};
use zhaoren_engine::{AdviceKind, Answer, FACETS, FacetValue, Highlight, HitItem, ItemHit, Sort, WindowView};

use crate::Page;
use crate::frame::{Section, Viewer, layout};
use crate::policy::encode_path;
use crate::sign;

/// Hits per page.
pub const PAGE: usize = 10;

/// Search form as submitted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchForm {
    /// Query as typed.
    pub query: String,
    /// Filters: key and value.
    pub filters: Vec<(String, String)>,
    /// Name of the sort order; empty for the default.
    pub sort: String,
    /// Evaluation day, as entered; empty for today.
    pub as_of: String,
    /// Number of hits skipped.
    pub offset: usize,
}

impl SearchForm {
    /// Address of this search.
    fn address(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &self.query);
        for (key, value) in &self.filters {
            query.append_pair("filter", &format!("{key}={value}"));
        }
        for (key, value) in [("sort", &self.sort), ("as_of", &self.as_of)] {
            if !value.is_empty() {
                query.append_pair(key, value);
            }
        }
        if self.offset > 0 {
            query.append_pair("offset", &self.offset.to_string());
        }
        format!("/?{}", query.finish())
    }

    fn has(&self, key: &str, value: &str) -> bool {
        self.filters.iter().any(|(k, v)| k == key && v == value)
    }

    /// Toggles a filter and returns to the first page.
    fn toggle_filter(&self, key: &str, value: &str) -> Self {
        let mut request = Self { offset: 0, ..self.clone() };
        if self.has(key, value) {
            request.filters.retain(|(k, v)| !(k == key && v == value));
        } else {
            request.filters.push((key.to_owned(), value.to_owned()));
        }
        request
    }
}

/// Search box.
pub(crate) fn search_box(request: &SearchForm) -> Markup {
    html! {
        form.search role="search" method="get" action="/" {
            label.hidden for="q" { "检索政策" }
            input id="q" name="q" type="search" value=(request.query) placeholder="政策、事项、条款、文号" autocomplete="off"
                maxlength="500" role="combobox" aria-autocomplete="list" aria-expanded="false" aria-controls="suggestions"
                data-suggest="/v1/suggest";
            button type="submit" { "检索" }
            ul id="suggestions" role="listbox" aria-label="可能想找" hidden {}
            @for (key, value) in &request.filters {
                input type="hidden" name="filter" value={ (key) "=" (value) };
            }
            @if !request.as_of.is_empty() { input type="hidden" name="as_of" value=(request.as_of); }
            @if !request.sort.is_empty() { input type="hidden" name="sort" value=(request.sort); }
        }
    }
}

/// Number of facet values shown before the others are collapsed.
const SHOWN: usize = 8;

/// Page of search results.
pub fn search(viewer: &Viewer, request: &SearchForm, answer: &Answer) -> Page {
    let found = &answer.found;
    let last = request.offset + found.hits.len();
    let body = html! {
        h1.hidden { "检索：" (request.query) }
        (search_box(request))
        (query_notes(request, answer))
        div.columns {
            @if found.facets.values().any(|values| !values.is_empty()) {
                aside.facets aria-label="缩小范围" {
                    h2 { "缩小范围" }
                    @for (key, name) in FACETS {
                        @if let Some(values) = found.facets.get(key) { (facet(request, key, name, values)) }
                    }
                    @for (key, values) in &found.facets {
                        @if !FACETS.iter().any(|(known, _)| known == key) { (facet(request, key, key, values)) }
                    }
                }
            }
            section.hits aria-label="检索结果" {
                div.bar {
                    p role="status" {
                        "共 " b { (found.total) } " 条"
                        @if found.total > 0 { "，第 " (request.offset + 1) "–" (last) " 条" }
                    }
                    (sort_links(request, answer.sort))
                }
                @if found.hits.is_empty() {
                    (nothing(request))
                }
                ol start=(request.offset + 1) {
                    @for hit in &found.hits { li { (one(request, hit)) } }
                }
                (pages(request, found.total))
            }
        }
    };
    layout(&format!("{} · 检索", request.query), Section::Search, viewer, &body)
}

/// Notes on how the query was understood: corrections, expansions, filters and the evaluation day.
fn query_notes(request: &SearchForm, answer: &Answer) -> Markup {
    let found = &answer.found;
    html! {
        @if let Some(meant) = &found.did_you_mean {
            p.note { "已按 " b { (meant) } " 检索。"
                a href={ (SearchForm { query: format!("“{}”", request.query), ..request.clone() }.address()) } { "仍查原词" }
            }
        }
        @for meaning in &found.understood {
            p.note { "“" (meaning.typed) "” 也按 “" (meaning.meant.join("、")) "” 查找" }
        }
        @if !found.narrowed_by.is_empty() { p.note { "限定：" (found.narrowed_by.join("；")) } }
        @for note in &found.notes { p.note { (note) } }
        @if !request.as_of.is_empty() { p.note { "效力截至 " (request.as_of) } }
        @if let Some(advice) = &found.advice {
            p.note role="status" {
                b { (advice.text) "。" }
                @if advice.kind == AdviceKind::Profile { " " a href="/match" { "填写企业情况" } }
            }
        }
    }
}

/// Themes offered where nothing was found.
const THEMES: [&str; 8] =
    ["税费优惠", "稳就业", "融资", "科技创新", "中小企业", "创业", "人工智能", "资质认定"];

/// Ways on from an empty result: fewer conditions, shorter words, themes.
fn nothing(request: &SearchForm) -> Markup {
    let of = |query: &str| SearchForm { query: query.to_owned(), ..SearchForm::default() };
    // Each half of a long word by itself: people write names together that texts write apart.
    let short = request.query.trim();
    let middle = short.char_indices().nth(short.chars().count() / 2).map_or(0, |(at, _)| at);
    let parts: Vec<&str> = match short.split_whitespace().collect::<Vec<_>>() {
        several if several.len() > 1 => several,
        _ if (4..=12).contains(&short.chars().count()) => <[&str; 2]>::from(short.split_at(middle)).to_vec(),
        _ => Vec::new(),
    };
    html! {
        p.empty { "没有找到。可以少写几个词，或换一个说法。" }
        @if !request.filters.is_empty() {
            p { a href=(SearchForm { filters: Vec::new(), offset: 0, ..request.clone() }.address()) { "去掉已选的限定" } }
        }
        @if !parts.is_empty() {
            p { "分开查：" @for part in &parts { a href=(of(part).address()) { (part) } " " } }
        }
        p { "按主题看：" @for theme in THEMES { a href=(of(theme).address()) { (theme) } " " } }
        p { "不知道叫什么：" a href="/match" { "按企业的情况匹配" } }
    }
}

/// True if the 文号 begins with the issuer, who is then not said again: 财政部 税务总局公告2023年第7号.
fn names_issuer(number: Option<&str>, issuer: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    number.is_some_and(|number| plain(number).starts_with(&plain(issuer)))
}

fn facet(request: &SearchForm, key: &str, name: &str, values: &[FacetValue]) -> Markup {
    let line = |value: &FacetValue| {
        let on = request.has(key, &value.value);
        html! {
            li class=[value.parent.is_some().then_some("below")] {
                a href=(request.toggle_filter(key, &value.value).address()) aria-current=[on.then_some("true")] rel="nofollow" {
                    @if on { span aria-hidden="true" { "✓ " } span.hidden { "已选：" } }
                    (value.name) " " span.count { (value.count) }
                }
            }
        }
    };
    html! {
        @if !values.is_empty() {
            h3 { (name) }
            ul { @for value in values.iter().take(SHOWN) { (line(value)) } }
            @if values.len() > SHOWN {
                details { summary { "其余 " (values.len() - SHOWN) " 项" }
                    ul { @for value in values.iter().skip(SHOWN) { (line(value)) } }
                }
            }
        }
    }
}

fn sort_links(request: &SearchForm, now: Sort) -> Markup {
    let name = |sort: Sort| match sort {
        Sort::Relevance => "相关",
        Sort::Deadline => "截止日",
        Sort::Amount => "金额",
        Sort::Date => "日期",
    };
    html! {
        nav.orders aria-label="排序" {
            @for (sort, word) in Sort::ALL {
                a href=(SearchForm { sort: word.to_owned(), offset: 0, ..request.clone() }.address())
                    aria-current=[(sort == now).then_some("true")] { (name(sort)) } " "
            }
        }
    }
}

fn one(request: &SearchForm, hit: &ItemHit) -> Markup {
    let about = &hit.hit;
    let query = form_urlencoded::byte_serialize(request.query.as_bytes()).collect::<String>();
    let title = about.highlights.iter().find(|highlight| highlight.field == "title");
    html! {
        article.hit {
            h2 {
                a href={ "/policies/" (encode_path(&about.id)) "?q=" (query) } {
                    @if let Some(title) = title { (marked(title)) } @else { (about.title) }
                }
            }
            p.about {
                @if let Some(verdict) = hit.verdict { (sign::verdict(verdict, false)) " " }
                span.label { (about.kind_name) } " "
                span class={ "label " @if about.status_name == "现行有效" { "yes" } @else { "no" } } { (about.status_name) }
                @if let Some(number) = &about.number { " " (number) }
                @if let Some(issuer) = about.issuer.as_deref().filter(|issuer| !names_issuer(about.number.as_deref(), issuer)) {
                    " · " (issuer)
                }
                @if let Some(day) = about.published { " · " (day) }
            }
            @for highlight in about.highlights.iter().filter(|highlight| highlight.field != "title") {
                p.snippet {
                    @if let Some(article) = highlight.article.as_deref().filter(|article| !article.is_empty()) { b { (article) } " " }
                    (marked(highlight))
                }
            }
            @for meaning in &about.through {
                p.note { "因 “" (meaning.typed) "” 理解为 “" (meaning.meant.join("、")) "” 而找到" }
            }
            @if !about.folded.is_empty() { p.note { "另有 " (about.folded.len()) " 份转载，内容相同" } }
            @if let [item] = hit.items.as_slice() && item.policy() == about.id {
                // The hit itself links to the item, so only what it gives, to whom and until when is added.
                (offer(item))
            } @else if !hit.items.is_empty() {
                ul.items {
                    @for item in &hit.items { li { (line(item)) } }
                }
            }
        }
    }
}

/// Benefit of an item, its addressees and its window.
fn offer(item: &HitItem) -> Markup {
    let (gives, to) = match item {
        HitItem::Matched(one) => (one.benefit.amount.text.as_deref(), None),
        HitItem::Item(one) => (one.gives.as_deref(), one.given_to.as_deref()),
    };
    html! {
        @if let Some(gives) = gives { p.offer { b { "给什么 " } (gives) } }
        @if let Some(to) = to { p.offer { b { "给谁 " } (to) } }
        p.about { (sign::window(window_of(item))) }
    }
}

fn window_of(item: &HitItem) -> &WindowView {
    match item {
        HitItem::Matched(one) => &one.window,
        HitItem::Item(one) => &one.window,
    }
}

fn line(item: &HitItem) -> Markup {
    let (id, title, verdict) = match item {
        HitItem::Matched(one) => (&one.policy, &one.title, Some((one.verdict, one.competitive))),
        HitItem::Item(one) => (&one.policy, &one.title, None),
    };
    html! {
        @if let Some((verdict, competitive)) = verdict { (sign::verdict(verdict, competitive)) " " }
        a href={ "/policies/" (encode_path(id)) } { (title) } " " (sign::window(window_of(item)))
        @if let HitItem::Matched(one) = item {
            @if let Some(held) = &one.held { " " span.hint { (held.text) } }
        }
    }
}

/// Text with its highlights marked.
fn marked(highlight: &Highlight) -> Markup {
    let part = |from: usize, to: usize| highlight.text.get(from..to).unwrap_or_default();
    let before = std::iter::once(0).chain(highlight.spans.iter().map(|(_, end)| *end));
    let last = highlight.spans.last().map_or(0, |(_, end)| *end);
    html! {
        @for (from, (start, end)) in before.zip(&highlight.spans) {
            (part(from, *start)) mark { (part(*start, *end)) }
        }
        (part(last, highlight.text.len()))
    }
}

fn pages(request: &SearchForm, total: usize) -> Markup {
    let to = |offset: usize| SearchForm { offset, ..request.clone() }.address();
    html! {
        @if total > PAGE {
            nav.pages aria-label="翻页" {
                @if request.offset > 0 { a rel="prev" href=(to(request.offset.saturating_sub(PAGE))) { "← 上一页" } " " }
                "第 " (request.offset / PAGE + 1) " 页，共 " (total.div_ceil(PAGE)) " 页 "
                @if request.offset + PAGE < total { a rel="next" href=(to(request.offset + PAGE)) { "下一页 →" } }
            }
        }
    }
}
