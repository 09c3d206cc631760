//! Timed systems from textbooks, with the verdicts that are published of them.

mod fischer;

use fischer::{Event, Fact, Fischer};
use punctual_sim::explore::{self, Goal, Limits, NotFound};
use punctual_sim::{Choice, Cx, Delay, Invariant, Machine, Monitor, Span, Watch};

#[test]
fn fischers_protocol_keeps_others_out_if_everybody_waits_longer_than_writing_takes() {
    let exclusion = Fischer::exclusion();
    // An independent checker of timed automata stores as many zones of this protocol.
    for (processes, zones) in [(3, 65), (4, 220), (5, 727), (6, 2_378)] {
        let found =
            explore::every_timing(&Fischer::new(processes, 10, 11), &exclusion.watcher(), Limits::default());
        assert_eq!((found.broken, found.limit, found.classes), (0, None, zones), "{processes} processes");
    }
}

#[test]
fn without_the_longer_wait_two_get_in_and_at_equality_only_by_a_tie() {
    let exclusion = Fischer::exclusion();
    for processes in 2..=4 {
        for wait in [5, 10] {
            let fischer = Fischer::new(processes, 10, wait);
            let goal = Goal::Breaks(1);
            let run =
                explore::find(&fischer, &exclusion.watcher(), goal, Limits::default()).expect("a run").trace;
            assert_eq!(run.check(&fischer), Ok(()));
            let at = |nth: usize, is: fn(&Event) -> bool| {
                let happens = run.steps.iter().filter(|step| step.event.as_ref().is_some_and(is));
                happens.map(|step| step.at).nth(nth).expect("it happens")
            };
            let first_look = at(0, |event| matches!(event, Event::Looks(_)));
            let second_write = at(1, |event| matches!(event, Event::Writes(_)));
            // The one who gets in first looked before the other wrote; without slack, at that instant.
            let gap = second_write.since(first_look);
            assert_eq!(gap == Span::ZERO, wait == 10, "waits {wait}, gap {gap}");
        }
    }
}

#[test]
fn everybody_gets_in_at_some_time_and_nobody_has_to() {
    let enters = Invariant::eventually("enters", |fact: &Fact| *fact == Fact::Entered(1));
    let found = explore::every_timing(&Fischer::new(2, 10, 11), &enters.watcher(), Limits::default());
    assert!(found.endless.is_some(), "the protocol never ends");
    let never = Invariant::never("stays-out", |fact: &Fact| *fact == Fact::Entered(1));
    assert_eq!(
        explore::every_timing(&Fischer::new(2, 10, 11), &never.watcher(), Limits::default()).broken,
        1
    );
}

/// A gate that closes when a train comes near: it takes 1 to 2 min down; the train is there after 3
/// to 5 min, if the gate is told at once, or `late` minutes later.
struct Crossing {
    comes: Delay,
    tells: Delay,
    closes: Delay,
    arrives: Delay,
    passes: Delay,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Rail {
    Near,
    Told,
    Closed,
    There,
    Gone,
}

impl Machine for Crossing {
    /// Whether the gate is closed.
    type State = bool;
    type Event = Rail;
    type Effect = ();
    /// Whether the gate was closed when a train was there.
    type Fact = bool;

    fn start(&self, cx: &mut impl Cx<Self>) -> bool {
        cx.after(Rail::Near, &self.comes);
        false
    }

    fn step(&self, closed: &mut bool, event: Rail, cx: &mut impl Cx<Self>) {
        match event {
            Rail::Near => {
                cx.after(Rail::Told, &self.tells);
                cx.after(Rail::There, &self.arrives);
            }
            Rail::Told => cx.after(Rail::Closed, &self.closes),
            Rail::Closed => *closed = true,
            Rail::There => {
                cx.note(*closed);
                cx.after(Rail::Gone, &self.passes);
            }
            Rail::Gone => {
                *closed = false;
                cx.after(Rail::Near, &self.comes);
            }
        }
    }
}

#[test]
fn a_gate_is_closed_before_the_train_up_to_the_last_microsecond() {
    let minutes = |n: u64| Span::secs(60 * n);
    let crossing = |late: Span| Crossing {
        comes: Delay::at_least("comes", minutes(10), minutes(10)),
        tells: Delay::fixed("tells", late),
        closes: Delay::uniform("closes", minutes(1), minutes(2)),
        arrives: Delay::uniform("arrives", minutes(3), minutes(5)),
        passes: Delay::uniform("passes", minutes(1), minutes(1)),
    };
    let closed = Invariant::never("open-gate", |closed: &bool| !closed);
    let broken =
        |late: Span| explore::every_timing(&crossing(late), &closed.watcher(), Limits::default()).broken;
    // Told 1 min late it may close in the instant of the arrival, and after it.
    assert_eq!(broken(Span(minutes(1).0 - 1)), 0);
    assert_eq!(broken(minutes(1)), 1);
    let found = explore::find(&crossing(minutes(1)), &closed.watcher(), Goal::Breaks(1), Limits::default());
    assert!(found.is_ok());
}

/// Two jobs on three machines, one operation after the other; which job goes first on a machine that
/// both want is a choice. The shortest time to finish both is what scheduling looks for.
struct JobShop {
    first: Choice,
    work: Vec<Vec<(usize, Delay)>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Shop {
    /// By job: the operation that it is at.
    at: [usize; 2],
    /// By machine: the job that it works on, and the one that waits.
    busy: [Option<u8>; 3],
    waits: [Option<u8>; 3],
}

impl JobShop {
    fn ask(&self, shop: &mut Shop, job: u8, cx: &mut impl Cx<Self>) {
        let at = shop.at[usize::from(job)];
        let Some((machine, delay)) = self.work[usize::from(job)].get(at) else {
            if shop.at.iter().zip(&self.work).all(|(at, work)| *at == work.len()) {
                cx.note(true);
            }
            return;
        };
        if shop.busy[*machine].is_some() {
            shop.waits[*machine] = Some(job);
            return;
        }
        // It may be better to leave a machine to the other job, which has not come yet.
        let other = 1 - job;
        let comes =
            self.work[usize::from(other)][shop.at[usize::from(other)]..].iter().any(|(m, _)| m == machine);
        if comes && shop.waits[*machine].is_none() && cx.choose(&self.first) == 1 {
            shop.waits[*machine] = Some(job);
            return;
        }
        shop.busy[*machine] = Some(job);
        cx.after(job, delay);
    }
}

impl Machine for JobShop {
    type State = Shop;
    type Event = u8;
    type Effect = ();
    /// Whether all is done; at the beginning it is not.
    type Fact = bool;

    fn start(&self, cx: &mut impl Cx<Self>) -> Shop {
        cx.note(false);
        let mut shop = Shop { at: [0; 2], busy: [None; 3], waits: [None; 3] };
        for job in 0..2 {
            self.ask(&mut shop, job, cx);
        }
        shop
    }

    fn step(&self, shop: &mut Shop, job: u8, cx: &mut impl Cx<Self>) {
        let (machine, _) = self.work[usize::from(job)][shop.at[usize::from(job)]];
        shop.busy[machine] = None;
        shop.at[usize::from(job)] += 1;
        if let Some(waiting) = shop.waits[machine].take() {
            self.ask(shop, waiting, cx);
        }
        self.ask(shop, job, cx);
    }
}

/// Measures the time from the beginning until all is done.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Makespan;

impl Monitor<bool> for Makespan {
    fn noted(&mut self, done: &bool, watch: &mut impl Watch) {
        if *done { watch.measure(0) } else { watch.mark(0, Span::NEVER) }
    }
    fn ended(&mut self, _: &impl Watch) {}
    fn broken(&self) -> u64 {
        0
    }
    fn forget(&mut self, _: u64) {}
}

/// The makespan if each machine takes the jobs in the given order, by the longest path; `None` if the
/// orders wait for each other for ever.
fn makespan(work: &[Vec<(usize, u64)>], first_on: [usize; 3]) -> Option<u64> {
    let (mut at, mut free) = ([0; 2], [0_u64; 2]);
    let (mut machine_free, mut served) = ([0_u64; 3], [0; 3]);
    while at[0] < work[0].len() || at[1] < work[1].len() {
        let may = |job: usize| {
            let &(machine, _) = work[job].get(at[job])?;
            let shared = work[1 - job].iter().any(|(m, _)| *m == machine);
            let turn = !shared || served[machine] > 0 || first_on[machine] == job;
            turn.then_some(machine)
        };
        let job = (0..2).find(|&job| may(job).is_some())?;
        let (machine, takes) = work[job][at[job]];
        let end = free[job].max(machine_free[machine]) + takes;
        (free[job], machine_free[machine]) = (end, end);
        served[machine] += 1;
        at[job] += 1;
    }
    free.into_iter().max()
}

#[test]
fn the_shortest_schedule_of_a_job_shop_is_the_least_delay() {
    let work = vec![vec![(0, 30), (1, 20), (2, 50)], vec![(1, 40), (0, 10), (2, 20)]];
    let best = (0..8)
        .filter_map(|bits: usize| makespan(&work, [bits & 1, bits >> 1 & 1, bits >> 2 & 1]))
        .min()
        .expect("some order works");
    let delays = |job: usize, work: &[(usize, u64)]| {
        let each = work.iter().enumerate();
        each.map(|(at, &(machine, takes))| (machine, Delay::fixed(&format!("{job}.{at}"), Span(takes))))
            .collect()
    };
    let shop = JobShop {
        first: Choice::chance("leaves-it-to-the-other", 500_000),
        work: work.iter().enumerate().map(|(job, work)| delays(job, work)).collect(),
    };
    let found = explore::every_timing(&shop, &Makespan, Limits::default());
    assert_eq!(found.delays[&0].0, Span(best));
    let shorter = Goal::AtMost(0, Span(best - 1));
    let shorter = explore::find(&shop, &Makespan, shorter, Limits::default());
    assert_eq!(shorter.map(|found| found.gap), Err(NotFound::None));
}
