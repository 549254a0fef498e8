//! Made-up records of any type, field by field as the schema names them.
//!
//! Each maker is a registry: it fills the same fields in all of its records, counts in
//! its own way, and knows some dozen parties.

use prost_reflect::prost::Message as _;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value,
};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

/// 2024-01-01 in UTC microseconds.
const BEGIN_US: i64 = 1_704_067_200_000_000;

const HOUR_US: i64 = 3_600_000_000;

const COUNTRIES: [&str; 12] =
    ["AO", "BI", "CD", "CF", "CG", "KE", "RW", "SD", "SS", "TZ", "UG", "ZM"];

const MINERALS: [&str; 5] = ["260900", "261590", "261100", "710812", "710813"];

const WORDS: [&str; 24] = [
    "Coopérative minière de ",
    "Société minière ",
    "Mining company ",
    "Comptoir ",
    "Cooperative ",
    "Kivu",
    "Katanga",
    "Maniema",
    "Gitarama",
    "Karagwe",
    "Mubende",
    "Tanganyika",
    "Bujumbura",
    "Ituri",
    "Nord-Kivu",
    "Avenue ",
    "Quartier ",
    "Village ",
    "Minerals Ltd",
    "SARL",
    "Ministère des Mines",
    "Route nationale ",
    "Transport ",
    "rapport d'inspection",
];

/// Parties keep these back.
const KEPT_BACK: [&str; 4] = [
    "tin",
    "contact_details.legal_representative",
    "contact_details.contact_phone_number",
    "contact_details.contact_email",
];

/// A made-up registry.
pub(crate) struct Maker {
    descriptor: MessageDescriptor,
    rng: StdRng,
    /// Decides what it fills.
    habits: u64,
    country: &'static str,
    serial: u64,
    at_us: i64,
    parties: Vec<String>,
}

impl Maker {
    pub(crate) fn new(entity: &str, seed: u64) -> Result<Self, Box<dyn std::error::Error>> {
        let pool = DescriptorPool::decode(rmd_proto::DESCRIPTOR_SET)?;
        let descriptor = pool
            .get_message_by_name(&format!("rmd.v1.{entity}"))
            .ok_or_else(|| format!("{entity} is not in the schema"))?;
        let mut rng = StdRng::seed_from_u64(seed);
        let country = COUNTRIES[rng.gen_range(0..COUNTRIES.len())];
        let prefix = ["-", "-C-", "/", " ", "-EXP-"][rng.gen_range(0..5)];
        let parties = (0..40).map(|_| format!("{country}{prefix}{:04}", rng.gen_range(0..9999)));
        let parties = parties.collect();
        let at_us = BEGIN_US + rng.gen_range(0..20_000) * HOUR_US;
        let (habits, serial) = (rng.r#gen(), rng.gen_range(1..1_000_000));
        Ok(Self { descriptor, rng, habits, country, serial, at_us, parties })
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.rng.gen_range(0..end.max(1))
    }

    pub(crate) fn mapping_id(&self) -> String {
        format!("{:016x}", self.habits)
    }

    pub(crate) fn salt(&mut self) -> Vec<u8> {
        self.rng.r#gen::<[u8; 16]>().to_vec()
    }

    /// Key, payload, and the times of event and capture.
    pub(crate) fn record(&mut self) -> (String, Vec<u8>, [i64; 2]) {
        self.serial += 1;
        let descriptor = self.descriptor.clone();
        let record = self.message(&descriptor, "", 0);
        let party = self.party();
        let (country, number) = (self.country, self.number());
        let key = match self.habits % 3 {
            0 => format!("{country}/{party}/{number}"),
            1 => format!("{country}/{number}"),
            _ => self.site(),
        };
        let event = if self.habits & 8 == 0 { 0 } else { self.at_us - HOUR_US };
        (key, record.encode_to_vec(), [event, self.at_us])
    }

    fn message(&mut self, of: &MessageDescriptor, path: &str, depth: usize) -> DynamicMessage {
        let mut message = DynamicMessage::new(of.clone());
        for field in of.fields() {
            let path = format!("{path}.{}", field.name());
            if !self.fills(&path, field.number(), depth) {
                continue;
            }
            let value = if field.is_list() {
                self.list(&field, &path, depth)
            } else {
                self.value(&field, &path, depth, 0)
            };
            message.set_field(&field, value);
        }
        message
    }

    fn list(&mut self, field: &FieldDescriptor, path: &str, depth: usize) -> Value {
        let count = if field.name() == "withheld" { 8 } else { 1 + self.below(3) };
        Value::List((0..count).map(|index| self.value(field, path, depth, index)).collect())
    }

    /// The first fields of a message are those that nearly everybody has.
    fn fills(&mut self, path: &str, number: u32, depth: usize) -> bool {
        let kept_back = ["contact_details", "tin", "extension", "miner_name", "staff"];
        if depth > 3 || kept_back.iter().any(|kept| path.contains(kept)) {
            return false;
        }
        let often = match number {
            1..=3 => 95,
            4..=9 => 75,
            10..=30 | 100 => 50,
            _ => 20,
        };
        let mut rng = StdRng::seed_from_u64(self.habits ^ fold(path));
        rng.gen_range(0..100) < often && self.rng.gen_range(0..100) < 97
    }

    fn value(&mut self, field: &FieldDescriptor, path: &str, depth: usize, index: u64) -> Value {
        let name = field.name();
        match field.kind() {
            Kind::Message(inner) => Value::Message(self.message(&inner, path, depth + 1)),
            Kind::Enum(codes) => {
                let count = codes.values().len() as u64;
                let code = 1 + fold(path).wrapping_add(self.below(2)) % (count - 1).max(1);
                Value::EnumNumber(i32::try_from(code).unwrap_or(1))
            }
            Kind::Bool => Value::Bool(true),
            Kind::Uint32 => Value::U32(u32::try_from(self.unsigned(name)).unwrap_or(1)),
            Kind::Uint64 => Value::U64(self.unsigned(name)),
            Kind::Int32 | Kind::Sint32 => {
                let spread = i32::try_from(self.below(40_000_000)).unwrap_or(0);
                Value::I32(
                    if name.starts_with("longitude") { 270_000_000 } else { -80_000_000 } + spread,
                )
            }
            Kind::Int64 | Kind::Sint64 => Value::I64(self.signed(name)),
            Kind::Bytes => Value::Bytes(Vec::new().into()),
            _ => Value::String(self.text(name, index)),
        }
    }

    fn unsigned(&mut self, name: &str) -> u64 {
        match name {
            _ if name.ends_with("_ppm") => 200_000 + 100 * self.below(5_000),
            _ if name.ends_with("_e3") => 1_000 * (1 + self.below(40)),
            "line" | "level" => 1 + self.below(3),
            _ => 1 + self.below(500),
        }
    }

    fn signed(&mut self, name: &str) -> i64 {
        let drawn = |below: i64, rng: &mut StdRng| rng.gen_range(0..below);
        match name {
            _ if name.ends_with("_us") => self.at_us - drawn(40_000, &mut self.rng) * 1_000_000,
            _ if name.ends_with("_mg") => 100_000 * (1 + drawn(300_000, &mut self.rng)),
            _ => 100 * (1 + drawn(5_000_000, &mut self.rng)),
        }
    }

    fn text(&mut self, name: &str, index: u64) -> String {
        let minutes = self.below(60);
        match name {
            "withheld" => {
                let parties = ["creator", "recipient", "exporter", "importer", "owner"];
                let (party, field) = (self.habits_of(&parties, index / 4), index % 4);
                format!("{party}.{}", KEPT_BACK[usize::try_from(field).unwrap_or(0)])
            }
            "period" => format!("2024-{:02}", 1 + self.serial % 12),
            "feed" => "transactions".to_owned(),
            "mineral" | "type_of_ore" => self.pick(&MINERALS).to_owned(),
            "covered_commodities" => self.pick(&MINERALS[..3]).to_owned(),
            "package_type" => "bag".to_owned(),
            "subnational_division_l1" => format!("{}-NK", self.country),
            "icglr_id" | "mine_site_id" | "mineral_origin" => self.site(),
            _ if name.contains("country") => self.country.to_owned(),
            _ if name.contains("currency") => "USD".to_owned(),
            _ if name.contains("time") => format!("0{}:{minutes:02}:00", 6 + self.below(4)),
            _ if name.contains("date") || name.ends_with("_since") => self.date(),
            _ if name.contains("party") || name.ends_with("er_identifier") => self.party(),
            "identifier" if index == 0 && self.below(2) == 0 => self.party(),
            _ if name.contains("identifier") || name.contains("number") => self.number(),
            _ if name.ends_with("_id") || name.contains("reference") => self.number(),
            _ => {
                let (first, second) = (self.pick(&WORDS), self.pick(&WORDS));
                format!("{first}{second} {}", self.below(90))
            }
        }
    }

    fn party(&mut self) -> String {
        let at = self.rng.gen_range(0..self.parties.len());
        self.parties[at].clone()
    }

    /// The same for all records.
    fn habits_of<'a>(&self, of: &[&'a str], index: u64) -> &'a str {
        let at = (self.habits % 97 + index) % of.len() as u64;
        of[usize::try_from(at).unwrap_or(0)]
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.rng.gen_range(0..of.len())]
    }

    fn number(&mut self) -> String {
        let (serial, drawn) = (self.serial, self.below(1 << 40));
        match self.habits % 5 {
            0 => format!("{}-{serial:08}", self.country),
            1 => format!("L{drawn:010x}-{serial}"),
            2 => format!("{}{:012}", self.country, drawn),
            3 => format!("{serial}/2024"),
            _ => format!("{serial}"),
        }
    }

    fn site(&mut self) -> String {
        let (lat, lon) = (self.below(30_000), self.below(30_000));
        format!(
            "{}-{}.{:04}+{}.{:04}-{}",
            self.country,
            1 + lat % 4,
            lat % 10_000,
            27 + lon % 4,
            lon % 10_000,
            self.serial % 5_000
        )
    }

    fn date(&mut self) -> String {
        let at = self.at_us - HOUR_US * 24 * i64::try_from(self.below(90)).unwrap_or(0);
        let day = (at - BEGIN_US) / (24 * HOUR_US);
        format!("{}-{:02}-{:02}", 2024 + day / 336, 1 + day % 336 / 28, 1 + day % 28)
    }
}

fn fold(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}
