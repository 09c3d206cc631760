//! A `why` is a claim: each fact that it names is in the run, each instant is in the picture, and with what it
//! blames taken out the run passes.

mod breaking;
mod grammar;
mod without;

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use punctual::race;
use punctual::sampling::Prepared;
use punctual::story::{Looked, Outcome, Story};
use punctual::why::{Blame, Cause, How, Lost, NotLooked, Observed, Obstacle, Waiting, Why};
use punctual_model::{
    Action, Breach, ClientId, Fact, Identity, Monitor, Plan, Resource, Rule, TaskId, Way, World,
};
use punctual_reports::{style::Style, terminal, text};
use punctual_scenarios::Scenario;
use punctual_sim::{Cx, Ending, Follow, Machine, Observer, Time, TraceOf, record_until, sample};

/// Runs of each scenario.
const RUNS: u64 = 8;
/// The most events of a run of a changed system: some of these go on for ever.
const EVENTS: u64 = 40_000;

/// A run that breaks an invariant, and why it is said to.
struct Claimed<'r> {
    story: &'r Story<'r>,
    trace: &'r TraceOf<World>,
    why: Why,
}

/// What is claimed of the first runs of a scenario.
fn each_claim(scenario: &Scenario, mut hear: impl FnMut(&Claimed<'_>)) {
    for case in &scenario.cases {
        let prepared = Prepared::new(case);
        for run in 0..RUNS {
            let trace = sample::trace(&prepared.world, 0x5eed, run);
            if !matches!(trace.ending, Ending::Quiet | Ending::Over) {
                continue;
            }
            let story = Story::of(&case.system, &trace);
            let breaches = punctual::counterexample::breaches(&prepared, &trace);
            for (rule, breach) in prepared.plan.rules().iter().zip(breaches) {
                let Some(breach) = breach else { continue };
                hear(&Claimed { story: &story, trace: &trace, why: Why::of(&story, *rule, breach) });
            }
        }
    }
}

// What is named is in the run.

/// What of a claim is not so in the run that it is of.
fn untrue(claimed: &Claimed<'_>) -> Option<String> {
    let Claimed { story, why, .. } = claimed;
    let facts = &story.facts;
    let is = |place: usize, so: &dyn Fn(Fact) -> bool, what: &str| {
        let fact = facts.get(place).map(|(_, fact)| *fact);
        (!fact.is_some_and(so)).then(|| format!("{what} at {place}: {fact:?}"))
    };
    let client = why.breach.client;
    let what = why.breach.what;
    let publishes = |fact: Fact| matches!(fact, Fact::Published { what: w, .. } if Some(w) == what);
    let arrives = |fact: Fact| matches!(fact, Fact::Arrived { at, what: w, .. } if Some(at) == client && Some(w) == what);
    match &why.cause {
        Cause::Lost(lost) => untrue_loss(claimed, lost),
        Cause::WaitsForEver(lost) => {
            let done = facts.iter().any(|(_, fact)| client.is_some_and(|client| *fact == Fact::Finished(client)));
            let lost = lost.as_ref().and_then(|lost| untrue_loss(claimed, lost));
            done.then(|| "it comes to its end".to_owned()).or(lost)
        }
        Cause::Late { published, arrived } => is(*published, &publishes, "published")
            .or_else(|| is(*arrived, &arrives, "arrived"))
            .or_else(|| (story.at(*arrived) <= story.at(*published)).then(|| "it is not late".to_owned())),
        Cause::Twice(comings) => {
            let untrue = comings.iter().find_map(|coming| is(coming.arrived, &arrives, "arrived"));
            untrue.or_else(|| (comings.len() < 2).then(|| "once".to_owned()))
        }
        Cause::Overtaken { arrived, by } => by
            .iter()
            .find_map(|(other, published, before)| {
                let publishes = |fact| matches!(fact, Fact::Published { what: w, .. } if w == *other);
                let comes = |fact| matches!(fact, Fact::Arrived { at, what: w, .. } if Some(at) == client && w == *other);
                let order = before < arrived && story.stored(what?)[0].published < *published;
                is(*published, &publishes, "published")
                    .or_else(|| is(*before, &comes, "arrived"))
                    .or_else(|| (!order).then(|| "in order".to_owned()))
            })
            .or_else(|| is(*arrived, &arrives, "arrived")),
        Cause::NotThere { fetched, resource, there } => {
            let asks = |fact| matches!(fact, Fact::Fetched { by, resource: of, found: false } if Some(by) == client && of == *resource);
            let comes = |fact| match (fact, resource) {
                (Fact::Visible(row, _), Resource::Row(of)) => row == *of,
                (Fact::Saved(file), Resource::File(of)) => file == *of,
                _ => false,
            };
            let never = there.is_none() && facts.iter().any(|(_, fact)| comes(*fact));
            is(*fetched, &asks, "fetched")
                .or_else(|| is((*there)?, &comes, "there"))
                .or_else(|| never.then(|| "it comes to be there".to_owned()))
        }
        Cause::Phantom { sent, undone } => {
            let sends = |fact| matches!(fact, Fact::Sent { to, what: w, .. } if Some(to) == client && Some(w) == what);
            is(*sent, &sends, "sent").or_else(|| is(*undone, &|fact| matches!(fact, Fact::RolledBack(..)), "undone"))
        }
        Cause::TimedOut(timed_out) => untrue_timer(story, client, timed_out),
        Cause::CameBack { over, back, .. } => is(*over, &over_of(story), "over").or_else(|| {
            is(*back, &|fact| matches!(fact, Fact::Connected { client: of, .. } if Some(of) == client), "back")
        }),
        Cause::EndsLate { over, closed, .. } => is(*over, &over_of(story), "over")
            .or_else(|| is(*closed, &|fact| client.is_some_and(|client| fact == Fact::Closed(client)), "closed")),
        Cause::StaysOpen { over } => {
            let ends = facts.iter().rev().find_map(|(_, fact)| match *fact {
                Fact::Closed(of) | Fact::Cut { client: of, .. } if Some(of) == client => Some(true),
                Fact::Connected { client: of, .. } if Some(of) == client => Some(false),
                _ => None,
            });
            is(*over, &over_of(story), "over").or_else(|| (ends == Some(true)).then(|| "it ends".to_owned()))
        }
        Cause::EndsEarly { closed, published } => is(*published, &publishes, "published")
            .or_else(|| is(*closed, &|fact| client.is_some_and(|client| fact == Fact::Closed(client)), "closed")),
        Cause::TooMany(requests) => {
            let counted = |fact| matches!(fact, Fact::Read(_) | Fact::Connected { .. });
            let all = facts.iter().filter(|(_, fact)| counted(*fact)).count();
            let untrue = requests.iter().find_map(|place| is(*place, &counted, "asked"));
            untrue.or_else(|| (all != requests.len()).then(|| format!("{all} requests")))
        }
        Cause::ShownWrong { showed, shown, failed } => {
            let shows = |fact| client.is_some_and(|client| fact == Fact::Showed(client, *shown));
            let fails = |fact| match fact {
                Fact::Set(status) => story.system.failed == Some(status),
                Fact::RolledBack(..) => true,
                _ => false,
            };
            is(*showed, &shows, "shown").or_else(|| is((*failed)?, &fails, "failed"))
        }
        Cause::Untold => Some("nothing is told".to_owned()),
    }
}

/// Whether a fact is that a task of the job is over.
fn over_of<'s>(story: &'s Story<'_>) -> impl Fn(Fact) -> bool + use<'s> {
    |fact| matches!(fact, Fact::Over { task, .. } if story.serves(task).is_none())
}

fn untrue_timer(
    story: &Story<'_>,
    client: Option<ClientId>,
    timed_out: &punctual::why::TimedOut,
) -> Option<String> {
    let client = client?;
    let timer = &story.system.clients[usize::from(client.0)].timers[usize::from(timed_out.timer)];
    if story.facts[timed_out.fired].1 != Fact::TimedOut(client, timed_out.timer) {
        return Some("no timer fires".to_owned());
    }
    // From where it is said to have begun it has run as long as it may.
    if !timer.limit.interval().contains(story.ran(timed_out)) {
        return Some(format!("it ran {:?} of {:?}", story.ran(timed_out), timer.limit.interval()));
    }
    let (what, arrives) = timed_out.stopper?;
    let comes = |fact: &Fact| matches!(*fact, Fact::Arrived { at, what: w, .. } if at == client && w.event() == what.event());
    match arrives {
        Some(place) => {
            (place < timed_out.fired || !comes(&story.facts[place].1)).then(|| "no stopper".to_owned())
        }
        None => {
            story.facts.iter().any(|(_, fact)| comes(fact)).then(|| "what would stop it arrives".to_owned())
        }
    }
}

/// What of a claimed loss is not so.
fn untrue_loss(claimed: &Claimed<'_>, lost: &Lost) -> Option<String> {
    let story = claimed.story;
    let facts = &story.facts;
    let (what, client, published) = (lost.what, lost.client, lost.stored.published);
    let any = |range: std::ops::Range<usize>, so: &dyn Fn(Fact) -> bool| {
        facts[range].iter().any(|(_, fact)| so(*fact))
    };
    let at = |place: usize| facts[place].1;
    let comes = |fact| matches!(fact, Fact::Arrived { at, what: w, .. } if at == client && w == what);
    let back = |fact| matches!(fact, Fact::Connected { client: of, .. } if of == client);
    let looks = |fact| matches!(fact, Fact::Did(task, step) if story.serves(task) == Some(client) && story.looks_at(task, step, lost.stored.store));
    let wrong = |so: bool, said: &str| so.then(|| format!("{said}: {lost:?}"));
    let common = wrong(any(0..facts.len(), &comes), "it arrives").or_else(|| {
        let added = matches!(at(published), Fact::Published { what: w, store, id, .. } if (w, store, id) == (what, lost.stored.store, lost.stored.id));
        wrong(!added, "not added")
    });
    common.or_else(|| match &lost.how {
        How::Sent { sent, outcome, .. } => {
            let sends = matches!(at(*sent), Fact::Sent { to, what: w, .. } if to == client && w == what);
            wrong(!sends, "not sent").or_else(|| match outcome {
                Outcome::LostOnItsWay(broke, held) => wrong(
                    broke < sent || !breaks(story, client, *broke) && !back(at(*broke)) || held.is_some_and(|held| !holds(at(held), client)),
                    "no break",
                ),
                Outcome::NotOnTheLine(since) => wrong(
                    since.is_empty()
                        || since.iter().any(|broke| broke > sent || !breaks(story, client, *broke))
                        || any(since[0]..*sent, &back),
                    "there is a line",
                ),
                Outcome::Held(held) => {
                    let let_go = |fact| matches!(fact, Fact::Released(of, way) if of == client && way != Way::From);
                    wrong(held > sent || !holds(at(*held), client) || any(*sent..facts.len(), &let_go), "let go")
                }
                Outcome::Arrived(_) | Outcome::OnItsWay => Some(format!("it is on its way: {lost:?}")),
            })
        }
        How::PassedOver { look, obstacles } => {
            let taken = look.looked == Looked::Taken;
            let is_look = matches!(at(look.place), Fact::Did(task, step) if task == look.task && (!taken || step == look.step && looks(at(look.place))));
            let sends = story.beside(look.place).any(|(_, fact)| matches!(fact, Fact::Sent { what: w, .. } if w == what));
            wrong(!is_look || look.place < published || sends && taken, "no look")
                .or_else(|| wrong(obstacles.is_empty(), "nothing is in the way"))
                .or_else(|| obstacles.iter().find_map(|one| untrue_obstacle(claimed, lost, one)))
        }
        How::NotLooked { reason, obstacles, .. } => wrong(any(published..facts.len(), &looks), "somebody looks")
            .or_else(|| untrue_reason(claimed, lost, reason))
            .or_else(|| obstacles.iter().find_map(|one| untrue_obstacle(claimed, lost, one))),
    })
}

/// Whether a fact is one that breaks a client's connection.
fn breaks(story: &Story<'_>, client: ClientId, place: usize) -> bool {
    match story.facts[place].1 {
        Fact::Cut { client: of, .. } | Fact::Closed(of) => of == client,
        Fact::TimedOut(of, timer) => {
            of == client && story.system.clients[usize::from(client.0)].timers[usize::from(timer)].reconnects
        }
        _ => false,
    }
}

fn holds(fact: Fact, client: ClientId) -> bool {
    matches!(fact, Fact::Held(of, way) if of == client && way != Way::From)
}

fn untrue_obstacle(claimed: &Claimed<'_>, lost: &Lost, obstacle: &Obstacle) -> Option<String> {
    let story = claimed.story;
    let at = |place: usize| story.facts[place].1;
    let stored = &lost.stored;
    let so = match obstacle {
        Obstacle::Dropped(place) => {
            *place > stored.published
                && matches!(at(*place), Fact::Published { store, .. } if store == stored.store)
        }
        Obstacle::Beyond(moves) => {
            !moves.is_empty()
                && moves.iter().all(|one| {
                    one.to >= stored.id
                        && match (at(one.place), one.sent) {
                            (Fact::Moved(by, _, to), None) => {
                                story.serves(by) == Some(lost.client) && to == one.to
                            }
                            (Fact::Sent { to, what, .. }, Some(sent)) => to == lost.client && what == sent,
                            _ => false,
                        }
                })
        }
        Obstacle::SameTick(twin, published, sent) => {
            let twins = matches!(at(*published), Fact::Published { what, store, id, .. } if (what, store, id) == (*twin, stored.store, stored.id));
            twins && matches!(at(*sent), Fact::Sent { to, what, .. } if (to, what) == (lost.client, *twin))
        }
        Obstacle::Behind(other, place) => {
            let behind = |fact| matches!(fact, Fact::Published { what, store, id, .. } if what == *other && store == stored.store && id >= stored.id);
            *place < stored.published && behind(at(*place))
        }
        Obstacle::Stopped(stops) => {
            stops.breaks.iter().all(|place| breaks(story, lost.client, *place))
                && stops.holds.iter().all(|place| holds(at(*place), lost.client))
        }
        Obstacle::NotAdmitted | Obstacle::ByChance => true,
    };
    (!so).then(|| format!("{obstacle:?} is not in the way: {lost:?}"))
}

fn untrue_reason(claimed: &Claimed<'_>, lost: &Lost, reason: &NotLooked) -> Option<String> {
    let story = claimed.story;
    let at = |place: usize| story.facts[place].1;
    let server = |task: TaskId| story.serves(task) == Some(lost.client);
    let so = match reason {
        NotLooked::Never(task, last) => {
            let looks = |place: usize| matches!(at(place), Fact::Did(by, step) if by == *task && story.looks_at(by, step, lost.stored.store));
            server(*task) && last.is_none_or(looks)
        }
        NotLooked::Closed(place) => at(*place) == Fact::Closed(lost.client),
        NotLooked::Over(place) => matches!(at(*place), Fact::Over { task, .. } if server(task)),
        NotLooked::GivenUp(place) => {
            matches!(at(*place), Fact::Cut { client, noticed: true } if client == lost.client)
        }
        NotLooked::BeganAnew(place) => {
            matches!(at(*place), Fact::Connected { client, .. } if client == lost.client)
        }
        NotLooked::Waits(waiting) => is_waiting(story, *waiting),
        NotLooked::NeverBegins(task) => {
            server(*task)
                && !story.facts.iter().any(|(_, fact)| matches!(*fact, Fact::Did(by, _) if by == *task))
        }
        NotLooked::RunEnds => true,
    };
    (!so).then(|| format!("{reason:?} is not why nobody looks: {lost:?}"))
}

/// Whether a task waits for a signal to the end and takes no step meanwhile; and whether the signal was given in vain
/// where that is said.
fn is_waiting(story: &Story<'_>, waiting: Waiting) -> bool {
    let Some(Action::Wait { signal, .. }) = story.step(waiting.task, waiting.step).map(|step| &step.action)
    else {
        return false;
    };
    let since = waiting.since.map_or(0, |since| since + 1);
    let moves = |fact: &Fact| matches!(*fact, Fact::Did(task, _) if task == waiting.task);
    let unheard = Fact::Notified { signal: *signal, heard: false };
    !story.facts[since..].iter().any(|(_, fact)| moves(fact))
        && waiting.unheard.is_none_or(|place| story.facts[place].1 == unheard)
}

// What is named is in the picture.

/// What of a claim is not in its picture.
fn undrawn(claimed: &Claimed<'_>) -> Option<String> {
    let Claimed { story, why, .. } = claimed;
    let race = race::of_why(story, why);
    let style = Style { verbose: 1, ..Style::plain() };
    let picture = terminal::picture(&race, &style);
    why.places().into_iter().find_map(|place| {
        let at = story.at(place).0;
        let drawn =
            race.marks.iter().any(|mark| mark.at == at) && race.horizon.0 <= at && at <= race.horizon.1;
        let printed = [3, 6].into_iter().any(|digits| picture.contains(&text::seconds(at, digits)));
        (!drawn || !printed)
            .then(|| format!("{:?} at {at} us is not drawn:\n{picture}", story.facts[place].1))
    })
}

// What is blamed decides.

/// The first event of a run that is judged, and whether the run came to its end.
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

    fn ends(&self, fact: &Fact) -> Option<punctual_sim::Span> {
        self.after.ends(fact)
    }
}

/// The same decisions on another system, from the first fact that would be another.
fn again(system: &punctual_model::System, from: Option<usize>, claimed: &Claimed<'_>) -> Judged {
    let mut seen = 0;
    let event = claimed.trace.steps.iter().position(|step| {
        seen += step.facts.len();
        from.is_none_or(|from| seen > from)
    });
    let events = event.filter(|_| from.is_some()).unwrap_or(0) as u64;
    let world = Changing { before: World::new(claimed.story.system), after: World::new(system), events };
    let ran = record_until(&world, Follow::new(&claimed.trace.decisions), EVENTS);
    let facts = ran.steps.iter().flat_map(|step| step.facts.iter().map(|fact| (step.at, *fact))).collect();
    Judged { facts, ended_at: ran.ended_at, ending: ran.ending }
}

/// How a run breaks an invariant, and at which fact, if it is one.
fn breach(system: &punctual_model::System, rule: Rule, judged: &Judged) -> Option<(Breach, Option<usize>)> {
    let plan = Plan::new(system, &[rule]);
    let mut monitor = Monitor::new(&plan);
    for (place, (at, fact)) in judged.facts.iter().enumerate() {
        Observer::<World>::noted(&mut monitor, *at, fact);
        if let Some(breach) = monitor.breaches()[0] {
            return Some((breach, Some(place)));
        }
    }
    Observer::<World>::ended(&mut monitor, judged.ended_at, judged.ending);
    monitor.breaches()[0].map(|breach| (breach, None))
}

/// How often an event arrives at a client by `until`.
fn arrives(judged: &Judged, what: Identity, client: ClientId, until: Time) -> usize {
    let comes = |(when, fact): &&(Time, Fact)| matches!(*fact, Fact::Arrived { at, what: w, .. } if (at, w) == (client, what) && *when <= until);
    judged.facts.iter().filter(comes).count()
}

/// Whether a client has not finished when an event is published.
fn is_owed(judged: &Judged, what: Identity, client: ClientId) -> bool {
    let before = judged
        .facts
        .iter()
        .take_while(|(_, fact)| !matches!(*fact, Fact::Published { what: w, .. } if w == what));
    !before.into_iter().any(|(_, fact)| *fact == Fact::Finished(client))
}

/// Whether an event is lost on the changed system by something else, which has not happened in the run: what was taken
/// out had come before it.
fn is_preempted(story: &Story<'_>, changed: &punctual_model::System, judged: &Judged, lost: &Lost) -> bool {
    let other = Story::of_facts(changed, judged.facts.clone(), judged.ended_at);
    let Some(other) = Lost::of(&other, lost.what, lost.client) else { return false };
    other.places().into_iter().map(|place| judged.facts[place]).any(|(at, fact)| {
        let its_own = matches!(fact, Fact::Did(..)) || fact.identity() == Some(lost.what);
        !its_own && !story.facts.contains(&(at, fact))
    })
}

/// What of a claim does not decide.
fn undecided(claimed: &Claimed<'_>) -> Option<String> {
    let Claimed { story, why, .. } = claimed;
    let blames = why.blames(story);
    let lost = match &why.cause {
        Cause::Lost(lost) | Cause::WaitsForEver(Some(lost)) => Some(lost),
        _ => None,
    };
    let from = if blames.iter().any(|blamed| blamed.from.is_none()) {
        None
    } else {
        blames.iter().filter_map(|blamed| blamed.from).min()
    };
    let limit = blames.iter().find_map(|blamed| match blamed.what {
        Blame::Limit(observed) => Some(observed),
        _ => None,
    });
    if blames.is_empty() {
        return Some("nothing is blamed".to_owned());
    }
    if let Some(observed) = limit {
        // No less will do: the same fact breaks it.
        let same = again(story.system, None, claimed);
        let from = blames.iter().filter_map(|blamed| blamed.from).min();
        let rule = |less: u64| without::with_limit(why.rule, observed, less);
        let [broken, less] = [why.rule, rule(1)].map(|rule| breach(story.system, rule, &same));
        let changed = without::without(story.system, &blames);
        let passes = breach(&changed, rule(0), &again(&changed, from, claimed))
            .is_none_or(|(other, _)| other != why.breach);
        let breaks = less.is_some_and(|less| matches!(observed, Observed::Count(_)) || Some(less) == broken);
        return (!breaks || !passes).then(|| format!("{blames:?}: {broken:?} {less:?}"));
    }
    let changed = without::without(story.system, &blames);
    let judged = again(&changed, from, claimed);
    let passes = match (&why.cause, lost) {
        (_, Some(lost)) => {
            arrives(&judged, lost.what, lost.client, Time::NEVER) > 0
                || !is_owed(&judged, lost.what, lost.client)
                || is_preempted(story, &changed, &judged, lost)
        }
        // It does not come a second time when it did.
        (Cause::Twice(comings), None) => {
            let again = story.at(comings[1].arrived);
            arrives(&judged, why.breach.what?, why.breach.client?, again) < 2
        }
        (_, None) => breach(&changed, why.rule, &judged).is_none_or(|(breach, _)| breach != why.breach),
    };
    (!passes).then(|| format!("without {blames:?} it is the same: {:?}", breach(&changed, why.rule, &judged)))
}

/// All that can be wrong with a claim.
fn wrong(claimed: &Claimed<'_>) -> Option<String> {
    let said = claimed.why.said(claimed.story);
    let wrong = untrue(claimed).map(|wrong| format!("untrue: {wrong}"));
    let wrong = wrong.or_else(|| undrawn(claimed).map(|wrong| format!("not in the picture: {wrong}")));
    let wrong = wrong.or_else(|| undecided(claimed).map(|wrong| format!("not decisive: {wrong}")));
    wrong.map(|wrong| format!("{}\n  {said}\n  {:?}\n{wrong}", claimed.why.rule.name(), claimed.why))
}

#[test]
fn survey() {
    let mut runner =
        TestRunner::new_with_rng(ProptestConfig::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let (mut all, mut parsed) = (0, 0);
    let mut kinds: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut shown = 0;
    let cases: usize = std::env::var("CASES").map_or(300, |n| n.parse().unwrap());
    for _ in 0..cases {
        let text = breaking::text().new_tree(&mut runner).expect("a text").current();
        all += 1;
        let Some((text, scenario)) = breaking::parse(&text) else {
            for line in Scenario::parse("b.toml", &text)
                .err()
                .unwrap()
                .render(false)
                .lines()
                .filter(|l| l.starts_with("error"))
            {
                *kinds.entry(line.to_owned()).or_default() = (0, kinds.get(line).map_or(0, |k| k.1) + 1);
            }
            continue;
        };
        parsed += 1;
        each_claim(&scenario, |claimed| {
            let kind = format!("{:?}", claimed.why.cause);
            let kind: String = kind.split(['{', '(']).take(1).collect();
            let kind = match &claimed.why.cause {
                Cause::Lost(lost) => match &lost.how {
                    How::Sent { outcome, .. } => {
                        format!("sent {outcome:?}").split('(').next().unwrap().to_owned()
                    }
                    How::PassedOver { obstacles, .. } => format!(
                        "passed {:?}",
                        obstacles
                            .iter()
                            .map(|o| format!("{o:?}").split('(').next().unwrap().to_owned())
                            .collect::<Vec<_>>()
                    ),
                    How::NotLooked { reason, obstacles, .. } => format!(
                        "not looked {} {:?}",
                        format!("{reason:?}").split('(').next().unwrap(),
                        obstacles
                            .iter()
                            .map(|o| format!("{o:?}").split('(').next().unwrap().to_owned())
                            .collect::<Vec<_>>()
                    ),
                },
                _ => kind,
            };
            let filter = std::env::var("KIND").unwrap_or_default();
            let matches = kind.contains(&filter);
            let entry = kinds.entry(kind).or_default();
            entry.0 += 1;
            if let Some(wrong) = wrong(claimed) {
                entry.1 += 1;
                shown += usize::from(matches);
                if shown <= 4 && matches {
                    let from = text.find("[[store]]").unwrap_or(0);
                    eprintln!("{wrong}\n{}\n", &text[from..]);
                }
            }
        });
    }
    eprintln!("{parsed} of {all}\n{kinds:#?}");
}
