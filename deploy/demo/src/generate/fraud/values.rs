//! R22, R23 and R28: what shipments are worth, which way they go, who sends them.

use anyhow::Result;
use jiff::{Span, civil::Date};
use rmd_proto::v1::{CertificationStatus, ExporterStatus, Procedure};
use rmd_reconcile::Rule::{Exporter, Outlier, Route};

use super::{Change, tin, usual};
use crate::generate::{
    calendar::plus,
    chain::{Chain, day},
    finish,
    label::Told,
    mineral::Mineral,
    world::{World, key_of},
};

/// Values and concentrations out of line.
pub(super) fn outlier(world: &mut World) -> Result<()> {
    for (ppm, found) in [
        (1_530_000, Told::WARNING),
        (1_470_000, Told::NOT_WARNING),
        (2_560_000, Told::SERIOUS),
        (2_440_000, Told::ONLY_WARNING),
        (650_000, Told::WARNING),
        (685_000, Told::NOT_WARNING),
        (390_000, Told::SERIOUS),
    ] {
        let mut plan = usual(world, "CD", Mineral::Tin, 2)?;
        plan.worth_ppm = ppm;
        let chain = Chain::make(world, &plan);
        chain.file(world)?;
        world.on_certificate(Outlier, found, &chain)?;
    }
    for (ppm, found) in [
        (788_100, Told::SERIOUS),
        (788_000, Told::ONLY_WARNING),
        (750_100, Told::WARNING),
        (750_000, Told::NOT_WARNING),
    ] {
        let mut plan = usual(world, "CD", Mineral::Tin, 2)?;
        plan.shipped_ppm = ppm;
        let chain = Chain::make(world, &plan);
        chain.file(world)?;
        world.on_lot(Outlier, found, &chain.shipped)?;
        world.on_certificate(Outlier, found, &chain)?;
    }
    Ok(())
}

/// Routes that no lorry takes.
pub(super) fn route(world: &mut World) -> Result<()> {
    let changes: [Change<Chain>; 5] = [
        // Nobody on the way saw it.
        (
            |chain| {
                chain.exports.retain(|one| one.procedure() == Procedure::Normal);
                chain.imports.clear();
            },
            Told::INFORMATION,
        ),
        (|chain| "CD;ZW;CN".clone_into(&mut chain.certificate.shipment_route), Told::WARNING),
        (|chain| "ZMLUN".clone_into(&mut chain.exports[0].exit_post), Told::WARNING),
        (|chain| "TZDAR".clone_into(&mut chain.exports[0].exit_post), Told::NOT_WARNING),
        // Everybody on the way saw it.
        (|_| {}, Told::NOT_INFORMATION),
    ];
    for (change, found) in changes {
        let mut chain = tin(world)?;
        change(&mut chain);
        // Off the route, what states on the way declared says nothing.
        if chain.certificate.shipment_route.contains("ZW") {
            chain.exports.truncate(1);
            chain.imports.clear();
        }
        chain.file(world)?;
        world.on_certificate(Route, found, &chain)?;
    }
    Ok(())
}

/// What the status of an exporter says, with the day on which its certificate is issued.
type Standing = fn(&mut ExporterStatus, Date);

/// Certificates for exporters who may not export.
pub(super) fn exporter(world: &mut World) -> Result<()> {
    let standings: [(Standing, Told); 8] = [
        (|status, issued| red(status, issued), Told::SERIOUS),
        (|status, issued| red(status, plus(issued, 1)), Told::NOT_SERIOUS),
        (|status, issued| status.suspended_since = issued.to_string(), Told::SERIOUS),
        (|status, issued| status.suspended_since = plus(issued, 1).to_string(), Told::NOT_SERIOUS),
        (
            |status, issued| status.license_expiring_date = plus(issued, -1).to_string(),
            Told::SERIOUS,
        ),
        (|status, issued| status.license_expiring_date = issued.to_string(), Told::NOT_SERIOUS),
        (|status, issued| audited(status, plus(issued, -1)), Told::INFORMATION),
        (|status, issued| audited(status, issued), Told::NOT_INFORMATION),
    ];
    for (number, (change, found)) in (101..).zip(standings) {
        let mut plan = usual(world, "CD", Mineral::Tin, 2)?;
        plan.exporter = number;
        let chain = Chain::make(world, &plan);
        let mut status = finish::exporter("CD", number, world.calendar.as_of);
        change(&mut status, day(&chain.certificate.date_of_issuance));
        let key = key_of(&rmd_standard::Record::ExporterStatus(Box::new(status.clone())))?;
        world.exporters.insert(key, status);
        chain.file(world)?;
        world.on_certificate(Exporter, found, &chain)?;
    }
    Ok(())
}

fn red(status: &mut ExporterStatus, since: Date) {
    status.certification_status = CertificationStatus::Red.into();
    status.certification_status_since = since.to_string();
}

/// The last audit three years before a day.
fn audited(status: &mut ExporterStatus, day: Date) {
    status.last_audit_date = day.saturating_sub(Span::new().months(36)).to_string();
}
