//! rewrite
#![forbid(unsafe_code)]
