-- The table that `sqlite3 .import --csv cod_mines.csv visites` leaves behind: the
-- columns of the IPIS open-data file in its own order, every one of them text, an
-- absent value the empty text. (The shell of SQLite names the columns after the
-- header line; nothing was renamed.)
CREATE TABLE visites (
    "FID" TEXT, "vid" TEXT, "cid" TEXT, "id" TEXT, "source" TEXT, "project" TEXT,
    "pcode" TEXT, "name" TEXT, "visit_date" TEXT, "visit_onsite" TEXT,
    "visit_onsite_novisitreason" TEXT, "geom" TEXT, "longitude" TEXT, "latitude" TEXT,
    "location_origin" TEXT, "province" TEXT, "province_old" TEXT, "territoire" TEXT,
    "collectivite" TEXT, "groupement" TEXT, "village" TEXT, "workers_numb" TEXT,
    "access_dry" TEXT, "access_wet" TEXT, "is_3t_mine" TEXT, "is_gold_mine" TEXT,
    "mineral1" TEXT, "selling_points_mineral1" TEXT, "final_destination_mineral1" TEXT,
    "mineral2" TEXT, "selling_points_mineral2" TEXT, "final_destination_mineral2" TEXT,
    "mineral3" TEXT, "selling_points_mineral3" TEXT, "final_destination_mineral3" TEXT,
    "mercury" TEXT, "presence" TEXT, "interference" TEXT,
    "armed_group1" TEXT, "type_armed_group1" TEXT, "frequency_armed_group1" TEXT,
    "taxation_armed_group1" TEXT, "commerce_taxation_armed_group1" TEXT,
    "entrance_taxation_armed_group1" TEXT, "monopoly_armed_group1" TEXT,
    "buying_minerals_armed_group1" TEXT, "digging_armed_group1" TEXT,
    "forced_labour_armed_group1" TEXT, "pillaging_armed_group1" TEXT,
    "armed_group2" TEXT, "type_armed_group2" TEXT, "frequency_armed_group2" TEXT,
    "taxation_armed_group2" TEXT, "commerce_taxation_armed_group2" TEXT,
    "entrance_taxation_armed_group2" TEXT, "monopoly_armed_group2" TEXT,
    "buying_minerals_armed_group2" TEXT, "digging_armed_group2" TEXT,
    "forced_labour_armed_group2" TEXT, "pillaging_armed_group2" TEXT,
    "state_service1" TEXT, "state_service2" TEXT, "state_service3" TEXT,
    "state_service4" TEXT, "itsci" TEXT, "traceability" TEXT, "qualification" TEXT,
    "childunder15" TEXT, "childunder15work" TEXT, "women" TEXT, "womenwork" TEXT
);

-- To be added after the import: a site is all visits with the same pcode, and every
-- query looks them up by it.
CREATE INDEX visites_par_site ON visites (pcode, visit_date, vid);
