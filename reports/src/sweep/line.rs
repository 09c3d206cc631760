//! The lines of JSON that a sweep is kept as.

use serde::{Deserialize, Serialize};

use super::{Cell, Head};

/// One line of a sweep.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(untagged)]
pub enum Line {
    /// The first.
    Head(Box<Head>),
    /// The scenario as it is.
    Now {
        /// What it comes to.
        now: Box<Cell>,
    },
    /// One of the grid.
    Cell(Box<Cell>),
}

/// What is wrong with a line that is none of a sweep.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadLine {
    /// The column, from 1; 0 for the line as a whole.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl Line {
    /// Reads a line. What it must be follows from the first key that it has of `schema`, `now` and `cell`. Whether the
    /// invariant of a name is broken where an event never arrives, and only there, is not kept in it.
    ///
    /// # Errors
    /// It is none: where, and what would be right.
    pub fn read(text: &[u8], is_of_loss: impl Fn(&str) -> bool) -> Result<Line, BadLine> {
        fn typed<T: for<'t> Deserialize<'t>>(text: &[u8], what: &str) -> Result<T, BadLine> {
            serde_json::from_slice(text).map_err(|error| {
                let told = error.to_string();
                let told = told.split(" at line ").next().unwrap_or(&told);
                BadLine { column: error.column(), what: format!("this is no {what}: {told}") }
            })
        }
        /// The scenario as it is, in its line.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Today {
            now: Box<Cell>,
        }
        let value: serde_json::Value = typed(text, "JSON object in one line")?;
        let has = |key: &str| value.get(key).is_some();
        if has("schema") {
            return typed(text, "head of a sweep").map(Line::Head);
        }
        if has("now") {
            let Today { mut now } = typed(text, "scenario as it is")?;
            now.recall(is_of_loss);
            return Ok(Line::Now { now });
        }
        if has("cell") {
            let mut cell: Box<Cell> = typed(text, "cell")?;
            cell.recall(is_of_loss);
            return Ok(Line::Cell(cell));
        }
        let shown: String = value.to_string().chars().take(60).collect();
        Err(BadLine {
            column: 0,
            what: format!(
                "{shown} is no line of a sweep: expected its head, {{\"schema\":\"punctual.sweep/1\",...}}, the scenario as \
                 it is, {{\"now\":{{...}}}}, or a cell, {{\"cell\":0,...}}"
            ),
        })
    }

    /// The line as text, with a newline at its end.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("texts and finite numbers always serialize") + "\n"
    }
}
