//! A small server with a bug that few tests find, and its mended twin, under `punctual::hosts`.
//!
//! It keeps what the job publishes under ids from its wall clock, in milliseconds, and streams whatever has
//! an id above the last one that it sent. Two events of one millisecond have one id, and the second is never
//! sent. `cargo run --example shared_millisecond` shows such a run.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, Sse};
use axum::{Router, routing::get};
use futures_util::stream::{self, Stream};
use punctual::hosts::{Net, Simulation};

/// What the server has been told, each with its id.
type Store = Arc<Mutex<Vec<(u64, String, String)>>>;

/// The server as it was found: an id is what the clock shows.
pub(crate) fn as_found(net: Net) -> Router {
    let store = Store::default();
    let (kept, clock) = (Arc::clone(&store), net.clone());
    net.on_publish(move |event| kept.lock().unwrap().push((clock.now_millis(), event.kind, event.data)));
    streaming(store)
}

/// The server as it was mended: it counts.
pub(crate) fn mended(net: Net) -> Router {
    let store = Store::default();
    let kept = Arc::clone(&store);
    net.on_publish(move |event| {
        let mut kept = kept.lock().unwrap();
        let id = kept.len() as u64 + 1;
        kept.push((id, event.kind, event.data));
    });
    streaming(store)
}

fn streaming(store: Store) -> Router {
    Router::new().route("/events/{client}", get(events)).with_state(store)
}

async fn events(
    State(store): State<Store>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, std::convert::Infallible>>> {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok()).unwrap_or(0);
    Sse::new(stream::unfold((store, last), |(store, cursor)| async move {
        loop {
            let next = store.lock().unwrap().iter().find(|(id, ..)| *id > cursor).cloned();
            if let Some((id, kind, data)) = next {
                let event = Event::default().id(id.to_string()).event(kind).data(data);
                return Some((Ok(event), (store, id)));
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }))
}

#[expect(clippy::print_stdout, reason = "an example says what it has found")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (_, text) = punctual::scenarios::library()
        .into_iter()
        .find(|(name, _)| *name == "audio-as-coded-existing")
        .ok_or("it is in the library")?;
    let scenario = punctual::Scenario::from_text("audio-as-coded-existing", text)?;
    let simulation = Simulation::new(scenario).runs(10);
    println!("as found: {} of 10 runs lose an event", simulation.app(as_found)?.broken("no-event-lost"));
    println!("mended:   {} of 10 runs lose an event", simulation.app(mended)?.broken("no-event-lost"));
    Ok(())
}
