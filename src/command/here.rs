//! The machine that the command runs on: its clock, and Ctrl-C.
//!
//! The first Ctrl-C asks for what is known so far, and one that comes after it ends the program at
//! once. Once there is nothing left to cut short, the first one does too.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use punctual::budget::Host;
use signal_hook::consts::SIGINT;
use signal_hook::flag;

use super::Exit;

/// A clock, and whether there was a Ctrl-C.
#[derive(Debug)]
pub(crate) struct Here {
    begun: Instant,
    interrupted: Arc<AtomicBool>,
    /// Whether the next Ctrl-C ends the program.
    armed: Arc<AtomicBool>,
}

impl Here {
    /// From now on the first Ctrl-C only asks to stop.
    #[expect(clippy::disallowed_methods, reason = "a limit of real time is asked for by name")]
    pub(crate) fn new() -> Self {
        let [interrupted, armed] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
        // In this order: a signal does not find what it sets. Where signals cannot be had, Ctrl-C ends
        // the program as it always does.
        let code = i32::from(Exit::Interrupted.code());
        let _ = flag::register_conditional_shutdown(SIGINT, code, Arc::clone(&armed))
            .and_then(|_| flag::register(SIGINT, Arc::clone(&armed)))
            .and_then(|_| flag::register(SIGINT, Arc::clone(&interrupted)));
        Self { begun: Instant::now(), interrupted, armed }
    }

    /// Something is begun that can be cut short: the next Ctrl-C only asks to stop again.
    pub(crate) fn listen(&self) {
        self.armed.store(self.interrupted(), Ordering::SeqCst);
    }

    /// Nothing is left to cut short: from now on the first Ctrl-C ends the program. Says whether
    /// there was one before.
    pub(crate) fn done(&self) -> bool {
        self.armed.store(true, Ordering::SeqCst);
        self.interrupted()
    }
}

impl Host for Here {
    fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }
}
