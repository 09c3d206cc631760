//! Conditions of steps: what an `if` asks, against what the step does.

use punctual_model::{Guard, StatusId, StatusSet, StoreId};
use punctual_sim::{Delay, Span};

use super::Steps;
use crate::form::{ANNOUNCE, At, COMMENT, Kind, Step, Text};
use crate::guard::{self, Condition, IdsForm};
use crate::problem::Problem;
use crate::value::{self, Piece};

impl Steps<'_, '_> {
    /// So many ticks of a clock are a time, and that has its limit.
    fn check_window(&self, store: StoreId, count: u32, text: &Text) {
        let Some(IdsForm::Clock(tick)) = self.stores.get(usize::from(store.0)) else { return };
        if u64::from(count).checked_mul(tick.0).is_none_or(|ticks| Span(ticks) > Span::LONGEST) {
            let title = format!("{count} ticks of a clock of {tick} are too long");
            let problem = Problem::new("P0205", &text.at, title).label("too far back");
            let most = Span::LONGEST.0 / tick.0.max(1);
            self.findings.add(problem.help(format!("the longest is 1000000000s: write at most {most} ids")));
        }
    }

    pub(super) fn guards(&self, kind: Option<&Kind>, step: &At<Step>, name: &str) -> Vec<Guard> {
        let words: Vec<Text> = step.value.how.r#if.iter().flat_map(At::words).collect();
        words.iter().filter_map(|text| self.guard(kind, step, name, text)).collect()
    }

    fn guard(&self, kind: Option<&Kind>, step: &At<Step>, name: &str, text: &Text) -> Option<Guard> {
        let findings = self.findings;
        let belongs = |to: &Kind| {
            if let Some(kind) = kind.filter(|kind| kind.key != to.key) {
                let title = format!("this condition does not belong to a step that says `{}`", kind.key);
                let problem = Problem::new("P0405", &text.at, title).label("does not belong here");
                findings.add(problem.help(format!("it belongs to a step that says `{}`", to.key)));
            }
        };
        let set = |list: &[Piece<'_>]| {
            list.iter().fold(StatusSet::default(), |set, status| {
                // More statuses than a set can hold have been refused.
                set.with(StatusId(self.scope.statuses.find_piece(findings, status) % 32))
            })
        };
        Some(match guard::parse(findings, text)? {
            Condition::Unsent => {
                belongs(&ANNOUNCE);
                Guard::Unsent
            }
            Condition::ChangedTo(list) => Guard::ChangedTo(set(&list)),
            Condition::Is(list, least) => {
                // Named by what it asks, so that all who ask the same are told by one alarm.
                let lasts = least.map(|piece| value::span(findings, &piece));
                Guard::Is(set(&list), lasts.map(|lasts| Delay::fixed(&format!("status for {lasts}"), lasts)))
            }
            Condition::CountAbove => Guard::CountAbove,
            Condition::Resumed => Guard::Resumed,
            Condition::Fresh => Guard::Fresh,
            Condition::NoneWithin(piece) => {
                belongs(&COMMENT);
                Guard::NoneWithin(Delay::fixed(&format!("{name}.within"), value::span(findings, &piece)))
            }
            Condition::NoneWithinIds(count) => {
                belongs(&ANNOUNCE);
                let store = self.store(step.value.how.into.as_ref(), text);
                self.check_window(store, count, text);
                Guard::NoneWithinIds(store, count)
            }
        })
    }
}
