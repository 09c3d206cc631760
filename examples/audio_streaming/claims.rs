//! What the analysis claims, claim by claim, and what is true under both readings.

use punctual_reports::page::{Block, Cell, Table};

use super::case::{Case, holds};
use super::heading;

const LOST: &str = "no-event-lost";

/// A claim, what is true of it as documented, and as coded.
type Row = (&'static str, String, String);

pub(super) fn section(blocks: &mut Vec<Block>, documented: &Case, coded: &Case, alone: &Case) {
    heading(blocks, "claims", "Claim by claim");
    let mut table =
        Table::new("what the analysis claims, and what is true", ["claim", "as documented", "as coded"]);
    let rows = causes(documented, coded, alone).into_iter().chain(mends(documented, coded));
    for (claim, documented, coded) in rows {
        table.rows.push(vec![Cell::plain(claim), Cell::plain(documented), Cell::plain(coded)]);
    }
    blocks.push(Block::Table(table));
}

/// What it says goes wrong, and why.
fn causes(documented: &Case, coded: &Case, alone: &Case) -> [Row; 3] {
    [
        (
            "a poll can land between commit and publish",
            holds(documented.reasons["announced-between-commit-and-publish"].starts_with("found"), "true"),
            holds(
                coded.reasons["announced-between-commit-and-publish"].starts_with("impossible"),
                "false: impossible, proved",
            ),
        ),
        (
            "tts_completed is lost",
            format!("in {} of the runs", documented.broken(None, LOST)),
            format!(
                "in {} of the runs, {}",
                coded.broken(None, LOST),
                holds(coded.is_proved(Some("counter-ids"), LOST), "for another reason: ids that are alike")
            ),
        ),
        (
            "2 s of polling meet a timer of 2 s",
            format!(
                "the timer fires in {} of the runs even where nothing is lost",
                documented.broken(Some("counter-ids"), "client-never-times-out")
            ),
            format!(
                "late by up to {} on an existing job and {} on a stand-alone one; {}",
                coded.greatest(Some("counter-ids")),
                alone.greatest(Some("counter-ids")),
                holds(coded.is_proved(None, "client-never-times-out"), "the timer never starts")
            ),
        ),
    ]
}

/// What it says would mend it, and what does.
fn mends(documented: &Case, coded: &Case) -> [Row; 5] {
    [
        (
            "fix 1 mends it",
            format!(
                "delay {}, loss {}",
                documented.greatest(Some("fix-1")),
                documented.broken(Some("fix-1"), LOST)
            ),
            format!("delay {}, loss {}", coded.greatest(Some("fix-1")), coded.broken(Some("fix-1"), LOST)),
        ),
        (
            "fix 2 mends it",
            format!(
                "delay {}, loss {}",
                documented.greatest(Some("fix-2")),
                documented.broken(Some("fix-2"), LOST)
            ),
            format!("delay {}, loss {}", coded.greatest(Some("fix-2")), coded.broken(Some("fix-2"), LOST)),
        ),
        (
            "fix 3 mends it",
            format!("loss {}, and another race", documented.broken(Some("fix-3"), LOST)),
            format!("loss {}", coded.broken(Some("fix-3"), LOST)),
        ),
        (
            "fix 4 mends it",
            format!("loss {}", documented.broken(Some("fix-4"), LOST)),
            format!("delay {}, loss {}", coded.greatest(Some("fix-4")), coded.broken(Some("fix-4"), LOST)),
        ),
        (
            "(not claimed) ids that count",
            holds(documented.is_proved(Some("counter-ids"), LOST), "nothing lost, proved"),
            holds(coded.is_proved(Some("counter-ids"), LOST), "nothing lost, proved"),
        ),
    ]
}
