//! Every rendering, as people see it; and what no input may do to it.

mod common;

use proptest::prelude::*;
use punctual_reports::document::Document;
use punctual_reports::picture::{Arrow, Band, Bar, BarKind, Deadline, Mark, MarkKind, Race};
use punctual_reports::style::Style;
use punctual_reports::{human, terminal, text, timeline};
use unicode_width::UnicodeWidthStr;

const WIDTHS: [usize; 3] = [60, 88, 140];

fn styles() -> Vec<(String, Style)> {
    let ascii = [("unicode", false), ("ascii", true)];
    let all = ascii.into_iter().flat_map(|(name, ascii)| {
        WIDTHS.map(|width| (format!("{name}_{width}"), Style { ascii, width, ..Style::plain() }))
    });
    all.collect()
}

fn picture(race: &Race, style: &Style) -> String {
    format!("{}\n{}", terminal::picture(race, style), terminal::key([race], style))
}

/// The report, and that it was written to a file.
fn human(document: &Document, style: &Style) -> String {
    let files = ["target/punctual/report.html".to_owned()];
    human::render(document, style, human::Extent { files: &files, only_unexpected: false })
}

/// Within the width, no control characters, and ASCII if asked for.
fn assert_fits(said: &str, style: &Style) {
    for line in said.lines() {
        assert!(line.width() <= style.columns() && text::columns(line) <= style.columns(), "{line:?}");
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(!line.contains(['\u{202e}', '\u{200d}', '\u{200f}', '\u{2066}']), "{line:?}");
        assert!(!style.ascii || line.is_ascii(), "{line:?}");
        assert_eq!(line.trim_end(), line);
    }
}

#[test]
fn each_example_is_drawn_at_each_width() {
    for (name, race) in common::all() {
        for (look, style) in styles() {
            let said = picture(&race, &style);
            assert_fits(&said, &style);
            insta::assert_snapshot!(format!("{name}_{look}"), said);
        }
    }
}

#[test]
fn the_report_and_the_timeline_are_drawn_at_each_width() {
    for (look, style) in styles() {
        let report = human(&common::report(), &style);
        assert_fits(&report, &style);
        insta::assert_snapshot!(format!("report_{look}"), report);
        let run = timeline::render(&common::run(), &style);
        assert_fits(&run, &style);
        insta::assert_snapshot!(format!("timeline_{look}"), run);
    }
}

#[test]
fn a_verbose_report_shows_every_picture_and_table() {
    let style = Style { verbose: 1, ..Style::plain() };
    let report = human(&common::report(), &style);
    assert_fits(&report, &style);
    insta::assert_snapshot!(report);
}

#[test]
fn colour_adds_nothing_but_colour() {
    for race in common::all().into_iter().map(|one| one.1) {
        let plain = picture(&race, &Style::plain());
        assert_eq!(stripped(&picture(&race, &Style { color: true, ..Style::plain() })), plain);
    }
    let colored = human(&common::report(), &Style { color: true, ..Style::plain() });
    assert!(colored.contains("\x1b[32m"));
    assert_eq!(stripped(&colored), human(&common::report(), &Style::plain()));
}

/// Without ANSI sequences, and without spaces that only stood before one at the end of a line.
fn stripped(said: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in said.chars() {
        match (inside, c) {
            (false, '\x1b') => inside = true,
            (true, 'm') => inside = false,
            (true, _) => {}
            (false, c) => out.push(c),
        }
    }
    let lines: Vec<&str> = out.lines().map(str::trim_end).chain([""]).collect();
    lines.join("\n")
}

#[test]
fn a_probabilistic_pass_prints_its_bound() {
    let report = human(&common::report(), &Style::plain());
    assert!(report.contains("0 of 5 000 runs: rate < 6.0e-4 at 95 %"), "{report}");
}

#[test]
fn numbers_of_states_are_told_in_one_line_unless_one_is_not_as_expected() {
    let told = |verbose: u8, numbers: &[(Option<u64>, Option<u64>)]| -> Vec<String> {
        let mut report = common::report();
        report.scenarios.truncate(2);
        let cases = &mut report.scenarios;
        cases.iter_mut().zip(numbers).for_each(|(case, &(found, expected))| {
            case.states = common::states(found, expected);
            case.interleavings.clear();
        });
        cases.truncate(numbers.len());
        let said = human(&report, &Style { verbose, width: 140, ..Style::plain() });
        // Below the table, with a mark before it; a cell of the table has more columns before it.
        let told = said.lines().filter(|line| line.contains(" state") && !line.starts_with("      "));
        told.filter(|line| line.starts_with("   ")).map(str::to_owned).collect()
    };
    let (same, other) = ((Some(7_025), Some(7_025)), (Some(7_025), Some(7_000)));
    assert_eq!(told(0, &[same]), ["    ✓ 7 025 states, as expected"]);
    assert_eq!(told(0, &[same, same]), ["    ✓ as many states as expected in every case"]);
    assert_eq!(told(0, &[same, (Some(3), None)]), ["    ✓ as many states as expected in 1 case"]);
    assert!(told(0, &[(Some(3), None), (None, None)]).is_empty(), "nothing is expected");
    let changed = "P1102 7 025 states, and 7 000 are expected: the model or the engine has changed";
    let differs = format!("   !✗ one-id-space: {changed}");
    assert_eq!(told(0, &[same, other]), [differs.as_str(), "    ✓ as many states as expected in 1 case"]);
    let unknown =
        "states unknown, exploring stopped: 200000 states, 33 events into the runs; 7 000 are expected";
    assert_eq!(told(0, &[(None, Some(7_000))]), [format!("   !? as written: {unknown}")]);
    let each = ["    ✓ as written: 3 states", "    ✓ one-id-space: 7 025 states, as expected"];
    assert_eq!(told(1, &[(Some(3), None), same]), each);
}

#[test]
fn a_number_of_states_that_is_expected_is_a_check() {
    let totals = |expected: Option<u64>| {
        let mut report = common::report();
        report.scenarios[0].states = common::states(Some(5), expected);
        let totals = report.totals();
        (totals.checks, totals.as_expected)
    };
    let (checks, as_expected) = totals(None);
    assert_eq!(totals(Some(5)), (checks + 1, as_expected + 1));
    assert_eq!(totals(Some(6)), (checks + 1, as_expected));
}

#[test]
fn the_decisive_pair_can_be_read_beside_two_seconds() {
    for width in WIDTHS {
        let said = terminal::picture(&common::same_millisecond(), &Style { width, ..Style::plain() });
        assert!(said.contains("63 us"), "{said}");
        assert!(said.contains("31.204611") && said.contains("31.204674"), "{said}");
    }
}

fn hostile() -> Vec<String> {
    vec![
        "x".repeat(10_000),
        "\u{202e}evil\u{2066}".into(),
        "a\x1b[2J\x07\r\n\tb\0".into(),
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{2764}\u{fe0f} \u{1f44d}\u{1f3fd}".repeat(40),
        "\u{4e16}\u{754c}".repeat(60),
        "e\u{301}\u{301}\u{301}".repeat(500),
        "\u{5e9}\u{5dc}\u{5d5}\u{5dd}".into(),
        String::new(),
    ]
}

#[test]
fn hostile_labels_stay_within_their_line() {
    for label in hostile() {
        let mut race = common::loss();
        race.lanes.iter_mut().for_each(|lane| lane.clone_from(&label));
        race.marks.iter_mut().for_each(|mark| mark.label.clone_from(&label));
        race.bars.iter_mut().for_each(|bar| bar.label.clone_from(&label));
        race.arrows.iter_mut().for_each(|arrow| arrow.label.clone_from(&label));
        race.bands.iter_mut().for_each(|band| band.label.clone_from(&label));
        race.deadline = Some(Deadline { at: 25_790_000, label: label.clone() });
        let mut report = common::report();
        common::rename(&mut report, &label);
        for (_, style) in styles() {
            assert_fits(&picture(&race, &style), &style);
            assert_fits(&human(&report, &style), &style);
        }
    }
}

#[test]
fn what_is_empty_or_outside_is_no_picture_and_no_panic() {
    assert_eq!(terminal::picture(&Race::new([]), &Style::plain()), "");
    assert_eq!(terminal::picture(&Race::new(["a", "b"]), &Style::plain()), "");
    let mut race = Race::new(["a"]);
    race.marks.push(Mark::new(7, 5, MarkKind::Done, "no such lane"));
    race.bars.push(Bar::new(0, 9, 3, BarKind::Busy, "ends before it starts"));
    race.arrows.push(Arrow::new((0, 5), (9, 6), "to nowhere"));
    assert_eq!(terminal::picture(&race, &Style::plain()), "");
    for at in [0, u64::MAX] {
        race.marks.push(Mark::new(0, at, MarkKind::Done, "at the end of time"));
    }
    assert!(terminal::picture(&race, &Style::plain()).contains("end of time"));
}

#[test]
fn marks_at_one_instant_stand_side_by_side() {
    let mut race = Race::new(["a", "b"]);
    for (lane, label) in [(0, "one"), (0, "two"), (1, "three"), (0, "four")] {
        race.marks.push(Mark::new(lane, 5_000, MarkKind::Done, label));
    }
    race.focus = (5_000, 5_000);
    insta::assert_snapshot!(picture(&race, &Style::plain()));
}

fn any_race() -> impl Strategy<Value = Race> {
    let at = || prop_oneof![0_u64..50, 1_000_000_u64..1_000_100, 0_u64..30_000_000];
    let mark = (0_usize..5, at(), 0_usize..4).prop_map(|(lane, at, kind)| {
        let kind = [MarkKind::Done, MarkKind::Miss, MarkKind::Lost, MarkKind::Commit][kind];
        Mark::new(lane, at, kind, &format!("label {}", at % 7))
    });
    let bar = (0_usize..5, at(), at()).prop_map(|(lane, from, to)| {
        Bar::new(lane, from.min(to), from.max(to), BarKind::Sleeping, &format!("bar {}", to % 3))
    });
    let arrow = (0_usize..5, at(), 0_usize..5, proptest::option::of(at())).prop_map(
        |(from_lane, from, to_lane, to)| Arrow { from_lane, from, to_lane, to, label: "message".into() },
    );
    let band = (at(), at()).prop_map(|(from, to)| Band::new(from, to, "window"));
    let many = proptest::collection::vec(mark, 0..120);
    let rest = (proptest::collection::vec(bar, 0..12), proptest::collection::vec(arrow, 0..15));
    (
        many,
        rest,
        proptest::collection::vec(band, 0..8),
        proptest::option::of(at()),
        (at(), at()),
        (at(), at()),
    )
        .prop_map(|(marks, (bars, arrows), bands, deadline, focus, horizon)| Race {
            marks,
            bars,
            arrows,
            bands,
            deadline: deadline.map(|at| Deadline { at, label: "timer".into() }),
            focus,
            horizon,
            ..Race::new(["job", "database", "store", "stream", "panel"])
        })
}

proptest! {
    #[test]
    fn any_race_fits_any_width(race in any_race(), width in 0_usize..260, ascii: bool) {
        let style = Style { ascii, width, ..Style::plain() };
        assert_fits(&picture(&race, &style), &style);
    }
}
