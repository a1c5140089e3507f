// SPDX-License-Identifier: MIT
// The C side of the verilated machine: one call a cycle, all pins in two structures (those of foreign.rs).
#include "Vmachine.h"
#include "verilated.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

// Both sides keep a bus as octets, lowest first.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a big-endian host");

struct Stream {
    uint8_t data[64];
    uint64_t dest[2];
    uint64_t keep;
    uint16_t user;
    uint8_t id;
    uint8_t valid;
    uint8_t last;
};

struct Inputs {
    Stream s_port, s_link;
    uint32_t wdata;
    uint16_t awaddr, araddr;
    uint8_t wstrb, awvalid, wvalid, bready, arvalid, rready;
    uint8_t rst, m_link_ready, m_port_ready;
};

struct Outputs {
    Stream m_link, m_port;
    uint32_t rdata;
    uint8_t awready, wready, bvalid, bresp, arready, rvalid, rresp;
    uint8_t s_port_ready, s_link_ready, irq;
};

static_assert(sizeof(Inputs) == VIREO_INPUTS, "Inputs differ from foreign.rs");
static_assert(sizeof(Outputs) == VIREO_OUTPUTS, "Outputs differ from foreign.rs");

// What Verilator keeps a pin of so many bits in.
static constexpr size_t storage(size_t bits) {
    return bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 4 : bits <= 64 ? 8 : (bits + 31) / 32 * 4;
}

template <size_t bits, typename Pin, typename Field>
static inline void put(Pin& pin, const Field& field) {
    static_assert(sizeof(Pin) == storage(bits), "a pin has not the geometry's width");
    static_assert(sizeof(Pin) <= sizeof(Field), "a pin is wider than its field");
    std::memcpy(&pin, &field, sizeof(Pin));
}

template <size_t bits, typename Pin, typename Field>
static inline void get(Field& field, const Pin& pin) {
    static_assert(sizeof(Pin) == storage(bits), "a pin has not the geometry's width");
    static_assert(sizeof(Pin) <= sizeof(Field), "a pin is wider than its field");
    std::memcpy(&field, &pin, sizeof(Pin));
}

struct Machine {
    VerilatedContext context;
    std::unique_ptr<Vmachine> pins{new Vmachine{&context}};
};

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT Machine* vireo_new() {
    auto* machine = new Machine;
    machine->pins->clk = 0;
    machine->pins->eval();
    return machine;
}

EXPORT void vireo_delete(Machine* machine) {
    machine->pins->final();
    delete machine;
}

// The rising edge that ends the cycle in which the pins were `in`; `out` is what stands on them in the next cycle. Inputs
// settle before the edge in the same evaluation, and outputs are flip-flops, so the falling edge, which moves
// nothing, can wait until they are read.
EXPORT void vireo_clock(Machine* machine, const Inputs* in, Outputs* out) {
    Vmachine& pins = *machine->pins;
    pins.rst = in->rst;
    pins.s_port_tvalid = in->s_port.valid;
    put<VIREO_WIDTH>(pins.s_port_tdata, in->s_port.data);
    put<VIREO_WIDTH / 8>(pins.s_port_tkeep, in->s_port.keep);
    pins.s_port_tlast = in->s_port.last;
    pins.s_port_tid = in->s_port.id;
    pins.s_port_tuser = in->s_port.user & 0xFFF;
    pins.s_link_tvalid = in->s_link.valid;
    put<VIREO_WIDTH>(pins.s_link_tdata, in->s_link.data);
    put<VIREO_WIDTH / 8>(pins.s_link_tkeep, in->s_link.keep);
    pins.s_link_tlast = in->s_link.last;
    pins.s_link_tid = in->s_link.id;
    pins.s_link_tuser = in->s_link.user & 0x1F;
    pins.m_link_tready = in->m_link_ready;
    pins.m_port_tready = in->m_port_ready;
    pins.s_axil_awvalid = in->awvalid;
    pins.s_axil_awaddr = in->awaddr & 0xFFF;
    pins.s_axil_wvalid = in->wvalid;
    pins.s_axil_wdata = in->wdata;
    pins.s_axil_wstrb = in->wstrb & 0xF;
    pins.s_axil_bready = in->bready;
    pins.s_axil_arvalid = in->arvalid;
    pins.s_axil_araddr = in->araddr & 0xFFF;
    pins.s_axil_rready = in->rready;

    pins.clk = 1;
    pins.eval();

    out->s_port_ready = pins.s_port_tready;
    out->s_link_ready = pins.s_link_tready;
    out->m_link.valid = pins.m_link_tvalid;
    get<VIREO_WIDTH>(out->m_link.data, pins.m_link_tdata);
    get<VIREO_WIDTH / 8>(out->m_link.keep, pins.m_link_tkeep);
    out->m_link.last = pins.m_link_tlast;
    out->m_link.user = pins.m_link_tuser;
    get<8>(out->m_link.dest, pins.m_link_tdest);
    out->m_port.valid = pins.m_port_tvalid;
    get<VIREO_WIDTH>(out->m_port.data, pins.m_port_tdata);
    get<VIREO_WIDTH / 8>(out->m_port.keep, pins.m_port_tkeep);
    out->m_port.last = pins.m_port_tlast;
    out->m_port.user = pins.m_port_tuser;
    out->m_port.id = pins.m_port_tid;
    get<VIREO_PORTS + 1>(out->m_port.dest, pins.m_port_tdest);
    out->awready = pins.s_axil_awready;
    out->wready = pins.s_axil_wready;
    out->bvalid = pins.s_axil_bvalid;
    out->bresp = pins.s_axil_bresp;
    out->arready = pins.s_axil_arready;
    out->rvalid = pins.s_axil_rvalid;
    out->rdata = pins.s_axil_rdata;
    out->rresp = pins.s_axil_rresp;
    out->irq = pins.irq;

    pins.clk = 0;
    pins.eval();
}
