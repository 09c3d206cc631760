//! How many states it takes to prove what the library claims: pinned, because a number that changes
//! says that exploring, or the model, does something else than before.

use punctual::budget::Budget;
use punctual::proof::{self, Proved};
use punctual::sampling::Prepared;
use punctual::scenarios::{Expected, Scenario, library};

#[test]
fn every_claim_of_the_library_is_proved_with_so_many_states() {
    let mut told = String::new();
    for (name, text) in library() {
        let scenario = Scenario::parse(name, text).expect("the library is sound");
        for case in &scenario.cases {
            let variant = case.variant.as_deref().unwrap_or("as it is written");
            // Of 150 messages in flight at a time not every timing can be looked at; its file says so.
            if variant == "burst" {
                continue;
            }
            let prepared = Prepared::new(case);
            let mut states: Vec<u64> = Vec::new();
            for (check, proved) in
                case.checks.iter().zip(proof::explore(&prepared, Budget::of(proof::STATES)))
            {
                let rule = check.rule.name();
                let (of, broken) = match proved {
                    Proved::Holds { states } => (states, false),
                    Proved::Broken { states } => (states, true),
                    Proved::Unknown { limit, .. } => panic!("{name} {variant}: {rule}: {limit}"),
                };
                match check.expected {
                    Some(Expected::Holds) => assert!(!broken, "{name} {variant}: {rule} can be broken"),
                    Some(Expected::Violated) => assert!(broken, "{name} {variant}: {rule} cannot be broken"),
                    None => {}
                }
                if !states.contains(&of) {
                    states.push(of);
                }
            }
            let states: Vec<String> = states.iter().map(u64::to_string).collect();
            told += &format!("{name}, {variant}: {}\n", states.join(" and "));
        }
    }
    insta::assert_snapshot!("states", told);
}
