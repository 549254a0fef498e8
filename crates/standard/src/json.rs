//! json
use crate::Record;
pub(crate) fn of(_record: &Record) -> serde_json::Value {
    serde_json::Value::Null
}
