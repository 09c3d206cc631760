//! The reference system as a plain loop: the least that a simulation of it can cost.
//!
//! Everything is written out by hand over `std::collections::BinaryHeap` with packed `u64` keys
//! (time in the upper bits, what happens in the lower): no machine, no facts, no invariants. It
//! takes its draws from the same generator under the same keys as the sampler, so the two agree
//! run by run, which makes it a second implementation of the model and a yardstick at once.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use punctual_sim::{Name, Philox};

/// What one run comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// From adding `tts_completed` to its arrival, in microseconds; `None` if it was lost.
    pub(crate) delay: Option<u64>,
    /// Whether the client's timer fired.
    pub(crate) timed_out: bool,
    /// Rounds of the loop.
    pub(crate) turns: u64,
    /// Events taken from the heap.
    pub(crate) events: u64,
}

/// The lower bits of a key: what happens. They fit three bits.
const JOB: u64 = 0;
const STORE_READ: u64 = 1;
const ROW_READ: u64 = 2;
const WAKE: u64 = 3;
const ARRIVAL: u64 = 4;
const TIMER: u64 = 5;
const BITS: u32 = 3;

/// The delays of the reference and how often each was drawn in this run.
pub(crate) struct Draws {
    philox: Philox,
    run: [u32; 2],
    delays: [Uniform; 10],
}

/// A uniform delay.
struct Uniform {
    key: u32,
    min: u64,
    count: u64,
    drawn: u32,
}

/// The steps of the job are 0 to 6, in order.
pub(crate) const QUEUE: usize = 0;
pub(crate) const COMPLETE: usize = 6;
pub(crate) const STORE: usize = 7;
pub(crate) const ROW: usize = 8;
pub(crate) const LATENCY: usize = 9;

impl Draws {
    /// The delays under `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        let uniform = |name: &str, min: u64, max: u64| Uniform {
            key: Name::new(name).key(),
            min,
            count: max - min + 1,
            drawn: 0,
        };
        let delays = [
            uniform("voiceover.queue", 200_000, 1_000_000),
            uniform("voiceover.synthesize", 20_000_000, 45_000_000),
            uniform("voiceover.save", 50_000, 400_000),
            uniform("voiceover.commit", 5_000, 50_000),
            uniform("voiceover.publish", 1_000, 200_000),
            uniform("voiceover.publish#2", 0, 5_000),
            uniform("voiceover.status#2", 1_000, 100_000),
            uniform("stream.send", 1_000, 3_000),
            uniform("stream.read", 2_000, 15_000),
            uniform("panel.latency", 5_000, 80_000),
        ];
        Self { philox: Philox::new([(seed >> 32) as u32, seed as u32]), run: [0; 2], delays }
    }

    /// Goes over to run `run`.
    pub(crate) fn begin(&mut self, run: u64) {
        self.run = [(run >> 32) as u32, run as u32];
        self.delays.iter_mut().for_each(|delay| delay.drawn = 0);
    }

    /// The next delay of this kind, in microseconds.
    pub(crate) fn next(&mut self, kind: usize) -> u64 {
        let delay = &mut self.delays[kind];
        let bits = self.philox.draw([self.run[0], self.run[1], delay.key, delay.drawn]);
        delay.drawn += 1;
        delay.min + ((u128::from(bits) * u128::from(delay.count)) >> 64) as u64
    }
}

/// The loop and its buffers.
pub(crate) struct Packed {
    heap: BinaryHeap<Reverse<u64>>,
    draws: Draws,
}

impl Packed {
    /// The loop under `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self { heap: BinaryHeap::with_capacity(16), draws: Draws::new(seed) }
    }

    fn push(&mut self, at: u64, what: u64) {
        self.heap.push(Reverse(at << BITS | what));
    }

    /// Run number `run`.
    pub(crate) fn run(&mut self, run: u64) -> Outcome {
        self.heap.clear();
        self.draws.begin(run);
        let mut outcome = Outcome::default();
        let (mut job, mut cursor, mut ready_sent, mut row_visible) = (QUEUE, 0_u64, false, false);
        let (mut ready_added, mut done_added) = (false, None::<u64>);
        let (mut running, mut completed_at) = (false, None::<u64>);
        // What is on the link: the least significant bit of `flying` is the next to arrive.
        let (mut flying, mut flying_count, mut last_arrival) = (0_u64, 0, 0_u64);
        let (mut timer, mut done) = (None::<u64>, false);
        let at = self.draws.next(QUEUE);
        self.push(at, JOB);
        let at = self.draws.next(STORE);
        self.push(at, STORE_READ);
        outcome.turns = 1;
        while let Some(Reverse(key)) = self.heap.pop() {
            let now = key >> BITS;
            outcome.events += 1;
            let mut sends = [None::<bool>; 2];
            match key & ((1 << BITS) - 1) {
                JOB => {
                    match job {
                        QUEUE => running = true,
                        3 => row_visible = true,
                        4 => ready_added = true,
                        5 => done_added = Some(now),
                        COMPLETE => completed_at = Some(now),
                        _ => {}
                    }
                    if job < COMPLETE {
                        job += 1;
                        let at = now + self.draws.next(job);
                        self.push(at, JOB);
                    }
                }
                STORE_READ => {
                    if ready_added && cursor < 1 {
                        cursor = 1;
                        ready_sent = true;
                        sends[0] = Some(false);
                    }
                    if done_added.is_some() && cursor < 2 {
                        cursor = 2;
                        sends[1] = Some(true);
                    }
                    let at = now + self.draws.next(ROW);
                    self.push(at, ROW_READ);
                }
                ROW_READ => {
                    if row_visible && !ready_sent {
                        ready_sent = true;
                        sends[0] = Some(false);
                        let greatest = u64::from(ready_added) + u64::from(done_added.is_some());
                        cursor = greatest + 2;
                    }
                    if completed_at.is_none_or(|since| now - since < 10_000_000) {
                        let sleep = match (completed_at, running) {
                            (Some(_), _) => 2_000_000,
                            (None, false) => 1_000_000,
                            (None, true) if now < 30_000_000 => 300_000,
                            (None, true) if now < 120_000_000 => 500_000,
                            (None, true) => 1_000_000,
                        };
                        self.push(now + sleep, WAKE);
                    }
                }
                WAKE => {
                    outcome.turns += 1;
                    let at = now + self.draws.next(STORE);
                    self.push(at, STORE_READ);
                }
                ARRIVAL => {
                    let is_done = flying & 1 == 1;
                    flying >>= 1;
                    flying_count -= 1;
                    if is_done {
                        outcome.delay = done_added.map(|added| now - added);
                        done = true;
                        timer = None;
                    } else if timer.is_none() && !done {
                        timer = Some(now + 2_000_000);
                        self.push(now + 2_000_000, TIMER);
                    }
                }
                _ => outcome.timed_out |= timer == Some(now),
            }
            for is_done in sends.into_iter().flatten() {
                let at = now + self.draws.next(LATENCY);
                last_arrival = at.max(last_arrival);
                flying |= u64::from(is_done) << flying_count;
                flying_count += 1;
                self.push(last_arrival, ARRIVAL);
            }
        }
        outcome
    }
}
