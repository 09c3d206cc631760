//! The invariants at work where it is known what time it is: the books of a run and a stopwatch.

use punctual_sim::{Counts, Ending, Judge, Observer, Stopwatch, TakesOver, Time};

use crate::books::Books;
use crate::fact::Fact;
use crate::hears::Breach;
use crate::plan::Plan;
use crate::world::World;

/// Books with a watch: judges one run after the other.
#[derive(Clone, Debug)]
pub struct Monitor<'p> {
    plan: &'p Plan,
    books: Books,
    watch: Stopwatch,
    /// The rule whose breach is looked for, by its place; `None` for any.
    wanted: Option<usize>,
}

impl<'p> Monitor<'p> {
    /// A monitor of all invariants of `plan`.
    pub fn new(plan: &'p Plan) -> Self {
        Self { plan, books: plan.books(), watch: Stopwatch::default(), wanted: None }
    }

    /// A monitor that finds a run guilty if it breaks the invariant at `place` in the plan.
    pub fn of(plan: &'p Plan, place: usize) -> Self {
        Self { wanted: Some(place), ..Self::new(plan) }
    }

    /// Forgets the run before.
    pub fn reset(&mut self) {
        self.books.reset();
        self.watch.reset();
    }

    /// The first breach of each invariant, by its place in the plan.
    pub fn breaches(&self) -> &[Option<Breach>] {
        self.books.breaches()
    }
}

impl Observer<World> for Monitor<'_> {
    #[inline(always)]
    fn noted(&mut self, at: Time, fact: &Fact) {
        self.watch.at(at);
        self.books.observe(self.plan, fact, &mut self.watch);
    }

    /// Of a run that had to be stopped nobody knows what it still owed.
    fn ended(&mut self, at: Time, ending: Ending) {
        match ending {
            // In what happens again and again nothing happens that has not happened before.
            Ending::Quiet | Ending::Over | Ending::ForEver(_) => {
                self.watch.at(at);
                self.books.end(self.plan, &self.watch);
            }
            Ending::TooLong => {}
        }
    }
}

impl Counts<World> for Monitor<'_> {
    /// Of what a round notes, invariants count reads.
    fn passed(&mut self, facts: &[Fact], _: usize, times: u64) {
        let reads = facts.iter().filter(|fact| matches!(fact, Fact::Read(_))).count() as u64;
        self.books.were_requested(self.plan, reads * times);
    }
}

impl TakesOver for Monitor<'_> {
    fn take_over(&mut self, other: &Self) {
        self.books.clone_from(&other.books);
        self.watch.take_over(&other.watch);
    }
}

impl Judge<World> for Monitor<'_> {
    fn guilty(&self) -> bool {
        match self.wanted {
            Some(place) => self.breaches()[place].is_some(),
            None => self.breaches().iter().any(Option::is_some),
        }
    }
}
