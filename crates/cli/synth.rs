//! `zhaoren synth`: a synthetic city as test data.

use std::io::Write;
use std::time::Instant;

use indicatif::ProgressBar;
use serde_json::json;
use zhaoren_engine::FactDictionary;
use zhaoren_push::synth::{Synth, SynthOptions, write_enterprises, write_items};

use crate::args::SynthArgs;
use crate::exit::{CannotRun, Outcome};
use crate::push::{format, style, threads};

/// `zhaoren synth`
pub(crate) fn synth(json: bool, args: &SynthArgs) -> Result<Outcome, CannotRun> {
    let began = Instant::now();
    let options = SynthOptions {
        enterprises: args.enterprises,
        items: args.items,
        seed: args.seed,
        unknown: args.unknown,
    };
    let city = Synth::new(options, FactDictionary::built_in())?;
    let format = format(&args.format);
    std::fs::create_dir_all(&args.out).map_err(|cause| format!("{}：{cause}", args.out.display()))?;
    let enterprises = args.out.join(format!("enterprises.{}", format.extension()));
    let items = args.out.join("items.jsonl");
    let bar = bar(args.enterprises);
    let threads = threads(args.threads)?;
    let shown = bar.clone();
    threads.install(|| write_enterprises(&city, &enterprises, format, &mut |rows| shown.inc(rows)))?;
    bar.finish_and_clear();
    write_items(&city, &items)?;
    let seconds = began.elapsed().as_secs_f64();
    let mut out = crate::terminal::stdout();
    if json {
        let summary = json!({
            "synthetic": true,
            "seed": args.seed,
            "day": city.day().to_string(),
            "enterprises": {"count": args.enterprises, "file": enterprises.display().to_string()},
            "items": {"count": args.items, "file": items.display().to_string()},
            "seconds": seconds,
        });
        writeln!(out, "{summary}")?;
    } else {
        writeln!(
            out,
            "合成企业 {} 家 → {}\n合成事项 {} 项 → {}\n种子 {}　登记信息截至 {}　用时 {seconds:.1} 秒　均为程序生成，不对应任何真实企业或政策",
            args.enterprises,
            enterprises.display(),
            args.items,
            items.display(),
            args.seed,
            city.day(),
        )?;
    }
    Ok(Outcome::Done)
}

/// Progress bar on a terminal.
fn bar(enterprises: u64) -> ProgressBar {
    let style = style("生成 {wide_bar} {human_pos}/{human_len}　{per_sec}　还需 {eta}");
    ProgressBar::new(enterprises).with_style(style)
}
