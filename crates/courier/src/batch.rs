//! Posts of one batch: several at once from one queue, until it is empty or there is a reason to end it.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use zhaoren_engine::{Channel, Message, Parcel};

use crate::circuit::{Circuit, Transition};
use crate::judge::Answer;
use crate::post::HttpSender;
use crate::stop::StopSignal;

/// Outcome of a batch.
#[derive(Debug, Default)]
pub(crate) struct BatchOutcome {
    /// Answers, in the order in which they came.
    pub(crate) answers: Vec<(Message, Answer)>,
    /// Messages that were not posted.
    pub(crate) unsent: Vec<Message>,
    /// Time that each post took.
    pub(crate) took: Vec<Duration>,
    /// Transitions of the circuit, in order, each with the error behind it.
    pub(crate) transitions: Vec<(Transition, String)>,
}

/// State shared by the threads of a batch.
struct BatchState<'a> {
    queue: VecDeque<Parcel>,
    posted: BatchOutcome,
    circuit: &'a mut Circuit,
    /// True if the circuit was open at the beginning.
    probing: bool,
    /// A receiver that asks to wait ends the batch.
    halted: bool,
}

/// Posts `parcels`, `posts` at a time. The batch ends early if a stop is requested, the circuit opens, the receiver asks to wait,
/// or the time is over: the lease of the messages has an end.
pub(crate) fn post_batch(
    (channel, sender, stop): (&Channel, &HttpSender, &StopSignal),
    parcels: Vec<Parcel>,
    posts: usize,
    circuit: &mut Circuit,
) -> BatchOutcome {
    let end = Instant::now() + channel.timeout;
    let (workers, probing) = (posts.min(parcels.len()), circuit.is_open());
    let shared = Mutex::new(BatchState {
        queue: parcels.into(),
        posted: BatchOutcome::default(),
        circuit,
        probing,
        halted: false,
    });
    std::thread::scope(|scope| {
        let work = || {
            while let Some(parcel) = next(&shared, stop, end) {
                let begun = Instant::now();
                let answer = sender.post(channel, &parcel);
                note(&shared, parcel, answer, begun.elapsed());
            }
        };
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            // A thread that broke off takes its message with it, whose lease will end.
            let _ = worker.join();
        }
    });
    let shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    let unsent = shared.queue.into_iter().flat_map(|parcel| parcel.messages).collect();
    BatchOutcome { unsent, ..shared.posted }
}

fn next(shared: &Mutex<BatchState<'_>>, stop: &StopSignal, end: Instant) -> Option<Parcel> {
    let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
    let over = shared.halted || stop.is_requested() || Instant::now() >= end;
    if over { None } else { shared.queue.pop_front() }
}

fn note(shared: &Mutex<BatchState<'_>>, parcel: Parcel, answer: Answer, took: Duration) {
    let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
    let (failed, error, waits) = match &answer {
        Answer::Accepted | Answer::Refused(_) => (false, String::new(), false),
        Answer::Failed { error, wait, .. } => (true, error.clone(), wait.is_some()),
    };
    let probing = shared.probing;
    if let Some(transition) = shared.circuit.record(failed, probing) {
        shared.posted.transitions.push((transition, error));
    }
    // A probe that failed, or the failure that opened the circuit, ends the batch.
    shared.halted |= waits || (failed && shared.circuit.is_open());
    shared.posted.answers.extend(parcel.messages.into_iter().map(|message| (message, answer.clone())));
    shared.posted.took.push(took);
}
