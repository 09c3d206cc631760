//! A sweep as a table for spreadsheets: a cell a line, in the same columns.

use super::{Cell, Head, Verdict};

/// Writes cells as lines of CSV.
#[derive(Debug)]
pub struct Rows {
    out: csv::Writer<Vec<u8>>,
}

impl Rows {
    /// The first line, as `like` has its columns.
    pub fn new(head: &Head, like: &Cell) -> Rows {
        let mut rows = Rows { out: csv::Writer::from_writer(Vec::new()) };
        let mut names = vec!["cell".to_owned()];
        names.extend(head.axes.iter().map(|axis| axis.name.clone()));
        names.extend(
            ["safety", "runs", "reads_per_run", "requests_per_run", "polls_per_run"].map(str::to_owned),
        );
        for check in &like.checks {
            let name = |what: &str| format!("{}.{what}", check.invariant);
            names.extend(["verdict", "proved", "broken", "end_of_runs", "low", "high"].map(name));
        }
        for delivery in &like.deliveries {
            let name = |what: &str| format!("{}.{}.{what}", delivery.event, delivery.client);
            names.extend(
                ["exact_min_us", "exact_max_us", "mean_us", "p50_us", "p99_us", "max_us", "undelivered_runs"]
                    .map(name),
            );
        }
        names.extend(
            [
                "reads_more",
                "reads_more_low",
                "reads_more_high",
                "latest_more_us",
                "latest_more_low",
                "latest_more_high",
                "failed",
            ]
            .map(str::to_owned),
        );
        rows.write(names);
        rows
    }

    /// Adds a cell.
    pub fn add(&mut self, head: &Head, like: &Cell, cell: &Cell) {
        let mut fields = vec![cell.cell.to_string()];
        fields.extend(cell.values.iter().cloned());
        fields.push(super::page::name(cell.safety(&head.keep)).to_owned());
        fields.push(cell.runs.to_string());
        fields.extend(
            [cell.reads_per_run, cell.requests_per_run, cell.polls_per_run].map(|load| load.to_string()),
        );
        for place in 0..like.checks.len() {
            match cell.checks.get(place) {
                Some(check) => {
                    let verdict = match check.verdict {
                        Verdict::Holds => "holds",
                        Verdict::Violated => "violated",
                        Verdict::Unknown => "unknown",
                    };
                    fields.extend([verdict.to_owned(), check.proved.to_string()]);
                    fields.extend([check.broken.to_string(), check.end_of_runs.to_string()]);
                    fields.extend([check.interval.0.to_string(), check.interval.1.to_string()]);
                }
                None => fields.extend([(); 6].map(|()| String::new())),
            }
        }
        let number = |value: Option<u64>| value.map_or(String::new(), |value| value.to_string());
        for place in 0..like.deliveries.len() {
            match cell.deliveries.get(place) {
                Some(delivery) => {
                    let exact = delivery.exact_us;
                    fields.extend([
                        number(exact.map(|exact| exact.0)),
                        number(exact.and_then(|exact| exact.1)),
                    ]);
                    fields.push(delivery.mean_us.map_or(String::new(), |mean| mean.to_string()));
                    let rest = [delivery.p50_us, delivery.p99_us, delivery.max_us, delivery.undelivered_runs];
                    fields.extend(rest.map(|value| value.to_string()));
                }
                None => fields.extend([(); 7].map(|()| String::new())),
            }
        }
        let triple = |value: Option<(f64, f64, f64)>| match value {
            Some((mean, low, high)) => [mean, low, high].map(|value| value.to_string()),
            None => [(); 3].map(|()| String::new()),
        };
        let against = cell.against_now.as_ref();
        fields.extend(triple(against.map(|against| against.reads)));
        fields.extend(triple(against.and_then(|against| against.latest_us)));
        fields.push(cell.failed.clone().unwrap_or_default());
        self.write(fields);
    }

    fn write(&mut self, fields: Vec<String>) {
        self.out.write_record(fields).expect("memory takes everything, and all lines are of one length");
    }

    /// All of it.
    pub fn finish(self) -> String {
        let bytes = self.out.into_inner().expect("memory takes everything");
        String::from_utf8(bytes).expect("texts are texts")
    }
}
