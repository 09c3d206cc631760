//! The host of the server's side: its tasks, behind an axum server for streams and resources.
//!
//! What its tasks do to the database is done by the database: the step is over when the answer is there, and
//! what was read is what it said. Streams are answers without an end; each of their bytes goes through axum,
//! hyper and the simulated network.

use std::collections::BTreeMap;
use std::rc::Rc;

use bytes::Bytes;
use punctual_model::{
    Action, Backend, BackendEffect, BackendEvent, ClientId, Fact, Id, Message, Resource, RowId, StatusId,
    System, Way, WorldEvent,
};
use punctual_sim::{Asked, Chooser, Claim, Hosted, Time};
use tokio::sync::{mpsc, oneshot};

use crate::chronicle::{self, Chronicle, Rest};
use crate::database::Link;
use crate::draws::{Draws, HostChooser};
use crate::host::{Port, host};
use crate::outlet::{Chunks, Outlet};
use crate::own::{Net, serving};
use crate::ports::{APP, Answer, Arrival, Control, DATABASE, Op, Opened, host_of};
use crate::server::{listen, router};
use crate::wire;

/// What an answer of the database is waited for by.
enum Waiting {
    Step(Claim<BackendEvent>, Vec<RowId>),
    Fetch(oneshot::Sender<bool>),
    Read(oneshot::Sender<Answer>),
}

/// The connections of the server's side.
struct AppPort {
    chronicle: Rc<Chronicle>,
    arrivals: mpsc::UnboundedReceiver<Arrival>,
    database: Link,
    waiting: BTreeMap<u64, Waiting>,
    /// What the database has answered, and the machine is not to know before this instant.
    answers: BTreeMap<(Time, u64), Answer>,
    outlets: Vec<Outlet>,
    controls: Vec<mpsc::UnboundedSender<Control>>,
    draws: HostChooser,
    known_decisions: usize,
    /// A server in the place of the modelled streams.
    net: Option<Net>,
}

/// The host of the server's side.
pub(crate) async fn serve(
    chronicle: Rc<Chronicle>,
    draws: Draws,
    controls: Vec<mpsc::UnboundedSender<Control>>,
) -> turmoil::Result {
    let (arrive, arrivals) = mpsc::unbounded_channel();
    let modelled = router(chronicle.backend.system(), arrive.clone());
    let net = chronicle
        .own
        .as_ref()
        .map(|_| Net::new(chronicle.backend.system(), chronicle.clock, &draws, arrive.clone()));
    let served = match (&chronicle.own, &net) {
        (Some(own), Some(net)) => own.router(net.clone()).fallback_service(modelled),
        _ => modelled,
    };
    listen(Rc::clone(&chronicle), served).await?;
    let answered = move |answer| {
        let _ = arrive.send(Arrival::Answer(answer));
    };
    let database = Link::connect(answered).await?;
    let mut port = AppPort {
        outlets: chronicle.clients.iter().map(|_| Outlet::default()).collect(),
        chronicle: Rc::clone(&chronicle),
        arrivals,
        database,
        waiting: BTreeMap::new(),
        answers: BTreeMap::new(),
        controls,
        draws: draws.chooser(),
        known_decisions: 0,
        net,
    };
    let hosted = Hosted::new(&chronicle.backend, draws.chooser());
    match host(hosted, &mut port, chronicle.clock).await {}
}

type HostedBackend<'m> = Hosted<'m, Backend, HostChooser>;

impl AppPort {
    fn system(&self) -> &System {
        self.chronicle.backend.system()
    }

    /// Lets a message set out on a client's line.
    fn send(&mut self, now: Time, to: ClientId, message: Message, bytes: Bytes) {
        let client = &self.chronicle.clients[usize::from(to.0)];
        // A comment that nobody minds is no message of the model: it costs no draw.
        let minded = message != Message::Comment || client.minds_comments();
        let travels =
            if minded { self.draws.delay(&client.plan().latency) } else { punctual_sim::Span::ZERO };
        self.outlets[usize::from(to.0)].send(now, message, bytes, (travels, self.chronicle.tick));
        self.chronicle.sets_out();
    }

    fn carry_out_effect(&mut self, now: Time, effect: BackendEffect) {
        match effect {
            BackendEffect::Send(to, message, id) => {
                let bytes = Bytes::from(wire::encode(self.system(), message, id.map_or(0, Id::number)));
                if let Some(bytes) = self.outlets[usize::from(to.0)].takes(message, bytes) {
                    self.send(now, to, message, bytes);
                }
            }
            BackendEffect::Cut(of, noticed) if self.net.is_some() => {
                let _ = self.controls[usize::from(of.0)].send(Control::Cut(noticed));
            }
            BackendEffect::Hold(of, _) if self.net.is_some() => turmoil::hold(APP.0, host_of(of)),
            BackendEffect::Release(of, _) if self.net.is_some() => {
                turmoil::release(APP.0, host_of(of));
            }
            BackendEffect::Cut(of, noticed) => {
                let lost = self.outlets[usize::from(of.0)].breaks(noticed);
                (0..lost).for_each(|_| self.chronicle.is_there());
            }
            BackendEffect::Hold(of, way) => {
                if way != Way::From {
                    self.outlets[usize::from(of.0)].hold();
                }
                if way != Way::To {
                    let _ = self.controls[usize::from(of.0)].send(Control::Hold);
                }
            }
            BackendEffect::Release(of, way) => {
                if way != Way::From {
                    for (message, bytes) in self.outlets[usize::from(of.0)].release() {
                        self.send(now, of, message, bytes);
                    }
                }
                if way != Way::To {
                    let _ = self.controls[usize::from(of.0)].send(Control::Release);
                }
            }
        }
    }

    /// Asks the database for what steps need of it.
    fn ask(&mut self, hosted: &mut HostedBackend<'_>) {
        let backend = &self.chronicle.backend;
        let of_database = |state: &_, event: &BackendEvent| match event {
            BackendEvent::Done(task) => {
                backend.at(state, *task).is_some_and(|step| step.action.traits().database.is_some())
            }
            BackendEvent::Appeared(..) => true,
            _ => false,
        };
        for claim in hosted.claim(of_database) {
            let name = |row: RowId| self.chronicle.backend.system().rows[usize::from(row.0)].name.clone();
            let (op, rows) = match claim.event {
                BackendEvent::Appeared(row, version) => {
                    (Op::Appear { row: name(row), version: version.0 }, Vec::new())
                }
                BackendEvent::Done(task) => {
                    let state = hosted.state().expect("it has begun");
                    let Some(step) = self.chronicle.backend.at(state, task) else { continue };
                    match &step.action {
                        Action::Read { status, rows } => {
                            let names = rows.iter().map(|row| name(*row)).collect();
                            (Op::Read { status: *status, rows: names }, rows.clone())
                        }
                        Action::Commit { row, fails } => {
                            let rolled_back = fails.as_ref().is_some_and(|fails| hosted.foresee(fails) == 1);
                            let late = self.chronicle.backend.system().rows[usize::from(row.0)]
                                .visible_after
                                .is_some();
                            (Op::Commit { row: name(*row), rolled_back, at_once: !late }, Vec::new())
                        }
                        Action::Status(status) => {
                            let statuses = &self.chronicle.backend.system().statuses;
                            (Op::Status(statuses[usize::from(status.0)].clone()), Vec::new())
                        }
                        _ => continue,
                    }
                }
                _ => continue,
            };
            let number = self.database.ask(claim.due, op);
            self.waiting.insert(number, Waiting::Step(claim, rows));
        }
    }

    fn answered(&mut self, hosted: &mut HostedBackend<'_>, now: Time, answer: &Answer) {
        match self.waiting.remove(&answer.number) {
            // Of a run that is over only messages still arrive.
            Some(Waiting::Step(claim, _)) if self.chronicle.over().is_some_and(|over| now > over) => {
                hosted.give_up(claim);
                self.chronicle.too_late();
            }
            Some(Waiting::Step(claim, rows)) => {
                let read: Vec<(RowId, u32)> = rows.into_iter().zip(answer.rows.iter().copied()).collect();
                let status = answer.status.as_ref().and_then(|status| {
                    self.system()
                        .statuses
                        .iter()
                        .position(|known| known == status)
                        .map(|id| StatusId(id as u8))
                });
                let chronicle = Rc::clone(&self.chronicle);
                let asked = hosted.claimed(now, claim, |state| {
                    let same =
                        |(row, version): &(RowId, u32)| chronicle.backend.visible(state, *row) == *version;
                    let agrees = status.is_none_or(|status| chronicle.backend.status(state) == status);
                    if !agrees || !read.iter().all(same) {
                        let what = "the database tells another story than was written to it".to_owned();
                        chronicle.trouble(now, DATABASE.0, what);
                    }
                    chronicle.backend.set_read(state, &read, status);
                });
                if let Some(asked) = asked {
                    self.carry_out(hosted, now, Some(claim.event), asked);
                }
            }
            Some(Waiting::Read(read)) => {
                let reader = Fact::Read(serving(self.system(), ClientId(0)));
                self.chronicle.write(now, None, vec![reader]);
                let _ = read.send(answer.clone());
            }
            Some(Waiting::Fetch(found)) => {
                let _ = found.send(answer.rows.first().is_some_and(|version| *version > 0));
            }
            None => {}
        }
    }

    fn connects(
        &mut self,
        hosted: &mut HostedBackend<'_>,
        now: Time,
        (client, last): (ClientId, u32),
        opened: oneshot::Sender<Opened>,
    ) {
        let (chunks, stream): (Chunks, _) = mpsc::unbounded_channel();
        let outlet = &mut self.outlets[usize::from(client.0)];
        let first = outlet.connections == 0;
        let lost = outlet.connects(now, chunks);
        (0..lost).for_each(|_| self.chronicle.is_there());
        if first {
            let _ = opened.send(Opened::Stream(stream));
            return;
        }
        let mut there = false;
        let chronicle = Rc::clone(&self.chronicle);
        let asked = hosted.apply(now, |state, cx| there = chronicle.backend.connect(state, client, last, cx));
        if there {
            let _ = opened.send(Opened::Stream(stream));
        } else {
            self.outlets[usize::from(client.0)].breaks(true);
            let _ = opened.send(Opened::Gone);
        }
        self.written(hosted, now, Some(WorldEvent::Connect(client)), asked);
    }

    fn written(
        &mut self,
        hosted: &mut HostedBackend<'_>,
        now: Time,
        event: Option<WorldEvent>,
        asked: Asked<Backend>,
    ) {
        let heard = if self.net.is_some() { asked.facts.clone() } else { Vec::new() };
        match event {
            Some(event) => self.chronicle.write(now, Some(event), asked.facts),
            None => self.chronicle.begins(chronicle::APP, asked.facts),
        }
        for effect in asked.effects {
            self.carry_out_effect(now, effect);
        }
        if let Some(net) = &self.net {
            net.hears(self.chronicle.backend.system(), now, &heard);
        }
        self.chronicle.decided(now, hosted.decisions(), &mut self.known_decisions);
        self.ask(hosted);
    }
}

impl Port<Backend, HostChooser> for AppPort {
    type Arrival = Arrival;

    async fn arrives(&mut self) -> Arrival {
        match self.arrivals.recv().await {
            Some(arrival) => arrival,
            None => std::future::pending().await,
        }
    }

    fn happens(&mut self, hosted: &mut HostedBackend<'_>, now: Time, arrival: Arrival) {
        match arrival {
            Arrival::Answer(answer) => {
                let due = match self.waiting.get(&answer.number) {
                    Some(Waiting::Step(claim, _)) => claim.due,
                    Some(Waiting::Fetch(_) | Waiting::Read(_)) | None => now,
                };
                self.answers.insert((due, answer.number), answer);
            }
            Arrival::Connect(client, last, opened) => self.connects(hosted, now, (client, last), opened),
            Arrival::Read(status, rows, read) => {
                let number = self.database.ask(now, Op::Read { status, rows });
                self.waiting.insert(number, Waiting::Read(read));
            }
            Arrival::Fetch(Resource::Row(row), found) => {
                let name = self.system().rows[usize::from(row.0)].name.clone();
                let number = self.database.ask(now, Op::Read { status: false, rows: vec![name] });
                self.waiting.insert(number, Waiting::Fetch(found));
            }
            Arrival::Fetch(resource @ Resource::File(_), found) => {
                let is_there =
                    hosted.state().is_some_and(|state| self.chronicle.backend.finds(state, resource));
                let _ = found.send(is_there);
            }
        }
    }

    fn carry_out(
        &mut self,
        hosted: &mut HostedBackend<'_>,
        now: Time,
        event: Option<BackendEvent>,
        asked: Asked<Backend>,
    ) {
        self.written(hosted, now, event.map(WorldEvent::Backend), asked);
    }

    fn next_due(&self) -> Option<Time> {
        let answers = self.answers.keys().next().map(|(due, _)| *due);
        self.outlets.iter().filter_map(Outlet::next_due).chain(answers).min()
    }

    fn due(&mut self, hosted: &mut HostedBackend<'_>, now: Time) {
        while let Some(answer) = self.answers.first_entry().filter(|answer| answer.key().0 <= now) {
            let answer = answer.remove();
            self.answered(hosted, now, &answer);
        }
        for outlet in &mut self.outlets {
            let written = outlet.write(now);
            (0..written).for_each(|_| self.chronicle.is_there());
        }
    }

    fn ends(&self) -> Option<Time> {
        self.chronicle.over()
    }

    fn stands_still(&mut self, at: Time, event: String) {
        self.chronicle.stands_still(APP.0, at, &event);
    }

    fn waits(&mut self, busy: bool, timer: Option<Time>) {
        self.chronicle.waits(chronicle::APP, Rest { busy, timer });
    }
}
