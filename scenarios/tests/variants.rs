//! The section "Variants" of `docs/semantics.md`, sentence by sentence.

use punctual_scenarios::{Case, Expected, Scenario};

/// A scenario whose job takes the steps `a`, `b`, `c` and some more, with `variants`.
fn text(variants: &str) -> String {
    format!(
        r#"scenario = "patched"
about = "A job of a few steps."
ends = "60s after job"
[job]
status = "running"
[[event]]
name = "done"
[[store]]
name = "events"
ids = "counter"
[[task]]
name = "job"
node = "worker"
steps = [
  {{ work = "a", takes = "1s..2s" }},
  {{ work = "b", takes = "2s" }},
  {{ work = "c", takes = "3s" }},
  {{ repeat = 2, steps = [{{ work = "in", takes = "4s" }}] }},
  {{ commit = "row", fails = 0.1 }},
  {{ publish = "done" }},
]
otherwise = [{{ work = "mend" }}]
[[task]]
name = "stream"
node = "server"
serves = "page"
loop = [{{ send = "events" }}, {{ sleep = "1s" }}, {{ send = "events" }}]
[[client]]
name = "page"
latency = "5ms"
[expect]
no-event-lost = "any"
no-duplicate = "holds"
states = 7
{variants}"#
    )
}

fn parsed(variants: &str) -> Scenario {
    Scenario::parse("patched.toml", &text(variants)).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The steps of a task of a case, those of `otherwise` after a bar.
fn steps_of(case: &Case, task: usize) -> String {
    let task = &case.system.tasks[task];
    let names = |steps: &[punctual_model::Step]| {
        steps.iter().map(|step| step.name.clone()).collect::<Vec<_>>().join(" ")
    };
    format!("{} | {}", names(&task.steps), names(&task.otherwise))
}

/// The job's steps in the variant whose operations these are.
fn job(operations: &str) -> String {
    steps_of(&parsed(&format!("[variant.v]\n{operations}\n")).cases[1], 0)
}

/// The job's steps in the combination of two variants.
fn both(one: &str, other: &str) -> String {
    let variants = format!("[variant.one]\n{one}\n[variant.other]\n{other}\n");
    let case = parsed(&variants).combine("one+other").unwrap_or_else(|problems| panic!("{problems}"));
    steps_of(&case, 0)
}

/// The codes of what is wrong.
fn refused(variants: &str) -> Vec<&'static str> {
    match Scenario::parse("patched.toml", &text(variants)) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.list.iter().map(|problem| problem.code).collect(),
    }
}

fn alone(operations: &str) -> Vec<&'static str> {
    refused(&format!("[variant.v]\n{operations}\n"))
}

fn together(one: &str, other: &str) -> Vec<&'static str> {
    refused(&format!("[variant.one]\n{one}\n[variant.other]\n{other}\n[combination.\"one+other\"]\n"))
}

fn time_of(case: &Case, step: &str) -> String {
    let found =
        case.system.tasks[0].all_steps().find(|known| known.name == step).expect("a step of this name");
    match &found.time {
        punctual_model::StepTime::Takes(delay, _) => format!("{} {}", delay.name().text(), delay.interval()),
        punctual_model::StepTime::Instant | punctual_model::StepTime::Blocks(_) => "none".to_owned(),
    }
}

#[test]
fn operations_are_made_in_one_order_wherever_they_stand() {
    let moved = r#"move = [{ step = "job.a", after = "job.b" }]"#;
    let inserted = r#"insert = [{ after = "job.a", step = { work = "new" } }]"#;
    for operations in [format!("{moved}\n{inserted}"), format!("{inserted}\n{moved}")] {
        assert_eq!(job(&operations), "b a new c in repeat commit publish | mend");
    }
    let all = r#"
remove = ["job.c"]
unset = ["task.job.new.takes"]
set = { "task.job.new.chance" = 0.5 }
replace = [{ step = "job.b", with = { work = "other", takes = "9s" } }]
insert = [{ after = "job.c", step = { work = "new", takes = "1s" } }]
move = [{ step = "job.a", before = "job.c" }]
"#;
    assert_eq!(job(all), "b a new in repeat commit publish | mend");
    let two = r#"move = [{ step = "job.b", before = "job.a" }, { step = "job.c", before = "job.a" }]"#;
    assert_eq!(job(two), "b c a in repeat commit publish | mend", "each sees what those before it have made");
}

#[test]
fn a_step_keeps_its_name_and_its_draws_wherever_it_goes() {
    let scenario = parsed("[variant.v]\nmove = [{ step = \"stream.send#2\", before = \"stream.send\" }]\n");
    assert_eq!(steps_of(&scenario.cases[0], 1), "send sleep send#2 | ");
    assert_eq!(steps_of(&scenario.cases[1], 1), "send#2 send sleep | ");
    let scenario = parsed("[variant.v]\nmove = [{ step = \"job.a\", after = \"job.publish\" }]\n");
    assert_eq!(time_of(&scenario.cases[1], "a"), time_of(&scenario.cases[0], "a"));
    assert_eq!(time_of(&scenario.cases[1], "a"), "job.a 1s..2s");
}

#[test]
fn a_step_moves_within_its_task_also_to_another_list_and_a_repeat_with_its_steps() {
    assert_eq!(
        job(r#"move = [{ step = "job.a", before = "job.mend" }]"#),
        "b c in repeat commit publish | a mend"
    );
    assert_eq!(
        job(r#"move = [{ step = "job.repeat", before = "job.a" }]"#),
        "in repeat a b c commit publish | mend"
    );
    assert_eq!(
        job(r#"move = [{ step = "job.in", before = "job.a" }, { step = "job.b", after = "job.in" }]
remove = ["job.repeat"]"#),
        "in b a c commit publish | mend"
    );
    assert_eq!(alone(r#"move = [{ step = "job.a", after = "stream.send" }]"#), ["P0507"]);
}

#[test]
fn what_is_inserted_stands_directly_beside_and_the_second_one_next() {
    let operations = |side: &str| {
        format!(
            "insert = [{{ {side} = \"job.b\", step = {{ work = \"x\" }} }}, {{ {side} = \"job.b\", step = {{ work = \"y\" }} }}]"
        )
    };
    assert_eq!(job(&operations("after")), "a b y x c in repeat commit publish | mend");
    assert_eq!(job(&operations("before")), "a x y b c in repeat commit publish | mend");
    let named = r#"insert = [{ after = "job.b", step = { work = "x" } }, { after = "job.x", step = { work = "y" } }]"#;
    assert_eq!(job(named), "a b x y c in repeat commit publish | mend");
    let moved = r#"
insert = [{ after = "job.in", step = { work = "x" } }]
move = [{ step = "job.in", before = "job.c" }, { step = "job.b", after = "job.c" }]
remove = ["job.repeat"]"#;
    assert_eq!(job(moved), "a in x c b commit publish | mend");
}

#[test]
fn what_replaces_a_step_has_its_name_unless_it_says_one() {
    let plain = r#"replace = [{ step = "job.b", with = { work = "other", takes = "9s" } }]"#;
    let scenario = parsed(&format!("[variant.v]\n{plain}\n"));
    assert_eq!(time_of(&scenario.cases[1], "b"), "job.b 9s");
    let named = r#"replace = [{ step = "job.b", with = { work = "other", step = "new" } }]"#;
    assert_eq!(job(named), "a new c in repeat commit publish | mend");
    assert_eq!(
        job(&format!("{named}\ninsert = [{{ after = \"job.b\", step = {{ work = \"x\" }} }}]")),
        "a new x c in repeat commit publish | mend"
    );
    assert_eq!(alone(&format!("{named}\nset = {{ \"task.job.b.takes\" = \"1s\" }}")), ["P0310"]);
    assert_eq!(alone(&format!("{named}\nset = {{ \"task.job.new.takes\" = \"1s\" }}")), [""; 0]);
}

#[test]
fn keys_are_set_and_left_out_of_steps_as_they_are_by_then() {
    let operations = r#"
set = { "task.job.b.takes" = "7s", "task.job.x.takes" = "8s" }
unset = ["task.job.b.chance"]
replace = [{ step = "job.b", with = { work = "other", takes = "9s", chance = 0.5 } }]
insert = [{ after = "job.a", step = { work = "x", takes = "1s" } }]"#;
    let scenario = parsed(&format!("[variant.v]\n{operations}\n"));
    let case = &scenario.cases[1];
    assert_eq!((time_of(case, "b"), time_of(case, "x")), ("job.b 7s".to_owned(), "job.x 8s".to_owned()));
    assert!(case.system.tasks[0].steps.iter().all(|step| step.chance.is_none()));
}

#[test]
fn what_went_beside_a_step_that_is_removed_stays_where_it_is() {
    let operations = r#"
remove = ["job.b"]
insert = [{ before = "job.b", step = { work = "x" } }]
move = [{ step = "job.a", after = "job.b" }]"#;
    assert_eq!(job(operations), "x a c in repeat commit publish | mend");
}

#[test]
fn a_variant_that_contradicts_itself_is_refused() {
    let wrong = [
        r#"move = [{ step = "job.a", after = "job.b" }, { step = "job.a", after = "job.c" }]"#,
        r#"replace = [{ step = "job.a", with = { work = "x" } }, { step = "job.a", with = { work = "y" } }]"#,
        "set = { \"task.job.a.takes\" = \"1s\" }\nunset = [\"task.job.a.takes\"]",
        r#"move = [{ step = "job.a", after = "job.b" }, { step = "job.b", after = "job.c" }]"#,
        "set = { \"task.job.a.takes\" = \"1s\" }\nremove = [\"job.a\"]",
        "unset = [\"task.job.a.takes\"]\nremove = [\"job.a\"]",
        "move = [{ step = \"job.a\", after = \"job.b\" }]\nremove = [\"job.a\"]",
        "replace = [{ step = \"job.a\", with = { work = \"x\" } }]\nremove = [\"job.a\"]",
        "replace = [{ step = \"job.a\", with = { work = \"x\", step = \"new\" } }]\nremove = [\"job.new\"]",
        "insert = [{ after = \"job.a\", step = { work = \"x\" } }]\nremove = [\"job.x\"]",
        "insert = [{ after = \"job.in\", step = { work = \"x\" } }]\nremove = [\"job.repeat\"]",
        "insert = [{ after = \"job.in\", step = { work = \"x\" } }]\nreplace = [{ step = \"job.repeat\", with = { work = \"y\" } }]",
        "set = { \"task.job.in.takes\" = \"1s\" }\nremove = [\"job.repeat\"]",
        "remove = [\"job.a\", \"job.a\"]",
    ];
    for operations in wrong {
        assert!(alone(operations).starts_with(&["P0509"]), "{operations}: {:?}", alone(operations));
    }
    let right = [
        r#"move = [{ step = "job.b", after = "job.c" }, { step = "job.a", after = "job.b" }]"#,
        "move = [{ step = \"job.a\", after = \"job.b\" }]\nset = { \"task.job.a.takes\" = \"1s\" }",
        "move = [{ step = \"job.in\", after = \"job.b\" }]\nremove = [\"job.repeat\"]",
    ];
    for operations in right {
        assert_eq!(alone(operations), [""; 0], "{operations}");
    }
}

#[test]
fn a_list_of_steps_is_not_set_as_a_whole() {
    for value in ["[\"a\"]", "[{ work = \"a\" }]", "\"a\""] {
        for path in ["task.job.steps", "task.stream.loop", "task.job.repeat.steps", "client.page.timer"] {
            let text = text(&format!("[variant.v]\nset = {{ \"{path}\" = {value} }}\n"));
            let told = Scenario::parse("patched.toml", &text).expect_err("a list").to_string();
            assert!(told.contains("is a list, and cannot be set as a whole"), "{path} = {value}\n{told}");
            assert_eq!(told.matches("error").count(), 1, "{path} = {value}\n{told}");
        }
    }
}

#[test]
fn the_operations_of_a_later_variant_are_made_after_those_of_an_earlier_one() {
    let insert = |step: &str, new: &str| {
        format!("insert = [{{ after = \"job.{step}\", step = {{ work = \"{new}\" }} }}]")
    };
    assert_eq!(both(&insert("b", "x"), &insert("b", "y")), "a b y x c in repeat commit publish | mend");
    let moved = r#"move = [{ step = "job.a", after = "job.b" }]"#;
    assert_eq!(both(&insert("b", "x"), moved), "b a x c in repeat commit publish | mend");
    assert_eq!(both(moved, &insert("b", "x")), "b x a c in repeat commit publish | mend");
    assert_eq!(both(moved, &insert("a", "x")), "b a x c in repeat commit publish | mend");
}

#[test]
fn removals_wait_until_the_last_of_all() {
    let insert = r#"insert = [{ after = "job.b", step = { work = "x" } }]"#;
    let remove = r#"remove = ["job.b"]"#;
    assert_eq!(both(remove, insert), "a x c in repeat commit publish | mend");
    assert_eq!(both(insert, remove), "a x c in repeat commit publish | mend");
}

#[test]
fn what_several_say_alike_is_made_once_and_what_several_insert_is_there_several_times() {
    let alike = [
        r#"set = { "task.job.b.takes" = "1s" }"#,
        r#"unset = ["task.job.b.takes"]"#,
        r#"move = [{ step = "job.a", after = "job.b" }]"#,
        r#"replace = [{ step = "job.b", with = { work = "x" } }]"#,
        r#"remove = ["job.b"]"#,
    ];
    for operation in alike {
        assert_eq!(both(operation, operation), job(operation), "{operation}");
    }
    let insert = r#"insert = [{ after = "job.b", step = { work = "x" } }]"#;
    assert_eq!(both(insert, insert), "a b x#2 x c in repeat commit publish | mend");
}

/// Operations of two variants that cannot both be true, the earlier first.
const PAIRS: [(&str, &str); 12] = [
    (r#"set = { "task.job.b.takes" = "1s" }"#, r#"set = { "task.job.b.takes" = "4s" }"#),
    (r#"set = { "task.job.b.takes" = "1s" }"#, r#"unset = ["task.job.b.takes"]"#),
    (r#"move = [{ step = "job.a", after = "job.b" }]"#, r#"move = [{ step = "job.a", after = "job.c" }]"#),
    (
        r#"replace = [{ step = "job.a", with = { work = "x" } }]"#,
        r#"replace = [{ step = "job.a", with = { work = "y" } }]"#,
    ),
    (r#"set = { "task.job.b.takes" = "1s" }"#, r#"replace = [{ step = "job.b", with = { work = "y" } }]"#),
    (r#"replace = [{ step = "job.b", with = { work = "y" } }]"#, r#"set = { "task.job.b.takes" = "1s" }"#),
    (r#"set = { "task.job.b.takes" = "1s" }"#, r#"remove = ["job.b"]"#),
    (r#"remove = ["job.b"]"#, r#"set = { "task.job.b.takes" = "1s" }"#),
    (r#"replace = [{ step = "job.b", with = { work = "y" } }]"#, r#"remove = ["job.b"]"#),
    (r#"move = [{ step = "job.b", after = "job.c" }]"#, r#"remove = ["job.b"]"#),
    (
        r#"insert = [{ after = "job.b", step = { work = "x" } }]"#,
        r#"move = [{ step = "job.b", after = "job.c" }]"#,
    ),
    (r#"move = [{ step = "job.a", after = "job.b" }]"#, r#"move = [{ step = "job.b", after = "job.c" }]"#),
];

#[test]
fn what_is_not_true_of_a_combination_is_refused_unless_the_later_variant_overrides() {
    for (one, other) in PAIRS {
        assert_eq!(together(one, other), ["P0504"], "{one} and {other}");
        let overriding = format!("{other}\noverrides = [\"one\"]");
        assert_eq!(together(one, &overriding), [""; 0], "{one} and {overriding}");
        let scenario = parsed(&format!("[variant.one]\n{one}\n[variant.other]\n{overriding}\n"));
        let combined = scenario.combine("one+other").unwrap_or_else(|problems| panic!("{problems}"));
        let later = scenario.case(Some("other")).expect("a variant");
        assert_eq!(combined.system, later.system, "only the later operation is made: {one} and {other}");
    }
    let nested =
        together(r#"insert = [{ after = "job.in", step = { work = "x" } }]"#, r#"remove = ["job.repeat"]"#);
    assert_eq!(nested, ["P0509"], "a repeat is taken away with what the other variant puts into it");
}

#[test]
fn a_variant_is_held_against_the_base_and_against_what_it_says_instead() {
    let scenario = parsed(
        "[variant.v]\nset = { \"task.job.b.takes\" = \"1s\" }\nexpect = { no-event-lost = \"holds\" }\n\
         [variant.w]\nset = { \"task.job.c.takes\" = \"1s\" }\nexpect = { states = 9 }\n",
    );
    let expected = |case: &Case| case.checks.iter().map(|check| check.expected).collect::<Vec<_>>();
    let states = |case: &Case| case.states.map(|states| states.count);
    let [base, v, w] = &scenario.cases[..] else { panic!("three cases") };
    assert_eq!((expected(base), states(base)), (vec![None, Some(Expected::Holds)], Some(7)));
    assert_eq!((expected(v), states(v)), (vec![Some(Expected::Holds), Some(Expected::Holds)], None));
    assert_eq!((expected(w), states(w)), (vec![None, Some(Expected::Holds)], Some(9)));
    let both = scenario.combine("v+w").expect("they go together");
    assert_eq!((expected(&both), states(&both)), (vec![None, None], None));
}
