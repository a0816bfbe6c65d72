//! Parts of the document that concern all operations: server, tags, refusals, and the webhooks that we send.

use serde_json::{Map, Value, json};

use crate::layers::idempotency;

/// Tags: name as the routes write it, name for generators (they make modules of it), purpose.
const TAGS: [(&str, &str, &str); 6] = [
    ("企业", "enterprises", "一家企业能得到什么，存取企业的指标"),
    ("检索", "search", "检索文件、事项与条款"),
    ("政策", "policies", "目录、导入与核对"),
    ("审核", "review", "提出事项，另一人审核"),
    ("推送", "push", "推送批次、名单与消息"),
    ("运行", "service", "健康、指标、密钥、审计与索引"),
];

/// Refusals by status: name of the shared response, and when it is given.
const REFUSALS: [(&str, &str, &str); 7] = [
    ("400", "BadRequest", "请求有误：`errors` 逐条说明在哪里、得到什么、应为什么"),
    ("401", "Unauthorized", "缺少密钥，或密钥、令牌无效"),
    ("403", "Forbidden", "密钥有效，但其角色或租户不能使用这个地址"),
    ("404", "NotFound", "没有所找的内容"),
    ("415", "UnsupportedMediaType", "不接受这种内容类型"),
    ("422", "IdempotencyKeyReused", "同一个 `Idempotency-Key` 用于另一份内容"),
    ("429", "TooManyRequests", "请求过于频繁，`Retry-After` 秒之后再试"),
];

/// Response that every operation may give.
const ANY: &str = "Problem";

/// Latin name of a tag.
fn latin(tag: &str) -> &str {
    TAGS.iter().find(|(name, ..)| *name == tag).map_or(tag, |(_, latin, _)| latin)
}

/// Response with a problem.
fn refusal(description: &str) -> Value {
    json!({
        "description": description,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
    })
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/responses/{name}")})
}

/// Completes the head of the document, and adds what its operations refer to.
pub(super) fn head(document: &mut Value) {
    let Some(document) = document.as_object_mut() else { return };
    document.insert("servers".to_owned(), json!([{"url": "/", "description": "提供本文档的服务自身"}]));
    let tags = TAGS
        .map(|(name, latin, purpose)| json!({"name": latin, "x-displayName": name, "description": purpose}));
    document.insert("tags".to_owned(), tags.to_vec().into());
    document.insert("webhooks".to_owned(), webhooks());
    let mut responses = Map::new();
    for (_, name, description) in REFUSALS {
        responses.insert(name.to_owned(), refusal(description));
    }
    responses.insert(ANY.to_owned(), refusal("出错（RFC 9457）"));
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        components.insert("responses".to_owned(), responses.into());
        components.insert("securitySchemes".to_owned(), security_schemes());
    }
    if let Some(license) = document.get_mut("info").and_then(|info| info.get_mut("license")) {
        *license = json!({"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"});
    }
}

fn security_schemes() -> Value {
    json!({"key": {"type": "http", "scheme": "bearer", "description": "API 密钥，或身份提供方的令牌"}})
}

/// Gives an operation its Latin tag and the refusals that it can answer with.
pub(super) fn operation(path: &str, method: &str, operation: &mut Value) {
    for tag in operation.get_mut("tags").and_then(Value::as_array_mut).into_iter().flatten() {
        let name = latin(tag.as_str().unwrap_or_default()).to_owned();
        *tag = name.into();
    }
    let secured = operation.get("security").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
    let has_body = operation.get("requestBody").is_some();
    let idempotent = method == "post" && idempotency::ROUTES.contains(&path);
    if let (true, Some(operation)) = (idempotent, operation.as_object_mut()) {
        let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
        if let Some(parameters) = parameters.as_array_mut() {
            parameters.push(json!({
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description": "重发同一份请求时不变（建议用 UUID）：只做一次，一天之内得到同样的答复；用于另一份内容得 422",
                "schema": {"type": "string", "maxLength": 200},
            }));
        }
    }
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    for (status, name, _) in REFUSALS {
        let applies = match status {
            "401" | "403" | "429" => secured,
            "404" => path.contains('{'),
            "415" => has_body,
            "422" => idempotent,
            _ => true,
        };
        if applies {
            responses.entry(status).or_insert_with(|| reference(name));
        }
    }
    responses.entry("default").or_insert_with(|| reference(ANY));
}

/// Response of an operation by status, with a shared one copied into the operation, so that an example can be added.
pub(super) fn own_response<'a>(
    operation: &'a mut Value,
    shared: &Value,
    status: &str,
) -> Option<&'a mut Value> {
    let responses = operation.get_mut("responses")?.as_object_mut()?;
    let key = if responses.contains_key(status) { status } else { "default" };
    let response = responses.get_mut(key)?;
    if let Some(name) = response.get("$ref").and_then(Value::as_str) {
        let name = name.rsplit('/').next().unwrap_or_default().to_owned();
        response.clone_from(shared.get(&name)?);
    }
    Some(response)
}

/// Value of an example parameter, which its file holds as the text of the address, in the type of the schema.
pub(super) fn typed(schema: Option<&Value>, text: &Value) -> Value {
    let is = |kind: &str| {
        schema.and_then(|schema| schema.get("type")).is_some_and(|is| {
            is == kind || is.as_array().is_some_and(|kinds| kinds.iter().any(|one| one == kind))
        })
    };
    let Some(written) = text.as_str() else { return text.clone() };
    let parsed = || serde_json::from_str::<Value>(written).ok();
    if is("array") {
        let items = schema.and_then(|schema| schema.get("items"));
        return Value::Array(vec![typed(items, text)]);
    }
    if is("boolean") {
        return match written {
            "" | "1" | "true" => true.into(),
            _ => false.into(),
        };
    }
    let number = (is("integer") || is("number")).then(parsed).flatten().filter(Value::is_number);
    number.unwrap_or_else(|| text.clone())
}

/// Messages that we post to receivers (Standard Webhooks).
fn webhooks() -> Value {
    let header = |name: &str, description: &str| {
        json!({"name": name, "in": "header", "required": true, "description": description,
            "schema": {"type": "string"}})
    };
    let headers = json!([
        header("webhook-id", "消息的标识：同一条消息再到时相同，请记下见过的"),
        header("webhook-timestamp", "发送时刻：自 1970 年起的秒；相差超过五分钟的应拒绝"),
        header(
            "webhook-signature",
            "一个或几个签名，以空格分开；每个为 `v1,` 与 HMAC-SHA256（`webhook-id.webhook-timestamp.正文`）的 Base64"
        ),
    ]);
    let hook = |id: &str, schema: &str, summary: &str, description: &str, example: Value| {
        json!({"post": {
            "operationId": id, "summary": summary, "description": description, "tags": ["push"],
            "security": [], "parameters": headers,
            "requestBody": {"required": true, "content": {"application/json": {
                "schema": {"$ref": format!("#/components/schemas/{schema}")},
                "examples": {"one": {"summary": summary, "value": example}}}}},
            "responses": {
                "2XX": {"description": "已收妥，不再发送"},
                "4XX": {"description": "408、409、425、429 会重试；其余表示永远不接收，不再发送"},
                "5XX": {"description": "稍后重试，间隔逐次加长；答复里的 `Retry-After` 会遵守"},
            },
        }})
    };
    let data = |more: Value| {
        let mut data = json!({"enterprise": "91310104MA1FR000X6", "item": "cn-hnte-2016",
            "title": "高新技术企业认定", "as_of": "2026-07-01",
            "run": "3f0c1d5a9be24a7c8d6e5f4a3b2c1d0e3f0c1d5a9be24a7c8d6e5f4a3b2c1d0e"});
        if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
            data.extend(more);
        }
        data
    };
    let at = "2026-07-02T01:30:00Z";
    let window = json!({"state": "open", "opens": "2026-03-01", "closes": "2026-09-30"});
    json!({
        "offer": hook("offer", "MessageBody", "告知：一家企业可以享受一个事项",
            "由推送的名单制作。`data.window` 在知道日期时才有。正文没有企业的任何指标。",
            json!({"type": "offer", "timestamp": at,
                "data": data(json!({"verdict": "eligible", "window": window}))})),
        "retraction": hook("retraction", "MessageBody", "撤回：此前的告知不再成立",
            "`data.retracts` 是不再成立的告知的 `webhook-id`；从未收到过的，跳过即可。",
            json!({"type": "retraction", "timestamp": at,
                "data": data(json!({"retracts": ["m1_0f5c2c8e"]}))})),
        "notice": hook("notice", "NoticeBody", "合为一条：同一企业到期的各项",
            "渠道写有 `merge = true` 时代替前两种。请按各项的 `id` 去重：重试时可能与别的项合在一起。",
            json!({"type": "notice", "timestamp": at, "data": {"enterprise": "91310104MA1FR000X6", "items": [
                {"id": "m1_0f5c2c8e", "type": "offer", "item": "cn-hnte-2016", "title": "高新技术企业认定",
                    "as_of": "2026-07-01", "run": "3f0c1d5a9be24a7c", "verdict": "eligible"}]}})),
        "test": hook("test", "MessageBody", "测试：核对地址与签名，不涉及任何企业",
            "由 `zhaoren messages test` 发出，不记入登记库。企业与事项的标识都是 `test`，请勿当作告知处理。",
            json!({"type": "test", "timestamp": at,
                "data": {"enterprise": "test", "item": "test", "title": "测试消息", "as_of": "2026-07-01",
                    "run": "test"}})),
    })
}
