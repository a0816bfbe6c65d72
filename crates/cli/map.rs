//! `zhaoren map`: what a table of enterprises would be read as, and the mapping file to start from.

use std::io::Write;
use std::sync::Arc;

use zhaoren_push::table::{Candidate, ColumnSurvey, Proposal, Survey};

use crate::args::MapArgs;
use crate::exit::{CannotRun, Outcome, print_problems};
use crate::matching::dictionary;

/// `zhaoren map`
pub(crate) fn map(json: bool, args: &MapArgs) -> Result<Outcome, CannotRun> {
    let mut problems = Vec::new();
    let dictionary = Arc::new(dictionary(args.facts.as_deref(), &mut problems)?);
    print_problems(&problems);
    let survey = Survey::of(&args.table, &dictionary).map_err(|error| error.to_string())?;
    if let Some(path) = &args.out {
        if path.exists() {
            return Err(format!("{}：已经存在，不覆盖；请换一个文件名", path.display()).into());
        }
        std::fs::write(path, &survey.mapping)
            .map_err(|error| format!("{}：写不了：{error}", path.display()))?;
    }
    let mut out = crate::terminal::stdout();
    match (json, &args.out) {
        (true, _) => writeln!(out, "{}", serde_json::to_string_pretty(&survey)?)?,
        (false, Some(path)) => {
            report(&mut out, &survey)?;
            let (table, path) = (args.table.display(), path.display());
            writeln!(out, "列映射写到 {path}；核对后试读：zhaoren push {table} --map {path} --out 结果目录")?;
        }
        // The mapping is the result: it can be sent to a file, the report stays on the screen.
        (false, None) => {
            let mut text = Vec::new();
            report(&mut text, &survey)?;
            for line in String::from_utf8_lossy(&text).lines() {
                tell!("{line}");
            }
            write!(out, "{}", survey.mapping)?;
        }
    }
    Ok(if survey.usable { Outcome::Done } else { Outcome::InvalidInput })
}

/// The survey for a person.
fn report(out: &mut dyn Write, survey: &Survey) -> std::io::Result<()> {
    let looked = match survey.looked_at < survey.rows {
        true => format!("，看了前 {} 行", survey.looked_at),
        false => String::new(),
    };
    writeln!(out, "{}：{} 列，{} 行{looked}", survey.file, survey.columns.len(), survey.rows)?;
    for note in &survey.notes {
        writeln!(out, "注意：{note}")?;
    }
    for column in &survey.columns {
        if column.heading.is_empty() && column.filled == 0 {
            continue;
        }
        write_column(out, column, survey.looked_at)?;
    }
    let read = survey.columns.iter().filter(|column| column.proposal != Proposal::Ignore).count();
    let doubtful: u64 = survey.columns.iter().map(|column| column.doubtful).sum();
    writeln!(
        out,
        "读取 {read} 列，不读取 {} 列；读不懂的单元格 {doubtful} 个；不能作为企业读取的行 {} 行",
        survey.columns.len() - read,
        survey.rejected
    )
}

fn write_column(out: &mut dyn Write, column: &ColumnSurvey, rows: u64) -> std::io::Result<()> {
    let heading = if column.heading.is_empty() { "（无列名）" } else { &column.heading };
    let share = (column.filled * 100).checked_div(rows).unwrap_or(0);
    let why = if column.why.is_empty() { String::new() } else { format!("（{}）", column.why) };
    writeln!(out, "{:>4}  {heading} → {}{why}，填写 {share}%", column.number, proposal(&column.proposal))?;
    if column.proposal == Proposal::Ignore && !column.examples.is_empty() {
        writeln!(out, "        如：{}", column.examples.join("、"))?;
    }
    if !column.candidates.is_empty() {
        let name = |one: &Candidate| format!("{} {}", one.name, one.key);
        let names: Vec<String> = column.candidates.iter().map(name).collect();
        writeln!(out, "        候选：{}", names.join("、"))?;
    }
    if column.doubtful > 0 {
        writeln!(out, "        读不懂 {} 处：", column.doubtful)?;
        for doubt in &column.doubts {
            writeln!(out, "          “{}” {} 处：{}", doubt.value, doubt.count, doubt.reason)?;
        }
    }
    Ok(())
}

fn proposal(proposal: &Proposal) -> String {
    match proposal {
        Proposal::Id => "企业标识".to_owned(),
        Proposal::Name => "企业名称".to_owned(),
        Proposal::Ignore => "不读取".to_owned(),
        Proposal::Tag { key, name, tag } => format!("{name} {key} 中的“{tag}”（是/否）"),
        Proposal::Fact { key, name, year, unit, separator } => {
            let mut shown = format!("{name} {key}");
            if let Some(year) = year {
                shown.push_str(&format!("，{year} 年"));
            }
            if let Some(unit) = unit {
                shown.push_str(&format!("，单位 {unit}"));
            }
            if let Some(separator) = separator {
                shown.push_str(&format!("，以“{separator}”分隔"));
            }
            shown
        }
    }
}
