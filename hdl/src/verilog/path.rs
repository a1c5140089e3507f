// SPDX-License-Identifier: MIT
//! Names as rust-hdl's syntax tree writes them (`ways[i + 1]$data$next`), made into the names under which its probe shows
//! the same signals (`ways$3$data`).

use super::error::Fault;

/// Loop indices in scope, innermost last.
pub(super) type Loops = Vec<(String, i128)>;

/// The probe's name for the syntax tree's `name`.
pub(super) fn resolve(name: &str, loops: &Loops) -> Result<String, Fault> {
    let mut rest = name.trim_start_matches('.').trim_end_matches("$next");
    let mut path = String::new();
    while let Some((head, tail)) = rest.split_once('[') {
        path.push_str(head);
        let Some(end) = closing(tail) else { return Err(Fault::Index(name.into())) };
        let index = Integer::new(&tail[..end], loops).value();
        let index = index.filter(|i| *i >= 0).ok_or_else(|| Fault::Index(name.into()))?;
        path.push_str(&format!("${index}"));
        rest = &tail[end + 1..];
    }
    path.push_str(rest);
    Ok(path.replace("::", "$").replace('.', "$"))
}

/// Where the bracket closes that was opened before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' if depth == 0 => return Some(at),
            ']' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// A Rust integer literal without a sign: `12`, `0x1F_u8`.
pub(super) fn integer_literal(text: &str) -> Option<i128> {
    let text = text.replace('_', "");
    let (digits, radix) = match text.get(..2) {
        Some("0x") => (&text[2..], 16),
        Some("0b") => (&text[2..], 2),
        Some("0o") => (&text[2..], 8),
        _ => (&text[..], 10),
    };
    let suffixes = ["usize", "u8", "u16", "u32", "u64", "i32", "i64"];
    let digits = suffixes.iter().find_map(|s| digits.strip_suffix(s)).unwrap_or(digits);
    i128::from_str_radix(digits, radix).ok()
}

/// Reads sums and products of literals and loop indices.
struct Integer<'a> {
    tokens: Vec<&'a str>,
    at: usize,
    loops: &'a Loops,
}

impl<'a> Integer<'a> {
    fn new(text: &'a str, loops: &'a Loops) -> Self {
        let mut tokens = Vec::new();
        let mut start = 0;
        for (at, c) in text.char_indices() {
            if "+-*/%() ".contains(c) {
                tokens.push(&text[start..at]);
                tokens.push(&text[at..=at]);
                start = at + 1;
            }
        }
        tokens.push(&text[start..]);
        tokens.retain(|t| !t.trim().is_empty());
        Self { tokens, at: 0, loops }
    }

    fn value(mut self) -> Option<i128> {
        let value = self.sum()?;
        (self.at == self.tokens.len()).then_some(value)
    }

    fn take(&mut self, wanted: &[&str]) -> Option<&'a str> {
        let token = *self.tokens.get(self.at)?;
        wanted.contains(&token).then(|| {
            self.at += 1;
            token
        })
    }

    fn sum(&mut self) -> Option<i128> {
        let mut value = self.product()?;
        while let Some(op) = self.take(&["+", "-"]) {
            let right = self.product()?;
            value = if op == "+" { value.checked_add(right)? } else { value.checked_sub(right)? };
        }
        Some(value)
    }

    fn product(&mut self) -> Option<i128> {
        let mut value = self.atom()?;
        while let Some(op) = self.take(&["*", "/", "%"]) {
            let right = self.atom()?;
            value = match op {
                "*" => value.checked_mul(right)?,
                "/" => value.checked_div(right)?,
                _ => value.checked_rem(right)?,
            };
        }
        Some(value)
    }

    fn atom(&mut self) -> Option<i128> {
        if self.take(&["("]).is_some() {
            let value = self.sum()?;
            self.take(&[")"])?;
            return Some(value);
        }
        let token = *self.tokens.get(self.at)?;
        self.at += 1;
        let index = self.loops.iter().rev().find(|(name, _)| name == token);
        index.map(|(_, value)| *value).or_else(|| integer_literal(token))
    }
}

#[cfg(test)]
mod tests {
    use super::{integer_literal, resolve};

    #[test]
    fn array_elements_get_the_names_that_the_probe_shows() {
        let loops = vec![("i".to_owned(), 2), ("j".to_owned(), 5)];
        let name = |text: &str| resolve(text, &loops).unwrap();
        assert_eq!(name("ways[i]$data$next"), "ways$2$data");
        assert_eq!(name("ways[(i*2)+j-1]$data"), "ways$8$data");
        assert_eq!(name("grid[i][j]"), "grid$2$5");
        assert_eq!(name(".bus.tdata"), "bus$tdata");
        assert!(resolve("ways[sel$val()$index()]$q", &loops).is_err());
        assert!(resolve("ways[i-3]$q", &loops).is_err());
    }

    #[test]
    fn match_arms_are_read_as_rust_writes_them() {
        assert_eq!(integer_literal("0x1F_u8"), Some(31));
        assert_eq!(integer_literal("0b1_0"), Some(2));
        assert_eq!(integer_literal("12usize"), Some(12));
        assert_eq!(integer_literal("x"), None);
    }
}
