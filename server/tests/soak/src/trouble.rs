//! Trouble, one after the other: faults of the provider for seconds at a time, servers that are killed.
//!
//! What takes answers away leaves a session with a refresh token that is used up, and half a minute to use it again. The
//! next trouble waits until that has happened: two in a row can be more than any server could survive.

use std::{sync::Arc, time::Duration};

use emulator::{Endpoint, Fault};
use tokio::time::{Instant, sleep, timeout_at};

use crate::{Failure, dice::Dice, phase::Phase, replica::Replica, world::World};

const fn milliseconds(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// What strikes before the provider does its work: the refresh token stays what it was.
const HARMLESS: [Fault; 8] = [
    Fault::Status(503),
    Fault::Reset,
    Fault::Delay(milliseconds(2000)),
    Fault::Status(500),
    Fault::Garbage,
    Fault::Status(429),
    Fault::Delay(milliseconds(300)),
    Fault::Status(502),
];
/// What takes the answer away, or makes somebody wait for it who is killed meanwhile.
const LOSING: [Fault; 4] = [
    Fault::Lost,
    Fault::Masked(502),
    Fault::Late(milliseconds(1000)),
    Fault::Masked(500),
];
/// What lets the server wait until its own patience (7 seconds) is over.
const HANGING: [Fault; 3] = [
    Fault::Late(milliseconds(12_000)),
    Fault::Hang,
    Fault::Delay(milliseconds(12_000)),
];
/// How many of the requests a fault strikes.
const SHARES: [f64; 4] = [1.0, 0.5, 0.3, 0.7];

/// From the end of a trouble that may have lost an answer until the session has its next: the dead server's lease, then
/// the next request.
const RECOVERY: Duration = Duration::from_secs(25);
/// How long a killed server stays away.
const AWAY: (Duration, Duration) = (milliseconds(500), milliseconds(3000));

/// What is in turn.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    Harmless,
    Losing,
    Hanging,
    Kill,
    KillWhileLosing,
}

const STRICT: [Trouble; 1] = [Trouble::Harmless];
const CRASH: [Trouble; 6] = [
    Trouble::KillWhileLosing,
    Trouble::Hanging,
    Trouble::Kill,
    Trouble::Losing,
    Trouble::Kill,
    Trouble::Harmless,
];

/// Makes trouble until it is time, then makes everything well again.
pub(crate) async fn make(
    world: Arc<World>,
    phase: Phase,
    mut dice: Dice,
    length: Duration,
) -> Result<(), Failure> {
    let until = Instant::now() + length;
    let troubles = match phase {
        Phase::Strict => STRICT.as_slice(),
        Phase::Crash => CRASH.as_slice(),
    };
    // Longer than the excuse that a fault is, where there is time: most of all, the soak must see that all is well.
    let calm = (length / 5).clamp(milliseconds(1000), Duration::from_secs(30));
    sleep(calm / 2).await;
    for trouble in troubles.iter().cycle() {
        if Instant::now() >= until {
            break;
        }
        let pause = match trouble {
            Trouble::Harmless => {
                window(&world, &HARMLESS, &mut dice, milliseconds(6000)).await;
                dice.between(calm / 2, calm)
            }
            Trouble::Losing => {
                window(&world, &LOSING, &mut dice, milliseconds(12_000)).await;
                RECOVERY
            }
            Trouble::Hanging => {
                window(&world, &HANGING, &mut dice, milliseconds(3000)).await;
                RECOVERY
            }
            Trouble::Kill => {
                kill(&world, &mut dice).await?;
                RECOVERY
            }
            Trouble::KillWhileLosing => {
                let mut other = Dice::new(dice.below(u32::MAX).into(), 0);
                let faults = window(&world, &LOSING, &mut dice, milliseconds(3000));
                let (killed, ()) = tokio::join!(kill(&world, &mut other), faults);
                killed?;
                RECOVERY
            }
        };
        // The last one's recovery is what the end of the phase waits for.
        let _ = timeout_at(until, sleep(pause)).await;
    }
    Ok(())
}

/// One of the faults, for a while, for some of the requests.
async fn window(world: &World, faults: &[Fault], dice: &mut Dice, longest: Duration) {
    let (Some(&fault), Some(&share)) = (dice.pick(faults), dice.pick(&SHARES)) else {
        return;
    };
    let length = dice.between(longest / 3, longest);
    world.timeline.fault_begins(world.control.now());
    world.control.set_fault_share(Endpoint::Token, fault, share);
    // Only a server that starts now asks for these.
    let also_at_start = dice.one_in(4);
    if also_at_start {
        for endpoint in [Endpoint::Discovery, Endpoint::Keys] {
            world.control.set_fault(endpoint, Some(Fault::Status(503)));
        }
    }
    sleep(length).await;
    world.control.clear_faults();
    world.timeline.fault_ends(world.control.now());
}

/// Kills a server and starts it again. Never both: somebody has to answer.
async fn kill(world: &World, dice: &mut Dice) -> Result<(), Failure> {
    let Some(replica) = dice.pick(&world.replicas) else {
        return Ok(());
    };
    let replica: &Replica = replica;
    world.timeline.kill(replica.name, world.control.now());
    replica.kill()?;
    sleep(dice.between(AWAY.0, AWAY.1)).await;
    let took = replica.start(&world.client).await?;
    world.tally.restarted(took);
    Ok(())
}
