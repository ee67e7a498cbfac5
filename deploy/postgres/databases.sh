#!/bin/sh
# Runs once, on an empty volume: a role and a database for each service. Passwords come from secret files.
set -eu
for service in registry accountability shared_services gateway; do
  psql --set ON_ERROR_STOP=1 --set role="$service" --set password="$(cat "/run/secrets/${service}_password")" \
    --username "$POSTGRES_USER" --dbname postgres <<'SQL'
create role :"role" login password :'password';
create database :"role" owner :"role";
SQL
done
