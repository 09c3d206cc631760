//! `punctual explain`: what an error code or an invariant means.

use clap::Args;
use punctual_model::Rule;

use super::Exit;
use super::output::{Output, say};

/// Explain an error code or an invariant, or list them.
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// A code such as P0201, or the name of an invariant; all codes with their titles if none is given
    code: Option<String>,
}

impl Explain {
    pub(super) fn run(self, output: &Output) -> Exit {
        let Some(asked) = &self.code else {
            let lines =
                punctual::explain::titles().into_iter().map(|(code, title)| format!("{code}  {title}\n"));
            return if output.print(&lines.collect::<String>()) { Exit::AsExpected } else { Exit::Wrong };
        };
        let asked = asked.to_lowercase();
        let code = asked.to_uppercase();
        let text = punctual_scenarios::explain(&code)
            .map(|text| format!("{code}\n\n{}\n", text.trim_end()))
            .or_else(|| punctual::explain::found_by_running(&code))
            .or_else(|| punctual::explain::invariant(&asked))
            .or_else(|| punctual::explain::invariant(&code));
        let Some(text) = text else {
            say(&format!("error: nothing is called {asked}; {}", nearest(&asked)));
            return Exit::Wrong;
        };
        if output.print(&text) { Exit::AsExpected } else { Exit::Wrong }
    }
}

fn nearest(asked: &str) -> String {
    let near = |name: &&str| strsim::jaro_winkler(name, asked);
    match Rule::NAMES.into_iter().max_by(|a, b| near(a).total_cmp(&near(b))) {
        Some(name) if near(&name) > 0.8 => format!("did you mean {name}?"),
        _ => format!("codes look like P0201, invariants are {}", Rule::NAMES.join(", ")),
    }
}
