// SPDX-License-Identifier: MIT
//! A whole design: every distinct block once, each module in a file of its own name, and the hand-written memories beside
//! them. The same blocks give the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use rust_hdl::prelude::Block;

use super::about::{About, Leaf};
use super::error::{Fault, PrintError};
use super::module::{self, ModuleText, mark};
use super::scope::Scope;

const SPDX: &str = "// SPDX-License-Identifier: MIT";

/// A Verilog file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, relative to the design's folder.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A printed design.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Design {
    /// Name of the top module.
    pub top: String,
    /// One module a file, what is instantiated before what instantiates it, the top last.
    pub files: Vec<File>,
    /// For vendors' tools, below `vendor/`, instead of the file of the same name: memories made of a family's primitives.
    pub vendor: Vec<File>,
}

impl Design {
    /// Prints `block` and everything in it; `name` is the top's module, without `vireo_`, if the block does not say.
    ///
    /// # Errors
    /// [`PrintError`] names the block and the construct that has no exact Verilog.
    pub fn print(block: &dyn Block, name: &str) -> Result<Self, PrintError> {
        let scope = Scope::read(block, name)?;
        module::check_top(&scope)?;
        let mut printer = Printer::default();
        let top = printer.print(&scope)?;
        let names = printer.names(&scope)?;
        let mut files: Vec<File> = printer.memories.iter().map(|leaf| leaf.file()).collect();
        files.extend(printer.modules.iter().zip(&names).map(|((_, module), name)| File {
            name: format!("{name}.v"),
            text: finish(name, module, &names),
        }));
        let vendor = printer.memories.iter().filter_map(|leaf| leaf.vendor_file()).collect();
        Ok(Self { top: names[top].clone(), files, vendor })
    }

    /// Writes every file below `folder`, which is made if need be.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn write(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut written = Vec::new();
        for file in self.files.iter().chain(&self.vendor) {
            let path = folder.join(&file.name);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(&path, &file.text)?;
            written.push(path);
        }
        Ok(written)
    }

    /// All of the design but vendors' primitives, as one text.
    #[must_use]
    pub fn text(&self) -> String {
        self.files.iter().map(|file| file.text.as_str()).collect::<Vec<_>>().join("\n")
    }
}

#[derive(Default)]
struct Printer {
    /// Wanted name and text of each distinct module.
    modules: Vec<(String, ModuleText)>,
    memories: BTreeSet<Leaf>,
}

impl Printer {
    /// The number of the module that describes `scope`, printing what is new.
    fn print(&mut self, scope: &Scope) -> Result<usize, PrintError> {
        let mut numbers = Vec::new();
        for child in &scope.children {
            numbers.push(match child.leaf {
                None => Some(self.print(child)?),
                Some(Leaf::Dff) => None,
                Some(memory) => {
                    self.memories.insert(memory);
                    None
                }
            });
        }
        let text = module::print(scope, &numbers)?;
        let field = scope.name.split('$').next().unwrap_or(&scope.name);
        let name = scope.about.as_ref().map_or(field, |about| &about.name).to_owned();
        let valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || !name.chars().all(valid) {
            return Err(scope.error(Fault::ModuleName(name)));
        }
        // The same text under another field's name is the same block only if that name does not matter.
        let known = self.modules.iter().position(|(_, other)| *other == text);
        Ok(known.unwrap_or_else(|| {
            self.modules.push((name, text));
            self.modules.len() - 1
        }))
    }

    /// A name for each module: where blocks of one name differ, their parameters go into it, then a number.
    fn names(&self, top: &Scope) -> Result<Vec<String>, PrintError> {
        let mut wanted: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, _) in &self.modules {
            *wanted.entry(name).or_default() += 1;
        }
        let mut taken: BTreeSet<String> = Leaf::MODULES.iter().map(|name| (*name).into()).collect();
        let mut names = Vec::new();
        for (name, module) in &self.modules {
            let mut base = format!("vireo_{name}");
            if let (2.., Some(about)) = (wanted[name.as_str()], &module.about) {
                for (parameter, value) in &about.parameters {
                    base.push_str(&format!("_{}{value}", parameter.to_lowercase()));
                }
            }
            let mut unique = base.clone();
            let mut number = 1;
            while !taken.insert(unique.clone()) {
                number += 1;
                unique = format!("{base}_{number}");
            }
            if Leaf::MODULES.contains(&base.as_str()) {
                return Err(top.error(Fault::ModuleName(base)));
            }
            names.push(unique);
        }
        Ok(names)
    }
}

fn finish(name: &str, module: &ModuleText, names: &[String]) -> String {
    let mut body = module.body.clone();
    for (number, name) in names.iter().enumerate() {
        body = body.replace(&mark(number), name);
    }
    let comment = module.about.as_ref().map(comment).unwrap_or_default();
    let apart = module.about.as_ref().is_some_and(|about| about.apart);
    let attribute = if apart { "(* keep_hierarchy = \"yes\" *)\n" } else { "" };
    format!(
        "{SPDX}\n// Printed from the block in Rust: change it there, not here.\n{comment}\
         `default_nettype none\n\n{attribute}module {name}{body}\n`default_nettype wire\n"
    )
}

fn comment(about: &About) -> String {
    let mut lines = String::from("//\n");
    if !about.text.is_empty() {
        lines.push_str(&format!("// {}\n", about.text));
    }
    if !about.parameters.is_empty() {
        let parameters: Vec<String> =
            about.parameters.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        lines.push_str(&format!("// Parameters: {}\n", parameters.join(", ")));
    }
    if !about.latency.is_empty() {
        lines.push_str(&format!("// Latency: {}\n", about.latency));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_block_that_asks_for_it_is_kept_apart_in_synthesis() {
        let text = |about: About| {
            let about = About::read(&about.timing());
            finish("ledger", &ModuleText { body: " ();\nendmodule\n".into(), about }, &[])
        };
        let about = About::new("ledger", "5 clocks");
        assert!(!text(about.clone()).contains("keep_hierarchy"));
        assert!(text(about.apart()).contains("(* keep_hierarchy = \"yes\" *)\nmodule ledger ("));
    }
}
