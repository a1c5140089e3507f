// SPDX-License-Identifier: MIT
//! The comparison of two machines' output pins in one cycle.

use vireo_spec::geometry::Geometry;
use vireo_spec::pins::{Forward, Outputs};

/// The first pin in which two machines' outputs differ, and both its values.
pub(super) fn differing(
    a: &Outputs,
    b: &Outputs,
    geometry: &Geometry,
) -> Option<(&'static str, [String; 2])> {
    // Nearly always all is the same, and that is told at once.
    if same(a, b) {
        return None;
    }
    let octets = geometry.width().octets();
    let hex = |value: u128| format!("{value:#x}");
    let data = |f: &Forward| {
        let digits = f.beat.data[..octets].iter().rev().map(|octet| format!("{octet:02x}"));
        format!("0x{}", digits.collect::<String>())
    };
    let (mut pins, mut values) = (Vec::new(), [Vec::new(), Vec::new()]);
    for (n, (o, other)) in [(a, b), (b, a)].into_iter().enumerate() {
        let mut pin = |name: &'static str, value: String| {
            if n == 0 {
                pins.push(name);
            }
            values[n].push(value);
        };
        pin("s_port_tready", hex(o.s_port_ready.into()));
        pin("s_link_tready", hex(o.s_link_ready.into()));
        for (names, f, g) in
            [(M_LINK, &o.m_link, &other.m_link), (M_PORT, &o.m_port, &other.m_port)]
        {
            pin(names[0], hex(f.valid.into()));
            let seen = f.valid && g.valid;
            let shown = |value: String| if seen { value } else { String::new() };
            pin(names[1], shown(data(f)));
            pin(names[2], shown(hex(f.beat.keep.into())));
            pin(names[3], shown(hex(f.beat.last.into())));
            pin(names[4], shown(hex(f.beat.user.into())));
            pin(names[5], shown(hex(f.beat.dest)));
            pin(names[6], shown(hex(f.beat.id.into())));
        }
        let axil = &o.s_axil;
        pin("s_axil_awready", hex(axil.awready.into()));
        pin("s_axil_wready", hex(axil.wready.into()));
        pin("s_axil_arready", hex(axil.arready.into()));
        pin("s_axil_bvalid", hex(axil.bvalid.into()));
        pin("s_axil_rvalid", hex(axil.rvalid.into()));
        let answered = axil.bvalid && other.s_axil.bvalid;
        pin("s_axil_bresp", if answered { hex(axil.bresp.into()) } else { String::new() });
        let read = axil.rvalid && other.s_axil.rvalid;
        pin("s_axil_rresp", if read { hex(axil.rresp.into()) } else { String::new() });
        pin("s_axil_rdata", if read { hex(axil.rdata.into()) } else { String::new() });
        pin("irq", hex(o.irq.into()));
    }
    let [first, second] = values;
    let at = first.iter().zip(&second).position(|(a, b)| a != b)?;
    Some((pins[at], [first[at].clone(), second[at].clone()]))
}

const M_LINK: [&str; 7] = [
    "m_link_tvalid",
    "m_link_tdata",
    "m_link_tkeep",
    "m_link_tlast",
    "m_link_tuser",
    "m_link_tdest",
    "m_link_tid",
];
const M_PORT: [&str; 7] = [
    "m_port_tvalid",
    "m_port_tdata",
    "m_port_tkeep",
    "m_port_tlast",
    "m_port_tuser",
    "m_port_tdest",
    "m_port_tid",
];

/// Whether two machines' outputs are the same, as far as they mean anything.
#[inline]
fn same(a: &Outputs, b: &Outputs) -> bool {
    let forward = |a: &Forward, b: &Forward| a.valid == b.valid && (!a.valid || a.beat == b.beat);
    let (x, y) = (&a.s_axil, &b.s_axil);
    a.s_port_ready == b.s_port_ready
        && a.s_link_ready == b.s_link_ready
        && a.irq == b.irq
        && forward(&a.m_link, &b.m_link)
        && forward(&a.m_port, &b.m_port)
        && (x.awready, x.wready, x.arready, x.bvalid, x.rvalid)
            == (y.awready, y.wready, y.arready, y.bvalid, y.rvalid)
        && (!x.bvalid || x.bresp == y.bresp)
        && (!x.rvalid || (x.rresp, x.rdata) == (y.rresp, y.rdata))
}
