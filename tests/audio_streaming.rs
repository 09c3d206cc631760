//! The committed report of this project's own case is what its program writes today.

#[allow(dead_code)]
#[path = "../examples/audio_streaming/main.rs"]
mod report;

#[test]
fn the_committed_report_is_what_is_computed_today() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for (place, now) in report::PLACES.into_iter().zip(report::written()) {
        let path = root.join(place);
        if std::env::var_os("PUNCTUAL_BLESS").is_some() {
            std::fs::write(&path, &now).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        let differs = committed.lines().zip(now.lines()).position(|(old, new)| old != new);
        assert!(
            committed == now,
            "{place} is old, from line {} on: cargo run --release --example audio_streaming",
            differs.map_or(committed.lines().count().min(now.lines().count()), |line| line + 1)
        );
    }
}
