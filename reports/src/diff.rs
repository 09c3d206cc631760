//! What changed between two results: new, resolved, more or less frequent, slower or faster.
//!
//! A rate has changed if the two 95 % intervals do not touch; where the same scenario was run with the
//! same seed as often, draws are the same ones, and any difference is one. A delay has changed if its
//! exact end has, or, where one of them is not known, if the intervals of the 99th percentiles do not
//! touch. Noise is no change.

pub use crate::changes::{Change, Changes, Kind};
use crate::document::{Check, Delivery, Document, MadeWith, SampledDelay, Scenario, Verdict};
use crate::page::{Block, Cell, Page, Prose, Table, Tone};
use crate::said::AS_WRITTEN;
use crate::text;

impl Changes {
    /// What is other in `now` than in `base`.
    pub fn between(base: &Document, now: &Document) -> Changes {
        let mut changes = Changes {
            baseline: base.made_with.clone(),
            changes: Vec::new(),
            other_scenario: Vec::new(),
            only_now: Vec::new(),
            only_before: Vec::new(),
            ongoing: 0,
        };
        // A name may occur more than once: the first of a name is held against the first, and so on.
        let same = |a: &Scenario, b: &Scenario| (&a.scenario, &a.variant) == (&b.scenario, &b.variant);
        let counterpart =
            |case: &Scenario, at: usize, own: &[Scenario], others: &[Scenario]| -> Option<usize> {
                let number = own[..at].iter().filter(|one| same(one, case)).count();
                (0..others.len()).filter(|&other| same(&others[other], case)).nth(number)
            };
        for (at, case) in now.scenarios.iter().enumerate() {
            match counterpart(case, at, &now.scenarios, &base.scenarios) {
                Some(before) => {
                    let before = &base.scenarios[before];
                    if before.digest != case.digest {
                        changes.other_scenario.push(name(case));
                    }
                    let made = |with: &MadeWith| (with.version.clone(), with.seed.clone(), with.runs_each);
                    let alike = before.digest == case.digest && made(&base.made_with) == made(&now.made_with);
                    changes.case(before, case, if alike { Numbers::Common } else { Numbers::Independent });
                }
                None => {
                    changes.only_now.push(name(case));
                    for check in case.checks.iter().filter(|check| !check.as_expected) {
                        changes.add(case, &check.invariant, Kind::New, true, "not checked", &verdict(check));
                    }
                }
            }
        }
        for (at, case) in base.scenarios.iter().enumerate() {
            if counterpart(case, at, &base.scenarios, &now.scenarios).is_none() {
                changes.only_before.push(name(case));
            }
        }
        changes.changes.sort_by_key(|change| (!change.worse, change.kind));
        changes
    }

    /// Whether anything got worse.
    pub fn is_worse(&self) -> bool {
        self.changes.iter().any(|change| change.worse)
    }

    fn add(&mut self, case: &Scenario, about: &str, kind: Kind, worse: bool, before: &str, after: &str) {
        self.changes.push(Change {
            kind,
            worse,
            scenario: case.scenario.clone(),
            variant: case.variant.clone(),
            about: about.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        });
    }

    fn case(&mut self, before: &Scenario, now: &Scenario, numbers: Numbers) {
        for check in &now.checks {
            let Some(old) = before.checks.iter().find(|old| old.invariant == check.invariant) else {
                if !check.as_expected {
                    self.add(now, &check.invariant, Kind::New, true, "not checked", &verdict(check));
                }
                continue;
            };
            match change(old, check, numbers) {
                Some((kind, worse)) => {
                    self.add(now, &check.invariant, kind, worse, &verdict(old), &verdict(check));
                }
                None => self.ongoing += u64::from(check.verdict == Verdict::Violated),
            }
        }
        for order in &now.interleavings {
            let old = before.interleavings.iter().find(|old| old.interleaving == order.interleaving);
            if old.is_none() && !order.as_expected {
                let said = crate::said::interleaving(order);
                self.add(now, &order.interleaving, Kind::New, true, "not checked", &said);
            }
            let Some(old) = old.filter(|old| old.as_expected != order.as_expected) else { continue };
            let (kind, worse) = if order.as_expected { (Kind::Resolved, false) } else { (Kind::New, true) };
            let said = |order| crate::said::interleaving(order);
            self.add(now, &order.interleaving, kind, worse, &said(old), &said(order));
        }
        self.gone(before, now);
        for delivery in &now.deliveries {
            let same = |old: &&Delivery| (&old.event, &old.client) == (&delivery.event, &delivery.client);
            let Some(old) = before.deliveries.iter().find(same) else { continue };
            let about = format!("{} at {}", delivery.event, delivery.client);
            let arrives = |one: &Delivery| one.sampled_us.is_some() || one.exact_us.is_some();
            if arrives(old) && !arrives(delivery) {
                self.add(now, &about, Kind::NeverArrives, true, "arrives", "never");
            } else if numbers == Numbers::Common && delivery.undelivered_runs != old.undelivered_runs {
                let more = delivery.undelivered_runs > old.undelivered_runs;
                let said =
                    |one: &Delivery| format!("missing in {}", text::count(one.undelivered_runs, "run"));
                let kind = if more { Kind::MoreFrequent } else { Kind::Rarer };
                self.add(now, &about, kind, more, &said(old), &said(delivery));
            }
            if let Some((slower, was, is)) = delay(old, delivery) {
                self.add(now, &about, if slower { Kind::Slower } else { Kind::Faster }, slower, &was, &is);
            }
        }
    }

    /// What was looked at before and is not now: nobody would miss it otherwise.
    fn gone(&mut self, before: &Scenario, now: &Scenario) {
        for old in &before.checks {
            if !now.checks.iter().any(|check| check.invariant == old.invariant) {
                self.add(now, &old.invariant, Kind::NoLongerChecked, true, &verdict(old), "not checked");
            }
        }
        for old in &before.interleavings {
            if !now.interleavings.iter().any(|order| order.interleaving == old.interleaving) {
                let said = crate::said::interleaving(old);
                self.add(now, &old.interleaving, Kind::NoLongerChecked, true, &said, "not checked");
            }
        }
        for old in &before.deliveries {
            if !now.deliveries.iter().any(|one| (&one.event, &one.client) == (&old.event, &old.client)) {
                let about = format!("{} at {}", old.event, old.client);
                self.add(now, &about, Kind::NoLongerChecked, true, "delivered", "not published");
            }
        }
    }

    /// The report of it.
    pub fn page(&self) -> Page {
        let worse = self.changes.iter().filter(|change| change.worse).count() as u64;
        let all = text::count(self.changes.len() as u64, "change");
        let verdict = match (self.changes.len(), worse) {
            (0, _) => "nothing changed".to_owned(),
            (_, 0) => format!("{all}, none for the worse"),
            _ => format!("{all}, {} for the worse", text::grouped(worse)),
        };
        Page {
            title: "What changed".into(),
            verdict: Prose::plain(verdict),
            tone: if worse > 0 { Tone::Bad } else { Tone::Good },
            commands: Vec::new(),
            blocks: self.blocks(),
            data: Vec::new(),
        }
    }

    /// What there is to say of it, without a heading.
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let base = &self.baseline;
        let mut facts = vec![(
            "baseline".to_owned(),
            Prose::plain(format!(
                "punctual {}, seed {}, {} of each case",
                base.version,
                base.seed,
                text::count(base.runs_each, "run")
            )),
        )];
        let mut some = |what: &str, cases: &[String]| {
            if !cases.is_empty() {
                let (shown, more) = cases.split_at(cases.len().min(12));
                let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
                facts.push((what.to_owned(), Prose::plain(format!("{}{more}", shown.join(", ")))));
            }
        };
        some("another scenario", &self.other_scenario);
        some("only now", &self.only_now);
        some("only in the baseline", &self.only_before);
        facts.push((
            "ongoing".to_owned(),
            Prose::plain(format!("{} broken in both, about as often", text::count(self.ongoing, "check"))),
        ));
        if !self.changes.is_empty() {
            let mut table = Table::new("what changed", ["change", "of", "case", "before", "now"]);
            for change in &self.changes {
                let tone = if change.worse { Tone::Bad } else { Tone::Good };
                let variant = change.variant.as_deref().unwrap_or(AS_WRITTEN);
                table.rows.push(vec![
                    Cell::of(tone, change.kind.word()),
                    Cell::plain(&change.about),
                    Cell::plain(format!("{} {variant}", change.scenario)),
                    Cell::plain(&change.before),
                    Cell::plain(&change.after),
                ]);
            }
            blocks.push(Block::Table(table));
        }
        blocks.push(Block::Facts(facts));
        blocks
    }
}

/// The random numbers with which the runs of two results were made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    /// Common random numbers: run by run the same draws, so a count that differs is a difference.
    Common,
    /// Others: a difference is one only if intervals do not touch.
    Independent,
}

fn name(case: &Scenario) -> String {
    format!("{} {}", case.scenario, case.variant.as_deref().unwrap_or(AS_WRITTEN))
}

/// The verdict on a check in its shortest form.
fn verdict(check: &Check) -> String {
    crate::said::cell(check).1
}

/// How a check has changed, and whether for the worse.
fn change(old: &Check, now: &Check, numbers: Numbers) -> Option<(Kind, bool)> {
    use crate::document::Evidence::EveryTiming;
    match (old.verdict, now.verdict) {
        (Verdict::Holds | Verdict::Unknown, Verdict::Violated) => Some((Kind::New, true)),
        (Verdict::Violated, Verdict::Holds) => Some((Kind::Resolved, false)),
        (Verdict::Holds | Verdict::Violated, Verdict::Unknown) => Some((Kind::Undecided, true)),
        (Verdict::Holds, Verdict::Holds) => {
            let proved = |check: &Check| matches!(check.evidence, EveryTiming { .. });
            (proved(old) && !proved(now)).then_some((Kind::NoLongerProved, false))
        }
        (Verdict::Violated, Verdict::Violated) => {
            let (old, now) = old.sampled.as_ref().zip(now.sampled.as_ref())?;
            let (more, fewer) = match numbers {
                Numbers::Common => (now.violations > old.violations, now.violations < old.violations),
                Numbers::Independent => (now.rate[0] > old.rate[1], now.rate[1] < old.rate[0]),
            };
            more.then_some((Kind::MoreFrequent, true)).or(fewer.then_some((Kind::Rarer, false)))
        }
        (Verdict::Unknown, Verdict::Holds | Verdict::Unknown) => None,
    }
}

/// Whether a delay has grown, what it was and what it is; nothing if it is about the same.
fn delay(old: &Delivery, now: &Delivery) -> Option<(bool, String, String)> {
    if let Some((old, now)) = old.exact_us.as_ref().zip(now.exact_us.as_ref()) {
        let end = |max: Option<u64>| {
            max.map_or("no end".to_owned(), |max| format!("at most {}", text::exactly(max)))
        };
        let (was, is) = (old.max.unwrap_or(u64::MAX), now.max.unwrap_or(u64::MAX));
        return (was != is).then(|| (is > was, end(old.max), end(now.max)));
    }
    let (old, now) = old.sampled_us.as_ref().zip(now.sampled_us.as_ref())?;
    // A result of a version that kept no intervals says nothing of them.
    let is_kept = |one: &SampledDelay| one.p99_interval != (0, 0) || one.p99 == 0;
    if !is_kept(old) || !is_kept(now) {
        return None;
    }
    let (slower, faster) = (now.p99_interval.0 > old.p99_interval.1, now.p99_interval.1 < old.p99_interval.0);
    let said = |us| format!("{} at 99 %", text::duration(us));
    (slower || faster).then(|| (slower, said(old.p99), said(now.p99)))
}
