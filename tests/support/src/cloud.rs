use std::ops::Deref;
use std::process::{Command, Output};

use byref_emulator::{Account, Emulator, Proxy, emulator};

use crate::byref::{byref, ends, finish, start};
use crate::folder::{Folder, folder};
use crate::vault::TEMPLATE;

/// The Regions of `production`.
pub const REGIONS: [&str; 3] = ["us-west-2", "us-east-1", "eu-west-1"];

/// `production` in three Regions, `development` and `staging` in another account by a role, `china`
/// in another partition.
const CONFIG: &str = r#"[environments.production]
account = "{own}"
regions = ["us-west-2", "us-east-1", "eu-west-1"]

[environments.development]
account = "{other}"
regions = ["us-west-2"]
role-arn = "arn:aws:iam::{other}:role/secrets-admin"

[environments.staging]
account = "{other}"
regions = ["us-west-2", "us-east-1", "eu-west-1"]
role-arn = "arn:aws:iam::{other}:role/secrets-admin"

[environments.china]
account = "{own}"
regions = ["cn-north-1"]

[flag]
default = "reference"

[apps.web]
templates = ["web.yaml"]
containers = ["web"]
execution-role = "external"

[apps.web.secrets]
DB_PASSWORD = "db-password"
API_KEY = { key = "api-key", scope = "shared" }
"#;

/// A folder whose `deploy.toml` has accounts of an AWS emulator, which no other test uses, behind a
/// [`Proxy`].
#[derive(Debug)]
pub struct Cloud {
    /// The emulator of the test process.
    pub emulator: &'static Emulator,
    /// The account of `production` and `china`.
    pub own: Account,
    /// The account of `development` and `staging`.
    pub other: Account,
    /// The proxy that all commands send their requests through.
    pub proxy: Proxy,
    folder: Folder,
}

impl Deref for Cloud {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        &self.folder
    }
}

impl Cloud {
    /// Makes a folder with two empty accounts. Without an emulator, the test ends here and is
    /// reported as ignored.
    #[expect(
        clippy::new_without_default,
        reason = "every cloud has accounts of its own"
    )]
    pub fn new() -> Self {
        let emulator = emulator();
        let (own, other) = (emulator.account(), emulator.account());
        let config = CONFIG
            .replace("{own}", &own.id)
            .replace("{other}", &other.id);
        let folder = folder(&[("deploy.toml", &config), ("web.yaml", TEMPLATE)]);
        Self {
            emulator,
            own,
            other,
            proxy: Proxy::new(emulator.address()),
            folder,
        }
    }

    /// Returns a command that no rate slows down, and that waits for a busy machine.
    pub fn command(&self, arguments: &str) -> Command {
        self.command_with(
            arguments,
            "--read-rate 10000 --write-rate 10000 --timeout 30",
        )
    }

    /// Returns a command with options, which come before the program that `exec` runs.
    pub fn command_with(&self, arguments: &str, options: &str) -> Command {
        let mut command = byref(self.path());
        command.envs(self.own.environment(&self.proxy.endpoint()));
        let (own, program) = arguments
            .split_once(" -- ")
            .map_or((arguments, None), |(own, rest)| (own, Some(rest)));
        command
            .args(own.split_whitespace())
            .args(options.split_whitespace());
        if let Some(program) = program {
            command.arg("--").args(program.split_whitespace());
        }
        command
    }

    /// Runs a command.
    ///
    /// # Panics
    ///
    /// The process cannot be started.
    pub fn run(&self, arguments: &str) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command with a text on standard input.
    pub fn run_with_input(&self, arguments: &str, input: &str) -> Output {
        finish(start(&mut self.command(arguments), input))
    }

    /// Runs a command that must exit with this code.
    #[track_caller]
    pub fn ends(&self, code: i32, arguments: &str) -> Output {
        ends(code, arguments, self.run(arguments))
    }

    /// Stores a value in all Regions of an environment.
    #[track_caller]
    pub fn put(&self, secret: &str, environment: &str, value: &str) -> Output {
        let arguments = format!("secret put {secret} -e {environment} --yes");
        ends(0, &arguments, self.run_with_input(&arguments, value))
    }

    /// Returns the values of a parameter in the Regions of `production`, in the order of
    /// [`REGIONS`].
    pub fn values(&self, name: &str) -> [Option<String>; 3] {
        REGIONS.map(|region| Some(self.emulator.value_of(&self.own, region, name)?.1))
    }

    /// Returns the number of requests that changed something since the proxy's rules were set.
    pub fn writes(&self) -> usize {
        self.proxy
            .log()
            .iter()
            .filter(|request| request.is_write())
            .count()
    }
}
