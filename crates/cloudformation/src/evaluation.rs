//! Values in one stack: pseudo parameters by account and Region, parameters by their defaults.
//!
//! | name | value |
//! | --- | --- |
//! | `AWS::Region`, `AWS::AccountId`, `AWS::Partition` | those of the stack |
//! | `AWS::StackName`, `AWS::StackId` | not known |
//! | a parameter | its `Default`, where [`Defaults`] counts it |
//! | a parameter of a type that reads a store | not known: its default is a name in the store |
//! | an `AWS::SSM::Parameter` | its `Name` |
//! | any other resource | not known |

use std::collections::{BTreeMap, BTreeSet};

use byref_parameter::{AccountId, Partition, Region};
use byref_template::{Intrinsic, NodeRef};

use crate::declarations::Declarations;
use crate::evaluator::{evaluate, mapped};
use crate::guard::alternatives;
use crate::intrinsics::is_pseudo_parameter;
use crate::node::{literal, reads_parameter_store};
use crate::value::{Evaluate, Lookup, Names, Piece, Side, Text};

/// The result of an evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evaluated {
    /// A text that is certain.
    Text(String),
    /// The fact that it depends on, which no template knows.
    Unknown(String),
}

/// The character in a text for a part that is not known.
pub const HOLE: char = '\0';

/// A stack in one Region of one account, as far as it is known before it is deployed.
///
/// The word comes from the CloudFormation user guide, "Stack sets concepts".
#[derive(Clone, Copy, Debug)]
pub struct StackInstance<'e> {
    /// The partition, which `AWS::Partition` and `AWS::URLSuffix` depend on.
    pub partition: Partition,
    /// The Region.
    pub region: &'e Region,
    /// The account.
    pub account: &'e AccountId,
    /// A template parameter whose value is known, with the value.
    pub given: Option<(&'e str, &'e str)>,
}

impl StackInstance<'_> {
    /// Returns the value of a pseudo parameter, or of the parameter that is known.
    pub fn value_of(&self, name: &str) -> Option<String> {
        match name {
            "AWS::Region" => Some(self.region.to_string()),
            "AWS::AccountId" => Some(self.account.to_string()),
            "AWS::Partition" => Some(self.partition.to_string()),
            "AWS::URLSuffix" if self.partition == Partition::Aws => {
                Some("amazonaws.com".to_owned())
            }
            _ => self
                .given
                .filter(|(given, _)| *given == name)
                .map(|(_, value)| value.to_owned()),
        }
    }
}

/// The evaluation of a template's values in one stack.
///
/// A deployment may pass other values than the defaults of the parameters. [`Evaluation::defaults`]
/// selects those that count, so that a caller can find out which defaults an answer depends on.
///
/// ```
/// use byref_cloudformation::{Declarations, Defaults, Evaluation, StackInstance};
/// use byref_parameter::{AccountId, Partition, Region};
/// use byref_template::Template;
///
/// let text = "Parameters: {Stage: {Type: String, Default: test}}\n\
///     Value: !Sub '${AWS::Region}-${Stage}'\n";
/// let template = Template::parse(text).unwrap();
/// let declarations = Declarations::of(&template);
/// let region: Region = "eu-central-1".parse().unwrap();
/// let account: AccountId = "111122223333".parse().unwrap();
/// let (partition, given) = (Partition::Aws, None);
/// let stack = StackInstance { partition, region: &region, account: &account, given };
/// let value = template.root().unwrap().get("Value").unwrap();
/// let evaluation = |defaults| Evaluation { declarations: &declarations, stack, defaults };
/// assert_eq!(evaluation(Defaults::All).text_of(value), Ok("eu-central-1-test".to_owned()));
/// assert_eq!(evaluation(Defaults::None).text_of(value), Err("`Stage`".to_owned()));
/// ```
#[derive(Clone, Copy)]
pub struct Evaluation<'t> {
    /// The declarations of the template.
    pub declarations: &'t Declarations<'t>,
    /// The stack.
    pub stack: StackInstance<'t>,
    /// The defaults of parameters that count.
    pub defaults: Defaults<'t>,
}

/// The defaults of parameters that count as their values.
#[derive(Clone, Copy)]
pub enum Defaults<'t> {
    /// All of them.
    All,
    /// All but those of these parameters.
    Without(&'t BTreeSet<String>),
    /// None of them.
    None,
}

impl Defaults<'_> {
    fn count(self, parameter: &str) -> bool {
        match self {
            Self::All => true,
            Self::Without(names) => !names.contains(parameter),
            Self::None => false,
        }
    }
}

impl<'t> Evaluation<'t> {
    /// Evaluates a value without conditions.
    ///
    /// # Errors
    ///
    /// The first fact that the value depends on and that is not known.
    pub fn text_of<'n>(&self, node: NodeRef<'n>) -> Result<String, String>
    where
        't: 'n,
    {
        self.text(node, None).known()
    }

    /// Evaluates a value under an assumption about conditions, with a [`HOLE`] for every part that
    /// is not known. A condition that `conditions` does not decide counts as one that holds.
    pub fn text_with_holes<'n>(
        &self,
        node: NodeRef<'n>,
        conditions: &BTreeMap<String, bool>,
    ) -> String
    where
        't: 'n,
    {
        self.text(node, Some(conditions)).with(|_| HOLE.to_string())
    }

    /// Evaluates a value with names in place of their values where those are not known: two values
    /// with equal results are equal whatever is passed to the stack. None where a part is not known
    /// and has no name.
    pub fn symbolic<'n>(&self, node: NodeRef<'n>) -> Option<String>
    where
        't: 'n,
    {
        let text = self.text(node, None);
        let has_name = |piece: &Piece<'_>| !matches!(piece, Piece::Unknown { name: None, .. });
        let symbol = |piece: &Piece<'_>| match piece {
            Piece::Unknown {
                name: Some(name), ..
            } => format!("{HOLE}{name}{HOLE}"),
            _ => HOLE.to_string(),
        };
        text.pieces.iter().all(has_name).then(|| text.with(symbol))
    }

    /// Evaluates each branch of a value, in the order of the text.
    pub fn alternatives<'n>(&self, value: NodeRef<'n>) -> Vec<Evaluated>
    where
        't: 'n,
    {
        let evaluated = |node: NodeRef<'n>| match self.text_of(node) {
            Ok(text) => Evaluated::Text(text),
            Err(unknown) => Evaluated::Unknown(unknown),
        };
        alternatives(value).into_iter().map(evaluated).collect()
    }

    fn text<'n>(&self, node: NodeRef<'n>, conditions: Option<&BTreeMap<String, bool>>) -> Text<'n>
    where
        't: 'n,
    {
        // Nothing has several values here: each name has one, and each condition one side.
        evaluate(
            &Assumed {
                evaluation: self,
                conditions,
            },
            node,
        )
        .texts
        .swap_remove(0)
    }

    /// Looks up a name as `Ref` does: the stack's own values first, then parameters, then
    /// resources.
    fn name(&self, name: &str) -> Lookup<'t> {
        if let Some(value) = self.stack.value_of(name) {
            return Lookup::Texts(vec![value]);
        }
        let unknown = || Lookup::Unknown(format!("`{name}`"));
        if let Some(parameter) = self.declarations.parameters.get(name) {
            let default = parameter
                .get("Default")
                .filter(|_| self.defaults.count(name));
            let text = default
                .filter(|_| !reads_parameter_store(*parameter))
                .and_then(literal);
            return text.map_or_else(unknown, |text| Lookup::Texts(vec![text]));
        }
        let Some(resource) = self.declarations.resources.get(name) else {
            // A name that is not declared may be anything, also a value.
            let undeclared =
                || Lookup::Unknown("a name that the template does not declare".to_owned());
            return if is_pseudo(name) {
                unknown()
            } else {
                undeclared()
            };
        };
        // A `Ref` to a parameter in Parameter Store is its name.
        let stored = resource
            .get("Type")
            .and_then(literal)
            .is_some_and(|kind| kind == "AWS::SSM::Parameter");
        let named = resource
            .get("Properties")
            .and_then(|properties| properties.get("Name"))
            .filter(|_| stored);
        named.map_or_else(unknown, Lookup::Node)
    }
}

/// Returns whether a name is a pseudo parameter, or has the form of one that AWS may add.
fn is_pseudo(name: &str) -> bool {
    let is_new = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_pseudo_parameter(name) || name.strip_prefix("AWS::").is_some_and(is_new)
}

/// An evaluation under an assumption about the conditions, or without conditions.
struct Assumed<'e, 't> {
    evaluation: &'e Evaluation<'t>,
    conditions: Option<&'e BTreeMap<String, bool>>,
}

impl<'n, 't: 'n> Names<'n> for Assumed<'_, 't> {
    fn name(&self, name: &str) -> Lookup<'n> {
        self.evaluation.name(name)
    }

    fn side(&self, condition: &str) -> Side {
        let side = |conditions: &BTreeMap<String, bool>| {
            Side::One(conditions.get(condition).copied().unwrap_or(true))
        };
        self.conditions.map_or(Side::Unknown, side)
    }

    fn mapped(
        &self,
        call: Intrinsic<'n>,
        evaluate: Evaluate<'_, 'n>,
    ) -> Result<Vec<NodeRef<'n>>, String> {
        let unknown = || "`Fn::FindInMap`".to_owned();
        let keys = call.argument.items().take(3).map(|key| {
            evaluate(key)
                .only()
                .ok_or_else(unknown)?
                .known()
                .map(|key| Some(BTreeSet::from([key])))
        });
        let keys = keys.collect::<Result<Vec<_>, String>>()?;
        let mappings: NodeRef<'n> = self.evaluation.declarations.mappings.ok_or_else(unknown)?;
        let leaves = mapped(mappings, &keys);
        if leaves.is_empty() {
            Err(unknown())
        } else {
            Ok(leaves)
        }
    }
}

#[cfg(test)]
mod tests {
    use byref_template::Template;

    use super::*;

    const TEMPLATE: &str = "\
Parameters:
  Stage: {Type: String, Default: beta}
  Open: {Type: String}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b}
Mappings:
  M: {us-west-2: {k: mapped}}
Resources:
  Named: {Type: 'AWS::SSM::Parameter', Properties: {Name: !Sub '/${Stage}/name'}}
  Loop: {Type: 'AWS::SSM::Parameter', Properties: {Name: !FindInMap [M, !Ref Loop, k]}}
  Topic: {Type: 'AWS::SNS::Topic'}
Values:
";

    struct Found {
        text: Result<String, String>,
        symbolic: Option<String>,
        /// Under the assumption that `C` does not hold.
        holed: String,
    }

    fn found(value: &str) -> Found {
        let template = Template::parse(format!("{TEMPLATE}  - {value}\n")).unwrap();
        let declarations = Declarations::of(&template);
        let (region, account) = (
            "us-west-2".parse().unwrap(),
            "111122223333".parse().unwrap(),
        );
        let stack = StackInstance {
            partition: Partition::Aws,
            region: &region,
            account: &account,
            given: None,
        };
        let evaluation = Evaluation {
            declarations: &declarations,
            stack,
            defaults: Defaults::All,
        };
        let node = template
            .root()
            .unwrap()
            .get("Values")
            .unwrap()
            .items()
            .next()
            .unwrap();
        let holed = evaluation.text_with_holes(node, &BTreeMap::from([("C".to_owned(), false)]));
        Found {
            text: evaluation.text_of(node),
            symbolic: evaluation.symbolic(node),
            holed,
        }
    }

    #[test]
    fn values_are_those_of_the_stack_with_its_defaults() {
        for (value, text) in [
            (
                "!Sub 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:x'",
                "arn:aws:ssm:us-west-2:111122223333:x",
            ),
            (
                "!Join ['-', [!Ref Stage, !FindInMap [M, !Ref AWS::Region, k]]]",
                "beta-mapped",
            ),
            ("!Ref Named", "/beta/name"),
            ("!Select [1, [a, !Ref Stage]]", "beta"),
        ] {
            assert_eq!(found(value).text.as_deref(), Ok(text), "{value}");
        }
    }

    #[test]
    fn unknown_parts_give_their_reasons() {
        for (value, reason) in [
            ("!Ref Open", "`Open`"),
            ("!Ref Stored", "`Stored`"),
            ("!Ref Topic", "`Topic`"),
            ("!Ref AWS::StackName", "`AWS::StackName`"),
            ("!Ref Pas5word", "a name that the template does not declare"),
            ("!If [C, a, b]", "a condition"),
            ("!FindInMap [M, elsewhere, k]", "`Fn::FindInMap`"),
            ("!Ref Loop", "a value that refers to itself"),
            ("!pass word", "an unknown function"),
            ("[a]", "a value that is not text"),
            ("~", "a value that is not text"),
        ] {
            assert_eq!(found(value).text, Err(reason.to_owned()), "{value}");
        }
    }

    #[test]
    fn conditions_count_only_under_an_assumption() {
        let found = found("!Sub ['${x}/${Open}', {x: !If [C, a, !If [D, b, c]]}]");
        assert_eq!(found.holed, format!("b/{HOLE}"));
        assert_eq!(found.text, Err("a condition".to_owned()));
    }

    #[test]
    fn symbols_are_the_names_of_what_is_open() {
        let symbolic = |value: &str| found(value).symbolic;
        assert_eq!(
            symbolic("!Sub '${Stage}-${Open}'"),
            symbolic("!Join ['-', [beta, !Ref Open]]")
        );
        assert!(symbolic("!Ref Open").is_some() && symbolic("!Ref Open") != symbolic("!Ref Topic"));
        assert_eq!(symbolic("!GetAtt Topic.Arn"), None);
    }
}
