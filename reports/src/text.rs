//! Text that fits: cleaning, cutting, padding and wrapping by columns, and numbers as people read them.
//!
//! Labels come from scenario files, so they may hold anything: control characters that move the
//! cursor, marks that turn the direction of writing, ten thousand letters. Everything printed goes
//! through [`clean`] once; after that, one `char` is one or two columns and never none, so a
//! picture can be put together cell by cell.

use unicode_width::UnicodeWidthChar;

/// The columns that `text` takes when each character stands alone.
pub fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// `text` without control characters, marks of direction and characters of no width, its white
/// space folded, and cut to `most` columns. With `ascii`, what is not ASCII is spelled or becomes `?`.
pub fn clean(text: &str, most: usize, ascii: bool) -> String {
    let mut out = String::new();
    let mut taken = 0;
    let mut space = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            space = !out.is_empty();
            continue;
        }
        if is_invisible(c) || c.width().unwrap_or(0) == 0 {
            continue;
        }
        if space {
            out.push(' ');
            taken += 1;
            space = false;
        }
        if ascii && !c.is_ascii() {
            let spelled = spell(c);
            out.push_str(spelled);
            taken += spelled.len();
        } else {
            out.push(c);
            taken += c.width().unwrap_or(0);
        }
        if taken > most {
            return cut(&out, most, ascii);
        }
    }
    out
}

/// `text` cut to `most` columns, with an ellipsis where something was cut off.
pub fn cut(text: &str, most: usize, ascii: bool) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    let dots = if ascii { "..." } else { "…" };
    if most <= columns(dots) {
        return dots.chars().take(most).collect();
    }
    let room = most - columns(dots);
    let mut out = String::new();
    let mut taken = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if taken + wide > room {
            break;
        }
        out.push(c);
        taken += wide;
    }
    out.truncate(out.trim_end().len());
    out.push_str(dots);
    out
}

/// `text` with spaces after it up to `wide` columns.
pub fn left(text: &str, wide: usize) -> String {
    format!("{text}{}", " ".repeat(wide.saturating_sub(columns(text))))
}

/// `text` with spaces before it up to `wide` columns.
pub fn right(text: &str, wide: usize) -> String {
    format!("{}{text}", " ".repeat(wide.saturating_sub(columns(text))))
}

/// `text` broken at spaces into lines of at most `wide` columns; a longer word is cut.
pub fn wrap(text: &str, wide: usize, ascii: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in unbroken(text) {
        let word = cut(&word, wide, ascii);
        if line.is_empty() {
            line = word;
        } else if columns(&line) + 1 + columns(&word) <= wide {
            line.push(' ');
            line.push_str(&word);
        } else {
            lines.push(std::mem::replace(&mut line, word));
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A shell command in lines of at most `wide` columns that is one command when pasted: broken between
/// its words with a backslash, never within quotes. A longer word is cut.
pub fn command(text: &str, wide: usize, ascii: bool) -> Vec<String> {
    if columns(text) <= wide {
        return vec![text.to_owned()];
    }
    let mut quoted = false;
    let words = text.split(|c: char| {
        quoted ^= c == '\'';
        c == ' ' && !quoted
    });
    let room = wide.saturating_sub(2);
    let mut lines = pack(&words.map(str::to_owned).collect::<Vec<_>>(), " ", room, ascii);
    let last = lines.len().saturating_sub(1);
    lines[..last].iter_mut().for_each(|line| line.push_str(" \\"));
    lines
}

/// The words of `text`; a number stays with its groups of digits and with its unit.
fn unbroken(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let bare = word.trim_end_matches(|c: char| c.is_ascii_punctuation() && c != '%');
        let goes_on =
            bare.starts_with(|c: char| c.is_ascii_digit()) || matches!(bare, "us" | "ms" | "s" | "%");
        match words.last_mut() {
            Some(last) if goes_on && last.ends_with(|c: char| c.is_ascii_digit()) => {
                last.push(' ');
                last.push_str(word);
            }
            Some(_) | None => words.push(word.to_owned()),
        }
    }
    words
}

/// `pieces` with `between` between them, in lines of at most `wide` columns that break between pieces.
pub fn pack(pieces: &[String], between: &str, wide: usize, ascii: bool) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        let piece = cut(piece, wide, ascii);
        match lines.last_mut() {
            Some(line) if columns(line) + columns(between) + columns(&piece) <= wide => {
                line.push_str(between);
                line.push_str(&piece);
            }
            Some(_) | None => lines.push(piece),
        }
    }
    lines
}

/// `5000000` as `5 000 000`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// `1 check`, `2 checks`, `50 000 runs`.
pub fn count(number: u64, one: &str) -> String {
    format!("{} {one}{}", grouped(number), if number == 1 { "" } else { "s" })
}

/// `a`, `a and b`, or `a, b and c`.
pub fn listed(words: &[String]) -> String {
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// A chance with two significant digits: `6.0e-4`; from a thousandth on in percent: `8.2 %`.
pub fn chance(value: f64) -> String {
    if value >= 0.999_5 {
        "100 %".to_owned()
    } else if value >= 0.1 {
        format!("{:.1} %", value * 100.0)
    } else if value >= 0.001 {
        format!("{:.2} %", value * 100.0)
    } else if value > 0.0 {
        format!("{value:.1e}")
    } else {
        "0".to_owned()
    }
}

/// A duration in the unit that suits it, all its digits up to microseconds below one second and
/// milliseconds above: `63 us`, `12.3 ms`, `2 s`, `142 ms`, `1.938 s`.
pub fn duration(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} us"),
        1_000..1_000_000 => format!("{} ms", decimal(us, 1_000, 3)),
        1_000_000.. => format!("{} s", decimal(us.saturating_add(500) / 1_000, 1_000, 3)),
    }
}

/// A duration with three digits, which is more than a sample knows: `508 ms`.
pub fn roughly(us: u64) -> String {
    duration(rounded(us))
}

/// The same of what lies between two ends, and is told so: with all its digits where three would put it beyond one of them.
pub fn roughly_within(us: u64, least: u64, greatest: Option<u64>) -> String {
    let within = |us: u64| least <= us && greatest.is_none_or(|greatest| us <= greatest);
    if within(us) && !within(rounded(us)) { exactly(us) } else { roughly(us) }
}

/// To three digits.
fn rounded(us: u64) -> u64 {
    let unit = 10_u64.pow(us.max(1).ilog10().saturating_sub(2));
    us.saturating_add(unit / 2) / unit * unit
}

/// A duration to the microsecond: `2.103937 s`.
pub fn exactly(us: u64) -> String {
    if us < 1_000_000 || us.is_multiple_of(1_000) {
        return duration(us);
    }
    format!("{} s", seconds(us, 6))
}

/// Two durations that are held against each other: with all their digits where fewer would make them look the same.
pub fn told_apart(one: u64, other: u64) -> [String; 2] {
    let short = [one, other].map(duration);
    if one != other && short[0] == short[1] { [one, other].map(exactly) } else { short }
}

/// A time in seconds with `digits` (3 or 6) decimals, cut rather than rounded: `23.741`.
pub fn seconds(us: u64, digits: usize) -> String {
    let fraction = format!("{:06}", us % 1_000_000);
    format!("{}.{}", us / 1_000_000, &fraction[..digits.min(6)])
}

fn decimal(value: u64, unit: u64, digits: usize) -> String {
    let text = format!("{}.{:0digits$}", value / unit, value % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Marks of direction, joiners, selectors of an emoji's shape, and the like.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{061c}' | '\u{00ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0000}'..='\u{e0fff}'
    )
}

fn spell(c: char) -> &'static str {
    match c {
        '→' => "->",
        '←' => "<-",
        '×' => "x",
        '≤' => "<=",
        '≥' => ">=",
        '–' | '—' | '−' | '·' => "-",
        '…' => "...",
        '✓' => "+",
        '✗' => "X",
        '★' => "*",
        'µ' | 'μ' => "u",
        '‘' | '’' => "'",
        '“' | '”' => "\"",
        _ => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(50_000), "50 000");
        assert_eq!(grouped(1_234_567), "1 234 567");
    }

    #[test]
    fn durations_choose_their_unit() {
        let printed: Vec<String> =
            [0, 63, 1_000, 12_300, 142_000, 1_938_000, 2_000_000].map(duration).into_iter().collect();
        assert_eq!(printed, ["0 us", "63 us", "1 ms", "12.3 ms", "142 ms", "1.938 s", "2 s"]);
        assert!(duration(u64::MAX).ends_with(" s"));
    }

    #[test]
    fn durations_that_are_held_against_each_other_differ_where_they_do() {
        assert_eq!(told_apart(5_000_001, 5_000_000), ["5.000001 s", "5 s"]);
        assert_eq!(told_apart(5_000_000, 5_000_000), ["5 s", "5 s"]);
        assert_eq!(told_apart(5_000_400, 7_000_000), ["5 s", "7 s"]);
    }

    #[test]
    fn cleaning_leaves_no_character_without_a_column() {
        let hostile = "a\u{202e}b\u{200d}\u{0301}\x1b[31mc\n\td\u{1f468}\u{200d}\u{1f469}";
        assert_eq!(clean(hostile, 80, false), "ab [31mc d\u{1f468}\u{1f469}");
        assert_eq!(clean("a → b × 2 ☃", 80, true), "a -> b x 2 ?");
    }

    #[test]
    fn cutting_keeps_within_its_columns() {
        for most in 0..12 {
            for ascii in [true, false] {
                assert!(columns(&clean(&"\u{4e16}x".repeat(5_000), most, ascii)) <= most);
            }
        }
        assert_eq!(cut("a long label", 7, false), "a long…");
    }

    #[test]
    fn wrapping_breaks_at_spaces() {
        assert_eq!(wrap("one two three", 7, false), ["one two", "three"]);
        assert!(wrap("", 7, false).is_empty());
        assert_eq!(wrap("after 12 691 states, 144 ms.", 12, false), ["after 12 691", "states,", "144 ms."]);
    }
}
