//! `punctual explain`: what an error code or an invariant means.

use clap::Args;
use punctual_model::Rule;

use super::Exit;
use super::output::{Output, wrong};
use super::select::nearest;

/// Explain an error code or an invariant, or list them.
#[derive(Args, Debug)]
pub(crate) struct Explain {
    /// A code such as P0201, or the name of an invariant; all codes with their titles if none is given
    code: Option<String>,
}

impl Explain {
    pub(super) fn run(&self, output: &Output) -> Result<Exit, Exit> {
        let Some(asked) = &self.code else {
            let lines =
                punctual::explain::titles().into_iter().map(|(code, title)| format!("{code}  {title}\n"));
            return output.printed(&lines.collect::<String>(), Exit::AsExpected);
        };
        let asked = asked.to_lowercase();
        let code = asked.to_uppercase();
        let text = punctual_scenarios::explain(&code)
            .map(|text| format!("{code}\n\n{}\n", text.trim_end()))
            .or_else(|| punctual::explain::found_by_running(&code))
            .or_else(|| punctual::explain::invariant(&asked))
            .or_else(|| punctual::explain::invariant(&code));
        let text = text.ok_or_else(|| wrong(format!("nothing is called {asked}; {}", meant(&asked))))?;
        output.printed(&text, Exit::AsExpected)
    }
}

/// What a name that is none may have been meant to be, or what names look like.
fn meant(asked: &str) -> String {
    match nearest(asked, &Rule::NAMES) {
        Some(name) => format!("did you mean {name}?"),
        None => format!("codes look like P0201, invariants are {}", Rule::NAMES.join(", ")),
    }
}
