//! What is swept, as the command line says it.
//!
//! The dimensions, the invariants to keep, the part, and how wide an interval may be.

use std::error::Error;
use std::fmt;

use punctual_model::Rule;
use punctual_reports::sweep::Shard;
use punctual_scenarios::{Axis, NoAxis, Scenario, VARIANT};

use crate::command::Expected;
use crate::command::select::nearest;

/// Why something of it is not a dimension, or no invariant to keep.
#[derive(Debug)]
pub(super) enum NoGrid {
    /// Text that is no dimension: what the scenario says.
    NoAxis(NoAxis),
    /// A parameter that has a dimension already.
    Twice {
        /// The text of the second one.
        text: String,
        /// What both vary.
        name: String,
    },
    /// What is to be kept is not checked.
    NotChecked {
        /// Its name.
        name: String,
        /// What it may have been meant to be.
        near: Option<String>,
        /// What is checked.
        checked: Vec<&'static str>,
    },
}

impl fmt::Display for NoGrid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAxis(why) => why.fmt(f),
            Self::Twice { text, name } => write!(f, "--vary {text}: `{name}` is varied twice"),
            Self::NotChecked { name, near, checked } => {
                let known = if Rule::NAMES.contains(&name.as_str()) {
                    "is not checked in this scenario"
                } else {
                    "is no invariant"
                };
                write!(f, "--keep {name}: `{name}` {known}")?;
                if let Some(near) = near {
                    write!(f, ", did you mean {near}?")?;
                }
                write!(f, "\nchecked: {}", checked.join(", "))
            }
        }
    }
}

impl Error for NoGrid {}

/// Reads how wide the interval of a rate may be: a share, or so many percent.
pub(super) fn share(text: &str) -> Result<f64, Expected> {
    let (number, unit) = text.strip_suffix('%').map_or((text, 1.0), |number| (number.trim(), 100.0));
    let share =
        number.parse::<f64>().ok().map(|share| share / unit).filter(|share| *share > 0.0 && *share <= 1.0);
    share.ok_or(Expected("a share above 0 and up to 1, such as 0.01 or 1%"))
}

/// Reads which part of how many, from 1.
pub(super) fn shard(text: &str) -> Result<Shard, Expected> {
    let shard = text
        .split_once('/')
        .and_then(|(part, parts)| Some(Shard { part: part.parse().ok()?, parts: parts.parse().ok()? }));
    shard
        .filter(|shard| shard.is_sound() && shard.parts <= 100_000)
        .ok_or(Expected("a part and how many there are, such as 3/8"))
}

/// The dimensions, each named once.
pub(super) fn axes(scenario: &Scenario, variant: &str, vary: &[String]) -> Result<Vec<Axis>, NoGrid> {
    let mut axes: Vec<Axis> = Vec::new();
    // Parameters are those of the first variant that is varied: others may have more.
    let of_variant = vary.iter().find_map(|text| text.trim().strip_prefix(VARIANT)?.trim().strip_prefix('='));
    let first = of_variant.and_then(|values| values.split(',').next()).map_or(variant, str::trim);
    for text in vary {
        let is_variant = text.split_once('=').is_some_and(|(name, _)| name.trim() == VARIANT);
        let axis = Axis::parse(scenario, if is_variant { variant } else { first }, text);
        let axis = axis.map_err(NoGrid::NoAxis)?;
        if axes.iter().any(|known| known.name == axis.name) {
            return Err(NoGrid::Twice { text: text.clone(), name: axis.name });
        }
        axes.push(axis);
    }
    Ok(axes)
}

/// The invariants that must be kept; all that are checked if none is named.
pub(super) fn keep(scenario: &Scenario, named: &[String]) -> Result<Vec<String>, NoGrid> {
    let checked: Vec<&str> = scenario.cases[0].checks.iter().map(|check| check.rule.name()).collect();
    if named.is_empty() {
        return Ok(checked.into_iter().map(str::to_owned).collect());
    }
    match named.iter().find(|name| !checked.contains(&name.as_str())) {
        None => Ok(named.to_vec()),
        Some(name) => {
            let near = nearest(name, &checked).map(str::to_owned);
            Err(NoGrid::NotChecked { name: name.clone(), near, checked })
        }
    }
}
