//! What each invariant asks, in a paragraph, and the code under which it is explained.

use punctual_model::Rule;
use punctual_reports::text;

/// The code of an invariant: `P1001` and on, in the order of [`Rule::NAMES`].
pub fn code(rule: Rule) -> String {
    let place = Rule::NAMES.iter().position(|name| *name == rule.name()).unwrap_or(0);
    format!("P10{:02}", place + 1)
}

/// What an invariant wants, in a few words.
pub fn wanted(rule: Rule) -> String {
    match rule {
        Rule::NoEventLost => "every event owed to a client reaches it".into(),
        Rule::NoDuplicate => "each event reaches a client once".into(),
        Rule::InOrder => "events arrive in the order of their publication".into(),
        Rule::DurableBeforeAnnounced => "what is announced is there".into(),
        Rule::NoPhantom => "nothing that is rolled back was announced".into(),
        Rule::ClientNeverTimesOut => "no timer of a client fires on a healthy job".into(),
        Rule::StreamEnds(limit) => format!("at most {} after the job", text::duration(limit.0)),
        Rule::NoEarlyEnd => "the terminal event before the end of the connection".into(),
        Rule::DeliveredWithin(limit) => format!("at most {}", text::duration(limit.0)),
        Rule::BoundedRequests(bound) => format!("at most {bound} reads and connections in a run"),
        Rule::ShownRight => "only the outcome that the job had".into(),
        Rule::ClientEnds => "every client comes to an end of its own".into(),
    }
}

/// The code of what only the runs of a scenario show: that nothing happened.
pub const NOTHING: &str = "P1101";

/// What [`NOTHING`] means.
const ABOUT_NOTHING: &str = "nothing happened\n\nAn invariant is expected to hold, and in none of the runs of that case did anything happen that it\nis about: no event was published (no-event-lost, in-order, no-early-end, delivered-within) or sent\n(no-duplicate), nothing was fetched (durable-before-announced), no commit failed (no-phantom), the\njob was never over (stream-ends), or no outcome was shown (shown-right). It would hold whatever is\nwrong. Let it happen, or do not expect it of this case. At least 10 000 runs are made before this is\nsaid.";

/// The code of a number of states that is another one than the scenario says.
pub const STATES: &str = punctual_reports::document::STATES_CODE;

/// What [`STATES`] means.
const ABOUT_STATES: &str = "another number of states\n\nExploring every timing of a case keeps so many states, over all its invariants, and the scenario\nsays `states = N` in what it expects of that case. The number is the same on every machine and for\nevery seed, so one that differs says that the model was changed, or that this version of punctual\nexplores it in another way. Neither is wrong by itself: look at what was changed, and write down the\nnew number if it is meant. A variant has a number of its own. Where exploring stops at a limit there is\nno number to compare, and that is inconclusive.";

/// The code of what never comes into play.
pub const NEVER_TAKEN: &str = punctual_reports::document::NEVER_TAKEN_CODE;

/// What [`NEVER_TAKEN`] means.
const ABOUT_NEVER_TAKEN: &str = "never taken\n\nNo timing that the delays allow takes this step, starts this timer, lets this client react, or rests by\nthis line, which the variant sets. Whatever is proved says nothing of it: perhaps a condition can never\nhold, or the step before it never ends. If that is meant, write it down: never-taken = [\"sse.announce\"],\nat the top of the file for all cases, or in a variant for that one. What is written down and is taken\nafter all is told too. Where exploring stops at a limit nothing is said.";

/// The paragraph about a code that only running a scenario gives.
pub fn found_by_running(code: &str) -> Option<String> {
    let about = match code {
        NOTHING => ABOUT_NOTHING,
        STATES => ABOUT_STATES,
        NEVER_TAKEN => ABOUT_NEVER_TAKEN,
        _ => return None,
    };
    Some(format!("{code} {about}\n"))
}

/// The paragraph about the invariant with this code or name.
pub fn invariant(asked: &str) -> Option<String> {
    let place = Rule::NAMES
        .iter()
        .zip(1..)
        .position(|(name, number)| *name == asked || asked == format!("P10{number:02}"))?;
    Some(format!("P10{:02} {}\n\n{}\n", place + 1, Rule::NAMES[place], ABOUT[place]))
}

/// In the order of [`Rule::NAMES`].
const ABOUT: [&str; 12] = [
    "Each event that is published for the job, and not rolled back, is owed to every client that\nhas not finished by then. Any copy pays the debt: the published one, or one that the stream made\nup from a row. A copy that comes late is late, not lost. A run breaks this if it is over and some\nclient never got an event that it was owed.",
    "No client gets the same event twice. Events are told apart by what they are, not by the id\nthat they travel under, so a copy made up from a row counts as the event that it stands for.",
    "What one task publishes arrives in the order in which it was published. Only the first copy\nof each event counts.",
    "When a client is told of something it goes and fetches it; the row must be visible, or the\nfile durable, when the request gets there.",
    "An event that tells of a row is undone when the row is rolled back. If it was sent to a\nclient, before or after, the client was told of something that never was.",
    "No timer of a client fires in a run without a fault (a commit that fails is one,\na line that breaks or is held, a node that stops).",
    "The server ends the connection at most this long after the job's last task is over, and the\nclient does not connect again later. A connection that is still open when the run is over breaks this.",
    "If a terminal event is published at all, it is sent before the connection ends.",
    "Each event reaches each client that it is owed to at most this long after it was published.\nOne that never arrives breaks this too.",
    "The tasks of a run together read the database, and clients connect again, at most so many times.",
    "No client shows success if the job failed, or failure if it did not.",
    "Each client comes to an end of its own: a reaction or a timer that says `ends`. One that\nwaits for an event that never comes breaks this.",
];
