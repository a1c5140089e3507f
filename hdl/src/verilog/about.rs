// SPDX-License-Identifier: MIT
//! What a block tells the printer about itself: its module's name, parameters and latency, or that it is a memory.
//! rust-hdl shows no type names, but lets every block answer `timing()`; both travel there.

use rust_hdl::prelude::*;

/// Marks a `timing()` answer as a block's description, apart from rust-hdl's own timing.
const ABOUT: &str = "vireo:about";

/// What a block says of itself, printed as its module's name and comment.
///
/// ```
/// # use vireo_hdl::verilog::About;
/// # use rust_hdl::prelude::TimingInfo;
/// fn timing() -> Vec<TimingInfo> {
///     About::new("register_slice", "1 clock").with("W", 512).timing()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Name of the module, without `vireo_`; small letters, digits and `_`.
    pub name: String,
    /// Latency in words, from the first accepted beat or key to its result: "1 clock", "9 clocks".
    pub latency: String,
    /// Parameters in the order in which they are printed.
    pub parameters: Vec<(String, usize)>,
    /// What the module does, in one sentence; empty if its name says it.
    pub text: String,
    /// Synthesis keeps the module apart.
    pub apart: bool,
}

impl About {
    /// A block called `name` with this latency, without parameters.
    pub fn new(name: &str, latency: &str) -> Self {
        Self {
            name: name.into(),
            latency: latency.into(),
            parameters: Vec::new(),
            text: String::new(),
            apart: false,
        }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: usize) -> Self {
        self.parameters.push((name.into(), value));
        self
    }

    /// Says in one sentence what the module does.
    #[must_use]
    pub fn says(mut self, text: &str) -> Self {
        self.text = text.into();
        self
    }

    /// Has synthesis keep the module apart. Where it sees through modules it makes one register of those that always say the same,
    /// and that one is far from most who read it.
    #[must_use]
    pub fn apart(mut self) -> Self {
        self.apart = true;
        self
    }

    /// The answer of the block's `timing()`.
    #[must_use]
    pub fn timing(self) -> Vec<TimingInfo> {
        vec![TimingInfo {
            name: ABOUT.into(),
            clock: self.name,
            inputs: self.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect(),
            outputs: vec![self.latency, self.text, self.apart.to_string()],
        }]
    }

    /// Reads a block's answer back; `None` if it gives none.
    pub(super) fn read(timing: &[TimingInfo]) -> Option<Self> {
        let info = timing.iter().find(|info| info.name == ABOUT)?;
        let parameters = info.inputs.iter().filter_map(|text| {
            let (name, value) = text.split_once('=')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        Some(Self {
            name: info.clock.clone(),
            latency: info.outputs.first().cloned().unwrap_or_default(),
            parameters: parameters.collect(),
            text: info.outputs.get(1).cloned().unwrap_or_default(),
            apart: info.outputs.get(2).is_some_and(|text| text == "true"),
        })
    }
}

/// A block that the printer does not look into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Leaf {
    /// rust-hdl's flip-flop: becomes a register of the module that owns it.
    Dff,
    /// [`crate::ram::BlockRam`]: an instance of `vireo_block_ram`.
    BlockRam,
    /// [`crate::ram::FlowRam`]: an instance of `vireo_flow_ram`.
    FlowRam,
    /// [`crate::ram::RowRam`]: an instance of `vireo_row_ram`.
    RowRam,
}

impl Leaf {
    const ALL: [Self; 4] = [Self::Dff, Self::BlockRam, Self::FlowRam, Self::RowRam];

    pub(super) const BLOCK_RAM: &'static str = "vireo_block_ram";
    pub(super) const FLOW_RAM: &'static str = "vireo_flow_ram";
    pub(super) const ROW_RAM: &'static str = "vireo_row_ram";
    /// Names of the hand-written modules.
    pub(super) const MODULES: [&'static str; 3] = [Self::BLOCK_RAM, Self::FLOW_RAM, Self::ROW_RAM];

    /// The name under which the leaf answers `timing()`.
    fn tag(self) -> &'static str {
        match self {
            Self::Dff => "dff",
            Self::BlockRam => "vireo:block_ram",
            Self::FlowRam => "vireo:flow_ram",
            Self::RowRam => "vireo:row_ram",
        }
    }

    /// The answer of the leaf's `timing()`.
    #[must_use]
    pub fn timing(self) -> Vec<TimingInfo> {
        vec![TimingInfo {
            name: self.tag().into(),
            clock: "clk".into(),
            inputs: Vec::new(),
            outputs: Vec::new(),
        }]
    }

    /// Which leaf answers so, if any.
    pub(super) fn read(timing: &[TimingInfo]) -> Option<Self> {
        Self::ALL.into_iter().find(|leaf| timing.iter().any(|info| info.name == leaf.tag()))
    }
}
