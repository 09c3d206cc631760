//! A policy's pasted function: asked for its lines, and what is wrong with it told where it stands in the file.
//!
//! What it says and why it is refused is another crate's (`policies`), which knows nothing of files. Here its refusals
//! get their codes and their words. A build without that crate has `unpasted` in the place of this module.

use std::ops::Range;

use punctual_model::{Limit, Sleep};
use punctual_policies::{Asked, Function, NAME, Piece, Place, Refusal, Returned, Why};
use punctual_sim::{Delay, Span};

use crate::form::{Lines, Text};
use crate::problem::{Findings, NOWHERE, Problem, Problems};
use crate::words::{did_you_mean, quoted};

/// The keys of a policy that are no statuses.
pub(crate) const KEYS: [&str; 2] = ["python", "arguments"];

/// A policy's pasted function.
pub(crate) struct Pasted<'t> {
    function: Function,
    /// Where its text stands.
    at: &'t Text,
}

/// The function that a policy asks, if it has one (`python`), called with what stands in `arguments`.
pub(crate) fn function<'t>(findings: &Findings<'_>, lines: &'t Lines) -> Option<Pasted<'t>> {
    let key = |key: &str| lines.iter().find(|(name, _)| name.value == key).map(|(_, text)| text);
    let source = key("python");
    let arguments = key("arguments");
    if let (None, Some(arguments)) = (source, arguments) {
        let problem =
            Problem::new("P0802", &arguments.at, "arguments of no function").label("nobody takes them");
        findings.add(problem.help(
            "add the function: python = \"\"\"def get_poll_interval(job_status, elapsed_time): …\"\"\"",
        ));
    }
    let at = source.filter(|source| !findings.stands_in(&source.at))?;
    if arguments.is_some_and(|arguments| findings.stands_in(&arguments.at)) {
        return None;
    }
    let given = arguments.map_or("", |arguments| arguments.value.as_str());
    match Function::parse(&at.value, given) {
        Ok(function) => Some(Pasted { function, at }),
        Err(refusal) => {
            refuse(findings, at, arguments, &refusal);
            None
        }
    }
}

impl Pasted<'_> {
    /// Fills in the lines of all statuses that have none.
    pub(crate) fn fill(
        &self,
        name: &str,
        statuses: &[String],
        by_status: &mut [Option<Vec<Sleep>>],
    ) -> Result<(), Refusal> {
        let open = statuses.iter().zip(by_status).filter(|(_, line)| line.is_none());
        let (open, lines): (Vec<&str>, Vec<_>) = open.map(|(status, line)| (status.as_str(), line)).unzip();
        for ((status, pieces), line) in self.function.ages(&open)?.by_status.into_iter().zip(lines) {
            *line = Some(sleeps(&format!("{name}.{status}"), &pieces));
        }
        Ok(())
    }

    /// Tells why the function is refused.
    pub(crate) fn refuse(&self, findings: &Findings<'_>, refusal: Refusal) {
        refuse(findings, self.at, None, &refusal);
    }
}

/// The line that says what a function says.
fn sleeps(name: &str, pieces: &[Piece]) -> Vec<Sleep> {
    let last = pieces.len() - 1;
    let sleep = |(place, piece): (usize, &Piece)| Sleep {
        below: (place < last).then(|| Limit::Age(Span(piece.to.0 + 1))),
        delay: Delay::uniform(&format!("{name}#{}", place + 1), piece.sleep.min, piece.sleep.max),
    };
    pieces.iter().enumerate().map(sleep).collect()
}

/// Tells why a pasted text is refused, at its place in the file; whatever is wrong with arguments where they stand.
fn refuse(findings: &Findings<'_>, text: &Text, arguments: Option<&Text>, refusal: &Refusal) {
    // What is written without escapes stands in the file as it is.
    let written = findings.text.get(text.at.clone()).and_then(|written| written.find(&text.value));
    let in_file = |at: &Range<usize>| match written {
        Some(offset) => text.at.start + offset + at.start..text.at.start + offset + at.end,
        None => text.at.clone(),
    };
    let span = match &refusal.place {
        Place::Text(at) => in_file(at),
        Place::Whole => text.at.clone(),
        Place::Arguments => arguments.unwrap_or(text).at.clone(),
    };
    let used = refusal.used.as_ref().map(in_file);
    findings.add(problem(&refusal.why, &span, used.as_ref()));
}

impl Problems {
    /// Why `source`, a file called `label`, is no policy; `option` is how its arguments were said on the command line.
    pub fn of_function(label: &str, source: &str, option: &str, refusal: &Refusal) -> Self {
        let findings = Findings::new(label, source);
        let span = match &refusal.place {
            Place::Text(span) => span.clone(),
            Place::Whole => NOWHERE,
            Place::Arguments => findings.given(option),
        };
        findings.add(problem(&refusal.why, &span, refusal.used.as_ref()));
        findings.so_far().expect_err("a problem was added")
    }
}

/// What is wrong, as a problem at `span`; `used` is where a name stands that is lost, if that is what is wrong.
fn problem(why: &Why, span: &Range<usize>, used: Option<&Range<usize>>) -> Problem {
    let problem = Problem::new(code(why), span, title(why)).label(label(why));
    let problem = match help(why) {
        Some(help) => problem.help(help),
        None => problem,
    };
    match used {
        Some(used) => problem.beside(used, "used here"),
        None => problem,
    }
}

fn code(why: &Why) -> &'static str {
    match why {
        Why::NoPython(_) => "P0801",
        Why::Nested { .. }
        | Why::Long { .. }
        | Why::NoArguments(_)
        | Why::UnknownArgument { .. }
        | Why::NoFunction
        | Why::NotAFunction(_)
        | Why::Uses(_) => "P0802",
        Why::Raises(..) | Why::Forever(_) | Why::Returns(..) => "P0803",
        Why::EveryMicrosecond(_) | Why::TooManyAges { .. } => "P0804",
    }
}

fn title(why: &Why) -> String {
    match why {
        Why::NoPython(what) => format!("this is no Python: {what}"),
        Why::Nested { words, deep } => format!(
            "the file has a statement of more than {words} words in one another, or one nested {deep} deep"
        ),
        Why::Long { words } => format!("the file has a statement of more than {words} words"),
        Why::NoArguments(text) => format!("{} are no arguments", quoted(text)),
        Why::UnknownArgument { name, known } => {
            let hint = did_you_mean(name, known.iter().map(String::as_str));
            format!("the function takes no argument {}{hint}", quoted(name))
        }
        Why::NoFunction => format!("there is no function {}", quoted(NAME)),
        Why::NotAFunction(kind) => format!("{} is a {kind} and no function", quoted(NAME)),
        Why::Uses(what) => format!("a policy may not use {what}"),
        Why::Raises(what, _) => format!("the policy raises {what}"),
        Why::Forever(_) => "the policy does not come to an end".to_owned(),
        Why::EveryMicrosecond(_) => "the policy changes with every microsecond".to_owned(),
        Why::Returns(what, Asked { status, age }) => format!(
            "the policy returns {} for status {} at an age of {}",
            returned(what),
            quoted(status),
            seconds(*age)
        ),
        Why::TooManyAges { status, most, first } => {
            let first: Vec<String> = first.iter().map(|age| seconds(*age)).collect();
            let first = match &first[..] {
                [] => String::new(),
                first => format!(": at {}, and so on", first.join(", ")),
            };
            format!("for status {} the rest changes at more than {most} ages{first}", quoted(status))
        }
    }
}

fn returned(what: &Returned) -> String {
    match what {
        Returned::None => "None".to_owned(),
        Returned::Text(text) => quoted(text),
        Returned::Typed(kind) => format!("a {kind}"),
        Returned::BeyondFloats => "an integer beyond all floats".to_owned(),
        Returned::NotAbove0(number) => number.clone(),
        Returned::TooShort(number) => format!("{number} seconds, less than a microsecond,"),
        Returned::TooLong(number) => format!("{number} seconds, longer than the longest of 1000000000s,"),
    }
}

fn label(why: &Why) -> String {
    let label = match why {
        Why::NoPython(_) => "not understood",
        Why::Nested { .. } | Why::Long { .. } | Why::NoArguments(_) | Why::UnknownArgument { .. } => "",
        Why::NoFunction | Why::NotAFunction(_) => "not it",
        Why::Uses(_) => "not part of a policy",
        Why::Raises(_, asked) | Why::EveryMicrosecond(asked) => return when(asked.as_ref()),
        Why::Forever(asked) => return format!("still here after 200 000 steps, {}", when(asked.as_ref())),
        Why::Returns(..) => "returned here",
        Why::TooManyAges { .. } => "changes here",
    };
    label.to_owned()
}

fn help(why: &Why) -> Option<String> {
    Some(match why {
        Why::NoPython(_) | Why::Uses(_) | Why::Raises(..) | Why::Forever(_) | Why::EveryMicrosecond(_) => {
            return None;
        }
        Why::Nested { .. } | Why::Long { .. } => "cut it into several".to_owned(),
        Why::NoArguments(_) | Why::UnknownArgument { .. } => {
            "write them as in a call: has_voiceover=True".to_owned()
        }
        Why::NoFunction | Why::NotAFunction(_) => {
            format!("call the policy's function {NAME}(job_status, elapsed_time)")
        }
        Why::Returns(..) => "a rest is a number of seconds above 0, such as 0.5".to_owned(),
        Why::TooManyAges { .. } => {
            "hold elapsed_time against a few constants; each is an alarm that is explored".to_owned()
        }
    })
}

/// What a function was asked when it stopped; nothing while its file is read.
fn when(asked: Option<&Asked>) -> String {
    match asked {
        Some(Asked { status, age }) => {
            format!("for status {}, {} after the stream began", quoted(status), seconds(*age))
        }
        None => "here".to_owned(),
    }
}

fn seconds(age: Span) -> String {
    let seconds = age.0 as f64 / 1e6;
    format!("{seconds} s")
}
