//! `punctual policy`: a polling policy as it stands in production, a Python function.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::{Args, Subcommand};
use punctual_policies::{Ages, DIFFERS, Function, NoSeconds, Piece, Refusal, Unreached};
use punctual_reports::page::{Block, Cell, Order, Page, Prose, Table, Tone, terminal};
use punctual_reports::text;
use punctual_scenarios::{Axis, Problems, Put, Scenario};
use punctual_sim::Span;
use serde::Serialize;

use super::output::{Output, say};
use super::{Exit, Format};

/// Statuses that are asked for if none are named, beside those that the function itself knows.
const STATUSES: [&str; 4] = ["pending", "running", "completed", "failed"];

/// Show what a policy's Python function says, for every age at once.
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "The function is get_poll_interval(job_status, elapsed_time, …) -> seconds, as pasted. It is evaluated\n\
    with CPython's arithmetic; what is not pure is refused with its place. To judge a scenario with it:\n\
    punctual sweep SCENARIO --policy NAME=FILE.py --vary …, or `python` in the file's [policy.NAME].\n\
    Exits 0 if it is a policy, 2 if not."
)]
pub(crate) struct Policy {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// The Python file
    #[arg(required = true, value_name = "FILE.py")]
    file: Option<PathBuf>,
    #[command(flatten)]
    asked: Asked,
    /// What to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// What a function says, for programs.
#[derive(Serialize)]
struct Said<'f> {
    schema: &'static str,
    function: &'f str,
    file: String,
    statuses: Vec<Rests<'f>>,
    /// Lines that no status and no age leads to.
    unreached: Vec<Line<'f>>,
}

/// What it says of one status.
#[derive(Serialize)]
struct Rests<'f> {
    status: &'f str,
    rests: Vec<Rest>,
}

/// How long a stream rests at these ages: from the first to below the second, which the last has none of.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "each says its unit")]
struct Rest {
    from_us: u64,
    below_us: Option<u64>,
    least_us: u64,
    greatest_us: u64,
}

#[derive(Serialize)]
struct Line<'f> {
    line: usize,
    text: &'f str,
}

impl<'f> Said<'f> {
    fn of(function: &'f Function, file: &Path, ages: &'f Ages) -> Self {
        let rests = |(status, pieces): &'f (String, Vec<Piece>)| {
            let rest = |(place, piece): (usize, &Piece)| Rest {
                from_us: piece.from.0,
                below_us: (place + 1 < pieces.len()).then_some(piece.to.0 + 1),
                least_us: piece.sleep.min.0,
                greatest_us: piece.sleep.max.0,
            };
            Rests { status, rests: pieces.iter().enumerate().map(rest).collect() }
        };
        let line = |one: &'f Unreached| Line { line: one.line, text: &one.text };
        Self {
            schema: "punctual.policy/1",
            function: function.name(),
            file: file.display().to_string(),
            statuses: ages.by_status.iter().map(rests).collect(),
            unreached: ages.unreached.iter().map(line).collect(),
        }
    }
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Compare with a real Python, bit for bit, on a grid of ages that holds every edge
    Verify(Verify),
}

/// What the function is asked.
#[derive(Args, Debug)]
struct Asked {
    /// An argument beside status and age, as in a call: `has_voiceover=True`. May be repeated
    #[arg(long = "arg", value_name = "NAME=VALUE")]
    arguments: Vec<String>,
    /// The statuses to ask for
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    status: Vec<String>,
}

#[derive(Args, Debug)]
struct Verify {
    /// The Python file
    #[arg(value_name = "FILE.py")]
    file: PathBuf,
    #[command(flatten)]
    asked: Asked,
    /// The interpreter to compare with
    #[arg(long, default_value = "python3", value_name = "COMMAND")]
    python: String,
    /// Ages of each status that are compared, beside the edges
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    ages: u32,
}

/// Functions that take the place of policies of a scenario.
#[derive(Args, Debug)]
pub(crate) struct Pasted {
    /// Ask this Python function instead of a policy of the scenario. May be repeated
    #[arg(long = "policy", value_name = "NAME=FILE.py")]
    policies: Vec<String>,
    /// An argument of those functions beside status and age, as in a call: `has_voiceover=True`
    #[arg(long = "policy-arg", value_name = "NAME=VALUE", requires = "policies")]
    arguments: Vec<String>,
}

fn wrong(why: &str) -> Exit {
    say(&format!("error: {why}"));
    Exit::Wrong
}

fn read(path: &Path) -> Result<String, Exit> {
    let bytes = fs::read(path).map_err(|error| wrong(&format!("cannot read {}: {error}", path.display())))?;
    String::from_utf8(bytes).map_err(|_| wrong(&format!("{} is no text in UTF-8", path.display())))
}

impl Pasted {
    /// A dimension of one value for each function: in the scenario as it is the policy is another.
    pub(crate) fn axes(&self) -> Vec<Axis> {
        let axis = |text: &String| {
            let (name, path) = text.split_once('=')?;
            let file = Path::new(path).file_name()?.to_string_lossy().into_owned();
            Some(Axis::of_one(&format!("policy.{name}"), "as written", &file))
        };
        self.policies.iter().filter_map(axis).collect()
    }

    /// What is put into the scenario, and what is left out of it.
    pub(crate) fn read(
        &self,
        scenario: &Scenario,
        variant: &str,
        output: &Output,
    ) -> Result<(Vec<Put>, Vec<String>), Exit> {
        let (mut set, mut unset) = (Vec::new(), Vec::new());
        let arguments = (self.arguments.join(", "), options("--policy-arg", &self.arguments));
        for text in &self.policies {
            let option = format!("--policy {text}");
            let known = scenario.policies();
            let Some((name, path)) = text.split_once('=') else {
                return Err(wrong(&format!(
                    "{option}: expected NAME=FILE.py, where NAME is {}",
                    known.join(", ")
                )));
            };
            if !known.iter().any(|policy| policy == name) {
                let names: Vec<&str> = known.iter().map(String::as_str).collect();
                let near = super::select::nearest(name, &names)
                    .map_or(String::new(), |near| format!("; did you mean {near}?"));
                return Err(wrong(&format!(
                    "{option}: {} has no policy {name}{near}\npolicies: {}",
                    scenario.label(),
                    known.join(", ")
                )));
            }
            let source = read(Path::new(path))?;
            // What is wrong with it is told where it stands, and not where it is pasted.
            let parsed = Function::parse(&source, &arguments.0);
            parsed
                .and_then(|function| function.ages(&statuses(scenario)))
                .map_err(|refusal| refused(path, &source, &arguments.1, &refusal, output))?;
            let pasted = scenario.pasted(variant, name, (&source, &arguments.0), &option);
            let put = pasted.map_err(|why| wrong(&format!("{option}: {why}")))?;
            set.extend(put.0);
            unset.extend(put.1);
        }
        Ok((set, unset))
    }
}

/// Says why a file's function is no policy, where `option` says its arguments.
fn refused(label: &str, source: &str, option: &str, refusal: &Refusal, output: &Output) -> Exit {
    say(&Problems::of_function(label, source, option, refusal).render(output.color_errors));
    Exit::Wrong
}

/// An option that may be repeated, as it stands on the command line.
fn options(name: &str, values: &[String]) -> String {
    values.iter().map(|value| format!("{name} {value}")).collect::<Vec<_>>().join(" ")
}

fn statuses(scenario: &Scenario) -> Vec<&str> {
    scenario.cases[0].system.statuses.iter().map(String::as_str).collect()
}

impl Asked {
    fn function(&self, path: &Path, output: &Output) -> Result<(Function, Vec<String>), Exit> {
        let source = read(path)?;
        let function = Function::parse(&source, &self.arguments.join(", "))
            .map_err(|refusal| self.refused(path, &source, &refusal, output))?;
        let mut statuses = self.status.clone();
        if statuses.is_empty() {
            statuses = STATUSES.map(str::to_owned).to_vec();
            statuses.extend(function.texts().into_iter().filter(|text| !STATUSES.contains(&text.as_str())));
        }
        Ok((function, statuses))
    }

    fn ages(
        &self,
        path: &Path,
        function: &Function,
        statuses: &[String],
        output: &Output,
    ) -> Result<Ages, Exit> {
        let statuses: Vec<&str> = statuses.iter().map(String::as_str).collect();
        function.ages(&statuses).map_err(|refusal| self.refused(path, function.source(), &refusal, output))
    }

    fn refused(&self, path: &Path, source: &str, refusal: &Refusal, output: &Output) -> Exit {
        let option = options("--arg", &self.arguments);
        refused(&path.display().to_string(), source, &option, refusal, output)
    }
}

impl Policy {
    pub(super) fn run(self, output: &Output) -> Exit {
        let done = match (self.verb, self.file) {
            (Some(Verb::Verify(verify)), _) => verify.compared(output),
            (None, Some(file)) => show(&file, &self.asked, self.format, output),
            (None, None) => Err(Exit::Wrong),
        };
        done.unwrap_or_else(|exit| exit)
    }
}

fn show(file: &Path, asked: &Asked, format: Format, output: &Output) -> Result<Exit, Exit> {
    let (function, statuses) = asked.function(file, output)?;
    let ages = asked.ages(file, &function, &statuses, output)?;
    if let Some(text) = format.of(&Said::of(&function, file, &ages), "statuses") {
        return if output.print(&text) { Ok(Exit::AsExpected) } else { Err(Exit::Wrong) };
    }
    let mut table = Table::new("how long a stream rests, by status and age", ["status", "age", "#rest"]);
    let mut lines = Vec::new();
    for (status, pieces) in &ages.by_status {
        let mut line = Vec::new();
        for (place, piece) in pieces.iter().enumerate() {
            let last = place + 1 == pieces.len();
            let rest = if piece.sleep.is_fixed() {
                text::exactly(piece.sleep.min.0)
            } else {
                format!("{} to {}", text::exactly(piece.sleep.min.0), text::exactly(piece.sleep.max.0))
            };
            let (from, end) = (text::exactly(piece.from.0), text::exactly(piece.to.0 + 1));
            let age = match (place, last) {
                (0, true) => "any".to_owned(),
                (0, false) => format!("below {end}"),
                (_, true) => format!("from {from}"),
                _ => format!("{from} to below {end}"),
            };
            let name = if place == 0 { status.clone() } else { String::new() };
            table.rows.push(vec![Cell::plain(name), Cell::plain(age), Cell::plain(rest)]);
            let bounds = |span: Span| format!("{}us", span.0);
            let rest = if piece.sleep.is_fixed() {
                bounds(piece.sleep.min)
            } else {
                format!("{}..{}", bounds(piece.sleep.min), bounds(piece.sleep.max))
            };
            line.push(if last { rest } else { format!("{rest} below {}us", piece.to.0 + 1) });
        }
        lines.push(format!("{status} = \"{}\"", line.join(", ")));
    }
    let edges: usize = ages.by_status.iter().map(|(_, pieces)| pieces.len() - 1).sum();
    let pieces = ages.by_status.iter().flat_map(|(_, pieces)| pieces);
    let steps = pieces.filter(|piece| !piece.sleep.is_fixed()).count();
    let mut blocks = vec![Block::Table(table)];
    if !ages.unreached.is_empty() {
        blocks.push(Block::Heading(
            2,
            "unreached".into(),
            Prose::plain("What no status and no age leads to"),
        ));
        let told = ages.unreached.iter().map(|one| Prose::plain(format!("line {}: {}", one.line, one.text)));
        blocks.push(Block::List(Order::Any, told.collect()));
    }
    if output.style.verbose > 0 {
        blocks.push(Block::Heading(2, "lines".into(), Prose::plain("The same as lines of a policy")));
        blocks.extend(lines.into_iter().map(Block::Command));
    }
    let page = Page {
        title: format!("{} of {}", function.name(), file.display()),
        verdict: Prose::plain(match steps {
            0 => format!(
                "a policy: {}, {} at which it changes, exact to the microsecond",
                statuses_told(statuses.len()),
                text::count(edges as u64, "age"),
            ),
            steps => format!(
                "a policy: {}; where a rest grows with the age it is told in {}, each with a least and a greatest",
                statuses_told(statuses.len()),
                text::count(steps as u64, "step"),
            ),
        }),
        tone: Tone::Good,
        commands: Vec::new(),
        blocks,
        data: Vec::new(),
    };
    if output.print(&terminal::render(&page, &output.style)) {
        Ok(Exit::AsExpected)
    } else {
        Err(Exit::Wrong)
    }
}

fn statuses_told(count: usize) -> String {
    if count == 1 { "one status".to_owned() } else { format!("{count} statuses") }
}

/// What a real Python is asked to do: to take the statements of the file, whatever becomes of those that the function
/// does not need, to read lines of `status<TAB>microseconds`, and to print the
/// bits of what it returns.
const DRIVER: &str = r"
import __future__, ast, struct, sys
answers, sys.stdout = sys.stdout, sys.stderr
name, path, arguments = sys.argv[1], sys.argv[2], sys.argv[3]
scope, flags = {'__name__': 'policy'}, 0
for statement in ast.parse(open(path, encoding='utf-8').read(), path).body:
    if isinstance(statement, ast.ImportFrom) and statement.module == '__future__':
        for alias in statement.names:
            flags |= getattr(__future__, alias.name).compiler_flag
    try:
        exec(compile(ast.Module([statement], []), path, 'exec', flags, True), scope)
    except Exception as error:
        print('line', statement.lineno, 'raises', repr(error))
if name not in scope:
    sys.exit('there is no function ' + name)
function = scope[name]
extra = eval('dict(' + arguments + ')', scope)
for line in sys.stdin:
    status, micros = line.rstrip('\n').split('\t')
    try:
        value = function(status, int(micros) / 1000000, **extra)
        print(struct.pack('>d', float(value)).hex(), file=answers)
    except Exception as error:
        print('!' + type(error).__name__, file=answers)
";

impl Verify {
    fn compared(&self, output: &Output) -> Result<Exit, Exit> {
        let (function, statuses) = self.asked.function(&self.file, output)?;
        let ages = self.asked.ages(&self.file, &function, &statuses, output)?;
        let grid = grid(&ages, self.ages);
        let lines: Vec<String> = grid.iter().map(|(status, age)| format!("{status}\t{}", age.0)).collect();
        let lines = lines.join("\n") + "\n";
        let answers = match self.ask(function.name(), &lines) {
            Ok(answers) => answers,
            Err(why) => {
                say(&format!("not compared: {why}"));
                return Ok(Exit::Inconclusive);
            }
        };
        if answers.len() != grid.len() {
            return Err(wrong(&format!(
                "{} answered {} of {} questions",
                self.python,
                answers.len(),
                grid.len()
            )));
        }
        let mut open = 0_u64;
        for ((status, age), answer) in grid.iter().zip(&answers) {
            let mine = match function.seconds(status, *age) {
                Ok(seconds) => format!("{:016x}", seconds.to_bits()),
                Err(NoSeconds::Differs) => {
                    open += 1;
                    continue;
                }
                Err(why) => format!("!{}", why.to_string().split(':').next().unwrap_or_default()),
            };
            if mine != *answer {
                let at = age.0 as f64 / 1e6;
                return Err(wrong(&format!(
                    "for {status} at {at} s {} has {answer}, and we have {mine}",
                    self.python
                )));
            }
        }
        let left_out = match open {
            0 => String::new(),
            open => format!("    not compared: {}, of {DIFFERS}\n", text::count(open, "answer")),
        };
        let told = format!(
            "✓ {} answers of {} are the same, bit for bit: {}, every age at which it changes with its neighbours, and {} more\n{left_out}",
            text::grouped(grid.len() as u64 - open),
            self.python,
            statuses_told(statuses.len()),
            text::grouped(u64::from(self.ages)),
        );
        if output.print(&told) { Ok(Exit::AsExpected) } else { Err(Exit::Wrong) }
    }

    fn ask(&self, name: &str, lines: &str) -> Result<Vec<String>, String> {
        let mut words = self.python.split_whitespace();
        let program = words.next().ok_or("no interpreter is named")?;
        let child = Command::new(program)
            .args(words)
            .args(["-c", DRIVER, name])
            .arg(&self.file)
            .arg(self.asked.arguments.join(", "))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = child.map_err(|error| format!("{program} cannot be started: {error}"))?;
        let mut stdin = child.stdin.take().ok_or("it takes no questions")?;
        let asked = lines.to_owned();
        let writer = std::thread::spawn(move || stdin.write_all(asked.as_bytes()));
        let output = child.wait_with_output().map_err(|error| format!("{program}: {error}"))?;
        let _ = writer.join();
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{program} fails: {}", said.lines().last().unwrap_or_default()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
    }
}

/// Statuses and ages: each edge with its neighbours, even steps up to ten minutes, and factors beyond.
fn grid(ages: &Ages, count: u32) -> Vec<(String, Span)> {
    let mut grid = Vec::new();
    for (status, pieces) in &ages.by_status {
        let mut all: Vec<u64> = pieces.iter().flat_map(|piece| [piece.from.0, piece.to.0]).collect();
        all.extend(pieces.iter().flat_map(|piece| [piece.from.0.saturating_sub(1), piece.from.0 + 1]));
        let steps = u64::from(count);
        all.extend((0..steps).map(|step| step * 600_000_000 / steps + step * 7_919 % 1_000));
        all.extend((0..30).map(|power| 3_u64.pow(power)));
        all.retain(|age| *age <= Span::LONGEST.0);
        all.sort_unstable();
        all.dedup();
        grid.extend(all.into_iter().map(|age| (status.clone(), Span(age))));
    }
    grid
}
