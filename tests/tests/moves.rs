// SPDX-License-Identifier: MIT
//! A machine moves from one link of a bridge to the other and back, under full traffic both ways: no frame is lost, none comes
//! twice, none comes to the wrong port, and none comes a cycle later than if nothing had moved.
//!
//! `VIREO_SEED=N` repeats one run: each prints its seed.

use vireo_sim::engine::kind::PinKind;
use vireo_sim::moving::{MOVING, Moves};
use vireo_spec::geometry::Width;
use vireo_tests::bench::SIDES;

#[test]
fn a_thousand_moves_under_full_traffic_lose_no_frame_and_delay_none() {
    const MOVES: usize = 125;
    let repeated = std::env::var("VIREO_SEED").ok().map(|n| n.parse::<u64>().expect("a number"));
    let (mut moves, mut frames, mut longest) = (0, 0, 0);
    for width in Width::ALL {
        for mixed in [false, true] {
            let seed = repeated.unwrap_or(width as u64 * 2 + u64::from(mixed));
            println!("repeat it: VIREO_SEED={seed} cargo test -p vireo-tests --test moves");
            let engine = PinKind::Model;
            let setting = Moves { engine, width, moves: MOVES, mixed, seed, drains: true };
            let mut device = setting.bridge().unwrap();
            let cycles = setting.make(&mut device).unwrap();
            let moved = device.into_bus();
            let mut device = setting.bridge().unwrap();
            device.bus_mut().run(cycles);
            let still = device.into_bus();
            for (side, (moved, still)) in
                SIDES.into_iter().zip(moved.lanes.iter().zip(&still.lanes))
            {
                for (port, (flow, quiet)) in moved.flows.iter().zip(&still.flows).enumerate() {
                    let context = format!("{width:?}, {side:?}, port {port}");
                    assert_eq!((flow.lost(), flow.twice, flow.late), (0, 0, 0), "{context}");
                    assert_eq!((flow.changed, moved.strayed), (0, 0), "{context}");
                    assert!(flow.came.len() > MOVES, "{context}: traffic is full");
                    assert!(
                        flow.sent.len() - flow.came.len() < 100,
                        "{context}: the last are lost"
                    );
                    // What came, came in the cycle in which it comes when nothing moves.
                    let both = flow.came.len().min(quiet.came.len());
                    assert_eq!(flow.came[..both], quiet.came[..both], "{context}");
                    assert_eq!(flow.longest_gap(), quiet.longest_gap(), "{context}");
                    longest = longest.max(flow.longest_gap());
                    frames += flow.came.len();
                }
            }
            let places = &moved.lanes[0].flows[MOVING].places;
            assert_eq!(places.len(), MOVES + 1, "the tag switches once a move");
            moves += MOVES;
            let gap = |lane: usize| moved.lanes[lane].flows[MOVING].longest_gap();
            println!(
                "{width:?}, {}: {MOVES} moves in {cycles} cycles; longest gap of the moving port: {} cycles \
                 downwards, {} upwards, with and without moves",
                if mixed { "60 to 1518 octets" } else { "60 octets" },
                gap(0),
                gap(1)
            );
        }
    }
    println!("{moves} moves, {frames} frames; longest gap of any receiver: {longest} cycles");
    assert!(repeated.is_some() || moves == 1000);
}

#[test]
fn a_move_that_does_not_wait_for_the_old_link_loses_what_is_under_way() {
    let setting = Moves {
        engine: PinKind::Model,
        width: Width::W64,
        moves: 20,
        mixed: true,
        seed: 1,
        drains: false,
    };
    let moved = setting.run().unwrap();
    println!("{moved}");
    assert!(moved.lost > 0, "the test above could not fail");
}
