//! `DescribeStacks`, `GetTemplate`, `ListStackResources`, `ValidateTemplate`.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::TemplateStage;
use byref_parameter::{Region, SecretValue};
use byref_store::{StoreError, Unreachable};

use super::AwsDeployments;
use crate::answer::is_arn_of;
use crate::failure::{Call, is_refusal};
use crate::pages::Pages;

/// A stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// The name.
    pub name: String,
    /// The ARN.
    pub id: String,
    /// `UPDATE_COMPLETE`, for example.
    pub status: String,
}

/// A resource of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackResource {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name or ARN in its service; none before it is made.
    pub physical_id: Option<String>,
    /// `AWS::ECS::TaskDefinition`, for example.
    pub resource_type: String,
}

/// What CloudFormation says of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Validation {
    /// Its form is right.
    Valid {
        /// What a deploy must acknowledge: `CAPABILITY_IAM`, for example.
        capabilities: Vec<String>,
    },
    /// It is refused.
    Refused {
        /// CloudFormation's own words, which may repeat parts of the template.
        message: SecretValue,
    },
}

impl AwsDeployments {
    /// A stack by its name; none where there is none of that name.
    ///
    /// # Errors
    ///
    /// The caller may not `cloudformation:DescribeStacks`, or AWS could not be asked.
    pub async fn stack(&self, region: &Region, name: &str) -> Result<Option<Stack>, StoreError> {
        let call = Call::about("cloudformation:DescribeStacks", region, name);
        let client = self.stacks(region).await?;
        let request = client.client.describe_stacks().stack_name(name);
        let answer = client
            .send(call, async || match request.clone().send().await {
                Ok(answer) => Ok(Some(answer)),
                Err(error) if is_refusal(&error, "ValidationError", "does not exist") => Ok(None),
                Err(error) => Err(error),
            })
            .await?;
        let Some(answer) = answer else { return Ok(None) };
        let mut stacks = answer.stacks.unwrap_or_default().into_iter();
        let (stack, further) = (stacks.next(), stacks.next());
        if further.is_some() {
            return Err(call.unexpected("it has several stacks"));
        }
        let read = |stack: aws_sdk_cloudformation::types::Stack| {
            // The SDK fills in what is missing.
            let status = stack.stack_status?.as_str().to_owned();
            if !status.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') {
                return None;
            }
            Some(Stack { name: stack.stack_name?, id: stack.stack_id.unwrap_or_default(), status })
        };
        let stack = stack.and_then(read).ok_or_else(|| call.unreachable(Unreachable::BrokenAnswer))?;
        if stack.name != name && stack.id != name {
            return Err(call.unexpected("it is another stack than was asked for"));
        }
        if !stack.id.is_empty() && !is_arn_of(&stack.id, region, &self.session.connection.account) {
            return Err(call.unexpected("the stack is of another Region or account"));
        }
        Ok(Some(stack))
    }

    /// The template of a stack as it was deployed, before transforms.
    ///
    /// # Errors
    ///
    /// There is no such stack, the caller may not `cloudformation:GetTemplate`, or AWS could not be asked.
    pub async fn template(&self, region: &Region, stack: &str) -> Result<SecretValue, StoreError> {
        let call = Call::about("cloudformation:GetTemplate", region, stack);
        let client = self.stacks(region).await?;
        let request = client.client.get_template().stack_name(stack).template_stage(TemplateStage::Original);
        let answer = client.send(call, async || request.clone().send().await).await?;
        let text = answer.template_body.filter(|text| !text.is_empty()).map(SecretValue::new);
        text.ok_or_else(|| call.unreachable(Unreachable::BrokenAnswer))
    }

    /// The resources of a stack, in the order of their logical ids.
    ///
    /// # Errors
    ///
    /// There is no such stack, the caller may not `cloudformation:ListStackResources`, or AWS could not be asked.
    pub async fn resources(&self, region: &Region, stack: &str) -> Result<Vec<StackResource>, StoreError> {
        let call = Call::about("cloudformation:ListStackResources", region, stack);
        let client = self.stacks(region).await?;
        // `DescribeStackResources` stops at the hundredth.
        let request = client.client.list_stack_resources().stack_name(stack);
        let mut found: BTreeMap<String, StackResource> = BTreeMap::new();
        let mut pages = Pages::default();
        let mut token = None;
        loop {
            let page = request.clone().set_next_token(token);
            let answer = client.send(call, async || page.clone().send().await).await?;
            let sent = answer.stack_resource_summaries;
            for resource in sent.ok_or_else(|| call.unexpected("it has no list of resources"))? {
                let named = |text: Option<String>| text.filter(|text| !text.is_empty());
                let (Some(logical_id), Some(resource_type)) =
                    (named(resource.logical_resource_id), named(resource.resource_type))
                else {
                    return Err(call.unreachable(Unreachable::BrokenAnswer));
                };
                let physical_id = resource.physical_resource_id.filter(|id| !id.is_empty());
                let resource = StackResource { logical_id, physical_id, resource_type };
                if found.insert(resource.logical_id.clone(), resource).is_some() {
                    return Err(call.unexpected("it has a resource twice"));
                }
            }
            match pages.next(answer.next_token, &call)? {
                Some(next) => token = Some(next),
                // CloudFormation refuses a template without resources.
                None if found.is_empty() => return Err(call.unexpected("the stack has no resources")),
                None => return Ok(found.into_values().collect()),
            }
        }
    }

    /// Whether CloudFormation takes a template of up to 51,200 bytes, as far as its form goes.
    ///
    /// # Errors
    ///
    /// The caller may not `cloudformation:ValidateTemplate`, or AWS could not be asked.
    pub async fn validate(&self, region: &Region, template: &SecretValue) -> Result<Validation, StoreError> {
        let call = Call::new("cloudformation:ValidateTemplate", region, &[]);
        let client = self.stacks(region).await?;
        let request = client.client.validate_template().template_body(template.expose());
        client
            .send(call, async || match request.clone().send().await {
                Ok(answer) => {
                    let capabilities = answer.capabilities.unwrap_or_default();
                    let capabilities = capabilities.iter().map(|one| one.as_str().to_owned()).collect();
                    Ok(Validation::Valid { capabilities })
                }
                Err(error) if is_refusal(&error, "ValidationError", "") => {
                    let message = error.as_service_error().and_then(|error| error.meta().message()).unwrap_or_default();
                    Ok(Validation::Refused { message: SecretValue::new(message.to_owned()) })
                }
                Err(error) => Err(error),
            })
            .await
    }
}
