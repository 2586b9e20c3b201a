#!/bin/sh
# Makes a database with a role and a schema for each workspace: none of them can read another's.
set -eu
psql --set ON_ERROR_STOP=1 --username postgres --quiet \
  --set acme="$ACME_PASSWORD" --set globex="$GLOBEX_PASSWORD" <<'SQL'
CREATE DATABASE intercom_mcp;
\connect intercom_mcp
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE ROLE acme LOGIN PASSWORD :'acme';
CREATE SCHEMA acme AUTHORIZATION acme;
CREATE ROLE globex LOGIN PASSWORD :'globex';
CREATE SCHEMA globex AUTHORIZATION globex;
SQL
