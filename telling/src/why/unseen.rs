//! Why nobody looked for an event, in words.

use punctual_model::TaskId;
use punctual_reports::text;
use punctual_sim::Time;

use super::broke::breaks;
use super::{Lost, NotLooked, Waiting};
use crate::story::{FactId, Story, span, time};

/// What a connection or a task would have needed.
const WITHOUT: &str = "without another look at the store";

impl Lost {
    /// Why nobody looked for it where it was stored.
    pub(super) fn not_looked(&self, story: &Story<'_>, reason: &NotLooked) -> String {
        let name = story.event(self.what);
        let at = story.at(self.stored.published);
        match reason {
            NotLooked::Never(task, last) => self.never_looked(story, *task, *last),
            NotLooked::Closed(place) => {
                let since = |closed: Time| format!("{} after the connection ended", span(at - closed));
                let until = |closed: Time| format!("the connection ends at {}", time(closed));
                self.around(story, *place, since, until)
            }
            NotLooked::Over(place) => {
                let task = self.server(story);
                let since = |over: Time| format!("{} after {task} was over", span(at - over));
                let until = |over: Time| format!("{task} is over at {}", time(over));
                self.around(story, *place, since, until)
            }
            NotLooked::GivenUp(place) => {
                let broke = breaks(story, self.client, *place);
                format!("{name} is published at {}, and {broke} {WITHOUT}", time(at))
            }
            NotLooked::BeganAnew(place) => {
                let broke = breaks(story, self.client, self.first_break().unwrap_or(*place));
                format!("{name} is published at {}, and {broke}, {WITHOUT}", time(at))
            }
            NotLooked::Waits(waiting) => {
                let waits = waiting.said(story);
                format!("{waits}; nobody looks at the store after {name} is added at {}", time(at))
            }
            NotLooked::NeverBegins(task) => {
                format!("{name} is published at {}, and {} never begins", time(at), story.task(*task))
            }
            NotLooked::RunEnds => format!(
                "nobody looks at the store between the moment {name} is added, {}, and the end of the run",
                time(at)
            ),
        }
    }

    /// That what would look ended at `place`: before the event was published, or after that.
    fn around(
        &self,
        story: &Story<'_>,
        place: FactId,
        since: impl Fn(Time) -> String,
        until: impl Fn(Time) -> String,
    ) -> String {
        let (name, at, ended) =
            (story.event(self.what), time(story.at(self.stored.published)), story.at(place));
        if place < self.stored.published {
            format!("{name} is published at {at}, {}", since(ended))
        } else {
            format!("{name} is published at {at}, and {} {WITHOUT}", until(ended))
        }
    }

    /// That a task does not look at the store any more, or at all.
    fn never_looked(&self, story: &Story<'_>, task: TaskId, last: Option<FactId>) -> String {
        let (name, looks) = (story.event(self.what), story.task(task));
        let (store, at) = (story.store(self.stored.store), time(story.at(self.stored.published)));
        let added = format!("{name} is added to {store} at {at}, and {looks}");
        match last {
            Some(last) => {
                let last = time(story.at(last));
                format!("{added} does not look there any more: its last look was at {last}")
            }
            None if story.ever_looks_at(task, self.stored.store) => {
                format!("{added} does not come to look there any more")
            }
            None => format!("{added} never looks there: {}", sends_from(story, task)),
        }
    }
}

/// The stores from which a task sends.
fn sends_from(story: &Story<'_>, task: TaskId) -> String {
    let steps = story.system.tasks[usize::from(task.0)].all_steps();
    let stores = steps.filter_map(|step| step.action.traits().sends_from);
    let stores = stores.map(|from| story.store(from).to_owned());
    let mut stores: Vec<String> = stores.collect();
    stores.dedup();
    match stores[..] {
        [] => "it sends from no store".to_owned(),
        _ => format!("it sends from {} only", text::listed(&stores)),
    }
}

impl Waiting {
    fn said(&self, story: &Story<'_>) -> String {
        let task = story.task(self.task);
        let sleeps = story.step(self.task, self.step).and_then(|step| step.action.traits().sleeps);
        let signal = sleeps.and_then(|sleeps| sleeps.signal);
        let signal = signal.map_or("", |signal| &story.system.signals[usize::from(signal.0)].name);
        let from = time(self.from);
        match self.unheard {
            Some(unheard) => format!(
                "the signal {signal} given at {} finds nobody waiting and is not kept; {task} waits for it from {from} on",
                time(story.at(unheard))
            ),
            None => format!("{task} waits for the signal {signal} from {from} on, and nobody wakes it"),
        }
    }
}
