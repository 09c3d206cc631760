use punctual::sampling::Prepared;
#[allow(clippy::disallowed_methods)]
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let text = punctual_scenarios::library().into_iter().find(|(n, _)| *n == a[1]).unwrap().1;
    let sc = punctual_scenarios::Scenario::parse(&a[1], text).unwrap();
    let case = sc.combine(&a[2]).unwrap();
    let p = Prepared::new(&case);
    let t = std::time::Instant::now();
    let pr = punctual::proof::explore(&p, 200_000).unwrap().proved;
    println!("explore {:?} {:?}", t.elapsed(), punctual::proof::size(&p, 200_000));
    let t = std::time::Instant::now();
    let d = punctual::proof::deliveries(&p, p.tally().deliveries.delays(), 200_000);
    println!("deliveries {:?}", t.elapsed());
    for (i, r) in p.plan.rules().iter().enumerate() {
        let t = std::time::Instant::now();
        if matches!(pr[i], punctual::proof::Proved::Broken { .. }) {
            let c = punctual::proof::counterexample(&p, i, 200_000).unwrap();
            println!(
                "{} {:?} gap {:?} steps {:?}",
                r.name(),
                t.elapsed(),
                c.as_ref().map(|c| c.gap),
                c.as_ref().map(|c| c.steps())
            );
        }
    }
    let _ = d;
}
