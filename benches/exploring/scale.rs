//! Scenarios of any size: so many tabs that wait for one job, or so many events that one tab waits for.

/// The text of a scenario with so many tabs and events.
pub(crate) fn text(tabs: usize, events: usize) -> String {
    let mut text = format!(
        "scenario = \"scale\"\nabout = \"{tabs} tabs wait for {events} events of one job\"\nends = \"5s after job\"\n\n[job]\nstatus = \"running\"\n\n"
    );
    for event in 0..events {
        let terminal = if event + 1 == events { "terminal = true\n" } else { "" };
        text += &format!("[[event]]\nname = \"e{event}\"\n{terminal}");
    }
    text += "[[store]]\nname = \"events\"\nids = \"counter\"\n\n[[task]]\nname = \"job\"\nnode = \"worker\"\nsteps = [\n  { work = \"render\", takes = \"5s..8s\" },\n";
    for event in 0..events {
        text += &format!("  {{ publish = \"e{event}\", takes = \"1ms..20ms\" }},\n");
    }
    text += "  { status = \"completed\", takes = \"1ms..20ms\" },\n]\n";
    for tab in 0..tabs {
        text += &of_tab(tab, events - 1);
    }
    text + "[expect]\nno-event-lost = \"any\"\nclient-never-times-out = \"any\"\nin-order = \"any\"\n"
}

/// A stream that polls each second, and its page.
fn of_tab(tab: usize, last: usize) -> String {
    format!(
        "[[task]]\nname = \"stream{tab}\"\nnode = \"app\"\nserves = \"page{tab}\"\nloop = [\n  {{ send = \"events\", takes = \"1ms..3ms\" }},\n  {{ read = \"status\", takes = \"2ms..15ms\" }},\n  {{ close = \"page{tab}\", if = \"is completed for 3s\" }},\n  {{ sleep = \"1s\" }},\n]\n[[client]]\nname = \"page{tab}\"\nlatency = \"5ms..80ms\"\n[[client.timer]]\nname = \"give-up\"\nfrom = \"start\"\nlimit = \"12s\"\nstops = [\"e{last}\"]\nshows = \"failure\"\nends = true\n[[client.on]]\nevent = \"e{last}\"\nshows = \"success\"\nends = true\n"
    )
}
