//! References: the text that a template carries, and the comparison with existing ones.
//!
//! A reference is written once for all environments where that is possible: pseudo parameters stand
//! for partition, Region and account, and a template parameter for the name of the environment.

use byref_config::{NamePiece, Reference, ReferenceForm};
use byref_iam::ArnScope;
use byref_parameter::ParameterName;
use byref_template::Build;

use crate::binding::SpecificKind;
use crate::iam::arn_scope;
use crate::request::Request;

/// The reference of a secret line, as it is written and as it is compared.
pub(crate) struct Target {
    /// The value of `ValueFrom`.
    pub(crate) build: Build,
    /// The same as text, with pseudo parameters as `${AWS::…}`.
    pub(crate) text: String,
    /// What it evaluates to in the Region that is asked for.
    pub(crate) evaluated: String,
    /// Whether it holds only in this environment.
    pub(crate) is_environment_specific: bool,
    /// The part of it that names a Region, if any. An ARN of Secrets Manager has no other form, and
    /// is read from every Region.
    pub(crate) names_region: Option<SpecificKind>,
    /// The template parameter that it takes the environment's name from.
    pub(crate) parameter: Option<String>,
    /// The same as CodeBuild takes it.
    pub(crate) variable: Variable,
}

/// The reference as CodeBuild takes it: a name, with the type that names the service.
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
        let build = if is_sub {
            Build::Call("Sub", Box::new(literal))
        } else {
            literal
        };
        Self { kind, build, text }
    }
}

impl Target {
    /// The reference in the form that the configuration asks for.
    pub(crate) fn new(request: &Request<'_>, reference: &Reference) -> Self {
        match reference {
            Reference::Parameter(name, pieces) => Self::of_name(request, name, pieces),
            Reference::Arn(arn) => Self {
                names_region: Some(SpecificKind::LineArn),
                ..Self::verbatim(
                    arn.to_string(),
                    Variable::new("PARAMETER_STORE", arn.name.to_string()),
                )
            },
            Reference::SecretsManager(arn) => Self::verbatim(
                arn.to_string(),
                Variable::new("SECRETS_MANAGER", arn.to_string()),
            ),
        }
    }

    /// Returns an ARN as the line gives it: that is the user's choice.
    fn verbatim(arn: String, variable: Variable) -> Self {
        let build = Build::Text(arn.clone());
        let text = arn.clone();
        Self {
            build,
            text,
            evaluated: arn,
            is_environment_specific: false,
            names_region: None,
            parameter: None,
            variable,
        }
    }

    /// Returns the reference to a parameter by its name, which is made of pieces.
    fn of_name(request: &Request<'_>, name: &ParameterName, pieces: &[NamePiece]) -> Self {
        let (environment, region) = (request.environment, request.region);
        let settings = &request.config.rewrite;
        let names_environment = pieces
            .iter()
            .any(|piece| matches!(piece, NamePiece::Environment));
        let parameter = settings
            .environment_parameter
            .as_ref()
            .map(|(name, _)| name.as_str())
            .filter(|_| names_environment);
        let path = path(request, pieces);
        let evaluated = environment.parameter_arn(name, region).to_string();
        let text = written_scope(request).parameter(&path);
        let is_sub = text.contains("${");
        let build = if is_sub {
            Build::Call("Sub", Box::new(Build::Text(text.clone())))
        } else {
            Build::Text(text.clone())
        };
        let is_literal = settings.reference == ReferenceForm::Literal;
        let is_environment_specific = is_literal || (names_environment && parameter.is_none());
        let names_region = is_literal.then_some(SpecificKind::LiteralArn);
        let variable = Variable::new("PARAMETER_STORE", path);
        let parameter = parameter.map(str::to_owned);
        Self {
            build,
            text,
            evaluated,
            is_environment_specific,
            names_region,
            parameter,
            variable,
        }
    }

    /// Returns whether an existing `ValueFrom` names the same parameter: a name, an ARN with pseudo
    /// parameters and a literal ARN of the same Region are equal.
    pub(crate) fn is_same(&self, request: &Request<'_>, value_from: &str) -> bool {
        let whole = |text: &str| match text.parse::<ParameterName>() {
            Ok(name) => request
                .environment
                .parameter_arn(&name, request.region)
                .to_string(),
            Err(_) => text.to_owned(),
        };
        whole(value_from) == whole(&self.evaluated)
    }
}

/// Joins the pieces of a name, with the template parameter in the place of the environment's name
/// if the configuration sets one.
pub(crate) fn path(request: &Request<'_>, pieces: &[NamePiece]) -> String {
    match &request.config.rewrite.environment_parameter {
        Some((parameter, _)) => NamePiece::joined(pieces, &format!("${{{parameter}}}")),
        None => NamePiece::joined(pieces, &request.environment.name),
    }
}

/// Returns the scope of ARNs in the form that the configuration asks for.
pub(crate) fn written_scope(request: &Request<'_>) -> ArnScope {
    match request.config.rewrite.reference {
        ReferenceForm::Pseudo => ArnScope::pseudo(),
        ReferenceForm::Literal => arn_scope(request.environment, request.region),
    }
}
