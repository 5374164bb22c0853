//! A store as large as a company's.

use std::time::Instant;

use super::*;

/// 2,000 secrets in three Regions. `--nocapture` shows the figures.
#[test]
fn large_store_opens_and_writes() {
    let place = Place::new();
    let regions = ["us-west-2", "us-east-1", "eu-west-1"].map(region);
    let start = Instant::now();
    let store = place.open(Access::CreateIfAbsent).unwrap();
    wait(async {
        for region in &regions {
            for number in 0..2_000 {
                let text = format!("/production/app-{}/secret-{number}", number % 50);
                let value = format!("EXAMPLE-not-a-secret-{number:011}");
                store.put(region, &create(&text, &value)).await.unwrap();
            }
        }
    });
    let put = start.elapsed();
    wait(store.finish()).unwrap();
    let written = start.elapsed();
    drop(store);
    let start = Instant::now();
    let store = place.open(Access::Read).unwrap();
    let opened = start.elapsed();
    for region in &regions {
        assert_eq!(
            wait(store.list(region, &name("/production")))
                .unwrap()
                .len(),
            2_000
        );
        assert_eq!(
            wait(store.list(region, &name("/production/app-7")))
                .unwrap()
                .len(),
            40
        );
    }
    let size = std::fs::metadata(place.path()).unwrap().len();
    println!(
        "6,000 parameters: {size} bytes, put {put:?}, written {:?}, opened {opened:?}",
        written.saturating_sub(put)
    );
}
