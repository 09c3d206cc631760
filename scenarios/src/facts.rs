//! Facts by name: `published tts_completed`, `arrived tts_completed at panel`, `stream.read`.
//!
//! A fact is named as the timeline of a run tells it: a word for what happens and the name of what it
//! happens to, or a step as named orders write it. Where a name belongs to a client, `at CLIENT` says
//! to which; without it any will do, or the only one there is.

mod named;
mod wrong;

use std::fmt;

use punctual_model::{FactKind, System, TaskId};

use self::named::Named;
use crate::words::{did_you_mean, listed, nearest, quoted};

pub use self::wrong::NoFact;

/// What a word is followed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// A word that begins the name of a fact.
struct Word {
    text: &'static str,
    /// What it is followed by.
    of: Of,
    /// What it means.
    means: &'static str,
    /// The fact.
    read: fn(&Named<'_>) -> Result<FactKind, NoFact>,
}

/// The words.
static WORDS: &[Word] = &[
    Word {
        text: "published",
        of: Of::Event,
        means: "an event is added to a store",
        read: |named| Ok(FactKind::Published(named.event()?)),
    },
    Word {
        text: "sent",
        of: Of::EventAtClient,
        means: "an event is sent to a client",
        read: |named| Ok(FactKind::Sent(named.event()?, named.at()?)),
    },
    Word {
        text: "arrived",
        of: Of::EventAtClient,
        means: "an event arrives at a client",
        read: |named| Ok(FactKind::Arrived(named.event()?, named.at()?)),
    },
    Word {
        text: "committed",
        of: Of::Row,
        means: "a row is committed",
        read: |named| Ok(FactKind::Committed(named.row()?)),
    },
    Word {
        text: "visible",
        of: Of::Row,
        means: "a committed row can be read",
        read: |named| Ok(FactKind::Visible(named.row()?)),
    },
    Word {
        text: "rolled-back",
        of: Of::Row,
        means: "a commit fails",
        read: |named| Ok(FactKind::RolledBack(named.row()?)),
    },
    Word {
        text: "saved",
        of: Of::File,
        means: "a file is durable",
        read: |named| Ok(FactKind::Saved(named.file()?)),
    },
    Word {
        text: "status",
        of: Of::Status,
        means: "the job's status is set",
        read: |named| Ok(FactKind::Set(named.status()?)),
    },
    Word {
        text: "notified",
        of: Of::Signal,
        means: "a signal is given",
        read: |named| Ok(FactKind::Notified(named.signal()?)),
    },
    Word {
        text: "over",
        of: Of::Task,
        means: "a task takes its last step",
        read: |named| Ok(FactKind::Over(named.task()?)),
    },
    Word {
        text: "turned",
        of: Of::Task,
        means: "a task begins a round of its loop",
        read: |named| Ok(FactKind::Turned(named.task()?)),
    },
    Word {
        text: "closed",
        of: Of::Client,
        means: "the server ends a client's connection",
        read: |named| Ok(FactKind::Closed(named.client()?)),
    },
    Word {
        text: "found",
        of: Of::Client,
        means: "what a client fetches is there",
        read: |named| Ok(FactKind::Fetched(named.client()?, true)),
    },
    Word {
        text: "missed",
        of: Of::Client,
        means: "what a client fetches is not there",
        read: |named| Ok(FactKind::Fetched(named.client()?, false)),
    },
    Word {
        text: "shown",
        of: Of::ClientShown,
        means: "a client shows `progress`, `success` or `failure`",
        read: |named| {
            let shown = named.outcome()?;
            Ok(FactKind::Showed(named.at_or_only()?, shown))
        },
    },
    Word {
        text: "finished",
        of: Of::Client,
        means: "a client is done",
        read: |named| Ok(FactKind::Finished(named.client()?)),
    },
    Word {
        text: "started",
        of: Of::Timer,
        means: "a client's timer starts",
        read: |named| named.timer().map(|(client, timer)| FactKind::TimerStarted(client, timer)),
    },
    Word {
        text: "timed-out",
        of: Of::Timer,
        means: "a client's timer fires",
        read: |named| named.timer().map(|(client, timer)| FactKind::TimedOut(client, timer)),
    },
    Word {
        text: "cut",
        of: Of::Client,
        means: "a client's connection breaks",
        read: |named| Ok(FactKind::Cut(named.client()?)),
    },
    Word {
        text: "connected",
        of: Of::Client,
        means: "a client's request to connect again gets to the server",
        read: |named| Ok(FactKind::Connected(named.client()?)),
    },
    Word {
        text: "gave-up",
        of: Of::Client,
        means: "a client will not connect again",
        read: |named| Ok(FactKind::GaveUp(named.client()?)),
    },
    Word {
        text: "held",
        of: Of::Client,
        means: "what is sent to a client, or asked for by it, is kept back",
        read: |named| Ok(FactKind::Held(named.client()?)),
    },
    Word {
        text: "crashed",
        of: Of::Node,
        means: "a node stops",
        read: |named| Ok(FactKind::Crashed(named.node()?)),
    },
    Word {
        text: "restarted",
        of: Of::Node,
        means: "a node starts again",
        read: |named| Ok(FactKind::Restarted(named.node()?)),
    },
];

/// The kind of fact that `text` names in `system`.
///
/// # Errors
/// There is none: what is wrong, and what would be right.
pub fn fact(system: &System, text: &str) -> Result<FactKind, NoFact> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (word, name, client) = match words[..] {
        [step] if step.contains('.') => return named_step(system, step),
        [word, name] => (word, name, None),
        [word, name, "at", client] => (word, name, Some(client)),
        _ => return Err(NoFact::Unformed(text.to_owned())),
    };
    let Some(known) = WORDS.iter().find(|known| known.text == word) else {
        return Err(NoFact::UnknownWord { text: text.to_owned(), word: word.to_owned() });
    };
    if client.is_some() && !matches!(known.of, Of::EventAtClient | Of::Timer | Of::ClientShown) {
        return Err(NoFact::TakesNoClient { text: text.to_owned(), word: known.text, of: known.of.noun() });
    }
    (known.read)(&Named { system, text, name, client })
}

/// The words that begin the name of a fact which is no step.
pub fn fact_words() -> Vec<&'static str> {
    WORDS.iter().map(|known| known.text).collect()
}

/// The known word that is nearest.
fn nearest_word(word: &str) -> Option<&'static str> {
    nearest(word, WORDS.iter().map(|known| known.text))
}

/// How the name of a fact is written.
fn forms() -> String {
    let words = WORDS.iter().map(|known| format!("  {} {}: {}", known.text, known.of.noun(), known.means));
    let words: Vec<String> = words.collect();
    format!("TASK.STEP for a step that takes effect, or one of\n{}", words.join("\n"))
}

impl fmt::Display for NoFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unformed(text) => write!(f, "{} is no fact: write {}", quoted(text), forms()),
            Self::UnknownWord { text, word } => {
                let near = nearest_word(word);
                let hint = near.map_or(String::new(), |near| format!(", did you mean {}?", quoted(near)));
                let (text, word) = (quoted(text), quoted(word));
                write!(f, "{text} is no fact: unknown word {word}{hint}\nwrite {}", forms())
            }
            Self::TakesNoClient { text, word, of } => {
                write!(f, "{} is no fact: {word} takes no client, write `{word} {of}`", quoted(text))
            }
            Self::Unknown { noun, name, known } => {
                let known = known.iter().map(String::as_str);
                let hint = did_you_mean(name, known.clone());
                write!(f, "unknown {noun} {}{hint}\nknown: {}", quoted(name), listed(known.take(40)))
            }
            Self::AnyClient { text, clients } => write!(
                f,
                "{} could be at any client: add `at CLIENT`, one of {}",
                quoted(text),
                listed(clients.iter().map(String::as_str))
            ),
            Self::SeveralTimers(name) => {
                write!(f, "several clients have a timer {}: add `at CLIENT`", quoted(name))
            }
        }
    }
}

impl std::error::Error for NoFact {}

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

fn named_step(system: &System, path: &str) -> Result<FactKind, NoFact> {
    let found = path.split_once('.').and_then(|(name, step)| {
        let task = system.tasks.iter().position(|task| task.name == name)?;
        let (step, _) = system.tasks[task].numbered_steps().find(|(_, known)| known.name == step)?;
        Some(FactKind::Did(TaskId(task as u8), step))
    });
    found.ok_or_else(|| {
        let steps = system
            .tasks
            .iter()
            .flat_map(|task| task.all_steps().map(move |step| format!("{}.{}", task.name, step.name)));
        NoFact::Unknown { noun: "step", name: path.to_owned(), known: steps.collect() }
    })
}

#[cfg(test)]
mod tests {
    use punctual_model::{ClientId, EventId, Shown, StepId, TimerId};

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
        assert_eq!(read("voiceover.publish#2"), Ok(FactKind::Did(TaskId(0), StepId(7))));
        assert_eq!(read("timed-out finish"), Ok(FactKind::TimedOut(ClientId(0), TimerId(0))));
        assert_eq!(read("shown success"), Ok(FactKind::Showed(ClientId(0), Shown::Success)));
        assert_eq!(read("missed panel"), Ok(FactKind::Fetched(ClientId(0), false)));
    }

    #[test]
    fn what_is_no_fact_is_told_with_what_would_be_right() {
        let system = documented();
        let wrong = |text: &str| fact(&system, text).expect_err("it names nothing").to_string();
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
