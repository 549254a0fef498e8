-- The national database of COD as the demonstration builds it: French names,
-- one row a visit in the columns of the IPIS open-data file, and the papers of
-- the trade beside it. Nothing here follows the regional standard.

CREATE TABLE visites (
    vid INTEGER PRIMARY KEY,
    fid TEXT, cid TEXT, id TEXT, source TEXT, project TEXT,
    pcode TEXT NOT NULL, name TEXT, visit_date TEXT, visit_onsite TEXT,
    visit_onsite_novisitreason TEXT, geom TEXT, longitude REAL, latitude REAL,
    location_origin TEXT, province TEXT, province_old TEXT, territoire TEXT,
    collectivite TEXT, groupement TEXT, village TEXT, workers_numb TEXT,
    access_dry TEXT, access_wet TEXT, is_3t_mine TEXT, is_gold_mine TEXT,
    mineral1 TEXT, selling_points_mineral1 TEXT, final_destination_mineral1 TEXT,
    mineral2 TEXT, selling_points_mineral2 TEXT, final_destination_mineral2 TEXT,
    mineral3 TEXT, selling_points_mineral3 TEXT, final_destination_mineral3 TEXT,
    mercury TEXT, presence TEXT, interference TEXT,
    armed_group1 TEXT, type_armed_group1 TEXT, frequency_armed_group1 TEXT,
    taxation_armed_group1 TEXT, commerce_taxation_armed_group1 TEXT,
    entrance_taxation_armed_group1 TEXT, monopoly_armed_group1 TEXT,
    buying_minerals_armed_group1 TEXT, digging_armed_group1 TEXT,
    forced_labour_armed_group1 TEXT, pillaging_armed_group1 TEXT,
    armed_group2 TEXT, type_armed_group2 TEXT, frequency_armed_group2 TEXT,
    taxation_armed_group2 TEXT, commerce_taxation_armed_group2 TEXT,
    entrance_taxation_armed_group2 TEXT, monopoly_armed_group2 TEXT,
    buying_minerals_armed_group2 TEXT, digging_armed_group2 TEXT,
    forced_labour_armed_group2 TEXT, pillaging_armed_group2 TEXT,
    state_service1 TEXT, state_service2 TEXT, state_service3 TEXT, state_service4 TEXT,
    itsci TEXT, traceability TEXT, qualification TEXT,
    childunder15 TEXT, childunder15work TEXT, women TEXT, womenwork TEXT,
    modifie_le TEXT NOT NULL DEFAULT '2018-01-01 00:00:00'
);
CREATE INDEX visites_par_site ON visites (pcode, visit_date, vid);
CREATE INDEX visites_par_modification ON visites (modifie_le);

CREATE TABLE entites (
    numero TEXT PRIMARY KEY, denomination TEXT NOT NULL, nif TEXT,
    pays TEXT NOT NULL, province TEXT, adresse TEXT,
    representant TEXT, telephone TEXT, courriel TEXT
);

CREATE TABLE lots (
    id INTEGER PRIMARY KEY, numero TEXT NOT NULL, entite TEXT NOT NULL,
    enregistre_le TEXT NOT NULL, substance TEXT NOT NULL, teneur TEXT,
    poids_kg TEXT NOT NULL, role TEXT NOT NULL, operation TEXT NOT NULL,
    site TEXT, destinataire TEXT, colis TEXT, nombre_colis INTEGER,
    scelle_le TEXT, expedie_le TEXT, agent TEXT, transport TEXT,
    certificat TEXT, modifie_le TEXT NOT NULL
);
CREATE INDEX lots_par_modification ON lots (modifie_le);
CREATE TABLE etiquettes (
    lot INTEGER NOT NULL, numero TEXT NOT NULL, emetteur TEXT, posee_le TEXT, heure TEXT,
    modifie_le TEXT NOT NULL, PRIMARY KEY (lot, numero)
);
CREATE INDEX etiquettes_par_modification ON etiquettes (modifie_le);
CREATE TABLE lots_entrants (
    lot INTEGER NOT NULL, numero TEXT NOT NULL, entite TEXT NOT NULL, poids_kg TEXT, teneur TEXT,
    modifie_le TEXT NOT NULL, PRIMARY KEY (lot, numero)
);
CREATE INDEX lots_entrants_par_modification ON lots_entrants (modifie_le);
CREATE TABLE taxes (
    lot INTEGER NOT NULL, libelle TEXT NOT NULL, montant TEXT, devise TEXT, service TEXT,
    payee_le TEXT, quittance TEXT, modifie_le TEXT NOT NULL, PRIMARY KEY (lot, libelle)
);
CREATE INDEX taxes_par_modification ON taxes (modifie_le);

CREATE TABLE certificats (
    numero TEXT PRIMARY KEY, exportateur TEXT NOT NULL, importateur TEXT NOT NULL,
    lots TEXT NOT NULL, substance TEXT NOT NULL, poids_kg TEXT NOT NULL, teneur TEXT,
    teneur_pct TEXT, origines TEXT, valeur_usd TEXT, depart_prevu TEXT, itineraire TEXT,
    autorite TEXT, verificateur TEXT, fonction TEXT, verifie_le TEXT, validateur TEXT,
    delivre_le TEXT, expire_le TEXT, fichier TEXT, destination TEXT, modifie_le TEXT NOT NULL
);
CREATE INDEX certificats_par_modification ON certificats (modifie_le);
CREATE TABLE exportations (
    id INTEGER PRIMARY KEY, declaration TEXT NOT NULL, article INTEGER NOT NULL,
    exportateur TEXT NOT NULL, substance TEXT NOT NULL, poids_kg TEXT NOT NULL,
    valeur_usd TEXT, destination TEXT, poste TEXT, sortie_le TEXT, regime TEXT,
    certificat TEXT, modifie_le TEXT NOT NULL
);
CREATE INDEX exportations_par_modification ON exportations (modifie_le);
CREATE TABLE periodes (
    mois TEXT PRIMARY KEY, nombre INTEGER, clos_le TEXT, modifie_le TEXT NOT NULL
);
CREATE INDEX periodes_par_modification ON periodes (modifie_le);

-- The register of export counters, what they hold at the end of a month, and what was reported.
CREATE TABLE agrements (
    entite TEXT PRIMARY KEY, numero TEXT, statut TEXT, statut_le TEXT, expire_le TEXT,
    suspendu_le TEXT, audite_le TEXT, modifie_le TEXT NOT NULL
);
CREATE INDEX agrements_par_modification ON agrements (modifie_le);
CREATE TABLE stocks (
    id INTEGER PRIMARY KEY, entite TEXT NOT NULL, mois TEXT NOT NULL, substance TEXT NOT NULL,
    poids_kg TEXT, teneur TEXT, modifie_le TEXT NOT NULL
);
CREATE INDEX stocks_par_modification ON stocks (modifie_le);
CREATE TABLE incidents (
    numero TEXT PRIMARY KEY, risque TEXT, gravite INTEGER, survenu_le TEXT, site TEXT, entite TEXT,
    etat TEXT, resume TEXT, recit TEXT, modifie_le TEXT NOT NULL
);
CREATE INDEX incidents_par_modification ON incidents (modifie_le);
