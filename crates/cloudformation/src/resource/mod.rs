//! The table of resource types, and of the properties that byref knows of them.
//!
//! One row holds everything about a type: the shape of its properties, for masks; and for types
//! that run containers where those are, which role reads for them, and what an update does to them.
//! The properties that take a secret are many more, and come from CloudFormation's schemas.
//!
//! Source: CloudFormation template reference, "AWS resource and property types reference", the page
//! of each type.

mod place;
mod secret_properties;
mod shape;
mod table;

pub use place::{Layout, ListName, Place, Step, reach};
pub use shape::{ATTRIBUTES, PARAMETER, Shape};

use secret_properties::SECRET_PROPERTIES;
use table::{Containers, SECURE_STRINGS, TABLE};

/// A resource type whose containers take references.
///
/// ```
/// use byref_cloudformation::ResourceType;
///
/// let kind = ResourceType::of("AWS::ECS::TaskDefinition").unwrap();
/// assert_eq!(kind.role_key(), "ExecutionRoleArn");
/// assert_eq!(kind.principal(), "ecs-tasks.amazonaws.com");
/// assert_eq!(ResourceType::of("AWS::SNS::Topic"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceType {
    /// `AWS::ECS::TaskDefinition`
    TaskDefinition,
    /// `AWS::ECS::DaemonTaskDefinition`
    DaemonTaskDefinition,
    /// `AWS::ECS::ExpressGatewayService`
    ExpressGatewayService,
    /// `AWS::Batch::JobDefinition`
    JobDefinition,
    /// `AWS::AppRunner::Service`
    AppRunnerService,
    /// `AWS::CodeBuild::Project`
    CodeBuildProject,
}

impl ResourceType {
    /// Returns the type with a name, as `Type` of a resource has it; none for one without
    /// containers.
    pub fn of(name: &str) -> Option<Self> {
        table::row(name)?
            .containers
            .as_ref()
            .map(|containers| containers.resource_type)
    }

    fn containers(self) -> &'static Containers {
        let mut rows = TABLE.iter().filter_map(|row| row.containers.as_ref());
        rows.find(|containers| containers.resource_type == self)
            .unwrap_or(&table::TASK_DEFINITION)
    }

    /// Returns the places of its containers.
    pub fn places(self) -> &'static [Place] {
        self.containers().places
    }

    /// Returns the name of a container that has no `Name`, if the service gives it one.
    pub fn only_name(self) -> Option<&'static str> {
        self.containers().only_name
    }

    /// Returns the property that names the role which reads the secrets.
    pub fn role_key(self) -> &'static str {
        self.containers().role_key
    }

    /// Returns the service principal that such a role trusts.
    pub fn principal(self) -> &'static str {
        self.containers().principal
    }

    /// Returns the name of the service, for messages.
    pub fn service(self) -> &'static str {
        self.containers().service
    }

    /// Returns the way in which its containers hold values and references.
    pub fn layout(self) -> Layout {
        self.containers().layout
    }

    /// Returns whether it is a task definition of ECS. Those have revisions: CloudFormation
    /// replaces them when they change, and each gets an execution role of its own.
    pub fn is_task_definition(self) -> bool {
        matches!(self, Self::TaskDefinition | Self::DaemonTaskDefinition)
    }
}

/// Returns the shape of a resource's properties, by its type; hidden for a type that is not in the
/// table.
pub fn properties(resource_type: &str) -> Shape {
    table::row(resource_type).map_or(Shape::Hidden, |row| row.properties)
}

/// Returns the types of the table with the shapes of their properties, sorted by name.
pub fn resource_types() -> impl Iterator<Item = (&'static str, Shape)> {
    TABLE.iter().map(|row| (row.name, row.properties))
}

/// Returns whether resources of a type have lists of references (`Secrets`, `SecretOptions`, …) in
/// which entries have names.
pub fn has_secret_lists(resource_type: &str) -> bool {
    table::row(resource_type).is_some_and(|row| row.has_secret_lists)
}

/// Returns the paths of the properties that take a secret, by the type of a resource: the steps
/// from `Properties`, with `/` between them and `*` for any item of a list.
pub fn secret_properties(resource_type: &str) -> impl Iterator<Item = &'static str> {
    let first = SECRET_PROPERTIES.partition_point(|(known, _)| *known < resource_type);
    SECRET_PROPERTIES[first..]
        .iter()
        .take_while(move |(known, _)| *known == resource_type)
        .map(|(_, path)| *path)
}

/// Returns whether CloudFormation takes a dynamic reference to a `SecureString` parameter
/// (`{{resolve:ssm-secure:…}}`) in a property. `path` are the keys from `Properties` to it, without
/// the indices of lists.
///
/// Source: CloudFormation user guide, "Get a secure string value from Systems Manager Parameter
/// Store".
pub fn takes_secure_string(resource_type: &str, path: &[&str]) -> bool {
    SECURE_STRINGS
        .iter()
        .any(|(known, property)| *known == resource_type && path == *property)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_binary_search() {
        assert!(TABLE.is_sorted_by_key(|row| row.name));
        assert!(SECRET_PROPERTIES.is_sorted());
    }

    #[test]
    fn every_type_with_containers_is_found_by_its_name() {
        for row in &TABLE {
            let Some(containers) = &row.containers else {
                continue;
            };
            let found = ResourceType::of(row.name);
            assert_eq!(found, Some(containers.resource_type), "{}", row.name);
            assert_eq!(found.map(ResourceType::role_key), Some(containers.role_key));
            // The way to the containers leads through properties that may be shown.
            for place in containers.places {
                let shape = place.owner.iter().chain(place.containers).fold(
                    row.properties,
                    |shape, step| match (step, shape) {
                        (Step::Key(key), shape) => shape.key(key),
                        (Step::Items, Shape::List(item)) => *item,
                        (Step::Items, _) => Shape::Hidden,
                    },
                );
                assert!(matches!(shape, Shape::Map(_)), "{}: {place:?}", row.name);
            }
        }
        assert_eq!(ResourceType::of("AWS::SNS::Topic"), None);
    }

    #[test]
    fn properties_that_take_secrets_are_looked_up_by_type() {
        let paths = |kind| secret_properties(kind).collect::<Vec<_>>();
        assert!(paths("AWS::AmazonMQ::Broker").contains(&"Users/*/Password"));
        assert_eq!(paths("AWS::RDS::DBProxy"), [""; 0]);
        assert!(takes_secure_string(
            "AWS::IAM::User",
            &["LoginProfile", "Password"]
        ));
        assert!(!takes_secure_string("AWS::IAM::User", &["Password"]));
    }
}
