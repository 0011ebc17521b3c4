//! What runs by itself: statistics and housekeeping.

use std::sync::Arc;
use std::time::Duration;

use sanggan_jobs::{
    FollowOptions, Housekeeper, HousekeepingOptions, Sites, StatisticsChanged, StatisticsFollower,
};
use sanggan_store::Registry;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::exit::Failure;
use crate::output;
use crate::platform::Stores;

/// The running jobs.
pub(crate) struct Jobs {
    /// Tells what the statistics changed.
    pub(crate) changes: broadcast::Sender<Arc<StatisticsChanged>>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Jobs {
    /// Starts what runs by itself over open stores.
    pub(crate) fn start(stores: &Stores) -> Jobs {
        let schedule = &stores.settings.schedule;
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let follow = FollowOptions {
            debounce: Duration::from_secs(u64::from(schedule.statistics_every_s)),
            ..FollowOptions::default()
        };
        let follower = follower(stores, follow, &stop, &tasks);
        let changes = follower.change_sender();
        tasks.spawn(follower.run(stop.clone()));
        let housekeeping = HousekeepingOptions {
            seal_rows: u64::from(schedule.seal_rows),
            seal_every: Duration::from_secs(u64::from(schedule.seal_every_s)),
            compact_every: Duration::from_secs(u64::from(schedule.compact_every_hours) * 3600),
            ..HousekeepingOptions::default()
        };
        tasks.spawn(Housekeeper::new(stores.lake.clone(), housekeeping).run(stop.clone()));
        tasks.close();
        Jobs { changes, stop, tasks }
    }

    /// Ends them and waits for what is under way.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

/// A follower that learns of each change of the registers.
fn follower(
    stores: &Stores,
    options: FollowOptions,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) -> StatisticsFollower {
    let pack = Arc::clone(&stores.pack);
    let parameters = Arc::new(pack.parameters.clone());
    let places = move |registry: &Registry| {
        Arc::new(Sites::from_registry(registry, &pack.city, Arc::clone(&parameters)))
    };
    let mut registers = stores.store.watch_registry();
    let first = places(&registers.borrow_and_update());
    let (sender, sites) = watch::channel(first);
    let stop = stop.clone();
    tasks.spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                changed = registers.changed() => if changed.is_err() { return },
            }
            let now = places(&registers.borrow_and_update());
            sender.send_replace(now);
        }
    });
    StatisticsFollower::new(stores.lake.clone(), sites, Arc::clone(&stores.clock), options)
}

/// Brings the statistics up to date in a process that does not keep them up all the time.
pub(crate) async fn catch_up(stores: &Stores) -> Result<(), Failure> {
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let follower = follower(stores, FollowOptions::default(), &stop, &tasks);
    let done = follower.catch_up().await;
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    let done =
        done.map_err(Failure::step("bring the statistics up to date", sanggan_base::ErrorCode::Unavailable))?;
    if done.rows > 0 {
        output::note(&format!("statistics: {} figures from {} hours of series", done.rows, done.hours));
    }
    Ok(())
}
