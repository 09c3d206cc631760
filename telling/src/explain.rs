//! What an invariant wants of a case, and what the codes mean that are not of scenario files.

use punctual_model::{Allowed, Happening, INVARIANTS, Invariant, Rule};
use punctual_reports::text;

/// What an invariant wants, in a few words.
pub fn wanted(rule: Rule) -> String {
    let limit = rule.limit().map_or(String::new(), |limit| match limit {
        Allowed::Within(span) => text::duration(span.0),
        Allowed::AtMost(bound) => bound.to_string(),
    });
    rule.invariant().wanted.replace("{}", &limit)
}

/// The code of what only the runs of a scenario show: that nothing happened.
pub const NOTHING: &str = "P1101";

/// What [`NOTHING`] means, with the invariants that each thing is asked of.
fn about_nothing() -> String {
    let about = |happening: Happening| {
        let without = INVARIANTS.iter().filter(|invariant| invariant.without == Some(happening));
        without.map(|invariant| invariant.name).collect::<Vec<_>>().join(", ")
    };
    let about = format!(
        "An invariant is expected to hold, and in none of the runs of that case did anything happen that it is about: \
         no event was published ({}) or sent ({}), nothing was fetched ({}), no commit failed ({}), the job was never \
         over ({}), or no outcome was shown ({}). It would hold whatever is wrong. Let it happen, or do not expect it of \
         this case. At least 10 000 runs are made before this is said.",
        about(Happening::Published),
        about(Happening::Sent),
        about(Happening::Fetched),
        about(Happening::RolledBack),
        about(Happening::JobOver),
        about(Happening::OutcomeShown),
    );
    format!("{TITLE_OF_NOTHING}\n\n{}", text::wrap(&about, 100, false).join("\n"))
}

/// The title of [`NOTHING`].
const TITLE_OF_NOTHING: &str = "nothing happened";

/// The code of a number of states that is another one than the scenario says.
pub const STATES: &str = punctual_reports::document::STATES_CODE;

/// What [`STATES`] means.
const ABOUT_STATES: &str = "another number of states\n\nExploring every timing of a case keeps so many states, over all its invariants, and the scenario\nsays `states = N` in what it expects of that case. The number is the same on every machine and for\nevery seed, so one that differs says that the model was changed, or that this version of punctual\nexplores it in another way. Neither is wrong by itself: look at what was changed, and write down the\nnew number if it is meant. A variant has a number of its own. Where exploring stops at a limit there is\nno number to compare, and that is inconclusive.";

/// The code of what never comes into play.
pub const NEVER_TAKEN: &str = punctual_reports::document::NEVER_TAKEN_CODE;

/// What [`NEVER_TAKEN`] means.
const ABOUT_NEVER_TAKEN: &str = "never taken\n\nNo timing that the delays allow takes this step, starts this timer, lets this client react, or rests by\nthis line, which the variant sets. Whatever is proved says nothing of it: perhaps a condition can never\nhold, or the step before it never ends. If that is meant, write it down: never-taken = [\"sse.announce\"],\nat the top of the file for all cases, or in a variant for that one. What is written down and is taken\nafter all is told too. Where exploring stops at a limit nothing is said.";

/// The paragraph about a code that only running a scenario gives.
pub fn found_by_running(code: &str) -> Option<String> {
    let about = match code {
        NOTHING => about_nothing(),
        STATES => ABOUT_STATES.to_owned(),
        NEVER_TAKEN => ABOUT_NEVER_TAKEN.to_owned(),
        _ => return None,
    };
    Some(format!("{code} {about}\n"))
}

/// All codes with their titles, in order: those of scenario files, of invariants, and of what only running shows.
pub fn titles() -> Vec<(String, String)> {
    let of_files = punctual_scenarios::titles().map(|(code, title)| (code.to_owned(), title.to_owned()));
    let invariants = INVARIANTS.iter().map(|one| (one.code.to_owned(), one.name.to_owned()));
    let found = [(NOTHING, TITLE_OF_NOTHING), (STATES, ABOUT_STATES), (NEVER_TAKEN, ABOUT_NEVER_TAKEN)];
    let found = found.map(|(code, about)| (code.to_owned(), about.lines().next().unwrap_or("").to_owned()));
    of_files.chain(invariants).chain(found).collect()
}

/// The paragraph about the invariant with this code or name.
pub fn invariant(asked: &str) -> Option<String> {
    let Invariant { name, code, about, .. } =
        INVARIANTS.iter().find(|one| one.name == asked || one.code == asked)?;
    Some(format!("{code} {name}\n\n{about}\n"))
}
