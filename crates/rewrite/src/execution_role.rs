//! The roles that read the secrets of containers, where the template itself does not hold them.

use byref_cloudformation::{Declarations, Defaults, Evaluation, FoundRole, find_role};
use byref_config::Environment;
use byref_parameter::Region;
use byref_template::Location;

use crate::container::task_definitions;
use crate::request::{Document, stack};

/// A role that containers get from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideRole {
    /// Logical id of the task definition, or of another resource that has containers.
    pub task_definition: String,
    /// The role's ARN, where the template has it; otherwise why it is not known.
    pub arn: Result<String, String>,
    /// The place in the template that names it.
    pub location: Location,
}

/// The roles of containers that are no resources of the template: one for each branch of an
/// `Fn::If`, in the order of the text. Evaluated for an environment and a Region: pseudo
/// parameters, and parameters by their defaults.
///
/// An ARN is taken over as it is, and a bare name is completed with the account of the environment.
/// A text that is neither is not repeated, because the default of a parameter may hold a secret.
///
/// | `ExecutionRoleArn` | result |
/// |---|---|
/// | `arn:aws:iam::111122223333:role/tasks` | that ARN |
/// | `!Sub arn:aws:iam::${AWS::AccountId}:role/tasks` | the ARN with the account |
/// | `!ImportValue TaskRole` | the reason why it is not known |
/// | `!GetAtt Role.Arn` of a role in the template | left out |
///
/// ```
/// use byref_config::{ConfigFile, parse};
/// use byref_rewrite::{Document, DocumentRole, outside_roles};
/// use byref_template::{Sources, Template};
///
/// let yaml = "
/// Resources:
///   Task:
///     Type: AWS::ECS::TaskDefinition
///     Properties:
///       ExecutionRoleArn: !Sub arn:aws:iam::${AWS::AccountId}:role/tasks
///       ContainerDefinitions: [{Name: web}]
/// ";
/// let toml = r#"
/// [environments.production]
/// account = "111122223333"
/// regions = ["us-west-2"]
///
/// [apps.web.secrets]
/// DB_PASSWORD = true
/// "#;
/// let source = byref_template::Sources::new().add("deploy.toml", toml);
/// let (config, _) = parse(&[ConfigFile { source, text: toml }]);
/// let config = config.ok_or("no configuration")?;
/// let environment = &config.environments["production"];
/// let mut sources = Sources::new();
/// let document = Document {
///     source: sources.add("web.yaml", yaml),
///     path: "web.yaml".to_owned(),
///     template: Template::parse(yaml)?,
///     role: DocumentRole::Written,
/// };
/// let roles = outside_roles(&document, environment, &environment.regions[0]);
/// assert_eq!(roles[0].arn.as_deref(), Ok("arn:aws:iam::111122223333:role/tasks"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn outside_roles(
    document: &Document,
    environment: &Environment,
    region: &Region,
) -> Vec<OutsideRole> {
    let declarations = Declarations::of(&document.template);
    let evaluation = Evaluation {
        declarations: &declarations,
        stack: stack(environment, region, None),
        defaults: Defaults::All,
    };
    let mut found: Vec<OutsideRole> = Vec::new();
    let (task_definitions, _) = task_definitions(0, document);
    for container in task_definitions
        .iter()
        .flat_map(|task_definition| &task_definition.containers)
    {
        for node in container.roles.iter().flatten() {
            let arn = match find_role(&declarations, &evaluation, *node) {
                FoundRole::InTemplate(_) => continue,
                FoundRole::Elsewhere(why, text) => {
                    text.map_or(Err(why), |text| arn(&text, environment))
                }
            };
            let location = document.place(*node);
            let role = OutsideRole {
                task_definition: container.task_definition.clone(),
                arn,
                location,
            };
            if !found.contains(&role) {
                found.push(role);
            }
        }
    }
    found
}

/// The ARN of a role, also of one that is named alone.
fn arn(text: &str, environment: &Environment) -> Result<String, String> {
    if is_role_arn(text) {
        Ok(text.to_owned())
    } else if is_role_name(text) && !text.contains('/') {
        Ok(format!(
            "arn:{}:iam::{}:role/{text}",
            environment.partition, environment.account
        ))
    } else {
        Err("the role is no ARN of a role".to_owned())
    }
}

/// `arn:aws:iam::111122223333:role/path/name`
pub(crate) fn is_role_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else {
        return false;
    };
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    partition.starts_with("aws")
        && is_account
        && resource.strip_prefix("role/").is_some_and(is_role_name)
}

/// Source: IAM API reference, `CreateRole`, with slashes of a path.
fn is_role_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/_+=,.@-".contains(&byte))
}
