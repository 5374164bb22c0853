//! Random policies.

use crate::model::{Piece, Statement};
use crate::mutation::Numbers;

pub(crate) fn pick<T: Clone>(numbers: &mut Numbers, from: &[T]) -> T {
    from[numbers.below(from.len())].clone()
}

pub(crate) fn resource(numbers: &mut Numbers) -> Vec<Piece> {
    use Piece::{Account, Known, Partition, Region, Text, Unknown};
    let region = pick(
        numbers,
        &[
            Region,
            Region,
            Region,
            Text("*"),
            Text("us-*"),
            Text("us-west-2"),
            Text("us-????-2"),
            Unknown,
        ],
    );
    let account = pick(
        numbers,
        &[
            Account,
            Account,
            Text("111122223333"),
            Text("*"),
            Text("999999999999"),
        ],
    );
    let partition = pick(numbers, &[Partition, Text("aws"), Text("*")]);
    let tail = pick(
        numbers,
        &[
            vec![Text("*")],
            vec![Text("production/*")],
            vec![Text("production/app/db-password")],
            vec![Text("production/app/db-passwor?")],
            vec![Text("shared/api-key")],
            vec![Text("shared/*")],
            vec![Known, Text("/*")],
            vec![Known, Text("/app/db-password")],
            vec![Unknown, Text("/*")],
            vec![Unknown],
            vec![Text("/production/app/db-password")],
            vec![Text("*/api-key")],
            vec![Text("staging/*")],
            vec![Text("Production/*")],
        ],
    );
    match numbers.below(12) {
        0 => vec![Text("*")],
        1 => vec![Text("arn:aws:s3:::bucket/*")],
        2 => vec![Text("arn:"), Partition, Text(":ssm:*")],
        3 => vec![Text("arn:aws:ssm:*:parameter/*")],
        _ => {
            let mut pieces = vec![
                Text("arn:"),
                partition,
                Text(":ssm:"),
                region,
                Text(":"),
                account,
                Text(":parameter/"),
            ];
            pieces.extend(tail);
            pieces
        }
    }
}

pub(crate) fn statement(numbers: &mut Numbers) -> Statement {
    let actions = [
        "ssm:GetParameters",
        "ssm:GetParameters",
        "ssm:Get*",
        "ssm:*",
        "*",
        "SSM:getparameters",
        "ssm:GetParameter",
        "ssm:GetParameter?",
        "ssm:GetParametersByPath",
        "s3:GetObject",
        "kms:Decrypt",
        "secretsmanager:GetSecretValue",
        "ssm:Put*",
        "s?m:Get*",
    ];
    let conditions: [(&str, &str, Vec<&str>); 5] = [
        (
            "StringEquals",
            "aws:RequestedRegion",
            vec!["us-west-2", "eu-west-1"],
        ),
        ("StringLike", "aws:RequestedRegion", vec!["us-*"]),
        ("StringNotEquals", "aws:RequestedRegion", vec!["us-east-1"]),
        ("StringEquals", "aws:SourceVpc", vec!["vpc-1"]),
        ("StringLike", "aws:RequestedRegion", vec!["cn-*"]),
    ];
    let count = 1 + numbers.below(2);
    Statement {
        effect: if numbers.below(4) == 0 {
            "Deny"
        } else {
            "Allow"
        },
        is_not_action: numbers.below(8) == 0,
        actions: (0..=numbers.below(2))
            .map(|_| pick(numbers, &actions))
            .collect(),
        is_not_resource: numbers.below(8) == 0,
        resources: (0..count).map(|_| resource(numbers)).collect(),
        condition: (numbers.below(4) == 0).then(|| pick(numbers, &conditions)),
        side: (numbers.below(6) == 0).then(|| numbers.below(2) == 0),
    }
}
