//! What a pasted policy computes with integers and floats is what a real Python computes, bit for bit: of random
//! expressions, with numbers as large as they come.

use std::io::Write;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use punctual::policies::{Function, NoSeconds};
use punctual::sim::Span;

/// Prints what each line is worth: the bits of a float, the name of an exception, or what is no number.
const DRIVER: &str = r"
import math, struct, sys
t = 12.5
for line in sys.stdin:
    try:
        value = eval(line)
        if isinstance(value, (complex, bool)):
            print('other')
        else:
            print(struct.pack('>d', float(value)).hex())
    except Exception as error:
        print(type(error).__name__)
";

/// What a real Python makes of each; `None` if there is none here.
fn real(expressions: &[String]) -> Option<Vec<String>> {
    let mut child = Command::new("python3")
        .args(["-c", DRIVER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take()?;
    let lines = expressions.join("\n") + "\n";
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().ok()?;
    let _ = writer.join();
    let lines: Vec<String> = String::from_utf8(output.stdout).ok()?.lines().map(str::to_owned).collect();
    (lines.len() == expressions.len()).then_some(lines)
}

/// What is made of it here; `None` for what is refused.
fn ours(expression: &str) -> Option<String> {
    let source = format!("import math\ndef get_poll_interval(s, t):\n    return {expression}\n");
    let function = Function::parse(&source, "").unwrap_or_else(|refusal| panic!("{refusal:?}"));
    match function.seconds("x", Span(12_500_000)) {
        Ok(value) => Some(format!("{:016x}", value.to_bits())),
        Err(NoSeconds::BeyondFloats) => Some("OverflowError".to_owned()),
        Err(NoSeconds::NoNumber(_)) => Some("other".to_owned()),
        // What it says in one way or another is not held against one of them.
        Err(why) => why.to_string().split_once("Error: ").map(|(name, _)| format!("{name}Error")),
    }
}

/// An integer and a float, each as an expression.
fn numbers() -> impl Strategy<Value = (String, String)> {
    let whole = prop_oneof![
        (-20..20_i64).prop_map(|n| format!("({n})")),
        any::<i64>().prop_map(|n| format!("({n})")),
        any::<u128>().prop_map(|n| format!("0x{n:x}")),
        (1..400_u32).prop_map(|n| format!("(2 ** {n})")),
        (1..330_u32, -9..9_i32).prop_map(|(n, more)| format!("(10 ** {n} + {more})")),
        (50..1_030_u32, 40..60_u32).prop_map(|(n, less)| format!("(2 ** {n} - 2 ** ({n} - {less}))")),
    ];
    let float = prop_oneof![
        any::<f64>().prop_map(|n| format!("{n:?}").replace("NaN", "math.nan").replace("inf", "math.inf")),
        (-4_000..4_000_i32).prop_map(|n| format!("({n} / 10)")),
        (-4_000..4_000_i32).prop_map(|n| format!("({n} / 8)")),
        Just("t".to_owned()),
        Just("5e-324".to_owned()),
        Just("-0.0".to_owned()),
        Just("1.7976931348623157e308".to_owned()),
    ];
    let float = float.prop_map(|text| format!("({text})"));
    (whole, float).prop_recursive(4, 60, 4, |inner| {
        (inner.clone(), inner.clone(), inner, 0..16_u8, 0..20_u8, 0..200_u32).prop_map(
            |((a, x), (b, y), (c, z), of_ints, of_floats, n)| {
                (int(of_ints, [&a, &b, &c], &x, n), float_of(of_floats, [&x, &y, &z], [&a, &b], n))
            },
        )
    })
}

fn int(which: u8, [a, b, c]: [&str; 3], x: &str, n: u32) -> String {
    match which {
        0 => format!("({a} + {b})"),
        1 => format!("({a} - {b})"),
        2 => format!("({a} * {b})"),
        3 => format!("({a} // {b})"),
        4 => format!("({a} % {b})"),
        5 => format!("(({a}) ** {})", n % 5),
        6 => format!("(({a}) << {n})"),
        7 => format!("(({a}) >> {n})"),
        8 => format!("(({a}) & ({b}) | ({c}) ^ ~({a}))"),
        9 => format!("int({x})"),
        10 => format!("round({x})"),
        11 => format!("round({a}, -{})", n % 30),
        12 => format!("(divmod({a}, {b})[{}] + (({a}) < ({x})))", n % 2),
        13 => format!("pow({a}, abs({b}) % 1000, {c})"),
        14 => format!("(-max({a}, {b}, {c}))"),
        _ => format!("math.floor({x})"),
    }
}

fn float_of(which: u8, [x, y, z]: [&str; 3], [a, b]: [&str; 2], n: u32) -> String {
    match which {
        0 => format!("({x} + {y})"),
        1 => format!("({x} - {y} * {z})"),
        2 => format!("({x} / {y})"),
        3 => format!("({x} // {y})"),
        4 => format!("({x} % {y})"),
        5 => format!("(({x}) ** {})", n % 12),
        6 => format!("(abs({x}) ** ({y}))"),
        7 => format!("(({a}) / ({b}))"),
        8 => format!("(({x}) * ({a}))"),
        9 => format!("(({a}) - ({x}))"),
        10 => format!("(({a}) % ({x}))"),
        11 => format!("(({x}) // ({a}))"),
        12 => format!("(({a}) ** -{})", n % 50),
        13 => format!("round({x}, {})", i64::from(n % 40) - 20),
        14 => format!("(1.5 if ({a}) <= ({x}) else 2.5 if ({a}) == ({y}) else {z})"),
        15 => format!("float({a})"),
        16 => format!("math.sqrt(abs({x}))"),
        17 => format!("math.fmod({x}, {y})"),
        18 => format!("(min({x}, {a}) * 1.0 + max({y}, {b}) * 1.0)"),
        _ => format!("(({x}) ** ({a}))"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_real_python_computes_the_same(numbers in prop::collection::vec(numbers(), 100)) {
        // What is left of an integer by a prime says as good as all of it.
        let whole = |a: &str| format!("(({a}) % 1000003)");
        let expressions: Vec<String> = numbers.iter().flat_map(|(a, x)| [whole(a), x.clone()]).collect();
        let Some(answers) = real(&expressions) else {
            assert!(std::env::var_os("CI").is_none(), "no Python: nothing was compared");
            return Ok(());
        };
        let mut compared = 0;
        for (expression, answer) in expressions.iter().zip(&answers) {
            // What is refused is not computed in another way.
            let Some(own) = ours(expression) else { continue };
            // Of what is not a number Python may keep any bits.
            let nan = |bits: &str| u64::from_str_radix(bits, 16).is_ok_and(|bits| f64::from_bits(bits).is_nan());
            prop_assert!(own == *answer || nan(&own) && nan(answer), "{expression}\nis {answer}, and {own} here");
            compared += 1;
        }
        prop_assert!(compared * 10 > expressions.len() * 8, "{compared} of {} were computed", expressions.len());
    }
}

#[test]
fn what_is_no_number_is_in_no_domain() {
    // CPython's `math.fmod` raises only where neither of its arguments is one.
    for nan in ["math.fmod(math.nan, 0.0)", "math.fmod(math.inf, math.nan)"] {
        let own = ours(nan).unwrap_or_else(|| panic!("{nan} is computed"));
        let bits = u64::from_str_radix(&own, 16).unwrap_or_else(|_| panic!("{nan} is {own}"));
        assert!(f64::from_bits(bits).is_nan(), "{nan} is {own}");
    }
    for raises in ["math.fmod(1.0, 0.0)", "math.fmod(math.inf, 1.0)"] {
        assert_eq!(ours(raises).as_deref(), Some("ValueError"), "{raises}");
    }
}

#[test]
fn nothing_to_the_power_of_minus_infinity_is_infinity() {
    // Only of a finite exponent it is an error (CPython's `float_pow` asks for infinities first).
    for nothing in ["0.0", "(-0.0)"] {
        let infinity = format!("{:016x}", f64::INFINITY.to_bits());
        assert_eq!(ours(&format!("{nothing} ** (-1e308 * 10)")), Some(infinity), "{nothing}");
    }
}
