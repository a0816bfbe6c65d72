//! Push jobs over HTTP: the result is that of the command line; jobs are watched, cancelled, refused and survive a restart by name.

use std::path::Path;

use serde_json::{Value, json};
use zhaoren_engine::night::{EnterpriseInput, TableRequest, push_with};
use zhaoren_engine::{Principal, Role, now, parse_date};
use zhaoren_push::{Explain, Format, Listing, NoProgress, PushOptions, Refusals};

use crate::asking::{Service, settings};
use crate::openapi::conforms;

const SAMPLES: &str = include_str!("../../../seeds/enterprises/samples.jsonl");
const BYTES: (&str, &str) = ("content-type", "application/octet-stream");

/// Service with a folder for runs.
fn service(runs: &Path) -> Service {
    let (folder, engine) = Service::filled();
    Service::over(folder, engine, settings(&[("runs", runs.to_str().unwrap())]))
}

/// Waits until a job is over.
fn over(service: &Service, id: &str) -> Value {
    loop {
        let job = service.get(&format!("/v1/jobs/{id}"));
        assert_eq!(job.status, 200, "{}", job.text());
        let job = job.json();
        if !["waiting", "running"].contains(&job["state"].as_str().unwrap()) {
            return job;
        }
        std::thread::yield_now();
    }
}

fn submit(service: &Service, query: &str, table: &str) -> Value {
    let made = service.send("POST", &format!("/v1/jobs?{query}"), &[BYTES], table.to_owned());
    assert_eq!(made.status, 202, "{}", made.text());
    made.json()
}

#[test]
fn a_job_makes_the_run_of_the_command_line() {
    let runs = tempfile::tempdir().unwrap();
    let service = service(runs.path());
    let job = submit(&service, "run=night-1&as_of=2026-07-01&undetermined=true&format=jsonl", SAMPLES);
    assert_eq!((&job["state"], &job["run"]), (&json!("waiting"), &json!("night-1")));
    let done = over(&service, job["id"].as_str().unwrap());
    assert_eq!(
        (&done["state"], &done["message"], &done["rows"]),
        (&json!("done"), &json!(""), &json!(12)),
        "{done}"
    );
    assert_eq!((&done["counts"]["enterprises"], &done["written"]), (&json!(12), &json!(12)));
    // The same night without HTTP: the same bytes.
    let table = runs.path().join("table.jsonl");
    std::fs::write(&table, SAMPLES).unwrap();
    let rules = service.engine.rules();
    let paths = [table];
    let request =
        TableRequest { paths: &paths, mapping: None, strict: false, reject_rows: false, records: &[] };
    let input = EnterpriseInput::open(&request, rules.library().dictionary()).unwrap();
    let options = PushOptions {
        out: runs.path().join("direct"),
        as_of: parse_date("2026-07-01").unwrap(),
        previous: None,
        format: Format::Jsonl,
        listing: Listing { undetermined: true, ..Listing::default() },
        deadline_days: 15,
        full: false,
        opt_outs: Refusals::default(),
        explain: Explain::Missing,
    };
    push_with(Some(&service.engine.records()), &input, &rules, options, &NoProgress).unwrap();
    let list = |run: &str| std::fs::read(runs.path().join(run).join("matches.jsonl")).unwrap();
    assert_eq!(list("night-1"), list("direct"));
    // It is a run like any other, and compared with by the next one.
    assert!(service.get("/v1/runs").json()["runs"].as_array().unwrap().contains(&json!("night-1")));
    let next = submit(
        &service,
        "run=night-2&as_of=2026-07-01&undetermined=true&format=jsonl&previous=night-1",
        SAMPLES,
    );
    let next = over(&service, next["id"].as_str().unwrap());
    assert_eq!((&next["counts"]["new"], &next["counts"]["gone"]), (&json!(0), &json!(0)), "{next}");
    let all = service.get("/v1/jobs").json();
    assert_eq!(all["jobs"].as_array().unwrap().len(), 2);
    let document = zhaoren_server::openapi::generate();
    for (operation, status, answer) in
        [("submitJob", 202, &job), ("job", 200, &done), ("cancelJob", 200, &next), ("jobs", 200, &all)]
    {
        conforms(&document, operation, status, "application/json", answer);
    }
    let left: Vec<_> = std::fs::read_dir(runs.path().join(".jobs"))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|end| end == "table"))
        .collect();
    assert!(left.is_empty(), "tables are deleted after use");
}

#[test]
fn rubbish_is_named() {
    let runs = tempfile::tempdir().unwrap();
    let service = service(runs.path());
    for (query, word) in [
        ("", "run"),
        ("run=..%2Fetc", "run"),
        ("run=.hidden", "run"),
        ("run=a%2Fb", "run"),
        ("run=a&as_of=2026-02-30", "as_of"),
        ("run=a&format=pdf", "format"),
        ("run=a&previous=none", "previous"),
        ("run=a&top=-1", "top"),
        ("run=a&undetermined=perhaps", "undetermined"),
    ] {
        let refused = service.send("POST", &format!("/v1/jobs?{query}"), &[BYTES], SAMPLES.to_owned());
        assert_eq!(refused.status, 400, "{query}: {}", refused.text());
        assert!(refused.text().contains(word), "{query}: {}", refused.text());
    }
    let empty = service.send("POST", "/v1/jobs?run=a", &[BYTES], "");
    assert_eq!(empty.status, 400, "{}", empty.text());
    let job = submit(&service, "run=a", "\u{0}\u{1}not a table\u{2}");
    let failed = over(&service, job["id"].as_str().unwrap());
    assert_eq!(failed["state"], "failed", "{failed}");
    assert!(!failed["message"].as_str().unwrap().is_empty() && !runs.path().join("a/_SUCCESS").exists());
    for id in ["0123", "..%2F..%2Fetc%2Fpasswd", "ffffffffffffffffffffffffffffffff"] {
        assert_eq!(service.get(&format!("/v1/jobs/{id}")).status, 404, "{id}");
    }
    // A run is never overwritten.
    let first = submit(&service, "run=b&as_of=2026-07-01", SAMPLES);
    over(&service, first["id"].as_str().unwrap());
    let again = service.send("POST", "/v1/jobs?run=b&as_of=2026-07-01", &[BYTES], SAMPLES.to_owned());
    assert_eq!(again.status, 409, "{}", again.text());
}

#[test]
fn jobs_are_cancelled_and_found_interrupted_after_a_restart() {
    let runs = tempfile::tempdir().unwrap();
    let service = service(runs.path());
    // One thread works on the queue: of many jobs the last ones still wait.
    let many = SAMPLES.repeat(40);
    let jobs: Vec<Value> =
        (0..6).map(|number| submit(&service, &format!("run=r{number}&as_of=2026-07-01"), &many)).collect();
    let last = jobs[5]["id"].as_str().unwrap();
    let cancelled = service.send("DELETE", &format!("/v1/jobs/{last}"), &[], "");
    assert_eq!(cancelled.status, 200);
    assert_eq!(over(&service, last)["state"], "cancelled", "{}", cancelled.text());
    assert!(!runs.path().join("r5").join("_SUCCESS").exists());
    for job in &jobs[..5] {
        over(&service, job["id"].as_str().unwrap());
    }
    // The program ended in the middle of a job: its state says running, and no process works on it.
    let id = "00112233445566778899aabbccddeeff";
    let mut state = jobs[0].clone();
    (state["id"], state["state"], state["run"]) = (json!(id), json!("running"), json!("lost"));
    std::fs::write(runs.path().join(format!(".jobs/{id}.json")), state.to_string()).unwrap();
    let found = service.get(&format!("/v1/jobs/{id}")).json();
    assert_eq!(found["state"], "interrupted");
    assert!(found["message"].as_str().unwrap().contains("重新提交"), "{found}");
    // A damaged state file hides no other job.
    std::fs::write(runs.path().join(".jobs/ffeeddccbbaa99887766554433221100.json"), "{").unwrap();
    assert_eq!(service.get("/v1/jobs").json()["jobs"].as_array().unwrap().len(), 7);
}

#[test]
fn a_tenant_sees_its_own_jobs_only() {
    let runs = tempfile::tempdir().unwrap();
    let (folder, engine) = Service::filled();
    let act = Principal::local();
    for (id, name) in [("310104", "徐汇区"), ("310101", "黄浦区")] {
        let tenant = zhaoren_engine::Tenant {
            id: id.into(),
            name: name.into(),
            level: "district".into(),
            parent: String::new(),
        };
        engine.records().put_tenant(&act.write_context(now()), &tenant).unwrap();
    }
    let key = |tenant: &str, role| {
        let name = format!("{tenant}-{role:?}");
        let made = engine.records().add_key(&act.write_context(now()), tenant, role, &name, None).unwrap();
        format!("Bearer {}", made.1)
    };
    let (own, other, reviewer) =
        (key("310104", Role::Platform), key("310101", Role::Platform), key("310104", Role::Reviewer));
    let service = Service::over(folder, engine, settings(&[("runs", runs.path().to_str().unwrap())]));
    let send = |method: &str, path: &str, bearer: &str, body: &str| {
        service.send(method, path, &[BYTES, ("authorization", bearer)], body.to_owned())
    };
    let made = send("POST", "/v1/jobs?run=a&as_of=2026-07-01", &own, SAMPLES);
    assert_eq!(made.status, 202, "{}", made.text());
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/jobs/{id}");
    assert_eq!((send("GET", &path, &own, "").status, send("GET", &path, &other, "").status), (200, 404));
    assert_eq!(send("DELETE", &path, &other, "").status, 404);
    assert_eq!(send("GET", "/v1/jobs", &other, "").json()["jobs"], json!([]));
    assert_eq!(send("GET", &path, &reviewer, "").status, 403);
    while ["waiting", "running"].contains(&send("GET", &path, &own, "").json()["state"].as_str().unwrap()) {
        std::thread::yield_now();
    }
    assert!(runs.path().join("310104/a/_SUCCESS").is_file());
}
