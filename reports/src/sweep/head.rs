//! What is swept, and how: the grid of cells, and which part of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Cell;

/// Which document it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Schema {
    /// This one.
    #[serde(rename = "punctual.sweep/1")]
    Sweep1,
}

/// What is swept, and how: the same head and the same cells make the same sweep.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Which document it is.
    pub schema: Schema,
    /// The version of punctual.
    pub version: String,
    /// The scenario, as it was named.
    pub scenario: String,
    /// The variant; null for the scenario as it is written.
    pub variant: Option<String>,
    /// Stands for the text of the scenario, and of functions that were pasted into it.
    pub digest: String,
    /// The seed, as it can be given on the command line.
    pub seed: String,
    /// The most runs of each cell.
    pub runs: u64,
    /// The width of an interval at which sampling stops by itself.
    pub until_width: Option<f64>,
    /// The limits of exploring, in words; empty if nothing is explored.
    pub limits: Vec<String>,
    /// The invariants that a safe cell keeps.
    pub keep: Vec<String>,
    /// The dimensions; of the last the values change fastest.
    pub axes: Vec<Dimension>,
    /// How many cells there are in all.
    pub cells: u64,
    /// Which part of how many this is; null for all.
    pub shard: Option<Shard>,
}

/// A parameter and its values.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Dimension {
    /// What it is called.
    pub name: String,
    /// What the scenario has.
    pub now: String,
    /// Its values.
    pub values: Vec<String>,
}

/// A part of a sweep: every so many-th cell. Written as the number of the part, from 1, and how many there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(from = "(u32, u32)", into = "(u32, u32)")]
pub struct Shard {
    /// Its number, from 1.
    pub part: u32,
    /// How many parts there are.
    pub parts: u32,
}

impl From<(u32, u32)> for Shard {
    fn from((part, parts): (u32, u32)) -> Shard {
        Shard { part, parts }
    }
}

impl From<Shard> for (u32, u32) {
    fn from(Shard { part, parts }: Shard) -> (u32, u32) {
        (part, parts)
    }
}

impl Shard {
    /// Whether there can be such a part.
    pub fn is_sound(self) -> bool {
        self.part >= 1 && self.part <= self.parts
    }

    /// Whether the cell of this number is in it.
    fn has(self, cell: u64) -> bool {
        cell % u64::from(self.parts) == u64::from(self.part) - 1
    }

    /// How many of so many cells are in it.
    fn cells_of(self, cells: u64) -> u64 {
        (cells + u64::from(self.parts) - u64::from(self.part)) / u64::from(self.parts)
    }
}

/// Why a head can be that of no sweep.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnsoundHead {
    /// Its dimensions have another number of cells than it says.
    OtherCells {
        /// How many it says there are.
        says: u64,
    },
    /// It has more cells than can be kept.
    TooMany {
        /// How many it has.
        cells: u64,
        /// How many can be kept.
        most: u64,
    },
    /// It is of a part that cannot be.
    Shard,
}

impl fmt::Display for UnsoundHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnsoundHead::OtherCells { says } => {
                write!(f, "it says that there are {says} cells, and its dimensions have others")
            }
            UnsoundHead::TooMany { cells, most } => write!(f, "it has {cells} cells, more than {most}"),
            UnsoundHead::Shard => f.write_str("it is of a part that cannot be"),
        }
    }
}

impl std::error::Error for UnsoundHead {}

/// Why a cell is none of a sweep.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Misfit {
    /// The sweep, or this part of it, has no such cell.
    Elsewhere {
        /// Its number.
        cell: u64,
    },
    /// It has other values than the grid has at its place.
    OtherValues {
        /// Its number.
        cell: u64,
    },
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Misfit::Elsewhere { cell } => write!(f, "it has a cell {cell}, which is not in this sweep"),
            Misfit::OtherValues { cell } => {
                write!(f, "its cell {cell} has other values than the grid has there")
            }
        }
    }
}

impl std::error::Error for Misfit {}

impl Dimension {
    /// Whether there is something between two of its values: they are numbers or durations, not choices.
    pub fn is_scale(&self) -> bool {
        self.values.len() > 1
            && self.values.iter().all(|value| value.starts_with(|c: char| c.is_ascii_digit()))
    }
}

impl Head {
    /// What of the values between those of the cells was judged: nothing. None if there are no such values.
    pub fn unjudged(&self) -> Option<String> {
        let scales: Vec<&str> =
            self.axes.iter().filter(|axis| axis.is_scale()).map(|axis| axis.name.as_str()).collect();
        if scales.is_empty() {
            return None;
        }
        Some(format!(
            "Only these values of {} were judged. What lies between two of them is not known, even where both are \
             safe; `punctual threshold` proves an invariant for all values of a duration.",
            scales.join(" and ")
        ))
    }

    /// What it says but for the part of the grid that it is about.
    #[must_use]
    pub fn whole(&self) -> Head {
        Head { shard: None, ..self.clone() }
    }

    /// Whether the cell of this number is in its part.
    pub fn has(&self, cell: u64) -> bool {
        self.shard.is_none_or(|shard| shard.has(cell))
    }

    /// How many cells are in its part.
    pub fn len(&self) -> u64 {
        self.shard.map_or(self.cells, |shard| shard.cells_of(self.cells))
    }

    /// Whether its part has no cells.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place of a cell in each dimension.
    pub fn places(&self, cell: u64) -> Vec<usize> {
        places(cell, self.axes.iter().map(|axis| axis.values.len()))
    }

    /// Whether it can be the head of a sweep, of so many cells at most.
    ///
    /// # Errors
    /// Why not.
    pub fn sound(&self, most: u64) -> Result<(), UnsoundHead> {
        let counts = self.axes.iter().map(|axis| axis.values.len() as u64);
        let cells = counts.clone().try_fold(1_u64, u64::checked_mul);
        if self.axes.is_empty() || counts.clone().any(|count| count == 0) || cells != Some(self.cells) {
            return Err(UnsoundHead::OtherCells { says: self.cells });
        }
        if self.cells > most {
            return Err(UnsoundHead::TooMany { cells: self.cells, most });
        }
        if self.shard.is_none_or(Shard::is_sound) { Ok(()) } else { Err(UnsoundHead::Shard) }
    }

    /// Whether a cell is one of its part.
    ///
    /// # Errors
    /// Why not.
    pub fn fits(&self, cell: &Cell) -> Result<(), Misfit> {
        if cell.cell >= self.cells || !self.has(cell.cell) {
            return Err(Misfit::Elsewhere { cell: cell.cell });
        }
        let places = self.places(cell.cell);
        let values: Vec<&String> =
            self.axes.iter().zip(places).map(|(axis, place)| &axis.values[place]).collect();
        if values.len() != cell.values.len()
            || values.iter().zip(&cell.values).any(|(one, other)| *one != other)
        {
            return Err(Misfit::OtherValues { cell: cell.cell });
        }
        Ok(())
    }

    /// What two heads that are about different sweeps differ in.
    pub fn differs(&self, other: &Head) -> Option<String> {
        let pair = |what: &str, one: &str, other: &str| Some(format!("{what}: {one} and {other}"));
        if self.version != other.version {
            return pair("versions of punctual", &self.version, &other.version);
        }
        if self.scenario != other.scenario || self.variant != other.variant {
            let name = |head: &Head| match &head.variant {
                Some(variant) => format!("{} {variant}", head.scenario),
                None => head.scenario.clone(),
            };
            return pair("scenarios", &name(self), &name(other));
        }
        if self.digest != other.digest {
            return pair("texts of the scenario", &self.digest, &other.digest);
        }
        if self.seed != other.seed {
            return pair("seeds", &self.seed, &other.seed);
        }
        if self.axes != other.axes {
            let grid = |head: &Head| {
                let axes = head.axes.iter().map(|axis| format!("{}={}", axis.name, axis.values.join(",")));
                axes.collect::<Vec<_>>().join(" ")
            };
            return pair("grids", &grid(self), &grid(other));
        }
        (self.whole() != other.whole()).then(|| {
            let effort = |head: &Head| {
                let until = head.until_width.map_or(String::new(), |width| format!(", until {width}"));
                let (runs, limits, keep) = (head.runs, head.limits.join(", "), head.keep.join(", "));
                format!("{runs} runs{until}, {limits}, keeping {keep}")
            };
            format!("thoroughness: {} and {}", effort(self), effort(other))
        })
    }
}

/// The place of a cell in each of dimensions of so many values; of the last the values change fastest.
pub fn places(cell: u64, counts: impl DoubleEndedIterator<Item = usize>) -> Vec<usize> {
    let mut rest = cell;
    let place = |count: usize| {
        let place = rest % count as u64;
        rest /= count as u64;
        place as usize
    };
    let mut places: Vec<usize> = counts.rev().map(place).collect();
    places.reverse();
    places
}
