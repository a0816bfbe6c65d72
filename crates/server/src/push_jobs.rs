//! Push jobs (批量任务): pushes of a table that a platform sent over HTTP, one after the other in the background.
//!
//! A job is a push like that of the command line, through `zhaoren_engine::night` alone. Its table and its state lie below the folder
//! of the runs, in `.jobs`; its result is a run like any other. One job runs at a time, on one thread, so that answers to callers are
//! not starved. A job that was waiting or running when the program ended is found as interrupted.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use zhaoren_cancel::Cancellation;
use zhaoren_engine::night::{self, EnterpriseInput, TableRequest};
use zhaoren_engine::{Date, Principal, Records, Rules, now};
use zhaoren_push::{DEADLINE_DAYS, Explain, Format, Listing, Progress, PushOptions, Refusals};

use crate::problem::{Code, Problem};
use crate::random::random_name;

/// Folder of the jobs below that of the runs. Names of runs never begin with a dot.
const FOLDER: &str = ".jobs";
/// Jobs that may wait.
const MOST_WAITING: usize = 50;
/// Jobs of a tenant whose state is kept; the oldest finished one goes first.
const MOST_KEPT: usize = 200;

/// State of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PushJobState {
    /// In the queue.
    Waiting,
    /// Under way.
    Running,
    /// Finished: the run is there.
    Done,
    /// Ended by an error.
    Failed,
    /// Ended on request.
    Cancelled,
    /// The program ended before the job did.
    Interrupted,
}

impl PushJobState {
    fn is_over(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

/// Job as a caller sees it, and as its file holds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PushJob {
    /// Random name.
    pub(crate) id: String,
    /// State.
    pub(crate) state: PushJobState,
    /// Run that it makes.
    pub(crate) run: String,
    /// Evaluation date.
    pub(crate) as_of: Date,
    /// Rows read so far.
    pub(crate) rows: u64,
    /// Enterprises written so far.
    pub(crate) written: u64,
    /// Moments of creation and end, in milliseconds since 1970, UTC; 0 if it has not ended.
    pub(crate) created_at: i64,
    /// See `created_at`.
    pub(crate) ended_at: i64,
    /// Counts of the run, once it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) counts: Option<serde_json::Value>,
    /// Reason of the end, for people; empty for a job that was done.
    pub(crate) message: String,
    /// Holder of the key that sent it.
    pub(crate) by: String,
}

/// Request of a job.
pub(crate) struct PushJobRequest {
    pub(crate) who: Principal,
    /// Folder of the runs of the tenant.
    pub(crate) runs: PathBuf,
    pub(crate) records: Records,
    pub(crate) rules: Arc<Rules>,
    /// Name of the run.
    pub(crate) run: String,
    pub(crate) as_of: Date,
    pub(crate) previous: Option<PathBuf>,
    pub(crate) listing: Listing,
    pub(crate) format: Format,
    pub(crate) table: Vec<u8>,
}

/// Push jobs of a server.
#[derive(Default)]
pub(crate) struct PushJobs(Arc<Mutex<Table>>);

#[derive(Default)]
struct Table {
    waiting: VecDeque<Task>,
    /// Jobs of this process by id; those of earlier ones are in their files only.
    live: BTreeMap<String, Arc<Live>>,
    /// True while a thread works on the queue.
    is_working: bool,
}

struct Task {
    id: String,
    request: PushJobRequest,
}

/// Job of this process.
struct Live {
    tenant: String,
    job: Mutex<PushJob>,
    rows: AtomicU64,
    written: AtomicU64,
    cancellation: Cancellation,
}

impl Live {
    fn job(&self) -> PushJob {
        let mut job = self.job.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (job.rows, job.written) = (self.rows.load(Ordering::Relaxed), self.written.load(Ordering::Relaxed));
        job
    }

    fn change(&self, folder: &Path, change: impl FnOnce(&mut PushJob)) {
        let mut job = self.job.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut job);
        (job.rows, job.written) = (self.rows.load(Ordering::Relaxed), self.written.load(Ordering::Relaxed));
        if let Err(error) = store(folder, &job) {
            tracing::error!(%error, job = job.id, "the state of a job could not be written");
        }
    }
}

impl Progress for Live {
    fn rows_done(&self, rows: u64) {
        self.rows.fetch_add(rows, Ordering::Relaxed);
    }

    fn writing(&self, _: u64) {}

    fn written(&self, done: u64) {
        self.written.fetch_add(done, Ordering::Relaxed);
    }
}

impl PushJobs {
    /// Puts a job into the queue; its table is on disk before it is accepted.
    ///
    /// # Errors
    /// The queue is full, a run or a waiting job has this name already, or the table cannot be written.
    pub(crate) fn submit(&self, request: PushJobRequest) -> Result<PushJob, Problem> {
        let id = random_name()?;
        let folder = request.runs.join(FOLDER);
        let failed = |error: std::io::Error| Problem::internal(&error);
        let job = PushJob {
            id: id.clone(),
            state: PushJobState::Waiting,
            run: request.run.clone(),
            as_of: request.as_of,
            rows: 0,
            written: 0,
            created_at: now().0,
            ended_at: 0,
            counts: None,
            message: String::new(),
            by: request.who.holder.clone(),
        };
        let tenant = request.who.tenant.clone();
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if table.waiting.len() >= MOST_WAITING {
            return Err(Problem::new(Code::Busy, format!("已有 {MOST_WAITING} 个任务在等候，请稍后再提交")));
        }
        let is_same = |live: &&Arc<Live>| {
            let other = live.job();
            live.tenant == tenant && other.run == request.run && !other.state.is_over()
        };
        if request.runs.join(&request.run).exists() || table.live.values().any(|live| is_same(&live)) {
            let taken = format!("批次 `{}` 已存在，或正由另一任务制作，请换一个名称", request.run);
            return Err(Problem::new(Code::Conflict, taken));
        }
        fs::create_dir_all(&folder).map_err(failed)?;
        zhaoren_disk::write_atomic(&table_path(&folder, &id), &request.table).map_err(failed)?;
        store(&folder, &job).map_err(failed)?;
        let live = Live {
            tenant,
            job: Mutex::new(job.clone()),
            rows: AtomicU64::new(0),
            written: AtomicU64::new(0),
            cancellation: Cancellation::new(),
        };
        table.live.insert(id.clone(), Arc::new(live));
        table.waiting.push_back(Task { id, request: PushJobRequest { table: Vec::new(), ..request } });
        if !std::mem::replace(&mut table.is_working, true) {
            let all = Arc::clone(&self.0);
            std::thread::Builder::new()
                .name("jobs".to_owned())
                .spawn(move || work(&all))
                .map_err(|error| Problem::internal(&error))?;
        }
        Ok(job)
    }

    /// Job of a tenant; `None` if there is none.
    pub(crate) fn get(&self, tenant: &str, runs: &Path, id: &str) -> Option<PushJob> {
        let sound = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !sound {
            return None;
        }
        self.live(tenant, id).map(|live| live.job()).or_else(|| load(&runs.join(FOLDER), id))
    }

    /// Jobs of a tenant, the newest first.
    pub(crate) fn list(&self, tenant: &str, runs: &Path) -> Vec<PushJob> {
        let ids = fs::read_dir(runs.join(FOLDER))
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".json").map(str::to_owned));
        let mut jobs: Vec<PushJob> = ids.filter_map(|id| self.get(tenant, runs, &id)).collect();
        jobs.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.id.cmp(&b.id)));
        for old in jobs.iter().skip(MOST_KEPT).filter(|job| job.state.is_over()) {
            let _ = fs::remove_file(state_path(&runs.join(FOLDER), &old.id));
        }
        jobs.truncate(MOST_KEPT);
        jobs
    }

    /// Ends a job at its next step, or takes it out of the queue. `None` if there is none; a job that is over stays as it is.
    pub(crate) fn cancel(&self, tenant: &str, runs: &Path, id: &str) -> Option<PushJob> {
        if let Some(live) = self.live(tenant, id) {
            let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let before = table.waiting.len();
            table.waiting.retain(|task| task.id != id);
            let was_waiting = table.waiting.len() < before;
            drop(table);
            live.cancellation.cancel();
            if was_waiting {
                let folder = runs.join(FOLDER);
                live.change(&folder, |job| end(job, PushJobState::Cancelled, "按请求取消"));
                let _ = fs::remove_file(table_path(&folder, id));
            }
        }
        self.get(tenant, runs, id)
    }

    /// Ends all jobs: the program stops.
    pub(crate) fn stop(&self) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.waiting.clear();
        table.live.values().for_each(|live| live.cancellation.cancel());
    }

    fn live(&self, tenant: &str, id: &str) -> Option<Arc<Live>> {
        let table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.live.get(id).filter(|live| live.tenant == tenant).cloned()
    }
}

/// Works on the queue until it is empty.
fn work(all: &Mutex<Table>) {
    loop {
        let mut table = all.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(task) = table.waiting.pop_front() else {
            table.is_working = false;
            return;
        };
        let Some(live) = table.live.get(&task.id).cloned() else { continue };
        drop(table);
        let folder = task.request.runs.join(FOLDER);
        live.change(&folder, |job| job.state = PushJobState::Running);
        let outcome = live.cancellation.run(|| push(&task, &folder, &live));
        live.change(&folder, |job| match outcome {
            Ok(Ok(counts)) => {
                job.counts = Some(counts);
                end(job, PushJobState::Done, "");
            }
            Ok(Err(why)) => end(job, PushJobState::Failed, &why),
            Err(_) => end(job, PushJobState::Cancelled, "按请求取消，或服务停止"),
        });
        let _ = fs::remove_file(table_path(&folder, &task.id));
    }
}

fn end(job: &mut PushJob, state: PushJobState, message: &str) {
    (job.state, job.ended_at, job.message) = (state, now().0, message.to_owned());
}

/// Runs the push of a job; the counts of the run, or a message for people.
fn push(task: &Task, folder: &Path, progress: &Live) -> Result<serde_json::Value, String> {
    let PushJobRequest { who, runs, records, rules, run, as_of, previous, listing, format, .. } =
        &task.request;
    let paths = [table_path(folder, &task.id)];
    let table =
        TableRequest { paths: &paths, mapping: None, strict: false, reject_rows: false, records: &[] };
    let input =
        EnterpriseInput::open(&table, rules.library().dictionary()).map_err(|error| error.to_string())?;
    let out = runs.join(run);
    let options = PushOptions {
        out: out.clone(),
        as_of: *as_of,
        previous: previous.clone(),
        format: *format,
        listing: *listing,
        deadline_days: DEADLINE_DAYS,
        full: false,
        opt_outs: Refusals::default(),
        explain: Explain::of_format(*format),
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().map_err(|error| error.to_string())?;
    let cancellation = Cancellation::current();
    let night = || night::push_with(Some(records), &input, rules, options, progress);
    let report = pool.install(|| match &cancellation {
        Some(cancellation) => cancellation.run(night),
        None => Ok(night()),
    });
    // A cancelled push unwinds as one of this thread would.
    let report = report.unwrap_or_else(|cancelled| std::panic::resume_unwind(Box::new(cancelled)));
    let report = report.map_err(|error| error.to_string())?;
    if let Err(error) = records.record_run(who, &report, &out) {
        tracing::error!(%error, run, "the run of a job could not be recorded");
    }
    serde_json::to_value(&report.counts).map_err(|error| error.to_string())
}

fn state_path(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.json"))
}

fn table_path(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.table"))
}

fn store(folder: &Path, job: &PushJob) -> std::io::Result<()> {
    let bytes = serde_json::to_vec(job).map_err(std::io::Error::other)?;
    zhaoren_disk::write_atomic(&state_path(folder, &job.id), &bytes)
}

/// Job of an earlier process. One that had not ended then never will.
fn load(folder: &Path, id: &str) -> Option<PushJob> {
    let mut job: PushJob = serde_json::from_slice(&fs::read(state_path(folder, id)).ok()?).ok()?;
    if !job.state.is_over() {
        job.state = PushJobState::Interrupted;
        job.message = "服务停止时尚未完成，请重新提交；同名的批次会接着做".to_owned();
    }
    Some(job)
}
