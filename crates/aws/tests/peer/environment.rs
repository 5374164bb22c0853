//! Credentials, endpoints and roles from the environment and from profiles. Each case runs in a
//! process of its own, which is this test binary again.

use std::fs;
use std::process::Command;

use byref_aws::{AwsStore, Connection};
use byref_emulator::{Account, Emulator, Proxy, emulator};
use byref_store::ParameterStore as _;

use crate::{REGIONS, name, region, timeouts};

byref_harness::tests![
    variables_give_credentials_and_endpoint,
    a_service_endpoint_overrides_the_general_one,
    profiles_give_credentials_and_roles,
    missing_credentials_are_an_error,
    an_expired_sign_in_is_an_error,
];

/// The variable that makes a process of this binary one that [`said`] starts; its value is the
/// environment's account.
pub(crate) const ACCOUNT: &str = "TEST_ACCOUNT";

/// Prints the results of a read and of the question for the caller, in the environment of this
/// process.
#[expect(
    clippy::print_stdout,
    reason = "the process that started this one reads it"
)]
pub(crate) async fn print_answers() {
    let account = std::env::var(ACCOUNT).unwrap();
    let mut connection = Connection::new(account.parse().unwrap(), region(REGIONS[0]));
    connection.timeouts = timeouts();
    connection.timeouts.attempts = None;
    connection.role_arn = std::env::var("TEST_ROLE").ok();
    let store = AwsStore::new(connection);
    let looked = store.look_up(&region(REGIONS[1]), &[name("/a")]).await;
    println!(
        "looked: {}",
        looked.map_or_else(|error| error.to_string(), |found| format!("{found:?}"))
    );
    let asked = store.check_account().await;
    println!(
        "asked: {}",
        asked.map_or_else(
            |error| error.to_string(),
            |caller| caller.account.to_string()
        )
    );
}

/// Returns what [`print_answers`] prints in a process with these variables alone.
fn said(variables: &[(&str, String)]) -> [String; 2] {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env_clear();
    // What the SDK needs to start a process, and nothing of the caller's own profiles.
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.env("RUST_LOG", "trace").env("HOME", "/nonexistent");
    let output = command
        .envs(variables.iter().map(|(key, value)| (key, value)))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = |mark: &str| {
        let line = text.lines().find_map(|line| line.split_once(mark));
        line.unwrap_or_else(|| unreachable!("{text}{}", String::from_utf8_lossy(&output.stderr)))
            .1
            .to_owned()
    };
    [line("looked: "), line("asked: ")]
}

/// Variables, with the account that the environment is of.
fn variables(account: &Account, own: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    let mut all = vec![
        (ACCOUNT, account.id.clone()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
    ];
    all.extend(own.iter().cloned());
    all
}

fn endpoint(emulator: &Emulator) -> (&'static str, String) {
    ("AWS_ENDPOINT_URL", emulator.endpoint())
}

fn variables_give_credentials_and_endpoint() {
    let emulator = emulator();
    let account = emulator.account();
    let all = variables(&account, &account.environment(&emulator.endpoint()));
    assert_eq!(said(&all), ["[]".to_owned(), account.id]);
}

fn a_service_endpoint_overrides_the_general_one() {
    let emulator = emulator();
    let account = emulator.account();
    let proxy = Proxy::new(emulator.address());
    let mut all = variables(&account, &account.environment("http://127.0.0.1:9"));
    all.push(("AWS_ENDPOINT_URL_SSM", proxy.endpoint()));
    // Without an answer of STS nothing is asked.
    let unreachable = "sts:GetCallerIdentity in us-west-2: no connection";
    assert_eq!(said(&all), [unreachable, unreachable]);
    assert_eq!(proxy.log().len(), 0);
    all.push(("AWS_ENDPOINT_URL_STS", emulator.endpoint()));
    let [looked, _] = said(&all);
    assert_eq!(looked, "[]");
    assert_eq!(proxy.log().len(), 1);
}

fn profiles_give_credentials_and_roles() {
    let emulator = emulator();
    let (account, other) = (emulator.account(), emulator.account());
    let folder = std::env::temp_dir().join(format!("byref-profiles-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (config, credentials) = (folder.join("config"), folder.join("credentials"));
    let json = format!(
        r#"{{"Version":1,"AccessKeyId":"{}","SecretAccessKey":"{}","SessionToken":"{}"}}"#,
        account.access_key,
        account.secret_key,
        account.session_token.clone().unwrap_or_default()
    );
    fs::write(folder.join("process.json"), json).unwrap();
    let process = folder.join("process.json");
    fs::write(
        &config,
        format!(
            "[profile process]\ncredential_process = cat {process}\n\
             [profile keys]\nregion = us-west-2\n\
             [profile role]\nrole_arn = arn:aws:iam::{}:role/x\nsource_profile = keys\nregion = us-west-2\n\
             [profile broken]\nrole_arn = arn:aws:iam::{}:role/x\nsource_profile = nowhere\n",
            other.id,
            other.id,
            process = process.display()
        ),
    )
    .unwrap();
    let token = account
        .session_token
        .as_ref()
        .map(|token| format!("aws_session_token = {token}\n"));
    let keys = format!(
        "[keys]\naws_access_key_id = {}\naws_secret_access_key = {}\n{}",
        account.access_key,
        account.secret_key,
        token.unwrap_or_default()
    );
    fs::write(&credentials, keys).unwrap();
    let as_profile = |profile: &str, of: &Account, role: Option<String>| {
        let mut own = vec![
            endpoint(emulator),
            ("AWS_CONFIG_FILE", config.display().to_string()),
            (
                "AWS_SHARED_CREDENTIALS_FILE",
                credentials.display().to_string(),
            ),
            ("AWS_PROFILE", profile.to_owned()),
        ];
        own.extend(role.map(|role| ("TEST_ROLE", role)));
        said(&variables(of, &own))
    };
    assert_eq!(
        as_profile("keys", &account, None),
        ["[]".to_owned(), account.id.clone()]
    );
    assert_eq!(
        as_profile("process", &account, None),
        ["[]".to_owned(), account.id.clone()]
    );
    assert_eq!(
        as_profile("role", &other, None),
        ["[]".to_owned(), other.id.clone()]
    );
    let role = Some(format!("arn:aws:iam::{}:role/y", other.id));
    assert_eq!(
        as_profile("keys", &other, role),
        ["[]".to_owned(), other.id.clone()]
    );
    let wrong = format!(
        "the credentials belong to account {}, but the environment uses account {}",
        account.id, other.id
    );
    assert_eq!(as_profile("keys", &other, None)[1], wrong);
    let broken = "cannot load AWS credentials: the profile is not configured correctly";
    assert_eq!(as_profile("broken", &account, None), [broken, broken]);
    assert_eq!(as_profile("nobody", &account, None), [broken, broken]);
    let none = "no AWS credentials found";
    let no_default = [
        endpoint(emulator),
        ("AWS_CONFIG_FILE", config.display().to_string()),
    ];
    assert_eq!(said(&variables(&account, &no_default)), [none, none]);
    fs::remove_dir_all(folder).unwrap();
}

fn missing_credentials_are_an_error() {
    let emulator = emulator();
    let account = emulator.account();
    let none = "no AWS credentials found";
    assert_eq!(
        said(&variables(&account, &[endpoint(emulator)])),
        [none, none]
    );
    let role = ("TEST_ROLE", format!("arn:aws:iam::{}:role/y", account.id));
    assert_eq!(
        said(&variables(&account, &[endpoint(emulator), role])),
        [none, none]
    );
}

fn an_expired_sign_in_is_an_error() {
    let emulator = emulator();
    let folder = std::env::temp_dir().join(format!("byref-sso-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let config = folder.join("config");
    fs::write(
        &config,
        "[sso-session work]\nsso_start_url = https://example.invalid/start\nsso_region = us-west-2\n\
         sso_registration_scopes = sso:account:access\n\
         [profile sso]\nsso_session = work\nsso_account_id = 111122223333\nsso_role_name = x\nregion = us-west-2\n",
    )
    .unwrap();
    let own = [
        endpoint(emulator),
        ("AWS_CONFIG_FILE", config.display().to_string()),
        ("AWS_PROFILE", "sso".to_owned()),
        ("HOME", folder.display().to_string()),
    ];
    let all = variables(&emulator.account(), &own);
    let expired = "the AWS credentials have expired or are not valid (not signed in)";
    assert_eq!(said(&all), [expired, expired], "no token was ever saved");
    let cache = folder.join(".aws/sso/cache");
    fs::create_dir_all(&cache).unwrap();
    let token = r#"{"accessToken":"EXAMPLE","expiresAt":"2020-01-01T00:00:00Z","region":"us-west-2","startUrl":"https://example.invalid/start"}"#;
    fs::write(cache.join(TOKEN), token).unwrap();
    assert_eq!(said(&all), [expired, expired]);
    fs::remove_dir_all(folder).unwrap();
}

/// The SHA-1 of the session's name, `work`.
const TOKEN: &str = "e274eeff768c6396088ec6eb091f4bf4d47ab1e0.json";
