//! Every number of a result, one a line: for spreadsheets, and for tests that hold renderings together.

use crate::document::{Document, Evidence, Scenario, Verdict, significant};

/// One number, or one word.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Measure {
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the variant; empty for the scenario as it is written.
    pub variant: String,
    /// What kind of thing it is of: `check`, `delivery`, `interleaving`, `states` or `load`.
    pub of: &'static str,
    /// Its name: the invariant, the event, the interleaving.
    pub name: String,
    /// The client; empty where none matters.
    pub client: String,
    /// What was measured, with its unit at the end.
    pub measure: &'static str,
    /// The value.
    pub value: String,
}

/// The heads of the columns.
const HEADS: [&str; 7] = ["scenario", "variant", "of", "name", "client", "measure", "value"];

/// All of them, in the order of the document.
pub fn measures(document: &Document) -> Vec<Measure> {
    let mut all = Vec::new();
    for case in &document.scenarios {
        let mut of = Of { case, all: &mut all };
        of.checks();
        of.deliveries();
        of.rest();
    }
    all
}

/// The same as CSV (RFC 4180), with a line of heads. A name that a spreadsheet would take for a formula gets
/// an apostrophe before it.
pub fn to_csv(document: &Document) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut written = writer.write_record(HEADS);
    for one in measures(document) {
        let names = [&one.scenario, &one.variant, &one.name, &one.client].map(|name| harmless(name));
        let [scenario, variant, name, client] = &names;
        written = written.and(writer.write_record([
            scenario,
            variant,
            one.of,
            name,
            client,
            one.measure,
            &one.value,
        ]));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    // Writing into memory cannot fail.
    written.map(|()| String::from_utf8(bytes).unwrap_or_default()).unwrap_or_default()
}

fn harmless(name: &str) -> String {
    if name.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{name}") } else { name.to_owned() }
}

struct Of<'d, 'm> {
    case: &'d Scenario,
    all: &'m mut Vec<Measure>,
}

impl Of<'_, '_> {
    fn add(&mut self, of: &'static str, name: &str, client: &str, measure: &'static str, value: String) {
        self.all.push(Measure {
            scenario: self.case.scenario.clone(),
            variant: self.case.variant.clone().unwrap_or_default(),
            of,
            name: name.to_owned(),
            client: client.to_owned(),
            measure,
            value,
        });
    }

    fn checks(&mut self) {
        for check in &self.case.checks {
            let mut add = |measure, value| self.add("check", &check.invariant, "", measure, value);
            let verdict = match check.verdict {
                Verdict::Holds => "holds",
                Verdict::Violated => "violated",
                Verdict::Unknown => "unknown",
            };
            add("verdict", verdict.into());
            add("as_expected", check.as_expected.to_string());
            if let Evidence::EveryTiming { states } = check.evidence {
                add("states", states.to_string());
            }
            if let Some(sampled) = &check.sampled {
                add("runs", sampled.runs.to_string());
                add("violations", sampled.violations.to_string());
                add("rate_low", significant(sampled.rate[0]).to_string());
                add("rate_high", significant(sampled.rate[1]).to_string());
            }
            if let Some(found) = &check.counterexample {
                add("counterexample", found.id.clone());
                add("steps", found.steps.to_string());
                add("smallest_gap_us", found.smallest_gap_us.to_string());
            }
        }
    }

    fn deliveries(&mut self) {
        for one in &self.case.deliveries {
            let mut add = |measure, value: u64| {
                self.add("delivery", &one.event, &one.client, measure, value.to_string());
            };
            add("undelivered_runs", one.undelivered_runs);
            if let Some(sampled) = &one.sampled_us {
                add("p50_us", sampled.p50);
                add("p90_us", sampled.p90);
                add("p99_us", sampled.p99);
                add("p999_us", sampled.p999);
                add("max_us", sampled.max);
            }
            if let Some(exact) = &one.exact_us {
                add("exact_min_us", exact.min);
                exact.max.into_iter().for_each(|max| add("exact_max_us", max));
            }
        }
    }

    fn rest(&mut self) {
        if let Some(states) = self.case.states.found {
            self.add("states", "", "", "states", states.to_string());
        }
        if let Some(load) = &self.case.load {
            let reads = significant(load.database_reads_per_run).to_string();
            self.add("load", "", "", "database_reads_per_run", reads);
            self.add("load", "", "", "polls_per_run", significant(load.polls_per_run).to_string());
        }
        for order in &self.case.interleavings {
            self.add("interleaving", &order.interleaving, "", "as_expected", order.as_expected.to_string());
            self.add("interleaving", &order.interleaving, "", "found_in_runs", order.found_in.to_string());
        }
    }
}
