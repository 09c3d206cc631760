//! The things that a scenario names, and looking them up.
//!
//! A name that does not exist is the likeliest mistake in a scenario, so every look-up goes
//! through here: it notes the problem with the nearest name that does exist and answers with a
//! stand-in, and the compile step goes on.

use std::ops::Range;

use toml::de::DeTable;

use crate::form::{At, Declared, Kind, STATUS, Said, Scenario, Step, Task, Text};
use crate::problem::{Findings, Problem};
use crate::tree::{self, Node};
use crate::value::Piece;
use crate::words::{did_you_mean, listed, quoted};

/// What the file as it is written is called where a variant could be named.
pub const BASE: &str = "base";

/// The names of one kind of thing; the place in the list is the id.
pub(crate) struct Names {
    noun: &'static str,
    code: &'static str,
    list: Vec<(String, Range<usize>)>,
    /// Whether there may be names that could not be read.
    open: bool,
}

/// How many things of one kind there can be: ids are small integers.
const MOST: usize = 200;
/// Sets of statuses are the bits of one integer.
const MOST_STATUSES: usize = 32;
/// So are those of clients.
const MOST_CLIENTS: usize = 32;
/// And those of files, rows and signals.
const MOST_BITS: usize = 64;

impl Names {
    fn new(noun: &'static str, code: &'static str) -> Self {
        Self { noun, code, list: Vec::new(), open: false }
    }

    /// Names of which there are no unknown ones: whoever uses one declares it.
    pub(crate) fn implied(noun: &'static str) -> Self {
        Self::new(noun, "")
    }

    /// Adds a name that must be new.
    pub(crate) fn declare(&mut self, findings: &Findings<'_>, name: &Text) {
        if findings.stands_in(&name.at) {
            self.open = true;
            return self.list.push((name.value.clone(), name.at.clone()));
        }
        if let Some((_, first)) = self.list.iter().find(|(known, _)| *known == name.value) {
            let title = format!("two {} are named {}", plural(self.noun), quoted(&name.value));
            let problem = Problem::new("P0312", &name.at, title).label("the second");
            let problem = problem.beside(first, "the first");
            findings.add(problem.help("give one of them another name"));
        }
        self.add(findings, &name.value, &name.at);
    }

    /// Adds a name unless it is there.
    fn imply(&mut self, findings: &Findings<'_>, name: &str, at: &Range<usize>) {
        if findings.stands_in(at) {
            self.open = true;
        } else if !self.list.iter().any(|(known, _)| known == name) {
            self.add(findings, name, at);
        }
    }

    fn add(&mut self, findings: &Findings<'_>, name: &str, at: &Range<usize>) {
        if self.is_too_long() {
            return;
        }
        check_name(findings, self.noun, name, at);
        self.list.push((name.to_owned(), at.clone()));
        if self.is_too_long() {
            let most = self.list.len() - 1;
            let title = format!("there are more than {most} {}", plural(self.noun));
            let problem = Problem::new("P0108", at, title).label("one too many");
            findings.add(problem.help("split the scenario in two"));
        }
    }

    /// Whether it has one name more than it may have; further ones are left out.
    fn is_too_long(&self) -> bool {
        let most = match self.noun {
            "status" => MOST_STATUSES,
            "client" => MOST_CLIENTS,
            "file" | "row" | "signal" => MOST_BITS,
            _ => MOST,
        };
        self.list.len() > most
    }

    /// The id of a name; one that does not exist is noted, and gets 0.
    pub(crate) fn find(&self, findings: &Findings<'_>, name: &Text) -> u8 {
        self.look_up(findings, &name.value, &name.at)
    }

    /// The same for a part of a text.
    pub(crate) fn find_piece(&self, findings: &Findings<'_>, name: &Piece<'_>) -> u8 {
        self.look_up(findings, name.text, &name.at())
    }

    fn look_up(&self, findings: &Findings<'_>, name: &str, at: &Range<usize>) -> u8 {
        if let Some(id) = self.id(name) {
            return id;
        }
        if self.is_too_long() || self.open || findings.stands_in(at) {
            return 0;
        }
        let known = || self.list.iter().map(|(name, _)| name.as_str());
        let title = format!("unknown {} {}{}", self.noun, quoted(name), did_you_mean(name, known()));
        let problem = Problem::new(self.code, at, title).label("not known");
        findings.add(problem.help(if self.list.is_empty() {
            format!("this scenario has no {} yet", self.noun)
        } else {
            let more = if self.noun == "status" {
                "; a task sets others, or `others` of [job] lists them"
            } else {
                ""
            };
            format!("known: {}{more}", listed(known()))
        }));
        0
    }

    /// The id of a name, if it exists.
    pub(crate) fn id(&self, name: &str) -> Option<u8> {
        let place = self.list.iter().position(|(known, _)| known == name)?;
        // A list that is too long for its ids has been refused.
        Some(u8::try_from(place).unwrap_or(0))
    }

    /// Whether there may be names that could not be read.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn at(&self, id: usize) -> &Range<usize> {
        &self.list[id].1
    }

    pub(crate) fn text(&self, id: usize) -> &str {
        &self.list[id].0
    }

    pub(crate) fn texts(&self) -> Vec<String> {
        self.list.iter().map(|(name, _)| name.clone()).collect()
    }
}

/// Refuses a name with characters that paths and lists are written with.
pub(crate) fn check_name(findings: &Findings<'_>, noun: &str, name: &str, at: &Range<usize>) {
    // A file's name may have an ending, and a status may be any word of the job's own.
    let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-') || c == '.' && noun == "file";
    if name.is_empty() || name.len() > 100 || !name.chars().all(good) {
        let title = format!("{} cannot be the name of {}", quoted(name), with_article(noun));
        let problem = Problem::new("P0313", at, title).label("not a name");
        findings.add(problem.help("use letters, digits, `-` and `_`, a hundred at most"));
    } else if noun == "variant" && name == BASE {
        let problem = Problem::new("P0313", at, "no variant can be called \"base\"").label("taken");
        findings.add(problem.help("that is the scenario as it is written; use another name"));
    }
}

fn plural(noun: &str) -> String {
    match noun {
        "status" => "statuses".to_owned(),
        "policy" => "policies".to_owned(),
        _ => format!("{noun}s"),
    }
}

fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// All names of a scenario.
pub(crate) struct Scope {
    pub(crate) nodes: Names,
    pub(crate) statuses: Names,
    pub(crate) tasks: Names,
    pub(crate) events: Names,
    pub(crate) stores: Names,
    pub(crate) rows: Names,
    pub(crate) files: Names,
    pub(crate) signals: Names,
    pub(crate) policies: Names,
    pub(crate) clients: Names,
}

impl Scope {
    pub(crate) fn of(form: &Scenario, implied: &Implied, findings: &Findings<'_>) -> Self {
        let mut scope = Self {
            nodes: Names::implied("node"),
            statuses: Names::new("status", "P0314"),
            tasks: Names::new("task", "P0302"),
            events: Names::new("event", "P0301"),
            stores: Names::new("store", "P0305"),
            rows: Names::new("row", "P0306"),
            files: Names::new("file", "P0311"),
            signals: Names::new("signal", "P0308"),
            policies: Names::new("policy", "P0304"),
            clients: Names::new("client", "P0307"),
        };
        form.event.iter().for_each(|event| scope.events.declare(findings, &event.name));
        form.store.iter().for_each(|store| scope.stores.declare(findings, &store.name));
        form.row.iter().for_each(|row| scope.rows.declare(findings, &row.name));
        form.signal.iter().for_each(|signal| scope.signals.declare(findings, &signal.name));
        form.client.iter().for_each(|client| scope.clients.declare(findings, &client.name));
        in_file_order(&form.policy).for_each(|(name, _)| scope.policies.declare(findings, name));
        for task in &form.task {
            scope.tasks.declare(findings, &task.name);
            scope.nodes.imply(findings, &task.node.value, &task.node.at);
        }
        for (names, implied) in [
            (&mut scope.statuses, &implied.statuses),
            (&mut scope.rows, &implied.rows),
            (&mut scope.files, &implied.files),
        ] {
            for name in implied {
                names.imply(findings, &name.value, &name.at);
            }
        }
        scope.imply(form, findings);
        scope.open(findings);
        scope
    }

    /// Lets names be unknown that may stand in what could not be read.
    fn open(&mut self, findings: &Findings<'_>) {
        let steps = findings.hides_steps();
        self.statuses.open |= steps || findings.open("job") || findings.open("others");
        self.rows.open |= steps || findings.open("row");
        self.files.open |= steps;
        let declared = [
            (&mut self.events, "event"),
            (&mut self.stores, "store"),
            (&mut self.signals, "signal"),
            (&mut self.policies, "policy"),
            (&mut self.clients, "client"),
            (&mut self.tasks, "task"),
        ];
        for (names, key) in declared {
            names.open |= findings.open(key);
        }
    }

    /// Adds what a value from the command line declares by using it.
    fn imply(&mut self, form: &Scenario, findings: &Findings<'_>) {
        self.statuses.imply(findings, &form.job.status.value, &form.job.status.at);
        form.job.others.iter().for_each(|status| self.statuses.imply(findings, &status.value, &status.at));
        for does in form.task.iter().flat_map(all_steps).flat_map(|step| &step.value.does) {
            let (Some(declared), Said::Text(name)) = (does.kind.declares(), &does.said) else { continue };
            let names = match declared {
                Declared::Status => &mut self.statuses,
                Declared::Row => &mut self.rows,
                Declared::File => &mut self.files,
            };
            names.imply(findings, &name.value, &name.at);
        }
    }
}

/// Names that a file declares by using them: statuses that are set, files, and rows that somebody commits; first those
/// of the base, then those of its variants. So a name is the same name, and known, in all cases.
#[derive(Default)]
pub(crate) struct Implied {
    statuses: Vec<Text>,
    rows: Vec<Text>,
    files: Vec<Text>,
}

impl Implied {
    /// What a file declares.
    pub(crate) fn of(tree: &DeTable<'_>) -> Self {
        let mut all = Self::default();
        let job = tree.get("job").and_then(|node| node.get_ref().as_table());
        let others = job.and_then(|job| job.get("others")).and_then(|node| node.get_ref().as_array());
        let statuses = job.and_then(|job| job.get("status")).into_iter().chain(others.into_iter().flatten());
        statuses.for_each(|status| all.add(STATUS.key, status));
        for task in tree::tables(tree, "task") {
            tree::each_step(task, &mut |step, _| all.keys(step));
        }
        let variants = tree.get("variant").and_then(|node| node.get_ref().as_table());
        let variants = variants.into_iter().flat_map(DeTable::values);
        for variant in variants.filter_map(|node| node.get_ref().as_table()) {
            all.variant(variant);
        }
        all
    }

    fn variant(&mut self, variant: &DeTable<'_>) {
        for (list, key) in [("insert", "step"), ("replace", "with")] {
            tree::tables(variant, list).filter_map(|one| one.get(key)).for_each(|step| self.step(step));
        }
        let set = variant.get("set").and_then(|node| node.get_ref().as_table());
        for (path, value) in set.into_iter().flatten() {
            match path.get_ref().rsplit_once('.') {
                Some((of, key)) if of.starts_with("task.") || of == "job" => self.add(key, value),
                _ => {}
            }
        }
    }

    fn step(&mut self, step: &Node<'_>) {
        let Some(table) = step.get_ref().as_table() else { return };
        self.keys(table);
        let inner = table.get("steps").and_then(|node| node.get_ref().as_array());
        inner.into_iter().flatten().for_each(|step| self.step(step));
    }

    fn keys(&mut self, step: &DeTable<'_>) {
        step.iter().for_each(|(key, value)| self.add(key.get_ref(), value));
    }

    fn add(&mut self, key: &str, value: &Node<'_>) {
        let names = match Kind::named(key).and_then(Kind::declares) {
            Some(Declared::Status) => &mut self.statuses,
            Some(Declared::Row) => &mut self.rows,
            Some(Declared::File) => &mut self.files,
            None => return,
        };
        names.extend(value.get_ref().as_str().map(|name| Text { at: value.span(), value: name.to_owned() }));
    }
}

/// The entries of a table in the order of the file.
pub(crate) fn in_file_order<T>(
    table: &std::collections::BTreeMap<Text, T>,
) -> impl Iterator<Item = (&Text, &T)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.at.start);
    entries.into_iter()
}

/// All steps of a task, those inside a `repeat` too.
pub(crate) fn all_steps(task: &Task) -> impl Iterator<Item = &At<Step>> {
    fn with_inner(step: &At<Step>) -> Vec<&At<Step>> {
        let inner = step.value.how.steps.iter().flatten().flat_map(with_inner);
        std::iter::once(step).chain(inner).collect()
    }
    task.steps.iter().chain(&task.r#loop).chain(&task.otherwise).flat_map(with_inner)
}
