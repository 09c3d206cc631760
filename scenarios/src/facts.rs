//! Facts by name: `published tts_completed`, `arrived tts_completed at panel`, `stream.read`.
//!
//! A fact is named as the timeline of a run tells it: a word for what happens and the name of what it
//! happens to, or a step as named orders write it. Where a name belongs to a client, `at CLIENT` says
//! to which; without it any will do, or the only one there is.

use punctual_model::{
    ClientId, EventId, FactKind, FileId, NodeId, RowId, Shown, SignalId, StatusId, System, TaskId,
};

use crate::words::{listed, nearest, quoted};

/// What a word is followed by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Event,
    EventAtClient,
    Row,
    File,
    Status,
    Signal,
    Task,
    Client,
    Timer,
    ClientShown,
    Node,
}

/// The words, what each is followed by, and what it says.
const WORDS: [(&str, Of, &str); 24] = [
    ("published", Of::Event, "an event is added to a store"),
    ("sent", Of::EventAtClient, "an event is sent to a client"),
    ("arrived", Of::EventAtClient, "an event arrives at a client"),
    ("committed", Of::Row, "a row is committed"),
    ("visible", Of::Row, "a committed row can be read"),
    ("rolled-back", Of::Row, "a commit fails"),
    ("saved", Of::File, "a file is durable"),
    ("status", Of::Status, "the job's status is set"),
    ("notified", Of::Signal, "a signal is given"),
    ("over", Of::Task, "a task takes its last step"),
    ("turned", Of::Task, "a task begins a round of its loop"),
    ("closed", Of::Client, "the server ends a client's connection"),
    ("found", Of::Client, "what a client fetches is there"),
    ("missed", Of::Client, "what a client fetches is not there"),
    ("shown", Of::ClientShown, "a client shows `progress`, `success` or `failure`"),
    ("finished", Of::Client, "a client is done"),
    ("started", Of::Timer, "a client's timer starts"),
    ("timed-out", Of::Timer, "a client's timer fires"),
    ("cut", Of::Client, "a client's connection breaks"),
    ("connected", Of::Client, "a client's request to connect again gets to the server"),
    ("gave-up", Of::Client, "a client will not connect again"),
    ("held", Of::Client, "what is sent to a client, or asked for by it, is kept back"),
    ("crashed", Of::Node, "a node stops"),
    ("restarted", Of::Node, "a node starts again"),
];

/// The kind of fact that `text` names in `system`.
///
/// # Errors
/// There is none: what is wrong, and what would be right.
pub fn fact(system: &System, text: &str) -> Result<FactKind, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        [step] if step.contains('.') => named_step(system, step),
        [word, name] => look_up(system, text, word, name, None),
        [word, name, "at", client] => look_up(system, text, word, name, Some(client)),
        _ => Err(format!("{} is no fact: write {}", quoted(text), forms())),
    }
}

/// The words that begin the name of a fact which is no step.
pub fn fact_words() -> Vec<&'static str> {
    WORDS.iter().map(|(word, ..)| *word).collect()
}

fn forms() -> String {
    let words = WORDS.iter().map(|(word, of, says)| format!("  {word} {}: {says}", of.noun()));
    let words: Vec<String> = words.collect();
    format!("TASK.STEP for a step that takes effect, or one of\n{}", words.join("\n"))
}

impl Of {
    fn noun(self) -> &'static str {
        match self {
            Self::Event => "EVENT",
            Self::EventAtClient => "EVENT [at CLIENT]",
            Self::Row => "ROW",
            Self::File => "FILE",
            Self::Status => "STATUS",
            Self::Signal => "SIGNAL",
            Self::Task => "TASK",
            Self::Client => "CLIENT",
            Self::Timer => "TIMER [at CLIENT]",
            Self::ClientShown => "OUTCOME [at CLIENT]",
            Self::Node => "NODE",
        }
    }
}

fn named_step(system: &System, path: &str) -> Result<FactKind, String> {
    let found = path.split_once('.').and_then(|(name, step)| {
        let task = system.tasks.iter().position(|task| task.name == name)?;
        let place = system.tasks[task].all_steps().position(|known| known.name == step)?;
        Some(FactKind::Did(TaskId(task as u8), place as u16))
    });
    found.ok_or_else(|| {
        let known: Vec<String> = (0..system.tasks.len())
            .flat_map(|task| {
                let task = &system.tasks[task];
                task.all_steps().map(move |step| format!("{}.{}", task.name, step.name))
            })
            .collect();
        unknown("step", path, known.iter().map(String::as_str))
    })
}

fn look_up(
    system: &System,
    text: &str,
    word: &str,
    name: &str,
    client: Option<&str>,
) -> Result<FactKind, String> {
    let Some((_, of, _)) = WORDS.iter().find(|(known, ..)| *known == word) else {
        let near = nearest(word, WORDS.iter().map(|(word, ..)| *word));
        let hint = near.map_or(String::new(), |near| format!(", did you mean {}?", quoted(near)));
        return Err(format!(
            "{} is no fact: unknown word {}{hint}\nwrite {}",
            quoted(text),
            quoted(word),
            forms()
        ));
    };
    if client.is_some() && !matches!(of, Of::EventAtClient | Of::Timer | Of::ClientShown) {
        return Err(format!(
            "{} is no fact: {word} takes no client, write `{word} {}`",
            quoted(text),
            of.noun()
        ));
    }
    let event = || {
        find("event", name, system.events.iter().map(|event| event.name.as_str())).map(|id| EventId(id as u8))
    };
    let row = || find("row", name, system.rows.iter().map(|row| row.name.as_str())).map(|id| RowId(id as u8));
    let task =
        || find("task", name, system.tasks.iter().map(|task| task.name.as_str())).map(|id| TaskId(id as u8));
    let node = || find("node", name, system.nodes.iter().map(String::as_str)).map(|id| NodeId(id as u8));
    let client_named = |name: &str| {
        let names = system.clients.iter().map(|client| client.name.as_str());
        find("client", name, names).map(|id| ClientId(id as u8))
    };
    let at = || client.map(client_named).transpose();
    Ok(match word {
        "published" => FactKind::Published(event()?),
        "sent" => FactKind::Sent(event()?, at()?),
        "arrived" => FactKind::Arrived(event()?, at()?),
        "committed" => FactKind::Committed(row()?),
        "visible" => FactKind::Visible(row()?),
        "rolled-back" => FactKind::RolledBack(row()?),
        "saved" => {
            FactKind::Saved(FileId(find("file", name, system.files.iter().map(String::as_str))? as u8))
        }
        "status" => {
            FactKind::Set(StatusId(find("status", name, system.statuses.iter().map(String::as_str))? as u8))
        }
        "notified" => {
            let names = system.signals.iter().map(|signal| signal.name.as_str());
            FactKind::Notified(SignalId(find("signal", name, names)? as u8))
        }
        "over" => FactKind::Over(task()?),
        "turned" => FactKind::Turned(task()?),
        "closed" => FactKind::Closed(client_named(name)?),
        "found" => FactKind::Fetched(client_named(name)?, true),
        "missed" => FactKind::Fetched(client_named(name)?, false),
        "finished" => FactKind::Finished(client_named(name)?),
        "cut" => FactKind::Cut(client_named(name)?),
        "connected" => FactKind::Connected(client_named(name)?),
        "gave-up" => FactKind::GaveUp(client_named(name)?),
        "held" => FactKind::Held(client_named(name)?),
        "crashed" => FactKind::Crashed(node()?),
        "restarted" => FactKind::Restarted(node()?),
        "shown" => {
            let shown = match find("outcome", name, ["progress", "success", "failure"].into_iter())? {
                0 => Shown::Progress,
                1 => Shown::Success,
                _ => Shown::Failure,
            };
            FactKind::Showed(at()?.map_or_else(|| only_client(system, text), Ok)?, shown)
        }
        _ => {
            let (client, timer) = timer(system, name, at()?)?;
            if word == "started" {
                FactKind::TimerStarted(client, timer)
            } else {
                FactKind::TimedOut(client, timer)
            }
        }
    })
}

/// The only client.
fn only_client(system: &System, text: &str) -> Result<ClientId, String> {
    match system.clients.len() {
        1 => Ok(ClientId(0)),
        _ => Err(format!(
            "{} could be at any client: add `at CLIENT`, one of {}",
            quoted(text),
            listed(system.clients.iter().map(|client| client.name.as_str()))
        )),
    }
}

/// The timer of this name, of `client` or of the only one that has one.
fn timer(system: &System, name: &str, client: Option<ClientId>) -> Result<(ClientId, u8), String> {
    let of = |at: &usize| client.is_none_or(|client| usize::from(client.0) == *at);
    let timers = || {
        (0..system.clients.len()).filter(of).flat_map(|client| {
            let timers = system.clients[client].timers.iter().enumerate();
            timers.map(move |(number, timer)| (ClientId(client as u8), number as u8, timer.name.as_str()))
        })
    };
    let mut found = timers().filter(|(.., known)| *known == name);
    match (found.next(), found.next()) {
        (Some((client, number, _)), None) => Ok((client, number)),
        (Some(_), Some(_)) => Err(format!("several clients have a timer {}: add `at CLIENT`", quoted(name))),
        (None, _) => Err(unknown("timer", name, timers().map(|(.., name)| name))),
    }
}

fn find<'n>(noun: &str, name: &str, known: impl Iterator<Item = &'n str> + Clone) -> Result<usize, String> {
    known.clone().position(|known| known == name).ok_or_else(|| unknown(noun, name, known))
}

fn unknown<'n>(noun: &str, name: &str, known: impl Iterator<Item = &'n str> + Clone) -> String {
    let hint = nearest(name, known.clone());
    let hint = hint.map_or(String::new(), |near| format!(", did you mean {}?", quoted(near)));
    format!("unknown {noun} {}{hint}\nknown: {}", quoted(name), listed(known.take(40)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scenario, library};

    fn documented() -> System {
        let named = |(name, _): &(&str, &str)| *name == "audio-as-documented";
        let (name, text) = library().into_iter().find(named).expect("it is in the library");
        Scenario::parse(name, text).expect("the library is sound").cases[0].system.clone()
    }

    #[test]
    fn facts_have_the_names_that_a_timeline_uses() {
        let system = documented();
        let read = |text: &str| fact(&system, text);
        assert_eq!(read("published tts_completed"), Ok(FactKind::Published(EventId(1))));
        assert_eq!(
            read("arrived  artifact_ready at panel"),
            Ok(FactKind::Arrived(EventId(0), Some(ClientId(0))))
        );
        assert_eq!(read("arrived artifact_ready"), Ok(FactKind::Arrived(EventId(0), None)));
        assert_eq!(read("voiceover.publish#2"), Ok(FactKind::Did(TaskId(0), 7)));
        assert_eq!(read("timed-out finish"), Ok(FactKind::TimedOut(ClientId(0), 0)));
        assert_eq!(read("shown success"), Ok(FactKind::Showed(ClientId(0), Shown::Success)));
        assert_eq!(read("missed panel"), Ok(FactKind::Fetched(ClientId(0), false)));
    }

    #[test]
    fn what_is_no_fact_is_told_with_what_would_be_right() {
        let system = documented();
        let wrong = |text: &str| fact(&system, text).expect_err("it names nothing");
        assert!(wrong("publishd tts_completed").contains("did you mean `published`?"));
        assert!(
            wrong("published tts_complete")
                .starts_with("unknown event `tts_complete`, did you mean `tts_completed`?")
        );
        assert!(wrong("stream.reed").contains("did you mean `stream.read`?"));
        assert!(wrong("committed artifact at panel").contains("takes no client"));
        assert!(wrong("").contains("is no fact"));
        assert!(wrong("timed-out finnish").contains("did you mean `finish`?"));
        assert!(wrong("arrived tts_completed at pannel").contains("did you mean `panel`?"));
    }
}
