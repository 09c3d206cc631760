//! For which values of a parameter an invariant holds: exactly, and with a certificate.
//!
//! A range is asked for as a whole: each delay that depends on the parameter may take, whenever it is
//! asked for, the value that it would have for any value of the range. If nothing breaks then, nothing
//! breaks for any value, and no assumption was made on how one leads to the other. If something does,
//! the bounds along that path say for which values of the parameter it is possible
//! (`sim/src/explore/parametric.rs`); these break, and what is left on either side is asked for again.
//! A path that only exists if one parameter has two values at once says nothing: then the ends are
//! asked for by themselves, and what lies between two that hold is halved.
//!
//! A limit that invariants compare with is no delay. The larger it is the less it asks for, so there
//! the edge is looked for by halving.

use std::collections::BTreeMap;

use punctual_model::{RuleId, System};
use punctual_scenarios::{Case, Parameter, Problems, Scenario};
use punctual_sim::explore::{self, Linear};
use punctual_sim::{Delay, Span};

use crate::budget::Budget;
use crate::counterexample::{Counterexample, Disagreement};
use crate::proof::{self, AnyValue, Proved};
use crate::sampling::Prepared;

/// The most searches of one question.
const SEARCHES: usize = 400;
/// How often a range that is too much for one search is halved.
const HALVINGS: u32 = 4;

/// What is asked: which values of the last parameter keep an invariant, where others are fixed.
pub struct Asked<'a> {
    /// Of which scenario.
    pub scenario: &'a Scenario,
    /// Under which variant; [`punctual_scenarios::BASE`] for the scenario as it is written.
    pub variant: &'a str,
    /// The other parameters and their values.
    pub fixed: Vec<(&'a Parameter, Span)>,
    /// What is varied.
    pub parameter: &'a Parameter,
    /// The name of the invariant.
    pub keep: &'a str,
    /// What one search may take.
    pub budget: Budget<'a>,
}

/// Neighbouring values of which one thing is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// The least.
    pub from: Span,
    /// The greatest.
    pub to: Span,
    /// What is true of all of them.
    pub safety: Safety,
}

/// What is known of neighbouring values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Safety {
    /// No timing breaks the invariant, for any of them.
    Safe {
        /// The states that show it.
        states: u64,
    },
    /// For each of them some timing breaks it.
    Breaks,
    /// It is not known.
    Unknown {
        /// Why.
        limit: String,
    },
}

/// Why nothing was found out.
#[derive(Debug)]
pub enum Failed {
    /// The file could not have such a value.
    Problems(Problems),
    /// What was asked for makes no sense.
    Wrong(String),
    /// Nothing depends on the parameter.
    NoDifference(String),
    /// A bug of ours.
    Disagreement(Disagreement),
}

impl From<Problems> for Failed {
    fn from(problems: Problems) -> Self {
        Self::Problems(problems)
    }
}

/// What the values of a range come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// All values of the range, in order; neighbours differ.
    pub regions: Vec<Region>,
    /// How many searches it took.
    pub searches: usize,
}

/// A case and the place of the invariant in it.
struct At {
    case: Case,
    place: RuleId,
}

/// A question on its way.
struct Search<'a> {
    asked: &'a Asked<'a>,
    depends: explore::Parameter,
    regions: Vec<Region>,
    searches: usize,
}

impl Asked<'_> {
    fn at(&self, value: Span) -> Result<At, Failed> {
        let mut values = self.fixed.clone();
        values.push((self.parameter, value));
        let case = self.scenario.with(self.variant, &values)?;
        let place = case.rule_named(self.keep);
        let place = place.ok_or_else(|| {
            let known: Vec<&str> = case.checks.iter().map(|check| check.rule.name()).collect();
            Failed::Wrong(format!(
                "--keep {}: no invariant that is checked here\nknown: {}",
                self.keep,
                known.join(", ")
            ))
        })?;
        Ok(At { case, place })
    }

    /// For which values from `low` to `high` the invariant holds.
    ///
    /// # Errors
    /// The range is empty, a value is refused, or something else than delays depends on it.
    pub fn regions(&self, low: Span, high: Span) -> Result<Answer, Failed> {
        if low > high {
            return Err(Failed::Wrong(format!("the range is empty: {low} is more than {high}")));
        }
        let (least, greatest) = (self.at(low)?, self.at(high)?);
        if least.case.system == greatest.case.system && low < high {
            return if self.parameter.name.starts_with("limits.") {
                self.by_halving(low, high)
            } else {
                Err(Failed::NoDifference(format!(
                    "`{}` makes no difference to this invariant",
                    self.parameter.name
                )))
            };
        }
        let ends = [least.case.system, greatest.case.system];
        let depends = depends(&ends, low, high).ok_or_else(|| {
            Failed::Wrong(format!("`{}` is no delay: what depends on it is not linear", self.parameter.name))
        })?;
        let mut search = Search { asked: self, depends, regions: Vec::new(), searches: 0 };
        search.solve(low, high, HALVINGS)?;
        let Search { mut regions, searches, .. } = search;
        regions.sort_by_key(|region| region.from);
        Ok(Answer { regions: joined(regions), searches })
    }

    /// A run that breaks the invariant at this value, if there is one that can be replayed.
    ///
    /// # Errors
    /// The value is refused, or a bug of ours.
    pub fn breaking_run(&self, value: Span) -> Result<Option<(Case, RuleId, Counterexample)>, Failed> {
        let At { case, place } = self.at(value)?;
        let found = proof::counterexample(&Prepared::new(&case), place, self.budget);
        let found = found.map_err(Failed::Disagreement)?;
        Ok(found.ok().map(|found| (case, place, found)))
    }

    /// A limit: what holds under one holds under every larger one.
    fn by_halving(&self, low: Span, high: Span) -> Result<Answer, Failed> {
        let mut searches = 0;
        let mut verdict = |value: Span| -> Result<Proved, Failed> {
            searches += 1;
            let At { case, place } = self.at(value)?;
            proof::explore_one(&Prepared::new(&case), place, self.budget).map_err(Failed::Disagreement)
        };
        let region = |from, to, safety| Region { from, to, safety };
        let ends = (verdict(low)?, verdict(high)?);
        let regions = match ends {
            (Proved::Holds { states }, _) => vec![region(low, high, Safety::Safe { states })],
            (_, Proved::Broken { .. }) => vec![region(low, high, Safety::Breaks)],
            (Proved::Broken { .. }, Proved::Holds { states }) => {
                let (mut breaks, mut holds, mut shown) = (low, high, states);
                loop {
                    if holds.0 - breaks.0 <= 1 {
                        let safe = region(holds, high, Safety::Safe { states: shown });
                        break vec![region(low, breaks, Safety::Breaks), safe];
                    }
                    let middle = Span(u64::midpoint(breaks.0, holds.0));
                    match verdict(middle)? {
                        Proved::Holds { states } => (holds, shown) = (middle, states),
                        Proved::Broken { .. } => breaks = middle,
                        Proved::Unknown { limit, .. } => {
                            break vec![
                                region(low, breaks, Safety::Breaks),
                                region(after(breaks), before(holds), Safety::Unknown { limit }),
                                region(holds, high, Safety::Safe { states: shown }),
                            ];
                        }
                    }
                }
            }
            (Proved::Unknown { limit, .. }, _) | (_, Proved::Unknown { limit, .. }) => {
                vec![region(low, high, Safety::Unknown { limit })]
            }
        };
        Ok(Answer { regions, searches })
    }
}

impl Search<'_> {
    /// Adds what is true of the values from `low` to `high`.
    fn solve(&mut self, low: Span, high: Span, halvings: u32) -> Result<(), Failed> {
        let whole = self.any_of(low, high)?;
        let limit = match self.ask(&whole, None, (low, high))? {
            AnyValue::Verdict(Proved::Holds { states }) => {
                self.add(low, high, Safety::Safe { states });
                return Ok(());
            }
            AnyValue::Breaks(from, to) => return self.around((from, to), (low, high), halvings),
            AnyValue::Several if low < high => return self.ends_first(&whole, (low, high), halvings),
            AnyValue::Several | AnyValue::Verdict(Proved::Broken { .. }) => {
                "what breaks it cannot be at one value".to_owned()
            }
            AnyValue::Verdict(Proved::Unknown { limit, .. }) => limit,
        };
        if halvings == 0 || low == high {
            self.add(low, high, Safety::Unknown { limit });
            return Ok(());
        }
        let middle = Span(u64::midpoint(low.0, high.0));
        self.solve(low, middle, halvings - 1)?;
        self.solve(after(middle), high, halvings - 1)
    }

    /// Each end by itself, then what is between them.
    fn ends_first(&mut self, whole: &At, (low, high): (Span, Span), halvings: u32) -> Result<(), Failed> {
        for end in [high, low] {
            let at = self.asked.at(end)?;
            if let AnyValue::Breaks(from, to) = self.ask(whole, Some(&at), (low, high))? {
                return self.around((from, to), (low, high), halvings);
            }
        }
        if self.searches > SEARCHES {
            let limit = format!("{SEARCHES} searches");
            self.add(low, high, Safety::Unknown { limit });
            return Ok(());
        }
        let middle = Span(u64::midpoint(low.0, high.0));
        self.solve(low, middle, halvings)?;
        self.solve(after(middle), high, halvings)
    }

    /// The values from `breaks.0` to `breaks.1` break; what of the range is below and above.
    fn around(
        &mut self,
        breaks: (Span, Span),
        (low, high): (Span, Span),
        halvings: u32,
    ) -> Result<(), Failed> {
        self.add(breaks.0, breaks.1, Safety::Breaks);
        if low < breaks.0 {
            self.solve(low, before(breaks.0), halvings)?;
        }
        if breaks.1 < high {
            self.solve(after(breaks.1), high, halvings)?;
        }
        Ok(())
    }

    fn add(&mut self, from: Span, to: Span, safety: Safety) {
        self.regions.push(Region { from, to, safety });
    }

    fn ask(&mut self, any: &At, at: Option<&At>, range: (Span, Span)) -> Result<AnyValue, Failed> {
        self.searches += 1;
        let at = at.map(|at| Prepared::new(&at.case));
        let cases = (&Prepared::new(&any.case), at.as_ref());
        proof::any_value(cases, any.place, (&self.depends, range), self.asked.budget)
            .map_err(Failed::Disagreement)
    }

    /// The case in which each delay may be what it is for any value from `low` to `high`.
    fn any_of(&self, low: Span, high: Span) -> Result<At, Failed> {
        let mut at = self.asked.at(low)?;
        let depends = &self.depends.delays;
        for delay in at.case.system.delays_mut() {
            if let Some((least, greatest)) = depends.get(&delay.name().key()) {
                *delay = hull(delay, *least, *greatest, (low, high));
            }
        }
        Ok(at)
    }
}

/// A microsecond more.
fn after(value: Span) -> Span {
    value + Span(1)
}

/// A microsecond less.
fn before(value: Span) -> Span {
    Span(value.0 - 1)
}

/// The delay that may be what it is for any value of the range.
fn hull(delay: &Delay, least: Linear, greatest: Linear, (low, high): (Span, Span)) -> Delay {
    let at = |bound: Linear| [bound.at(low.0.cast_signed()), bound.at(high.0.cast_signed())];
    let (min, max) = (at(least).into_iter().min(), at(greatest).into_iter().max());
    let span = |bound: Option<i64>| Span(bound.unwrap_or(0).max(0) as u64);
    delay.between(span(min), span(max))
}

/// How the delays of a system depend on a parameter, of which `ends` are the systems at `low` and at
/// `high`; `None` if something else depends on it, or not linearly.
fn depends(ends: &[System; 2], low: Span, high: Span) -> Option<explore::Parameter> {
    let [mut least, mut greatest] = ends.clone();
    let mut delays: BTreeMap<u32, (Linear, Linear)> = BTreeMap::new();
    let mut fixed: Vec<u32> = Vec::new();
    for (at_low, at_high) in least.delays_mut().into_iter().zip(greatest.delays_mut()) {
        let key = at_low.name().key();
        let (one, other) = (at_low.interval(), at_high.interval());
        if one == other {
            fixed.push(key);
            continue;
        }
        let min = through((low, one.min), (high, other.min))?;
        let max = through((low, one.max), (high, other.max))?;
        if delays.insert(key, (min, max)).is_some_and(|known| known != (min, max)) {
            return None;
        }
        *at_high = at_low.clone();
    }
    // Delays that share a name cannot be told apart along a path.
    let shared = fixed.iter().any(|key| delays.contains_key(key));
    (least == greatest && !shared).then_some(explore::Parameter { delays })
}

/// The line through two points, if it has a whole slope.
fn through((x, a): (Span, Span), (y, b): (Span, Span)) -> Option<Linear> {
    if a == b {
        return (a != Span::NEVER).then(|| Linear::constant(a.0.cast_signed()));
    }
    let (run, rise) = (y.0.cast_signed() - x.0.cast_signed(), b.0.cast_signed() - a.0.cast_signed());
    let whole = a != Span::NEVER && b != Span::NEVER && run != 0 && rise % run == 0;
    whole.then(|| Linear { constant: a.0.cast_signed() - rise / run * x.0.cast_signed(), slope: rise / run })
}

/// Neighbours of which the same is true, as one.
fn joined(regions: Vec<Region>) -> Vec<Region> {
    let mut all: Vec<Region> = Vec::new();
    for region in regions {
        if let Some(last) = all.last_mut() {
            let same = match (&mut last.safety, &region.safety) {
                (Safety::Safe { states }, Safety::Safe { states: more }) => {
                    *states += more;
                    true
                }
                (Safety::Breaks, Safety::Breaks) => true,
                (Safety::Unknown { limit }, Safety::Unknown { limit: other }) => limit == other,
                _ => false,
            };
            if same {
                last.to = region.to;
                continue;
            }
        }
        all.push(region);
    }
    all
}
