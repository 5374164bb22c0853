//! The lint: plaintext secrets in CloudFormation templates.
#![forbid(unsafe_code)]
