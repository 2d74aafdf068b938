//! Sessions that end on purpose: people sign out while their pages are loading, and the provider ends sessions. Neither
//! may come back.

use std::{sync::Arc, time::Duration};

use emulator::Control;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    balancer::{Answer, Ask, Meaning},
    dice::Dice,
    person::{Person, Visit},
    phase::ACCESS_TOKEN_LIFETIME,
    tally::Incident,
    world::World,
};

/// Between two departures.
const PAUSE: (Duration, Duration) = (Duration::from_millis(400), Duration::from_millis(1200));
/// What is asked while a sign-out is under way, and again after it.
const PAGES_AT_ONCE: usize = 4;
/// A sign-out that meets the end of a server is asked for again.
const SIGN_OUT_TRIES: u32 = 10;
/// A token that was renewed just before the provider ended the session works for its lifetime, and for what the
/// request itself takes on a busy machine.
const LAST_TOKEN: Duration = ACCESS_TOKEN_LIFETIME.saturating_add(Duration::from_secs(5));
/// Until then the provider's verdict has been asked for, whatever trouble there was.
const VERDICT_PATIENCE: Duration = Duration::from_mins(1);

const PAGE: Ask<'static> = Ask::Page("/dashboard");

/// Ends sessions until it is time, and stays until those are over.
pub(crate) async fn happen(world: Arc<World>, mut dice: Dice, until: Instant) {
    let mut departures = JoinSet::new();
    while Instant::now() < until {
        sleep(dice.between(PAUSE.0, PAUSE.1)).await;
        let Some(person) = dice.pick(&world.people) else {
            return;
        };
        if let Some(visit) = person.leave() {
            let (world, person) = (Arc::clone(&world), Arc::clone(person));
            if dice.one_in(3) {
                departures.spawn(async move { revocation(&world, &person, &visit).await });
            } else {
                departures.spawn(async move { sign_out(&world, &person, &visit).await });
            }
        }
        while departures.try_join_next().is_some() {}
    }
    departures.join_all().await;
}

/// A person signs out while pages of theirs are loading.
async fn sign_out(world: &Arc<World>, person: &Person, visit: &Visit) {
    let mut pages = JoinSet::new();
    for _ in 0..PAGES_AT_ONCE {
        let (world, visit) = (Arc::clone(world), visit.clone());
        // Before the sign-out is answered, any answer is right.
        pages.spawn(async move { ask(&world, &visit, PAGE).await });
    }
    let mut provider = None;
    for _ in 0..SIGN_OUT_TRIES {
        match ask(world, visit, Ask::SignOut).await {
            Some(answer) if answer.status.is_redirection() => {
                provider = Some(answer.location);
                break;
            }
            _ => sleep(Duration::from_millis(500)).await,
        }
    }
    match provider {
        Some(provider) => {
            world.tally.signed_out();
            must_be_over(world, visit, PAGES_AT_ONCE).await;
            // Where the browser goes next; the provider's own session ends there.
            let _ = world.client.get(provider).send().await;
            world.remember_as_over(visit);
        }
        None => world.tally.strange(Incident::without_answer(
            world.control.now(),
            format!("person {} could not sign out ({})", person.number, visit.sid),
        )),
    }
    pages.join_all().await;
    person.has_left();
}

/// The provider ends a session: it ends here at the next refresh.
async fn revocation(world: &World, person: &Person, visit: &Visit) {
    let control: &Control = &world.control;
    control.end_session(&visit.sid);
    world.tally.revoked();
    let revoked = control.now();
    loop {
        match ask(world, visit, PAGE).await {
            Some(answer) if answer.meaning() == Meaning::Over => {
                world.remember_as_over(visit);
                break;
            }
            Some(answer) if answer.meaning() == Meaning::Alive && answer.sent > revoked + LAST_TOKEN => {
                let wrong = format!("{} outlived its end at the provider", visit.sid);
                world.tally.risen(Incident::new(&answer, &wrong));
                break;
            }
            _ if control.now() > revoked + VERDICT_PATIENCE => {
                world.tally.strange(Incident::without_answer(
                    revoked,
                    format!("{} was ended by the provider and never here", visit.sid),
                ));
                break;
            }
            _ => sleep(Duration::from_millis(500)).await,
        }
    }
    person.has_left();
}

/// Asks so many times, at both servers: none may let the session in.
pub(crate) async fn must_be_over(world: &World, visit: &Visit, times: usize) {
    for _ in 0..times {
        if let Some(answer) = ask(world, visit, PAGE).await
            && answer.meaning() == Meaning::Alive
        {
            let wrong = format!("{} came back to life", visit.sid);
            world.tally.risen(Incident::new(&answer, &wrong));
        }
    }
}

/// Asks with a session that nobody expects to be alive.
async fn ask(world: &World, visit: &Visit, ask: Ask<'_>) -> Option<Answer> {
    match world.balancer.send(ask, &visit.cookie).await {
        Ok(answer) => {
            world.tally.answered(&answer);
            match answer.meaning() {
                Meaning::Unavailable => world.tally.unavailable(Incident::new(&answer, "unavailable")),
                Meaning::Strange if !matches!(ask, Ask::SignOut) || !answer.status.is_redirection() => {
                    world.tally.strange(Incident::new(&answer, "unexpected"));
                }
                _ => {}
            }
            Some(answer)
        }
        Err(error) => {
            let incident = Incident::without_answer(world.control.now(), error);
            world.tally.strange(incident);
            None
        }
    }
}
