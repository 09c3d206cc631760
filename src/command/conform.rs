//! `punctual conform`: a log of what really happened, held against a scenario.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use punctual::logs::log::{self, Finding, Log};
use punctual::logs::{Judged, Outside, Said, Unknown, is_asked, judge, outside};
use punctual::sampling::Prepared;
use punctual_model::RuleId;
use punctual_reports::style::{Ink, Style};
use punctual_reports::text;
use punctual_scenarios::{Case, duration};
use punctual_sim::Span;
use serde_json::json;

use super::output::{Output, say, wrong};
use super::select::{case, one};
use super::{Exit, Format, One, stdin};

/// Hold a log against a scenario.
#[derive(Args, Debug)]
#[command(
    after_help = "A log is JSON, one object a line: {\"schema\":\"punctual.log/1\"}, then facts such as\n\
    {\"at\":1200,\"fact\":\"published NAME\",\"n\":1,\"writer\":\"app\"}, and {\"at\":9000,\"fact\":\"end\"};\n\
    `punctual run --format log` writes one, `punctual schema log` says what may stand in a line. Whatever the scenario expects, a log is to hold its invariants.\n\
    What a log never tells is unknown (?), not absent: without a line of a client nobody knows what arrives there.\n\
    The line that would decide it is named; or let the first line say \"tells\":[\"arrived\",\"finished\"] for what\n\
    would be there if it happened, \"tells\":\"all\" if nothing is left out.\n\
    Exits 0 if it does and took no longer than the scenario allows, 1 if not, 3 if it does not say,\n\
    4 if it tells nothing that an invariant is about."
)]
pub(crate) struct Conform {
    #[command(flatten)]
    one: One,
    /// The log; - for standard input
    log: PathBuf,
    /// How far the clocks of two writers may be apart
    #[arg(long, value_parser = duration, default_value = "0us")]
    skew: Span,
    /// What to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

impl Conform {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        stdin::refuse_twice([&self.one.scenario, &self.log])?;
        let scenario = one(&self.one.scenario, output)?.scenario;
        let case = case(&scenario, self.one.variant.as_deref(), output)?;
        let prepared = Prepared::new(&case);
        let logs = read(&self.log, &case)?;
        let judged: Vec<Judged> = logs.iter().map(|log| judge(&prepared, log, self.skew)).collect();
        let is_asked = |place: &RuleId| is_asked(case.check(*place).expected, case.check(*place).stated);
        let asked: Vec<RuleId> = case.rules().filter(is_asked).collect();
        let concerned = |place: RuleId| judged.iter().any(|run| run.concerns[place.0]);
        if !asked.iter().any(|&place| concerned(place)) {
            say(&format!(
                "error: {}: no line tells anything that an invariant of {} is about; it has {}",
                self.log.display(),
                scenario.name,
                text::count(judged.iter().map(|run| run.facts as u64).sum(), "fact")
            ));
            return Err(Exit::Nothing);
        }
        let outside = outside(&judged, self.skew);
        let shown =
            Shown { name: &scenario.name, case: &case, judged: &judged, outside: &outside, asked: &asked };
        let text = self.format.of(&shown.document(), "runs");
        let text = text.unwrap_or_else(|| shown.text(self.skew, &output.style));
        output.print(&text)?;
        Ok(shown.exit())
    }
}

/// Reads the runs of a log; says what is wrong with it.
pub(crate) fn read(path: &Path, case: &Case) -> Result<Vec<Log>, Exit> {
    let cannot = |error: io::Error| wrong(format!("cannot read {}: {error}", path.display()));
    let reader: Box<dyn BufRead> = if stdin::is_meant(path) {
        Box::new(BufReader::new(io::stdin()))
    } else {
        Box::new(BufReader::new(File::open(path).map_err(cannot)?))
    };
    log::read(reader, &case.system).map_err(|bad| wrong(format!("{}:{bad}", path.display())))
}

struct Shown<'a> {
    name: &'a str,
    case: &'a Case,
    judged: &'a [Judged],
    outside: &'a [Outside],
    asked: &'a [RuleId],
}

impl Shown<'_> {
    fn broken(&self, place: RuleId) -> Option<(&Judged, &str, usize)> {
        let broken = |run: &&Judged| matches!(run.said[place.0], Said::Broken(_));
        let first = self.judged.iter().find(broken)?;
        let Said::Broken(why) = &first.said[place.0] else { return None };
        Some((first, why, self.judged.iter().filter(broken).count()))
    }

    fn unknown(&self, place: RuleId) -> Option<(&Judged, &Unknown)> {
        self.judged.iter().find_map(|run| match &run.said[place.0] {
            Said::Unknown(unknown) => Some((run, unknown)),
            Said::Holds | Said::Broken(_) => None,
        })
    }

    fn exit(&self) -> Exit {
        let findings = self.judged.iter().any(|run| !run.findings.is_empty());
        if self.asked.iter().any(|&place| self.broken(place).is_some())
            || !self.outside.is_empty()
            || findings
        {
            Exit::NotAsExpected
        } else if self.asked.iter().any(|&place| self.unknown(place).is_some()) {
            Exit::Inconclusive
        } else {
            Exit::AsExpected
        }
    }

    /// The document for programs: a list of `runs`.
    fn document(&self) -> serde_json::Value {
        let invariant = |run: &Judged, place: RuleId| {
            let (said, why, decided_by) = match &run.said[place.0] {
                Said::Holds => ("holds", None, None),
                Said::Broken(why) => ("broken", Some(why), None),
                Said::Unknown(unknown) => ("unknown", Some(&unknown.why), unknown.decided_by.as_ref()),
            };
            json!({
                "invariant": self.case.check(place).rule.name(),
                "said": said,
                "why": why,
                "decided_by": decided_by,
            })
        };
        let run = |run: &Judged| {
            let findings =
                run.findings.iter().map(|Finding { line, what }| json!({ "line": line, "what": what }));
            json!({
                "run": run.run,
                "facts": run.facts,
                "invariants": self.asked.iter().map(|&place| invariant(run, place)).collect::<Vec<_>>(),
                "findings": findings.collect::<Vec<_>>(),
            })
        };
        let outside = |one: &Outside| {
            let most = (one.allowed.max != Span::NEVER).then_some(one.allowed.max.0);
            json!({
                "what": one.what,
                "took_us": one.took,
                "allowed_us": [Some(one.allowed.min.0), most],
                "times": one.times,
                "run": one.run,
                "line": one.line,
                "mend": one.mend,
            })
        };
        json!({
            "schema": "punctual.conform/1",
            "scenario": self.name,
            "variant": self.case.variant,
            "runs": self.judged.iter().map(run).collect::<Vec<_>>(),
            "outside": self.outside.iter().map(outside).collect::<Vec<_>>(),
        })
    }

    fn text(&self, skew: Span, style: &Style) -> String {
        let mut lines = Lines { out: String::new(), style: *style };
        self.title(skew, &mut lines);
        self.invariants(&mut lines);
        self.delays(&mut lines);
        for run in self.judged {
            for Finding { line, what } in &run.findings {
                lines.marked(Ink::Bad, '!', &format!("line {line} of {}: {what}", run.run));
            }
        }
        lines.out
    }

    /// What was held against what, and what came of it.
    fn title(&self, skew: Span, lines: &mut Lines) {
        let facts = self.judged.iter().map(|run| run.facts as u64).sum();
        let mut said = vec![
            self.case
                .variant
                .as_ref()
                .map_or_else(|| self.name.to_owned(), |variant| format!("{} {variant}", self.name)),
            text::count(self.judged.len() as u64, "run"),
            text::count(facts, "fact"),
        ];
        if skew > Span::ZERO {
            said.push(format!("clocks may differ by {}", text::duration(skew.0)));
        }
        let (ink, word) = match self.exit() {
            Exit::AsExpected => (Ink::Good, "CONFORMS"),
            Exit::Inconclusive => (Ink::Known, "UNKNOWN"),
            _ => (Ink::Bad, "DIFFERS"),
        };
        lines.worded(ink, word, &said.join(&format!(" {} ", lines.style.glyphs().dot)));
    }

    /// What is broken, then what is open, with what would decide it, then what holds.
    fn invariants(&self, lines: &mut Lines) {
        let glyphs = lines.style.glyphs();
        let (mut held, mut open): (Vec<&str>, Vec<(Vec<&str>, String)>) = (Vec::new(), Vec::new());
        for &place in self.asked {
            let name = self.case.check(place).rule.name();
            if let Some((run, why, count)) = self.broken(place) {
                let runs = if self.judged.len() == 1 {
                    String::new()
                } else {
                    format!(", {count} of {}", text::count(self.judged.len() as u64, "run"))
                };
                lines.marked(Ink::Bad, glyphs.cross, &format!("{name}{runs}: {}: {why}", run.run));
            } else if let Some((run, unknown)) = self.unknown(place) {
                let of = if self.judged.len() == 1 { String::new() } else { format!("{}: ", run.run) };
                let why = format!("{of}{unknown}");
                match open.iter_mut().find(|(_, known)| *known == why) {
                    Some((names, _)) => names.push(name),
                    None => open.push((vec![name], why)),
                }
            } else {
                held.push(name);
            }
        }
        for (names, why) in open {
            lines.marked(Ink::Known, '?', &format!("{}: {why}", names.join(", ")));
        }
        if !held.is_empty() {
            lines.marked(Ink::Good, glyphs.tick, &format!("holds: {}", held.join(", ")));
        }
    }

    /// The delays that the scenario does not allow, and what would allow them.
    fn delays(&self, lines: &mut Lines) {
        for outside in self.outside {
            let took = if outside.took < 0 {
                format!("-{}", text::duration(outside.took.unsigned_abs()))
            } else {
                text::duration(outside.took.unsigned_abs())
            };
            let times = if outside.times == 1 { String::new() } else { format!(", {} times", outside.times) };
            let said = format!(
                "outside the model: {} took {took}, allowed {} ({}, line {}{times})",
                outside.what, outside.allowed, outside.run, outside.line
            );
            lines.marked(Ink::Bad, lines.style.glyphs().cross, &said);
            if let Some(mend) = &outside.mend {
                lines.line(&format!("      {}", lines.style.ink(Ink::Faint, mend)));
            }
        }
    }
}

/// Lines for a terminal.
struct Lines {
    out: String,
    style: Style,
}

impl Lines {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn worded(&mut self, ink: Ink, word: &str, said: &str) {
        let mut word = self.style.ink(ink, &text::right(word, 12));
        for line in text::wrap(said, self.style.columns() - 13, self.style.ascii) {
            self.line(&format!("{word} {line}"));
            word = " ".repeat(12);
        }
    }

    fn marked(&mut self, ink: Ink, mark: char, said: &str) {
        let said = text::clean(said, 600, self.style.ascii);
        let mut lead = format!("    {} ", self.style.ink(ink, &mark.to_string()));
        for line in text::wrap(&said, self.style.columns() - 6, self.style.ascii) {
            self.line(&format!("{lead}{line}"));
            lead = " ".repeat(6);
        }
    }
}
