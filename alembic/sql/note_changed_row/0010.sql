-- function @control@.note_changed_row()
-- Trigger while a rollback copies columns: notes the key (argument 2) of each changed row in the table of the archive
-- schema that argument 1 names.  Whoever writes the row needs no rights there.
-- Made by copy_columns, gone with archive_columns or forget_copy.  Tests: tests/ddl/test_copy_columns.py
CREATE OR REPLACE FUNCTION @control@.note_changed_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = @control@, pg_temp
AS $function$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        EXECUTE format('INSERT INTO @archive@.%I SELECT ($1).%I', TG_ARGV[0], TG_ARGV[1]) USING OLD;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        EXECUTE format('INSERT INTO @archive@.%I SELECT ($1).%I', TG_ARGV[0], TG_ARGV[1]) USING NEW;
    END IF;
    RETURN NULL;
END
$function$;
REVOKE ALL ON FUNCTION @control@.note_changed_row() FROM PUBLIC;
