//! The report of `punctual check` for somebody at a terminal.
//!
//! First what was checked, then a table per scenario (rows are variants, columns are invariants),
//! then the pictures: a race that breaks a scenario as it is expected to is shown too, once per
//! scenario, because seeing it is why the scenario exists. What is not as expected comes after that
//! in full, and the summary and the commands that replay it come last, where the eye is. A verdict
//! that rests on samples always says its bound.

mod delays;
mod idle;
mod legend;
mod states;
mod table;

use std::fmt::Write as _;

use crate::document::{
    Against, Check, Document, Group, Interleaving, InterleavingVerdict, Scenario, Verdict,
};
use crate::picture::Race;
use crate::said::{self, of_case};
use crate::style::{Ink, Style};
use crate::{terminal, text};

/// Longest name that is printed, in columns.
const NAME: usize = 40;
/// Longest sentence that is printed, in columns.
const SENTENCE: usize = 600;

/// What a report is to say beside what is in the document.
#[derive(Clone, Copy, Default, Debug)]
pub struct Extent<'t> {
    /// Reports that were written to files.
    pub files: &'t [String],
    /// Whether scenarios that are as expected are passed over.
    pub only_unexpected: bool,
}

/// The table of a scenario: a row for each variant, a column for each invariant that does not hold in all.
pub fn table(cases: &[Scenario], style: &Style) -> String {
    table::render(cases, style)
}

/// What the cells of such tables mean, as far as they occur; nothing where no table has a row.
pub fn legend(cases: &[Scenario], style: &Style) -> String {
    let checks: Vec<&Check> = cases.iter().flat_map(|case| &case.checks).collect();
    let clean = |check: &&Check| check.as_expected && check.verdict == Verdict::Holds;
    if checks.iter().all(clean) {
        String::new()
    } else {
        legend::lines(&legend::legend(&checks, style), style)
    }
}

/// The report as text, each line ending with a newline; nothing if all that is left out.
pub fn render(document: &Document, style: &Style, extent: Extent<'_>) -> String {
    let mut page = Page { out: String::new(), style: *style };
    let mut groups = document.groups();
    groups.retain(|group| !extent.only_unexpected || !group.is_as_expected());
    if groups.is_empty() && extent.only_unexpected {
        return page.out;
    }
    page.header(document);
    for group in &groups {
        page.scenario(group, document.made_with.runs_each);
    }
    page.legend(&groups);
    let known = known(&groups, style);
    let broken = broken(&groups);
    for &(case, check) in known.iter().chain(&broken) {
        page.detail(case, check);
    }
    let against = against(&groups);
    for &(case, order, found) in &against {
        page.order_detail(case, order, found);
    }
    let races = known.iter().chain(&broken).filter_map(|one| one.1.race());
    let races: Vec<&Race> = races.chain(against.iter().map(|one| &one.2.race)).collect();
    if !races.is_empty() {
        page.out.push('\n');
        page.out.push_str(&terminal::key(races, style));
    }
    page.summary(document, extent.files, &broken, &against);
    page.out
}

/// One check of a case in full: what was found, why, the picture, and what shows it again.
pub fn check(case: &Scenario, check: &Check, style: &Style) -> String {
    let mut page = Page { out: String::new(), style: *style };
    page.detail(case, check);
    if let Some(race) = check.race() {
        page.out.push('\n');
        page.out.push_str(&terminal::key([race], style));
    }
    page.out
}

type Detail<'d> = (&'d Scenario, &'d Check);

/// A named order that does not come out as its scenario says, and a run of it.
type Odd<'d> = (&'d Scenario, &'d Interleaving, &'d Against);

fn details<'g, 'd>(groups: &'g [Group<'d>]) -> impl Iterator<Item = Detail<'d>> + use<'g, 'd> {
    let cases = groups.iter().flat_map(|group| group.cases);
    cases.flat_map(|case| case.checks.iter().map(move |check| (case, check)))
}

/// What breaks as expected and has a picture: the first of each scenario as it is written, or all if verbose.
fn known<'d>(groups: &[Group<'d>], style: &Style) -> Vec<Detail<'d>> {
    let mut found: Vec<Detail> = Vec::new();
    for group in groups {
        let cases = if style.verbose > 0 { group.cases } else { &group.cases[..1] };
        let checks = cases.iter().flat_map(|case| case.checks.iter().map(move |check| (case, check)));
        let shown = checks.filter(|one| one.1.as_expected && one.1.race().is_some());
        found.extend(shown.take(if style.verbose > 0 { usize::MAX } else { 1 }));
    }
    found
}

/// What is not as expected. Of what was interrupted it is said once that it was.
fn broken<'d>(groups: &[Group<'d>]) -> Vec<Detail<'d>> {
    details(groups).filter(|one| !one.1.as_expected && !one.1.cut_short).collect()
}

fn against<'d>(groups: &[Group<'d>]) -> Vec<Odd<'d>> {
    let cases = groups.iter().flat_map(|group| group.cases);
    let orders = cases.flat_map(|case| case.interleavings.iter().map(move |order| (case, order)));
    orders.filter_map(|(case, order)| Some((case, order, order.against.as_ref()?))).collect()
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

    fn header(&mut self, document: &Document) {
        let totals = document.totals();
        let made_with = &document.made_with;
        let seed = format!("seed {}", self.clean(&made_with.seed, NAME));
        let said = [
            text::count(totals.scenarios, "scenario"),
            text::count(totals.cases, "case"),
            text::count(totals.checks, "check"),
            format!("{} each", text::count(made_with.runs_each, "run")),
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

    fn scenario(&mut self, group: &Group<'_>, runs_each: u64) {
        self.out.push('\n');
        let (ink, word) = if group.is_as_expected() { (Ink::Good, "PASS") } else { (Ink::Bad, "FAIL") };
        let name = self.clean(group.name(), NAME);
        self.worded(ink, word, &name);
        let rows = table::render(group.cases, &self.style);
        self.out.push_str(&rows);
        for case in group.cases {
            for order in &case.interleavings {
                self.interleaving(case, order);
            }
            if let Some(runs) = case.interrupted_after {
                self.interrupted(case, runs, runs_each);
            }
        }
        let idle = idle::lines(group.cases, &self.style);
        let ends = idle::ends(group.cases, &self.style);
        for line in states::lines(group.cases, &self.style).into_iter().chain(idle).chain(ends) {
            self.marked(line.as_expected, line.mark, &line.said);
        }
        self.out.push_str(&delays::render(group.cases, &self.style));
    }

    fn interleaving(&mut self, case: &Scenario, order: &Interleaving) {
        let glyphs = self.style.glyphs();
        let mark = match order.verdict {
            _ if order.as_expected => glyphs.tick,
            InterleavingVerdict::NotFound | InterleavingVerdict::Unknown => '?',
            _ => glyphs.cross,
        };
        let said = said::interleaving(order);
        let variant = case.variant.as_ref().map_or(String::new(), |variant| format!(" ({variant})"));
        self.marked(order.as_expected, mark, &format!("{}{variant}: {said}", order.interleaving));
    }

    /// How far a case had come when it was interrupted.
    fn interrupted(&mut self, case: &Scenario, runs: u64, of: u64) {
        let name = case.variant.as_deref().unwrap_or(said::AS_WRITTEN);
        let said = match runs {
            0 => "interrupted before a run was made".to_owned(),
            runs if runs < of => {
                format!("interrupted after {} of {}", text::grouped(runs), text::count(of, "run"))
            }
            _ => "interrupted before every timing was looked at".to_owned(),
        };
        self.marked(case.is_as_expected(), '?', &format!("{name}: {said}"));
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
    fn legend(&mut self, groups: &[Group<'_>]) {
        let checks: Vec<&Check> = details(groups).map(|one| one.1).collect();
        let mut said = legend::legend(&checks, &self.style);
        let cases = groups.iter().flat_map(|group| delays::shown(group.cases, &self.style));
        let deliveries: Vec<_> = cases.flat_map(|case| &case.deliveries).collect();
        said.extend(legend::delays(&deliveries, &self.style));
        self.out.push_str(&legend::lines(&said, &self.style));
    }

    fn detail(&mut self, case: &Scenario, check: &Check) {
        self.out.push('\n');
        self.title(case, check);
        let observed = [check.observed.as_deref(), Some(check.wanted.as_str()), check.margin.as_deref()];
        if !check.as_expected {
            for (word, said) in ["observed", "wanted", "margin"].into_iter().zip(observed) {
                self.field(word, said.filter(|said| !said.is_empty()));
            }
        }
        let found = check.counterexample.as_ref();
        self.field("why", found.and_then(|found| found.why.as_deref()));
        self.picture(check.race());
        self.field("nearest", found.and_then(|found| found.nearest.as_deref()));
        self.field("window", found.and_then(|found| found.window.as_deref()));
        self.field("end", check.end_of_runs.as_deref());
        self.field("rate", said::rate(check).as_deref());
        if check.verdict != Verdict::Violated {
            self.field("evidence", Some(&said::evidence(check)));
        }
        self.field("saved", found.and_then(|found| found.saved.as_deref()));
        self.command("replay", found.and_then(|found| found.replay.as_deref()));
    }

    fn order_detail(&mut self, case: &Scenario, order: &Interleaving, found: &Against) {
        self.out.push('\n');
        let said = format!("{} in {}: not as claimed", order.interleaving, of_case(case));
        self.headline(Ink::Bad, self.style.glyphs().cross, &said, case.place.as_deref());
        self.field("why", Some(&found.why));
        self.picture(Some(&found.race));
        self.field("saved", found.saved.as_deref());
        self.command("replay", Some(&found.replay));
    }

    fn picture(&mut self, race: Option<&Race>) {
        let picture = race.map_or(String::new(), |race| terminal::picture(race, &self.style));
        if !picture.is_empty() {
            self.out.push('\n');
            self.out.push_str(&picture);
            self.out.push('\n');
        }
    }

    fn title(&mut self, case: &Scenario, check: &Check) {
        let glyphs = self.style.glyphs();
        let (ink, mark) = match check.verdict {
            Verdict::Violated if check.as_expected => (Ink::Known, glyphs.cross),
            Verdict::Violated => (Ink::Bad, glyphs.cross),
            Verdict::Holds if check.as_expected => (Ink::Good, glyphs.tick),
            Verdict::Holds => (Ink::Bad, glyphs.tick),
            Verdict::Unknown => (Ink::Bad, '?'),
        };
        let verdict = said::verdict(check);
        let is_told = !check.as_expected && check.counterexample.is_some();
        let code = if is_told { format!("{} ", check.code) } else { String::new() };
        let said = format!("{code}{} in {}: {verdict}", check.invariant, of_case(case));
        self.headline(ink, mark, said.trim_start(), case.place.as_deref().filter(|_| !check.as_expected));
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

    fn summary(&mut self, document: &Document, files: &[String], broken: &[Detail], against: &[Odd]) {
        let totals = document.totals();
        let not = totals.checks - totals.as_expected;
        let mut said = said::summary(document);
        said.extend(document.interrupted.then(|| "interrupted".to_owned()));
        self.out.push('\n');
        let ink = if not == 0 { Ink::Good } else { Ink::Bad };
        self.worded(ink, "Summary", &said.join(&self.between()));
        for file in files {
            self.worded(Ink::Strong, "Report", file);
        }
        let broken = broken.iter().filter_map(|one| one.1.counterexample.as_ref()?.replay.as_ref());
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
