//! The report of runs with real bytes, for somebody at a terminal.
//!
//! Above all the table of verdicts, as that of a check; then what the model does not allow and what went
//! wrong on a host, since that is what real bytes are for.

use std::fmt::Write as _;

use serde::Serialize;

use crate::document::{Check, Expected, Scenario};
use crate::human;
use crate::style::{Ink, Style};
use crate::text;

/// Runs of scenarios with real bytes.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// The scenarios, in the order in which they were selected.
    pub scenarios: Vec<Simulated>,
    /// Runs of each case.
    pub runs_each: u64,
    /// The seed, as it can be given on the command line.
    pub seed: String,
}

/// A scenario and its variants.
#[derive(Clone, PartialEq, Debug)]
pub struct Simulated {
    /// Its name.
    pub name: String,
    /// The verdicts, by variant.
    pub cases: Vec<Scenario>,
    /// How long its runs took in simulated time, in microseconds.
    pub took_us: u64,
    /// How many bytes arrived at clients.
    pub bytes: u64,
    /// How long the network takes from one host to the next, in microseconds.
    pub tick_us: u64,
    /// What the model does not allow, and what went wrong: a sentence each, and what mends it.
    pub findings: Vec<Finding>,
    /// A run, drawn: what is said of it, and its picture.
    pub picture: Option<String>,
    /// What its runs do not show, since they are cut: the end that the scenario gives to them.
    pub cut: Option<String>,
}

/// Something that is not as it should be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// The variant.
    pub variant: Option<String>,
    /// The first run in which it was found, and in how many it was.
    #[serde(rename = "first_run_and_count")]
    pub runs: (u64, u64),
    /// What.
    pub what: String,
    /// What to write into the scenario.
    pub mend: Option<String>,
}

impl Simulated {
    /// Whether all verdicts are as expected and nothing was found.
    pub fn as_expected(&self) -> bool {
        let mut checks = self.cases.iter().flat_map(|case| &case.checks);
        self.findings.is_empty() && checks.all(|check| check.as_expected)
    }
}

/// The name and version of the document.
pub const SCHEMA: &str = "punctual.simulate/1";

/// The report for programs.
#[derive(Serialize)]
struct Document<'r> {
    schema: &'static str,
    seed: &'r str,
    runs_each: u64,
    scenarios: Vec<OneScenario<'r>>,
}

#[derive(Serialize)]
struct OneScenario<'r> {
    scenario: &'r str,
    as_expected: bool,
    tick_us: u64,
    took_us: u64,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<&'r str>,
    cases: Vec<OneCase<'r>>,
    findings: &'r [Finding],
}

#[derive(Serialize)]
struct OneCase<'r> {
    variant: Option<&'r str>,
    checks: Vec<OneCheck<'r>>,
}

#[derive(Serialize)]
struct OneCheck<'r> {
    invariant: &'r str,
    expected: Option<Expected>,
    as_expected: bool,
    violations: u64,
}

fn of_check(check: &Check) -> OneCheck<'_> {
    OneCheck {
        invariant: &check.invariant,
        expected: check.expected,
        as_expected: check.as_expected,
        violations: check.sampled.as_ref().map_or(0, |sampled| sampled.violations),
    }
}

/// The report for programs: a list of `scenarios`.
pub fn document(report: &Report) -> impl Serialize {
    let scenarios = report.scenarios.iter().map(|one| OneScenario {
        scenario: &one.name,
        as_expected: one.as_expected(),
        tick_us: one.tick_us,
        took_us: one.took_us,
        bytes: one.bytes,
        cut: one.cut.as_deref(),
        cases: (one.cases.iter())
            .map(|case| OneCase {
                variant: case.variant.as_deref(),
                checks: case.checks.iter().map(of_check).collect(),
            })
            .collect(),
        findings: &one.findings,
    });
    Document {
        schema: SCHEMA,
        seed: &report.seed,
        runs_each: report.runs_each,
        scenarios: scenarios.collect(),
    }
}

/// Longest name and sentence that is printed, in columns.
const NAME: usize = 40;
const SENTENCE: usize = 600;

/// The report as text, each line ending with a newline.
pub fn render(report: &Report, style: &Style) -> String {
    let mut out = String::new();
    let glyphs = style.glyphs();
    let between = format!(" {} ", glyphs.dot);
    let cases: usize = report.scenarios.iter().map(|one| one.cases.len()).sum();
    let said = [
        text::count(report.scenarios.len() as u64, "scenario"),
        text::count(cases as u64, "case"),
        format!("{} each", text::count(report.runs_each, "run")),
        format!("seed {}", report.seed),
        "real bytes on a simulated network".to_owned(),
    ];
    worded(&mut out, style, (Ink::Strong, "Simulating"), &said.join(&between));
    for one in &report.scenarios {
        out.push('\n');
        let (ink, word) = if one.as_expected() { (Ink::Good, "PASS") } else { (Ink::Bad, "FAIL") };
        let said = [
            text::clean(&one.name, NAME, style.ascii),
            format!("{} simulated", text::duration(one.took_us / 1_000_000 * 1_000_000)),
            format!("{} bytes of streams", text::grouped(one.bytes)),
            format!("{} from host to host", text::duration(one.tick_us)),
        ];
        worded(&mut out, style, (ink, word), &said.join(&between));
        out.push_str(&human::table(&one.cases, style));
        for finding in &one.findings {
            found(&mut out, style, finding);
        }
        if let Some(cut) = &one.cut {
            note(&mut out, style, cut);
        }
        if let Some(picture) = &one.picture {
            let _ = write!(out, "\n{picture}");
        }
    }
    let cases: Vec<Scenario> = report.scenarios.iter().flat_map(|one| one.cases.clone()).collect();
    out.push_str(&human::legend(&cases, style));
    out
}

fn found(out: &mut String, style: &Style, finding: &Finding) {
    let variant = finding
        .variant
        .as_ref()
        .map_or("as written".to_owned(), |variant| text::clean(variant, NAME, style.ascii));
    let (first, count) = finding.runs;
    let runs =
        if count == 1 { format!("run {first}") } else { format!("run {first} and {} more", count - 1) };
    let said = format!("{variant}, {runs}: {}", text::clean(&finding.what, SENTENCE, style.ascii));
    let mut lead = format!("    {} ", style.ink(Ink::Bad, &style.glyphs().cross.to_string()));
    for line in text::wrap(&said, style.columns() - 6, style.ascii) {
        let _ = writeln!(out, "{lead}{line}");
        lead = " ".repeat(6);
    }
    if let Some(mend) = &finding.mend {
        let _ = writeln!(out, "      {}", style.ink(Ink::Faint, &text::clean(mend, SENTENCE, style.ascii)));
    }
}

fn note(out: &mut String, style: &Style, said: &str) {
    for line in text::wrap(&text::clean(said, SENTENCE, style.ascii), style.columns() - 4, style.ascii) {
        let _ = writeln!(out, "    {}", style.ink(Ink::Faint, &line));
    }
}

/// A word right-aligned in twelve columns, and what it is about, wrapped.
fn worded(out: &mut String, style: &Style, (ink, word): (Ink, &str), said: &str) {
    let mut word = style.ink(ink, &text::right(word, 12));
    for line in text::wrap(said, style.columns() - 13, style.ascii) {
        let _ = writeln!(out, "{word} {line}");
        word = " ".repeat(12);
    }
}
