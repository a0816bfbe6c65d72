//! Reference of the HTTP API (接口参考), rendered from the OpenAPI document: operations by tag, parameters, shapes,
//! examples, and commands to try them. It needs no script and nothing from elsewhere.

use maud::{Markup, html};
use serde_json::{Map, Value};

use crate::Page;
use crate::frame::{Section, Viewer, layout};

/// Lines of an example that are shown; the document itself has all of them.
const MAX_EXAMPLE_LINES: usize = 40;
/// Depth of a shape written into a cell; deeper ones are named only.
const MAX_SHAPE_DEPTH: usize = 4;
/// Methods in the order of reading, writing, removal.
const METHODS: [&str; 4] = ["get", "post", "put", "delete"];

/// One operation of the document.
struct Operation<'a> {
    method: &'a str,
    path: &'a str,
    of: &'a Value,
}

impl Operation<'_> {
    fn id(&self) -> &str {
        text(self.of, "operationId")
    }

    fn needs_key(&self) -> bool {
        self.of.get("security").and_then(Value::as_array).is_some_and(|all| !all.is_empty())
    }

    fn has_tag(&self, name: &str) -> bool {
        list(self.of, "tags").any(|tag| tag == name)
    }
}

/// Reference page of an OpenAPI document.
pub fn reference(viewer: &Viewer, document: &Value) -> Page {
    let operations = operations(document);
    let title = "接口参考";
    let body = html! { div.reference {
        h1 { (title) }
        (prose(document.pointer("/info/description").and_then(Value::as_str).unwrap_or_default()))
        p {
            "机器可读的同一份内容：" a href="/openapi.json" { "/openapi.json" }
            "（OpenAPI 3.1，版本 " (document.pointer("/info/version").and_then(Value::as_str).unwrap_or_default()) "）。"
            "下面的命令先设好两个变量：地址与密钥（未设密钥的服务不需要）。"
        }
        pre { code { "BASE=http://127.0.0.1:8080\nKEY=zhr_…" } }
        nav.contents aria-label="目录" {
            @for tag in list(document, "tags") {
                h2 { a href={ "#tag-" (text(tag, "name")) } { (text(tag, "x-displayName")) } }
                p.hint { (text(tag, "description")) }
                ul {
                    @for one in operations.iter().filter(|one| one.has_tag(text(tag, "name"))) {
                        li { a href={ "#" (one.id()) } { (one.method.to_uppercase()) " " (one.path) } " " (text(one.of, "summary")) }
                    }
                }
            }
            p { a href="#webhooks" { "发给接收方的消息" } "　" a href="#schemas" { "结构" } }
        }
        @for tag in list(document, "tags") {
            section id={ "tag-" (text(tag, "name")) } {
                h2 { (text(tag, "x-displayName")) }
                @for one in operations.iter().filter(|one| one.has_tag(text(tag, "name"))) {
                    (operation(one))
                }
            }
        }
        (webhooks(document))
        (schemas(document))
    } };
    layout(title, Section::Other, viewer, &body)
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    for (path, methods) in members(document, "paths") {
        for method in METHODS {
            operations.extend(methods.get(method).map(|of| Operation { method, path, of }));
        }
    }
    operations
}

fn operation(one: &Operation<'_>) -> Markup {
    let parameters: Vec<&Value> = list(one.of, "parameters").collect();
    html! {
        article id=(one.id()) {
            h3 { code { (one.method.to_uppercase()) " " (one.path) } " " (text(one.of, "summary")) }
            (prose(text(one.of, "description")))
            p.hint {
                "操作名 " code { (one.id()) }
                @if one.needs_key() {
                    "　需要密钥"
                    @if let Some(right) = one.of.get("x-right").and_then(Value::as_str) { "，权限 " code { (right) } }
                    @if one.of.get("x-operator").is_some() { "，且不属于租户" }
                } @else { "　不需要密钥" }
            }
            @if !parameters.is_empty() {
                div.scroll { table {
                    thead { tr { th { "参数" } th { "位置" } th { "类型" } th { "说明" } } }
                    tbody { @for parameter in &parameters { (parameter_row(parameter)) } }
                } }
            }
            @for (kind, content) in members_at(one.of, "/requestBody/content") {
                p { "请求内容 " code { (kind) } "：" (shape(content.get("schema"), 0)) }
            }
            (answers(one.of))
            @if let Some(command) = command(one) {
                details { summary { "命令" } pre { code { (command) } } }
            }
            @for (name, example) in example_answers(one.of) {
                details { summary { "答复示例：" (name) } pre { code { (shortened(example)) } } }
            }
        }
    }
}

fn parameter_row(parameter: &Value) -> Markup {
    let required = parameter.get("required").and_then(Value::as_bool).unwrap_or_default();
    let place = match text(parameter, "in") {
        "path" => "地址",
        "header" => "请求头",
        _ => "查询",
    };
    html! {
        tr {
            td { code { (text(parameter, "name")) } @if required { "（必给）" } }
            td { (place) }
            td { (shape(parameter.get("schema"), 0)) }
            td { (inline(text(parameter, "description"))) }
        }
    }
}

/// Answers by status: the shape of those that succeed, the meaning of the others.
fn answers(of: &Value) -> Markup {
    html! {
        ul {
            @for (status, response) in members(of, "responses") {
                @if !response_is_shared(response) && status != "default" {
                    li {
                        code { (status) } " " (inline(text(response, "description")))
                        @for (kind, content) in members(response, "content") {
                            " · " code { (kind) } "：" (shape(content.get("schema"), 0))
                        }
                    }
                }
            }
            @let refused: Vec<&str> = members(of, "responses")
                .filter(|(_, response)| response_is_shared(response))
                .map(|(status, _)| status)
                .filter(|status| *status != "default")
                .collect();
            @if !refused.is_empty() {
                li { "出错 " code { (refused.join("、")) } "：" a href="#schema-ProblemDetails" { "ProblemDetails" } }
            }
        }
    }
}

fn response_is_shared(response: &Value) -> bool {
    response.get("$ref").is_some()
}

/// Command line that sends the first example of an operation.
fn command(one: &Operation<'_>) -> Option<String> {
    let mut address = one.path.to_owned();
    let mut query = Vec::new();
    for parameter in list(one.of, "parameters") {
        let name = text(parameter, "name");
        let example = members(parameter, "examples").next().and_then(|(_, example)| example.get("value"));
        match (text(parameter, "in"), example) {
            ("path", _) => {
                let value = if name == "id" { "ID" } else { name };
                address = address.replace(&format!("{{{name}}}"), value);
            }
            ("query", Some(value)) => query.push(format!("{name}={}", plain(value))),
            _ => {}
        }
    }
    if !query.is_empty() {
        address = format!("{address}?{}", query.join("&"));
    }
    let mut lines = vec![match one.method {
        "get" => format!("curl -s \"$BASE{address}\""),
        method => format!("curl -s -X {} \"$BASE{address}\"", method.to_uppercase()),
    }];
    if one.needs_key() {
        lines.push("-H \"authorization: Bearer $KEY\"".to_owned());
    }
    if let Some((kind, content)) = members_at(one.of, "/requestBody/content").next() {
        let body = members(content, "examples").next().and_then(|(_, example)| example.get("value"));
        lines.push(format!("-H 'content-type: {kind}'"));
        match body {
            Some(body) => lines.push(format!("-d '{}'", plain(body).replace('\'', "'\\''"))),
            None => lines.push("--data-binary @FILE".to_owned()),
        }
    }
    Some(lines.join(" \\\n  "))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Examples of the answers of an operation, each with its name.
fn example_answers(of: &Value) -> Vec<(String, &Value)> {
    let mut examples = Vec::new();
    for (status, response) in members(of, "responses") {
        for (_, content) in members(response, "content") {
            for (_, example) in members(content, "examples") {
                let name = format!("{status} {}", text(example, "summary"));
                examples.extend(example.get("value").map(|value| (name, value)));
            }
        }
    }
    examples
}

/// First lines of an example.
fn shortened(example: &Value) -> String {
    let whole = example.as_str().map_or_else(|| format!("{example:#}"), str::to_owned);
    let mut lines: Vec<&str> = whole.lines().take(MAX_EXAMPLE_LINES + 1).collect();
    if lines.len() > MAX_EXAMPLE_LINES {
        lines.truncate(MAX_EXAMPLE_LINES);
        lines.push("…（其余见 /openapi.json）");
    }
    lines.join("\n")
}

fn webhooks(document: &Value) -> Markup {
    html! {
        section id="webhooks" {
            h2 { "发给接收方的消息" }
            p { "请求头与签名遵循 Standard Webhooks，接收方的示例见源码的 examples/receivers。" }
            @for (name, hook) in members(document, "webhooks") {
                @if let Some(of) = hook.get("post") {
                    article id={ "webhook-" (name) } {
                        h3 { code { (name) } " " (text(of, "summary")) }
                        (prose(text(of, "description")))
                        @for (_, content) in members_at(of, "/requestBody/content") {
                            p { "正文：" (shape(content.get("schema"), 0)) }
                            @for (_, example) in members(content, "examples") {
                                @if let Some(value) = example.get("value") { pre { code { (shortened(value)) } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn schemas(document: &Value) -> Markup {
    html! {
        section id="schemas" {
            h2 { "结构" }
            @for (name, schema) in members_at(document, "/components/schemas") {
                article id={ "schema-" (name) } {
                    h3 { code { (name) } }
                    (prose(text(schema, "description")))
                    (schema_body(schema))
                }
            }
        }
    }
}

fn schema_body(schema: &Value) -> Markup {
    let required: Vec<&str> = list(schema, "required").filter_map(Value::as_str).collect();
    html! {
        @if schema.get("properties").is_some() {
            div.scroll { table {
                thead { tr { th { "成员" } th { "类型" } th { "说明" } } }
                tbody {
                    @for (name, member) in members(schema, "properties") {
                        tr {
                            td { code { (name) } @if !required.contains(&name) { "（可无）" } }
                            td { (shape(Some(member), 0)) }
                            td { (inline(text(member, "description"))) }
                        }
                    }
                }
            } }
        }
        @for part in list(schema, "allOf") {
            @if part.get("$ref").is_some() { p { "含 " (shape(Some(part), 0)) " 的全部成员，另有：" } }
            @else { (schema_body(part)) }
        }
        @if schema.get("anyOf").is_some() || schema.get("enum").is_some() { p { (shape(Some(schema), 0)) } }
    }
}

/// Shape of a value in one line, with links to named shapes.
fn shape(schema: Option<&Value>, depth: usize) -> Markup {
    let Some(schema) = schema.filter(|_| depth < MAX_SHAPE_DEPTH) else { return html! { "任意" } };
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|of| of.rsplit('/').next()) {
        return html! { a href={ "#schema-" (name) } { (name) } };
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        let words: Vec<String> = words.iter().map(plain).collect();
        return html! { code { (words.join(" | ")) } };
    }
    for several in ["anyOf", "oneOf"] {
        if schema.get(several).is_some() {
            let shown = list(schema, several).filter(|one| one.get("type").is_none_or(|kind| kind != "null"));
            return html! { @for (at, one) in shown.enumerate() { @if at > 0 { " 或 " } (shape(Some(one), depth + 1)) } };
        }
    }
    let kinds: Vec<&str> = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind.as_str()],
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect()
        }
        _ => return html! { "任意" },
    };
    html! {
        @for (at, kind) in kinds.iter().enumerate() {
            @if at > 0 { " 或 " }
            @match *kind {
                "array" => { "列表：" (shape(schema.get("items"), depth + 1)) }
                "object" if schema.get("additionalProperties").is_some_and(Value::is_object) => {
                    "键到 " (shape(schema.get("additionalProperties"), depth + 1))
                }
                "object" => "对象",
                "string" => "文字",
                "integer" => "整数",
                "number" => "数",
                "boolean" => "true 或 false",
                other => (other),
            }
        }
    }
}

/// Paragraphs of a description.
fn prose(description: &str) -> Markup {
    html! { @for part in description.split("\n\n").filter(|part| !part.trim().is_empty()) { p { (inline(part)) } } }
}

/// Text with its `code` parts.
fn inline(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn text<'a>(of: &'a Value, key: &str) -> &'a str {
    of.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(of: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    of.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn members<'a>(of: &'a Value, key: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    pairs(of.get(key).and_then(Value::as_object))
}

fn members_at<'a>(of: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    pairs(of.pointer(pointer).and_then(Value::as_object))
}

fn pairs(map: Option<&Map<String, Value>>) -> impl Iterator<Item = (&str, &Value)> {
    map.into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}
