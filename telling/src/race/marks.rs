//! What happens at one instant, in the words of a picture.
//!
//! What a reader always needs is always marked; other facts are, where the sentence names them or the invariant
//! is about them.

use punctual_model::{Explained, Fact, Origin, Rule, Shown, StepId, TaskId};
use punctual_reports::picture::{Deadline, MarkKind};
use punctual_sim::Time;

use super::painter::Painter;
use crate::story::FactId;
use crate::why::{Cause, How, NotLooked, Why};

impl Painter<'_, '_> {
    /// Marks the fact at `place`, if it is one to be seen.
    pub(super) fn mark(&mut self, place: FactId) {
        let (at, fact) = (self.story.at(place), self.story.fact(place));
        let is_named = self.named.contains(&place);
        match fact {
            Fact::Did(task, number) => self.did(place, task, number),
            Fact::Crashed(node) => {
                let label = format!("{} stops", self.story.system.node_name(node));
                self.on(node)
                    .into_iter()
                    .for_each(|task| self.put(self.of_task(task), at, MarkKind::Lost, &label));
            }
            Fact::Restarted(node) => {
                let label = format!("{} starts again", self.story.system.node_name(node));
                self.on(node)
                    .into_iter()
                    .for_each(|task| self.put(self.of_task(task), at, MarkKind::Plain, &label));
            }
            Fact::Read(task) => self.read(place, task),
            Fact::Committed(..) | Fact::Visible(..) | Fact::RolledBack(..) => self.row(place),
            Fact::Over { task, .. } => self.over(at, task, is_named),
            Fact::Set(_) | Fact::Showed(..) if is_named || self.is_about_outcomes() => self.outcome(place),
            Fact::Notified { .. } | Fact::TimerStarted(..) | Fact::CommentArrived(_) | Fact::Saved(_)
                if is_named =>
            {
                self.only_named(place);
            }
            _ => self.always(place),
        }
    }

    fn always(&mut self, place: FactId) {
        let (story, at, fact) = (self.story, self.story.at(place), self.story.fact(place));
        let (lane, kind, label) = match fact {
            Fact::Published { what, store, id, .. } => {
                (self.of_store(store), MarkKind::Done, format!("{} id {id}", story.event(what)))
            }
            Fact::Dropped(store, what) => {
                (self.of_store(store), MarkKind::Lost, format!("drops {}", story.event(what)))
            }
            Fact::Sent { by, what, copy, .. } => {
                let made = match copy {
                    Origin::Published => "sends",
                    Origin::Synthesized => "makes up",
                };
                (self.of_task(by), MarkKind::Sent, format!("{made} {}", story.event(what)))
            }
            Fact::Moved(task, _, to) => (self.of_task(task), MarkKind::Plain, format!("cursor {to}")),
            Fact::Closed(client) => {
                let Some(server) = story.server(client) else { return };
                let late = matches!(self.why.map(|why| &why.cause), Some(Cause::EndsLate { closed, .. }) if *closed == place);
                let kind = if late { MarkKind::Late } else { MarkKind::Done };
                (self.of_task(server), kind, "ends the connection".into())
            }
            Fact::Arrived { at: client, what, .. } => {
                let timed_out = story.first(|f| matches!(f, Fact::TimedOut(c, _) if *c == client));
                let about = self.why.and_then(|why| why.breach.what).is_none_or(|about| about == what);
                let late = about && timed_out.is_some_and(|fired| fired <= at);
                (
                    self.of_client(client),
                    if late { MarkKind::Late } else { MarkKind::Arrived },
                    story.event(what),
                )
            }
            Fact::TimedOut(client, number) => {
                let plan = &story.system.clients[usize::from(client.0)];
                let name = &plan.timers[usize::from(number.0)].name;
                if self.is_deadline(place) {
                    let label = format!("timer {name} of {}", plan.name);
                    self.race.deadline = Some(Deadline { at: at.0, label });
                }
                let gives_up = if story.hangs_up(client, number) { ", gives up" } else { "" };
                (self.of_client(client), MarkKind::Deadline, format!("{name} fires{gives_up}"))
            }
            Fact::Fetched { by, found: false, .. } => {
                (self.of_client(by), MarkKind::Lost, "fetch: not there".into())
            }
            Fact::Finished(client) => (self.of_client(client), MarkKind::Done, "done".into()),
            Fact::Cut { client, .. } => (self.of_client(client), MarkKind::Lost, "connection breaks".into()),
            Fact::Connected { client, .. } => {
                (self.of_client(client), MarkKind::Plain, "connects again".into())
            }
            Fact::GaveUp(client) => (self.of_client(client), MarkKind::Plain, "will not come again".into()),
            Fact::Held(client, _) => (self.of_client(client), MarkKind::Lost, "held back".into()),
            Fact::Released(client, _) => (self.of_client(client), MarkKind::Plain, "let go".into()),
            _ => return,
        };
        self.put(lane, at, kind, &label);
    }

    /// A line through all lanes is drawn where the timer fires that is told of; else at the first that decides
    /// something from the decisive pair on.
    fn is_deadline(&self, place: FactId) -> bool {
        let is_timer = |place: &FactId| matches!(self.story.fact(*place), Fact::TimedOut(..));
        if let Some(named) = self.named.iter().find(|place| is_timer(place)) {
            return *named == place;
        }
        let Fact::TimedOut(client, number) = self.story.fact(place) else { return false };
        let before = self.race.deadline.as_ref().is_some_and(|deadline| deadline.at >= self.race.focus.1);
        !before && !self.story.hangs_up(client, number)
    }

    /// What a row does is marked where others can see it.
    fn row(&mut self, place: FactId) {
        let Some(lane) = self.of_database() else { return };
        let (story, at, fact) = (self.story, self.story.at(place), self.story.fact(place));
        let same = |fact: &Fact| {
            story.since(place.next()).any(|(later, other)| story.at(later) == at && other == *fact)
        };
        let (row, kind, what) = match fact {
            Fact::Committed(row, version) if same(&Fact::Visible(row, version)) => {
                (row, MarkKind::Commit, "committed")
            }
            Fact::Committed(row, _) => (row, MarkKind::Plain, "committed, not yet visible"),
            Fact::Visible(row, version) => {
                let before = story.before(place).rev();
                let mut before = before.take_while(|(before, _)| story.at(*before) == at);
                if before.any(|(_, fact)| fact == Fact::Committed(row, version)) {
                    return;
                }
                (row, MarkKind::Commit, "visible")
            }
            Fact::RolledBack(row, _) => (row, MarkKind::Lost, "rolled back"),
            _ => return,
        };
        self.put(lane, at, kind, &format!("{} {what}", story.row(row)));
    }

    /// A look at a store that finds nothing, or passes over what is lost.
    fn did(&mut self, place: FactId, task: TaskId, number: StepId) {
        let (story, at) = (self.story, self.story.at(place));
        let Some(step) = story.step(task, number) else { return };
        let look = self.why.and_then(Why::lost).and_then(|lost| match &lost.how {
            How::PassedOver { look, .. } if look.place == place => Some((lost.what, look)),
            _ => None,
        });
        let lane = self.of_task(task);
        if let Some((what, look)) = look {
            let name = story.event(what);
            let label = if (look.task, look.step) == (task, number) {
                format!("passes over {name}")
            } else {
                format!("{} not taken", story.step_name(look.task, look.step))
            };
            self.put(lane, at, MarkKind::Lost, &label);
        } else if let Some(store) = step.action.traits().sends_from
            && !story.beside(place).any(|(_, fact)| matches!(fact, Fact::Sent { .. }))
        {
            let several = story.system.stores.len() > 1;
            let store = if several { story.store(store) } else { "store" };
            self.put(lane, at, MarkKind::Miss, &format!("{store}: nothing new"));
        }
    }

    /// The beginning of a wait that is told.
    pub(super) fn waits(&mut self) {
        let Some(waiting) = self.why.and_then(Why::waiting) else { return };
        let label = format!("{} begins", self.story.step_name(waiting.task, waiting.step));
        self.put(self.of_task(waiting.task), waiting.from, MarkKind::Plain, &label);
    }

    /// A read, where reads are counted.
    fn read(&mut self, place: FactId, task: TaskId) {
        let Some(Cause::TooMany(requests)) = self.why.map(|why| &why.cause) else { return };
        let (at, lane) = (self.story.at(place), self.of_task(task));
        let number = requests.partition_point(|request| *request < place) + 1;
        match self.rule().and_then(Rule::bound) {
            Some(bound) if number == bound as usize + 1 => {
                self.put(lane, at, MarkKind::Wrong, &format!("read {number}, allowed are {bound}"));
            }
            _ => self.put(lane, at, MarkKind::Plain, "read"),
        }
    }

    /// The end of a task, where an invariant is about that of the job, or the sentence names it.
    fn over(&mut self, at: Time, task: TaskId, is_named: bool) {
        if is_named {
            let label = if self.story.serves(task).is_none() { "job over" } else { "over" };
            self.put(self.of_task(task), at, MarkKind::Done, label);
        }
    }

    /// Whether the invariant is told by what is shown and how the job ended.
    fn is_about_outcomes(&self) -> bool {
        self.rule().is_some_and(|rule| rule.invariant().explained == Explained::ShownWrong)
    }

    /// A status, or what a client shows.
    fn outcome(&mut self, place: FactId) {
        let (story, at, fact) = (self.story, self.story.at(place), self.story.fact(place));
        match fact {
            Fact::Set(status) => {
                let Some((task, ..)) = story.doing(place).and_then(|place| story.did(place)) else { return };
                let label = format!("status {}", story.system.statuses[usize::from(status.0)]);
                self.put(self.of_task(task), at, MarkKind::Plain, &label);
            }
            Fact::Showed(client, shown) => {
                let wrong = Some(client) == self.client() && shown != Shown::Progress;
                let kind = if wrong { MarkKind::Wrong } else { MarkKind::Plain };
                self.put(self.of_client(client), at, kind, &format!("shows {shown}"));
            }
            _ => {}
        }
    }

    /// What is marked only where the sentence names it.
    fn only_named(&mut self, place: FactId) {
        let (story, at, fact) = (self.story, self.story.at(place), self.story.fact(place));
        let doer = || story.doing(place).and_then(|place| story.did(place)).map(|(task, ..)| task);
        match fact {
            Fact::Notified { signal, heard } => {
                let Some(task) = doer() else { return };
                let name = &story.system.signals[usize::from(signal.0)].name;
                let (kind, heard) =
                    if heard { (MarkKind::Plain, "") } else { (MarkKind::Lost, ": nobody waits") };
                self.put(self.of_task(task), at, kind, &format!("{name}{heard}"));
            }
            Fact::Saved(file) => {
                let Some(task) = doer() else { return };
                let label = format!("{} durable", story.system.files[usize::from(file.0)]);
                self.put(self.of_task(task), at, MarkKind::Commit, &label);
            }
            Fact::TimerStarted(client, number) => {
                let timers = &story.system.clients[usize::from(client.0)].timers;
                let label = format!("{} starts", timers[usize::from(number.0)].name);
                self.put(self.of_client(client), at, MarkKind::Plain, &label);
            }
            Fact::CommentArrived(client) => {
                self.put(self.of_client(client), at, MarkKind::Arrived, "comment");
            }
            _ => {}
        }
    }

    /// What chance passed over.
    pub(super) fn skipped(&mut self) {
        for skipped in self.story.skipped().to_vec() {
            if self.shows(skipped.at) {
                let label =
                    format!("{}: not taken, by chance", self.story.step_name(skipped.task, skipped.step));
                self.put(self.of_task(skipped.task), skipped.at, MarkKind::Plain, &label);
            }
        }
    }

    /// What does not happen has no instant; the end of the run is when that is known.
    pub(super) fn at_the_end(&mut self) {
        let end = self.story.ended_at;
        let Some((why, client)) = self.why.zip(self.client()).filter(|_| self.shows(end)) else { return };
        let server = self.story.server(client).map(|server| self.of_task(server));
        match &why.cause {
            Cause::StaysOpen { .. } => {
                if let Some(server) = server {
                    self.put(server, end, MarkKind::Wrong, "connection still open");
                }
            }
            Cause::WaitsForEver(_) => self.put(self.of_client(client), end, MarkKind::Wrong, "still waits"),
            Cause::Lost(lost) => {
                let label = match &lost.how {
                    How::NotLooked { reason: NotLooked::Waits(_), .. } => "still waits",
                    How::NotLooked { reason: NotLooked::RunEnds | NotLooked::NeverBegins(_), .. } => {
                        "the run ends"
                    }
                    How::NotLooked { .. } | How::Sent { .. } | How::PassedOver { .. } => return,
                };
                if let Some(server) = server {
                    self.put(server, end, MarkKind::Wrong, label);
                }
            }
            _ => {}
        }
    }
}
