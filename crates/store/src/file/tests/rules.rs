//! Parameter Store's limits and errors.

use byref_parameter::{KmsKey, ParameterType, Tier, ValueError};

use super::*;
use crate::parameter::{Selection, Tag, VersionSelector};

fn empty() -> (Place, FileStore) {
    let place = Place::new();
    let store = place.open(Access::CreateIfAbsent).unwrap();
    (place, store)
}

fn names_of(found: &[crate::Found]) -> Vec<&str> {
    found.iter().map(|found| found.name.as_str()).collect()
}

#[test]
fn put_create_fails_on_existing_parameter() {
    let (_place, store) = empty();
    assert_eq!(
        wait(store.put(&here(), &overwrite("/a", "EXAMPLE-1"))),
        Ok(1)
    );
    let again = wait(store.put(&here(), &create("/a", "EXAMPLE-2")));
    assert_eq!(
        again,
        Err(StoreError::AlreadyExists {
            name: name("/a"),
            region: here()
        })
    );
    assert_eq!(
        wait(store.put(&here(), &overwrite("/a", "EXAMPLE-1"))),
        Ok(2),
        "the same value is a version too"
    );
    let read = wait(store.read(&here(), &[name("/a"), name("/b"), name("/a")])).unwrap();
    assert_eq!(read.len(), 1);
    assert_eq!(
        (read[0].value.expose(), read[0].found.version),
        ("EXAMPLE-1", 2)
    );
    assert!(
        wait(store.read(&region("eu-west-1"), &[name("/a")]))
            .unwrap()
            .is_empty(),
        "Regions are apart"
    );
}

#[test]
fn versions_restart_after_delete() {
    let (_place, store) = empty();
    for value in ["EXAMPLE-1", "EXAMPLE-2"] {
        wait(store.put(&here(), &overwrite("/a", value))).unwrap();
    }
    assert_eq!(
        wait(store.delete(&here(), &[name("/b"), name("/a"), name("/a")])),
        Ok(vec![name("/a")])
    );
    assert_eq!(wait(store.delete(&here(), &[name("/a")])), Ok(Vec::new()));
    let gone = StoreError::NotFound {
        name: name("/a"),
        region: here(),
    };
    assert_eq!(wait(store.history(&here(), &name("/a"))), Err(gone.clone()));
    assert_eq!(
        wait(store.label(&here(), &name("/a"), 1, &label("x"))),
        Err(gone.clone())
    );
    assert_eq!(wait(store.tags(&here(), &name("/a"))), Err(gone));
    assert_eq!(wait(store.put(&here(), &create("/a", "EXAMPLE-3"))), Ok(1));
}

#[test]
fn put_enforces_value_size_and_rejects_lower_tier() {
    let (_place, store) = empty();
    let sized = |bytes: usize, tier| Put {
        tier,
        ..overwrite("/a", &"x".repeat(bytes))
    };
    let put = |bytes, tier| wait(store.put(&here(), &sized(bytes, tier)));
    let too_long = |tier: Tier| {
        Err(StoreError::Value {
            problem: ValueError::Length {
                tier,
                limit: tier.value_bytes(),
            },
        })
    };
    assert_eq!(put(4097, None), too_long(Tier::Standard));
    assert_eq!(put(4096, None), Ok(1));
    assert_eq!(put(4097, Some(Tier::Standard)), too_long(Tier::Standard));
    assert_eq!(put(4097, Some(Tier::Advanced)), Ok(2));
    assert_eq!(put(8193, None), too_long(Tier::Advanced));
    assert_eq!(put(8192, None), Ok(3), "no tier leaves it as it is");
    let back = StoreError::TierChange {
        name: name("/a"),
        region: here(),
    };
    assert_eq!(put(1, Some(Tier::Standard)), Err(back));
    assert_eq!(
        put(0, None),
        Err(StoreError::Value {
            problem: ValueError::Empty
        })
    );
    let described = wait(store.describe(&here(), Selection::Prefix(""))).unwrap();
    assert_eq!(
        (described[0].tier, described[0].found.version),
        (Tier::Advanced, 3)
    );
}

#[test]
fn put_rejects_type_change() {
    let (_place, store) = empty();
    let plain = Put {
        kind: ParameterType::String,
        ..overwrite("/a", "EXAMPLE-1")
    };
    assert_eq!(wait(store.put(&here(), &plain)), Ok(1));
    let refused = wait(store.put(&here(), &overwrite("/a", "EXAMPLE-2")));
    assert_eq!(
        refused,
        Err(StoreError::TypeChange {
            name: name("/a"),
            region: here()
        })
    );
}

#[test]
fn put_without_key_uses_default_key() {
    let (_place, store) = empty();
    let put = |key: Option<&str>| {
        let key = key.map(|key| key.parse::<KmsKey>().unwrap());
        wait(store.put(
            &here(),
            &Put {
                key,
                ..overwrite("/a", "EXAMPLE-1")
            },
        ))
    };
    let key = || {
        wait(store.describe(&here(), Selection::Names(&[name("/a")]))).unwrap()[0]
            .key
            .clone()
    };
    put(None).unwrap();
    assert_eq!(key().as_deref(), Some("alias/aws/ssm"));
    put(Some("alias/production")).unwrap();
    assert_eq!(key().as_deref(), Some("alias/production"));
    put(None).unwrap();
    assert_eq!(key().as_deref(), Some("alias/aws/ssm"));
    let elsewhere = put(Some("arn:aws:kms:eu-west-1:111122223333:key/1"));
    assert_eq!(
        elsewhere,
        Err(StoreError::InvalidKey {
            name: name("/a"),
            region: here()
        })
    );
    let plain = Put {
        kind: ParameterType::String,
        key: Some("alias/x".parse().unwrap()),
        ..create("/b", "EXAMPLE-1")
    };
    wait(store.put(&here(), &plain)).unwrap();
    assert_eq!(
        wait(store.describe(&here(), Selection::Names(&[name("/b")]))).unwrap()[0].key,
        None
    );
}

#[test]
fn put_deletes_oldest_of_100_versions_unless_labelled() {
    let (_place, store) = empty();
    for number in 1..=100 {
        assert_eq!(
            wait(store.put(&here(), &overwrite("/a", &format!("EXAMPLE-{number}")))),
            Ok(number)
        );
    }
    assert_eq!(
        wait(store.put(&here(), &overwrite("/a", "EXAMPLE-101"))),
        Ok(101)
    );
    let history = wait(store.history(&here(), &name("/a"))).unwrap();
    assert_eq!(
        (history.len(), history[0].number, history[99].number),
        (100, 2, 101)
    );
    let first = wait(store.read_version(&here(), &name("/a"), &VersionSelector::Number(1)));
    assert!(matches!(first, Err(StoreError::VersionNotFound { selector, .. }) if selector == "1"));

    wait(store.label(&here(), &name("/a"), 2, &label("kept"))).unwrap();
    let full = StoreError::VersionLimit {
        name: name("/a"),
        region: here(),
    };
    assert_eq!(
        wait(store.put(&here(), &overwrite("/a", "EXAMPLE-102"))),
        Err(full)
    );
    let read = wait(store.read(&here(), &[name("/a")])).unwrap();
    assert_eq!(read[0].value.expose(), "EXAMPLE-101");
    wait(store.label(&here(), &name("/a"), 50, &label("kept"))).unwrap();
    assert_eq!(
        wait(store.put(&here(), &overwrite("/a", "EXAMPLE-102"))),
        Ok(102)
    );
}

#[test]
fn labels_move_between_versions_and_stop_at_ten() {
    let (_place, store) = empty();
    for value in ["EXAMPLE-1", "EXAMPLE-2"] {
        wait(store.put(&here(), &overwrite("/a", value))).unwrap();
    }
    let put_label =
        |version, text: &str| wait(store.label(&here(), &name("/a"), version, &label(text)));
    let at = |text: &str| {
        wait(store.read_version(&here(), &name("/a"), &VersionSelector::Label(label(text))))
            .map(|parameter| parameter.found.version)
    };
    put_label(1, "live").unwrap();
    assert_eq!(at("live"), Ok(1));
    put_label(2, "live").unwrap();
    assert_eq!(at("live"), Ok(2));
    assert!(matches!(
        put_label(3, "live"),
        Err(StoreError::VersionNotFound { .. })
    ));
    for number in 0..9 {
        put_label(2, &format!("more-{number}")).unwrap();
    }
    put_label(2, "live").unwrap();
    put_label(1, "eleventh").unwrap();
    assert_eq!(
        put_label(2, "eleventh"),
        Err(StoreError::LabelLimit {
            name: name("/a"),
            region: here()
        })
    );
    assert_eq!(
        at("eleventh"),
        Ok(1),
        "a label that does not fit stays where it is"
    );
    wait(store.unlabel(&here(), &name("/a"), 2, &label("live"))).unwrap();
    wait(store.unlabel(&here(), &name("/a"), 2, &label("live"))).unwrap();
    assert!(matches!(
        at("live"),
        Err(StoreError::VersionNotFound { .. })
    ));
    let labels: Vec<String> = wait(store.history(&here(), &name("/a"))).unwrap()[1]
        .labels
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        labels,
        (0..9)
            .map(|number| format!("more-{number}"))
            .collect::<Vec<_>>()
    );
}

#[test]
fn list_matches_whole_levels() {
    let (_place, store) = empty();
    for text in ["/a/d/e", "/ab/c", "/a", "/a/b", "a", "/a/B", "/b"] {
        wait(store.put(&here(), &create(text, "EXAMPLE-1"))).unwrap();
    }
    let below = |path: &str| wait(store.list(&here(), &name(path))).unwrap();
    assert_eq!(names_of(&below("/a")), ["/a/B", "/a/b", "/a/d/e"]);
    assert!(below("a").is_empty() && below("/a/b").is_empty());
    let values = wait(store.list_values(&here(), &name("/a/d"))).unwrap();
    assert_eq!((values.len(), values[0].found.name.as_str()), (1, "/a/d/e"));
    let described = wait(store.describe(&here(), Selection::Prefix("/a"))).unwrap();
    let described: Vec<&str> = described
        .iter()
        .map(|description| description.found.name.as_str())
        .collect();
    assert_eq!(described, ["/a", "/a/B", "/a/b", "/a/d/e", "/ab/c"]);
}

#[test]
fn tags_merge_up_to_fifty() {
    let (_place, store) = empty();
    let tag = |key: &str, value: &str| Tag {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    let tags = vec![tag("key", "k"), tag("application", "web")];
    wait(store.put(&here(), &put("/a", "EXAMPLE-1", PutMode::Create(tags)))).unwrap();
    wait(store.tag(
        &here(),
        &name("/a"),
        &[tag("key", "other"), tag("team", "t")],
    ))
    .unwrap();
    wait(store.put(&here(), &overwrite("/a", "EXAMPLE-2"))).unwrap();
    let all = [
        tag("application", "web"),
        tag("key", "other"),
        tag("team", "t"),
    ];
    assert_eq!(wait(store.tags(&here(), &name("/a"))).unwrap(), all);
    let many: Vec<Tag> = (0..48)
        .map(|number| tag(&format!("t{number}"), ""))
        .collect();
    let refused = wait(store.tag(&here(), &name("/a"), &many));
    assert!(matches!(refused, Err(StoreError::Refused { code, .. }) if code == "TooManyTagsError"));
    assert_eq!(wait(store.tags(&here(), &name("/a"))).unwrap(), all);
    assert_eq!(wait(store.tag(&here(), &name("/a"), &many[..47])), Ok(()));
}

#[test]
fn put_enforces_quota_of_standard_parameters() {
    let (_place, store) = empty();
    for number in 0..10_000 {
        wait_free_put(&store, &create(&format!("/p/{number}"), "EXAMPLE-1")).unwrap();
    }
    let full = Err(StoreError::ParameterLimit { region: here() });
    assert_eq!(
        wait_free_put(&store, &create("/one-more", "EXAMPLE-1")),
        full
    );
    assert_eq!(
        wait_free_put(&store, &overwrite("/one-more", "EXAMPLE-1")),
        full
    );
    assert_eq!(
        wait_free_put(&store, &overwrite("/p/7", "EXAMPLE-2")),
        Ok(2)
    );
    let advanced = Put {
        tier: Some(Tier::Advanced),
        ..create("/one-more", "EXAMPLE-1")
    };
    assert_eq!(wait_free_put(&store, &advanced), Ok(1));
    assert_eq!(
        wait(store.put(&region("eu-west-1"), &create("/one-more", "EXAMPLE-1"))),
        Ok(1)
    );
    wait(store.delete(&here(), &[name("/p/0")])).unwrap();
    assert_eq!(wait_free_put(&store, &create("/p/new", "EXAMPLE-1")), Ok(1));
}

/// As `wait(store.put(…))`, without a runtime for each of thousands.
fn wait_free_put(store: &FileStore, put: &Put) -> Result<u64, StoreError> {
    let mut future = std::pin::pin!(async { store.put(&here(), put).await });
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::future::Future::poll(future.as_mut(), &mut context) {
        std::task::Poll::Ready(result) => result,
        std::task::Poll::Pending => panic!("the file store never waits"),
    }
}

#[test]
fn reopened_store_has_the_same_content() {
    let place = Place::new();
    let store = place.open(Access::CreateIfAbsent).unwrap();
    let tags = vec![Tag {
        key: "environment".to_owned(),
        value: "production".to_owned(),
    }];
    let text = "EXAMPLE \"quoted\" \\ line\nbreak\ttab \u{1}ü🔑";
    wait(store.put(&here(), &put("/a", text, PutMode::Create(tags.clone())))).unwrap();
    wait(store.put(&here(), &overwrite("/a", "EXAMPLE-2"))).unwrap();
    wait(store.label(&here(), &name("/a"), 1, &label("old"))).unwrap();
    let advanced = Put {
        tier: Some(Tier::Advanced),
        kind: ParameterType::StringList,
        ..create("quiz.production.hosts", "a,b")
    };
    wait(store.put(&region("cn-north-1"), &advanced)).unwrap();
    let see = |store: &FileStore| {
        let of_first = VersionSelector::Label(label("old"));
        (
            wait(store.history(&here(), &name("/a"))).unwrap(),
            wait(store.read_version(&here(), &name("/a"), &of_first)).unwrap(),
            wait(store.describe(&region("cn-north-1"), Selection::Prefix(""))).unwrap(),
            wait(store.tags(&here(), &name("/a"))).unwrap(),
        )
    };
    let before = see(&store);
    wait(store.finish()).unwrap();
    drop(store);
    let store = place.open(Access::Read).unwrap();
    assert_eq!(see(&store), before);
    let (history, first, described, read_tags) = before;
    assert_eq!(first.value.expose(), text);
    assert_eq!(history[1].modified_by.as_deref(), Some("EXAMPLE-author"));
    assert!(history[0].modified.unwrap() <= history[1].modified.unwrap());
    assert_eq!(
        (described[0].tier, described[0].found.kind),
        (Tier::Advanced, ParameterType::StringList)
    );
    assert_eq!(read_tags, tags);
}

#[test]
fn accounts_in_one_file_are_separate() {
    let (_place, store) = empty();
    let other = store.of_account("444455556666".parse().unwrap());
    wait(store.put(&region("us-west-2"), &create("/a", "EXAMPLE-one"))).unwrap();
    let names = ["/a".parse().unwrap()];
    assert_eq!(
        wait(other.look_up(&region("us-west-2"), &names)).unwrap(),
        []
    );
    assert_eq!(
        wait(other.put(&region("us-west-2"), &create("/a", "EXAMPLE-other"))).unwrap(),
        1
    );
    assert_eq!(
        wait(store.read(&region("us-west-2"), &names)).unwrap()[0]
            .value
            .expose(),
        "EXAMPLE-one"
    );
    wait(other.delete(&region("us-west-2"), &names)).unwrap();
    assert_eq!(
        wait(store.look_up(&region("us-west-2"), &names))
            .unwrap()
            .len(),
        1
    );
}
