//! Policies and keys on their own, for roles and stacks outside of the templates.
//!
//! Source: IAM user guide, "IAM JSON policy elements reference"; AWS KMS developer guide, "Key policies in AWS KMS"; Systems
//! Manager user guide, "AWS KMS encryption for Parameter Store `SecureString` parameters" (the encryption context).

use std::collections::BTreeSet;

use byref_config::{App, DeployConfig, Environment, NamePiece, Reference, Scope};
use byref_parameter::{KmsKey, NameError, Region};
use byref_template::{Build, Changes, Template, edit};

use crate::grant::{Right, Statement, document, literal, mapping, statements, text};

/// How a policy is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyForm {
    /// A policy document in JSON, for one account and its Regions.
    Json,
    /// The same in YAML.
    Yaml,
    /// A template that attaches it to a role, for any account and Region.
    CloudFormation,
}

/// A policy for a role that reads secrets.
#[derive(Clone, Debug)]
pub struct RolePolicy {
    /// What the role is for, in a few words.
    description: String,
    /// With the values of one account.
    literal: Vec<Statement>,
    /// With pseudo parameters.
    pseudo: Vec<Statement>,
}

/// What an application's role needs in an environment: exactly its secret lines, and the environment's key.
///
/// # Errors
///
/// A line gives a name that Parameter Store does not take.
pub fn application_policy(
    config: &DeployConfig,
    app: &App,
    environment: &Environment,
    regions: &[Region],
) -> Result<RolePolicy, NameError> {
    let mut wanted = Vec::new();
    for line in app.secrets(Some(&environment.name)) {
        wanted.push(config.reference(app, environment, line)?);
    }
    let description = format!("What {} reads in {}", app.name, environment.name);
    let encrypted = wanted.iter().filter(|reference| crate::plan::is_encrypted_here(reference, environment));
    let scopes: BTreeSet<Scope> =
        encrypted.map(|reference| config.scope_of_reference(environment, reference)).collect();
    Ok(role_policy(description, &wanted, environment, regions, &scopes))
}

/// What a role needs that reads everything of all four scopes: shared, the environment's, the application's, and the
/// application's in the environment.
///
/// # Errors
///
/// A pattern gives no name that Parameter Store takes.
pub fn scopes_policy(
    config: &DeployConfig,
    app: &App,
    environment: &Environment,
    regions: &[Region],
) -> Result<RolePolicy, NameError> {
    let mut prefixes: Vec<String> = Vec::new();
    for scope in Scope::ALL {
        let name = NamePiece::joined(&config.names.pieces(scope, &app.name, "k"), &environment.name);
        name.parse::<byref_parameter::ParameterName>()?;
        let prefix = NamePiece::joined(&config.names.pieces(scope, &app.name, "*"), &environment.name);
        if !prefixes.contains(&prefix) {
            prefixes.push(prefix);
        }
    }
    let description = format!("Everything that {} may read in {}", app.name, environment.name);
    let places = |place: &Place| prefixes.iter().map(|prefix| place.parameter(prefix)).collect();
    Ok(of_parameters(description, places, &[], environment, regions, &BTreeSet::from(Scope::ALL)))
}

/// A part of the ARNs: of one Region, or with pseudo parameters.
struct Place {
    head: [String; 3],
}

impl Place {
    fn pseudo() -> Self {
        Self { head: ["${AWS::Partition}", "${AWS::Region}", "${AWS::AccountId}"].map(str::to_owned) }
    }

    fn of(environment: &Environment, region: &Region) -> Self {
        Self { head: [environment.partition.to_string(), region.to_string(), environment.account.to_string()] }
    }

    fn arn(&self, service: &str, resource: &str) -> String {
        let [partition, region, account] = &self.head;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    fn parameter(&self, name: &str) -> Right {
        let slash = if name.starts_with('/') { "" } else { "/" };
        let resource = self.arn("ssm", &format!("parameter{slash}{name}"));
        Right { action: "ssm:GetParameters", resource, alias: None }
    }

    fn key(&self, key: &KmsKey) -> Right {
        let right = |resource: String, alias: Option<String>| Right { action: "kms:Decrypt", resource, alias };
        match key {
            KmsKey::Alias(alias) => right(self.arn("kms", "key/*"), Some(alias.clone())),
            KmsKey::Id(id) => right(self.arn("kms", &format!("key/{id}")), None),
            KmsKey::Arn { text, .. } => match text.split_once(":alias/") {
                Some((head, name)) => right(format!("{head}:key/*"), Some(format!("alias/{name}"))),
                None => right(text.clone(), None),
            },
        }
    }
}

fn role_policy(
    description: String,
    references: &[Reference],
    environment: &Environment,
    regions: &[Region],
    encrypted: &BTreeSet<Scope>,
) -> RolePolicy {
    let places = |place: &Place| {
        let of_name = |reference: &Reference| match reference {
            Reference::Parameter(name, _) => Some(place.parameter(name.as_str())),
            Reference::Arn(_) | Reference::SecretsManager(_) => None,
        };
        references.iter().filter_map(of_name).collect()
    };
    let fixed = references.iter().filter_map(|reference| match reference {
        Reference::Parameter(..) => None,
        Reference::Arn(arn) => Some(Right { action: "ssm:GetParameters", resource: arn.to_string(), alias: None }),
        Reference::SecretsManager(arn) => Some(crate::plan::secret_right(&arn.to_string())),
    });
    of_parameters(description, places, &fixed.collect::<Vec<_>>(), environment, regions, encrypted)
}

fn of_parameters(
    description: String,
    places: impl Fn(&Place) -> Vec<Right>,
    fixed: &[Right],
    environment: &Environment,
    regions: &[Region],
    encrypted: &BTreeSet<Scope>,
) -> RolePolicy {
    let is_used = |key: &&KmsKey| encrypted.iter().any(|scope| environment.keys_of(*scope).contains(key));
    let keys: Vec<&KmsKey> = environment.kms_keys.iter().filter(is_used).collect();
    let own: Vec<Place> = regions.iter().map(|region| Place::of(environment, region)).collect();
    let all = |of: &[Place]| {
        let mut rights: Vec<Right> = of.iter().flat_map(&places).collect();
        rights.extend(fixed.iter().cloned());
        for place in of {
            rights.extend(keys.iter().map(|key| place.key(key)));
        }
        statements(&rights)
    };
    RolePolicy { description, literal: all(&own), pseudo: all(&[Place::pseudo()]) }
}

impl RolePolicy {
    /// The policy as a text that ends with a line break.
    pub fn text(&self, form: PolicyForm) -> String {
        let build = |statements: &[Statement]| document(statements.iter().map(Statement::build).collect());
        match form {
            PolicyForm::Yaml => written(build(&self.literal)),
            PolicyForm::Json => json(&build(&self.literal)),
            PolicyForm::CloudFormation => {
                let parameter = mapping(vec![
                    ("Type", literal("String")),
                    ("Description", literal("The name of the role")),
                    ("MinLength", literal("1")),
                ]);
                let policy = mapping(vec![
                    ("Type", literal("AWS::IAM::Policy")),
                    (
                        "Properties",
                        mapping(vec![
                            ("PolicyName", literal(crate::grant::POLICY_NAME)),
                            ("PolicyDocument", build(&self.pseudo)),
                            ("Roles", Build::Sequence(vec![reference("RoleName")])),
                        ]),
                    ),
                ]);
                template(&self.description, vec![("RoleName", parameter)], vec![("ByrefSecrets", policy)], Vec::new())
            }
        }
    }

    /// Whether there is nothing to allow.
    pub fn is_empty(&self) -> bool {
        self.literal.is_empty()
    }
}

fn reference(name: &str) -> Build {
    Build::Call("Ref", Box::new(literal(name)))
}

fn template(
    description: &str,
    parameters: Vec<(&str, Build)>,
    resources: Vec<(&str, Build)>,
    outputs: Vec<(&str, Build)>,
) -> String {
    let mut sections = vec![
        ("AWSTemplateFormatVersion", literal("2010-09-09")),
        ("Description", literal(description)),
        ("Parameters", mapping(parameters)),
        ("Resources", mapping(resources)),
    ];
    if !outputs.is_empty() {
        sections.push(("Outputs", mapping(outputs)));
    }
    written(mapping(sections))
}

/// A mapping as YAML, written as templates are.
fn written(build: Build) -> String {
    let Build::Mapping(entries) = build else { return String::new() };
    let skeleton: String = entries.iter().flat_map(|(key, _)| [key.as_str(), ":\n"]).collect();
    let Ok(parsed) = Template::parse(skeleton) else { return String::new() };
    let mut changes = Changes::default();
    let nodes = parsed.root().into_iter().flat_map(byref_template::NodeRef::entries);
    changes.replaced = nodes.zip(entries).map(|(entry, (_, build))| (entry.value.id(), build)).collect();
    match edit::render(&parsed, &changes) {
        Ok(edits) => edit::apply(parsed.text(), &edits).to_string(),
        Err(_) => String::new(),
    }
}

/// A policy without functions as indented JSON.
fn json(build: &Build) -> String {
    fn value(build: &Build, indent: usize, out: &mut String) {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let (open, close) = if matches!(build, Build::Mapping(_)) { ('{', '}') } else { ('[', ']') };
        let parts: Vec<(String, &Build)> = match build {
            Build::Text(text) => return out.push_str(&quoted(text)),
            Build::Call(_, argument) => return value(argument, indent, out),
            Build::Moved(_) => return,
            Build::Mapping(entries) => entries.iter().map(|(key, value)| (quoted(key) + ": ", value)).collect(),
            Build::Sequence(items) => items.iter().map(|item| (String::new(), item)).collect(),
        };
        out.push(open);
        for (index, (key, part)) in parts.iter().enumerate() {
            out.push_str(if index == 0 { "\n" } else { ",\n" });
            out.push_str(&" ".repeat(indent + 2));
            out.push_str(key);
            value(part, indent + 2, out);
        }
        out.push('\n');
        out.push_str(&" ".repeat(indent));
        out.push(close);
    }
    let mut out = String::new();
    value(build, 0, &mut out);
    out + "\n"
}

/// The stack of a customer-managed key for the secrets of a scope: administrators who can't use it, writers who
/// encrypt and can't decrypt, readers who decrypt; the latter two only through Parameter Store, and only for the scope's names.
///
/// Writers and readers are patterns of ARNs: a role that reads may be made after the key, and needs `kms:Decrypt` in its own
/// policy too.
pub fn key_stack(config: &DeployConfig, app: &App, environment: &Environment, scope: Scope) -> String {
    let prefix = NamePiece::joined(&config.names.pieces(scope, &app.name, "*"), &environment.name);
    let parts: Vec<String> = prefix.split(['/', '*']).filter(|part| !part.is_empty()).map(word).collect();
    let name = if parts.is_empty() { "byref".to_owned() } else { parts.join("/") };
    // One key for all scopes is the environment's own.
    let is_own = scope == Scope::Environment || !environment.has_one_key();
    let alias = match environment.keys_of(scope).first().filter(|_| is_own) {
        Some(KmsKey::Alias(alias)) => alias.clone(),
        _ => format!("alias/{name}"),
    };
    let names = Place::pseudo().parameter(&prefix).resource;
    let key = mapping(vec![
        ("Type", literal("AWS::KMS::Key")),
        ("DeletionPolicy", literal("Retain")),
        ("UpdateReplacePolicy", literal("Retain")),
        (
            "Properties",
            mapping(vec![
                ("Description", literal(&format!("Secrets below {prefix}"))),
                ("EnableKeyRotation", literal("true")),
                ("KeyPolicy", document(key_statements(&names))),
            ]),
        ),
    ]);
    let alias = mapping(vec![
        ("Type", literal("AWS::KMS::Alias")),
        ("Properties", mapping(vec![("AliasName", literal(&alias)), ("TargetKeyId", reference("Key"))])),
    ]);
    let export = |value: Build, description: &str, suffix: &str| {
        let name = mapping(vec![("Name", literal(&format!("byref:{}:{suffix}", name.replace('/', ":"))))]);
        mapping(vec![("Description", literal(description)), ("Value", value), ("Export", name)])
    };
    let arn = Build::Call("GetAtt", Box::new(literal("Key.Arn")));
    let outputs = vec![
        ("KeyArn", export(arn, "The key", "key-arn")),
        ("KeyAlias", export(reference("Alias"), "Its alias, the kms-key of deploy.toml", "key-alias")),
    ];
    let list = |description: &str| {
        mapping(vec![("Type", literal("CommaDelimitedList")), ("Description", literal(description))])
    };
    let parameters = vec![
        (
            "Administrators",
            list("ARNs of who administers the key and can't use it; whoever deploys this stack must be one"),
        ),
        (
            "Writers",
            list(
                "ARNs, or patterns of ARNs, of who may encrypt and not decrypt; their own policies must allow kms:Encrypt on the key, too",
            ),
        ),
        (
            "Readers",
            list(
                "ARNs, or patterns of ARNs, of who may decrypt: execution roles; their own policies must allow kms:Decrypt on the key, too",
            ),
        ),
    ];
    let description = format!("The key of the secrets below {prefix}");
    template(&description, parameters, vec![("Key", key), ("Alias", alias)], outputs)
}

/// A part of a name with the characters that aliases and exports take.
fn word(part: &str) -> String {
    part.chars().map(|character| if character.is_ascii_alphanumeric() { character } else { '-' }).collect()
}

fn key_statements(names: &str) -> Vec<Build> {
    let actions = |names: &[&str]| Build::Sequence(names.iter().map(|name| literal(&format!("kms:{name}"))).collect());
    let account = mapping(vec![("AWS", text("arn:${AWS::Partition}:iam::${AWS::AccountId}:root"))]);
    let through_store = |who: &str| {
        mapping(vec![
            ("ArnLike", mapping(vec![("aws:PrincipalArn", reference(who))])),
            ("StringEquals", mapping(vec![("kms:ViaService", text("ssm.${AWS::Region}.${AWS::URLSuffix}"))])),
            ("StringLike", mapping(vec![("kms:EncryptionContext:PARAMETER_ARN", text(names))])),
        ])
    };
    let statement = |sid: &str, principal: Build, action: Build, condition: Option<Build>| {
        let mut entries = vec![
            ("Sid", literal(sid)),
            ("Effect", literal("Allow")),
            ("Principal", principal),
            ("Action", action),
            ("Resource", literal("*")),
        ];
        entries.extend(condition.map(|condition| ("Condition", condition)));
        mapping(entries)
    };
    let administer = [
        "CreateAlias",
        "Describe*",
        "Enable*",
        "List*",
        "Put*",
        "Update*",
        "Revoke*",
        "Disable*",
        "Get*",
        "Delete*",
        "TagResource",
        "UntagResource",
        "ScheduleKeyDeletion",
        "CancelKeyDeletion",
        "RotateKeyOnDemand",
    ];
    vec![
        statement("Administrators", mapping(vec![("AWS", reference("Administrators"))]), actions(&administer), None),
        statement("Writers", account.clone(), actions(&["Encrypt", "GenerateDataKey"]), Some(through_store("Writers"))),
        statement("Readers", account, actions(&["Decrypt"]), Some(through_store("Readers"))),
    ]
}
