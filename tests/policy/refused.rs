//! What is no policy is told with its place.

use super::{ages, parse, rendered, wrong};
use punctual::policies::Function;

/// Bodies that are none of a policy, and what is said of each.
const NO_POLICIES: &[(&str, &str)] = &[
    ("    return 0", "returns 0.0 for status `running`"),
    ("    return -1.5", "returns -1.5"),
    ("    return math.nan", "returns nan"),
    ("    return float('inf')", "returns inf"),
    ("    return 'soon'", "returns `soon`"),
    ("    return None", "returns None"),
    ("    return True", "returns a bool"),
    ("    return [1]", "returns a list"),
    ("    pass", "returns None"),
    ("    return 1e-9", "less than a microsecond"),
    ("    return 1e10", "longer than the longest"),
    ("    while True:\n        pass", "does not come to an end"),
    ("    return get_poll_interval(job_status, elapsed_time)", "functions that call each other 40 deep"),
    ("    return random.uniform(0.1, 0.2)", "`random.uniform`: it draws at random"),
    ("    return time.time()", "`time.time`: it reads a clock"),
    ("    return datetime.datetime.now()", "it reads a clock"),
    ("    return float(os.environ['REST'])", "`os.environ`: it reaches outside"),
    ("    return open('x')", "may not use `open`"),
    ("    return math.sin(elapsed_time)", "`math.sin`: its last digit differs"),
    ("    global rest", "a name that outlives the call"),
    ("    return await_it", "NameError: name 'await_it' is not defined"),
    ("    return elapsed_time / 0", "ZeroDivisionError"),
    ("    return {'running': 1}[job_status]", "KeyError: 'completed'"),
    ("    return 1.0 + job_status", "TypeError: unsupported operand type(s) for +: 'float' and 'str'"),
    ("    try:\n        return 1\n    except Exception:\n        return 2", "may not use `try`"),
    ("    raise ValueError('no')", "raises"),
    ("    return 10 ** 400", "returns an integer beyond all floats"),
    ("    return 2 ** 70_000 % 5", "more than 65 536 bits"),
    ("    return 1 << 10 ** 30", "more than 65 536 bits"),
    ("    return 10 ** 400 * 1.0", "OverflowError: int too large to convert to float"),
    ("    return 10 ** 400 / 3", "OverflowError: integer division result too large for a float"),
    ("    return 2.0 ** 2000", "OverflowError: (34, 'Numerical result out of range')"),
    ("    return math.pow(2, 2000)", "OverflowError: math range error"),
    ("    return int(1e400)", "OverflowError: cannot convert float infinity to integer"),
    ("    return min(0.25 * 2 ** int(elapsed_time // 10), 8.0)", "int too large to convert to float"),
    ("    return min(0.25 * 2 ** int(elapsed_time // 10), 8.0)", "10240 s after the stream began"),
    ("    return min(0.25 * 1.5 ** int(elapsed_time), 8.0)", "1751 s after the stream began"),
    ("    return (-8.0) ** 0.5", "a complex number"),
    ("    return 1.000027 ** 0.5 % 1e-16 * 1e16 + 1.0", "a power whose last digit differs between platforms"),
    ("    return 0 ** -1", "ZeroDivisionError: 0.0 cannot be raised to a negative power"),
    ("    return getattr(math, 'pi')", "may not use `getattr`"),
    ("    return 'ab' * 2", "may not use `*` of a `str` and a `int`"),
    ("    return [1] + [2]", "may not use `+` of a `list` and a `list`"),
    ("    return 1 if (1,) < (2,) else 2", "to order lists"),
    ("    print(f'{undefined}')\n    return 1", "NameError: name 'undefined'"),
    ("    for x in {1, 2}:\n        return x", "the items of a set"),
    ("    rest = rest + 1\n    return rest", "UnboundLocalError"),
    ("    return -(-(2**126)*2 + int(elapsed_time))", "longer than the longest"),
    ("    return [r for r in (1, 2)][0]", "a comprehension"),
    ("    return max(0, 30 - elapsed_time)", "at an age of 30 s"),
    ("    return 1 if elapsed_time < 20 else 1 / (elapsed_time - elapsed_time)", "ZeroDivisionError"),
    ("    return 0.1 + elapsed_time % 2", "changes at more than 200 ages"),
];

#[test]
fn what_is_no_policy_is_told_with_its_place() {
    for (body, expected) in NO_POLICIES {
        let told = wrong(body);
        assert!(told.contains(expected) && told.contains("policy.py:"), "{body}\n{told}");
    }
    let whole = |source: &str, expected: &str| {
        let told = Function::parse(source, "").err().map(|refusal| rendered(source, &refusal));
        assert!(told.as_deref().is_some_and(|told| told.contains(expected)), "{source}\n{told:?}");
    };
    whole("def get_poll_interval(:\n", "this is no Python");
    whole("x = 1\n", "there is no function `get_poll_interval`");
    whole("", "there is no function `get_poll_interval`");
    for chain in ["1.0+", "-", "not ", "1 if b else ", "(", "lambda a, b: "] {
        let long =
            format!("def get_poll_interval(a, b):\n    s = a\n    return {}1.0\n", chain.repeat(200_000));
        whole(&long, "more than 600 words");
    }
    let long = format!("def get_poll_interval(a, b):\n    return [{}]\n", "1.0, ".repeat(200_000));
    whole(&long, "more than 100000 words");
    let line = |depth: usize| " ".repeat(depth + 1) + "if b:\n";
    let indented: String = (0..60).map(line).collect();
    whole(&format!("def get_poll_interval(a, b):\n{indented}{}return 1\n", " ".repeat(70)), "nested 40 deep");
    let nested = format!("def get_poll_interval(a, b):\n    return {}1.0\n", "-".repeat(400));
    whole("def get_poll_interval(a, b):\n    return 1\nget_poll_interval = 3\n", "is a int and no function");
    assert!(ages(&nested, &["x"]).unwrap_err().contains("nested so deep"));
}

#[test]
fn what_the_policy_comes_to_must_be_part_of_one_and_is_told_where_it_is_made() {
    let policy = "def get_poll_interval(job_status, elapsed_time):\n    return LIMIT\n";
    let made = [
        ("LIMIT = helper()\ndef helper():\n    return 1\n", "NameError: name 'helper'", "helper()"),
        ("class LIMIT:\n    pass\n", "may not use a class", "LIMIT"),
        ("from settings import LIMIT\n", "`settings.LIMIT`: nothing is known of it", ""),
        ("import random\nLIMIT = random.random()\n", "it draws at random", "random.random"),
        ("try:\n    LIMIT = 3\nexcept ValueError:\n    pass\n", "may not use `try`", "try:"),
        ("LIMIT = 3\nfor LIMIT in open('x'):\n    pass\n", "may not use `open`", "open"),
        (
            "LIMIT = 3\nfrom settings import *\n",
            "may come from `from settings import *`",
            "from settings import *",
        ),
        (
            "LIMIT = 3\ndef change():\n    global LIMIT\n    LIMIT = 4\nstart(change)\n",
            "`LIMIT`, which may be changed",
            "start(change)",
        ),
        ("LIMIT = 3\nglobals()['LIMIT'] = 4\n", "`LIMIT`, which may be changed", "globals()"),
        ("LIMIT = 3\ndel LIMIT\n", "may not use `del`", "del LIMIT"),
        ("from math import sin\nLIMIT = sin(1)\n", "`math.sin`: its last digit differs", "sin"),
    ];
    for (before, expected, place) in made {
        let source = format!("{before}{policy}");
        let refusal = parse(&source).ages(&["running"]).map(|ages| format!("{ages:?}")).expect_err(&source);
        let told = rendered(&source, &refusal);
        assert!(told.contains(expected) && told.contains(place), "{source}\n{told}");
    }
    let listed = "def get_poll_interval(job_status, elapsed_time):\n    return STEPS[0]\n";
    for change in [
        "STEPS.append(2)",
        "STEPS[0] = 3",
        "OTHER = STEPS\nOTHER.sort()",
        "ALL = {'a': STEPS}\nALL['a'].clear()",
        "def change():\n    STEPS.clear()\nstart(change)",
        "class Change:\n    def __init__(self):\n        STEPS.clear()\nChange()",
        "@register(STEPS)\ndef change():\n    pass",
    ] {
        let source = format!("STEPS = [1, 2]\n{change}\n{listed}");
        let refusal = parse(&source).ages(&["running"]).map(|ages| format!("{ages:?}")).expect_err(&source);
        let told = rendered(&source, &refusal);
        assert!(
            told.contains("`STEPS`, which may be changed here") && told.contains("used here"),
            "{source}\n{told}"
        );
    }
    for beside in [
        "class Change:\n    def set(self):\n        STEPS.clear()",
        "def change():\n    STEPS.clear()",
        "OTHER = [3]\nOTHER.sort()",
        "start(1)",
    ] {
        ages(&format!("STEPS = [1, 2]\n{beside}\n{listed}"), &["running"])
            .unwrap_or_else(|told| panic!("{beside}\n{told}"));
    }
}
