//! Finds where a list repeats itself: fifty-seven turns of a polling loop are one line, not 171.
//!
//! A turn is several items (a read, another read, a sleep), so what repeats is a pattern of a few
//! items. Both the picture and the timeline fold with this.

/// A stretch of a list that is one pattern, several times over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Fold {
    /// Index of the first item.
    pub start: usize,
    /// Items of the pattern.
    pub period: usize,
    /// How often it occurs, one after the other.
    pub turns: usize,
}

impl Fold {
    /// Index after the last item.
    pub(crate) fn end(&self) -> usize {
        self.start + self.period * self.turns
    }
}

/// The stretches in which a pattern of up to `longest` items occurs at least `least` times in a
/// row, from left to right; of several patterns at one place the one that covers most.
pub(crate) fn folds<T: PartialEq>(items: &[T], longest: usize, least: usize) -> Vec<Fold> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < items.len() {
        let best = (1..=longest)
            .map(|period| Fold { start, period, turns: turns(&items[start..], period) })
            .filter(|fold| fold.turns >= least.max(2))
            .max_by_key(|fold| (fold.end(), longest - fold.period));
        match best {
            Some(fold) => {
                start = fold.end();
                found.push(fold);
            }
            None => start += 1,
        }
    }
    found
}

fn turns<T: PartialEq>(items: &[T], period: usize) -> usize {
    let same = items.iter().zip(items.iter().skip(period)).take_while(|(a, b)| a == b).count();
    if items.len() < period { 0 } else { 1 + same / period }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_of_two_is_found_between_other_items() {
        let items: Vec<char> = "xababababyz".chars().collect();
        assert_eq!(folds(&items, 4, 3), [Fold { start: 1, period: 2, turns: 4 }]);
    }

    #[test]
    fn equal_items_are_a_pattern_of_one() {
        assert_eq!(folds(&[7; 400], 4, 3), [Fold { start: 0, period: 1, turns: 400 }]);
    }

    #[test]
    fn too_few_turns_are_left_alone() {
        let items: Vec<char> = "ababc".chars().collect();
        assert!(folds(&items, 4, 3).is_empty());
        assert!(folds::<u8>(&[], 4, 3).is_empty());
    }
}
