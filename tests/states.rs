//! How many states exploring keeps of each case of the library stands in its file, and is checked.
//!
//! A number that changes says that the model, or exploring, does something else than before. If that is
//! meant, `PUNCTUAL_BLESS=1 cargo test -p punctual --test states` writes the numbers of now into the
//! files; a case that has none yet gets one, if exploring comes to its end.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use punctual::budget::Budget;
use punctual::proof;
use punctual::sampling::Prepared;
use punctual::scenarios::{Case, Scenario, library};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/library/{name}.toml"))
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).expect("the library is there")
}

/// By case: how many states there are, or at which limit exploring stops.
fn states(scenario: &Scenario) -> Vec<Result<u64, String>> {
    let explore = |case: &Case| {
        let explored = proof::explore(&Prepared::new(case), Budget::of(proof::STATES)).expect("no bug");
        explored.states.map_err(|(_, limit)| limit)
    };
    scenario.cases.iter().map(explore).collect()
}

#[test]
fn every_case_of_the_library_says_how_many_states_it_has() {
    let bless = env::var_os("PUNCTUAL_BLESS").is_some();
    let mut wrong = String::new();
    for (name, _) in library() {
        let mut scenario = Scenario::parse(name, &read(name)).expect("the library is sound");
        let found = states(&scenario);
        if bless {
            let text = written(&scenario, &found);
            fs::write(path(name), &text).expect("the library can be written");
            scenario = Scenario::parse(name, &text).expect("what was written is sound");
        }
        for (case, found) in scenario.cases.iter().zip(found) {
            let stated = case.states.map(|states| states.count);
            // Of 150 messages in flight at a time not every timing can be looked at; its file says so.
            if found.is_err() && case.variant.as_deref() != Some("burst") {
                wrong += &format!("{name}, {:?}: exploring stopped\n", case.variant);
            }
            if stated != found.clone().ok() {
                let variant = case.variant.as_deref().unwrap_or("as it is written");
                wrong += &format!("{name}, {variant}: {stated:?} is stated, {found:?} was found\n");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}run with PUNCTUAL_BLESS=1 to write them down");
}

#[test]
fn a_number_is_written_wherever_the_file_has_a_place_for_it() {
    let (_, text) = library()[0];
    let scenario = Scenario::parse("one.toml", text).expect("the library is sound");
    let numbers: Vec<_> = (1_000..).take(scenario.cases.len()).map(Ok).collect();
    let again = Scenario::parse("one.toml", &written(&scenario, &numbers)).expect("it is sound");
    let stated: Vec<_> = again.cases.iter().map(|case| Ok(case.states.expect("a number").count)).collect();
    assert_eq!(stated, numbers);
    let lines = text.lines().filter(|line| line.contains("states = ")).count();
    assert_eq!(lines, scenario.cases.len());
    // From a file without any: in a table of its own, in braces, and where nothing else is expected.
    let none = "[expect]\nno-event-lost = \"holds\" # said\n\n[variant.a]\nset = { \"ends\" = \"1s after x\" }\n\
                expect = { in-order = \"any\" } # said\n\n[variant.b]\nremove = [\n  \"a.b\",\n]\n\n[combination.\"a+b\"]\n";
    let root = DeTable::parse(none).expect("it is TOML").into_inner();
    let mut text = none.to_owned();
    let mut edits: Vec<_> = [(None, 1), (Some("a"), 2), (Some("b"), 3), (Some("a+b"), 4)]
        .map(|(case, number)| edit(none, &root, case, number))
        .into_iter()
        .collect();
    apply(&mut text, &mut edits);
    let wanted = "[expect]\nno-event-lost = \"holds\" # said\nstates = 1\n\n[variant.a]\nset = { \"ends\" = \"1s after x\" }\n\
                  expect = { in-order = \"any\", states = 2 } # said\n\n[variant.b]\nremove = [\n  \"a.b\",\n]\n\
                  expect = { states = 3 }\n\n[combination.\"a+b\"]\nexpect = { states = 4 }\n";
    assert_eq!(text, wanted);
}

/// A place of a text, and what belongs there.
type Edit = (std::ops::Range<usize>, String);

/// The text of a scenario with these numbers in it; what has none keeps what it says.
fn written(scenario: &Scenario, found: &[Result<u64, String>]) -> String {
    let mut text = scenario.text().to_owned();
    let root = DeTable::parse(scenario.text()).expect("it is TOML").into_inner();
    let cases = scenario.cases.iter().zip(found);
    let known = cases.filter_map(|(case, found)| Some((case.variant.as_deref(), *found.as_ref().ok()?)));
    let mut edits: Vec<Edit> =
        known.map(|(case, number)| edit(scenario.text(), &root, case, number)).collect();
    apply(&mut text, &mut edits);
    text
}

fn apply(text: &mut String, edits: &mut [Edit]) {
    edits.sort_by_key(|(at, _)| at.start);
    for (at, new) in edits.iter().rev() {
        text.replace_range(at.clone(), new);
    }
}

/// Where the number of states of a case stands in the file, or may stand, and what to write there.
fn edit(text: &str, root: &DeTable<'_>, case: Option<&str>, number: u64) -> Edit {
    let line_end = |at: usize| text[at..].find('\n').map_or(text.len(), |end| at + end);
    let below = |table: &Spanned<DeValue<'_>>| {
        let entries = table.get_ref().as_table().expect("it is a table");
        let last = entries.iter().map(|(_, value)| value.span().end).chain([table.span().end]).max();
        let at = line_end(last.expect("at least its own end"));
        at..at
    };
    let table = |kind: &str, name: &str| root.get(kind)?.get_ref().get(name);
    let own = case.map(|name| {
        table("variant", name).or_else(|| table("combination", name)).expect("a case is in its file")
    });
    let expect = own.map_or_else(|| root.get("expect"), |own| own.get_ref().get("expect"));
    let Some(expect) = expect else {
        return (
            below(own.expect("the base expects something")),
            format!("\nexpect = {{ states = {number} }}"),
        );
    };
    if let Some(stated) = expect.get_ref().get("states") {
        return (stated.span(), number.to_string());
    }
    if text[expect.span()].starts_with('{') {
        let at = expect.span().start + text[expect.span()].trim_end_matches(['}', ' ']).len();
        return (at..at, format!(", states = {number}"));
    }
    (below(expect), format!("\nstates = {number}"))
}
