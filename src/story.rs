//! A run in words: what happened, line by line, and why an invariant broke, in one sentence.
//!
//! Both are read off the facts of a trace and nothing else, so they say the same of a sampled run,
//! a replayed one and, one day, of a log.

mod asked;

use punctual_model::{
    Action, Breach, ClientId, Copy, Cursors, Fact, Identity, Ids, Resource, Rule, StoreId, System, TaskId,
    TimerFrom, World,
};
use punctual_reports::text;
use punctual_sim::{Span, Time, TraceOf};

/// The facts of a run with their times, and the names of what they speak of.
pub struct Story<'t> {
    /// What the run is of.
    pub system: &'t System,
    /// What happened, in order.
    pub facts: Vec<(Time, Fact)>,
    /// When the run was over.
    pub ended_at: Time,
}

/// A line of a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Time,
    /// Who did it or where it happened.
    pub lane: String,
    /// What.
    pub text: String,
    /// Whether it belongs to a round of a loop in which nothing came of anything.
    pub idle: bool,
}

/// How an event was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// Who looked at the store and did not send it.
    pub by: TaskId,
    /// When.
    pub at: Time,
    /// Its id.
    pub id: u32,
    /// Where the cursor stood: not below that.
    pub cursor: u32,
    /// Since when.
    pub set: Time,
    /// The event that was sent and moved it there; `None` if a step moved it.
    pub sent: Option<Identity>,
}

impl<'t> Story<'t> {
    /// The story of `trace`, a run of `system`.
    pub fn of(system: &'t System, trace: &TraceOf<World>) -> Self {
        let facts =
            trace.steps.iter().flat_map(|step| step.facts.iter().map(|fact| (step.at, *fact))).collect();
        Self { system, facts, ended_at: trace.ended_at }
    }

    /// The run, line by line.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        for (place, (at, fact)) in self.facts.iter().enumerate() {
            let Some((lane, text)) = self.line(place, fact) else { continue };
            let idle = match *fact {
                Fact::Did(task, _) => self.serves(task).is_some() && !self.came_of(place),
                _ => false,
            };
            lines.push(Line { at: *at, lane, text, idle });
        }
        lines
    }

    fn line(&self, place: usize, fact: &Fact) -> Option<(String, String)> {
        let system = self.system;
        let task_name = |task: TaskId| system.tasks[usize::from(task.0)].name.clone();
        let client = |client: ClientId| system.client_name(client).to_owned();
        let timer = |of: ClientId, number: u8| {
            let timers = &system.clients[usize::from(of.0)].timers;
            timers[usize::from(number)].name.clone()
        };
        Some(match *fact {
            Fact::Did(task, step) => {
                let name = system.step_name(task, step);
                let step = name.split_once('.').map_or(name.as_str(), |(_, step)| step);
                (task_name(task), format!("{step}{}", self.of_the_look(place)))
            }
            Fact::Set(status) => ("job".into(), format!("status {}", system.statuses[usize::from(status.0)])),
            Fact::Committed(row, version) => {
                ("database".into(), format!("row {} #{version} committed", self.row(row.0)))
            }
            Fact::Visible(row, version) => {
                ("database".into(), format!("row {} #{version} visible", self.row(row.0)))
            }
            Fact::RolledBack(row, version) => {
                ("database".into(), format!("row {} #{version} rolled back", self.row(row.0)))
            }
            Fact::Saved(file) => ("files".into(), format!("{} durable", system.files[usize::from(file.0)])),
            Fact::Published { what, store, id, copy, .. } => {
                let made = match copy {
                    Copy::Published => "",
                    Copy::Synthesized => ", made by the stream",
                };
                (self.store(store.0), format!("{} added, id {id}{made}", self.event(what)))
            }
            Fact::Dropped(store, what) => (self.store(store.0), format!("full: drops {}", self.event(what))),
            Fact::Notified { signal, heard } => {
                let heard = if heard { "" } else { ": nobody waits, and it is not kept" };
                ("signal".into(), format!("{}{heard}", system.signals[usize::from(signal.0)].name))
            }
            Fact::Moved(task, None, to) => (task_name(task), format!("cursor moved to {to}")),
            Fact::Moved(task, Some(store), to) => {
                (task_name(task), format!("cursor of {} moved to {to}", self.store(store.0)))
            }
            Fact::Sent { by, what, copy, .. } => {
                let copy = match copy {
                    Copy::Published => "sends",
                    Copy::Synthesized => "makes up and sends",
                };
                (task_name(by), format!("{copy} {}", self.event(what)))
            }
            Fact::Closed(of) => (self.server_of(of), "ends the connection".into()),
            Fact::Over { task, failed: false } => (task_name(task), "is over".into()),
            Fact::Over { task, failed: true } => (task_name(task), "is over, failed".into()),
            Fact::Stuck(task) => (task_name(task), "takes steps for ever without letting time pass".into()),
            Fact::Arrived { at, what, .. } => (client(at), format!("{} arrives", self.event(what))),
            Fact::EndArrived(at) => (client(at), "the connection ends".into()),
            Fact::TimerStarted(of, number) => (client(of), format!("timer {} starts", timer(of, number))),
            Fact::TimerStopped(of, number) => (client(of), format!("timer {} stopped", timer(of, number))),
            Fact::TimedOut(of, number) => (client(of), format!("timer {} fires", timer(of, number))),
            Fact::Fetched { by, resource, found } => {
                let found = if found { "found" } else { "not there" };
                (client(by), format!("fetches {}: {found}", self.resource(resource)))
            }
            Fact::Showed(of, shown) => (client(of), format!("shows {shown}")),
            Fact::Finished(of) => (client(of), "is done".into()),
            Fact::Cut { .. }
            | Fact::Connected { .. }
            | Fact::Refused(_)
            | Fact::GaveUp(_)
            | Fact::Held(..)
            | Fact::Released(..)
            | Fact::Crashed(_)
            | Fact::Restarted(_) => self.of_an_outage(fact)?,
            Fact::Turned(_) | Fact::Read(_) | Fact::Commented(_) | Fact::CommentArrived(_) => return None,
        })
    }

    /// Why `rule` is broken as `breach` says, in one sentence.
    pub fn reason(&self, rule: Rule, breach: Breach) -> String {
        let client =
            breach.client.map_or_else(|| "a client".into(), |c| self.system.client_name(c).to_owned());
        let what = breach.what.map_or_else(|| "an event".into(), |what| self.event(what));
        match rule {
            Rule::NoEventLost => match breach.what.zip(breach.client) {
                Some((what, client)) => self.why_lost(what, client),
                None => format!("{what} never reaches {client}"),
            },
            Rule::DeliveredWithin(limit) => match breach.what.zip(breach.client) {
                Some((id, at)) => match self.delay(id, at) {
                    Some(delay) => {
                        let (delay, limit) = (span(delay), span(limit));
                        format!("{what} reaches {client} {delay} after it was published; allowed is {limit}")
                    }
                    None => self.why_lost(id, at),
                },
                None => format!("{what} reaches {client} later than {} after it was published", span(limit)),
            },
            Rule::NoDuplicate => self.why_twice(breach),
            Rule::InOrder => match self.overtaken(breach) {
                Some((other, before, at)) => format!(
                    "{what} reaches {client} at {}, {} after {}, which was published later",
                    time(at),
                    span(at - before),
                    self.event(other)
                ),
                None => format!("{what} reaches {client} after something that was published later"),
            },
            Rule::DurableBeforeAnnounced => self.why_not_there(breach),
            Rule::NoPhantom => self.why_phantom(breach),
            Rule::ClientNeverTimesOut => self.why_timed_out(breach),
            Rule::StreamEnds(limit) => {
                let over = self.job_over(breach.client).unwrap_or(self.ended_at);
                let job = format!("the job is over at {}", time(over));
                let back = breach.client.and_then(|client| self.came_back(client, over, limit));
                if let Some(back) = back {
                    let (at, later, limit) = (time(back), span(back - over), span(limit));
                    return format!(
                        "{job}, and {client} connects again at {at}, {later} later; allowed are {limit}"
                    );
                }
                match breach.client.and_then(|client| self.closed(client)) {
                    Some(at) => {
                        let (at, later, limit) = (time(at), span(at - over), span(limit));
                        format!(
                            "{job}, and the connection of {client} ends at {at}, {later} later; allowed are {limit}"
                        )
                    }
                    None => {
                        let end = time(self.ended_at);
                        format!(
                            "{job}, and the connection of {client} is still open when the run ends at {end}"
                        )
                    }
                }
            }
            Rule::NoEarlyEnd => {
                let closed = breach.client.and_then(|client| self.closed(client));
                let published = breach.what.and_then(|what| self.published(what));
                match (closed, published) {
                    (Some(closed), Some((published, ..))) => format!(
                        "the connection of {client} ends at {} without {what}, which is published at {}",
                        time(closed),
                        time(published)
                    ),
                    _ => format!("the connection of {client} ends before {what} was sent on it"),
                }
            }
            Rule::BoundedRequests(bound) => {
                let (requests, what) = (self.requests().count(), self.requests_are());
                format!("{requests} {what} in one run; allowed are {bound}")
            }
            Rule::ShownRight => self.why_shown(breach),
            Rule::ClientEnds => format!("{client} never comes to an end of its own and waits for ever"),
        }
    }

    /// When the first fact of a kind was noted.
    pub fn first(&self, kind: impl Fn(&Fact) -> bool) -> Option<Time> {
        self.facts.iter().find(|(_, fact)| kind(fact)).map(|(at, _)| *at)
    }

    /// How long after its publication an event first reaches a client.
    pub fn delay(&self, what: Identity, client: ClientId) -> Option<Span> {
        let published = self.published(what)?.0;
        let arrived = self
            .first(|fact| matches!(fact, Fact::Arrived { at, what: w, .. } if *at == client && *w == what))?;
        Some(arrived - published)
    }

    /// When, by whom and under which id an event was published.
    pub fn published(&self, what: Identity) -> Option<(Time, TaskId, u32)> {
        self.facts.iter().find_map(|(at, fact)| match *fact {
            Fact::Published { what: w, by, id, .. } if w == what => Some((*at, by, id)),
            _ => None,
        })
    }

    /// The first look at the store of `what` after it was published, if it was not sent by then: by
    /// whom, when, and what had set the cursor that is held against its id.
    pub fn passed_over(&self, what: Identity, client: ClientId) -> Option<PassedOver> {
        let mut cursor = None;
        let mut there = None;
        for (place, (at, fact)) in self.facts.iter().enumerate() {
            match *fact {
                Fact::Published { what: added, store, id, .. } if added == what => {
                    there.get_or_insert((store, id));
                }
                Fact::Connected { client: of, .. } if of == client => cursor = None,
                Fact::Sent { by, what: sent, copy: Copy::Published, .. }
                    if self.serves(by) == Some(client) && self.one_cursor(by, sent, what) =>
                {
                    let (_, _, id) = self.published(sent)?;
                    cursor = Some((*at, id, Some(sent)));
                }
                Fact::Moved(by, store, to)
                    if self.serves(by) == Some(client)
                        && (store.is_none() || store == self.store_of(what)) =>
                {
                    cursor = Some((*at, to, None));
                }
                Fact::Did(by, step) if self.serves(by) == Some(client) => {
                    let Some((store, id)) = there else { continue };
                    if !self.is_look(by, step, store) {
                        continue;
                    }
                    if self.facts[place + 1..]
                        .iter()
                        .take_while(|(when, f)| when == at && !matches!(f, Fact::Did(..)))
                        .any(|(_, f)| matches!(f, Fact::Sent { what: sent, .. } if *sent == what))
                    {
                        return None;
                    }
                    // What this very look sends may move the cursor before it comes to `what`.
                    let beside = self.facts[place + 1..].iter().take_while(|(when, _)| when == at);
                    for (when, fact) in beside.take_while(|(_, f)| !matches!(f, Fact::Did(..))) {
                        if let Fact::Sent { what: sent, copy: Copy::Published, .. } = *fact
                            && let Some((_, _, sent_id)) = self.published(sent)
                            && cursor.is_none_or(|(_, value, _)| value < id)
                        {
                            cursor = Some((*when, sent_id, Some(sent)));
                        }
                    }
                    let (set, value, sent) = cursor.filter(|(_, value, _)| *value >= id)?;
                    return Some(PassedOver { by, at: *at, id, cursor: value, set, sent });
                }
                _ => {}
            }
        }
        None
    }

    /// Whether sending `sent` moves the cursor that is held against the id of `what`.
    fn one_cursor(&self, by: TaskId, sent: Identity, what: Identity) -> bool {
        match self.system.tasks[usize::from(by.0)].cursors {
            Cursors::One => true,
            Cursors::PerStore => self.store_of(sent) == self.store_of(what),
        }
    }

    fn store_of(&self, what: Identity) -> Option<StoreId> {
        self.facts.iter().find_map(|(_, fact)| match *fact {
            Fact::Published { what: added, store, .. } if added == what => Some(store),
            _ => None,
        })
    }

    /// The first look at the store of `what` for `client` after it was published, and whose it is.
    fn looked(&self, what: Identity, client: ClientId) -> Option<(Time, TaskId)> {
        let store = self.store_of(what)?;
        let published = |fact: &Fact| matches!(fact, Fact::Published { what: added, .. } if *added == what);
        let after = self.facts.iter().skip_while(|(_, fact)| !published(fact));
        after.into_iter().find_map(|(at, fact)| match *fact {
            Fact::Did(by, step) if self.serves(by) == Some(client) && self.is_look(by, step, store) => {
                Some((*at, by))
            }
            _ => None,
        })
    }

    /// Whether a step sends from `store`.
    fn is_look(&self, task: TaskId, step: u16, store: StoreId) -> bool {
        let task = &self.system.tasks[usize::from(task.0)];
        let mut steps = task.steps.iter().chain(&task.otherwise);
        steps.nth(usize::from(step)).is_some_and(|step| step.action == Action::Send(store))
    }

    /// The event of a store that was published just before, under the same id.
    pub fn twin(&self, what: Identity) -> Option<(Time, Identity)> {
        let (_, _, id) = self.published(what)?;
        let own = self.store_of(what)?;
        let mut before = None;
        for (at, fact) in &self.facts {
            match *fact {
                Fact::Published { what: w, .. } if w == what => return before,
                Fact::Published { what: w, id: other, store, .. } if other == id && store == own => {
                    let by_clock = matches!(self.system.stores[usize::from(store.0)].ids, Ids::Clock(_));
                    before = by_clock.then_some((*at, w));
                }
                _ => {}
            }
        }
        None
    }

    fn why_lost(&self, what: Identity, client: ClientId) -> String {
        let name = self.event(what);
        let to = self.system.client_name(client);
        let Some((at, by, id)) = self.published(what) else {
            return format!("{name} never reaches {to}");
        };
        let writer = &self.system.tasks[usize::from(by.0)].name;
        if let Some(dropped) = self.first(|fact| matches!(fact, Fact::Dropped(_, w) if *w == what)) {
            return format!(
                "{name} is dropped from the full store {} after it was added, before it is read",
                span(dropped - at)
            );
        }
        if let Some(reason) = self.lost_on_its_way(what, client) {
            return reason;
        }
        // A log need not tell ids, and without them nobody knows what a cursor was held against.
        let passed_over = if id > 0 { self.passed_over(what, client) } else { None };
        if let Some((before, twin)) = self.twin(what).filter(|_| passed_over.is_some()) {
            let twin = self.event(twin);
            return format!(
                "{name} is published {} after {twin}, in the same tick of the clock and so under the same id; having sent {twin}, the stream takes {name} for sent",
                span(at - before)
            );
        }
        if let Some(PassedOver { by: stream, cursor, set, sent, .. }) = passed_over {
            let stream = &self.system.tasks[usize::from(stream.0)].name;
            let order = if set <= at {
                format!("{} before {writer} publishes {name} under id {id}", span(at - set))
            } else {
                format!("{} after {writer} published {name} under id {id}", span(set - at))
            };
            let moves = match sent {
                None => format!("{stream} moves its cursor to {cursor}"),
                Some(sent) => {
                    format!("{stream} sends {} and with it moves its cursor to {cursor}", self.event(sent))
                }
            };
            return format!("{moves}, {order}, and never sends what is not above its cursor");
        }
        if let Some((looked, stream)) = self.looked(what, client) {
            let stream = &self.system.tasks[usize::from(stream.0)].name;
            return format!(
                "{stream} looks at the store {} after {writer} published {name}, and does not send it, then or later",
                span(looked - at)
            );
        }
        if let Some(closed) = self.closed(client) {
            return if closed < at {
                format!(
                    "{name} is published at {}, {} after the connection ended",
                    time(at),
                    span(at - closed)
                )
            } else {
                format!(
                    "{name} is published at {}, and the connection ends at {} without another look at the store",
                    time(at),
                    time(closed)
                )
            };
        }
        if let Some(unheard) = self.unheard(client, at) {
            return format!(
                "the signal given at {} finds nobody waiting and is not kept; nobody looks at the store after {name} is added",
                time(unheard)
            );
        }
        let at = time(at);
        format!("nobody looks at the store between the moment {name} is added, {at}, and the end of the run")
    }

    fn why_timed_out(&self, breach: Breach) -> String {
        let Some(client) = breach.client else { return "a timer fires".into() };
        let Some((fired, timer)) = self.facts.iter().find_map(|(at, fact)| match *fact {
            Fact::TimedOut(c, number) if c == client => Some((*at, number)),
            _ => None,
        }) else {
            return "a timer fires".into();
        };
        let plan = &self.system.clients[usize::from(client.0)];
        let timer_plan = &plan.timers[usize::from(timer)];
        let stopper = timer_plan.stopped_by.first().map(|event| Identity::new(*event, 1));
        let ending = match stopper.map(|what| (self.event(what), self.arrival(what, client))) {
            None => String::new(),
            Some((name, None)) => format!("; {name}, which would stop it, never arrives"),
            Some((name, Some(arrived))) if arrived >= fired => {
                format!("; {name}, which would stop it, arrives {} later", span(arrived - fired))
            }
            Some(_) => String::new(),
        };
        let started_at = self.timer_started(client, timer, fired);
        let started = match timer_plan.from {
            TimerFrom::Start => String::new(),
            TimerFrom::Byte => format!(", {} after the last byte arrived", span(fired - started_at)),
            TimerFrom::Event => format!(", {} after the last event arrived", span(fired - started_at)),
            TimerFrom::Named(event) => {
                format!(", {} after {} started it", span(fired - started_at), self.system.event_name(event))
            }
        };
        let nothing_came = started_at == Time::ZERO;
        let started = match timer_plan.from {
            TimerFrom::Byte if nothing_came => ", and nothing has arrived by then".to_owned(),
            TimerFrom::Event if nothing_came => ", and no event has arrived by then".to_owned(),
            _ => started,
        };
        format!("timer {} of {} fires at {}{started}{ending}", timer_plan.name, plan.name, time(fired))
    }

    fn why_not_there(&self, breach: Breach) -> String {
        let missing = self.facts.iter().find_map(|(at, fact)| match *fact {
            Fact::Fetched { by, resource, found: false } if Some(by) == breach.client => {
                Some((*at, by, resource))
            }
            _ => None,
        });
        let Some((at, by, resource)) = missing else { return "what is announced is not there".into() };
        let durable = self.first(|fact| match (fact, resource) {
            (Fact::Visible(row, _), Resource::Row(wanted)) => *row == wanted,
            (Fact::Saved(file), Resource::File(wanted)) => *file == wanted,
            _ => false,
        });
        let when = match durable {
            Some(durable) if durable >= at => format!("{} before it is there", span(durable - at)),
            _ => "and it never comes to be there".into(),
        };
        let (client, what) = (self.system.client_name(by), self.resource(resource));
        format!("{client} fetches {what} at {}, {when}", time(at))
    }

    /// When an event first reaches a client.
    pub fn arrival(&self, what: Identity, client: ClientId) -> Option<Time> {
        self.first(|fact| matches!(fact, Fact::Arrived { at, what: w, .. } if *at == client && *w == what))
    }

    /// Whether anything but looking came of the step at `place`.
    fn came_of(&self, place: usize) -> bool {
        let Some((at, Fact::Did(task, _))) = self.facts.get(place).copied() else { return true };
        let after = self.facts[place + 1..].iter().take_while(|(when, _)| *when == at);
        after.take_while(|(_, fact)| !matches!(fact, Fact::Did(..))).any(|(_, fact)| match *fact {
            Fact::Sent { by, .. } => by == task,
            Fact::Moved(..) | Fact::Closed(_) | Fact::Published { .. } => true,
            _ => false,
        })
    }

    /// The client whose connection a task is the server's end of.
    pub fn serves(&self, task: TaskId) -> Option<ClientId> {
        self.system.tasks[usize::from(task.0)].serves
    }

    fn server_of(&self, client: ClientId) -> String {
        let server = self.system.tasks.iter().find(|task| task.serves == Some(client));
        server.map_or_else(|| "server".into(), |task| task.name.clone())
    }

    /// `artifact_ready`, or `content #3` where there are several of a kind in the run.
    pub fn event(&self, what: Identity) -> String {
        let name = self.system.event_name(what.event());
        let more = |fact: &Fact| matches!(fact, Fact::Published { what: w, .. } if w.event() == what.event() && w.ordinal() > 1);
        if what.ordinal() > 1 || self.facts.iter().any(|(_, fact)| more(fact)) {
            format!("{name} #{}", what.ordinal())
        } else {
            name.to_owned()
        }
    }

    fn row(&self, row: u8) -> &str {
        &self.system.rows[usize::from(row)].name
    }

    fn store(&self, store: u8) -> String {
        self.system.stores[usize::from(store)].name.clone()
    }

    fn resource(&self, resource: Resource) -> String {
        match resource {
            Resource::Row(row) => format!("row {}", self.row(row.0)),
            Resource::File(file) => format!("file {}", self.system.files[usize::from(file.0)]),
        }
    }
}

fn span(span: Span) -> String {
    text::duration(span.0)
}

fn time(time: Time) -> String {
    text::duration(time.0)
}
