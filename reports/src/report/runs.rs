//! A run that breaks a check, or comes out otherwise than is claimed of an order: why, its picture, and how to see it again.

use super::{Builder, PICTURES, place_of};
use crate::document::{Against, Check, Interleaving, Scenario};
use crate::page::{Block, Prose, Shown};
use crate::said::{self, of_case};
use crate::text;

impl Builder {
    pub(super) fn counterexample(&mut self, case: &Scenario, check: &Check) {
        let found = check.counterexample.as_ref();
        let name = found.map_or_else(|| "undecided".to_owned(), |found| place_of(&found.id));
        let drawn = found.and_then(|found| found.race.as_ref()).filter(|_| self.pictures < PICTURES);
        let said = format!("{} in {}: {}", check.invariant, of_case(case), said::verdict(check));
        self.heading(3, &format!("{name}-why"), &said);
        if let Some(why) = found.and_then(|found| found.why.as_ref()) {
            self.blocks.push(Block::Text(Prose::plain(sentence(why))));
        }
        if let (Some(race), Some(found)) = (drawn, found) {
            self.pictures += 1;
            self.shown.insert(found.id.clone());
            let said = found.why.clone().unwrap_or(said);
            self.blocks.push(Block::Race(Shown { name, race: race.clone(), said }));
        } else if found.is_some_and(|found| found.race.is_some()) {
            let said = format!("The picture is left out: a page has at most {PICTURES}.");
            self.blocks.push(Block::Text(Prose::plain(said)));
        }
        let mut facts: Vec<(String, Prose)> = Vec::new();
        let mut fact = |name: &str, said: Option<String>| {
            facts.extend(said.map(|said| (name.to_owned(), Prose::plain(said))));
        };
        if !check.as_expected {
            fact("wanted", Some(check.wanted.clone()).filter(|wanted| !wanted.is_empty()));
            fact("observed", check.observed.clone());
            fact("margin", check.margin.clone());
        }
        fact("nearest pass", found.and_then(|found| found.nearest.clone()));
        fact("window", found.and_then(|found| found.window.clone()));
        fact("end of runs", check.end_of_runs.clone());
        fact("rate", said::rate(check));
        fact("rests on", Some(said::evidence(check)));
        fact(
            "run",
            found.map(|found| {
                let gap = text::duration(found.smallest_gap_us);
                format!("{}, {}, narrowest gap {gap}", found.id, text::count(found.steps, "event"))
            }),
        );
        fact("saved", found.and_then(|found| found.saved.clone()));
        self.blocks.push(Block::Facts(facts));
        self.blocks.extend(found.and_then(|found| found.replay.clone()).map(Block::Command));
    }

    pub(super) fn against(&mut self, case: &Scenario, order: &Interleaving, found: &Against) {
        let name = place_of(&found.id);
        let said = format!("{} in {}: not as claimed", order.interleaving, of_case(case));
        self.heading(3, &format!("{name}-why"), &said);
        self.blocks.push(Block::Text(Prose::plain(sentence(&found.why))));
        if self.pictures < PICTURES {
            self.pictures += 1;
            self.blocks.push(Block::Race(Shown { name, race: found.race.clone(), said: found.why.clone() }));
        }
        self.blocks.push(Block::Command(found.replay.clone()));
    }
}

/// With a capital and a full stop, unless it begins with a name that is written small.
fn sentence(said: &str) -> String {
    if said.ends_with(['.', '!', '?']) { said.to_owned() } else { format!("{said}.") }
}
