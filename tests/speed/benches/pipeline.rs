// SPDX-License-Identifier: MIT
//! Speed of the cycle model: cycles a second with both directions busy. `cargo bench -p vireo-speed --bench pipeline`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vireo_model::pipeline;
use vireo_sim::bench::{Load, Traffic};
use vireo_spec::geometry::{Geometry, Width};

const CYCLES: u64 = 100_000;

fn cycles(c: &mut Criterion) {
    let mut group = c.benchmark_group("model");
    group.throughput(Throughput::Elements(CYCLES));
    for traffic in Traffic::ALL {
        for width in Width::ALL {
            let geometry = Geometry::default().with_width(width);
            let load = Load::new(pipeline::machine(geometry), geometry, traffic);
            let mut load = load.expect("a machine that can be programmed");
            group.bench_function(format!("{}, {} bits", traffic.name(), width.bits()), |b| {
                b.iter(|| load.clock(CYCLES));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, cycles);
criterion_main!(benches);
