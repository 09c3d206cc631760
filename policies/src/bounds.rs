//! How large a text may be that is taken apart: its statements, and how far they are nested.
//!
//! Whatever takes a tree apart goes as deep as the tree does, so a text is measured word by word before it is parsed.
//! What stands between two commas is held by nothing but what is around both.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};

use crate::refusal::{Place, Refusal, Why};

/// The most words of a statement, the most of them that stand in one another, and the deepest that statements may be
/// nested.
const TOKENS: u32 = 100_000;
const NESTED: u32 = 600;
const INDENTS: u32 = 40;

/// A bracket that is open, or the statement itself.
#[derive(Clone, Copy)]
struct Open {
    /// The words since its last comma.
    words: u32,
    comma: Comma,
}

/// What a comma does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comma {
    /// It ends what came before it.
    Ends,
    /// What came before may go on: the comma may belong to a lambda.
    Holds,
}

impl Open {
    const EMPTY: Self = Self { words: 0, comma: Comma::Ends };
}

/// Refuses what is nested, or goes on, so far that nothing that takes it apart comes to an end of it.
pub(crate) fn check(source: &str) -> Result<(), Refusal> {
    let mut lexer = lexer::lex(source, Mode::Module);
    let (mut tokens, mut indents) = (0_u32, 0_u32);
    let mut open = vec![Open::EMPTY];
    loop {
        let kind = lexer.next_token();
        match kind {
            TokenKind::EndOfFile => return Ok(()),
            TokenKind::Newline => (tokens, open) = (0, vec![Open::EMPTY]),
            TokenKind::Indent => indents += 1,
            TokenKind::Dedent => indents = indents.saturating_sub(1),
            _ => tokens += 1,
        }
        if let Some(last) = open.last_mut() {
            last.words += 1;
            match kind {
                TokenKind::Lambda => last.comma = Comma::Holds,
                TokenKind::Comma | TokenKind::Semi if last.comma == Comma::Ends => last.words = 0,
                TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => open.push(Open::EMPTY),
                TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace if open.len() > 1 => drop(open.pop()),
                _ => {}
            }
        }
        if open.iter().map(|open| open.words).sum::<u32>() > NESTED || indents > INDENTS {
            return Err(Refusal::of(Why::Nested { words: NESTED, deep: INDENTS }, Place::Whole));
        }
        if tokens > TOKENS {
            return Err(Refusal::of(Why::Long { words: TOKENS }, Place::Whole));
        }
    }
}
