// SPDX-License-Identifier: MIT
//! `vireo decode`: what the frames of a capture say, as far as they are of this project's protocols: tags of channels, LLDP with EVB
//! and CDCP, ECP with VDP and PE-CSP. All other frames are named by their EtherType.

mod json;
mod text;

use std::path::{Path, PathBuf};

use serde_json::Value;
use vireo_association::wire;
use vireo_association::wire::message::Message;
use vireo_spec::ether::{ADDRESSES_LEN, ETHERTYPE_LEN, EtherType};
use vireo_spec::tag::{CTag, CTagView, ETag, ETagView, STag, STagView, VnTag, VnTagView};

use crate::capture::{self, CaptureError};

/// A tag in front of what a frame carries.
#[derive(Clone, Copy, Debug)]
enum Tag {
    E(ETag),
    Vn(VnTag),
    S(STag),
    C(CTag),
}

/// A frame of a capture, taken apart.
#[derive(Debug)]
struct Decoded<'a> {
    file: &'a Path,
    /// Counted from 1, as capture tools do.
    number: usize,
    /// Nanoseconds since the first frame of the file.
    since_first_ns: u64,
    octets: &'a [u8],
    /// From the outermost.
    tags: Vec<Tag>,
    message: Result<Message, wire::Error>,
}

/// The tag that starts with this EtherType, and its octets behind the EtherType.
fn tag(ethertype: EtherType, octets: &[u8]) -> Option<(Tag, usize)> {
    Some(match ethertype {
        EtherType::E_TAG => {
            (Tag::E(ETag::parse(ETagView::new_checked(octets.get(..ETag::LEN)?).ok()?)), ETag::LEN)
        }
        EtherType::VN_TAG => {
            let view = VnTagView::new_checked(octets.get(..VnTag::LEN)?).ok()?;
            (Tag::Vn(VnTag::parse(view).ok()?), VnTag::LEN)
        }
        EtherType::S_TAG => {
            (Tag::S(STag::parse(STagView::new_checked(octets.get(..STag::LEN)?).ok()?)), STag::LEN)
        }
        EtherType::C_TAG => {
            (Tag::C(CTag::parse(CTagView::new_checked(octets.get(..CTag::LEN)?).ok()?)), CTag::LEN)
        }
        _ => return None,
    })
}

impl<'a> Decoded<'a> {
    fn new(file: &'a Path, number: usize, since_first_ns: u64, octets: &'a [u8]) -> Self {
        let mut tags = Vec::new();
        let mut at = ADDRESSES_LEN;
        while let Some(rest) = octets.get(at..)
            && let Some(&ethertype) = rest.first_chunk::<ETHERTYPE_LEN>()
            && let Some((tag, len)) = tag(EtherType::from_octets(ethertype), rest)
        {
            tags.push(tag);
            at += len;
        }
        let addresses = octets.get(..ADDRESSES_LEN).unwrap_or(octets);
        let inner = [addresses, octets.get(at..).unwrap_or_default()].concat();
        Self { file, number, since_first_ns, octets, tags, message: Message::parse(&inner) }
    }
}

/// How frames are to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A line each, for people.
    Lines,
    /// An array, for programs.
    Json,
}

/// Takes captures apart, and says what is in them.
///
/// # Errors
/// [`CaptureError`] of the first file that is none; nothing is said then.
pub fn decode(files: &[PathBuf], form: Form) -> Result<String, CaptureError> {
    let captures: Vec<_> = files
        .iter()
        .map(|file| Ok((file.as_path(), capture::read(file)?)))
        .collect::<Result<_, CaptureError>>()?;
    let frames = captures.iter().flat_map(|(file, frames)| {
        let first = frames.first().map_or(0, |frame| frame.timestamp_ns);
        frames.iter().enumerate().map(move |(index, frame)| {
            let since = frame.timestamp_ns.saturating_sub(first);
            Decoded::new(file, index + 1, since, &frame.octets)
        })
    });
    Ok(match form {
        Form::Json => {
            let frames = Value::Array(frames.map(|frame| json::value(&frame)).collect());
            serde_json::to_string_pretty(&frames).expect("values are plain data") + "\n"
        }
        Form::Lines => {
            let named = files.len() > 1;
            let lines = frames.map(|frame| {
                let file =
                    if named { format!("{}: ", frame.file.display()) } else { String::new() };
                file + &text::line(&frame) + "\n"
            });
            lines.collect()
        }
    })
}
