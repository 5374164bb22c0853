//! A store in memory that fails as it is told.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use byref_parameter::{Label, ParameterName, ParameterType, Region, SecretValue};
use byref_store::{
    Denial, Description, Found, Parameter, ParameterStore, Put, PutMode, Selection, StoreError,
    Tag, Unreachable, Version, VersionSelector,
};

/// What happens to a request that fails. Reads that fail are never carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// There is no answer, and nothing happened.
    NotCarriedOut,
    /// There is no answer, but it happened.
    AnswerLost,
    /// There is no answer, and it happens after so many further requests.
    Late(usize),
    /// It is refused.
    Refused,
    /// It happened, but a second attempt was refused.
    SecondAttemptRefused,
}

/// Which requests fail; they are counted from 0.
#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    At(usize),
    From(usize),
    /// In this Region, from this request of it on.
    InRegion(usize, usize),
    /// In this Region, from this request of it on, but reads succeed.
    WritesInRegion(usize, usize),
}

#[derive(Clone, Debug)]
pub(crate) enum Write {
    Put(Put),
    Delete,
}

/// The versions of the one parameter, oldest first.
pub(crate) type Versions = Vec<(u64, String)>;

#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) regions: Vec<Region>,
    pub(crate) versions: Vec<Versions>,
    /// Whether values may be read.
    pub(crate) is_readable: Vec<bool>,
    pub(crate) faults: Vec<(When, Effect)>,
    pub(crate) requests: usize,
    requests_of: BTreeMap<usize, usize>,
    late: Vec<(usize, usize, Write)>,
    /// How many requests wrote to each Region, or will.
    pub(crate) writes: Vec<usize>,
    pub(crate) failed_reads: usize,
    /// What each Region held when it was last written or looked at.
    pub(crate) last_seen: Vec<Versions>,
}

impl World {
    pub(crate) fn add(&mut self, region: &str, versions: Versions, is_readable: bool) {
        self.regions.push(region.parse().unwrap());
        self.last_seen.push(versions.clone());
        self.versions.push(versions);
        self.is_readable.push(is_readable);
        self.writes.push(0);
    }

    fn index(&self, region: &Region) -> usize {
        self.regions
            .iter()
            .position(|known| known == region)
            .unwrap()
    }

    /// Counts a request, carries out late requests, and returns the injected error.
    fn arrive(&mut self, index: usize, is_write: bool) -> Option<Effect> {
        let number = self.requests;
        self.requests += 1;
        let of_region = self.requests_of.entry(index).or_default();
        let number_here = *of_region;
        *of_region += 1;
        assert!(number < 100, "it does not end");
        let due: Vec<_> = self.late.extract_if(.., |(at, ..)| *at <= number).collect();
        for (_, index, write) in due {
            let _ = self.carry_out(index, &write);
        }
        let fails = |when: &When| match *when {
            When::At(at) => number == at,
            When::From(at) => number >= at,
            When::InRegion(of, at) => index == of && number_here >= at,
            When::WritesInRegion(of, at) => is_write && index == of && number_here >= at,
        };
        self.faults
            .iter()
            .find(|(when, _)| fails(when))
            .map(|(_, effect)| *effect)
    }

    fn carry_out(&mut self, index: usize, write: &Write) -> Result<u64, StoreError> {
        let (region, versions) = (self.regions[index].clone(), &mut self.versions[index]);
        match write {
            Write::Delete => {
                versions.clear();
                Ok(0)
            }
            Write::Put(Put {
                name,
                mode: PutMode::Create(_),
                ..
            }) if !versions.is_empty() => Err(StoreError::AlreadyExists {
                name: name.clone(),
                region,
            }),
            Write::Put(put) => {
                let number = versions.last().map_or(1, |(last, _)| last + 1);
                versions.push((number, put.value.expose().to_owned()));
                Ok(number)
            }
        }
    }

    fn write(&mut self, region: &Region, write: Write) -> Result<u64, StoreError> {
        let index = self.index(region);
        let fault = self.arrive(index, true);
        self.writes[index] += 1;
        let no_answer = StoreError::Unreachable {
            action: "write",
            region: region.clone(),
            why: Unreachable::TimeOut,
        };
        let throttled = StoreError::Throttled {
            action: "write",
            region: region.clone(),
        };
        let result = match fault {
            None => self.carry_out(index, &write),
            Some(Effect::NotCarriedOut) => Err(no_answer),
            Some(Effect::AnswerLost) => self.carry_out(index, &write).and(Err(no_answer)),
            Some(Effect::SecondAttemptRefused) => self.carry_out(index, &write).and(Err(throttled)),
            Some(Effect::Refused) => Err(throttled),
            Some(Effect::Late(after)) => {
                self.late.push((self.requests + after, index, write));
                Err(no_answer)
            }
        };
        self.last_seen[index].clone_from(&self.versions[index]);
        result
    }

    fn see(&mut self, region: &Region) -> Result<usize, StoreError> {
        let index = self.index(region);
        let why = Unreachable::Connection;
        if self.arrive(index, false).is_some() {
            self.failed_reads += 1;
            return Err(StoreError::Unreachable {
                action: "read",
                region: region.clone(),
                why,
            });
        }
        self.last_seen[index].clone_from(&self.versions[index]);
        Ok(index)
    }

    /// Another writer's value, which arrives before this request.
    pub(crate) fn rival(&mut self, at: usize, index: usize, put: Put) {
        self.late.push((at, index, Write::Put(put)));
    }

    /// What is late happens now, and nothing fails any more.
    pub(crate) fn settle(&mut self) {
        self.faults.clear();
        for (_, index, write) in std::mem::take(&mut self.late) {
            let _ = self.carry_out(index, &write);
        }
        (self.requests, self.failed_reads) = (0, 0);
        self.writes.fill(0);
    }

    pub(crate) fn found(&self, index: usize) -> Option<Found> {
        let (version, _) = self.versions[index].last()?;
        Some(Found {
            name: name(),
            kind: ParameterType::SecureString,
            version: *version,
            modified: None,
        })
    }

    pub(crate) fn parameter(&self, index: usize) -> Option<Parameter> {
        let value = SecretValue::new(self.value(index)?.to_owned());
        Some(Parameter {
            found: self.found(index)?,
            value,
        })
    }

    /// The newest value.
    pub(crate) fn value(&self, index: usize) -> Option<&str> {
        self.versions[index].last().map(|(_, value)| value.as_str())
    }
}

/// The one parameter.
pub(crate) fn name() -> ParameterName {
    "/production/web/db-password".parse().unwrap()
}

#[derive(Debug)]
pub(crate) struct Fake(pub(crate) RefCell<World>);

/// Runs what never waits.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("a store in memory never waits"),
    }
}

impl ParameterStore for Fake {
    async fn look_up(
        &self,
        region: &Region,
        _names: &[ParameterName],
    ) -> Result<Vec<Found>, StoreError> {
        let mut world = self.0.borrow_mut();
        let index = world.see(region)?;
        Ok(world.found(index).into_iter().collect())
    }

    async fn read(
        &self,
        region: &Region,
        _names: &[ParameterName],
    ) -> Result<Vec<Parameter>, StoreError> {
        let mut world = self.0.borrow_mut();
        let index = world.see(region)?;
        if world.is_readable[index] {
            return Ok(world.parameter(index).into_iter().collect());
        }
        let denial = Denial {
            action: "kms:Decrypt".to_owned(),
            resource: String::new(),
            principal: None,
        };
        Err(StoreError::Denied(denial))
    }

    async fn put(&self, region: &Region, put: &Put) -> Result<u64, StoreError> {
        self.0.borrow_mut().write(region, Write::Put(put.clone()))
    }

    async fn delete(
        &self,
        region: &Region,
        names: &[ParameterName],
    ) -> Result<Vec<ParameterName>, StoreError> {
        self.0
            .borrow_mut()
            .write(region, Write::Delete)
            .map(|_| names.to_vec())
    }

    // A transaction needs no more than the above.

    async fn read_version(
        &self,
        _region: &Region,
        _name: &ParameterName,
        _version: &VersionSelector,
    ) -> Result<Parameter, StoreError> {
        Err(StoreError::NoCredentials)
    }

    async fn list(
        &self,
        _region: &Region,
        _path: &ParameterName,
    ) -> Result<Vec<Found>, StoreError> {
        Err(StoreError::NoCredentials)
    }

    async fn list_values(
        &self,
        _region: &Region,
        _path: &ParameterName,
    ) -> Result<Vec<Parameter>, StoreError> {
        Err(StoreError::NoCredentials)
    }

    async fn describe(
        &self,
        _region: &Region,
        _selection: Selection<'_>,
    ) -> Result<Vec<Description>, StoreError> {
        Err(StoreError::NoCredentials)
    }

    async fn history(
        &self,
        _region: &Region,
        _name: &ParameterName,
    ) -> Result<Vec<Version>, StoreError> {
        Err(StoreError::NoCredentials)
    }

    async fn label(
        &self,
        _region: &Region,
        _name: &ParameterName,
        _version: u64,
        _label: &Label,
    ) -> Result<(), StoreError> {
        Err(StoreError::NoCredentials)
    }

    async fn unlabel(
        &self,
        _region: &Region,
        _name: &ParameterName,
        _version: u64,
        _label: &Label,
    ) -> Result<(), StoreError> {
        Err(StoreError::NoCredentials)
    }

    async fn tag(
        &self,
        _region: &Region,
        _name: &ParameterName,
        _tags: &[Tag],
    ) -> Result<(), StoreError> {
        Err(StoreError::NoCredentials)
    }

    async fn tags(&self, _region: &Region, _name: &ParameterName) -> Result<Vec<Tag>, StoreError> {
        Err(StoreError::NoCredentials)
    }

    async fn finish(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
