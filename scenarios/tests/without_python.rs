//! A build without Python policies says so where a file has one; all else is as ever.
#![cfg(not(feature = "python"))]

use punctual_scenarios::{Scenario, library};

#[test]
fn a_function_in_python_is_refused_where_it_stands_and_no_other_scenario_is() {
    for (name, text) in library() {
        let problems = match Scenario::parse(name, text) {
            Ok(_) => continue,
            Err(problems) => problems,
        };
        assert_eq!(name, "polling-policies");
        let [problem] = &problems.list[..] else { panic!("{problems}") };
        assert_eq!(problem.code, "P0802");
        assert_eq!(&text[problem.span.clone()], "python");
        assert!(problems.to_string().contains("this build has no Python policies"), "{problems}");
        assert!(problem.help.as_deref().is_some_and(|help| help.contains("feature `python`")), "{problems}");
    }
}
