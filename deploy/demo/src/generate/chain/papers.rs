//! The certificate and the customs declarations of a consignment.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rmd_proto::v1::{
    BusinessEntity, CertificateState, ExportCertificate, ExportDeclaration, ImportDeclaration,
    Procedure, UnitOfMeasurement,
};

use super::{Chain, Plan};
use crate::generate::{
    calendar::plus,
    mineral::{Mineral, share},
    party::{Role, abroad, identifier, party},
    state::state,
    world::{World, day_of},
};

/// The authority of a state for mines.
pub(super) fn authority(country: &str) -> BusinessEntity {
    let name = format!("Mines Authority of {country}");
    abroad(country, &format!("{country}-AUTHORITY"), &name, "Ministry")
}

/// Writes certificate and declarations of what is shipped.
pub(super) fn write(world: &mut World, plan: &Plan, chain: &mut Chain) {
    let number = world.number(plan.country, 'C');
    let processed = day_of(chain.shipped.registered_at_us);
    let issued = plus(processed, 2);
    let exit = plus(issued, 2 + world.draw.within(0..=4));
    let around = world.draw.within(996_000..=1_004_000);
    let value = share(worth(plan.mineral, chain), share(around, plan.worth_ppm));
    chain.shipped.export_certificate_id.clone_from(&number);
    chain.certificate = certificate(plan, chain, (number, value), (issued, exit));
    let export = ExportDeclaration {
        country: plan.country.to_owned(),
        declaration_number: world.number(plan.country, 'X'),
        line: 1,
        exporter_identifier: identifier(plan.country, Role::Exporter, plan.exporter),
        mineral: plan.mineral.code().to_owned(),
        net_mass_mg: chain.shipped.mass_mg,
        customs_value_minor: Some(value),
        customs_value_currency: "USD".to_owned(),
        destination_country: plan.to.to_owned(),
        exit_post: state(plan.country).post.to_owned(),
        exit_date: exit.to_string(),
        procedure: Procedure::Normal.into(),
        certificate_country: plan.country.to_owned(),
        certificate_identifier: chain.certificate.identifier.clone(),
        ..ExportDeclaration::default()
    };
    let is_member = world.has(plan.to);
    if is_member {
        let entry = plus(exit, 1 + world.draw.within(0..=2));
        let one = entered(world, plan.to, &export, (Procedure::Normal, entry));
        chain.imports.push(ImportDeclaration {
            net_mass_mg: share(export.net_mass_mg, 999_000),
            customs_value_minor: Some(share(value, 1_040_000)),
            ..one
        });
    }
    chain.exports.push(export);
    for through in route(plan).into_iter().filter(|code| *code != plan.country && *code != plan.to)
    {
        if world.has(through) {
            transit(world, through, chain, exit);
        }
    }
}

/// Countries from the first to the last.
fn route(plan: &Plan) -> Vec<&'static str> {
    let is_of_region = rmd_standard::country::MEMBERS.iter().any(|one| one.0 == plan.to);
    let through = if is_of_region { &[] } else { state(plan.country).through };
    [plan.country].into_iter().chain(through.iter().copied()).chain([plan.to]).collect()
}

/// US cents of what is shipped.
pub(crate) fn worth(mineral: Mineral, chain: &Chain) -> i64 {
    let lot = &chain.shipped;
    let metal = share(lot.mass_mg, lot.concentration_ppm.unwrap_or_default().into());
    share(metal, mineral.cents_per_kg())
}

fn certificate(
    plan: &Plan,
    chain: &Chain,
    (identifier, value): (String, i64),
    (issued, exit): (Date, Date),
) -> ExportCertificate {
    let lot = &chain.shipped;
    let dug = chain.dug.iter().map(|one| one.country.clone());
    let arrived = plan.arrival.iter().flat_map(|one| one.origins.iter().cloned());
    let origins: BTreeSet<String> = dug.chain(arrived).collect();
    let ppm = lot.concentration_ppm.unwrap_or_default();
    let importer = if rmd_standard::country::MEMBERS.iter().any(|one| one.0 == plan.to) {
        party(plan.to, Role::Exporter, plan.exporter)
    } else {
        abroad(plan.to, &format!("{}-SMELTER-1", plan.to), "Smelter", "Harbour")
    };
    ExportCertificate {
        issuing_country: plan.country.to_owned(),
        lot_number: vec![lot.lot_number.clone()],
        exporter: lot.creator.clone(),
        importer: Some(importer),
        designated_mineral_description: format!("{} concentrate", plan.mineral.name()),
        type_of_ore: plan.mineral.code().to_owned(),
        lot_weight_mg: lot.mass_mg,
        lot_weight_uom: UnitOfMeasurement::Kgm.into(),
        lot_grade: format!("{}.{} %", ppm / 10_000, ppm / 1_000 % 10),
        concentration_ppm: Some(ppm),
        mineral_origin: origins.into_iter().collect(),
        customs_value_minor: Some(value),
        customs_value_currency: "USD".to_owned(),
        date_of_shipment: exit.to_string(),
        shipment_route: route(plan).join(";"),
        transport_company: "Carrier".to_owned(),
        member_state_issuing_authority: format!("Mines Authority of {}", plan.country),
        name_of_verifier: "A verifier".to_owned(),
        position_of_verifier: "Inspector of mines".to_owned(),
        date_of_verification: plus(issued, -1).to_string(),
        name_of_validator: "A validator".to_owned(),
        date_of_issuance: issued.to_string(),
        date_of_expiration: plus(issued, 90).to_string(),
        certificate_file: format!("{identifier}.pdf"),
        destination_country: plan.to.to_owned(),
        analyte: plan.mineral.analyte().into(),
        state: CertificateState::Valid.into(),
        identifier,
        ..ExportCertificate::default()
    }
}

/// The entry of what an export declares, into another state.
pub(crate) fn entered(
    world: &mut World,
    into: &'static str,
    export: &ExportDeclaration,
    (procedure, entry): (Procedure, Date),
) -> ImportDeclaration {
    ImportDeclaration {
        country: into.to_owned(),
        declaration_number: world.number(into, 'I'),
        line: 1,
        importer_identifier: identifier(into, Role::Exporter, 1),
        mineral: export.mineral.clone(),
        net_mass_mg: export.net_mass_mg,
        customs_value_minor: export.customs_value_minor,
        customs_value_currency: export.customs_value_currency.clone(),
        consignor_country: export.country.clone(),
        entry_post: state(into).post.to_owned(),
        entry_date: entry.to_string(),
        procedure: procedure.into(),
        certificate_country: export.certificate_country.clone(),
        certificate_identifier: export.certificate_identifier.clone(),
        ..ImportDeclaration::default()
    }
}

/// A state on the way notes the entry on the day of the exit, and its own exit later.
fn transit(world: &mut World, through: &'static str, chain: &mut Chain, exit: Date) {
    let Some(export) = chain.exports.first().cloned() else { return };
    let entry = entered(world, through, &export, (Procedure::Transit, exit));
    let leaving = ExportDeclaration {
        country: through.to_owned(),
        declaration_number: world.number(through, 'X'),
        exporter_identifier: identifier(through, Role::Exporter, 1),
        exit_post: state(through).post.to_owned(),
        exit_date: plus(exit, 6).to_string(),
        procedure: Procedure::Transit.into(),
        ..export
    };
    chain.imports.push(entry);
    chain.exports.push(leaving);
}
