use punctual::model::*;
use punctual::sampling::Prepared;
use punctual::sim::explore::*;
use std::time::Instant;
fn main() {
    let mut all: Vec<(String, String)> =
        punctual::scenarios::library().iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
    if let Some(p) = std::env::args().nth(1).filter(|n| n.ends_with(".toml")) {
        all = vec![(p.clone(), std::fs::read_to_string(&p).unwrap())];
    }
    let only = std::env::var("ONLY").ok();
    for (name, text) in &all {
        let s = punctual::scenarios::Scenario::parse(name, text)
            .unwrap_or_else(|e| panic!("{}", e.render(false)));
        if std::env::args().nth(1).is_some_and(|n| &n != name) {
            continue;
        }
        for case in &s.cases {
            if only.as_deref().is_some_and(|o| o != case.variant.as_deref().unwrap_or("base")) {
                continue;
            }
            let prepared = Prepared::new(case);
            let rules: Vec<_> = prepared.plan.rules().to_vec();
            let groups: Vec<Vec<Rule>> = if std::env::args().nth(2).is_some() {
                rules
                    .iter()
                    .filter(|r| {
                        std::env::args().nth(2).unwrap() == "x"
                            || r.name() == std::env::args().nth(2).unwrap()
                    })
                    .map(|r| vec![*r])
                    .collect()
            } else {
                vec![rules.iter().copied().filter(|r| !matches!(r, Rule::BoundedRequests(_))).collect()]
            };
            for g in groups {
                let plan = Plan::new(&case.system, &g);
                let t = Instant::now();
                let slice = without_idle_comments(&case.system);
                let world = if seen_without_clients(&g) { World::deaf(&slice) } else { World::new(&slice) };
                let e = every_timing(
                    &world,
                    &Clerk::new(&plan),
                    Limits {
                        classes: std::env::var("LIM").ok().and_then(|l| l.parse().ok()).unwrap_or(300_000),
                    },
                );
                let names: Vec<_> = g
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| e.broken >> i & 1 == 1)
                    .map(|(_, r)| r.name())
                    .collect();
                println!(
                    "{name} {:?} {:?}: {} classes {} succ {:?} broken {names:?} limit {:?}",
                    case.variant,
                    if g.len() == 1 { g[0].name() } else { "" },
                    e.classes,
                    e.successors,
                    t.elapsed(),
                    e.limit
                );
            }
        }
    }
}
