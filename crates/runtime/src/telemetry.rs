//! Where log lines go, and how they look.
//!
//! Lines go to standard error only, so that standard output stays what was asked
//! for: plain text on a terminal, one JSON object a line elsewhere. Owns no
//! events; what may stand in one (never payloads, keys, tokens or personal data)
//! is the duty of whoever logs.

use std::io::{self, IsTerminal as _};

use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, fmt, fmt::MakeWriter, layer::SubscriberExt as _, registry};

/// What is logged unless configured: life-cycle and per-session facts; from the
/// libraries below us only what an operator can act on.
const FILTER_DEFAULT: &str = "info,sqlx=warn,h2=warn,hyper=warn,rustls=warn,tower=warn";

/// Begins to log. The filter has the form `info,rmd_node=debug`; one that cannot
/// be read is named in a warning and the default is used, because a process
/// without logs is worse. A second call changes nothing.
pub fn init(filter: Option<&str>) {
    let (filter, fault) = parse(filter);
    let subscriber = subscriber(filter, io::stderr().is_terminal(), io::stderr);
    if tracing::subscriber::set_global_default(subscriber).is_ok()
        && let Some(fault) = fault
    {
        tracing::warn!(fault, default = FILTER_DEFAULT, "log filter not understood");
    }
}

fn parse(filter: Option<&str>) -> (EnvFilter, Option<String>) {
    let text = filter.map(str::trim).filter(|text| !text.is_empty()).unwrap_or(FILTER_DEFAULT);
    match EnvFilter::try_new(text) {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new(FILTER_DEFAULT), Some(format!("{text}: {error}"))),
    }
}

fn subscriber<W>(
    filter: EnvFilter,
    is_terminal: bool,
    writer: W,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = fmt::layer().with_writer(writer).with_target(true);
    if is_terminal {
        Box::new(registry().with(filter).with(layer))
    } else {
        let layer = layer.json().flatten_event(true).with_current_span(true).with_span_list(false);
        Box::new(registry().with(filter).with(layer))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(filter: Option<&str>, is_terminal: bool) -> String {
        let buffer = Buffer::default();
        let writer = buffer.clone();
        let subscriber = subscriber(parse(filter).0, is_terminal, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(node.id = "COD/cod-mines", "frame applied");
            tracing::debug!("not at the default level");
        });
        String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn elsewhere_than_on_a_terminal_a_line_is_one_json_object() {
        let text = logged(None, false);
        let line: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
        assert_eq!(line["message"], "frame applied");
        assert_eq!(line["node.id"], "COD/cod-mines");
        assert_eq!(line["level"], "INFO");
    }

    #[test]
    fn a_terminal_gets_plain_text() {
        let text = logged(None, true);
        assert!(text.contains("frame applied"));
        assert!(serde_json::from_str::<serde_json::Value>(text.trim_end()).is_err());
    }

    #[test]
    fn the_filter_decides_what_is_logged() {
        assert!(logged(Some("debug"), false).contains("not at the default level"));
        assert_eq!(logged(Some("error"), false), "");
    }

    #[test]
    fn a_filter_that_cannot_be_read_keeps_the_default() {
        let (_, fault) = parse(Some("info,rmd=loud"));
        assert!(fault.unwrap().starts_with("info,rmd=loud: "));
        assert!(logged(Some("info,rmd=loud"), false).contains("frame applied"));
    }
}
