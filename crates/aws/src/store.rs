//! The implementation of the store trait.
//!
//! Every method only forwards to the module of its operation. The order of the results, batches and
//! the checks of a response are decided there.
//!
//! | Methods | Module |
//! | --- | --- |
//! | `look_up`, `read`, `read_version`, `list`, `list_values` | [`read`] |
//! | `describe`, `history` | [`describe`] |
//! | `put`, `delete` | [`mod@write`] |
//! | `label`, `unlabel`, `tag`, `tags` | [`label`] |

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use byref_parameter::{AccountId, Label, ParameterName, Region};
use byref_store::{
    Description, Found, Parameter, ParameterStore, Put, Selection, StoreError, Tag, Version,
    VersionSelector,
};

use crate::caller::Caller;
use crate::connection::Connection;
use crate::read::{self, Values};
use crate::request::{Clients, RegionClient, region_client};
use crate::session::Session;
use crate::{answer, describe, label, write};

/// Parameter Store of one account, in all Regions.
///
/// The account of the caller is compared with the expected one before the first request. Clients
/// are created per Region on demand.
pub struct AwsStore {
    session: Session,
    clients: Clients<aws_sdk_ssm::Client>,
}

impl fmt::Debug for AwsStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AwsStore")
            .field("connection", &self.session.connection)
            .finish_non_exhaustive()
    }
}

impl AwsStore {
    /// Creates a store without sending a request.
    pub fn new(connection: Connection) -> Self {
        Self {
            session: Session::new(connection),
            clients: Clients::default(),
        }
    }

    /// Returns the identity of the caller, requested once from STS. It needs no permission.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoCredentials`], [`StoreError::CredentialsFailed`] or
    /// [`StoreError::ExpiredCredentials`] without valid credentials, and
    /// [`StoreError::Unreachable`] if STS can't be reached.
    pub async fn caller(&self) -> Result<&Caller, StoreError> {
        self.session.caller().await
    }

    /// Checks that the caller belongs to the expected account. Every request calls this first.
    ///
    /// # Errors
    ///
    /// [`StoreError::WrongAccount`] if it belongs to another account, and the errors of
    /// [`AwsStore::caller`].
    pub async fn check_account(&self) -> Result<&Caller, StoreError> {
        self.session.check_account().await
    }

    /// Returns the number of requests to Parameter Store per Region so far, counting every attempt.
    pub fn requests(&self) -> BTreeMap<Region, u64> {
        self.clients.requests()
    }

    /// Notifies the observer of a response with this many items.
    pub(crate) fn answered(&self, items: usize) {
        self.session.answered(items);
    }

    /// Returns the number of concurrent requests.
    pub(crate) fn concurrency(&self) -> usize {
        self.session.concurrency()
    }

    /// Returns the account that the parameters belong to.
    pub(crate) fn account(&self) -> &AccountId {
        &self.session.connection.account
    }

    /// Returns the client of a Region after checking the account. There is no other way to get one.
    pub(crate) async fn of_region(
        &self,
        region: &Region,
    ) -> Result<Arc<RegionClient<aws_sdk_ssm::Client>>, StoreError> {
        self.check_account().await?;
        let config = self.session.config().await;
        let rates = self.session.connection.rates;
        Ok(self.clients.of_region(region, || {
            region_client!(aws_sdk_ssm, config, region, rates)
        }))
    }
}

impl ParameterStore for AwsStore {
    async fn look_up(
        &self,
        region: &Region,
        names: &[ParameterName],
    ) -> Result<Vec<Found>, StoreError> {
        read::by_name(self, region, names, Values::Dropped, answer::found).await
    }

    async fn read(
        &self,
        region: &Region,
        names: &[ParameterName],
    ) -> Result<Vec<Parameter>, StoreError> {
        read::by_name(self, region, names, Values::Decrypted, answer::parameter).await
    }

    async fn read_version(
        &self,
        region: &Region,
        name: &ParameterName,
        version: &VersionSelector,
    ) -> Result<Parameter, StoreError> {
        read::version(self, region, name, version).await
    }

    async fn list(&self, region: &Region, path: &ParameterName) -> Result<Vec<Found>, StoreError> {
        read::by_path(self, region, path, Values::Dropped, answer::found).await
    }

    async fn list_values(
        &self,
        region: &Region,
        path: &ParameterName,
    ) -> Result<Vec<Parameter>, StoreError> {
        read::by_path(self, region, path, Values::Decrypted, answer::parameter).await
    }

    async fn describe(
        &self,
        region: &Region,
        selection: Selection<'_>,
    ) -> Result<Vec<Description>, StoreError> {
        describe::parameters(self, region, selection).await
    }

    async fn history(
        &self,
        region: &Region,
        name: &ParameterName,
    ) -> Result<Vec<Version>, StoreError> {
        describe::history(self, region, name).await
    }

    async fn put(&self, region: &Region, put: &Put) -> Result<u64, StoreError> {
        write::put(self, region, put).await
    }

    async fn delete(
        &self,
        region: &Region,
        names: &[ParameterName],
    ) -> Result<Vec<ParameterName>, StoreError> {
        write::delete(self, region, names).await
    }

    async fn label(
        &self,
        region: &Region,
        name: &ParameterName,
        version: u64,
        label: &Label,
    ) -> Result<(), StoreError> {
        label::label(self, region, name, version, label).await
    }

    async fn unlabel(
        &self,
        region: &Region,
        name: &ParameterName,
        version: u64,
        label: &Label,
    ) -> Result<(), StoreError> {
        label::unlabel(self, region, name, version, label).await
    }

    async fn tag(
        &self,
        region: &Region,
        name: &ParameterName,
        tags: &[Tag],
    ) -> Result<(), StoreError> {
        label::tag(self, region, name, tags).await
    }

    async fn tags(&self, region: &Region, name: &ParameterName) -> Result<Vec<Tag>, StoreError> {
        label::tags_of(self, region, name).await
    }

    async fn finish(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
