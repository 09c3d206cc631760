//! What is explored: the smallest system of which the same can be said, and it never ends.
//!
//! What no invariant in question can see is left out (`model/src/cone.rs`), since each alarm that stays
//! pending multiplies the classes; clients that know nothing of each other are asked about one at a time
//! (`model/src/alone.rs`), and so are events that touch no other (`model/src/followed.rs`). A run that is made ends somewhere; what is proved is proved of the
//! system that goes on, so nothing holds only because somebody stopped to look. Where a run is wanted,
//! the system whose runs end is asked too.

use punctual_model::{
    Alone, Coverage, EventId, Ledger, Measured, Plan, Rule, RuleId, System, World, delivers_in_order,
    following, independent_kinds, taken_apart, without_events, without_idle_comments,
};

use crate::sampling::Prepared;

/// An invariant of a question: its place among those that are asked there, which is no place in the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked(usize);

impl Asked {
    /// The only one of a question about one.
    pub(crate) const ONLY: Self = Self(0);

    /// Its bit, where the question's invariants are a bit each.
    pub(crate) fn bit(self) -> u64 {
        1 << self.0
    }

    /// Whether its bit is among these.
    pub(crate) fn is_in(self, bits: u64) -> bool {
        bits & self.bit() != 0
    }
}

/// What is explored for some of a case's invariants.
pub(crate) struct Question {
    /// The places of the invariants in the case's plan.
    pub(crate) places: Vec<RuleId>,
    pub(crate) plan: Plan,
    /// The system that goes on.
    pub(crate) world: World,
    /// The system whose runs end, if they do so before nothing is left to happen.
    pub(crate) ending: Option<World>,
    /// Whether each step of what is kept is seen: nothing else was left out of that but comments that change nothing.
    pub(crate) sees_steps: bool,
    /// The clients of whom it is asked, those of whom the same is true, and what decides what they see.
    pub(crate) part: Alone,
    /// Whether other clients or other events were left out.
    pub(crate) is_part: bool,
    /// Where some events are left out: what has them all. A run is looked for in that, since one without them draws
    /// other delays.
    pub(crate) with_all_events: Option<Alone>,
}

/// What an invariant looks at, from what takes the fewest classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum LooksAt {
    /// The server's side alone, without events.
    Server,
    /// What reaches clients, whenever it does.
    Arrivals,
    /// How long a delivery takes, too.
    Delays,
}

impl LooksAt {
    fn of(rule: Rule) -> Self {
        let invariant = rule.invariant();
        if !invariant.of_clients {
            Self::Server
        } else if invariant.measured() == Some(Measured::Delivery) {
            Self::Delays
        } else {
            Self::Arrivals
        }
    }
}

impl Question {
    /// Its invariants, in the order of their bits.
    pub(crate) fn all_asked(&self) -> impl Iterator<Item = Asked> + use<> {
        (0..self.places.len()).map(Asked)
    }

    /// The place in the case of one of its invariants.
    pub(crate) fn place_of(&self, asked: Asked) -> RuleId {
        self.places[asked.0]
    }

    /// The question that takes fewest classes for the invariants at `places`, of all clients together.
    pub(crate) fn new(prepared: &Prepared<'_>, places: Vec<RuleId>) -> Self {
        let system = &prepared.case.system;
        Self::of(prepared, places, Alone::whole(system))
    }

    /// The same, of the clients that are asked about in `part`.
    fn of(prepared: &Prepared<'_>, places: Vec<RuleId>, part: Alone) -> Self {
        let system = &part.system;
        let asked: Vec<Rule> = places.iter().map(|&place| prepared.plan.rule(place)).collect();
        let looks_at = asked.iter().map(|&rule| LooksAt::of(rule)).max().unwrap_or(LooksAt::Arrivals);
        let cone = without_idle_comments(system, |_, _| false);
        let world = |cone: System| match looks_at {
            LooksAt::Server => World::of_server(&without_events(&cone).unwrap_or(cone)),
            LooksAt::Arrivals => World::new(&cone).without_unfelt_delays(),
            LooksAt::Delays => World::new(&cone),
        };
        Self {
            places,
            plan: Plan::new(system, &asked).about(part.asked.iter().copied()),
            ending: system.ends.map(|_| world(cone.clone())),
            world: world(System { ends: None, ..cone }),
            sees_steps: looks_at != LooksAt::Server,
            is_part: part.asked.len() < part.system.clients.len(),
            part,
            with_all_events: None,
        }
    }

    /// All invariants, asked of all of the system.
    pub(crate) fn plainly(prepared: &Prepared<'_>) -> Self {
        let system = &prepared.case.system;
        Self {
            places: prepared.plan.places().collect(),
            plan: prepared.plan.clone(),
            ending: system.ends.map(|_| World::new(system)),
            world: World::new(&System { ends: None, ..system.clone() }),
            sees_steps: true,
            part: Alone::whole(system),
            is_part: false,
            with_all_events: None,
        }
    }

    /// The invariants at `places`, asked of one client after the other where clients know nothing of each other. An
    /// invariant that counts what all of them ask for is asked of all together.
    pub(crate) fn apart(prepared: &Prepared<'_>, places: &[RuleId]) -> Vec<Self> {
        if places.iter().any(|&place| prepared.plan.rule(place).bound().is_some()) {
            return vec![Self::new(prepared, places.to_vec())];
        }
        let parts = taken_apart(&prepared.case.system).into_iter();
        parts.flat_map(|part| Self::by_kind(prepared, places, part)).collect()
    }

    /// The invariants at `places`, asked of one kind of event after the other where no event touches another. First all that
    /// is asked is asked without any of those.
    fn by_kind(prepared: &Prepared<'_>, places: &[RuleId], part: Alone) -> Vec<Self> {
        let invariant = |place: RuleId| prepared.plan.rule(place).invariant();
        let kinds = independent_kinds(&part.system);
        let of_clients = places.is_empty() || places.iter().any(|&place| invariant(place).of_clients);
        if kinds.is_empty() || !of_clients {
            return vec![Self::of(prepared, places.to_vec(), part)];
        }
        let in_order = part.asked.iter().all(|&client| delivers_in_order(&part.system, client));
        let (compared, others): (Vec<RuleId>, Vec<RuleId>) =
            places.iter().partition(|&&place| invariant(place).compares && !in_order);
        let single: Vec<RuleId> =
            others.iter().copied().filter(|&place| invariant(place).is_of_events()).collect();
        let with = |places: &[RuleId], kind: Option<EventId>| {
            let system = following(&part.system, &kinds, |of| Some(of) == kind);
            let question = Self::of(prepared, places.to_vec(), Alone { system, ..part.clone() });
            Self { with_all_events: Some(part.clone()), is_part: true, ..question }
        };
        let mut questions = vec![with(&others, None)];
        if !single.is_empty() {
            questions.extend(kinds.iter().map(|&kind| with(&single, Some(kind))));
        }
        if !compared.is_empty() {
            questions.push(Self { sees_steps: false, ..Self::of(prepared, compared, part.clone()) });
        }
        questions
    }

    /// The same for one of its invariants, with all events.
    pub(crate) fn with_all(&self, prepared: &Prepared<'_>, place: RuleId) -> Option<Self> {
        let part = self.with_all_events.clone()?;
        Some(Self { sees_steps: false, ..Self::of(prepared, vec![place], part) })
    }

    /// The same for each group of its invariants by what they look at: for fewer of them less is kept. All together look at
    /// more than all at once, so it is asked so only where that comes to many classes. None where they look at the same.
    pub(crate) fn finer(&self, prepared: &Prepared<'_>) -> Vec<Self> {
        if !self.is_divisible(prepared) {
            return Vec::new();
        }
        let looks = |place: RuleId| LooksAt::of(prepared.plan.rule(place));
        let groups = [LooksAt::Server, LooksAt::Arrivals, LooksAt::Delays].into_iter().map(|group| {
            let places: Vec<RuleId> =
                self.places.iter().copied().filter(|&place| looks(place) == group).collect();
            Self {
                is_part: self.is_part,
                with_all_events: self.with_all_events.clone(),
                ..Self::of(prepared, places, self.part.clone())
            }
        });
        let mut groups: Vec<Self> = groups.filter(|group| !group.places.is_empty()).collect();
        // It is enough that one of them sees each step.
        let first = groups.iter().position(|group| group.sees_steps);
        for (number, group) in groups.iter_mut().enumerate() {
            group.sees_steps = Some(number) == first && self.sees_steps;
        }
        groups
    }

    /// Whether its invariants do not all look at the same.
    pub(crate) fn is_divisible(&self, prepared: &Prepared<'_>) -> bool {
        let looks = |place: RuleId| LooksAt::of(prepared.plan.rule(place));
        self.places.windows(2).any(|pair| looks(pair[0]) != looks(pair[1]))
    }

    /// All questions of a case. Counting reads is asked apart from all else, because each count is a state of
    /// its own, and without clients and events, which it does not depend on.
    pub(crate) fn all(prepared: &Prepared<'_>) -> Vec<Self> {
        let counts = |place: &RuleId| prepared.plan.rule(*place).bound().is_some();
        let (counted, others): (Vec<RuleId>, Vec<RuleId>) = prepared.plan.places().partition(counts);
        let asked = [others, counted].into_iter().filter(|places| !places.is_empty());
        asked.flat_map(|places| Self::apart(prepared, &places)).collect()
    }

    /// Adds to what came into play that it does so of those who are alike.
    pub(crate) fn see_alike(&self, system: &System, coverage: &mut Coverage) {
        for &other in &self.part.alike {
            coverage.see_alike(system, self.part.asked[0], other);
        }
    }

    /// The ledger who judges.
    pub(crate) fn ledger(&self) -> Ledger<'_> {
        Ledger::new(&self.plan)
    }
}
