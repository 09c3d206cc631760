//! What is blamed decides: with it taken out, the run with the same draws passes.

use punctual::story::{FactId, Outcome, Story};
use punctual::why::{Blame, Blamed, Cause, Lost, Observed, Why};
use punctual_model::{Breach, ClientId, Fact, Identity, Ledger, Plan, Rule, System, World};
use punctual_sim::{Clocked, Cx, Ending, Machine, Seeded, Span, Time, record_until};

use super::{Claimed, SEED};
use crate::without;

/// The most events of a run of a changed system: some of these go on for ever.
const EVENTS: u64 = 40_000;

/// A run of a changed system, as far as it is judged.
struct Judged {
    facts: Vec<(Time, Fact)>,
    ended_at: Time,
    ending: Ending,
}

/// A world that is another one after so many events.
struct Changing {
    before: World,
    after: World,
    events: u64,
}

impl Machine for Changing {
    type State = (<World as Machine>::State, u64);
    type Event = <World as Machine>::Event;
    type Effect = ();
    type Fact = Fact;

    fn start(&self, cx: &mut impl Cx<Self>) -> Self::State {
        let first = if self.events > 0 { &self.before } else { &self.after };
        (first.start(&mut cx.nest::<World, _, _>(|event| event, |(), _| {})), 0)
    }

    fn step(&self, (state, events): &mut Self::State, event: Self::Event, cx: &mut impl Cx<Self>) {
        *events += 1;
        let world = if *events < self.events { &self.before } else { &self.after };
        world.step(state, event, &mut cx.nest::<World, _, _>(|event| event, |(), _| {}));
    }

    fn ends(&self, fact: &Fact) -> Option<Span> {
        self.after.ends(fact)
    }
}

/// The same run, with the same draws, on another system from the first fact that would be another.
fn again((before, after): (&System, &System), from: Option<FactId>, claimed: &Claimed<'_>) -> Judged {
    let mut seen = 0;
    let event = claimed.trace.steps.iter().position(|step| {
        seen += step.facts.len();
        from.is_none_or(|from| seen > from.0)
    });
    let events = event.filter(|_| from.is_some()).unwrap_or(0) as u64;
    let world = Changing { before: World::new(before), after: World::new(after), events };
    let ran = record_until(&world, Seeded::new(SEED, claimed.run), EVENTS);
    let facts = ran.steps.iter().flat_map(|step| step.facts.iter().map(|fact| (step.at, *fact))).collect();
    Judged { facts, ended_at: ran.ended_at, ending: ran.ending }
}

/// How a run breaks an invariant, and at which fact, if it is one.
fn breach(system: &System, rule: Rule, judged: &Judged) -> Option<(Breach, Option<FactId>)> {
    let plan = Plan::new(system, &[rule]);
    let mut judge = Clocked::new(Ledger::new(&plan));
    for (place, (at, fact)) in judged.facts.iter().enumerate() {
        judge.noted(*at, fact);
        if let Some(breach) = judge.monitor.breaches()[0] {
            return Some((breach, Some(FactId(place))));
        }
    }
    judge.ended(judged.ended_at, judged.ending);
    judge.monitor.breaches()[0].map(|breach| (breach, None))
}

/// How often an event arrives at a client.
fn arrives(judged: &Judged, what: Identity, client: ClientId) -> usize {
    let comes = |(_, fact): &&(Time, Fact)| matches!(*fact, Fact::Arrived { at, what: w, .. } if (at, w) == (client, what));
    judged.facts.iter().filter(comes).count()
}

/// How many copies of an event that are sent by `until` arrive at a client.
fn copies(changed: &System, judged: &Judged, (what, client): (Identity, ClientId), until: Time) -> usize {
    let other = Story::of_facts(changed, judged.facts.clone(), judged.ended_at);
    let sendings = other.course(client).sendings.into_iter();
    let by_then = sendings.filter(|one| one.what == what && other.at(one.sent) <= until);
    by_then.filter(|one| matches!(one.outcome, Outcome::Arrived(_))).count()
}

/// Whether an event is published, and a client has not finished by then.
fn is_owed(judged: &Judged, what: Identity, client: ClientId) -> bool {
    let publishes = |(_, fact): &(Time, Fact)| matches!(*fact, Fact::Published { what: w, .. } if w == what);
    let published = judged.facts.iter().position(publishes);
    published
        .is_some_and(|place| !judged.facts[..place].iter().any(|(_, fact)| *fact == Fact::Finished(client)))
}

/// Whether an event is lost on the changed system by something else, which has not happened in the run: what was taken
/// out had come before it.
fn is_preempted(story: &Story<'_>, changed: &System, judged: &Judged, lost: &Lost) -> bool {
    let other = Story::of_facts(changed, judged.facts.clone(), judged.ended_at);
    let is_new = |place: FactId| {
        let (at, fact) = judged.facts[place.0];
        let its_own = matches!(fact, Fact::Did(..)) || fact.identity() == Some(lost.what);
        !its_own && !story.facts.contains(&(at, fact))
    };
    let sendings = other.course(lost.client).sendings.into_iter().filter(|one| one.what == lost.what);
    let broke = sendings.filter_map(|sending| match sending.outcome {
        Outcome::LostOnItsWay(broke, _) | Outcome::Held(broke) => Some(broke),
        Outcome::NotOnTheLine(since) => since.first().copied(),
        Outcome::Arrived(_) | Outcome::OnItsWay => None,
    });
    let named = Lost::of(&other, lost.what, lost.client).map_or(Vec::new(), |other| other.places());
    broke.chain(named).any(is_new)
}

/// Whether an event is overtaken on the changed system by such only as do not come before it in the run.
fn is_overtaken_anew(claimed: &Claimed<'_>, changed: &System, judged: &Judged, arrived: FactId) -> bool {
    let other = Story::of_facts(changed, judged.facts.clone(), judged.ended_at);
    let Cause::Overtaken { by, .. } = Why::of(&other, claimed.why.rule, claimed.why.breach).cause else {
        return false;
    };
    let came = |what: Identity| {
        let place = claimed.why.breach.client.and_then(|client| claimed.story.arrives(what, client));
        place.is_some_and(|place| place < arrived)
    };
    !by.iter().any(|(what, ..)| came(*what))
}

/// The place from which on the run would be another: the first of all that is blamed, but for a limit; `None` for its
/// beginning.
fn changes(blames: &[Blamed]) -> Option<FactId> {
    let of = blames.iter().filter(|blamed| !matches!(blamed.what, Blame::Limit(_)));
    let places: Option<Vec<FactId>> = of.map(|blamed| blamed.from).collect();
    places?.into_iter().min()
}

/// What of a claim does not decide.
pub(super) fn undecided(claimed: &Claimed<'_>) -> Option<String> {
    let Claimed { story, why, .. } = claimed;
    let blames = why.blames(story);
    if blames.is_empty() {
        return Some("nothing is blamed".to_owned());
    }
    let observed = blames.iter().find_map(|blamed| match blamed.what {
        Blame::Limit(observed) => Some(observed),
        _ => None,
    });
    if let Some(observed) = observed {
        return unlimited(claimed, &blames, observed);
    }
    let (before, changed) = without::without(story.system, &blames);
    let judged = again((&before, &changed), changes(&blames), claimed);
    let passes = match &why.cause {
        Cause::Lost(lost) | Cause::WaitsForEver(Some(lost)) => {
            arrives(&judged, lost.what, lost.client) > 0
                || !is_owed(&judged, lost.what, lost.client)
                || is_preempted(story, &changed, &judged, lost)
        }
        // No second copy is sent when it was.
        Cause::Twice(comings) => {
            let Some(sent) = comings[1].sent.map(|sent| story.at(sent)) else {
                return Some("a copy that nobody sent".to_owned());
            };
            copies(&changed, &judged, (why.breach.what?, why.breach.client?), sent) < 2
        }
        Cause::Overtaken { arrived, .. } => breach(&changed, why.rule, &judged).is_none_or(|(breach, _)| {
            breach != why.breach || is_overtaken_anew(claimed, &changed, &judged, *arrived)
        }),
        _ => breach(&changed, why.rule, &judged).is_none_or(|(breach, _)| breach != why.breach),
    };
    (!passes).then(|| {
        let other = Story::of_facts(&changed, judged.facts.clone(), judged.ended_at);
        let said = breach(&changed, why.rule, &judged).map(|(breach, _)| other.reason(why.rule, breach));
        format!("without {blames:?} it is the same: {said:?}, {:?}", judged.ending)
    })
}

/// The same of a limit: what is observed is allowed, and no less is.
fn unlimited(claimed: &Claimed<'_>, blames: &[Blamed], observed: Observed) -> Option<String> {
    let Claimed { story, why, .. } = claimed;
    let same = again((story.system, story.system), None, claimed);
    let rule = |less: u64| without::with_limit(why.rule, observed, less);
    let [broken, less] = [why.rule, rule(1)].map(|rule| breach(story.system, rule, &same));
    let (before, changed) = without::without(story.system, blames);
    let passes = breach(&changed, rule(0), &again((&before, &changed), changes(blames), claimed))
        .is_none_or(|(other, _)| other != why.breach);
    // No less will do: the same fact breaks it.
    let breaks = less.is_some_and(|less| matches!(observed, Observed::Count(_)) || Some(less) == broken);
    (!breaks || !passes).then(|| format!("{blames:?}: {broken:?} {less:?}"))
}
