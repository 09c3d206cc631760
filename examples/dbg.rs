use punctual::sampling::Prepared;
use punctual_model::*;
use punctual_sim::explore;
fn main() {
    let text = std::fs::read_to_string("/tmp/endless.toml").unwrap();
    let sc = punctual_scenarios::Scenario::parse("x", &text).unwrap();
    let p = Prepared::new(&sc.cases[0]);
    for rules in [vec![Rule::NoEventLost], vec![Rule::StreamEnds(punctual_sim::Span::secs(15))]] {
        let plan = Plan::new(&p.case.system, &rules);
        let w = World::new(&p.case.system);
        let f = explore::every_timing(
            &w,
            &Clerk::new(&plan),
            explore::Limits { classes: 1000, bounds: 1000000, successors: 2000 },
        );
        println!("{rules:?} {f:?}");
    }
}
