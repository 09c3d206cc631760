//! How many threads a verb may have, as an option of it.

use clap::Args;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::Exit;
use super::output::wrong;

/// The threads of a verb.
#[derive(Args, Debug)]
pub(crate) struct Threads {
    /// Threads; all cores if not given
    #[arg(long, env = "PUNCTUAL_JOBS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
}

impl Threads {
    /// As many as were asked for.
    pub(crate) fn pool(&self) -> Result<ThreadPool, Exit> {
        let pool = ThreadPoolBuilder::new().num_threads(self.jobs.map_or(0, usize::from));
        pool.build().map_err(|error| wrong(format!("cannot start threads: {error}")))
    }
}
