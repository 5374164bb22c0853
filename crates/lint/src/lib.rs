//! The lint: plaintext secrets in CloudFormation templates.
#![forbid(unsafe_code)]
#![allow(dead_code)]
mod judge;
mod located;
