//! Why an evaluation stops before it has come to anything.

/// Why an evaluation stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// It depends on where in a range a number lies.
    Undecided,
    /// Python raises this.
    Raises(String),
    /// It is not part of what a policy may use.
    Refused(String),
    /// It takes too many steps.
    Forever,
}

/// It raises this.
pub(crate) fn raises(what: impl Into<String>) -> Stop {
    Stop::Raises(what.into())
}

/// Refuses it.
pub(crate) fn refused(what: impl Into<String>) -> Stop {
    Stop::Refused(what.into())
}

/// What is said of something of a module that nothing is known of.
pub(crate) fn unknown(name: &str) -> Stop {
    let module = name.rsplit_once('.').map_or(name, |(module, _)| module);
    refused(format!("`{name}`: {}", why(module)))
}

/// Why nothing of a module is part of a policy.
pub(crate) fn why(module: &str) -> &'static str {
    match module {
        "random" | "secrets" | "uuid" => {
            "it draws at random, and a policy gives the same answer each time it is asked"
        }
        "time" | "datetime" | "datetime.datetime" => {
            "it reads a clock; all that a policy may know of time is the age of the stream, which it is given"
        }
        "os" | "sys" | "asyncio" | "requests" | "socket" => "it reaches outside of the policy",
        "math" => "its last digit differs between platforms",
        _ => "nothing is known of it",
    }
}
