//! What the errors of a broken file look like.

mod fragments;

use fragments::{example, with_fragment};
use punctual_scenarios::{Scenario, codes, explain, library, scaffold};

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

/// Files, each with several mistakes.
const MISTAKES: &[(&str, &str)] = &[
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
    ("a combination of one, twice", "[combination.\"poll-faster+poll-faster\"]\n[combination.poll-faster]"),
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
        "a condition and a cursor that ask in vain, whatever stands before them",
        "{ announce = \"rendered\", if = [\"unsent\", \"resumed\"], cursor = \"given\", takes = \"1ms\" }\n{ read = \"status\", takes = \"1ms\", if = \"fresh\" }",
    ),
    (
        "a client that does not connect again, and is to",
        "[[client]]\nname = \"page\"\nlatency = \"5ms\"\nresumes = true\n[[client.timer]]\nname = \"give-up\"\nfrom = \"start\"\nlimit = \"25s\"\nreconnects = true",
    ),
    (
        "outages that never happen, after the time that they take",
        "[[task]]\nname = \"weather\"\nnode = \"network\"\nsteps = [{ takes = \"1s\", restart = \"worker\" }, { takes = \"1s\", way = \"to\", release = \"page\" }]",
    ),
    (
        "a node that would have to stop itself",
        "[[task]]\nname = \"weather\"\nnode = \"network\"\nsteps = [{ takes = \"1s\", crash = \"network\" }]",
    ),
    (
        "ids of two stores, one of which is announced into",
        "{ announce = \"rendered\", into = \"more\", if = \"unsent\" }\n[[store]]\nname = \"more\"\nids = \"counter\"\n[[task]]\nname = \"render\"\nnode = \"worker\"\nsteps = [{ status = \"running\" }, { publish = \"rendered\", to = \"events\" }, { status = \"completed\", step = \"complete\" }]\n[[client]]\nname = \"page\"\nlatency = \"5ms\"\nreconnects = \"3s\"\n[[client.timer]]\nname = \"give-up\"\nfrom = \"start\"\nlimit = \"25s\"\nends = true",
    ),
    (
        "an interleaving of unknown steps",
        "[[interleaving]]\nname = \"x\"\nvariant = \"poll-fastr\"\norder = [\"render.draw\"]\nexpect = \"impossible\"\n[[interleaving]]\nname = \"x\"\norder = [\"render.drw\", \"nobody\"]\nexpect = \"impossible\"\nbreaks = [\"no-event-lst\"]",
    ),
];

#[test]
fn several_mistakes_are_shown_at_once_in_the_order_of_the_file() {
    let shown =
        |(what, fragment): &(&str, &str)| format!("#### {what}\n\n{}\n", rendered(&with_fragment(fragment)));
    let gallery: String = MISTAKES.iter().map(shown).collect();
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

#[test]
fn mistakes_of_every_kind_are_found_in_one_pass() {
    let planted = [
        ("status = \"pending\"", "status = 3", "P0103"),
        ("5s..20s", "20s..5s", "P0206"),
        ("publish = \"rendered\"", "publish = \"renderd\"", "P0301"),
        ("close = ", "clse = ", "P0102"),
        ("latency = \"5ms..80ms\"", "latency = \"5\"", "P0202"),
        ("no-event-lost = \"holds\"", "no-evnt-lost = \"holds\"", "P0303"),
        ("client-ends = \"holds\"", "client-ends = \"hold\"", "P0104"),
        (
            "[variant.publish-first]",
            "[combination.\"poll-faster+publish-frst\"]\n[variant.publish-first]",
            "P0309",
        ),
        ("stream.read", "stream.raed", "P0310"),
        ("move = [", "remove = [\"render.drw\"]\nmove = [", "P0310"),
    ];
    let mut text = scaffold()[0].text.clone();
    text += "[[interleaving]]\nname = \"one\"\norder = [\"render.publish\", \"stream.snd\"]\nexpect = \"possible\"\n";
    text +=
        "[[interleaving]]\nname = \"one\"\norder = [\"render.publish@0\"]\nkeeps = [\"no-event-lst\", 5]\n";
    let mut expected = vec!["P0310", "P0104", "P0312", "P0607", "P0303", "P0103"];
    for (right, wrong, code) in planted {
        assert!(text.contains(right), "{right}");
        text = text.replacen(right, wrong, 1);
        expected.push(code);
    }
    let mut codes: Vec<&str> = found(&text).into_iter().map(|(code, _)| code).collect();
    codes.sort_unstable();
    expected.sort_unstable();
    assert_eq!(codes, expected, "{}", rendered(&text));
}

/// Where `key = value` stands in a text, for plain keys and values that are texts, numbers or truths.
fn entries(text: &str) -> Vec<(std::ops::Range<usize>, std::ops::Range<usize>)> {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let pairs = text.match_indices(" = ").filter_map(|(equals, _)| {
        let line = text[..equals].rsplit('\n').next().unwrap_or("");
        let key = line.len() - line.trim_end_matches(bare).len();
        let rest = &text[equals + 3..];
        let length = match rest.strip_prefix('"') {
            Some(inner) => inner.find('"').filter(|end| *end > 0)? + 2,
            None => rest.find(|c: char| !(bare(c) || c == '.'))?,
        };
        let plain = key > 0 && length > 0 && !line.contains('#') && !line.contains("[[");
        plain.then_some((equals - key..equals, equals + 3..equals + 3 + length))
    });
    pairs.collect()
}

/// The codes and places of what is wrong with a text.
fn found(text: &str) -> Vec<(&'static str, std::ops::Range<usize>)> {
    let Err(problems) = Scenario::parse("one.toml", text) else { return Vec::new() };
    problems.list.into_iter().map(|problem| (problem.code, problem.span)).collect()
}

#[test]
fn a_value_of_a_wrong_type_is_one_mistake_and_causes_no_other() {
    let first = scaffold()[0].text.clone();
    let texts = library().into_iter().map(|(_, text)| text).chain([first.as_str()]);
    let mut noise = String::new();
    let mut tried = 0;
    for text in texts {
        for (_, value) in entries(text) {
            let wrong = if &text[value.clone()] == "true" { "3" } else { "true" };
            let damaged = format!("{}{wrong}{}", &text[..value.start], &text[value.end..]);
            let codes = found(&damaged);
            let own = codes.iter().filter(|(_, at)| at.start == value.start).count();
            // In `set` any type is allowed, and what is set is looked at in the variant.
            if own != 1 || codes.len() != 1 {
                let line = text[..value.start].matches('\n').count() + 1;
                noise += &format!("line {line}: {} gives {codes:?}\n", &text[value]);
            }
            tried += 1;
        }
    }
    assert!(tried > 300 && noise.is_empty(), "of {tried}:\n{noise}");
}

#[test]
fn a_key_that_nobody_knows_is_one_mistake_and_causes_no_other() {
    let first = scaffold()[0].text.clone();
    let texts = library().into_iter().map(|(_, text)| text).chain([first.as_str()]);
    let mut noise = String::new();
    let mut tried = 0;
    for text in texts {
        for (key, _) in entries(text) {
            for wrong in [format!("{}x", &text[key.clone()]), "qqqqqqqqqqqqqqqqqqqqqqqq".to_owned()] {
                let damaged = format!("{}{wrong}{}", &text[..key.start], &text[key.end..]);
                let codes = found(&damaged);
                let unknown = |(code, at): &&(&str, std::ops::Range<usize>)| {
                    ["P0102", "P0303", "P0314"].contains(code) && at.start == key.start
                };
                let missing = codes.iter().filter(|(code, _)| *code == "P0101").count();
                let own = codes.iter().filter(unknown).count();
                if own != 1 || codes.len() != own + missing || missing > 1 {
                    let line = text[..key.start].matches('\n').count() + 1;
                    noise += &format!("line {line}: {wrong} for {} gives {codes:?}\n", &text[key.clone()]);
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 600 && noise.is_empty(), "of {tried}:\n{noise}");
}

/// Nobody sends the event that the page reacts to, and there is no other.
const NO_EVENTS: &str = r#"
scenario = "no-events"
about = "The page reacts to what nobody says."
[job]
status = "running"
[[task]]
name = "stream"
node = "server"
serves = "page"
steps = [{ close = "page" }]
[[client]]
name = "page"
latency = "5ms"
[[client.on]]
event = "done"
[expect]
client-ends = "any"
"#;

#[test]
fn an_event_that_is_not_declared_is_a_mistake_even_if_there_is_none() {
    let codes: Vec<&str> = found(NO_EVENTS).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["P0301"]);
}
