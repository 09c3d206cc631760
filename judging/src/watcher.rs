//! A monitor that judges stopped runs too, by what they had broken before.
//!
//! Of a run that is stopped at the limit of events nobody knows what it still owed, so the monitor
//! says nothing of its end. A timer that has fired has fired, though: if no commit had failed by
//! then, that is a violation already, whatever would have come later.

use punctual_model::{Breach, ClientId, Explained, Fact, Monitor, Plan, Rule, World};
use punctual_sim::{Counts, Ending, Judge, Observer, TakesOver, Time};

/// Judges one run after the other.
pub struct Watcher<'p> {
    plan: &'p Plan,
    monitor: Monitor<'p>,
    /// The rule whose breach is looked for, by its place; `None` for any.
    wanted: Option<usize>,
    fired: Option<ClientId>,
    faulty: bool,
    /// Filled in when the run is over.
    breaches: Vec<Option<Breach>>,
}

impl<'p> Watcher<'p> {
    /// Of all invariants of `plan`.
    pub fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            monitor: Monitor::new(plan),
            wanted: None,
            fired: None,
            faulty: false,
            breaches: vec![None; plan.rules().len()],
        }
    }

    /// One that finds a run guilty if it breaks the invariant at `place` in the plan.
    pub fn of(plan: &'p Plan, place: usize) -> Self {
        Self { wanted: Some(place), ..Self::new(plan) }
    }

    /// Forgets the run before.
    pub fn reset(&mut self) {
        self.monitor.reset();
        self.fired = None;
        self.faulty = false;
        self.breaches.fill(None);
    }

    /// The first breach of each invariant, by its place in the plan, once the run is over.
    pub fn breaches(&self) -> &[Option<Breach>] {
        &self.breaches
    }
}

impl TakesOver for Watcher<'_> {
    fn take_over(&mut self, other: &Self) {
        self.monitor.take_over(&other.monitor);
        (self.fired, self.faulty) = (other.fired, other.faulty);
        self.breaches.copy_from_slice(&other.breaches);
    }
}

impl Counts<World> for Watcher<'_> {
    fn passed(&mut self, facts: &[Fact], events: usize, times: u64) {
        self.monitor.passed(facts, events, times);
    }
}

impl Observer<World> for Watcher<'_> {
    #[inline(always)]
    fn noted(&mut self, at: Time, fact: &Fact) {
        match *fact {
            Fact::TimedOut(client, _) => drop(self.fired.get_or_insert(client)),
            ref fact => self.faulty |= fact.is_fault(),
        }
        self.monitor.noted(at, fact);
    }

    fn ended(&mut self, at: Time, ending: Ending) {
        self.monitor.ended(at, ending);
        self.breaches.copy_from_slice(self.monitor.breaches());
        if let (Ending::TooLong, Some(client), false) = (ending, self.fired, self.faulty) {
            let places = self.plan.rules().iter().zip(&mut self.breaches);
            let is_broken = |rule: &Rule| rule.invariant().explained == Explained::TimedOut;
            for (_, breach) in places.filter(|(rule, _)| is_broken(rule)) {
                breach.get_or_insert(Breach { what: None, client: Some(client) });
            }
        }
    }
}

impl Judge<World> for Watcher<'_> {
    fn guilty(&self) -> bool {
        match self.wanted {
            Some(place) => self.breaches[place].is_some(),
            None => self.breaches.iter().any(Option::is_some),
        }
    }
}

#[cfg(test)]
mod tests {
    use punctual_model::{Invariant, NodeId, System};

    use super::*;
    use punctual_scenarios::{Scenario, library};

    fn reference() -> System {
        let text = library().into_iter().find(|(name, _)| *name == "audio-reference").expect("it is there").1;
        Scenario::parse("audio-reference", text).expect("it is sound").cases[0].system.clone()
    }

    #[test]
    fn what_is_taken_over_is_what_was_seen() {
        let invariant = Invariant::named("client-never-times-out").expect("it is one");
        let rule = Rule::new(invariant, None).expect("it has no limit");
        let plan = Plan::new(&reference(), &[rule]);
        let fired = Fact::TimedOut(ClientId(0), 0);
        let crashed = Fact::Crashed(NodeId(0));
        // A timer that fired has fired, unless something was faulty.
        for (facts, broken) in [([fired, fired], true), ([crashed, fired], false)] {
            for seen in 0..=facts.len() {
                let (mut first, mut second) = (Watcher::new(&plan), Watcher::new(&plan));
                facts[..seen].iter().for_each(|fact| first.noted(Time(1), fact));
                second.take_over(&first);
                facts[seen..].iter().for_each(|fact| second.noted(Time(1), fact));
                second.ended(Time(2), Ending::TooLong);
                assert_eq!(second.breaches()[0].is_some(), broken, "{facts:?}, {seen}");
            }
        }
    }
}
