//! One scenario, asked twice.

use toml::Table;

use super::asked::{self, Bounds, Said, Silent};
use super::dice::Dice;
use super::explore::{self, Graph, Stopped};
use super::ledger::INVARIANTS;
use super::system::System;
use super::{facts, orders, questions, read, spans, variant};

/// What comes of asking twice.
pub(crate) enum Outcome {
    /// What was drawn is no sound scenario.
    Unsound(Vec<(String, String)>),
    /// There are more states than can be counted out.
    TooMany,
    /// In some run something goes on for ever at one instant, so that it gets to no end.
    StandsStill,
    Compared {
        text: String,
        cases: Vec<Compared>,
    },
}

/// One case: the file as it is written, a variant or a combination.
pub(crate) struct Compared {
    pub(crate) variant: Option<String>,
    pub(crate) questions: usize,
    pub(crate) unknown: Vec<Unknown>,
    /// Bounds that no run was found to attain.
    pub(crate) bounds: usize,
    pub(crate) disagreements: Vec<Disagreement>,
    pub(crate) states: usize,
    pub(crate) endless: bool,
    /// The facts that it was asked about.
    pub(crate) facts: Vec<String>,
    /// The parts of the grammar that its system has, as punctual's own lists tell them apart.
    pub(crate) parts: Vec<&'static str>,
}

/// A question that punctual leaves open.
pub(crate) struct Unknown {
    pub(crate) question: String,
    /// The facts that it is asked between, if it is.
    pub(crate) stretch: Option<(String, String)>,
    pub(crate) why: String,
    pub(crate) reference: String,
}

#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Disagreement {
    pub(crate) question: String,
    /// The facts that it is asked between, if it is.
    pub(crate) stretch: Option<(String, String)>,
    pub(crate) punctual: String,
    pub(crate) reference: String,
}

/// The stretches that are asked about.
#[derive(Clone, Copy)]
pub(crate) enum Stretches<'s> {
    /// Some that a seed draws.
    Drawn(u64),
    /// From one fact to another.
    These(&'s [(String, String)]),
}

/// How much is asked.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) most_states: usize,
}

/// Asks of a scenario all that can be asked of it, and of facts what the seed draws.
pub(crate) fn compare(text: &str, stretches: Stretches<'_>, effort: Effort) -> Outcome {
    let (text, vacuous) = match asked::sound(text) {
        Ok(sound) => sound,
        Err(problems) => return Outcome::Unsound(problems),
    };
    let file: Table = text.parse().expect("what is sound is TOML");
    let (mut graphs, mut stands_still) = (Vec::new(), false);
    let patched = variants(&file).into_iter().map(|variant| variant::patched(&file, variant.as_deref()));
    let Some(cases) = patched.collect::<Option<Vec<Table>>>() else {
        return Outcome::Unsound(vec![("changes of one step".into(), String::new())]);
    };
    for system in read::systems(&cases) {
        match explore::graph(&system, effort.most_states) {
            Ok(graph) => graphs.push((system, graph)),
            Err(Stopped::TooMany) => return Outcome::TooMany,
            Err(Stopped::StandsStill) => stands_still = true,
        }
    }
    if stands_still {
        return Outcome::StandsStill;
    }
    let answers = match asked::answers(&text) {
        Ok(answers) => answers,
        Err(silent) => {
            let mut case = Asking::new(None, &Graph { nodes: Vec::new(), begins: Vec::new(), broken: 0 });
            match silent {
                Silent::StandsStill => case.held("whether it stands still", &Said::Is(true), &false),
                Silent::Refused(why) => case.held("what is no run", &Said::Is(Some(why)), &None),
            }
            return Outcome::Compared { text, cases: vec![case.compared] };
        }
    };
    let mut cases = Vec::new();
    for (at, (answer, (system, graph))) in answers.iter().zip(&graphs).enumerate() {
        let mut asking = Asking::new(answer.variant.clone(), graph);
        asking.compared.parts.clone_from(&answer.parts);
        asking.invariants(answer, &vacuous, graph);
        asking.deliveries(answer, system, graph);
        asking.orders(answer, system, graph);
        asking.facts(&text, system, graph, stretches, at as u64);
        cases.push(asking.compared);
    }
    Outcome::Compared { text, cases }
}

/// The cases of a file, in the order in which punctual tells of them.
pub(crate) fn variants(file: &Table) -> Vec<Option<String>> {
    let names =
        |key: &str| file.get(key).and_then(toml::Value::as_table).into_iter().flat_map(Table::keys).cloned();
    std::iter::once(None).chain(names("variant").map(Some)).chain(names("combination").map(Some)).collect()
}

impl Unknown {
    /// What it is about, without names and numbers.
    pub(crate) fn kind(&self) -> String {
        let question = self.question.split(' ').next().unwrap_or_default();
        let why = self.why.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default();
        format!("{question}: {why}... (the manual says {})", self.reference)
    }
}

struct Asking {
    compared: Compared,
    stretch: Option<(String, String)>,
}

impl Asking {
    fn new(variant: Option<String>, graph: &Graph) -> Self {
        Self {
            compared: Compared {
                variant,
                questions: 0,
                unknown: Vec::new(),
                bounds: 0,
                disagreements: Vec::new(),
                states: graph.nodes.len(),
                endless: graph.is_endless(),
                facts: Vec::new(),
                parts: Vec::new(),
            },
            stretch: None,
        }
    }

    fn held<T: PartialEq + std::fmt::Debug>(&mut self, question: &str, said: &Said<T>, reference: &T) {
        self.compared.questions += 1;
        match said {
            Said::Is(said) if said == reference => {}
            Said::Is(said) => self.compared.disagreements.push(Disagreement {
                question: question.to_owned(),
                stretch: self.stretch.clone(),
                punctual: format!("{said:?}"),
                reference: format!("{reference:?}"),
            }),
            Said::Unknown(why) => self.compared.unknown.push(Unknown {
                question: question.to_owned(),
                stretch: self.stretch.clone(),
                why: why.clone(),
                reference: format!("{reference:?}"),
            }),
        }
    }

    fn invariants(&mut self, answer: &asked::Answer, vacuous: &[String], graph: &Graph) {
        let broken = graph.broken();
        for (at, name) in INVARIANTS.iter().enumerate() {
            let reference = broken >> at & 1 == 1;
            if let Some([with_run, alone]) = answer.broken.get(*name) {
                self.held(&format!("{name} broken"), with_run, &reference);
                // One question, unless there are two answers.
                if alone != with_run {
                    self.held(&format!("{name} broken, asked without a run"), alone, &reference);
                }
            } else if vacuous.iter().any(|vacuous| vacuous == name) {
                self.held(&format!("{name} broken (P0608)"), &Said::Is(false), &reference);
            }
        }
    }

    fn deliveries(&mut self, answer: &asked::Answer, system: &System, graph: &Graph) {
        for ((event, client), said) in &answer.deliveries {
            let kind = system.kinds.iter().position(|kind| kind.name == *event).expect("a kind");
            let at = system.clients.iter().position(|known| known.name == *client).expect("a client");
            self.span(
                &format!("delivery of {event} to {client}"),
                said.clone(),
                spans::delivery(graph, system, kind, at),
            );
        }
    }

    /// What some run attains is exact; what is only a bound must not be within.
    fn span(&mut self, question: &str, said: Said<Option<Bounds>>, reference: Option<spans::Span>) {
        let said = match said {
            Said::Is(Some(Bounds { span: (least, greatest), attained })) => {
                let (real_least, real_greatest) = reference.unwrap_or((least, greatest));
                let loose_least = !attained.0 && least <= real_least;
                let loose_greatest =
                    !attained.1 && greatest.is_none_or(|one| real_greatest.is_some_and(|real| one >= real));
                let is_bound = (loose_least || loose_greatest) && Some((least, greatest)) != reference;
                self.compared.bounds += usize::from(is_bound);
                let least = if loose_least { real_least } else { least };
                Said::Is(Some((least, if loose_greatest { real_greatest } else { greatest })))
            }
            Said::Is(None) => Said::Is(None),
            Said::Unknown(why) => Said::Unknown(why),
        };
        self.held(question, &said, &reference);
    }

    fn orders(&mut self, answer: &asked::Answer, system: &System, graph: &Graph) {
        for (name, said) in &answer.orders {
            let order = system.orders.iter().find(|order| order.name == *name).expect("an order");
            self.held(&format!("order {name} possible"), said, &orders::is_possible(graph, system, order));
        }
    }

    fn facts(&mut self, text: &str, system: &System, graph: &Graph, stretches: Stretches<'_>, case: u64) {
        let pairs = match stretches {
            Stretches::Drawn(seed) => {
                let (all, mut dice) = (questions::facts(system), Dice::new(seed ^ case << 48));
                let pairs = dice.from(1, 2);
                (0..pairs).map(|_| (dice.pick(&all).clone(), dice.pick(&all).clone())).collect()
            }
            Stretches::These(pairs) => pairs.to_vec(),
        };
        for (from, to) in pairs {
            let named = facts::named(system, &from).zip(facts::named(system, &to));
            let Some((first, second)) = named else { continue };
            let said = asked::between(text, self.compared.variant.as_deref(), &from, &to);
            self.stretch = Some((from.clone(), to.clone()));
            self.span(&format!("from {from} to {to}"), said, spans::between(graph, system, &first, &second));
            self.compared.facts.extend([from, to]);
        }
    }
}
