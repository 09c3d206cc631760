//! Where in a run a stretch lies that has a given length.

use punctual_model::{Fact, FactKind, Stretch};
use punctual_sim::{Span, Time};

use crate::story::Story;

/// When the first stretch of this length begins and ends in a run.
pub fn located(story: &Story<'_>, stretch: Stretch, span: Span) -> Option<(Time, Time)> {
    let of = |kind: FactKind| story.facts.iter().filter(move |(_, fact)| kind.is(fact));
    let same = |one: &Fact, other: &Fact| !stretch.is_by_event() || one.identity() == other.identity();
    of(stretch.to).find_map(|(to, end)| {
        let begins = |(at, begin): &&(Time, Fact)| *at + span == *to && same(begin, end);
        // What arrived before it was published begins and ends when it is published.
        of(stretch.from).find(begins).map(|(from, _)| (*from, *to)).or_else(|| {
            let early = |(at, begin): &&(Time, Fact)| span == Span::ZERO && at > to && same(begin, end);
            of(stretch.from).find(early).map(|(from, _)| (*to, *from))
        })
    })
}
