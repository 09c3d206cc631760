//! No text makes the parser panic, however broken it is.

use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use punctual_scenarios::{LoadError, Place, Scenario, is_scenario, library, load, load_from, scaffold};

/// Parses, and shows the problems too: places must lie within the text.
fn survives(text: &str) {
    match Scenario::parse("broken.toml", text) {
        Ok(scenario) => assert!(!scenario.cases.is_empty()),
        Err(problems) => assert!(!problems.list.is_empty() && !problems.render(false).is_empty()),
    }
}

/// A change of a text at a place that is a share of its length.
#[derive(Clone, Debug)]
enum Damage {
    Byte(u16, u8),
    Cut(u16, u16),
    Twice(u16),
    Swap(u16, u16),
    Word(u16, &'static str),
}

fn damage() -> impl Strategy<Value = Damage> {
    let words = [
        "\"",
        "[",
        "]",
        "{",
        "}",
        "=",
        "..",
        "-",
        "\"\"",
        "99999999999999999999s",
        "0us",
        "\u{e9}",
        "spawned",
        "[[task]]\n",
        "steps = []\n",
        "5e",
        "is ",
        " below ",
        "@",
        "+",
        "#2",
        "\\u0041",
        "inf",
        "1s..",
        "triangular ",
        "''",
        ",",
    ];
    prop_oneof![
        (any::<u16>(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        (any::<u16>(), 1..60_u16).prop_map(|(at, length)| Damage::Cut(at, length)),
        any::<u16>().prop_map(Damage::Twice),
        (any::<u16>(), any::<u16>()).prop_map(|(a, b)| Damage::Swap(a, b)),
        (any::<u16>(), prop::sample::select(words.to_vec())).prop_map(|(at, word)| Damage::Word(at, word)),
    ]
}

fn damaged(text: &str, damages: &[Damage]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for damage in damages {
        let at = |share: u16| usize::from(share) * bytes.len() / 65_536;
        let lines = || bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
        match *damage {
            _ if bytes.is_empty() => {}
            Damage::Byte(place, byte) => {
                let place = at(place);
                bytes[place] = byte;
            }
            Damage::Cut(place, length) => {
                let place = at(place);
                let end = (place + usize::from(length)).min(bytes.len());
                bytes.drain(place..end);
            }
            Damage::Twice(line) => {
                let mut lines = lines();
                let line = usize::from(line) * lines.len() / 65_536;
                lines.insert(line, lines[line].clone());
                bytes = lines.concat();
            }
            Damage::Swap(a, b) => {
                let mut lines = lines();
                let place = |share: u16| usize::from(share) * lines.len() / 65_536;
                let (a, b) = (place(a), place(b));
                lines.swap(a, b);
                bytes = lines.concat();
            }
            Damage::Word(place, word) => {
                let place = at(place);
                bytes.splice(place..place, word.bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_scenarios(which in 0..6_usize, damages in vec(damage(), 1..5)) {
        let mut texts: Vec<String> = library().iter().map(|(_, text)| (*text).to_owned()).collect();
        texts.push(scaffold()[0].text.clone());
        survives(&damaged(&texts[which], &damages));
    }

    #[test]
    fn texts_of_any_characters(text in "\\PC{0,200}") {
        survives(&text);
    }

    #[test]
    fn values_of_any_characters(value in "[ -~\u{e9}]{0,24}") {
        let first = scaffold()[0].text.clone();
        let value = value.replace(['\\', '"'], "");
        for place in ["5s..20s", "5ms..80ms", "300ms below 30s, 1s", "is completed for 5s", "10s after render", "counter"] {
            survives(&first.replace(place, &value));
        }
    }
}

#[test]
fn files_that_are_no_scenarios_are_refused_before_they_are_read() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(matches!(load(here), Err(LoadError::Directory { .. })));
    assert!(matches!(load(&here.join("missing.toml")), Err(LoadError::Io { .. })));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).expect("the folder for tests can be written");
        path
    };
    let binary = load(&write("binary.toml", b"about = \"\"\nscenario = \"\xff\xfe\""));
    assert!(matches!(binary, Err(LoadError::NotText { place: Place { line: 2, column: 13 }, .. })));
    assert!(matches!(load(&write("nul.toml", b"a\0b")), Err(LoadError::NotText { .. })));
    let large = load(&write("large.toml", &vec![b'#'; (1 << 20) + 1]));
    assert!(matches!(large, Err(LoadError::TooLarge { .. })));
    let empty = load(&write("empty.toml", b""));
    assert!(matches!(empty, Err(LoadError::Problems(problems)) if problems.list[0].code == "P0002"));
}

#[test]
fn what_comes_from_a_reader_is_bounded_and_called_as_it_is_told() {
    let endless = load_from(std::io::repeat(b'#'), "<stdin>").expect_err("it has no end");
    assert_eq!(endless.to_string(), "cannot read <stdin>: it is larger than 1 MiB");
    let cut = load_from(&b"scenario = \"\xe2\x82"[..], "<stdin>").expect_err("it is cut off");
    assert_eq!(cut.to_string(), "cannot read <stdin>:1:13: it is not a text in UTF-8");
    let (name, text) = library()[0];
    let read = load_from(text.as_bytes(), name).expect("it is sound");
    assert_eq!((read.name.as_str(), read.label(), read.text()), (name, name, text));
}

#[test]
fn a_file_is_passed_over_only_if_it_belongs_to_another_tool() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("foreign");
    std::fs::create_dir_all(&folder).expect("the folder for tests can be written");
    let is = |name: &str, text: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("the folder for tests can be written");
        is_scenario(&path)
    };
    assert!(!is("Cargo.toml", b"[package]\nname = \"x\"\n") && !is("fmt.toml", b"max_width = 110\n"));
    for text in library().iter().map(|(_, text)| text.as_bytes()).chain([
        &b"scenario = \"x\""[..],
        b"scenario = 1\nmax_width = 110\n",
        b"scenaro = \"x\"\n[[task]]\n",
        b"\"scenario\" = \"x\"",
        b"scenario.name = \"x\"",
        b"[package\n",
        b"a = [[[[",
        b"",
        b"# later\n",
        b"\xff",
    ]) {
        assert!(is("other.toml", text), "{}", String::from_utf8_lossy(text));
    }
    assert!(is("Cargo.punctual.toml", b"[package]\nname = \"x\"\n"));
    assert!(is_scenario(&folder.join("missing.toml")) && is_scenario(&folder));
}

#[test]
fn a_file_with_far_too_many_steps_is_refused_before_it_is_typed() {
    let first = scaffold()[0].text.clone();
    let many = first.replace("  { work = \"draw\", takes = \"5s..20s\" },\n", &"{},".repeat(20_000));
    let problems = Scenario::parse("many.toml", &many).expect_err("far too many");
    assert_eq!(problems.list[0].code, "P0108");
}

#[test]
fn a_file_without_any_events_is_refused() {
    let first = scaffold()[0].text.clone();
    let none = first
        .replace("[[event]]\nname = \"rendered\"\nterminal = true", "")
        .replace("client-ends", "no-early-end");
    let problems = Scenario::parse("none.toml", &none).expect_err("what is published must exist");
    assert!(problems.list.iter().all(|problem| problem.code == "P0301"), "{problems}");
}
