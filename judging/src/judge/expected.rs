//! What a case came to, held against what its scenario expects.

use punctual_model::{OrderId, RuleId};
use punctual_scenarios::{Expected, Outcome};

use super::{Judged, OrderFound, Verdict};
use crate::budget::Cause;
use crate::proof::Proved;

impl Judged<'_> {
    /// Whether the check at `place` came out as the scenario says.
    pub fn as_expected(&self, place: RuleId) -> bool {
        let check = self.prepared.case.check(place);
        match (self.verdicts[place.0], check.expected) {
            (Verdict::Holds, Some(Expected::Holds)) | (Verdict::Violated, Some(Expected::Violated)) => true,
            (Verdict::Holds | Verdict::Violated, None) => true,
            // Where either result will do, none will do as well; where nothing is said, one is asked for.
            // What was interrupted could still have come out as either.
            (Verdict::Unknown, None) => check.stated && !self.cut_short(place),
            (Verdict::Holds | Verdict::Violated | Verdict::Unknown, Some(_)) => false,
        }
    }

    /// Whether the check at `place` is undecided because it was interrupted.
    pub fn cut_short(&self, place: RuleId) -> bool {
        self.limit(place).is_some_and(|(cause, _)| cause == Cause::Interrupted)
    }

    /// Whether the named order at `place` came out as the scenario says.
    pub fn order_as_expected(&self, place: OrderId) -> bool {
        match (&self.orders[place.0], &self.prepared.case.interleaving(place).outcome) {
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
        let check = |place: RuleId| self.verdicts[place.0] == Verdict::Unknown && !self.as_expected(place);
        self.prepared.case.rules().any(check)
            || self.orders.iter().any(|order| matches!(order, OrderFound::NotFound { .. }))
            || !self.states_as_expected() && self.states.is_err()
    }

    /// Whether something was decided, and not as the scenario says.
    pub fn wrong(&self) -> bool {
        let check = |place: RuleId| !self.as_expected(place) && self.verdicts[place.0] != Verdict::Unknown;
        let order = |place: OrderId| {
            !self.order_as_expected(place) && !matches!(self.orders[place.0], OrderFound::NotFound { .. })
        };
        self.prepared.case.rules().any(check)
            || self.prepared.case.orders().any(order)
            || !self.states_as_expected() && self.states.is_ok()
            || self.never_taken.iter().any(|idle| !idle.as_expected)
    }

    /// What kept the check at `place` from being decided, if it is not.
    pub fn limit(&self, place: RuleId) -> Option<(Cause, &str)> {
        match &self.proved[place.0] {
            Proved::Unknown { limit, cause } if self.verdicts[place.0] == Verdict::Unknown => {
                Some((*cause, limit))
            }
            Proved::Unknown { .. } | Proved::Holds { .. } | Proved::Broken { .. } => None,
        }
    }
}
