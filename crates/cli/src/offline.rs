//! The place of `online.rs` in a build without the feature `aws`: no options, and nothing is asked.

use std::path::PathBuf;

use byref::check::{AdditionalChecks, AppToCheck, Check, Parity};
use byref::{Deployment, Preview, Project, Rewritten};
use byref_config::Environment;
use byref_rewrite::Document;
use byref_template::Diagnostic;
use clap::Args;

use crate::args::Selection;
use crate::args::store::StoreOptions;
use crate::failure::Failure;
use crate::store::{Progress, Stores};

/// Options of `byref rewrite`: none.
#[derive(Args)]
pub(crate) struct RewriteStacks {}

/// Options of `byref preview`: none.
#[derive(Args)]
pub(crate) struct PreviewStacks {}

/// Options of `byref check`: none.
#[derive(Args)]
pub(crate) struct CheckOptions {
    #[arg(skip)]
    pub(crate) deployed: bool,
    #[arg(skip)]
    pub(crate) validate: bool,
}

/// No stacks.
pub(crate) struct Stacks;

/// Stacks are never asked for.
pub(crate) struct Asked;

#[expect(clippy::unused_self, reason = "as with the feature")]
impl RewriteStacks {
    pub(crate) fn asked(&self) -> Asked {
        Asked
    }
}

#[expect(clippy::unused_self, reason = "as with the feature")]
impl PreviewStacks {
    pub(crate) fn asked(&self) -> Asked {
        Asked
    }
}

impl Stacks {
    #[expect(clippy::unnecessary_wraps, reason = "as with the feature")]
    pub(crate) fn look(
        _: Asked,
        _: &mut Project,
        _: &Selection,
        _: &[PathBuf],
        _: &[Document],
    ) -> Result<Self, Failure> {
        Ok(Self)
    }
}

#[expect(clippy::unused_self, reason = "as with the feature")]
impl Stacks {
    pub(crate) fn under<'p>(&self, deployment: Deployment<'p>) -> Deployment<'p> {
        deployment
    }

    pub(crate) fn messages(
        &self,
        _: &Project,
        _: &Deployment<'_>,
        _: &[Document],
        _: &Rewritten,
    ) -> Vec<Diagnostic> {
        Vec::new()
    }

    pub(crate) fn compared(
        &self,
        preview: Preview,
        _: &Project,
        _: &Deployment<'_>,
        _: &[Document],
        _: &Rewritten,
    ) -> Preview {
        preview
    }
}

/// No questions.
pub(crate) struct Online;

#[expect(
    clippy::unused_self,
    clippy::unnecessary_wraps,
    reason = "as with the feature"
)]
impl CheckOptions {
    pub(crate) fn questions(
        &self,
        _: &Project,
        _: &crate::args::deploy::Check,
        _: &Stores<'_>,
        _: &[AppToCheck<'_>],
    ) -> Result<Online, Failure> {
        Ok(Online)
    }
}

#[expect(
    clippy::unused_self,
    clippy::unused_async,
    reason = "as with the feature"
)]
impl Online {
    pub(crate) fn are_roles_asked(&self) -> bool {
        false
    }

    pub(crate) async fn ask(
        &self,
        _: &Check<'_>,
        _: &mut AdditionalChecks,
        _: (&StoreOptions, &Environment),
        _: &Progress,
    ) -> Result<(), Failure> {
        Ok(())
    }
}

/// Refuses the comparison with stacks, which has no option in this build.
#[expect(clippy::unused_async, reason = "as with the feature")]
pub(crate) async fn parity_of_stacks(
    _: &Project,
    _: &crate::args::deploy::Check,
    _: &Stores<'_>,
    _: &Progress,
) -> Result<(Parity, Vec<String>), Failure> {
    Err(Failure::usage(
        "this byref was built without AWS",
        "install it with its default features",
    ))
}
