use std::ops::Deref;
#[cfg(unix)]
use std::path::Path;
use std::path::PathBuf;
use std::process::{Command, Output};

use age::secrecy::ExposeSecret as _;

use crate::byref::{byref, ends, finish, start, stdout};
use crate::folder::{Folder, folder};

/// A `deploy.toml` with two environments, three Regions, and two applications with a shared secret.
pub const CONFIG: &str = r#"[environments.production]
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

/// A template with the container `web`, and a plaintext value for `DB_PASSWORD`.
pub const TEMPLATE: &str = r"Resources:
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

/// Makes a file readable and writable by its owner only; byref warns about any other file that
/// protects secrets.
///
/// # Panics
///
/// The file does not exist.
#[cfg(unix)]
pub fn for_owner(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

/// A folder with [`CONFIG`] as `deploy.toml`, [`TEMPLATE`] as `web.yaml`, and a file store that
/// commands find by their environment.
#[derive(Debug)]
pub struct Vault {
    folder: Folder,
}

impl Deref for Vault {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        &self.folder
    }
}

impl Vault {
    /// Makes an empty store, whose key is an age identity.
    #[expect(clippy::new_without_default, reason = "every vault is another one")]
    pub fn new() -> Self {
        let identity = age::x25519::Identity::generate().to_string();
        let folder = folder(&[
            ("deploy.toml", CONFIG),
            ("web.yaml", TEMPLATE),
            ("key", &format!("{}\n", identity.expose_secret())),
        ]);
        #[cfg(unix)]
        for_owner(&folder.join("key"));
        Self { folder }
    }

    /// Returns the path of the store, which the first write creates.
    pub fn store(&self) -> PathBuf {
        self.join("secrets.age")
    }

    /// Returns a command with arguments separated by spaces.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = byref(self.path());
        command
            .env("BYREF_STORE", "file:secrets.age")
            .env("BYREF_STORE_KEY_FILE", "key");
        command.args(arguments.split_whitespace());
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

    /// Stores a value of the application `web` in all Regions of an environment.
    #[track_caller]
    pub fn put(&self, secret: &str, environment: &str, value: &str) {
        let arguments = format!("secret put {secret} --app web -e {environment}");
        ends(0, &arguments, self.run_with_input(&arguments, value));
    }

    /// Returns the value in a Region.
    #[track_caller]
    pub fn get(&self, secret: &str, environment: &str, region: &str) -> String {
        let arguments = format!(
            "secret get {secret} --app web -e {environment} --region {region} --no-newline"
        );
        stdout(&self.ends(0, &arguments))
    }
}
