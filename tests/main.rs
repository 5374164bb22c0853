//! End-to-end tests: the built `byref`, real files, real pipes.

mod byref;
mod canary;
mod commands;
mod fixtures;
mod hostile;
mod writing;
