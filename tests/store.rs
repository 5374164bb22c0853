//! A folder with a configuration, a template and a file store.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use age::secrecy::ExposeSecret as _;

use crate::byref::{byref, stdout};

/// Two environments, three Regions, two applications with a shared secret.
pub(crate) const CONFIG: &str = r#"[environments.production]
account = "111122223333"
regions = ["us-west-2", "us-east-1", "eu-west-1"]

[environments.development]
account = "444455556666"
regions = ["us-west-2"]

[flag]
default = "reference"

[apps.web]
templates = ["web.yaml"]
containers = ["web"]

[apps.web.secrets]
DB_PASSWORD = "db-password"
API_KEY = { key = "api-key", scope = "shared" }

[apps.worker.secrets]
TOKEN = true
API_KEY = { key = "api-key", scope = "shared" }
"#;

/// One container with a plaintext value for `DB_PASSWORD`.
pub(crate) const TEMPLATE: &str = r"Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/execution
      ContainerDefinitions:
        - Name: web
          Environment:
            - Name: DB_PASSWORD
              Value: not-a-secret-1
";

/// What protects secrets is its owner's alone; otherwise every command warns.
#[cfg(unix)]
pub(crate) fn for_owner(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// A folder where commands find a store without being told.
pub(crate) struct Vault {
    folder: tempfile::TempDir,
}

impl Vault {
    /// With an empty store, whose key is an age identity.
    pub(crate) fn new() -> Self {
        let folder = crate::byref::folder(&[("deploy.toml", CONFIG), ("web.yaml", TEMPLATE)]);
        let identity = age::x25519::Identity::generate().to_string();
        std::fs::write(folder.path().join("key"), format!("{}\n", identity.expose_secret())).unwrap();
        #[cfg(unix)]
        for_owner(&folder.path().join("key"));
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.path().join("secrets.age")
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = byref(self.path());
        command.env("BYREF_STORE", "file:secrets.age").env("BYREF_STORE_KEY_FILE", "key");
        command.args(arguments.split_whitespace());
        command
    }

    pub(crate) fn run(&self, arguments: &str) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub(crate) fn run_with_input(&self, arguments: &str, input: &str) -> Output {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that fails early does not read its input.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Runs, and asserts that it ends with this code.
    pub(crate) fn ends(&self, code: i32, arguments: &str) -> Output {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments}: {}", crate::byref::stderr(&output));
        output
    }

    /// Stores a value in all Regions of an environment.
    pub(crate) fn put(&self, secret: &str, environment: &str, value: &str) {
        let output = self.run_with_input(&format!("secret put {secret} --app web -e {environment}"), value);
        assert_eq!(output.status.code(), Some(0), "{}", crate::byref::stderr(&output));
    }

    /// The value in a Region.
    pub(crate) fn get(&self, secret: &str, environment: &str, region: &str) -> String {
        let arguments = format!("secret get {secret} --app web -e {environment} --region {region} --no-newline");
        stdout(&self.ends(0, &arguments))
    }
}
