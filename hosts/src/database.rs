//! The database: a real SQLite behind a host of its own, asked over the network.
//!
//! ```text
//!   server's side ── {"number":7,"due":41000,"op":{"read":…}} ──> database
//!                 <─────────── {"number":7,"rows":[1],…} ────────
//! ```
//!
//! A request says when it is to take effect, since how long a step takes is the scenario's affair; it then
//! does, in a transaction, in order of these times. What was committed decides what is read: the answer is
//! what SQLite says.

use std::rc::Rc;

use punctual_sim::Time;
use rusqlite::{Connection, OptionalExtension, params};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;
use turmoil::net::{TcpListener, TcpStream};

use crate::chronicle::Chronicle;
use crate::ports::{Answer, DATABASE, Op, Request};

/// The database as it is kept.
struct Base(Connection);

impl Base {
    fn open(status: &str) -> rusqlite::Result<Self> {
        let base = Connection::open_in_memory()?;
        base.execute_batch(
            "CREATE TABLE job (status TEXT NOT NULL);
             CREATE TABLE artifact (name TEXT PRIMARY KEY, version INTEGER NOT NULL);
             CREATE TABLE attempts (name TEXT PRIMARY KEY, version INTEGER NOT NULL);
             CREATE TABLE replica (name TEXT PRIMARY KEY, version INTEGER NOT NULL);",
        )?;
        base.execute("INSERT INTO job VALUES (?1)", params![status])?;
        Ok(Self(base))
    }

    fn carry_out(&mut self, request: &Request) -> rusqlite::Result<Answer> {
        const PUT: &str = "INSERT INTO replica VALUES (?1, ?2)
            ON CONFLICT (name) DO UPDATE SET version = excluded.version";
        let mut answer = Answer { number: request.number, status: None, rows: Vec::new() };
        match &request.op {
            Op::Read { status, rows } => {
                let transaction = self.0.transaction()?;
                if *status {
                    answer.status =
                        Some(transaction.query_row("SELECT status FROM job", [], |row| row.get(0))?);
                }
                for row in rows {
                    let select = "SELECT version FROM replica WHERE name = ?1";
                    let version = transaction.query_row(select, params![row], |row| row.get(0)).optional()?;
                    answer.rows.push(version.unwrap_or(0));
                }
                transaction.commit()?;
            }
            Op::Commit { row, rolled_back, at_once } => {
                // A version that is rolled back is not used again, as with sequences of databases.
                self.0.execute(
                    "INSERT INTO attempts VALUES (?1, 1) ON CONFLICT (name) DO UPDATE SET version = version + 1",
                    params![row],
                )?;
                let transaction = self.0.transaction()?;
                let version: u32 = transaction.query_row(
                    "SELECT version FROM attempts WHERE name = ?1",
                    params![row],
                    |row| row.get(0),
                )?;
                transaction.execute(&PUT.replace("replica", "artifact"), params![row, version])?;
                if *at_once {
                    transaction.execute(PUT, params![row, version])?;
                }
                if *rolled_back { transaction.rollback()? } else { transaction.commit()? }
            }
            Op::Appear { row, version } => {
                let transaction = self.0.transaction()?;
                transaction.execute(PUT, params![row, version])?;
                transaction.commit()?;
            }
            Op::Status(status) => {
                let transaction = self.0.transaction()?;
                transaction.execute("UPDATE job SET status = ?1", params![status])?;
                transaction.commit()?;
            }
        }
        Ok(answer)
    }
}

/// The host of the database: it serves one connection.
pub(crate) async fn serve(chronicle: Rc<Chronicle>) -> turmoil::Result {
    let system = chronicle.backend.system();
    let mut base = Base::open(&system.statuses[usize::from(system.status.0)])?;
    let listener = TcpListener::bind(("0.0.0.0", DATABASE.1)).await?;
    let (stream, _) = listener.accept().await?;
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut requests: Vec<Request> = Vec::new();
    loop {
        requests.sort_by_key(|request| (request.due, request.number));
        // The answer takes a tick of the network to be there when it is due.
        let next = requests.first().map(|request| Time(request.due.saturating_sub(chronicle.tick.0)));
        tokio::select! {
            biased;
            line = lines.next_line() => match line? {
                Some(line) => requests.push(serde_json::from_str(&line)?),
                None => return Ok(()),
            },
            () = chronicle.clock.until(next) => {
                let answer = base.carry_out(&requests.remove(0))?;
                write.write_all(format!("{}\n", serde_json::to_string(&answer)?).as_bytes()).await?;
            }
        }
    }
}

/// The way to the database from another host.
pub(crate) struct Link {
    send: mpsc::UnboundedSender<Request>,
    numbers: u64,
}

impl Link {
    /// Connects, and lets `answered` hear of every answer.
    pub(crate) async fn connect(answered: impl Fn(Answer) + 'static) -> turmoil::Result<Self> {
        let stream = loop {
            // The database may come up later.
            match TcpStream::connect(DATABASE).await {
                Ok(stream) => break stream,
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {}
                Err(error) => return Err(error.into()),
            }
        };
        let (read, mut write) = stream.into_split();
        let (send, mut requests) = mpsc::unbounded_channel::<Request>();
        tokio::task::spawn_local(async move {
            while let Some(request) = requests.recv().await {
                let Ok(text) = serde_json::to_string(&request) else { return };
                if write.write_all(format!("{text}\n").as_bytes()).await.is_err() {
                    return;
                }
            }
        });
        tokio::task::spawn_local(async move {
            let mut lines = BufReader::new(read).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if let Ok(answer) = serde_json::from_str(&line) {
                    answered(answer);
                }
            }
        });
        Ok(Self { send, numbers: 0 })
    }

    /// Asks, and says under which number the answer will come.
    pub(crate) fn ask(&mut self, due: Time, op: Op) -> u64 {
        self.numbers += 1;
        // A database that is gone answers nothing, and that is seen: nothing goes on.
        let _ = self.send.send(Request { number: self.numbers, due: due.0, op });
        self.numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(base: &mut Base) -> (Option<String>, Vec<u32>) {
        let op = Op::Read { status: true, rows: vec!["artifact".into(), "other".into()] };
        let answer = base.carry_out(&Request { number: 1, due: 0, op }).expect("SQLite reads");
        (answer.status, answer.rows)
    }

    #[test]
    fn what_was_committed_is_read_and_nothing_else() {
        let mut base = Base::open("pending").expect("SQLite opens");
        assert_eq!(read(&mut base), (Some("pending".into()), vec![0, 0]));
        let mut put = |op| base.carry_out(&Request { number: 2, due: 0, op }).expect("SQLite writes");
        let commit = |rolled_back, at_once| Op::Commit { row: "artifact".into(), rolled_back, at_once };
        put(commit(true, true));
        put(Op::Status("done".into()));
        assert_eq!(read(&mut base), (Some("done".into()), vec![0, 0]), "it was rolled back");
        let mut put = |op| base.carry_out(&Request { number: 3, due: 0, op }).expect("SQLite writes");
        put(commit(false, false));
        assert_eq!(read(&mut base).1, [0, 0], "it is not on the replica yet");
        let mut put = |op| base.carry_out(&Request { number: 4, due: 0, op }).expect("SQLite writes");
        put(Op::Appear { row: "artifact".into(), version: 2 });
        assert_eq!(read(&mut base).1, [2, 0]);
        let mut put = |op| base.carry_out(&Request { number: 5, due: 0, op }).expect("SQLite writes");
        put(commit(false, true));
        assert_eq!(read(&mut base).1, [3, 0]);
    }
}
