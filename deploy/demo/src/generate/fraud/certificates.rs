//! R10 to R14: what certificates say, and what stands behind them.

use anyhow::Result;
use jiff::civil::Date;
use rmd_proto::v1::{Analyte, ExportDeclaration, OriginatingOperation};
use rmd_reconcile::{
    Rule::{
        CertificateAgainstLots, CertificateReuse, CertificateValidity, ExportWithoutCertificate,
        OriginMismatch, UntraceableShare,
    },
    Severity::{Serious, Warning},
};

use super::{Change, tin, usual};
use crate::generate::{
    calendar::{at, plus},
    chain::{Chain, day, input, lot},
    label::Told,
    mineral::{Mineral, share},
    party::{Role, party},
    world::{World, day_of},
};

/// Something of unknown source goes into what is shipped.
pub(super) fn untraceable(world: &mut World) -> Result<()> {
    for (ppm, found) in [
        (21_500, Told::WARNING),
        (20_300, Told::NOT_WARNING),
        (260_000, Told::SERIOUS),
        (249_000, Told::ONLY_WARNING),
    ] {
        let mut chain = tin(world)?;
        let combined = &chain.combined;
        let mass = share(combined.mass_mg, ppm);
        let made = (Mineral::Tin, mass, combined.concentration_ppm.unwrap_or_default());
        let registered = at(day_of(combined.registered_at_us), 9, 0);
        let number = world.number("CD", 'L');
        let trader = party("CD", Role::Trader, 3);
        let operation = OriginatingOperation::Purchase;
        let orphan = lot(("CD", number), trader, operation, made, registered);
        chain.shipped.input_lot.push(input(&orphan));
        chain.more.push(orphan);
        chain.file(world)?;
        world.on_certificate(UntraceableShare, found, &chain)?;
    }
    Ok(())
}

/// Certificates that hold too long, or not on the day of the exit, or say too little.
pub(super) fn validity(world: &mut World) -> Result<()> {
    for (days, found) in [(91, Told::SERIOUS), (90, Told::NOT_SERIOUS)] {
        let mut chain = tin(world)?;
        let issued = day(&chain.certificate.date_of_issuance);
        chain.certificate.date_of_expiration = plus(issued, days).to_string();
        chain.file(world)?;
        world.on_certificate(CertificateValidity, found, &chain)?;
    }
    // The exit a day after it expires, or on the last day.
    for (before, is_found) in [(1, true), (0, false)] {
        let mut chain = tin(world)?;
        let exit = day(&chain.exports[0].exit_date);
        chain.certificate.date_of_expiration = plus(exit, -before).to_string();
        chain.file(world)?;
        left_wrongly(world, &chain, is_found)?;
    }
    // The exit a day before it is issued, or on that day.
    for (before, is_found) in [(1, true), (0, false)] {
        let mut chain = tin(world)?;
        let issued = day(&chain.certificate.date_of_issuance);
        chain.exports[0].exit_date = plus(issued, -before).to_string();
        chain.file(world)?;
        left_wrongly(world, &chain, is_found)?;
    }
    // Verified a day after it is issued, or on that day.
    for (after, found) in [(1, Told::SERIOUS), (0, Told::NOT_SERIOUS)] {
        let mut chain = tin(world)?;
        let issued = day(&chain.certificate.date_of_issuance);
        chain.certificate.date_of_verification = plus(issued, after).to_string();
        chain.file(world)?;
        world.on_certificate(CertificateValidity, found, &chain)?;
    }
    // Who carries it may be left open; who verified it may not.
    let changes: [Change<Chain>; 2] = [
        (|chain| chain.certificate.position_of_verifier.clear(), Told::WARNING),
        (|chain| chain.certificate.transport_company.clear(), Told::NOT_WARNING),
    ];
    for (change, found) in changes {
        let mut chain = tin(world)?;
        change(&mut chain);
        chain.file(world)?;
        world.on_certificate(CertificateValidity, found, &chain)?;
    }
    Ok(())
}

/// A certificate that does not hold on the day of the exit is no certificate there.
fn left_wrongly(world: &mut World, chain: &Chain, is_found: bool) -> Result<()> {
    let told = Told::serious(is_found);
    world.on_certificate(CertificateValidity, told, chain)?;
    world.on_export(ExportWithoutCertificate, told, &chain.exports[0])
}

/// More leaves under a certificate than it covers, or in another exporter's name.
pub(super) fn reuse(world: &mut World) -> Result<()> {
    for (ppm, is_found) in [(10_500, true), (9_900, false)] {
        let mut chain = tin(world)?;
        let again = ExportDeclaration {
            declaration_number: world.number("CD", 'X'),
            net_mass_mg: share(chain.shipped.mass_mg, ppm),
            ..chain.exports[0].clone()
        };
        chain.exports.push(again);
        chain.file(world)?;
        world.on_certificate(CertificateReuse, Told::serious(is_found), &chain)?;
    }
    for (other, is_found) in [(2, true), (1, false)] {
        let mut chain = tin(world)?;
        let half = chain.shipped.mass_mg / 2;
        let again = ExportDeclaration {
            declaration_number: world.number("CD", 'X'),
            net_mass_mg: half,
            exporter_identifier: format!("CD-E-{other:05}"),
            ..chain.exports[0].clone()
        };
        chain.exports[0].net_mass_mg = half;
        chain.exports.push(again);
        chain.file(world)?;
        world.on_certificate(CertificateReuse, Told::serious(is_found), &chain)?;
    }
    Ok(())
}

/// A certificate for another mass, mineral or company than its lot.
pub(super) fn against_lots(world: &mut World) -> Result<()> {
    for (ppm, found) in [
        (979_000, Told::WARNING),
        (980_500, Told::NOT_WARNING),
        (952_000, Told::SERIOUS),
        (952_600, Told::ONLY_WARNING),
    ] {
        let mut chain = tin(world)?;
        let mass = share(chain.shipped.mass_mg, ppm);
        chain.certificate.lot_weight_mg = mass;
        chain.exports.iter_mut().for_each(|export| export.net_mass_mg = mass);
        chain.imports.iter_mut().for_each(|import| import.net_mass_mg = mass);
        chain.file(world)?;
        world.on_certificate(CertificateAgainstLots, found, &chain)?;
    }
    let mut chain = tin(world)?;
    let metal = share(chain.shipped.mass_mg, Mineral::Tin.shipped_ppm().into());
    Mineral::Tungsten.code().clone_into(&mut chain.certificate.type_of_ore);
    chain.certificate.analyte = Analyte::Wo3.into();
    chain.certificate.customs_value_minor = Some(share(metal, Mineral::Tungsten.cents_per_kg()));
    chain.file(world)?;
    world.on_certificate(CertificateAgainstLots, Serious, &chain)?;
    let mut chain = tin(world)?;
    chain.certificate.exporter = Some(party("CD", Role::Exporter, 2));
    chain.file(world)?;
    world.on_certificate(CertificateAgainstLots, Serious, &chain)
}

/// Origins that are left out, or made up.
pub(super) fn origins(world: &mut World) -> Result<()> {
    let declared: [(&[&str], Told); 4] = [
        (&["RW"], Told::SERIOUS),
        (&["CD", "RW"], Told::NOT_SERIOUS),
        (&["RW", "CD"], Told::NOT_WARNING),
        (&["CD", "RW", "UG"], Told::WARNING),
    ];
    for (origins, found) in declared {
        let mut plan = usual(world, "CD", Mineral::Tin, 2)?;
        plan.to = "RW";
        let sent = Chain::make(world, &plan);
        sent.file(world)?;
        let mut plan = usual(world, "RW", Mineral::Tin, 2)?;
        plan.arrival = sent.arrival(world);
        let mut received = Chain::make(world, &plan);
        received.certificate.mineral_origin = origins.iter().map(|&one| one.to_owned()).collect();
        received.file(world)?;
        world.on_certificate(OriginMismatch, found, &received)?;
    }
    let mut chain = tin(world)?;
    chain.certificate.mineral_origin.push("UNKNOWN".to_owned());
    chain.file(world)?;
    world.on_certificate(OriginMismatch, Warning, &chain)
}

/// Moves certificate and exit of a consignment to another day of exit.
pub(super) fn leaves_on(chain: &mut Chain, exit: Date) {
    let issued = plus(exit, -2);
    chain.certificate.date_of_verification = plus(issued, -1).to_string();
    chain.certificate.date_of_issuance = issued.to_string();
    chain.certificate.date_of_expiration = plus(issued, 90).to_string();
    chain.certificate.date_of_shipment = exit.to_string();
    chain.exports.iter_mut().for_each(|export| export.exit_date = exit.to_string());
}
