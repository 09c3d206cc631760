//! Logs of what really happened, held against a scenario.
//!
//! The invariants are those that judge runs, and they see the same facts. The delays between the lines are
//! held against the intervals of the scenario: what they do not allow is outside of the model, and whatever
//! was proved of that says nothing about the system that wrote the log.
//!
//! Clocks of several writers may differ, up to a bound that is given: an effect that seems to come before its
//! cause by less is put behind it, and a delay that was measured by two clocks is allowed to be as much off.

pub mod fit;
pub mod kinds;
mod knowledge;
mod known;
pub mod log;
mod missing;
mod order;
pub mod timing;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use punctual_model::{Allowed, Breach, ClientId, Evidence, Fact, Identity, Ledger, Measured, Plan, Rule};
use punctual_reports::text;
use punctual_scenarios::Expected;
use punctual_sim::{Clocked, Ending, Interval, Span, Time};

use knowledge::Knowledge;
use log::{Finding, LineNumber, Log};
use missing::Missing;
use order::{ordered, stepping_clocks};
use punctual_judging::sampling::Prepared;
use punctual_telling::story::Story;
use timing::{Measure, Measuring, Seen};

/// What a log says of an invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Nothing that it tells breaks it.
    Holds,
    /// It is broken: how, in a sentence.
    Broken(String),
    /// What it tells does not decide it.
    Unknown(Unknown),
}

/// Why a log does not decide an invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What is missing, in a sentence.
    pub why: String,
    /// The fact of a line that would decide it, if one would.
    pub decided_by: Option<String>,
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.decided_by {
            Some(line) => write!(f, "{}; `{line}` would decide it", self.why),
            None => f.write_str(&self.why),
        }
    }
}

/// A log, judged.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The name of the run.
    pub run: String,
    /// By invariant.
    pub said: Vec<Said>,
    /// What was measured.
    pub measures: Vec<Measure>,
    /// What is wrong with the log itself, or with the clocks of its writers.
    pub findings: Vec<Finding>,
    /// How many facts it tells.
    pub facts: usize,
    /// By invariant: whether it tells anything that it is about.
    pub concerns: Vec<bool>,
}

/// A delay that the scenario does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// What took too long or too little.
    pub what: String,
    /// The worst of it, in microseconds.
    pub took: i64,
    /// What is allowed.
    pub allowed: Interval,
    /// How often.
    pub times: usize,
    /// The line in which it was worst.
    pub line: LineNumber,
    /// The name of the run in which it was.
    pub run: String,
    /// What to write into the scenario.
    pub mend: Option<String>,
}

/// Judges a run of a log. Clocks of two writers may differ by `skew`.
pub fn judge(prepared: &Prepared<'_>, log: &Log, skew: Span) -> Judged {
    let mut findings = log.findings.clone();
    stepping_clocks(log, &mut findings);
    let ordered = ordered(log, skew, &mut findings);
    let mut measuring = Measuring::new(&prepared.case.system, &ordered);
    for seen in &ordered {
        measuring.take(*seen);
    }
    findings.append(&mut measuring.gaps);
    findings.sort();
    let begins = ordered.first().map_or(0, |seen| seen.at);
    let time = |at: i64| Time(at.saturating_sub(begins).max(0) as u64);
    let last = ordered.last().map_or(Time::ZERO, |seen| time(seen.at));
    let facts: Vec<(Time, Fact)> = ordered.iter().map(|seen| (time(seen.at), seen.fact)).collect();
    let ended_at = log.ends.map_or(last, |ends| time(ends).max(last));
    let story = Story::of_facts(&prepared.case.system, facts, ended_at);
    let ends = log.ends.is_some();
    let rules = prepared.plan.rules();
    let knowledge = Knowledge { kinds: &log.kinds, story: &story };
    let said = rules.iter().map(|rule| said(&knowledge, &ordered, *rule, (skew, ends))).collect();
    let concerns = rules
        .iter()
        .map(|rule| story.facts.iter().any(|(_, fact)| (rule.invariant().concerns)(fact)))
        .collect();
    Judged {
        run: log.run.clone(),
        said,
        measures: measuring.measures,
        findings,
        facts: log.lines.len(),
        concerns,
    }
}

/// What the log says of an invariant.
fn said(known: &Knowledge<'_>, ordered: &[Seen], rule: Rule, (skew, ends): (Span, bool)) -> Said {
    let unknown =
        |why: &str, decided_by: Option<String>| Said::Unknown(Unknown { why: why.to_owned(), decided_by });
    let best = known.at_best(rule);
    let (breach, at_end) = breach(&best, rule, ends);
    if let Some(breach) = breach.filter(|_| known.is_certain(rule)) {
        let doubtful = deliveries(&best, ordered, rule, (skew, ends));
        return match doubtful {
            None => Said::Broken(known.reason(rule, breach)),
            Some(Doubtful::Broken(breach)) => Said::Broken(known.reason(rule, breach)),
            Some(Doubtful::Open(why)) => unknown(&why, None),
        };
    }
    let as_told = self::breach(known.story, rule, true).0;
    if let Some(Missing { untold, line }) = known.missing(rule, as_told) {
        return unknown(&format!("no line tells {untold}"), Some(line));
    }
    if !known.story.facts.iter().any(|(_, fact)| (rule.invariant().concerns)(fact)) {
        return unknown("no line tells anything that it is about", None);
    }
    let open = |why: &str| {
        unknown(&format!("the log has no end line, and at its last line {why}"), Some("end".into()))
    };
    match at_end {
        Some(_) => open("something is owed"),
        None if !ends && is_about_timers(rule) && is_timed(known.story) => open("a timer runs"),
        None => Said::Holds,
    }
}

/// Whether what timers do decides an invariant.
fn is_about_timers(rule: Rule) -> bool {
    rule.invariant().in_logs.holds_with.contains(&Evidence::Timers)
}

/// Whether a timer that was started may still fire after the last line.
fn is_timed(story: &Story<'_>) -> bool {
    story.placed().any(|(place, fact)| {
        let Fact::TimerStarted(client, timer) = fact else { return false };
        let stops = &story.system.clients[usize::from(client.0)].timers[usize::from(timer.0)].stopped_by;
        !story.since(place).any(|(_, later)| match later {
            Fact::TimedOut(of, number) | Fact::TimerStopped(of, number) => (of, number) == (client, timer),
            Fact::Finished(of) => of == client,
            Fact::Arrived { at, what, .. } => at == client && stops.contains(&what.event()),
            _ => false,
        })
    })
}

/// How a story breaks an invariant, and how it would if nothing came after its last line.
fn breach(story: &Story<'_>, rule: Rule, ends: bool) -> (Option<Breach>, Option<Breach>) {
    let plan = Plan::new(story.system, &[rule]);
    let [so_far, at_end] = [Ending::TooLong, Ending::Over].map(|ending| {
        let mut judge = Clocked::new(Ledger::new(&plan));
        for (at, fact) in &story.facts {
            judge.noted(*at, fact);
        }
        judge.ended(story.ended_at, ending);
        judge.monitor.breaches()[0]
    });
    (if ends { at_end } else { so_far }, at_end)
}

/// What comes of deliveries that are late if clocks may differ.
enum Doubtful {
    /// Late by any clocks.
    Broken(Breach),
    /// Late by no more than clocks may differ: by how much.
    Open(String),
}

/// What is said of deliveries that are late if clocks may differ: those of two writers may be that much off.
fn deliveries(
    story: &Story<'_>,
    ordered: &[Seen],
    rule: Rule,
    (skew, ends): (Span, bool),
) -> Option<Doubtful> {
    let limit = rule.span().filter(|_| rule.invariant().measured() == Some(Measured::Delivery))?;
    let mut published: BTreeMap<Identity, Seen> = BTreeMap::new();
    let mut arrived: BTreeSet<(Identity, ClientId)> = BTreeSet::new();
    let (mut broken, mut open) = (None, None);
    for seen in ordered {
        match seen.fact {
            Fact::Published { what, .. } => drop(published.entry(what).or_insert(*seen)),
            Fact::Arrived { what, at, .. } if arrived.insert((what, at)) => {
                let Some(sent) = published.get(&what) else { continue };
                let late = Span((seen.at - sent.at).max(0) as u64).0.saturating_sub(limit.0);
                if late > 0 && sent.writer == seen.writer {
                    broken.get_or_insert(Breach { what: Some(what), client: Some(at) });
                } else if late > 0 {
                    let (late, skew) = (text::duration(late), text::duration(skew.0));
                    open.get_or_insert(format!("late by {late}, and clocks may differ by {skew}"));
                }
            }
            _ => {}
        }
    }
    // What is late by more than that, or never comes, is late by any clocks.
    let broken = broken.or_else(|| {
        let later = Rule::new(rule.invariant(), Some(Allowed::Within(limit + skew)))?;
        breach(story, later, ends).0
    });
    broken.map(Doubtful::Broken).or(open.map(Doubtful::Open))
}

/// What of the measures of some logs the scenario does not allow, the worst of each kind.
pub fn outside(judged: &[Judged], skew: Span) -> Vec<Outside> {
    let mut worst: BTreeMap<(String, bool), (i64, Outside)> = BTreeMap::new();
    for run in judged {
        for measure in &run.measures {
            let leeway = if measure.across { i64::try_from(skew.0).unwrap_or(i64::MAX) } else { 0 };
            let min = i64::try_from(measure.allowed.min.0).unwrap_or(i64::MAX);
            let max = i64::try_from(measure.allowed.max.0).unwrap_or(i64::MAX);
            let short = min.saturating_sub(measure.took.saturating_add(leeway));
            let long = measure.took.saturating_sub(leeway).saturating_sub(max);
            let off = short.max(long);
            if off <= 0 {
                continue;
            }
            let key = (measure.what.clone(), short > long);
            let known = worst.get(&key).map_or(i64::MIN, |(off, _)| *off);
            let times = worst.get(&key).map_or(0, |(_, outside)| outside.times) + 1;
            if off > known {
                let took = Span(u64::try_from(measure.took).unwrap_or(0));
                let (min, max) = (measure.allowed.min.min(took), measure.allowed.max.max(took));
                let mend = |path: &String| match path.rsplit_once('.') {
                    Some((step, key)) => {
                        format!("{step}: {key} = \"{}..{}\"", rounded_down(min), rounded_up(max))
                    }
                    None => format!("{path} = \"{min}..{max}\""),
                };
                let outside = Outside {
                    what: measure.what.clone(),
                    took: measure.took,
                    allowed: measure.allowed,
                    times,
                    line: measure.line,
                    run: run.run.clone(),
                    mend: measure.path.as_ref().filter(|_| max != Span::NEVER).map(mend),
                };
                worst.insert(key, (off, outside));
            } else if let Some((_, outside)) = worst.get_mut(&key) {
                outside.times = times;
            }
        }
    }
    worst.into_values().map(|(_, outside)| outside).collect()
}

/// The unit of the second of a span's first two figures.
fn unit(span: Span) -> u64 {
    let mut unit = 1;
    while span.0 / unit >= 100 {
        unit *= 10;
    }
    unit
}

/// A span to two figures, downwards.
fn rounded_down(span: Span) -> Span {
    let unit = unit(span);
    Span(span.0 / unit * unit)
}

/// A span to two figures, upwards.
fn rounded_up(span: Span) -> Span {
    let unit = unit(span);
    Span(span.0.div_ceil(unit).saturating_mul(unit))
}

/// Whether an invariant is asked of a log: the scenario names it, whatever it expects.
pub fn is_asked(expected: Option<Expected>, stated: bool) -> bool {
    expected.is_some() || stated
}
