//! The reference system in `simcore`, a general simulation framework, in its style of callbacks.
//!
//! What a user of such a framework would write: components that get events and emit others, with
//! no facts and no invariants. Times are whole microseconds, which its floats hold exactly, and
//! draws come from the same generator under the same keys, so that it agrees with the others run
//! by run.

use std::cell::RefCell;
use std::rc::Rc;

use serde::Serialize;
use simcore::{Event, EventHandler, Id, Simulation, SimulationContext, cast};

use crate::packed::{COMPLETE, Draws, LATENCY, Outcome, QUEUE, ROW, STORE};

/// A step of the job is over.
#[derive(Clone, Serialize)]
struct StepDone {}

/// The server's end has read the event store.
#[derive(Clone, Serialize)]
struct StoreRead {}

/// The server's end has read the database.
#[derive(Clone, Serialize)]
struct RowRead {}

/// The server's end has slept.
#[derive(Clone, Serialize)]
struct Woke {}

/// An event arrives at the client.
#[derive(Clone, Serialize)]
struct Arrived {
    is_done: bool,
}

/// The client has waited long enough.
#[derive(Clone, Serialize)]
struct TimedOut {}

/// What the worker writes and the server's end reads, and what the run comes to.
struct Shared {
    draws: Draws,
    running: bool,
    row_visible: bool,
    ready_added: bool,
    done_added: Option<f64>,
    completed_at: Option<f64>,
    outcome: Outcome,
}

struct Worker {
    ctx: SimulationContext,
    shared: Rc<RefCell<Shared>>,
    step: usize,
}

struct Stream {
    ctx: SimulationContext,
    shared: Rc<RefCell<Shared>>,
    panel: Id,
    cursor: u64,
    ready_sent: bool,
    last_arrival: f64,
}

struct Panel {
    ctx: SimulationContext,
    shared: Rc<RefCell<Shared>>,
    timer: Option<u64>,
    done: bool,
}

impl Worker {
    fn begin_step(&self) {
        self.ctx.emit_self(StepDone {}, self.shared.borrow_mut().draws.next(self.step) as f64);
    }
}

impl EventHandler for Worker {
    fn on(&mut self, event: Event) {
        cast!(match event.data {
            StepDone {} => {
                let mut shared = self.shared.borrow_mut();
                match self.step {
                    QUEUE => shared.running = true,
                    3 => shared.row_visible = true,
                    4 => shared.ready_added = true,
                    5 => shared.done_added = Some(event.time),
                    COMPLETE => shared.completed_at = Some(event.time),
                    _ => {}
                }
                drop(shared);
                if self.step < COMPLETE {
                    self.step += 1;
                    self.begin_step();
                }
            }
        });
    }
}

impl Stream {
    fn turn(&self) {
        let mut shared = self.shared.borrow_mut();
        shared.outcome.turns += 1;
        self.ctx.emit_self(StoreRead {}, shared.draws.next(STORE) as f64);
    }

    /// Sends an event; none overtakes another.
    fn send(&mut self, draws: &mut Draws, is_done: bool) {
        let now = self.ctx.time();
        self.last_arrival = self.last_arrival.max(now + draws.next(LATENCY) as f64);
        self.ctx.emit(Arrived { is_done }, self.panel, self.last_arrival - now);
    }

    fn store_read(&mut self, shared: &mut Shared) {
        if shared.ready_added && self.cursor < 1 {
            self.cursor = 1;
            self.ready_sent = true;
            self.send(&mut shared.draws, false);
        }
        if shared.done_added.is_some() && self.cursor < 2 {
            self.cursor = 2;
            self.send(&mut shared.draws, true);
        }
        self.ctx.emit_self(RowRead {}, shared.draws.next(ROW) as f64);
    }

    fn row_read(&mut self, shared: &mut Shared) {
        let now = self.ctx.time();
        if shared.row_visible && !self.ready_sent {
            self.ready_sent = true;
            self.send(&mut shared.draws, false);
            self.cursor = u64::from(shared.ready_added) + u64::from(shared.done_added.is_some()) + 2;
        }
        let sleep = match (shared.completed_at, shared.running) {
            (Some(since), _) if now - since >= 10_000_000.0 => return,
            (Some(_), _) => 2_000_000.0,
            (None, true) if now < 30_000_000.0 => 300_000.0,
            (None, true) if now < 120_000_000.0 => 500_000.0,
            (None, _) => 1_000_000.0,
        };
        self.ctx.emit_self(Woke {}, sleep);
    }
}

impl EventHandler for Stream {
    fn on(&mut self, event: Event) {
        let shared = Rc::clone(&self.shared);
        cast!(match event.data {
            StoreRead {} => {
                self.store_read(&mut shared.borrow_mut());
            }
            RowRead {} => {
                self.row_read(&mut shared.borrow_mut());
            }
            Woke {} => {
                self.turn();
            }
        });
    }
}

impl EventHandler for Panel {
    fn on(&mut self, event: Event) {
        cast!(match event.data {
            Arrived { is_done } => {
                if is_done {
                    let mut shared = self.shared.borrow_mut();
                    shared.outcome.delay = shared.done_added.map(|added| (event.time - added) as u64);
                    self.done = true;
                    if let Some(timer) = self.timer.take() {
                        self.ctx.cancel_event(timer);
                    }
                } else if self.timer.is_none() && !self.done {
                    self.timer = Some(self.ctx.emit_self(TimedOut {}, 2_000_000.0));
                }
            }
            TimedOut {} => {
                self.shared.borrow_mut().outcome.timed_out = true;
            }
        });
    }
}

/// The simulation under one seed.
pub(crate) struct Callbacks {
    draws: Option<Draws>,
}

impl Callbacks {
    /// The simulation under `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self { draws: Some(Draws::new(seed)) }
    }

    /// Run number `run`.
    pub(crate) fn run(&mut self, run: u64) -> Outcome {
        let mut draws = self.draws.take().expect("a run gives the draws back");
        draws.begin(run);
        let shared = Rc::new(RefCell::new(Shared {
            draws,
            running: false,
            row_visible: false,
            ready_added: false,
            done_added: None,
            completed_at: None,
            outcome: Outcome::default(),
        }));
        let mut simulation = Simulation::new(0);
        let worker =
            Worker { ctx: simulation.create_context("worker"), shared: Rc::clone(&shared), step: QUEUE };
        let panel = Panel {
            ctx: simulation.create_context("panel"),
            shared: Rc::clone(&shared),
            timer: None,
            done: false,
        };
        let stream = Stream {
            ctx: simulation.create_context("stream"),
            shared: Rc::clone(&shared),
            panel: panel.ctx.id(),
            cursor: 0,
            ready_sent: false,
            last_arrival: 0.0,
        };
        worker.begin_step();
        stream.turn();
        simulation.add_handler("worker", Rc::new(RefCell::new(worker)));
        simulation.add_handler("stream", Rc::new(RefCell::new(stream)));
        simulation.add_handler("panel", Rc::new(RefCell::new(panel)));
        simulation.step_until_no_events();
        let events = simulation.event_count();
        drop(simulation);
        let shared = Rc::into_inner(shared).expect("nobody else is left").into_inner();
        self.draws = Some(shared.draws);
        Outcome { events, ..shared.outcome }
    }
}
