//! Messages of the plug-in `pgoutput`, as much of them as names keys.
//!
//! Owns the form of protocol version 1. A pure function over bytes of a stranger:
//! whatever they are, it ends, borrows what it was given, takes memory for no more
//! columns than were sent, and says so when it does not understand.

/// What one message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Message<'a> {
    /// What follows was done by this transaction.
    Begin {
        /// Its number, modulo 2^32.
        xid: u32,
    },
    /// The transaction is whole.
    Commit {
        /// Where the log goes on behind it.
        end: u64,
    },
    /// How the rows of a table look from here on.
    Relation {
        /// The table.
        id: u32,
        /// Its columns in their order.
        columns: Vec<Column<'a>>,
    },
    /// A row that is new.
    Insert {
        /// The table.
        id: u32,
        /// The row.
        new: Tuple<'a>,
    },
    /// A row that was changed.
    Update {
        /// The table.
        id: u32,
        /// What identified it, if that has changed or is sent always.
        old: Option<Tuple<'a>>,
        /// The row.
        new: Tuple<'a>,
    },
    /// A row that is gone.
    Delete {
        /// The table.
        id: u32,
        /// What identified it.
        old: Tuple<'a>,
    },
    /// All rows of these tables are gone.
    Truncate {
        /// The tables.
        ids: Vec<u32>,
    },
    /// Nothing that names a key: a type, an origin, a message of an application.
    Other,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Whether it identifies the row: old rows hold its value.
    pub(crate) is_identity: bool,
}

/// The values of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tuple<'a> {
    columns: u16,
    values: &'a [u8],
}

/// One value of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// There is none.
    Null,
    /// A long value that was not changed, and is not sent.
    Unchanged,
    /// The value as the server writes it.
    Text(&'a [u8]),
}

/// The bytes are no message of protocol version 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a message of pgoutput, version 1 / ce n'est pas un message de pgoutput, version 1")]
pub(crate) struct Malformed;

/// Reads one message.
pub(crate) fn parse(bytes: &[u8]) -> Result<Message<'_>, Malformed> {
    let mut rest = Rest(bytes);
    let message = match rest.byte()? {
        b'B' => {
            rest.take(16)?;
            Message::Begin { xid: rest.u32()? }
        }
        b'C' => {
            rest.take(9)?;
            let end = rest.u64()?;
            rest.take(8)?;
            Message::Commit { end }
        }
        b'R' => rest.relation()?,
        b'I' => {
            let id = rest.u32()?;
            rest.expect(b"N")?;
            Message::Insert { id, new: rest.tuple()? }
        }
        b'U' => {
            let id = rest.u32()?;
            let old = rest.old()?;
            Message::Update { id, old, new: rest.tuple()? }
        }
        b'D' => {
            let id = rest.u32()?;
            rest.expect(b"KO")?;
            Message::Delete { id, old: rest.tuple()? }
        }
        b'T' => rest.truncate()?,
        b'O' | b'Y' | b'M' => return Ok(Message::Other),
        _ => return Err(Malformed),
    };
    if rest.0.is_empty() { Ok(message) } else { Err(Malformed) }
}

impl<'a> Tuple<'a> {
    /// The value of a column by its place; none if the row has no such column.
    pub(crate) fn value(&self, column: usize) -> Option<Value<'a>> {
        let mut rest = Rest(self.values);
        let mut values = (0..self.columns).map_while(|_| rest.value().ok());
        values.nth(column)
    }
}

/// What is left to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u16(&mut self) -> Result<u16, Malformed> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_be_bytes)
    }

    /// One of these bytes.
    fn expect(&mut self, among: &[u8]) -> Result<u8, Malformed> {
        let byte = self.byte()?;
        if among.contains(&byte) { Ok(byte) } else { Err(Malformed) }
    }

    /// A text that ends with a zero.
    fn text(&mut self) -> Result<&'a str, Malformed> {
        let length = self.0.iter().position(|byte| *byte == 0).ok_or(Malformed)?;
        let text = self.take(length)?;
        self.take(1)?;
        std::str::from_utf8(text).map_err(|_| Malformed)
    }

    /// The old row of an update, if it is there, up to where the new one begins.
    fn old(&mut self) -> Result<Option<Tuple<'a>>, Malformed> {
        if self.expect(b"KON")? == b'N' {
            return Ok(None);
        }
        let old = self.tuple()?;
        self.expect(b"N")?;
        Ok(Some(old))
    }

    fn relation(&mut self) -> Result<Message<'a>, Malformed> {
        let id = self.u32()?;
        self.text()?;
        self.text()?;
        self.byte()?;
        let count = self.u16()?;
        // Grown as they come: the count is the word of a stranger.
        let mut columns = Vec::new();
        for _ in 0..count {
            let is_identity = self.byte()? & 1 == 1;
            let name = self.text()?;
            self.take(8)?;
            columns.push(Column { name, is_identity });
        }
        Ok(Message::Relation { id, columns })
    }

    fn truncate(&mut self) -> Result<Message<'a>, Malformed> {
        let count = self.u32()?;
        self.byte()?;
        let mut ids = Vec::new();
        for _ in 0..count {
            ids.push(self.u32()?);
        }
        Ok(Message::Truncate { ids })
    }

    fn tuple(&mut self) -> Result<Tuple<'a>, Malformed> {
        let columns = self.u16()?;
        let before = self.0;
        for _ in 0..columns {
            self.value()?;
        }
        let values = &before[..before.len() - self.0.len()];
        Ok(Tuple { columns, values })
    }

    fn value(&mut self) -> Result<Value<'a>, Malformed> {
        match self.byte()? {
            b'n' => Ok(Value::Null),
            b'u' => Ok(Value::Unchanged),
            b't' => {
                let length = usize::try_from(self.u32()?).map_err(|_| Malformed)?;
                self.take(length).map(Value::Text)
            }
            _ => Err(Malformed),
        }
    }
}
