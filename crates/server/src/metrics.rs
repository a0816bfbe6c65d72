//! Metrics for Prometheus. Labels are route templates, methods, statuses and verdicts: never a path, a query or a
//! fact.

use std::sync::atomic::Ordering;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use zhaoren_engine::{AttemptCounts, MessageStats, Moment, Verdict};

type Labels<const N: usize> = [(&'static str, String); N];

/// Media type of the output of [`Metrics::render`].
pub(crate) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the latency buckets, in seconds.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Counters and gauges of one server.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Labels<3>, Counter>,
    seconds: Family<Labels<2>, Histogram, fn() -> Histogram>,
    verdicts: Family<Labels<1>, Counter>,
    pub(crate) in_flight: Gauge,
    pub(crate) connections: Gauge,
    swaps: Counter,
    generation: Gauge,
    documents: Gauge,
    items: Gauge,
    in_step: Gauge,
    deliveries: Family<Labels<1>, Counter>,
    messages: Family<Labels<1>, Gauge>,
    oldest_unsent: Gauge,
    suspended: Gauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("zhaoren");
        let requests = Family::default();
        let seconds: Family<Labels<2>, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(BUCKETS));
        let verdicts = Family::default();
        registry.register("http_requests", "Requests by route, method and status", requests.clone());
        registry.register("http_request_seconds", "Time to the head of the answer", seconds.clone());
        registry.register("verdicts", "Verdicts in matches that left", verdicts.clone());
        let gauge = |registry: &mut Registry, name: &str, help: &str| {
            let gauge = Gauge::<i64>::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let in_flight = gauge(&mut registry, "http_requests_in_flight", "Requests being answered");
        let connections = gauge(&mut registry, "http_connections", "Open connections");
        let generation = gauge(&mut registry, "index_generation", "The index generation in use");
        let in_step =
            gauge(&mut registry, "index_in_step", "1 where the index holds what the registry holds");
        let documents = gauge(&mut registry, "documents", "Documents in the index");
        let items = gauge(&mut registry, "items", "Items that are matched");
        let (deliveries, messages) = (Family::default(), Family::default());
        registry.register("deliveries", "Attempts to send messages by what came of them", deliveries.clone());
        registry.register("messages", "Messages by state", messages.clone());
        let oldest_unsent = gauge(
            &mut registry,
            "oldest_unsent_seconds",
            "How long the message waits that waits longest; 0 where none does",
        );
        let suspended = gauge(
            &mut registry,
            "channels_suspended",
            "Channels on which nothing but probes is sent, because their receiver fails",
        );
        let swaps = Counter::default();
        registry.register(
            "swaps",
            "Times that what is searched and matched, by all or by a tenant, was replaced while serving",
            swaps.clone(),
        );
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program", build);
        Self {
            registry,
            requests,
            seconds,
            verdicts,
            in_flight,
            connections,
            swaps,
            generation,
            documents,
            items,
            in_step,
            deliveries,
            messages,
            oldest_unsent,
            suspended,
        }
    }

    /// Counts the outcomes of attempts to send messages.
    pub(crate) fn count_deliveries(&self, settled: AttemptCounts, refused: usize) {
        let refused = u64::try_from(refused).unwrap_or(u64::MAX);
        let counts = [
            ("sent", settled.sent),
            ("again", settled.retried),
            ("dead", settled.dead),
            ("refused", refused),
        ];
        for (outcome, count) in counts {
            self.deliveries.get_or_create(&[("outcome", outcome.to_owned())]).inc_by(count);
        }
    }

    /// Counts a probe of a suspended channel that did not reach its receiver.
    pub(crate) fn count_failed_probe(&self) {
        self.deliveries.get_or_create(&[("outcome", "unreached".to_owned())]).inc();
    }

    /// Counts an answered request.
    pub(crate) fn count_response(&self, route: &str, method: &str, status: u16, took: Duration) {
        let (route, method) = (("route", route.to_owned()), ("method", method.to_owned()));
        self.seconds.get_or_create(&[route.clone(), method.clone()]).observe(took.as_secs_f64());
        self.requests.get_or_create(&[route, method, ("status", status.to_string())]).inc();
    }

    /// Counts the verdicts of a report sent to a caller.
    pub(crate) fn count_verdicts(&self, verdicts: impl Iterator<Item = Verdict>) {
        for verdict in verdicts {
            let word = match verdict {
                Verdict::Eligible => "eligible",
                Verdict::Undetermined => "undetermined",
                Verdict::Ineligible => "ineligible",
            };
            self.verdicts.get_or_create(&[("verdict", word.to_owned())]).inc();
        }
    }

    /// Text of all metrics, with the present values of the gauges.
    pub(crate) fn render(
        &self,
        standing: &zhaoren_engine::EngineStatus,
        (messages, suspended): (&MessageStats, usize),
        now: Moment,
    ) -> Result<String, std::fmt::Error> {
        for (state, count) in &messages.counts {
            self.messages.get_or_create(&[("state", state.name().to_owned())]).set(*count);
        }
        let waits = messages.oldest_unsent.map_or(0, |since| now.0.saturating_sub(since.0).max(0) / 1_000);
        self.oldest_unsent.set(waits);
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.suspended.set(count(suspended));
        self.generation.set(i64::try_from(standing.generation).unwrap_or(i64::MAX));
        self.documents.set(count(standing.documents));
        self.items.set(count(standing.items));
        self.in_step.set(i64::from(standing.up_to_date));
        self.swaps.inner().store(standing.swaps, Ordering::Relaxed);
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
