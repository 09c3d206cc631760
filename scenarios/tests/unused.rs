//! What a file declares, some case of it uses: the base, a variant, or a combination.

mod fragments;

use fragments::with_fragment;
use punctual_scenarios::{BASE, Put, Scenario, library};

/// The codes that a text causes.
fn codes_of(text: &str) -> Vec<&'static str> {
    match Scenario::parse("unused.toml", text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.list.iter().map(|problem| problem.code).collect(),
    }
}

/// What is declared, the variant that uses it, and what is said if no case does.
const DECLARED: [(&str, &str, &str, &str); 12] = [
    (
        "an event",
        "[[event]]\nname = \"seen\"\n",
        "insert = [{ after = \"render.draw\", step = { publish = \"seen\" } }]",
        "P0417",
    ),
    (
        "a task that is spawned",
        "[[task]]\nname = \"upload\"\nnode = \"worker\"\nstarts = \"spawned\"\nsteps = [{ work = \"send\", takes = \"1s\" }]\n",
        "insert = [{ after = \"render.draw\", step = { spawn = \"upload\" } }]",
        "P0410",
    ),
    (
        "a client",
        "[[task]]\nname = \"second\"\nnode = \"server\"\nsteps = [{ work = \"look\", takes = \"1s\" }]\n[[client]]\nname = \"tab\"\nlatency = \"5ms\"\n",
        "set = { \"task.second.serves\" = \"tab\" }",
        "P0413",
    ),
    (
        "a signal",
        "[[signal]]\nname = \"bell\"\npermit = true\n[[task]]\nname = \"second\"\nnode = \"server\"\nsteps = [{ wait = \"bell\", at-most = \"poll\" }, { read = \"status\" }]\n",
        "insert = [{ after = \"render.draw\", step = { notify = \"bell\" } }]",
        "P0427",
    ),
    (
        "a condition on what a client names",
        "{ cursor = \"zero\", if = \"fresh\" }\n",
        "set = { \"client.page.reconnects\" = \"3s\" }",
        "P0431",
    ),
    (
        "a cursor at what a client names",
        "{ cursor = \"given\", chance = 0.5 }\n",
        "set = { \"client.page.reconnects\" = \"3s\" }",
        "P0431",
    ),
    (
        "a node that starts again",
        "[[task]]\nname = \"weather\"\nnode = \"network\"\nsteps = [{ work = \"calm\", takes = \"1s\" }, { restart = \"worker\", takes = \"1s\" }]\n",
        "replace = [{ step = \"weather.calm\", with = { crash = \"worker\", takes = \"1s\" } }]",
        "P0433",
    ),
    (
        "what is let go",
        "[[task]]\nname = \"weather\"\nnode = \"network\"\nsteps = [{ work = \"calm\", takes = \"1s\" }, { release = \"page\", takes = \"1s\" }]\n",
        "replace = [{ step = \"weather.calm\", with = { hold = \"page\", takes = \"1s\" } }]",
        "P0433",
    ),
    (
        "a status",
        "[policy.poll]\npending = \"1s\"\nrunning = \"1s\"\ncompleted = \"2s\"\nfailed = \"3s\"\n",
        "replace = [{ step = \"render.complete\", with = { status = \"failed\" } }]",
        "P0314",
    ),
    (
        "a status that is set by its path",
        "[policy.poll]\npending = \"1s\"\nrunning = \"1s\"\ncompleted = \"2s\"\nfailed = \"3s\"\n",
        "set = { \"task.render.complete.status\" = \"failed\" }",
        "P0314",
    ),
    (
        "a row",
        "{ read = \"image\" }\n",
        "insert = [{ after = \"render.draw\", step = { repeat = 2, steps = [{ commit = \"image\" }] } }]",
        "P0306",
    ),
    (
        "a file",
        "[[client]]\nname = \"page\"\nlatency = \"5ms\"\n[[client.timer]]\nname = \"give-up\"\nfrom = \"start\"\nlimit = \"60s\"\nshows = \"failure\"\n[[client.on]]\nevent = \"rendered\"\nfetches = \"file image.png\"\ntakes = \"5ms\"\n",
        "insert = [{ before = \"render.draw\", step = { save = \"image.png\" } }]",
        "P0311",
    ),
];

#[test]
fn what_only_a_variant_uses_is_no_mistake_and_what_no_case_uses_is_one() {
    for (what, declared, used, code) in DECLARED {
        let declared = with_fragment(declared);
        assert_eq!(codes_of(&declared), [code], "{what}, used by nobody");
        let other = "[variant.other]\nset = { \"policy.poll.running\" = \"700ms\" }\n";
        assert_eq!(codes_of(&format!("{declared}{other}")), [code], "{what}, used by no variant");
        let user = format!("[variant.user]\n{used}\n");
        let both = format!("{declared}{user}{other}[combination.\"user+other\"]\n");
        assert_eq!(codes_of(&both), [""; 0], "{what}, used by a variant");
    }
}

#[test]
fn what_the_base_uses_a_variant_may_not_take_away() {
    let removed = with_fragment("[variant.broken]\nremove = [\"render.publish\"]");
    assert_eq!(codes_of(&removed), ["P0417"]);
    let shown = Scenario::parse("unused.toml", &removed).expect_err("nobody publishes it").to_string();
    assert!(shown.contains("in this variant"), "{shown}");
}

#[test]
fn what_is_asked_of_a_file_later_may_leave_unused_what_its_base_does_not_use() {
    let (_, declared, used, _) = DECLARED[0];
    let text = with_fragment(declared) + &format!("[variant.user]\n{used}\n");
    let scenario = Scenario::parse("unused.toml", &text).unwrap_or_else(|problems| panic!("{problems}"));
    let put =
        Put { path: "policy.poll.running".to_owned(), value: "\"700ms\"".to_owned(), option: String::new() };
    for variant in [BASE, "user", "poll-faster", "poll-faster+publish-first"] {
        scenario.combine(variant).unwrap_or_else(|problems| panic!("{variant}: {problems}"));
        scenario
            .patched(variant, std::slice::from_ref(&put), &[])
            .unwrap_or_else(|problems| panic!("{variant}: {problems}"));
    }
    let put = Put {
        path: "task.render.publish.publish".to_owned(),
        value: "\"seen\"".to_owned(),
        option: "--vary a=b".to_owned(),
    };
    let refused = scenario.patched(BASE, &[put], &[]).expect_err("nobody publishes what the base does");
    assert_eq!(refused.list[0].code, "P0417");
}

#[test]
fn with_a_mistake_in_a_variant_nothing_is_said_of_what_it_may_use() {
    let (_, declared, used, _) = DECLARED[0];
    let text = with_fragment(declared) + &format!("[variant.user]\n{used}\nset = {{ \"nowhere\" = 1 }}\n");
    assert_eq!(codes_of(&text), ["P0503"]);
}

#[test]
fn connections_count_without_a_read() {
    let bounded = |more: &str, reconnects: &str| {
        format!(
            "scenario = \"connections\"\nabout = \"A stream that closes.\"\nends = \"10s after job\"\n[job]\nstatus = \"running\"\n\
             [[event]]\nname = \"a\"\n[[store]]\nname = \"events\"\nids = \"counter\"\n\
             [[task]]\nname = \"job\"\nnode = \"worker\"\nsteps = [{{ publish = \"a\", takes = \"1s\" }}]\n\
             [[task]]\nname = \"stream\"\nnode = \"server\"\nserves = \"page\"\nsteps = [{{ send = \"events\" }}, {{ close = \"page\" }}]\n\
             [[client]]\nname = \"page\"\nlatency = \"5ms\"\n{reconnects}\n\
             [limits]\nbounded-requests = 3\n[expect]\nbounded-requests = \"violated\"\n{more}"
        )
    };
    assert_eq!(codes_of(&bounded("", "")), ["P0608"]);
    assert_eq!(codes_of(&bounded("", "reconnects = \"1s\"")), [""; 0]);
    assert_eq!(
        codes_of(&bounded("[variant.again]\nset = { \"client.page.reconnects\" = \"1s\" }\n", "")),
        [""; 0]
    );
}

#[test]
fn a_loop_that_a_failed_commit_ends_and_a_task_that_is_spawned_are_jobs_too() {
    let with = |job: &str| {
        format!(
            "scenario = \"jobs\"\nabout = \"What a stream ends after.\"\nends = \"60s after clock\"\n[job]\nstatus = \"running\"\n\
             [[event]]\nname = \"a\"\n[[store]]\nname = \"events\"\nids = \"counter\"\n{job}\
             [[task]]\nname = \"clock\"\nnode = \"server\"\nserves = \"page\"\nsteps = [{{ send = \"events\" }}, {{ spawn = \"late\" }}]\n\
             [[task]]\nname = \"late\"\nnode = \"server\"\nstarts = \"spawned\"\nloop = [{{ sleep = \"1s\" }}]\n\
             [[client]]\nname = \"page\"\nlatency = \"5ms\"\n\
             [limits]\nstream-ends = \"3s\"\n[expect]\nstream-ends = \"violated\"\n"
        )
    };
    let job = |body: &str| with(&format!("[[task]]\nname = \"job\"\nnode = \"worker\"\n{body}\n"));
    let publish = "{ publish = \"a\", takes = \"1s\" }";
    assert_eq!(codes_of(&job(&format!("loop = [{publish}]"))), ["P0608"]);
    assert_eq!(codes_of(&job(&format!("steps = [{publish}]"))), [""; 0]);
    assert_eq!(codes_of(&job(&format!("loop = [{publish}, {{ commit = \"row\", fails = 0.1 }}]"))), [""; 0]);
    let spawned = job(&format!("loop = [{publish}]")).replace("loop = [{ sleep", "steps = [{ sleep");
    assert_eq!(codes_of(&spawned), [""; 0]);
}

#[test]
fn names_that_are_implied_are_the_same_in_all_cases() {
    for (name, text) in library() {
        let scenario = Scenario::parse(name, text).expect("the library is sound");
        let base = &scenario.cases[0].system;
        for case in &scenario.cases {
            let same = |of: fn(&punctual_model::System) -> Vec<String>| of(&case.system) == of(base);
            assert!(same(|system| system.statuses.clone()), "{name}: {:?}", case.variant);
            assert!(same(|system| system.files.clone()), "{name}: {:?}", case.variant);
            assert!(same(|system| system.rows.iter().map(|row| row.name.clone()).collect()), "{name}");
        }
    }
    let text = with_fragment(
        "[variant.user]\nset = { \"task.render.complete.status\" = \"failed\", \"policy.poll.failed\" = \"1s\" }\n",
    );
    let scenario = Scenario::parse("unused.toml", &text).unwrap_or_else(|problems| panic!("{problems}"));
    for case in &scenario.cases {
        assert_eq!(case.system.statuses, ["pending", "running", "completed", "failed"]);
    }
}
