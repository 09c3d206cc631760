//! The classes that a search has found: what their discrete states are, and the zones of each.

use std::hash::Hash;

use crate::explore::class::{Discrete, DiscreteId, EnabledSet, UnmarkedId, ZoneClock};
use crate::explore::zones::{ZoneId, Zones};
use crate::interned::Interned;

/// Discrete states and what they are made of, once each.
pub(crate) struct Store<S, J, E> {
    states: Interned<S>,
    monitors: Interned<J>,
    enabled_sets: Interned<EnabledSet<E>>,
    discrete_states: Interned<Discrete>,
    /// States without marks. Whether a limit has passed or a clock has ticked is not decided before it must be, so one
    /// search may find in one discrete state what another finds in another that differs in that.
    unmarked: Interned<Discrete>,
    pub(crate) zones: Zones,
}

impl<S, J, E> Store<S, J, E>
where
    S: Clone + Eq + Hash,
    J: Clone + Eq + Hash,
    E: Copy + Eq + Hash,
{
    pub(crate) fn new() -> Self {
        Self {
            states: Interned::new(),
            monitors: Interned::new(),
            enabled_sets: Interned::new(),
            discrete_states: Interned::new(),
            unmarked: Interned::new(),
            zones: Zones::new(),
        }
    }

    /// The discrete state of what a step led to.
    pub(crate) fn discrete_of(&mut self, state: &S, monitor: &J, enabled: &EnabledSet<E>) -> Discrete {
        Discrete {
            state: self.states.number(state),
            monitor: self.monitors.number(monitor),
            enabled: self.enabled_sets.number(enabled),
        }
    }

    /// The number of a discrete state.
    pub(crate) fn number_of(&mut self, discrete: &Discrete) -> DiscreteId {
        DiscreteId(self.discrete_states.number(discrete))
    }

    /// By discrete state: its state without marks.
    pub(crate) fn all_unmarked(&mut self) -> Vec<UnmarkedId> {
        let mut without = EnabledSet::empty();
        (0..self.discrete_states.len() as u32)
            .map(|number| {
                let discrete = *self.discrete_states.get(number);
                self.enabled_sets.get(discrete.enabled).without_marks(&mut without);
                let enabled = self.enabled_sets.number(&without);
                UnmarkedId(self.unmarked.number(&Discrete { enabled, ..discrete }))
            })
            .collect()
    }

    /// The state without marks of a discrete state, if it was met.
    pub(crate) fn unmarked_of(&self, discrete: Discrete) -> Option<UnmarkedId> {
        let mut without = EnabledSet::empty();
        self.enabled_sets.get(discrete.enabled).without_marks(&mut without);
        let enabled = self.enabled_sets.find(&without)?;
        self.unmarked.find(&Discrete { enabled, ..discrete }).map(UnmarkedId)
    }

    /// Roughly what is kept, in bytes: zones, and what discrete states are made of.
    pub(crate) fn bytes(&self) -> usize {
        self.zones.bytes()
            + self.states.bytes()
            + self.monitors.bytes()
            + self.enabled_sets.bytes()
            + self.discrete_states.bytes()
    }

    fn discrete(&self, zone: ZoneId) -> Discrete {
        *self.discrete_states.get(self.zones.discrete(zone).0)
    }

    pub(crate) fn state(&self, zone: ZoneId) -> &S {
        self.states.get(self.discrete(zone).state)
    }

    pub(crate) fn monitor(&self, zone: ZoneId) -> &J {
        self.monitors.get(self.discrete(zone).monitor)
    }

    pub(crate) fn enabled(&self, zone: ZoneId) -> &EnabledSet<E> {
        self.enabled_sets.get(self.discrete(zone).enabled)
    }

    /// The number of discrete states.
    pub(crate) fn discrete_states(&self) -> usize {
        self.discrete_states.len()
    }

    /// The monitor and the enabled set of a discrete state.
    pub(crate) fn watched(&self, discrete: DiscreteId) -> (&J, &EnabledSet<E>) {
        let discrete = self.discrete_states.get(discrete.0);
        (self.monitors.get(discrete.monitor), self.enabled_sets.get(discrete.enabled))
    }

    /// The clocks of the zones of a discrete state.
    pub(crate) fn clocks_of(&self, discrete: DiscreteId) -> &[ZoneClock<E>] {
        &self.enabled_sets.get(self.discrete_states.get(discrete.0).enabled).clocks
    }
}
