//! How late events arrive, added up over many runs.
//!
//! A delay runs from the moment an event is published to the first arrival of any copy of it at a
//! client; a copy that was there before counts as no delay. Counts are integers in a histogram of
//! four significant digits, so that adding up is independent of order and of the number of
//! threads, and memory does not grow with the number of runs. A histogram is far larger than what a
//! processor keeps at hand, so delays are collected and put into it many at a time.

use std::borrow::Cow;

use hdrhistogram::Histogram;
use punctual_model::{ClientId, EventId, Fact, Identity, RowId, System, World};
use punctual_sim::{Ending, Observer, Span, TakesOver, Time};

/// The delays of one kind of event to one client.
#[derive(Clone, Debug)]
pub struct Delays {
    /// The kind of event.
    pub event: EventId,
    /// The client.
    pub client: ClientId,
    /// Runs in which one of this kind was published, and not rolled back, and never arrived at the
    /// client; one that the client no longer waited for counts too.
    pub undelivered_runs: u64,
    /// Those that are not added up yet.
    collected: Vec<Span>,
    totals: Option<Totals>,
}

/// Delays, added up; there is one at least.
#[derive(Clone, Debug)]
struct Totals {
    sum: u128,
    min: Span,
    max: Span,
    histogram: Histogram<u32>,
}

/// What the delays of one kind come to, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// The shortest.
    pub min: u64,
    /// The mean, exact.
    pub mean: f64,
    /// Half of the deliveries take at most this long.
    pub p50: u64,
    /// 99 in 100 deliveries take at most this long.
    pub p99: u64,
    /// The longest.
    pub max: u64,
}

/// The delays of all kinds.
#[derive(Clone, Debug)]
pub struct Deliveries {
    delays: Vec<Delays>,
}

/// Watches deliveries, run by run.
#[derive(Debug)]
pub struct Recorder {
    all: Deliveries,
    /// By kind of event: the row that it tells of.
    row_of: Vec<Option<RowId>>,
    clients: usize,
    run: Run,
}

/// How many delays of a kind are collected before they are added.
const COLLECTED: usize = 1 << 14;

/// What is known of the present run.
#[derive(Clone, Debug, Default)]
struct Run {
    /// By kind of event: each of its kind.
    events: Vec<Vec<Entry>>,
    /// The delays so far, of which event to which client, and when each was over.
    delays: Vec<(EventId, ClientId, Span, Time)>,
    /// Whether something never arrived.
    missing: bool,
}

/// One event in one run.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    published: Option<Time>,
    undone: bool,
    arrived: u32,
}

impl Deliveries {
    /// Nothing yet, for every kind of event that some task of `system` publishes.
    pub fn new(system: &System) -> Self {
        let published = |event: EventId| {
            let mut steps = system.tasks.iter().flat_map(|task| &task.steps);
            steps.any(|step| step.action.traits().publishes == Some(event))
        };
        let kinds =
            (0..system.events.len()).map(|event| EventId(event as u8)).filter(|&event| published(event));
        let clients = system.clients.len();
        let delays = kinds
            .flat_map(|event| (0..clients).map(move |client| Delays::new(event, ClientId(client as u8))))
            .collect();
        Self { delays }
    }

    /// The delays of each kind to each client.
    pub fn delays(&self) -> &[Delays] {
        &self.delays
    }

    /// Adds up what was collected, so that reading costs nothing more.
    pub fn settle(&mut self) {
        self.delays.iter_mut().for_each(Delays::settle);
    }

    /// Adds what others counted of the same system.
    pub fn merge(&mut self, others: &Self) {
        for (mine, theirs) in self.delays.iter_mut().zip(&others.delays) {
            mine.undelivered_runs += theirs.undelivered_runs;
            theirs.collected.iter().for_each(|delay| mine.add(*delay));
            match (&mut mine.totals, &theirs.totals) {
                (_, None) => {}
                (Some(mine), Some(theirs)) => mine.merge(theirs),
                (mine, Some(theirs)) => *mine = Some(theirs.clone()),
            }
        }
    }
}

impl Recorder {
    /// Nothing yet, for every kind of event that some task of `system` publishes.
    pub fn new(system: &System) -> Self {
        let all = Deliveries::new(system);
        Self {
            all,
            row_of: system.events.iter().map(|event| event.row).collect(),
            clients: system.clients.len(),
            run: Run { events: vec![Vec::new(); system.events.len()], ..Run::default() },
        }
    }

    /// All that was recorded.
    pub fn into_deliveries(self) -> Deliveries {
        self.all
    }

    /// Forgets what is known of the present run.
    pub fn reset(&mut self) {
        self.run.events.iter_mut().for_each(Vec::clear);
        self.run.delays.clear();
        self.run.missing = false;
    }

    /// The longest delay of the run that is over; `None` if something never arrived.
    pub fn latest(&self) -> Option<Span> {
        let longest = self.run.delays.iter().map(|(_, _, delay, _)| *delay).max();
        (!self.run.missing).then_some(longest.unwrap_or(Span::ZERO))
    }

    fn entry(&mut self, what: Identity) -> &mut Entry {
        let entries = &mut self.run.events[usize::from(what.event().0)];
        let place = (what.ordinal() as usize).saturating_sub(1);
        if entries.len() <= place {
            entries.resize(place + 1, Entry::default());
        }
        &mut entries[place]
    }

    fn record(&mut self, event: EventId, client: ClientId, delay: Span, at: Time) {
        self.run.delays.push((event, client, delay, at));
    }
}

impl TakesOver for Recorder {
    fn take_over(&mut self, other: &Self) {
        let Run { events, delays, missing } = &other.run;
        self.run.events.clone_from(events);
        self.run.delays.clone_from(delays);
        self.run.missing = *missing;
    }
}

impl Delays {
    fn add(&mut self, delay: Span) {
        self.collected.push(delay);
        if self.collected.len() == COLLECTED {
            self.settle();
        }
    }

    /// Adds up what was collected.
    fn settle(&mut self) {
        let Some(first) = self.collected.first() else { return };
        let totals = self.totals.get_or_insert_with(|| Totals::beginning_with(*first));
        self.collected.drain(..).for_each(|delay| totals.add(delay));
    }

    /// All of them added up; `None` if there are none.
    fn totals(&self) -> Option<Cow<'_, Totals>> {
        let Some(first) = self.collected.first() else { return self.totals.as_ref().map(Cow::Borrowed) };
        let mut totals = self.totals.clone().unwrap_or_else(|| Totals::beginning_with(*first));
        self.collected.iter().for_each(|delay| totals.add(*delay));
        Some(Cow::Owned(totals))
    }

    /// About what they take after so many deliveries, in bytes.
    pub fn bytes(deliveries: u64) -> usize {
        match usize::try_from(deliveries) {
            Ok(few) if few < COLLECTED => few.next_power_of_two() * size_of::<Span>(),
            _ => COLLECTED * size_of::<Span>() + (1 << 20),
        }
    }

    fn new(event: EventId, client: ClientId) -> Self {
        Self { event, client, undelivered_runs: 0, collected: Vec::new(), totals: None }
    }

    /// What they come to; `None` if nothing was delivered.
    pub fn summary(&self) -> Option<Summary> {
        let totals = self.totals()?;
        Some(Summary {
            min: totals.min.0,
            mean: totals.sum as f64 / totals.histogram.len() as f64,
            p50: totals.histogram.value_at_quantile(0.50).min(totals.max.0),
            p99: totals.histogram.value_at_quantile(0.99).min(totals.max.0),
            max: totals.max.0,
        })
    }

    /// What so large a share of the deliveries takes at most, in microseconds; 0 if nothing was delivered.
    pub fn at_share(&self, share: f64) -> u64 {
        self.totals().map_or(0, |totals| totals.at_share(share))
    }

    /// The 95 % interval of what a share of all deliveries takes at most, whatever their law: the delays at
    /// those places of the order between which the place of the quantile lies (normal approximation of
    /// the binomial; Conover, Practical Nonparametric Statistics, 3.2).
    pub fn interval(&self, share: f64) -> (u64, u64) {
        let Some(totals) = self.totals() else { return (0, 0) };
        let reach = 1.96 * (share * (1.0 - share) / totals.histogram.len() as f64).sqrt();
        (totals.at_share((share - reach).max(0.0)), totals.at_share((share + reach).min(1.0)))
    }
}

impl Totals {
    /// Of nothing yet; `first` will be added first.
    fn beginning_with(first: Span) -> Self {
        let histogram = Histogram::new(4).expect("four digits are within what a histogram can keep");
        Self { sum: 0, min: first, max: first, histogram }
    }

    fn add(&mut self, delay: Span) {
        self.sum += u128::from(delay.0);
        self.min = self.min.min(delay);
        self.max = self.max.max(delay);
        self.histogram.record(delay.0).expect("a histogram that resizes itself takes every value");
    }

    fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.histogram.add(&other.histogram).expect("a histogram that resizes itself takes every value");
    }

    fn at_share(&self, share: f64) -> u64 {
        if share <= 0.0 {
            return self.min.0;
        }
        self.histogram.value_at_quantile(share).clamp(self.min.0, self.max.0)
    }
}

impl Observer<World> for Recorder {
    fn noted(&mut self, at: Time, fact: &Fact) {
        match *fact {
            Fact::Published { what, .. } => {
                let entry = self.entry(what);
                if entry.published.is_some() {
                    return;
                }
                entry.published = Some(at);
                let already = entry.arrived;
                for client in (0..self.clients).filter(|&client| already >> client & 1 == 1) {
                    self.record(what.event(), ClientId(client as u8), Span::ZERO, at);
                }
            }
            Fact::Arrived { at: client, what, .. } => {
                let entry = self.entry(what);
                let first = entry.arrived >> client.0 & 1 == 0;
                entry.arrived |= 1 << client.0;
                if let (true, Some(published)) = (first, entry.published) {
                    self.record(what.event(), client, at - published, at);
                }
            }
            Fact::RolledBack(row, version) => {
                for event in 0..self.row_of.len() {
                    if self.row_of[event] == Some(row) {
                        self.entry(Identity::new(EventId(event as u8), version)).undone = true;
                    }
                }
            }
            _ => {}
        }
    }

    /// What arrives after a run was cut arrives where no timer fires any more: it is neither a delay nor missing.
    fn ended(&mut self, over: Time, ending: Ending) {
        if ending == Ending::Over {
            self.run.delays.retain(|(.., at)| *at <= over);
        }
        for (event, client, delay, _) in &self.run.delays {
            let of = |delays: &Delays| delays.event == *event && delays.client == *client;
            if let Some(place) = self.all.delays.iter().position(of) {
                self.all.delays[place].add(*delay);
            }
        }
        if ending == Ending::TooLong {
            return;
        }
        for delays in &mut self.all.delays {
            let missing = |entry: &Entry| {
                entry.published.is_some() && !entry.undone && entry.arrived >> delays.client.0 & 1 == 0
            };
            let missing = self.run.events[usize::from(delays.event.0)].iter().any(missing);
            delays.undelivered_runs += u64::from(missing);
            self.run.missing |= missing;
        }
    }
}
