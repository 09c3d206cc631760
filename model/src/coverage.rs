//! What of a system ever comes into play: steps, timers, reactions, lines of tables.
//!
//! An invariant may hold because the step that would break it is never taken. Whoever looks at every timing
//! keeps here what was met; what was not is part of no run.

use crate::fact::Fact;
use crate::state::Phase;
use crate::system::{ClientId, Noted, PolicyId, ReactionId, StatusId, StepId, System, TaskId, TimerId};
use crate::world::{World, WorldState};

/// What was met so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// By task and step.
    steps: Vec<Vec<bool>>,
    /// By client: timers that were started.
    timers: Vec<Vec<bool>>,
    /// By client.
    reactions: Vec<Vec<bool>>,
    /// By table of sleeping times and status.
    lines: Vec<Vec<bool>>,
}

/// A part of a system that can come into play.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A step takes effect.
    Step(TaskId, StepId),
    /// A timer is started.
    Timer(ClientId, TimerId),
    /// A client reacts to an event.
    Reaction(ClientId, ReactionId),
    /// A task sleeps by the line of this status.
    Line(PolicyId, StatusId),
}

impl Coverage {
    /// Nothing of `system` was met yet.
    pub fn of(system: &System) -> Self {
        Self {
            steps: system.tasks.iter().map(|task| vec![false; task.all_steps().count()]).collect(),
            timers: system.clients.iter().map(|client| vec![false; client.timers.len()]).collect(),
            reactions: system.clients.iter().map(|client| vec![false; client.reactions.len()]).collect(),
            lines: system.policies.iter().map(|policy| vec![false; policy.by_status.len()]).collect(),
        }
    }

    /// A step of `world` noted `facts` and led to `state`.
    pub fn see(&mut self, world: &World, state: &WorldState, facts: &[Fact]) {
        for (number, fact) in facts.iter().enumerate() {
            match *fact {
                Fact::Did(task, step) => self.steps[usize::from(task.0)][usize::from(step.0)] = true,
                Fact::TimerStarted(client, timer) => {
                    self.timers[usize::from(client.0)][usize::from(timer.0)] = true;
                }
                Fact::Arrived { at, what, copy } => {
                    // What arrives with what ends the client may come after that.
                    let was_done = state.is_done(at) && !facts[number..].contains(&Fact::Finished(at));
                    if let Some(reaction) = world.reaction(at, what, copy).filter(|_| !was_done) {
                        self.reactions[usize::from(at.0)][usize::from(reaction.0)] = true;
                    }
                }
                _ => {}
            }
        }
        self.see_rests(world, state, facts);
    }

    /// Which lines those tasks sleep by that have begun to sleep: what a task has read may be forgotten later.
    fn see_rests(&mut self, world: &World, state: &WorldState, facts: &[Fact]) {
        let backend = state.backend();
        for (id, (task, kept)) in world.system().tasks.iter().zip(&backend.tasks).enumerate() {
            let of_it = |fact: &Fact| match *fact {
                Fact::Did(by, _) | Fact::Turned(by) => usize::from(by.0) == id,
                _ => false,
            };
            let sleeps = matches!(kept.phase, Phase::Awaiting | Phase::Listening(_))
                && (kept.step == StepId(0) || facts.iter().any(of_it));
            let step = task.step(kept.step).filter(|_| sleeps);
            let sleeps = step.and_then(|step| step.action.traits().sleeps);
            if let Some(policy) = sleeps.and_then(|sleeps| sleeps.policy) {
                let status = kept.read.map_or(backend.status.now, |read| read.status);
                self.lines[usize::from(policy.0)][usize::from(status.0)] = true;
            }
        }
    }

    /// What of `one` and its streams came into play does so of `other` and its streams, which differ in names only.
    pub fn see_alike(&mut self, system: &System, one: ClientId, other: ClientId) {
        let streams = |of: ClientId| {
            let all = system.tasks.iter().enumerate();
            all.filter(move |(_, task)| task.serves == Some(of)).map(|(number, _)| number)
        };
        for (mine, theirs) in streams(one).zip(streams(other)) {
            self.steps[theirs] = self.steps[mine].clone();
        }
        let (one, other) = (usize::from(one.0), usize::from(other.0));
        self.timers[other] = self.timers[one].clone();
        self.reactions[other] = self.reactions[one].clone();
    }

    /// Whether `part` came into play.
    pub fn has(&self, part: Part) -> bool {
        match part {
            Part::Step(task, step) => self.steps[usize::from(task.0)][usize::from(step.0)],
            Part::Timer(client, timer) => self.timers[usize::from(client.0)][usize::from(timer.0)],
            Part::Reaction(client, reaction) => {
                self.reactions[usize::from(client.0)][usize::from(reaction.0)]
            }
            Part::Line(policy, status) => self.lines[usize::from(policy.0)][usize::from(status.0)],
        }
    }
}

impl Part {
    /// The parts of `system` of which it is worth saying that they never come into play, but for lines of
    /// tables: those must be there for every status, whether it occurs or not. A repeat is no step of its own.
    pub fn all(system: &System) -> impl Iterator<Item = Self> {
        let steps = system.tasks.iter().enumerate().flat_map(|(task, described)| {
            let taken = described.numbered_steps();
            let taken = taken.filter(|(_, step)| step.action.traits().noted != Noted::Never);
            taken.map(move |(step, _)| Self::Step(TaskId(task as u8), step))
        });
        let clients = || system.clients.iter().enumerate().map(|(id, plan)| (ClientId(id as u8), plan));
        let timers = clients()
            .flat_map(|(id, plan)| plan.numbered_timers().map(move |(timer, _)| Self::Timer(id, timer)));
        let reactions = clients().flat_map(|(id, plan)| {
            (0..plan.reactions.len()).map(move |on| Self::Reaction(id, ReactionId(on as u8)))
        });
        steps.chain(timers).chain(reactions)
    }

    /// `sse.announce`, `client.page.timer.silence`, `client.page.on.done`, `policy.poll.completed`: as a scenario
    /// file calls it.
    pub fn name(self, system: &System) -> String {
        let client = |id: ClientId| &system.clients[usize::from(id.0)];
        match self {
            Self::Step(task, step) => system.step_name(task, step),
            Self::Timer(id, timer) => {
                format!("client.{}.timer.{}", client(id).name, client(id).timers[usize::from(timer.0)].name)
            }
            Self::Reaction(id, reaction) => {
                let event = client(id).reactions[usize::from(reaction.0)].event;
                format!("client.{}.on.{}", client(id).name, system.event_name(event))
            }
            Self::Line(policy, status) => {
                let (policy, status) = (usize::from(policy.0), usize::from(status.0));
                format!("policy.{}.{}", system.policies[policy].name, system.statuses[status])
            }
        }
    }
}
