//! What broke a connection, or holds it back, in words.

use punctual_model::{ClientId, Fact, TimerId};

use crate::story::{FactId, Story, time};

/// What broke a connection: `the connection breaks at 5 s`.
pub(super) fn breaks(story: &Story<'_>, client: ClientId, place: FactId) -> String {
    let at = time(story.at(place));
    let name = story.system.client_name(client);
    match story.fact(place) {
        Fact::TimedOut(_, timer) => {
            format!(
                "{name} gives up the connection at {at}, when its timer {} fires",
                timer_name(story, client, timer)
            )
        }
        Fact::Closed(_) => format!("the connection ends at {at}"),
        Fact::Connected { .. } => format!("{name} connects again at {at}"),
        _ => format!("the connection breaks at {at}"),
    }
}

/// The same of what was before: `broke at 5 s`.
pub(super) fn broken(story: &Story<'_>, client: ClientId, place: FactId) -> String {
    let at = time(story.at(place));
    match story.fact(place) {
        Fact::TimedOut(_, timer) => format!(
            "{} gave up at {at}, when its timer {} fired",
            story.system.client_name(client),
            timer_name(story, client, timer)
        ),
        Fact::Closed(_) => format!("ended at {at}"),
        _ => format!("broke at {at}"),
    }
}

/// What stops what is sent: a break, or what holds it back.
pub(super) fn befell(story: &Story<'_>, client: ClientId, place: FactId) -> String {
    match story.fact(place) {
        Fact::Held(..) => format!(
            "what is sent to {} is held back from {} on",
            story.system.client_name(client),
            time(story.at(place))
        ),
        _ => breaks(story, client, place),
    }
}

fn timer_name<'s>(story: &'s Story<'_>, client: ClientId, timer: TimerId) -> &'s str {
    let timers = &story.system.clients[usize::from(client.0)].timers;
    timers.get(usize::from(timer.0)).map_or("", |timer| &timer.name)
}
