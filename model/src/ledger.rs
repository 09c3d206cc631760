//! The ledger: all invariants together, as a monitor.
//!
//! A driver tells it of single runs, and an explorer asks it of every timing at once.

use std::hash::{Hash, Hasher};

use punctual_sim::{Clocked, Counts, Monitor, Watch};

use crate::books::Books;
use crate::fact::Fact;
use crate::hears::Breach;
use crate::plan::Plan;
use crate::world::World;

/// All invariants of a plan, hearing the facts of a run: its books, and the plan that they are kept by.
#[derive(Debug)]
pub struct Ledger<'p> {
    plan: &'p Plan,
    books: Books,
}

impl<'p> Ledger<'p> {
    /// That of all invariants of `plan`; the bit of each is its place there.
    pub fn new(plan: &'p Plan) -> Self {
        Self { plan, books: plan.books() }
    }

    /// The first breach of each invariant, by its place in the plan.
    pub fn breaches(&self) -> &[Option<Breach>] {
        self.books.breaches()
    }
}

/// Of what an idle cycle notes, invariants count reads.
impl Counts<World> for Clocked<Ledger<'_>> {
    fn passed(&mut self, facts: &[Fact], _: usize, times: u64) {
        let reads = facts.iter().filter(|fact| matches!(fact, Fact::Read(_))).count() as u64;
        self.monitor.books.were_requested(self.monitor.plan, reads * times);
    }
}

/// Ledgers are compared with those of the same plan only.
impl PartialEq for Ledger<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.books == other.books
    }
}

impl Eq for Ledger<'_> {}

impl Hash for Ledger<'_> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.books.hash(hasher);
    }
}

impl Monitor<Fact> for Ledger<'_> {
    #[inline(always)]
    fn noted(&mut self, fact: &Fact, watch: &mut impl Watch) {
        self.books.observe(self.plan, fact, watch);
    }

    fn ended(&mut self, watch: &impl Watch) {
        self.books.end(self.plan, watch);
    }

    fn stopped(&mut self) {
        self.books.stop(self.plan);
    }

    fn broken(&self) -> u64 {
        let broken = self.plan.places().zip(self.books.breaches()).filter(|(_, breach)| breach.is_some());
        broken.fold(0, |bits, (place, _)| bits | place.bit())
    }

    fn forget(&mut self, broken: u64) {
        self.books.forget(broken);
    }
}

impl Clone for Ledger<'_> {
    fn clone(&self) -> Self {
        Self { plan: self.plan, books: self.books.clone() }
    }

    fn clone_from(&mut self, other: &Self) {
        self.books.clone_from(&other.books);
    }
}
