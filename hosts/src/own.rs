//! A server of one's own in the place of the modelled stream.
//!
//! The job, the database and the client are those of the scenario; what publishes to a store and streams from
//! it is real code: an axum router that is told what the job publishes ([`Net::on_publish`]), asks the
//! database for what the job has written ([`Net::status`], [`Net::row`]), and waits for its signals
//! ([`Net::notified`]). It runs at its own pace: `tokio::time` is simulated time, and so is
//! [`Net::now_millis`].
//!
//! What befalls lines befalls its connections. A node of the job may stop and start again; that of the streams
//! may not, since a router has no way of being stopped in between, and what is held up is held up in both ways
//! ([`unsuited`]).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use punctual_model::{Action, ClientId, Fact, Fault, Identity, NodeId, Origin, System, TaskId, Way};
use punctual_sim::{Chooser, Clock, Span, Time};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::clock::SimClock;
use crate::draws::Draws;
use crate::event_stream::Message;
use crate::ports::{Answer, Arrival};
use crate::wire::{self, NoEvent};

/// What tells of which event a message of a stream is.
pub type Identify = Arc<dyn Fn(&Message) -> Option<(String, u32)> + Send + Sync>;

/// A server in the place of the modelled stream.
#[derive(Clone)]
pub struct Own {
    app: Arc<dyn Fn(Net) -> Router + Send + Sync>,
    path: String,
    identify: Option<Identify>,
}

/// Something that the job has published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// What kind of event it is, by its name in the scenario.
    pub kind: String,
    /// Which of its kind, from 1.
    pub n: u32,
    /// What to send as `data`, so that it is known at the client which event it is.
    pub data: String,
}

/// What a server of one's own knows of the rest of the simulation.
#[derive(Clone)]
pub struct Net {
    inner: Arc<Inner>,
}

type Hook = Box<dyn FnMut(Published) + Send>;

struct Inner {
    clock: SimClock,
    /// How far the clock of the server is into a millisecond when the run begins, in microseconds.
    phase: u64,
    /// The present instant of the job while it publishes; 0 otherwise.
    publishing: AtomicU64,
    hooks: Mutex<Vec<Hook>>,
    arrive: mpsc::UnboundedSender<Arrival>,
    signals: Vec<Signal>,
    /// The names of the rows.
    rows: Vec<String>,
}

struct Signal {
    name: String,
    /// Whether a notification that finds nobody waiting is kept.
    permit: bool,
    notify: Notify,
}

/// The wall clock at which every run begins, in milliseconds since 1970.
const EPOCH_MILLIS: u64 = 1_700_000_000_000;

impl Own {
    /// The server that `app` makes, anew for each run. Its stream is at `/events/CLIENT`.
    pub fn new(app: impl Fn(Net) -> Router + Send + Sync + 'static) -> Self {
        Self { app: Arc::new(app), path: "/events/{client}".into(), identify: None }
    }

    /// Its stream is at this path; `{client}` stands for the name of the client.
    #[must_use]
    pub fn stream_at(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// Its messages tell in their own way which event they are: `identify` gives the kind and the number,
    /// from 1, or nothing for a message that is no event of the scenario.
    #[must_use]
    pub fn identify(
        mut self,
        identify: impl Fn(&Message) -> Option<(String, u32)> + Send + Sync + 'static,
    ) -> Self {
        self.identify = Some(Arc::new(identify));
        self
    }

    pub(crate) fn path(&self, client: &str) -> String {
        self.path.replace("{client}", client)
    }

    pub(crate) fn router(&self, net: Net) -> Router {
        (self.app)(net)
    }

    /// Which event a message tells of; nothing if it is none of the scenario's.
    pub(crate) fn event(
        &self,
        system: &System,
        message: &Message,
    ) -> Result<Option<(Identity, Origin)>, NoEvent> {
        let Some(identify) = &self.identify else { return wire::decode(system, message).map(Some) };
        let Some((kind, n)) = identify(message) else { return Ok(None) };
        let place = system.events.iter().position(|event| event.name == kind);
        let place = place.ok_or(NoEvent::Identified(kind))?;
        Ok(Some((Identity::new(punctual_model::EventId(place as u8), n), Origin::Published)))
    }
}

impl std::fmt::Debug for Own {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Own").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Net {
    pub(crate) fn new(
        system: &System,
        clock: SimClock,
        draws: &Draws,
        arrive: mpsc::UnboundedSender<Arrival>,
    ) -> Self {
        let phase = draws.chooser().phase(&Clock::new("server.clock", Span::millis(1)));
        let signals = system.signals.iter().map(|signal| Signal {
            name: signal.name.clone(),
            permit: signal.permit,
            notify: Notify::new(),
        });
        let inner = Inner {
            clock,
            phase: phase.0,
            publishing: AtomicU64::new(0),
            hooks: Mutex::default(),
            arrive,
            signals: signals.collect(),
            rows: system.rows.iter().map(|row| row.name.clone()).collect(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Lets `hook` hear of everything that the job publishes, at that instant: this is the call of `publish`.
    pub fn on_publish(&self, hook: impl FnMut(Published) + Send + 'static) {
        self.inner.hooks.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(hook));
    }

    /// What the wall clock of the server shows, in milliseconds since 1970.
    pub fn now_millis(&self) -> u64 {
        let publishing = self.inner.publishing.load(Ordering::Relaxed);
        let now = if publishing > 0 { publishing } else { self.inner.clock.now().0 };
        EPOCH_MILLIS + (now + self.inner.phase) / 1_000
    }

    /// The job's status, as the database has it.
    pub async fn status(&self) -> String {
        self.ask(true, Vec::new()).await.and_then(|answer| answer.status).unwrap_or_default()
    }

    /// The version of a row that can be read, from 1; nothing if there is none yet.
    ///
    /// # Panics
    /// If the scenario has no such row.
    pub async fn row(&self, name: &str) -> Option<u32> {
        assert!(self.inner.rows.iter().any(|row| row == name), "the scenario has no row {name:?}");
        let answer = self.ask(false, vec![name.to_owned()]).await?;
        answer.rows.first().copied().filter(|version| *version > 0)
    }

    /// Waits for a signal of the job. Whether one that came before is kept is as the scenario says.
    ///
    /// # Panics
    /// If the scenario has no such signal.
    pub async fn notified(&self, name: &str) {
        let signal = self.inner.signals.iter().find(|signal| signal.name == name);
        signal.unwrap_or_else(|| panic!("the scenario has no signal {name:?}")).notify.notified().await;
    }

    async fn ask(&self, status: bool, rows: Vec<String>) -> Option<Answer> {
        let (answered, answer) = oneshot::channel();
        let _ = self.inner.arrive.send(Arrival::Read(status, rows, answered));
        answer.await.ok()
    }

    /// Tells the server what of `facts` it is to hear.
    pub(crate) fn hears(&self, system: &System, now: Time, facts: &[Fact]) {
        for fact in facts {
            match *fact {
                Fact::Published { what, copy: Origin::Published, .. } => {
                    let published = Published {
                        kind: system.event_name(what.event()).to_owned(),
                        n: what.ordinal(),
                        data: wire::data(what, Origin::Published),
                    };
                    self.inner.publishing.store(now.0.max(1), Ordering::Relaxed);
                    for hook in self.inner.hooks.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
                        hook(published.clone());
                    }
                    self.inner.publishing.store(0, Ordering::Relaxed);
                }
                Fact::Notified { signal, .. } => {
                    let signal = &self.inner.signals[usize::from(signal.0)];
                    if signal.permit {
                        signal.notify.notify_one();
                    } else {
                        signal.notify.notify_waiters();
                    }
                }
                _ => {}
            }
        }
    }
}

/// `system` without its streams, which a server of one's own stands in for: their tasks are over at once.
pub(crate) fn without_streams(system: &System) -> System {
    let mut rest = system.clone();
    for task in rest.tasks.iter_mut().filter(|task| task.serves.is_some()) {
        task.steps.truncate(1);
        for step in &mut task.steps {
            step.action = Action::Work;
            step.guards.clear();
            step.chance = None;
            step.time = punctual_model::StepTime::Instant;
        }
        task.again_from = None;
        task.otherwise.clear();
    }
    // A server has timers that nobody knows: a run has to be told when it is over.
    let job = |task: &&punctual_model::Task| task.serves.is_none() && task.again_from.is_none();
    if rest.ends.is_none()
        && let Some(place) = rest.tasks.iter().position(|task| job(&task))
    {
        rest.ends = Some((TaskId(place as u8), Span::secs(30)));
    }
    rest
}

/// What of `system` cannot befall a server of one's own, and what can; nothing if all can.
pub fn unsuited(system: &System) -> Option<String> {
    let streams = |node: NodeId| system.tasks.iter().any(|task| task.serves.is_some() && task.node == node);
    let steps = system.tasks.iter().flat_map(|task| task.all_steps().map(move |step| (task, step)));
    let mut unsuited = steps.filter_map(|(task, step)| match step.action.traits().befalls? {
        Fault::Crash(node) if streams(node) => Some(format!(
            "task {:?} crashes {:?}, where the streams are, and a server of one's own cannot be stopped \
             half-way: leave the crash out, or let `disconnect` break its connections",
            task.name,
            system.node_name(node)
        )),
        Fault::Hold(client, way) if way != Way::Both => Some(format!(
            "task {:?} holds up what is sent in one way between {:?} and the server, and with a server of one's \
             own it is held up in both ways or in none: leave `way` out",
            task.name,
            system.client_name(client)
        )),
        Fault::Crash(_)
        | Fault::Hold(..)
        | Fault::Disconnect(_)
        | Fault::HalfOpen(_)
        | Fault::Release(..)
        | Fault::Restart(_) => None,
    });
    unsuited.next()
}

/// The task that is the server's end of a client's connection.
pub(crate) fn serving(system: &System, client: ClientId) -> TaskId {
    let place = system.tasks.iter().position(|task| task.serves == Some(client));
    TaskId(place.unwrap_or(0) as u8)
}
