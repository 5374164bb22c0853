//! Parameter Store over the AWS SDK.
#![forbid(unsafe_code)]
