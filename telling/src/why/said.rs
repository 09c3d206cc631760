//! A [`Why`] as a sentence.

use punctual_model::{Allowed, ClientId, Fact, Origin, Rule, StepId, TaskId, TimerFrom};
use punctual_reports::text;
use punctual_sim::Span;

use super::broke::{befell, breaks, broken};
use super::{Cause, Coming, How, Lost, NotLooked, Obstacle, TimedOut, Why};
use crate::story::{FactId, Look, Move, Outcome, Stops, Story, span, time};

impl Why {
    /// It in a sentence.
    pub fn said(&self, story: &Story<'_>) -> String {
        let client =
            self.breach.client.map_or_else(|| "a client".into(), |c| story.system.client_name(c).to_owned());
        let what = self.breach.what.map_or_else(|| "an event".into(), |what| story.event(what));
        let at = |place: FactId| story.at(place);
        match &self.cause {
            Cause::Lost(lost) => lost.said(story),
            Cause::Late { published, arrived } => {
                let (delay, allowed) = self.allowed(at(*arrived) - at(*published), "is");
                format!("{what} reaches {client} {delay} after it was published{allowed}")
            }
            Cause::Twice(comings) => twice(story, &what, &client, comings),
            Cause::Overtaken { arrived, by } => match by.first() {
                None => untold(self.rule, &what, &client),
                Some((other, _, before)) => {
                    let more = match by.len() - 1 {
                        0 => String::new(),
                        more => {
                            format!(", as were {} that arrived before it", text::count(more as u64, "other"))
                        }
                    };
                    let (when, after) = (time(at(*arrived)), span(at(*arrived) - at(*before)));
                    let other = story.event(*other);
                    format!(
                        "{what} reaches {client} at {when}, {after} after {other}, which was published later{more}"
                    )
                }
            },
            Cause::NotThere { fetched, resource, there } => {
                let when = there.map_or_else(
                    || "and it never comes to be there".to_owned(),
                    |there| format!("{} before it is there", span(at(there) - at(*fetched))),
                );
                format!("{client} fetches {} at {}, {when}", story.resource(*resource), time(at(*fetched)))
            }
            Cause::Phantom { sent, undone } => self.phantom(story, *sent, *undone),
            Cause::TimedOut(timed_out) => timed_out.said(story, self.breach.client),
            Cause::CameBack { .. } | Cause::EndsLate { .. } | Cause::StaysOpen { .. } => {
                self.after_the_job(story, &client)
            }
            Cause::EndsEarly { closed, published } => format!(
                "the connection of {client} ends at {} without {what}, which is published at {}",
                time(at(*closed)),
                time(at(*published))
            ),
            Cause::TooMany(requests) => {
                let bound = self.rule.bound().map_or(String::new(), |bound| bound.to_string());
                format!("{} {} in one run; allowed are {bound}", requests.len(), requests_are(story))
            }
            Cause::ShownWrong { showed, shown, failed } => {
                let outcome = failed.map_or("the job does not fail".into(), |failed| outcome(story, failed));
                format!("{client} shows {shown} at {}, and {outcome}", time(at(*showed)))
            }
            Cause::WaitsForEver(lost) => {
                let why = lost.as_ref().map_or(String::new(), |lost| format!(": {}", lost.said(story)));
                format!("{client} never comes to an end of its own and waits for ever{why}")
            }
            Cause::Untold => untold(self.rule, &what, &client),
        }
    }

    /// What becomes of a connection after the job.
    fn after_the_job(&self, story: &Story<'_>, client: &str) -> String {
        let at = |place: FactId| story.at(place);
        match &self.cause {
            Cause::CameBack { over, back, ended } => {
                let (job, when) = over_at(story, *over, *back);
                let (later, allowed) = self.allowed(at(*back) - at(*over), "are");
                let open = if *ended { "" } else { "; nobody had ended its connection" };
                format!("{job}, and {client} connects again at {when}, {later} later{allowed}{open}")
            }
            Cause::EndsLate { over, closed, back } => {
                let (job, when) = over_at(story, *over, *closed);
                let (later, allowed) = self.allowed(at(*closed) - at(*over), "are");
                let back = back.map_or(String::new(), |back| {
                    format!("; and {client} connects again at {}", time(at(back)))
                });
                format!("{job}, and the connection of {client} ends at {when}, {later} later{allowed}{back}")
            }
            Cause::StaysOpen { over } => format!(
                "the job is over at {}, and the connection of {client} is still open when the run ends at {}",
                time(at(*over)),
                time(story.ended_at)
            ),
            _ => String::new(),
        }
    }

    /// What is observed, and the limit in time that it is held against, if there is one.
    fn allowed(&self, observed: Span, verb: &str) -> (String, String) {
        let Some(limit) = self.rule.span() else { return (span(observed), String::new()) };
        let [observed, limit] = text::told_apart(observed.0, limit.0);
        (observed, format!("; allowed {verb} {limit}"))
    }

    fn phantom(&self, story: &Story<'_>, sent: FactId, undone: FactId) -> String {
        let what = self.breach.what.map_or_else(|| "an event".into(), |what| story.event(what));
        let to = self.breach.client.map_or("a client", |client| story.system.client_name(client));
        let row = match story.fact(undone) {
            Fact::RolledBack(row, _) => story.row(row),
            _ => "",
        };
        let (announced, rolled_back) = (story.at(sent), story.at(undone));
        let when = if undone < sent {
            format!("{} after row {row}, of which it tells, was rolled back", span(announced - rolled_back))
        } else {
            format!(
                "and row {row}, of which it tells, is rolled back {} later",
                span(rolled_back - announced)
            )
        };
        format!("{what} is sent to {to} at {}, {when}", time(announced))
    }
}

/// What requests are counted.
pub(super) fn requests_are(story: &Story<'_>) -> &'static str {
    if story.system.is_one_way() { "reads of the database" } else { "reads of the database and connections" }
}

/// When an event comes twice, and by which copies.
fn twice(story: &Story<'_>, what: &str, client: &str, comings: &[Coming]) -> String {
    let copies = match comings {
        [one, other, ..] if one.copy == other.copy => format!("both times {}", came(one.copy)),
        [one, other, ..] => format!("first {}, then {}", came(one.copy), came(other.copy)),
        _ => String::new(),
    };
    let [first, second] = [0, 1].map(|number: usize| {
        comings.get(number).map_or(String::new(), |coming| time(story.at(coming.arrived)))
    });
    format!("{what} reaches {client} at {first} and again at {second}, {copies}")
}

fn came(copy: Origin) -> &'static str {
    match copy {
        Origin::Published => "from the store",
        Origin::Synthesized => "made up by the stream",
    }
}

/// That the job is over, and when the other thing happens.
fn over_at(story: &Story<'_>, over: FactId, end: FactId) -> (String, String) {
    let (over, end) = (story.at(over), story.at(end));
    (format!("the job is over at {}", time(over)), time(end))
}

/// What makes the job one that failed.
fn outcome(story: &Story<'_>, failed: FactId) -> String {
    let at = time(story.at(failed));
    match story.fact(failed) {
        Fact::Set(status) => {
            format!("the job's status is {} from {at} on", story.system.statuses[usize::from(status.0)])
        }
        Fact::RolledBack(row, _) => format!("row {} is rolled back at {at}", story.row(row)),
        _ => "the job fails".into(),
    }
}

/// What is left to say where the facts tell no more.
fn untold(rule: Rule, what: &str, client: &str) -> String {
    let limit = rule.limit().map_or(String::new(), |limit| match limit {
        Allowed::Within(limit) => span(limit),
        Allowed::AtMost(bound) => bound.to_string(),
    });
    let broken = rule.invariant().broken;
    broken.replace("{limit}", &limit).replace("{what}", what).replace("{client}", client)
}

impl TimedOut {
    fn said(&self, story: &Story<'_>, client: Option<ClientId>) -> String {
        let Some(client) = client else { return "a timer fires".into() };
        let plan = &story.system.clients[usize::from(client.0)];
        let timer = &plan.timers[usize::from(self.timer.0)];
        let fired = story.at(self.fired);
        let ending = match self.stopper {
            None => String::new(),
            Some((what, None)) => format!("; {}, which would stop it, never arrives", story.event(what)),
            Some((what, Some(arrives))) => {
                let later = span(story.at(arrives) - fired);
                format!("; {}, which would stop it, arrives {later} later", story.event(what))
            }
        };
        let ran = span(story.ran(self));
        let begun = self.started.map(|started| story.fact(started));
        let started = match (begun, timer.from) {
            (_, TimerFrom::Start) => String::new(),
            (None, TimerFrom::Byte) => ", and nothing has arrived by then".into(),
            (None, TimerFrom::Event) => ", and no event has arrived by then".into(),
            (Some(Fact::TimerStarted(..)), TimerFrom::Byte | TimerFrom::Event) => {
                format!(", {ran} after it was started, and nothing has arrived since then")
            }
            (_, TimerFrom::Byte) => format!(", {ran} after the last byte arrived"),
            (_, TimerFrom::Event) => format!(", {ran} after the last event arrived"),
            (_, TimerFrom::Named(event)) => {
                format!(", {ran} after {} started it", story.system.event_name(event))
            }
        };
        format!("timer {} of {} fires at {}{started}{ending}", timer.name, plan.name, time(fired))
    }
}

impl Lost {
    pub(super) fn said(&self, story: &Story<'_>) -> String {
        match &self.how {
            How::Sent { sent, outcome, stops } => self.sent(story, *sent, outcome, stops),
            How::PassedOver { look, obstacles } => self.passed_over(story, look, obstacles),
            How::NotLooked { reason, obstacles, .. } => {
                let step = (story.server(self.client).unwrap_or(TaskId(0)), StepId(0));
                let others = obstacles.iter().map(|one| self.obstacle(story, step, one));
                let others = others.filter(|other| !other.is_empty()).map(|other| format!("; and {other}"));
                self.not_looked(story, reason) + &others.collect::<String>()
            }
        }
    }

    /// What stops what is sent, but for what is told as the reason that nobody looked.
    fn stopped(&self, story: &Story<'_>, stops: &Stops) -> String {
        let reason = match &self.how {
            How::NotLooked { reason: NotLooked::GivenUp(reason), .. } => Some(*reason),
            How::NotLooked { reason: NotLooked::BeganAnew(_), .. } => self.first_break(),
            How::NotLooked { .. } | How::Sent { .. } | How::PassedOver { .. } => None,
        };
        let told = stops.first_of_each().into_iter().filter(|place| Some(*place) != reason);
        told.map(|place| befell(story, self.client, place)).collect::<Vec<_>>().join("; and ")
    }

    /// The first break that would have stopped it although nobody looked.
    pub(super) fn first_break(&self) -> Option<FactId> {
        let How::NotLooked { obstacles, .. } = &self.how else { return None };
        obstacles.iter().find_map(|obstacle| match obstacle {
            Obstacle::Stopped(stops) => stops.breaks.first().copied(),
            _ => None,
        })
    }

    fn sent(&self, story: &Story<'_>, sent: FactId, outcome: &Outcome, stops: &Stops) -> String {
        let (name, to) = (story.event(self.what), story.system.client_name(self.client));
        let at = story.at(sent);
        match outcome {
            Outcome::LostOnItsWay(broke, held) => {
                let after = span(story.at(*broke) - at);
                let way = held.map_or_else(
                    || format!("is on its way to {to}"),
                    |held| {
                        format!("is held back, as all that is sent to {to} since {},", time(story.at(held)))
                    },
                );
                format!("{name} {way} when {}, {after} after it was sent", breaks(story, self.client, *broke))
            }
            Outcome::NotOnTheLine(since) => {
                let first = since.first().map_or(String::new(), |first| broken(story, self.client, *first));
                format!("{name} is sent at {} on a connection that {first}", time(at))
            }
            Outcome::Held(held) => format!(
                "{name} is sent at {} and held back, as all that is sent to {to} since {}; it is never let go",
                time(at),
                time(story.at(*held))
            ),
            Outcome::Arrived(_) | Outcome::OnItsWay => {
                let more = stops
                    .first_of_each()
                    .into_iter()
                    .map(|place| format!("; {}", befell(story, self.client, place)));
                format!("{name} is sent to {to} at {} and never arrives", time(at))
                    + &more.collect::<String>()
            }
        }
    }

    fn passed_over(&self, story: &Story<'_>, look: &Look, obstacles: &[Obstacle]) -> String {
        let name = story.event(self.what);
        let stream = story.task(look.task);
        let published = story.at(self.stored.published);
        match obstacles {
            [Obstacle::Dropped(dropped)] => format!(
                "{name} is dropped from the full store {} after it was added, before it is read",
                span(story.at(*dropped) - published)
            ),
            [Obstacle::SameTick(twin, before, _)] => {
                let twin = story.event(*twin);
                format!(
                    "{name} is published {} after {twin}, in the same tick of the clock and so under the same id; having sent {twin}, the stream takes {name} for sent",
                    span(published - story.at(*before))
                )
            }
            [Obstacle::Beyond(moves)] => {
                format!(
                    "{}, and never sends what is not above its cursor",
                    self.moved(story, look.task, moves)
                )
            }
            [] => format!(
                "{stream} looks at the store {} after {} published {name}, and does not send it, then or later",
                span(story.at(look.place) - published),
                self.writer(story)
            ),
            several => {
                let looks = format!("{stream} comes to look at the store at {}", time(story.at(look.place)));
                let step = (look.task, look.step);
                let said: Vec<String> = several.iter().map(|one| self.obstacle(story, step, one)).collect();
                format!("{name} is published at {}; {looks}: {}", time(published), said.join("; and "))
            }
        }
    }

    fn writer<'s>(&self, story: &'s Story<'_>) -> &'s str {
        match story.fact(self.stored.published) {
            Fact::Published { by, .. } => story.task(by),
            _ => "somebody",
        }
    }

    /// Who moved the cursor beyond the event, and how much before or after it was published.
    fn moved(&self, story: &Story<'_>, task: TaskId, moves: &[Move]) -> String {
        let (name, stream, writer) = (story.event(self.what), story.task(task), self.writer(story));
        let Some(first) = moves.first() else { return String::new() };
        let (set, published, id) = (story.at(first.place), story.at(self.stored.published), self.stored.id);
        let order = if first.place < self.stored.published {
            format!("{} before {writer} publishes {name} under id {id}", span(published - set))
        } else {
            format!("{} after {writer} published {name} under id {id}", span(set - published))
        };
        let to = first.to;
        match first.sent {
            None => format!("{stream} moves its cursor to {to}, {order}"),
            Some(sent) => {
                format!("{stream} sends {} and with it moves its cursor to {to}, {order}", story.event(sent))
            }
        }
    }

    fn obstacle(&self, story: &Story<'_>, (task, step): (TaskId, StepId), obstacle: &Obstacle) -> String {
        let name = story.event(self.what);
        let step = story.step_name(task, step);
        match obstacle {
            Obstacle::Dropped(dropped) => {
                format!("the full store has dropped {name} at {}", time(story.at(*dropped)))
            }
            Obstacle::Beyond(moves) => self.moved(story, task, moves),
            Obstacle::SameTick(twin, ..) => {
                format!(
                    "{} was sent, which has the same id of the same tick of the clock",
                    story.event(*twin)
                )
            }
            Obstacle::Behind(other, added) => {
                let (other, added, id) = (story.event(*other), time(story.at(*added)), self.stored.id);
                format!(
                    "{other}, which was added at {added}, would be sent first, and {name} has id {id}, not above its"
                )
            }
            Obstacle::Stopped(stops) => self.stopped(story, stops),
            Obstacle::NotAdmitted => format!("the condition of {step} is not so, and {step} is passed over"),
            Obstacle::ByChance => format!("chance passes {step} over"),
        }
    }

    pub(super) fn server<'s>(&self, story: &'s Story<'_>) -> &'s str {
        story.server(self.client).map_or("server", |server| story.task(server))
    }
}
