//! What the errors of a broken file look like.

mod fragments;

use fragments::{example, with_fragment};
use punctual_scenarios::{Scenario, codes, explain};

fn rendered(text: &str) -> String {
    match Scenario::parse("scenario.toml", text) {
        Ok(_) => "no error\n".to_owned(),
        Err(problems) => problems.render(false),
    }
}

fn entry(title: &str, text: &str) -> String {
    format!("#### {title}\n\n{}\n", rendered(text))
}

#[test]
fn each_code_is_shown_with_its_place_and_what_would_be_right() {
    let shown = codes().map(|code| {
        let fragment = example(explain(code).expect("explained"), "wrong:");
        let text = if fragment.is_empty() { fragment } else { with_fragment(&fragment) };
        entry(code, &text)
    });
    let gallery = shown.collect::<Vec<_>>().concat();
    insta::assert_snapshot!("codes", gallery);
}

#[test]
fn several_mistakes_are_shown_at_once_in_the_order_of_the_file() {
    let broken = [
        ("three keys misspelt", "[job]\nstaus = \"pending\"\n[[event]]\nnam = \"rendered\"\nterminl = true"),
        ("texts where numbers belong", "[[store]]\nname = \"events\"\nids = 3\nkeep = \"100\""),
        ("one table where there are several", "[task]\nname = \"render\""),
        ("several where there is one", "[[job]]\nstatus = \"pending\""),
        ("both ends of an interval wrong", "{ work = \"draw\", takes = \"5..-3s\" }"),
        ("an empty time", "{ work = \"draw\", takes = \"\" }"),
        ("an interval with one end", "{ work = \"draw\", takes = \"5s..\" }"),
        ("an unknown law", "{ work = \"draw\", takes = \"gaussian 5s..20s mean 8s\" }"),
        ("a law with a bad sigma", "{ work = \"draw\", takes = \"log-normal 5s..20s median 8s sigma x\" }"),
        (
            "a law far outside its interval",
            "{ work = \"draw\", takes = \"log-normal 5s..20s median 1us sigma 0.1\" }",
        ),
        ("points that do not grow", "{ work = \"draw\", takes = \"empirical 5ms@0% 3ms@50% 80ms@100%\" }"),
        ("a point that is none", "{ work = \"draw\", takes = \"empirical 5ms@0% 20ms 80ms@100%\" }"),
        (
            "a list of conditions, two of them wrong",
            "{ read = \"status\", takes = \"1ms\", if = [\"usent\", \"is completed\", \"count over\"] }",
        ),
        ("a status in escapes", "{ work = \"dr\\u0061w\", takes = \"\\u0035..\" }"),
        ("a step that is no table", "{ repeat = 2, steps = [\"draw\"] }"),
        ("a chance of two", "{ work = \"draw\", chance = 2 }"),
        (
            "names with spaces",
            "[[event]]\nname = \"is rendered\"\n[[client]]\nname = \"a page\"\nlatency = \"5ms\"",
        ),
        (
            "a variant with three wrong paths",
            "[variant.broken]\nset = { \"task.rendr.draw.takes\" = \"1s\", \"client.page.timer.giveup.limit\" = \"3s\", \"tasks\" = 3 }\nremove = [\"render.queu\"]",
        ),
        (
            "a variant with a wrong value",
            "[variant.broken]\nset = { \"task.render.draw.takes\" = 5, \"store.events.kep\" = 3 }",
        ),
        ("a variant that removes what is needed", "[variant.broken]\nremove = [\"render.publish\"]"),
        ("a variant that leaves out what is required", "[variant.broken]\nunset = [\"client.page.latency\"]"),
        (
            "an insertion with both places",
            "[variant.broken]\ninsert = [{ before = \"render.draw\", after = \"render.draw\", step = { work = \"x\" } }]",
        ),
        (
            "a step moved to itself",
            "[variant.broken]\nmove = [{ step = \"render.draw\", after = \"render.draw\" }]",
        ),
        (
            "an insertion with a taken name",
            "[variant.broken]\ninsert = [{ before = \"render.draw\", step = { work = \"x\", step = \"draw\" } }]",
        ),
        (
            "a combination of one, twice",
            "[combination.\"poll-faster+poll-faster\"]\n[combination.poll-faster]",
        ),
        (
            "a task that is spawned twice",
            "{ spawn = \"upload\" }, { spawn = \"upload\" }\n[[task]]\nname = \"upload\"\nnode = \"worker\"\nstarts = \"spawned\"\nsteps = [{ work = \"x\" }]",
        ),
        (
            "a task that only spawns itself",
            "[[task]]\nname = \"upload\"\nnode = \"worker\"\nstarts = \"spawned\"\nsteps = [{ work = \"x\", takes = \"1s\" }, { spawn = \"upload\" }]",
        ),
        (
            "a look-back window beyond the end of time",
            "{ announce = \"rendered\", if = \"none within 4000000000 ids\" }\n[[store]]\nname = \"events\"\nids = \"clock 1s\"",
        ),
        ("times of steps that have none", "{ repeat = 2, takes = \"1s\", steps = [{ work = \"x\" }] }"),
        (
            "a wait that takes, a sleep that returns, a poll that blocks",
            "{ wait = \"wakeup\", takes = \"1s\" }, { sleep = \"1s\", returns = \"1s\" }, { poll = \"poll\", blocks = \"1s\" }\n[[signal]]\nname = \"wakeup\"\npermit = true",
        ),
        (
            "a law with a sigma that is no number",
            "{ work = \"draw\", takes = \"log-normal 5s..20s median 8s sigma nan\" }",
        ),
        (
            "two delays of one name",
            "{ work = \"draw\", step = \"latency\", takes = \"5s..20s\" }\n[[client]]\nname = \"render\"\nlatency = \"5ms..80ms\"\n[[task]]\nname = \"other\"\nnode = \"server\"\nserves = \"render\"\nsteps = [{ send = \"events\" }]",
        ),
        (
            "an interleaving of unknown steps",
            "[[interleaving]]\nname = \"x\"\nvariant = \"poll-fastr\"\norder = [\"render.draw\"]\nexpect = \"impossible\"\n[[interleaving]]\nname = \"x\"\norder = [\"render.drw\", \"nobody\"]\nexpect = \"impossible\"\nbreaks = [\"no-event-lst\"]",
        ),
    ];
    let gallery: String = broken
        .map(|(what, fragment)| format!("#### {what}\n\n{}\n", rendered(&with_fragment(fragment))))
        .concat();
    insta::assert_snapshot!("several", gallery);
}

#[test]
fn what_is_no_scenario_at_all_is_said_so() {
    let deep = format!("a = {}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let dotted = format!("{}b = 1", "a.".repeat(5_000));
    let whole = [
        ("blank", " \n\n".to_owned()),
        ("comments only", "# nothing\n".to_owned()),
        ("prose", "This is not a scenario.\nReally not.\n".to_owned()),
        ("a key twice", "scenario = \"a\"\nscenario = \"b\"\n".to_owned()),
        ("an open string", "scenario = \"a\n".to_owned()),
    ];
    let gallery = whole.map(|(what, text)| entry(what, &text)).concat();
    insta::assert_snapshot!("whole", gallery);
    assert!(rendered(&deep).contains("P0001") && rendered(&dotted).contains("P0001"));
}

#[test]
fn colour_adds_nothing_but_colour() {
    let problems = Scenario::parse("scenario.toml", "scenario = 1\n").expect_err("much is missing");
    assert!(problems.render(true).contains("\u{1b}["));
    assert!(!problems.render(false).contains('\u{1b}'));
}
