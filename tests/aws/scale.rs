//! Two thousand secrets in three Regions.

use std::fmt::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use byref_emulator::Request;

use byref_support::{Cloud, REGIONS, stdout};

byref_harness::tests![
    two_thousand_secrets_take_few_requests_and_little_memory,
    progress_is_shown_on_a_terminal
];

const APPS: usize = 40;
const SECRETS: usize = 50;
/// Requests that one Region may see: ten names each.
const MOST: usize = APPS * SECRETS / 10;
/// A full last page is followed by an empty one: the service says only then that there is no more.
const MOST_BY_PATH: usize = MOST + 1;

/// Forty applications with fifty secrets each, all of them stored.
fn fleet() -> Cloud {
    let cloud = Cloud::new();
    let config = cloud.read("deploy.toml");
    let mut config = config.split("[apps.web]").next().unwrap().to_owned();
    let mut names = Vec::new();
    for app in 0..APPS {
        let _ = writeln!(config, "[apps.app-{app}.secrets]");
        for secret in 0..SECRETS {
            let _ = writeln!(config, "SECRET_{secret} = \"secret-{secret}\"");
            names.push(format!("/production/app-{app}/secret-{secret}"));
        }
    }
    cloud.write("deploy.toml", &config);
    for region in REGIONS {
        cloud
            .emulator
            .store_many(&cloud.own, region, &names, "EXAMPLE-1");
    }
    cloud
}

/// The most requests that came in within one second.
fn peak(log: &[&Request]) -> usize {
    let within = |start: Instant| {
        log.iter()
            .filter(|request| request.at >= start && request.at < start + Duration::from_secs(1))
            .count()
    };
    log.iter()
        .map(|request| within(request.at))
        .max()
        .unwrap_or_default()
}

/// The most memory that a process had so far, in kilobytes.
#[cfg(target_os = "linux")]
fn memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(not(target_os = "linux"))]
fn memory(_: u32) -> Option<u64> {
    Some(1)
}

/// Runs to its end; its output, and the most memory that was seen.
fn watched(mut command: std::process::Command) -> (std::process::Output, u64) {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut most = 0;
    let mut out = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut out, &mut bytes).unwrap();
        bytes
    });
    while child.try_wait().unwrap().is_none() {
        most = most.max(memory(child.id()).unwrap_or_default());
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut output = child.wait_with_output().unwrap();
    output.stdout = reader.join().unwrap();
    (output, most)
}

fn two_thousand_secrets_take_few_requests_and_little_memory() {
    let cloud = fleet();
    for (arguments, rate, most, told) in [
        ("check --all -e production", 40, MOST, "2000 of 2000"),
        ("secret health -e production", 1000, MOST, "2000 of 2000"),
        (
            "secret list /production -e production",
            1000,
            MOST_BY_PATH,
            "/production/app-39/secret-49",
        ),
    ] {
        cloud.proxy.set([]);
        let command = cloud.command_with(arguments, &format!("--read-rate {rate} --timeout 30"));
        let (output, memory) = watched(command);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{arguments}: {}",
            byref_support::stderr(&output)
        );
        assert!(
            stdout(&output).contains(told),
            "{arguments}: {}",
            stdout(&output)
        );
        let log = cloud.proxy.log();
        for region in REGIONS {
            let of_region: Vec<&Request> = log
                .iter()
                .filter(|request| request.region == region)
                .collect();
            // One more asks who the caller is.
            assert!(
                (1..=most + 1).contains(&of_region.len()),
                "{arguments}: {} requests in {region}",
                of_region.len()
            );
            // What a busy machine holds up arrives with what comes after it; the crate `aws` has
            // the exact test.
            assert!(
                peak(&of_region) <= rate + rate / 4,
                "{arguments}: {} in one second",
                peak(&of_region)
            );
            let took = of_region[of_region.len() - 1].at - of_region[0].at;
            let least = Duration::from_secs((of_region.len() / rate) as u64)
                .saturating_sub(Duration::from_secs(1));
            assert!(took >= least, "{arguments}: {took:?}");
        }
        assert!((1..60_000).contains(&memory), "{arguments}: {memory} kB");
    }
}

/// `script` makes the terminal. At the end the progress bar is gone.
fn progress_is_shown_on_a_terminal() {
    let cloud = fleet();
    if !std::path::Path::new("/usr/bin/script").exists() || !cfg!(target_os = "linux") {
        byref_harness::ignore_outside_ci("no `script` that makes a terminal");
    }
    let check = cloud.command_with("check --all -e production", "--read-rate 60 --timeout 30");
    let words: Vec<_> = check
        .get_args()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let line = format!(
        "{} {} > out",
        check.get_program().display(),
        words.join(" ")
    );
    let mut terminal = std::process::Command::new("/usr/bin/script");
    terminal
        .args(["-qec", &line, "/dev/null"])
        .current_dir(cloud.path())
        .env_clear()
        .env("TERM", "xterm");
    terminal
        .env("SHELL", "/bin/sh")
        .envs(cloud.own.environment(&cloud.proxy.endpoint()));
    let output = terminal.stdin(Stdio::null()).output().unwrap();
    let shown = stdout(&output);
    assert!(
        output.status.success() && shown.contains(" of 6000 parameters"),
        "{shown}"
    );
    let told = cloud.read("out");
    assert!(
        told.contains("2000 of 2000") && !told.contains("6000"),
        "{told}"
    );
}
