use punctual_reports::picture::{Arrow, Band, Bar, BarKind, Deadline, Mark, MarkKind, Race};
use punctual_reports::timeline::{Entry, Timeline};

/// The stream passes the ids of two events that are published while it sleeps.
pub fn loss() -> Race {
    let mut race = Race::new(["job", "database", "store", "stream", "panel"]);
    let [job, database, store, stream, panel] = [0, 1, 2, 3, 4];
    race.bars.push(Bar::new(job, 600_000, 23_500_000, BarKind::Busy, "synthesize"));
    race.bars.push(Bar::new(job, 23_500_000, 23_700_000, BarKind::Busy, "save"));
    race.marks.push(Mark::new(job, 23_900_000, MarkKind::Done, "completed"));
    race.bars.push(Bar::new(job, 23_700_000, 23_900_000, BarKind::Busy, ""));
    race.marks.push(Mark::new(database, 23_730_000, MarkKind::Commit, "row visible"));
    race.marks.push(Mark::new(store, 23_870_000, MarkKind::Commit, "artifact_ready, id 1"));
    race.marks.push(Mark::new(store, 23_872_000, MarkKind::Commit, "tts_completed, id 2"));
    for turn in 0..57 {
        let at = 641_000 + turn * 405_000;
        race.marks.push(Mark::new(stream, at, MarkKind::Plain, "store read"));
        race.marks.push(Mark::new(stream, at + 8_000, MarkKind::Plain, "row read"));
        race.bars.push(Bar::new(stream, at + 8_000, at + 405_000, BarKind::Sleeping, "sleep 0.3 s"));
    }
    race.marks.push(Mark::new(stream, 23_741_000, MarkKind::Miss, "store read: empty"));
    race.marks.push(Mark::new(stream, 23_749_000, MarkKind::Hit, "row read: announces it, cursor := 2"));
    race.bars.push(Bar::new(stream, 23_749_000, 24_049_000, BarKind::Sleeping, "sleep 0.3 s"));
    race.marks.push(Mark::new(stream, 24_051_000, MarkKind::Lost, "store read: skips ids 1, 2"));
    race.bars.push(Bar::new(panel, 600_000, 23_790_000, BarKind::Waiting, ""));
    race.arrows.push(Arrow::new((stream, 23_749_000), (panel, 23_790_000), "artifact_ready"));
    race.bars.push(Bar::new(panel, 23_790_000, 25_790_000, BarKind::Waiting, "2 s timer"));
    race.marks.push(Mark::new(panel, 25_790_000, MarkKind::Deadline, "gives up"));
    race.deadline = Some(Deadline { at: 25_790_000, label: "2 s timer fires".into() });
    race.bands.push(Band::new(23_730_000, 23_872_000, "committed but not published"));
    race.focus = (23_741_000, 23_749_000);
    race
}

/// Two events within one millisecond get one id, and the reader passes it.
pub fn same_millisecond() -> Race {
    let mut race = Race::new(["worker", "store", "stream", "panel"]);
    race.bars.push(Bar::new(0, 27_000_000, 31_204_410, BarKind::Busy, "synthesize"));
    race.marks.push(Mark::new(0, 31_204_410, MarkKind::Done, "commits"));
    race.marks.push(Mark::new(1, 31_204_611, MarkKind::Commit, "artifact_ready 31204"));
    race.marks.push(Mark::new(1, 31_204_674, MarkKind::Commit, "tts_completed 31204"));
    race.bars.push(Bar::new(2, 29_500_000, 31_500_000, BarKind::Sleeping, "sleep 2 s"));
    race.marks.push(Mark::new(2, 31_500_000, MarkKind::Hit, "reads both"));
    race.marks.push(Mark::new(2, 31_500_120, MarkKind::Lost, "skips the second: its id is not greater"));
    race.arrows.push(Arrow::new((2, 31_500_060), (3, 31_522_000), "artifact_ready"));
    race.bars.push(Bar::new(3, 27_000_000, 36_000_000, BarKind::Waiting, ""));
    race.focus = (31_204_611, 31_204_674);
    race.horizon = (27_000_000, 36_000_000);
    race
}

/// The event comes 38 ms after the client's timer.
pub fn late() -> Race {
    let mut race = Race::new(["job", "stream", "network", "panel"]);
    race.marks.push(Mark::new(0, 10_000_000, MarkKind::Commit, "artifact_ready"));
    race.marks.push(Mark::new(0, 10_003_000, MarkKind::Commit, "tts_completed"));
    race.marks.push(Mark::new(1, 10_001_000, MarkKind::Hit, "finds the first"));
    race.bars.push(Bar::new(1, 10_001_000, 12_001_000, BarKind::Sleeping, "sleep 2.0 s"));
    race.marks.push(Mark::new(1, 12_003_000, MarkKind::Hit, "finds the second"));
    race.arrows.push(Arrow::new((1, 10_001_000), (3, 10_024_000), "artifact_ready"));
    race.arrows.push(Arrow::new((1, 12_003_000), (3, 12_062_000), ""));
    race.bars.push(Bar::new(3, 10_024_000, 12_024_000, BarKind::Waiting, "timer of 2 s"));
    race.marks.push(Mark::new(3, 12_024_000, MarkKind::Deadline, "gives up"));
    race.marks.push(Mark::new(3, 12_062_000, MarkKind::Late, "tts_completed"));
    race.deadline = Some(Deadline { at: 12_024_000, label: "timer of 2 s".into() });
    race.bands.push(Band::new(12_024_000, 12_062_000, "too late by"));
    race.focus = (12_024_000, 12_062_000);
    race
}

/// Five marks and nothing else.
pub fn five() -> Race {
    let mut race = Race::new(["writer", "reader"]);
    race.marks.push(Mark::new(0, 1_000, MarkKind::Plain, "insert"));
    race.marks.push(Mark::new(1, 2_000, MarkKind::Miss, "read"));
    race.marks.push(Mark::new(0, 3_000, MarkKind::Commit, "commit"));
    race.marks.push(Mark::new(1, 4_000, MarkKind::Plain, "cursor moves"));
    race.marks.push(Mark::new(1, 9_000, MarkKind::Lost, "skipped"));
    race.focus = (2_000, 3_000);
    race
}

/// Four hundred marks, no two alike.
pub fn crowd() -> Race {
    let mut race = Race::new(["producer", "ring", "reader"]);
    for i in 0..200_u64 {
        race.marks.push(Mark::new(0, i * 5_000, MarkKind::Sent, &format!("chunk {i}")));
        race.marks.push(Mark::new(
            1,
            i * 5_000 + 700,
            MarkKind::Plain,
            &format!("keeps {i}, drops {}", i.saturating_sub(100)),
        ));
    }
    race.marks.push(Mark::new(2, 2_000, MarkKind::Hit, "reads chunk 0"));
    race.bars.push(Bar::new(2, 2_000, 802_000, BarKind::Sleeping, "sleep 0.8 s"));
    race.marks.push(Mark::new(2, 802_000, MarkKind::Lost, "reads chunk 61 to 160: 60 are gone"));
    race.bands.push(Band::new(505_700, 802_000, "the ring drops what nobody has read"));
    race.focus = (800_700, 802_000);
    race
}

/// Every example by name.
pub fn all() -> Vec<(&'static str, Race)> {
    vec![
        ("loss", loss()),
        ("same_millisecond", same_millisecond()),
        ("late", late()),
        ("five", five()),
        ("crowd", crowd()),
    ]
}

/// One run with a polling loop.
pub fn run() -> Timeline {
    let mut entries = vec![
        Entry::new(0, "panel", "connects"),
        Entry::new(12_400, "stream", "sets its cursor to 0"),
        Entry::new(600_000, "job", "starts to synthesize"),
    ];
    for turn in 0..57 {
        let at = 641_000 + turn * 400_000;
        entries.push(Entry::new(at, "stream", "reads the store: nothing"));
        entries.push(Entry::new(at + 8_000, "stream", "reads the rows: nothing"));
    }
    entries.push(Entry::new(23_730_000, "database", "the row of the artifact becomes visible"));
    entries.push(Entry::new(23_741_000, "stream", "reads the store: nothing"));
    entries.push(Entry::new(23_749_000, "stream", "reads the rows: announces artifact_ready, cursor := 2"));
    entries.push(Entry::new(23_790_000, "panel", "receives artifact_ready, starts its timer of 2 s"));
    entries.push(Entry::new(23_870_000, "job", "publishes artifact_ready as 1"));
    entries.push(Entry::new(23_872_000, "job", "publishes tts_completed as 2"));
    entries.push(Entry::new(25_790_000, "panel", "gives up"));
    Timeline { entries }
}
