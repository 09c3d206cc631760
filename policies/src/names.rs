//! Names, and what binds them: what a file knows, what an import brings, what a function assigns.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;

use crate::position::StatementAt;
use crate::stop::{refused, why};
use crate::value::{Done, Value};

/// The name under which it is kept that names may come from a module that nothing is known of.
pub(crate) const ANY: &str = "*";
/// Those of `math`.
const MATH: [&str; 7] = ["ceil", "fabs", "floor", "fmod", "pow", "sqrt", "trunc"];
/// All that is known of `math`.
const MATH_NAMES: [&str; 11] =
    ["ceil", "e", "fabs", "floor", "fmod", "inf", "nan", "pi", "pow", "sqrt", "trunc"];

/// The names that a place of the source knows.
pub(crate) type Names = BTreeMap<String, Value>;

/// What is known of the functions of a file, by the places of their statements.
#[derive(Clone, Debug, Default)]
pub(crate) struct Defined {
    /// The values of their defaults: Python computes them once, where the function is defined.
    pub(crate) defaults: BTreeMap<StatementAt, Names>,
    /// The names that are their own, since they are assigned in them.
    pub(crate) own: BTreeMap<StatementAt, BTreeSet<String>>,
}

/// What `module.name` is.
pub(crate) fn of_module(module: &str, name: &str) -> Done {
    match (module, name) {
        ("math", "pi") => return Ok(Value::Float(std::f64::consts::PI)),
        ("math", "e") => return Ok(Value::Float(std::f64::consts::E)),
        ("math", "inf") => return Ok(Value::Float(f64::INFINITY)),
        ("math", "nan") => return Ok(Value::Float(f64::NAN)),
        ("logging", _) => return Ok(Value::Sink),
        _ => {}
    }
    if module == "math"
        && let Some(name) = MATH.iter().find(|known| **known == name)
    {
        return Ok(Value::Builtin(match *name {
            "pow" => "math.pow",
            other => other,
        }));
    }
    Err(refused(format!("`{module}.{name}`: {}", why(module))))
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
                        let all = MATH_NAMES
                            .iter()
                            .filter_map(|name| Some(((*name).to_owned(), of_module(module, name).ok()?)));
                        names.extend(all);
                        continue;
                    }
                    "math" => of_module(module, alias.name.as_str())
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
