-- breaking: no
-- What more is known of a look than its names: of a query the text without the values in it, its rows, its time.

alter table access_log add column detail jsonb;
