//! Options of profile routes. One profile gives one answer, several give `{"as_of", "results"}`, and a stream one
//! line each.

use std::sync::Arc;

use axum::Json;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use zhaoren_engine::{
    Body, Date, MatchOptions, MatchReport, Moment, OptOut, Principal, Profile, Receipt, Records, Rules,
    has_errors, load_items_in, now, today,
};

use super::answer_view::AnswerView;
use super::{rules_believed, rules_for, stream, to_json, with_notes};
use crate::intake::Content;
use crate::layers::Caller;
use crate::problem::{Code, Problem};
use crate::request::{self, Kind, Query};
use crate::state::{App, Shared};

/// Answer for one profile, and notes on it.
pub(super) type Each = Result<(Value, Vec<String>), Problem>;

/// Maximum number of matches or questions in one answer.
pub(super) const MAX_RESULTS: usize = 100_000;

/// Match options of a query.
pub(super) fn match_options(query: &Query) -> Result<MatchOptions, Problem> {
    Ok(MatchOptions {
        as_of: query.day("as_of")?.unwrap_or_else(today),
        limit: query.number("limit", 20, MAX_RESULTS)?,
        all: query.flag("all", false)?,
        bundle: query.flag("bundle", true)?,
    })
}

/// Options for reading and matching profiles.
#[derive(Clone, Copy)]
pub(super) struct ProfileOptions {
    pub(super) as_of: Date,
    pub(super) strict: bool,
    /// Past moment whose records are used; `None` for the present ones.
    pub(super) believed: Option<Moment>,
    /// True if each answer includes a receipt.
    pub(super) receipt: bool,
    /// True if each answer includes the number of items per bucket.
    pub(super) overview: bool,
    /// Parts of each answer.
    pub(super) view: AnswerView,
}

impl ProfileOptions {
    pub(super) fn on(as_of: Date, strict: bool) -> Self {
        Self { as_of, strict, believed: None, receipt: false, overview: false, view: AnswerView::default() }
    }

    /// Rules for this request: the same for all its profiles, whatever is imported meanwhile.
    pub(super) async fn rules(self, app: &Shared, caller: &Caller) -> Result<Arc<Rules>, Problem> {
        match self.believed {
            None => rules_for(app, caller).await,
            Some(moment) => rules_believed(app, caller, moment).await,
        }
    }

    /// Answers each profile of a body by `each`, which also returns notes on undecided items.
    pub(super) async fn answer(
        self,
        app: Shared,
        caller: Caller,
        headers: &HeaderMap,
        body: Content,
        each: impl Fn(&Rules, &Profile) -> Each + Send + Sync + 'static,
    ) -> Result<Response, Problem> {
        let kind = Kind::of(headers, &[Kind::Json, Kind::Lines])?;
        let rules = self.rules(&app, &caller).await?;
        // A receipt is written to the registry before the response is sent.
        let receipt = self.receipt;
        if kind == Kind::Lines {
            let line = move |number: u32, line: &[u8]| self.line(&rules, number, line, &each);
            return Ok(stream::answer_lines(app, body, receipt, line));
        }
        let limits = &app.settings.limits;
        let bytes = request::body(headers, body, limits.body, limits).await?;
        let work = move || {
            let body = Body::decode(&bytes);
            let (own, notes) = self.own_rules(&rules, &body)?;
            self.whole(own.as_ref().unwrap_or(&rules), &body, notes, &each)
        };
        let answer = if receipt { app.write(work).await?? } else { app.read(work).await?? };
        Ok(Json(answer).into_response())
    }

    /// Rules of the items in a body, which replace those of the catalogue, and notes on unreadable ones.
    fn own_rules(self, rules: &Rules, body: &Body<'_>) -> Result<(Option<Rules>, Vec<String>), Problem> {
        let dictionary = rules.dictionary();
        let loaded = load_items_in(body, "policies", "request.json", dictionary, self.as_of)?;
        let Some((items, evidence, problems)) = loaded else { return Ok((None, Vec::new())) };
        if items.is_empty() && has_errors(&problems) {
            return Err(Problem::from_findings(Code::BadPolicy, &problems));
        }
        // Receipts and past records exist for the catalogue only.
        for (key, given) in [("receipt", self.receipt), ("believed", self.believed.is_some())] {
            if given {
                return Err(Problem::parameter(key, "", "不能与 `policies` 同用：只对登记库中的事项"));
            }
        }
        let notes = problems.iter().map(ToString::to_string).collect();
        Ok((Some(Rules::from_request(items, dictionary.clone(), evidence)), notes))
    }

    /// Answers a whole body. Problems of single profiles follow `notes` in `problems`.
    pub(super) fn whole(
        self,
        rules: &Rules,
        body: &Body<'_>,
        mut notes: Vec<String>,
        each: &impl Fn(&Rules, &Profile) -> Each,
    ) -> Result<Value, Problem> {
        let read = zhaoren_engine::read_profiles_of(body, "request.json", rules.dictionary(), self.strict);
        if !read.allows_several && read.profiles.is_empty() {
            request::check_json(body.bytes())?;
            return Err(Problem::from_findings(Code::BadProfile, &read.problems));
        }
        notes.extend(read.problems.iter().map(ToString::to_string));
        let mut answers = Vec::new();
        for profile in &read.profiles {
            let (answer, more) = each(rules, profile)?;
            notes.extend(more);
            notes.extend(zhaoren_engine::profile_warnings(profile, rules.dictionary(), self.as_of));
            answers.push(answer);
        }
        let answer = match (read.allows_several, answers.pop()) {
            (false, Some(only)) => only,
            (_, last) => {
                answers.extend(last);
                json!({ "as_of": self.as_of, "results": answers })
            }
        };
        Ok(with_notes(answer, notes))
    }

    fn line(
        self,
        rules: &Rules,
        number: u32,
        line: &[u8],
        each: &impl Fn(&Rules, &Profile) -> Each,
    ) -> Value {
        let (profile, found) =
            zhaoren_engine::read_profile_line(line, "request.jsonl", number, rules.dictionary(), self.strict);
        let Some(profile) = profile else {
            let problem = match request::check_json(line) {
                Err(problem) => problem,
                Ok(()) => Problem::from_findings(Code::BadProfile, &found),
            };
            return stream::problem_line(number, &problem);
        };
        let mut notes: Vec<String> = found.iter().map(ToString::to_string).collect();
        let (answer, more) = match each(rules, &profile) {
            Ok(answer) => answer,
            Err(problem) => return stream::problem_line(number, &problem),
        };
        notes.extend(more);
        notes.extend(zhaoren_engine::profile_warnings(&profile, rules.dictionary(), self.as_of));
        with_notes(answer, notes)
    }
}

/// Additions to a match: opt-outs of the enterprise, and on request the overview and the receipt.
pub(super) struct MatchExtras {
    records: Records,
    who: Principal,
    refusals: Vec<OptOut>,
    receipt: bool,
    overview: bool,
    view: AnswerView,
}

impl MatchExtras {
    pub(super) async fn of(app: &Shared, caller: &Caller, options: &ProfileOptions) -> Result<Self, Problem> {
        let ProfileOptions { receipt, overview, view, .. } = *options;
        let (records, who) = (app.engine.records(), caller.0.clone());
        let (again, tenant) = (records.clone(), who.tenant.clone());
        let refusals = app.read(move || again.opt_outs(&tenant)).await??;
        Ok(Self { records, who, refusals, receipt, overview, view })
    }

    /// Match of one enterprise as JSON, and notes on it.
    pub(super) fn match_profile(
        &self,
        app: &App,
        rules: &Rules,
        profile: &Profile,
        options: MatchOptions,
    ) -> Each {
        let (report, undecided) = rules.match_profile(profile, options);
        app.metrics.count_verdicts(report.matches.iter().map(|found| found.verdict));
        let mut notes = undecided.iter().map(ToString::to_string).collect();
        let beside = self.extras(rules, profile, options, &report, &mut notes)?;
        let mut value = to_json(report)?;
        if let Some(map) = value.as_object_mut() {
            map.extend(beside);
        }
        self.view.apply(&mut value, rules.dictionary())?;
        Ok((value, notes))
    }

    /// Additions to a report. A receipt is stored before it is sent; if that fails, a note replaces it.
    fn extras(
        &self,
        rules: &Rules,
        profile: &Profile,
        options: MatchOptions,
        report: &MatchReport,
        notes: &mut Vec<String>,
    ) -> Result<Map<String, Value>, Problem> {
        let mut extras = Map::new();
        // Binary search, as they are sorted by enterprise: a stream does this for many.
        let first = self.refusals.partition_point(|one| one.enterprise < profile.id);
        let rest = self.refusals.iter().skip(first);
        let refused: Vec<&OptOut> = rest.take_while(|one| one.enterprise == profile.id).collect();
        if !refused.is_empty() {
            extras.insert("opted_out".to_owned(), to_json(refused)?);
        }
        if self.overview {
            match self.records.received_benefits(&self.who, &profile.id, options.as_of) {
                Ok(received) => {
                    if received.is_none() {
                        notes.push("无权查看推送台账，已享受的事项未计入 `enjoyed`".to_owned());
                    }
                    // Without the right to see it, nothing was had as far as they know, which the note says.
                    let overview = rules.overview(profile, options.as_of, &received.unwrap_or_default());
                    extras.insert("overview".to_owned(), to_json(overview)?);
                }
                Err(error) => {
                    tracing::error!(%error, "the ledger could not be read");
                    notes.push("推送台账读不出来，故未计总览".to_owned());
                }
            }
        }
        if self.receipt {
            let receipt = self.records.sign_receipt(Receipt::new(rules, profile, options, report, now()));
            match self.records.keep_receipts(&self.who.write_context(now()), std::slice::from_ref(&receipt)) {
                Ok(()) => {
                    extras.insert("receipt".to_owned(), to_json(receipt)?);
                }
                Err(error) => {
                    tracing::error!(%error, "a receipt could not be kept");
                    notes.push("判定凭据未能存入登记库，故未出具".to_owned());
                }
            }
        }
        Ok(extras)
    }
}
