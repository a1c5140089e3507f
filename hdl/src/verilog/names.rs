// SPDX-License-Identifier: MIT
//! Identifiers of a module: made from the fields' names, never twice, never a word of Verilog, of SystemVerilog (which
//! Verilator reads by default) or of C++ (into which it translates).

use std::collections::BTreeSet;

const RESERVED: &str = "accept_on alias always always_comb always_ff always_latch and assert assign assume automatic \
    before begin bind bins binsof bit break buf bufif0 bufif1 byte case casex casez cell chandle checker class clocking \
    cmos config const constraint context continue cover covergroup coverpoint cross deassign default defparam design \
    disable dist do edge else end endcase endchecker endclass endclocking endconfig endfunction endgenerate endgroup \
    endinterface endmodule endpackage endprimitive endprogram endproperty endsequence endspecify endtable endtask enum \
    event eventually expect export extends extern final first_match for force foreach forever fork forkjoin function \
    generate genvar global highz0 highz1 if iff ifnone ignore_bins illegal_bins implements implies import incdir include \
    initial inout input inside instance int integer interconnect interface intersect join join_any join_none large let \
    liblist library local localparam logic longint macromodule matches medium modport module nand negedge nettype new \
    nexttime nmos nor noshowcancelled not notif0 notif1 null or output package packed parameter pmos posedge primitive \
    priority program property protected pull0 pull1 pulldown pullup pulsestyle_ondetect pulsestyle_onevent pure rand \
    randc randcase randsequence rcmos real realtime ref reg reject_on release repeat restrict return rnmos rpmos rtran \
    rtranif0 rtranif1 s_always s_eventually s_nexttime s_until s_until_with scalared sequence shortint shortreal \
    showcancelled signed small soft solve specify specparam static string strong strong0 strong1 struct super supply0 \
    supply1 sync_accept_on sync_reject_on table tagged task this throughout time timeprecision timeunit tran tranif0 \
    tranif1 tri tri0 tri1 triand trior trireg type typedef union unique unique0 unsigned until until_with untyped use \
    uwire var vectored virtual void wait wait_order wand weak weak0 weak1 while wildcard wire with within wor xnor xor \
    abort alignas alignof and_eq asm auto bitand bitor bool catch char char16_t char32_t compl const_cast constexpr \
    decltype delete double dynamic_cast errno exit explicit false far float friend goto huge inline interrupt long \
    mutable namespace near noexcept not_eq nullptr operator or_eq override private public register reinterpret_cast \
    short sizeof static_assert static_cast switch template thread_local throw true try typeid typename using volatile \
    wchar_t xor_eq";

/// Names that a module has taken.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    /// Takes the name of `source` as it is; `None` if it cannot be had.
    pub(super) fn exact(&mut self, source: &str) -> Option<String> {
        let name = source.replace('$', "_");
        (!is_reserved(&name) && self.taken.insert(name.clone())).then_some(name)
    }

    /// Takes the name of `source`, with a number behind it if need be.
    pub(super) fn claim(&mut self, source: &str) -> String {
        self.exact(source).unwrap_or_else(|| self.numbered(source))
    }

    /// Takes the name of `source` with the next free number behind it.
    pub(super) fn numbered(&mut self, source: &str) -> String {
        let mut number = 1;
        loop {
            if let Some(name) = self.exact(&format!("{source}_{number}")) {
                return name;
            }
            number += 1;
        }
    }
}

fn is_reserved(name: &str) -> bool {
    RESERVED.split_whitespace().any(|word| word == name)
}

/// The name of a state (`AxiState$Idle`) or constant as a localparam's: `AXI_STATE_IDLE`.
pub(super) fn upper_case(source: &str) -> String {
    let mut name = String::new();
    let mut after_small = false;
    for c in source.chars() {
        if c.is_ascii_uppercase() && after_small {
            name.push('_');
        }
        after_small = c.is_ascii_lowercase() || c.is_ascii_digit();
        name.push(if c == '$' { '_' } else { c.to_ascii_uppercase() });
    }
    name
}
