//! `punctual threshold`: for which values of a parameter an invariant holds, exactly.

mod varied;

use clap::Args;
use punctual::counterexample::Counterexample;
use punctual::story::Story;
use punctual::threshold::{Answer, Asked, Failed, Region, Safety};
use punctual::why::Why;
use punctual::{present, race};
use punctual_model::RuleId;
use punctual_reports::document::Verdict;
use punctual_reports::exact::{self, THRESHOLD};
use punctual_reports::text;
use punctual_scenarios::{BASE, Case, Parameter, Scenario};
use punctual_sim::{About, Decision, Span};

use super::exploring::Exploring;
use super::here::Here;
use super::output::{Output, bug, wrong};
use super::select::one;
use super::{Exit, Format, One};
use varied::{MOST_ROWS, Varied, values};

/// Say for which values of a parameter an invariant holds.
#[derive(Args, Debug)]
#[command(
    after_help = "A PARAMETER is a duration of the scenario by the path that `set` of a variant takes, such as\n\
    policy.poll.completed or task.worker.publish.takes.max; with =LOW..HIGH behind it, these values are\n\
    asked for, else a tenth of what the file has to ten times as much. With several parameters all but\n\
    the last are given values one after the other: =LOW..HIGH:N says how many.\n\
    Exits 0 with an answer, 3 if something is not known,\n    130 if Ctrl-C came before that was clear."
)]
pub(crate) struct Threshold {
    #[command(flatten)]
    one: One,
    /// What is varied
    #[arg(required = true, value_name = "PARAMETER")]
    parameters: Vec<String>,
    /// The invariant that must hold
    #[arg(long, value_name = "INVARIANT")]
    keep: String,
    #[command(flatten)]
    exploring: Exploring,
    /// What to print
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// A run at the edge of what is safe.
struct Edge {
    value: Span,
    case: Case,
    place: RuleId,
    found: Counterexample,
}

/// What a range comes to while the other parameters have these values: a row of the grid.
struct Choice {
    fixed: Vec<Span>,
    answer: Answer,
    edges: Vec<Edge>,
}

impl Threshold {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        let scenario = one(&self.one.scenario, output)?.scenario;
        let variant = self.one.variant.as_deref().unwrap_or(BASE);
        let varied = self.parameters.iter().map(|text| Varied::read(&scenario, variant, text));
        let varied: Vec<Varied> = varied.collect::<Result<_, _>>().map_err(wrong)?;
        let (last, others) = varied.split_last().ok_or(Exit::Wrong)?;
        if let Some(twice) = others.iter().find(|other| other.parameter.name == last.parameter.name) {
            return Err(wrong(format!("`{}` is named twice", twice.parameter.name)));
        }
        let count = others.iter().fold(1_u64, |count, other| count.saturating_mul(other.rows));
        if count > MOST_ROWS {
            return Err(wrong(format!(
                "a grid of {count} rows, more than {MOST_ROWS}: ask for fewer with :N"
            )));
        }
        let here = Here::new();
        let budget = self.exploring.budget(&here);
        let mut rows = Vec::new();
        for number in 0..count {
            let fixed = values(others, number);
            let asked = Asked {
                scenario: &scenario,
                variant,
                fixed: others.iter().map(|other| &other.parameter).zip(fixed.iter().copied()).collect(),
                parameter: &last.parameter,
                keep: &self.keep,
                budget,
            };
            let refuse = |failed| refuse(failed, output);
            let mut answer = asked.regions(last.low, last.high).map_err(refuse)?;
            let edges = edges(&asked, &mut answer).map_err(refuse)?;
            rows.push(Choice { fixed, answer, edges });
        }
        let text = self.format.of(&self.document(&scenario, &varied, &rows), "rows");
        let text = text.unwrap_or_else(|| match others {
            [] => self.line(&scenario, &rows[0], last, output),
            _ => self.grid(&scenario, &varied, &rows, output),
        });
        let unknown = |region: &Region| matches!(region.safety, Safety::Unknown { .. });
        let known = !rows.iter().flat_map(|row| &row.answer.regions).any(unknown);
        let exit = match (known, here.done()) {
            (true, _) => Exit::AsExpected,
            (false, false) => Exit::Inconclusive,
            (false, true) => Exit::Interrupted,
        };
        output.printed(&text, exit)
    }

    fn title(&self, scenario: &Scenario) -> String {
        let variant = self.one.variant.as_deref().map(|variant| format!(" {variant}"));
        format!("{}{}: {}", scenario.name, variant.unwrap_or_default(), self.keep)
    }

    /// One parameter: its regions, and a run at each edge.
    fn line(&self, scenario: &Scenario, row: &Choice, varied: &Varied, output: &Output) -> String {
        let Varied { parameter, .. } = varied;
        let mut out = format!("{} over {} (now {})\n\n", self.title(scenario), parameter.name, parameter.now);
        let regions: Vec<(String, String)> =
            row.answer.regions.iter().map(|region| (between(region), self.said(region, output))).collect();
        let wide = regions.iter().map(|(between, _)| text::columns(between)).max().unwrap_or(0);
        for (between, said) in regions {
            out += &format!("  {}  {said}\n", text::left(&between, wide));
        }
        out += &format!("\n  {}\n", summary(&row.answer.regions, parameter));
        for edge in &row.edges {
            out += &edge.text(output);
        }
        out
    }

    /// Several parameters: which values of the last are safe for each value of the others.
    fn grid(&self, scenario: &Scenario, varied: &[Varied], rows: &[Choice], output: &Output) -> String {
        let (last, others) = varied.split_last().expect("there is a parameter");
        let mut out = format!("{}, safe values of {}\n\n", self.title(scenario), last.parameter.name);
        let heads: Vec<&str> = others.iter().map(|other| other.parameter.name.as_str()).collect();
        let wide = |column: usize| {
            let cells = rows.iter().map(|row| text::columns(&row.fixed[column].to_string()));
            cells.max().unwrap_or(0).max(text::columns(heads[column]))
        };
        let line = |cells: Vec<String>, said: &str| {
            let cells = cells.iter().enumerate().map(|(column, cell)| text::right(cell, wide(column)));
            format!("  {}  {said}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned() + "\n"
        };
        out += &line(heads.iter().map(|head| (*head).to_owned()).collect(), &last.parameter.name);
        for row in rows {
            let cells = row.fixed.iter().map(Span::to_string).collect();
            let part = |region: &Region| match &region.safety {
                Safety::Safe { .. } => Some(between(region)),
                Safety::Breaks => None,
                Safety::Unknown { .. } => Some(format!("{} unknown", between(region))),
            };
            let safe: Vec<String> = row.answer.regions.iter().filter_map(part).collect();
            let glyphs = output.style.glyphs();
            let said = if safe.is_empty() { format!("{} none", glyphs.cross) } else { safe.join(", ") };
            out += &line(cells, &said);
        }
        out += &format!(
            "\n  asked for from {} to {}; proved for the whole of each range that is named\n",
            last.low, last.high
        );
        out
    }

    fn said(&self, region: &Region, output: &Output) -> String {
        let glyphs = output.style.glyphs();
        match &region.safety {
            Safety::Safe { states } => {
                format!("{} proved for all of them ({})", glyphs.tick, text::count(*states, "state"))
            }
            Safety::Breaks => format!("{} broken", glyphs.cross),
            Safety::Unknown { limit } => format!("? not known: {limit}"),
        }
    }

    fn document(&self, scenario: &Scenario, varied: &[Varied], rows: &[Choice]) -> exact::Thresholds {
        let (last, others) = varied.split_last().expect("there is a parameter");
        let row = |row: &Choice| exact::ThresholdRow {
            at_us: others
                .iter()
                .zip(&row.fixed)
                .map(|(one, at)| (one.parameter.name.clone(), at.0))
                .collect(),
            regions: row.answer.regions.iter().map(|region| region_of(region, &row.edges)).collect(),
        };
        exact::Thresholds {
            schema: THRESHOLD.to_owned(),
            scenario: scenario.name.clone(),
            variant: self.one.variant.clone(),
            invariant: self.keep.clone(),
            parameter: last.parameter.name.clone(),
            now_us: last.parameter.now.0,
            rows: rows.iter().map(row).collect(),
        }
    }
}

/// So far apart is what is not concurrent at all.
const NO_RACE: Span = Span(1_000_000_000_000);
/// What is said of events that come at one instant in any timing: of these only the order is open.
const TIES: &str = ", but for what always comes at one instant, in either order";

impl Edge {
    /// The run, in words and as a picture.
    fn text(&self, output: &Output) -> String {
        let Self { value, case, place, found } = self;
        let rule = case.check(*place).rule;
        let story = Story::of(&case.system, &found.trace);
        let Some(breach) = found.breach(*place) else { return String::new() };
        let separation = match found.separation {
            Some(Span::ZERO) => "only if two events tie".to_owned(),
            Some(separation) if separation >= NO_RACE => "no two events of it are concurrent".to_owned(),
            Some(separation) => {
                let is_tie = |decision: &Decision| decision.about == About::Tie;
                let ties = if found.trace.decisions.iter().any(is_tie) { TIES } else { "" };
                format!("its concurrent events are {separation} apart, or more{ties}")
            }
            None => String::new(),
        };
        let why = Why::of(&story, rule, breach);
        let said = format!("at {value}: {}; {separation}", present::said(&story, &why, found));
        let picture = race::of_why(&story, &why);
        format!("\n{}\n\n{}", output.wrapped(&said), output.picture(&picture))
    }
}

fn refuse(failed: Failed, output: &Output) -> Exit {
    match failed {
        Failed::Problems(problems) => output.refuse(&problems),
        Failed::Wrong(why) | Failed::NoDifference(why) => wrong(why),
        Failed::Disagreement(disagreement) => bug(disagreement),
    }
}

/// A run at each value that breaks next to one that is safe. What cannot be replayed is not known.
fn edges(asked: &Asked<'_>, answer: &mut Answer) -> Result<Vec<Edge>, Failed> {
    let mut edges = Vec::new();
    let safe =
        |region: Option<&Region>| region.is_some_and(|region| matches!(region.safety, Safety::Safe { .. }));
    for place in 0..answer.regions.len() {
        if answer.regions[place].safety != Safety::Breaks {
            continue;
        }
        let Region { from, to, .. } = answer.regions[place];
        let below = place > 0 && safe(answer.regions.get(place - 1));
        let above = safe(answer.regions.get(place + 1));
        // Where nothing is safe, one run shows it.
        let alone = answer.regions.len() == 1;
        for value in [(below || alone).then_some(from), above.then_some(to)].into_iter().flatten() {
            match asked.breaking_run(value)? {
                Some((case, place, found)) => edges.push(Edge { value, case, place, found }),
                None => {
                    let limit = "what breaks it at the edge could not be replayed".to_owned();
                    answer.regions[place].safety = Safety::Unknown { limit };
                }
            }
        }
    }
    Ok(edges)
}

fn between(region: &Region) -> String {
    if region.from == region.to {
        region.from.to_string()
    } else {
        format!("{} to {}", region.from, region.to)
    }
}

/// What the regions come to, in a sentence.
fn summary(regions: &[Region], parameter: &Parameter) -> String {
    let name = &parameter.name;
    match regions {
        [Region { safety: Safety::Safe { .. }, .. }] => "safe for every value that was asked for".to_owned(),
        [Region { safety: Safety::Breaks, .. }] => "no value that was asked for is safe".to_owned(),
        [Region { safety: Safety::Safe { .. }, to, .. }, Region { safety: Safety::Breaks, from, .. }] => {
            format!("largest safe {name}: {to}; at {from} it breaks")
        }
        [Region { safety: Safety::Breaks, to, .. }, Region { safety: Safety::Safe { .. }, from, .. }] => {
            format!("smallest safe {name}: {from}; at {to} it breaks")
        }
        regions => {
            let safe = regions.iter().filter(|region| matches!(region.safety, Safety::Safe { .. }));
            let safe: Vec<String> = safe.map(between).collect();
            if safe.is_empty() {
                "no value is known to be safe".to_owned()
            } else {
                format!("safe: {}", safe.join(", "))
            }
        }
    }
}

fn region_of(region: &Region, edges: &[Edge]) -> exact::Region {
    let (verdict, states, limit) = match &region.safety {
        Safety::Safe { states } => (Verdict::Holds, Some(*states), None),
        Safety::Breaks => (Verdict::Violated, None, None),
        Safety::Unknown { limit } => (Verdict::Unknown, None, Some(limit.clone())),
    };
    let runs = edges.iter().filter(|edge| region.from <= edge.value && edge.value <= region.to);
    let runs = runs.map(|edge| exact::EdgeRun {
        at_us: edge.value.0,
        id: edge.found.id.clone(),
        steps: edge.found.steps() as u64,
        smallest_gap_us: edge.found.smallest_separation.0,
    });
    exact::Region { from_us: region.from.0, to_us: region.to.0, verdict, states, limit, runs: runs.collect() }
}
