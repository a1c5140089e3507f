// SPDX-License-Identifier: MIT
//! One module as text: ports, registers, wires in the order of their use, instances, one clocked process, and what the
//! module leaves unread.

use std::collections::BTreeMap;

use super::about::{About, Leaf};
use super::error::{Fault, PrintError};
use super::expr::{Expr, NetId, Node};
use super::names::Names;
use super::netlist::{Instance, Netlist, Register};
use super::nets::NetKind;
use super::scope::{AtomInfo, Role, Scope};
use super::text::{Writer, bits, fill, literal, range};
use super::wires::Wires;

/// A module without its name, which is known once all modules are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ModuleText {
    /// Everything behind `module NAME`; [`mark`] stands for the name of another module.
    pub(super) body: String,
    pub(super) about: Option<About>,
}

/// Stands for the name of module `number` until names are given.
pub(super) fn mark(number: usize) -> String {
    format!("\u{1}{number}\u{1}")
}

/// Prints a block; `modules` are the numbers of its sub-blocks' modules, `None` for leaves.
pub(super) fn print(scope: &Scope, modules: &[Option<usize>]) -> Result<ModuleText, PrintError> {
    let list = Netlist::of(scope)?;
    let body = body(&list, modules).map_err(|fault| scope.error(fault))?;
    Ok(ModuleText { body, about: scope.about.clone() })
}

fn body(list: &Netlist, modules: &[Option<usize>]) -> Result<String, Fault> {
    let mut names = Names::default();
    let mut ports = BTreeMap::new();
    let mut port_lines = Vec::new();
    let named = port_names(list.scope, &mut names);
    let column = named.iter().map(|(atom, _)| range(atom.width).len()).max().unwrap_or(0);
    for (atom, name) in named {
        let direction = if atom.role == Role::Input { "input  wire" } else { "output wire" };
        port_lines.push(format!("    {direction} {:column$}{name}", range(atom.width)));
        ports.extend(list.nets.find(&atom.name).map(|net| (net, name)));
    }
    let wires = Wires::plan(list, &mut names, ports);
    let mut writer = Writer::new(list, wires, names);
    for (net, value) in &list.outputs {
        output(&mut writer, *net, *value)?;
    }
    let mut instances = Vec::new();
    for instance in &list.instances {
        instances.push(instantiate(&mut writer, instance, modules[instance.child])?);
    }
    let registers: Vec<&Register> =
        list.registers.iter().filter(|r| writer.wires.live.contains(&r.q)).collect();
    let clocked = clocked(&mut writer, &registers)?;

    let mut text = format!(" (\n{}\n);\n", port_lines.join(",\n"));
    for (name, (width, value)) in &writer.parameters {
        text.push_str(&format!("    localparam {}{name} = {value};\n", range(*width)));
    }
    let declared = declarations(&writer, &registers);
    for (at, lines) in [&declared, &writer.lines, &instances].into_iter().enumerate() {
        if !lines.is_empty() {
            let first = at == 0 && writer.parameters.is_empty();
            let blank = if first || at == 2 { "" } else { "\n" };
            text.push_str(&format!("{blank}{}\n", lines.join("\n")));
        }
    }
    text.push_str(&clocked);
    text.push_str(&unused(&mut writer, &registers));
    text.push_str("endmodule\n");
    Ok(text)
}

/// The ports of a block in their order, under names that Verilog takes.
fn port_names<'a>(scope: &'a Scope, names: &mut Names) -> Vec<(&'a AtomInfo, String)> {
    let ports = scope.atoms.iter().filter(|atom| matches!(atom.role, Role::Input | Role::Output));
    ports.map(|atom| (atom, names.claim(&atom.name))).collect()
}

/// The top's ports are a promise: none of them may need another name.
pub(super) fn check_top(scope: &Scope) -> Result<(), PrintError> {
    for (atom, name) in port_names(scope, &mut Names::default()) {
        if name != atom.name.replace('$', "_") {
            return Err(scope.error(Fault::PortName(atom.name.clone())));
        }
    }
    Ok(())
}

fn output(writer: &mut Writer, net: NetId, value: Expr) -> Result<(), Fault> {
    let port = writer.wires.nets[&net].clone();
    if writer.wires.exprs.get(&value) == Some(&port) {
        return writer.define(value);
    }
    let text = writer.text(value)?;
    writer.lines.push(format!("    assign {port} = {text};"));
    Ok(())
}

fn instantiate(
    writer: &mut Writer,
    instance: &Instance,
    module: Option<usize>,
) -> Result<String, Fault> {
    let scope = &writer.list.scope.children[instance.child];
    let ports: BTreeMap<&str, String> = port_names(scope, &mut Names::default())
        .into_iter()
        .map(|(atom, name)| (atom.name.as_str(), name))
        .collect();
    let mut pins = Vec::new();
    for (pin, driver) in &instance.pins {
        let source = &writer.list.nets.info(*pin).source;
        let port = ports[&source[scope.name.len() + 1..]].clone();
        let value = match driver {
            Some(value) => writer.text(*value)?,
            None => writer.wires.nets[pin].clone(),
        };
        pins.push((port, value));
    }
    let column = pins.iter().map(|(port, _)| port.len()).max().unwrap_or(0);
    let pins: Vec<String> =
        pins.iter().map(|(port, value)| format!("        .{port:<column$} ({value})")).collect();
    let module = match (module, scope.leaf) {
        (Some(number), _) => mark(number),
        (None, leaf) => memory(scope, leaf)?,
    };
    // A name of its own kind: lint takes an instance called like a signal within it for a mistake.
    let name = writer.names.claim(&format!("u_{}", scope.name));
    Ok(format!("\n    {module} {name} (\n{}\n    );", pins.join(",\n")))
}

/// A memory's module and parameters, read off its pins.
fn memory(scope: &Scope, leaf: Option<Leaf>) -> Result<String, Fault> {
    let width = |port: &str| scope.atoms.iter().find(|atom| atom.name == port).map(|a| a.width);
    let (name, address, data) = match leaf {
        Some(Leaf::BlockRam) => (Leaf::BLOCK_RAM, width("a_addr"), width("a_data")),
        Some(Leaf::FlowRam) => (Leaf::FLOW_RAM, width("addr"), width("data")),
        Some(Leaf::RowRam) => (Leaf::ROW_RAM, width("addr"), width("data")),
        _ => return Err(Fault::Opaque("a leaf that is no memory")),
    };
    let (Some(address), Some(data)) = (address, data) else {
        return Err(Fault::Opaque("a memory without address or data"));
    };
    Ok(format!("{name} #(.WIDTH({data}), .ADDRESS({address}))"))
}

fn declarations(writer: &Writer, registers: &[&Register]) -> Vec<String> {
    let list = writer.list;
    let mut declared = Vec::new();
    for register in registers {
        let width = list.nets.info(register.q).width;
        declared.push(("reg ", range(width), &writer.wires.nets[&register.q]));
    }
    for (net, info) in list.nets.iter() {
        let from_instance = matches!(info.kind, NetKind::PinOut { child }
            if list.scope.children[child].leaf != Some(Leaf::Dff));
        if from_instance {
            declared.push(("wire", range(info.width), &writer.wires.nets[&net]));
        }
    }
    let column = declared.iter().map(|(_, range, _)| range.len()).max().unwrap_or(0);
    let line =
        |(kind, range, name): (&str, String, &String)| format!("    {kind} {range:column$}{name};");
    declared.into_iter().map(line).collect()
}

/// One process for each clock, and the registers' values at power-up.
fn clocked(writer: &mut Writer, registers: &[&Register]) -> Result<String, Fault> {
    let mut text = String::new();
    if registers.is_empty() {
        return Ok(text);
    }
    text.push_str("\n    initial begin\n");
    for register in registers {
        let name = &writer.wires.nets[&register.q];
        let init = literal(&register.init, writer.list.nets.info(register.q).width);
        text.push_str(&format!("        {name} = {init};\n"));
    }
    text.push_str("    end\n");
    let mut by_clock: BTreeMap<NetId, Vec<(NetId, Expr)>> = BTreeMap::new();
    for register in registers {
        by_clock.entry(register.clock).or_default().push((register.q, register.next));
    }
    for (clock, registers) in by_clock {
        let name = writer.wires.nets[&clock].clone();
        writer.mark(&name, 1, 0, 1);
        text.push_str(&format!("\n    always @(posedge {name}) begin\n"));
        text.push_str(&loads(writer, &registers, 8)?);
        text.push_str("    end\n");
    }
    Ok(text)
}

/// Loads of registers, those under one condition together; a register that keeps its value is not mentioned.
fn loads(writer: &mut Writer, registers: &[(NetId, Expr)], depth: usize) -> Result<String, Fault> {
    let list = writer.list;
    let indent = " ".repeat(depth);
    let mut plain = String::new();
    type Branches = (Vec<(NetId, Expr)>, Vec<(NetId, Expr)>);
    let mut conditions: Vec<(Expr, Branches)> = Vec::new();
    for (q, next) in registers {
        match list.exprs.node(*next) {
            Node::Net(net) if net == q => {}
            Node::Mux(c, t, f) if !writer.wires.exprs.contains_key(next) => {
                let at = conditions.iter().position(|(known, _)| known == c).unwrap_or_else(|| {
                    conditions.push((*c, Branches::default()));
                    conditions.len() - 1
                });
                conditions[at].1.0.push((*q, *t));
                conditions[at].1.1.push((*q, *f));
            }
            _ => {
                let name = writer.wires.nets[q].clone();
                let load = writer.statement(&format!("{indent}{name} <="), *next)?;
                plain.push_str(&format!("{load}\n"));
            }
        }
    }
    let mut text = plain;
    for (condition, (then, otherwise)) in conditions {
        let (then, otherwise) =
            (loads(writer, &then, depth + 4)?, loads(writer, &otherwise, depth + 4)?);
        let test = writer.text(condition)?;
        text.push_str(&branch(&indent, &test, &then, &otherwise));
    }
    Ok(text)
}

fn branch(indent: &str, test: &str, then: &str, otherwise: &str) -> String {
    if then.is_empty() && otherwise.is_empty() {
        return String::new();
    }
    if then.is_empty() {
        let name = test.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let test = if name { format!("!{test}") } else { format!("!({test})") };
        return format!("{indent}if ({test}) begin\n{otherwise}{indent}end\n");
    }
    if otherwise.is_empty() {
        return format!("{indent}if ({test}) begin\n{then}{indent}end\n");
    }
    // An `else` that holds nothing but an `if` goes on in the same ladder.
    let inner = format!("{indent}    if (");
    let closing = format!("{indent}    end");
    let statements = otherwise.lines().filter(|line| {
        line.strip_prefix(&format!("{indent}    ")).is_some_and(|rest| !rest.starts_with(' '))
    });
    let ladder = otherwise.starts_with(&inner)
        && statements.clone().filter(|line| line.starts_with(&inner)).count() == 1
        && statements.clone().all(|line| line.starts_with(&inner) || line.starts_with(&closing));
    if ladder {
        let shifted: String = otherwise.lines().map(|line| format!("{}\n", &line[4..])).collect();
        return format!(
            "{indent}if ({test}) begin\n{then}{indent}end else {}",
            shifted.trim_start()
        );
    }
    format!("{indent}if ({test}) begin\n{then}{indent}end else begin\n{otherwise}{indent}end\n")
}

/// Names of what nobody reads, gathered where lint looks for them.
fn unused(writer: &mut Writer, registers: &[&Register]) -> String {
    let list = writer.list;
    let mut declared: Vec<(String, usize)> = Vec::new();
    for (net, info) in list.nets.iter() {
        let is_register = registers.iter().any(|r| r.q == net);
        let is_dff = matches!(info.kind, NetKind::PinOut { child }
            if list.scope.children[child].leaf == Some(Leaf::Dff));
        match info.kind {
            NetKind::Input => {}
            NetKind::PinOut { .. } if is_register || !is_dff => {}
            _ => continue,
        }
        declared.push((writer.wires.nets[&net].clone(), info.width));
    }
    let outputs: Vec<&String> =
        list.outputs.iter().map(|(net, _)| &writer.wires.nets[net]).collect();
    for (e, name) in &writer.wires.exprs {
        if !outputs.contains(&name) {
            declared.push((name.clone(), list.exprs.width(*e)));
        }
    }
    let mut items = vec!["1'b0".to_owned()];
    for (name, width) in declared {
        for (low, size) in writer.unread(&name, width) {
            let part = if size == width { String::new() } else { bits(low, size) };
            items.push(format!("{name}{part}"));
        }
    }
    if items.len() == 1 {
        return String::new();
    }
    let name = writer.names.claim("unused");
    let items = fill(&items, ",", "        ");
    let (open, close) = if items.len() < 70 { ("", "") } else { ("\n        ", "\n    ") };
    format!(
        "\n    // Bits that nothing here needs.\n    wire {name} = &{{{open}{items}{close}}};\n"
    )
}
