//! What must be found.

use crate::{all_in, resource, script};

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

#[test]
fn secrets_in_documents_with_a_mistake() {
    let mistakes = ["\"a\": \"\\d\"", "\"a\": 1,", "\"a\": /* b */ 1", "\"a\": 1 \"b\": 2", "\"a\": \"\\u1\""];
    let cases: Vec<(&str, &str)> = mistakes.iter().map(|mistake| (*mistake, "lagoon")).collect();
    all_in(&cases, |mistake| {
        resource("AWS::RDS::DBInstance", &format!("{mistake}, \"MasterUserPassword\": \"lagoon\""))
    });
}
