//! parameter
#![forbid(unsafe_code)]
