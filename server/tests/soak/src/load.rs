//! What people do all the time: several requests of one session at once, at both servers, and open pages that ask now
//! and then.

use std::{sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    Failure,
    balancer::{Ask, Meaning},
    dice::Dice,
    person::{Person, Visit},
    tally::Incident,
    world::World,
};

/// The most requests that a page makes at once.
const BURST: u32 = 8;
/// The longest that a person looks at a page.
const PAUSE: Duration = Duration::from_millis(400);
/// So many times as long as somebody had to wait, they rest: a machine that is busy with other things as well must not
/// be buried, or everything takes longer than any server could be asked to bear.
const REST: u32 = 5;
/// An open page asks again after so long. Less than a provider's grace by enough that a refresh whose answer was lost is
/// repeated within it, after the dead server's lease.
const OPEN_PAGE: Duration = Duration::from_secs(4);
/// How often a page looks whether it is time.
const GLANCE: Duration = Duration::from_millis(500);

const PAGE: Ask<'static> = Ask::Page("/dashboard");
const RENEW: Ask<'static> = Ask::Script("/sessions/refresh-token");
const VALIDATE: Ask<'static> = Ask::Script("/sessions/validate-token");

/// Somebody who uses one session after the other until it is time.
pub(crate) async fn work(world: Arc<World>, mut dice: Dice, until: Instant) -> Result<(), Failure> {
    while Instant::now() < until {
        let Some(person) = dice.pick(&world.people) else {
            return Ok(());
        };
        let begun = Instant::now();
        match person.visit() {
            Some(visit) => burst(&world, person, &visit, &mut dice).await,
            None => person.come_in(&world).await?,
        }
        sleep(dice.between(Duration::ZERO, PAUSE) + begun.elapsed() * REST).await;
    }
    Ok(())
}

async fn burst(world: &Arc<World>, person: &Arc<Person>, visit: &Visit, dice: &mut Dice) {
    let mut requests = JoinSet::new();
    for _ in 0..=dice.below(BURST) {
        let ask = match dice.below(12) {
            0 => RENEW,
            1 | 2 => VALIDATE,
            _ => PAGE,
        };
        let (world, person, visit) = (Arc::clone(world), Arc::clone(person), visit.clone());
        requests.spawn(async move { ask_as(&world, &person, &visit, ask).await });
    }
    requests.join_all().await;
}

/// The pages that people have open: no session goes unused for long.
pub(crate) async fn keep_pages_open(world: Arc<World>, until: Instant) {
    let mut pages = JoinSet::new();
    for person in &world.people {
        let (world, person) = (Arc::clone(&world), Arc::clone(person));
        pages.spawn(async move {
            while Instant::now() < until {
                if let Some(visit) = person.visit_if_idle(OPEN_PAGE) {
                    ask_as(&world, &person, &visit, VALIDATE).await;
                }
                sleep(GLANCE).await;
            }
        });
    }
    pages.join_all().await;
}

/// Asks as a person who ought to be signed in, and notes what is wrong with the answer.
pub(crate) async fn ask_as(world: &World, person: &Person, visit: &Visit, ask: Ask<'_>) -> Option<Meaning> {
    let answer = match world.balancer.send(ask, &visit.cookie).await {
        Ok(answer) => answer,
        Err(error) => {
            let incident = Incident::without_answer(world.control.now(), error);
            world.tally.strange(incident);
            return None;
        }
    };
    world.tally.answered(&answer);
    let meaning = answer.meaning();
    match meaning {
        Meaning::Alive => {}
        Meaning::Over => {
            if person.is_thrown_out(visit) {
                let wrong = format!("spurious sign-out of person {} ({})", person.number, visit.sid);
                world.tally.thrown_out(Incident::new(&answer, &wrong));
            }
        }
        Meaning::Unavailable => world.tally.unavailable(Incident::new(&answer, "unavailable")),
        Meaning::Strange => world.tally.strange(Incident::new(&answer, "unexpected")),
    }
    Some(meaning)
}

/// After all troubles: everybody who ought to be signed in is, within this time. The number of those who are not.
pub(crate) async fn heal(world: &Arc<World>, within: Duration) -> usize {
    let mut people = JoinSet::new();
    let deadline = Instant::now() + within;
    for person in &world.people {
        let (world, person) = (Arc::clone(world), Arc::clone(person));
        people.spawn(async move {
            while let Some(visit) = person.visit() {
                if ask_as(&world, &person, &visit, PAGE).await == Some(Meaning::Alive) {
                    return true;
                }
                if Instant::now() >= deadline {
                    return false;
                }
                sleep(Duration::from_secs(1)).await;
            }
            // Not signed in, or found to be thrown out, which counts elsewhere.
            true
        });
    }
    people.join_all().await.into_iter().filter(|well| !well).count()
}
