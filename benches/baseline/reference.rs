//! The reference system of the audio stream, built by hand, and all invariants it can be asked for.

#![allow(clippy::wildcard_imports, reason = "a description names most of what there is")]

use punctual_model::*;
use punctual_sim::{Delay, Span};

fn ms(name: &str, min: u64, max: u64) -> StepTime {
    StepTime::Takes(Delay::uniform(name, Span::millis(min), Span::millis(max)), None)
}

fn step(name: &str, action: Action, time: StepTime) -> Step {
    Step { name: name.into(), action, guards: vec![], chance: None, time }
}

/// The system as the analysis documents it.
pub(crate) fn reference() -> System {
    let kind = |name: &str, terminal| EventKind { name: name.into(), row: Some(RowId(0)), terminal };
    System {
        nodes: vec!["worker".into(), "app".into()],
        statuses: ["pending", "running", "completed"].map(String::from).into(),
        status: StatusId(0),
        failed: None,
        tasks: vec![job(), stream()],
        events: vec![kind("artifact_ready", false), kind("tts_completed", true)],
        stores: vec![Store { name: "events".into(), ids: Ids::Given, keep: None }],
        rows: vec![RowPlan { name: "artifact".into(), visible_after: None }],
        files: vec![],
        signals: vec![],
        policies: vec![poll()],
        clients: vec![panel()],
        ends: None,
    }
}

const EVENTS: StoreId = StoreId(0);

fn job() -> Task {
    let publish = |event, id| Action::Publish { event: EventId(event), store: EVENTS, id: Some(id) };
    Task {
        name: "voiceover".into(),
        node: NodeId(0),
        starts: Starts::After(Delay::fixed("voiceover.starts", Span::ZERO)),
        serves: None,
        cursors: Cursors::One,
        steps: vec![
            step("queue", Action::Work, ms("voiceover.queue", 200, 1_000)),
            step("status", Action::Status(StatusId(1)), StepTime::Instant),
            step("synthesize", Action::Work, ms("voiceover.synthesize", 20_000, 45_000)),
            step("save", Action::Work, ms("voiceover.save", 50, 400)),
            step("commit", Action::Commit { row: RowId(0), fails: None }, ms("voiceover.commit", 5, 50)),
            step("publish", publish(0, 1), ms("voiceover.publish", 1, 200)),
            step("publish#2", publish(1, 2), ms("voiceover.publish#2", 0, 5)),
            step("status#2", Action::Status(StatusId(2)), ms("voiceover.status#2", 1, 100)),
        ],
        again_from: None,
        otherwise: vec![],
    }
}

fn stream() -> Task {
    let announce =
        Action::Announce { event: EventId(0), into: None, cursor: Some(CursorRule::Greatest(EVENTS, 2)) };
    let done = StatusSet::default().with(StatusId(2));
    Task {
        name: "stream".into(),
        node: NodeId(1),
        starts: Starts::After(Delay::fixed("stream.starts", Span::ZERO)),
        serves: Some(ClientId(0)),
        cursors: Cursors::One,
        steps: vec![
            step("send", Action::Send(EVENTS), ms("stream.send", 1, 3)),
            step("read", Action::Read { status: true, rows: vec![RowId(0)] }, ms("stream.read", 2, 15)),
            Step { guards: vec![Guard::Unsent], ..step("announce", announce, StepTime::Instant) },
            Step {
                guards: vec![Guard::Is(done, Some(Delay::fixed("stream.close.for", Span::secs(10))))],
                ..step("close", Action::Close { event: None }, StepTime::Instant)
            },
            step("poll", Action::Poll(PolicyId(0)), StepTime::Instant),
        ],
        again_from: Some(0),
        otherwise: vec![],
    }
}

/// How long the stream sleeps between two looks, by the status of the job.
fn poll() -> Policy {
    let always = |name: &str, span| Sleep { below: None, delay: Delay::fixed(name, span) };
    let running = [(Some(30), 300), (Some(120), 500), (None, 1_000)].map(|(below, sleep)| Sleep {
        below: below.map(|age| Limit::Age(Span::secs(age))),
        delay: Delay::fixed("poll.running", Span::millis(sleep)),
    });
    Policy {
        name: "poll".into(),
        by_status: vec![
            Some(vec![always("poll.pending", Span::secs(1))]),
            Some(running.into()),
            Some(vec![always("poll.completed", Span::secs(2))]),
        ],
    }
}

fn panel() -> ClientPlan {
    let reaction = |event, ends| Reaction {
        event: EventId(event),
        copies: Copies::All,
        shows: Some(if ends { Shown::Success } else { Shown::Progress }),
        fetches: None,
        ends,
    };
    ClientPlan {
        reconnects: None,
        name: "panel".into(),
        latency: Delay::uniform("panel.latency", Span::millis(5), Span::millis(80)),
        timers: vec![TimerPlan {
            name: "finish".into(),
            from: TimerFrom::Named(EventId(0)),
            limit: Delay::fixed("panel.finish", Span::secs(2)),
            stopped_by: vec![EventId(1)],
            shows: Some(Shown::Success),
            ends: true,
            reconnects: false,
        }],
        reactions: vec![reaction(0, false), reaction(1, true)],
    }
}

/// Every invariant, with limits that fit the reference.
#[allow(dead_code, reason = "the test of the figures asks for none")]
pub(crate) fn invariants() -> Vec<Rule> {
    let with_limit = |invariant: &'static Invariant| {
        let limit = invariant.measured().map(|measured| match measured {
            Measured::Delivery => Allowed::Within(Span::secs(2)),
            Measured::AfterJob => Allowed::Within(Span::secs(20)),
            Measured::Requests => Allowed::AtMost(400),
        });
        Rule::new(invariant, limit).expect("the limit is one of its kind")
    };
    INVARIANTS.iter().copied().map(with_limit).collect()
}
