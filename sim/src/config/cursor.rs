// SPDX-License-Identifier: MIT
//! A walk through parsed TOML that always knows where it is.
//! Whoever reads a key says what belongs there; what does not fit is noted with its place, and the walk goes on.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, ConfigErrors, Item, Key, Position, Problem};

/// What was found wrong so far.
pub(super) struct Faults<'a> {
    file: &'a Path,
    text: &'a str,
    found: RefCell<Vec<(usize, ConfigError)>>,
}

impl<'a> Faults<'a> {
    /// Nothing yet.
    pub(super) fn new(file: &'a Path, text: &'a str) -> Self {
        Self { file, text, found: RefCell::default() }
    }

    /// Notes a problem at an octet of the text.
    pub(super) fn note(&self, at: usize, key: Option<Key>, problem: Problem) {
        let position = Some(Position::of(self.text, at));
        let error = ConfigError { file: self.file.to_owned(), position, key, problem };
        self.found.borrow_mut().push((at, error));
    }

    /// The line of an octet of the text.
    pub(super) fn line(&self, at: usize) -> usize {
        Position::of(self.text, at).line
    }

    /// `value`, if it is whole and nothing was wrong with it.
    pub(super) fn none_in<T>(self, value: Option<T>) -> Result<T, ConfigErrors> {
        let mut found = self.found.into_inner();
        match value {
            Some(value) if found.is_empty() => Ok(value),
            _ => {
                found.sort_by_key(|(at, _)| *at);
                Err(ConfigErrors(found.into_iter().map(|(_, error)| error).collect()))
            }
        }
    }
}

/// A value, its place and its key.
#[derive(Clone)]
pub(super) struct Value<'a> {
    value: &'a Spanned<DeValue<'a>>,
    key: Key,
    faults: &'a Faults<'a>,
}

impl<'a> Value<'a> {
    /// Notes what is wrong with it.
    pub(super) fn fault(&self, problem: Problem) {
        self.faults.note(self.at(), Some(self.key.clone()), problem);
    }

    /// The octet of the text that it begins at.
    pub(super) fn at(&self) -> usize {
        self.value.span().start
    }

    /// Its line.
    pub(super) fn line(&self) -> usize {
        self.faults.line(self.at())
    }

    fn other_type(&self, expected: &'static str) {
        self.fault(Problem::Type { expected, found: shown(self.value.get_ref()) });
    }

    /// A string; `expected` says which.
    pub(super) fn text(&self, expected: &'static str) -> Option<&'a str> {
        let text = self.value.get_ref().as_str();
        if text.is_none() {
            self.other_type(expected);
        }
        text
    }

    /// `true` or `false`.
    pub(super) fn flag(&self) -> Option<bool> {
        let flag = self.value.get_ref().as_bool();
        if flag.is_none() {
            self.other_type("true or false");
        }
        flag
    }

    /// An integer of any size, and how it is written. What no `i128` holds is as large or small as that can say.
    pub(super) fn integer(&self) -> Option<(i128, String)> {
        let Some(integer) = self.value.get_ref().as_integer() else {
            self.other_type("an integer");
            return None;
        };
        let digits = integer.as_str();
        let beyond = if digits.starts_with('-') { i128::MIN } else { i128::MAX };
        let number = i128::from_str_radix(digits, integer.radix()).unwrap_or(beyond);
        Some((number, integer.to_string()))
    }

    /// An integer in a range.
    pub(super) fn number<T: TryFrom<u64>>(&self, expected: RangeInclusive<u64>) -> Option<T> {
        let (number, found) = self.integer()?;
        let in_range = u64::try_from(number).ok().filter(|number| expected.contains(number));
        let value = in_range.and_then(|number| T::try_from(number).ok());
        if value.is_none() {
            self.fault(Problem::Range { expected, found });
        }
        value
    }

    /// The values of an array.
    pub(super) fn list(&self, expected: &'static str) -> Option<Vec<Value<'a>>> {
        let Some(array) = self.value.get_ref().as_array() else {
            self.other_type(expected);
            return None;
        };
        let items = array.iter().enumerate().map(|(index, value)| {
            let mut key = self.key.clone();
            key.field.push_str(&format!("[{index}]"));
            Value { value, key, faults: self.faults }
        });
        Some(items.collect())
    }

    /// A section, inside of the same item.
    pub(super) fn section(&self, expected: &'static str) -> Option<Section<'a>> {
        let Some(table) = self.value.get_ref().as_table() else {
            self.other_type(expected);
            return None;
        };
        let at = self.at();
        Some(Section { table, at, key: self.key.clone(), asked: Vec::new(), faults: self.faults })
    }

    /// The same value as the section of an item.
    pub(super) fn of_item(mut self, item: Item) -> Self {
        self.key = Key { item: Some(item), field: String::new() };
        self
    }

    /// What it has at `key`, unless it is no section or lacks it.
    pub(super) fn peek(&self, key: &'static str) -> Option<Value<'a>> {
        let value = self.value.get_ref().as_table()?.get(key)?;
        Some(Value { value, key: below(&self.key, key), faults: self.faults })
    }

    /// What it is, if it is a string.
    pub(super) fn as_text(&self) -> Option<&'a str> {
        self.value.get_ref().as_str()
    }
}

/// A table of keys. What was asked of it is what it may have: [`Section::finish`] refuses the rest.
pub(super) struct Section<'a> {
    table: &'a DeTable<'a>,
    at: usize,
    key: Key,
    asked: Vec<&'static str>,
    faults: &'a Faults<'a>,
}

impl<'a> Section<'a> {
    /// The file.
    pub(super) fn root(table: &'a DeTable<'a>, faults: &'a Faults<'a>) -> Self {
        let key = Key { item: None, field: String::new() };
        Self { table, at: 0, key, asked: Vec::new(), faults }
    }

    /// Notes what is wrong with the section as a whole.
    pub(super) fn fault(&self, problem: Problem) {
        self.faults.note(self.at, Some(self.key.clone()), problem);
    }

    /// The value of a key that may be left out.
    pub(super) fn optional(&mut self, key: &'static str) -> Option<Value<'a>> {
        self.asked.push(key);
        let value = self.table.get(key)?;
        Some(Value { value, key: below(&self.key, key), faults: self.faults })
    }

    /// The value of a key that must be there; `expected` says what it is, to someone who left it out.
    pub(super) fn required(
        &mut self,
        key: &'static str,
        expected: &'static str,
    ) -> Option<Value<'a>> {
        let value = self.optional(key);
        if value.is_none() {
            let problem = Problem::Missing { expected };
            self.faults.note(self.at, Some(below(&self.key, key)), problem);
        }
        value
    }

    /// Refuses the keys that nobody asked for.
    pub(super) fn finish(self) {
        for (key, _) in self.table {
            let name = key.get_ref().as_ref();
            if self.asked.contains(&name) {
                continue;
            }
            let near = nearest(name, self.asked.iter().copied()).map(str::to_owned);
            let problem = Problem::UnknownKey { near, known: self.asked.clone() };
            self.faults.note(key.span().start, Some(below(&self.key, name)), problem);
        }
    }
}

/// The key `name` of the section at `key`, quoted if TOML needs it so.
fn below(key: &Key, name: &str) -> Key {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let name = if !name.is_empty() && name.chars().all(bare) {
        name.to_owned()
    } else {
        format!("{name:?}")
    };
    let field = if key.field.is_empty() { name } else { format!("{}.{name}", key.field) };
    Key { item: key.item.clone(), field }
}

/// Type and value, for someone who expected another.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the string {text:?}"),
        DeValue::Integer(integer) => format!("the integer {integer}"),
        DeValue::Float(float) => format!("the number {float}, which is no integer"),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(datetime) => format!("the date {datetime}"),
        DeValue::Array(_) => "an array".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// The name that was probably meant: the one that the fewest edits make of `found`, if they are few for its length.
pub(super) fn nearest<'n>(
    found: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let few = (found.chars().count() / 2).clamp(1, 3);
    let names = names.into_iter().map(|name| (edits(found, name), name));
    names.filter(|(edits, _)| *edits <= few).min().map(|(_, name)| name)
}

/// Characters to put in, take out or change until `a` is `b`.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
