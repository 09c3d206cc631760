//! What a case came to, held against what its scenario expects.

use punctual_scenarios::{Expected, Outcome};

use super::{Judged, OrderFound, Verdict};
use crate::budget::Cause;
use crate::proof::Proved;

impl Judged<'_> {
    /// Whether the check at `place` came out as the scenario says.
    pub fn as_expected(&self, place: usize) -> bool {
        let check = &self.prepared.case.checks[place];
        match (self.verdicts[place], check.expected) {
            (Verdict::Holds, Some(Expected::Holds)) | (Verdict::Violated, Some(Expected::Violated)) => true,
            (Verdict::Holds | Verdict::Violated, None) => true,
            // Where either result will do, none will do as well; where nothing is said, one is asked for.
            // What was interrupted could still have come out as either.
            (Verdict::Unknown, None) => check.stated && !self.cut_short(place),
            (Verdict::Holds | Verdict::Violated | Verdict::Unknown, Some(_)) => false,
        }
    }

    /// Whether the check at `place` is undecided because it was interrupted.
    pub fn cut_short(&self, place: usize) -> bool {
        self.limit(place).is_some_and(|(cause, _)| cause == Cause::Interrupted)
    }

    /// Whether the named order at `place` came out as the scenario says.
    pub fn order_as_expected(&self, place: usize) -> bool {
        match (&self.orders[place], &self.prepared.case.interleavings[place].outcome) {
            (OrderFound::Found { against, .. }, Outcome::Possible { .. }) => against.is_none(),
            (OrderFound::Possible { against }, Outcome::Possible { .. }) => !against,
            (OrderFound::Impossible(_), Outcome::Impossible) => true,
            (OrderFound::Found { .. } | OrderFound::Possible { .. }, Outcome::Impossible)
            | (OrderFound::Impossible(_), Outcome::Possible { .. })
            | (OrderFound::NotFound { .. }, Outcome::Impossible | Outcome::Possible { .. }) => false,
        }
    }

    /// Whether there are as many states as the scenario says; always, where nothing is to be compared.
    pub fn states_as_expected(&self) -> bool {
        self.states_expected.is_none_or(|expected| self.states == Ok(expected))
    }

    /// Whether something is undecided that must be decided.
    pub fn inconclusive(&self) -> bool {
        let check = |place: usize| self.verdicts[place] == Verdict::Unknown && !self.as_expected(place);
        (0..self.verdicts.len()).any(check)
            || self.orders.iter().any(|order| matches!(order, OrderFound::NotFound { .. }))
            || !self.states_as_expected() && self.states.is_err()
    }

    /// Whether something was decided, and not as the scenario says.
    pub fn wrong(&self) -> bool {
        let check = |place: usize| !self.as_expected(place) && self.verdicts[place] != Verdict::Unknown;
        let order = |place: usize| {
            !self.order_as_expected(place) && !matches!(self.orders[place], OrderFound::NotFound { .. })
        };
        (0..self.verdicts.len()).any(check)
            || (0..self.orders.len()).any(order)
            || !self.states_as_expected() && self.states.is_ok()
            || self.never_taken.iter().any(|idle| !idle.as_expected)
    }

    /// What kept the check at `place` from being decided, if it is not.
    pub fn limit(&self, place: usize) -> Option<(Cause, &str)> {
        match &self.proved[place] {
            Proved::Unknown { limit, cause } if self.verdicts[place] == Verdict::Unknown => {
                Some((*cause, limit))
            }
            Proved::Unknown { .. } | Proved::Holds { .. } | Proved::Broken { .. } => None,
        }
    }
}
