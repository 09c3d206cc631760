//! The changes of variants and combinations, in the order in which they are made.

use toml::{Table, Value};

/// One change of a file.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Change {
    Move { step: String, anchor: Anchor },
    Insert { step: Value, anchor: Anchor },
    Replace { step: String, with: Value },
    Set { path: String, to: Value },
    Unset { path: String },
    Remove { step: String },
}

/// Beside which step.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Anchor {
    pub(crate) step: String,
    pub(crate) after: bool,
}

/// All changes of a variant, or of a combination whose names are joined with `+`.
pub(crate) fn of(file: &Table, variant: Option<&str>) -> Vec<Change> {
    let mut made: Vec<(&str, Change)> = Vec::new();
    for name in variant.into_iter().flat_map(|names| names.split('+')) {
        let patch = file["variant"][name].as_table().expect("a variant is a table");
        let overrides = texts(patch, "overrides");
        for change in in_order(patch) {
            made.retain(|(of, earlier)| !overrides.contains(of) || !contradict(earlier, &change));
            let is_there =
                matches!(change, Change::Insert { .. }) || made.iter().all(|(_, known)| *known != change);
            made.extend(is_there.then_some((name, change)));
        }
    }
    // What is removed is removed at last.
    let (removals, others): (Vec<_>, Vec<_>) = made
        .into_iter()
        .map(|(_, change)| change)
        .partition(|change| matches!(change, Change::Remove { .. }));
    others.into_iter().chain(removals).collect()
}

fn texts<'t>(patch: &'t Table, key: &str) -> Vec<&'t str> {
    patch.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The changes of one variant: moves, then what is inserted, replaced, set and left out, and removals at last.
fn in_order(patch: &Table) -> Vec<Change> {
    let list = |key: &str| patch.get(key).and_then(Value::as_array).into_iter().flatten();
    let step = |change: &Value| change["step"].as_str().expect("a step is named").to_owned();
    let anchor = |change: &Value| {
        let (side, after) = if change.get("after").is_some() { ("after", true) } else { ("before", false) };
        Anchor { step: change[side].as_str().expect("a step is named").to_owned(), after }
    };
    let moves = list("move").map(|change| Change::Move { step: step(change), anchor: anchor(change) });
    let inserts =
        list("insert").map(|change| Change::Insert { step: change["step"].clone(), anchor: anchor(change) });
    let replaces =
        list("replace").map(|change| Change::Replace { step: step(change), with: change["with"].clone() });
    let sets = patch.get("set").and_then(Value::as_table).into_iter().flatten();
    let sets = sets.map(|(path, to)| Change::Set { path: path.clone(), to: to.clone() });
    let unsets = texts(patch, "unset").into_iter().map(|path| Change::Unset { path: path.to_owned() });
    let removes = texts(patch, "remove").into_iter().map(|step| Change::Remove { step: step.to_owned() });
    moves.chain(inserts).chain(replaces).chain(sets).chain(unsets).chain(removes).collect()
}

impl Change {
    /// The path that it gives a value, or none.
    fn path(&self) -> Option<&str> {
        match self {
            Self::Set { path, .. } | Self::Unset { path } => Some(path),
            _ => None,
        }
    }

    /// The step of which it sets a key.
    fn step_of_path(&self) -> Option<&str> {
        let (step, _) = self.path()?.strip_prefix("task.")?.rsplit_once('.')?;
        Some(step)
    }
}

/// Whether of two changes of variants only one can be made.
fn contradict(earlier: &Change, later: &Change) -> bool {
    if earlier == later {
        return false;
    }
    if earlier.path().is_some() && earlier.path() == later.path() {
        return true;
    }
    let takes_away = |one: &Change, other: &Change| match one {
        Change::Replace { step, .. } | Change::Remove { step } => match other {
            Change::Replace { step: same, .. } | Change::Remove { step: same } => step == same,
            Change::Set { .. } | Change::Unset { .. } => other.step_of_path() == Some(step),
            Change::Move { step: same, .. } => matches!(one, Change::Remove { .. }) && step == same,
            Change::Insert { .. } => false,
        },
        _ => false,
    };
    let moved = |later: &Change, earlier: &Change| match (later, earlier) {
        (Change::Move { step, .. }, Change::Move { step: same, anchor }) => {
            step == same || *step == anchor.step
        }
        (Change::Move { step, .. }, Change::Insert { anchor, .. }) => *step == anchor.step,
        _ => false,
    };
    takes_away(earlier, later) || takes_away(later, earlier) || moved(later, earlier)
}
