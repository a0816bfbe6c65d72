//! The commands that search.

use std::io::Write;
use std::path::Path;

use zhaoren_engine::{Engine, Home, Inquiry, Profile, SearchRequest, Sort, has_errors};

use crate::Outcome;
use crate::args::{SearchArgs, SuggestArgs};
use crate::commands::{CannotRun, name, open};
use crate::matching::read_input;
use crate::render_search;

/// `zhaoren search`
pub(crate) fn search(home: &Home, json: bool, args: SearchArgs) -> Result<Outcome, CannotRun> {
    let engine = open(home)?;
    let sort = args.sort;
    let given = args.profile.as_deref().map(|file| {
        let given = profile(&engine, file, args.enterprise.as_deref());
        given.map_err(|error| format!("{}：{error}", file.display()))
    });
    let (profile, wrong) = match given.transpose()? {
        Some((profile, wrong)) => (Some(profile), wrong),
        None => (None, false),
    };
    let request = request(args);
    let inquiry = Inquiry { request: &request, sort, profile: profile.as_ref() };
    let answer = engine.search_for(&inquiry)?;
    let mut out = std::io::BufWriter::new(anstream::stdout());
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&answer)?)?;
    } else {
        render_search::answer(&mut out, &answer, &engine.rules())?;
    }
    out.flush()?;
    Ok(if wrong { Outcome::InputWrong } else { Outcome::Done })
}

/// What is searched.
fn request(args: SearchArgs) -> SearchRequest {
    let mut filters = args.filter;
    filters.extend(args.for_region.map(|region| ("covers".to_owned(), region)));
    filters.extend(args.as_of.map(|day| ("as_of".to_owned(), day.to_string())));
    SearchRequest {
        query: args.query.join(" "),
        limit: args.limit,
        offset: args.offset,
        filters,
        as_typed: args.as_typed,
        as_of: args.as_of,
        copies: args.copies,
        ..SearchRequest::default()
    }
}

/// The profile of one enterprise in a file, and whether something in the file was wrong.
fn profile(engine: &Engine, file: &Path, id: Option<&str>) -> Result<(Profile, bool), CannotRun> {
    let (source, bytes) = read_input(file)?;
    let rules = engine.rules();
    let read = zhaoren_engine::read_profiles(&bytes, &source, rules.dictionary(), false);
    name(&read.problems);
    let ids: Vec<&str> = read.profiles.iter().map(|profile| profile.id.as_str()).collect();
    let chosen = match id {
        Some(id) => read.profiles.iter().find(|profile| profile.id == id),
        None => read.profiles.first().filter(|_| ids.len() == 1),
    };
    match (chosen, id) {
        (Some(profile), _) => Ok((profile.clone(), has_errors(&read.problems))),
        (None, _) if ids.is_empty() => Err("没有可用的企业画像".into()),
        (None, Some(id)) => Err(format!("没有企业 `{id}`，有 {}", ids.join("、")).into()),
        (None, None) => {
            Err(format!("有 {} 家企业，请用 --enterprise 指明一家：{}", ids.len(), ids.join("、")).into())
        }
    }
}

/// `zhaoren suggest`
pub(crate) fn suggest(home: &Home, json: bool, args: &SuggestArgs) -> Result<Outcome, CannotRun> {
    let suggestions = open(home)?.suggest(&args.query, args.limit)?;
    let mut out = std::io::BufWriter::new(anstream::stdout());
    if json {
        let answer = serde_json::json!({ "query": args.query, "suggestions": suggestions });
        writeln!(out, "{}", serde_json::to_string_pretty(&answer)?)?;
    } else {
        for suggestion in &suggestions {
            writeln!(out, "{}  {}", suggestion.text, suggestion.id.as_deref().unwrap_or_default())?;
        }
    }
    out.flush()?;
    Ok(Outcome::Done)
}

/// Reads the name of an order.
pub(crate) fn sort(name: &str) -> Result<Sort, String> {
    Sort::named(name).ok_or_else(|| {
        let names: Vec<&str> = Sort::ALL.iter().map(|(_, name)| *name).collect();
        format!("应为 {} 之一", names.join("、"))
    })
}
