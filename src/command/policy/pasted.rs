//! Python functions that take the place of policies of a scenario, as `punctual sweep` does it.

use std::path::Path;

use clap::Args;
use punctual_policies::Function;
use punctual_scenarios::{Axis, Put, Scenario};

use super::{options, read, refused};
use crate::command::Exit;
use crate::command::output::{Output, wrong};
use crate::command::select::did_you_mean;

/// Functions that take the place of policies of a scenario.
#[derive(Args, Debug)]
pub(crate) struct Pasted {
    /// Ask this Python function instead of a policy of the scenario. May be repeated
    #[arg(long = "policy", value_name = "NAME=FILE.py")]
    policies: Vec<String>,
    /// An argument of those functions beside status and age, as in a call: `has_voiceover=True`
    #[arg(long = "policy-arg", value_name = "NAME=VALUE", requires = "policies")]
    arguments: Vec<String>,
}

impl Pasted {
    /// A dimension of one value for each function: in the scenario as it is the policy is another.
    pub(crate) fn axes(&self) -> Vec<Axis> {
        let axis = |text: &String| {
            let (name, path) = text.split_once('=')?;
            let file = Path::new(path).file_name()?.to_string_lossy().into_owned();
            Some(Axis::of_one(&format!("policy.{name}"), "as written", &file))
        };
        self.policies.iter().filter_map(axis).collect()
    }

    /// What is put into the scenario, and what is left out of it.
    pub(crate) fn read(
        &self,
        scenario: &Scenario,
        variant: &str,
        output: &Output,
    ) -> Result<(Vec<Put>, Vec<String>), Exit> {
        let (mut set, mut unset) = (Vec::new(), Vec::new());
        let arguments = (self.arguments.join(", "), options("--policy-arg", &self.arguments));
        for text in &self.policies {
            let option = format!("--policy {text}");
            let known = scenario.policies();
            let Some((name, path)) = text.split_once('=') else {
                return Err(wrong(format!(
                    "{option}: expected NAME=FILE.py, where NAME is {}",
                    known.join(", ")
                )));
            };
            if !known.iter().any(|policy| policy == name) {
                let names: Vec<&str> = known.iter().map(String::as_str).collect();
                return Err(wrong(format!(
                    "{option}: {} has no policy {name}{}\npolicies: {}",
                    scenario.label(),
                    did_you_mean(name, &names),
                    known.join(", ")
                )));
            }
            let source = read(Path::new(path))?;
            // What is wrong with it is told where it stands, and not where it is pasted.
            let parsed = Function::parse(&source, &arguments.0);
            parsed
                .and_then(|function| function.ages(&statuses(scenario)))
                .map_err(|refusal| refused(path, &source, &arguments.1, &refusal, output))?;
            let pasted = scenario.pasted(variant, name, (&source, &arguments.0), &option);
            let put = pasted.map_err(|why| wrong(format!("{option}: {why}")))?;
            set.extend(put.0);
            unset.extend(put.1);
        }
        Ok((set, unset))
    }
}

fn statuses(scenario: &Scenario) -> Vec<&str> {
    scenario.cases[0].system.statuses.iter().map(String::as_str).collect()
}
