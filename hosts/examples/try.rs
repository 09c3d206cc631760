use punctual_hosts::{Draws, simulate, simulate::tick_for};
fn main() {
    let mut args = std::env::args().skip(1);
    let (name, variant, runs) =
        (args.next().unwrap(), args.next().unwrap(), args.next().unwrap().parse::<u64>().unwrap());
    let lib = punctual_scenarios::library();
    let (n, t) = lib.iter().find(|(n, _)| *n == name).unwrap();
    let s = punctual_scenarios::Scenario::parse(n, t).unwrap();
    let case = s.cases.iter().find(|c| c.variant.as_deref().unwrap_or("base") == variant).unwrap();
    let tick = tick_for(&case.system);
    println!("tick {tick}");
    for run in 0..runs {
        let start = std::time::Instant::now();
        match simulate(&case.system, &Draws::Seeded { seed: 0x5eed, run }, tick) {
            Ok(r) => {
                println!(
                    "run {run}: {} steps, {} received, troubles {:?}, allowed {:?}, ended {} {:?} in {:?}",
                    r.trace.steps.len(),
                    r.received.len(),
                    r.troubles,
                    r.allowed.as_ref().map_err(|e| (e.step, &e.why, r.trace.steps.get(e.step))),
                    r.trace.ended_at,
                    r.trace.ending,
                    start.elapsed()
                );
                if run == 0 {
                    for x in r.received.iter().take(6) {
                        println!("  {} {:?}", x.at, x.bytes);
                    }
                }
            }
            Err(e) => println!("run {run}: {e}"),
        }
    }
}
