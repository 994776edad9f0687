//! What stays whole: under a new key, under damage, over closing, and with many at once.

use super::*;

#[test]
fn a_new_key_seals_blocks_and_waiting_samples_again() {
    let house = house();
    let (series, other) = (house.series(), house.series());
    for day in 0..6 {
        house.append(series, &minutes(day * 10..day * 10 + 10));
    }
    house.append(other, &minutes(0..3));
    let before = house.rows(series);
    let (old, _) = house.vault.inner.keys.profile_key(house.asha).expect("a key");
    let rotated = house.session.rotate_profile(house.asha).expect("rotated");
    let after = house.rows(series);
    assert_eq!(before.len(), after.len());
    assert!(after.iter().all(|(_, row)| crate::crypto::epoch_of(row) == Some(rotated.epoch) && rotated.epoch != old));
    assert_eq!((house.all(series).len(), house.all(other).len()), (60, 3));
    house.forget(series);
    assert_eq!(house.all(series).len(), 60);
    house.append(series, &minutes(60..70));
    house.whole();
    // A row under the dropped key, put back, opens no more.
    house.put(before[..1].to_vec(), Vec::new());
    assert!(!house.damage().is_empty());
}

#[test]
fn damage_is_named_and_never_served_and_the_rest_is_readable() {
    let house = house();
    let series = house.series();
    for day in 0..8 {
        house.append(series, &minutes(day * 10..day * 10 + 10));
    }
    let rows = house.rows(series);
    let blocks: Vec<_> = rows
        .iter()
        .filter(|(address, _)| {
            let (number, _) = layout::seq_and_part(address).expect("a row");
            number != DIRECTORY && rows::entry_of(number).is_none()
        })
        .cloned()
        .collect();
    assert!(blocks.len() > 4);
    let number = |address: &[u8]| layout::seq_and_part(address).expect("a row").0;
    // A flipped bit in one block.
    let (address, good) = blocks[1].clone();
    let mut bad = good.clone();
    bad[100] ^= 1;
    house.put(vec![(address.clone(), bad)], Vec::new());
    let error = house.read(series, Timeframe::default()).expect_err("damaged");
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(error.to_string().contains(&format!("#series {series}/{}", number(&address))), "{error}");
    assert_eq!(house.read(series, time(40 * MINUTE, 49 * MINUTE)).expect("another block").len(), 10);
    assert_eq!(house.damage(), [format!("store #series {series}/{}  seal", number(&address))]);
    // Another block's row in its place, and none.
    house.put(vec![(address.clone(), blocks[2].1.clone())], Vec::new());
    assert_eq!(house.damage(), [format!("store #series {series}/{}  seal", number(&address))]);
    house.put(Vec::new(), vec![address.clone()]);
    assert_eq!(house.damage(), [format!("store #series {series}/{}  missing", number(&address))]);
    assert_eq!(house.read(series, Timeframe::default()).expect_err("missing").kind(), ErrorKind::Corrupt);
    house.put(vec![(address, good)], Vec::new());
    house.whole();
    // Samples that wait, taken out.
    let last = rows.last().cloned().expect("a row");
    let entry = rows::entry_of(number(&last.0)).expect("waiting samples");
    house.put(Vec::new(), vec![last.0.clone()]);
    house.forget(series);
    let error = house.read(series, Timeframe::default()).expect_err("missing");
    assert!(error.to_string().contains(&format!("#{entry} ")), "{error}");
    assert_eq!(house.damage(), [format!("journal #{entry} samples missing")]);
    house.put(vec![last], Vec::new());
    house.whole();
    // Rows of a series nobody has.
    let strange = layout::series(&[9; 16], 1, 0);
    house.put(vec![(strange.clone(), vec![1; 300])], Vec::new());
    assert_eq!(house.damage(), ["store series: 1 rows of nobody  order"]);
    house.put(Vec::new(), vec![strange]);
}

#[test]
fn a_series_put_back_from_an_earlier_time_is_noticed() {
    let house = house();
    let series = house.series();
    for day in 0..3 {
        house.append(series, &minutes(day * 10..day * 10 + 10));
    }
    let earlier = house.rows(series);
    for day in 3..9 {
        house.append(series, &minutes(day * 10..day * 10 + 10));
    }
    let later = house.rows(series);
    let gone = later.iter().map(|(address, _)| address.clone()).collect();
    house.put(Vec::new(), gone);
    house.put(earlier, Vec::new());
    house.forget(series);
    assert_eq!(house.read(series, Timeframe::default()).expect_err("too few").kind(), ErrorKind::Corrupt);
    let damage = house.damage();
    assert!(!damage.is_empty() && damage.iter().all(|line| line.starts_with("journal") && line.ends_with("missing")));
    // One old block with everything else as it is.
    house.put(later.clone(), Vec::new());
    house.forget(series);
    let numbers: BTreeSet<Vec<u8>> = later.iter().map(|(address, _)| address.clone()).collect();
    let rest = house.rows(series).into_iter().map(|(address, _)| address).filter(|address| !numbers.contains(address));
    house.put(Vec::new(), rest.collect());
    house.whole();
}

#[test]
fn a_vault_that_was_closed_has_every_sample_and_goes_on_from_there() {
    let House { secret, vault, session, asha, dir } = house();
    let permit = session.permit(Action::Add, asha, SERIES).expect("allowed");
    let body = json!({"concept": "Steps", "unit": "1", "count": 7});
    let series = session.add(&permit, &body, How::Typed).expect("a series").id;
    for day in 0..6 {
        session.append_sized(&permit, series, &minutes(day * 10..day * 10 + 10), &How::Device, SMALL).expect("added");
    }
    drop(session);
    vault.close().expect("closed");
    let vault = Vault::open(&dir.path().join("vault"), &secret, options()).expect("opened");
    let session = vault.session(Actor::Operator, "test").expect("the operator");
    let house = House { secret, vault, session, asha, dir };
    assert_eq!(house.all(series).len(), 60);
    assert_eq!(house.append(series, &minutes(55..65)).added, 5);
    house.whole();
    let owned = house.vault.inner.series_of(&house.vault.inner.open_profile(asha).expect("open"));
    assert_eq!(owned.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [series]);
    let mut batch = Batch::default();
    let rows = house.vault.inner.delete_series_rows(&owned[0].1, 1000, &mut batch).expect("listed");
    assert_eq!((rows, batch.delete.len()), (house.rows(series).len(), rows));
}

#[test]
fn many_people_measuring_at_once_lose_and_double_nothing() {
    let house = house();
    let series = house.series();
    std::thread::scope(|scope| {
        for lane in 0..4 {
            let house = &house;
            scope.spawn(move || {
                for round in 0..12 {
                    house.append(series, &minutes(round * 10..round * 10 + 5 + lane));
                    let seen = house.all(series);
                    assert!(seen.is_sorted() && seen.len() >= 5);
                }
            });
        }
    });
    assert_eq!(house.all(series).len(), 12 * 8);
    house.whole();
    assert!(
        house
            .rows(series)
            .iter()
            .filter(|(address, _)| { layout::seq_and_part(address).is_some_and(|(number, _)| number >= delta(0)) })
            .count()
            <= 5,
        "samples are moved into blocks as others come"
    );
}
