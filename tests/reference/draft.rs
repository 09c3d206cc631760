//! A scenario as it is being drawn, and its text.

use super::ledger::INVARIANTS;

#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) ends: Option<String>,
    pub(crate) statuses: Vec<&'static str>,
    /// Tables of events, stores, rows, signals and policies.
    pub(crate) declared: String,
    pub(crate) tasks: Vec<DraftTask>,
    pub(crate) clients: Vec<DraftClient>,
    pub(crate) limits: Vec<(&'static str, String)>,
    /// Tables of variants, combinations and orders.
    pub(crate) patches: String,
    /// The names of the variants and combinations.
    pub(crate) variants: Vec<String>,
}

#[derive(Default)]
pub(crate) struct DraftTask {
    pub(crate) name: &'static str,
    pub(crate) node: &'static str,
    pub(crate) starts: Option<String>,
    /// The place of the client.
    pub(crate) serves: Option<usize>,
    pub(crate) per_source: bool,
    pub(crate) steps: Vec<DraftStep>,
    pub(crate) around: Vec<DraftStep>,
    pub(crate) otherwise: Vec<DraftStep>,
}

#[derive(Clone, Default)]
pub(crate) struct DraftStep {
    /// Its own name, if it has one.
    pub(crate) name: Option<String>,
    /// Its keys and values, as the file writes them.
    pub(crate) keys: Vec<(&'static str, String)>,
    /// The steps of a `repeat`.
    pub(crate) inner: Vec<DraftStep>,
}

#[derive(Default)]
pub(crate) struct DraftClient {
    pub(crate) name: &'static str,
    pub(crate) latency: String,
    pub(crate) reconnects: Option<String>,
    pub(crate) resumes: bool,
    /// The name and the keys of each timer.
    pub(crate) timers: Vec<(&'static str, String)>,
    /// The event and the keys of each reaction.
    pub(crate) reactions: Vec<(&'static str, String)>,
}

impl DraftStep {
    /// A step that says this.
    pub(crate) fn new(verb: &'static str, value: &str) -> Self {
        Self::raw(verb, format!("\"{value}\""))
    }

    pub(crate) fn raw(verb: &'static str, value: String) -> Self {
        Self { keys: vec![(verb, value)], ..Self::default() }
    }

    pub(crate) fn with(mut self, key: &'static str, value: &str) -> Self {
        self.keys.push((key, format!("\"{value}\"")));
        self
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|(known, _)| *known == key)
    }

    /// The value of a key, as the file writes it.
    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        self.keys.iter().find(|(known, _)| *known == key).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        let name = self.name.iter().map(|name| format!("step = \"{name}\""));
        let keys = self.keys.iter().map(|(key, value)| format!("{key} = {value}"));
        let inner = (!self.inner.is_empty()).then(|| format!("steps = {}", list(&self.inner)));
        format!("{{ {} }}", keys.chain(name).chain(inner).collect::<Vec<_>>().join(", "))
    }
}

fn list(steps: &[DraftStep]) -> String {
    format!("[{}]", steps.iter().map(DraftStep::text).collect::<Vec<_>>().join(", "))
}

impl DraftTask {
    /// All its steps, those inside a `repeat` too.
    pub(crate) fn all(&self) -> impl Iterator<Item = &DraftStep> {
        let outer = self.steps.iter().chain(&self.around).chain(&self.otherwise);
        outer.flat_map(|step| std::iter::once(step).chain(&step.inner))
    }

    fn text(&self, clients: &[DraftClient]) -> String {
        let mut text = format!("[[task]]\nname = \"{}\"\nnode = \"{}\"\n", self.name, self.node);
        text += &self.starts.as_ref().map_or(String::new(), |starts| format!("starts = \"{starts}\"\n"));
        text += &self.serves.map_or(String::new(), |at| format!("serves = \"{}\"\n", clients[at].name));
        text += if self.per_source { "cursors = \"per-source\"\n" } else { "" };
        for (key, steps) in [("steps", &self.steps), ("loop", &self.around), ("otherwise", &self.otherwise)] {
            if !steps.is_empty() {
                let steps: Vec<String> = steps.iter().map(|step| format!("  {},\n", step.text())).collect();
                text += &format!("{key} = [\n{}]\n", steps.concat());
            }
        }
        text
    }
}

impl DraftClient {
    fn text(&self) -> String {
        let mut text = format!("[[client]]\nname = \"{}\"\nlatency = \"{}\"\n", self.name, self.latency);
        if let Some(after) = &self.reconnects {
            text += &format!("reconnects = \"{after}\"\n");
            text += if self.resumes { "" } else { "resumes = false\n" };
        }
        for (name, keys) in &self.timers {
            text += &format!("[[client.timer]]\nname = \"{name}\"\n{keys}");
        }
        self.reactions.iter().for_each(|(_, keys)| text += &format!("[[client.on]]\n{keys}"));
        text
    }
}

impl Draft {
    /// All steps as the file writes them.
    pub(crate) fn steps_text(&self) -> String {
        self.tasks.iter().map(|task| task.text(&self.clients)).collect()
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::from("scenario = \"random\"\nabout = \"Drawn at random.\"\n");
        text += &self.ends.as_ref().map_or(String::new(), |ends| format!("ends = \"{ends}\"\n"));
        let others: Vec<String> = self.statuses[1..].iter().map(|status| format!("\"{status}\"")).collect();
        text += &format!("[job]\nstatus = \"{}\"\nothers = [{}]\n", self.statuses[0], others.join(", "));
        text += &self.declared;
        text += &self.steps_text();
        self.clients.iter().for_each(|client| text += &client.text());
        text += "[limits]\n";
        self.limits.iter().for_each(|(name, limit)| text += &format!("{name} = {limit}\n"));
        text += "[expect]\n";
        let with_limit = ["delivered-within", "stream-ends"];
        let limited = |name: &str| self.limits.iter().any(|(known, _)| *known == name);
        for name in INVARIANTS.iter().filter(|name| !with_limit.contains(name) || limited(name)) {
            text += &format!("{name} = \"any\"\n");
        }
        text + &self.patches
    }
}
