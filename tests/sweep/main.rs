//! `punctual sweep` and `merge`: what a cell says is what `check`, `delay` and `threshold` say; however a sweep is cut
//! or stopped it is the same in the end, to the byte; and what cannot be swept is told.

#[path = "../common/mod.rs"]
mod common;

mod cells;
mod parts;
mod shown;

use punctual_model::Invariant;
use punctual_reports::sweep::{Cell, Head, Line};

/// A small sweep of two dimensions.
const SWEEP: &str = "sweep audio-as-documented --variant counter-ids --vary policy.poll.completed=500ms..3s:6 \
                     --vary client.timeout=1s,2s,5s --keep no-event-lost,client-never-times-out --runs 1500";

fn lines(text: &str) -> (Head, Cell, Vec<Cell>) {
    let (mut head, mut now, mut cells) = (None, None, Vec::new());
    for line in text.lines() {
        match Line::read(line.as_bytes(), Invariant::is_of_loss).expect("each line is one of a sweep") {
            Line::Head(found) => head = Some(*found),
            Line::Now { now: found } => now = Some(*found),
            Line::Cell(cell) => cells.push(*cell),
        }
    }
    (head.expect("a head"), now.expect("the scenario as it is"), cells)
}

fn check<'c>(cell: &'c Cell, name: &str) -> &'c punctual_reports::sweep::Check {
    cell.checks.iter().find(|check| check.invariant == name).expect("it is checked")
}
