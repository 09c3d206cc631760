//! The report of `punctual check` for somebody at a terminal.
//!
//! First what was checked, then a table per scenario (rows are variants, columns are invariants),
//! then the pictures: a race that breaks a scenario as it is expected to is shown too, once per
//! scenario, because seeing it is why the scenario exists. What is not as expected comes after that
//! in full, and the summary and the commands that replay it come last, where the eye is. A verdict
//! that rests on samples always says its bound.

mod delays;
mod legend;
mod states;
mod table;

use std::fmt::Write as _;

use crate::document::{
    self, Evidence, Expected, Interleaving, InterleavingVerdict, Possibility, Sampled, Verdict,
};
use crate::picture::Race;
use crate::style::{Ink, Style};
use crate::{terminal, text};

/// Longest name that is printed, in columns.
const NAME: usize = 40;
/// Longest sentence that is printed, in columns.
const SENTENCE: usize = 600;

/// All that one `punctual check` found out, in words.
#[derive(Clone, PartialEq, Debug)]
pub struct Report {
    /// The scenarios, in the order in which they were selected.
    pub scenarios: Vec<Scenario>,
    /// Runs sampled of each case.
    pub runs_each: u64,
    /// Runs sampled in all.
    pub runs: u64,
    /// The seed, as it can be given on the command line.
    pub seed: String,
    /// How long it took and the like; nothing if the bytes are to be the same each time.
    pub took: Option<String>,
    /// Whether it was interrupted before it was done.
    pub interrupted: bool,
    /// Reports that were written to files.
    pub files: Vec<String>,
}

/// One scenario with its variants.
#[derive(Clone, PartialEq, Debug)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// Where it is written: `scenarios/render.toml:14:1`.
    pub place: Option<String>,
    /// The scenario as it is written, and its variants.
    pub cases: Vec<Case>,
}

/// One scenario under one variant.
#[derive(Clone, PartialEq, Debug)]
pub struct Case {
    /// The variant; none for the scenario as it is written.
    pub variant: Option<String>,
    /// How many runs had been made when it was interrupted, if it was.
    pub interrupted: Option<u64>,
    /// How many states exploring kept.
    pub states: States,
    /// The verdict on each invariant.
    pub checks: Vec<Check>,
    /// How long events take to arrive.
    pub deliveries: Vec<document::Delivery>,
    /// The named orders of events.
    pub interleavings: Vec<Interleaving>,
    /// Named orders that happen and do not come out as the scenario says.
    pub against: Vec<Against>,
}

/// How many states exploring kept, and under which code it is explained that they are others than
/// expected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct States {
    /// What was found.
    pub found: document::States,
    /// The code that `punctual explain` takes: `P1102`.
    pub code: String,
}

/// A named order that happens, and does not come out as the scenario says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Against {
    /// Its name.
    pub interleaving: String,
    /// What does not fit, and in how many runs.
    pub why: String,
    /// The picture of such a run.
    pub race: Option<Race>,
    /// Where that run was stored.
    pub saved: Option<String>,
    /// The command that shows it again.
    pub replay: String,
}

/// The verdict on one invariant, with all that explains it.
#[derive(Clone, PartialEq, Debug)]
pub struct Check {
    /// Name of the invariant.
    pub invariant: String,
    /// What was found.
    pub verdict: Verdict,
    /// What the scenario expects.
    pub expected: Option<Expected>,
    /// Whether the two agree.
    pub as_expected: bool,
    /// What the verdict rests on.
    pub evidence: Evidence,
    /// What the sampled runs say.
    pub sampled: Option<Sampled>,
    /// Texts that explain it.
    pub explanation: Explanation,
    /// The picture of the race.
    pub race: Option<Race>,
}

/// Texts that explain a verdict; each may be missing.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Explanation {
    /// The code that `punctual explain` takes: `P1001`.
    pub code: Option<String>,
    /// What was seen: `lost in 3 runs`.
    pub observed: Option<String>,
    /// What was wanted: `lost in none`.
    pub wanted: Option<String>,
    /// How far the two are apart: `38 ms too late`.
    pub margin: Option<String>,
    /// One sentence that says why.
    pub why: Option<String>,
    /// How many runs it took until one broke it, if that is more than were asked for.
    pub took: Option<u64>,
    /// The nearest run that passes.
    pub nearest: Option<String>,
    /// Where delays must fall for it to break.
    pub window: Option<String>,
    /// Where the counterexample was stored.
    pub saved: Option<String>,
    /// The command that shows it again: `punctual replay 7c1e`.
    pub replay: Option<String>,
    /// Whether it is unknown only because it was interrupted.
    pub cut_short: bool,
}

/// How much was checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Totals {
    /// Scenarios.
    pub scenarios: u64,
    /// Scenarios and variants.
    pub cases: u64,
    /// Verdicts on invariants and on interleavings, and numbers of states that are expected.
    pub checks: u64,
    /// How many of the checks ended as expected.
    pub as_expected: u64,
}

impl Report {
    /// How much was checked.
    pub fn totals(&self) -> Totals {
        let cases = || self.scenarios.iter().flat_map(|scenario| &scenario.cases);
        let checks = cases().flat_map(|case| case.checks.iter().map(|check| check.as_expected));
        let orders = cases().flat_map(|case| case.interleavings.iter().map(|order| order.as_expected));
        let states = cases().map(|case| &case.states.found).filter(|states| states.expected.is_some());
        let states = states.map(|states| states.as_expected);
        let all: Vec<bool> = checks.chain(orders).chain(states).collect();
        Totals {
            scenarios: self.scenarios.len() as u64,
            cases: cases().count() as u64,
            checks: all.len() as u64,
            as_expected: all.iter().filter(|as_expected| **as_expected).count() as u64,
        }
    }
}

impl Scenario {
    fn as_expected(&self) -> bool {
        self.cases.iter().all(Case::as_expected)
    }
}

impl Case {
    fn as_expected(&self) -> bool {
        self.states.found.as_expected
            && self.checks.iter().all(|check| check.as_expected)
            && self.interleavings.iter().all(|order| order.as_expected)
    }
}

/// The table of a scenario: a row for each variant, a column for each invariant that does not hold in all.
pub fn table(scenario: &Scenario, style: &Style) -> String {
    table::render(scenario, style)
}

/// The report as text, each line ending with a newline.
pub fn render(report: &Report, style: &Style) -> String {
    let mut page = Page { out: String::new(), style: *style };
    page.header(report);
    for scenario in &report.scenarios {
        page.scenario(scenario, report.runs_each);
    }
    page.legend(report);
    let known = known(report, style);
    let broken = broken(report);
    for &(scenario, case, check) in known.iter().chain(&broken) {
        page.detail(scenario, case, check);
    }
    let against = against(report);
    for &(scenario, case, order) in &against {
        page.order_detail(scenario, case, order);
    }
    let races = known.iter().chain(&broken).filter_map(|one| one.2.race.as_ref());
    let races: Vec<&Race> = races.chain(against.iter().filter_map(|one| one.2.race.as_ref())).collect();
    if !races.is_empty() {
        page.out.push('\n');
        page.out.push_str(&terminal::key(races, style));
    }
    page.summary(report, &broken, &against);
    page.out
}

type Detail<'a> = (&'a Scenario, &'a Case, &'a Check);

fn details(report: &Report) -> impl Iterator<Item = Detail<'_>> {
    let cases =
        report.scenarios.iter().flat_map(|scenario| scenario.cases.iter().map(move |case| (scenario, case)));
    cases.flat_map(|(scenario, case)| case.checks.iter().map(move |check| (scenario, case, check)))
}

/// What breaks as expected and has a picture: the first of each scenario, or all if verbose.
fn known<'a>(report: &'a Report, style: &Style) -> Vec<Detail<'a>> {
    let mut found: Vec<Detail> = Vec::new();
    for one in details(report).filter(|one| one.2.as_expected && one.2.race.is_some()) {
        if style.verbose > 0 || found.last().is_none_or(|last| !std::ptr::eq(last.0, one.0)) {
            found.push(one);
        }
    }
    found
}

/// What is not as expected. Of what was interrupted it is said once that it was.
fn broken(report: &Report) -> Vec<Detail<'_>> {
    details(report).filter(|one| !one.2.as_expected && !one.2.explanation.cut_short).collect()
}

fn against(report: &Report) -> Vec<(&Scenario, &Case, &Against)> {
    let cases =
        report.scenarios.iter().flat_map(|scenario| scenario.cases.iter().map(move |case| (scenario, case)));
    cases.flat_map(|(scenario, case)| case.against.iter().map(move |order| (scenario, case, order))).collect()
}

/// A report while it is written.
struct Page {
    out: String,
    style: Style,
}

impl Page {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.out, "{}", line.trim_end());
    }

    fn clean(&self, said: &str, most: usize) -> String {
        text::clean(said, most, self.style.ascii)
    }

    /// ` · ` or ` - `.
    fn between(&self) -> String {
        format!(" {} ", self.style.glyphs().dot)
    }

    fn header(&mut self, report: &Report) {
        let totals = report.totals();
        let seed = format!("seed {}", self.clean(&report.seed, NAME));
        let said = [
            text::count(totals.scenarios, "scenario"),
            text::count(totals.cases, "case"),
            text::count(totals.checks, "check"),
            format!("{} each", text::count(report.runs_each, "run")),
            seed,
        ];
        self.worded(Ink::Strong, "Checking", &said.join(&self.between()));
    }

    /// A word right-aligned in twelve columns, and what it is about, wrapped.
    fn worded(&mut self, ink: Ink, word: &str, said: &str) {
        let room = self.style.columns() - 13;
        let mut word = self.style.ink(ink, &text::right(word, 12));
        for line in text::wrap(&self.clean(said, SENTENCE), room, self.style.ascii) {
            self.line(&format!("{word} {line}"));
            word = " ".repeat(12);
        }
    }

    fn scenario(&mut self, scenario: &Scenario, runs_each: u64) {
        self.out.push('\n');
        let (ink, word) = if scenario.as_expected() { (Ink::Good, "PASS") } else { (Ink::Bad, "FAIL") };
        let name = self.clean(&scenario.name, NAME);
        self.worded(ink, word, &name);
        let rows = table::render(scenario, &self.style);
        self.out.push_str(&rows);
        for case in &scenario.cases {
            for order in &case.interleavings {
                self.interleaving(case, order);
            }
            if let Some(runs) = case.interrupted {
                self.interrupted(case, runs, runs_each);
            }
        }
        for line in states::lines(&scenario.cases, &self.style) {
            self.marked(line.as_expected, line.mark, &line.said);
        }
        self.out.push_str(&delays::render(scenario, &self.style));
    }

    fn interleaving(&mut self, case: &Case, order: &Interleaving) {
        let glyphs = self.style.glyphs();
        let mark = match order.verdict {
            _ if order.as_expected => glyphs.tick,
            InterleavingVerdict::NotFound | InterleavingVerdict::Unknown => '?',
            _ => glyphs.cross,
        };
        let mut said = match order.verdict {
            InterleavingVerdict::Impossible => "impossible".to_owned(),
            InterleavingVerdict::Possible => "possible, although no run shows it".to_owned(),
            InterleavingVerdict::Found if order.found_in == 0 => {
                format!("found, but only beyond the {} asked for", text::count(order.runs, "run"))
            }
            InterleavingVerdict::Found => {
                format!("found in {} of {}", text::grouped(order.found_in), text::count(order.runs, "run"))
            }
            InterleavingVerdict::NotFound => {
                format!("not found in {}: {}", text::count(order.runs, "run"), bound(order.runs))
            }
            InterleavingVerdict::Unknown => "unknown: a limit was reached".to_owned(),
        };
        if let Some(at) = &order.refused_at {
            let _ = write!(said, ", refused at {at}");
        }
        if let Some(limit) = &order.limit {
            let _ = write!(said, ", and exploring stopped: {limit}");
        }
        if let Some(states) = order.states {
            let _ = write!(said, " ({})", text::count(states, "state"));
        }
        if let Some(reason) = &order.reason {
            let _ = write!(said, ": {reason}");
        }
        if !order.as_expected {
            said.push_str(match (order.expected, order.verdict) {
                (Possibility::Impossible, _) => "; expected to be impossible",
                (Possibility::Possible, InterleavingVerdict::Found) => "; not as claimed",
                (Possibility::Possible, _) => "; expected to be possible",
            });
        }
        let variant = case.variant.as_ref().map_or(String::new(), |variant| format!(" ({variant})"));
        self.marked(order.as_expected, mark, &format!("{}{variant}: {said}", order.interleaving));
    }

    /// How far a case had come when it was interrupted.
    fn interrupted(&mut self, case: &Case, runs: u64, of: u64) {
        let name = case.variant.as_deref().unwrap_or(table::BASE);
        let said = match runs {
            0 => "interrupted before a run was made".to_owned(),
            runs if runs < of => {
                format!("interrupted after {} of {}", text::grouped(runs), text::count(of, "run"))
            }
            _ => "interrupted before every timing was looked at".to_owned(),
        };
        self.marked(case.as_expected(), '?', &format!("{name}: {said}"));
    }

    /// A sentence about a case below its table, with a mark before it.
    fn marked(&mut self, as_expected: bool, mark: char, said: &str) {
        let (flag, ink) = if as_expected { (' ', Ink::Good) } else { ('!', Ink::Bad) };
        let mut lead = format!("   {flag}{} ", self.style.ink(ink, &mark.to_string()));
        let said = self.clean(said, SENTENCE);
        for line in text::wrap(&said, self.style.columns() - 6, self.style.ascii) {
            self.line(&format!("{lead}{line}"));
            lead = " ".repeat(6);
        }
    }

    /// What the cells of the tables mean, as far as they occur.
    fn legend(&mut self, report: &Report) {
        let checks: Vec<&Check> = details(report).map(|one| one.2).collect();
        let mut said = legend::legend(&checks, &self.style);
        let cases = report.scenarios.iter().flat_map(|scenario| delays::told(scenario, &self.style));
        let deliveries: Vec<_> = cases.flat_map(|case| &case.deliveries).collect();
        said.extend(legend::delays(&deliveries, &self.style));
        if said.is_empty() {
            return;
        }
        self.out.push('\n');
        for line in text::pack(&said, "   ", self.style.columns() - 4, self.style.ascii) {
            self.line(&format!("    {}", self.style.ink(Ink::Faint, &line)));
        }
    }

    fn detail(&mut self, scenario: &Scenario, case: &Case, check: &Check) {
        let explanation = &check.explanation;
        self.out.push('\n');
        self.title(scenario, case, check);
        let observed = [&explanation.observed, &explanation.wanted, &explanation.margin];
        if !check.as_expected {
            for (word, said) in ["observed", "wanted", "margin"].into_iter().zip(observed) {
                self.field(word, said.as_deref());
            }
        }
        self.field("why", explanation.why.as_deref());
        self.picture(check.race.as_ref());
        self.field("nearest", explanation.nearest.as_deref());
        self.field("window", explanation.window.as_deref());
        self.field("rate", check.sampled.as_ref().map(|sampled| rate(sampled, check)).as_deref());
        if check.verdict != Verdict::Violated {
            self.field("evidence", Some(&evidence(check)));
        }
        self.field("saved", explanation.saved.as_deref());
        self.command("replay", explanation.replay.as_deref());
    }

    fn order_detail(&mut self, scenario: &Scenario, case: &Case, order: &Against) {
        self.out.push('\n');
        let variant = case.variant.as_ref().map_or(String::new(), |variant| format!(" with {variant}"));
        let said = format!("{} in {}{variant}: not as claimed", order.interleaving, scenario.name);
        self.headline(Ink::Bad, self.style.glyphs().cross, &said, scenario.place.as_deref());
        self.field("why", Some(&order.why));
        self.picture(order.race.as_ref());
        self.field("saved", order.saved.as_deref());
        self.command("replay", Some(&order.replay));
    }

    fn picture(&mut self, race: Option<&Race>) {
        let picture = race.map_or(String::new(), |race| terminal::picture(race, &self.style));
        if !picture.is_empty() {
            self.out.push('\n');
            self.out.push_str(&picture);
            self.out.push('\n');
        }
    }

    fn title(&mut self, scenario: &Scenario, case: &Case, check: &Check) {
        let glyphs = self.style.glyphs();
        let (ink, mark) = match check.verdict {
            Verdict::Violated if check.as_expected => (Ink::Known, glyphs.cross),
            Verdict::Violated => (Ink::Bad, glyphs.cross),
            Verdict::Holds if check.as_expected => (Ink::Good, glyphs.tick),
            Verdict::Holds => (Ink::Bad, glyphs.tick),
            Verdict::Unknown => (Ink::Bad, '?'),
        };
        let verdict = match (check.verdict, check.as_expected) {
            (Verdict::Violated, true) => "broken, as expected",
            (Verdict::Violated, false) => "broken, and must hold",
            (Verdict::Holds, true) => "holds, as expected",
            (Verdict::Holds, false) => "holds, and is expected to break",
            (Verdict::Unknown, _) => "unknown",
        };
        let variant = case.variant.as_ref().map_or(String::new(), |variant| format!(" with {variant}"));
        let code = check.explanation.code.as_ref().map_or(String::new(), |code| format!("{code} "));
        let said = format!("{code}{} in {}{variant}: {verdict}", check.invariant, scenario.name);
        self.headline(ink, mark, &said, scenario.place.as_deref().filter(|_| !check.as_expected));
    }

    /// A glyph and a sentence, and at the right what place it is about.
    fn headline(&mut self, ink: Ink, mark: char, said: &str, place: Option<&str>) {
        let said = self.clean(said, SENTENCE);
        let place = place.map_or(String::new(), |place| self.clean(place, NAME));
        let columns = self.style.columns();
        let mut lines = text::wrap(&said, columns - 2, self.style.ascii);
        if let [only] = lines.as_slice() {
            let used = 2 + text::columns(only) + 2;
            if !place.is_empty() && used + text::columns(&place) <= columns {
                let only = only.clone();
                let gap = " ".repeat(columns - 2 - text::columns(&only) - text::columns(&place));
                self.line(&format!(
                    "{} {}{gap}{place}",
                    self.style.ink(ink, &mark.to_string()),
                    self.style.ink(Ink::Strong, &only)
                ));
                return;
            }
        }
        let mut lead = self.style.ink(ink, &mark.to_string());
        for line in lines.drain(..) {
            let line = format!("{lead} {}", self.style.ink(Ink::Strong, &line));
            self.line(&line);
            " ".clone_into(&mut lead);
        }
        if !place.is_empty() {
            self.line(&format!("  {place}"));
        }
    }

    /// `  replay   a command`, one command when it is pasted.
    fn command(&mut self, word: &str, said: Option<&str>) {
        let Some(said) = said else { return };
        let mut lead = self.style.ink(Ink::Faint, &text::left(word, 8));
        for line in text::command(&self.clean(said, SENTENCE), self.style.columns() - 11, self.style.ascii) {
            self.line(&format!("  {lead} {line}"));
            lead = " ".repeat(8);
        }
    }

    /// `  why      a sentence`, wrapped.
    fn field(&mut self, word: &str, said: Option<&str>) {
        let Some(said) = said else { return };
        let mut lead = self.style.ink(Ink::Faint, &text::left(word, 8));
        for line in text::wrap(&self.clean(said, SENTENCE), self.style.columns() - 11, self.style.ascii) {
            self.line(&format!("  {lead} {line}"));
            lead = " ".repeat(8);
        }
    }

    fn summary(&mut self, report: &Report, broken: &[Detail], against: &[(&Scenario, &Case, &Against)]) {
        let totals = report.totals();
        let not = totals.checks - totals.as_expected;
        let as_expected = match (totals.checks, not) {
            (0, _) => "nothing checked".to_owned(),
            (_, 0) => format!("{}, all as expected", text::count(totals.checks, "check")),
            _ => format!(
                "{}: {} as expected, {} not",
                text::count(totals.checks, "check"),
                text::grouped(totals.as_expected),
                text::grouped(not)
            ),
        };
        let mut said = vec![as_expected, text::count(totals.cases, "case"), text::count(report.runs, "run")];
        said.extend(report.took.clone());
        said.extend(report.interrupted.then(|| "interrupted".to_owned()));
        self.out.push('\n');
        let ink = if not == 0 { Ink::Good } else { Ink::Bad };
        self.worded(ink, "Summary", &said.join(&self.between()));
        for file in &report.files {
            self.worded(Ink::Strong, "Report", file);
        }
        let broken = broken.iter().filter_map(|one| one.2.explanation.replay.as_ref());
        let mut said: Vec<&String> = Vec::new();
        for replay in broken.chain(against.iter().map(|one| &one.2.replay)) {
            if said.contains(&replay) {
                continue;
            }
            said.push(replay);
            let mut word = self.style.ink(Ink::Strong, &text::right("Replay", 12));
            let said = self.clean(replay, SENTENCE);
            for line in text::command(&said, self.style.columns() - 13, self.style.ascii) {
                self.line(&format!("{word} {line}"));
                word = " ".repeat(12);
            }
        }
    }
}

/// `412 of 5 000 = 8.24 %, 95 % interval 7.49 % to 9.04 %`, or the bound if there are none.
fn rate(sampled: &Sampled, check: &Check) -> String {
    let of = format!("{} of {}", text::grouped(sampled.violations), text::count(sampled.runs, "run"));
    if sampled.runs == 0 {
        return "no run came to its end".to_owned();
    }
    if let Some(took) = check.explanation.took {
        return format!("{of}: {}; it took {} to see one", bound(sampled.runs), text::count(took, "run"));
    }
    if sampled.violations == 0 {
        return format!("{of}: {}", bound(sampled.runs));
    }
    let share = sampled.violations as f64 / sampled.runs as f64;
    let [low, high] = sampled.rate;
    format!("{of} = {}, 95 % interval {} to {}", text::chance(share), text::chance(low), text::chance(high))
}

/// The bound on a rate after no violation in `runs` runs (rule of three).
fn bound(runs: u64) -> String {
    if runs < 4 {
        "says nothing about the rate".to_owned()
    } else {
        format!("rate < {} at 95 %", text::chance(3.0 / runs as f64))
    }
}

/// Whether a verdict is unknown because what must be broken was not seen broken.
fn unseen(check: &Check) -> bool {
    check.expected == Some(Expected::Violated)
}

fn evidence(check: &Check) -> String {
    match (&check.evidence, check.verdict) {
        (Evidence::EveryTiming { states }, Verdict::Violated) => {
            format!("found among all timings ({})", text::count(*states, "state"))
        }
        (Evidence::EveryTiming { states }, Verdict::Holds | Verdict::Unknown) => {
            format!("every timing ({})", text::count(*states, "state"))
        }
        (Evidence::Runs, _) => "sampled runs".to_owned(),
        (Evidence::Limit { limit }, _) => format!("stopped at a limit: {limit}"),
    }
}
