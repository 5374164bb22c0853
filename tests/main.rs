//! End-to-end tests: the built `byref`, real files, real pipes.
