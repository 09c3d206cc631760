//! What is pending: a small flat list of events and when they are due.
//!
//! A system of this kind has a handful of things pending at a time, and a list of a handful that is
//! kept in order beats a heap: what comes next is at its end, and what is set anew mostly belongs
//! there too. Two rules live here and nowhere else: what was sent on a channel never overtakes, and a
//! timer that is set again is restarted.

use crate::machine::Channel;
use crate::time::Time;

#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    due: Time,
    /// The channel's number plus one; 0 for a timer.
    channel: u32,
    /// Grows with each entry: the order on a channel, and the canonical order of a tie.
    order: u32,
    event: E,
}

/// Events and their due times.
#[derive(Debug)]
pub(crate) struct Pending<E> {
    /// The soonest last; of those due at one instant, the one that was put first is last.
    entries: Vec<Entry<E>>,
    order: u32,
    /// The timer that fired last, unless it was set again since: mostly it is the next to be set.
    fired: Option<E>,
}

/// The first thing due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct First {
    pub(crate) due: Time,
    /// How many may come first at that instant.
    pub(crate) ties: usize,
    at: usize,
}

/// Written out so that it can be overwritten without giving back its memory.
impl<E: Copy> Clone for Pending<E> {
    fn clone(&self) -> Self {
        Self { entries: self.entries.clone(), ..*self }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { entries, order, fired } = other;
        self.entries.clone_from(entries);
        self.order = *order;
        self.fired = *fired;
    }
}

impl<E: Copy + Eq> Entry<E> {
    fn is_timer(&self, event: E) -> bool {
        self.channel == 0 && self.event == event
    }
}

impl<E: Copy + Eq> Pending<E> {
    pub(crate) fn new() -> Self {
        Self { entries: Vec::with_capacity(16), order: 0, fired: None }
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.order = 0;
        self.fired = None;
    }

    /// Sets or restarts the timer called `event`.
    #[inline(always)]
    pub(crate) fn set(&mut self, event: E, due: Time) {
        if self.fired.take_if(|fired| *fired == event).is_none() {
            self.unset(event);
        }
        self.insert(0, event, due);
    }

    /// Unsets the timer called `event`.
    #[inline(never)]
    pub(crate) fn unset(&mut self, event: E) {
        if let Some(at) = self.entries.iter().position(|entry| entry.is_timer(event)) {
            self.entries.remove(at);
        }
    }

    /// Unsets the timer called `event` if it is due by `now`, and says whether it is.
    pub(crate) fn take_due(&mut self, event: E, now: Time) -> bool {
        let due = self.entries.iter().position(|entry| entry.is_timer(event) && entry.due <= now);
        due.map(|at| self.entries.remove(at)).is_some()
    }

    /// Puts `event` on `channel`, due at `due` or with the last of that channel, whichever is later.
    pub(crate) fn put(&mut self, channel: Channel, event: E, due: Time) {
        let channel = channel.0 + 1;
        let last = self.entries.iter().find(|old| old.channel == channel);
        let due = last.map_or(due, |last| last.due.max(due));
        self.insert(channel, event, due);
    }

    /// Takes `event` away, and says when it would have been due.
    pub(crate) fn withdraw(&mut self, event: E) -> Option<Time> {
        let at = self.entries.iter().position(|entry| entry.event == event)?;
        Some(self.entries.remove(at).due)
    }

    /// Takes away what is on `channel`.
    pub(crate) fn lose(&mut self, channel: Channel) {
        self.entries.retain(|entry| entry.channel != channel.0 + 1);
    }

    #[inline]
    fn insert(&mut self, channel: u32, event: E, due: Time) {
        let entry = Entry { due, channel, order: self.order, event };
        self.order += 1;
        // It is not written before its place is known: what is written in parts and read back as a
        // whole at once is slow.
        let later = self.entries.iter().rposition(|other| other.due > due);
        self.entries.insert(later.map_or(0, |later| later + 1), entry);
    }

    /// What is due first; of a channel, only its head may come first.
    #[inline]
    pub(crate) fn first(&self) -> Option<First> {
        let (first, later) = self.entries.split_last()?;
        let due = first.due;
        let tied = later.last().is_some_and(|next| next.due == due);
        let ties = if tied { self.heads(due).count() } else { 1 };
        Some(First { due, ties, at: later.len() })
    }

    /// If what is due first is a timer and nothing else is due at that instant: the timer, when it is due, and
    /// when something else is.
    #[inline]
    pub(crate) fn alone(&self) -> Option<(E, Time, Time)> {
        let (first, later) = self.entries.split_last()?;
        let next = later.last().map_or(Time::NEVER, |next| next.due);
        (first.channel == 0 && next > first.due).then_some((first.event, first.due, next))
    }

    /// Sets the timer that is due first anew.
    #[inline]
    pub(crate) fn put_off(&mut self, due: Time) {
        let first = self.entries.pop().expect("what is put off is pending");
        self.insert(first.channel, first.event, due);
    }

    /// Unsets all timers: only messages in flight are still pending.
    #[inline(never)]
    pub(crate) fn keep_messages(&mut self) {
        self.entries.retain(|entry| entry.channel > 0);
    }

    /// Takes the first thing due, or the `choice`-th of those that may come first, by their order.
    #[inline]
    pub(crate) fn take(&mut self, first: First, choice: usize) -> E {
        let at = if choice == 0 { first.at } else { self.tied(first.due, choice) };
        let last = at + 1 == self.entries.len();
        let taken = if last { self.entries.pop() } else { Some(self.entries.remove(at)) };
        let Entry { channel, event, .. } = taken.expect("what is first is pending");
        if channel == 0 {
            self.fired = Some(event);
        }
        event
    }

    /// What [`Pending::take`] would take, and the channel that it is on.
    pub(crate) fn peek(&self, first: First, choice: usize) -> (Option<Channel>, E) {
        let entry = &self.entries[if choice == 0 { first.at } else { self.tied(first.due, choice) }];
        (entry.channel.checked_sub(1).map(Channel), entry.event)
    }

    #[cold]
    fn tied(&self, due: Time, choice: usize) -> usize {
        self.heads(due).nth(choice).expect("a choice is one of the ties")
    }

    /// The places of those that may come first at `due`, by their order.
    fn heads(&self, due: Time) -> impl Iterator<Item = usize> {
        let is_head = move |at: &usize| {
            let entry = &self.entries[*at];
            let overtakes = |other: &Entry<E>| other.channel == entry.channel && other.order < entry.order;
            entry.due == due && (entry.channel == 0 || !self.entries.iter().any(overtakes))
        };
        (0..self.entries.len()).rev().filter(is_head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(pending: &mut Pending<u32>, choice: usize) -> Vec<(u64, u32)> {
        let mut fired = Vec::new();
        while let Some(first) = pending.first() {
            fired.push((first.due.0, pending.take(first, choice.min(first.ties - 1))));
        }
        fired
    }

    #[test]
    fn a_lane_never_reorders_and_a_tie_on_one_lane_is_no_choice() {
        let mut pending = Pending::new();
        pending.put(Channel(0), 1, Time(50));
        pending.put(Channel(0), 2, Time(10));
        pending.put(Channel(1), 3, Time(10));
        assert_eq!(drain(&mut pending.clone(), 0), [(10, 3), (50, 1), (50, 2)]);
        assert_eq!(drain(&mut pending, 9), [(10, 3), (50, 1), (50, 2)]);
    }

    #[test]
    fn ties_between_others_are_choices_in_canonical_order() {
        let mut pending = Pending::new();
        pending.set(1, Time(10));
        pending.put(Channel(0), 2, Time(10));
        pending.put(Channel(0), 3, Time(10));
        pending.set(4, Time(11));
        assert_eq!(pending.first().unwrap().ties, 2);
        assert_eq!(drain(&mut pending.clone(), 0), [(10, 1), (10, 2), (10, 3), (11, 4)]);
        assert_eq!(drain(&mut pending, 1), [(10, 2), (10, 3), (10, 1), (11, 4)]);
    }

    #[test]
    fn what_is_lost_on_a_lane_holds_up_nothing_that_is_put_there_later() {
        let mut pending = Pending::new();
        pending.put(Channel(0), 1, Time(50));
        pending.put(Channel(1), 2, Time(20));
        pending.set(3, Time(40));
        pending.lose(Channel(0));
        pending.put(Channel(0), 4, Time(10));
        assert_eq!(drain(&mut pending, 0), [(10, 4), (20, 2), (40, 3)]);
    }

    #[test]
    fn setting_a_timer_again_restarts_it() {
        let mut pending = Pending::new();
        pending.set(1, Time(10));
        pending.set(1, Time(30));
        pending.set(2, Time(20));
        pending.unset(7);
        assert_eq!(drain(&mut pending, 0), [(20, 2), (30, 1)]);
    }
}
