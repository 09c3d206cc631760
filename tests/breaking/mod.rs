//! Small scenarios drawn at random of which most break something: an event is put where nobody looks, a signal is
//! given before anybody waits, a line breaks, a client gives up, a cursor is moved too far, chance passes a look over.
//!
//! Unlike those of `grammar` not every text is a sound scenario; who draws one takes those that are.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use punctual_scenarios::Scenario;

/// The time that a step takes.
fn time() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0..60_u32).prop_map(|ms| format!("takes = \"{ms}ms\"")),
        2 => (0..40_u32, 1..40_u32).prop_map(|(from, wide)| format!("takes = \"{from}ms..{}ms\"", from + wide)),
        1 => (0..20_u32, 1..20_u32).prop_map(|(takes, back)| format!("takes = \"{takes}ms\", returns = \"{back}ms\"")),
        1 => (1..30_u32).prop_map(|ms| format!("blocks = \"{ms}ms\"")),
    ]
}

/// A step with what it does as `key = "value"`.
fn step(does: String) -> impl Strategy<Value = String> {
    (proptest::option::weighted(0.8, time()), proptest::option::weighted(0.15, Just("chance = 0.5")))
        .prop_map(move |(time, chance)| {
            let more = time.into_iter().chain(chance.map(str::to_owned));
            format!("{{ {} }}", [does.clone()].into_iter().chain(more).collect::<Vec<_>>().join(", "))
        })
}

/// What a job and its peer do, where there are two stores or one.
fn job_step(two: bool, given: bool) -> impl Strategy<Value = String> {
    let stores: &[&str] = if two { &["hub", "hub", "side"] } else { &["hub"] };
    let publish = (select(&["news", "more", "done", "told"][..]), select(stores), 1..9_u32);
    let publish = publish.prop_flat_map(move |(event, store, id)| {
        let to = if two { format!(", to = \"{store}\"") } else { String::new() };
        let id = if given { format!(", id = {id}") } else { String::new() };
        step(format!("publish = \"{event}\"{to}{id}"))
    });
    prop_oneof![
        4 => publish,
        2 => select(&["ready", "written"][..]).prop_flat_map(|signal| step(format!("notify = \"{signal}\""))),
        1 => step("work = \"work\"".to_owned()),
        1 => select(&["done", "failed"][..]).prop_flat_map(|status| step(format!("status = \"{status}\""))),
        1 => Just("{ commit = \"row\", takes = \"5ms\", fails = 0.3 }".to_owned()),
        1 => Just("{ commit = \"row\", takes = \"5ms\" }".to_owned()),
    ]
}

/// A turn of a stream.
fn stream_step((two, given): (bool, bool)) -> impl Strategy<Value = String> {
    let stores: &[&str] = if two { &["hub", "side"] } else { &["hub"] };
    let send = (select(stores), proptest::option::weighted(0.15, Just(", if = \"is done\"")));
    let send =
        send.prop_flat_map(|(store, guard)| step(format!("send = \"{store}\"{}", guard.unwrap_or_default())));
    let cursor = select(&["greatest", "zero", "3", "now", "given"][..]).prop_map(move |rule| {
        let of = if two && !["zero", "3"].contains(&rule) { " of hub" } else { "" };
        format!("{{ cursor = \"{rule}{of}\" }}")
    });
    prop_oneof![
        9 => send,
        2 => step("read = [\"status\", \"row\"]".to_owned()),
        2 => select(&["ready", "written"][..]).prop_map(|signal| format!("{{ wait = \"{signal}\" }}")),
        1 => select(&["ready", "written"][..]).prop_map(|signal| format!("{{ wait = \"{signal}\", at-most = \"rest\" }}")),
        2 => (1..80_u32).prop_map(|ms| format!("{{ sleep = \"{ms}ms\" }}")),
        1 => cursor,
        1 => Just("{ announce = \"told\", if = \"unsent\" }".to_owned()),
        1 => Just(if given {
            "{ announce = \"told\", if = \"unsent\" }".to_owned()
        } else {
            "{ announce = \"told\", into = \"hub\", cursor = \"own\", if = \"unsent\" }".to_owned()
        }),
        1 => Just("{ comment = \"alive\" }".to_owned()),
        1 => Just("{ close = \"page\", if = \"is done\" }".to_owned()),
        1 => Just("{ close = \"page\", chance = 0.2 }".to_owned()),
        1 => Just("{ work = \"think\", takes = \"30ms\" }".to_owned()),
    ]
}

fn strike() -> impl Strategy<Value = String> {
    select(
        &[
            "{ disconnect = \"page\" }",
            "{ half-open = \"page\" }",
            "{ hold = \"page\" }",
            "{ hold = \"page\", way = \"to\" }, { release = \"page\", takes = \"30ms\" }",
            "{ hold = \"page\" }, { release = \"page\", takes = \"30ms\" }",
            "{ crash = \"server\" }",
            "{ crash = \"server\" }, { restart = \"server\", takes = \"40ms\" }",
            "{ crash = \"worker\" }, { restart = \"worker\", takes = \"40ms\" }",
            "{ work = \"calm\", takes = \"20ms\" }",
        ][..],
    )
    .prop_map(str::to_owned)
}

/// How the client is: how far away, whether it comes back, what it watches for.
fn client(two: bool) -> impl Strategy<Value = String> {
    let latency = select(&["0ms", "5ms", "1ms..30ms"][..]);
    let back = proptest::option::weighted(0.6, (select(&["20ms", "5ms..50ms"][..]), any::<bool>()));
    let silence = proptest::option::weighted(0.4, (20..150_u32, select(&["byte", "any event"][..])));
    let patience = proptest::option::weighted(0.4, (50..400_u32, any::<bool>()));
    let ends = (any::<bool>(), any::<bool>());
    (latency, back, silence, patience, ends).prop_map(move |(latency, back, silence, patience, (news, done))| {
        let mut text = format!("latency = \"{latency}\"\n");
        let comes_back = back.is_some();
        if let Some((after, resumes)) = back {
            text += &format!("reconnects = \"{after}\"\nresumes = {}\n", resumes && !two);
        }
        if let (Some((limit, from)), true) = (silence, comes_back) {
            text += &format!("[[client.timer]]\nname = \"silence\"\nfrom = \"{from}\"\nlimit = \"{limit}ms\"\nreconnects = true\n");
        }
        if let Some((limit, shows)) = patience {
            let shows = if shows { "shows = \"failure\"\nends = true\n" } else { "" };
            text += &format!("[[client.timer]]\nname = \"patience\"\nfrom = \"start\"\nlimit = \"{limit}ms\"\nstops = [\"done\"]\n{shows}");
        }
        text += "[[client.on]]\nevent = \"told\"\nshows = \"progress\"\nfetches = \"row row\"\ntakes = \"1ms..9ms\"\n";
        for (event, ends) in [("news", news), ("done", done)] {
            let ends = if ends { "ends = true\n" } else { "" };
            text += &format!("[[client.on]]\nevent = \"{event}\"\nshows = \"success\"\n{ends}");
        }
        text
    })
}

/// The text of a scenario that may be a sound one.
pub(crate) fn text() -> impl Strategy<Value = String> {
    (any::<bool>(), select(&["counter", "clock 1ms", "clock 20ms", "given"][..])).prop_flat_map(
        |(two, ids)| {
            let stream = (
                vec(stream_step((two, ids == "given")), 0..3),
                vec(stream_step((two, ids == "given")), 1..5),
                any::<bool>(),
                proptest::bool::weighted(0.85),
            );
            let job = (vec(job_step(two, ids == "given"), 1..5), vec(job_step(two, ids == "given"), 0..3));
            let store = (proptest::option::weighted(0.2, 1..3_u32), any::<[bool; 2]>());
            let starts = proptest::option::weighted(0.1, select(&["30ms..90ms", "200ms..900ms"][..]));
            (Just((two, ids)), job, (stream, starts), store, vec(strike(), 0..3), 0..150_u32, client(two))
                .prop_map(write)
        },
    )
}

type Stream = (Vec<String>, Vec<String>, bool, bool);

/// Puts a scenario together.
#[allow(clippy::type_complexity, reason = "it is what the strategy draws")]
fn write(
    ((two, ids), (job, peer), (stream, starts), (keep, permits), strikes, storm, client): (
        (bool, &'static str),
        (Vec<String>, Vec<String>),
        (Stream, Option<&'static str>),
        (Option<u32>, [bool; 2]),
        Vec<String>,
        u32,
        String,
    ),
) -> String {
    let (first, mut turns, per_source, loops) = stream;
    let mut peer = peer;
    let streams = [&first[..], &turns].concat().join(" ");
    if ["is done", "announce", "rest"].iter().any(|asks| streams.contains(asks)) {
        turns.insert(0, "{ read = [\"status\", \"row\"], takes = \"2ms\", step = \"asks\" }".into());
    }
    for signal in ["ready", "written"] {
        let given = [&job[..], &peer].concat().join(" ").contains(&format!("notify = \"{signal}\""));
        if streams.contains(&format!("wait = \"{signal}\"")) && !given {
            peer.push(format!("{{ notify = \"{signal}\", takes = \"30ms\" }}"));
        }
    }
    let all = [&job[..], &peer, &first, &turns].concat().join(" ");
    let listed = |steps: &[String]| steps.iter().fold(String::new(), |all, step| all + "  " + step + ",\n");
    let mut text = expected(&all) + &declared(&all, (two, ids), keep, permits);
    text += &format!("[[task]]\nname = \"job\"\nnode = \"worker\"\nsteps = [\n{}]\n", listed(&job));
    if !peer.is_empty() {
        text += &format!("[[task]]\nname = \"peer\"\nnode = \"other\"\nsteps = [\n{}]\n", listed(&peer));
    }
    if !strikes.is_empty() {
        text += &format!(
            "[[task]]\nname = \"weather\"\nnode = \"network\"\nstarts = \"{storm}ms\"\nsteps = [\n{}]\n",
            listed(&strikes)
        );
    }
    let cursors = if per_source { "cursors = \"per-source\"\n" } else { "" };
    let turns = if loops {
        format!("steps = [\n{}]\nloop = [\n{}]\n", listed(&first), listed(&turns))
    } else {
        format!("steps = [\n{}]\n", listed(&[first, turns].concat()))
    };
    let starts = starts.map_or(String::new(), |starts| format!("starts = \"{starts}\"\n"));
    text += &format!(
        "[[task]]\nname = \"stream\"\nnode = \"server\"\nserves = \"page\"\n{starts}{cursors}{turns}"
    );
    text += &format!("[[client]]\nname = \"page\"\n{}", known(&client, &all));
    text
}

/// The head of a scenario, and what it expects: anything.
fn expected(all: &str) -> String {
    let mut text =
        "scenario = \"breaking\"\nabout = \"Drawn at random.\"\nends = \"400ms after job\"\n".to_owned();
    text += "[job]\nstatus = \"running\"\nothers = [\"failed\", \"done\"]\n";
    text +=
        "[limits]\ndelivered-within = \"60ms\"\nstream-ends = \"100ms\"\nbounded-requests = 6\n[expect]\n";
    for rule in punctual_model::Rule::NAMES {
        if rule != "no-phantom" || all.contains("fails") {
            text += &format!("{rule} = \"any\"\n");
        }
    }
    text
}

/// What the steps of a scenario name: events, stores, rows, signals and a policy.
fn declared(all: &str, (two, ids): (bool, &str), keep: Option<u32>, permits: [bool; 2]) -> String {
    let mut text = String::new();
    for event in ["news", "more", "done", "told"] {
        let more = match event {
            "told" => "row = \"row\"\n",
            "done" => "terminal = true\n",
            _ => "",
        };
        if all.contains(&format!("\"{event}\"")) {
            text += &format!("[[event]]\nname = \"{event}\"\n{more}");
        }
    }
    let keep = keep.map_or(String::new(), |keep| format!("keep = {keep}\n"));
    text += &format!("[[store]]\nname = \"hub\"\nids = \"{ids}\"\n{keep}");
    if two {
        text += &format!("[[store]]\nname = \"side\"\nids = \"{ids}\"\n");
    }
    if all.contains("row") || all.contains("told") {
        text += "[[row]]\nname = \"row\"\nvisible-after = \"0ms..20ms\"\n";
    }
    for (signal, permit) in ["ready", "written"].into_iter().zip(permits) {
        if all.contains(&format!("\"{signal}\"")) {
            text += &format!("[[signal]]\nname = \"{signal}\"\npermit = {permit}\n");
        }
    }
    if all.contains("rest") {
        text += "[policy.rest]\nrunning = \"50ms\"\ndone = \"50ms\"\nfailed = \"50ms\"\n";
    }
    text
}

/// What a client has to do with events that somebody publishes or announces.
fn known(client: &str, all: &str) -> String {
    let published = |event: &str| all.contains(&format!("\"{event}\""));
    let mut parts = client.split("[[client.on]]\n");
    let mut text = parts.next().unwrap_or_default().to_owned();
    if !published("done") {
        text = text.replace("stops = [\"done\"]\n", "");
    }
    for part in parts {
        if ["told", "news", "done"]
            .iter()
            .any(|event| part.contains(&format!("event = \"{event}\"")) && published(event))
        {
            text += &format!("[[client.on]]\n{part}");
        }
    }
    text
}

/// The scenario of a text, if it is a sound one; it checks what could break.
pub(crate) fn parse(text: &str) -> Option<(String, Scenario)> {
    let mut text = text.to_owned();
    if let Err(problems) = Scenario::parse("breaking.toml", &text) {
        for named in problems.render(false).split("nothing here could break `").skip(1) {
            let rule = named.split('`').next().unwrap_or_default();
            text = text.replace(&format!("{rule} = \"any\"\n"), "");
        }
    }
    let scenario = Scenario::parse("breaking.toml", &text).ok()?;
    Some((text, scenario))
}
