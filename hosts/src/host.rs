//! The loop that hosts a machine on tokio.
//!
//! What arrives happens to it, its timers fire, and what it asks for is carried out: one loop for every
//! machine. What is particular to one, its connections and its database, is a [`Port`].

use std::convert::Infallible;

use punctual_sim::{Asked, Chooser, Hosted, Machine, Time};

use crate::clock::SimClock;

/// What connects a machine to the rest of the world.
#[allow(async_fn_in_trait, reason = "all hosts of a simulation are on one thread")]
pub trait Port<M: Machine, C: Chooser> {
    /// What arrives from outside.
    type Arrival;

    /// Waits for the next arrival. What has arrived is not lost if the wait is given up.
    async fn arrives(&mut self) -> Self::Arrival;

    /// Lets an arrival happen.
    fn happens(&mut self, hosted: &mut Hosted<'_, M, C>, now: Time, arrival: Self::Arrival);

    /// Carries out what the machine asked for when `event` happened; when it began, if there is none.
    fn carry_out(
        &mut self,
        hosted: &mut Hosted<'_, M, C>,
        now: Time,
        event: Option<M::Event>,
        asked: Asked<M>,
    );

    /// When the port itself has something to do.
    fn next_due(&self) -> Option<Time> {
        None
    }

    /// Does what the port has to do by `now`.
    fn due(&mut self, hosted: &mut Hosted<'_, M, C>, now: Time) {
        let _ = (hosted, now);
    }

    /// The last instant at which a timer may fire.
    fn ends(&self) -> Option<Time> {
        None
    }

    /// Hears that `event` happens again and again at one instant; nothing more comes of the machine.
    fn stands_still(&mut self, at: Time, event: String) {
        let _ = (at, event);
    }

    /// Hears, before each wait, whether an answer is waited for or a message is to be sent, and when the next
    /// timer is due, be it after the end of the run.
    fn waits(&mut self, busy: bool, timer: Option<Time>) {
        let _ = (busy, timer);
    }
}

/// Hosts a machine that has not begun, until the simulation is over.
pub async fn host<M: Machine, C: Chooser, P: Port<M, C>>(
    mut hosted: Hosted<'_, M, C>,
    port: &mut P,
    clock: SimClock,
) -> Infallible {
    clock.begins().await;
    let asked = hosted.start();
    port.carry_out(&mut hosted, clock.now(), None, asked);
    loop {
        if !catch_up(&mut hosted, port, clock.now()) {
            return std::future::pending().await;
        }
        port.waits(hosted.has_claims() || port.next_due().is_some(), hosted.next_due());
        // What is due after the end never fires; a timer that is set later may be due before it.
        let ends = port.ends().unwrap_or(Time::NEVER);
        let timer = hosted.next_due().filter(|due| *due <= ends);
        let next = [timer, port.next_due()].into_iter().flatten().min();
        tokio::select! {
            biased;
            arrival = port.arrives() => {
                let now = clock.now();
                if !catch_up(&mut hosted, port, now) {
                    return std::future::pending().await;
                }
                port.happens(&mut hosted, now, arrival);
            }
            () = clock.until(next) => {}
        }
    }
}

/// What happens more often than this in one instant goes on for ever.
const MOST_AT_ONCE: u32 = 100_000;

/// Lets happen what is due by `now`; `false` if that never ends.
fn catch_up<M: Machine, C: Chooser, P: Port<M, C>>(
    hosted: &mut Hosted<'_, M, C>,
    port: &mut P,
    now: Time,
) -> bool {
    port.due(hosted, now);
    let (mut instant, mut events) = (now, 0);
    while port.ends().is_none_or(|ends| hosted.next_due().is_none_or(|due| due <= ends))
        && let Some((at, event, asked)) = hosted.fire(now)
    {
        port.carry_out(hosted, at, Some(event), asked);
        port.due(hosted, now);
        (instant, events) = (at, if at == instant { events + 1 } else { 0 });
        if events == MOST_AT_ONCE {
            port.stands_still(at, format!("{event:?}"));
            return false;
        }
    }
    true
}
