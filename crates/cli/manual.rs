//! `zhaoren completions` and `zhaoren man`: what a shell and a manual reader need, generated from the arguments
//! themselves.

use std::fmt::Write as _;
use std::io::Write;

use clap::{Arg, Command, CommandFactory};

use crate::args::{Cli, CompletionsArgs, ManArgs};
use crate::exit::{CannotRun, Outcome};

/// `zhaoren completions`
pub(crate) fn completions(args: &CompletionsArgs) -> Result<Outcome, CannotRun> {
    // Written to memory first: the generator panics where the reader has closed the pipe.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "zhaoren", &mut script);
    crate::terminal::stdout().write_all(&script)?;
    Ok(Outcome::Done)
}

/// `zhaoren man`
pub(crate) fn man(json: bool, args: &ManArgs) -> Result<Outcome, CannotRun> {
    let failed = |cause: std::io::Error| format!("{}：{cause}", args.folder.display());
    std::fs::create_dir_all(&args.folder).map_err(failed)?;
    let mut root = Cli::command();
    root.build();
    let mut pages = vec![("zhaoren".to_owned(), page("zhaoren", &root))];
    for command in root.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = format!("zhaoren-{}", command.get_name());
        let page = page(&name, command);
        pages.push((name, page));
    }
    for (name, page) in &pages {
        std::fs::write(args.folder.join(format!("{name}.1")), page).map_err(failed)?;
    }
    let mut out = crate::terminal::stdout();
    if json {
        writeln!(out, "{}", serde_json::json!({"pages": pages.len(), "folder": args.folder}))?;
    } else {
        writeln!(out, "手册 {} 页 → {}　阅读：man -l {0}/zhaoren.1", pages.len(), args.folder.display())?;
    }
    Ok(Outcome::Done)
}

/// Manual page of a command, in the macros of man(7).
fn page(name: &str, command: &Command) -> String {
    let mut page = format!(".TH {} 1 \"\" \"zhaoren {}\"\n", roff(name), env!("CARGO_PKG_VERSION"));
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(page, ".SH 名称\n{} \\- {}", roff(name), roff(&about));
    let usage = command.clone().render_usage().to_string();
    let usage = usage.split_once(": ").map_or(usage.as_str(), |(_, usage)| usage).to_owned();
    let _ = writeln!(page, ".SH 用法\n.nf\n{}\n.fi", roff(usage.trim()));
    let shown = |arg: &&Arg| !arg.is_hide_set();
    if command.get_arguments().any(|arg| shown(&arg)) {
        page.push_str(".SH 参数\n");
        command.get_arguments().filter(shown).for_each(|arg| argument(&mut page, arg));
    }
    let below: Vec<&Command> = command.get_subcommands().filter(|one| one.get_name() != "help").collect();
    if !below.is_empty() {
        page.push_str(".SH 子命令\n");
        for one in below {
            let about = one.get_about().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(page, ".TP\n\\fB{}\\fR\n{}", roff(one.get_name()), roff(&about));
            // Commands below a subcommand have no page of their own.
            if name != "zhaoren" {
                for arg in one.get_arguments().filter(shown).filter(|arg| !arg.is_global_set()) {
                    page.push_str(".RS\n");
                    argument(&mut page, arg);
                    page.push_str(".RE\n");
                }
            }
        }
    }
    if let Some(after) = command.get_after_help() {
        let _ = writeln!(page, ".SH 说明\n.nf\n{}\n.fi", roff(&after.to_string()));
    }
    page
}

fn argument(page: &mut String, arg: &Arg) {
    let names =
        [arg.get_short().map(|short| format!("-{short}")), arg.get_long().map(|long| format!("--{long}"))];
    let mut head = names.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if arg.get_action().takes_values() {
        let values = arg.get_value_names().unwrap_or_default();
        let values: Vec<String> = values.iter().map(|value| format!("<{value}>")).collect();
        head = [head, values.join(" ")]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
    }
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(page, ".TP\n\\fB{}\\fR\n{}", roff(&head), roff(&help));
}

/// Text as roff reads it: a backslash and a hyphen are written out, and no line begins with a macro.
fn roff(text: &str) -> String {
    let escaped = text.replace('\\', "\\e").replace('-', "\\-");
    let line =
        |line: &str| if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line.to_owned() };
    escaped.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_be_a_macro() {
        assert_eq!(roff(".TH x\n--all \\ 'y'\n'z'"), "\\&.TH x\n\\-\\-all \\e 'y'\n\\&'z'");
    }
}
