//! The four fixes that were recommended: what each does by itself, and what all combinations do.

use punctual::judge::{Judged, Verdict, judge};
use punctual::present::{self, Explained, Manner};
use punctual_reports::matrix::Matrix;
use punctual_reports::page::{Block, Cell, Order, Prose, Table, Tone};

use super::case::{Case, effort, holds};
use super::{heading, sub};

const LOST: &str = "no-event-lost";

pub(super) fn section(blocks: &mut Vec<Block>, documented: &Case, coded: &Case) {
    heading(blocks, "fixes", "The four fixes");
    blocks.push(Block::Table(by_itself(documented, coded)));
    let points = [fix_1(documented), fix_2(documented), fix_3(documented), fix_4(documented, coded)];
    blocks.push(Block::List(Order::Any, points.iter().map(|point| Prose::written(point)).collect()));
    for (case, name, title) in [
        (documented, "matrix-documented", "All combinations, as documented"),
        (coded, "matrix-coded", "All combinations, as coded"),
    ] {
        sub(blocks, name, title);
        blocks.extend(matrix(case).blocks(4, name));
    }
}

/// What each fix does by itself, under both readings.
fn by_itself(documented: &Case, coded: &Case) -> Table {
    let heads = ["fix", "#lost, as documented", "#latest", "#reads", "#lost, as coded", "#latest", "#reads"];
    let caption = "each fix by itself; latest: the greatest delay of what arrives, over every timing; reads of the database in a run";
    let mut table = Table::new(caption, heads);
    let rows = [
        ("as it is", None),
        ("fix 1: poll every 0.5 s once completed", Some("fix-1")),
        ("fix 2: notify after each event", Some("fix-2")),
        ("fix 3: publish before the commit", Some("fix-3")),
        ("fix 4: poll voice-over jobs every 0.2 s", Some("fix-4")),
        ("ids from a counter", Some("counter-ids")),
        ("a cursor for each source", Some("cursor-per-source")),
    ];
    for (name, variant) in rows {
        let mut row = vec![Cell::plain(name)];
        for case in [documented, coded] {
            let tone = if case.is_proved(variant, "no-event-lost") { Tone::Good } else { Tone::Bad };
            row.push(Cell::of(tone, case.broken(variant, "no-event-lost")));
            row.push(Cell::plain(case.greatest(variant)));
            row.push(Cell::plain(format!("{:.1}", case.reads(variant))));
        }
        table.rows.push(row);
    }
    table
}

/// Whether a variant loses in as many runs as the scenario as it is.
fn loses_as_much(documented: &Case, variant: &str) -> bool {
    documented.violations(Some(variant), LOST) == documented.violations(None, LOST)
}

/// Polling more often once the job is completed.
fn fix_1(documented: &Case) -> String {
    format!(
        "**Fix 1** {}: the greatest falls from {} to {} as documented. It {}: what is lost is lost before the sleep that it shortens begins.",
        holds(
            documented.greatest(Some("fix-1")) != documented.greatest(None),
            "shortens delays once the job is completed"
        ),
        documented.greatest(None),
        documented.greatest(Some("fix-1")),
        holds(loses_as_much(documented, "fix-1"), "loses in as many runs"),
    )
}

/// Waking the stream after each event.
fn fix_2(documented: &Case) -> String {
    format!(
        "**Fix 2** wakes the stream at once. As a back-stop beside polling it {}; as the only thing that wakes the stream it {}.",
        holds(loses_as_much(documented, "fix-2"), "loses as much"),
        holds(
            documented.is_proved(Some("notify-only"), LOST)
                && !documented.is_proved(Some("notify-without-permit"), LOST),
            "loses nothing if the notification is kept until somebody waits, and can be lost itself if it is not"
        ),
    )
}

/// Publishing before the commit.
fn fix_3(documented: &Case) -> String {
    let opens = documented.share(Some("fix-3"), "durable-before-announced") > 0.0
        && documented.is_proved(None, "durable-before-announced");
    let gone = documented.is_proved(Some("fix-3+rows-first"), LOST);
    format!(
        "**Fix 3** leaves a narrow window (the store is read, the events are published, the row is committed, the row is read) and {}: {} of the runs fetch an artifact that is not there. {}.",
        holds(opens, "opens another race"),
        documented.broken(Some("fix-3"), "durable-before-announced"),
        holds(gone, "Reading the rows before the store closes the window"),
    )
}

/// Polling more often always.
fn fix_4(documented: &Case, coded: &Case) -> String {
    let times = |case: &Case| case.reads(Some("fix-4")) / case.reads(None);
    format!(
        "**Fix 4** makes {:.1} times as many reads as documented and {:.1} times as many as coded; as documented it loses {} instead of {}.",
        times(documented),
        times(coded),
        documented.broken(Some("fix-4"), LOST),
        documented.broken(None, LOST),
    )
}

/// All combinations of the fixes.
fn matrix(case: &Case) -> Matrix {
    let fixes: Vec<String> = ["fix-1", "fix-2", "fix-3", "fix-4"].map(str::to_owned).to_vec();
    let (cases, impossible) = punctual::combinations::of(&case.scenario, &fixes);
    let judged: Vec<Judged<'_>> = judge(&cases, effort(), &|_| {}).expect("they can be judged");
    assert!(judged.iter().all(|case| !case.verdicts.contains(&Verdict::Unknown)), "all is decided");
    let saved = present::SavedAt::new();
    let manner = Manner { embedded: true, effort: effort(), saved: &saved, explained: Explained::First };
    let runs = judged.iter().map(|case| case.runs_made).sum();
    let rows = present::verdicts(&case.scenario, &judged, manner);
    Matrix::new(present::made_with(&effort(), runs), fixes, impossible, rows)
}
