//! Variants: patches of the file by name, applied to the tree and combined with each other.
//!
//! A patch works on what was written, so a variant says "set this, move that" and nothing of how
//! a system is compiled. Its operations are made in one order, wherever they stand in the file, and
//! each is true of what comes out; where that cannot be, it is refused. `docs/semantics.md` says which order.
//!
//! What two variants of a combination do to one place is compared before anything is applied: what
//! contradicts what an earlier one does is refused unless the later one says that it overrides it.

use std::ops::Range;

use toml::Spanned;
use toml::de::DeTable;

use crate::form::{self, Scenario, Text};
use crate::names::in_file_order;
use crate::problem::{Findings, Problem};
use crate::tree::Node;
use crate::words::quoted;

/// One change of the file.
#[derive(Clone)]
pub(crate) enum Change<'t> {
    Set { path: Text, value: Node<'t> },
    Unset { path: Text },
    Insert { anchor: Text, side: Side, step: Node<'t> },
    Move { step: Text, anchor: Text, side: Side },
    Replace { step: Text, with: Node<'t> },
    Remove { step: Text },
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Before,
    After,
}

/// The most changes of one variant, and the most variants and combinations of a file.
pub(crate) const MOST: usize = 200;

/// The changes of one variant, in the order in which they are made: first moves, then what is inserted, replaced, set
/// and left out, and removals at last.
pub(crate) fn changes<'t>(
    tree: &DeTable<'t>,
    name: &Text,
    variant: &form::Variant,
    findings: &Findings<'_>,
) -> Vec<Change<'t>> {
    let node = |list: &str| {
        let variants = tree.get("variant")?.get_ref();
        variants.get(name.value.as_str())?.get_ref().get(list).map(Spanned::get_ref)
    };
    let in_array = |list: &str, place: usize, key: &str| -> Option<Node<'t>> {
        node(list)?.get(place)?.get_ref().get(key).cloned()
    };
    let side = |at: &Range<usize>, before: &Option<Text>, after: &Option<Text>| {
        match (before, after) {
            (Some(anchor), None) => return Some((anchor.clone(), Side::Before)),
            (None, Some(anchor)) => return Some((anchor.clone(), Side::After)),
            _ if findings.hides_insertions() => {
                findings.leave_unsaid();
                return None;
            }
            _ => {}
        }
        let problem = Problem::new("P0507", at, "say either `before` or `after`");
        findings.add(problem.label("where?").help("name one step: after = \"TASK.STEP\""));
        None
    };
    // Moves come first, so that a step is inserted beside another where that one stands in the end; removals come
    // last, so that a step still says where others go.
    let mut changes = Vec::new();
    for moved in &variant.r#move {
        let anchor = side(&moved.value.step.at, &moved.value.before, &moved.value.after);
        let step = moved.value.step.clone();
        changes.extend(anchor.map(|(anchor, side)| Change::Move { step, anchor, side }));
    }
    for (place, insert) in variant.insert.iter().enumerate() {
        let at = insert.at.start..insert.at.start + 1;
        let anchor = side(&at, &insert.value.before, &insert.value.after);
        let step = in_array("insert", place, "step");
        changes.extend(anchor.zip(step).map(|((anchor, side), step)| Change::Insert { anchor, side, step }));
    }
    for (place, replace) in variant.replace.iter().enumerate() {
        let step = replace.step.clone();
        changes.extend(in_array("replace", place, "with").map(|with| Change::Replace { step, with }));
    }
    for (path, _) in in_file_order(&variant.set) {
        let value = node("set").and_then(|set| set.get(path.value.as_str()).cloned());
        changes.extend(value.map(|value| Change::Set { path: path.clone(), value }));
    }
    changes.extend(variant.unset.iter().map(|path| Change::Unset { path: path.clone() }));
    changes.extend(variant.remove.iter().map(|step| Change::Remove { step: step.clone() }));
    check_alone(&changes, findings);
    if changes.len() > MOST {
        let title = format!("a variant makes more than {MOST} changes");
        let problem = Problem::new("P0108", &name.at, title).label("too many");
        findings.add(problem.help("describe another scenario in a file of its own"));
        changes.truncate(MOST);
    }
    changes
}

/// Refuses what a variant says twice in two ways, and a place beside a step that is then moved.
fn check_alone(changes: &[Change<'_>], findings: &Findings<'_>) {
    for (place, later) in changes.iter().enumerate() {
        let Some(earlier) = changes[..place].iter().find(|earlier| twice(earlier, later)) else { continue };
        let beside = earlier.anchor().is_some_and(|anchor| later.step() == Some(anchor));
        let (title, help) = match later {
            Change::Set { path, .. } | Change::Unset { path } => {
                (format!("{} is both set and left out", quoted(&path.value)), "keep one of the two")
            }
            _ if beside => (
                format!("{} is moved away from a step that goes beside it", quoted(&later.text().value)),
                "write this move before the other",
            ),
            _ => (format!("{} is changed in two ways", quoted(&later.text().value)), "keep one of the two"),
        };
        let problem = Problem::new("P0509", later.at(), title).label("then this");
        findings.add(problem.beside(earlier.at(), "first this").help(help));
    }
}

/// Whether one variant cannot make both changes, in this order.
fn twice(earlier: &Change<'_>, later: &Change<'_>) -> bool {
    use Change::{Insert, Move, Remove, Replace, Set, Unset};
    match (earlier, later) {
        (Set { path, .. } | Unset { path }, Set { path: other, .. } | Unset { path: other }) => {
            path.value == other.value
        }
        (Move { step, anchor, .. }, Move { step: other, .. }) => {
            step.value == other.value || anchor.value == other.value
        }
        (Replace { step, .. }, Replace { step: other, .. }) | (Remove { step }, Remove { step: other }) => {
            step.value == other.value
        }
        (Set { .. } | Unset { .. } | Insert { .. } | Move { .. } | Replace { .. } | Remove { .. }, _) => {
            false
        }
    }
}

/// The changes of several variants together: those of one after those of another, in file order, and all removals at
/// last.
pub(crate) fn combine<'t>(
    parts: &[(&Text, &form::Variant, Vec<Change<'t>>)],
    at: &Range<usize>,
    findings: &Findings<'_>,
) -> Vec<Change<'t>> {
    let mut all: Vec<(usize, Change<'t>)> = Vec::new();
    for (later, (name, variant, changes)) in parts.iter().enumerate() {
        for change in changes {
            if all.iter().any(|(_, made)| same(made, change, findings.text)) {
                continue;
            }
            all.retain(|(earlier, made)| {
                if !contradicts(made, change) || *earlier == later {
                    return true;
                }
                let other = parts[*earlier].0;
                if variant.overrides.iter().any(|over| over.value == other.value) {
                    return false;
                }
                let title = format!(
                    "{} and {} change one thing in two ways",
                    quoted(&other.value),
                    quoted(&name.value)
                );
                let problem = Problem::new("P0504", at, title)
                    .label("cannot be combined")
                    .beside(made.at(), "this one")
                    .beside(change.at(), "and this one");
                let help = format!("add `overrides = [\"{}\"]` to {}", other.value, quoted(&name.value));
                findings.add(problem.help(help));
                true
            });
            all.push((later, change.clone()));
        }
    }
    let (last, mut first): (Vec<_>, Vec<_>) =
        all.into_iter().map(|(_, change)| change).partition(|change| matches!(change, Change::Remove { .. }));
    first.extend(last);
    first
}

impl Change<'_> {
    /// The path or the step that it names first.
    pub(crate) fn text(&self) -> &Text {
        match self {
            Self::Set { path, .. } | Self::Unset { path } => path,
            Self::Insert { anchor, .. } => anchor,
            Self::Move { step, .. } | Self::Replace { step, .. } | Self::Remove { step } => step,
        }
    }

    pub(crate) fn at(&self) -> &Range<usize> {
        &self.text().at
    }

    /// The step beside which it puts another.
    fn anchor(&self) -> Option<&str> {
        match self {
            Self::Insert { anchor, .. } | Self::Move { anchor, .. } => Some(&anchor.value),
            Self::Set { .. } | Self::Unset { .. } | Self::Replace { .. } | Self::Remove { .. } => None,
        }
    }

    /// The step that is changed as a whole or in one key, as `TASK.STEP`.
    pub(crate) fn step(&self) -> Option<&str> {
        match self {
            Self::Set { path, .. } | Self::Unset { path } => {
                Some(path.value.strip_prefix("task.")?.rsplit_once('.')?.0)
            }
            Self::Move { step, .. } | Self::Replace { step, .. } | Self::Remove { step } => Some(&step.value),
            Self::Insert { .. } => None,
        }
    }
}

/// Whether what an earlier variant says is not true any more after a later one.
fn contradicts(earlier: &Change<'_>, later: &Change<'_>) -> bool {
    use Change::{Insert, Move, Remove, Replace, Set, Unset};
    match (earlier, later) {
        (Set { path: a, .. } | Unset { path: a }, Set { path: b, .. } | Unset { path: b }) => {
            a.value == b.value
        }
        (Insert { anchor, .. }, Move { step, .. }) => anchor.value == step.value,
        (Move { step, anchor, .. }, Move { step: other, .. }) => {
            step.value == other.value || anchor.value == other.value
        }
        (Insert { .. }, _)
        | (_, Insert { .. })
        | (Move { .. }, Set { .. } | Unset { .. } | Replace { .. })
        | (Set { .. } | Unset { .. } | Replace { .. }, Move { .. }) => false,
        (Replace { .. } | Remove { .. }, _) | (_, Replace { .. } | Remove { .. }) => {
            earlier.step() == later.step()
        }
    }
}

/// Whether two variants make the very same change.
fn same(one: &Change<'_>, other: &Change<'_>, text: &str) -> bool {
    use Change::{Insert, Move, Remove, Replace, Set, Unset};
    let written = |node: &Node<'_>| text.get(node.span()).map(str::to_owned);
    match (one, other) {
        (Set { path, value }, Set { path: at, value: to })
        | (Replace { step: path, with: value }, Replace { step: at, with: to }) => {
            path == at && written(value) == written(to)
        }
        (Unset { path: step }, Unset { path: other }) | (Remove { step }, Remove { step: other }) => {
            step == other
        }
        (Move { step, anchor, side }, Move { step: other, anchor: to, side: at }) => {
            (step, anchor, side) == (other, to, at)
        }
        // What is inserted twice is there twice.
        (Set { .. } | Unset { .. } | Insert { .. } | Move { .. } | Replace { .. } | Remove { .. }, _) => {
            false
        }
    }
}

/// The variants of a scenario in the order of the file.
pub(crate) fn variants(form: &Scenario) -> Vec<(&Text, &form::Variant)> {
    in_file_order(&form.variant).collect()
}
