//! What is named is in the run.

use punctual::story::{FactId, Looked, Outcome, Story};
use punctual::why::{Cause, How, Lost, NotLooked, Obstacle, TimedOut, Waiting};
use punctual_model::{Action, ClientId, Fact, Identity, Resource, Shown, TaskId, Way};

use super::Claimed;

/// What of a claim is not so in the run that it is of.
pub(super) fn untrue(claimed: &Claimed<'_>) -> Option<String> {
    let Claimed { story, why, .. } = claimed;
    let client = why.breach.client;
    let places = Places { story, client, what: why.breach.what };
    match &why.cause {
        Cause::Lost(lost) => untrue_loss(claimed, lost),
        Cause::WaitsForEver(lost) => {
            let lost = lost.as_ref().and_then(|lost| untrue_loss(claimed, lost));
            let done = |fact: Fact| client.is_some_and(|client| fact == Fact::Finished(client));
            places.some(done).then(|| "it comes to its end".to_owned()).or(lost)
        }
        Cause::Late { published, arrived } => places
            .untrue_publication(*published)
            .or_else(|| places.untrue_arrival(*arrived))
            .or_else(|| (story.at(*arrived) <= story.at(*published)).then(|| "it is not late".to_owned())),
        Cause::Twice(comings) => {
            let untrue = comings.iter().find_map(|coming| places.untrue_arrival(coming.arrived));
            untrue.or_else(|| (comings.len() < 2).then(|| "once".to_owned()))
        }
        Cause::Overtaken { arrived, by } => {
            places.untrue_order(*arrived, by).or_else(|| places.untrue_arrival(*arrived))
        }
        Cause::NotThere { fetched, resource, there } => places.untrue_fetch(*fetched, *resource, *there),
        Cause::Phantom { sent, undone } => {
            let sends = |fact| matches!(fact, Fact::Sent { to, what, .. } if Some(to) == client && Some(what) == why.breach.what);
            let undoes = |fact| matches!(fact, Fact::RolledBack(..));
            places.unless(*sent, sends, "sent").or_else(|| places.unless(*undone, undoes, "undone"))
        }
        Cause::TimedOut(timed_out) => untrue_timer(story, client, timed_out),
        Cause::CameBack { over, back, .. } => {
            let comes_back = |fact| matches!(fact, Fact::Connected { client: of, .. } if Some(of) == client);
            places.untrue_end(*over).or_else(|| places.unless(*back, comes_back, "back"))
        }
        Cause::EndsLate { over, closed, .. } => {
            places.untrue_end(*over).or_else(|| places.untrue_close(*closed))
        }
        Cause::StaysOpen { over } => places.untrue_end(*over).or_else(|| places.last_end()),
        Cause::EndsEarly { closed, published } => {
            places.untrue_publication(*published).or_else(|| places.untrue_close(*closed))
        }
        Cause::TooMany(requests) => places.untrue_count(requests),
        Cause::ShownWrong { showed, shown, failed } => places.untrue_showing(*showed, *shown, *failed),
        Cause::Untold => Some("nothing is told".to_owned()),
    }
}

/// What is to stand at places of a run, of a breach by a client that is about an event.
struct Places<'c, 's> {
    story: &'c Story<'s>,
    client: Option<ClientId>,
    what: Option<Identity>,
}

impl Places<'_, '_> {
    /// What is wrong unless a fact stands at its place.
    fn unless(&self, place: FactId, so: impl Fn(Fact) -> bool, what: &str) -> Option<String> {
        let fact = self.story.facts.get(place.0).map(|(_, fact)| *fact);
        (!fact.is_some_and(so)).then(|| format!("{what} at {}: {fact:?}", place.0))
    }

    /// Whether there is such a fact anywhere.
    fn some(&self, so: impl Fn(Fact) -> bool) -> bool {
        self.story.facts.iter().any(|(_, fact)| so(*fact))
    }

    fn untrue_publication(&self, place: FactId) -> Option<String> {
        self.unless(
            place,
            |fact| matches!(fact, Fact::Published { what, .. } if Some(what) == self.what),
            "published",
        )
    }

    fn untrue_arrival(&self, place: FactId) -> Option<String> {
        self.unless(
            place,
            |fact| matches!(fact, Fact::Arrived { at, what, .. } if Some(at) == self.client && Some(what) == self.what),
            "arrived",
        )
    }

    fn untrue_end(&self, place: FactId) -> Option<String> {
        self.unless(place, over_of(self.story), "over")
    }

    fn untrue_close(&self, place: FactId) -> Option<String> {
        let closes = |fact| self.client.is_some_and(|client| fact == Fact::Closed(client));
        self.unless(place, closes, "closed")
    }

    /// Whether the connection is over at last.
    fn last_end(&self) -> Option<String> {
        let ends = self.story.facts.iter().rev().find_map(|(_, fact)| match *fact {
            Fact::Closed(of) | Fact::Cut { client: of, .. } if Some(of) == self.client => Some(true),
            Fact::Connected { client: of, .. } if Some(of) == self.client => Some(false),
            _ => None,
        });
        (ends == Some(true)).then(|| "it ends".to_owned())
    }

    /// Of events that were published later and arrived before `arrived`: each with the places of both.
    fn untrue_order(&self, arrived: FactId, by: &[(Identity, FactId, FactId)]) -> Option<String> {
        by.iter().find_map(|(other, published, before)| {
            let publishes = |fact| matches!(fact, Fact::Published { what, .. } if what == *other);
            let comes = |fact| matches!(fact, Fact::Arrived { at, what, .. } if Some(at) == self.client && what == *other);
            let order = *before < arrived && self.story.stored(self.what?)[0].published < *published;
            self.unless(*published, publishes, "published")
                .or_else(|| self.unless(*before, comes, "arrived"))
                .or_else(|| (!order).then(|| "in order".to_owned()))
        })
    }

    fn untrue_fetch(&self, fetched: FactId, resource: Resource, there: Option<FactId>) -> Option<String> {
        let asks = |fact| matches!(fact, Fact::Fetched { by, resource: of, found: false } if Some(by) == self.client && of == resource);
        let comes = |fact| match (fact, resource) {
            (Fact::Visible(row, _), Resource::Row(of)) => row == of,
            (Fact::Saved(file), Resource::File(of)) => file == of,
            _ => false,
        };
        let never = there.is_none() && self.some(comes);
        self.unless(fetched, asks, "fetched")
            .or_else(|| self.unless(there?, comes, "there"))
            .or_else(|| never.then(|| "it comes to be there".to_owned()))
    }

    fn untrue_count(&self, requests: &[FactId]) -> Option<String> {
        let counted = |fact| matches!(fact, Fact::Read(_) | Fact::Connected { .. });
        let all = self.story.facts.iter().filter(|(_, fact)| counted(*fact)).count();
        let untrue = requests.iter().find_map(|place| self.unless(*place, counted, "asked"));
        untrue.or_else(|| (all != requests.len()).then(|| format!("{all} requests")))
    }

    fn untrue_showing(&self, showed: FactId, shown: Shown, failed: Option<FactId>) -> Option<String> {
        let shows = |fact| self.client.is_some_and(|client| fact == Fact::Showed(client, shown));
        let fails = |fact| match fact {
            Fact::Set(status) => self.story.system.failed == Some(status),
            Fact::RolledBack(..) => true,
            _ => false,
        };
        self.unless(showed, shows, "shown").or_else(|| self.unless(failed?, fails, "failed"))
    }
}

/// Whether a fact is that a task of the job is over.
fn over_of<'s>(story: &'s Story<'_>) -> impl Fn(Fact) -> bool + use<'s> {
    |fact| matches!(fact, Fact::Over { task, .. } if story.serves(task).is_none())
}

fn untrue_timer(story: &Story<'_>, client: Option<ClientId>, timed_out: &TimedOut) -> Option<String> {
    let client = client?;
    let timer = &story.system.clients[usize::from(client.0)].timers[usize::from(timed_out.timer.0)];
    if story.fact(timed_out.fired) != Fact::TimedOut(client, timed_out.timer) {
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
            (place < timed_out.fired || !comes(&story.fact(place))).then(|| "no stopper".to_owned())
        }
        None => {
            story.facts.iter().any(|(_, fact)| comes(fact)).then(|| "what would stop it arrives".to_owned())
        }
    }
}

/// Whether what is sent to a client at `sent` is sent for the connection before the one that it has.
fn is_outdated(story: &Story<'_>, client: ClientId, sent: FactId) -> bool {
    let tells = |fact: &Fact| match *fact {
        Fact::Outdated(task) if story.serves(task) == Some(client) => Some(true),
        Fact::Did(task, _) if story.serves(task) == Some(client) => Some(false),
        _ => None,
    };
    story.before(sent).rev().find_map(|(_, fact)| tells(&fact)) == Some(true)
}

/// What of a claimed loss is not so.
fn untrue_loss(claimed: &Claimed<'_>, lost: &Lost) -> Option<String> {
    let story = claimed.story;
    let (what, client, published) = (lost.what, lost.client, lost.stored.published);
    let any = |from: FactId, to: FactId, so: &dyn Fn(Fact) -> bool| {
        story.between(from, to).any(|(_, fact)| so(fact))
    };
    let at = |place: FactId| story.fact(place);
    let comes = |fact| matches!(fact, Fact::Arrived { at, what: w, .. } if at == client && w == what);
    let back = |fact| matches!(fact, Fact::Connected { client: of, .. } if of == client);
    let looks = |fact| matches!(fact, Fact::Did(task, step) if story.serves(task) == Some(client) && story.looks_at(task, step, lost.stored.store));
    let wrong = |so: bool, said: &str| so.then(|| format!("{said}: {lost:?}"));
    let common = wrong(any(FactId(0), story.end(), &comes), "it arrives").or_else(|| {
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
                        || any(since[0], *sent, &back) && !is_outdated(story, client, *sent),
                    "there is a line",
                ),
                Outcome::Held(held) => {
                    let let_go = |fact| matches!(fact, Fact::Released(of, way) if of == client && way != Way::From);
                    wrong(held > sent || !holds(at(*held), client) || any(*sent, story.end(), &let_go), "let go")
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
        How::NotLooked { reason, obstacles, .. } => wrong(any(published, story.end(), &looks), "somebody looks")
            .or_else(|| untrue_reason(claimed, lost, reason))
            .or_else(|| obstacles.iter().find_map(|one| untrue_obstacle(claimed, lost, one))),
    })
}

/// Whether a fact is one that breaks a client's connection.
fn breaks(story: &Story<'_>, client: ClientId, place: FactId) -> bool {
    match story.fact(place) {
        Fact::Cut { client: of, .. } | Fact::Closed(of) => of == client,
        Fact::TimedOut(of, timer) => {
            of == client
                && story.system.clients[usize::from(client.0)].timers[usize::from(timer.0)].reconnects
        }
        _ => false,
    }
}

fn holds(fact: Fact, client: ClientId) -> bool {
    matches!(fact, Fact::Held(of, way) if of == client && way != Way::From)
}

fn untrue_obstacle(claimed: &Claimed<'_>, lost: &Lost, obstacle: &Obstacle) -> Option<String> {
    let story = claimed.story;
    let at = |place: FactId| story.fact(place);
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
    let at = |place: FactId| story.fact(place);
    let server = |task: TaskId| story.serves(task) == Some(lost.client);
    let so = match reason {
        NotLooked::Never(task, last) => {
            let looks = |place: FactId| matches!(at(place), Fact::Did(by, step) if by == *task && story.looks_at(by, step, lost.stored.store));
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
    let since = waiting.since.map_or(FactId(0), FactId::next);
    let moves = |fact: &Fact| matches!(*fact, Fact::Did(task, _) if task == waiting.task);
    let unheard = Fact::Notified { signal: *signal, heard: false };
    !story.since(since).any(|(_, fact)| moves(&fact))
        && waiting.unheard.is_none_or(|place| story.fact(place) == unheard)
}
