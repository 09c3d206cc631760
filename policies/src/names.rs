//! Names, and what binds them: what a file knows, what an import brings, what a function assigns.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;

use crate::call;
use crate::stop::refused;
use crate::value::Value;

/// The name under which it is kept that names may come from a module that nothing is known of.
pub(crate) const ANY: &str = "*";

/// The names that a place of the source knows.
pub(crate) type Names = BTreeMap<String, Value>;

/// A statement of a file, by its place among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StatementAt(pub(crate) usize);

/// What is known of the functions of a file, by the places of their statements.
#[derive(Clone, Debug, Default)]
pub(crate) struct Defined {
    /// The values of their defaults: Python computes them once, where the function is defined.
    pub(crate) defaults: BTreeMap<StatementAt, Names>,
    /// The names that are their own, since they are assigned in them.
    pub(crate) own: BTreeMap<StatementAt, BTreeSet<String>>,
}

/// Lets the names of an import stand for what they are.
pub(crate) fn import(statement: &Stmt, names: &mut Names) {
    match statement {
        Stmt::Import(import) => {
            for alias in &import.names {
                let name = alias.asname.as_ref().unwrap_or(&alias.name);
                let bound = name.split('.').next().unwrap_or(name).to_owned();
                names.insert(bound, Value::Module(alias.name.as_str().into()));
            }
        }
        Stmt::ImportFrom(import) => {
            let module = import.module.as_ref().map_or("", |module| module.as_str());
            for alias in &import.names {
                let name = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
                // What only says what things are is of no consequence.
                let value = match module {
                    "typing" | "__future__" | "collections.abc" => Value::Opaque,
                    "math" if name == ANY => {
                        let all = call::MATH_NAMES.iter().filter_map(|name| {
                            Some(((*name).to_owned(), call::of_module(module, name).ok()?))
                        });
                        names.extend(all);
                        continue;
                    }
                    "math" => call::of_module(module, alias.name.as_str())
                        .unwrap_or_else(|stop| Value::Lost(Rc::new((stop, alias.range())))),
                    _ if name == ANY => {
                        let why = refused(format!("a name that may come from `from {module} import *`"));
                        let lost = Value::Lost(Rc::new((why, statement.range())));
                        // It may bind any that there are, too.
                        for value in names.values_mut() {
                            *value = lost.clone();
                        }
                        lost
                    }
                    _ => Value::Module(format!("{module}.{}", alias.name).as_str().into()),
                };
                names.insert(name, value);
            }
        }
        _ => {}
    }
}

/// Collects the names that are assigned.
struct Assigned(BTreeSet<String>);

impl<'a> Visitor<'a> for Assigned {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Name(name) = expression
            && name.ctx.is_store()
        {
            self.0.insert(name.id.to_string());
        }
        visitor::walk_expr(self, expression);
    }
}

/// The names that a function assigns: they are its own wherever they stand in it.
pub(crate) fn assigned_in(function: &Stmt) -> BTreeSet<String> {
    let mut assigned = Assigned(BTreeSet::new());
    if let Stmt::FunctionDef(function) = function {
        assigned.visit_body(&function.body);
    }
    assigned.0
}
