//! Files of every form sent to `POST /v1/read` and `POST /v1/import`.

use serde_json::{Value, json};

use zhaoren_engine::Role;

use crate::asking::{Answer, Service, settings};

fn file(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../document/tests/files");
    std::fs::read(folder.join(name)).unwrap()
}

pub(crate) fn form(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, bytes) in files {
        let head =
            format!("--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    body
}

pub(crate) const FORM: &str = "multipart/form-data; boundary=b";
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

fn send(service: &Service, path: &str, kind: &str, body: Vec<u8>) -> Answer {
    service.send("POST", path, &[("content-type", kind)], body)
}

#[test]
fn file_type_is_detected_by_content() {
    let service = Service::shared();
    for (name, kind, form_of) in [
        ("docx-number-kinds.docx", DOCX, "docx"),
        ("docx-number-kinds.docx", "application/octet-stream", "docx"),
        ("docx-number-kinds.docx", "text/plain", "docx"),
        ("pdf-redhead.pdf", "application/pdf", "pdf"),
        ("pdf-redhead.pdf", "application/msword", "pdf"),
        ("ofd-policy.ofd", "application/ofd", "ofd"),
    ] {
        let answer = send(service, "/v1/read?id=%E9%80%9A%E7%9F%A5", kind, file(name));
        let shown = answer.json();
        assert_eq!(answer.status, 200, "{name} as {kind}: {shown}");
        assert_eq!(
            (&shown["id"], &shown["file"]["form"]),
            (&json!("通知"), &json!(form_of)),
            "{name} as {kind}"
        );
        let clauses = shown["clauses"].as_array().unwrap();
        let article = clauses.iter().find(|clause| clause["article"] == "第一条").unwrap();
        assert!(article["origin"]["label"].as_str().unwrap().starts_with('第'), "{article}");
    }
    let in_form =
        send(service, "/v1/read", FORM, form(&[("细则.docx", file("docx-number-kinds.docx"))])).json();
    assert_eq!((&in_form["id"], &in_form["file"]["name"]), (&json!("细则"), &json!("细则.docx")));
}

#[test]
fn unreadable_files_are_refused_with_a_reason() {
    let service = Service::shared();
    for (name, kind, words) in [
        ("pdf-scan.pdf", "application/pdf", "扫描件"),
        ("pdf-encrypted-user.pdf", "application/octet-stream", "已加密"),
        ("docx-empty.docx", DOCX, "没有文字"),
        ("ofd-truncated.ofd", "application/zip", "不完整"),
    ] {
        let refused = send(service, "/v1/read", kind, file(name));
        let problem = refused.json();
        assert_eq!((refused.status, &problem["code"]), (400, &json!("bad-policy")), "{name}: {problem}");
        assert!(problem.to_string().contains(words), "{name}: {problem}");
    }
    let other = send(service, "/v1/read", "image/png", b"\x89PNG".to_vec());
    assert_eq!((other.status, &other.json()["code"]), (415, &json!("unsupported-media-type")));
}

#[test]
fn files_are_imported_and_refused_ones_are_named() {
    let service = Service::with(&[]);
    let sent = form(&[
        ("细则.docx", file("docx-number-kinds.docx")),
        ("红头.pdf", file("pdf-redhead.pdf")),
        ("扫描.pdf", file("pdf-scan.pdf")),
    ]);
    let report = send(&service, "/v1/import", FORM, sent).json();
    assert_eq!(report["documents"]["new"], 2, "{report}");
    let problems = report["problems"].to_string();
    assert!(problems.contains("扫描.pdf") && problems.contains("扫描件"), "{problems}");
    let alone = send(&service, "/v1/import?id=alone", "application/pdf", file("pdf-two-columns.pdf")).json();
    assert_eq!(alone["documents"]["new"], 1, "{alone}");
    assert_eq!(
        send(&service, "/v1/import", "application/pdf", file("pdf-two-columns.pdf")).status,
        400,
        "no id"
    );
    let stored: Value = service.get("/v1/policies/alone").json();
    assert_eq!(stored["file"]["form"], "pdf");
    assert_eq!(stored["clauses"][0]["origin"]["page"], 1, "{stored}");
}

const HOST: (&str, &str) = ("host", "zhaoren.example");

/// The page of the console: a file is read by everybody, and imported by those who may import over HTTP.
#[test]
fn a_file_is_read_and_imported_on_a_page() {
    let (folder, engine) = Service::filled();
    let local = zhaoren_engine::Principal::local();
    let key = |role, name| {
        engine.records().add_key(&local.write_context(zhaoren_engine::now()), "", role, name, None).unwrap().1
    };
    let keys = [key(Role::Administrator, "甲"), key(Role::Caseworker, "乙"), key(Role::Administrator, "丙")];
    let service = Service::over(folder, engine, settings(&[]));
    let cookies = keys.map(|key| {
        let form = [HOST, ("content-type", "application/x-www-form-urlencoded")];
        let answer = service.send("POST", "/sign-in", &form, format!("key={key}"));
        answer.header("set-cookie").split(';').next().unwrap().to_owned()
    });
    let [administrator, caseworker, other] = &cookies;
    let post = |path: &str, cookie: &str, kind: &str, more: &[(&str, &str)], body: Vec<u8>| {
        let headers: Vec<(&str, &str)> = [HOST, ("cookie", cookie), ("content-type", kind)]
            .into_iter()
            .chain(more.iter().copied())
            .collect();
        service.send("POST", path, &headers, body)
    };
    let upload =
        |cookie: &str, name: &str, bytes: Vec<u8>| post("/read", cookie, FORM, &[], form(&[(name, bytes)]));
    let asked = service.send("GET", "/read", &[HOST, ("cookie", caseworker)], "").text();
    assert!(asked.contains("enctype=\"multipart/form-data\"") && asked.contains("读政策文件"), "{asked}");
    // The page says the same as `read`.
    let page = upload(caseworker, "红头.pdf", file("pdf-redhead.pdf"));
    let said = send(&service, "/v1/read", FORM, Vec::new());
    assert_eq!(said.status, 401, "over HTTP only with a key");
    for words in ["红头.pdf（PDF）", "文号", "第1页", "第一条", "条款（", "全文"] {
        assert!(page.text().contains(words), "{words} in {}", page.text());
    }
    assert!(!page.text().contains("/import\""), "a caseworker imports nothing");
    let scan = upload(caseworker, "扫描.pdf", file("pdf-scan.pdf")).text();
    assert!(scan.contains("读不了：扫描.pdf") && scan.contains("扫描件"), "{scan}");
    assert!(upload(caseworker, "a.yaml", b"id: a\ntitle: b\n".to_vec()).text().contains("读不了"));
    let none = post("/read", caseworker, "application/x-www-form-urlencoded", &[], Vec::new());
    assert!(none.status == 415 && none.text().contains("选择一份文件"), "{}", none.text());
    // The import takes the file that was read, once, for the key that sent it, and from our own page only.
    let token = |page: &str| page.split("/read/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let page = upload(administrator, "红头.pdf", file("pdf-redhead.pdf")).text();
    let path = format!("/read/{}/import", token(&page));
    let import = |cookie: &str, more: &[(&str, &str)]| {
        post(&path, cookie, "application/x-www-form-urlencoded", more, b"id=%E7%BA%A2%E5%A4%B4-1".to_vec())
    };
    assert_eq!(import(caseworker, &[]).status, 403);
    assert_eq!(import(administrator, &[("origin", "http://evil.example")]).status, 403);
    assert_eq!(import(other, &[]).status, 404, "another key");
    let bad = post(&path, administrator, "application/x-www-form-urlencoded", &[], b"id=a/b".to_vec());
    assert_eq!(bad.status, 400, "{}", bad.text());
    let done =
        import(administrator, &[("origin", "http://zhaoren.example"), ("sec-fetch-site", "same-origin")]);
    assert!(done.status == 200 && done.text().contains("已导入"), "{}", done.text());
    assert_eq!(import(administrator, &[]).status, 404, "taken once");
    let stored = service.send("GET", "/policies/%E7%BA%A2%E5%A4%B4-1", &[HOST, ("cookie", caseworker)], "");
    assert_eq!(stored.status, 200, "{}", stored.text());
}
