//! punctual held against a second reading of its manual.

#[path = "reference/mod.rs"]
mod second;

#[test]
fn tmp() {
    let text = std::fs::read_to_string(std::env::var("F").unwrap()).unwrap();
    let file: toml::Table = text.parse().unwrap();
    let system = second::read::system(&file, std::env::var("V").ok().as_deref());
    let Ok(graph) = second::explore::graph(&system, 2_000_000) else { panic!("too many") };
    let broken = graph.broken();
    println!("{} states, endless {}", graph.nodes.len(), graph.is_endless());
    for (at, name) in second::ledger::INVARIANTS.iter().enumerate() {
        println!("{name}: {}", if broken >> at & 1 == 1 { "violated" } else { "holds" });
    }
}
