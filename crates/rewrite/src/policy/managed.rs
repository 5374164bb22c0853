//! AWS-managed policies, as far as they say something of reading secrets.
//!
//! Source: AWS managed policy reference guide, the policies' own documents (2026-11). Only what they say of
//! `ssm:GetParameters`, `secretsmanager:GetSecretValue` and `kms:Decrypt` is kept.

/// What a policy allows of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Managed {
    pub(crate) actions: &'static [&'static str],
    pub(crate) resource: &'static str,
}

const NOTHING: Managed = Managed { actions: &[], resource: "*" };
const GET_PARAMETERS: Managed = Managed { actions: &["ssm:GetParameters"], resource: "*" };
const ALL: Managed = Managed { actions: &["*"], resource: "*" };

/// A policy by its name behind `policy/`; none for one that is not in the table.
pub(crate) fn managed(name: &str) -> Option<Managed> {
    let own = name.rsplit('/').next().unwrap_or(name);
    Some(match own {
        // `PowerUserAccess` excepts only `iam`, `organizations` and `account`.
        "AdministratorAccess" | "PowerUserAccess" => ALL,
        "AmazonSSMReadOnlyAccess"
        | "AmazonSSMFullAccess"
        | "AmazonSSMManagedInstanceCore"
        | "AmazonEC2RoleforSSM"
        | "ReadOnlyAccess" => GET_PARAMETERS,
        "SecretsManagerReadWrite" => Managed { actions: &["secretsmanager:GetSecretValue"], resource: "*" },
        "AmazonECS_FullAccess" => {
            Managed { actions: &["ssm:GetParameters"], resource: "arn:aws:ssm:*:*:parameter/aws/service/ecs*" }
        }
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
