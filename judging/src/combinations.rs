//! All combinations of some variants of a scenario, as cases.

use punctual_scenarios::{Case, Scenario};

/// The variants of a scenario, in the order of the file.
pub fn variants(scenario: &Scenario) -> Vec<&str> {
    let names = scenario.cases.iter().filter_map(|case| case.variant.as_deref());
    names.filter(|name| !name.contains('+')).collect()
}

/// The scenario as it is, every combination of `fixes` (which are in the order of the file), and whatever else
/// the file lists; and the combinations that contradict each other.
pub fn of(scenario: &Scenario, fixes: &[String]) -> (Vec<Case>, Vec<String>) {
    let mut masks: Vec<usize> = (1..1_usize << fixes.len()).collect();
    masks.sort_by_key(|mask| mask.count_ones());
    let mut cases: Vec<Case> = scenario.cases.first().cloned().into_iter().collect();
    let mut impossible = Vec::new();
    for mask in masks {
        let chosen = (0..fixes.len()).filter(|fix| mask >> fix & 1 == 1);
        let name = chosen.map(|fix| fixes[fix].as_str()).collect::<Vec<_>>().join("+");
        match scenario.combine(&name) {
            Ok(case) => cases.push(case),
            Err(_) => impossible.push(name),
        }
    }
    for case in &scenario.cases {
        if !cases.iter().any(|known| known.variant == case.variant) {
            cases.push(case.clone());
        }
    }
    (cases, impossible)
}
