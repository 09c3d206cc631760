//! Independent pieces of work, over all cores or one after the other.
//!
//! What comes out is the same either way: pieces share nothing, and what they give is put together in order or
//! by an addition whose order does not matter. So threads are a feature (`threads`), and whoever builds for a target
//! without them loses time only.

use std::ops::Range;

#[cfg(feature = "threads")]
use rayon::prelude::*;

/// How many pieces are worked on at a time.
pub(crate) fn count() -> u64 {
    #[cfg(feature = "threads")]
    return rayon::current_num_threads() as u64;
    #[cfg(not(feature = "threads"))]
    return 1;
}

/// What `work` makes of each piece, in their order.
pub(crate) fn each<T: Send>(pieces: Range<u64>, work: impl Fn(u64) -> T + Sync + Send) -> Vec<T> {
    #[cfg(feature = "threads")]
    return pieces.into_par_iter().map(work).collect();
    #[cfg(not(feature = "threads"))]
    return pieces.map(work).collect();
}

/// What `work` makes of the pieces, added up in any order; none is begun once `go_on` says no.
pub(crate) fn added_up<T: Send>(
    pieces: Range<u64>,
    go_on: impl Fn() -> bool + Sync + Send,
    work: impl Fn(u64) -> T + Sync + Send,
    nothing: impl Fn() -> T + Sync + Send,
    add: impl Fn(T, T) -> T + Sync + Send,
) -> T {
    #[cfg(feature = "threads")]
    return pieces.into_par_iter().take_any_while(|_| go_on()).map(work).reduce(nothing, add);
    #[cfg(not(feature = "threads"))]
    return pieces.take_while(|_| go_on()).map(work).fold(nothing(), add);
}
