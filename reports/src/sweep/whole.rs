//! A sweep as one document: what its lines say, and what they come to.

use serde::Serialize;

use super::{Cell, Edge, Head, Summary};

/// The name and version of the shape.
const SCHEMA: &str = "punctual.swept/1";

#[derive(Serialize)]
struct Whole<'s> {
    schema: &'static str,
    head: &'s Head,
    now: Option<&'s Cell>,
    /// What they come to.
    summary: Outcome<'s>,
    cells: &'s [Cell],
}

#[derive(Serialize)]
struct Outcome<'s> {
    safe: u64,
    broken: u64,
    unknown: u64,
    failed: u64,
    /// The number of the safe cell that reads least.
    cheapest: Option<u64>,
    /// The numbers of the cells that no other beats in both delay and reads.
    frontier: Vec<u64>,
    edges: &'s [Edge],
    /// What of the values between those of the cells was judged.
    unjudged: Option<String>,
}

impl Summary {
    /// The sweep for programs; `cells` are all that it has.
    pub fn document<'s>(&'s self, cells: &'s [Cell]) -> impl Serialize + use<'s> {
        let [safe, broken, unknown, failed] = self.counts;
        let summary = Outcome {
            safe,
            broken,
            unknown,
            failed,
            cheapest: self.cheapest.as_ref().map(|cell| cell.cell),
            frontier: self.frontier.iter().map(|cell| cell.cell).collect(),
            edges: &self.edges,
            unjudged: self.head.unjudged(),
        };
        Whole { schema: SCHEMA, head: &self.head, now: self.now.as_ref(), summary, cells }
    }
}
