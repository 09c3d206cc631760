//! A sweep that is put together of its parts, which must be all of it and nothing twice.

use std::path::{Path, PathBuf};

use punctual_reports::sweep::{Cell, Head, Line};

use super::lines::{Lines, read_lines};
use super::unkept::{Unkept, WrongLine};
use super::{Journal, Kept};
use crate::command::sweep::MOST;

/// The parts that were read so far.
#[derive(Default)]
pub(super) struct Merging {
    joined: Option<Joined>,
}

/// What the parts have in common, and the cells of all of them.
struct Joined {
    /// The first part.
    path: PathBuf,
    /// The head of the whole.
    head: Head,
    now: Option<Cell>,
    kept: Kept,
}

impl Merging {
    /// Reads another part.
    pub(super) fn add(&mut self, path: &Path) -> Result<(), Unkept> {
        let mut head = None::<Head>;
        read_lines(path, |placed| match (placed.line, &head) {
            (Line::Head(found), None) => {
                self.join(path, &found)?;
                head = Some(*found);
                Ok(())
            }
            (Line::Now { .. } | Line::Cell(_), None) => Err(WrongLine::NoHead),
            (Line::Head(_), Some(_)) => Err(WrongLine::TwoHeads),
            (Line::Now { now }, Some(_)) => self.joined().set_now(*now),
            (Line::Cell(cell), Some(head)) => {
                head.fits(&cell).map_err(WrongLine::NoCell)?;
                self.joined().keep(*cell)
            }
        })?;
        head.map(drop).ok_or_else(|| Unkept::Empty(path.to_owned()))
    }

    /// Takes the head of a part, which must be of the same sweep as those before.
    fn join(&mut self, path: &Path, found: &Head) -> Result<(), WrongLine> {
        let head = found.whole();
        if let Some(known) = &self.joined
            && let Some(differs) = known.head.differs(&head)
        {
            return Err(WrongLine::DifferentSweeps { of: known.path.clone(), differs });
        }
        found.sound(MOST).map_err(WrongLine::Unsound)?;
        self.joined.get_or_insert_with(|| {
            let kept = Kept::of(&head, Lines::Memory(String::new()));
            Joined { path: path.to_owned(), head, now: None, kept }
        });
        Ok(())
    }

    fn joined(&mut self) -> &mut Joined {
        self.joined.as_mut().expect("a head came before it")
    }

    /// The whole sweep.
    pub(super) fn finish(self) -> Result<Journal, Unkept> {
        let Joined { head, now, kept, .. } = self.joined.ok_or(Unkept::NoParts)?;
        let missing: Vec<u64> = (0..head.cells).filter(|&cell| !kept.has(cell)).collect();
        if let Some(&first) = missing.first() {
            return Err(Unkept::Missing { count: missing.len(), of: head.cells, first });
        }
        Ok(Journal::of(head, now, kept))
    }
}

impl Joined {
    /// Keeps the scenario as it is, which must be the same in all parts.
    fn set_now(&mut self, now: Cell) -> Result<(), WrongLine> {
        match &self.now {
            Some(known) if *known != now => Err(WrongLine::OtherNow),
            Some(_) => Ok(()),
            None => {
                self.now = Some(now);
                Ok(())
            }
        }
    }

    fn keep(&mut self, cell: Cell) -> Result<(), WrongLine> {
        let number = cell.cell;
        if self.kept.has(number) {
            return Err(WrongLine::Twice(number));
        }
        let kept = self.kept.append(&Line::Cell(Box::new(cell)), Some(number));
        kept.expect("nothing is in the way of writing into memory");
        Ok(())
    }
}
