//! Work on several threads, with results that do not depend on how many there are.

use std::thread;

/// What `of` gives for each of `jobs`, in their order. Each comes with what it roughly costs, and each
/// thread gets about as much.
pub(crate) fn map<T: Send, R: Send>(
    threads: usize,
    jobs: Vec<(usize, T)>,
    of: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let all: usize = jobs.iter().map(|(cost, _)| cost).sum();
    if threads < 2 || jobs.len() < 2 || all < WORTH_IT {
        return jobs.into_iter().map(|(_, job)| of(job)).collect();
    }
    let share = all / threads + 1;
    let mut shares: Vec<Vec<T>> = Vec::new();
    let mut given = 0;
    for (cost, job) in jobs {
        if given >= share * shares.len() && shares.len() < threads {
            shares.push(Vec::new());
        }
        given += cost;
        if let Some(share) = shares.last_mut() {
            share.push(job);
        }
    }
    let of = &of;
    let work = |jobs: Vec<T>| -> Vec<R> { jobs.into_iter().map(of).collect() };
    thread::scope(|scope| {
        let mut shares = shares.into_iter();
        let own = shares.next().unwrap_or_default();
        let others: Vec<_> = shares.map(|share| scope.spawn(move || work(share))).collect();
        let mut results = work(own);
        for other in others {
            match other.join() {
                Ok(more) => results.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    })
}

/// What is not worth another thread.
const WORTH_IT: usize = 50_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_jobs() {
        for (threads, count) in [(1, 5), (2, 1), (2, 7), (3, 100), (8, 3), (2, 0)] {
            let jobs: Vec<(usize, usize)> = (0..count).map(|job| (WORTH_IT * (job % 3), job)).collect();
            assert_eq!(map(threads, jobs, |job| job * 2), (0..count).map(|job| job * 2).collect::<Vec<_>>());
        }
    }
}
