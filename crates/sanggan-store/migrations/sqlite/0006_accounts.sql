-- Accounts: seven roles for three, the part of the registers an account works in, identity providers, API tokens.
--
-- What was the one administrator is the security administrator, who makes accounts: so a store whose only account was
-- the administrator's can still make every other account, an operator's and the two other administrators' among them.
-- Devices, quarantine and questions in SQL, which that administrator had besides, are an operator's.
UPDATE "user" SET role = 'security_admin' WHERE role = 'admin';
ALTER TABLE "user" ADD COLUMN full_name TEXT NOT NULL DEFAULT '';
ALTER TABLE "user" ADD COLUMN phone TEXT NOT NULL DEFAULT '';
-- Lists as JSON.
ALTER TABLE "user" ADD COLUMN areas TEXT NOT NULL DEFAULT '[]';
ALTER TABLE "user" ADD COLUMN departments TEXT NOT NULL DEFAULT '[]';
-- A record of the register of enterprises.
ALTER TABLE "user" ADD COLUMN enterprise INTEGER;
-- Who they are to the identity provider that vouches for them.
ALTER TABLE "user" ADD COLUMN issuer TEXT;
ALTER TABLE "user" ADD COLUMN subject TEXT;
CREATE UNIQUE INDEX user_of_provider ON "user" (issuer, subject) WHERE issuer IS NOT NULL;

-- The token itself is with the program that uses it; here is its SM3 hash.
CREATE TABLE api_token (
    id           INTEGER PRIMARY KEY,
    hash         TEXT NOT NULL UNIQUE,
    "user"       TEXT NOT NULL REFERENCES "user" (name) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    writes       INTEGER NOT NULL CHECK (writes IN (0, 1)),
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at   INTEGER
) STRICT;
CREATE INDEX api_token_user ON api_token ("user");
