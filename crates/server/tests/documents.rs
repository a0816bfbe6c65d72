//! Files of every form sent to `POST /v1/read` and `POST /v1/import`.

use serde_json::{Value, json};

use crate::asking::{Answer, Service};

fn file(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../document/tests/files");
    std::fs::read(folder.join(name)).unwrap()
}

fn form(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
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

const FORM: &str = "multipart/form-data; boundary=b";
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
