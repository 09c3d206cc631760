//! The library: scenarios that come with the command.
//!
//! They are ordinary files of the format, embedded as text, so whoever reads one sees exactly
//! what is run and can copy it to begin a scenario of their own.

/// Each scenario's name and the text of its file.
pub fn library() -> Vec<(&'static str, &'static str)> {
    vec![
        ("audio-reference", include_str!("../library/audio-reference.toml")),
        ("audio-as-documented", include_str!("../library/audio-as-documented.toml")),
        ("audio-as-coded-existing", include_str!("../library/audio-as-coded-existing.toml")),
        ("audio-as-coded-standalone", include_str!("../library/audio-as-coded-standalone.toml")),
        ("blog-as-coded", include_str!("../library/blog-as-coded.toml")),
        ("replay-sends-twice", include_str!("../library/replay-sends-twice.toml")),
        ("closed-before-drained", include_str!("../library/closed-before-drained.toml")),
        ("opened-too-late", include_str!("../library/opened-too-late.toml")),
        ("bad-weather", include_str!("../library/bad-weather.toml")),
        ("polling-policies", include_str!("../library/polling-policies.toml")),
    ]
}
