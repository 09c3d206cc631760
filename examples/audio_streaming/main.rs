//! Writes the report of this project's own case: `cargo run --release --example audio_streaming`.
//!
//! Every number in it is computed here, and so is whether what the sentences say is true: a sentence that
//! says what the results do not say is a panic. `tests/audio_streaming.rs` holds the committed files against
//! this.

mod case;
mod claims;
mod fixes;

use punctual::comparison;
use punctual_reports::document::{Document, to_compact_json};
use punctual_reports::page::{Block, Cell, Data, Order, Page, Prose, Table, Tone, html, markdown};
use punctual_reports::{said, text};

use case::{Case, RUNS, effort, holds};

/// Where the report is, from the root of the repository.
pub(crate) const PLACES: [&str; 2] = ["reports/audio-streaming.md", "reports/audio-streaming.html"];

fn main() -> std::io::Result<()> {
    let [markdown, html] = written();
    std::fs::write(PLACES[0], markdown)?;
    std::fs::write(PLACES[1], html)
}

/// The report as Markdown and as HTML.
pub(crate) fn written() -> [String; 2] {
    let page = page();
    [markdown::render(&page), html::render(&page)]
}

fn page() -> Page {
    let documented = Case::of("audio-as-documented");
    let coded = Case::of("audio-as-coded-existing");
    let alone = Case::of("audio-as-coded-standalone");
    let blog = Case::of("blog-as-coded");
    let lost = "no-event-lost";
    let fixes = ["fix-1", "fix-2", "fix-3", "fix-4"];
    let none_helps = fixes.iter().all(|fix| coded.share(Some(fix), lost) > 0.9);
    let verdict = format!(
        "{} is lost in {} of the runs, because it shares its id with the event before it; {}, and {}.",
        "The last event",
        coded.broken(None, lost),
        holds(none_helps, "none of the four proposed fixes mends that"),
        holds(coded.is_proved(Some("counter-ids"), lost), "ids that count do, proved for every timing"),
    );
    let mut blocks = Vec::new();
    in_short(&mut blocks, &documented, &coded, &alone, &blog);
    reported(&mut blocks, &documented);
    as_documented(&mut blocks, &documented);
    as_coded(&mut blocks, &coded, &alone);
    fixes::section(&mut blocks, &documented, &coded);
    side_by_side(&mut blocks, [&blog, &documented, &coded]);
    to_ship(&mut blocks, &coded, &alone);
    claims::section(&mut blocks, &documented, &coded, &alone);
    made(&mut blocks, [&documented, &coded, &alone, &blog]);
    let all = [documented, coded, alone, blog].into_iter().flat_map(|case| case.cases).map(|mut case| {
        case.checks
            .iter_mut()
            .filter_map(|check| check.counterexample.as_mut())
            .for_each(|found| found.race = None);
        case.deliveries
            .iter_mut()
            .filter_map(|one| one.sampled_us.as_mut())
            .for_each(|one| one.curve.clear());
        case
    });
    let document = Document::new(all.collect());
    Page {
        title: "Why the last event of a voice-over never arrives".into(),
        verdict: Prose::plain(verdict),
        tone: Tone::Bad,
        commands: vec!["punctual check audio-as-documented audio-as-coded-existing".into()],
        blocks,
        data: vec![Data { without: "without pictures and curves".into(), json: to_compact_json(&document) }],
    }
}

fn heading(blocks: &mut Vec<Block>, name: &str, said: &str) {
    blocks.push(Block::Heading(2, name.to_owned(), Prose::plain(said)));
}

fn sub(blocks: &mut Vec<Block>, name: &str, said: &str) {
    blocks.push(Block::Heading(3, name.to_owned(), Prose::plain(said)));
}

fn say(blocks: &mut Vec<Block>, said: &str) {
    blocks.push(Block::Text(Prose::written(said)));
}

fn in_short(blocks: &mut Vec<Block>, documented: &Case, coded: &Case, alone: &Case, blog: &Case) {
    let lost = "no-event-lost";
    heading(blocks, "short", "In short");
    let same_runs = documented.runs(Some("fix-1"), lost) == documented.runs(None, lost);
    let more = documented.share(Some("fix-4"), lost) > 1.5 * documented.share(None, lost);
    let points = [
        format!(
            "A voice-over job ends with two events, `artifact_ready` and `tts_completed`. The second is lost in {} of the runs on an existing job and in {} on a stand-alone one; {}.",
            coded.broken(None, lost),
            alone.broken(None, lost),
            holds(
                coded.runs(None, "client-ends") == coded.runs(None, lost),
                "in just those runs the panel waits for ever"
            ),
        ),
        format!(
            "The race that the analysis describes {}. It would be real if worker and stream were separate processes: then {} of the runs lose the event.",
            holds(
                coded.reasons["poll-between-commit-and-publish"].starts_with("impossible"),
                "cannot happen in the code, since nothing runs between the commit and the events"
            ),
            documented.broken(None, lost),
        ),
        format!(
            "The cause is {}: both events are published within one, get one id, and the stream [takes the second for sent](#cause).",
            holds(
                coded.is_proved(Some("counter-ids"), lost) && alone.is_proved(Some("counter-ids"), lost),
                "a clock of whole milliseconds that gives ids"
            ),
        ),
        format!(
            "Polling faster ([fix 1](#fixes)) {}, and [fix 4](#fixes) {}.",
            holds(same_runs, "loses in exactly the same runs"),
            holds(
                more && documented.reads(Some("fix-4")) > documented.reads(None),
                "loses more than before, because whoever looks more often lands in the window more often"
            ),
        ),
        format!(
            "Ids from a counter lose nothing, proved for every timing. What one would [ship](#ship) also stores the file before it is announced and lets the job say that it is over; {}.",
            holds(
                coded.all_proved(Some("ship")) && alone.all_proved(Some("ship")),
                "then every check holds, proved as well"
            ),
        ),
        format!(
            "The [blog path](#compared) of the same service {}.",
            holds(blog.is_proved(None, lost), "loses nothing, whatever the timing"),
        ),
    ];
    blocks.push(Block::List(Order::Numbered, points.iter().map(|point| Prose::written(point)).collect()));
}

fn reported(blocks: &mut Vec<Block>, documented: &Case) {
    let order = documented.scenario.fixes.iter().map(|fix| match fix.as_str() {
        "fix-1" => "poll every 0.5 s once completed (fix 1)",
        "fix-2" => "notify the stream after each event (fix 2)",
        "fix-3" => "publish before the commit (fix 3)",
        "fix-4" => "poll voice-over jobs every 0.2 s (fix 4)",
        other => panic!("no fix is called {other}"),
    });
    let order: Vec<&str> = order.collect();
    heading(blocks, "reported", "What was reported");
    say(
        blocks,
        "A content service streams what its jobs make to a browser. Blog text arrives as it is written. Audio mostly does not finish: the panel shows 90 % and stays there. An analysis of the code named three causes and four fixes:",
    );
    let points = [
        "**Slow polling.** Once a job is completed the stream sleeps 2 s between looks, and the panel has a timer of 2 s.",
        "**A race.** The row is committed before the events are in the store. A stream that sees the row first announces it by itself, and its cursor passes the ids of the events that are still to come.",
        "**No push.** Nobody wakes the stream when there is something to send.",
    ];
    blocks.push(Block::List(Order::Numbered, points.map(Prose::written).to_vec()));
    say(blocks, &format!("It recommends, in this order: {}.", order.join(", ")));
    say(
        blocks,
        "Two readings were modelled, and kept apart. **As documented** takes the analysis at its word: several processes, so that a poll can land between any two steps. **As coded** is what the source does: one process, one event loop, ids from a clock of milliseconds. The two do not agree, and that is the finding.",
    );
}

fn as_documented(blocks: &mut Vec<Block>, documented: &Case) {
    heading(blocks, "documented", "As documented: the race is real");
    say(
        blocks,
        &format!(
            "If the stream can look between the commit and the second event, it loses `tts_completed` in {} of the runs. This is the smallest such run, at the timing that leaves the most room on all sides:",
            documented.broken(None, "no-event-lost")
        ),
    );
    blocks.extend(documented.race("no-event-lost"));
    say(
        blocks,
        &format!(
            "Even without a loss the timer of 2 s is no match for a sleep of 2 s. With ids from a counter nothing is lost, and the timer still fires in {} of the runs: an event can take {} to arrive.",
            documented.broken(Some("counter-ids"), "client-never-times-out"),
            documented.greatest(Some("counter-ids")),
        ),
    );
}

/// The share of runs in which two events that are `gap` microseconds apart fall into one millisecond.
fn one_millisecond(gap: f64) -> f64 {
    1.0 - gap / 1_000.0
}

fn as_coded(blocks: &mut Vec<Block>, coded: &Case, alone: &Case) {
    heading(blocks, "coded", "As coded: that race cannot happen");
    say(
        blocks,
        "Worker and stream share one event loop, and there is no await between the commit and the second event. That no look can come between them is proved over every timing:",
    );
    let orders = ["poll-between-commit-and-publish", "announced-between-commit-and-publish"];
    let points = orders.map(|order| Prose::written(&format!("`{order}`: {}", coded.reasons[order])));
    blocks.push(Block::List(Order::Any, points.to_vec()));
    sub(blocks, "cause", "The real cause");
    say(
        blocks,
        "An id is the time of day in whole milliseconds. Two log lines lie between the two events, some 63 us on a quiet day and 157 us on a busy one, so mostly both fall into one millisecond and get one id. The stream sends the first, moves its cursor to that id, and skips the second, whose id is not greater.",
    );
    blocks.extend(coded.race("no-event-lost"));
    say(
        blocks,
        "How often, can be computed in two ways that know nothing of each other: from runs, and as the chance 1 − gap / 1 ms that two instants so far apart lie in one millisecond.",
    );
    let mut table = Table::new(
        "share of the runs in which the event is lost",
        ["gap", "#runs", "#95 % interval", "#1 − gap / 1 ms"],
    );
    for (gap, variant) in [(63.0, None), (157.0, Some("gap-157us"))] {
        let sampled = coded.check(variant, "no-event-lost").sampled.as_ref().expect("runs were made");
        let closed = one_millisecond(gap);
        let [low, high] = sampled.rate;
        assert!(low <= closed && closed <= high, "the closed form is not in the interval of the runs");
        table.rows.push(vec![
            Cell::plain(text::duration(gap as u64)),
            Cell::plain(coded.broken(variant, "no-event-lost")),
            Cell::plain(format!("{} to {}", text::chance(low), text::chance(high))),
            Cell::plain(text::chance(closed)),
        ]);
    }
    blocks.push(Block::Table(table));
    let waits = coded.share(None, "client-ends") > 0.9 && coded.is_proved(None, "client-never-times-out");
    say(
        blocks,
        &format!(
            "And nothing ends the wait: the timer of the panel starts with a copy of `artifact_ready` that the stream makes up itself, and on one event loop the published one is always found first. So {}, on an existing job and ({}) on a stand-alone one.",
            holds(waits, "the timer never starts, and a lost event leaves the panel waiting for ever"),
            alone.broken(None, "client-ends"),
        ),
    );
}

fn side_by_side(blocks: &mut Vec<Block>, cases: [&Case; 3]) {
    heading(blocks, "compared", "Blog and audio side by side");
    let ways = cases.map(|case| comparison::ways(&case.scenario.cases[0], effort().seed));
    say(
        blocks,
        &format!(
            "The table of the analysis, with every cell computed. {}.",
            holds(
                ways[0].before_commit == ways[0].published && ways[1].before_commit == 0,
                "What the blog job publishes comes before its commit; what the audio job publishes, as documented, after it"
            )
        ),
    );
    let [blog, documented, coded] = ways;
    let columns =
        [(cases[0].case(None), blog), (cases[1].case(None), documented), (cases[2].case(None), coded)];
    blocks.push(Block::Table(comparison::table(&columns)));
}

fn to_ship(blocks: &mut Vec<Block>, coded: &Case, alone: &Case) {
    heading(blocks, "ship", "What to ship");
    let ship = coded.case(Some("ship"));
    say(blocks, &ship.about);
    let mut table =
        Table::new("what holds then", ["check", "now", "shipped, existing job", "shipped, stand-alone job"]);
    for check in &ship.checks {
        let cell = |case: &Case, variant: Option<&str>| {
            let found = case.case(variant).checks.iter().find(|found| found.invariant == check.invariant);
            found.map_or_else(Cell::default, |found| {
                let (_, said) = said::cell(found);
                let good = found.verdict == punctual_reports::document::Verdict::Holds;
                Cell::of(if good { Tone::Good } else { Tone::Bad }, said)
            })
        };
        table.rows.push(vec![
            Cell::plain(&check.invariant),
            cell(coded, None),
            cell(coded, Some("ship")),
            cell(alone, Some("ship")),
        ]);
    }
    blocks.push(Block::Table(table));
    say(
        blocks,
        &format!(
            "Every event arrives within {}; today what arrives takes up to {}. That costs {:.0} reads of the database in a run instead of {:.0}. A smaller step is the counter alone: it {}, and {}.",
            coded.greatest(Some("ship")),
            coded.greatest(None),
            coded.reads(Some("ship")),
            coded.reads(None),
            holds(coded.is_proved(Some("counter-ids"), "no-event-lost"), "loses nothing"),
            holds(
                coded.greatest(Some("counter-ids")) == coded.greatest(None),
                "the greatest delay stays what it is"
            ),
        ),
    );
    let half = coded.share(Some("fix-2+counter-ids"), "durable-before-announced");
    say(
        blocks,
        &format!(
            "{}: with counted ids and a wake-up, but the file stored as today, the panel is told so soon that in {} of the runs the file is not there yet, instead of {}.",
            holds(half > coded.share(None, "durable-before-announced"), "Half of it opens another race wide"),
            text::chance(half),
            coded.broken(None, "durable-before-announced")
        ),
    );
}

fn made(blocks: &mut Vec<Block>, cases: [&Case; 4]) {
    heading(blocks, "made", "How this was made");
    say(
        blocks,
        &format!(
            "`cargo run --release --example audio_streaming` writes this report. No number in it is typed in, and what it says of results is either computed or held against them first: a sentence that they do not bear out stops it. Shares are of {} runs under seed 0x5eed, the same draws in every case. What is called proved, impossible or at most was explored for every timing that the declared delays allow. All of it is about the models, which are `punctual run NAME` away:",
            text::grouped(RUNS)
        ),
    );
    let facts = cases.map(|case| {
        let base = case.case(None);
        (
            case.scenario.name.clone(),
            Prose::plain(format!("digest {}, {} cases", base.digest, case.cases.len())),
        )
    });
    blocks.push(Block::Facts(facts.to_vec()));
}
