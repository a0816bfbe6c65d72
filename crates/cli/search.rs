//! Search commands.

use std::io::Write;
use std::path::Path;

use zhaoren_engine::{
    Engine, Home, Inquiry, Profile, SavedSearch, SearchOwner, SearchRequest, Sort, has_errors,
};

use crate::args::{AskedArgs, SavedWork, SearchArgs, SuggestArgs};
use crate::exit::{CannotRun, Outcome, open, print_problems};
use crate::matching::read_input;
use crate::render_search;

/// `zhaoren search`
pub(crate) fn search(home: &Home, json: bool, args: SearchArgs) -> Result<Outcome, CannotRun> {
    let engine = open(home)?;
    match args.saved {
        None => ask(&engine, json, &args.asked),
        Some(SavedWork::Save { name, asked }) => save(&engine, json, &name, &asked),
        Some(SavedWork::List) => list(&engine, json),
        Some(SavedWork::Run { names, limit }) => run(&engine, json, names, limit),
        Some(SavedWork::Remove { names }) => remove(&engine, json, &names),
    }
}

fn ask(engine: &Engine, json: bool, args: &AskedArgs) -> Result<Outcome, CannotRun> {
    let given = search_subject(engine, args)?;
    let request = request(args);
    let inquiry =
        Inquiry { request: &request, sort: args.sort, profile: given.profile.as_ref(), tenant: &args.tenant };
    let answer = engine.search_for(&inquiry)?;
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&answer)?)?;
    } else {
        render_search::answer(&mut out, &answer, &engine.rules())?;
        if args.facets {
            render_search::facets(&mut out, &answer.found.facets)?;
        }
    }
    out.flush()?;
    Ok(given.outcome)
}

fn save(engine: &Engine, json: bool, name: &str, args: &AskedArgs) -> Result<Outcome, CannotRun> {
    let given = search_subject(engine, args)?;
    let request = request(args);
    let inquiry =
        Inquiry { request: &request, sort: args.sort, profile: given.profile.as_ref(), tenant: &args.tenant };
    let replaced = engine.save_search(SearchOwner::Holder, name, &inquiry, given.text)?;
    let mut out = crate::terminal::stdout();
    if json {
        writeln!(out, "{}", serde_json::json!({ "name": name.trim(), "replaced": replaced }))?;
    } else {
        writeln!(out, "{}检索“{}”", if replaced { "已替换" } else { "已保存" }, name.trim())?;
    }
    Ok(given.outcome)
}

fn list(engine: &Engine, json: bool) -> Result<Outcome, CannotRun> {
    let saved = engine.saved_searches(SearchOwner::Holder)?;
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    if json {
        let each: Vec<_> = saved.iter().map(SavedSearch::summary).collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&each)?)?;
    } else {
        render_search::saved(&mut out, &saved)?;
    }
    out.flush()?;
    Ok(Outcome::Done)
}

fn run(engine: &Engine, json: bool, names: Vec<String>, limit: usize) -> Result<Outcome, CannotRun> {
    let (names, all) = if names.is_empty() {
        (engine.saved_searches(SearchOwner::Holder)?.into_iter().map(|one| one.name).collect(), true)
    } else {
        (names, false)
    };
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    let mut outcome = Outcome::Done;
    for name in &names {
        match engine.run_search(SearchOwner::Holder, name, limit)? {
            Some(run) if json && (all || names.len() > 1) => {
                writeln!(out, "{}", serde_json::to_string(&run)?)?
            }
            Some(run) if json => writeln!(out, "{}", serde_json::to_string_pretty(&run)?)?,
            Some(run) => render_search::run(&mut out, &run, &engine.rules())?,
            None => outcome = unknown(name),
        }
    }
    out.flush()?;
    Ok(outcome)
}

fn remove(engine: &Engine, json: bool, names: &[String]) -> Result<Outcome, CannotRun> {
    let mut outcome = Outcome::Done;
    let mut removed: Vec<&str> = Vec::new();
    for name in names {
        if engine.remove_search(SearchOwner::Holder, name)? {
            removed.push(name);
        } else {
            outcome = unknown(name);
        }
    }
    let mut out = crate::terminal::stdout();
    if json {
        writeln!(out, "{}", serde_json::json!({ "removed": removed }))?;
    } else if !removed.is_empty() {
        writeln!(out, "已删除检索 {}", removed.join("、"))?;
    }
    Ok(outcome)
}

fn unknown(name: &str) -> Outcome {
    tell!("没有名为“{name}”的已存检索；search list 列出已有的");
    Outcome::InvalidInput
}

/// Search request for the arguments.
fn request(args: &AskedArgs) -> SearchRequest {
    let mut filters = args.filter.clone();
    filters.extend(args.for_region.clone().map(|region| ("covers".to_owned(), region)));
    filters.extend(args.as_of.map(|day| ("as_of".to_owned(), day.to_string())));
    SearchRequest {
        query: args.query.join(" "),
        limit: args.limit,
        offset: args.offset,
        filters,
        as_typed: args.as_typed,
        list_copies: args.copies,
        explain: args.explain,
        as_of: args.as_of,
        ..SearchRequest::default()
    }
}

/// Enterprise on whose behalf a search runs.
struct SearchSubject {
    profile: Option<Profile>,
    /// Profile as JSON.
    text: Option<String>,
    outcome: Outcome,
}

fn search_subject(engine: &Engine, args: &AskedArgs) -> Result<SearchSubject, CannotRun> {
    let Some(file) = args.profile.as_deref() else {
        return Ok(SearchSubject { profile: None, text: None, outcome: Outcome::Done });
    };
    profile(engine, file, args.enterprise.as_deref())
        .map_err(|error| format!("{}：{error}", file.display()).into())
}

/// Reads the profile of one enterprise from a file.
fn profile(engine: &Engine, file: &Path, id: Option<&str>) -> Result<SearchSubject, CannotRun> {
    let (source, bytes) = read_input(file)?;
    let rules = engine.rules();
    let read = zhaoren_engine::read_profiles(&bytes, &source, rules.dictionary(), false);
    print_problems(&read.problems);
    let outcome = if has_errors(&read.problems) { Outcome::InvalidInput } else { Outcome::Done };
    let ids: Vec<&str> = read.profiles.iter().map(|profile| profile.id.as_str()).collect();
    let chosen = match id {
        Some(id) => read.profiles.iter().find(|profile| profile.id == id),
        None => read.profiles.first().filter(|_| ids.len() == 1),
    };
    match (chosen, id) {
        (Some(profile), _) => {
            let text = zhaoren_engine::profile_text(&bytes, &profile.id);
            Ok(SearchSubject { profile: Some(profile.clone()), text, outcome })
        }
        (None, _) if ids.is_empty() => Err("没有可用的企业画像".into()),
        (None, Some(id)) => Err(format!("没有企业 `{id}`，有 {}", ids.join("、")).into()),
        (None, None) => {
            Err(format!("有 {} 家企业，请用 --enterprise 指明一家：{}", ids.len(), ids.join("、")).into())
        }
    }
}

/// `zhaoren suggest`
pub(crate) fn suggest(home: &Home, json: bool, args: &SuggestArgs) -> Result<Outcome, CannotRun> {
    let suggestions = open(home)?.suggest(&args.query, args.limit, &args.tenant)?;
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
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

/// Parses the name of a sort order.
pub(crate) fn sort(name: &str) -> Result<Sort, String> {
    Sort::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Sort::ALL.iter().map(|(_, name)| *name).collect();
        format!("应为 {} 之一", names.join("、"))
    })
}
