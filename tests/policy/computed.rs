//! What a function says is what a real Python computes, at every age.

use std::process::Command;

use super::{ages, parse};

use crate::common::{self, Folder};
use proptest::prelude::*;
use punctual::policies::{Function, NoSeconds};
use punctual::sim::Span;

/// The function that the analysis proposes, as pasted there.
const PROPOSED: &str = r#"
def get_poll_interval(job_status: str, elapsed_time: float, has_voiceover: bool = False) -> float:
    """Get optimal polling interval based on job stage"""
    # Use faster polling for voiceover jobs to catch tts_completed events quickly
    if has_voiceover and job_status in ['running', 'completed']:
        return 0.2  # Very fast polling for voiceover jobs
    
    if job_status == 'pending':
        return 1.0
    elif job_status == 'running':
        if elapsed_time < 30:
            return 0.3
        elif elapsed_time < 120:
            return 0.5
        else:
            return 1.0
    else:
        return 0.5  # Faster polling for completed jobs (was 2.0)
"#;

/// A policy in the file that it stands in: whatever is beside it does not matter.
const SURROUNDED: &str = r#"
from __future__ import annotations
import os, sys, random
from dataclasses import dataclass, field
from somewhere_else import Settings, register
try:
    import numpy as np
except ImportError:
    np = None

FAST = 0.2
STEPS = [(30, 0.3), (120, 0.5)]
SEEN = []
BACK_OFF: dict[str, float] = {"running": 2}

@dataclass
class Poller(Settings):
    interval: float = FAST
    steps: list = field(default_factory=list)

    def next(self, status):
        global FAST
        FAST = random.random()
        return random.random() + os.getpid()

@register("poll")
async def handler(request, *args, poller=None, **kwargs):
    async for part in request:
        yield await part
    with open("log") as log:
        log.write([line for line in args])

def helper(job_status: str, limit: Undefined = 3) -> float:
    return BACK_OFF.get(job_status, 1.0) * limit / 3

def get_poll_interval(job_status: str, elapsed_time: float) -> float:
    for limit, rest in STEPS:
        if elapsed_time < limit:
            return rest
    return helper(job_status) + FAST

SEEN.append(1)
app = Settings(os.environ["HOME"])
while app:
    app = app.parent
del np
lambda_rate = lambda x: x ** 2
match sys.argv:
    case [name, *rest]:
        STARTED = name
raise SystemExit if __name__ == "__main__" else None
"#;

/// Functions that use what a policy may use, and round in every way that Python does.
const ALL_KINDS: [(&str, &str); 21] = [
    ("proposed", PROPOSED),
    (
        "ramp",
        "def get_poll_interval(job_status, elapsed_time):\n    return min(5.0, 0.5 + elapsed_time * 0.1)\n",
    ),
    (
        "steps",
        "import math\nSTEPS = [(10, 0.25), (60.5, 0.7), (math.inf, 2)]\ndef get_poll_interval(job_status, elapsed_time):\n    for limit, rest in STEPS:\n        if elapsed_time <= limit:\n            return rest\n",
    ),
    (
        "table",
        "TABLE = {'pending': 1.0, 'running': {'early': 0.3, 'late': 1.1}}\ndef get_poll_interval(job_status: str, elapsed_time: float):\n    rest = TABLE.get(job_status, 2.0)\n    if isinstance_of(rest):\n        return rest['early'] if elapsed_time < 1e2 else rest['late']\n    return rest\ndef isinstance_of(value):\n    return value not in (1.0, 2.0)\n",
    ),
    (
        "minutes",
        "def get_poll_interval(job_status, elapsed_time):\n    minutes = elapsed_time / 60\n    return 0.1 * 3 if minutes < 0.1 + 0.2 else round(7 / 3, 2)\n",
    ),
    (
        "floor",
        "def get_poll_interval(job_status, elapsed_time):\n    return 0.5 + 0.1 * min(int(elapsed_time // 30), 4)\n",
    ),
    (
        "power",
        "def get_poll_interval(job_status, elapsed_time):\n    attempt = min(5, int(elapsed_time / 10))\n    return 0.2 * 2 ** attempt\n",
    ),
    (
        "float_power",
        "def get_poll_interval(job_status, elapsed_time):\n    return 1.5 ** min(3, int(elapsed_time) // 20) * 0.3\n",
    ),
    (
        "round",
        "def get_poll_interval(job_status, elapsed_time):\n    a = round(2.675, 2) + round(0.125, 2) + round(2.5) + round(-0.5) + (-0.0) ** 3\n    return a if elapsed_time > 3.3 else round(a / 7, 3)\n",
    ),
    (
        "chain",
        "def get_poll_interval(job_status, elapsed_time):\n    return 0.4 if 5 <= elapsed_time < 15.25 else 0.9 if not elapsed_time >= 100 else 3\n",
    ),
    (
        "loop",
        "def get_poll_interval(job_status, elapsed_time):\n    rest, limit = 0.1, 4.0\n    while elapsed_time > limit and rest < 3:\n        rest *= 1.7\n        limit += limit / 2\n    return rest\n",
    ),
    (
        "logged",
        "import logging\nlogger = logging.getLogger(__name__)\nfrom typing import Optional\ndef get_poll_interval(job_status: str, elapsed_time: float) -> Optional[float]:\n    logger.debug('poll %s', job_status)\n    print(f'{job_status} after {elapsed_time}')\n    return 1 if elapsed_time else 0.1\n",
    ),
    (
        "mod",
        "def get_poll_interval(job_status, elapsed_time):\n    return 0.3 + (-7.5 % 2.0) + (7.5 // -2.0) * -0.1 + (-7 // 2) * -0.1 + divided(9)\ndef divided(n):\n    return n / 7 if n > 0 else divided(-n)\n",
    ),
    (
        "kinds",
        "D = 0.5\ndef get_poll_interval(job_status, elapsed_time, d=D):\n    same = (1, 2) == [1, 2] or (1, 2) != (1, 2)\n    size = len({1, 1, 1}) + len({'a': 1, 'a': 2}) + {'a': 1, 'a': 4}['a']\n    both = (elapsed_time > 3) & True\n    return d + size * 0.1 + (5 if same else 0) + (0.25 if both is True else 0)\nD = 2.0\n",
    ),
    (
        "bound",
        "def get_poll_interval(job_status, elapsed_time):\n    return 1.0\ndef fast(job_status, elapsed_time):\n    n = min(int(elapsed_time), 20) - 5\n    return 0.1 + __import_free(n)\ndef __import_free(n):\n    return (n * n) ** 2 * 0.001\nget_poll_interval = fast\n",
    ),
    (
        "growth",
        "def get_poll_interval(job_status, elapsed_time):\n    return 0.1 * 1.5 ** min(int(elapsed_time), 9) + 2.0 ** -3 + 3 ** -2\n",
    ),
    (
        "back_off",
        "def get_poll_interval(job_status, elapsed_time):\n    n = min(int(elapsed_time // 3), 900)\n    return min(0.25 * 2 ** n, 8.0)\n",
    ),
    (
        "gentle",
        "def get_poll_interval(job_status, elapsed_time):\n    if job_status == 'running':\n        return min(0.1 * 1.5 ** min(elapsed_time / 7, 700), 5.0)\n    return (1 + min(elapsed_time, 1e6)) ** 0.5 / 4\n",
    ),
    (
        "large",
        "BITS = 1 << 300\ndef get_poll_interval(job_status, elapsed_time):\n    n = 3 ** 400 + min(int(elapsed_time) // 100, 20)\n    part = (n * n // BITS % 97 + (n >> 200 & 31) + (~n & 7)) / 3 ** 5\n    return part + BITS / 3 ** 190 * 1e-1 + (0.5 if n > 1e190 else 0.25)\n",
    ),
    ("surrounded", SURROUNDED),
    (
        "text",
        "def get_poll_interval(job_status, elapsed_time):\n    status = job_status.strip().lower()\n    return float('0.7') if status.startswith('run') and 'n' in status else 1.3\n",
    ),
];

#[test]
fn the_proposed_function_is_a_table_with_exact_edges() {
    let folder = Folder::of("policy-shown");
    folder.write("policy.py", PROPOSED);
    folder.run("policy policy.py").exits(0).shows(&[
        "4 statuses, 2 ages at which it changes",
        "below 30 s           300 ms",
        "30 s to below 120 s  500 ms",
        "line 6: return 0.2",
    ]);
    folder
        .run("policy policy.py --arg has_voiceover=True --status running,failed")
        .exits(0)
        .shows(&["running  any  200 ms", "failed   any  500 ms"]);
    folder.run("policy policy.py --arg has_voicover=True").exits(2).says(&["did you mean `has_voiceover`?"]);
    folder.run("policy policy.py --arg has_voiceover=open('x')").exits(2).says(&["are no arguments"]);
    folder.run("policy nothing.py").exits(2).says(&["cannot read nothing.py"]);
    folder.run("policy").exits(2);
}

#[test]
fn a_real_python_computes_the_same_bits() {
    let found = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        let said = "NO PYTHON: nothing was compared with a real interpreter";
        assert!(std::env::var_os("CI").is_none(), "{said}");
        #[expect(clippy::print_stderr, reason = "whoever runs this must see that it did nothing")]
        {
            eprintln!("{said}");
        }
        return;
    }
    let folder = Folder::of("policy-verified");
    for (name, source) in ALL_KINDS {
        folder.write(&format!("{name}.py"), source);
        let mut command = folder.command(&format!("policy verify {name}.py --python python3 --ages 500"));
        for variable in ["PATH", "HOME"] {
            command.envs(std::env::var_os(variable).map(|value| (variable, value)));
        }
        let ran = common::Ran::from(command.output().expect("it starts")).exits(0);
        ran.shows(&["are the same, bit for bit"]);
    }
}

#[test]
fn without_a_python_nothing_is_claimed() {
    let folder = Folder::of("policy-no-python");
    folder.write("policy.py", PROPOSED);
    folder
        .run("policy verify policy.py --python no-such-python")
        .exits(3)
        .says(&["not compared: no-such-python cannot be started"]);
}

#[test]
fn an_edge_is_exact_however_it_is_computed() {
    let edge = |source: &str| {
        let ages = ages(source, &["running"]).unwrap_or_else(|told| panic!("{told}"));
        ages.by_status[0].1.iter().map(|piece| piece.from.0).collect::<Vec<_>>()
    };
    let of = |test: &str| edge(&format!("def get_poll_interval(s, t):\n    return 1.0 if {test} else 2.0\n"));
    assert_eq!(of("t < 30"), [0, 30_000_000]);
    assert_eq!(of("t <= 30"), [0, 30_000_001]);
    assert_eq!(of("not t > 0.1 + 0.2"), [0, 300_001]);
    assert_eq!(of("int(t * 1000) != 1500"), [0, 1_500_000, 1_501_000]);
    assert_eq!(of("t / 60 < 2 or t > 3600"), [0, 120_000_000, 3_600_000_001]);
    assert_eq!(of("round(t) == 2"), [0, 1_500_000, 2_500_001], "half goes to the even one");
    assert_eq!(of("t // 7 == 1"), [0, 7_000_000, 14_000_000]);
}

/// Ages around those at which random functions change.
fn some_ages() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(prop_oneof![0..200_000_000_u64, 0..2_000_000_000_000_u64], 60)
}

/// A random function of comparisons with the age.
fn some_function() -> impl Strategy<Value = String> {
    let number = || {
        prop_oneof![
            (1..400_u32).prop_map(|n| format!("{n}")),
            (1..4_000_u32).prop_map(|n| format!("{}.{}", n / 10, n % 10))
        ]
    };
    let left = prop_oneof![
        Just("elapsed_time".to_owned()),
        Just("(elapsed_time / 60)".to_owned()),
        Just("(elapsed_time * 3 - 1)".to_owned()),
        Just("int(elapsed_time)".to_owned()),
        Just("round(elapsed_time, 1)".to_owned()),
        Just("abs(elapsed_time - 50)".to_owned()),
        Just("(elapsed_time // 10)".to_owned()),
    ];
    let op = prop_oneof![Just("<"), Just("<="), Just(">"), Just(">="), Just("=="), Just("!=")];
    let rest = prop_oneof![
        4 => (1..5_000_u32).prop_map(|rest| format!("{rest} / 1000")),
        1 => (1..90_u32).prop_map(|steep| format!("min(5, 0.1 + elapsed_time / {steep})")),
        1 => (1..90_u32).prop_map(|wide| format!("0.2 * 2 ** min(5, int(elapsed_time) // {wide})")),
        1 => (1..90_u32, 1..900_u32).prop_map(|(wide, most)| {
            format!("min(0.2 * 2 ** min({most}, int(elapsed_time) // {wide}), {wide}.5)")
        }),
        1 => (1..90_u32, 1..90_u32).prop_map(|(wide, more)| {
            format!("min(0.1 * 1.{more:02} ** min(600, elapsed_time / {wide}), 9.5)")
        }),
    ];
    let branch = (left, op, number(), rest);
    prop::collection::vec(branch, 1..5).prop_map(|branches| {
        let mut source = "def get_poll_interval(job_status, elapsed_time):\n".to_owned();
        for (left, op, right, rest) in branches {
            source.push_str(&format!("    if {left} {op} {right}:\n        return {rest}\n"));
        }
        source + "    return 7.5\n"
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_table_of_all_ages_says_what_the_function_says_at_each(source in some_function(), ages in some_ages()) {
        let function = parse(&source);
        let Ok(table) = function.ages(&["running"]) else { return Ok(()) };
        let pieces = &table.by_status[0].1;
        prop_assert_eq!((pieces[0].from, pieces[pieces.len() - 1].to), (Span::ZERO, Span::LONGEST));
        let edges = pieces.iter().flat_map(|piece| [piece.from.0, piece.to.0]);
        let near = edges.flat_map(|edge| [edge.saturating_sub(1), edge, edge + 1]).filter(|age| *age <= Span::LONGEST.0);
        for age in near.chain(ages) {
            let piece = pieces.iter().find(|piece| piece.from.0 <= age && age <= piece.to.0).expect("all ages are there");
            // Where Python may say one thing or another, none of them is held against the table.
            let seconds = match function.seconds("running", Span(age)) {
                Err(NoSeconds::Differs) => continue,
                seconds => seconds.expect("it returns"),
            };
            let micros = (seconds * 1e6).round_ties_even() as u64;
            prop_assert!(piece.sleep.min.0 <= micros && micros <= piece.sleep.max.0, "{age}: {micros}, {piece:?}\n{source}");
        }
    }

    #[test]
    fn whatever_is_pasted_is_a_policy_or_told(text in "(?s).{0,200}") {
        let source = format!("def get_poll_interval(job_status, elapsed_time):\n    {text}\n    return 1.0\n");
        let _ = Function::parse(&source, "").map(|function| function.ages(&["running"]).is_ok());
    }
}

#[test]
fn what_a_function_says_is_told_to_programs_too() {
    let folder = Folder::of("policy-json");
    folder.write("poll.py", PROPOSED);
    let ran = folder.run("policy poll.py --status running,completed --format json").exits(0);
    let answer: serde_json::Value = serde_json::from_str(&ran.stdout).expect("it is JSON");
    assert_eq!(
        (&answer["schema"], &answer["function"]),
        (&"punctual.policy/1".into(), &"get_poll_interval".into())
    );
    let rests = answer["statuses"][0]["rests"].as_array().expect("a list");
    let told: Vec<_> =
        rests.iter().map(|rest| (rest["below_us"].as_u64(), rest["least_us"].as_u64())).collect();
    let expected =
        [(Some(30_000_000), Some(300_000)), (Some(120_000_000), Some(500_000)), (None, Some(1_000_000))];
    assert_eq!(told, expected);
    let lines = folder.run("policy poll.py --status running,completed --format jsonl").exits(0).stdout;
    assert_eq!(lines.lines().count(), 3, "what it is of, and a line for each status: {lines}");
}
