//! A deploy service: several deploys at once, a store behind them, a report of each.
//!
//! ```sh
//! cargo run -q -p byref --example deploy_service
//! ```
//!
//! The store is a file here, so that it runs without an account; `byref::aws::AwsStore` takes its
//! place.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "an example is a program of its own"
)]

use std::error::Error;
use std::path::Path;

use byref::parameter::ParameterType;
use byref::store::{Access, FileStore, ParameterStore as _, Put, PutMode, StoreKey};
use byref::{Project, Region, SecretValue, answer};

const CONFIG: &str = r#"
[environments.production]
account = "111122223333"
regions = ["us-west-2"]

[flag]
default = "reference"

[apps.web.secrets]
DB_PASSWORD = "db-password"

[apps.worker.secrets]
DB_PASSWORD = { key = "db-password", scope = "environment" }
QUEUE_TOKEN = "queue-token"
"#;

/// A deploy request.
struct Request {
    app: &'static str,
    template: &'static str,
}

const REQUESTS: [Request; 3] = [
    Request {
        app: "web",
        template: "
Resources:
  Web:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/execution
      ContainerDefinitions:
        - Name: web
          Environment: [{Name: DB_PASSWORD, Value: not-a-secret}]
",
    },
    // Its token was never stored: a task would not start.
    Request {
        app: "worker",
        template: "
Resources:
  Worker:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ExecutionRoleArn: arn:aws:iam::111122223333:role/execution
      ContainerDefinitions:
        - Name: worker
          Environment: [{Name: DB_PASSWORD, Value: not-a-secret}, {Name: QUEUE_TOKEN, Value: not-a-secret}]
",
    },
    // A typo.
    Request { app: "wev", template: "Resources: {}\n" },
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    for report in run(folder.path())? {
        println!("{report}");
    }
    Ok(())
}

/// Deploys all requests at once; one report each, in their order.
pub(crate) fn run(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let store = folder.join("secrets.age");
    fill(&store)?;
    let project = Project::parse([("deploy.toml", CONFIG)])?;
    let deploy = |request: &Request| {
        deploy(&project, &store, request)
            .unwrap_or_else(|error| format!("{}: {error}", request.app))
    };
    Ok(std::thread::scope(|scope| {
        let deploys: Vec<_> = REQUESTS
            .iter()
            .map(|request| scope.spawn(|| deploy(request)))
            .collect();
        let join = |deploy: std::thread::ScopedJoinHandle<'_, String>| {
            deploy.join().unwrap_or_else(|_| "a defect".to_owned())
        };
        deploys.into_iter().map(join).collect()
    }))
}

/// Rewrites one template. A real service would write the outputs next.
fn deploy(project: &Project, store: &Path, request: &Request) -> Result<String, Box<dyn Error>> {
    let deployment = project.deployment(request.app, "production")?;
    let templates = deployment.templates([("template.yaml", request.template)])?;
    let survey = templates.survey();
    let store = open(store, Access::Read)?;
    let answers = block_on(answer(&store, &survey.questions()))?;
    let plan = survey.plan(&answers);
    let report = serde_json::to_string(&plan)?;
    let outputs = plan.rewrite()?;
    assert!(outputs.iter().all(byref::Output::is_changed));
    Ok(report)
}

/// Stores the password of the database for both applications.
fn fill(path: &Path) -> Result<(), Box<dyn Error>> {
    let store = open(path, Access::CreateIfAbsent)?;
    let region: Region = "us-west-2".parse()?;
    for name in [
        "/production/web/db-password",
        "/production/shared/db-password",
    ] {
        let put = Put {
            name: name.parse()?,
            value: SecretValue::new("EXAMPLE: not a secret".to_owned()),
            kind: ParameterType::SecureString,
            tier: None,
            key: None,
            mode: PutMode::Create(Vec::new()),
        };
        block_on(store.put(&region, &put))?;
    }
    block_on(store.finish())?;
    Ok(())
}

fn open(path: &Path, access: Access) -> Result<FileStore, Box<dyn Error>> {
    // A key that is not stretched: 32 bytes in base64.
    let key = StoreKey::parse("RVhBTVBMRS1rZXktb2YtdGhpcnR5LXR3by1ieXRlcy4=")?;
    Ok(FileStore::open(
        path,
        key,
        access,
        "example".to_owned(),
        "111122223333".parse()?,
    )?)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime
        .expect("a runtime without I/O starts anywhere")
        .block_on(future)
}
