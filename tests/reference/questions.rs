//! The facts that can be asked about.

use super::system::System;

/// The texts of all facts of a system.
pub(crate) fn facts(system: &System) -> Vec<String> {
    let mut facts = Vec::new();
    for task in &system.tasks {
        facts.extend([format!("over {}", task.name), format!("turned {}", task.name)]);
        let mut names: Vec<&str> = task.steps.iter().map(|step| step.name.as_str()).collect();
        names.dedup();
        facts.extend(names.into_iter().map(|step| format!("{}.{step}", task.name)));
    }
    for kind in &system.kinds {
        facts.push(format!("published {}", kind.name));
        for client in &system.clients {
            facts.push(format!("sent {} at {}", kind.name, client.name));
            facts.push(format!("arrived {} at {}", kind.name, client.name));
        }
    }
    for row in &system.rows {
        facts.extend(["committed", "visible", "rolled-back"].map(|word| format!("{word} {}", row.name)));
    }
    facts.extend(system.files.iter().map(|file| format!("saved {file}")));
    facts.extend(system.statuses.iter().map(|status| format!("status {status}")));
    facts.extend(system.signals.iter().map(|signal| format!("notified {}", signal.name)));
    facts.extend(
        system.nodes.iter().flat_map(|node| [format!("crashed {node}"), format!("restarted {node}")]),
    );
    let words = ["closed", "found", "missed", "finished", "cut", "connected", "gave-up", "held"];
    for client in &system.clients {
        facts.extend(words.map(|word| format!("{word} {}", client.name)));
        facts.extend(
            ["progress", "success", "failure"].map(|shown| format!("shown {shown} at {}", client.name)),
        );
        for timer in &client.timers {
            facts.extend(
                ["started", "timed-out"].map(|word| format!("{word} {} at {}", timer.name, client.name)),
            );
        }
    }
    facts
}
