//! `eval-search`: search scored by questions with judgements.

use std::io::Write;

use zhaoren_engine::{Scores, Sources, measure_search};

use crate::Outcome;
use crate::args::EvalSearchArgs;
use crate::commands::CannotRun;

pub(crate) fn search(json: bool, args: EvalSearchArgs) -> Result<Outcome, CannotRun> {
    let sources = Sources {
        corpus: args.corpus,
        queries: args.queries,
        judgements: args.qrels,
        log: args.log.zip(args.log_qrels),
    };
    let measured = measure_search(&sources)?;
    for problem in &measured.problems {
        anstream::eprintln!("{problem}");
    }
    let mut out = anstream::stdout();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&measured)?)?;
    } else {
        writeln!(out, "{} 个问句，{} 条语料", measured.queries, measured.articles)?;
        writeln!(out, "                nDCG@10  MRR@10    R@1    R@5   R@10  R@100   p50 µs   p99 µs")?;
        for (name, scores) in [("zhaoren", &measured.zhaoren), ("tantivy + jieba", &measured.tantivy_jieba)] {
            writeln!(out, "{name:<15} {}", line(scores))?;
        }
        let (p50, p99) = measured.page_us;
        writeln!(out, "整页（10 条，含摘要与分面）: p50 {p50:.0} µs，p99 {p99:.0} µs")?;
    }
    Ok(if measured.problems.is_empty() { Outcome::Done } else { Outcome::InputWrong })
}

fn line(scores: &Scores) -> String {
    format!(
        "{:>8.3} {:>7.3} {:>6.3} {:>6.3} {:>6.3} {:>6.3} {:>8.0} {:>8.0}",
        scores.ndcg_10,
        scores.mrr_10,
        scores.recall_1,
        scores.recall_5,
        scores.recall_10,
        scores.recall_100,
        scores.p50_us,
        scores.p99_us
    )
}
