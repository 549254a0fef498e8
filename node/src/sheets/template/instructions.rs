//! The sheet that says how to fill in the others.

use rmd_standard::Entity;
use rust_xlsxwriter::{Format, Worksheet};

use crate::sheets::{
    error::Error,
    labels::{self, Language},
};

const LINES: [(&str, &str); 14] = [
    (
        "One row is one record. Rows of lists (tags, licences, inspections …) stand on their own sheets and name their record in the column \"Belongs to\".",
        "Une ligne est une fiche. Les lignes de listes (étiquettes, titres, inspections …) ont leurs propres feuilles et nomment leur fiche dans la colonne « Appartient à ».",
    ),
    (
        "The second row holds the technical names. Keep it: by it the sheet is read, whatever its language. Columns may be moved or left out; further columns are ignored and named once.",
        "La deuxième ligne porte les noms techniques. Gardez-la : c'est par elle que la feuille est lue, quelle que soit sa langue. Les colonnes peuvent être déplacées ou omises ; d'autres colonnes sont ignorées et signalées une fois.",
    ),
    (
        "The row marked EXAMPLE is ignored. It may be deleted.",
        "La ligne marquée EXEMPLE est ignorée. Elle peut être supprimée.",
    ),
    (
        "A star marks what must be there. Red headers: without it the row is refused. Yellow headers: the record is taken as incomplete. Never fill in what is not known; leave the cell empty.",
        "Une étoile marque ce qui doit être là. En-tête rouge : sans cette donnée la ligne est refusée. En-tête jaune : la fiche est prise comme incomplète. N'inventez jamais une donnée inconnue ; laissez la cellule vide.",
    ),
    (
        "Days: as dates of the spreadsheet, as 31/12/2025 or as 2025-12-31; the day stands before the month. Times without a zone are local times.",
        "Jours : dates du tableur, ou 31/12/2025, ou 2025-12-31 ; le jour est avant le mois. Les heures sans fuseau sont locales.",
    ),
    (
        "Numbers: cells of the spreadsheet as they are. As text: 1234.5 or 1 234,5. A text as 1,234 has two readings and is refused in an English sheet.",
        "Nombres : cellules du tableur telles quelles. En texte : 1234.5 ou 1 234,5. Dans une feuille en anglais, un texte comme 1,234 a deux lectures et est refusé.",
    ),
    (
        "Concentrations are in percent: 48.5, or a cell that shows 48.5 %.",
        "Les teneurs sont en pour cent : 48,5, ou une cellule qui affiche 48,5 %.",
    ),
    (
        "A mass needs its unit beside it: kgm, tne or grm. An amount needs its currency.",
        "Une masse demande son unité à côté : kg, tonne ou g. Un montant demande sa monnaie.",
    ),
    (
        "Several values in one cell are separated by semicolons.",
        "Plusieurs valeurs dans une cellule sont séparées par des points-virgules.",
    ),
    (
        "Formulas count with the result that was saved with them. Errors as #N/A are refused.",
        "Les formules valent le résultat enregistré avec elles. Les erreurs comme #N/A sont refusées.",
    ),
    (
        "Save as .xlsx or .csv and drop the file into the folder in/ of the node. Refused rows come back in a copy in returned/, each fault with a note; correct the copy and drop it as it is.",
        "Enregistrez en .xlsx ou .csv et déposez le fichier dans le dossier in/ du nœud. Les lignes refusées reviennent dans une copie dans returned/, chaque faute avec une note ; corrigez la copie et déposez-la telle quelle.",
    ),
    (
        "To correct a record, drop a file with the same key and the right values. A row that is missing in a later file is not deleted.",
        "Pour corriger une fiche, déposez un fichier avec la même clé et les bonnes valeurs. Une ligne absente d'un fichier ultérieur n'est pas supprimée.",
    ),
    (
        "To declare a record void, fill in \"Annulled on\" and the ground.",
        "Pour déclarer une fiche nulle, remplissez « Annulée le » et le motif.",
    ),
    (
        "Two rows with the same key in one file are both refused.",
        "Deux lignes de même clé dans un fichier sont toutes deux refusées.",
    ),
];

/// Writes the sheet.
pub(super) fn write(
    sheet: &mut Worksheet,
    entity: Entity,
    language: Language,
) -> Result<(), Error> {
    sheet.set_name("instructions")?;
    sheet.set_column_width(0, 110)?;
    let title = format!("{} ({})", labels::of_entity(entity, language), entity.name());
    sheet.write_string_with_format(0, 0, &title, &Format::new().set_bold().set_font_size(14))?;
    let wrapped = Format::new().set_text_wrap();
    for (row, (en, fr)) in (2_u32..).zip(LINES) {
        sheet.write_string_with_format(row, 0, language.pick(en, fr), &wrapped)?;
    }
    Ok(())
}
