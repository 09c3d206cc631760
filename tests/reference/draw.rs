//! Random scenarios from the whole grammar, so small that all of their runs can be counted out.
//!
//! Nearly everything is drawn with a small chance: a scenario has few of all these things, and all scenarios
//! together have them all. Of delays only a few have more than one length.

use super::dice::Dice;
use super::draft::{Draft, DraftClient};
use super::{patches, steps, ties};

/// What is drawn of a scenario before its steps are.
pub(crate) struct Plan {
    pub(crate) dice: Dice,
    /// How many delays may still have more than one length.
    wide: u64,
    /// The name and the ids of each store.
    pub(crate) stores: Vec<(&'static str, &'static str)>,
    /// The names of the kinds of events, and whether they tell of the row.
    pub(crate) kinds: Vec<(&'static str, bool)>,
    pub(crate) signal: bool,
    pub(crate) ends: Option<u64>,
    pub(crate) statuses: Vec<&'static str>,
    /// Whether there are several stores, so that they must be named.
    pub(crate) several: bool,
    /// Which clients name the last event that they have when they connect again.
    pub(crate) resuming: Vec<bool>,
    names: u32,
}

const IDS: [&str; 3] = ["counter", "given", "clock"];
const CLOCKS: [&str; 6] = ["clock 1us", "clock 2us", "clock 2us", "clock 3us", "clock 3us", "clock 4us"];

/// The text of the scenario that a seed draws.
pub(crate) fn text(seed: u64) -> String {
    let mut plan = Plan::new(seed);
    let mut draft = Draft { clients: plan.clients(), ..Draft::default() };
    steps::tasks(&mut plan, &mut draft);
    ties::windows(seed, &plan.stores, &mut draft);
    plan.declare(&mut draft);
    plan.react(&mut draft);
    plan.expect(&mut draft);
    patches::variants(&mut plan, &mut draft);
    patches::orders(&mut plan, &mut draft);
    draft.text()
}

impl Plan {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut stores = vec![("events", *dice.pick(&IDS))];
        if dice.percent(40) {
            stores.push(("others", *dice.pick(&IDS)));
        }
        for store in stores.iter_mut().filter(|store| store.1 == "clock") {
            store.1 = *dice.pick(&CLOCKS);
        }
        let mut kinds = vec![("e", false)];
        kinds.extend(dice.percent(30).then_some(("f", false)));
        kinds.extend(dice.percent(40).then_some(("r", true)));
        let ends = dice.percent(70).then(|| dice.from(0, 4));
        let statuses = if dice.percent(25) { vec!["a", "b", "failed"] } else { vec!["a", "b"] };
        let (signal, wide) = (dice.percent(30), dice.from(2, 6));
        let several = stores.len() > 1;
        Self { dice, wide, stores, kinds, signal, ends, statuses, several, resuming: Vec::new(), names: 0 }
    }

    /// A delay of `least` to `most`, or a little more.
    pub(crate) fn delay(&mut self, least: u64, most: u64) -> String {
        let low = self.dice.from(least, most);
        if self.wide == 0 || self.dice.percent(55) {
            return format!("{low}us");
        }
        self.wide -= 1;
        let high = low + if self.dice.percent(70) { 1 } else { 2 };
        let middle = self.dice.from(low.max(1), high);
        match self.dice.below(10) {
            0 => format!("triangular {low}us..{high}us mode {middle}us"),
            1 => format!("exponential {low}us..{high}us mean {middle}us"),
            2 if low > 0 => format!("log-normal {low}us..{high}us median {middle}us sigma 0.5"),
            3 => format!("empirical {low}us@0% {high}us@100%"),
            4 if high > low + 1 => format!("empirical {low}us@0% {}us@40% {high}us@100%", low + 1),
            _ => format!("{low}us..{high}us"),
        }
    }

    /// A name that nothing else has.
    pub(crate) fn name(&mut self, letter: char) -> String {
        self.names += 1;
        format!("{letter}{}", self.names)
    }

    pub(crate) fn has_clock(&self) -> bool {
        self.stores.iter().any(|(_, ids)| ids.starts_with("clock"))
    }

    fn clients(&mut self) -> Vec<DraftClient> {
        let names = ["c", "d"].into_iter().take(if self.dice.percent(12) { 2 } else { 1 });
        let names: Vec<&str> = names.collect();
        let client = |name: &&'static str| {
            let latency = self.delay(0, 2);
            let reconnects = self.ends.is_some() && self.dice.percent(45);
            DraftClient {
                name,
                latency,
                reconnects: reconnects.then(|| self.delay(0, 2)),
                resumes: self.dice.percent(65),
                ..DraftClient::default()
            }
        };
        let clients: Vec<DraftClient> = names.iter().map(client).collect();
        self.resuming = clients.iter().map(|client| client.reconnects.is_some() && client.resumes).collect();
        clients
    }

    /// The tables of events, stores, rows, signals and policies that the steps use.
    fn declare(&mut self, draft: &mut Draft) {
        let used = draft.steps_text();
        let uses = |key: &str, value: &str| used.contains(&format!("{key} = \"{value}\""));
        self.kinds.retain(|(kind, _)| ["publish", "announce", "sends"].iter().any(|key| uses(key, kind)));
        let reads_row = used.contains("\"row\"");
        for (kind, row) in self.kinds.clone() {
            let row = if row { "row = \"row\"\n" } else { "" };
            let terminal = if self.dice.percent(50) { "terminal = true\n" } else { "" };
            draft.declared += &format!("[[event]]\nname = \"{kind}\"\n{row}{terminal}");
        }
        for (store, ids) in self.stores.clone() {
            let keep = if self.dice.percent(15) {
                format!("keep = {}\n", self.dice.from(1, 2))
            } else {
                String::new()
            };
            draft.declared += &format!("[[store]]\nname = \"{store}\"\nids = \"{ids}\"\n{keep}");
        }
        let late = self.dice.percent(30) && uses("commit", "row");
        if late || !uses("commit", "row") && (reads_row || self.kinds.iter().any(|(_, row)| *row)) {
            let late =
                if late { format!("visible-after = \"{}\"\n", self.delay(0, 2)) } else { String::new() };
            draft.declared += &format!("[[row]]\nname = \"row\"\n{late}");
        }
        if self.signal {
            let permit = self.dice.percent(50);
            draft.declared += &format!("[[signal]]\nname = \"w\"\npermit = {permit}\n");
        }
        if used.contains("\"po\"") {
            draft.declared += "[policy.po]\n";
            for status in self.statuses.clone() {
                draft.declared += &format!("{status} = \"{}\"\n", self.line());
            }
        }
    }

    /// A line of a policy.
    pub(crate) fn line(&mut self) -> String {
        let lines = [
            (20, "1us"),
            (12, "2us"),
            (8, "1us..2us"),
            (8, "0us..1us"),
            (10, "1us below 2us, 2us"),
            (4, "2us below 1us, 1us below 3us, 2us"),
            (8, "1us below 1 rest, 2us"),
            (8, "2us below 2 rests since event, 1us"),
            (4, "1us below 2us, 2us below 2 rests, 3us"),
            (5, "back-off 1us..4us factor 2"),
            (5, "back-off 1us..3us factor 3 since event"),
            (5, "back-off 2us..4us factor 2 jitter 50%"),
        ];
        self.dice.weighed(&lines).to_owned()
    }

    /// What clients do.
    fn react(&mut self, draft: &mut Draft) {
        let files: Vec<&str> =
            if draft.steps_text().contains("save = \"f1\"") { vec!["file f1"] } else { vec![] };
        let rows = if draft.steps_text().contains("\"row\"") { vec!["row row"] } else { vec![] };
        for at in 0..draft.clients.len() {
            for (kind, _) in self.kinds.clone() {
                if self.dice.percent(60) {
                    let mut on = format!("event = \"{kind}\"\n");
                    on += &self.shows(40);
                    on += if self.dice.percent(35) { "ends = true\n" } else { "" };
                    on += if self.dice.percent(12) { "copies = \"synthesized\"\n" } else { "" };
                    let there: Vec<&str> = files.iter().chain(&rows).copied().collect();
                    if !there.is_empty() && self.dice.percent(30) {
                        let (what, takes) = (*self.dice.pick(&there), self.delay(0, 2));
                        on += &format!("fetches = \"{what}\"\ntakes = \"{takes}\"\n");
                    }
                    draft.clients[at].reactions.push((kind, on));
                }
            }
            let timers = self.dice.weighed(&[(55, 0), (35, 1), (10, 2)]);
            for number in 0..timers {
                let timer = self.timer(&draft.clients[at]);
                draft.clients[at].timers.push((["t", "u"][number], timer));
            }
        }
    }

    fn shows(&mut self, share: u64) -> String {
        if !self.dice.percent(share) {
            return String::new();
        }
        format!("shows = \"{}\"\n", self.dice.pick(&["progress", "success", "failure"]))
    }

    fn timer(&mut self, client: &DraftClient) -> String {
        let events: Vec<&str> = client.reactions.iter().map(|(kind, _)| *kind).collect();
        let mut from = vec!["start", "byte", "any event"];
        from.extend(&events);
        let (from, limit) = (*self.dice.pick(&from), self.delay(1, 5));
        let mut timer = format!("from = \"{from}\"\nlimit = \"{limit}\"\n");
        if !events.is_empty() && self.dice.percent(40) {
            timer += &format!("stops = [\"{}\"]\n", self.dice.pick(&events));
        }
        timer += &self.shows(35);
        timer += match self.dice.below(3) {
            0 if client.reconnects.is_some() => "reconnects = true\n",
            1 => "ends = true\n",
            _ => "",
        };
        timer
    }

    /// All invariants are asked for, with limits that a run can be beyond.
    fn expect(&mut self, draft: &mut Draft) {
        draft.ends = self.ends.map(|after| format!("{after}us after w0"));
        draft.statuses.clone_from(&self.statuses);
        let most = self.ends.unwrap_or(4);
        if most > 0 {
            let (within, ends) = (self.dice.from(1, most), self.dice.from(1, most));
            draft.limits.push(("delivered-within", format!("\"{within}us\"")));
            draft.limits.push(("stream-ends", format!("\"{ends}us\"")));
        }
        draft.limits.push(("bounded-requests", self.dice.from(1, 4).to_string()));
    }
}
