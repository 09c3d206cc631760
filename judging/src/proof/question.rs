//! What is explored: the smallest system of which the same can be said, and it never ends.
//!
//! What no invariant in question can see is left out (`model/src/cone.rs`), since each alarm that stays
//! pending multiplies the classes. A run that is made ends somewhere; what is proved is proved of the
//! system that goes on, so nothing holds only because somebody stopped to look. Where a run is wanted,
//! the system whose runs end is asked too.

use punctual_model::{Ledger, Plan, Rule, System, World, without_events, without_idle_comments};

use crate::sampling::Prepared;

/// What is explored for some of a case's invariants.
pub(crate) struct Question {
    /// The places of the invariants in the case's plan.
    pub(crate) places: Vec<usize>,
    pub(crate) plan: Plan,
    /// The system that goes on.
    pub(crate) world: World,
    /// The system whose runs end, if they do so before nothing is left to happen.
    pub(crate) ending: Option<World>,
    /// Whether nothing was left out of it but comments that change nothing.
    pub(crate) has_everything: bool,
}

impl Question {
    /// The question that takes fewest classes for the invariants at `places`.
    pub(crate) fn new(prepared: &Prepared<'_>, places: Vec<usize>) -> Self {
        let (system, rules) = (&prepared.case.system, prepared.plan.rules());
        let asked: Vec<Rule> = places.iter().map(|&place| rules[place]).collect();
        let server_only = !asked.is_empty() && asked.iter().all(|rule| !rule.invariant().of_clients);
        let cone = without_idle_comments(system, |_, _| false);
        let world = |cone: System| {
            if server_only {
                World::of_server(&without_events(&cone).unwrap_or(cone))
            } else {
                World::new(&cone)
            }
        };
        Self {
            places,
            plan: Plan::new(system, &asked),
            ending: system.ends.map(|_| world(cone.clone())),
            world: world(System { ends: None, ..cone }),
            has_everything: !server_only,
        }
    }

    /// All invariants, asked of all of the system.
    pub(crate) fn unsliced(prepared: &Prepared<'_>) -> Self {
        let system = &prepared.case.system;
        Self {
            places: (0..prepared.plan.rules().len()).collect(),
            plan: prepared.plan.clone(),
            ending: system.ends.map(|_| World::new(system)),
            world: World::new(&System { ends: None, ..system.clone() }),
            has_everything: true,
        }
    }

    /// What is asked about no invariant.
    pub(crate) fn of_everything(prepared: &Prepared<'_>) -> Self {
        Self::new(prepared, Vec::new())
    }

    /// All questions of a case. Counting reads is asked apart from all else, because each count is a state of
    /// its own, and without clients and events, which it does not depend on.
    pub(crate) fn all(prepared: &Prepared<'_>) -> Vec<Self> {
        let rules = prepared.plan.rules();
        let counts = |place: &usize| rules[*place].bound().is_some();
        let (counted, others): (Vec<usize>, Vec<usize>) = (0..rules.len()).partition(counts);
        let asked = [others, counted].into_iter().filter(|places| !places.is_empty());
        asked.map(|places| Self::new(prepared, places)).collect()
    }

    /// The ledger who judges.
    pub(crate) fn ledger(&self) -> Ledger<'_> {
        Ledger::new(&self.plan)
    }
}
