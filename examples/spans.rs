use punctual::sampling::Prepared;
fn main() {
    let mut total = 0.0;
    for (name, text) in punctual_scenarios::library() {
        let sc = punctual_scenarios::Scenario::parse(name, text).unwrap();
        for case in &sc.cases {
            let p = Prepared::new(case);
            let t = p.tally();
            #[allow(clippy::disallowed_methods)]
            let t0 = std::time::Instant::now();
            let s = punctual::proof::deliveries(&p, t.deliveries.delays(), 200_000);
            total += t0.elapsed().as_secs_f64();
            println!("{name} {:?} {:?} {:?}", case.variant, s, t0.elapsed());
        }
    }
    println!("{total}");
}
