//! AWS managed policies, as far as they allow the reading of secrets.
//!
//! Source: AWS managed policy reference guide, the policies' own documents (2026-11). The table
//! keeps only their effect on `ssm:GetParameters`, `secretsmanager:GetSecretValue` and
//! `kms:Decrypt`.

use crate::pattern::Pattern;
use crate::request::Request;
use crate::truth::Truth;

/// The effect of an AWS managed policy on requests that read a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManagedPolicy {
    /// Patterns of actions that it allows.
    actions: &'static [&'static str],
    /// The pattern of the resources that it allows them on.
    resource: &'static str,
}

const NOTHING: ManagedPolicy = ManagedPolicy {
    actions: &[],
    resource: "*",
};
const GET_PARAMETERS: ManagedPolicy = ManagedPolicy {
    actions: &["ssm:GetParameters"],
    resource: "*",
};
const ALL: ManagedPolicy = ManagedPolicy {
    actions: &["*"],
    resource: "*",
};

impl ManagedPolicy {
    /// Evaluates the policy for a request.
    pub(crate) fn allows(self, request: &Request) -> Truth {
        let is_allowed =
            |name: &&str| Pattern::known(*name).matches_action(request.action.name()) == Truth::Yes;
        Truth::of(self.actions.iter().any(is_allowed))
            .and(|| Pattern::known(self.resource).matches_resource(&request.resource))
    }

    /// Returns the policy with a name, the last part of its ARN; none for a policy that the table
    /// does not list.
    pub fn named(name: &str) -> Option<Self> {
        let own = name.rsplit('/').next().unwrap_or(name);
        Some(match own {
            // `PowerUserAccess` excepts only `iam`, `organizations` and `account`.
            "AdministratorAccess" | "PowerUserAccess" => ALL,
            "AmazonSSMReadOnlyAccess"
            | "AmazonSSMFullAccess"
            | "AmazonSSMManagedInstanceCore"
            | "AmazonEC2RoleforSSM"
            | "ReadOnlyAccess" => GET_PARAMETERS,
            "SecretsManagerReadWrite" => ManagedPolicy {
                actions: &["secretsmanager:GetSecretValue"],
                resource: "*",
            },
            "AmazonECS_FullAccess" => ManagedPolicy {
                actions: &["ssm:GetParameters"],
                resource: "arn:aws:ssm:*:*:parameter/aws/service/ecs*",
            },
            "AmazonECSTaskExecutionRolePolicy"
            | "AWSAppRunnerServicePolicyForECRAccess"
            | "AWSBatchServiceRole"
            | "AWSCodeBuildAdminAccess"
            | "AWSCodeBuildDeveloperAccess"
            | "AWSKeyManagementServicePowerUser"
            | "AWSLambdaBasicExecutionRole"
            | "AWSXRayDaemonWriteAccess"
            | "AWSXrayWriteOnlyAccess"
            | "AmazonDynamoDBFullAccess"
            | "AmazonDynamoDBReadOnlyAccess"
            | "AmazonEC2ContainerRegistryFullAccess"
            | "AmazonEC2ContainerRegistryPowerUser"
            | "AmazonEC2ContainerRegistryReadOnly"
            | "AmazonEC2ContainerServiceRole"
            | "AmazonEC2ContainerServiceforEC2Role"
            | "AmazonElasticFileSystemClientFullAccess"
            | "AmazonElasticFileSystemClientReadWriteAccess"
            | "AmazonKinesisFirehoseFullAccess"
            | "AmazonS3FullAccess"
            | "AmazonS3ReadOnlyAccess"
            | "AmazonSNSFullAccess"
            | "AmazonSQSFullAccess"
            | "AmazonSSMDirectoryServiceAccess"
            | "CloudWatchAgentAdminPolicy"
            | "CloudWatchAgentServerPolicy"
            | "CloudWatchFullAccess"
            | "CloudWatchLogsFullAccess"
            | "IAMFullAccess"
            | "SecurityAudit"
            | "ViewOnlyAccess" => NOTHING,
            _ => return None,
        })
    }
}
