//! What must be found.

use crate::{all_in, script};

#[test]
fn secrets_that_were_commented_out() {
    all_in(
        &[
            ("# export DB_PASSWORD=x7Kq2LmZ9vTr4WbN", "x7Kq2LmZ9vTr4WbN"),
            ("; password = Heron42!Lagoon", "Heron42!Lagoon"),
            ("run # -e TOKEN=8f14e45fceea167a5a36dedd4bea2543", "8f14e45fceea167a5a36dedd4bea2543"),
            ("/* apiKey: 'x7Kq2LmZ9vTr4WbN' */", "x7Kq2LmZ9vTr4WbN"),
            ("# postgres://app:Heron42!Lagoon@db/shop", "Heron42!Lagoon"),
            ("echo 'a # b'; export PASSWORD=lagoon", "lagoon"),
            ("echo \"#\" > x; mysql -plagoon896", "lagoon896"),
        ],
        script,
    );
}
