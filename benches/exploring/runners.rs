//! Runners of whom nobody waits for another: as many states as there are ways to be under way.

use punctual_sim::{Cx, Delay, Machine, Span};

/// So many runners, who run so many laps each, as slow as they like.
pub(crate) struct Runners {
    lap: Delay,
    laps: u8,
}

pub(crate) const RUNNERS: usize = 4;

impl Runners {
    pub(crate) fn new(laps: u8) -> Self {
        Self { lap: Delay::at_least("lap", Span(1), Span(10)), laps }
    }
}

impl Machine for Runners {
    type State = [u8; RUNNERS];
    type Event = u8;
    type Effect = ();
    type Fact = ();

    fn start(&self, cx: &mut impl Cx<Self>) -> Self::State {
        for runner in 0..RUNNERS {
            cx.after(runner as u8, &self.lap);
        }
        [0; RUNNERS]
    }

    fn step(&self, laps: &mut Self::State, runner: u8, cx: &mut impl Cx<Self>) {
        let run = &mut laps[usize::from(runner)];
        *run += 1;
        if *run < self.laps {
            cx.after(runner, &self.lap);
        }
    }
}
