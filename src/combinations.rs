//! All combinations of some variants of a scenario, as cases.

use punctual_scenarios::{Case, Scenario};

/// A case, and which of the variants are in it, by place; none for what is no combination of them.
pub type Combined = (Option<Vec<usize>>, Case);

/// The variants of a scenario, in the order of the file.
pub fn variants(scenario: &Scenario) -> Vec<&str> {
    let names = scenario.cases.iter().filter_map(|case| case.variant.as_deref());
    names.filter(|name| !name.contains('+')).collect()
}

/// The scenario as it is, every combination of `fixes` (which are in the order of the file), and whatever else
/// the file lists; and the combinations that contradict each other.
pub fn of(scenario: &Scenario, fixes: &[String]) -> (Vec<Combined>, Vec<String>) {
    let mut masks: Vec<usize> = (0..1_usize << fixes.len()).collect();
    masks.sort_by_key(|mask| mask.count_ones());
    let mut cases: Vec<Combined> = Vec::new();
    let mut impossible = Vec::new();
    for mask in masks {
        let chosen: Vec<usize> = (0..fixes.len()).filter(|fix| mask >> fix & 1 == 1).collect();
        if chosen.is_empty() {
            cases.extend(scenario.cases.first().map(|base| (Some(chosen), base.clone())));
            continue;
        }
        let names: Vec<&str> = chosen.iter().map(|&fix| fixes[fix].as_str()).collect();
        let name = names.join("+");
        match scenario.combine(&name) {
            Ok(case) => cases.push((Some(chosen), case)),
            Err(_) => impossible.push(name),
        }
    }
    for case in &scenario.cases {
        if !cases.iter().any(|(_, known)| known.variant == case.variant) {
            cases.push((None, case.clone()));
        }
    }
    (cases, impossible)
}
