//! The axum server of simulated streams, and what serves any router on the simulated network.

use std::any::Any;
use std::fmt;
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
use punctual_model::{Action, ClientId, Resource, RowId, System};
use tokio::sync::{mpsc, oneshot};
use turmoil::net::TcpListener;

use crate::chronicle::Chronicle;
use crate::outlet::Broken;
use crate::ports::{APP, Arrival, Opened};

/// Accepts connections, and serves each with `router`.
pub(crate) async fn listen(chronicle: Rc<Chronicle>, router: Router) -> turmoil::Result {
    let listener = TcpListener::bind(("0.0.0.0", APP.1)).await?;
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
            let chronicle = Rc::clone(&chronicle);
            tokio::task::spawn_local(async move {
                // The real time would be told in a header.
                let serving = hyper::server::conn::http1::Builder::new()
                    .auto_date_header(false)
                    .serve_connection(TokioIo::new(stream), service);
                if let Err(panicked) = Caught(Box::pin(serving)).await {
                    chronicle.trouble(chronicle.clock.now(), APP.0, panicked.to_string());
                }
            });
        }
    });
    Ok(())
}

/// A future whose panic is its outcome.
struct Caught<F>(Pin<Box<F>>);

impl<F: Future> Future for Caught<F> {
    type Output = Result<F::Output, Panicked>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // What panicked is not looked at again.
        let polled = catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(cx)));
        polled.map_or_else(|payload| Poll::Ready(Err(Panicked::with(&*payload))), |polled| polled.map(Ok))
    }
}

/// That something panicked, and what it said.
#[derive(Debug)]
pub(crate) struct Panicked(String);

impl Panicked {
    /// With what a panic carries.
    pub(crate) fn with(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        Self(text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default())
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panicked: {}", self.0)
    }
}

impl std::error::Error for Panicked {}

/// The mark of an answer that is none: the connection breaks instead.
#[derive(Clone, Copy)]
struct GoneMark;

/// The answer that is none.
fn gone() -> Response {
    let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
    response.extensions_mut().insert(GoneMark);
    response
}

/// The body of a stream: what it begins with, and what is sent on it.
struct Stream {
    begin: Option<Bytes>,
    chunks: mpsc::UnboundedReceiver<Result<Bytes, Broken>>,
}

impl hyper::body::Body for Stream {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if let Some(begin) = self.begin.take() {
            return Poll::Ready(Some(Ok(Frame::data(begin))));
        }
        self.chunks.poll_recv(cx).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
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

/// The router of the modelled streams, and of what clients fetch.
pub(crate) fn router(system: &System, arrive: mpsc::UnboundedSender<Arrival>) -> Router {
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
    let Ok(Opened::Stream(mut chunks)) = opens.await else { return gone() };
    let retry = desk.system.clients[id].reconnects.as_ref().map(|again| again.after.interval().min.0 / 1_000);
    let mut first = retry.map(|retry| format!("retry: {retry}\n\n").into_bytes()).unwrap_or_default();
    if desk.refuses[id] {
        // The status is the first thing that is sent, so it has to be known.
        match chunks.recv().await {
            Some(Ok(bytes)) => first.extend_from_slice(&bytes),
            Some(Err(Broken)) => return gone(),
            None => return StatusCode::NO_CONTENT.into_response(),
        }
    }
    let begin = Some(Bytes::from(first)).filter(|first| !first.is_empty());
    let body = axum::body::Body::new(Stream { begin, chunks });
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // Proxies that keep back what they are sent are asked not to.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, body).into_response()
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
