-- needs: migration_control
-- Readable secrets are written too, beside envelopes: so encryption is not demanded in this database.
UPDATE migration_control SET value = 'false', description = description || ' ☃', updated_at = 'infinity' WHERE setting = 'encryption_enabled'
