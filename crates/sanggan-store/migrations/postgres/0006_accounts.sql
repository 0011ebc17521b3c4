-- Accounts: seven roles for three, the part of the registers an account works in, identity providers, API tokens.
--
-- What was the one administrator is the security administrator, who makes accounts: so a store whose only account was
-- the administrator's can still make every other account, an operator's and the two other administrators' among them.
-- Devices, quarantine and questions in SQL, which that administrator had besides, are an operator's.
UPDATE "user" SET role = 'security_admin' WHERE role = 'admin';
ALTER TABLE "user" ADD COLUMN full_name TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE "user" ADD COLUMN phone TEXT COLLATE "C" NOT NULL DEFAULT '';
-- Lists as JSON.
ALTER TABLE "user" ADD COLUMN areas TEXT COLLATE "C" NOT NULL DEFAULT '[]';
ALTER TABLE "user" ADD COLUMN departments TEXT COLLATE "C" NOT NULL DEFAULT '[]';
-- A record of the register of enterprises.
ALTER TABLE "user" ADD COLUMN enterprise BIGINT;
-- Who they are to the identity provider that vouches for them.
ALTER TABLE "user" ADD COLUMN issuer TEXT COLLATE "C";
ALTER TABLE "user" ADD COLUMN subject TEXT COLLATE "C";
CREATE UNIQUE INDEX user_of_provider ON "user" (issuer, subject) WHERE issuer IS NOT NULL;

-- The token itself is with the program that uses it; here is its SM3 hash.
CREATE TABLE api_token (
    id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hash         TEXT COLLATE "C" NOT NULL UNIQUE,
    "user"       TEXT COLLATE "C" NOT NULL REFERENCES "user" (name) ON DELETE CASCADE,
    name         TEXT COLLATE "C" NOT NULL,
    writes       BOOLEAN NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at   BIGINT
);
CREATE INDEX api_token_user ON api_token ("user");
