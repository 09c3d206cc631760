//! From what exploring found to a verdict, in one place.
//!
//! What is found to be broken is looked for as a run, made by the ordinary driver: at best one that breaks it
//! before the run ends, as runs are made; else one of the system that goes on, and then it is said that the
//! end of the run hides it. What no run can be made of is unknown, and never stands beside a proof.

use punctual_model::{Ledger, World};
use punctual_sim::Span;
use punctual_sim::explore::{Answer, Found, Goal, Length, NotFound, NotReplayed, Parameter, Query};

use super::question::{Asked, Question};
use super::{Proved, met, unknown, zeno_cycle_of};
use crate::budget::{Budget, Cause};
use crate::counterexample::{self, Disagreement};
use crate::sampling::{Prepared, Until};

/// What exploring says of one rule.
pub(super) struct Decided {
    pub(super) proved: Proved,
    /// A run that breaks it, if it is broken.
    pub(super) run: Option<Run>,
}

/// A run that was found.
pub(super) struct Run {
    pub(super) found: Found<World>,
    /// Whether it is one of those that are made, or goes on beyond their end.
    pub(super) until: Until,
}

/// Who decides about the rules of a question that was explored.
pub(super) struct Decides<'d, 'q> {
    pub(super) prepared: &'d Prepared<'d>,
    pub(super) question: &'q Question,
    pub(super) ledger: &'q Ledger<'q>,
    pub(super) answer: Answer<'q, World, Ledger<'q>>,
    pub(super) budget: Budget<'d>,
    pub(super) wanted: Wanted,
}

/// What is wanted of a rule that is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// That it is.
    Verdict,
    /// A run that breaks it.
    Run,
}

/// What is true of the invariant at `place` if each delay may be what it is for any value of a range.
pub enum AnyValue {
    /// It is not broken; or it is not known whether.
    Verdict(Proved),
    /// One way to break it takes one of these values throughout.
    Breaks(Span, Span),
    /// It is broken, but only ways were found that take several values at once.
    Several,
}

impl<'q> Decides<'_, 'q> {
    /// Whether some timing breaks this rule, as far as exploring knows.
    pub(super) fn may_break(&self, asked: Asked) -> bool {
        let found = &self.answer.explored;
        asked.is_in(found.broken | found.lassos.unwrap_or(0))
    }

    /// What is true of this rule; where it takes a run to say that and some events were left out, of the
    /// question that has them all. In all of the system more happens than in a part of it, so a run of a part may not be
    /// one of the whole as it stands (where a part comes to rest, the whole may go on for ever): then the whole is asked.
    ///
    /// # Errors
    /// What was found is no run although no clock was read: a bug of ours.
    pub(super) fn decide_of_all(&mut self, asked: Asked) -> Result<Decided, Disagreement> {
        let found = &self.answer.explored;
        let takes_a_run =
            self.may_break(asked) && (self.wanted == Wanted::Run || found.clocks) || found.limit.is_some();
        let place = self.question.place_of(asked);
        let decided = match self.question.with_all(self.prepared, place).filter(|_| takes_a_run) {
            Some(all) => all.decide_all(self.prepared, self.wanted, self.budget).map(|mut all| all.remove(0)),
            None => self.decide(asked),
        };
        match decided {
            Err(_) if self.question.is_part => {
                let whole = Question::new(self.prepared, vec![place]);
                Ok(whole.decide_all(self.prepared, self.wanted, self.budget)?.remove(0))
            }
            decided => decided,
        }
    }

    /// What is true of this rule.
    ///
    /// # Errors
    /// What was found is no run although no clock was read: a bug of ours.
    pub(super) fn decide(&mut self, asked: Asked) -> Result<Decided, Disagreement> {
        let found = self.answer.explored.clone();
        let states = found.classes as u64;
        let broken = asked.is_in(found.broken);
        let lasso = asked.is_in(found.lassos.unwrap_or(0));
        let holds = Decided { proved: Proved::Holds { states }, run: None };
        if !broken && let Some((cause, limit)) = self.open() {
            return match cause {
                Cause::Zeno => Ok(Decided::unknown(cause, limit)),
                _ => self.up_to_the_end(asked, cause, limit),
            };
        }
        if !broken && !lasso {
            return Ok(holds);
        }
        // What was found is true of some run, but where a clock is read: that is one only if it was made.
        let known = broken || self.answer.is_lost(asked.bit());
        if self.wanted == Wanted::Verdict && !found.clocks && known {
            return Ok(Decided { proved: Proved::Broken { states }, run: None });
        }
        match self.run(asked, broken, lasso)? {
            Ok(run) => Ok(Decided { proved: Proved::Broken { states }, run: Some(run) }),
            Err(why) => match self.unknown(&why) {
                // Only a clock that ticks as it likes would break it; or no run goes on for ever like that.
                None => Ok(holds),
                Some((cause, limit)) if matches!(why, NotFound::Limit(_)) => {
                    self.up_to_the_end(asked, cause, limit)
                }
                Some((cause, limit)) => Ok(Decided::unknown(cause, limit)),
            },
        }
    }

    /// Why it is not known whether the only rule is broken of which no run was found; nothing if there is none.
    fn unknown(&self, why: &NotFound) -> Option<(Cause, String)> {
        match why {
            NotFound::None => None,
            NotFound::Limit(limit) => Some(self.budget.met(limit)),
            NotFound::NotReplayed(why) => {
                Some((Cause::Other, format!("a way to break it of which no run was made: {why}")))
            }
        }
    }

    /// What keeps it from being said that what no timing was found to break holds: a Zeno cycle, or a limit.
    fn open(&self) -> Option<(Cause, String)> {
        if let Some(cycle) = zeno_cycle_of(self.question.world.system(), &self.answer) {
            let limit = format!("a Zeno cycle (events without end at one instant): {cycle}");
            return Some((Cause::Zeno, limit));
        }
        let limit = self.answer.explored.limit?;
        Some(met(self.budget, &self.answer, &limit))
    }

    /// For which values of `parameter` in the range the only rule is broken, in one way of the system `at` to break it.
    ///
    /// # Errors
    /// What was found is no run: a bug of ours.
    pub(super) fn values(
        &mut self,
        at: &'q World,
        (parameter, range): (&Parameter, (Span, Span)),
    ) -> Result<AnyValue, Disagreement> {
        let found = &self.answer.explored;
        let (states, broken) = (found.classes as u64, Asked::ONLY.is_in(found.broken));
        let lasso = Asked::ONLY.is_in(found.lassos.unwrap_or(0));
        let holds = || AnyValue::Verdict(Proved::Holds { states });
        if !broken {
            if let Some(why) = self.open() {
                return Ok(AnyValue::Verdict(unknown(why)));
            }
            if !lasso {
                return Ok(holds());
            }
        }
        match self.answer.breaking_values(at, Asked::ONLY.bit(), (parameter, range)) {
            Ok(Some((least, greatest))) => Ok(AnyValue::Breaks(least, greatest)),
            // A run that goes on for ever says nothing of one value throughout, but where there is only one.
            Ok(None) | Err(NotFound::None) if lasso && range.0 == range.1 => {
                Ok(match self.decide(Asked::ONLY)?.proved {
                    Proved::Broken { .. } => AnyValue::Breaks(range.0, range.1),
                    proved @ (Proved::Holds { .. } | Proved::Unknown { .. }) => AnyValue::Verdict(proved),
                })
            }
            Ok(None) => Ok(AnyValue::Several),
            Err(NotFound::None) if lasso => Ok(AnyValue::Several),
            Err(why) => Ok(self.unknown(&why).map_or_else(holds, |why| AnyValue::Verdict(unknown(why)))),
        }
    }

    /// A run that breaks the rule: as runs are made, if there is one.
    fn run(
        &mut self,
        asked: Asked,
        broken: bool,
        lasso: bool,
    ) -> Result<Result<Run, NotFound>, Disagreement> {
        let (whole, rules) = (&self.prepared.world, asked.bit());
        let ends = self.prepared.unending.is_some();
        // What is lost for good is lost when the run ends.
        let lost = (lasso && ends).then_some(Goal::Lost(rules));
        let breaks = broken.then_some(Goal::Breaks(rules));
        let lasso_goal = (lasso && !ends).then_some(Goal::Lasso(rules));
        let mut missing = NotFound::None;
        for goal in [lost, breaks, lasso_goal].into_iter().flatten() {
            match self.answer.find(whole, goal, Length::ToTheEnd) {
                Ok(found) => return Ok(Ok(Run { found, until: Until::End })),
                // That nothing is lost for good says nothing of runs that go on for ever.
                Err(NotFound::None) => {}
                // The end of a run takes away what would come after it.
                Err(NotFound::NotReplayed(NotReplayed::Differs(_))) if ends => {}
                Err(why) => missing = first_of(missing, self.missing(why)?),
            }
        }
        let Some(unending) = self.prepared.unending.as_ref() else { return Ok(Err(missing)) };
        let breaks = broken.then_some(Goal::Breaks(rules));
        let lasso_goal = lasso.then_some(Goal::Lasso(rules));
        let mut missing = NotFound::None;
        for goal in [breaks, lasso_goal].into_iter().flatten() {
            match self.answer.find(unending, goal, Length::UntilReached) {
                Ok(found) => {
                    let run = self.before_the_end(asked)?;
                    return Ok(Ok(run.unwrap_or(Run { found, until: Until::Beyond })));
                }
                Err(NotFound::None) => {}
                Err(why) => missing = first_of(missing, self.missing(why)?),
            }
        }
        Ok(Err(missing))
    }

    /// Why a run was not found.
    ///
    /// # Errors
    /// What was found is no run although no clock was read.
    fn missing(&self, why: NotFound) -> Result<NotFound, Disagreement> {
        match why {
            NotFound::NotReplayed(NotReplayed::Differs(what)) if !self.answer.explored.clocks => {
                Err(Disagreement::Refused(format!("exploring found what is no run: {what}")))
            }
            why => Ok(why),
        }
    }

    /// A run that breaks the rule before the run ends, looked for in the system whose runs end.
    fn before_the_end(&self, asked: Asked) -> Result<Option<Run>, Disagreement> {
        let Some(world) = &self.question.ending else { return Ok(None) };
        let place = self.question.place_of(asked);
        let found = self.budget.ask(|limits| {
            let goal = Goal::Breaks(asked.bit());
            Query::rules(world, self.ledger, limits).answer().find(
                &self.prepared.world,
                goal,
                Length::ToTheEnd,
            )
        });
        match found {
            // Not one that only its end breaks.
            Ok(found) if counterexample::only_cut_there(self.prepared, place, &found.trace) => Ok(None),
            Ok(found) => Ok(Some(Run { found, until: Until::End })),
            Err(why) => self.missing(why).map(|_| None),
        }
    }

    /// What is true of the rule as far as runs are made, where it is not known of the system that goes on.
    fn up_to_the_end(&self, asked: Asked, cause: Cause, limit: String) -> Result<Decided, Disagreement> {
        let unknown = || Decided::unknown(cause, limit.clone());
        let Some(world) = self.question.ending.as_ref().filter(|_| cause != Cause::Interrupted) else {
            return Ok(unknown());
        };
        self.budget.ask(|limits| {
            let mut answer = Query::rules(world, self.ledger, limits).answer();
            let found = answer.explored.clone();
            let states = found.classes as u64;
            if asked.is_in(found.broken) {
                let place = self.question.place_of(asked);
                return match answer.find(&self.prepared.world, Goal::Breaks(asked.bit()), Length::ToTheEnd) {
                    // What breaks it may be nothing but the end.
                    Ok(found) if counterexample::only_cut_there(self.prepared, place, &found.trace) => {
                        Ok(unknown())
                    }
                    Ok(found) => Ok(Decided {
                        proved: Proved::Broken { states },
                        run: Some(Run { found, until: Until::End }),
                    }),
                    Err(why) => self.missing(why).map(|_| unknown()),
                };
            }
            let is_all = found.limit.is_none() && answer.zeno.is_none();
            if !is_all || asked.is_in(found.lassos.unwrap_or(0)) {
                return Ok(unknown());
            }
            let limit = format!("{limit}, beyond the end of the run; up to there it holds");
            Ok(Decided::unknown(cause, limit))
        })
    }
}

impl Decided {
    fn unknown(cause: Cause, limit: String) -> Self {
        Self { proved: unknown((cause, limit)), run: None }
    }
}

/// Why there is no run if there are two reasons: what is known not to be there does not count.
fn first_of(first: NotFound, second: NotFound) -> NotFound {
    if first == NotFound::None { second } else { first }
}
