//! The nightly run (批次): enterprises of a table decided on all items, with opt-outs honoured, and the run recorded.
//!
//! The command line, a server and a job run a night through this module alone, so they push to exactly the same
//! enterprises.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::Item;
use zhaoren_push::store::Store;
use zhaoren_push::table::{Enterprises, Mapping, RecordTable, TableOptions};
use zhaoren_push::{Progress, PushError, PushOptions, Refusals, RunReport, lists, run_items};
use zhaoren_registry::{MessageCounts, PushRun, digest};

use crate::Date;
use crate::access::Principal;
use crate::channels::Channel;
use crate::clock::{day_of, now};
use crate::error::EngineError;
use crate::home::Home;
use crate::messages::MessageSource;
use crate::records::Records;
use crate::rules::Rules;

/// Rows of a list that are read at once.
const ROWS: usize = 1_000;

/// Tables of enterprises as a user names them.
#[derive(Clone, Copy, Debug)]
pub struct TableRequest<'a> {
    /// Files, folders and patterns; or one column store.
    pub paths: &'a [PathBuf],
    /// Mapping file of the columns.
    pub mapping: Option<&'a Path>,
    /// A column that is not understood, an unknown fact and an unlisted word are errors.
    pub strict: bool,
    /// Reject a row for a cell that cannot be read; otherwise only the fact of the cell is lost.
    pub reject_rows: bool,
    /// Tables of the records of some facts.
    pub records: &'a [RecordTable],
}

/// Enterprises of a run.
pub enum EnterpriseInput {
    /// Tables as received.
    Tables(Enterprises),
    /// A column store that was loaded from tables.
    Store(Store),
}

impl EnterpriseInput {
    /// Opens the enterprises: tables, or one store that was loaded from tables.
    ///
    /// # Errors
    /// A table, the mapping or the store cannot be read, or a store is given together with something else.
    pub fn open(request: &TableRequest<'_>, dictionary: &Arc<FactDictionary>) -> Result<Self, EngineError> {
        let stores: Vec<&PathBuf> = request.paths.iter().filter(|path| Store::is_store(path)).collect();
        match (stores.as_slice(), request.paths.len()) {
            ([], _) => Ok(Self::Tables(tables(request, dictionary)?)),
            ([_], 1)
                if request.mapping.is_some()
                    || request.strict
                    || request.reject_rows
                    || !request.records.is_empty() =>
            {
                let why = "列存已按 zhaoren load 时的 --map、--strict、--reject-rows 与 --records 读好，这里不能再给";
                Err(EngineError::Input(why.to_owned()))
            }
            ([store], 1) => Ok(Self::Store(Store::open(store, dictionary).map_err(PushError::from)?)),
            ([store, ..], _) => Err(EngineError::Input(format!("{}：列存只能单独使用", store.display()))),
        }
    }

    /// Warnings about columns that are not used, one sentence each.
    pub fn warnings(&self) -> &[String] {
        match self {
            Self::Tables(tables) => tables.warnings(),
            Self::Store(_) => &[],
        }
    }
}

/// Opens tables of enterprises with their mapping.
///
/// # Errors
/// A table or the mapping cannot be read.
pub fn tables(
    request: &TableRequest<'_>,
    dictionary: &Arc<FactDictionary>,
) -> Result<Enterprises, EngineError> {
    let mapping = match request.mapping {
        Some(path) => {
            let shown = path.display().to_string();
            let text = std::fs::read_to_string(path)
                .map_err(|error| EngineError::Input(format!("{shown}：读不了：{error}")))?;
            let read = Mapping::read(&text, &shown, dictionary);
            Some(read.map_err(|problems| {
                let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
                EngineError::Input(lines.join("\n"))
            })?)
        }
        None => None,
    };
    let TableRequest { strict, reject_rows, records, .. } = *request;
    let records = records.to_vec();
    let options = TableOptions { mapping, strict, reject_rows, records, ..TableOptions::default() };
    let opened = Enterprises::open(request.paths, options, Arc::clone(dictionary));
    Ok(opened.map_err(PushError::from)?)
}

/// Opt-outs (拒收) of all tenants.
///
/// # Errors
/// The records cannot be read.
fn refusals(records: &Records) -> Result<Refusals, EngineError> {
    let mut opt_outs = Refusals::default();
    for one in records.all_opt_outs()? {
        let why = if one.reason.is_empty() { String::new() } else { format!("：{}", one.reason) };
        // The first reason is kept: a second refusal of the same thing adds nothing.
        if one.item.is_empty() {
            opt_outs.everything.entry(one.enterprise).or_insert_with(|| format!("企业拒绝推送{why}"));
        } else {
            let items = opt_outs.items.entry(one.enterprise).or_default();
            items.entry(one.item).or_insert_with(|| format!("企业拒收该事项{why}"));
        }
    }
    Ok(opt_outs)
}

/// Runs a night: decides all enterprises of `input` on all items of `rules` and writes the lists. The opt-outs and payments in the
/// records of `home` take the place of those in `options`; where there are no records, there are none.
///
/// # Errors
/// The records or the input cannot be read, or the results cannot be written.
pub fn push(
    home: &Home,
    input: &EnterpriseInput,
    rules: &Rules,
    options: PushOptions,
    progress: &dyn Progress,
) -> Result<RunReport, EngineError> {
    let records = if home.exists().is_ok() { Some(Records::open_existing(home.clone())?) } else { None };
    push_with(records.as_ref(), input, rules, options, progress)
}

/// Like [`push`], with records that are open already.
///
/// # Errors
/// As for [`push`].
pub fn push_with(
    records: Option<&Records>,
    input: &EnterpriseInput,
    rules: &Rules,
    options: PushOptions,
    progress: &dyn Progress,
) -> Result<RunReport, EngineError> {
    if options.previous.as_deref().is_some_and(|previous| is_same_folder(previous, &options.out)) {
        let why = "--previous 不能与 --out 是同一个目录：比较要用到上次的结果";
        return Err(EngineError::Input(why.to_owned()));
    }
    let library = rules.library();
    let opt_outs = match records {
        Some(records) => {
            let received = received(records, library.iter(), options.as_of)?;
            Refusals { received, ..refusals(records)? }
        }
        None => Refusals::default(),
    };
    let options = PushOptions { opt_outs, ..options };
    Ok(match input {
        EnterpriseInput::Tables(tables) => zhaoren_push::push(tables, library, &options, progress)?,
        EnterpriseInput::Store(store) => zhaoren_push::push(store, library, &options, progress)?,
    })
}

/// Payments by the end of `as_of` of items that are given once, by enterprise and item, in words.
fn received<'a>(
    records: &Records,
    items: impl Iterator<Item = &'a Item>,
    as_of: Date,
) -> Result<BTreeMap<String, BTreeMap<String, String>>, EngineError> {
    let mut received: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (enterprise, item, at) in records.payments_given_once(items, as_of)? {
        let words = format!("已于 {} 兑付，本事项只支持一次", day_of(at));
        received.entry(enterprise).or_default().insert(item, words);
    }
    Ok(received)
}

fn is_same_folder(a: &Path, b: &Path) -> bool {
    a == b || a.canonicalize().ok().zip(b.canonicalize().ok()).is_some_and(|(a, b)| a == b)
}

/// Bytes of the manifest of a finished run, by whose digest its files are found again.
fn manifest(folder: &Path) -> Result<Vec<u8>, EngineError> {
    let path = folder.join("manifest.json");
    std::fs::read(&path).map_err(|cause| EngineError::Push(PushError::File { path, cause }))
}

impl Records {
    /// Writes a finished run in `out` into the records, as `by` does it.
    ///
    /// # Errors
    /// The run's manifest cannot be read, or the records cannot be written.
    pub fn record_run(&self, by: &Principal, report: &RunReport, out: &Path) -> Result<(), EngineError> {
        let inputs =
            serde_json::to_vec(&report.inputs).map_err(|error| EngineError::Run(error.to_string()))?;
        let count = |number: u64| i64::try_from(number).map_err(|error| EngineError::Run(error.to_string()));
        let run = PushRun {
            as_of: report.as_of.to_string(),
            rules: report.items_sha256.clone(),
            inputs: digest(&[&inputs]),
            result: digest(&[&manifest(out)?]),
            listed: count(report.counts.eligible + report.counts.undetermined)?,
            held_back: count(report.counts.held_back)?,
        };
        self.record_push(&by.write_context(now()), &run)?;
        Ok(())
    }

    /// Makes the messages of a finished run in `folder` for a channel, as `by` does it. Gives the run's evaluation date and the
    /// counts; `None` for counts if messages of a later run were made already.
    ///
    /// # Errors
    /// The run cannot be read, or the records cannot be written.
    pub fn make_messages(
        &self,
        by: &Principal,
        channel: &Channel,
        folder: &Path,
    ) -> Result<(Date, Option<MessageCounts>), EngineError> {
        let (as_of, items) = run_items(folder)?;
        let name = folder
            .canonicalize()
            .ok()
            .and_then(|whole| Some(whole.file_name()?.to_string_lossy().into_owned()));
        let run = MessageSource::new(&manifest(folder)?, as_of, &items)?.in_folder(&name.unwrap_or_default());
        let mut list = lists::List::open(folder)?;
        let act = by.write_context(now());
        let Some(mut maker) = self.begin_messages(&act, channel, &run)? else { return Ok((as_of, None)) };
        loop {
            let lines = list.lines(ROWS)?;
            if lines.is_empty() {
                break;
            }
            for line in &lines {
                maker.push_line(line)?;
            }
        }
        Ok((as_of, Some(maker.finish()?)))
    }
}
