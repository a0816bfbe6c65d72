//! `suggest`: what may be meant by what has been typed so far.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use crate::Outcome;
use crate::args::SuggestArgs;
use crate::commands::{CannotRun, open};

pub(crate) fn suggest(data: &Path, json: bool, args: &SuggestArgs) -> Result<Outcome, CannotRun> {
    let engine = open(data)?;
    let typed = args.prefix.join(" ");
    let suggestions = engine.suggest(&typed, args.limit);
    let mut out = anstream::stdout();
    if json {
        let answer = json!({ "query": typed, "suggestions": suggestions });
        writeln!(out, "{}", serde_json::to_string_pretty(&answer)?)?;
    } else if suggestions.is_empty() {
        anstream::eprintln!("没有以“{typed}”开头的内容");
    } else {
        for one in &suggestions {
            writeln!(
                out,
                "{}{}",
                one.text,
                one.id.as_deref().map(|id| format!("  {id}")).unwrap_or_default()
            )?;
        }
    }
    Ok(Outcome::Done)
}
