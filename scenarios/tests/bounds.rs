//! What a system can hold, to the last one; and what is asked for from outside of the file.

mod fragments;

use fragments::with_fragment;
use punctual_scenarios::{NOWHERE, Problems, Put, Scenario, scaffold};

/// The codes that a text causes.
fn codes_of(text: &str) -> Vec<&'static str> {
    match Scenario::parse("bounds.toml", text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.list.iter().map(|problem| problem.code).collect(),
    }
}

/// A text for each number below `count`, put one after the other.
fn each(count: usize, of: impl Fn(usize) -> String) -> String {
    (0..count).map(of).collect()
}

#[test]
fn there_are_at_most_32_clients() {
    let with = |count: usize| {
        let client = |n| {
            format!(
                "[[client]]\nname = \"tab{n}\"\nlatency = \"5ms\"\n\
                 [[task]]\nname = \"for{n}\"\nnode = \"server\"\nserves = \"tab{n}\"\nsteps = [{{ send = \"events\" }}]\n"
            )
        };
        with_fragment(&each(count - 1, client))
    };
    assert_eq!(codes_of(&with(32)), [""; 0]);
    assert_eq!(codes_of(&with(33)), ["P0108"]);
}

#[test]
fn a_condition_asks_for_at_most_32_times_and_the_same_time_counts_once() {
    let with = |count: usize| {
        let step = |n| format!("{{ comment = \"c\", if = \"is completed for {}ms\" }}, ", n + 1);
        // The stream of the first scenario asks for 5 s, which is one more.
        with_fragment(each(count - 1, step).trim_end())
    };
    assert_eq!(codes_of(&with(32)), [""; 0]);
    assert_eq!(codes_of(&with(33)), ["P0108"]);
    let same = each(40, |_| "{ comment = \"c\", if = \"is completed for 5s\" }, ".to_owned());
    assert_eq!(codes_of(&with_fragment(same.trim_end())), [""; 0]);
}

#[test]
fn a_task_asks_for_at_most_32_silences_and_the_same_time_counts_once() {
    let with = |count: usize, last: &str| {
        let step = |n| format!("{{ comment = \"c\", if = \"none within {}ms\" }}, ", n + 1);
        let last = format!("{{ comment = \"c\", if = \"none within {last}\" }}");
        with_fragment(&(each(count - 1, step) + &last))
    };
    assert_eq!(codes_of(&with(32, "1s")), [""; 0]);
    assert_eq!(codes_of(&with(33, "1s")), ["P0108"]);
    assert_eq!(codes_of(&with(33, "1ms")), [""; 0]);
}

#[test]
fn a_number_of_states_is_a_number_of_states() {
    let with = |key: &str, value: &str| {
        scaffold()[0].text.replacen("[expect]\n", &format!("[expect]\n{key} = {value}\n"), 1)
    };
    for (value, count) in [("1", 1), ("5_956", 5_956), ("4000000000", 4_000_000_000)] {
        let scenario = Scenario::parse("bounds.toml", &with("states", value)).expect("it is sound");
        assert_eq!(scenario.cases[0].states.expect("it is stated").count, count);
        assert!(scenario.cases[1..].iter().all(|case| case.states.is_none()), "a variant has its own");
    }
    for wrong in ["0", "-7", "4000000001", "99999999999999999999"] {
        assert_eq!(codes_of(&with("states", wrong)), ["P0105"], "{wrong}");
    }
    for wrong in ["\"5956\"", "5956.0", "true", "[5956]", "\"holds\""] {
        assert_eq!(codes_of(&with("states", wrong)), ["P0103"], "{wrong}");
    }
    assert_eq!(codes_of(&with("stats", "5956")), ["P0303"]);
    assert_eq!(codes_of(&with("\"states\"", "7").replace("no-event-lost", "states")).len(), 1, "twice");
    // It is no invariant: alone it expects nothing, and no interleaving breaks it.
    let text = scaffold()[0].text.replace("expect = {", "expect = { states = 7,");
    assert_eq!(
        Scenario::parse("bounds.toml", &text).expect("it is sound").cases[1].states.map(|s| s.count),
        Some(7)
    );
    let claim = "[[interleaving]]\nname = \"x\"\norder = [\"stream.send\"]\nkeeps = [\"states\"]";
    assert_eq!(codes_of(&with_fragment(claim)), ["P0303"]);
    let alone = scaffold()[0].text.clone();
    let lines = alone
        .split_inclusive('\n')
        .filter(|line| !line.contains("\"holds\"") && !line.contains("\"violated\""));
    let alone = lines.collect::<String>().replace("[expect]\n", "[expect]\nstates = 7\n");
    assert!(codes_of(&alone).contains(&"P0107"), "{:?}", codes_of(&alone));
}

#[test]
fn a_number_of_states_knows_its_place() {
    let text = scaffold()[0].text.replacen("[expect]\n", "[expect]\nstates = 12\n", 1);
    let place =
        Scenario::parse("bounds.toml", &text).expect("it is sound").cases[0].states.expect("one").place;
    let line = text.lines().nth(place.line - 1).expect("a line");
    assert_eq!(&line[place.column - 1..], "12");
    let problems = Scenario::parse("bounds.toml", &text.replace("= 12", "= 0")).expect_err("zero is none");
    let shown = problems.render(false);
    assert!(shown.contains(&format!("bounds.toml:{}:{}", place.line, place.column)), "{shown}");
    assert!(shown.contains("expected a number from 1 to 4000000000"), "{shown}");
}

#[test]
fn an_interleaving_has_at_most_64_steps() {
    let with = |count: usize| {
        let steps = each(count, |_| "\"stream.send\", ".to_owned());
        with_fragment(&format!(
            "[[interleaving]]\nname = \"long\"\norder = [{steps}]\nkeeps = [\"no-event-lost\"]"
        ))
    };
    assert_eq!(codes_of(&with(64)), [""; 0]);
    assert_eq!(codes_of(&with(65)), ["P0108"]);
}

#[test]
fn ten_thousand_steps_at_one_instant_are_the_most() {
    let with = |rounds: usize, keys: &str| {
        with_fragment(&format!("{{ repeat = {rounds}, steps = [{{ work = \"draw\"{keys} }}] }}"))
    };
    assert_eq!(codes_of(&with(4_999, "")), [""; 0]);
    assert_eq!(codes_of(&with(5_000, "")), ["P0428"], "the step before takes no time either");
    assert_eq!(codes_of(&with(65_535, ", blocks = \"1us\"")), [""; 0]);
    assert_eq!(codes_of(&with(65_535, ", takes = \"1us\", chance = 0.5")), ["P0428"]);
}

#[test]
fn a_task_is_spawned_where_it_is_spawned_once() {
    let with = |step: &str, otherwise: &str| {
        let text = with_fragment(&format!(
            "{{ commit = \"image\", fails = 0.5 }}, {step}\n\
             [[task]]\nname = \"upload\"\nnode = \"worker\"\nstarts = \"spawned\"\nsteps = [{{ work = \"x\" }}]"
        ));
        text.replace(
            "\n]\n\n[[task]]\nname = \"stream\"",
            &format!("\n]\notherwise = [{otherwise}]\n\n[[task]]\nname = \"stream\""),
        )
    };
    let (spawn, again) = ("{ spawn = \"upload\" }", "{ commit = \"image\", fails = 0.5 }");
    assert_eq!(codes_of(&with(spawn, "")), [""; 0]);
    assert_eq!(codes_of(&with(&format!("{{ repeat = 1, steps = [{spawn}] }}"), "")), [""; 0]);
    assert_eq!(codes_of(&with("{ work = \"x\" }", &format!("{again}, {spawn}"))), [""; 0]);
    assert_eq!(codes_of(&with("{ work = \"x\" }", &format!("{spawn}, {again}"))), ["P0425"]);
    assert_eq!(codes_of(&with(spawn, spawn)), ["P0425"]);
}

#[test]
fn one_cursor_is_held_against_whatever_it_is_moved_by() {
    let with = |step: &str| {
        with_fragment(&format!(
            "{step}\n[[store]]\nname = \"events\"\nids = \"counter\"\n[[store]]\nname = \"others\"\nids = \"clock 1ms\""
        ))
        .replace("publish = \"rendered\",", "publish = \"rendered\", to = \"events\",")
    };
    assert_eq!(codes_of(&with("{ announce = \"rendered\", into = \"others\", if = \"unsent\" }")), [""; 0]);
    let moved = with("{ announce = \"rendered\", into = \"others\", cursor = \"own\", if = \"unsent\" }");
    assert_eq!(codes_of(&moved), ["P0424"]);
    assert_eq!(codes_of(&with("{ cursor = \"now of others\" }")), ["P0424"]);
    assert_eq!(codes_of(&with("{ cursor = \"greatest of others\" }")), ["P0424"]);
    assert_eq!(codes_of(&with("{ cursor = \"greatest of events\" }")), [""; 0]);
}

#[test]
fn a_cursor_moves_to_a_chosen_id_where_ids_are_numbers_and_not_times() {
    let with = |ids: &str| {
        with_fragment(&format!("{{ cursor = \"7\" }}\n[[store]]\nname = \"events\"\nids = \"{ids}\""))
    };
    assert_eq!(codes_of(&with("counter")), [""; 0]);
    assert_eq!(codes_of(&with("clock 1ms")), ["P0421"]);
    assert_eq!(codes_of(&with("clock 1ms").replace("\"7\"", "\"zero\"")), [""; 0]);
}

#[test]
fn what_is_asked_for_on_the_command_line_is_told_with_the_option_and_no_line() {
    let scenario = Scenario::parse("first.toml", &scaffold()[0].text).expect("it is sound");
    let told = |problems: &Problems| {
        assert!(problems.list.iter().all(|problem| problem.span != NOWHERE));
        format!("{}\n", problems.render(false))
    };
    let asked =
        ["zz", "poll-fastr", "publish-first+poll-faster", "poll-faster+poll-faster", "poll-faster+zz", ""];
    let mut gallery = String::new();
    for names in asked {
        gallery += &format!("#### --variant {names}\n\n");
        gallery += &told(&scenario.combine(names).expect_err("there is no such case"));
    }
    let values = [
        ("policy.poll.completed", "\"0s\""),
        ("policy.poll.completed", "\"soon\""),
        ("task.render.draw.takes", "\"20s..5s\""),
        ("task.stream.close.if", "[\"is completd\", \"unsent\"]"),
        ("task.stream.loop", "[{ work = \"x\" }]"),
        ("client.page.latency", "5"),
        ("client.page.latncy", "\"5ms\""),
        ("limits.delivered-within", "\"60s\""),
        ("store.events.keep", "\"ten\""),
        ("task.render.publish.publish", "\"renderd\""),
        ("store.events.ids", "\"given\""),
        ("ends", "\"10s after stream\""),
        ("nowhere", "1"),
        ("policy.poll.completed", "1s"),
    ];
    for (path, value) in values {
        let option = format!("--vary {path}={}", value.trim_matches('"'));
        gallery += &format!("#### {option}\n\n");
        let put = Put { path: path.to_owned(), value: value.to_owned(), option };
        gallery += &told(&scenario.patched("poll-faster", &[put], &[]).expect_err("no such value"));
    }
    insta::assert_snapshot!("outside", gallery);
}
