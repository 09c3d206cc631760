//! The variants of a random scenario, and the orders that are looked for in it.

use super::draft::{Draft, DraftStep};
use super::draw::Plan;
use super::steps;

/// A step by its path, with its keys.
struct Named {
    path: String,
    step: DraftStep,
}

/// Draws variants, each with one change or two, and their combination.
pub(crate) fn variants(plan: &mut Plan, draft: &mut Draft) {
    let count = plan.dice.weighed(&[(40, 0), (35, 1), (25, 2)]);
    let mut touched = Vec::new();
    for name in ["v", "w"].into_iter().take(count) {
        let mut changes = Changes { touched: std::mem::take(&mut touched), ..Changes::default() };
        for _ in 0..plan.dice.from(1, 2) {
            change(plan, draft, &mut changes);
        }
        touched.clone_from(&changes.touched);
        if changes.is_empty() {
            continue;
        }
        draft.patches += &changes.text(name);
        if name == "w" && draft.variants.len() == 1 && plan.dice.percent(30) {
            draft.patches += "overrides = [\"v\"]\n";
        }
        draft.variants.push(name.to_owned());
    }
    if draft.variants.len() == 2 && plan.dice.percent(70) {
        draft.patches += "[combination.\"v+w\"]\nabout = \"Both.\"\n";
        draft.variants.push("v+w".into());
    }
}

/// The changes of a variant. Mostly each step is changed, or is an anchor, in one of them only.
#[derive(Default)]
struct Changes {
    set: Vec<(String, String)>,
    lists: Vec<(&'static str, String)>,
    touched: Vec<String>,
}

impl Changes {
    fn is_empty(&self) -> bool {
        self.set.is_empty() && self.lists.is_empty()
    }

    fn text(&self, name: &str) -> String {
        let mut text = format!("[variant.{name}]\nabout = \"Drawn at random.\"\n");
        if !self.set.is_empty() {
            let set: Vec<String> =
                self.set.iter().map(|(path, value)| format!("\"{path}\" = {value}")).collect();
            text += &format!("set = {{ {} }}\n", set.join(", "));
        }
        for key in ["unset", "insert", "move", "replace", "remove"] {
            let of = self.lists.iter().filter(|(known, _)| *known == key).map(|(_, change)| change.as_str());
            let list: Vec<&str> = of.collect();
            if !list.is_empty() {
                text += &format!("{key} = [{}]\n", list.join(", "));
            }
        }
        text
    }

    /// A step that no change has to do with yet.
    fn fresh(&mut self, plan: &mut Plan, draft: &Draft) -> Option<Named> {
        let named = named_steps(draft);
        let again = plan.dice.percent(20);
        let left: Vec<&Named> =
            named.iter().filter(|step| again || !self.touched.contains(&step.path)).collect();
        if left.is_empty() {
            return None;
        }
        let found = *plan.dice.pick(&left);
        self.touched.push(found.path.clone());
        Some(Named { path: found.path.clone(), step: found.step.clone() })
    }
}

fn named_steps(draft: &Draft) -> Vec<Named> {
    let of = |task: &super::draft::DraftTask| {
        let task_name = task.name;
        task.all()
            .filter_map(|step| {
                let path = format!("{task_name}.{}", step.name.as_ref()?);
                Some(Named { path, step: step.clone() })
            })
            .collect::<Vec<_>>()
    };
    draft.tasks.iter().flat_map(of).collect()
}

fn change(plan: &mut Plan, draft: &Draft, changes: &mut Changes) {
    match plan.dice.below(12) {
        0..4 => set(plan, draft, changes),
        4 => unset(plan, draft, changes),
        5 | 6 => insert(plan, draft, changes),
        7 | 8 => move_step(plan, draft, changes),
        9 => {
            let Some(found) = changes.fresh(plan, draft) else { return };
            let step = steps::like(plan, draft, &found.path);
            let change = format!("{{ step = \"{}\", with = {} }}", found.path, step.text());
            changes.lists.push(("replace", change));
        }
        _ => {
            let Some(found) = changes.fresh(plan, draft) else { return };
            changes.lists.push(("remove", format!("\"{}\"", found.path)));
        }
    }
}

fn insert(plan: &mut Plan, draft: &Draft, changes: &mut Changes) {
    let Some(found) = changes.fresh(plan, draft) else { return };
    let mut step = steps::like(plan, draft, &found.path);
    step.name = Some(plan.name('y'));
    let side = *plan.dice.pick(&["before", "after"]);
    changes.lists.push(("insert", format!("{{ {side} = \"{}\", step = {} }}", found.path, step.text())));
}

fn move_step(plan: &mut Plan, draft: &Draft, changes: &mut Changes) {
    let (Some(one), Some(other)) = (changes.fresh(plan, draft), changes.fresh(plan, draft)) else { return };
    let task = |path: &str| path.split('.').next().map(str::to_owned);
    if task(&one.path) == task(&other.path) {
        let side = *plan.dice.pick(&["before", "after"]);
        let change = format!("{{ step = \"{}\", {side} = \"{}\" }}", one.path, other.path);
        changes.lists.push(("move", change));
    }
}

/// Sets a value to another one that fits.
fn set(plan: &mut Plan, draft: &Draft, changes: &mut Changes) {
    let mut set = |path: String, value: String| {
        if !changes.set.iter().any(|(known, _)| *known == path) {
            changes.set.push((path, value));
        }
    };
    let quoted = |text: &str| format!("\"{text}\"");
    let client = &draft.clients[0];
    match plan.dice.below(16) {
        0 => set(format!("client.{}.latency", client.name), quoted(&plan.delay(0, 2))),
        1 if client.reconnects.is_some() => {
            set(format!("client.{}.reconnects", client.name), quoted(&plan.delay(0, 2)));
        }
        2 if client.reconnects.is_some() => {
            set(format!("client.{}.resumes", client.name), (!client.resumes).to_string());
        }
        3 if !client.timers.is_empty() => {
            let path = format!("client.{}.timer.{}.limit", client.name, client.timers[0].0);
            set(path, quoted(&plan.delay(1, 5)));
        }
        4 if !client.reactions.is_empty() => {
            set(format!("client.{}.on.{}.ends", client.name, client.reactions[0].0), "true".into());
        }
        5 | 6 => {
            let (store, ids) = *plan.dice.pick(&plan.stores);
            let other = if ids == "counter" { "clock 2us" } else { "counter" };
            if ids != "given" {
                set(format!("store.{store}.ids"), quoted(other));
            }
        }
        7 => set(format!("store.{}.keep", plan.stores[0].0), plan.dice.from(1, 2).to_string()),
        8 if draft.declared.contains("[policy.po]") => set("policy.po.a".into(), quoted(&plan.line())),
        9 if plan.signal => {
            let permit = draft.declared.contains("permit = false");
            set("signal.w.permit".into(), permit.to_string());
        }
        10 if draft.ends.is_some() => {
            let after = plan.dice.from(plan.ends.unwrap_or(0), 5);
            set("ends".into(), quoted(&format!("{after}us after w0")));
        }
        11 => set("limits.bounded-requests".into(), plan.dice.from(1, 3).to_string()),
        12 => set("job.status".into(), quoted("b")),
        13 if !plan.kinds.is_empty() => {
            set(format!("event.{}.terminal", plan.kinds[0].0), plan.dice.percent(70).to_string());
        }
        _ => {
            if let Some((path, delay)) = timed(plan, draft) {
                set(path, quoted(&delay));
            }
        }
    }
}

/// The path to the time of a step that takes some, and another delay for it.
fn timed(plan: &mut Plan, draft: &Draft) -> Option<(String, String)> {
    const TIMES: [&str; 3] = ["takes", "blocks", "sleep"];
    let named = named_steps(draft);
    let timed: Vec<&Named> =
        named.iter().filter(|named| TIMES.iter().any(|key| named.step.has(key))).collect();
    if timed.is_empty() {
        return None;
    }
    let found = *plan.dice.pick(&timed);
    let key = TIMES.into_iter().find(|key| found.step.has(key)).expect("it takes time");
    let least = u64::from(found.step.has("sleep"));
    Some((format!("task.{}.{key}", found.path), plan.delay(least, 2)))
}

/// Leaves an optional key out.
fn unset(plan: &mut Plan, draft: &Draft, changes: &mut Changes) {
    let mut paths = Vec::new();
    for named in named_steps(draft) {
        for key in ["chance", "if", "returns", "fails", "at-most", "sends", "into", "blocks", "way"] {
            if named.step.has(key) {
                paths.push(format!("task.{}.{key}", named.path));
            }
        }
        if named.step.has("announce") && named.step.has("cursor") {
            paths.push(format!("task.{}.cursor", named.path));
        }
    }
    for client in draft.clients.iter().filter(|client| client.reconnects.is_some()) {
        paths.push(format!("client.{}.reconnects", client.name));
    }
    if draft.declared.contains("visible-after") {
        paths.push("row.row.visible-after".into());
    }
    if !paths.is_empty() {
        let path = plan.dice.pick(&paths).clone();
        changes.lists.push(("unset", format!("\"{path}\"")));
    }
}

/// Draws orders of steps; whether they are possible is what is asked.
pub(crate) fn orders(plan: &mut Plan, draft: &mut Draft) {
    let named = named_steps(draft);
    let takes_effect: Vec<&Named> = named.iter().filter(|named| !named.step.has("repeat")).collect();
    // Where events can follow each other for ever, punctual looks at hundreds of thousands of orders first.
    let loops = draft.tasks.iter().any(|task| !task.around.is_empty());
    let endless = loops || draft.clients.iter().any(|client| client.reconnects.is_some());
    if takes_effect.len() < 2 || plan.dice.percent(if endless { 100 } else { 25 }) {
        return;
    }
    for number in 0..plan.dice.from(1, 2) {
        let steps = plan.dice.weighed(&[(60, 2), (30, 3), (10, 4)]);
        let step = |plan: &mut Plan| {
            let path = &plan.dice.pick(&takes_effect).path;
            let time =
                if plan.dice.percent(15) { format!("@{}", plan.dice.from(1, 2)) } else { String::new() };
            format!("\"{path}{time}\"")
        };
        let order: Vec<String> = (0..steps).map(|_| step(plan)).collect();
        let mut text = format!("[[interleaving]]\nname = \"o{number}\"\norder = [{}]\n", order.join(", "));
        if !draft.variants.is_empty() && plan.dice.percent(30) {
            text += &format!("variant = \"{}\"\n", plan.dice.pick(&draft.variants));
        }
        draft.patches += &format!("{text}expect = \"impossible\"\n");
    }
}
