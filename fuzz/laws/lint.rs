//! What must hold for every text that is linted.

use std::sync::Arc;

use byref_known::Known;
use byref_lint::waiver::waive;
use byref_lint::{Context, Declared, fingerprints, lint, places_of_values};
use byref_parameter::SecretValue;

/// No panic on any bytes; findings are in order, lie in the text, say nothing of a value, and are
/// the same every time.
pub(crate) fn lint_text(data: &[u8]) {
    let text: Arc<str> = String::from_utf8_lossy(data).into();
    let declared = [Declared {
        name: "DB_PASSWORD".to_owned(),
        app: "app".to_owned(),
    }];
    let accounts = ["111122223333".to_owned()];
    for all_text in [false, true] {
        let context = Context {
            declared: &declared,
            accounts: &accounts,
            all_text,
        };
        let report = lint(&text, context);
        assert!(report.findings.is_sorted_by_key(|finding| finding.span));
        for finding in &report.findings {
            let value = text.get(finding.span.range());
            assert!(
                value.is_some(),
                "{:?} is no place in the text",
                finding.span
            );
            // A long value that has no word of the messages in it stands in none of them.
            let value = value.unwrap_or_default().trim();
            let is_drawn =
                value.len() >= 16 && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
            assert!(
                !is_drawn || finding.rule.id == "no-echo" || !finding.message.contains(value),
                "a value in a message"
            );
        }
        assert_eq!(
            fingerprints("x", &report.findings).len(),
            report.findings.len()
        );
        let _ = places_of_values(&text, report.template.as_ref(), &report.findings);
        let again = lint(&text, context);
        assert_eq!(
            format!("{:?}", report.findings),
            format!("{:?}", again.findings)
        );
        let waived = waive(
            &text,
            report.template.as_ref(),
            report.findings,
            "2026-11-24",
        );
        assert!(waived.findings.is_sorted_by_key(|finding| finding.span));
    }
}

/// A stored value is found wherever it stands, and only there.
pub(crate) fn linted(data: &[u8]) {
    lint_text(data);
    let value = "EXAMPLE-not-a-secret-1";
    let known = Known::new(&[SecretValue::new(value.to_owned())]);
    let place = data
        .windows(value.len())
        .position(|window| window == value.as_bytes());
    let hits = known.search(data).unwrap_or_default();
    if let Some(place) = place {
        assert_eq!(hits.len(), 1);
        assert!(hits[0].offset <= place as u64);
    }
    let middle = data.len() / 2;
    let mut with = data[..middle].to_vec();
    with.extend(value.as_bytes());
    with.extend(&data[middle..]);
    assert_eq!(known.search(with.as_slice()).unwrap_or_default().len(), 1);
}
