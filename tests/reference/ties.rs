//! What is due at one instant although only a clock says so, which chance alone draws too seldom: that a look-back window
//! ends at the very tick at which its clock is read.

use super::dice::Dice;
use super::draft::{Draft, DraftStep};
use super::phrases;

/// Drawn by a seed of its own, so that other scenarios stay what they are.
const OF_WINDOWS: u64 = 0x71e5;

/// Lets the task of the first client of some scenarios read a clock so long after the job published something as a window
/// lasts, or nearly so, and announce the same if none is within it.
pub(crate) fn windows(seed: u64, stores: &[(&'static str, &'static str)], draft: &mut Draft) {
    let mut dice = Dice::new(seed ^ OF_WINDOWS);
    let tick = |(store, ids): &(&'static str, &'static str)| Some((*store, ids.strip_prefix("clock ")?));
    let Some((store, tick)) = stores.iter().find_map(tick).filter(|_| dice.percent(12)) else { return };
    let stream =
        draft.tasks.iter().position(|task| task.serves == Some(0)).expect("a task serves each client");
    let (published, ids) = (dice.from(0, 2), dice.from(1, 2));
    let read = published + phrases::time(tick) * ids + dice.weighed(&[(80, 0), (20, 1)]);
    let at = |instant: u64| format!("{instant}us");
    for task in [0, stream] {
        draft.tasks[task].starts = None;
    }
    let publish = DraftStep::new("publish", "e").with("to", store).with("takes", &at(published));
    draft.tasks[0].steps.insert(0, publish);
    let announce = DraftStep::new("announce", "e").with("into", store);
    let announce = announce.with("if", &format!("none within {ids} ids"));
    let now = DraftStep::new("cursor", &format!("now of {store}")).with("takes", &at(read));
    draft.tasks[stream].steps.splice(0..0, [now, announce]);
    draft.tasks[stream].per_source |= stores.len() > 1;
}
