-- The two logins of Piga and its database, once, by a superuser:
--   OWNER_PASSWORD=… GATEWAY_PASSWORD=… psql --file=deploy/logins.sql postgres
-- One owns the tables, for piga migrate alone; the other serves, and cannot take their guards away. psql 14 or later.
\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv gateway_password GATEWAY_PASSWORD
CREATE ROLE piga_app NOLOGIN;
CREATE ROLE piga_owner LOGIN PASSWORD :'owner_password';
GRANT piga_app TO piga_owner;
CREATE ROLE piga_gateway LOGIN PASSWORD :'gateway_password' IN ROLE piga_app;
CREATE DATABASE piga OWNER piga_owner;
REVOKE CONNECT ON DATABASE piga FROM PUBLIC;
GRANT CONNECT ON DATABASE piga TO piga_app;
