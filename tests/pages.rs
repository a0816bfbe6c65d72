//! The pages of the repository: links resolve, and the output shown in the README is the program's actual output.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Every Markdown page at the root, in `docs/`, and beside benches and fuzz targets.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages: Vec<PathBuf> = ["", "docs", "benches", "tests/fuzz"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .collect();
    pages.sort();
    pages
}

/// Anchor of a heading, as the repository's web page generates it.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    heading.trim().to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Anchors of a page: its headings, outside of code blocks.
fn anchors(text: &str) -> Vec<String> {
    let mut code = false;
    text.lines()
        .filter(|line| {
            code ^= line.starts_with("```");
            !code && line.starts_with('#')
        })
        .map(|line| anchor(line.trim_start_matches('#')))
        .collect()
}

#[test]
fn every_relative_link_leads_to_a_file_and_a_heading() {
    let pages = pages();
    assert!(pages.len() > 10, "{pages:?}");
    let mut broken = Vec::new();
    for page in &pages {
        let text = std::fs::read_to_string(page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            let known = |text: String| heading.is_empty() || anchors(&text).iter().any(|one| one == heading);
            let leads = target.is_dir()
                || target.exists()
                    && (heading.is_empty() || std::fs::read_to_string(&target).is_ok_and(known));
            if !leads {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_page_of_the_book_is_in_its_summary() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let summary = std::fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let listed = |name: &str| summary.contains(&format!("({name})")) || name == "SUMMARY.md";
    let names = pages().into_iter().filter(|page| page.parent() == Some(&docs));
    let names = names.map(|page| page.file_name().unwrap().to_string_lossy().into_owned());
    let missing: Vec<String> = names.filter(|name| !listed(name)).collect();
    assert!(missing.is_empty(), "not in docs/SUMMARY.md: {missing:?}");
}

#[test]
fn readme_shows_the_printed_output() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = std::env::temp_dir().join(format!("zhaoren-pages-{}", std::process::id()));
    let pages = ["README.md", "README.zh-CN.md"].map(|page| {
        let text = std::fs::read_to_string(root.join(page)).unwrap();
        let command = text.lines().find_map(|line| line.strip_prefix("    cargo run -- match "));
        (page, command.unwrap().to_owned(), text)
    });
    let [(_, command, _), (_, other, _)] = &pages;
    assert_eq!(command, other);
    let output = Command::new(env!("CARGO_BIN_EXE_zhaoren"))
        .args(["--data", &data.display().to_string(), "match"])
        .args(command.split_whitespace())
        .env("NO_COLOR", "1")
        .current_dir(root)
        .output()
        .unwrap();
    let _ = std::fs::remove_dir_all(&data);
    let printed = String::from_utf8(output.stdout).unwrap();
    for (page, _, text) in &pages {
        let shown = text.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
        for line in shown.lines().filter(|line| *line != "…") {
            assert!(printed.lines().any(|one| one == line), "{page}: `{line}` is not printed");
        }
    }
}

/// Parts of a page between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// File named by a page: relative to the root, or to `crates/`.
fn named(path: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    [root.join(path), root.join("crates").join(path)].into_iter().find(|path| path.exists())
}

#[test]
fn every_named_file_exists() {
    let endings = [".rs", ".sh", ".yaml", ".toml", ".tsv", ".txt"];
    let mut missing = Vec::new();
    for page in ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/security.md"] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap();
        let files =
            quoted(&text).filter(|word| word.contains('/') && endings.iter().any(|e| word.ends_with(e)));
        let files: Vec<&str> =
            files.filter(|word| !word.contains(['*', ' ']) && !word.contains("ID")).collect();
        assert!(files.len() > 20, "{page}: {files:?}");
        missing
            .extend(files.iter().filter(|file| named(file).is_none()).map(|file| format!("{page}: {file}")));
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn functions_of_the_walk_exist_in_their_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let walk = text.split("## The walk").nth(1).unwrap().split("## Crates").next().unwrap();
    let (mut steps, mut missing) = (0, Vec::new());
    for row in walk.lines().filter(|line| line.starts_with("| ") && line.ends_with(".rs` |")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let [_, functions, file] = cells.as_slice() else { continue };
        let Some(path) = quoted(file).next().and_then(named) else { continue };
        let source = std::fs::read_to_string(path).unwrap();
        for function in quoted(functions) {
            steps += 1;
            let declared = |end: &str| source.contains(&format!("fn {function}{end}"));
            if !declared("(") && !declared("<") {
                missing.push(format!("{function} in {file}"));
            }
        }
    }
    assert!(steps > 80, "{steps}");
    assert!(missing.is_empty(), "{missing:#?}");
}
