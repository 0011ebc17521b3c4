//! Full disks, torn commits, seals that were cut off.

use std::path::Path;

use sanggan_lake::{Lake, LakeError, LakeOptions};

use crate::support::{Hands, MARCH, MINUTE, all, copy, frame, key, open, options, reading, seal_all, show};

/// Appends frames of 4 kB until the store refuses; how many were acknowledged.
async fn fill(lake: &Lake) -> (u64, LakeError) {
    let series = lake.series_id(&key("s1", "a34004")).unwrap();
    let mut stored = lake.status().last_frame;
    for _ in 0..20_000 {
        let at = MARCH + i64::try_from(stored).unwrap() * MINUTE;
        let packet = frame(&"x".repeat(4096), MARCH, vec![reading(series, at, stored as f64)]);
        match lake.append(vec![packet]).await {
            Ok(ids) => {
                stored += 1;
                assert_eq!(ids[0].0, stored);
            }
            Err(error) => return (stored, error),
        }
    }
    panic!("the store never filled up");
}

async fn check_full(lake: &Lake) {
    let (stored, error) = fill(lake).await;
    assert!(matches!(error, LakeError::Commit { frames: 1, .. }), "{error:?}");
    let series = lake.series_id(&key("s1", "a34004")).unwrap();
    // nothing of the refused batch shows, neither as a packet nor as a value
    assert_eq!(lake.status().last_frame, stored);
    assert_eq!(lake.status().hot_frames, stored);
    assert_eq!(lake.read(all(&[series])).await.unwrap().len() as u64, stored);
    assert!(lake.frame(sanggan_base::FrameId(stored + 1)).await.unwrap().is_none());
    assert_eq!(lake.latest(series).unwrap().value, (stored - 1) as f64);
}

/// SQLite's own limit on pages gives SQLITE_FULL, as a full disk does.
#[tokio::test]
async fn a_full_store_refuses_whole_batches_and_works_again_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let options = LakeOptions {
        hot_bytes_max: Some(2 << 20),
        seal_requires_statistics: false,
        ..options(folder.path())
    };
    let hands = Hands::at(MARCH);
    let lake = Lake::open(options.clone(), hands.clock()).await.unwrap();
    check_full(&lake).await;
    let before = lake.status().last_frame;
    lake.seal().await.unwrap();
    let (after, _) = fill(&lake).await;
    assert!(after > before + 100, "{after} > {before}");
    drop(lake);
    let lake = Lake::open(options, hands.clock()).await.unwrap();
    let series = lake.find_series(&key("s1", "a34004")).unwrap();
    assert_eq!(lake.read_versions(all(&[series])).await.unwrap().len() as u64, after);
    let table = lake.sql("SELECT count(*), count(DISTINCT id) FROM frames", 1).await.unwrap();
    assert_eq!(table.rows[0], [after, after]);
}

/// A real full disk: a small tmpfs, where the tests may mount one.
#[tokio::test]
async fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path()) else {
        eprintln!("skipped: no tmpfs may be mounted here (needs root); SQLITE_FULL is tested without it");
        return;
    };
    let options = LakeOptions { seal_requires_statistics: false, ..options(disk.0) };
    let hands = Hands::at(MARCH);
    let ballast = disk.0.join("ballast");
    std::fs::write(&ballast, vec![1u8; 4 << 20]).unwrap();
    let lake = Lake::open(options.clone(), hands.clock()).await.unwrap();
    check_full(&lake).await;
    let stored = lake.status().last_frame;
    // no room for Parquet files either: the seal fails or fits, and nothing is lost
    let _ = lake.seal().await;
    std::fs::remove_file(&ballast).unwrap();
    lake.append(vec![frame("##again", MARCH, vec![])]).await.unwrap();
    lake.seal().await.unwrap();
    lake.close().await;
    drop(lake);
    let lake = Lake::open(options, hands.clock()).await.unwrap();
    let table = lake.sql("SELECT count(*), count(DISTINCT id) FROM frames", 1).await.unwrap();
    assert_eq!(table.rows[0], [stored + 1, stored + 1]);
    lake.close().await;
}

struct SmallDisk<'a>(&'a Path);

impl SmallDisk<'_> {
    fn mount(at: &Path) -> Option<SmallDisk<'_>> {
        let done = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=16m", "tmpfs"])
            .arg(at)
            .stderr(std::process::Stdio::null())
            .status();
        done.is_ok_and(|status| status.success()).then_some(SmallDisk(at))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0).status();
    }
}

/// Leaves what a crash would: hot rows as before the seal, files and Delta logs as `later` makes them.
async fn cut_off(later: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().unwrap();
    let hands = Hands::at(MARCH);
    let lake = open(folder.path(), &hands).await;
    let series = lake.series_id(&key("s1", "a34004")).unwrap();
    for step in 0..20 {
        // some corrections of an older moment among them
        let at = MARCH + if step % 5 == 4 { 0 } else { step * MINUTE };
        lake.append(vec![frame("##", MARCH, vec![reading(series, at, step as f64)])]).await.unwrap();
    }
    seal_all(&lake).await;
    for step in 20..40 {
        let readings = vec![reading(series, MARCH + step * MINUTE, step as f64)];
        lake.append(vec![frame("##", MARCH, readings)]).await.unwrap();
    }
    lake.append_statistics(Vec::new(), 40).await.unwrap();
    let expected = show(&lake.read_versions(all(&[series])).await.unwrap());
    lake.close().await;
    drop(lake);
    let hot = tempfile::tempdir().unwrap();
    std::fs::copy(folder.path().join("hot.sqlite"), hot.path().join("hot.sqlite")).unwrap();

    let lake = open(folder.path(), &hands).await;
    assert_eq!(lake.seal().await.unwrap().observations, 20);
    lake.close().await;
    drop(lake);
    copy(hot.path(), folder.path());
    later(folder.path());

    for _ in 0..2 {
        let lake = open(folder.path(), &hands).await;
        assert_eq!(show(&lake.read_versions(all(&[series])).await.unwrap()), expected);
        let table = lake.sql("SELECT count(*), count(DISTINCT id), max(id) FROM frames", 1).await.unwrap();
        assert_eq!(table.rows[0], [40, 40, 40]);
        assert_eq!(lake.latest(series).unwrap().value, 39.0);
        seal_all(&lake).await;
        lake.close().await;
    }
}

fn newest_commit(folder: &Path, table: &str) -> std::path::PathBuf {
    let log = folder.join(table).join("_delta_log");
    let mut commits: Vec<_> = std::fs::read_dir(log).unwrap().map(|entry| entry.unwrap().path()).collect();
    commits.retain(|path| path.extension().is_some_and(|kind| kind == "json"));
    commits.sort();
    commits.pop().unwrap()
}

#[tokio::test]
async fn a_crash_after_the_delta_commit_doubles_nothing() {
    cut_off(|_| {}).await;
}

#[tokio::test]
async fn a_crash_before_one_of_the_delta_commits_loses_nothing() {
    cut_off(|folder| std::fs::remove_file(newest_commit(folder, "observations")).unwrap()).await;
    cut_off(|folder| std::fs::remove_file(newest_commit(folder, "frames")).unwrap()).await;
}

#[tokio::test]
async fn a_torn_delta_commit_is_set_aside_and_sealed_again() {
    cut_off(|folder| {
        let commit = newest_commit(folder, "observations");
        let text = std::fs::read(&commit).unwrap();
        std::fs::write(&commit, &text[..text.len() / 2]).unwrap();
        std::fs::write(newest_commit(folder, "frames"), b"").unwrap();
    })
    .await;
}
