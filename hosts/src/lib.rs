//! What a browser makes of the bytes of a stream, without a browser and without a network.
//!
//! [`event_stream`] takes bytes apart into messages; [`event_source`] decides when to connect, what to ask
//! for, and when to give up. Neither reads a clock or opens a socket: whoever hosts them brings bytes and
//! lets time pass. Both follow the WHATWG HTML standard, section 9.2, "Server-sent events".

pub mod event_source;
pub mod event_stream;
