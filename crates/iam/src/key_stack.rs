//! The stack of a customer-managed key.
//!
//! Source: AWS KMS developer guide, "Key policies in AWS KMS"; Systems Manager user guide, "AWS KMS
//! encryption for AWS Systems Manager Parameter Store `SecureString` parameters" for the encryption
//! context.

use byref_template::Build;

use crate::build::{document, literal, mapping, reference, text};
use crate::print::Stack;
use crate::read::ArnScope;

/// A customer-managed key for parameters whose names share a pattern, with a policy that separates
/// three groups of principals: administrators, who can't use the key; writers, who encrypt and
/// can't decrypt; readers, who decrypt. The latter two use it only through Parameter Store, and
/// only for names that match the pattern.
///
/// Writers and readers are patterns of ARNs, so that a role may be created after the key. Each of
/// them needs the right in its own policy, too.
#[derive(Clone, Debug)]
pub struct KeyStack {
    /// The pattern of the names.
    names: String,
    /// The name of the key for its exports, with slashes: the fixed parts of the pattern.
    name: String,
    /// `alias/name`
    alias: String,
}

impl KeyStack {
    /// Returns the stack for a pattern of names with wildcards: `/production/web/*`. Without an
    /// alias the key gets one of the pattern's fixed parts.
    pub fn new(names: String, alias: Option<&str>) -> Self {
        let parts: Vec<String> = names
            .split(['/', '*'])
            .filter(|part| !part.is_empty())
            .map(word)
            .collect();
        let name = if parts.is_empty() {
            "byref".to_owned()
        } else {
            parts.join("/")
        };
        let alias = alias.map_or_else(|| format!("alias/{name}"), str::to_owned);
        Self { names, name, alias }
    }

    /// Returns the stack's template as YAML.
    pub fn text(&self) -> String {
        let alias = mapping(vec![
            ("Type", literal("AWS::KMS::Alias")),
            (
                "Properties",
                mapping(vec![
                    ("AliasName", literal(&self.alias)),
                    ("TargetKeyId", reference("Key")),
                ]),
            ),
        ]);
        let arn = Build::Call("GetAtt", Box::new(literal("Key.Arn")));
        Stack {
            description: &format!("The key of the secrets below {}", self.names),
            parameters: vec![
                ("Administrators", list(ADMINISTRATORS)),
                ("Writers", list(WRITERS)),
                ("Readers", list(READERS)),
            ],
            resources: vec![("Key", self.key()), ("Alias", alias)],
            outputs: vec![
                ("KeyArn", self.export(arn, "The key", "key-arn")),
                (
                    "KeyAlias",
                    self.export(
                        reference("Alias"),
                        "Its alias, the kms-key of deploy.toml",
                        "key-alias",
                    ),
                ),
            ],
        }
        .print()
    }

    /// Returns the key. It outlives the stack: without it the secrets are lost.
    fn key(&self) -> Build {
        let properties = mapping(vec![
            (
                "Description",
                literal(&format!("Secrets below {}", self.names)),
            ),
            ("EnableKeyRotation", literal("true")),
            (
                "KeyPolicy",
                document(statements(&ArnScope::pseudo().parameter(&self.names))),
            ),
        ]);
        mapping(vec![
            ("Type", literal("AWS::KMS::Key")),
            ("DeletionPolicy", literal("Retain")),
            ("UpdateReplacePolicy", literal("Retain")),
            ("Properties", properties),
        ])
    }

    fn export(&self, value: Build, description: &str, suffix: &str) -> Build {
        let name = format!("byref:{}:{suffix}", self.name.replace('/', ":"));
        let export = mapping(vec![("Name", literal(&name))]);
        mapping(vec![
            ("Description", literal(description)),
            ("Value", value),
            ("Export", export),
        ])
    }
}

const ADMINISTRATORS: &str =
    "ARNs of who administers the key and can't use it; whoever deploys this stack must be one";
const WRITERS: &str = "ARNs, or patterns of ARNs, of who may encrypt and not decrypt; their own policies must allow kms:Encrypt on the key, too";
const READERS: &str = "ARNs, or patterns of ARNs, of who may decrypt: execution roles; their own policies must allow kms:Decrypt on the key, too";

fn list(description: &str) -> Build {
    mapping(vec![
        ("Type", literal("CommaDelimitedList")),
        ("Description", literal(description)),
    ])
}

/// Returns a part of a name with the characters that aliases and exports may have.
fn word(part: &str) -> String {
    part.chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character
            } else {
                '-'
            }
        })
        .collect()
}

/// The actions of an administrator: all that KMS's documentation gives one, and none that uses the
/// key.
const ADMINISTER: [&str; 15] = [
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

/// Returns the statements of the key policy, for parameters whose ARNs match a pattern.
fn statements(arns: &str) -> Vec<Build> {
    let account = mapping(vec![(
        "AWS",
        text("arn:${AWS::Partition}:iam::${AWS::AccountId}:root"),
    )]);
    let through_store = |principals: &str| {
        mapping(vec![
            (
                "ArnLike",
                mapping(vec![("aws:PrincipalArn", reference(principals))]),
            ),
            (
                "StringEquals",
                mapping(vec![(
                    "kms:ViaService",
                    text("ssm.${AWS::Region}.${AWS::URLSuffix}"),
                )]),
            ),
            (
                "StringLike",
                mapping(vec![("kms:EncryptionContext:PARAMETER_ARN", text(arns))]),
            ),
        ])
    };
    let administrators = mapping(vec![("AWS", reference("Administrators"))]);
    vec![
        statement("Administrators", administrators, &ADMINISTER, None),
        statement(
            "Writers",
            account.clone(),
            &["Encrypt", "GenerateDataKey"],
            Some(through_store("Writers")),
        ),
        statement(
            "Readers",
            account,
            &["Decrypt"],
            Some(through_store("Readers")),
        ),
    ]
}

/// Returns one statement of the key policy. Its resource is the key itself.
fn statement(sid: &str, principal: Build, actions: &[&str], condition: Option<Build>) -> Build {
    let actions = actions
        .iter()
        .map(|name| literal(&format!("kms:{name}")))
        .collect();
    let mut entries = vec![
        ("Sid", literal(sid)),
        ("Effect", literal("Allow")),
        ("Principal", principal),
        ("Action", Build::Sequence(actions)),
        ("Resource", literal("*")),
    ];
    entries.extend(condition.map(|condition| ("Condition", condition)));
    mapping(entries)
}
