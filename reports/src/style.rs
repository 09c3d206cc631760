//! How a report is to look: width, glyphs, colour, and how much of it.
//!
//! The command looks at the terminal and decides; here the decision is only obeyed, so a rendering
//! is a function of its input. Every glyph has an ASCII stand-in of one column, because most of the
//! shapes have an ambiguous width in East Asian terminals. Colour never says what no word or shape says.

use anstyle::AnsiColor;

/// The narrowest rendering; a smaller width is taken as this.
pub const NARROWEST: usize = 60;
/// The widest rendering; a larger width is taken as this.
pub const WIDEST: usize = 200;
/// The width of a report when nobody says otherwise.
pub const USUAL: usize = 88;

/// How a report is to look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Whether to add ANSI colours.
    pub color: bool,
    /// Whether to print ASCII only.
    pub ascii: bool,
    /// Columns of a line at most; taken as within 60 to 200.
    pub width: usize,
    /// 0 for the usual, 1 for all pictures and every detail.
    pub verbose: u8,
}

/// What a piece of text means, for its colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ink {
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// Broken, and expected to be.
    Known,
    /// A heading.
    Strong,
    /// Of less weight.
    Faint,
}

impl Style {
    /// Unicode without colour, 88 columns.
    pub fn plain() -> Style {
        Style { color: false, ascii: false, width: USUAL, verbose: 0 }
    }

    /// The columns that a line may take.
    pub fn columns(&self) -> usize {
        self.width.clamp(NARROWEST, WIDEST)
    }

    /// `text` in the colour of `ink`, or as it is without colour.
    pub fn ink(&self, ink: Ink, text: &str) -> String {
        if !self.color {
            return text.to_owned();
        }
        let style = match ink {
            Ink::Good => AnsiColor::Green.on_default(),
            Ink::Bad => AnsiColor::Red.on_default().bold(),
            Ink::Known => AnsiColor::Yellow.on_default(),
            Ink::Strong => anstyle::Style::new().bold(),
            Ink::Faint => anstyle::Style::new().dimmed(),
        };
        format!("{style}{text}{style:#}")
    }

    /// The glyphs to draw with.
    pub fn glyphs(&self) -> Glyphs {
        if self.ascii { ASCII } else { UNICODE }
    }
}

/// The shapes of a picture, each one column wide.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Glyphs {
    /// A bar at work.
    pub busy: char,
    /// A bar that waits for something.
    pub waiting: char,
    /// A bar that sleeps; also a break in the axis.
    pub sleeping: char,
    /// A thin line: axis, arrow, brace, rule.
    pub line: char,
    /// A vertical line.
    pub upright: char,
    /// From above to the right.
    pub down_right: char,
    /// From above to the left.
    pub down_left: char,
    /// Something finished.
    pub done: char,
    /// Something happened.
    pub plain: char,
    /// A read that found nothing.
    pub miss: char,
    /// A read that found something.
    pub hit: char,
    /// Something became visible to others.
    pub commit: char,
    /// Something was sent; the head of an arrow to the right.
    pub sent: char,
    /// Something arrived.
    pub arrived: char,
    /// Too late; the head of an arrow upwards.
    pub late: char,
    /// A deadline passed, or something was lost.
    pub cross: char,
    /// It holds.
    pub tick: char,
    /// The best.
    pub star: char,
    /// Between two things of one line.
    pub dot: char,
    /// How many times.
    pub times: char,
}

/// Glyphs for a terminal that shows Unicode.
pub const UNICODE: Glyphs = Glyphs {
    busy: '━',
    waiting: '·',
    sleeping: '┄',
    line: '─',
    upright: '│',
    down_right: '╰',
    down_left: '╯',
    done: '●',
    plain: '○',
    miss: '◌',
    hit: '◉',
    commit: '◆',
    sent: '▶',
    arrived: '▼',
    late: '▲',
    cross: '✗',
    tick: '✓',
    star: '★',
    dot: '·',
    times: '×',
};

/// Glyphs for everything else.
pub const ASCII: Glyphs = Glyphs {
    busy: '=',
    waiting: '.',
    sleeping: '~',
    line: '-',
    upright: '|',
    down_right: '\\',
    down_left: '/',
    done: '*',
    plain: 'o',
    miss: '0',
    hit: '@',
    commit: '#',
    sent: '>',
    arrived: 'v',
    late: '^',
    cross: 'X',
    tick: '+',
    star: '*',
    dot: '-',
    times: 'x',
};
