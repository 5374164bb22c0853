//! Policies as they are written: one statement for each service, with exactly what is needed.

use std::collections::BTreeSet;

use byref_template::Build;

/// The name of the policy that holds byref's grants.
pub(crate) const POLICY_NAME: &str = "byref-secrets";

/// A right, as it is written to a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Right {
    /// `ssm:GetParameters`, `secretsmanager:GetSecretValue` or `kms:Decrypt`.
    pub(crate) action: &'static str,
    /// The ARN, pseudo parameters as `${AWS::…}`; may hold wildcards.
    pub(crate) resource: String,
    /// For a key that is known by its alias only: the alias, as a condition.
    pub(crate) alias: Option<String>,
}

/// Rights that go into one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) action: &'static str,
    pub(crate) alias: Option<String>,
    pub(crate) resources: Vec<String>,
}

/// The statements of rights: parameters, secrets, keys; resources in the order of the rights, each once.
pub(crate) fn statements(rights: &[Right]) -> Vec<Statement> {
    let mut found: Vec<Statement> = Vec::new();
    let mut written = BTreeSet::new();
    for right in rights {
        if !written.insert((right.action, &right.alias, &right.resource)) {
            continue;
        }
        let is_same = |statement: &&mut Statement| statement.action == right.action && statement.alias == right.alias;
        match found.iter_mut().find(is_same) {
            Some(statement) => statement.resources.push(right.resource.clone()),
            None => found.push(Statement {
                action: right.action,
                alias: right.alias.clone(),
                resources: vec![right.resource.clone()],
            }),
        }
    }
    let order = |statement: &Statement| match statement.action {
        "ssm:GetParameters" => 0,
        "secretsmanager:GetSecretValue" => 1,
        _ => 2,
    };
    found.sort_by_key(order);
    found
}

/// A text that may refer to parameters of the template.
pub(crate) fn text(text: &str) -> Build {
    let literal = Build::Text(text.to_owned());
    if text.contains("${") { Build::Call("Sub", Box::new(literal)) } else { literal }
}

fn entry(key: &str, value: Build) -> (String, Build) {
    (key.to_owned(), value)
}

/// A mapping of texts and other values.
pub(crate) fn mapping(entries: Vec<(&str, Build)>) -> Build {
    Build::Mapping(entries.into_iter().map(|(key, value)| entry(key, value)).collect())
}

/// A text as it stands.
pub(crate) fn literal(text: &str) -> Build {
    Build::Text(text.to_owned())
}

impl Statement {
    /// The statement as it is written.
    pub(crate) fn build(&self) -> Build {
        let mut entries = vec![
            ("Effect", literal("Allow")),
            ("Action", literal(self.action)),
            ("Resource", Build::Sequence(self.resources.iter().map(|resource| text(resource)).collect())),
        ];
        if let Some(alias) = &self.alias {
            let alias = mapping(vec![("kms:ResourceAliases", literal(alias))]);
            entries.push(("Condition", mapping(vec![("ForAnyValue:StringEquals", alias)])));
        }
        mapping(entries)
    }
}

/// A policy document.
pub(crate) fn document(statements: Vec<Build>) -> Build {
    mapping(vec![("Version", literal("2012-10-17")), ("Statement", Build::Sequence(statements))])
}

/// An inline policy of a role.
pub(crate) fn inline_policy(rights: &[Right]) -> Build {
    let statements = statements(rights).iter().map(Statement::build).collect();
    mapping(vec![("PolicyName", literal(POLICY_NAME)), ("PolicyDocument", document(statements))])
}
