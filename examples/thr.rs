use punctual::threshold::*;
use punctual_sim::Span;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let text = punctual_scenarios::library().into_iter().find(|(n, _)| *n == a[1]).unwrap().1;
    let sc = punctual_scenarios::Scenario::parse(&a[1], text).unwrap();
    let p = sc.parameter(&a[2], &a[3]).unwrap();
    let asked =
        Asked { scenario: &sc, variant: &a[2], fixed: vec![], parameter: &p, keep: &a[4], states: 200_000 };
    let d = |s: &str| punctual_scenarios::duration(s).unwrap();
    #[allow(clippy::disallowed_methods)]
    let t = std::time::Instant::now();
    match asked.regions(d(&a[5]), d(&a[6])) {
        Ok(r) => {
            println!("{} searches {:?}", r.searches, t.elapsed());
            for r in r.regions {
                println!("{:?}", r);
            }
        }
        Err(e) => println!("{e:?}"),
    }
    let _ = Span(0);
}
