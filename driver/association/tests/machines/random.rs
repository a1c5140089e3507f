// SPDX-License-Identifier: MIT
//! A million random things that users, authorities, links and restarts do, against what each side may say (`World::watch`); after
//! any of them, once the link is good again, both sides agree within a bounded time on what is wanted and allowed.

use std::time::Duration;

use vireo_association::carrier::{End, Faults};
use vireo_association::evb::Operating;
use vireo_association::vdp::Limits;
use vireo_association::wire::vdp::{Command, Filter, Refusal};

use crate::world::{OPERATING, World, key, mac_vid, vid, vsi, word};

const VSIS: u32 = 8;
const EVENTS: u32 = 500_000;
const DELAY: std::ops::Range<Duration> = Duration::from_micros(50)..Duration::from_micros(400);

/// Within which both sides agree: a frame of old wakes a VSI, which goes silent; a request is lost to an old sequence once.
fn bound() -> Duration {
    OPERATING.silence() + (OPERATING.response_time() + OPERATING.keep_alive()) * 2
}

/// Says how to see a failure again.
struct Seed(&'static str, u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self(test, seed) = self;
            eprintln!(
                "again: VIREO_SEED={seed} cargo test -p vireo-association --test machines {test}"
            );
        }
    }
}

fn filter(rng: &mut fastrand::Rng, number: u32) -> Filter {
    match rng.u8(..6) {
        0 => vid(0),
        1 => vid(rng.u16(2..4)),
        2 => mac_vid(number, 0),
        3 => mac_vid(number, rng.u16(2..4)),
        4 => Filter::Vid(vec![word(0), word(7)]),
        _ => Filter::GroupVid(vec![(number, word(rng.u16(..3)))]),
    }
}

fn command(rng: &mut fastrand::Rng) -> Command {
    match rng.u8(..6) {
        0 => Command::PreAssociate,
        1 => Command::PreAssociateWithReservation,
        _ => Command::Associate,
    }
}

fn faults(rng: &mut fastrand::Rng, corruption: f64) -> Faults {
    let mut draw = || if rng.bool() { 0.0 } else { rng.f64() * 0.5 };
    let (loss, duplication, reordering) = (draw(), draw(), draw());
    Faults { loss, duplication, reordering, corruption, delay: DELAY }
}

fn event(world: &mut World, rng: &mut fastrand::Rng, corruption: f64) {
    let number = rng.u32(..VSIS);
    match rng.u32(..1000) {
        0..500 => world.run(Duration::from_micros(rng.u64(..8_000))),
        500..700 => {
            let (command, filter) = (command(rng), filter(rng, number));
            // What the station does not take, it says; then nothing is changed.
            let _ = world.want(command, vsi(number, filter));
        }
        700..780 => world.deassociate(&key(number)),
        780..830 => {
            world.registry.refuses.remove(&key(number));
        }
        830..860 => {
            let refusals = [Refusal::Resources, Refusal::Other, Refusal::Entry, Refusal::Manager];
            world.registry.refuses.insert(key(number), refusals[rng.usize(..4)]);
        }
        860..880 => world.withdraw(&key(number)),
        880..940 => {
            if let Some((from, frame)) = rng.choice(&world.recent).cloned() {
                world.link.send(from, frame, world.now);
            }
        }
        940..960 => world.link.set_faults(faults(rng, corruption)),
        960..980 => world.set_operating(Operating { groups: rng.bool(), ..OPERATING }),
        980..985 => world.restart_station(rng.u64(..)),
        985..990 => world.restart_bridge(rng.u64(..), rng.bool()),
        990..995 => world.run(Duration::from_micros(rng.u64(..400_000))),
        _ => world.link.send(if rng.bool() { End::A } else { End::B }, noise(rng), world.now),
    }
    world.settle();
}

/// A frame of ECP that holds anything.
fn noise(rng: &mut fastrand::Rng) -> Vec<u8> {
    let mut frame = vec![0x89; 14 + rng.usize(..80)];
    frame[13] = 0x40;
    frame[14..].fill_with(|| rng.u8(..));
    if let [header, ..] = &mut frame[14..] {
        *header = 0x10;
    }
    frame
}

fn play(test: &'static str, corruption: f64) {
    let given = std::env::var("VIREO_SEED").ok().and_then(|seed| seed.parse().ok());
    let mut seed = given.unwrap_or(1);
    let (mut events, mut agreed) = (0, 0);
    while events < EVENTS {
        let _seed = Seed(test, seed);
        let mut rng = fastrand::Rng::with_seed(seed);
        let limits = Limits { rate: 400, burst: 16, vsis: VSIS as usize, answers: 4 };
        let faults = faults(&mut rng, corruption);
        let mut world = World::new(OPERATING, limits, faults, rng.u64(..1 << 60));
        world.corrupted = corruption > 0.0;
        for _ in 0..4 {
            for _ in 0..rng.u32(1..1000) {
                event(&mut world, &mut rng, corruption);
                world.events.clear();
                events += 1;
            }
            calm(&mut world);
            agreed += 1;
        }
        if given.is_some() {
            break;
        }
        seed += 1;
    }
    println!("{events} events, {agreed} times agreed");
}

/// The link is good again.
fn calm(world: &mut World) {
    world.link.set_faults(Faults { delay: DELAY, ..Faults::default() });
    world.set_operating(OPERATING);
    world.run(bound());
    assert!(world.agree(), "station {:#?}\nbridge {:#?}", world.told, world.held());
    world.registry.refuses.clear();
    for number in 0..VSIS {
        // One that is there already is wanted as it is.
        let _ = world.want(Command::Associate, vsi(number, vid(0)));
    }
    world.run(OPERATING.keep_alive());
    assert_eq!(world.held().len(), VSIS as usize, "all that is wanted can be had");
    assert!(world.agree(), "station {:#?}\nbridge {:#?}", world.told, world.held());
}

#[test]
fn both_sides_agree_after_any_loss_duplication_reordering_refusal_and_restart() {
    play("both_sides_agree_after_any_loss", 0.0);
}

#[test]
fn both_sides_agree_after_octets_were_altered_too() {
    play("both_sides_agree_after_octets", 0.05);
}
