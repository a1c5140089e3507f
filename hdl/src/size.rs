// SPDX-License-Identifier: MIT
//! A size of machine: written as on the command line of `vireo verilog`, read from there at compile time, and made a type.

use std::fmt;

use vireo_spec::geometry::{GeometryError, WAYS};

pub use vireo_spec::geometry::Geometry;

use crate::kernel::Pins;

/// A machine, its signals connected; or why there is no such machine.
pub type Assembled = Result<Box<dyn Pins + Send>, GeometryError>;

/// A size of machine, at some widths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Widths of its streams in bits.
    pub widths: &'static [usize],
    /// Ports.
    pub ports: usize,
    /// Groups.
    pub groups: usize,
    /// Links.
    pub links: usize,
    /// Channel rows, in all ways.
    pub channels: usize,
    /// Binding rows, in all ways.
    pub bindings: usize,
}

impl Size {
    /// A machine of this size, `width` bits wide.
    ///
    /// # Errors
    /// [`GeometryError`] for a width, or another number, that no machine has.
    pub fn geometry(&self, width: usize) -> Result<Geometry, GeometryError> {
        let &Self { links, ports, groups, channels, bindings, .. } = self;
        Geometry::new(width, links, ports, groups, channels, bindings)
    }

    /// Its machine of the width of `wanted`, if there is one and it has at least all else that `wanted` has.
    pub fn fitting(&self, wanted: &Geometry) -> Option<Geometry> {
        let width = self.widths.iter().find(|&&width| width == wanted.width().bits())?;
        let found = self.geometry(*width).ok()?;
        let large = found.ports() >= wanted.ports()
            && found.groups() >= wanted.groups()
            && found.links() >= wanted.links()
            && found.channels() >= wanted.channels()
            && found.bindings() >= wanted.bindings();
        large.then_some(found)
    }
}

/// The arguments of `vireo verilog` that ask for a size.
pub fn arguments(widths: &str, g: &Geometry) -> String {
    format!(
        "--width {widths} --ports {} --groups {} --links {} --channels {} --bindings {}",
        g.ports(),
        g.groups(),
        g.links(),
        g.channels(),
        g.bindings()
    )
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths.iter().map(usize::to_string).collect::<Vec<_>>().join("|");
        match self.geometry(self.widths[0]) {
            Ok(geometry) => f.write_str(&arguments(&widths, &geometry)),
            Err(error) => write!(f, "VIREO_SIZE, which cannot be built: {error}"),
        }
    }
}

/// The six numbers of a size as [`arguments`] writes it, in that order, whatever stands between them.
///
/// # Panics
/// At compile time, if there are not six.
pub const fn numbers(text: &str) -> [usize; 6] {
    let (text, mut numbers, mut count, mut at) = (text.as_bytes(), [0; 6], 0, 0);
    while at < text.len() {
        let digit = text[at].is_ascii_digit();
        let follows = at > 0 && text[at - 1].is_ascii_digit();
        count += (digit && !follows) as usize;
        assert!(
            count <= 6,
            "VIREO_SIZE has more than six numbers: width, ports, groups, links, channels, bindings"
        );
        if digit {
            numbers[count - 1] = 10 * numbers[count - 1] + (text[at] - b'0') as usize;
        }
        at += 1;
    }
    assert!(
        count == 6,
        "VIREO_SIZE wants six numbers: width, ports, groups, links, channels, bindings"
    );
    numbers
}

/// A machine of this size, put together. What [`sizes!`](crate::sizes) makes of a line.
///
/// # Errors
/// [`GeometryError`] for a size that no machine has.
pub fn connected<M: Pins + Send + 'static>(machine: Result<M, GeometryError>) -> Assembled {
    let mut machine: Box<dyn Pins + Send> = Box::new(machine?);
    machine.connect_all();
    Ok(machine)
}

/// Bits of the index of a table of `rows` rows.
pub const fn index_bits(rows: usize) -> usize {
    rows.ilog2() as usize
}

/// Bits of the index of a row in each way of a hash table of `rows` rows.
pub const fn way_bits(rows: usize) -> usize {
    index_bits(rows / WAYS)
}

/// Compiles machines in: makes of a list of sizes the constant `SIZES` and the function `assemble`.
#[macro_export]
macro_rules! sizes {
    ($([$($width:expr),+] bits, $ports:tt ports, $groups:tt groups, $links:tt links, $channels:tt channels,
       $bindings:tt bindings;)*) => {
        /// The sizes that are compiled in here, smallest first.
        pub const SIZES: &[$crate::size::Size] = &[$(
            $crate::size::Size {
                widths: &[$($width),+],
                ports: $ports,
                groups: $groups,
                links: $links,
                channels: $channels,
                bindings: $bindings,
            }
        ),*];

        /// The machine of one of [`SIZES`], its signals connected; `None` of any other geometry. It takes a stack of 256 MiB:
        /// blocks are moved into each other by value.
        pub fn assemble(geometry: &$crate::size::Geometry) -> Option<$crate::size::Assembled> {
            let key = (
                geometry.width().bits(),
                geometry.ports(),
                geometry.groups(),
                geometry.links(),
                geometry.channels(),
                geometry.bindings(),
            );
            $($(
                if key == ($width, $ports, $groups, $links, $channels, $bindings) {
                    return Some($crate::size::connected(<$crate::machine!(
                        $width,
                        $ports,
                        $groups,
                        $links,
                        $crate::size::index_bits($ports),
                        $crate::size::index_bits(if $groups > 1 { $groups } else { 2 }),
                        $crate::size::way_bits($channels),
                        $crate::size::way_bits($bindings)
                    )>::new()));
                }
            )+)*
            None
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_is_read_as_the_command_line_writes_it() {
        let geometry = Geometry::new(128, 2, 32, 16, 1024, 2048).unwrap();
        let text = arguments("128", &geometry);
        assert_eq!(
            text,
            "--width 128 --ports 32 --groups 16 --links 2 --channels 1024 --bindings 2048"
        );
        assert_eq!(numbers(&text), [128, 32, 16, 2, 1024, 2048]);
    }
}
