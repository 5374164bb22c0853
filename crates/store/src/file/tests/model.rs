//! Random operations on a store and on a simple model of Parameter Store must answer the same.

use std::collections::BTreeMap;

use byref_parameter::Tier;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::parameter::{Selection, VersionSelector};

const NAMES: [&str; 5] = ["/a", "/a/b", "/a/b/c", "/ab/c", "flat"];
const REGIONS: [&str; 2] = ["us-west-2", "eu-west-1"];
const LABELS: [&str; 12] = [
    "l0", "l1", "l2", "l3", "l4", "l5", "l6", "l7", "l8", "l9", "l10", "l11",
];

#[derive(Clone, Debug)]
enum Operation {
    Put {
        name: &'static str,
        region: &'static str,
        value: String,
        kind: ParameterType,
        tier: Option<Tier>,
        creates: bool,
    },
    PutMany {
        name: &'static str,
        region: &'static str,
        times: u64,
    },
    Delete {
        names: Vec<&'static str>,
        region: &'static str,
    },
    Label {
        name: &'static str,
        region: &'static str,
        version: u64,
        label: &'static str,
    },
    Unlabel {
        name: &'static str,
        region: &'static str,
        version: u64,
        label: &'static str,
    },
    Reopen {
        finishes: bool,
    },
}

#[derive(Clone, Debug)]
struct Known {
    kind: ParameterType,
    tier: Tier,
    versions: BTreeMap<u64, String>,
    labels: BTreeMap<&'static str, u64>,
}

type Model = BTreeMap<(&'static str, &'static str), Known>;

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let at = || (select(&NAMES[..]), select(&REGIONS[..]));
    let kind =
        prop_oneof![9 => Just(ParameterType::SecureString), 1 => Just(ParameterType::String)];
    let tier = prop_oneof![8 => Just(None), 1 => Just(Some(Tier::Standard)), 1 => Just(Some(Tier::Advanced))];
    let value =
        prop_oneof![8 => "EXAMPLE-[a-c]", 1 => Just("x".repeat(4097)), 1 => Just(String::new())];
    let version = 0..110_u64;
    let low = 1..4_u64;
    let operation = prop_oneof![
        6 => (at(), value, kind, tier, any::<bool>()).prop_map(|((name, region), value, kind, tier, creates)| {
            Operation::Put { name, region, value, kind, tier, creates }
        }),
        1 => (at(), 30..60_u64).prop_map(|((name, region), times)| Operation::PutMany { name, region, times }),
        1 => (proptest::collection::vec(select(&NAMES[..]), 0..3), select(&REGIONS[..]))
            .prop_map(|(names, region)| Operation::Delete { names, region }),
        6 => (at(), prop_oneof![low.clone(), version.clone()], select(&LABELS[..]))
            .prop_map(|((name, region), version, label)| Operation::Label { name, region, version, label }),
        1 => (at(), prop_oneof![low, version], select(&LABELS[..]))
            .prop_map(|((name, region), version, label)| Operation::Unlabel { name, region, version, label }),
        1 => any::<bool>().prop_map(|finishes| Operation::Reopen { finishes }),
    ];
    proptest::collection::vec(operation, 1..60)
}

/// The result of the model: the number of a version, or the name of an error.
fn put_in_model(
    model: &mut Model,
    at: (&'static str, &'static str),
    value: &str,
    kind: ParameterType,
    tier: Option<Tier>,
    creates: bool,
) -> Result<u64, &'static str> {
    let old = model.get(&at).cloned();
    let mut known = match old {
        Some(_) if creates => return Err("AlreadyExists"),
        Some(old) => old,
        None => Known {
            kind,
            tier: Tier::Standard,
            versions: BTreeMap::new(),
            labels: BTreeMap::new(),
        },
    };
    if known.kind != kind {
        return Err("TypeChange");
    }
    if known.tier == Tier::Advanced && tier == Some(Tier::Standard) {
        return Err("TierChange");
    }
    known.tier = tier.unwrap_or(known.tier);
    let limit = if known.tier == Tier::Advanced {
        8192
    } else {
        4096
    };
    if value.is_empty() || value.len() > limit {
        return Err("Value");
    }
    let number = known.versions.keys().last().map_or(1, |last| last + 1);
    if known.versions.len() == 100 {
        let oldest = *known.versions.keys().next().unwrap();
        if known.labels.values().any(|version| *version == oldest) {
            return Err("VersionLimit");
        }
        known.versions.remove(&oldest);
    }
    known.versions.insert(number, value.to_owned());
    model.insert(at, known);
    Ok(number)
}

fn label_in_model(
    model: &mut Model,
    at: (&'static str, &'static str),
    version: u64,
    label: &'static str,
    is_taken_off: bool,
) -> Result<(), &'static str> {
    let known = model.get_mut(&at).ok_or("NotFound")?;
    if !known.versions.contains_key(&version) {
        return Err("VersionNotFound");
    }
    let is_there = known.labels.get(label) == Some(&version);
    if is_taken_off {
        if is_there {
            known.labels.remove(label);
        }
        return Ok(());
    }
    if !is_there && known.labels.values().filter(|of| **of == version).count() == 10 {
        return Err("LabelLimit");
    }
    known.labels.insert(label, version);
    Ok(())
}

fn error_name(error: &StoreError) -> String {
    format!("{error:?}")
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect()
}

fn agree<T: PartialEq + std::fmt::Debug>(real: Result<T, StoreError>, expected: Result<T, &str>) {
    assert_eq!(
        real.map_err(|error| error_name(&error)),
        expected.map_err(ToOwned::to_owned)
    );
}

fn compare(store: &FileStore, model: &Model) {
    for text in REGIONS {
        let region = region(text);
        let described = wait(store.describe(&region, Selection::Prefix(""))).unwrap();
        let there: Vec<(&str, ParameterType, Tier, u64)> = described
            .iter()
            .map(|description| {
                let found = &description.found;
                (
                    found.name.as_str(),
                    found.kind,
                    description.tier,
                    found.version,
                )
            })
            .collect();
        let of_region = || model.iter().filter(|((_, region), _)| *region == text);
        let mut expected: Vec<(&str, ParameterType, Tier, u64)> = of_region()
            .map(|((name, _), known)| {
                (
                    *name,
                    known.kind,
                    known.tier,
                    *known.versions.keys().last().unwrap(),
                )
            })
            .collect();
        expected.sort_unstable();
        assert_eq!(there, expected);
        for ((name_text, _), known) in of_region() {
            let name = name(name_text);
            let history = wait(store.history(&region, &name)).unwrap();
            assert!(
                history
                    .iter()
                    .map(|version| version.number)
                    .eq(known.versions.keys().copied())
            );
            for version in &history {
                let mut labels: Vec<&str> = known
                    .labels
                    .iter()
                    .filter(|(_, of)| **of == version.number)
                    .map(|(label, _)| *label)
                    .collect();
                labels.sort_unstable();
                assert!(version.labels.iter().map(Label::as_str).eq(labels));
                let selector = VersionSelector::Number(version.number);
                let parameter = wait(store.read_version(&region, &name, &selector)).unwrap();
                assert_eq!(parameter.value.expose(), known.versions[&version.number]);
            }
        }
        let below = wait(store.list(&region, &name("/a"))).unwrap();
        let expected = of_region()
            .filter(|((name, _), _)| ["/a/b", "/a/b/c"].contains(name))
            .count();
        assert_eq!(below.len(), expected);
    }
}

#[expect(clippy::too_many_lines, reason = "one arm per operation")]
fn drive(operations: Vec<Operation>) {
    let place = Place::new();
    let mut store = Some(place.open(Access::CreateIfAbsent).unwrap());
    let (mut model, mut lasting) = (Model::new(), Model::new());
    for operation in operations {
        let open = store.as_ref().unwrap();
        match operation {
            Operation::Put {
                name: text,
                region: at,
                value,
                kind,
                tier,
                creates,
            } => {
                let mode = if creates {
                    PutMode::Create(Vec::new())
                } else {
                    PutMode::Overwrite
                };
                let real = wait(open.put(
                    &region(at),
                    &Put {
                        kind,
                        tier,
                        ..put(text, &value, mode)
                    },
                ));
                agree(
                    real,
                    put_in_model(&mut model, (text, at), &value, kind, tier, creates),
                );
            }
            Operation::PutMany {
                name,
                region: at,
                times,
            } => {
                for number in 0..times {
                    let value = format!("EXAMPLE-{number}");
                    let real = wait(open.put(&region(at), &overwrite(name, &value)));
                    let kind = ParameterType::SecureString;
                    agree(
                        real,
                        put_in_model(&mut model, (name, at), &value, kind, None, false),
                    );
                }
            }
            Operation::Delete { names, region: at } => {
                let deleted = wait(open.delete(
                    &region(at),
                    &names.iter().map(|text| name(text)).collect::<Vec<_>>(),
                ));
                let mut expected: Vec<&str> = names
                    .iter()
                    .copied()
                    .filter(|name| model.remove(&(*name, at)).is_some())
                    .collect();
                expected.sort_unstable();
                assert!(
                    deleted
                        .unwrap()
                        .iter()
                        .map(ParameterName::as_str)
                        .eq(expected)
                );
            }
            Operation::Label {
                name: text,
                region: at,
                version,
                label: put,
            } => {
                let real = wait(open.label(&region(at), &name(text), version, &label(put)));
                agree(
                    real,
                    label_in_model(&mut model, (text, at), version, put, false),
                );
            }
            Operation::Unlabel {
                name: text,
                region: at,
                version,
                label: off,
            } => {
                let real = wait(open.unlabel(&region(at), &name(text), version, &label(off)));
                agree(
                    real,
                    label_in_model(&mut model, (text, at), version, off, true),
                );
            }
            Operation::Reopen { finishes } => {
                if finishes {
                    wait(open.finish()).unwrap();
                    lasting = model.clone();
                } else {
                    model = lasting.clone();
                }
                drop(store.take());
                store = Some(
                    place
                        .open(Access::CreateIfAbsent)
                        .unwrap_or_else(|error| panic!("{error}")),
                );
            }
        }
        assert!(store.is_some());
    }
    compare(store.as_ref().unwrap(), &model);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn random_operations_match_the_model(operations in operations()) {
        drive(operations);
    }
}
