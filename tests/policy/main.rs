//! A pasted policy: what it says for every age is what it says at each, what a real Python computes is what is
//! computed here, and whatever is no policy is told with its place.

#[path = "../common/mod.rs"]
mod common;

mod computed;
mod refused;

use punctual::policies::{Ages, Function, Refusal};
use punctual::scenarios::Problems;

fn parse(source: &str) -> Function {
    Function::parse(source, "").unwrap_or_else(|refusal| panic!("{}\n{source}", rendered(source, &refusal)))
}

fn ages(source: &str, statuses: &[&str]) -> Result<Ages, String> {
    let ages = Function::parse(source, "").and_then(|function| function.ages(statuses));
    ages.map_err(|refusal| rendered(source, &refusal))
}

/// What is said of a function that is refused.
fn rendered(source: &str, refusal: &Refusal) -> String {
    Problems::of_function("policy.py", source, "--arg", refusal).to_string()
}

/// What a policy says is wrong with `body`.
fn wrong(body: &str) -> String {
    let source = format!(
        "import math, random, time, datetime, os\ndef get_poll_interval(job_status, elapsed_time):\n{body}\n"
    );
    ages(&source, &["running", "completed"]).expect_err(body)
}
