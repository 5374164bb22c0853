//! Templates and ratios for the benchmarks.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// A template of about `bytes` bytes, a quarter of which are task definitions, each with two secrets.
pub(crate) fn template(bytes: usize) -> String {
    let mut text =
        "AWSTemplateFormatVersion: '2010-09-09'\nDescription: A sample\nResources:\n".to_owned();
    let mut index = 0;
    while text.len() < bytes {
        let _ = write!(
            text,
            "  Role{index}:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n        Statement:\n          - Effect: Allow\n            Principal: {{Service: ecs-tasks.amazonaws.com}}\n            Action: sts:AssumeRole\n      Path: \"/service/\"\n      # a comment that says something about the role\n      ManagedPolicyArns: [!Sub 'arn:${{AWS::Partition}}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy']\n\
             \n  Bucket{index}:\n    Type: AWS::S3::Bucket\n    DeletionPolicy: Retain\n    Properties:\n      BucketName: !Sub '${{AWS::StackName}}-bucket-{index}'\n      VersioningConfiguration: {{Status: Enabled}}\n      Tags:\n        - Key: owner\n          Value: \"the team that owns it\"\n        - {{Key: stage, Value: !Ref AWS::StackName}}\n\
             \n  Task{index}:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      Family: service-{index}\n      ExecutionRoleArn: !GetAtt Role{index}.Arn\n      ContainerDefinitions:\n        - Name: web-{index}\n          Image: !Sub \"repository/web:{index}\"\n          Environment:\n            - Name: LOG_LEVEL\n              Value: info\n            # the database\n            - Name: DB_PASSWORD_{index}\n              Value: not-a-secret-{index}\n            - {{Name: API_KEY_{index}, Value: 'not-a-secret-key-{index}'}}\n          Command: [run, --port, '8080']\n\n"
        );
        index += 1;
    }
    text
}

/// A configuration with the first `lines` secrets of [`template`].
pub(crate) fn config(lines: usize) -> String {
    let mut text = "[environments.production]\naccount = \"111122223333\"\nregions = [\"us-west-2\"]\n[flag]\ndefault = \"reference\"\n[apps.app.secrets]\n".to_owned();
    for line in 0..lines {
        let (name, index) = if line % 2 == 0 {
            ("DB_PASSWORD", line / 2)
        } else {
            ("API_KEY", line / 2)
        };
        let _ = writeln!(text, "{name}_{index} = true");
    }
    text
}

/// The median times of several pieces of work that take turns, so that a change of the machine's speed hits all alike.
pub(crate) fn medians(rounds: usize, work: &mut [&mut dyn FnMut()]) -> Vec<Duration> {
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); work.len()];
    for round in 0..=rounds {
        for (piece, times) in work.iter_mut().zip(&mut times) {
            let start = Instant::now();
            piece();
            // The first round warms up.
            if round > 0 {
                times.push(start.elapsed());
            }
        }
    }
    times
        .iter_mut()
        .map(|times| {
            times.sort_unstable();
            times[times.len() / 2]
        })
        .collect()
}

/// How many times as long the first took as the second.
pub(crate) fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64().max(f64::MIN_POSITIVE)
}
