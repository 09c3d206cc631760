//! What lasts: the steps of tasks from where they were begun to where they take effect, and nodes that are gone.

use punctual_model::{Fact, NodeId, Step, StepId, StepTime, TaskId};
use punctual_reports::picture::{Bar, BarKind};
use punctual_sim::Time;

use super::painter::Painter;
use crate::story::{End, FactId, Life};

impl Painter<'_, '_> {
    pub(super) fn bars(&mut self) {
        for task in (0..self.story.system.tasks.len()).map(|task| TaskId(task as u8)) {
            let did: Vec<(FactId, StepId)> = self
                .story
                .placed()
                .filter_map(|(place, fact)| match fact {
                    Fact::Did(by, number) if by == task => Some((place, number)),
                    _ => None,
                })
                .collect();
            for life in self.story.lives(task) {
                let ends = life.end.map_or(self.story.end(), |(place, _)| place);
                let within = |(place, _): &&(FactId, StepId)| {
                    life.from.is_none_or(|from| from < *place) && *place <= ends
                };
                let steps: Vec<(FactId, StepId)> = did.iter().filter(within).copied().collect();
                self.life(task, &life, &steps);
            }
        }
        self.stopped();
    }

    /// The steps of a task in one of its lives.
    fn life(&mut self, task: TaskId, life: &Life, steps: &[(FactId, StepId)]) {
        let story = self.story;
        let mut since = story.begins(task, life).unwrap_or(Time::ZERO);
        for &(place, number) in steps {
            let to = story.at(place);
            let Some(step) = story.step(task, number) else { continue };
            let from = story.begun(place).unwrap_or(since).min(to);
            if let Some(kind) = lasts(step) {
                self.bar(task, (from, to), kind, &step.name);
            }
            since = to;
            if let Some(answered) = story.answered(place) {
                self.bar(task, (to, answered), BarKind::Busy, "");
                since = answered;
            }
        }
        // What it has begun by its end takes no effect any more.
        let end = match life.end {
            Some((place, End::GivenUp | End::BeginsAnew)) => story.at(place),
            Some((_, End::Closes | End::Over)) => return,
            None => story.ended_at,
        };
        let Some(begins) = story.begins(task, life).filter(|begins| *begins <= end) else { return };
        let under_way = story.under_way(task, (steps.last().map(|(place, _)| *place), begins), end);
        let step = under_way.step.and_then(|number| story.step(task, number));
        let kind = step.map_or(Some(BarKind::Busy), lasts);
        if let Some(kind) = kind.filter(|_| step.is_some() || life.end.is_some()) {
            self.bar(task, (under_way.from, end), kind, step.map_or("", |step| &step.name));
        }
    }

    fn bar(&mut self, task: TaskId, (from, to): (Time, Time), kind: BarKind, name: &str) {
        if from >= to || to < self.from || from > self.until {
            return;
        }
        let label = match kind {
            BarKind::Busy if self.story.serves(task).is_none() => name,
            BarKind::Busy | BarKind::Waiting | BarKind::Sleeping | BarKind::Dead => "",
        };
        let (from, to) = (from.max(self.from), to.min(self.until));
        self.race.bars.push(Bar::new(self.of_task(task), from.0, to.0, kind, label));
    }

    /// The times in which nodes are stopped, for each task that was there or begins anew.
    fn stopped(&mut self) {
        let story = self.story;
        let nodes = (0..story.system.nodes.len()).map(|node| NodeId(node as u8));
        for node in nodes {
            let mut since = None;
            for (at, fact) in &story.facts {
                match *fact {
                    Fact::Crashed(of) if of == node => since = Some(*at),
                    Fact::Restarted(of) if of == node => {
                        if let Some(since) = since.take() {
                            self.gone(node, (since, *at));
                        }
                    }
                    _ => {}
                }
            }
            if let Some(since) = since {
                self.gone(node, (since, story.ended_at));
            }
        }
    }

    fn gone(&mut self, node: NodeId, span: (Time, Time)) {
        for task in self.on(node) {
            self.bar(task, span, BarKind::Dead, "");
        }
    }
}

/// How the time of a step is drawn; `None` if it takes none.
fn lasts(step: &Step) -> Option<BarKind> {
    let traits = step.action.traits();
    if traits.rests {
        let waits = traits.sleeps.is_some_and(|sleeps| sleeps.signal.is_some());
        return Some(if waits { BarKind::Waiting } else { BarKind::Sleeping });
    }
    match &step.time {
        StepTime::Instant => None,
        StepTime::Takes(..) | StepTime::Blocks(_) => Some(BarKind::Busy),
    }
}
