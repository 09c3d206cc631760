//! What a log tells of a run, before it is asked what that decides.
//!
//! What decides the invariants and what puts into words what is missing both ask it.

use std::collections::BTreeSet;

use punctual_model::{ClientId, Fact, Identity, System};
use punctual_telling::story::Story;

use super::kinds::Kinds;

/// What is told of a run, and what is not.
pub(super) struct Knowledge<'k> {
    pub(super) kinds: &'k Kinds,
    pub(super) story: &'k Story<'k>,
}

impl Knowledge<'_> {
    pub(super) fn system(&self) -> &System {
        self.story.system
    }

    pub(super) fn published(&self) -> impl Iterator<Item = Identity> {
        self.story.facts.iter().filter_map(|(_, fact)| match *fact {
            Fact::Published { what, .. } => Some(what),
            _ => None,
        })
    }

    /// The events that were published, and of which no line tells that they reached a client.
    pub(super) fn unarrived(&self, client: ClientId) -> impl Iterator<Item = Identity> {
        let arrived = self.story.facts.iter().filter_map(|(_, fact)| match *fact {
            Fact::Arrived { at, what, .. } if at == client => Some(what),
            _ => None,
        });
        let arrived: BTreeSet<Identity> = arrived.collect();
        self.published().filter(move |what| !arrived.contains(what))
    }
}
