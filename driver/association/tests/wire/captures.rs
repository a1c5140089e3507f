// SPDX-License-Identifier: MIT
//! The captures in tests/captures, and what their decode says about each frame.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use pcap_file::pcap::PcapReader;

/// A frame of a capture, beside what another decoder says about it.
pub(crate) struct Golden {
    /// The capture's name and the frame's number, for messages.
    pub(crate) name: String,
    /// The decode's line, without number and time.
    pub(crate) line: String,
    /// The frame.
    pub(crate) frame: Vec<u8>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures")
}

fn frames(name: &str) -> Vec<Vec<u8>> {
    let file = File::open(folder().join(name)).expect(name);
    let mut reader = PcapReader::new(file).expect(name);
    let mut frames = Vec::new();
    while let Some(packet) = reader.next_packet() {
        frames.push(packet.expect(name).data().to_vec());
    }
    frames
}

/// All frames of all captures. Every capture has its decode, and every frame its line.
pub(crate) fn golden() -> Vec<Golden> {
    let decode = fs::read_to_string(folder().join("decode.txt")).expect("decode.txt");
    let mut golden = Vec::new();
    let mut captures = Vec::new();
    for section in decode.split("## ").skip(1) {
        let mut lines = section.lines().filter(|line| !line.is_empty());
        let name = lines.next().expect("a section begins with its capture's name");
        let frames = frames(name);
        let lines: Vec<_> = lines.collect();
        assert_eq!(lines.len(), frames.len(), "{name}: lines of decode.txt against frames");
        for (index, (line, frame)) in lines.into_iter().zip(frames).enumerate() {
            let [number, _time, line] = split_words(line);
            assert_eq!(number, (index + 1).to_string(), "{name}");
            let name = format!("{name}, frame {number}");
            golden.push(Golden { name, line: line.to_owned(), frame });
        }
        captures.push(name.to_owned());
    }
    let mut files: Vec<_> = fs::read_dir(folder())
        .expect("tests/captures")
        .map(|entry| entry.expect("entry").file_name().into_string().expect("UTF-8"))
        .filter(|name| name.ends_with(".pcap"))
        .collect();
    files.sort();
    captures.sort();
    assert_eq!(captures, files, "captures with a decode against captures");
    golden
}

/// The first two words of a line, and the rest.
fn split_words(line: &str) -> [&str; 3] {
    let (number, rest) = line.trim_start().split_once(' ').expect("a number");
    let (time, rest) = rest.trim_start().split_once(' ').expect("a time");
    [number, time, rest]
}
