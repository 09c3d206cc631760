//! The host of a client: a full EventSource over hyper, and requests for what it is told of.
//!
//! The machine of the client decides what is shown and when its timers run; this is its browser. Bytes are
//! taken apart by the rules of the standard, the id that is named when it connects again is the one that the
//! decoder kept, and an answer that is no stream ends it.

use std::collections::VecDeque;
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use punctual_model::{
    Client, ClientEffect, ClientEvent, ClientId, Fact, Message, ReactionId, Resource, WorldEvent,
};
use punctual_sim::{Asked, Chooser, Hosted, Span, Time};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use turmoil::net::TcpStream;

use crate::chronicle::{Chronicle, Rest};
use crate::draws::{Draws, HostChooser};
use crate::event_source::{Answer, EventSource};
use crate::event_stream::Item;
use crate::host::{Port, host};
use crate::own::serving;
use crate::ports::{APP, Control, host_of};
use crate::wire;

/// The most bytes of one event that are kept.
const MOST: usize = 1 << 20;
/// How many ticks of the network it takes until a request is there: a connection is made first.
const HANDSHAKE: u64 = 3;

/// What arrives at a client; of connections, with their number.
pub(crate) enum Arrival {
    Opened(u32, u16, Option<String>),
    Read(u32, Bytes),
    /// The connection has ended, cleanly or not.
    Ended(u32, bool),
    Answered(Resource, bool),
    Control(Control),
}

/// What a client asks for.
#[derive(Clone, Copy)]
enum Asking {
    Fetch(Resource, ReactionId),
    Connect,
}

struct PagePort {
    chronicle: Rc<Chronicle>,
    id: ClientId,
    source: EventSource,
    arrive: mpsc::UnboundedSender<Arrival>,
    arrivals: mpsc::UnboundedReceiver<Arrival>,
    controls: mpsc::UnboundedReceiver<Control>,
    draws: HostChooser,
    /// The number of the connection that is listened to.
    connection: u32,
    reader: Option<AbortHandle>,
    /// Whether a request for a connection is under way.
    connecting: bool,
    held: bool,
    asking: VecDeque<Asking>,
    /// Whether the network lets nothing through, and nobody knows.
    cut_off: bool,
    /// How many streams there were.
    opened: u32,
}

/// The host of a client.
pub(crate) async fn serve(
    chronicle: Rc<Chronicle>,
    id: ClientId,
    draws: Draws,
    controls: mpsc::UnboundedReceiver<Control>,
) -> turmoil::Result {
    let client = &chronicle.clients[usize::from(id.0)];
    let wait = client.plan().reconnects.as_ref().map_or(Span::secs(3), |again| again.after.interval().min);
    let (arrive, arrivals) = mpsc::unbounded_channel();
    let mut port = PagePort {
        chronicle: Rc::clone(&chronicle),
        id,
        source: EventSource::new(wait, MOST),
        arrive,
        arrivals,
        controls,
        draws: draws.chooser(),
        connection: 0,
        reader: None,
        connecting: false,
        held: false,
        asking: VecDeque::new(),
        cut_off: false,
        opened: 0,
    };
    port.connect(Span::ZERO);
    port.connecting = false;
    let hosted = Hosted::new(client, draws.chooser());
    match host(hosted, &mut port, chronicle.clock).await {}
}

/// Sends a request, and lets `heard` hear of what comes back.
async fn get(
    path: String,
    last_event_id: Option<String>,
    mut heard: impl FnMut(Heard),
) -> Result<(), Box<dyn std::error::Error>> {
    let stream = TcpStream::connect(APP).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let connection = tokio::task::spawn_local(connection);
    let mut request = Request::get(path)
        .header(header::HOST, APP.0)
        .header(header::ACCEPT, "text/event-stream")
        .header(header::CACHE_CONTROL, "no-store");
    if let Some(id) = last_event_id {
        request = request.header("Last-Event-ID", id);
    }
    let answer = sender.send_request(request.body(Empty::<Bytes>::new())?).await;
    let closed = AbortOnDrop(connection.abort_handle());
    let answer = answer?;
    let content_type = answer.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|kind| kind.to_str().ok()).map(str::to_owned);
    heard(Heard::Head(answer.status().as_u16(), content_type));
    let mut body = answer.into_body();
    while let Some(frame) = body.frame().await {
        if let Ok(bytes) = frame?.into_data() {
            heard(Heard::Bytes(bytes));
        }
    }
    drop(closed);
    Ok(())
}

/// Hangs up when nobody listens any more.
struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

enum Heard {
    Head(u16, Option<String>),
    Bytes(Bytes),
}

type HostedClient<'m> = Hosted<'m, Client, HostChooser>;

impl PagePort {
    fn client(&self) -> &Client {
        &self.chronicle.clients[usize::from(self.id.0)]
    }

    /// Waits until a request has to set out that is to be there `travels` from now.
    fn sets_out(&self, travels: Span) -> std::time::Duration {
        let handshake = HANDSHAKE * self.chronicle.tick.0;
        self.chronicle.clock.pace().of(Span(travels.0.saturating_sub(handshake)))
    }

    fn connect(&mut self, travels: Span) {
        self.hang_up();
        let Some(request) = self.source.connect() else { return };
        self.connection += 1;
        let (number, arrive) = (self.connection, self.arrive.clone());
        let name = &self.client().plan().name;
        let path =
            self.chronicle.own.as_ref().map_or_else(|| format!("/events/{name}"), |own| own.path(name));
        if self.chronicle.own.is_some() && std::mem::take(&mut self.cut_off) {
            turmoil::repair(APP.0, host_of(self.id));
        }
        let last = request.last_event_id.filter(|_| self.client().resumes());
        let wait = self.sets_out(travels);
        let task = tokio::task::spawn_local(async move {
            tokio::time::sleep(wait).await;
            let ended = get(path, last, |heard| {
                let _ = arrive.send(match heard {
                    Heard::Head(status, content_type) => Arrival::Opened(number, status, content_type),
                    Heard::Bytes(bytes) => Arrival::Read(number, bytes),
                });
            });
            let clean = ended.await.is_ok();
            let _ = arrive.send(Arrival::Ended(number, clean));
        });
        self.reader = Some(task.abort_handle());
        self.connecting = true;
    }

    /// Gives up the connection, and a request for one.
    fn hang_up(&mut self) {
        self.asking.retain(|asking| !matches!(asking, Asking::Connect));
        if let Some(reader) = self.reader.take() {
            reader.abort();
            let _ = self.source.ended();
        }
        self.connection += 1;
        if std::mem::take(&mut self.connecting) {
            self.chronicle.is_there();
        }
    }

    fn ask(&mut self, asking: Asking) {
        if self.held {
            self.asking.push_back(asking);
            return;
        }
        let plan = self.client().plan().clone();
        match asking {
            Asking::Connect => {
                if let Some(again) = &plan.reconnects {
                    let travels = self.draws.delay(&again.travels);
                    self.connect(travels);
                    if self.connecting {
                        self.chronicle.sets_out();
                    }
                }
            }
            Asking::Fetch(resource, reaction) => {
                let Some((_, delay)) = &plan.reactions[usize::from(reaction.0)].fetches else { return };
                let travels = self.draws.delay(delay);
                let system = self.chronicle.backend.system();
                let path = match resource {
                    Resource::Row(row) => format!("/rows/{}", system.rows[usize::from(row.0)].name),
                    Resource::File(file) => format!("/files/{}", system.files[usize::from(file.0)]),
                };
                let (arrive, wait) = (self.arrive.clone(), self.sets_out(travels));
                self.chronicle.sets_out();
                tokio::task::spawn_local(async move {
                    tokio::time::sleep(wait).await;
                    let mut found = false;
                    let _ = get(path, None, |heard| {
                        if let Heard::Head(status, _) = heard {
                            found = status == 200;
                        }
                    })
                    .await;
                    let _ = arrive.send(Arrival::Answered(resource, found));
                });
            }
        }
    }

    /// Lets `event` happen to the client.
    fn step(&mut self, hosted: &mut HostedClient<'_>, now: Time, event: ClientEvent) {
        let asked = hosted.happens(now, event);
        self.carry_out(hosted, now, Some(event), asked);
    }

    /// A request for a connection was answered: with a stream, or with anything else.
    fn answered(
        &mut self,
        hosted: &mut HostedClient<'_>,
        now: Time,
        status: u16,
        content_type: Option<String>,
    ) {
        if std::mem::take(&mut self.connecting) {
            self.chronicle.is_there();
        }
        if self.source.answered(status, content_type.as_deref()) == Answer::Opens {
            self.opened += 1;
            if self.opened > 1 {
                let last = self.source.last_event_id().parse().unwrap_or(0);
                self.tells(now, Fact::Connected { client: self.id, last });
            }
            return;
        }
        self.reader = None;
        self.connection += 1;
        if status != 204 {
            let kind = content_type.unwrap_or_else(|| "no content type".into());
            self.trouble(now, format!("the answer is no stream of events: status {status}, {kind}"));
        }
        self.step(hosted, now, ClientEvent::Arrived(Message::Refused));
    }

    /// The connection is over, cleanly or not.
    fn ended(&mut self, hosted: &mut HostedClient<'_>, now: Time, clean: bool) {
        self.reader = None;
        self.connection += 1;
        if std::mem::take(&mut self.connecting) {
            self.chronicle.is_there();
        }
        let _ = self.source.ended();
        if clean {
            self.tells(now, Fact::Closed(self.id));
            self.step(hosted, now, ClientEvent::Arrived(Message::End));
        } else {
            self.lost(hosted, now);
        }
    }

    fn lost(&mut self, hosted: &mut HostedClient<'_>, now: Time) {
        let chronicle = Rc::clone(&self.chronicle);
        let client = &chronicle.clients[usize::from(self.id.0)];
        // A wait begins, and nothing is noted.
        hosted.apply(now, |state, cx| client.lost(state, cx));
    }

    fn read(&mut self, hosted: &mut HostedClient<'_>, now: Time, bytes: Bytes) {
        let mut items = Vec::new();
        self.source.read(&bytes, &mut |item| items.push(item));
        self.chronicle.received(now, self.id, bytes);
        for item in items {
            match item {
                Item::Message(message) => {
                    let system = self.chronicle.backend.system();
                    let event = match &self.chronicle.own {
                        Some(own) => own.event(system, &message),
                        None => wire::decode(system, &message).map(Some),
                    };
                    match event {
                        Ok(Some((what, copy))) => {
                            let by = serving(system, self.id);
                            self.tells(now, Fact::Sent { by, to: self.id, what, copy });
                            self.step(hosted, now, ClientEvent::Arrived(Message::Event(what, copy)));
                        }
                        Ok(None) => {}
                        Err(why) => self.trouble(now, why.to_string()),
                    }
                }
                Item::Comment if self.client().minds_comments() => {
                    self.step(hosted, now, ClientEvent::Arrived(Message::Comment));
                }
                Item::Comment | Item::Retry(_) => {}
                Item::TooLong => self.trouble(now, format!("an event of more than {MOST} bytes is left out")),
            }
        }
    }

    /// Writes down what a server of one's own does not say itself, as far as it is seen here.
    fn tells(&self, now: Time, fact: Fact) {
        if self.chronicle.own.is_some() {
            self.chronicle.write(now, None, vec![fact]);
        }
    }

    fn trouble(&self, now: Time, what: String) {
        self.chronicle.trouble(now, &self.client().plan().name, what);
    }
}

impl Port<Client, HostChooser> for PagePort {
    type Arrival = Arrival;

    async fn arrives(&mut self) -> Arrival {
        tokio::select! {
            biased;
            Some(control) = self.controls.recv() => Arrival::Control(control),
            Some(arrival) = self.arrivals.recv() => arrival,
            else => std::future::pending().await,
        }
    }

    fn happens(&mut self, hosted: &mut HostedClient<'_>, now: Time, arrival: Arrival) {
        match arrival {
            Arrival::Opened(number, status, content_type) if number == self.connection => {
                self.answered(hosted, now, status, content_type);
            }
            Arrival::Read(number, bytes) if number == self.connection => self.read(hosted, now, bytes),
            Arrival::Ended(number, clean) if number == self.connection => {
                self.ended(hosted, now, clean);
            }
            Arrival::Opened(..) | Arrival::Read(..) | Arrival::Ended(..) => {}
            Arrival::Answered(resource, found) => {
                self.chronicle.is_there();
                let asked = hosted.happens(now, ClientEvent::Answered(resource, found));
                let event = WorldEvent::Fetch(self.id, resource);
                self.written(Some(event), now, asked);
            }
            Arrival::Control(Control::Cut(true)) => {
                self.hang_up();
                self.lost(hosted, now);
            }
            Arrival::Control(Control::Cut(false)) => {
                turmoil::partition(APP.0, host_of(self.id));
                self.cut_off = true;
            }
            Arrival::Control(Control::Hold) => self.held = true,
            Arrival::Control(Control::Release) => {
                self.held = false;
                for asking in std::mem::take(&mut self.asking) {
                    self.ask(asking);
                }
            }
        }
    }

    fn carry_out(
        &mut self,
        _: &mut HostedClient<'_>,
        now: Time,
        event: Option<ClientEvent>,
        asked: Asked<Client>,
    ) {
        self.written(event.map(|event| WorldEvent::Client(self.id, event)), now, asked);
    }

    fn ends(&self) -> Option<Time> {
        self.chronicle.over()
    }

    fn stands_still(&mut self, at: Time, event: String) {
        self.chronicle.stands_still(&self.client().plan().name.clone(), at, &event);
    }

    fn waits(&mut self, busy: bool, timer: Option<Time>) {
        self.chronicle.waits(1 + usize::from(self.id.0), Rest { busy, timer });
    }
}

impl PagePort {
    fn written(&mut self, event: Option<WorldEvent>, now: Time, asked: Asked<Client>) {
        match event {
            Some(event) => self.chronicle.write(now, Some(event), asked.facts),
            None => self.chronicle.begins(1 + usize::from(self.id.0), asked.facts),
        }
        for effect in asked.effects {
            match effect {
                ClientEffect::Fetch(resource, reaction) => self.ask(Asking::Fetch(resource, reaction)),
                ClientEffect::Connect => self.ask(Asking::Connect),
                ClientEffect::HangUp => self.hang_up(),
            }
        }
    }
}
