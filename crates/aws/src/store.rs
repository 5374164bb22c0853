//! The store: one client for each Region, made when it is needed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use byref_parameter::{AccountId, Label, ParameterName, Region};
use byref_store::{
    Description, Found, Parameter, ParameterStore, Put, Selection, StoreError, Tag, Version, VersionSelector,
};

use crate::caller::Caller;
use crate::connection::Connection;
use crate::read::{self, Values};
use crate::request::{Clients, RegionClient, region_client};
use crate::session::Session;
use crate::{answer, describe, label, write};

/// Parameter Store of one account, in all Regions.
///
/// Before the first request the caller's account is compared with the environment's, once.
pub struct AwsStore {
    session: Session,
    clients: Clients<aws_sdk_ssm::Client>,
}

impl fmt::Debug for AwsStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AwsStore").field("connection", &self.session.connection).finish_non_exhaustive()
    }
}

impl AwsStore {
    /// A store that has asked nobody anything yet.
    pub fn new(connection: Connection) -> Self {
        Self { session: Session::new(connection), clients: Clients::default() }
    }

    /// Whose credentials these are; asked once. Needs no permission.
    ///
    /// # Errors
    ///
    /// There are no credentials, they have expired, or STS can't be reached.
    pub async fn caller(&self) -> Result<&Caller, StoreError> {
        self.session.caller().await
    }

    /// Whether the caller belongs to the environment's account. Every request asks this first.
    ///
    /// # Errors
    ///
    /// [`StoreError::WrongAccount`] if not, and as [`AwsStore::caller`].
    pub async fn check_account(&self) -> Result<&Caller, StoreError> {
        self.session.check_account().await
    }

    /// Requests that went to Parameter Store in each Region so far, with all attempts.
    pub fn requests(&self) -> BTreeMap<Region, u64> {
        self.clients.requests()
    }

    /// Says that an answer was about this many items.
    pub(crate) fn answered(&self, items: usize) {
        self.session.answered(items);
    }

    /// Requests that may be under way at a time.
    pub(crate) fn concurrency(&self) -> usize {
        self.session.concurrency()
    }

    /// The account whose parameters these are.
    pub(crate) fn account(&self) -> &AccountId {
        &self.session.connection.account
    }

    /// The client of a Region, for a caller of the environment's account: there is no other way to a client.
    pub(crate) async fn of_region(
        &self,
        region: &Region,
    ) -> Result<Arc<RegionClient<aws_sdk_ssm::Client>>, StoreError> {
        self.check_account().await?;
        let config = self.session.config().await;
        let rates = self.session.connection.rates;
        Ok(self.clients.of_region(region, || region_client!(aws_sdk_ssm, config, region, rates)))
    }
}

impl ParameterStore for AwsStore {
    async fn look_up(&self, region: &Region, names: &[ParameterName]) -> Result<Vec<Found>, StoreError> {
        read::by_name(self, region, names, Values::Dropped, answer::found).await
    }

    async fn read(&self, region: &Region, names: &[ParameterName]) -> Result<Vec<Parameter>, StoreError> {
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

    async fn list_values(&self, region: &Region, path: &ParameterName) -> Result<Vec<Parameter>, StoreError> {
        read::by_path(self, region, path, Values::Decrypted, answer::parameter).await
    }

    async fn describe(&self, region: &Region, selection: Selection<'_>) -> Result<Vec<Description>, StoreError> {
        describe::parameters(self, region, selection).await
    }

    async fn history(&self, region: &Region, name: &ParameterName) -> Result<Vec<Version>, StoreError> {
        describe::history(self, region, name).await
    }

    async fn put(&self, region: &Region, put: &Put) -> Result<u64, StoreError> {
        write::put(self, region, put).await
    }

    async fn delete(&self, region: &Region, names: &[ParameterName]) -> Result<Vec<ParameterName>, StoreError> {
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

    async fn tag(&self, region: &Region, name: &ParameterName, tags: &[Tag]) -> Result<(), StoreError> {
        label::tag(self, region, name, tags).await
    }

    async fn tags(&self, region: &Region, name: &ParameterName) -> Result<Vec<Tag>, StoreError> {
        label::tags_of(self, region, name).await
    }

    async fn finish(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
