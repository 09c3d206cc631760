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
        let mut course = Course { outcome: Outcome { turns: 1, ..Outcome::default() }, ..Course::default() };
        let at = self.draws.next(QUEUE);
        self.push(at, JOB);
        let at = self.draws.next(STORE);
        self.push(at, STORE_READ);
        while let Some(Reverse(key)) = self.heap.pop() {
            let now = key >> BITS;
            course.outcome.events += 1;
            match key & ((1 << BITS) - 1) {
                JOB => self.job(&mut course, now),
                STORE_READ => self.store_read(&mut course, now),
                ROW_READ => self.row_read(&mut course, now),
                WAKE => {
                    course.outcome.turns += 1;
                    let at = now + self.draws.next(STORE);
                    self.push(at, STORE_READ);
                }
                ARRIVAL => self.arrival(&mut course, now),
                _ => course.outcome.timed_out |= course.timer == Some(now),
            }
        }
        course.outcome
    }

    /// The job has done a step.
    #[inline(always)]
    fn job(&mut self, course: &mut Course, now: u64) {
        match course.step {
            QUEUE => course.running = true,
            3 => course.row_visible = true,
            4 => course.ready_added = true,
            5 => course.done_added = Some(now),
            COMPLETE => course.completed_at = Some(now),
            _ => {}
        }
        if course.step < COMPLETE {
            course.step += 1;
            let at = now + self.draws.next(course.step);
            self.push(at, JOB);
        }
    }

    /// The stream has read the store, and sends what is new.
    #[inline(always)]
    fn store_read(&mut self, course: &mut Course, now: u64) {
        let ready = course.ready_added && course.cursor < 1;
        if ready {
            course.cursor = 1;
            course.ready_sent = true;
        }
        let done = course.done_added.is_some() && course.cursor < 2;
        if done {
            course.cursor = 2;
        }
        let at = now + self.draws.next(ROW);
        self.push(at, ROW_READ);
        if ready {
            self.send(course, now, false);
        }
        if done {
            self.send(course, now, true);
        }
    }

    /// The stream has read the row: it announces it, and sleeps until it looks again.
    #[inline(always)]
    fn row_read(&mut self, course: &mut Course, now: u64) {
        let announces = course.row_visible && !course.ready_sent;
        if announces {
            course.ready_sent = true;
            let greatest = u64::from(course.ready_added) + u64::from(course.done_added.is_some());
            course.cursor = greatest + 2;
        }
        if course.completed_at.is_none_or(|since| now - since < 10_000_000) {
            let sleep = match (course.completed_at, course.running) {
                (Some(_), _) => 2_000_000,
                (None, false) => 1_000_000,
                (None, true) if now < 30_000_000 => 300_000,
                (None, true) if now < 120_000_000 => 500_000,
                (None, true) => 1_000_000,
            };
            self.push(now + sleep, WAKE);
        }
        if announces {
            self.send(course, now, false);
        }
    }

    /// A message has arrived at the client.
    #[inline(always)]
    fn arrival(&mut self, course: &mut Course, now: u64) {
        let is_done = course.flying & 1 == 1;
        course.flying >>= 1;
        course.flying_count -= 1;
        if is_done {
            course.outcome.delay = course.done_added.map(|added| now - added);
            course.done = true;
            course.timer = None;
        } else if course.timer.is_none() && !course.done {
            course.timer = Some(now + 2_000_000);
            self.push(now + 2_000_000, TIMER);
        }
    }

    /// Sends one of the two events; none overtakes another.
    #[inline(always)]
    fn send(&mut self, course: &mut Course, now: u64, is_done: bool) {
        let at = now + self.draws.next(LATENCY);
        course.last_arrival = at.max(course.last_arrival);
        course.flying |= u64::from(is_done) << course.flying_count;
        course.flying_count += 1;
        self.push(course.last_arrival, ARRIVAL);
    }
}

/// How far a run has come.
#[derive(Default)]
struct Course {
    outcome: Outcome,
    /// The step that the job is at: first it waits in its queue.
    step: usize,
    running: bool,
    row_visible: bool,
    ready_added: bool,
    done_added: Option<u64>,
    completed_at: Option<u64>,
    /// The id beyond which the stream still has to send.
    cursor: u64,
    ready_sent: bool,
    /// What is on the link: the least significant bit is the next to arrive, and set for the last event.
    flying: u64,
    flying_count: u32,
    last_arrival: u64,
    timer: Option<u64>,
    /// Whether the client has the last event.
    done: bool,
}
