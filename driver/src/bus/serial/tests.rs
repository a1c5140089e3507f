// SPDX-License-Identifier: MIT
//! A serial bus against a board that is played at the other end of a pseudo terminal.

use std::os::fd::OwnedFd;
use std::thread::{self, JoinHandle};

use nix::pty::openpty;
use nix::unistd::ttyname;
use vireo_spec::registers::{MAGIC, STATUS};

use super::*;

/// Long enough for a board that answers on a busy machine.
const LONG: Duration = Duration::from_secs(20);
/// For a board that never answers.
const SHORT: Duration = Duration::from_millis(20);

/// A bus and the board's end of its line. The third keeps the terminal alive while nobody has opened it.
fn line(timeout: Duration) -> (SerialBus, File, OwnedFd) {
    let pair = openpty(None, None).unwrap();
    let bus = SerialBus::with(ttyname(&pair.slave).unwrap(), SerialBus::BAUD, timeout).unwrap();
    (bus, pair.master.into(), pair.slave)
}

/// Plays a board that reads commands of these lengths and answers each with what `answer` makes of it; gives back what it
/// read, and its end of the line.
fn play(
    mut board: File,
    lengths: &'static [usize],
    answer: impl Fn(usize, &[u8]) -> Vec<u8> + Send + 'static,
) -> JoinHandle<(Vec<Vec<u8>>, File)> {
    thread::spawn(move || {
        let commands = lengths.iter().enumerate().map(|(index, &length)| {
            let mut command = vec![0; length];
            board.read_exact(&mut command).unwrap();
            board.write_all(&answer(index, &command)).unwrap();
            command
        });
        (commands.collect(), board)
    })
}

/// An answer with its check octet.
fn answer(status: u8, command: &[u8], data: &[u8]) -> Vec<u8> {
    let mut answer = vec![ANSWER, status, command[2]];
    answer.extend(data);
    answer.push(check(&answer));
    answer
}

#[test]
fn a_read_and_a_write_are_the_documented_octets() {
    let (mut bus, board, _line) = line(LONG);
    let board = play(board, &[6, 10], |_, command| match command[1] {
        READ => answer(READ, command, &[0x44, 0x33, 0x22, 0x11]),
        _ => answer(WRITE & 0xF0, command, &[]),
    });
    assert_eq!(bus.read(0x0ABC), Ok(0x1122_3344));
    assert_eq!(bus.write(0x0220, 0xDEAD_BEEF), Ok(()));
    let (commands, _board) = board.join().unwrap();
    assert_eq!(commands[0], [0x56, 0x10, 1, 0xBC, 0x0A, 0x01]);
    assert_eq!(commands[1], [0x56, 0x2F, 2, 0x20, 0x02, 0xEF, 0xBE, 0xAD, 0xDE, 0xDD]);
}

#[test]
fn noise_and_an_older_commands_answer_are_passed_over() {
    let (mut bus, board, _line) = line(LONG);
    let board = play(board, &[6], |_, command| {
        let late = [0, 0, command[2].wrapping_sub(1)];
        let mut octets = vec![0x00, ANSWER, 0xFF, ANSWER];
        octets.extend(answer(READ, &late, &[9; 4]));
        octets.extend(answer(READ, command, &[1, 0, 0, 0]));
        octets
    });
    assert_eq!(bus.read(STATUS.address), Ok(1));
    board.join().unwrap();
}

#[test]
fn a_damaged_answer_makes_a_read_ask_again() {
    let (mut bus, board, _line) = line(Duration::from_millis(500));
    let board = play(board, &[6, 6], |index, command| {
        let mut octets = answer(READ, command, &[7, 0, 0, 0]);
        octets[4] ^= if index == 0 { 0x10 } else { 0 };
        octets
    });
    assert_eq!(bus.read(STATUS.address), Ok(7));
    let (commands, _board) = board.join().unwrap();
    assert_ne!(commands[0][2], commands[1][2], "the second command has a number of its own");
}

#[test]
fn a_damaged_answer_to_a_write_is_an_error_because_it_may_have_been_carried_out() {
    let (mut bus, board, _line) = line(SHORT);
    let board = play(board, &[10], |_, command| {
        let mut octets = answer(WRITE & 0xF0, command, &[]);
        octets[3] ^= 1;
        octets
    });
    let error = bus.write(STATUS.address, 1).unwrap_err();
    let unanswered = BusErrorKind::Unanswered { attempts: 1, milliseconds: 20, octets: 4 };
    assert_eq!(error.kind, unanswered);
    assert!(error.may_have_had_effect());
    board.join().unwrap();
}

#[test]
fn a_board_that_says_nothing_is_an_error_that_says_what_to_check() {
    let (mut bus, _board, _line) = line(SHORT);
    let error = bus.read(MAGIC.address).unwrap_err();
    assert_eq!(
        error.to_string(),
        "read of magic (0x000) got no whole answer over the serial line (3 x 20 ms, 0 octets came): check cable and \
         power, that the board is configured, and that the line has the speed that the board was built with, then \
         repeat the call"
    );
}

#[test]
fn what_the_machine_refuses_and_a_machine_that_is_silent_are_told_apart() {
    let (mut bus, board, _line) = line(LONG);
    let board = play(board, &[6, 10, 6], |index, command| {
        let status = [READ | 1, (WRITE & 0xF0) | 1, READ | 2][index];
        answer(status, command, &[])
    });
    assert_eq!(bus.read(0xFFC).unwrap_err().kind, BusErrorKind::Refused);
    assert_eq!(bus.write(0xFFC, 0).unwrap_err().kind, BusErrorKind::Refused);
    let silent = BusErrorKind::TimedOut { cycles: PATIENCE };
    assert_eq!(bus.read(STATUS.address).unwrap_err().kind, silent);
    board.join().unwrap();
}

#[test]
fn a_line_whose_other_end_goes_is_gone() {
    let (mut bus, board, line) = line(LONG);
    drop((board, line));
    assert_eq!(bus.read(STATUS.address).unwrap_err().kind, BusErrorKind::Gone);
}

#[test]
fn a_line_has_one_user() {
    let (_bus, _board, line) = line(SHORT);
    let path = ttyname(&line).unwrap();
    assert!(matches!(SerialBus::open(&path), Err(SerialError::InUse { .. })));
}

#[test]
fn what_is_no_serial_line_is_refused_with_advice() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let text = SerialBus::open(file.path()).unwrap_err().to_string();
    assert!(text.contains("expected a serial line that runs at 115200 baud"), "{text}");
    let (_bus, _board, line) = line(SHORT);
    let path = ttyname(&line).unwrap();
    drop(_bus);
    let odd = SerialBus::with(&path, 12_345, SHORT).unwrap_err().to_string();
    assert!(odd.contains("the system knows no such speed"), "{odd}");
    assert!(matches!(SerialBus::open("/nowhere/tty"), Err(SerialError::Open { .. })));
}
