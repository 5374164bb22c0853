//! A folder with a configuration whose environments are accounts of an emulator, behind a proxy.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use byref_emulator::{Account, Emulator, Proxy, emulator};

use crate::byref::{byref, stderr};

/// The Regions of `production`.
pub(crate) const REGIONS: [&str; 3] = ["us-west-2", "us-east-1", "eu-west-1"];

/// `production` in three Regions, `development` and `staging` in another account by a role, `china` in another partition.
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

[apps.web.secrets]
DB_PASSWORD = "db-password"
API_KEY = { key = "api-key", scope = "shared" }
"#;

/// Commands of this test see an account of their own.
pub(crate) struct Cloud {
    pub(crate) emulator: &'static Emulator,
    /// The account of `production` and `china`.
    pub(crate) own: Account,
    /// The account of `development` and `staging`.
    pub(crate) other: Account,
    pub(crate) proxy: Proxy,
    folder: tempfile::TempDir,
}

impl Cloud {
    /// With nothing in it; none without Python.
    pub(crate) fn new() -> Option<Self> {
        let emulator = emulator()?;
        let (own, other) = (emulator.account(), emulator.account());
        let config = CONFIG.replace("{own}", &own.id).replace("{other}", &other.id);
        let folder = crate::byref::folder(&[("deploy.toml", &config), ("web.yaml", crate::store::TEMPLATE)]);
        Some(Self { emulator, own, other, proxy: Proxy::new(emulator.address()), folder })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        std::fs::write(self.path().join(file), text).unwrap();
    }

    /// A command that waits for no rate, and for a busy machine.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        self.command_with(arguments, "--read-rate 10000 --write-rate 10000 --timeout 30")
    }

    /// A command with options that come before what `exec` runs.
    pub(crate) fn command_with(&self, arguments: &str, options: &str) -> Command {
        let mut command = byref(self.path());
        command.envs(self.own.environment(&self.proxy.endpoint()));
        let (own, program) = arguments.split_once(" -- ").map_or((arguments, None), |(own, rest)| (own, Some(rest)));
        command.args(own.split_whitespace()).args(options.split_whitespace());
        if let Some(program) = program {
            command.arg("--").args(program.split_whitespace());
        }
        command
    }

    pub(crate) fn run(&self, arguments: &str) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub(crate) fn run_with_input(&self, arguments: &str, input: &str) -> Output {
        finish(start(&mut self.command(arguments), input))
    }

    /// Runs, and asserts that it ends with this code.
    pub(crate) fn ends(&self, code: i32, arguments: &str) -> Output {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments}: {}", stderr(&output));
        output
    }

    /// Stores a value in all Regions of an environment.
    pub(crate) fn put(&self, secret: &str, environment: &str, value: &str) -> Output {
        let output = self.run_with_input(&format!("secret put {secret} -e {environment} --yes"), value);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        output
    }

    /// What the Regions of `production` hold.
    pub(crate) fn values(&self, name: &str) -> [Option<String>; 3] {
        REGIONS.map(|region| Some(self.emulator.value_of(&self.own, region, name)?.1))
    }

    /// How many requests that change something came by since the rules of the proxy were set.
    pub(crate) fn writes(&self) -> usize {
        self.proxy.log().iter().filter(|request| request.is_write()).count()
    }
}

/// Starts a command and gives it its input.
pub(crate) fn start(command: &mut Command, input: &str) -> Child {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that fails early does not read its input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child
}

pub(crate) fn finish(child: Child) -> Output {
    child.wait_with_output().unwrap()
}
