//! Fragments of scenarios: put into the first scenario of `init`, so an example can be short.

#![allow(dead_code, reason = "each test file uses some of it")]

use punctual_scenarios::scaffold;

/// A section begins at a header; parts of a client belong to the client before them.
fn sections(text: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    for line in text.lines() {
        if line.starts_with('[') && !line.starts_with("[[client.") {
            sections.push(String::new());
        }
        let last = sections.last_mut().expect("there is a first section");
        last.push_str(line);
        last.push('\n');
    }
    sections
}

/// The header of a section, and the name in it if it is one of several.
fn head(section: &str) -> (Option<&str>, Option<&str>) {
    let mut lines = section.lines().filter(|line| !line.is_empty());
    let header = lines.next();
    let name = header.filter(|line| line.starts_with("[[")).and_then(|_| lines.next());
    (header, name)
}

/// The first scenario with a fragment in place of what the fragment says anew: sections, keys at
/// the top of the file, and steps, which take the place of `draw` or come last in the stream's loop.
pub(crate) fn with_fragment(fragment: &str) -> String {
    const DRAW: &str = "  { work = \"draw\", takes = \"5s..20s\" },\n";
    const POLL: &str = "  { poll = \"poll\" },\n";
    let mut base = sections(&scaffold()[0].text);
    let mut own = sections(fragment);
    let top = own.remove(0);
    for line in top.lines() {
        let served = ["send", "read", "announce", "comment", "close", "cursor", "poll"];
        if let Some(verb) = line.strip_prefix("{ ") {
            let stream = served.iter().any(|served| verb.starts_with(served));
            let (place, kept) = if stream { (POLL, POLL) } else { (DRAW, "") };
            let step = format!("  {},\n{kept}", line.trim_end_matches(','));
            base = base.iter().map(|section| section.replace(place, &step)).collect();
        } else if line.starts_with("# Without `ends`") {
            base[0] = without_key(&base[0], "ends");
        } else if let Some((key, _)) = line.split_once(" = ") {
            base[0] = without_key(&base[0], key) + line + "\n";
        }
    }
    base.retain(|section| head(section).0.is_none() || own.iter().all(|own| head(own) != head(section)));
    base.concat() + &own.concat()
}

fn without_key(section: &str, key: &str) -> String {
    section.split_inclusive('\n').filter(|line| !line.starts_with(key)).collect()
}

/// The indented lines after `title`.
pub(crate) fn example(entry: &str, title: &str) -> String {
    let lines = entry.lines().skip_while(|line| *line != title).skip(1);
    let own = lines.take_while(|line| line.is_empty() || line.starts_with("    "));
    let text: Vec<&str> = own.map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
    text.join("\n").trim_end().to_owned()
}
