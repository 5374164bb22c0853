//! The model: the content of policies, apart from the way a template writes them.

#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Text(&'static str),
    Partition,
    Region,
    Account,
    /// A parameter whose default is `production`.
    Known,
    /// A parameter without a default.
    Unknown,
}

#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) effect: &'static str,
    pub(crate) is_not_action: bool,
    pub(crate) actions: Vec<&'static str>,
    pub(crate) is_not_resource: bool,
    pub(crate) resources: Vec<Vec<Piece>>,
    pub(crate) condition: Option<(&'static str, &'static str, Vec<&'static str>)>,
    /// The side of the condition `Prod` on which it stands.
    pub(crate) side: Option<bool>,
}

/// Where the policy with a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attachment {
    Inline,
    Policy,
    ManagedByRoles,
    ManagedByArn,
    ByRoleName,
    OfAnotherRole,
    /// A resource that exists only where `Prod` holds.
    WithCondition,
}

/// What is assumed of everything that the template does not say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Assumption {
    pub(crate) production: bool,
    pub(crate) unknown: &'static str,
    pub(crate) vpc: &'static str,
}

pub(crate) fn assumptions() -> Vec<Assumption> {
    let mut all = Vec::new();
    for production in [true, false] {
        for unknown in [
            "production",
            "x",
            "shared",
            "production/app",
            "*",
            "",
            "us-west-2",
            "us-east-1",
            "production/app/db-password",
            "shared/api-key",
        ] {
            for vpc in ["vpc-1", "vpc-2"] {
                all.push(Assumption {
                    production,
                    unknown,
                    vpc,
                });
            }
        }
    }
    all
}
