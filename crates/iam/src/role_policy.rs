//! The policy of a role that no template of the run holds.

use byref_template::Build;

use crate::build::{document, literal, mapping, reference};
use crate::grant::{POLICY_NAME, Statement, statements};
use crate::print::{Stack, json, yaml};
use crate::read::Right;

/// The form of a printed policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyForm {
    /// A policy document in JSON, for one account and its Regions.
    Json,
    /// The same in YAML.
    Yaml,
    /// A template that attaches the policy to a role, for any account and Region.
    CloudFormation,
}

/// A policy for a role that reads secrets.
#[derive(Clone, Debug)]
pub struct RolePolicy {
    /// The purpose of the role, in a few words.
    description: String,
    /// Statements for the Regions of one account.
    literal: Vec<Statement>,
    /// Statements with pseudo parameters.
    pseudo: Vec<Statement>,
}

impl RolePolicy {
    /// Returns the policy of rights. `literal` are the rights in all Regions of one account,
    /// `pseudo` the same rights with pseudo parameters.
    pub fn new(description: String, literal: &[Right], pseudo: &[Right]) -> Self {
        Self {
            description,
            literal: statements(literal),
            pseudo: statements(pseudo),
        }
    }

    /// Returns the policy as a text that ends with a line break.
    pub fn text(&self, form: PolicyForm) -> String {
        let build =
            |statements: &[Statement]| document(statements.iter().map(Statement::build).collect());
        match form {
            PolicyForm::Yaml => yaml(build(&self.literal)),
            PolicyForm::Json => json(&build(&self.literal)),
            PolicyForm::CloudFormation => self.stack(build(&self.pseudo)).print(),
        }
    }

    /// Returns a stack of the policy alone. Its parameter is the role's name, for the role belongs
    /// to another stack.
    fn stack(&self, document: Build) -> Stack<'_> {
        let parameter = mapping(vec![
            ("Type", literal("String")),
            ("Description", literal("The name of the role")),
            ("MinLength", literal("1")),
        ]);
        let properties = mapping(vec![
            ("PolicyName", literal(POLICY_NAME)),
            ("PolicyDocument", document),
            ("Roles", Build::Sequence(vec![reference("RoleName")])),
        ]);
        let policy = mapping(vec![
            ("Type", literal("AWS::IAM::Policy")),
            ("Properties", properties),
        ]);
        Stack {
            description: &self.description,
            parameters: vec![("RoleName", parameter)],
            resources: vec![("ByrefSecrets", policy)],
            outputs: Vec::new(),
        }
    }

    /// Returns whether the policy allows nothing.
    pub fn is_empty(&self) -> bool {
        self.literal.is_empty()
    }
}
