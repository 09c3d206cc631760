//! Prints every example, to be looked at: `cargo run --example look -- 88 av`.

#[path = "../tests/common/mod.rs"]
mod common;

use std::io::Write as _;

use punctual_reports::style::Style;
use punctual_reports::{human, terminal, timeline};

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let flags = args.get(2).map_or("", String::as_str);
    let style = Style {
        color: flags.contains('c'),
        ascii: flags.contains('a'),
        width: args.get(1).and_then(|width| width.parse().ok()).unwrap_or(88),
        verbose: u8::from(flags.contains('v')),
    };
    let mut out = std::io::stdout().lock();
    for (name, race) in common::all() {
        writeln!(out, "## {name}\n\n{}", terminal::picture(&race, &style))?;
        writeln!(out, "{}", terminal::key([&race], &style))?;
    }
    writeln!(out, "## timeline\n\n{}", timeline::render(&common::run(), &style))?;
    writeln!(out, "## report\n\n{}", human::render(&common::report(), &style, human::Extent::default()))
}
