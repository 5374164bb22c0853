//! Every method of the store, in every Region.

use byref_emulator::{Peer, emulator};
use byref_harness::ignore;
use byref_parameter::{Label, ParameterType, Tier};
use byref_store::{
    ParameterStore as _, Put, PutMode, Selection, StoreError, Tag, VERSIONS, VersionSelector,
};

use crate::{REGIONS, create, name, overwrite, region, store, value};

crate::async_tests![
    secrets_are_written_and_read_in_every_region,
    names_are_answered_in_their_order_and_once,
    versions_are_read_by_number_and_by_label,
    history_has_all_versions_with_their_labels,
    the_oldest_version_is_deleted_unless_it_has_a_label,
    a_path_is_listed_at_any_depth_and_by_name,
    descriptions_have_tier_and_key,
    tags_are_set_and_left_alone,
    create_fails_for_an_existing_parameter,
    values_keep_every_byte,
];

fn tag(key: &str, value: &str) -> Tag {
    Tag {
        key: key.to_owned(),
        value: value.to_owned(),
    }
}

fn label(text: &str) -> Label {
    text.parse().unwrap()
}

async fn secrets_are_written_and_read_in_every_region() {
    let emulator = emulator();
    let store = store(emulator).await;
    for here in REGIONS {
        let here = region(here);
        let text = format!("EXAMPLE-not-a-secret in {here}");
        assert_eq!(store.look_up(&here, &[name("/a/b")]).await.unwrap(), []);
        assert_eq!(store.put(&here, &create("/a/b", &text)).await.unwrap(), 1);
        let found = store.look_up(&here, &[name("/a/b")]).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].kind, found[0].version),
            (ParameterType::SecureString, 1)
        );
        assert!(found[0].modified.is_some());
        let read = store.read(&here, &[name("/a/b")]).await.unwrap();
        assert_eq!(read[0].value, value(&text));
        assert_eq!(read[0].found, found[0]);
        assert_eq!(
            store
                .delete(&here, &[name("/a/b"), name("/a/c")])
                .await
                .unwrap(),
            [name("/a/b")]
        );
        assert_eq!(store.delete(&here, &[name("/a/b")]).await.unwrap(), []);
        assert_eq!(store.look_up(&here, &[name("/a/b")]).await.unwrap(), []);
    }
}

async fn names_are_answered_in_their_order_and_once() {
    let emulator = emulator();
    let store = store(emulator).await;
    let here = region(REGIONS[0]);
    let names: Vec<_> = (0..25)
        .map(|number| name(&format!("/many/{}", (number * 7) % 25)))
        .collect();
    for name in names.iter().filter(|name| name.as_str() != "/many/3") {
        store
            .put(&here, &create(name.as_str(), &format!("EXAMPLE {name}")))
            .await
            .unwrap();
    }
    let twice = [names.clone(), names.clone()].concat();
    let expected: Vec<_> = names
        .iter()
        .filter(|name| name.as_str() != "/many/3")
        .cloned()
        .collect();
    let found = store.look_up(&here, &twice).await.unwrap();
    assert_eq!(
        found
            .into_iter()
            .map(|found| found.name)
            .collect::<Vec<_>>(),
        expected
    );
    let read = store.read(&here, &twice).await.unwrap();
    for (parameter, name) in read.iter().zip(&expected) {
        assert_eq!(parameter.value, value(&format!("EXAMPLE {name}")));
    }
    assert_eq!(read.len(), expected.len());
    assert_eq!(store.look_up(&here, &[]).await.unwrap(), []);
    let mut deleted = store.delete(&here, &twice).await.unwrap();
    assert_eq!(deleted.len(), 24);
    deleted.dedup();
    assert_eq!(deleted, expected);
}

async fn versions_are_read_by_number_and_by_label() {
    let emulator = emulator();
    let store = store(emulator).await;
    let here = region(REGIONS[1]);
    let secret = name("/versions/a");
    let number = |number| VersionSelector::Number(number);
    store
        .put(&here, &create("/versions/a", "EXAMPLE 1"))
        .await
        .unwrap();
    for text in ["EXAMPLE 2", "EXAMPLE 3"] {
        store
            .put(&here, &overwrite("/versions/a", text))
            .await
            .unwrap();
    }
    let read = store
        .read_version(&here, &secret, &number(2))
        .await
        .unwrap();
    assert_eq!((read.value, read.found.version), (value("EXAMPLE 2"), 2));
    store
        .label(&here, &secret, 1, &label("stable"))
        .await
        .unwrap();
    let stable = VersionSelector::Label(label("stable"));
    assert_eq!(
        store
            .read_version(&here, &secret, &stable)
            .await
            .unwrap()
            .value,
        value("EXAMPLE 1")
    );
    // A label is on one version at a time.
    store
        .label(&here, &secret, 2, &label("stable"))
        .await
        .unwrap();
    if emulator.peer() == Peer::Moto {
        // ministack leaves it on both.
        assert_eq!(
            store
                .read_version(&here, &secret, &stable)
                .await
                .unwrap()
                .value,
            value("EXAMPLE 2")
        );
    }
    let missing = |name, selector: &str| StoreError::VersionNotFound {
        name,
        selector: selector.to_owned(),
        region: here.clone(),
    };
    assert_eq!(
        store.read_version(&here, &secret, &number(9)).await,
        Err(missing(secret.clone(), "9"))
    );
    let other = VersionSelector::Label(label("other"));
    assert_eq!(
        store.read_version(&here, &secret, &other).await,
        Err(missing(secret.clone(), "other"))
    );
    let nobody = name("/versions/nobody");
    let not_there = StoreError::NotFound {
        name: nobody.clone(),
        region: here.clone(),
    };
    assert_eq!(
        store.read_version(&here, &nobody, &number(1)).await,
        Err(not_there.clone())
    );
    assert_eq!(
        store.label(&here, &secret, 9, &label("x")).await,
        Err(missing(secret.clone(), "9"))
    );
    assert_eq!(
        store.label(&here, &nobody, 1, &label("x")).await,
        Err(not_there)
    );
}

async fn history_has_all_versions_with_their_labels() {
    let emulator = emulator();
    let store = store(emulator).await;
    let here = region(REGIONS[2]);
    let secret = name("/history/a");
    store
        .put(&here, &create("/history/a", "EXAMPLE 1"))
        .await
        .unwrap();
    // More than one page.
    for number in 2..=60 {
        assert_eq!(
            store
                .put(&here, &overwrite("/history/a", "EXAMPLE"))
                .await
                .unwrap(),
            number
        );
    }
    for text in ["b", "a"] {
        store.label(&here, &secret, 55, &label(text)).await.unwrap();
    }
    let history = store.history(&here, &secret).await.unwrap();
    assert_eq!(
        history
            .iter()
            .map(|version| version.number)
            .collect::<Vec<_>>(),
        (1..=60).collect::<Vec<_>>()
    );
    assert_eq!(history[54].labels, [label("a"), label("b")]);
    assert!(history[0].modified_by.is_some() && history[0].modified.is_some());
    if emulator.peer() == Peer::Moto {
        // ministack does not take labels off.
        store
            .unlabel(&here, &secret, 55, &label("a"))
            .await
            .unwrap();
        store
            .unlabel(&here, &secret, 55, &label("a"))
            .await
            .unwrap();
        assert_eq!(
            store.history(&here, &secret).await.unwrap()[54].labels,
            [label("b")]
        );
    }
    let nobody = name("/history/nobody");
    let not_there = StoreError::NotFound {
        name: nobody.clone(),
        region: here.clone(),
    };
    assert_eq!(store.history(&here, &nobody).await, Err(not_there));
}

async fn the_oldest_version_is_deleted_unless_it_has_a_label() {
    let emulator = emulator();
    if emulator.peer() == Peer::Ministack {
        ignore("ministack keeps all versions");
    }
    let store = store(emulator).await;
    let here = region(REGIONS[0]);
    let secret = name("/limit/a");
    store
        .put(&here, &create("/limit/a", "EXAMPLE"))
        .await
        .unwrap();
    for _ in 0..VERSIONS {
        store
            .put(&here, &overwrite("/limit/a", "EXAMPLE"))
            .await
            .unwrap();
    }
    let history = store.history(&here, &secret).await.unwrap();
    assert_eq!((history[0].number, history.len()), (2, 100));
    store
        .label(&here, &secret, 2, &label("kept"))
        .await
        .unwrap();
    let full = StoreError::VersionLimit {
        name: secret.clone(),
        region: here.clone(),
    };
    assert_eq!(
        store.put(&here, &overwrite("/limit/a", "EXAMPLE")).await,
        Err(full)
    );
    for number in 0..10 {
        store
            .label(&here, &secret, 50, &label(&format!("label-{number}")))
            .await
            .unwrap();
    }
    let full = StoreError::LabelLimit {
        name: secret.clone(),
        region: here.clone(),
    };
    assert_eq!(
        store.label(&here, &secret, 50, &label("one-more")).await,
        Err(full)
    );
}

async fn a_path_is_listed_at_any_depth_and_by_name() {
    let emulator = emulator();
    let store = store(emulator).await;
    let here = region(REGIONS[3]);
    let mut names: Vec<_> = (0..23)
        .map(|number| name(&format!("/tree/{}/{number}", number % 3)))
        .collect();
    for name in &names {
        store
            .put(&here, &create(name.as_str(), &format!("EXAMPLE {name}")))
            .await
            .unwrap();
    }
    store
        .put(&here, &create("/treehouse", "EXAMPLE"))
        .await
        .unwrap();
    names.sort();
    let listed = store.list(&here, &name("/tree")).await.unwrap();
    assert_eq!(
        listed
            .into_iter()
            .map(|found| found.name)
            .collect::<Vec<_>>(),
        names
    );
    let values = store.list_values(&here, &name("/tree")).await.unwrap();
    assert_eq!(values.len(), 23);
    for parameter in values {
        assert_eq!(
            parameter.value,
            value(&format!("EXAMPLE {}", parameter.found.name))
        );
    }
    assert_eq!(store.list(&here, &name("/nothing")).await.unwrap(), []);
}

async fn descriptions_have_tier_and_key() {
    let emulator = emulator();
    let store = store(emulator).await;
    let here = region(REGIONS[0]);
    let key = Some("alias/production".parse().unwrap());
    let of_key = Put {
        key,
        tier: Some(Tier::Advanced),
        ..create("/described/key", "EXAMPLE")
    };
    store.put(&here, &of_key).await.unwrap();
    let plain = Put {
        kind: ParameterType::String,
        ..create("/described/plain", "EXAMPLE")
    };
    store.put(&here, &plain).await.unwrap();
    store
        .put(&here, &create("/described/default", "EXAMPLE"))
        .await
        .unwrap();
    let names: Vec<_> = ["plain", "key", "nobody", "default"]
        .map(|key| name(&format!("/described/{key}")))
        .into();
    let found = store
        .describe(&here, Selection::Names(&names))
        .await
        .unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|one| (one.found.name.as_str(), one.tier, one.key.as_deref()))
        .collect();
    let expected = [
        ("/described/plain", Tier::Standard, None),
        ("/described/key", Tier::Advanced, Some("alias/production")),
        ("/described/default", Tier::Standard, Some("alias/aws/ssm")),
    ];
    assert_eq!(told, expected);
    assert_eq!(found[0].found.kind, ParameterType::String);
    // More names than a filter takes, and more items than a page holds.
    let many: Vec<_> = (0..60)
        .map(|number| name(&format!("/described/many/{number:02}")))
        .collect();
    for name in &many {
        store
            .put(&here, &create(name.as_str(), "EXAMPLE"))
            .await
            .unwrap();
    }
    assert_eq!(
        store
            .describe(&here, Selection::Names(&many))
            .await
            .unwrap()
            .len(),
        60
    );
    let listed = store
        .describe(&here, Selection::Prefix("/described/many/"))
        .await
        .unwrap();
    assert_eq!(
        listed
            .into_iter()
            .map(|one| one.found.name)
            .collect::<Vec<_>>(),
        many
    );
    assert_eq!(
        store
            .describe(&here, Selection::Prefix(""))
            .await
            .unwrap()
            .len(),
        63
    );
    assert_eq!(
        store
            .describe(&here, Selection::Prefix("/described/many/0"))
            .await
            .unwrap()
            .len(),
        10
    );
}

async fn tags_are_set_and_left_alone() {
    let emulator = emulator();
    let store = store(emulator).await;
    let here = region(REGIONS[0]);
    let tags = vec![tag("environment", "production"), tag("application", "web")];
    let put = Put {
        mode: PutMode::Create(tags),
        ..create("/tags/a", "EXAMPLE")
    };
    store.put(&here, &put).await.unwrap();
    let secret = name("/tags/a");
    store
        .tag(
            &here,
            &secret,
            &[tag("key", "db"), tag("application", "api")],
        )
        .await
        .unwrap();
    let expected = [
        tag("application", "api"),
        tag("environment", "production"),
        tag("key", "db"),
    ];
    assert_eq!(store.tags(&here, &secret).await.unwrap(), expected);
    store
        .put(&here, &overwrite("/tags/a", "EXAMPLE 2"))
        .await
        .unwrap();
    assert_eq!(store.tags(&here, &secret).await.unwrap(), expected);
    store.tag(&here, &secret, &[]).await.unwrap();
    if emulator.peer() == Peer::Moto {
        // ministack has tags for what is not there.
        let nobody = name("/tags/nobody");
        let not_there = StoreError::NotFound {
            name: nobody.clone(),
            region: here.clone(),
        };
        assert_eq!(store.tags(&here, &nobody).await, Err(not_there));
    }
}

async fn create_fails_for_an_existing_parameter() {
    let emulator = emulator();
    let store = store(emulator).await;
    let here = region(REGIONS[0]);
    store
        .put(&here, &create("/there/a", "EXAMPLE 1"))
        .await
        .unwrap();
    let there = StoreError::AlreadyExists {
        name: name("/there/a"),
        region: here.clone(),
    };
    assert_eq!(
        store.put(&here, &create("/there/a", "EXAMPLE 2")).await,
        Err(there)
    );
    assert_eq!(
        store.read(&here, &[name("/there/a")]).await.unwrap()[0].value,
        value("EXAMPLE 1")
    );
}

async fn values_keep_every_byte() {
    let emulator = emulator();
    let store = store(emulator).await;
    let here = region(REGIONS[0]);
    for (number, text) in [
        "EXAMPLE\n",
        " EXAMPLE ",
        "EXAMPLE\r\n\t\"\\",
        "ÄÖÜ 👍 {\"a\": 1}",
        "kms:alias/aws/ssm:EXAMPLE",
        &"ü".repeat(2048),
    ]
    .into_iter()
    .enumerate()
    {
        let secret = format!("/bytes/{number}");
        store.put(&here, &create(&secret, text)).await.unwrap();
        assert_eq!(
            store.read(&here, &[name(&secret)]).await.unwrap()[0].value,
            value(text)
        );
    }
}
