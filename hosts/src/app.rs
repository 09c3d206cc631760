//! The host of the server's side: its tasks, behind an axum server for streams and resources.
//!
//! What its tasks do to the database is done by the database: the step is over when the answer is there, and
//! what was read is what it said. Streams are answers without an end; each of their bytes goes through axum,
//! hyper and the simulated network.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use hyper::service::Service;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use punctual_model::{
    Action, Backend, BackendEffect, BackendEvent, ClientId, Fact, Message, Resource, RowId, StatusId, System,
    Way, WorldEvent,
};
use punctual_sim::{Asked, Chooser, Claim, Hosted, Time};
use tokio::sync::{mpsc, oneshot};
use turmoil::net::TcpListener;

use crate::database::{Answer, Link, Op};
use crate::draws::{Draws, HostChooser};
use crate::host::{Port, host};
use crate::ledger::{APP, Ledger};
use crate::outlet::{Broken, Chunks, Outlet};
use crate::own::{Net, serving};
use crate::page::Control;
use crate::wire;

pub(crate) const NAME: &str = "app";
pub(crate) const PORT: u16 = 80;

/// What arrives at the server's side.
pub(crate) enum Arrival {
    Answer(Answer),
    /// A request for a stream, with the id that the client names.
    Connect(ClientId, u32, oneshot::Sender<Opened>),
    Fetch(Resource, oneshot::Sender<bool>),
    /// A server of one's own reads the status, or rows.
    Read(bool, Vec<String>, oneshot::Sender<Answer>),
}

/// What becomes of a request for a stream.
pub(crate) enum Opened {
    Stream(mpsc::UnboundedReceiver<Result<Bytes, Broken>>),
    /// Nobody is there who would answer.
    Gone,
}

/// What an answer of the database is waited for by.
enum Waiting {
    Step(Claim<BackendEvent>, Vec<RowId>),
    Fetch(oneshot::Sender<bool>),
    Read(oneshot::Sender<Answer>),
}

/// The connections of the server's side.
struct AppPort {
    ledger: Rc<Ledger>,
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
    ledger: Rc<Ledger>,
    draws: Draws,
    controls: Vec<mpsc::UnboundedSender<Control>>,
) -> turmoil::Result {
    let (arrive, arrivals) = mpsc::unbounded_channel();
    let modelled = router(ledger.backend.system(), arrive.clone());
    let net =
        ledger.own.as_ref().map(|_| Net::new(ledger.backend.system(), ledger.clock, &draws, arrive.clone()));
    let served = match (&ledger.own, &net) {
        (Some(own), Some(net)) => own.router(net.clone()).fallback_service(modelled),
        _ => modelled,
    };
    listen(Rc::clone(&ledger), served).await?;
    let answered = move |answer| {
        let _ = arrive.send(Arrival::Answer(answer));
    };
    let database = Link::connect(answered).await?;
    let mut port = AppPort {
        outlets: ledger.clients.iter().map(|_| Outlet::default()).collect(),
        ledger: Rc::clone(&ledger),
        arrivals,
        database,
        waiting: BTreeMap::new(),
        answers: BTreeMap::new(),
        controls,
        draws: draws.chooser(),
        known_decisions: 0,
        net,
    };
    let hosted = Hosted::new(&ledger.backend, draws.chooser());
    match host(hosted, &mut port, ledger.clock).await {}
}

/// Accepts connections, and serves each with `router`.
pub(crate) async fn listen(ledger: Rc<Ledger>, router: Router) -> turmoil::Result {
    let listener = TcpListener::bind(("0.0.0.0", PORT)).await?;
    tokio::task::spawn_local(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else { return };
            let router = TowerToHyperService::new(router.clone());
            let service = hyper::service::service_fn(move |request| {
                let answer = router.call(request);
                async move {
                    let response = answer.await.map_err(|_| Broken)?;
                    let gone = response.extensions().get::<GoneMark>().is_some();
                    if gone { Err(Broken) } else { Ok(response) }
                }
            });
            let ledger = Rc::clone(&ledger);
            tokio::task::spawn_local(async move {
                // The real time would be told in a header.
                let serving = hyper::server::conn::http1::Builder::new()
                    .auto_date_header(false)
                    .serve_connection(TokioIo::new(stream), service);
                if let Err(said) = Caught(Box::pin(serving)).await {
                    ledger.trouble(ledger.clock.now(), NAME, format!("panicked: {said}"));
                }
            });
        }
    });
    Ok(())
}

/// A future whose panic is its outcome.
struct Caught<F>(Pin<Box<F>>);

impl<F: Future> Future for Caught<F> {
    type Output = Result<F::Output, String>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // What panicked is not looked at again.
        let polled = catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(cx)));
        polled.map_or_else(|payload| Poll::Ready(Err(said(&*payload))), |polled| polled.map(Ok))
    }
}

/// What was said with a panic.
pub(crate) fn said(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// The mark of an answer that is none: the connection breaks instead.
#[derive(Clone, Copy)]
struct GoneMark;

/// The body of a stream.
struct Stream(mpsc::UnboundedReceiver<Result<Bytes, Broken>>);

impl hyper::body::Body for Stream {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        self.0.poll_recv(cx).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

/// What the handlers know.
#[derive(Clone)]
struct Desk {
    arrive: mpsc::UnboundedSender<Arrival>,
    system: std::sync::Arc<System>,
    /// By client: whether an answer may be that it need not come again.
    refuses: Vec<bool>,
}

fn router(system: &System, arrive: mpsc::UnboundedSender<Arrival>) -> Router {
    let refuses = |client: usize| {
        let serves = |task: &&punctual_model::Task| task.serves == Some(ClientId(client as u8));
        let tasks = system.tasks.iter().filter(serves);
        tasks.flat_map(punctual_model::Task::all_steps).any(|step| step.action == Action::Refuse)
    };
    let refuses = (0..system.clients.len()).map(refuses).collect();
    let desk = Desk { arrive, system: std::sync::Arc::new(system.clone()), refuses };
    Router::new()
        .route("/events/{client}", get(events))
        .route("/rows/{name}", get(row))
        .route("/files/{name}", get(file))
        .with_state(desk)
}

async fn events(State(desk): State<Desk>, Path(client): Path<String>, headers: HeaderMap) -> Response {
    let Some(id) = desk.system.clients.iter().position(|known| known.name == client) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok()).unwrap_or(0);
    let (opened, opens) = oneshot::channel();
    let _ = desk.arrive.send(Arrival::Connect(ClientId(id as u8), last, opened));
    let Ok(Opened::Stream(mut chunks)) = opens.await else {
        let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
        response.extensions_mut().insert(GoneMark);
        return response;
    };
    let retry = desk.system.clients[id].reconnects.as_ref().map(|again| again.after.interval().min.0 / 1_000);
    let mut first = retry.map(|retry| format!("retry: {retry}\n\n").into_bytes()).unwrap_or_default();
    if desk.refuses[id] {
        // The status is the first thing that is sent, so it has to be known.
        match chunks.recv().await {
            Some(Ok(bytes)) => first.extend_from_slice(&bytes),
            Some(Err(Broken)) => {
                let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
                response.extensions_mut().insert(GoneMark);
                return response;
            }
            None => return StatusCode::NO_CONTENT.into_response(),
        }
    }
    let (begin, begins) = mpsc::unbounded_channel();
    if !first.is_empty() {
        let _ = begin.send(Ok(Bytes::from(first)));
    }
    let body = axum::body::Body::new(Chain { first: Stream(begins), then: Stream(chunks), _begin: () });
    drop(begin);
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // Proxies that keep back what they are sent are asked not to.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, body).into_response()
}

/// One body after another.
struct Chain {
    first: Stream,
    then: Stream,
    _begin: (),
}

impl hyper::body::Body for Chain {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match Pin::new(&mut self.first).poll_frame(cx) {
            Poll::Ready(None) => Pin::new(&mut self.then).poll_frame(cx),
            frame => frame,
        }
    }
}

async fn row(State(desk): State<Desk>, Path(name): Path<String>) -> StatusCode {
    let row = desk.system.rows.iter().position(|row| row.name == name);
    fetch(&desk, row.map(|row| Resource::Row(RowId(row as u8)))).await
}

async fn file(State(desk): State<Desk>, Path(name): Path<String>) -> StatusCode {
    let file = desk.system.files.iter().position(|file| *file == name);
    fetch(&desk, file.map(|file| Resource::File(punctual_model::FileId(file as u8)))).await
}

async fn fetch(desk: &Desk, resource: Option<Resource>) -> StatusCode {
    let Some(resource) = resource else { return StatusCode::NOT_FOUND };
    let (answered, answer) = oneshot::channel();
    let _ = desk.arrive.send(Arrival::Fetch(resource, answered));
    match answer.await {
        Ok(true) => StatusCode::OK,
        Ok(false) => StatusCode::NOT_FOUND,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

type HostedBackend<'m> = Hosted<'m, Backend, HostChooser>;

impl AppPort {
    fn system(&self) -> &System {
        self.ledger.backend.system()
    }

    /// Lets a message set out on a client's line.
    fn send(&mut self, now: Time, to: ClientId, message: Message, bytes: Bytes) {
        let client = &self.ledger.clients[usize::from(to.0)];
        // A comment that nobody minds is no message of the model: it costs no draw.
        let minded = message != Message::Comment || client.minds_comments();
        let travels =
            if minded { self.draws.delay(&client.plan().latency) } else { punctual_sim::Span::ZERO };
        self.outlets[usize::from(to.0)].send(now, message, bytes, (travels, self.ledger.tick));
        self.ledger.sets_out();
    }

    fn carry_out_effect(&mut self, now: Time, effect: BackendEffect) {
        match effect {
            BackendEffect::Send(to, message, id) => {
                let bytes = Bytes::from(wire::encode(self.system(), message, id));
                if let Some(bytes) = self.outlets[usize::from(to.0)].takes(message, bytes) {
                    self.send(now, to, message, bytes);
                }
            }
            BackendEffect::Cut(of, noticed) if self.net.is_some() => {
                let _ = self.controls[usize::from(of.0)].send(Control::Cut(noticed));
            }
            BackendEffect::Hold(of, _) if self.net.is_some() => turmoil::hold(NAME, crate::page::name(of)),
            BackendEffect::Release(of, _) if self.net.is_some() => {
                turmoil::release(NAME, crate::page::name(of));
            }
            BackendEffect::Cut(of, noticed) => {
                let lost = self.outlets[usize::from(of.0)].breaks(noticed);
                (0..lost).for_each(|_| self.ledger.is_there());
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
        let backend = &self.ledger.backend;
        let of_database = |state: &_, event: &BackendEvent| match event {
            BackendEvent::Done(task) => backend.at(state, *task).is_some_and(|step| {
                matches!(step.action, Action::Read { .. } | Action::Commit { .. } | Action::Status(_))
            }),
            BackendEvent::Appeared(..) => true,
            _ => false,
        };
        for claim in hosted.claim(of_database) {
            let name = |row: RowId| self.ledger.backend.system().rows[usize::from(row.0)].name.clone();
            let (op, rows) = match claim.event {
                BackendEvent::Appeared(row, version) => {
                    (Op::Appear { row: name(row), version: version.0 }, Vec::new())
                }
                BackendEvent::Done(task) => {
                    let state = hosted.state().expect("it has begun");
                    let Some(step) = self.ledger.backend.at(state, task) else { continue };
                    match &step.action {
                        Action::Read { status, rows } => {
                            let names = rows.iter().map(|row| name(*row)).collect();
                            (Op::Read { status: *status, rows: names }, rows.clone())
                        }
                        Action::Commit { row, fails } => {
                            let rolled_back = fails.as_ref().is_some_and(|fails| hosted.foresee(fails) == 1);
                            let late =
                                self.ledger.backend.system().rows[usize::from(row.0)].visible_after.is_some();
                            (Op::Commit { row: name(*row), rolled_back, at_once: !late }, Vec::new())
                        }
                        Action::Status(status) => {
                            let statuses = &self.ledger.backend.system().statuses;
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
            Some(Waiting::Step(claim, _)) if self.ledger.over().is_some_and(|over| now > over) => {
                hosted.give_up(claim);
                self.ledger.stopped();
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
                let ledger = Rc::clone(&self.ledger);
                let asked = hosted.claimed(now, claim, |state| {
                    let same =
                        |(row, version): &(RowId, u32)| ledger.backend.visible(state, *row) == *version;
                    let agrees = status.is_none_or(|status| ledger.backend.status(state) == status);
                    if !agrees || !read.iter().all(same) {
                        let what = "the database tells another story than was written to it".to_owned();
                        ledger.trouble(now, crate::database::NAME, what);
                    }
                    ledger.backend.told(state, &read, status);
                });
                if let Some(asked) = asked {
                    self.carry_out(hosted, now, Some(claim.event), asked);
                }
            }
            Some(Waiting::Read(read)) => {
                let reader = Fact::Read(serving(self.system(), ClientId(0)));
                self.ledger.write(now, None, vec![reader]);
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
        (0..lost).for_each(|_| self.ledger.is_there());
        if first {
            let _ = opened.send(Opened::Stream(stream));
            return;
        }
        let mut there = false;
        let ledger = Rc::clone(&self.ledger);
        let asked = hosted.apply(now, |state, cx| there = ledger.backend.connect(state, client, last, cx));
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
            Some(event) => self.ledger.write(now, Some(event), asked.facts),
            None => self.ledger.begins(APP, asked.facts),
        }
        for effect in asked.effects {
            self.carry_out_effect(now, effect);
        }
        if let Some(net) = &self.net {
            net.hears(self.ledger.backend.system(), now, &heard);
        }
        self.ledger.decided(hosted.decisions(), &mut self.known_decisions);
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
                let is_there = hosted.state().is_some_and(|state| self.ledger.backend.finds(state, resource));
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
            (0..written).for_each(|_| self.ledger.is_there());
        }
    }

    fn ends(&self) -> Option<Time> {
        self.ledger.over()
    }

    fn stopped(&mut self) {
        self.ledger.stopped();
    }

    fn waits(&mut self, quiet: bool) {
        self.ledger.waits(APP, quiet);
    }
}
