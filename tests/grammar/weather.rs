//! What befalls the line between the stream and the panel, and what the panel does about it.

use proptest::collection::vec;
use proptest::prelude::*;

use super::delay;

/// What befalls lines and nodes, and how the client connects again.
#[derive(Clone, Debug)]
pub(super) struct Weather {
    pub(super) starts: String,
    pub(super) strikes: Vec<(u8, String)>,
    pub(super) reconnects: Option<String>,
    pub(super) resumes: bool,
    /// What the stream does first for a client that comes back.
    pub(super) resumption: u8,
    pub(super) watches: Option<String>,
    pub(super) refuses: bool,
}

pub(super) fn weather() -> impl Strategy<Value = Weather> {
    let strikes = vec((0..7_u8, delay(0)), 0..=2);
    let client = (proptest::option::weighted(0.8, delay(0)), any::<bool>(), proptest::option::of(delay(100)));
    (delay(0), strikes, client, 0..4_u8, any::<bool>()).prop_map(
        |(starts, strikes, (reconnects, resumes, watches), resumption, refuses)| Weather {
            starts,
            strikes,
            reconnects,
            resumes,
            resumption,
            watches,
            refuses,
        },
    )
}

impl Weather {
    /// The task that lets it happen; `app` is where the stream runs.
    pub(super) fn task(&self, app: &str) -> String {
        let strike = |(kind, takes): &(u8, String)| match kind {
            0 => "  { disconnect = \"panel\" },\n".to_owned(),
            1 => "  { half-open = \"panel\" },\n".to_owned(),
            2 => format!("  {{ hold = \"panel\" }}, {{ release = \"panel\", takes = \"{takes}\" }},\n"),
            3 => format!(
                "  {{ hold = \"panel\", way = \"to\" }}, {{ release = \"panel\", way = \"to\", takes = \"{takes}\" }},\n"
            ),
            4 => format!(
                "  {{ hold = \"panel\", way = \"from\" }}, {{ release = \"panel\", takes = \"{takes}\" }},\n"
            ),
            5 => format!("  {{ crash = \"worker\" }}, {{ restart = \"worker\", takes = \"{takes}\" }},\n"),
            _ => format!("  {{ crash = \"{app}\" }}, {{ restart = \"{app}\", takes = \"{takes}\" }},\n"),
        };
        let strikes: String = self.strikes.iter().map(strike).collect();
        let starts = &self.starts;
        let strikes = if strikes.is_empty() { "  { work = \"calm\" },\n" } else { &strikes };
        format!(
            "[[task]]\nname = \"weather\"\nnode = \"network\"\nstarts = \"{starts}\"\nsteps = [\n{strikes}]\n"
        )
    }

    /// Whether the client names an event: only one store is read then.
    pub(super) fn resumes(&self, two: bool) -> bool {
        self.reconnects.is_some() && self.resumes && !two
    }

    /// What the stream does at each connection.
    pub(super) fn steps(&self, two: bool) -> &'static str {
        match self.resumption {
            _ if !self.resumes(two) => "",
            0 => "steps = [{ cursor = \"given\", if = \"resumed\" }]\n",
            1 => {
                "steps = [{ cursor = \"given\" }, { send = \"events\", step = \"replay\", takes = \"0us..1ms\" }, { cursor = \"given\", step = \"again\" }]\n"
            }
            2 => {
                "steps = [{ announce = \"stored\", step = \"hello\", if = \"fresh\" }, { cursor = \"greatest\", if = \"resumed\" }]\n"
            }
            _ => "",
        }
    }

    /// The keys of the client.
    pub(super) fn keys(&self, two: bool) -> String {
        let Some(after) = &self.reconnects else { return String::new() };
        let resumes = if self.resumes(two) { "" } else { "resumes = false\n" };
        format!("reconnects = \"{after}\"\n{resumes}")
    }

    /// Its second timer.
    pub(super) fn timer(&self) -> String {
        let Some(limit) = self.watches.as_ref().filter(|_| self.reconnects.is_some()) else {
            return String::new();
        };
        format!(
            "[[client.timer]]\nname = \"silence\"\nfrom = \"any event\"\nlimit = \"{limit}\"\nreconnects = true\n"
        )
    }
}
