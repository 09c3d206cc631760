//! Acceleration: idle cycles, which happen again and again while nothing else can, are passed in one go.
//!
//! What explorers do to zones (Hendriks and Larsen, "Exact acceleration of real-time model checking", ENTCS 65(6),
//! 2002) is done to draws here. A loop that polls for half a minute goes through the same few events a hundred times,
//! and all that differs is how long each took. A machine can say so
//! ([`Machine::idle_cycle`](crate::Machine::idle_cycle)): then whole idle cycles are passed by drawing the time that
//! all of them take together, as long as they are certain to leave everything as it is before anything else is due. The sum of many draws is drawn at once, from its own law, so a run is
//! another one than without acceleration; runs are distributed as before, and where delays are fixed each is
//! the same, event for event.
//!
//! ```text
//!   event ─ delay ─> event ─ delay ─> ... ─ delay ─> event      an idle cycle, and its delays
//!   └────────────────── n idle cycles ──────────────────────┘  ...   next of anything else
//! ```
//!
//! Where all delays of an idle cycle are uniform (or fixed) and not too wide, the law of 2^k idle cycles is a table:
//! of all sums, the share of draws up to each. Else the delays are drawn one by one, in the order and by
//! the addresses that a run without acceleration draws them by, and nothing is different but the time it takes.

use std::sync::{Arc, Mutex, OnceLock};

use crate::chooser::Accelerating;
use crate::delay::Delay;
use crate::law::Law;
use crate::machine::IdleCycle;
use crate::time::Span;

/// The most sums that a table tells apart.
const WIDEST: u64 = 1 << 19;
/// The most idle cycles, as a power of two, that one draw stands for.
const HIGHEST: usize = 8;
/// The most buckets of a table, as a power of two: what a processor keeps at hand.
const BUCKETS: u32 = 10;
/// How many laws are kept at a time.
const KEPT: usize = 8;
/// Keeps accelerated draws apart from others.
const SALT: u32 = 0x85eb_ca6b;

impl<F> IdleCycle<'_, F> {
    /// Empties it, keeping its memory.
    pub(crate) fn clear(&mut self) {
        self.delays.clear();
        self.facts.clear();
    }

    /// How many idle cycles are certain to leave everything as it is, where something else happens after `room`: all
    /// their events come before that, but for the one that the last of them leads back to. That one is pending
    /// by then, as it would be before any idle cycle.
    pub(crate) fn certain(&self, room: u64) -> u64 {
        let greatest = |delay: &&Delay| delay.interval().max.0;
        let (last, others) = self.delays.split_last().expect("an idle cycle has a delay");
        let others = others.iter().map(greatest).fold(0, u64::saturating_add);
        let last = greatest(last);
        match others.saturating_add(last) {
            0 => panic!("time passes in an idle cycle"),
            // Where there is no longest rest, one may be as long as it likes.
            u64::MAX => u64::from(others <= room),
            whole => room.saturating_add(last) / whole,
        }
    }

    /// The shortest time that it takes, in microseconds.
    fn least(&self) -> u64 {
        self.delays.iter().map(|delay| delay.interval().min.0).sum()
    }
}

/// The laws of sums of idle cycles, shared by all runs that meet them. What is kept of them is bounded. A draw is by a
/// guide table and rejection (Devroye, *Non-Uniform Random Variate Generation*, 1986, II.3 and III.2.4).
#[derive(Debug, Default)]
pub struct Sums {
    known: Mutex<Vec<Arc<SumLaw>>>,
}

/// The law of the time that idle cycles take beyond their shortest.
#[derive(Debug)]
struct SumLaw {
    /// The widths of the delays, in microseconds; those that are fixed are left out.
    widths: Vec<u64>,
    /// For 2^k idle cycles, by k: made when it is first asked for.
    levels: Vec<OnceLock<Table>>,
}

/// The law of a sum.
///
/// A draw chooses a bucket of neighbouring sums, and one of them is proposed with equal chances. It is taken
/// with the chance that it has against the likeliest of its bucket, else another is proposed: mostly that
/// is decided by what is known of the whole bucket, so the large table is hardly ever looked at.
#[derive(Debug)]
struct Table {
    /// By sum: its share, against that of the likeliest of its bucket.
    against: Vec<f64>,
    /// By bucket: how many of 2^64 draws choose it or one before it, and how many of the draws that take a sum
    /// of it take any.
    buckets: Vec<(u64, u64)>,
    /// By the upper bits of a draw: the first bucket that it can choose.
    guide: Vec<u16>,
    /// How many bits tell the sums of a bucket apart.
    fine: u32,
}

/// What one thread knows of the idle cycles of one machine.
pub(crate) struct Acceleration<'m, 's, F> {
    sums: &'s Sums,
    /// By the places of its delays: an idle cycle that was met before.
    met: Vec<(Vec<&'m Delay>, Option<Arc<SumLaw>>)>,
    /// What the machine says of an idle cycle.
    pub(crate) idle_cycle: IdleCycle<'m, F>,
}

impl Sums {
    /// The law of idle cycles with these delays, if it is made a table of.
    fn of(&self, delays: &[&Delay]) -> Option<Arc<SumLaw>> {
        let uncertain = delays.iter().filter(|delay| delay.interval().width().0 > 0);
        let mut widths = Vec::new();
        for delay in uncertain {
            if *delay.law() != Law::Uniform {
                return None;
            }
            widths.push(delay.interval().width().0);
        }
        let together = widths.iter().fold(0_u64, |sum, width| sum.saturating_add(*width));
        let highest = (0..=HIGHEST).take_while(|level| together.saturating_mul(1 << level) < WIDEST).count();
        // A single idle cycle is drawn delay by delay, so one level is worth nothing.
        if highest < 2 {
            return None;
        }
        let mut known = self.known.lock().expect("nobody fails while holding it");
        if let Some(law) = known.iter().find(|law| law.widths == widths) {
            return Some(law.clone());
        }
        let levels = (0..highest).map(|_| OnceLock::new()).collect();
        let law = Arc::new(SumLaw { widths, levels });
        if known.len() == KEPT {
            known.remove(0);
        }
        known.push(law.clone());
        Some(law)
    }
}

impl SumLaw {
    /// What `idle_cycles` of them take beyond their shortest, drawn with `bits`.
    #[inline]
    fn draw(&self, mut idle_cycles: u64, mut bits: impl FnMut() -> [u64; 2]) -> u64 {
        let mut sum = 0;
        let top = self.levels.len() - 1;
        while idle_cycles > 0 {
            let level = top.min(idle_cycles.ilog2() as usize);
            sum += self.levels[level].get_or_init(|| self.table(level)).draw(&mut bits);
            idle_cycles -= 1 << level;
        }
        sum
    }

    #[cold]
    fn table(&self, level: usize) -> Table {
        let mut shares = vec![1.0];
        for _ in 0..1_u64 << level {
            for width in &self.widths {
                shares = spread(&shares, *width as usize);
            }
        }
        Table::of(&shares)
    }
}

/// The shares of sums once a further draw, uniform from 0 to `width`, is added.
fn spread(shares: &[f64], width: usize) -> Vec<f64> {
    let count = (width + 1) as f64;
    let mut window = 0.0;
    let sum = |at: usize| {
        window += shares.get(at).copied().unwrap_or(0.0);
        if at > width {
            window -= shares.get(at - width - 1).copied().unwrap_or(0.0);
        }
        (window / count).max(0.0)
    };
    (0..shares.len() + width).map(sum).collect()
}

impl Table {
    fn of(shares: &[f64]) -> Self {
        let fine = (shares.len() as u64).next_power_of_two().ilog2().saturating_sub(BUCKETS);
        let total: f64 = shares.iter().sum();
        let (mut before, mut against, mut buckets) = (0.0, Vec::new(), Vec::new());
        for bucket in shares.chunks(1 << fine) {
            before += bucket.iter().sum::<f64>();
            let (least, most) = bucket
                .iter()
                .fold((f64::MAX, 0.0_f64), |(least, most), share| (least.min(*share), most.max(*share)));
            // What lies beyond the greatest sum of all is never taken.
            let least = if bucket.len() < 1 << fine { 0.0 } else { least };
            against.extend(bucket.iter().map(|share| share / most.max(f64::MIN_POSITIVE)));
            against.resize(against.len().next_multiple_of(1 << fine), 0.0);
            buckets.push((of_draws(before / total), of_draws(least / most.max(f64::MIN_POSITIVE)) >> fine));
        }
        // What is left of rounding goes to the last bucket that has a share.
        let last =
            against.chunks(1 << fine).rposition(|bucket: &[f64]| bucket.iter().any(|share| *share > 0.0));
        buckets[last.expect("all shares together are one")..]
            .iter_mut()
            .for_each(|bucket: &mut (u64, u64)| bucket.0 = u64::MAX);
        let mut at = 0;
        let guide = (0..1_u64 << BUCKETS).map(|upper| {
            while buckets[at].0 < upper << (64 - BUCKETS) {
                at += 1;
            }
            at as u16
        });
        Self { guide: guide.collect(), against, buckets, fine }
    }

    #[inline]
    fn draw(&self, bits: &mut impl FnMut() -> [u64; 2]) -> u64 {
        let [choice, mut proposal] = bits();
        let mut at = usize::from(self.guide[(choice >> (64 - BUCKETS)) as usize]);
        while self.buckets[at].0 < choice {
            at += 1;
        }
        let surely = self.buckets[at].1;
        loop {
            let (share, offset) = (proposal >> self.fine, proposal & ((1 << self.fine) - 1));
            let sum = (at as u64) << self.fine | offset;
            if share < surely || share < of_draws(self.against[sum as usize]) >> self.fine {
                return sum;
            }
            [_, proposal] = bits();
        }
    }
}

/// How many of 2^64 draws a share stands for; the greatest number for 1.
fn of_draws(share: f64) -> u64 {
    (share * 18_446_744_073_709_551_616.0) as u64
}

impl<'s, F> Acceleration<'_, 's, F> {
    pub(crate) fn new(sums: &'s Sums) -> Self {
        Self { sums, met: Vec::new(), idle_cycle: IdleCycle::default() }
    }

    /// How long `idle_cycles` turns of the present idle cycle take, as `chooser` draws them.
    pub(crate) fn draw(&mut self, idle_cycles: u64, chooser: &mut impl Accelerating) -> Span {
        let delays = &self.idle_cycle.delays;
        let same = |known: &[&Delay]| {
            known.len() == delays.len()
                && known.iter().zip(delays).all(|(one, other)| std::ptr::eq(*one, *other))
        };
        let place = self.met.iter().position(|(known, _)| same(known)).unwrap_or_else(|| {
            self.met.push((delays.clone(), self.sums.of(delays)));
            self.met.len() - 1
        });
        if let Some(law) = &self.met[place].1 {
            let key = delays[0].name().key() ^ SALT;
            return Span(
                idle_cycles * self.idle_cycle.least() + law.draw(idle_cycles, || chooser.block(key)),
            );
        }
        let one_by_one = (0..idle_cycles).map(|_| self.draw_one(chooser));
        one_by_one.fold(Span::ZERO, |sum, (acts, rests)| sum + acts + rests)
    }

    /// How long one idle cycle takes until its last event, and how long that one is awaited; drawn delay by delay.
    pub(crate) fn draw_one(&self, chooser: &mut impl Accelerating) -> (Span, Span) {
        let (rest, others) = self.idle_cycle.delays.split_last().expect("an idle cycle has a delay");
        let acts = others.iter().fold(Span::ZERO, |sum, delay| sum + chooser.delay(delay));
        (acts, chooser.delay(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_draws_are_sums_that_can_be() {
        // One sum, two, a bucket that is not full, and more sums than buckets.
        for widths in [vec![0], vec![1], vec![1_100], vec![2_000, 13_000, 7]] {
            let mut shares = vec![1.0];
            for width in &widths {
                shares = spread(&shares, *width);
            }
            let greatest = widths.iter().sum::<usize>() as u64;
            assert_eq!(shares.len() as u64, greatest + 1);
            let table = Table::of(&shares);
            for choice in [0, 1, u64::MAX / 2, u64::MAX - 1, u64::MAX] {
                for proposal in [0, 1, u64::MAX / 3, u64::MAX] {
                    // What is refused is asked for again, and the least share is taken at once.
                    let mut bits = [[choice, proposal], [choice, 1], [choice, 0]].into_iter();
                    let sum = table.draw(&mut || bits.next().expect("it is not refused for ever"));
                    assert!(sum <= greatest, "{sum} of {greatest}, {widths:?}");
                    assert!(choice > 1 || sum < greatest / 2 + 1, "{sum}: the first draws are small sums");
                    assert!(
                        choice < u64::MAX - 1 || sum >= greatest / 2,
                        "{sum}: the last draws are large sums"
                    );
                }
            }
        }
    }

    #[test]
    fn buckets_have_the_shares_of_their_sums() {
        let shares = spread(&spread(&[1.0], 2_000), 3_001);
        let table = Table::of(&shares);
        let mut before = 0.0;
        for (bucket, (upto, _)) in shares.chunks(1 << table.fine).zip(&table.buckets) {
            before += bucket.iter().sum::<f64>();
            assert!((*upto as f64 / u64::MAX as f64 - before).abs() < 1e-12, "{upto}");
        }
        assert!((before - 1.0).abs() < 1e-12);
    }
}
