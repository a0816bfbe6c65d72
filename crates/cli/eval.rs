//! `zhaoren eval-search`: search quality on a judged collection, compared with a plain index.

use std::io::Write;
use std::path::PathBuf;

use indicatif::ProgressBar;
use zhaoren_engine::eval::{Collection, Evaluation, Scores, evaluate};

use crate::args::EvalArgs;
use crate::exit::{CannotRun, Outcome};
use crate::push::style;

/// `zhaoren eval-search`
pub(crate) fn eval_search(json: bool, args: &EvalArgs) -> Result<Outcome, CannotRun> {
    let collection = Collection {
        corpus: args.corpus.clone(),
        queries: args.queries.clone(),
        qrels: args.qrels.clone(),
        log: args.log.clone().zip(args.log_qrels.clone()),
    };
    let work = Work::new()?;
    let bar = ProgressBar::new(0).with_style(style("建索引 {wide_bar} {human_pos}/{human_len}　还需 {eta}"));
    let evaluation = evaluate(&collection, &work.0, &|done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    for line in &evaluation.bad {
        tell!("{line}");
    }
    let mut out = crate::terminal::stdout();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&evaluation)?)?;
    } else {
        table(&mut out, &evaluation)?;
    }
    Ok(if evaluation.bad.is_empty() { Outcome::Done } else { Outcome::InvalidInput })
}

fn table(out: &mut impl Write, evaluation: &Evaluation) -> std::io::Result<()> {
    writeln!(out, "有判定的问题 {} 个", evaluation.queries)?;
    writeln!(out, "{:<14}{:>10}{:>16}", "", "zhaoren", "tantivy+jieba")?;
    let (ours, plain) = (&evaluation.zhaoren, &evaluation.tantivy_jieba);
    for ((name, ours), (_, plain)) in shares(ours).into_iter().zip(shares(plain)) {
        writeln!(out, "{name:<14}{ours:>10.3}{plain:>16.3}")?;
    }
    writeln!(out, "{:<14}{:>10}{:>16}", "p50_us", ours.p50_us, plain.p50_us)?;
    writeln!(out, "{:<14}{:>10}{:>16}", "p99_us", ours.p99_us, plain.p99_us)
}

fn shares(scores: &Scores) -> [(&'static str, f64); 6] {
    [
        ("ndcg@10", scores.ndcg_10),
        ("mrr@10", scores.mrr_10),
        ("recall@1", scores.recall_1),
        ("recall@5", scores.recall_5),
        ("recall@10", scores.recall_10),
        ("recall@100", scores.recall_100),
    ]
}

/// Temporary build directory, removed on drop.
struct Work(PathBuf);

impl Work {
    fn new() -> std::io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("zhaoren-eval-{}", std::process::id()));
        std::fs::create_dir(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // A directory that cannot be removed is left to the system's temporary cleanup.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
