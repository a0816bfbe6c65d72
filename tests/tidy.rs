//! The house rules that a program can check: plain words in comments, a head in every module, no participle as a type, no
//! dependency unused, no circle between modules.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Words that hide the subject of a sentence, or stand for a noun of the field (see CONTRIBUTING.md).
const BANNED_WORDS: [&str; 8] =
    ["whoever", "nobody", "somebody", "what stands", "what there is", "is told", "are told", "at hand"];

/// First words of a comment that hide its subject.
const BANNED_OPENINGS: [&str; 6] = ["What ", "Whoever ", "Who ", "Nobody ", "Somebody ", "Whose "];

/// Participles and pronouns that name no concept. The schema types of the HTTP API keep their published names.
const BANNED_TYPES: [&str; 21] = [
    "Given", "Wanted", "Asked", "Told", "Said", "Found", "Known", "Seen", "Kept", "Made", "Read", "Held",
    "Taken", "Loaded", "Done", "Others", "Beside", "Behind", "Part", "Place", "Ways",
];

/// Every Rust file of the workspace.
fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> =
        ["crates", "examples", "tests", "benches"].iter().map(PathBuf::from).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_none_or(|name| name != "target") {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push((path.clone(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(files.len() > 400, "the test looks in the wrong folder: {}", files.len());
    files.sort();
    files
}

/// The comment of a line, without its marks; text in a string is no comment.
fn comment(line: &str) -> Option<&str> {
    let start = match line.trim_start().starts_with("//") {
        true => line.find("//")?,
        false => line.find(" // ")? + 1,
    };
    let before = line.get(..start)?;
    let is_text = before.matches('"').count() % 2 == 1;
    (!is_text).then(|| line.get(start..).unwrap_or_default().trim_start_matches(['/', '!']).trim_start())
}

fn fail(problems: &[String]) {
    assert!(problems.is_empty(), "{} places:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn comments_have_a_subject() {
    let own = Path::new("tests/tidy.rs");
    let mut problems = Vec::new();
    for (path, text) in sources().iter().filter(|(path, _)| path != own) {
        let mut before_is_comment = false;
        for (number, line) in text.lines().enumerate() {
            let Some(words) = comment(line) else {
                before_is_comment = false;
                continue;
            };
            let low = format!(" {} ", words.to_lowercase().replace(|c: char| !c.is_alphanumeric(), " "));
            let banned = BANNED_WORDS.iter().find(|word| low.contains(&format!(" {word} ")));
            let opening = BANNED_OPENINGS.iter().find(|word| !before_is_comment && words.starts_with(**word));
            if let Some(word) = banned.or(opening) {
                problems.push(format!("{}:{}: `{}`: {words}", path.display(), number + 1, word.trim()));
            }
            before_is_comment = true;
        }
    }
    fail(&problems);
}

#[test]
fn every_module_has_a_head() {
    let bare: Vec<String> = sources()
        .iter()
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(path, _)| format!("{}: begins without `//!`", path.display()))
        .collect();
    fail(&bare);
}

#[test]
fn types_are_named_by_nouns() {
    let mut problems = Vec::new();
    for (path, text) in sources() {
        // Published names of the HTTP API, and worlds that only one test knows.
        if path.starts_with("crates/server/src/openapi/schema")
            || path.components().any(|c| c.as_os_str() == "tests")
        {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            let named = words.windows(2).find(|pair| {
                ["struct", "enum", "trait", "type"].contains(&pair[0]) && BANNED_TYPES.contains(&pair[1])
            });
            if let Some(pair) = named.filter(|_| comment(line).is_none()) {
                problems.push(format!("{}:{}: {} {}", path.display(), number + 1, pair[0], pair[1]));
            }
        }
    }
    fail(&problems);
}

/// Names of the dependencies in a section of a manifest.
fn dependencies(manifest: &str, section: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut within = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            within = line == format!("[{section}]");
        } else if within && let Some((name, _)) = line.split_once('=') {
            names.insert(name.trim().replace('-', "_"));
        }
    }
    names
}

#[test]
fn every_dependency_is_used() {
    let sources = sources();
    let mut manifests: Vec<PathBuf> = std::fs::read_dir("crates")
        .unwrap()
        .map(|entry| entry.unwrap().path().join("Cargo.toml"))
        .filter(|path| path.exists())
        .collect();
    manifests.push(PathBuf::from("Cargo.toml"));
    let mut problems = Vec::new();
    for path in manifests {
        let manifest = std::fs::read_to_string(&path).unwrap();
        let folder = path.parent().unwrap();
        // The program's own sources lie in `crates/cli`, its examples in `examples`, its tests in `tests`.
        let is_own = |file: &Path| match folder.as_os_str().is_empty() {
            true => {
                file.starts_with("crates/cli") || file.starts_with("examples") || file.starts_with("tests")
            }
            false => file.starts_with(folder),
        };
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for name in dependencies(&manifest, section) {
                let used = sources.iter().filter(|(file, _)| is_own(file)).any(|(_, text)| {
                    [format!("{name}::"), format!("use {name};"), format!("extern crate {name}")]
                        .iter()
                        .any(|way| text.contains(way.as_str()))
                });
                if !used {
                    problems.push(format!("{}: `{name}` in [{section}] is not used", path.display()));
                }
            }
        }
    }
    fail(&problems);
}

/// Modules of a crate that a source names: `crate::module…` and the members of `crate::{…}`.
fn named_modules(source: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut names = BTreeSet::new();
    for rest in source.split("crate::").skip(1) {
        let Some(members) = rest.strip_prefix('{') else {
            names.insert(word(rest));
            continue;
        };
        let mut depth = 0;
        names.insert(word(members));
        for (at, sign) in members.char_indices() {
            match sign {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    names.insert(word(&members[at + 1..]));
                }
                _ => {}
            }
        }
    }
    names
}

/// In these crates, types lie below the steps that use them: no top-level module uses one that uses it.
#[test]
fn modules_have_no_circles() {
    for name in ["push", "engine", "indexer", "registry", "console"] {
        let source = Path::new("crates").join(name).join("src");
        let root = std::fs::read_to_string(source.join("lib.rs")).unwrap();
        // Names that the head of the crate exports, each with its module.
        let mut exports: BTreeMap<String, String> = BTreeMap::new();
        for export in root.split("pub use ").skip(1).filter_map(|rest| rest.split(';').next()) {
            let Some((module, names)) = export.split_once("::") else { continue };
            let names =
                names.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| !name.is_empty());
            exports.extend(names.map(|name| (name.to_owned(), module.to_owned())));
        }
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (path, text) in sources().iter().filter(|(path, _)| path.starts_with(&source)) {
            let inner = path.strip_prefix(&source).unwrap();
            let top = inner.iter().next().unwrap().to_string_lossy();
            let top = top.trim_end_matches(".rs").to_owned();
            if top == "lib" || path.ends_with("tests.rs") {
                continue;
            }
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let code: String =
                code.lines().map(|line| line.split("//").next().unwrap().to_owned() + "\n").collect();
            let named = named_modules(&code).into_iter();
            let named =
                named.map(|name| exports.get(&name).cloned().unwrap_or(name)).filter(|name| *name != top);
            uses.entry(top.clone()).or_default().extend(named);
        }
        assert!(uses.len() > 15, "{name}: {uses:?}");
        // Modules that use none of those left are removed until none is, and then those that none of those left uses.
        loop {
            let left: BTreeSet<String> = uses.keys().cloned().collect();
            let used: BTreeSet<String> = uses.values().flatten().cloned().collect();
            uses.retain(|module, others| {
                others.iter().any(|one| left.contains(one)) && used.contains(module)
            });
            if uses.len() == left.len() {
                break;
            }
        }
        let circle: Vec<String> = uses
            .iter()
            .map(|(module, others)| {
                let others: Vec<&str> =
                    others.iter().filter(|one| uses.contains_key(*one)).map(String::as_str).collect();
                format!("{name}: {module} uses {}", others.join(", "))
            })
            .collect();
        fail(&circle);
    }
}
