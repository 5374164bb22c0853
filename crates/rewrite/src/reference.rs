//! References: as they are written, and whether two of them mean the same parameter.

use byref_config::{NamePiece, Reference, ReferenceForm};
use byref_iam::ArnScope;
use byref_parameter::ParameterName;
use byref_template::Build;

use crate::binding::BakedPart;
use crate::iam::arn_scope;
use crate::request::Request;

/// A reference of a secret line, ready to be written and compared.
pub(crate) struct Target {
    /// What is written to `ValueFrom`.
    pub(crate) build: Build,
    /// The same as text, pseudo parameters as `${AWS::…}`.
    pub(crate) text: String,
    /// What it evaluates to in the Region that is asked for.
    pub(crate) evaluated: String,
    /// Whether it holds only in this environment, or only in this Region.
    pub(crate) is_baked: bool,
    /// What of it names a Region, if anything does. An ARN of Secrets Manager has no other form and is read from every
    /// Region.
    pub(crate) names_region: Option<BakedPart>,
    /// The template parameter that it takes the environment's name from.
    pub(crate) parameter: Option<String>,
    /// The same as CodeBuild takes it.
    pub(crate) variable: Variable,
}

/// A reference of a CodeBuild project: a name, with the type that says whose.
///
/// Source: CodeBuild API reference, `EnvironmentVariable`.
pub(crate) struct Variable {
    pub(crate) kind: &'static str,
    pub(crate) build: Build,
    pub(crate) text: String,
}

impl Variable {
    fn new(kind: &'static str, text: String) -> Self {
        let is_sub = text.contains("${");
        let literal = Build::Text(text.clone());
        let build = if is_sub { Build::Call("Sub", Box::new(literal)) } else { literal };
        Self { kind, build, text }
    }
}

impl Target {
    /// The reference in the form that the configuration asks for.
    pub(crate) fn new(request: &Request<'_>, reference: &Reference) -> Self {
        match reference {
            Reference::Parameter(name, pieces) => Self::of_name(request, name, pieces),
            Reference::Arn(arn) => Self {
                names_region: Some(BakedPart::LineArn),
                ..Self::verbatim(arn.to_string(), Variable::new("PARAMETER_STORE", arn.name.to_string()))
            },
            Reference::SecretsManager(arn) => {
                Self::verbatim(arn.to_string(), Variable::new("SECRETS_MANAGER", arn.to_string()))
            }
        }
    }

    /// An ARN is written as it stands in the line; that is the user's choice, not ours.
    fn verbatim(arn: String, variable: Variable) -> Self {
        let build = Build::Text(arn.clone());
        let text = arn.clone();
        Self { build, text, evaluated: arn, is_baked: false, names_region: None, parameter: None, variable }
    }

    fn of_name(request: &Request<'_>, name: &ParameterName, pieces: &[NamePiece]) -> Self {
        let (environment, region) = (request.environment, request.region);
        let settings = &request.config.rewrite;
        let names_environment = pieces.iter().any(|piece| matches!(piece, NamePiece::Environment));
        let parameter =
            settings.environment_parameter.as_ref().map(|(name, _)| name.as_str()).filter(|_| names_environment);
        let path = path(request, pieces);
        let evaluated = environment.parameter_arn(name, region).to_string();
        let text = written_scope(request).parameter(&path);
        let is_sub = text.contains("${");
        let build =
            if is_sub { Build::Call("Sub", Box::new(Build::Text(text.clone()))) } else { Build::Text(text.clone()) };
        let is_literal = settings.reference == ReferenceForm::Literal;
        let is_baked = is_literal || (names_environment && parameter.is_none());
        let names_region = is_literal.then_some(BakedPart::LiteralArn);
        let variable = Variable::new("PARAMETER_STORE", path);
        let parameter = parameter.map(str::to_owned);
        Self { build, text, evaluated, is_baked, names_region, parameter, variable }
    }

    /// Whether an existing `ValueFrom` means the same: a name, a pseudo ARN and a literal ARN of the same Region
    /// are one parameter.
    pub(crate) fn is_same(&self, request: &Request<'_>, value_from: &str) -> bool {
        let whole = |text: &str| match text.parse::<ParameterName>() {
            Ok(name) => request.environment.parameter_arn(&name, request.region).to_string(),
            Err(_) => text.to_owned(),
        };
        whole(value_from) == whole(&self.evaluated)
    }
}

/// A name, with the template parameter that stands for the environment's name where there is one.
pub(crate) fn path(request: &Request<'_>, pieces: &[NamePiece]) -> String {
    match &request.config.rewrite.environment_parameter {
        Some((parameter, _)) => NamePiece::joined(pieces, &format!("${{{parameter}}}")),
        None => NamePiece::joined(pieces, &request.environment.name),
    }
}

/// The scope of ARNs in the form that the configuration asks for.
pub(crate) fn written_scope(request: &Request<'_>) -> ArnScope {
    match request.config.rewrite.reference {
        ReferenceForm::Pseudo => ArnScope::pseudo(),
        ReferenceForm::Literal => arn_scope(request.environment, request.region),
    }
}
