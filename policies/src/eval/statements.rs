//! The statements of the pure subset.

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::Run;
use crate::arithmetic;
use crate::names::{Names, import};
use crate::stop::{Stop, raises, refused, unknown};
use crate::value::{Kind, Value};

/// What a statement leads to.
pub(super) enum Flow {
    Next,
    Return(Value, TextRange),
    Break,
    Continue,
}

/// What a statement of a loop's body leads to.
enum Round {
    Again,
    Ends(Flow),
}

impl Run<'_> {
    pub(super) fn block(&mut self, body: &[Stmt], names: &mut Names) -> Result<Flow, Stop> {
        for statement in body {
            match self.statement(statement, names) {
                Ok(Flow::Next) => {}
                Ok(flow) => return Ok(flow),
                Err(stop) => {
                    self.place.get_or_insert(statement.range());
                    return Err(stop);
                }
            }
        }
        Ok(Flow::Next)
    }

    pub(super) fn statement(&mut self, statement: &Stmt, names: &mut Names) -> Result<Flow, Stop> {
        self.count()?;
        self.reached.insert(statement.range().start().to_u32());
        match statement {
            Stmt::Pass(_) => {}
            Stmt::Expr(expression) => {
                // A text that stands by itself says what the function is for.
                if !matches!(*expression.value, Expr::StringLiteral(_)) {
                    self.eval(&expression.value, names)?;
                }
            }
            Stmt::Return(returned) => {
                let value = match &returned.value {
                    Some(value) => self.eval(value, names)?,
                    None => Value::None,
                };
                return Ok(Flow::Return(value, returned.range));
            }
            Stmt::Assign(assigned) => {
                let value = self.eval(&assigned.value, names)?;
                for target in &assigned.targets {
                    assign(target, value.clone(), names)?;
                }
            }
            Stmt::AnnAssign(assigned) => {
                if let Some(value) = &assigned.value {
                    let value = self.eval(value, names)?;
                    assign(&assigned.target, value, names)?;
                }
            }
            Stmt::AugAssign(assigned) => {
                let (before, by) = (self.eval(&assigned.target, names)?, self.eval(&assigned.value, names)?);
                assign(&assigned.target, arithmetic::binary(&before, assigned.op, &by)?, names)?;
            }
            Stmt::If(branch) => return self.branch(branch, names),
            Stmt::While(repeated) => return self.while_loop(repeated, names),
            Stmt::For(repeated) if !repeated.is_async => return self.for_loop(repeated, names),
            Stmt::Break(_) => return Ok(Flow::Break),
            Stmt::Continue(_) => return Ok(Flow::Continue),
            Stmt::Assert(claim) => {
                if !self.eval(&claim.test, names)?.truth()? {
                    return Err(raises("AssertionError"));
                }
            }
            Stmt::Raise(_) => return Err(raises("an exception that it raises itself")),
            Stmt::Import(_) | Stmt::ImportFrom(_) => import(statement, names),
            other => return Err(refused(name_of(other))),
        }
        Ok(Flow::Next)
    }

    fn branch(&mut self, branch: &ast::StmtIf, names: &mut Names) -> Result<Flow, Stop> {
        if self.eval(&branch.test, names)?.truth()? {
            return self.block(&branch.body, names);
        }
        for clause in &branch.elif_else_clauses {
            let taken = match &clause.test {
                Some(test) => self.eval(test, names)?.truth()?,
                None => true,
            };
            if taken {
                return self.block(&clause.body, names);
            }
        }
        Ok(Flow::Next)
    }

    fn while_loop(&mut self, repeated: &ast::StmtWhile, names: &mut Names) -> Result<Flow, Stop> {
        while self.eval(&repeated.test, names)?.truth()? {
            self.count()?;
            if let Round::Ends(flow) = self.round(&repeated.body, names)? {
                return Ok(flow);
            }
        }
        self.block(&repeated.orelse, names)
    }

    fn for_loop(&mut self, repeated: &ast::StmtFor, names: &mut Names) -> Result<Flow, Stop> {
        let items = self.eval(&repeated.iter, names)?;
        for item in items_of(&items)? {
            assign(&repeated.target, item, names)?;
            if let Round::Ends(flow) = self.round(&repeated.body, names)? {
                return Ok(flow);
            }
        }
        self.block(&repeated.orelse, names)
    }

    /// Takes the body of a loop once.
    fn round(&mut self, body: &[Stmt], names: &mut Names) -> Result<Round, Stop> {
        Ok(match self.block(body, names)? {
            Flow::Next | Flow::Continue => Round::Again,
            Flow::Break => Round::Ends(Flow::Next),
            returned @ Flow::Return(..) => Round::Ends(returned),
        })
    }
}

/// Gives a name, or several, a value.
pub(super) fn assign(target: &Expr, value: Value, names: &mut Names) -> Result<(), Stop> {
    match target {
        Expr::Name(name) => {
            names.insert(name.id.to_string(), value);
            Ok(())
        }
        Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
            let items = items_of(&value)?;
            if items.len() != elts.len() {
                return Err(raises(format!("ValueError: {} values for {} names", items.len(), elts.len())));
            }
            elts.iter().zip(items).try_for_each(|(target, item)| assign(target, item, names))
        }
        _ => Err(refused("to change what something else may hold as well; give it a name of its own")),
    }
}

fn items_of(value: &Value) -> Result<Vec<Value>, Stop> {
    match value {
        Value::List(Kind::Set, _) => Err(refused("the items of a set: they are in no order")),
        Value::List(_, items) => Ok(items.to_vec()),
        Value::Dict(items) => Ok(items.iter().map(|(key, _)| key.clone()).collect()),
        Value::Str(text) => Ok(text.chars().map(|c| Value::text(&c.to_string())).collect()),
        Value::Module(name) => Err(unknown(name)),
        other => Err(raises(format!("TypeError: '{}' object is not iterable", other.kind()))),
    }
}

/// What a statement is that is refused.
fn name_of(statement: &Stmt) -> &'static str {
    match statement {
        Stmt::FunctionDef(_) => "a function within a function",
        Stmt::ClassDef(_) => "a class",
        Stmt::Delete(_) => "`del`",
        Stmt::With(_) => "`with`",
        Stmt::Match(_) => "`match`",
        Stmt::Try(_) => "`try`",
        Stmt::Global(_) | Stmt::Nonlocal(_) => {
            "a name that outlives the call: a policy must give the same answer each time it is asked"
        }
        Stmt::For(_) => "`async for`",
        _ => "this statement",
    }
}
