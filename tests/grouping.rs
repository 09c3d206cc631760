//! Cells of a sweep that are judged together: what each comes to is what it comes to by itself, in whatever group,
//! whatever fails in it, and wherever it is stopped.

mod common;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use common::embedded;
use punctual::budget::{Budget, Host};
use punctual::scenarios::{Axis, Scenario};
use punctual::sim::Sums;
use punctual::sweep::{Now, Plan};
use punctual_reports::sweep::Cell;

/// A host that is interrupted, or fails, when it has been asked so many times.
#[derive(Debug, Default)]
struct Fickle {
    asked: AtomicU64,
    interrupted_at: Option<u64>,
    fails_at: Option<u64>,
}

impl Host for Fickle {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn interrupted(&self) -> bool {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        assert_ne!(Some(asked), self.fails_at, "it fails");
        self.interrupted_at.is_some_and(|at| asked >= at)
    }
}

/// Four polling intervals, two timers, a publication of which one value is less than its least, and two limits.
const VARY: [&str; 4] = [
    "policy.poll.completed=500ms,1s,2s,3s",
    "client.timeout=1s,2s",
    "task.voiceover.publish.takes.max=50ms,500us,200ms",
    "limits.delivered-within=500ms,2s",
];

fn scenario() -> Scenario {
    Scenario::parse("audio-as-documented", embedded("audio-as-documented")).expect("it is sound")
}

fn plan<'a>(scenario: &'a Scenario, vary: &[&str], host: &'a dyn Host, sums: &'a Sums) -> Plan<'a> {
    let axis = |text: &&str| Axis::parse(scenario, "counter-ids", text).expect("a dimension");
    Plan {
        scenario,
        variant: "counter-ids",
        axes: vary.iter().map(axis).collect(),
        pasted: (Vec::new(), Vec::new()),
        keep: vec!["no-event-lost".to_owned()],
        seed: 3,
        runs: 700,
        until_width: None,
        explore: None,
        budget: Budget { host, ..Budget::of(1_000) },
        sums,
    }
}

fn together(plan: &Plan<'_>, now: &Now, group: &[u64]) -> BTreeMap<u64, Cell> {
    let mut all = BTreeMap::new();
    let _ = plan.cells(now, group, &mut |cell| {
        assert!(all.insert(cell.cell, cell).is_none(), "each is told once");
        ControlFlow::Continue(())
    });
    all
}

fn alone(plan: &Plan<'_>, now: &Now) -> BTreeMap<u64, Cell> {
    (0..plan.count().expect("they can be counted")).flat_map(|cell| together(plan, now, &[cell])).collect()
}

#[test]
fn a_cell_is_the_same_in_any_group() {
    let (scenario, host, sums) = (scenario(), Fickle::default(), Sums::default());
    let mut plan = plan(&scenario, &VARY, &host, &sums);
    for until_width in [None, Some(0.03)] {
        if until_width.is_some() {
            plan.runs = 6_000;
        }
        plan.until_width = until_width;
        let now = plan.now().expect("it can be judged");
        let alone = alone(&plan, &now);
        assert_eq!(alone.len(), 48);
        assert_eq!(alone.values().filter(|cell| cell.failed.is_some()).count(), 16);
        let mut runs: Vec<u64> = alone.values().map(|cell| cell.runs).collect();
        runs.sort_unstable();
        runs.dedup();
        assert_eq!(runs.len() > 2, until_width.is_some(), "cells are done at different times: {runs:?}");
        let all: Vec<u64> = (0..48).collect();
        assert_eq!(together(&plan, &now, &all), alone);
        let every = |step, first| all.iter().copied().skip(first).step_by(step).collect();
        let mut groups: Vec<Vec<u64>> =
            [(2, 0), (2, 1), (3, 2), (5, 0), (6, 1), (7, 3)].map(|(step, first)| every(step, first)).into();
        // Those of two timers and two limits only, which is all that is asked for late.
        groups.push(vec![1, 0, 7, 6]);
        for mut group in groups {
            for _ in 0..2 {
                for (number, cell) in together(&plan, &now, &group) {
                    assert_eq!(cell, alone[&number], "in {group:?}");
                }
                // Which of them comes first is nothing to any of them.
                group.reverse();
            }
        }
    }
}

#[test]
fn what_fails_in_a_group_is_told_of_the_cell_that_does() {
    let (scenario, host, sums) = (scenario(), Fickle::default(), Sums::default());
    let group: Vec<u64> = (0..48).collect();
    let (now, alone) = {
        let plan = plan(&scenario, &VARY, &host, &sums);
        let now = plan.now().expect("it can be judged");
        let alone = alone(&plan, &now);
        (now, alone)
    };
    let calm = Fickle::default();
    together(&plan(&scenario, &VARY, &calm, &sums), &now, &group);
    let asked = calm.asked.load(Ordering::Relaxed);
    for at in [0, 1, 300, 699, 700, 701, asked - 2] {
        // Once it panics; then each is judged by itself, and nothing is left out.
        let host = Fickle { fails_at: Some(at), ..Fickle::default() };
        assert_eq!(
            together(&plan(&scenario, &VARY, &host, &sums), &now, &group),
            alone,
            "at {at} of {asked}"
        );
        // What is interrupted is not told, and what is told is whole.
        let host = Fickle { interrupted_at: Some(at), ..Fickle::default() };
        for (number, cell) in together(&plan(&scenario, &VARY, &host, &sums), &now, &group) {
            assert_eq!(cell, alone[&number], "interrupted at {at} of {asked}");
        }
    }
    // A cell that panics by itself is a cell that failed, unless nobody waits for it.
    let host = Fickle { fails_at: Some(5), ..Fickle::default() };
    let cells = together(&plan(&scenario, &VARY, &host, &sums), &now, &[0]);
    assert!(cells[&0].failed.as_deref().is_some_and(|why| why.starts_with("a bug in punctual")), "{cells:?}");
    let host = Fickle { fails_at: Some(5), interrupted_at: Some(6), ..Fickle::default() };
    assert_eq!(together(&plan(&scenario, &VARY, &host, &sums), &now, &[0]), BTreeMap::new());
}

#[test]
fn who_does_not_want_more_hears_no_more() {
    let (scenario, host, sums) = (scenario(), Fickle::default(), Sums::default());
    let plan = plan(&scenario, &VARY[..2], &host, &sums);
    let now = plan.now().expect("it can be judged");
    let mut heard = 0;
    let flow = plan.cells(&now, &[0, 1, 2, 3], &mut |_| {
        heard += 1;
        if heard == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((heard, flow), (2, ControlFlow::Break(())));
}

#[test]
fn a_cell_that_never_ends_holds_nobody_up() {
    let text = embedded("audio-reference")
        .replace("takes = \"1ms..3ms\"", "takes = \"0us..0us\"")
        .replace("takes = \"2ms..15ms\"", "takes = \"0us..0us\"");
    let scenario = Scenario::parse("audio-reference", &text).expect("it is sound");
    let (host, sums) = (Fickle::default(), Sums::default());
    let mut plan = plan(&scenario, &[], &host, &sums);
    plan.variant = "base";
    plan.axes =
        vec![Axis::parse(&scenario, "base", "policy.poll.completed=2s,0us,1us,1s").expect("a dimension")];
    let now = plan.now().expect("it can be judged");
    let cells = together(&plan, &now, &[0, 1, 2, 3]);
    for number in [0, 3] {
        assert_eq!((cells[&number].failed.as_deref(), cells[&number].runs), (None, 700));
    }
    for number in [1, 2] {
        assert!(cells[&number].failed.is_some(), "{:?}", cells[&number]);
    }
    assert_eq!(cells, alone(&plan, &now));
}

#[test]
fn groups_are_made_along_what_is_asked_for_late_and_have_each_cell_once() {
    let (scenario, host, sums) = (scenario(), Fickle::default(), Sums::default());
    let one_core = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    // Polling in the first state is asked for at once; polling once all is done, and the timer, are not.
    let vary =
        ["policy.poll.pending=500ms,1s,2s", "policy.poll.completed=1s..3s:10", "client.timeout=1s,2s,3s,5s"];
    let plan = plan(&scenario, &vary, &host, &sums);
    for (left, parts, size) in [(120, 1, 15), (40, 3, 5), (30, 4, 3), (3, 40, 1), (1, 1, 1)] {
        let groups = one_core.install(|| plan.groups(left, parts));
        assert_eq!(groups.size, size, "{left} cells, {parts} parts");
        let mut met = Vec::new();
        for number in 0..groups.count() {
            let cells: Vec<u64> = groups.cells(number).collect();
            assert!(size == 1 || cells.iter().all(|cell| cell / 40 == cells[0] / 40), "{cells:?}");
            met.extend(cells);
        }
        met.sort_unstable();
        assert_eq!(met, (0..120).collect::<Vec<_>>());
    }
    // Where nothing is asked for late, or what differs is more than certain delays, each cell is by itself.
    for vary in ["policy.poll.pending=500ms..2s:60", "task.voiceover.publish.takes.max=50ms..200ms:60"] {
        let plan = self::plan(&scenario, &[vary], &host, &sums);
        assert_eq!(one_core.install(|| plan.groups(60, 1)).size, 1, "{vary}");
    }
}
