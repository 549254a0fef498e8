//! One field of a message, reached for reading and writing.
//!
//! The variants are the shapes that the generated messages have. A plain field
//! that holds its default is absent; an `Option` that holds it is a statement.

use super::Part;

/// A field of a message, borrowed.
pub(crate) enum Value<'a> {
    /// Text; empty is absent.
    Text(&'a mut String),
    /// Repeated text.
    Texts(&'a mut Vec<String>),
    /// Number of an enumeration; 0 is absent.
    Code(&'a mut i32),
    /// Repeated numbers of an enumeration.
    Codes(&'a mut Vec<i32>),
    /// Ten-millionths of a degree; present with its message.
    Degrees(&'a mut i32),
    /// Centimetres of height.
    Height(&'a mut Option<i32>),
    /// Milligrams or microseconds; 0 is absent.
    Whole(&'a mut i64),
    /// Milligrams or minor units, where zero is a statement.
    MaybeWhole(&'a mut Option<i64>),
    /// A number counted from 1; 0 is absent.
    Small(&'a mut u32),
    /// A count or parts per million, where zero is a statement.
    MaybeSmall(&'a mut Option<u32>),
    /// A large count, where zero is a statement.
    MaybeCount(&'a mut Option<u64>),
    /// One embedded message.
    Part(&'a mut dyn Slot),
    /// A list of embedded messages.
    List(&'a mut dyn Items),
}

impl Value<'_> {
    /// Whether the field holds nothing; lists and parts are asked themselves.
    #[inline]
    pub(crate) fn is_absent(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Texts(texts) => texts.is_empty(),
            Self::Code(code) => **code == 0,
            Self::Codes(codes) => codes.is_empty(),
            Self::Degrees(_) => false,
            Self::Height(height) => height.is_none(),
            Self::Whole(whole) => **whole == 0,
            Self::MaybeWhole(whole) => whole.is_none(),
            Self::Small(small) => **small == 0,
            Self::MaybeSmall(small) => small.is_none(),
            Self::MaybeCount(count) => count.is_none(),
            Self::Part(slot) => !slot.is_present(),
            Self::List(items) => items.len() == 0,
        }
    }

    /// Empties the field.
    pub(crate) fn clear(self) {
        match self {
            Self::Text(text) => text.clear(),
            Self::Texts(texts) => texts.clear(),
            Self::Code(code) | Self::Degrees(code) => *code = 0,
            Self::Codes(codes) => codes.clear(),
            Self::Height(height) => *height = None,
            Self::Whole(whole) => *whole = 0,
            Self::MaybeWhole(whole) => *whole = None,
            Self::Small(small) => *small = 0,
            Self::MaybeSmall(small) => *small = None,
            Self::MaybeCount(count) => *count = None,
            Self::Part(slot) => slot.clear(),
            Self::List(items) => items.clear(),
        }
    }
}

/// An embedded message that may be absent.
pub(crate) trait Slot {
    /// Whether there is a message that holds anything.
    fn is_present(&self) -> bool;
    /// The message, if it holds anything; sooner told than by [`Slot::is_present`].
    fn filled(&mut self) -> Option<&mut dyn Part>;
    /// The message, if there is one.
    fn get(&mut self) -> Option<&mut dyn Part>;
    /// The message, made if there is none.
    fn ensure(&mut self) -> &mut dyn Part;
    /// An empty message of this type.
    fn blank(&self) -> Box<dyn Part>;
    /// Removes the message.
    fn clear(&mut self);
}

/// A list of embedded messages.
pub(crate) trait Items {
    /// How many there are.
    fn len(&self) -> usize;
    /// One of them.
    fn get(&mut self, index: usize) -> Option<&mut dyn Part>;
    /// Adds an empty one.
    fn push(&mut self);
    /// An empty message of this type.
    fn blank(&self) -> Box<dyn Part>;
    /// Removes all.
    fn clear(&mut self);
}

impl<M: super::Message> Slot for Option<M> {
    fn is_present(&self) -> bool {
        // A message without content says no more than none. A comparison ends at
        // the first field that has some, unlike the length of the encoding.
        self.as_ref().is_some_and(|message| *message != M::default())
    }

    fn filled(&mut self) -> Option<&mut dyn Part> {
        let message = self.as_mut()?;
        if message.is_blank() { None } else { Some(message) }
    }

    fn get(&mut self) -> Option<&mut dyn Part> {
        self.as_mut().map(|message| message as &mut dyn Part)
    }

    fn ensure(&mut self) -> &mut dyn Part {
        self.get_or_insert_default()
    }

    fn blank(&self) -> Box<dyn Part> {
        Box::new(M::default())
    }

    fn clear(&mut self) {
        *self = None;
    }
}

impl<M: super::Message> Items for Vec<M> {
    fn len(&self) -> usize {
        self.len()
    }

    fn get(&mut self, index: usize) -> Option<&mut dyn Part> {
        self.get_mut(index).map(|message| message as &mut dyn Part)
    }

    fn push(&mut self) {
        // Made in its place: some messages are large.
        self.resize_with(self.len() + 1, M::default);
    }

    fn blank(&self) -> Box<dyn Part> {
        Box::new(M::default())
    }

    fn clear(&mut self) {
        self.clear();
    }
}
