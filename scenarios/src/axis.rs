//! A parameter of a scenario and the values that it is given in turn: one dimension of a sweep.
//!
//! ```text
//! policy.poll.completed=100ms..3s:30         thirty values, evenly spaced
//! stream.poll.completed=10ms..10s:16:log     the same policy by the step that asks it; evenly spaced factors
//! client.timeout=1s,2s,5s                    the only timer of the only client
//! store.events.keep=10..100:4                a number
//! variant=base,fix-1,fix-2+fix-3             which variant
//! ```

mod wrong;

use punctual_sim::Span;

use crate::duration::duration;
use crate::names::BASE;
use crate::parameter::{Parameter, Put};
use crate::scenario::Scenario;
use crate::wanted::{Wanted, quote};

use self::wrong::MOST;

pub use self::wrong::{Ends, NoAxis, Now, WrongAxis};

/// Values of a range, unless told otherwise.
const COUNT: u64 = 8;
/// The name of the dimension that is no parameter.
pub const VARIANT: &str = "variant";

/// One dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Its name, as the file has it.
    pub name: String,
    /// Its values, in the order in which they are taken.
    pub values: Vec<Point>,
    /// What the file has, as it writes it.
    pub now: String,
    /// Its duration, if it is one, for who asks for what is between two values.
    pub parameter: Option<Parameter>,
}

/// One value of a dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// What it is called.
    pub text: String,
    /// What is put into the file; nothing where it chooses a variant.
    pub put: Option<Put>,
    /// How long it is, if it is a duration.
    pub span: Option<Span>,
}

/// How values are spaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spacing {
    Linear,
    Logarithmic,
}

/// A range of values.
struct Range<'t> {
    low: &'t str,
    high: &'t str,
    count: u64,
    spacing: Spacing,
}

impl Axis {
    /// A dimension of one value that is put into all cells in another way; the scenario as it is has `now`.
    pub fn of_one(name: &str, now: &str, value: &str) -> Axis {
        let value = Point { text: value.to_owned(), put: None, span: None };
        Axis { name: name.to_owned(), values: vec![value], now: now.to_owned(), parameter: None }
    }

    /// Reads `NAME=VALUES`, what `--vary` says, for `scenario` under `variant`.
    ///
    /// # Errors
    /// There is no such parameter, or no such values: what is wrong, and what would be right.
    pub fn parse(scenario: &Scenario, variant: &str, text: &str) -> Result<Self, NoAxis> {
        Self::read(scenario, variant, text).map_err(|wrong| NoAxis { text: text.to_owned(), wrong })
    }

    fn read(scenario: &Scenario, variant: &str, text: &str) -> Result<Self, WrongAxis> {
        let Some((asked, spec)) = text.split_once('=') else { return Err(WrongAxis::NoValues) };
        let (asked, spec) = (asked.trim(), spec.trim());
        if asked == VARIANT {
            return of_variants(scenario, variant, spec);
        }
        let name = scenario.resolve(variant, asked, Wanted::Values)?;
        let mut axis = match scenario.parameter(variant, &name) {
            Ok(parameter) => of_durations(parameter, spec)?,
            Err(wrong) => match scenario.value_at(variant, &name) {
                Ok(now) => of_others(&Now { name, value: now }, spec)?,
                Err(_) => return Err(wrong.into()),
            },
        };
        for point in &mut axis.values {
            let option = format!("--vary {asked}={}", point.text);
            point.put = point.put.take().map(|put| Put { option, ..put });
        }
        Ok(axis)
    }
}

fn of_variants(scenario: &Scenario, variant: &str, spec: &str) -> Result<Axis, WrongAxis> {
    let values = listed(spec)?.into_iter().map(|name| match scenario.combine(name) {
        Ok(_) => Ok(Point { text: name.to_owned(), put: None, span: None }),
        Err(problems) => Err(WrongAxis::Variant(Box::new(problems))),
    });
    let values = values.collect::<Result<Vec<_>, _>>()?;
    if variant != BASE {
        return Err(WrongAxis::VariantTwice);
    }
    Ok(Axis { name: VARIANT.to_owned(), values: distinct(values)?, now: BASE.to_owned(), parameter: None })
}

fn of_durations(parameter: Parameter, spec: &str) -> Result<Axis, WrongAxis> {
    let spans = match range(spec)? {
        None => listed(spec)?.into_iter().map(duration).collect::<Result<Vec<_>, _>>()?,
        Some(range) => {
            let (low, high) = (duration(range.low)?, duration(range.high)?);
            let spaced = spaced((low.0 as f64, high.0 as f64), &range)?;
            spaced.into_iter().map(|value| Span(value.round() as u64)).collect()
        }
    };
    let point =
        |span: Span| Point { text: span.to_string(), put: Some(parameter.put(span)), span: Some(span) };
    let values = distinct(spans.into_iter().map(point).collect())?;
    Ok(Axis {
        name: parameter.name.clone(),
        values,
        now: parameter.now.to_string(),
        parameter: Some(parameter),
    })
}

/// Numbers, and texts that are no durations.
fn of_others(now: &Now, spec: &str) -> Result<Axis, WrongAxis> {
    // What says so is filled in for all values alike.
    let put = |value: String| Put { path: now.name.clone(), value, option: String::new() };
    let is_number = now.value.parse::<f64>().is_ok();
    let is_text = now.value.starts_with('"');
    let whole = now.value.parse::<i64>().is_ok();
    let points: Vec<Point> = match range(spec)? {
        Some(range) if is_number => {
            let read = |text: &str| text.parse::<f64>().map_err(|_| WrongAxis::NoNumber(text.to_owned()));
            let spaced = spaced((read(range.low)?, read(range.high)?), &range)?;
            let text = |value: f64| if whole { format!("{}", value.round()) } else { written(value) };
            let point = |text: String| Point { put: Some(put(text.clone())), text, span: None };
            spaced.into_iter().map(text).map(point).collect()
        }
        Some(_) => return Err(WrongAxis::NoRange(now.clone())),
        None => {
            let one = |text: &str| {
                let value = if is_text { quote(text) } else { text.to_owned() };
                let fits =
                    is_text || is_number && text.parse::<f64>().is_ok() || ["true", "false"].contains(&text);
                let point = Point { text: text.to_owned(), put: Some(put(value)), span: None };
                fits.then_some(point).ok_or_else(|| WrongAxis::Unlike(now.clone(), text.to_owned()))
            };
            listed(spec)?.into_iter().map(one).collect::<Result<_, _>>()?
        }
    };
    let values = distinct(points)?;
    let now_is = now.value.trim_matches('"').to_owned();
    Ok(Axis { name: now.name.clone(), values, now: now_is, parameter: None })
}

/// A number without what rounding left of it.
fn written(value: f64) -> String {
    let short = format!("{value:.12}");
    short.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `LOW..HIGH:COUNT:log`, if it is one.
fn range(spec: &str) -> Result<Option<Range<'_>>, WrongAxis> {
    let Some((low, rest)) = spec.split_once("..") else { return Ok(None) };
    let mut parts = rest.split(':').map(str::trim);
    let high = parts.next().unwrap_or_default();
    let (mut count, mut spacing) = (COUNT, Spacing::Linear);
    for part in parts {
        match part {
            "log" => spacing = Spacing::Logarithmic,
            "lin" => spacing = Spacing::Linear,
            number => {
                count = number.parse().map_err(|_| WrongAxis::NoCount(number.to_owned()))?;
            }
        }
    }
    if count == 0 || count > MOST {
        return Err(WrongAxis::Count { range: spec.to_owned(), count });
    }
    Ok(Some(Range { low: low.trim(), high, count, spacing }))
}

fn spaced((low, high): (f64, f64), range: &Range<'_>) -> Result<Vec<f64>, WrongAxis> {
    let ends = || Ends { low: range.low.to_owned(), high: range.high.to_owned() };
    if low > high {
        return Err(WrongAxis::Reversed(ends()));
    }
    if range.count == 1 && low < high {
        return Err(WrongAxis::OneOfTwo(ends()));
    }
    if range.spacing == Spacing::Logarithmic && low <= 0.0 {
        return Err(WrongAxis::FromNothing(ends()));
    }
    let steps = (range.count - 1).max(1) as f64;
    let at = |place: u64| {
        let share = place as f64 / steps;
        match range.spacing {
            Spacing::Linear => low + (high - low) * share,
            // The ends are what was written, to the last digit.
            Spacing::Logarithmic if place == 0 => low,
            Spacing::Logarithmic if place + 1 == range.count => high,
            Spacing::Logarithmic => low * libm::pow(high / low, share),
        }
    };
    Ok((0..range.count).map(at).collect())
}

fn listed(spec: &str) -> Result<Vec<&str>, WrongAxis> {
    let values: Vec<&str> = spec.split(',').map(str::trim).collect();
    if values.iter().any(|value| value.is_empty()) {
        return Err(WrongAxis::Empty(spec.to_owned()));
    }
    Ok(values)
}

fn distinct(values: Vec<Point>) -> Result<Vec<Point>, WrongAxis> {
    let mut seen = std::collections::BTreeSet::new();
    match values.iter().find(|value| !seen.insert(value.text.as_str())) {
        Some(twice) => Err(WrongAxis::Twice(twice.text.clone())),
        None => Ok(values),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library;

    fn axis(text: &str) -> Result<Axis, NoAxis> {
        let named = |(name, _): &(&str, &str)| *name == "audio-as-documented";
        let (name, file) = library().into_iter().find(named).expect("it is in the library");
        Axis::parse(&Scenario::parse(name, file).expect("the library is sound"), BASE, text)
    }

    fn texts(text: &str) -> Vec<String> {
        axis(text)
            .unwrap_or_else(|wrong| panic!("{wrong}"))
            .values
            .into_iter()
            .map(|value| value.text)
            .collect()
    }

    #[test]
    fn values_are_listed_or_evenly_spaced() {
        assert_eq!(texts("policy.poll.completed=100ms..300ms:3"), ["100ms", "200ms", "300ms"]);
        assert_eq!(texts("policy.poll.completed=10ms..10s:4:log"), ["10ms", "100ms", "1s", "10s"]);
        assert_eq!(texts("client.timeout=1s,2s,5s"), ["1s", "2s", "5s"]);
        assert_eq!(texts("limits.bounded-requests=100..400:4"), ["100", "200", "300", "400"]);
        assert_eq!(texts("task.voiceover.commit.fails=0..0.1:3"), ["0", "0.05", "0.1"]);
        assert_eq!(texts("variant=base,fix-1,fix-2+fix-3"), ["base", "fix-1", "fix-2+fix-3"]);
    }

    #[test]
    fn a_parameter_may_be_named_by_the_step_that_has_it() {
        let name = |text: &str| axis(text).unwrap_or_else(|wrong| panic!("{wrong}")).name;
        assert_eq!(name("stream.poll.completed=1s"), "policy.poll.completed");
        assert_eq!(name("voiceover.publish.takes.max=1s"), "task.voiceover.publish.takes.max");
        assert_eq!(name("client.timeout=1s"), "client.panel.timer.finish.limit");
    }

    #[test]
    fn what_makes_no_sense_is_told_with_what_would() {
        let wrong = |text: &str| axis(text).expect_err("it makes no sense").to_string();
        assert!(wrong("policy.poll.completed").contains("gives no values"));
        assert!(wrong("policy.poll.complete=1s").contains("did you mean `policy.poll.completed`?"));
        assert!(wrong("stream.pol.completed=1s").contains("parameters: "));
        assert!(wrong("policy.poll.completed=3s..1s").contains("reversed: write 1s..3s"));
        assert!(wrong("policy.poll.completed=1s..2s:0").contains("from 1 to 1000000"));
        assert!(wrong("policy.poll.completed=1s..2s:1").contains("two ends"));
        assert!(wrong("policy.poll.completed=0s..2s:4:log").contains("begins with nothing"));
        assert!(wrong("policy.poll.completed=1us..3us:9").contains("comes twice"));
        assert!(wrong("policy.poll.completed=1s,,2s").contains("empty"));
        assert!(wrong("policy.poll.completed=1s..2s:many").contains("no number of values"));
        assert!(wrong("policy.poll.completed=fast").contains("not a duration"));
        assert!(wrong("variant=fix-9").contains("fix-9"));
    }
}
