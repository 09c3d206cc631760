//! Job shops: jobs that go from machine to machine, each in its own order; how soon can all be done?
//!
//! As a timed system the shortest schedule is the least delay over every timing and every choice (Abdeddaim
//! and Maler, CAV 2001). By hand it is the best of all orders in which each machine can take its jobs.

use proptest::collection::vec;
use proptest::prelude::*;
use punctual_sim::explore::{self, Goal, Limits, NotFound};
use punctual_sim::{Choice, Cx, Delay, Machine, Monitor, ObserverClock, Span, TraceOf, Watch};

/// By job: its operations in order, each a machine and how long it takes.
type Work = Vec<Vec<(usize, u64)>>;

/// A machine that is free takes one of the jobs that wait for it, or waits for one that is still to come.
struct JobShop {
    takes: Choice,
    work: Vec<Vec<(usize, Delay)>>,
    machines: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Shop {
    /// By job: how many of its operations are done.
    done: Vec<u8>,
    /// The jobs that a machine works on, a bit each.
    works: u16,
}

impl JobShop {
    fn new(work: &Work) -> Self {
        let delays = work.iter().enumerate().map(|(job, operations)| {
            let each = operations.iter().enumerate();
            each.map(|(at, &(machine, takes))| (machine, Delay::fixed(&format!("{job}.{at}"), Span(takes))))
                .collect()
        });
        let machines = work.iter().flatten().map(|(machine, _)| machine + 1).max().unwrap_or(0);
        Self { takes: Choice::chance("takes", 500_000), work: delays.collect(), machines }
    }

    /// The operations of `job` that are not done, from the next one on.
    fn left(&self, shop: &Shop, job: usize) -> &[(usize, Delay)] {
        &self.work[job][usize::from(shop.done[job])..]
    }

    fn assign(&self, shop: &mut Shop, cx: &mut impl Cx<Self>) {
        for machine in 0..self.machines {
            let next = |job: &usize| self.left(shop, *job).first().is_some_and(|next| next.0 == machine);
            let (busy, waiting): (Vec<usize>, Vec<usize>) =
                (0..self.work.len()).filter(next).partition(|job| shop.works >> job & 1 == 1);
            if !busy.is_empty() || waiting.is_empty() {
                continue;
            }
            let comes = |job: usize| {
                !waiting.contains(&job) && self.left(shop, job).iter().any(|ahead| ahead.0 == machine)
            };
            let may_wait = (0..self.work.len()).any(comes);
            let taken = waiting.iter().enumerate().find(|(at, _)| {
                let last = at + 1 == waiting.len() && !may_wait;
                last || cx.choose(&self.takes) == 1
            });
            if let Some((_, &job)) = taken {
                cx.after(job as u8, &self.left(shop, job)[0].1);
                shop.works |= 1 << job;
            }
        }
    }
}

impl Machine for JobShop {
    type State = Shop;
    /// A job's operation is done.
    type Event = u8;
    type Effect = ();
    /// Whether all is done; at the beginning it is not.
    type Fact = bool;

    fn start(&self, cx: &mut impl Cx<Self>) -> Shop {
        cx.note(false);
        let mut shop = Shop { done: vec![0; self.work.len()], works: 0 };
        self.assign(&mut shop, cx);
        shop
    }

    fn step(&self, shop: &mut Shop, job: u8, cx: &mut impl Cx<Self>) {
        shop.works &= !(1 << job);
        shop.done[usize::from(job)] += 1;
        if (0..self.work.len()).all(|job| self.left(shop, job).is_empty()) {
            cx.note(true);
        }
        self.assign(shop, cx);
    }
}

/// Measures the time from the beginning until all is done.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Makespan;

impl Monitor<bool> for Makespan {
    fn noted(&mut self, done: &bool, watch: &mut impl Watch) {
        if *done { watch.measure(ObserverClock(0)) } else { watch.start(ObserverClock(0), Span::NEVER) }
    }

    fn ended(&mut self, _: &impl Watch) {}

    fn broken(&self) -> u64 {
        0
    }

    fn forget(&mut self, _: u64) {}
}

/// All orders of `items`.
fn permutations(items: &[usize]) -> Vec<Vec<usize>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let each = items.iter().enumerate().flat_map(|(at, &first)| {
        let mut others = items.to_vec();
        others.remove(at);
        permutations(&others).into_iter().map(move |rest| [vec![first], rest].concat())
    });
    each.collect()
}

/// When all is done, if machine after machine takes the jobs in the order given for it, each as soon as
/// it can; `None` if they wait for each other for ever. No machine is asked for twice by one job.
fn makespan(work: &Work, orders: &[Vec<usize>]) -> Option<u64> {
    let mut done = vec![0; work.len()];
    let mut served = vec![0; orders.len()];
    let (mut job_free, mut machine_free) = (vec![0; work.len()], vec![0; orders.len()]);
    while done.iter().zip(work).any(|(done, job)| *done < job.len()) {
        let ready = (0..work.len()).find(|&job| {
            let next = work[job].get(done[job]);
            next.is_some_and(|&(machine, _)| orders[machine].get(served[machine]) == Some(&job))
        })?;
        let (machine, takes) = work[ready][done[ready]];
        let end = takes + std::cmp::max::<u64>(job_free[ready], machine_free[machine]);
        (job_free[ready], machine_free[machine]) = (end, end);
        served[machine] += 1;
        done[ready] += 1;
    }
    job_free.into_iter().max()
}

/// The least makespan over all orders on all machines.
fn best(work: &Work) -> u64 {
    let machines = work.iter().flatten().map(|(machine, _)| machine + 1).max().unwrap_or(0);
    let mut all = vec![Vec::new()];
    for machine in 0..machines {
        let asks = |job: &usize| work[*job].iter().any(|operation| operation.0 == machine);
        let jobs: Vec<usize> = (0..work.len()).filter(asks).collect();
        let orders = permutations(&jobs);
        all = all
            .iter()
            .flat_map(|so_far| orders.iter().map(|order| [so_far.clone(), vec![order.clone()]].concat()))
            .collect();
    }
    all.iter().filter_map(|orders| makespan(work, orders)).min().expect("some order works")
}

fn run_to(shop: &JobShop, goal: Goal) -> Result<TraceOf<JobShop>, NotFound> {
    let run = explore::find(shop, &Makespan, goal, Limits::default())?.trace;
    assert_eq!(run.check(shop), Ok(()));
    Ok(run)
}

/// The least makespan by exploring; a run has it, and none is shorter.
fn explored(work: &Work) -> u64 {
    let shop = JobShop::new(work);
    let found = explore::every_timing(&shop, &Makespan, Limits::default());
    assert_eq!(found.limit, None);
    let least = found.delays[&ObserverClock(0)].0;
    assert!(run_to(&shop, Goal::AtMost(ObserverClock(0), least)).is_ok());
    assert_eq!(run_to(&shop, Goal::AtMost(ObserverClock(0), Span(least.0 - 1))), Err(NotFound::None));
    least.0
}

#[test]
fn the_shortest_schedule_of_a_job_shop_is_the_least_delay() {
    // The shop of the OR-Tools handbook, whose best schedule takes 11.
    let three = vec![vec![(0, 3), (1, 2), (2, 2)], vec![(0, 2), (2, 1), (1, 4)], vec![(1, 4), (2, 3)]];
    assert_eq!((best(&three), explored(&three)), (11, 11));
    let two = vec![vec![(0, 30), (1, 20), (2, 50)], vec![(1, 40), (0, 10), (2, 20)]];
    assert_eq!(explored(&two), best(&two));
}

/// Three or four jobs that each visit three machines, in any order.
fn shop() -> impl Strategy<Value = Work> {
    let job = (Just(vec![0, 1, 2]).prop_shuffle(), vec(1..20_u64, 3));
    let job = job.prop_map(|(machines, takes)| machines.into_iter().zip(takes).collect());
    vec(job, 3..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_jobs_on_three_machines_is_shorter_than_the_least_delay(work in shop()) {
        prop_assert_eq!(explored(&work), best(&work));
    }
}
