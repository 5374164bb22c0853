//! Stacks: `DescribeStacks`, `GetTemplate`, `ListStackResources` and `ValidateTemplate`.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::TemplateStage;
use byref_parameter::{Region, SecretValue};
use byref_store::{StoreError, Unreachable};

use super::AwsDeployments;
use crate::answer::is_arn_of;
use crate::failure::{Call, is_refusal};
use crate::pages::Pages;

/// A CloudFormation stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// The name of the stack.
    pub name: String,
    /// The ARN of the stack, or an empty text if an emulator reports none.
    pub id: String,
    /// The status, for example `UPDATE_COMPLETE`.
    pub status: String,
}

/// A resource of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackResource {
    /// The logical id: the key of the resource in the template.
    pub logical_id: String,
    /// The physical id: the name or ARN in the service of the resource. `None` before creation.
    pub physical_id: Option<String>,
    /// The type, for example `AWS::ECS::TaskDefinition`.
    pub resource_type: String,
}

/// The result of `ValidateTemplate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Validation {
    /// CloudFormation accepts the syntax of the template.
    Valid {
        /// The capabilities that a deployment must acknowledge, for example `CAPABILITY_IAM`.
        capabilities: Vec<String>,
    },
    /// CloudFormation rejects the template.
    Refused {
        /// The message of CloudFormation. It may repeat parts of the template, hence the type.
        message: SecretValue,
    },
}

impl AwsDeployments {
    /// Returns a stack by its name or ARN, or `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// [`StoreError::Denied`] without permission for `cloudformation:DescribeStacks`, or another
    /// [`StoreError`] if CloudFormation can't be reached.
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
        let Some(answer) = answer else {
            return Ok(None);
        };
        let mut stacks = answer.stacks.unwrap_or_default().into_iter();
        let (stack, further) = (stacks.next(), stacks.next());
        if further.is_some() {
            return Err(call.unexpected("it contains several stacks"));
        }
        let read = |stack: aws_sdk_cloudformation::types::Stack| {
            // The SDK replaces missing fields by empty ones.
            let status = stack.stack_status?.as_str().to_owned();
            if !status
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            {
                return None;
            }
            Some(Stack {
                name: stack.stack_name?,
                id: stack.stack_id.unwrap_or_default(),
                status,
            })
        };
        let stack = stack
            .and_then(read)
            .ok_or_else(|| call.unreachable(Unreachable::BrokenAnswer))?;
        if stack.name != name && stack.id != name {
            return Err(call.unexpected("it describes another stack"));
        }
        if !stack.id.is_empty() && !is_arn_of(&stack.id, region, &self.session.connection.account) {
            return Err(call.unexpected("the stack belongs to another Region or account"));
        }
        Ok(Some(stack))
    }

    /// Returns the template of a stack as it was submitted, before transforms (stage `Original`).
    ///
    /// # Errors
    ///
    /// [`StoreError::Refused`] if the stack does not exist, [`StoreError::Denied`] without
    /// permission for `cloudformation:GetTemplate`, or another [`StoreError`] if CloudFormation
    /// can't be reached.
    pub async fn template(&self, region: &Region, stack: &str) -> Result<SecretValue, StoreError> {
        let call = Call::about("cloudformation:GetTemplate", region, stack);
        let client = self.stacks(region).await?;
        let request = client
            .client
            .get_template()
            .stack_name(stack)
            .template_stage(TemplateStage::Original);
        let answer = client
            .send(call, async || request.clone().send().await)
            .await?;
        let text = answer
            .template_body
            .filter(|text| !text.is_empty())
            .map(SecretValue::new);
        text.ok_or_else(|| call.unreachable(Unreachable::BrokenAnswer))
    }

    /// Returns the resources of a stack, sorted by logical id.
    ///
    /// # Errors
    ///
    /// [`StoreError::Refused`] if the stack does not exist, [`StoreError::Denied`] without
    /// permission for `cloudformation:ListStackResources`, or another [`StoreError`] if
    /// CloudFormation can't be reached.
    pub async fn resources(
        &self,
        region: &Region,
        stack: &str,
    ) -> Result<Vec<StackResource>, StoreError> {
        let call = Call::about("cloudformation:ListStackResources", region, stack);
        let client = self.stacks(region).await?;
        // `DescribeStackResources` returns at most 100 resources.
        let request = client.client.list_stack_resources().stack_name(stack);
        let mut found: BTreeMap<String, StackResource> = BTreeMap::new();
        let mut pages = Pages::default();
        let mut token = None;
        loop {
            let page = request.clone().set_next_token(token);
            let answer = client
                .send(call, async || page.clone().send().await)
                .await?;
            let sent = answer.stack_resource_summaries;
            for resource in
                sent.ok_or_else(|| call.unexpected("it contains no list of resources"))?
            {
                let named = |text: Option<String>| text.filter(|text| !text.is_empty());
                let (Some(logical_id), Some(resource_type)) = (
                    named(resource.logical_resource_id),
                    named(resource.resource_type),
                ) else {
                    return Err(call.unreachable(Unreachable::BrokenAnswer));
                };
                let physical_id = resource.physical_resource_id.filter(|id| !id.is_empty());
                let resource = StackResource {
                    logical_id,
                    physical_id,
                    resource_type,
                };
                if found
                    .insert(resource.logical_id.clone(), resource)
                    .is_some()
                {
                    return Err(call.unexpected("it contains a resource twice"));
                }
            }
            match pages.next(answer.next_token, &call)? {
                Some(next) => token = Some(next),
                // CloudFormation rejects templates without resources, so a stack has at least one.
                None if found.is_empty() => {
                    return Err(call.unexpected("the stack has no resources"));
                }
                None => return Ok(found.into_values().collect()),
            }
        }
    }

    /// Checks the syntax of a template with `ValidateTemplate`.
    ///
    /// The template may have up to 51,200 bytes. Source: [CloudFormation quotas][quotas].
    ///
    /// # Errors
    ///
    /// [`StoreError::Denied`] without permission for `cloudformation:ValidateTemplate`, or another
    /// [`StoreError`] if CloudFormation can't be reached.
    ///
    /// [quotas]: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    pub async fn validate(
        &self,
        region: &Region,
        template: &SecretValue,
    ) -> Result<Validation, StoreError> {
        let call = Call::new("cloudformation:ValidateTemplate", region, &[]);
        let client = self.stacks(region).await?;
        let request = client
            .client
            .validate_template()
            .template_body(template.expose());
        client
            .send(call, async || match request.clone().send().await {
                Ok(answer) => {
                    let capabilities = answer.capabilities.unwrap_or_default();
                    let capabilities = capabilities
                        .iter()
                        .map(|one| one.as_str().to_owned())
                        .collect();
                    Ok(Validation::Valid { capabilities })
                }
                Err(error) if is_refusal(&error, "ValidationError", "") => {
                    let message = error
                        .as_service_error()
                        .and_then(|error| error.meta().message())
                        .unwrap_or_default();
                    Ok(Validation::Refused {
                        message: SecretValue::new(message.to_owned()),
                    })
                }
                Err(error) => Err(error),
            })
            .await
    }
}
