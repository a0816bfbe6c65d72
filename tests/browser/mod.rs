//! A headless browser for tests, controlled by the WebDriver protocol (<https://www.w3.org/TR/webdriver2/>): JSON over HTTP.
//! The few commands that the tests need are less code than a library would add to every build of the tests.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};

/// A browser window. Driver and browser end when it is dropped.
pub(crate) struct Browser {
    driver: Child,
    address: String,
    session: String,
    /// Source of the axe script, if available.
    axe: Option<String>,
    _folder: tempfile::TempDir,
}

impl Browser {
    /// Opens a window of a size in pixels; `None`, with a message, if no browser is available.
    pub(crate) fn open(width: u32, height: u32) -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let tools = Command::new(root.join("tests/browser.sh")).arg(cache(root)).output().unwrap();
        if !tools.status.success() {
            zhaoren_prerequisite::skip(
                zhaoren_prerequisite::Prerequisite::Browser,
                String::from_utf8_lossy(&tools.stderr).trim(),
            );
            return None;
        }
        let script = String::from_utf8_lossy(&tools.stdout).trim().to_owned();
        let axe = std::fs::read_to_string(&script).ok();
        if axe.is_none() {
            zhaoren_prerequisite::skip(zhaoren_prerequisite::Prerequisite::Browser, "axe cannot be had");
        }
        let folder = tempfile::tempdir().unwrap();
        // The driver chooses a port, takes it in a second step, and prints it: another one that starts at the same moment may be faster.
        let (driver, port, lines) = (0..20).find_map(|_| start_driver()).expect("the driver says its port");
        let address = format!("127.0.0.1:{port}");
        // Keep reading, so that the driver never blocks on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let mut browser = Self { driver, address, session: String::new(), axe, _folder: folder };
        let profile = browser._folder.path().display();
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            format!("--window-size={width},{height}"),
            format!("--user-data-dir={profile}"),
        ];
        let wanted = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}});
        let begun = browser.send("POST", "/session", &wanted);
        browser.session = begun["sessionId"].as_str().expect("a session begins").to_owned();
        Some(browser)
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).unwrap();
        // The driver keeps the connection open in any case: only the length gives the end of the answer.
        let (mut reader, mut length) = (BufReader::new(stream), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap();
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).unwrap();
        let body = String::from_utf8(answer).unwrap();
        let answer: Value =
            serde_json::from_str(&body).unwrap_or_else(|error| panic!("{path}: {error}: {body}"));
        let value = answer["value"].clone();
        assert!(value.get("error").is_none(), "{method} {path}: {value}");
        value
    }

    fn ask(&self, path: &str, body: &Value) -> Value {
        self.send("POST", &format!("/session/{}{path}", self.session), body)
    }

    /// Opens an address, and waits until the page is loaded.
    pub(crate) fn go(&self, address: &str) {
        self.ask("/url", &json!({ "url": address }));
    }

    /// Runs a script in the page, and returns its result.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.ask("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// Visible text of the page.
    pub(crate) fn text(&self) -> String {
        self.run("return document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    fn find(&self, css: &str) -> String {
        let found = self.ask("/element", &json!({"using": "css selector", "value": css}));
        found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned()
    }

    /// Types into the element that a selector matches.
    pub(crate) fn enter(&self, css: &str, text: &str) {
        self.ask(&format!("/element/{}/value", self.find(css)), &json!({ "text": text }));
    }

    /// Clicks on a link to another page, and waits for that page.
    pub(crate) fn click(&self, css: &str) {
        self.run("window.before = true");
        self.ask(&format!("/element/{}/click", self.find(css)), &json!({}));
        self.wait_for("return !window.before && document.readyState === 'complete'");
    }

    /// Waits until a script returns something true.
    pub(crate) fn wait_for(&self, script: &str) -> Value {
        let begun = Instant::now();
        loop {
            let value = self.run(script);
            let is_true = !matches!(value, Value::Null | Value::Bool(false));
            if is_true {
                return value;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "never true: {script}\n{}", self.text());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Violations of WCAG 2.2 A and AA reported by axe: the rule, and its first occurrence.
    pub(crate) fn obstacles(&self) -> Vec<String> {
        let Some(axe) = &self.axe else { return Vec::new() };
        self.run(axe);
        let rules =
            r#"{runOnly: {type: "tag", values: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa"]}}"#;
        let script = format!(
            "const done = arguments[arguments.length - 1]; axe.run(document, {rules}).then(r => done(r.violations.map(v => v.id + ' ' + v.nodes[0].html)))"
        );
        let found = self.ask("/execute/async", &json!({"script": script, "args": []}));
        found.as_array().unwrap().iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
    }

    /// Saves a screenshot of the page under a name, if screenshots are enabled.
    pub(crate) fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("ZHAOREN_PICTURES") else { return };
        // A driver scrolls back to the focused element.
        self.run("document.activeElement?.blur(); document.scrollingElement.scrollTop = 0; return scrollY");
        let path = format!("/session/{}/screenshot", self.session);
        let picture = self.send("GET", &path, &Value::Null);
        let bytes = base64::prelude::BASE64_STANDARD.decode(picture.as_str().unwrap()).unwrap();
        std::fs::write(PathBuf::from(folder).join(format!("{name}.png")), bytes).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            self.send("DELETE", &format!("/session/{}", self.session), &Value::Null);
        }
        self.driver.kill().ok();
        self.driver.wait().ok();
    }
}

/// Starts a driver: the process, its port and its further output; `None` if it ended at once.
fn start_driver() -> Option<(Child, u16, impl Iterator<Item = String> + Send + use<>)> {
    let mut driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
    let port = lines.find_map(|line| {
        let (_, port) = line.rsplit_once("started successfully on port ")?;
        port.trim_end_matches('.').parse::<u16>().ok()
    });
    if port.is_none() {
        driver.wait().unwrap();
    }
    Some((driver, port?, lines))
}

/// Cache of axe between runs, in the build directory.
fn cache(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from).join("browser")
}
