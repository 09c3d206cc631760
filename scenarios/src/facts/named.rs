//! The name of a fact on its way to the ids of what it names.

use punctual_model::{
    ClientId, EventId, FileId, NodeId, RowId, Shown, SignalId, StatusId, System, TaskId, TimerId,
};

use super::wrong::NoFact;

/// The name of a fact, behind its word.
pub(super) struct Named<'a> {
    pub(super) system: &'a System,
    /// All of it.
    pub(super) text: &'a str,
    /// What it happens to.
    pub(super) name: &'a str,
    /// The client that it happens at, if it says so.
    pub(super) client: Option<&'a str>,
}

impl Named<'_> {
    pub(super) fn event(&self) -> Result<EventId, NoFact> {
        find("event", self.name, self.system.events.iter().map(|event| event.name.as_str())).map(EventId)
    }

    pub(super) fn row(&self) -> Result<RowId, NoFact> {
        find("row", self.name, self.system.rows.iter().map(|row| row.name.as_str())).map(RowId)
    }

    pub(super) fn file(&self) -> Result<FileId, NoFact> {
        find("file", self.name, self.system.files.iter().map(String::as_str)).map(FileId)
    }

    pub(super) fn status(&self) -> Result<StatusId, NoFact> {
        find("status", self.name, self.system.statuses.iter().map(String::as_str)).map(StatusId)
    }

    pub(super) fn signal(&self) -> Result<SignalId, NoFact> {
        find("signal", self.name, self.system.signals.iter().map(|signal| signal.name.as_str())).map(SignalId)
    }

    pub(super) fn task(&self) -> Result<TaskId, NoFact> {
        find("task", self.name, self.system.tasks.iter().map(|task| task.name.as_str())).map(TaskId)
    }

    pub(super) fn node(&self) -> Result<NodeId, NoFact> {
        find("node", self.name, self.system.nodes.iter().map(String::as_str)).map(NodeId)
    }

    /// The client that it happens to.
    pub(super) fn client(&self) -> Result<ClientId, NoFact> {
        self.client_called(self.name)
    }

    /// The client that it happens at, if it says so.
    pub(super) fn at(&self) -> Result<Option<ClientId>, NoFact> {
        self.client.map(|name| self.client_called(name)).transpose()
    }

    /// The client that it happens at, or the only one.
    pub(super) fn at_or_only(&self) -> Result<ClientId, NoFact> {
        match (self.at()?, self.system.clients.len()) {
            (Some(client), _) => Ok(client),
            (None, 1) => Ok(ClientId(0)),
            (None, _) => Err(NoFact::AnyClient {
                text: self.text.to_owned(),
                clients: self.system.clients.iter().map(|client| client.name.clone()).collect(),
            }),
        }
    }

    pub(super) fn outcome(&self) -> Result<Shown, NoFact> {
        Ok(match find("outcome", self.name, ["progress", "success", "failure"].into_iter())? {
            0 => Shown::Progress,
            1 => Shown::Success,
            _ => Shown::Failure,
        })
    }

    /// The timer of this name, of the client that it happens at or of the only one that has one.
    pub(super) fn timer(&self) -> Result<(ClientId, TimerId), NoFact> {
        let client = self.at()?;
        let of = |at: &usize| client.is_none_or(|client| usize::from(client.0) == *at);
        let timers = || {
            (0..self.system.clients.len()).filter(of).flat_map(|client| {
                let timers = self.system.clients[client].numbered_timers();
                timers.map(move |(number, timer)| (ClientId(client as u8), number, timer.name.as_str()))
            })
        };
        let mut found = timers().filter(|(.., known)| *known == self.name);
        match (found.next(), found.next()) {
            (Some((client, number, _)), None) => Ok((client, number)),
            (Some(_), Some(_)) => Err(NoFact::SeveralTimers(self.name.to_owned())),
            (None, _) => Err(unknown("timer", self.name, timers().map(|(.., name)| name))),
        }
    }

    fn client_called(&self, name: &str) -> Result<ClientId, NoFact> {
        find("client", name, self.system.clients.iter().map(|client| client.name.as_str())).map(ClientId)
    }
}

/// The place of a name.
fn find<'n>(
    noun: &'static str,
    name: &str,
    known: impl Iterator<Item = &'n str> + Clone,
) -> Result<u8, NoFact> {
    let place = known.clone().position(|known| known == name);
    place.map(|place| place as u8).ok_or_else(|| unknown(noun, name, known))
}

fn unknown<'n>(noun: &'static str, name: &str, known: impl Iterator<Item = &'n str>) -> NoFact {
    NoFact::Unknown { noun, name: name.to_owned(), known: known.map(str::to_owned).collect() }
}
