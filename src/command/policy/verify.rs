//! `punctual policy verify`: a function, compared with what a real Python makes of it.

use std::error::Error;
use std::fmt;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::Args;
use punctual_policies::{Ages, DIFFERS, NoSeconds};
use punctual_reports::text;
use punctual_sim::Span;

use super::{Asked, count_of_statuses};
use crate::command::Exit;
use crate::command::output::{Output, say, wrong};

#[derive(Args, Debug)]
pub(super) struct Verify {
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

/// Why a real Python does not answer.
#[derive(Debug)]
enum NoAnswer {
    /// The command is empty.
    NoInterpreter,
    /// This cannot be started.
    NotStarted { program: String, error: io::Error },
    /// Its input is closed.
    NoQuestions,
    /// Nothing is heard of it any more.
    NotHeard { program: String, error: io::Error },
    /// It ended with an error, and said this last.
    Fails { program: String, said: String },
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoInterpreter => f.write_str("no interpreter is named"),
            Self::NotStarted { program, error } => write!(f, "{program} cannot be started: {error}"),
            Self::NoQuestions => f.write_str("it takes no questions"),
            Self::NotHeard { program, error } => write!(f, "{program}: {error}"),
            Self::Fails { program, said } => write!(f, "{program} fails: {said}"),
        }
    }
}

impl Error for NoAnswer {}

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
    pub(super) fn compared(&self, output: &Output) -> Result<Exit, Exit> {
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
            return Err(wrong(format!(
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
                return Err(wrong(format!(
                    "for {status} at {at} s {} has {answer}, and we have {mine}",
                    self.python
                )));
            }
        }
        let left_out = match open {
            0 => String::new(),
            open => format!("    not compared: {}, of {DIFFERS}\n", text::count(open, "answer")),
        };
        let said = format!(
            "✓ {} answers of {} are the same, bit for bit: {}, every age at which it changes with its neighbours, and {} more\n{left_out}",
            text::grouped(grid.len() as u64 - open),
            self.python,
            count_of_statuses(statuses.len()),
            text::grouped(u64::from(self.ages)),
        );
        output.printed(&said, Exit::AsExpected)
    }

    fn ask(&self, name: &str, lines: &str) -> Result<Vec<String>, NoAnswer> {
        let mut words = self.python.split_whitespace();
        let program = words.next().ok_or(NoAnswer::NoInterpreter)?;
        let spawned = Command::new(program)
            .args(words)
            .args(["-c", DRIVER, name])
            .arg(&self.file)
            .arg(self.asked.arguments.join(", "))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let program = || program.to_owned();
        let mut child = spawned.map_err(|error| NoAnswer::NotStarted { program: program(), error })?;
        let mut stdin = child.stdin.take().ok_or(NoAnswer::NoQuestions)?;
        let asked = lines.to_owned();
        let writer = std::thread::spawn(move || stdin.write_all(asked.as_bytes()));
        let output = child.wait_with_output();
        let output = output.map_err(|error| NoAnswer::NotHeard { program: program(), error })?;
        let _ = writer.join();
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().last().unwrap_or_default().to_owned();
            return Err(NoAnswer::Fails { program: program(), said });
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
