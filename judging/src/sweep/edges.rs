//! Where exactly safety changes between two neighbouring cells, and what shows that the cheapest safe one is safe.
//!
//! Both are asked of `threshold`, which proves them: what lies on the safe side holds for every value up to the
//! edge, and one microsecond further some run breaks it.

use std::collections::BTreeMap;

use punctual_reports::sweep::{Certificate, Edge, Neighbour, Safety, Summary, Verdict};
use punctual_reports::text;
use punctual_scenarios::{Parameter, VARIANT};
use punctual_sim::Span;

use super::Plan;
use crate::cores;
use crate::proof::{self, Proved};
use crate::sampling::Prepared;
use crate::threshold::{Asked, Failed, Region, Safety as Known};

/// The most edges that are looked for.
const MOST: usize = 256;

/// The reads of a cell, and what each invariant comes to in it.
pub type Judged = (f64, Vec<(String, Verdict)>);

/// A change of an invariant between two values.
struct Change {
    last: Span,
    safe_below: bool,
    invariant: String,
}

/// The edges of the map: along the first dimension of more than one value, wherever a safe cell is next to one
/// that is not.
pub fn edges(plan: &Plan<'_>, summary: &Summary) -> Vec<Edge> {
    let head = &summary.head;
    let Some(axis) = head.axes.iter().position(|axis| axis.values.len() > 1) else { return Vec::new() };
    if !can_ask(plan, axis) {
        return Vec::new();
    }
    let stride: u64 = head.axes[axis + 1..].iter().map(|axis| axis.values.len() as u64).product();
    let pairs = (0..head.cells).filter(|&cell| {
        let place = head.places(cell)[axis];
        let next = cell + stride;
        place + 1 < head.axes[axis].values.len() && head.has(cell) && head.has(next) && {
            let (one, other) = (summary.safety[cell as usize], summary.safety[next as usize]);
            matches!((one, other), (Safety::Safe, Safety::Broken) | (Safety::Broken, Safety::Safe))
        }
    });
    let pairs: Vec<u64> = pairs.take(MOST).collect();
    let edge = |pair: u64| {
        let cell = pairs[pair as usize];
        let (low, high) = between(plan, axis, cell)?;
        let safe_below = summary.safety[cell as usize] == Safety::Safe;
        let change = change(plan, (cell, axis), (low, high), safe_below)?;
        let share = (change.last.0 - low.0) as f64 / (high.0 - low.0) as f64;
        let Change { last, safe_below, invariant } = change;
        Some(Edge { from: cell, axis, last_us: last.0, share, safe_below, invariant })
    };
    cores::each(0..pairs.len() as u64, edge).into_iter().flatten().collect()
}

/// Whether `threshold` can be asked along a dimension: it and all others are durations of the scenario.
fn can_ask(plan: &Plan<'_>, axis: usize) -> bool {
    let durations = plan.axes.iter().all(|axis| axis.parameter.is_some() || axis.name == VARIANT);
    plan.explore.is_some() && plan.pasted.0.is_empty() && durations && plan.axes[axis].parameter.is_some()
}

/// The values of a cell and of its next neighbour along a dimension, if they grow.
fn between(plan: &Plan<'_>, axis: usize, cell: u64) -> Option<(Span, Span)> {
    let place = plan.places(cell)[axis];
    let values = &plan.axes[axis].values;
    let (low, high) = (values[place].span?, values.get(place + 1)?.span?);
    (low < high).then_some((low, high))
}

/// Where between two values of a dimension the cell ceases, or begins, to be safe: the first edge from the safe
/// side on, of all invariants that must be kept.
fn change(
    plan: &Plan<'_>,
    (cell, axis): (u64, usize),
    (low, high): (Span, Span),
    safe_below: bool,
) -> Option<Change> {
    let places = plan.places(cell);
    let (variant, _) = plan.put(&places);
    let others = plan.axes.iter().zip(&places).enumerate().filter(|(place, _)| *place != axis);
    let fixed: Vec<(&Parameter, Span)> = others
        .filter_map(|(_, (axis, place))| Some((axis.parameter.as_ref()?, axis.values[*place].span?)))
        .collect();
    let parameter = plan.axes[axis].parameter.as_ref()?;
    let mut found: Option<Change> = None;
    for invariant in &plan.keep {
        let asked = Asked {
            scenario: plan.scenario,
            variant: &variant,
            fixed: fixed.clone(),
            parameter,
            keep: invariant,
            budget: plan.explore?,
        };
        let regions = match asked.regions(low, high) {
            Ok(answer) => answer.regions,
            // What does not depend on the parameter has no edge.
            Err(Failed::NoDifference(_)) => continue,
            // If one is not known, the first edge of all is not known.
            Err(Failed::Problems(_) | Failed::Wrong(_) | Failed::Disagreement(_)) => return None,
        };
        // Seen from the safe side.
        let mut seen: Vec<&Region> = regions.iter().collect();
        if !safe_below {
            seen.reverse();
        }
        let last = match seen[..] {
            [Region { safety: Known::Safe { .. }, .. }] => continue,
            [Region { safety: Known::Safe { .. }, from, to }, Region { safety: Known::Breaks, .. }, ..] => {
                if safe_below {
                    *to
                } else {
                    Span(from.0 - 1)
                }
            }
            _ => return None,
        };
        let nearer =
            found.as_ref().is_none_or(|known| if safe_below { last < known.last } else { last > known.last });
        if nearer {
            found = Some(Change { last, safe_below, invariant: invariant.clone() });
        }
    }
    found
}

/// What shows that the cheapest safe cell of a sweep is one: it is proved once more, invariant by invariant, and
/// of each neighbour that would read less, or could not be judged, it is said why it is none. `reads` gives the reads of neighbours.
pub fn certify(plan: &Plan<'_>, summary: &Summary, reads: &BTreeMap<u64, Judged>) -> Option<Certificate> {
    let best = summary.cheapest.as_ref()?;
    let budget = plan.explore?;
    let case = plan.case(best.cell).ok()?;
    let prepared = Prepared::new(&case);
    let mut states = Vec::new();
    for (place, rule) in prepared.plan.places().zip(prepared.plan.rules()) {
        if plan.keep.iter().any(|name| name == rule.name()) {
            match proof::explore_one(&prepared, place, budget).ok()? {
                Proved::Holds { states: shown } => states.push((rule.name().to_owned(), shown)),
                Proved::Broken { .. } | Proved::Unknown { .. } => return None,
            }
        }
    }
    let mut neighbours = Vec::new();
    for (cell, axis) in neighbours_of(plan, best.cell) {
        let Some((reads, verdicts)) = reads.get(&cell) else {
            neighbours.push(Neighbour { cell, axis, why: "it could not be judged".to_owned() });
            continue;
        };
        if *reads >= best.reads_per_run {
            continue;
        }
        let broken: Vec<&str> = verdicts
            .iter()
            .filter(|(name, verdict)| *verdict == Verdict::Violated && plan.keep.contains(name))
            .map(|(name, _)| name.as_str())
            .collect();
        let (low_cell, safe_below) = if cell > best.cell { (best.cell, true) } else { (cell, false) };
        let edge = between(plan, axis, low_cell).filter(|_| can_ask(plan, axis));
        let edge = edge.and_then(|range| change(plan, (low_cell, axis), range, safe_below));
        let why = match (broken.is_empty(), edge) {
            (true, _) => "it would read less, and was not decided".to_owned(),
            (false, None) => format!("it would read less, but breaks {}", broken.join(", ")),
            (false, Some(Change { last, safe_below, invariant })) => {
                let (last, next) = (text::exactly(last.0), text::exactly(last.0 + 1));
                let (safe, breaks) = if safe_below { (last, next) } else { (next, last) };
                format!(
                    "it would read less, but breaks {}; exactly, {safe} is safe and {breaks} breaks {invariant}",
                    broken.join(", ")
                )
            }
        };
        neighbours.push(Neighbour { cell, axis, why });
    }
    Some(Certificate { cell: best.cell, states, neighbours })
}

/// The neighbours of a cell on the grid, each with the dimension in which it differs.
pub(super) fn neighbours_of(plan: &Plan<'_>, cell: u64) -> Vec<(u64, usize)> {
    let places = plan.places(cell);
    let mut found = Vec::new();
    let mut stride = 1;
    for (axis, place) in places.iter().enumerate().rev() {
        let count = plan.axes[axis].values.len();
        if plan.axes[axis].name != VARIANT {
            if *place > 0 {
                found.push((cell - stride, axis));
            }
            if place + 1 < count {
                found.push((cell + stride, axis));
            }
        }
        stride *= count as u64;
    }
    found
}

impl Plan<'_> {
    /// The neighbours of a cell on the grid.
    pub fn neighbours(&self, cell: u64) -> Vec<u64> {
        neighbours_of(self, cell).into_iter().map(|(cell, _)| cell).collect()
    }
}
